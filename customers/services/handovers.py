"""引き継ぎ: guests and open work go from one colleague to others; what was, stays on file."""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import override, pgettext

from crm_project.core.accounts.models import User, Venue
from crm_project.core.accounts.services import let_go
from crm_project.core.audit.choices import Action
from crm_project.core.audit.services import build, record, record_many
from crm_project.core.problems import InputProblem
from crm_project.core.rights import Right
from crm_project.core.timeline.choices import EntryKind
from crm_project.core.timeline.models import TimelineEntry
from customers.choices import HandoverReason
from customers.handover_parts import Transfer, work
from customers.models import Customer, Handover, HandoverGuest

# Values of the guest's card and the flag of the handover that says the colleague had it.
DUTIES = {"staff": "was_staff", "sales_staff": "was_sales"}
WRITTEN_AT_ONCE = 2000


class HandoverChangedMeanwhile(InputProblem):
    """Somebody else has assigned guests since the page was opened."""

    def __init__(self) -> None:
        super().__init__(_("Somebody else worked on this handover meanwhile. This is how it stands now."))


def may_lead(by: User, person: User) -> bool:
    """Whether one may hand over what a colleague looks after: where both work, or everywhere for who works nowhere."""
    venues = list(person.memberships.values_list("venue", flat=True))
    if not venues:
        return by.has_right_everywhere(Right.HAND_OVER)
    return any(by.has_right(Right.HAND_OVER, venue) for venue in venues)


@transaction.atomic
def start_handover(*, by: User, from_user: User, reason: str, last_day: date | None = None, note: str = "") -> Handover:
    """Begin the handover of everything a colleague looks after; nothing changes hands yet.

    Raises PermissionDenied, and InputProblem while another one of the same colleague is running.
    """
    if not may_lead(by, from_user):
        raise PermissionDenied
    # One at a time: the colleague's row is the lock.
    User.objects.select_for_update().get(pk=from_user.pk)
    if Handover.objects.running().filter(from_user=from_user).exists():
        raise InputProblem(_("A handover of %(name)s is running already."), {"name": str(from_user)})
    handover = Handover.objects.create(
        from_user=from_user, reason=HandoverReason(reason), last_day=last_day, note=note.strip(), started_by=by
    )
    venues = Venue.objects.filter(memberships__user=from_user).distinct()
    handover.venues.set(venues if venues else Venue.objects.all())
    count = _gather(handover)
    record(by=by, action=Action.CREATED, subject=handover, changes={"guests": [None, count]})
    return handover


@transaction.atomic
def assign_guests(
    *,
    handover: Handover,
    by: User,
    version: int,
    successors: Sequence[User],
    chosen: Iterable[int] | None = None,
    with_the_rest: bool = False,
    close_access: bool = False,
) -> int:
    """Give guests to one successor, or by turns to several, with all open work about them; how many guests.

    `chosen` are ids of the handover's guests; None: everybody who has no successor yet. `with_the_rest` moves open work that
    belongs to none of the guests to the first successor; `close_access` lets the colleague go in the same step. A fixed
    number of statements per successor, however many guests. Raises PermissionDenied, HandoverChangedMeanwhile, InputProblem.
    """
    handover = _locked(handover, by)
    if handover.version != version:
        raise HandoverChangedMeanwhile
    _check(handover, successors)
    _gather(handover)
    rows = handover.guests.visible_to(by)
    rows = rows.to_be_assigned() if chosen is None else rows.filter(pk__in=list(chosen))
    ordered = list(
        rows.order_by(F("customer__rank__position").asc(nulls_last=True), "customer__sort_key", "pk").values_list(
            "pk", "successor_id"
        )
    )
    if not ordered and not with_the_rest and not close_access:
        raise InputProblem(_("Choose the guests to hand over."))
    now = timezone.now()
    told = {}
    for turn, successor in enumerate(successors):
        mine = ordered[turn :: len(successors)]
        for holder_id in {former or handover.from_user_id for _pk, former in mine} - {successor.pk}:
            theirs = [pk for pk, former in mine if (former or handover.from_user_id) == holder_id]
            _hand_over(handover, theirs, holder=User.objects.get(pk=holder_id), taker=successor, by=by, now=now)
        told[f"{successor}"] = len(mine)
    if with_the_rest:
        _move_work(Transfer(by=by, giver=handover.from_user, taker=successors[0], guests=None))
    handover.version += 1
    handover.save(update_fields=["version"])
    assigned = "、".join(f"{name} {count}" for name, count in told.items())
    record(by=by, action=Action.CHANGED, subject=handover, changes={"assigned": [None, assigned]})
    if close_access:
        let_go(user=handover.from_user, by=by)
    return len(ordered)


@transaction.atomic
def take_over(*, guest: HandoverGuest, by: User, is_taken: bool = True) -> HandoverGuest:
    """The successor has read what stands about a guest and takes over; or takes the tick back. Twice is once.

    Raises PermissionDenied for everybody else, InputProblem once the handover is finished.
    """
    row = HandoverGuest.objects.select_for_update(of=("self",)).select_related("handover", "customer").get(pk=guest.pk)
    if row.successor_id != by.pk:
        raise PermissionDenied
    if not row.handover.is_running:
        raise InputProblem(_("This handover is finished."))
    if (row.taken_over_at is not None) == is_taken:
        return row
    before = row.taken_over_at
    row.taken_over_at = timezone.now() if is_taken else None
    row.save(update_fields=["taken_over_at"])
    changes = {"taken_over_at": [before and before.isoformat(), row.taken_over_at and row.taken_over_at.isoformat()]}
    record(by=by, action=Action.CHANGED, subject=row, changes=changes)
    return row


