"""One party at one table: who sits there, in which room, what for. Nothing is written yet."""

from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from random import Random
from typing import Final

from crm_project.core.accounts.models import User
from crm_project.demo.guests import HABITS, Guest, GuestBook
from crm_project.demo.house import CASUAL, HONTEN, RYOKAN, VENUE_CODES, House
from crm_project.demo.rooms import CLEARING_MINUTES, DINNER_MINUTES
from menus.models import Course, Dish
from visits.choices import AttendanceRole, Purpose
from visits.companions import CIRCLED
from visits.models import Room

Slot = tuple[int, int]

DINNER: Final[dict[str, tuple[Slot, ...]]] = {
    HONTEN: ((17, 30), (18, 0), (18, 30), (19, 0), (17, 0), (19, 30)),
    RYOKAN: ((18, 0), (18, 30), (19, 0)),
    CASUAL: ((18, 0), (18, 30), (19, 0), (19, 30), (20, 0), (20, 30)),
}
LUNCH: Final[dict[str, tuple[Slot, ...]]] = {
    HONTEN: ((12, 0), (12, 30), (11, 30)),
    RYOKAN: ((12, 0),),
    CASUAL: ((12, 0), (12, 30), (13, 0), (11, 30)),
}
# From the arrival until the room can be given again.
STAY: Final = timedelta(minutes=DINNER_MINUTES + CLEARING_MINUTES)
LABELLED_AT_MOST: Final = 4
BANQUET_FROM: Final = 14


@dataclass
class Seat:
    """Somebody at the table: a guest, or a companion by a label."""

    role: str
    guest: Guest | None = None
    label: str = ""


@dataclass
class Table:
    """A party, past or to come."""

    venue: str
    day: date
    starts_at: datetime
    room: Room | None
    seats: list[Seat]
    party_size: int
    purpose: str
    staff: User
    course: Course | None = None
    dishes: list[Dish] = field(default_factory=list)
    # Part of a story told by hand.
    story: str = ""

    @property
    def host(self) -> Guest:
        """Who invited, and pays."""
        guest = self.seats[0].guest
        assert guest is not None
        return guest

    @property
    def guests(self) -> list[Guest]:
        """The known guests at the table."""
        return [seat.guest for seat in self.seats if seat.guest is not None]


class Rooms:
    """Who sits where: a room is given once at a time, counters and tables are shared."""

    def __init__(self, house: House) -> None:
        self._house = house
        self._taken: dict[tuple[int, date], list[tuple[datetime, int]]] = {}

    def find(self, rng: Random, venue: str, day: date, party_size: int, *, lunch: bool) -> tuple[datetime, Room | None]:
        """A time and the smallest free room; without a room when the house is full."""
        slots = list((LUNCH if lunch else DINNER)[venue])
        rng.shuffle(slots)
        rooms = sorted(self._house.rooms[venue], key=lambda room: (room.capacity, room.position))
        # Two or three are as well at the counter.
        if party_size > 3 or rng.random() < 0.6:
            rooms.sort(key=lambda room: room.seats_are_shared)
        for slot in slots:
            starts_at = self.moment(venue, day, slot)
            for room in rooms:
                if room.capacity >= party_size and self.take(room, starts_at, party_size):
                    return starts_at, room
        return self.moment(venue, day, slots[0]), None

    def take(self, room: Room, starts_at: datetime, party_size: int) -> bool:
        """Keep a room, or as many seats of a shared one; False when others sit there then."""
        taken = self._taken.setdefault((room.pk, starts_at.date()), [])
        seated = [size for other, size in taken if abs(other - starts_at) < STAY]
        if sum(seated) + party_size > room.capacity if room.seats_are_shared else seated:
            return False
        taken.append((starts_at, party_size))
        return True

    def moment(self, venue: str, day: date, slot: Slot) -> datetime:
        """A time of the day on the clock of the venue."""
        return datetime.combine(day, time(*slot), tzinfo=self._house.venues[venue].zone)


def companions(count: int, *, honoured: bool = False) -> list[Seat]:
    """お連れ様①, お連れ様② ...: people nobody knows yet, a few of them by a label."""
    return [
        Seat(
            AttendanceRole.GUEST_OF_HONOUR if honoured and number == 0 else AttendanceRole.COMPANION,
            label=f"お連れ様{CIRCLED[number]}",
        )
        for number in range(min(count, LABELLED_AT_MOST))
    ]


