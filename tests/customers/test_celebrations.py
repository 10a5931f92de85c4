"""Ages, celebrations and anniversaries."""

from datetime import date

import pytest

from customers.celebrations import BIRTHDAY, age, coming_days, counted_age, next_birthday, upcoming_days
from customers.models import SpecialDay
from tests.factories.customers import CustomerFactory

TODAY = date(2026, 10, 3)


def days_of(*special: SpecialDay, **given):
    """What comes within a year."""
    values = {"birthday": None, "month_day": "", "mourning_until": None, "today": TODAY, "days": 365} | given
    return coming_days(special_days=special, **values)


def test_ages_are_full_years_and_calendar_years():
    """One is older on the birthday; by 数え年 on New Year's Day, and one at birth."""
    born = date(1966, 10, 4)
    assert (age(born, TODAY), age(born, date(2026, 10, 4))) == (59, 60)
    assert (counted_age(born, TODAY), counted_age(born, date(2027, 1, 1))) == (61, 62)
    assert (age(None, TODAY), age(date(2030, 1, 1), TODAY)) == (None, None)


@pytest.mark.parametrize(
    ("year", "years"), [(1966, 60), (1956, 70), (1949, 77), (1946, 80), (1938, 88), (1936, 90), (1927, 99)]
)
def test_long_life_has_names(year, years):
    """還暦 is counted in full years by everybody; the others by some a year earlier."""
    coming = next_birthday(date(year, 10, 4), "", TODAY)
    assert coming is not None
    assert coming.celebration is not None
    assert (coming.years, coming.celebration.years) == (years, years)
    assert coming.celebration.counted_early == (years != 60)


def test_birthday_without_a_year_has_a_day_and_no_age():
    """Today counts; a leap day is congratulated on the last of February."""
    assert [(coming.day, coming.years) for coming in days_of(month_day="10-03")] == [(TODAY, None)]
    assert [coming.day for coming in days_of(month_day="02-29")] == [date(2027, 2, 28)]
    assert days_of(month_day="02-29", today=date(2028, 2, 1), days=28)[0].day == date(2028, 2, 29)


def test_anniversaries_know_their_number():
    """Silver weddings, years since the founding, the 回忌 of a memorial day; in the order of the calendar."""
    found = days_of(
        SpecialDay(kind="founding", month=4, day=1, year=1927),
        SpecialDay(kind="wedding", month=11, day=22, year=2001),
        SpecialDay(kind="memorial", month=10, day=10, year=2024),
        SpecialDay(kind="memorial", month=10, day=11, year=2023),
        SpecialDay(kind="other", month=12, day=1),
    )
    assert [(coming.kind, coming.years, coming.memorial) for coming in found] == [
        ("memorial", 2, 3),
        ("memorial", 3, None),
        ("wedding", 25, None),
        ("other", None, None),
        ("founding", 100, None),
    ]
    assert found[2].celebration is not None


def test_mourning_lets_only_memorial_days_stand():
    """Until the day it ends; after that the house congratulates again."""
    memorial = SpecialDay(kind="memorial", month=10, day=5)
    mourning = {"birthday": date(1961, 11, 1), "mourning_until": date(2026, 11, 1)}
    assert [coming.kind for coming in days_of(memorial, **mourning)] == ["memorial"]
    later = mourning | {"birthday": date(1961, 11, 2)}
    assert [coming.kind for coming in days_of(memorial, **later)] == ["memorial", BIRTHDAY]


def test_only_what_comes_in_time():
    """The last day counts."""
    assert len(days_of(month_day="10-13", days=10)) == 1
    assert days_of(month_day="10-14", days=10) == []


@pytest.mark.django_db
@pytest.mark.parametrize("count", [1, 3])
def test_days_of_a_guest_take_one_query(django_assert_num_queries, count):
    """However many there are."""
    guest = CustomerFactory.create(birthday=date(1961, 12, 9))
    for number in range(count):
        SpecialDay.objects.create(customer=guest, kind="wedding", month=12, day=1 + number)
    with django_assert_num_queries(1):
        assert len(upcoming_days(guest, TODAY, 90)) == count + 1