@transaction.atomic
def finish_handover(*, handover: Handover, by: User) -> Handover:
    """Say that it is finished; it stays to be read. Twice is once. Raises PermissionDenied, InputProblem with guests left."""
    handover = _locked(handover, by, running=False)
    if not handover.is_running:
        return handover
    if handover.guests.visible_to(by).to_be_assigned().exists():
        raise InputProblem(_("Some guests have no successor yet."))
    handover.closed_by, handover.closed_at = by, timezone.now()
    handover.version += 1
    handover.save(update_fields=["closed_by", "closed_at", "version"])
    record(
        by=by, action=Action.CHANGED, subject=handover, changes={"closed_at": [None, handover.closed_at.isoformat()]}
    )
    return handover


def _locked(handover: Handover, by: User, *, running: bool = True) -> Handover:
    found = Handover.objects.select_for_update(of=("self",)).select_related("from_user").get(pk=handover.pk)
    if not Handover.objects.led_by(by).filter(pk=found.pk).exists():
        raise PermissionDenied
    if running and not found.is_running:
        raise InputProblem(_("This handover is finished."))
    return found


def _check(handover: Handover, successors: Sequence[User]) -> None:
    if not successors:
        raise InputProblem(_("Choose who takes over."))
    for successor in successors:
        if successor.pk == handover.from_user_id:
            raise InputProblem(_("%(name)s hands over and cannot take over."), {"name": str(successor)})
        if not successor.is_active or not successor.venue_ids:
            raise InputProblem(_("%(name)s has no access, or works nowhere."), {"name": str(successor)})


def _gather(handover: Handover) -> int:
    """Note the guests the colleague looks after now, those that came since it began too; how many there are new."""
    giver = handover.from_user_id
    known = handover.guests.values("customer")
    found = Customer.objects.present().filter(Q(staff=giver) | Q(sales_staff=giver)).exclude(pk__in=known)
    rows = [
        HandoverGuest(handover=handover, customer_id=pk, was_staff=staff == giver, was_sales=sales == giver)
        for pk, staff, sales in found.values_list("pk", "staff_id", "sales_staff_id")
    ]
    HandoverGuest.objects.bulk_create(rows, batch_size=WRITTEN_AT_ONCE)
    return len(rows)


def _hand_over(handover: Handover, row_ids: Sequence[int], *, holder: User, taker: User, by: User, now: Any) -> None:
    """Move guests from who looks after them now; what somebody changed by hand meanwhile stays as it is."""
    for start in range(0, len(row_ids), WRITTEN_AT_ONCE):
        rows = HandoverGuest.objects.filter(pk__in=row_ids[start : start + WRITTEN_AT_ONCE])
        rows.update(successor=taker, assigned_at=now, taken_over_at=None)
        _write_cards(rows, holder=holder, taker=taker, by=by)
        _move_work(Transfer(by=by, giver=holder, taker=taker, guests=rows.order_by().values("customer")))


def _write_cards(rows: QuerySet[HandoverGuest], *, holder: User, taker: User, by: User) -> None:
    changes: dict[int, dict[str, list[int]]] = {}
    names: dict[int, str] = {}
    parents: dict[int, int] = {}
    told = rows.values_list("pk", "customer_id", "customer__name", "customer__staff_id", "customer__sales_staff_id")
    for pk, customer_id, name, staff_id, sales_id in told:
        names[customer_id], parents[customer_id] = name, pk
        for value, had in (("staff", staff_id), ("sales_staff", sales_id)):
            if had == holder.pk:
                changes.setdefault(customer_id, {})[value] = [holder.pk, taker.pk]
    guests = Customer.objects.filter(pk__in=rows.order_by().values("customer"))
    for value in DUTIES:
        guests.filter(**{value: holder}).update(**{value: taker}, version=F("version") + 1, updated_at=Now())
    record_many(
        build(
            by=by,
            action=Action.CHANGED,
            subject_type=Customer._meta.label_lower,
            subject_id=customer_id,
            subject_name=names[customer_id],
            changes=changed,
        )
        for customer_id, changed in changes.items()
    )
    with override(settings.LANGUAGE_CODE):
        labels = {"staff": pgettext("handover", "Attendant"), "sales_staff": pgettext("handover", "Banquet sales")}
        TimelineEntry.objects.bulk_create(
            (
                TimelineEntry(
                    subject_type=Customer._meta.label_lower,
                    subject_id=customer_id,
                    at=timezone.now(),
                    kind=EntryKind.STAFF,
                    parent_type=HandoverGuest._meta.label_lower,
                    parent_id=parents[customer_id],
                    title="・".join(labels[value] for value in changed),
                    aside=f"{holder} → {taker}"[:120],
                )
                for customer_id, changed in changes.items()
            ),
            batch_size=WRITTEN_AT_ONCE,
        )


def _move_work(transfer: Transfer) -> None:
    for kind in work():
        kind.move(transfer)
