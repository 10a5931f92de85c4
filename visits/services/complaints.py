"""Bad news first: told in two fields, looked after later; and the count of questions asked twice."""

import uuid
from datetime import date
from typing import Any, Final

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import F
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, override

from crm_project.core.accounts.models import User, Venue
from crm_project.core.audit.choices import Action
from crm_project.core.audit.services import difference, record, snapshot
from crm_project.core.comments.services import open_thread
from crm_project.core.problems import InputProblem
from crm_project.core.rights import Right
from crm_project.core.text import tidy
from customers.models import Customer
from visits.choices import ComplaintState
from visits.models import Complaint, Note, RepeatedQuestion, Visit
from visits.refusals import SettingChangedMeanwhile
from visits.story import addressed, table_line

COMPLETED_LATER: Final = ("what", "place", "cause", "countermeasure", "told_to", "state")


@transaction.atomic
def report_complaint(
    *,
    by: User,
    venue: Venue,
    what: str,
    place: str = "",
    visit: Visit | None = None,
    customer: Customer | None = None,
    form_token: uuid.UUID | None = None,
) -> Complaint:
    """Tell that something went wrong (困った): saved at once, first in the queue of who answers for the venue.

    `form_token` is the log form it was told from; its visit is joined when it is recorded. Raises PermissionDenied
    without LOG_VISITS at the venue, InputProblem when nothing is said.
    """
    if not by.has_right(Right.LOG_VISITS, venue):
        raise PermissionDenied
    said = tidy(what, lines=True)
    if not said:
        raise InputProblem(gettext_lazy("Write what happened; a few words are enough."))
    complaint = Complaint.objects.create(
        venue=venue,
        visit=visit,
        customer=customer,
        what=said,
        place=tidy(place)[:120],
        reported_by=by,
        form_token=None if visit is not None else form_token,
    )
    complaint.refresh_from_db(fields=["reported_at"])
    _open(complaint)
    record(by=by, action=Action.CREATED, subject=complaint, changes={"what": [None, said]})
    return complaint


@transaction.atomic
def change_complaint(*, complaint: Complaint, by: User, version: int, **values: Any) -> Complaint:
    """Complete what is known of something that went wrong; `values` are fields of COMPLETED_LATER, one audit entry.

    Who answers for the venue may do so, and whoever told it. Raises PermissionDenied, SettingChangedMeanwhile when
    `version` has passed, ValidationError.
    """
    current = Complaint.objects.select_for_update(of=("self",)).select_related("venue").get(pk=complaint.pk)
    if not may_complete(current, by):
        raise PermissionDenied
    if current.version != version:
        raise SettingChangedMeanwhile
    before = snapshot(current, COMPLETED_LATER)
    for name in COMPLETED_LATER:
        if name in values:
            setattr(current, name, tidy(values[name], lines=name in ("what", "countermeasure")))
    is_settled = current.state == ComplaintState.SETTLED
    if is_settled != (current.settled_at is not None):
        current.settled_at, current.settled_by = (timezone.now(), by) if is_settled else (None, None)
    current.full_clean(exclude=["settled_by", "settled_at"])
    changes = difference(before, snapshot(current, COMPLETED_LATER))
    if changes:
        current.version += 1
        current.save()
        _open(current)
        record(by=by, action=Action.CHANGED, subject=current, changes=changes)
    return current


def may_complete(complaint: Complaint, user: User) -> bool:
    """Who answers for the venue, and whoever told it, complete it."""
    if user.has_right(Right.ANSWER_NOTES, complaint.venue_id):
        return True
    return complaint.reported_by_id == user.pk and user.has_right(Right.LOG_VISITS, complaint.venue_id)


def join_visit(*, visit: Visit, by: User, form_token: uuid.UUID | None) -> None:
    """What was told from the form before its visit was recorded belongs to the visit."""
    if form_token is None:
        return
    for complaint in Complaint.objects.filter(form_token=form_token, visit=None, reported_by=by, venue=visit.venue_id):
        complaint.visit, complaint.form_token = visit, None
        complaint.save(update_fields=["visit", "form_token"])
        _open(complaint)


def follow_up_note(*, note: Note, visit: Visit, by: User) -> None:
    """Bad news on the check sheet is in the list of complaints, under the note's own thread and audit entry."""
    # Locked: what is completed at this moment keeps its own version.
    complaint, made = Complaint.objects.select_for_update(of=("self",)).get_or_create(
        note=note,
        defaults={
            "venue": visit.venue,
            "visit": visit,
            "customer": note.customer,
            "what": note.text,
            "reported_by": note.author,
        },
    )
    if not made and complaint.state == ComplaintState.OPEN and complaint.what != note.text:
        complaint.what = note.text
        complaint.version += 1
        complaint.save(update_fields=["what", "version"])


def ask_again(*, by: User, venue: Venue, on: date) -> None:
    """Count that a guest was asked the same thing again. Neither who was asked nor who tapped is kept, so no audit entry.

    Raises PermissionDenied without LOG_VISITS or TAKE_BOOKINGS at the venue.
    """
    if not (by.has_right(Right.LOG_VISITS, venue) or by.has_right(Right.TAKE_BOOKINGS, venue)):
        raise PermissionDenied
    with transaction.atomic():
        _row, made = RepeatedQuestion.objects.get_or_create(venue=venue, business_date=on)
        if not made:
            RepeatedQuestion.objects.filter(venue=venue, business_date=on).update(count=F("count") + 1)


def _open(complaint: Complaint) -> None:
    """Its thread, urgent; a complaint from the check sheet has the note's."""
    if complaint.note_id is not None:
        return
    with override(settings.LANGUAGE_CODE):
        about = addressed(complaint.customer) if complaint.customer else ""
        open_thread(
            parent=complaint,
            venue=complaint.venue,
            author=complaint.reported_by,
            read_right=Right.VIEW_NOTES,
            label=_("Something went wrong"),
            title=about or complaint.place or str(complaint.venue),
            detail=table_line(complaint.visit) if complaint.visit else complaint.place,
            excerpt=complaint.what,
            is_urgent=True,
            url=reverse("visits:complaint", args=[complaint.pk]),
        )
