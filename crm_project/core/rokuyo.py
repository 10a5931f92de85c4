"""六曜: the day of the six-day round that people ask about before they choose a day for a feast or a memorial service.

It follows the month and day of 旧暦: their sum, divided by six. The months are those of `korean-lunar-calendar`: 旧暦 and
the Korean calendar are reckoned for the same meridian (135° E) by the same rules. Its 754 new moons of 1990 to 2050 fall on
the days that an ephemeris gives for Japan; in 2033, where the rules leave a choice, it has the leap eleventh month that the
makers of Japanese calendars agreed on.
"""

from datetime import date
from functools import lru_cache
from typing import Final

from django.db import models
from django.utils.translation import gettext_lazy as _
from korean_lunar_calendar import KoreanLunarCalendar


class Rokuyo(models.TextChoices):
    """The six days, in the order of their round from the first day of the first month of 旧暦."""

    SENSHO = "sensho", _("Sensho")
    TOMOBIKI = "tomobiki", _("Tomobiki")
    SENBU = "senbu", _("Senbu")
    BUTSUMETSU = "butsumetsu", _("Butsumetsu")
    TAIAN = "taian", _("Taian")
    SHAKKO = "shakko", _("Shakko")


_ROUND: Final = tuple(Rokuyo)


@lru_cache(maxsize=1024)
def rokuyo_of(day: date) -> Rokuyo | None:
    """The 六曜 of a day; None where the table of months does not reach (after 2050).

    Month 1 begins with 先勝, month 2 with 友引 and so on; a leap month like the month before it.
    """
    calendar = KoreanLunarCalendar()
    if not calendar.setSolarDate(day.year, day.month, day.day):
        return None
    month, day_of_month = int(calendar.lunarMonth), int(calendar.lunarDay)
    return _ROUND[(month + day_of_month - 2) % len(_ROUND)]
