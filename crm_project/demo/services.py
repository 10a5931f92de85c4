"""Making the demo house: everything in one transaction, the same for a seed and a day."""

import json
import os
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Final
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from crm_project.core.accounts.models import House as HouseRow
from crm_project.core.audit.choices import Action
from crm_project.core.audit.services import record
from crm_project.core.dates import business_date
from crm_project.core.jobs.services import system_user
from crm_project.core.timeline.models import TimelineEntry
from crm_project.demo.actuals import pull_accounting
from crm_project.demo.banquets import write_banquets
from crm_project.demo.check_sheet import write_sheets
from crm_project.demo.evening import write_evening
from crm_project.demo.front_desk import write_desk
from crm_project.demo.guests import write_guests
from crm_project.demo.house import HONTEN, VENUES, SignIn, open_house
from crm_project.demo.ledger_example import write_ledger_example
from crm_project.demo.menu import write_menu
from crm_project.demo.people import write_people
from crm_project.demo.sheets import write_papers
from crm_project.demo.visits import WEEKS_AHEAD, note_homes, plan_tables, write_past, write_reservations
from customers.models import Customer
from deals.models import Deal
from integrations.models import ActualDocument
from reports.models import RankChange, RankRun
from reports.services import recompute_ranks
from visits.models import Visit

SIGN_INS_FILE: Final = "demo-signins.json"
LIVE_MONTHS: Final = 12
# Guests somebody entered a second time, so that the finder finds something.
ENTERED_TWICE: Final = 3
SMALLEST_WITH_DUPLICATES: Final = 40
RANK_HOUR: Final = 4


class HouseNotEmpty(Exception):
    """The database holds a house of its own; the demo would be mixed into it."""


@dataclass(frozen=True)
class DemoFigures:
    """What was made."""

    customers: int
    visits: int
    reservations: int
    deals: int
    documents: int
    seconds: float


def holds_data() -> bool:
    """Whether the database holds a guest, a visit, a deal or a document."""
    return any(model._default_manager.exists() for model in (Customer, Visit, Deal, ActualDocument))


def create_demo(*, customers: int, years: int, seed: int, now: datetime | None = None) -> DemoFigures:
    """Fill an empty database with the demo house and its history until `now`. Raises HouseNotEmpty; nothing is written then."""
    started = time.monotonic()
    now = timezone.localtime(now)
    with transaction.atomic():
        if holds_data():
            raise HouseNotEmpty
        figures, sign_ins = _create(customers=customers, years=years, seed=seed, now=now, started=started)
    write_sign_ins(sign_ins)
    return figures


def _create(
    *, customers: int, years: int, seed: int, now: datetime, started: float
) -> tuple[DemoFigures, Sequence[SignIn]]:
    by = system_user()
    honten_closes = next(closing_hour for code, _name, closing_hour, _rooms in VENUES if code == HONTEN)
    today = business_date(now, honten_closes, ZoneInfo(settings.TIME_ZONE))
    first_day = _months_before(today, 12 * years)
    went_live_on = _months_before(today, min(LIVE_MONTHS, 6 * years))

    def dice(subject: str) -> Random:
        """Random numbers of a subject: another one more or less leaves the others as they are."""
        return Random(f"{seed} {subject}")

    house, sign_ins = open_house(now=now, went_live_on=went_live_on, by=by)
    menu = write_menu(first_day=first_day, last_day=today + timedelta(weeks=WEEKS_AHEAD))
    twice = ENTERED_TWICE if customers >= SMALLEST_WITH_DUPLICATES else 0
    book = write_guests(rng=dice("guests"), house=house, count=customers - twice, went_live_on=went_live_on)
    past, coming = plan_tables(rng=dice("tables"), house=house, book=book, menu=menu, first_day=first_day)
    visits = write_past(rng=dice("visits"), tables=past, house=house, book=book, menu=menu, went_live_on=went_live_on)
    reservations = write_reservations(rng=dice("reservations"), tables=coming, house=house, menu=menu)
    write_desk(house=house, book=book, reservations=reservations)
    write_sheets(rng=dice("sheets"), house=house, visits=[visit.row for visit in visits])
    write_evening(house=house, reservations=reservations)
    note_homes(book, house)
    deals = write_banquets(rng=dice("banquets"), house=house, book=book)
    write_people(rng=dice("people"), house=house, book=book, now=now, entered_twice=twice)
    pulled = pull_accounting(rng=dice("actuals"), house=house, visits=visits, first_day=first_day, by=by)
    _rank(went_live_on=went_live_on, today=today)
    write_papers(house=house, book=book)
    write_ledger_example(rng=dice("ledger"), folder=Path(settings.VAR_DIR, "demo"), book=book, today=today)
    figures = DemoFigures(
        customers=Customer.objects.count(),
        visits=len(visits),
        reservations=len(reservations),
        deals=deals,
        documents=pulled.documents,
        seconds=round(time.monotonic() - started, 1),
    )
    record(
        by=by,
        action=Action.CREATED,
        subject=HouseRow.current(),
        changes={name: [None, value] for name, value in (asdict(figures) | {"seed": seed, "years": years}).items()},
    )
    return figures, sign_ins


def _months_before(day: date, months: int) -> date:
    """The first day of the month so many months before."""
    ordinal = day.year * 12 + day.month - 1 - months
    return date(ordinal // 12, ordinal % 12 + 1, 1)


def _rank(*, went_live_on: date, today: date) -> None:
    """Compute the ranks at the beginning of every month since the first day, and today, as the nights have done."""
    by = system_user()
    months = (today.year - went_live_on.year) * 12 + today.month - went_live_on.month
    for months_ago in range(months, -1, -1):
        as_of = _months_before(today, months_ago)
        if as_of < today:
            run = recompute_ranks(by=by, as_of=as_of)
            _backdate(run)
    recompute_ranks(by=by, as_of=today)


def _backdate(run: RankRun) -> None:
    """Say that a recompute ran in the night of its day."""
    at = datetime(run.as_of.year, run.as_of.month, run.as_of.day, RANK_HOUR, tzinfo=timezone.get_default_timezone())
    RankRun.objects.filter(pk=run.pk).update(started_at=at)
    TimelineEntry.objects.filter(
        parent_type=RankChange._meta.label_lower, parent_id__in=RankChange.objects.filter(run=run).values("pk")
    ).update(at=at)


def write_sign_ins(sign_ins: Sequence[SignIn]) -> None:
    """Write who can sign in to a file that only the person of this installation can read."""
    path = Path(settings.VAR_DIR, SIGN_INS_FILE)
    path.unlink(missing_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
        json.dump({"signins": [asdict(one) for one in sign_ins]}, file, ensure_ascii=False, indent=2)
