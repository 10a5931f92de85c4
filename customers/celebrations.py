"""Ages and the days of the year that a house congratulates on or remembers. Pure functions.

Full years (満年齢) are counted, as on every document. The long-life celebrations after 60 were once counted by calendar years
(数え年), a year earlier; some families still do: `Celebration.counted_early` tells where the house should ask which.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from crm_project.core.dates import age_on, days_in_month
from customers.choices import SpecialDayKind

if TYPE_CHECKING:
    from customers.models import Customer, SpecialDay

BIRTHDAY: Final = "birthday_own"
LABEL_OF_BIRTHDAY: Final = _("Birthday")


@dataclass(frozen=True, slots=True)
class Celebration:
    """A birthday or anniversary that has a name."""

    years: int
    name: Promise
    # Whether families who count by calendar years (数え年) celebrate it a year earlier.
    counted_early: bool = False


LONG_LIFE: Final = {
    celebration.years: celebration
    for celebration in (
        Celebration(60, _("Kanreki (60)")),
        Celebration(70, _("Koki (70)"), counted_early=True),
        Celebration(77, _("Kiju (77)"), counted_early=True),
        Celebration(80, _("Sanju (80)"), counted_early=True),
        Celebration(88, _("Beiju (88)"), counted_early=True),
        Celebration(90, _("Sotsuju (90)"), counted_early=True),
        Celebration(99, _("Hakuju (99)"), counted_early=True),
        Celebration(100, _("Hyakuju (100)"), counted_early=True),
    )
}
WEDDINGS: Final = {
    celebration.years: celebration
    for celebration in (
        Celebration(25, _("Silver wedding")),
        Celebration(30, _("Pearl wedding")),
        Celebration(50, _("Golden wedding")),
        Celebration(60, _("Diamond wedding")),
    )
}
# 回忌: the first is one year after the death, the third two years after, and so on.
MEMORIAL_YEARS: Final = {1: 1, 2: 3, 6: 7, 12: 13, 16: 17, 22: 23, 26: 27, 32: 33, 49: 50}
# Days of grief stay on the list while a guest is in mourning.
REMEMBERED: Final = {SpecialDayKind.MEMORIAL}


@dataclass(frozen=True, slots=True)
class UpcomingDay:
    """A day that comes: `years` is the age or the number of years since, None when the year is not known."""

    day: date
    kind: str
    label: str | Promise
    years: int | None = None
    # Of a memorial day: which 回忌 it is, None when it is none or the year is not known.
    memorial: int | None = None
    celebration: Celebration | None = None
    note: str = ""


def counted_age(birthday: date, day: date) -> int:
    """Age by calendar years (数え年): one at birth, one more every New Year."""
    return day.year - birthday.year + 1


def day_in_year(year: int, month: int, day: int) -> date:
    """The day of that year; 29 February and other days that do not exist fall on the last day of the month."""
    return date(year, month, min(day, days_in_month(year, month)))


def next_day(month: int, day: int, today: date) -> date:
    """When the day comes next; today counts."""
    this_year = day_in_year(today.year, month, day)
    return this_year if this_year >= today else day_in_year(today.year + 1, month, day)


def month_and_day(birthday: date | None, month_day: str = "") -> tuple[int, int] | None:
    """Month and day of a birthday with or without its year (`month_day` is "MM-DD"); None when nothing is known."""
    if birthday:
        return birthday.month, birthday.day
    if month_day:
        month, day = month_day.split("-")
        return int(month), int(day)
    return None


def next_birthday(birthday: date | None, month_day: str, today: date) -> UpcomingDay | None:
    """The next birthday; with the age and its celebration where the year is known."""
    known = month_and_day(birthday, month_day)
    if known is None:
        return None
    day = next_day(*known, today)
    years = day.year - birthday.year if birthday else None
    return UpcomingDay(day, BIRTHDAY, LABEL_OF_BIRTHDAY, years, celebration=LONG_LIFE.get(years or 0))


def next_special_day(special: "SpecialDay", today: date) -> UpcomingDay:
    """When a special day comes next, how many years it is then, and what that is called."""
    day = next_day(special.month, special.day, today)
    years = day.year - special.year if special.year and special.year < day.year else None
    named = {SpecialDayKind.WEDDING: WEDDINGS, SpecialDayKind.BIRTHDAY: LONG_LIFE}.get(SpecialDayKind(special.kind), {})
    return UpcomingDay(
        day,
        special.kind,
        SpecialDayKind(special.kind).label,
        years,
        memorial=MEMORIAL_YEARS.get(years or 0) if special.kind == SpecialDayKind.MEMORIAL else None,
        celebration=named.get(years or 0),
        note=special.note,
    )


def coming_days(
    *,
    birthday: date | None,
    month_day: str,
    special_days: Iterable["SpecialDay"],
    mourning_until: date | None,
    today: date,
    days: int,
) -> list[UpcomingDay]:
    """Days from today to `days` days on, in their order. Up to the end of mourning (喪中) there is nothing to celebrate."""
    own = next_birthday(birthday, month_day, today)
    found = [*([own] if own else []), *(next_special_day(special, today) for special in special_days)]
    last = today + timedelta(days=days)
    return sorted(
        (
            coming
            for coming in found
            if coming.day <= last
            and (coming.kind in REMEMBERED or mourning_until is None or coming.day > mourning_until)
        ),
        key=lambda coming: coming.day,
    )


def upcoming_days(customer: "Customer", today: date, days: int) -> list[UpcomingDay]:
    """The birthday and special days of a guest that come within `days` days. One query, none when they are prefetched."""
    return coming_days(
        birthday=customer.birthday,
        month_day=customer.birthday_month_day,
        special_days=customer.special_days.all(),
        mourning_until=customer.mourning_until,
        today=today,
        days=days,
    )


def age(birthday: date | None, today: date) -> int | None:
    """Full years; None when the year of birth is not known, or lies ahead."""
    return age_on(birthday, today) if birthday and birthday <= today else None
