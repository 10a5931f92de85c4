"""What the house decides: its rooms, its terms of booking, its closed days, where bookings come from, what follows them."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypeVar

from django.core.exceptions import PermissionDenied
from django.db import models, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from crm_project.core.accounts.models import User, Venue
from crm_project.core.audit.choices import Action
from crm_project.core.audit.services import difference, record, snapshot
from crm_project.core.problems import InputProblem
from crm_project.core.rights import Right
from visits.choices import HOLDS_THE_ROOM
from visits.models import (
    BookingSource,
    BookingTerms,
    CancellationTerm,
    ClosedDay,
    EveningTerms,
    FollowUpRule,
    Room,
    RoomPart,
    Visit,
)
from visits.refusals import SettingChangedMeanwhile
from visits.services.follow_ups import follow_the_rule
from visits.services.occupancy import take_anew

Setting = TypeVar("Setting", Room, BookingSource, FollowUpRule, ClosedDay, BookingTerms, EveningTerms)

# What of a room decides which rows of the occupancy a booking takes.
DECIDES_WHAT_IS_TAKEN = frozenset({"capacity", "seats_are_shared", "clearing_minutes"})


@transaction.atomic
def create_room(*, by: User, venue: Venue, parts: Sequence[Room] = (), **values: Any) -> Room:
    """Add a room, or a joined one of `parts`. Raises PermissionDenied, InputProblem or ValidationError."""
    _require(by, venue)
    room = _create(Room(venue=venue, **values), by, values)
    _write_parts(room, parts, by)
    return room


@transaction.atomic
def change_room(*, room: Room, by: User, version: int, parts: Sequence[Room] = (), **values: Any) -> Room:
    """Change a room; what bookings ahead have of it is taken anew.

    Raises PermissionDenied, SettingChangedMeanwhile, ValidationError, and InputProblem when bookings ahead would collide,
    or would have a room that is no longer in use; then nothing is written.
    """
    _require(by, room.venue_id)
    # In the order in which bookings lock them: nobody waits for each other in a circle.
    rooms = Room.objects.select_for_update(no_key=True).filter(venue=room.venue_id).order_by("pk")
    room = next(one for one in rooms if one.pk == room.pk)
    told = _change(room, by, version, values)
    parts_changed = _write_parts(room, parts, by)
    if not room.is_active:
        _refuse_with_bookings_ahead(room)
    if parts_changed or told & DECIDES_WHAT_IS_TAKEN:
        take_anew({room.pk, *room.part_of.values_list("joined", flat=True)})
    return room


def _refuse_with_bookings_ahead(room: Room) -> None:
    """A room that somebody has booked stays in use, alone or as a part of a joined one."""
    theirs = Q(room=room) | Q(room__in=room.part_of.values("joined"))
    ahead = Visit.objects.filter(theirs, status__in=HOLDS_THE_ROOM, starts_at__gte=timezone.now()).count()
    if ahead:
        raise InputProblem(
            ngettext_lazy(
                "%(count)s booking ahead has this room: move it first.",
                "%(count)s bookings ahead have this room: move them first.",
                ahead,
            ),
            {"count": ahead},
        )


def _write_parts(room: Room, parts: Sequence[Room], by: User) -> bool:
    """Bring the parts of a joined room up to date; whether they changed. Raises InputProblem."""
    before = {part.room_id: part for part in room.parts.select_related("room")}
    wanted = {part.pk: part for part in parts}
    if before.keys() == wanted.keys():
        return False
    if len(wanted) == 1 or room.pk in wanted:
        raise InputProblem(_("A joined room has at least two other rooms as its parts."))
    if any(part.venue_id != room.venue_id for part in parts):
        raise InputProblem(_("That room is in another venue."))
    if wanted and room.seats_are_shared:
        raise InputProblem(_("A joined room is given to one party: parties cannot share it."))
    if wanted and room.part_of.exists():
        raise InputProblem(_("This room is a part of a joined one already: it cannot have parts itself."))
    if RoomPart.objects.filter(joined__in=wanted).exists():
        raise InputProblem(_("A joined room cannot be a part of another one: choose its parts."))
    if any(not part.is_active for part in parts):
        raise InputProblem(_("A room that is not in use cannot be a part."))
    room.parts.exclude(room__in=wanted).delete()
    RoomPart.objects.bulk_create(RoomPart(joined=room, room_id=pk) for pk in wanted if pk not in before)
    names = [sorted(str(part.room) for part in before.values()), sorted(str(part) for part in parts)]
    record(by=by, action=Action.CHANGED, subject=room, changes={"parts": names})
    return True


def crowded_ahead(room: Room) -> int:
    """How many bookings ahead have more guests than the room has seats. One query."""
    if room.seats_are_shared:
        return 0
    return Visit.objects.filter(
        room=room, status__in=HOLDS_THE_ROOM, starts_at__gte=timezone.now(), party_size__gt=room.capacity
    ).count()


@transaction.atomic
def change_terms(*, venue: Venue, by: User, version: int, fees: Mapping[int, int], **values: Any) -> BookingTerms:
    """Write a venue's terms of booking, and what a cancellation costs: `fees` are per cent by days before the day.

    Raises PermissionDenied, SettingChangedMeanwhile, ValidationError or InputProblem.
    """
    _require(by, venue)
    BookingTerms.objects.get_or_create(venue=venue)
    terms = BookingTerms.objects.select_for_update(of=("self",)).select_related("venue").get(venue=venue)
    before = {term.days_before: term.percent for term in venue.cancellation_terms.all()}
    if not set(values.get("closed_weekdays", ())) <= set(range(7)):
        raise InputProblem(_("Choose days of the week."))
    if any(not 0 <= percent <= 100 for percent in fees.values()):
        raise InputProblem(_("A fee is between 0 and 100 %."))
    told: dict[str, Any] = {"fees": [_in_words(before), _in_words(fees)]} if before != fees else {}
    closed = [terms.closed_weekdays, values.get("closed_weekdays", terms.closed_weekdays)]
    if closed[0] != closed[1]:
        told["closed_weekdays"] = [[str(WEEKDAYS[day]) for day in days] for days in closed]
    _change(terms, by, version, values, more=told)
    if before != fees:
        venue.cancellation_terms.all().delete()
        CancellationTerm.objects.bulk_create(
            CancellationTerm(venue=venue, days_before=days, percent=percent) for days, percent in fees.items()
        )
    return terms


@transaction.atomic
def change_evening_terms(*, venue: Venue, by: User, version: int, **values: Any) -> EveningTerms:
    """Write a venue's terms of the evening: by when allergies are asked, whom one calls in an emergency.

    Raises PermissionDenied, SettingChangedMeanwhile or ValidationError.
    """
    _require(by, venue)
    EveningTerms.objects.get_or_create(venue=venue)
    terms = EveningTerms.objects.select_for_update(of=("self",)).select_related("venue").get(venue=venue)
    _change(terms, by, version, values)
    return terms


def _in_words(fees: Mapping[int, int]) -> list[str]:
    return [f"{days}: {fees[days]} %" for days in sorted(fees, reverse=True)]


@transaction.atomic
def create_closed_day(*, by: User, venue: Venue, **values: Any) -> ClosedDay:
    """Close a venue on one day, or open it although it is closed every week. Raises PermissionDenied, ValidationError."""
    _require(by, venue)
    return _create(ClosedDay(venue=venue, **values), by, values)


@transaction.atomic
def change_closed_day(*, closed_day: ClosedDay, by: User, version: int, **values: Any) -> ClosedDay:
    """Change the day or its reason. Raises PermissionDenied, SettingChangedMeanwhile, ValidationError."""
    _require(by, closed_day.venue_id)
    row = ClosedDay.objects.select_for_update(of=("self",)).select_related("venue").get(pk=closed_day.pk)
    _change(row, by, version, values)
    return row


@transaction.atomic
def remove_closed_day(*, closed_day: ClosedDay, by: User) -> None:
    """The day is like every other one again; the trail keeps it. Twice is once. Raises PermissionDenied."""
    _require(by, closed_day.venue_id)
    row = ClosedDay.objects.select_for_update(of=("self",)).select_related("venue").filter(pk=closed_day.pk).first()
    if row is not None:
        record(by=by, action=Action.DELETED, subject=row, changes={"reason": [row.reason, None]} if row.reason else {})
        row.delete()


def bookings_on(venue: Venue, days: Iterable[Any]) -> dict[Any, int]:
    """How many bookings stand in the book on these business days; days without one are left out. One query."""
    counted = (
        Visit.objects.filter(venue=venue, business_date__in=list(days), status__in=HOLDS_THE_ROOM)
        .order_by()
        .values("business_date")
        .annotate(bookings=models.Count("pk"))
    )
    return dict(counted.values_list("business_date", "bookings"))


@transaction.atomic
def create_source(*, by: User, **values: Any) -> BookingSource:
    """Add where bookings come from, for every venue. Raises PermissionDenied, ValidationError."""
    _require(by, None)
    return _create(BookingSource(**values), by, values)


@transaction.atomic
def change_source(*, source: BookingSource, by: User, version: int, **values: Any) -> BookingSource:
    """Change a source; bookings that name it keep it. Raises PermissionDenied, SettingChangedMeanwhile, ValidationError."""
    _require(by, None)
    row = BookingSource.objects.select_for_update().get(pk=source.pk)
    _change(row, by, version, values)
    return row


@transaction.atomic
def create_rule(*, by: User, venue: Venue, **values: Any) -> FollowUpRule:
    """Add what the house does before or after an evening; it counts for the bookings of the next days at once.

    Raises PermissionDenied, ValidationError.
    """
    _require(by, venue)
    rule = _create(FollowUpRule(venue=venue, **values), by, values)
    follow_the_rule(rule)
    return rule


@transaction.atomic
def change_rule(*, rule: FollowUpRule, by: User, version: int, **values: Any) -> FollowUpRule:
    """Change a rule; what is planned by it and not yet done follows, and goes when the rule is no longer in use.

    Raises PermissionDenied, SettingChangedMeanwhile, ValidationError.
    """
    _require(by, rule.venue_id)
    row = FollowUpRule.objects.select_for_update(of=("self",)).select_related("venue").get(pk=rule.pk)
    if _change(row, by, version, values):
        follow_the_rule(row)
    return row


def _require(by: User, venue: Venue | int | None) -> None:
    if not by.has_right(Right.MANAGE_HOUSE, venue):
        raise PermissionDenied


def _create(row: Setting, by: User, names: Iterable[str]) -> Setting:
    row.full_clean()
    row.save(force_insert=True)
    written = {name: [None, value] for name, value in snapshot(row, names).items() if value not in (None, "", [])}
    record(by=by, action=Action.CREATED, subject=row, changes=written)
    return row


def _change(
    row: Setting, by: User, version: int, values: Mapping[str, Any], more: Mapping[str, Any] | None = None
) -> set[str]:
    """Write what differs into a row that is locked, with one audit entry; the names of what changed."""
    if row.version != version:
        raise SettingChangedMeanwhile
    before = snapshot(row, values)
    for name, value in values.items():
        setattr(row, name, value)
    row.full_clean()
    changes = difference(before, snapshot(row, values)) | dict(more or {})
    if changes:
        row.version += 1
        row.save(update_fields=[*values, "version"])
        record(by=by, action=Action.CHANGED, subject=row, changes=changes)
    return set(changes)
