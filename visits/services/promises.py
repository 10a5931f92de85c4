"""Verbs of promises: what the house promised a guest comes back until it is kept or released."""

from datetime import date

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, override

from crm_project.core.accounts.models import User, Venue
from crm_project.core.audit.choices import Action
from crm_project.core.audit.services import record
from crm_project.core.problems import InputProblem
from crm_project.core.rights import Right
from crm_project.core.timeline.choices import EntryKind
from crm_project.core.timeline.models import TimelineEntry
from crm_project.core.timeline.services import replace_rows
from customers.models import Customer
from visits.choices import PromiseState
from visits.models import Promise, Visit
from visits.refusals import whole

LONGEST_PROMISE, LONGEST_REASON = 300, 200


class PromiseClosed(InputProblem):
    """Somebody has kept or released the promise meanwhile."""

    def __init__(self) -> None:
        super().__init__(gettext_lazy("This promise is closed already."))


@transaction.atomic
def make_promise(
    *,
    customer: Customer,
    venue: Venue,
    by: User,
    text: str,
    visit: Visit | None = None,
    due_on: date | None = None,
) -> Promise:
    """Write down what was promised, and by when where a day was named.

    Raises InputProblem for a blank text or one that is too long, PermissionDenied without the right there.
    """
    if not by.has_right(Right.LOG_VISITS, venue):
        raise PermissionDenied
    words = whole(text, LONGEST_PROMISE)
    if not words:
        raise InputProblem(gettext_lazy("Write what was promised."))
    promise = Promise.objects.create(customer=customer, venue=venue, visit=visit, text=words, due_on=due_on, made_by=by)
    promise.refresh_from_db(fields=["made_at"])
    _tell(promise)
    record(by=by, action=Action.CREATED, subject=promise, changes={"text": [None, promise.text]})
    return promise


@transaction.atomic
def close_promise(*, promise: Promise, by: User, state: str, reason: str = "") -> Promise:
    """A promise was kept, or the guest released the house from it, for which there is a reason.

    Raises PromiseClosed when somebody was faster, InputProblem for a release without its reason or with too long a one.
    """
    current = Promise.objects.select_for_update(of=("self",)).get(pk=promise.pk)
    if not by.has_right(Right.LOG_VISITS, current.venue_id):
        raise PermissionDenied
    if state not in (PromiseState.KEPT, PromiseState.RELEASED):
        raise InputProblem(gettext_lazy("A promise is kept or released."))
    if current.state != PromiseState.OPEN:
        raise PromiseClosed
    why = whole(reason, LONGEST_REASON) if state == PromiseState.RELEASED else ""
    if state == PromiseState.RELEASED and not why:
        raise InputProblem(gettext_lazy("Write why the promise is released, in a few words."))
    current.state, current.closed_by, current.closed_at, current.release_reason = state, by, timezone.now(), why
    current.save(update_fields=["state", "closed_by", "closed_at", "release_reason"])
    _tell(current)
    changes: dict[str, list[str | None]] = {"state": [PromiseState.OPEN, str(state)]}
    if why:
        changes["release_reason"] = [None, why]
    record(by=by, action=Action.CHANGED, subject=current, changes=changes)
    return current


def _tell(promise: Promise) -> None:
    with override(settings.LANGUAGE_CODE):
        closed = f" {promise.closed_by}" if promise.closed_by else ""
        replace_rows(
            parent=promise,
            rows=[
                TimelineEntry(
                    subject_type=Customer._meta.label_lower,
                    subject_id=promise.customer_id,
                    at=promise.made_at,
                    kind=EntryKind.PROMISE,
                    venue=promise.venue,
                    read_right=Right.VIEW_NOTES,
                    title=_("Promise"),
                    aside=f"{promise.get_state_display()}{closed}"[:120],
                    details=[
                        [str(promise.made_by), promise.text],
                        *([[_("why released"), promise.release_reason]] if promise.release_reason else []),
                    ],
                    url=reverse("visits:detail", args=[promise.visit_id]) if promise.visit_id else "",
                )
            ],
        )
