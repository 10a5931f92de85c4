"""Fifty processes fight for a room, joined rooms, the last seats of a counter and tentative holds: DATABASE_URL says where.

Each books, confirms and cancels at random for `--seconds`. Afterwards the book itself is read: no room twice, no more people
than seats, every booking with all its rows, no row without a booking, no error but a refusal. Ends with 1 otherwise.
"""

import argparse
import multiprocessing
import os
import random
import sys
import time
from collections import Counter, defaultdict
from datetime import datetime, timedelta
from typing import Any

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "crm_project.settings")

STARTS_AT_MINUTES = range(0, 181, 15)
COUNTER_SEATS = 6


def fight(seed: int, seconds: float, first: datetime, told: Any, ready: Any) -> None:
    """One process at its desk, from when all are ready until the time is over; what came of it."""
    django.setup()
    from django.db import connection
    from django.utils import timezone

    from crm_project.core.accounts.models import User
    from visits import services
    from visits.choices import EXPECTED, CancelReason
    from visits.entries import AttendanceEntry, BookingEntry
    from visits.models import Room, Visit
    from visits.refusals import RecordingRefused, RoomTaken

    connection.settings_dict["OPTIONS"].pop("pool", None)  # a process that does one thing at a time needs no pool
    rng, outcome = random.Random(seed), Counter[str]()
    desk = User.objects.get(username="race")
    venue = desk.memberships.get().venue
    rooms = list(Room.objects.filter(venue=venue))
    ready.wait()
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        room, size = rng.choice(rooms), rng.randint(1, 3)
        held = timezone.now() + timedelta(seconds=rng.choice([1, 3600])) if rng.random() < 0.4 else None
        begun = time.monotonic()
        try:
            visit = services.take_booking(
                by=desk,
                venue=venue,
                booking=BookingEntry(
                    starts_at=first + timedelta(minutes=rng.choice(STARTS_AT_MINUTES)),
                    attendances=[AttendanceEntry(label=f"お連れ様 {seed}")],
                    party_size=size,
                    room=room,
                    takes_whole_room=rng.random() < 0.1,
                    tentative_until=held,
                ),
            )
            outcome["booked"] += 1
            if held and rng.random() < 0.5:
                services.confirm_booking(visit=visit, by=desk)
                outcome["confirmed"] += 1
        except RoomTaken:
            outcome["taken"] += 1
            old = Visit.objects.filter(recorded_by=desk, status__in=EXPECTED).order_by("?").first()
            if old is not None and rng.random() < 0.5:
                try:
                    services.cancel_booking(visit=old, by=desk, reason=CancelReason.PLANS)
                    outcome["cancelled"] += 1
                except RecordingRefused:
                    outcome["refused"] += 1
        except RecordingRefused:
            outcome["refused"] += 1  # the hold had lapsed before it was confirmed
        except Exception as error:  # every other error is what this program looks for
            outcome[f"ERROR {type(error).__name__}: {error}"[:200]] += 1
        outcome["longest ms"] = max(outcome["longest ms"], round((time.monotonic() - begun) * 1000))
    told.put(outcome)


def furnish() -> datetime:
    """A venue with two rooms, both joined, a counter; the first hour to book."""
    from django.core.management import call_command
    from django.utils import timezone

    from crm_project.core.accounts.models import Role, User, Venue
    from crm_project.core.accounts.services import assign_role
    from visits.models import Room, RoomPart

    call_command("migrate", verbosity=0)
    venue = Venue.objects.create(code="race", name="松風 本店")
    desk = User.objects.create(username="race", display_name="帳場", password="!")
    assign_role(user=desk, venue=venue, role=Role.objects.get(code="desk"), by=User.objects.system())
    kikyo = Room.objects.create(venue=venue, name="桔梗", capacity=8)
    hagi = Room.objects.create(venue=venue, name="萩", capacity=6)
    joined = Room.objects.create(venue=venue, name="桔梗＋萩", capacity=14)
    RoomPart.objects.bulk_create(RoomPart(joined=joined, room=room) for room in (kikyo, hagi))
    Room.objects.create(
        venue=venue, name="カウンター", capacity=COUNTER_SEATS, seats_are_shared=True, clearing_minutes=0
    )
    tomorrow = timezone.now().astimezone(venue.zone) + timedelta(days=7)
    return tomorrow.replace(hour=17, minute=0, second=0, microsecond=0)


def faults() -> list[str]:
    """What is wrong in the book, read from the bookings alone and compared with the rows that keep it right."""
    from visits.choices import HOLDS_THE_ROOM
    from visits.models import Occupancy, Visit
    from visits.occupancy import quarters

    found: list[str] = []
    people: dict[tuple[int, int], int] = defaultdict(int)
    seats: dict[int, int] = {}
    rows_of = Counter(Occupancy.objects.values_list("visit", flat=True))
    for visit in Visit.objects.select_related("room").filter(status__in=HOLDS_THE_ROOM):
        assert visit.room is not None
        assert visit.ends_at is not None
        parts = [part.room for part in visit.room.parts.select_related("room")] or [visit.room]
        clearing = timedelta(minutes=max(room.clearing_minutes for room in parts))
        when = quarters(visit.starts_at, visit.ends_at, clearing)
        expected = 0
        for room in parts:
            shared = room.seats_are_shared and not visit.takes_whole_room
            count = visit.party_size if shared else room.capacity
            expected += len(when) * (count if room.seats_are_shared else 1)
            seats[room.pk] = room.capacity
            for quarter in when:
                people[room.pk, quarter] += count
        if rows_of.pop(visit.pk, 0) != expected:
            found.append(f"booking {visit.pk} does not have its {expected} rows")
    found += [f"{len(rows_of)} bookings hold a room they do not have"] if rows_of else []
    crowded = [key for key, count in people.items() if count > seats[key[0]]]
    found += [f"{len(crowded)} quarters are given twice"] if crowded else []
    return found


def main() -> int:
    """Fight, read the book, print; 1 when anything is wrong."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--processes", type=int, default=50)
    parser.add_argument("--seconds", type=float, default=60)
    options = parser.parse_args()
    django.setup()
    from django.db import connection

    first = furnish()
    context: Any = multiprocessing.get_context("spawn")  # a connection of its own for each
    told, ready = context.Queue(), context.Barrier(options.processes)
    desks = [
        context.Process(target=fight, args=(seed, options.seconds, first, told, ready))
        for seed in range(options.processes)
    ]
    for desk in desks:
        desk.start()
    total, longest = Counter[str](), 0
    for _desk in desks:
        outcome = told.get(timeout=options.seconds + 300)
        longest = max(longest, outcome.pop("longest ms", 0))
        total.update(outcome)
    for desk in desks:
        desk.join()
    errors = [what for what in total if what.startswith("ERROR")]
    wrong = faults() + [f"{total[what]} times {what}" for what in errors]
    print(f"{connection.vendor}, {options.processes} processes for {options.seconds:.0f} s: ", end="")
    print(", ".join(f"{what} {count:,}" for what, count in sorted(total.items()) if what not in errors), end="")
    print(f"; the longest waited {longest} ms")
    print("\n".join(wrong) if wrong else "nothing given twice, nothing lost, no error")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
