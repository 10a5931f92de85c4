"""Giving rooms: the rows that let nothing be given twice, and the tentative bookings that lapse."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from crm_project.core.accounts.models import User
from crm_project.core.audit.choices import Action
from crm_project.core.audit.services import record
from crm_project.core.ui.display_dates import format_moment
from visits.choices import HOLDS_THE_ROOM, CancelReason, VisitStatus
from visits.models import Occupancy, Room, RoomPart, Visit
from visits.occupancy import NotEnoughSeats, Slot, Wanted, begins, quarters, slots
from visits.refusals import NoLongerFits, RoomTaken

LAPSED_AT_ONCE = 200
# Nobody sits longer; who came longer ago has left.
LONGEST_STAY = timedelta(days=1)
WRITTEN_AT_ONCE = 2000


def occupy(visit: Visit) -> None:
    """Take for the visit (saved, in the caller's transaction) what its state wants, and free what it had before.

    Booked, tentatively booked or in the house, it takes its room, or seats of a shared one, until the room is cleared; in
    any other state it takes nothing. Tentative bookings whose term has passed lapse if they stand in the way. Raises
    RoomTaken; the caller's transaction must then be undone.
    """
    rooms = _rooms_of(visit.room) if visit.room is not None and visit.holds_its_room else []
    if not rooms:
        Occupancy.objects.filter(visit=visit).delete()
        return
    # Whoever wants one of these rooms waits here; the rooms come in one order for all. Visits may point at a room meanwhile.
    rooms = list(Room.objects.select_for_update(no_key=True).filter(pk__in=[room.pk for room in rooms]).order_by("pk"))
    Occupancy.objects.filter(visit=visit).delete()
    when = quarters(visit.starts_at, expected_end(visit), clearing_of(rooms))
    others = Occupancy.objects.filter(room__in=rooms, quarter__range=(when.start, when.stop - 1))
    _let_lapse(others)
    taken = [Slot(*row) for row in others.values_list("room_id", "seat", "quarter")]
    try:
        wanted = slots(_wanted(visit, rooms), when, taken)
    except NotEnoughSeats as full:
        raise _taken(visit, full.quarter, free=full.free) from full
    there = {slot for slot in taken if slot.seat == 0}
    if there.intersection(wanted):
        raise _taken(visit, min(slot.quarter for slot in there.intersection(wanted)))
    try:
        with transaction.atomic():
            Occupancy.objects.bulk_create(
                Occupancy(room_id=slot.room_id, seat=slot.seat, quarter=slot.quarter, visit=visit) for slot in wanted
            )
    except IntegrityError as collision:
        raise _taken(visit, when.start) from collision


def take_anew(room_ids: Iterable[int]) -> None:
    """Take once more what bookings ahead have of these rooms (locked by the caller), whose seats, parts or clearing changed.

    A fixed number of queries, however many bookings. Raises NoLongerFits for the first one that finds no place any more; the
    caller's transaction must then be undone.
    """
    rooms = list(Room.objects.filter(pk__in=list(room_ids)))
    behind = _rooms_behind(rooms)
    others = Occupancy.objects.filter(room__in={room.pk for parts in behind.values() for room in parts})
    _let_lapse(Occupancy.objects.filter(Q(visit__room__in=rooms) | Q(pk__in=others.values("pk"))))
    ahead = list(
        Visit.objects.filter(room__in=rooms, status__in=HOLDS_THE_ROOM, starts_at__gte=timezone.now() - LONGEST_STAY)
        .select_related("venue", "room")
        .order_by("starts_at", "pk")
    )
    if not ahead:
        return
    Occupancy.objects.filter(visit__in=ahead).delete()
    first = min(quarters(visit.starts_at, expected_end(visit)).start for visit in ahead)
    taken: dict[int, set[Slot]] = {}
    for row in others.filter(quarter__gte=first).values_list("room_id", "seat", "quarter"):
        taken.setdefault(row[2], set()).add(Slot(*row))
    rows: list[Occupancy] = []
    for visit in ahead:
        parts = behind[visit.room_id or 0]
        when = quarters(visit.starts_at, expected_end(visit), clearing_of(parts))
        there = {slot for quarter in when for slot in taken.get(quarter, ())}
        try:
            wanted = slots(_wanted(visit, parts), when, there)
        except NotEnoughSeats as full:
            raise _no_longer_fits(visit) from full
        if there.intersection(wanted):
            raise _no_longer_fits(visit)
        for slot in wanted:
            taken.setdefault(slot.quarter, set()).add(slot)
        rows += [Occupancy(room_id=slot.room_id, seat=slot.seat, quarter=slot.quarter, visit=visit) for slot in wanted]
    Occupancy.objects.bulk_create(rows, batch_size=WRITTEN_AT_ONCE)


def _no_longer_fits(visit: Visit) -> NoLongerFits:
    return NoLongerFits(str(visit.room), format_moment(visit.starts_at.astimezone(visit.venue.zone), "short"))


def _rooms_behind(rooms: Iterable[Room]) -> dict[int, list[Room]]:
    """For each room the rooms behind it: the parts of a joined one, or the room itself. One query."""
    there = list(rooms)
    parts: dict[int, list[Room]] = {}
    for part in RoomPart.objects.filter(joined__in=there).select_related("room"):
        parts.setdefault(part.joined_id, []).append(part.room)
    return {room.pk: parts.get(room.pk, [room]) for room in there}


def expected_end(visit: Visit) -> datetime:
    """When the party is expected to leave; a visit from before there were stays counts as two hours."""
    return visit.ends_at or visit.starts_at + timedelta(hours=2)


def clearing_of(rooms: Iterable[Room]) -> timedelta:
    """How long it takes until all of these rooms can be given again."""
    return timedelta(minutes=max((room.clearing_minutes for room in rooms), default=0))


def _rooms_of(room: Room) -> list[Room]:
    """The rooms behind a joined one, or the room itself."""
    parts = list(Room.objects.filter(pk__in=RoomPart.objects.filter(joined=room).values("room")))
    return parts or [room]


def _wanted(visit: Visit, rooms: list[Room]) -> list[Wanted]:
    is_joined = rooms[0].pk != visit.room_id
    wanted = []
    for room in rooms:
        seats = None
        if room.seats_are_shared:
            # A hall that is joined to a room, or taken as a whole, is nobody else's.
            seats = room.capacity if is_joined or visit.takes_whole_room else visit.party_size
        wanted.append(Wanted(room.pk, room.capacity, seats))
    return wanted


def _taken(visit: Visit, quarter: int, *, free: int | None = None) -> RoomTaken:
    at = format_moment(max(begins(quarter), visit.starts_at).astimezone(visit.venue.zone), "time")
    return RoomTaken(str(visit.room), at, free)


def _let_lapse(others: QuerySet[Occupancy]) -> None:
    stale = Visit.objects.filter(
        status=VisitStatus.TENTATIVE, tentative_until__lte=timezone.now(), pk__in=others.values("visit")
    )
    # One that somebody is just confirming is not stale any more: never wait for it.
    for visit in stale.select_for_update(skip_locked=True, of=("self",)):
        _lapse(visit)


def lapse_tentative(*, now: datetime | None = None) -> int:
    """Cancel the tentative bookings whose term has passed and free their rooms; how many. Each in its own transaction."""
    stale = Visit.objects.filter(status=VisitStatus.TENTATIVE, tentative_until__lte=now or timezone.now())
    lapsed = 0
    for pk in list(stale.order_by("tentative_until").values_list("pk", flat=True)[:LAPSED_AT_ONCE]):
        with transaction.atomic():
            visit = stale.select_for_update(skip_locked=True, of=("self",)).filter(pk=pk).first()
            if visit is not None:
                _lapse(visit)
                lapsed += 1
    return lapsed


def _lapse(visit: Visit) -> None:
    visit.status, visit.tentative_until, visit.cancelled_at = VisitStatus.CANCELLED, None, timezone.now()
    visit.cancel_reason = CancelReason.LAPSED
    visit.version += 1
    visit.save(update_fields=["status", "tentative_until", "cancelled_at", "cancel_reason", "version"])
    Occupancy.objects.filter(visit=visit).delete()
    record(
        by=User.objects.system(),
        action=Action.CHANGED,
        subject=visit,
        changes={"status": [VisitStatus.TENTATIVE.value, VisitStatus.CANCELLED.value]},
    )
