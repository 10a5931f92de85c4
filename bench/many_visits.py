"""Years of visits and the weeks that are booked, for a house of three venues with thirty rooms each.

The past is written in bulk, as a ledger brings it in; what lies ahead is booked by the service that books it, so that rooms,
occasions to ring back and audit entries are those of life.
"""

import random
import uuid
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from itertools import islice
from typing import Any, Final

from django.db import connection, transaction
from django.utils import timezone

from crm_project.core.accounts.models import Role, User, Venue
from crm_project.core.accounts.services import assign_role
from crm_project.core.dates import business_date
from customers.models import Customer
from integrations import bulk
from visits.choices import AttendanceRole, FollowUpKind, FollowUpMoment, Purpose, Responsible, RoomKind
from visits.entries import AttendanceEntry, BookingEntry, BriefingEntry
from visits.models import Attendance, BookingTerms, FollowUpRule, Room, RoomPart, Visit
from visits.services import take_booking

VENUES: Final = 3
ROOMS: Final = 30
DAYS_AHEAD: Final = 14
BATCH: Final = 20_000
# Parties of a past day, all venues together: a million of them are some fifteen years.
PARTIES_A_DAY: Final = 180
SEATED: Final = ((time(12), 0.4), (time(18), 0.8))
VISIT_FIELDS = (
    "id", "venue", "room", "starts_at", "ends_at", "business_date", "party_size", "purpose", "status", "contact_phone",
    "outside_system", "outside_id", "cancel_reason", "cancel_detail", "recorded_by", "form_token", "version",
)  # fmt: skip
ATTENDANCE_FIELDS = ("visit", "customer", "label", "role", "position", "seated_check")


def furnish_rooms(okami: User) -> list[Venue]:
    """The venues of the measurement, the first one being the okami's, each with its rooms, terms and rules."""
    venues = [okami.memberships.get().venue]
    for number in range(2, VENUES + 1):
        venue = Venue.objects.create(code=f"bench{number}", name=f"松風 {number}")
        assign_role(user=okami, venue=venue, role=Role.objects.get(code="okami"), by=User.objects.system())
        venues.append(venue)
    for venue in venues:
        BookingTerms.objects.create(venue=venue)
        rooms = Room.objects.bulk_create(
            Room(venue=venue, name=f"{number}の間", capacity=4 + number % 8, position=number)
            for number in range(1, ROOMS - 2)
        )
        Room.objects.create(
            venue=venue,
            name="カウンター",
            capacity=12,
            kind=RoomKind.COUNTER,
            seats_are_shared=True,
            clearing_minutes=0,
            position=ROOMS,
        )
        for pair in (rooms[0:2], rooms[2:4]):
            joined = Room.objects.create(
                venue=venue,
                name="＋".join(room.name for room in pair),
                capacity=sum(room.capacity for room in pair),
                position=ROOMS,
            )
            RoomPart.objects.bulk_create(RoomPart(joined=joined, room=room) for room in pair)
        FollowUpRule.objects.create(
            venue=venue,
            name="お礼状",
            kind=FollowUpKind.LETTER,
            moment=FollowUpMoment.AFTER,
            days=3,
            responsible=Responsible.ATTENDANT,
        )
    return venues


def write_past(venues: list[Venue], okami: User, visits: int, guests: int) -> None:
    """So many completed visits before today, each with its host and a companion."""
    rooms = {venue.pk: list(Room.objects.filter(venue=venue, parts=None)) for venue in venues}
    rows = _past(random.Random(20261125), venues, rooms, okami.pk, visits, guests)
    while batch := list(islice(rows, BATCH)):
        with transaction.atomic():
            bulk.insert(Visit, VISIT_FIELDS, [visit for visit, _host in batch])
            bulk.insert(
                Attendance,
                ATTENDANCE_FIELDS,
                [
                    seat
                    for visit, host in batch
                    for seat in (
                        (visit[0], host, "", AttendanceRole.HOST, 0, "unchanged"),
                        (visit[0], None, "お連れ様①", AttendanceRole.COMPANION, 1, "unchanged"),
                    )
                ],
            )
    with connection.cursor() as cursor:
        cursor.execute("SELECT setval(pg_get_serial_sequence('visits_visit', 'id'), %s)", [visits])
        cursor.execute("VACUUM ANALYZE")


def _past(
    rng: random.Random, venues: list[Venue], rooms: dict[int, list[Room]], by: int, visits: int, guests: int
) -> Iterator[tuple[tuple[Any, ...], int]]:
    today = timezone.localdate()
    for pk in range(1, visits + 1):
        venue = venues[pk % len(venues)]
        day = today - timedelta(days=1 + pk // PARTIES_A_DAY)
        starts_at = datetime.combine(day, time(rng.choice((12, 17, 18, 19))), tzinfo=venue.zone)
        visit = (
            pk, venue.pk, rng.choice(rooms[venue.pk]).pk, starts_at.isoformat(), (starts_at + timedelta(hours=2)).isoformat(),
            day.isoformat(), rng.randint(1, 8), rng.choice((Purpose.HOSTING, Purpose.PRIVATE)), "completed", "",
            "", "", "", "", by, str(uuid.UUID(int=rng.getrandbits(128), version=4)), 1,
        )  # fmt: skip
        yield visit, rng.randrange(1, guests + 1)


def book_ahead(venues: list[Venue], okami: User, guests: int) -> int:
    """Book today and the coming days, the evenings fuller than the noons; how many bookings there are."""
    rng = random.Random(1)
    booked = 0
    for venue in venues:
        today = business_date(timezone.now(), venue.closing_hour, venue.zone)
        for room in Room.objects.filter(venue=venue, parts=None):
            for ahead in range(DAYS_AHEAD):
                for at, share in SEATED:
                    if rng.random() < share:
                        booked += 1
                        _book(rng, okami, room, today + timedelta(days=ahead), at, guests)
    return booked


def _book(rng: random.Random, okami: User, room: Room, day: date, at: time, guests: int) -> None:
    size = rng.randint(2, min(room.capacity, 6))
    take_booking(
        by=okami,
        venue=room.venue,
        booking=BookingEntry(
            starts_at=datetime.combine(day, at, tzinfo=room.venue.zone),
            attendances=[
                AttendanceEntry(customer=Customer.objects.get(pk=rng.randrange(1, guests + 1))),
                AttendanceEntry(label="お連れ様①", role=AttendanceRole.COMPANION, headcount=size - 1),
            ],
            party_size=size,
            purpose=Purpose.HOSTING,
            room=room,
            staff=okami,
            briefing=BriefingEntry(payer="後日 請求書"),
        ),
        accepted=("past", "same_day"),
    )
