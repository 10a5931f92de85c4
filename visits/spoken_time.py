"""Days and hours as they are said on the phone: 12/4, 十二月四日, 来週の金曜, 夕方六時半. Pure; no database, no request."""

import re
from datetime import date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from django.utils.translation import gettext_lazy as _

from crm_project.core.dates import (
    DateError,
    add_months,
    days_in_month,
    kanji_number,
    month_end,
    parse_date,
    parse_month_day,
)
from crm_project.core.problems import InputProblem
from crm_project.core.text import nfkc, tidy
from crm_project.core.ui.display_dates import format_date, in_japanese

MIDNIGHT: Final = 24
# Hours that are read: of a beginning, and of an end, which may be that of a very long stay.
LATEST_BEGIN: Final = 30
LATEST_END: Final = 3 * MIDNIGHT

_NEAR: Final = {
    "今日": 0, "本日": 0, "きょう": 0, "today": 0,
    "明日": 1, "あす": 1, "あした": 1, "tomorrow": 1,
    "明後日": 2, "あさって": 2,
    "明々後日": 3, "しあさって": 3,
}  # fmt: skip
_WEEKS: Final = {"": None, "今度": None, "今週": 0, "来週": 1, "翌週": 1, "再来週": 2, "this": 0, "next": 1}
_MONTHS: Final = {"": None, "今月": 0, "来月": 1, "翌月": 1, "再来月": 2}
_WEEKDAYS: Final = {name: number for number, name in enumerate("月火水木金土日")} | {
    name: number for number, name in enumerate(("mon", "tue", "wed", "thu", "fri", "sat", "sun"))
}
_MONTH_NAMES: Final = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")

_NUMBER = r"[\d〇一二三四五六七八九十]{1,3}"
_WEEKDAY = re.compile(r"(?P<week>今度|今週|来週|翌週|再来週|)の?(?P<day>[月火水木金土日])(?:曜日?)?")
_ENGLISH_WEEKDAY = re.compile(r"(?:(?P<week>this|next) )?(?P<day>mon|tue|wed|thu|fri|sat|sun)[a-z]*")
_DAY_OF_MONTH = re.compile(rf"(?P<month>今月|来月|翌月|再来月|)の?(?P<day>{_NUMBER})日")
_END_OF_MONTH = re.compile(r"(?P<month>今月|来月|翌月|再来月|)の?(?:月末|末日|末)")
_ENGLISH_DAY = re.compile(
    r"(?:(?P<first>\d{1,2})(?:st|nd|rd|th)? )?(?P<month>[a-z]{3})[a-z]*\.?(?: (?P<last>\d{1,2})(?:st|nd|rd|th)?)?"
)
# Behind a day that is complete without it: 12月4日（金）, 12/4 金.
_SAID_TOO = re.compile(r"\s*(?:\((?P<in>[月火水木金土日])(?:曜日?)?\)|\s(?P<after>[月火水木金土日])(?:曜日?)?)$")

_PART_OF_DAY: Final = {
    "午前": 0, "朝": 0, "am": 0,
    "午後": 12, "夕方": 12, "夕": 12, "夜": 12, "晩": 12, "pm": 12,
    "昼": 12, "お昼": 12,
    "深夜": MIDNIGHT,
}  # fmt: skip
_PARTS = "|".join(sorted(_PART_OF_DAY, key=len, reverse=True))
_TIME = re.compile(
    rf"(?P<part>{_PARTS})?の?\s*"
    rf"(?:(?P<together>\d{{3,4}})|(?P<hour>{_NUMBER})\s*(?:時(?P<half>半)?|:)?\s*(?:(?P<minute>{_NUMBER})分?)?)"
    r"\s*(?P<english>am|pm)?"
)
# At night these hours, and twelve, are after the next midnight: until which one.
_AFTER_MIDNIGHT: Final = {"深夜": 5, "夜": 4, "晩": 4}
# An hour said without its half of the day: nobody comes to dine at six in the morning.
_EVENING_FROM, _EVENING_TO = 3, 9


class NoSuchTime(InputProblem):
    """What was written is not a time, or one that the clock of that day leaves out."""


def read_day(written: str, today: date) -> date | None:
    """The day that is meant, seen from the business day `today`; None for a blank.

    Reads whatever `parse_date` reads (with a year or an era), a day without its year or month (the next one that comes),
    今日, 明日, 明後日, weekdays (the next one after today; 今週, 来週 and 再来週 count weeks from Monday), month ends, and the
    same in English. A weekday said along with a date must fit it. Raises DateError.
    """
    plain = nfkc(tidy(written)).casefold()
    if not plain:
        return None
    said = _SAID_TOO.search(plain)
    bare = plain[: said.start()] if said and said.start() else plain
    found = _near(bare, today) or _of_week(bare, today) or _of_month(bare, today) or _of_year(bare, today)
    if found is None:
        found = parse_date(bare)
    if found is not None and said and bare != plain:
        _must_be(found, (said["in"] or said["after"]), written)
    return found


def _near(plain: str, today: date) -> date | None:
    days = _NEAR.get(plain)
    return None if days is None else today + timedelta(days=days)


def _of_week(plain: str, today: date) -> date | None:
    match = _WEEKDAY.fullmatch(plain) or _ENGLISH_WEEKDAY.fullmatch(plain)
    if match is None:
        return None
    weekday, weeks = _WEEKDAYS[match["day"]], _WEEKS[match["week"] or ""]
    if weeks is None:
        return today + timedelta(days=(weekday - today.weekday() - 1) % 7 + 1)
    return today + timedelta(days=weekday - today.weekday() + 7 * weeks)


