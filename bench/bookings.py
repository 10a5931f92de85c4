"""The front desk through the web: 本日, the rooms of a week, the booking screen, and taking a booking.

PostgreSQL, three venues of thirty rooms, a million past visits and two weeks that are booked. Each page is asked by one user
and by twenty with two seconds between their requests, beside a bare Django view that asks its database as often. Ends with 1
when a page asks more often than it may, or when a request fails.
"""

import argparse
import json
import os
import secrets
import sys
import time
import uuid
from collections.abc import Iterator
from datetime import date, timedelta
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import urlencode

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "crm_project.settings")
os.environ.setdefault("SECRET_KEY", secrets.token_hex(32))

QUERIES_OF_A_PAGE = 12
BOOK = "/visits/bookings/new/"
# As a browser that has the booking screen open sends it back.
CSRF = "k" * 32
FIRST_FREE_DAY = 30
OPEN_USERS, THINK_SECONDS = 20, 2.0

missed: list[str] = []


def fill(guests: int, visits: int) -> dict[str, str]:
    """The house of the measurement in the database of this process; what the okami's browser sends."""
    from bench.many_visits import book_ahead, furnish_rooms, write_past
    from bench.search import prepare
    from crm_project.core.accounts.models import User

    headers = prepare(guests)
    okami = User.objects.get(username="bench")
    started = time.monotonic()
    venues = furnish_rooms(okami)
    write_past(venues, okami, visits, guests)
    booked = book_ahead(venues, User.objects.get(pk=okami.pk), guests)
    print(f"filled {visits:,} past visits and {booked:,} bookings in {time.monotonic() - started:.0f} s", flush=True)
    return headers


def forms(guests: int) -> Iterator[str]:
    """Bookings of rooms that are free, each once, as the booking screen sends them."""
    from crm_project.core.accounts.models import User
    from visits.models import Room

    venue = User.objects.get(username="bench").memberships.order_by("pk")[0].venue
    rooms = list(Room.objects.filter(venue=venue, seats_are_shared=False, parts=None, part_of=None))
    guest = 0
    for ahead in range(FIRST_FREE_DAY, 2000):
        day = date.today() + timedelta(days=ahead)
        for room in rooms:
            guest = guest % guests + 1
            yield urlencode(
                {
                    "csrfmiddlewaretoken": CSRF,
                    "form_token": str(uuid.uuid4()),
                    "venue": venue.pk,
                    "person": f"c{guest}",
                    f"role_c{guest}": "host",
                    "day": day.isoformat(),
                    "time": "18",
                    "party": "4",
                    "purpose": "hosting",
                    "room": room.pk,
                    "budget_per_head": "25000",
                    "payer": "後日 請求書",
                    "op": "take",
                }
            )


def main() -> int:
    """Fill, ask, print; 1 when a page asks too often or an answer is not the one expected."""
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

    headers = fill(options.guests, options.visits)
    headers["Cookie"] += f"; csrftoken={CSRF}"
    pages = {
        "today": "/visits/",
        "rooms of a week": "/visits/calendar/?span=week",
        "booking screen": BOOK,
    }
    guest = f"{BOOK}?customer=1&day={date.today() + timedelta(days=FIRST_FREE_DAY)}&time=18&party=4"
    pages["with a guest"] = guest
    asked = {name: queries_of(path, headers) for name, path in pages.items()}
    for name, queries in asked.items():
        if queries > QUERIES_OF_A_PAGE:
            missed.append(f"{name} asks {queries} times")
    measure(url, headers, pages, asked, forms(options.guests), options)
    print(f"MISSED: {', '.join(missed)}" if missed else "every page asks at most 12 times, no request failed")
    return 1 if missed else 0


def measure(
    url: str,
    headers: dict[str, str],
    pages: dict[str, str],
    asked: dict[str, int],
    to_book: Iterator[str],
    options: argparse.Namespace,
) -> None:
    """A line for each page, one for taking a booking, and the bare view each is compared with."""
    from bench.web import Browser, load, percentile, web_server

    with (
        web_server(url) as web,
        web_server(url, "bench.bare:application") as bare_web,
        TemporaryDirectory(prefix="okami-bench-") as folder,
    ):
        bare = Browser(bare_web.port, {})
        print(f"{'':<18}{'queries':>8}{'p50':>8}{'p95':>8}{'20 users p50':>14}{'p95':>8}{'bare p50':>10}  ratio")
        for name, path in [*pages.items(), ("take a booking", BOOK)]:
            is_post = name not in pages
            browser = Browser(web.port, headers)
            for _warm in range(5):
                browser.get(path, next(to_book) if is_post else None)
            taken = [browser.get(path, next(to_book) if is_post else None)[0] for _repeat in range(options.repeats)]
            queries = asked.get(name, QUERIES_OF_A_PAGE)
            beside = [bare.get(f"/{queries}")[0] for _repeat in range(options.repeats)]
            sent = ["--port", str(web.port), "--headers", json.dumps(headers), "--paths", json.dumps([path])]
            sent += ["--users", str(OPEN_USERS), "--requests", str(options.requests), "--every", str(THINK_SECONDS)]
            if is_post:
                file = Path(folder, "forms.json")
                file.write_text(json.dumps(list(islice(to_book, options.requests))))
                sent += ["--forms", str(file)]
            opened = json.loads(load(sent))
            if opened["failed"]:
                missed.append(f"{name}: {opened['failed'][0]}")
            figures = [percentile(taken, 50), percentile(taken, 95)]
            figures += [percentile(opened["latencies"], share) for share in (50, 95)]
            base = percentile(beside, 50)
            print(
                f"{name:<18}{asked.get(name, ''):>8}{figures[0]:>8.1f}{figures[1]:>8.1f}{figures[2]:>14.1f}{figures[3]:>8.1f}"
                f"{base:>10.1f}  {figures[0] / base:.0f}"
            )


if __name__ == "__main__":
    sys.exit(main())
