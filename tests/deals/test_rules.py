"""What a banquet inquiry says of itself, without a database."""

from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from customers.models import Company, Customer
from deals.choices import Stage
from deals.models import Deal

NOW = datetime(2026, 10, 3, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("stage", "is_open"),
    [
        (Stage.INQUIRY, True),
        (Stage.SITE_VISIT, True),
        (Stage.PROPOSAL, True),
        (Stage.TENTATIVE_HOLD, True),
        (Stage.WON, False),
        (Stage.LOST, False),
    ],
)
def test_an_inquiry_is_open_until_it_is_won_or_lost(stage, is_open):
    assert Deal(stage=stage).is_open is is_open


@pytest.mark.parametrize(
    ("values", "called"),
    [
        ({"company": Company(name="北辰電機"), "customer": Customer(name="林 花")}, "北辰電機 様"),
        ({"customer": Customer(name="林 花", honorific="様"), "contact_text": "秘書の方"}, "林 花 様"),
        ({"customer": Customer(name="林 花", honorific="先生")}, "林 花 先生"),
        ({"contact_text": "北辰電機の秘書"}, "北辰電機の秘書 様"),
        ({"contact_text": "林 様"}, "林 様"),
        ({"contact_text": "林様"}, "林 様"),
        ({"contact_text": "様"}, "新年会"),
        ({}, "新年会"),
    ],
)
def test_who_asked_is_called_as_the_house_calls_them(values, called):
    assert Deal(title="新年会", **values).asked_by == called


@pytest.mark.parametrize(
    ("since", "days"), [(timedelta(0), 0), (timedelta(hours=23, minutes=59), 0), (timedelta(days=14, hours=1), 14)]
)
def test_only_whole_days_without_movement_count(monkeypatch, since, days):
    monkeypatch.setattr(timezone, "now", lambda: NOW)
    assert Deal(moved_at=NOW - since).days_without_movement == days
