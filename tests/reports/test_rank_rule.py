"""The rule of a rank alone, without a database; test_ranking.py compares the SQL with it."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from reports.models import RankRule
from reports.ranking import Window, meets

SALES, VISITS, DAYS = Decimal(500_000), 6, 90


@pytest.mark.parametrize(
    ("sales", "visits", "days_since", "met"),
    [
        (SALES, VISITS, DAYS, True),
        (SALES + 1, VISITS + 1, DAYS - 1, True),
        (SALES - Decimal("0.0001"), VISITS, DAYS, False),
        (SALES, VISITS - 1, DAYS, False),
        (SALES, VISITS, DAYS + 1, False),
        (SALES, VISITS, None, False),
        (SALES, VISITS, 0, True),
    ],
)
def test_every_limit_has_to_be_met(sales, visits, days_since, met):
    rule = RankRule(min_sales=SALES, min_visits=VISITS, max_days_since=DAYS)
    assert meets(rule, sales=sales, visits=visits, days_since=days_since) is met


@pytest.mark.parametrize("limit", ["min_sales", "min_visits", "max_days_since"])
def test_an_empty_limit_asks_nothing(limit):
    nothing: dict[str, Any] = {"sales": Decimal(-1), "visits": 0, "days_since": None}
    assert meets(RankRule(), **nothing) is True
    assert meets(RankRule(**{limit: 0}), **nothing) is (limit == "min_visits")


def test_the_window_ends_on_the_day_and_begins_so_many_months_before():
    assert Window.ending(date(2026, 10, 3), 12) == Window(start=date(2025, 10, 3), as_of=date(2026, 10, 3))
    assert Window.ending(date(2026, 3, 31), 1) == Window(start=date(2026, 2, 28), as_of=date(2026, 3, 31))
