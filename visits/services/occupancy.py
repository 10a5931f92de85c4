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
    rooms = lock_rooms(visit)
    Occupancy.objects.filter(visit=visit).delete()
    if not rooms:
        return
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


class _PartsChanged(Exception):
    """A joined room was joined of others while one waited for its parts."""


def lock_rooms(visit: Visit) -> list[Room]:
    """Lock the rooms that the visit has and those that it wants (in the caller's transaction); the ones that it wants.

    Whoever takes or frees one of these rooms, or takes anew what is booked of them, waits here: in the order of their keys, so
    that nobody waits in a circle. A visit whose row is locked is saved behind this, as a new form token locks that row against
    the occupancy that points at it; the row itself is locked with `no_key`.
    """
    while True:
        wanted = _behind_the_room_of(visit)
        held = set(Occupancy.objects.filter(visit=visit).order_by().values_list("room", flat=True).distinct())
        # With the joined room itself its parts are locked: who changes them locks every room of the venue.
        ids = wanted | held
        if wanted and visit.room_id is not None:
            ids.add(visit.room_id)
        if not ids:
            return []
        try:
            # Undone, it lets go of the rooms: waiting for others while holding some would be out of order.
            with transaction.atomic():
                rooms = list(Room.objects.select_for_update(no_key=True).filter(pk__in=ids).order_by("pk"))
                if _behind_the_room_of(visit) != wanted:
                    raise _PartsChanged
                return [room for room in rooms if room.pk in wanted]
        except _PartsChanged:
            continue


def _behind_the_room_of(visit: Visit) -> set[int]:
    """Ids of what the visit wants in its state: the parts of a joined room, or the room itself."""
    if visit.room_id is None or not visit.holds_its_room:
        return set()
    return set(RoomPart.objects.filter(joined=visit.room_id).values_list("room", flat=True)) or {visit.room_id}


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
    for visit in stale.select_for_update(skip_locked=True, of=("self",), no_key=True):
        _lapse(visit)


def lapse_tentative(*, now: datetime | None = None) -> int:
    """Cancel the tentative bookings whose term has passed and free their rooms; how many. Each in its own transaction."""
    stale = Visit.objects.filter(status=VisitStatus.TENTATIVE, tentative_until__lte=now or timezone.now())
    lapsed = 0
    for pk in list(stale.order_by("tentative_until").values_list("pk", flat=True)[:LAPSED_AT_ONCE]):
        with transaction.atomic():
            visit = stale.select_for_update(skip_locked=True, of=("self",), no_key=True).filter(pk=pk).first()
            if visit is not None:
                lock_rooms(visit)
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