def plan_table(
    rng: Random, house: House, rooms: Rooms, book: GuestBook, host: Guest, day: date, venue: str = ""
) -> Table:
    """A party of a guest on a day, as such a guest comes; mostly where the guest is at home."""
    venue = venue or (host.home if rng.random() < 0.8 else rng.choice(VENUE_CODES))
    purpose = _purpose(rng, host, venue, day)
    party_size = _party_size(rng, host, purpose, venue)
    lunch = rng.random() < (0.4 if venue == CASUAL else 0.06 if venue == RYOKAN else 0.2) and party_size < BANQUET_FROM
    starts_at, room = rooms.find(rng, venue, day, party_size, lunch=lunch)
    staff = host.row.staff if host.row.staff in house.of_role("floor", venue) and rng.random() < 0.7 else None
    return Table(
        venue=venue,
        day=day,
        starts_at=starts_at,
        room=room,
        seats=_seats(rng, book, host, purpose, party_size),
        party_size=party_size,
        purpose=purpose,
        staff=staff or rng.choice(house.of_role("floor", venue)),
    )


def _purpose(rng: Random, host: Guest, venue: str, day: date) -> str:
    hosts = HABITS[host.habit].hosts_often
    if host.company and day.month == 12 and rng.random() < 0.4:
        return Purpose.YEAR_END
    if host.company and venue == HONTEN and rng.random() < (0.72 if hosts else 0.25):
        return Purpose.HOSTING
    return rng.choices(
        (
            Purpose.PRIVATE,
            Purpose.ANNIVERSARY,
            Purpose.CELEBRATION,
            Purpose.MEMORIAL,
            Purpose.REUNION,
            Purpose.ENGAGEMENT,
            Purpose.OTHER,
        ),
        (62, 13, 9, 6, 4, 2, 4),
    )[0]


def _party_size(rng: Random, host: Guest, purpose: str, venue: str) -> int:
    if purpose == Purpose.YEAR_END:
        return int(rng.triangular(5, 22, 8))
    if purpose == Purpose.HOSTING:
        return rng.choices((2, 3, 4, 5, 6, 8), (10, 16, 40, 12, 16, 6))[0]
    if purpose in (Purpose.CELEBRATION, Purpose.MEMORIAL):
        return int(rng.triangular(4, 16, 6))
    if purpose == Purpose.REUNION:
        return int(rng.triangular(6, 26, 10))
    if purpose == Purpose.ENGAGEMENT:
        return rng.choice((6, 6, 8))
    return rng.choices((1, 2, 3, 4), (12, 58, 14, 16) if venue != CASUAL else (30, 50, 12, 8))[0]


def _seats(rng: Random, book: GuestBook, host: Guest, purpose: str, party_size: int) -> list[Seat]:
    """The host, the people we know, then companions by their labels."""
    seats = [Seat(AttendanceRole.HOST, host)]
    if party_size == 1:
        return seats
    honoured = purpose == Purpose.HOSTING
    if purpose in (Purpose.HOSTING, Purpose.YEAR_END) and host.row.company_id:
        colleagues = [other for other in book.colleagues[host.row.company_id] if other is not host]
        for other in rng.sample(colleagues, min(len(colleagues), rng.choices((0, 1, 2), (4, 5, 1))[0])):
            arranges = party_size >= 5 and all(seat.role != AttendanceRole.ARRANGER for seat in seats)
            seats.append(Seat(AttendanceRole.ARRANGER if arranges else AttendanceRole.COMPANION, other))
    elif host.spouse and rng.random() < 0.75:
        seats.append(Seat(AttendanceRole.COMPANION, host.spouse))
    if honoured and rng.random() < 0.12:
        other = rng.choice(book.guests)
        if all(seat.guest is not other for seat in seats):
            seats.append(Seat(AttendanceRole.GUEST_OF_HONOUR, other))
            honoured = False
    seats = seats[:party_size]
    if rng.random() < 0.7:
        seats += companions(party_size - len(seats), honoured=honoured)
    return seats
