"""The waiting list (キャンセル待ち): who wants a table on a day that is full, and what became of it."""

from datetime import date, time
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from crm_project.core.accounts.models import User, Venue
from crm_project.core.audit.choices import Action
from crm_project.core.audit.services import plain, record
from crm_project.core.dates import business_date, refuse_far_ahead
from crm_project.core.problems import InputProblem
from crm_project.core.rights import Right
from crm_project.core.text import phone_digits, tidy
from customers.models import Customer
from visits.choices import WaitingState
from visits.models import Room, Visit, WaitingParty


class WaitingClosed(InputProblem):
    """Somebody has booked the party, or given it up, meanwhile."""

    def __init__(self) -> None:
        super().__init__(_("This party does not wait any more: somebody has booked it or given it up."))


class WaitingChangedMeanwhile(InputProblem):
    """Somebody changed the entry since the form was opened; nothing was written."""

    def __init__(self) -> None:
        super().__init__(
            _("Somebody else has changed this meanwhile. What stands now is shown below; nothing is saved yet.")
        )


@transaction.atomic
def add_waiting(
    *,
    by: User,
    venue: Venue,
    business_date: date,
    from_time: time,
    party_size: int,
    until_time: time | None = None,
    customer: Customer | None = None,
    name: str = "",
    phone: str = "",
    room: Room | None = None,
    wishes: str = "",
) -> WaitingParty:
    """Put somebody on the waiting list of a business day; times on the venue's clock, `until_time` None is the whole meal.

    The same wish of the same party is written once. Raises PermissionDenied without TAKE_BOOKINGS at the venue, InputProblem.
    """
    _require(by, venue.pk)
    values = _checked(
        venue,
        business_date=business_date,
        from_time=from_time,
        until_time=until_time,
        party_size=party_size,
        customer=customer,
        name=name,
        phone=phone,
        room=room,
        wishes=wishes,
    )
    same = {key: values[key] for key in ("business_date", "from_time", "party_size", "customer", "name", "phone")}
    there = WaitingParty.objects.still_waiting().filter(venue=venue, **same).first()
    if there is not None:
        return there
    waiting = WaitingParty.objects.create(venue=venue, taken_by=by, **values)
    record(by=by, action=Action.CREATED, subject=waiting, changes={key: [None, told] for key, told in _told(values)})
    return waiting


@transaction.atomic
def change_waiting(*, waiting: WaitingParty, by: User, version: int, **values: Any) -> WaitingParty:
    """Write an entry anew while the party waits.

    Raises PermissionDenied, WaitingClosed, WaitingChangedMeanwhile or InputProblem.
    """
    row = _locked(waiting, by)
    if row.state != WaitingState.WAITING:
        raise WaitingClosed
    if row.version != version:
        raise WaitingChangedMeanwhile
    checked = _checked(row.venue, **values)
    changes = {
        key: [plain(getattr(row, key)), plain(value)] for key, value in checked.items() if getattr(row, key) != value
    }
    if changes:
        for key, value in checked.items():
            setattr(row, key, value)
        row.version += 1
        row.save(update_fields=[*checked, "version"])
        record(by=by, action=Action.CHANGED, subject=row, changes=changes)
    return row


@transaction.atomic
def book_waiting(*, waiting: WaitingParty, visit: Visit, by: User) -> WaitingParty:
    """The party has its table: `visit`, at the same venue. The same booking twice is once.

    Raises PermissionDenied without TAKE_BOOKINGS at the venue, WaitingClosed when somebody was faster.
    """
    row = _locked(waiting, by)
    if row.state == WaitingState.BOOKED and row.visit_id == visit.pk:
        return row
    if visit.venue_id != row.venue_id:
        raise InputProblem(_("The booking is at another venue."))
    return _close(row, by, WaitingState.BOOKED, visit)


@transaction.atomic
def give_up_waiting(*, waiting: WaitingParty, by: User) -> WaitingParty:
    """The party does not wait any more. Twice is once. Raises PermissionDenied, WaitingClosed when it was booked."""
    row = _locked(waiting, by)
    return row if row.state == WaitingState.GIVEN_UP else _close(row, by, WaitingState.GIVEN_UP, None)


@transaction.atomic
def wait_again(*, waiting: WaitingParty, by: User) -> WaitingParty:
    """Take back that a party was given up. Raises PermissionDenied, WaitingClosed when it was booked."""
    row = _locked(waiting, by)
    if row.state == WaitingState.WAITING:
        return row
    if row.state != WaitingState.GIVEN_UP:
        raise WaitingClosed
    row.state, row.closed_by, row.closed_at = WaitingState.WAITING, None, None
    row.version += 1
    row.save(update_fields=["state", "closed_by", "closed_at", "version"])
    record(by=by, action=Action.CHANGED, subject=row, changes={"state": [WaitingState.GIVEN_UP.value, row.state.value]})
    return row


def _locked(waiting: WaitingParty, by: User) -> WaitingParty:
    _require(by, waiting.venue_id)
    rows = WaitingParty.objects.select_for_update(of=("self",)).select_related("venue", "customer", "room")
    return rows.get(pk=waiting.pk)


def _require(by: User, venue_id: int) -> None:
    if not by.has_right(Right.TAKE_BOOKINGS, venue_id):
        raise PermissionDenied


def _close(row: WaitingParty, by: User, state: WaitingState, visit: Visit | None) -> WaitingParty:
    if row.state != WaitingState.WAITING:
        raise WaitingClosed
    row.state, row.visit, row.closed_by, row.closed_at = state, visit, by, timezone.now()
    row.version += 1
    row.save(update_fields=["state", "visit", "closed_by", "closed_at", "version"])
    record(by=by, action=Action.CHANGED, subject=row, changes={"state": [WaitingState.WAITING.value, state.value]})
    return row


def _checked(venue: Venue, **values: Any) -> dict[str, Any]:
    """The values once they make sense together. Raises InputProblem."""
    values["name"], values["wishes"] = tidy(values["name"])[:80], tidy(values["wishes"])[:300]
    values["phone"] = phone_digits(values["phone"])[:40]
    if values["customer"] is None and not values["name"]:
        raise InputProblem(_("Choose the guest, or write a name."))
    if values["customer"] is not None and values["customer"].merged_into_id is not None:
        raise InputProblem(_("Choose the guest again: that card was merged."))
    refuse_far_ahead(values["business_date"], business_date(timezone.now(), venue.closing_hour, venue.zone))
    if values["party_size"] < 1:
        raise InputProblem(_("A party is at least one guest."))
    if values["room"] is not None and values["room"].venue_id != venue.pk:
        raise InputProblem(_("That room is in another venue."))
    return values


def _told(values: dict[str, Any]) -> list[tuple[str, Any]]:
    return [(key, plain(value)) for key, value in values.items() if value not in (None, "")]
