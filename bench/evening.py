"""The evening through the web: the log form, saving it, 心得, the kitchen's sheets, and the same-dish check of twenty guests.

PostgreSQL, three venues of thirty rooms, a million past visits with their dishes. Each page is asked by one user and by twenty
with two seconds between their requests. The same-dish check is measured by itself, beside its plan. Ends with 1 when a
request fails, or when the check reads a whole table.
"""

import argparse
import json
import os
import random
import secrets
import sys
import time
import uuid
from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import django

if TYPE_CHECKING:
    from crm_project.core.accounts.models import Venue
    from visits.models import Visit

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "crm_project.settings")
os.environ.setdefault("SECRET_KEY", secrets.token_hex(32))

SEATS = 20
DISHES, DISHES_OF_A_TABLE = 80, 8
LOG = "/visits/log/"
# As a browser that has the log form open sends it back.
CSRF = "k" * 32
OPEN_USERS, THINK_SECONDS = 20, 2.0
BIG_TABLES = ("visits_visit", "visits_attendance", "visits_serveddish")

missed: list[str] = []


def serve_past(rng: random.Random, dishes: list[int], visits: int) -> None:
    """What was served at every past visit, in bulk."""
    from django.db import connection, transaction

    from integrations import bulk
    from visits.models import ServedDish

    rows = (
        (visit, dish, None, False) for visit in range(1, visits + 1) for dish in rng.sample(dishes, DISHES_OF_A_TABLE)
    )
    while batch := list(islice(rows, 50_000)):
        with transaction.atomic():
            bulk.insert(ServedDish, ("visit", "dish", "attendance", "was_replaced"), batch)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")


def fill(guests: int, visits: int) -> tuple[dict[str, str], "Visit", list[int]]:
    """The house in the database of this process; what the okami's browser sends, a table of twenty, the menu's dishes."""
    from bench.many_visits import furnish_rooms, write_past
    from bench.search import prepare
    from crm_project.core.accounts.models import User
    from menus.models import Dish
    from visits.models import Room
    from visits.services import record_visit

    headers = prepare(guests)
    okami = User.objects.get(username="bench")
    started = time.monotonic()
    venues = furnish_rooms(okami)
    write_past(venues, okami, visits, guests)
    dishes = [
        dish.pk
        for dish in Dish.objects.bulk_create(
            Dish(name=f"季節の一皿 {number}", kana="キセツノヒトサラ", search_key=f"季節の一皿 {number}")
            for number in range(DISHES)
        )
    ]
    serve_past(random.Random(20261130), dishes, visits)
    okami = User.objects.get(pk=okami.pk)
    venue = venues[0]
    at = datetime.now(venue.zone).replace(hour=18, minute=0, second=0, microsecond=0)
    for room in Room.objects.filter(venue=venue, seats_are_shared=False, parts=None, part_of=None):
        record_visit(by=okami, **_table(venue, at, room=room, dishes=dishes, first=1 + room.pk * SEATS, guests=guests))
    table = record_visit(
        by=okami, **_table(venue, at + timedelta(days=1), room=None, dishes=dishes, first=1, guests=guests)
    )
    print(f"filled {visits:,} past visits in {time.monotonic() - started:.0f} s", flush=True)
    return headers, table, dishes


def _table(venue: "Venue", at: datetime, *, room: Any, dishes: list[int], first: int, guests: int) -> dict[str, Any]:
    """What the service is told of a reserved table; the one without a room seats twenty, others four."""
    from customers.models import Customer
    from menus.models import Dish
    from visits.entries import AttendanceEntry

    size = SEATS if room is None else 4
    people = Customer.objects.filter(pk__in=[(first + number) % guests + 1 for number in range(size)])
    return {
        "venue": venue,
        "starts_at": at,
        "attendances": [AttendanceEntry(customer=one) for one in people],
        "party_size": size,
        "room": room,
        "status": "reserved",
        "dishes": list(Dish.objects.filter(pk__in=dishes[:DISHES_OF_A_TABLE])),
    }


def forms(venue: int, guests: int) -> Iterator[str]:
    """Visits as the log form sends them, each once: a guest, a companion, nothing to complain of."""
    for number in range(1_000_000):
        guest = number % guests + 1
        at = datetime.now() - timedelta(days=1, minutes=number % 300)
        yield urlencode(
            {
                "csrfmiddlewaretoken": CSRF,
                "form_token": str(uuid.uuid4()),
                "venue": venue,
                "starts_at": f"{at:%Y-%m-%dT%H:%M}",
                "party_size": "2",
                "purpose": "private",
                "person": f"c{guest}",
                f"role_c{guest}": "host",
                f"check_c{guest}": "changed",
                "note_talk": "お孫様のお話",
                "has_complaint": "no",
                "op": "record",
            }
        )