def _of_month(plain: str, today: date) -> date | None:
    if match := _END_OF_MONTH.fullmatch(plain):
        return month_end(add_months(today.replace(day=1), _MONTHS[match["month"]] or 0))
    match = _DAY_OF_MONTH.fullmatch(plain)
    if match is None:
        return None
    day, months = _number(match["day"]), _MONTHS[match["month"]]
    if not 1 <= day <= 31:
        raise DateError(_("“%(value)s” is not a day of a month."), {"value": plain})
    # A month that has no such day is passed over: on 20 November, 31日 is the last of December.
    first = add_months(today.replace(day=1), months or 0)
    for later in range(3 if months is None else 1):
        month = add_months(first, later)
        if day <= days_in_month(month.year, month.month) and (months is not None or month.replace(day=day) >= today):
            return month.replace(day=day)
    raise DateError(_("“%(value)s”: that month has no such day."), {"value": plain})


def _of_year(plain: str, today: date) -> date | None:
    month_day = parse_month_day(plain) or _english_month_day(plain)
    if month_day is None:
        return None
    month, day = month_day
    # At most eight years: 29 February skips the year 2100.
    for year in range(today.year, today.year + 9):
        if day <= days_in_month(year, month) and date(year, month, day) >= today:
            return date(year, month, day)
    raise DateError(_("“%(value)s”: that month has no such day."), {"value": plain})


def _english_month_day(plain: str) -> tuple[int, int] | None:
    match = _ENGLISH_DAY.fullmatch(plain)
    if match is None or match["month"] not in _MONTH_NAMES or bool(match["first"]) == bool(match["last"]):
        return None
    return _MONTH_NAMES.index(match["month"]) + 1, int(match["first"] or match["last"])


def _must_be(day: date, weekday: str, written: str) -> None:
    if _WEEKDAYS[weekday] != day.weekday():
        raise DateError(
            _("“%(value)s”: that day is a %(weekday)s. Ask which of the two is meant."),
            {"value": written, "weekday": f"{'月火水木金土日'[day.weekday()]}曜日"},
        )


def _number(digits: str) -> int:
    return int(digits) if digits.isdecimal() else kanji_number(digits)


def read_time(written: str, *, before: int = LATEST_BEGIN) -> int | None:
    """Minutes since the midnight with which the business day's date begins; None for a blank.

    18:00, 1800, 18時半, 夕方六時, 6pm. Hours from 24 on are after the next midnight (25:30), as are 深夜0時 to 5時,
    夜0時 to 4時 and 12時 of either. An hour from 3 to 9 that names no half of the day is in the afternoon or evening, unless
    written 06:00. Raises NoSuchTime, also for an hour from `before` on: an end may be later than any beginning.
    """
    plain = (
        nfkc(tidy(written))
        .casefold()
        .replace("：", ":")
        .removesuffix("頃")
        .removesuffix("ごろ")
        .removesuffix("から")
        .strip()
    )
    if not plain:
        return None
    match = _TIME.fullmatch(plain)
    if match is None:
        raise _no_time(written)
    if match["together"]:
        hour, minute = divmod(int(match["together"]), 100)
        is_exact = match["together"].startswith("0") or hour > _EVENING_TO
    else:
        hour = _number(match["hour"])
        minute = 30 if match["half"] else _number(match["minute"] or "0")
        is_exact = match["hour"].startswith("0")
    part = match["part"] or match["english"]
    if (last := _AFTER_MIDNIGHT.get(part or "")) is not None and hour % 12 <= last and hour <= 12:
        hour = hour % 12 + MIDNIGHT
    elif part is not None and hour <= 12:
        hour = hour % 12 + (_PART_OF_DAY[part] if _PART_OF_DAY[part] < MIDNIGHT else 12)
        # 昼の十一時 is before noon.
        if part in ("昼", "お昼") and hour >= 22:
            hour -= 12
    elif part is None and not is_exact and _EVENING_FROM <= hour <= _EVENING_TO:
        hour += 12
    if hour >= before or minute >= 60:
        raise _no_time(written)
    return hour * 60 + minute


def _no_time(written: str) -> NoSuchTime:
    return NoSuchTime(_("“%(value)s” is not a time: write it like 18:00, 1800 or 6時半."), {"value": written})


def moment_of(day: date, minutes: int, *, closing_hour: int, zone: ZoneInfo) -> datetime:
    """The moment on the venue's clock, aware (UTC): a time before the closing hour after midnight belongs to the night.

    `minutes` as `read_time` answers. Raises NoSuchTime for an hour that the change to summer time leaves out.
    """
    if minutes < (closing_hour - MIDNIGHT) * 60:
        minutes += MIDNIGHT * 60
    later, rest = divmod(minutes, MIDNIGHT * 60)
    local = datetime.combine(day + timedelta(days=later), time(rest // 60, rest % 60), tzinfo=zone)
    moment = local.astimezone(ZoneInfo("UTC"))
    if moment.astimezone(zone).replace(tzinfo=None) != local.replace(tzinfo=None):
        raise NoSuchTime(_("The clocks are put forward in that hour: there is no such time."))
    return moment


def clock(moment: datetime, day: date, zone: ZoneInfo) -> str:
    """The time as a field of the business day shows it: 18:00, 09:30; 25:30 for half past one of the next morning.

    Up to `LATEST_END` it is what `read_time` reads.
    """
    local = moment.astimezone(zone)
    hour = local.hour + MIDNIGHT * (local.date() - day).days
    return f"{hour:02d}:{local.minute:02d}"


def written_day(day: date) -> str:
    """The day as a field shows it: 2026年12月4日（金）, in English 2026-12-04. `read_day` reads both."""
    return format_date(day) if in_japanese() else day.isoformat()
