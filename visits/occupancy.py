"""What of a room a party takes: quarters of an hour, and seats where parties share it. Pure."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

QUARTER_SECONDS = 900
WHOLE_ROOM = 0


@dataclass(frozen=True, slots=True)
class Slot:
    """A room (or one seat of a shared one) for a quarter of an hour, in the order in which everybody takes them."""

    room_id: int
    seat: int
    quarter: int


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is wanted of one room: the number of seats of a shared one, or None for the room that nobody shares."""

    room_id: int
    capacity: int
    seats: int | None


class NotEnoughSeats(Exception):
    """A shared room has fewer free seats than wanted in some quarter: `room_id`, `quarter`, `free`."""

    def __init__(self, room_id: int, quarter: int, free: int) -> None:
        super().__init__(room_id, quarter, free)
        self.room_id, self.quarter, self.free = room_id, quarter, free


def quarters(starts_at: datetime, ends_at: datetime, clearing: timedelta = timedelta()) -> range:
    """The quarters of an hour (since 1970, UTC) from the arrival until the room is cleared; begun ones count whole.

    `starts_at` and `ends_at` are aware; a stay of no length takes one quarter.
    """
    first = int(starts_at.timestamp()) // QUARTER_SECONDS
    last = -(-int((ends_at + clearing).timestamp()) // QUARTER_SECONDS)
    return range(first, max(last, first + 1))


def begins(quarter: int) -> datetime:
    """When a quarter begins, aware (UTC)."""
    return datetime.fromtimestamp(quarter * QUARTER_SECONDS, UTC)


def slots(wanted: Iterable[Wanted], when: range, taken: Collection[Slot]) -> list[Slot]:
    """The slots to take, in one order for all (so that two who want the same never wait for each other in a circle).

    `taken` is what others have of these rooms in these quarters. A party at a shared counter sits side by side where it can,
    else keeps its seats for the whole stay, else changes seats (a hall only counts them). Raises NotEnoughSeats; a room that
    nobody shares is refused by the constraint of the table.
    """
    found: list[Slot] = []
    for want in wanted:
        if want.seats is None:
            found += [Slot(want.room_id, WHOLE_ROOM, quarter) for quarter in when]
        else:
            found += _seats(want, want.seats, when, [slot for slot in taken if slot.room_id == want.room_id])
    return sorted(found, key=lambda slot: (slot.room_id, slot.seat, slot.quarter))


def _seats(want: Wanted, count: int, when: range, taken: Sequence[Slot]) -> list[Slot]:
    taken_in: dict[int, set[int]] = {quarter: set() for quarter in when}
    for slot in taken:
        if slot.quarter in taken_in:
            taken_in[slot.quarter].add(slot.seat)
    every = range(1, want.capacity + 1)
    for quarter in when:
        free = len(every) - len(taken_in[quarter])
        if free < count:
            raise NotEnoughSeats(want.room_id, quarter, max(free, 0))
    always_free = [seat for seat in every if not any(seat in there for there in taken_in.values())]
    chosen = _side_by_side(always_free, count) or always_free[:count]
    if len(chosen) == count:
        return [Slot(want.room_id, seat, quarter) for quarter in when for seat in chosen]
    return [
        Slot(want.room_id, seat, quarter)
        for quarter in when
        for seat in [seat for seat in every if seat not in taken_in[quarter]][:count]
    ]


def _side_by_side(free: Sequence[int], count: int) -> list[int]:
    """The first seats in a row, in the smallest gap that holds them; none where there is no such row."""
    rows: list[list[int]] = []
    for seat in free:
        if rows and rows[-1][-1] == seat - 1:
            rows[-1].append(seat)
        else:
            rows.append([seat])
    fitting = [row for row in rows if len(row) >= count]
    return min(fitting, key=len)[:count] if fitting else []
