"""Which rooms are free for a party at a time: free, too small, or taken and from when. Three queries, then pure."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Q, QuerySet
from django.utils import timezone

from crm_project.core.accounts.models import Venue
from visits.choices import VisitStatus
from visits.day_lines import have_at_hand
from visits.models import Occupancy, Room, RoomPart
from visits.occupancy import Slot, begins, quarters
from visits.terms import CLEARING_AT_MOST


@dataclass(frozen=True, slots=True)
class RoomState:
    """A room as it is offered. `free_seats` is what a shared one has left, None where it is given as a whole; `taken_from`
    when it is taken first.
    """

    room: Room
    free_seats: int | None
    taken_from: datetime | None
    is_too_small: bool

    @property
    def is_free(self) -> bool:
        """Whether the party can have it. A room that is too small may be given all the same, a seat that is not there not."""
        return self.taken_from is None and not (self.is_too_small and self.free_seats is not None)

    @property
    def fits(self) -> bool:
        """Free, and with a seat for everybody."""
        return self.is_free and not self.is_too_small


@dataclass(frozen=True, slots=True)
class Stay:
    """When a party is in the house, and what it asks of a room."""

    starts_at: datetime
    ends_at: datetime
    party_size: int = 1
    takes_whole_room: bool = False


def rooms_in_use(venue: Venue, kept: int | None = None) -> list[Room]:
    """The rooms of a venue that are given at all, in their order, with their parts and the venue's terms. Two queries.

    `kept` is a booking's own room: it can be kept although it is no longer in use.
    """
    parts = RoomPart.objects.filter(joined__venue=venue).values_list("joined_id", "room_id")
    return with_parts(every_room_of(venue), parts, kept)


def every_room_of(venue: Venue) -> list[Room]:
    """All rooms of a venue in their order, in use or not, with the venue's terms. One query."""
    return list(venue.rooms.select_related("venue__booking_terms"))


def with_parts(rooms: Iterable[Room], parts: Iterable[tuple[int, int]], kept: int | None = None) -> list[Room]:
    """Of all rooms of a venue those in use (and the one that is `kept`), each with its parts at hand: (joined, part). Pure."""
    known = {room.pk: room for room in rooms}
    of_joined: dict[int, list[RoomPart]] = defaultdict(list)
    for joined, part in parts:
        if joined in known and part in known:
            of_joined[joined].append(RoomPart(joined=known[joined], room=known[part]))
    found = [room for room in known.values() if room.is_active or room.pk == kept]
    for room in found:
        have_at_hand(room, "parts", of_joined[room.pk])
    return found


def taken_slots(venue: Venue, stay: Stay, *, except_visit: int | None = None) -> list[Slot]:
    """What others have taken while the party is there; what `except_visit` has counts as free. One query."""
    rows = taken_rows(venue, stay.starts_at, stay.ends_at, except_visit=except_visit)
    return [Slot(*row) for row in rows.values_list("room_id", "seat", "quarter")]


def taken_rows(
    venue: Venue, starts_at: datetime, ends_at: datetime, *, except_visit: int | None = None
) -> QuerySet[Occupancy]:
    """The same as rows. A tentative booking whose term has passed holds nothing: it lapses when somebody takes the room."""
    when = quarters(starts_at, ends_at, CLEARING_AT_MOST)
    stale = Q(visit__status=VisitStatus.TENTATIVE, visit__tentative_until__lte=timezone.now())
    return (
        Occupancy.objects.filter(room__venue=venue, quarter__range=(when.start, when.stop - 1))
        .exclude(visit=except_visit)
        .exclude(stale)
    )


def room_states(venue: Venue, stay: Stay, *, except_visit: int | None = None) -> list[RoomState]:
    """The rooms of a venue in their order, as they are for the stay. Three queries."""
    return states_of(rooms_in_use(venue), stay, taken_slots(venue, stay, except_visit=except_visit))


def states_of(rooms: Iterable[Room], stay: Stay, taken: Collection[Slot]) -> list[RoomState]:
    """The rooms (their parts prefetched) against the slots that others have taken. Pure."""
    by_room: dict[int, dict[int, set[int]]] = defaultdict(lambda: defaultdict(set))
    for slot in taken:
        by_room[slot.room_id][slot.quarter].add(slot.seat)
    return [_state(room, stay, by_room) for room in rooms]


def _state(room: Room, stay: Stay, taken: Mapping[int, Mapping[int, set[int]]]) -> RoomState:
    parts = [part.room for part in room.parts.all()] or [room]
    is_joined = parts[0] is not room
    clearing = timedelta(minutes=max(part.clearing_minutes for part in parts))
    when = quarters(stay.starts_at, stay.ends_at, clearing)
    alone = is_joined or stay.takes_whole_room or not room.seats_are_shared
    if alone:
        hit = min((q for part in parts for q in taken.get(part.pk, {}) if q in when), default=None)
        return RoomState(room, None, _at(hit, stay), stay.party_size > room.capacity)
    left = {q: room.capacity - len(seats) for q, seats in taken.get(room.pk, {}).items() if q in when}
    short = min((q for q, free in left.items() if free < stay.party_size), default=None)
    free = max(min(left.values(), default=room.capacity), 0)
    if short is None and stay.party_size > room.capacity:
        return RoomState(room, free, None, is_too_small=True)
    return RoomState(room, free, _at(short, stay), is_too_small=False)


def _at(quarter: int | None, stay: Stay) -> datetime | None:
    return None if quarter is None else max(begins(quarter), stay.starts_at)


def in_offer(states: Iterable[RoomState], usual: Collection[int] = ()) -> list[RoomState]:
    """The order in which rooms are offered: free ones first, of them the usual ones, then the smallest that fits."""
    return sorted(
        states,
        key=lambda state: (
            not state.fits,
            not state.is_free,
            state.room.pk not in usual,
            state.room.capacity if state.fits and not state.room.seats_are_shared else 0,
            state.room.position,
        ),
    )