def same_dish_check(table: "Visit", dishes: list[int], repeats: int) -> None:
    """The check of twenty guests by itself: its time, its queries, and whether it reads a whole table."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    from bench.web import percentile
    from crm_project.core.accounts.models import User
    from visits.eaten import had_lately

    okami = User.objects.get(username="bench")
    guests = list(table.attendances.values_list("customer_id", flat=True))
    asked: dict[str, Any] = {"user": okami, "before": table.business_date, "months": 12}
    had_lately(guests, dishes[:DISHES_OF_A_TABLE], **asked)
    with CaptureQueriesContext(connection) as queries:
        found = had_lately(guests, dishes[:DISHES_OF_A_TABLE], **asked)
    taken = []
    for _repeat in range(repeats):
        started = time.perf_counter()
        had_lately(guests, dishes[:DISHES_OF_A_TABLE], **asked)
        taken.append(time.perf_counter() - started)
    print(
        f"same dish, {len(guests)} guests: {len(queries)} queries, {len(found)} found, "
        f"p50 {percentile(taken, 50):.1f} ms, p95 {percentile(taken, 95):.1f} ms"
    )
    for query in queries:
        with connection.cursor() as cursor:
            cursor.execute(f"EXPLAIN {query['sql']}")
            plan = [line for (line,) in cursor.fetchall()]
        whole = [line.strip() for line in plan if any(f"Seq Scan on {name}" in line for name in BIG_TABLES)]
        print("  plan: " + (" | ".join(whole) if whole else "by indexes"))
        if whole and table.pk > 100_000:  # a small table is read whole rightly
            missed.append(f"the same-dish check reads whole: {whole[0]}")


def main() -> int:
    """Fill, ask, print; 1 when an answer is not the one expected or the check reads a whole table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--guests", type=int, default=100_000)
    parser.add_argument("--visits", type=int, default=1_000_000)
    parser.add_argument("--repeats", type=int, default=100, help="of one user")
    parser.add_argument("--requests", type=int, default=400, help="of twenty users under open load")
    options = parser.parse_args()
    url = os.environ.get("DATABASE_URL", "")
    if not url.startswith("postgres"):
        print("Set DATABASE_URL to PostgreSQL (or: make bench).")
        return 2
    django.setup()
    from bench.search import queries_of

    headers, table, dishes = fill(options.guests, options.visits)
    headers["Cookie"] += f"; csrftoken={CSRF}"
    pages = {
        "log form": LOG,
        "log form, 20 seats": f"{LOG}?visit={table.pk}",
        "evening, 20 seats": f"/visits/{table.pk}/evening/",
        "kokoroe": "/visits/briefing/",
        "kitchen sheets": "/visits/kitchen/sheet/",
    }
    same_dish_check(table, dishes, options.repeats)
    asked = {name: queries_of(path, headers) for name, path in pages.items()}
    measure(url, headers, pages, asked, forms(table.venue_id, options.guests), options)
    print(f"MISSED: {', '.join(missed)}" if missed else "no request failed")
    return 1 if missed else 0


def measure(
    url: str,
    headers: dict[str, str],
    pages: dict[str, str],
    asked: dict[str, int],
    to_save: Iterator[str],
    options: argparse.Namespace,
) -> None:
    """A line for each page, one for saving the log form."""
    from bench.web import Browser, load, percentile, web_server

    with web_server(url) as web, TemporaryDirectory(prefix="okami-bench-") as folder:
        print(f"{'':<20}{'queries':>8}{'p50':>8}{'p95':>8}{'20 users p50':>14}{'p95':>8}")
        for name, path in [*pages.items(), ("save the log form", LOG)]:
            is_post = name not in pages
            browser = Browser(web.port, headers)
            for _warm in range(5):
                browser.get(path, next(to_save) if is_post else None)
            taken = [browser.get(path, next(to_save) if is_post else None)[0] for _repeat in range(options.repeats)]
            sent = ["--port", str(web.port), "--headers", json.dumps(headers), "--paths", json.dumps([path])]
            sent += ["--users", str(OPEN_USERS), "--requests", str(options.requests), "--every", str(THINK_SECONDS)]
            if is_post:
                file = Path(folder, "forms.json")
                file.write_text(json.dumps(list(islice(to_save, options.requests))))
                sent += ["--forms", str(file)]
            opened = json.loads(load(sent))
            if opened["failed"]:
                missed.append(f"{name}: {opened['failed'][0]}")
            figures = [percentile(taken, 50), percentile(taken, 95)]
            figures += [percentile(opened["latencies"] or [0.0, 0.0], share) for share in (50, 95)]
            print(
                f"{name:<20}{asked.get(name, ''):>8}{figures[0]:>8.1f}{figures[1]:>8.1f}{figures[2]:>14.1f}{figures[3]:>8.1f}"
            )


if __name__ == "__main__":
    sys.exit(main())
