"""Dates as people at the desk write them: 2026年10月3日（土） or 3 Oct 2026 (Sat)."""

from datetime import date, datetime
from typing import Final

from django.utils import timezone
from django.utils.translation import get_language

WEEKDAYS_JA = "月火水木金土日"
WEEKDAYS_EN = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
MONTHS_EN = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")

NEAR_DAYS: Final = 180


def in_japanese() -> bool:
    """Whether the page is in Japanese: the house's language, unless the reader chose another one."""
    return not (get_language() or "ja").startswith("en")


def local_day(moment: date) -> date:
    """The day of a date, or of a moment in the venue's time zone."""
    return local_moment(moment).date() if isinstance(moment, datetime) else moment


def local_moment(moment: datetime) -> datetime:
    """An aware moment on the venue's clock; a naive one is taken as it is."""
    return timezone.localtime(moment) if timezone.is_aware(moment) else moment


def format_date(moment: date, style: str = "full") -> str:
    """A day with its weekday. Style "full" has the year, "short" has not, "month" is year and month.

    "near" has the year where it could be mistaken: from half a year away.
    """
    day = local_day(moment)
    if style == "near":
        style = "short" if abs((day - local_day(timezone.now())).days) < NEAR_DAYS else "full"
    if in_japanese():
        weekday = f"（{WEEKDAYS_JA[day.weekday()]}）"
        return {
            "full": f"{day.year}年{day.month}月{day.day}日{weekday}",
            "short": f"{day.month}月{day.day}日{weekday}",
            "month": f"{day.year}年{day.month}月",
        }[style]
    name, weekday = MONTHS_EN[day.month - 1], f"({WEEKDAYS_EN[day.weekday()]})"
    return {
        "full": f"{day.day} {name} {day.year} {weekday}",
        "short": f"{day.day} {name} {weekday}",
        "month": f"{name} {day.year}",
    }[style]


def format_moment(moment: datetime, style: str = "full") -> str:
    """A day with its weekday and the time on the venue's clock; styles as in `format_date`, and "time" alone."""
    local = local_moment(moment)
    clock = f"{local.hour}:{local.minute:02d}"
    if style == "time":
        return clock
    return f"{format_date(local, style)}{'' if in_japanese() else ' '}{clock}"
