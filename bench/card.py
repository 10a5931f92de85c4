"""A guest's card: one of a guest with 500 visits beside one with 5, through the web, in turns.

PostgreSQL. The visits are written by the service that writes them at the door, with dishes and notes. Ends with 1 when the
long card takes more than 1.25 times as long: what is between is noise.
"""

import argparse
import os
import secrets
import sys
from datetime import timedelta

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "crm_project.settings")
os.environ.setdefault("SECRET_KEY", secrets.token_hex(32))

LIMIT = 1.25
FEW, MANY = 5, 500
DISHES = 60


def visited(name: str, visits: int) -> int:
    """A guest with so many visits of the past years; the id."""
    from django.utils import timezone

    from crm_project.core.accounts.models import User
    from customers.services import create_customer
    from menus.models import Dish
    from visits.entries import AttendanceEntry, NoteEntry
    from visits.models import NoteCategory
    from visits.services import record_visit

    okami = User.objects.get(username="bench")
    venue = okami.memberships.get().venue
    guest = create_customer(by=okami, venue=venue, name=name, kana="タカハシ ミホ", phones=["090-0000-1482"])
    required = {
        code: NoteEntry() for code in NoteCategory.objects.filter(is_required=True).values_list("code", flat=True)
    }
    said = NoteCategory.objects.filter(is_required=False, is_bad_news=False).values_list("code", flat=True)[0]
    dishes = [
        Dish.objects.get_or_create(
            name=f"季節の一皿 {number}", defaults={"kana": "キセツノヒトサラ", "search_key": "季節"}
        )[0]
        for number in range(DISHES)
    ]
    for number in range(visits):
        notes = required | ({said: NoteEntry(text="床の間側をお好み")} if number % 2 else {})
        record_visit(
            by=okami,
            venue=venue,
            starts_at=timezone.now() - timedelta(days=3 + number * 4),
            attendances=[AttendanceEntry(customer=guest)],
            dishes=[dishes[(number * 3 + place) % DISHES] for place in range(3)],
            notes=notes,
        )
    return guest.pk


def main() -> int:
    """Fill, open both cards in turns, print; 1 when the long one takes longer."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--guests", type=int, default=10_000)
    parser.add_argument("--repeats", type=int, default=100)
    options = parser.parse_args()
    url = os.environ.get("DATABASE_URL", "")
    if not url.startswith("postgres"):
        print("Set DATABASE_URL to PostgreSQL (or: make bench).")
        return 2
    django.setup()
    from bench.search import prepare, queries_of
    from bench.web import Browser, percentile, web_server

    headers = prepare(options.guests)
    paths = {visits: f"/guests/{visited(f'髙橋 {visits}', visits)}/" for visits in (FEW, MANY)}
    seconds: dict[int, list[float]] = {visits: [] for visits in paths}
    with web_server(url) as web:
        browser = Browser(web.port, headers)
        for turn in range(options.repeats + 5):
            for visits, path in paths.items():
                taken = browser.get(path)[0]
                if turn >= 5:  # the first ones compile templates
                    seconds[visits].append(taken)
    for visits, path in paths.items():
        p50, p95 = (percentile(seconds[visits], share) for share in (50, 95))
        print(f"card of {visits} visits: p50 {p50:.1f} ms, p95 {p95:.1f} ms, {queries_of(path, headers)} queries")
    ratio = percentile(seconds[MANY], 50) / percentile(seconds[FEW], 50)
    print(f"{MANY} visits take {ratio:.2f} times as long as {FEW} (limit {LIMIT})")
    return 0 if ratio <= LIMIT else 1


if __name__ == "__main__":
    sys.exit(main())
