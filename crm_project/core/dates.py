"""Dates as people in Japan write them, the business day that ends after midnight, and the fiscal year from April.

Pure functions. Western dates are stored; eras are read and shown.
"""

import datetime
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final
from zoneinfo import ZoneInfo

from django.utils.translation import gettext_lazy as _

from crm_project.core.problems import InputProblem
from crm_project.core.text import HYPHENS, fold, nfkc, tidy

date = datetime.date


# Nobody books, waits or is lent so far ahead.
YEARS_AHEAD = 10


class DateError(InputProblem):
    """What was written is not a date that exists."""


class DateNotKnown(DateError):
    """What was written says that nobody knows the date."""


class OutsideEra(DateError):
    """The day lies outside the era that is written; `read_as` is the day, where the era has such a year at all."""

    read_as: date | None = None


@dataclass(frozen=True)
class ReadDate:
    """A day as it was read from a ledger, and what has to be said of how it stood there."""

    day: date | None
    remark: DateError | None = None


@dataclass(frozen=True)
class Era:
    """A Japanese era; the last day of one is the first of the next until 昭和."""

    kanji: str
    letter: str
    first_day: date
    last_day: date | None

    def year(self, day: date) -> int:
        """The year of the era in which the day lies: 1 is 元年."""
        return day.year - self.first_day.year + 1


ERAS: Final = (
    Era("令和", "R", date(2019, 5, 1), None),
    Era("平成", "H", date(1989, 1, 8), date(2019, 4, 30)),
    Era("昭和", "S", date(1926, 12, 25), date(1989, 1, 7)),
    Era("大正", "T", date(1912, 7, 30), date(1926, 12, 25)),
    Era("明治", "M", date(1868, 10, 23), date(1912, 7, 30)),
)
_ERA_BY_NAME: Final = {name: era for era in ERAS for name in (era.kanji, era.kanji[0], era.letter)}

FIRST_SERIAL, LAST_SERIAL = 2201, 109_574  # 1906-01-09 to 2199-12-31; smaller numbers are rather years than days
_SERIAL_ZERO = date(1899, 12, 30)

_KANJI_DIGITS: Final = {digit: value for value, digit in enumerate("〇一二三四五六七八九")} | {"零": 0, "元": 1}
_KANJI_UNITS: Final = {"十": 10, "百": 100, "千": 1000}
_KANJI_NUMBER = re.compile(r"[〇零一二三四五六七八九十百千]+")
# Formal and old digits, circles written for a zero, and every dash.
_PLAIN_SIGNS = str.maketrans(
    {
        "○": "〇",
        "◯": "〇",
        "壱": "一",
        "壹": "一",
        "弐": "二",
        "貳": "二",
        "参": "三",
        "參": "三",
        "伍": "五",
        "拾": "十",
    }
    | {"廿": "二十", "卅": "三十", "丗": "三十"}
    | dict.fromkeys(HYPHENS + "ー", "-")
    | dict.fromkeys("~〜∼", "~")
)
_WEEKDAY = re.compile(
    r"\s*\(?(?:[月火水木金土日](?:曜日?)?\s*(?:[・/.,、]?\s*(?:祝日?|休))?|祝日?|休日?)\)|\s*[月火水木金土日]曜日?|\s+[月火水木金土日](?=\s|$)"
    r"|,?\s*\(?\b(?:sun|mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?)(?:day)?\b\.?\)?,?",
    re.IGNORECASE,
)
_OTHER_CALENDAR = re.compile(
    r"\((?:(?:明治|大正|昭和|平成|令和|[明大昭平令]|[MTSHR])\.?\s*(?:\d+|元)年?|(?:西暦)?\d{4}年?)\)", re.IGNORECASE
)
_CLOCK = (
    r"(?:午前|午後|夜|昼|朝|夕方?|AM|PM)?\s*\d{1,2}(?::\d{1,2}(?::\d{1,2}(?:\.\d+)?)?|時(?:半|\d{1,2}分(?:\d{1,2}秒)?)?)"
    r"\s*(?:AM|PM)?"
)
_TIME = re.compile(
    rf"(?:[T\s]\s*|(?<=日)\s*){_CLOCK}\s*(?:Z|[+-]\d{{2}}:?\d{{2}})?(?:\s*[~-]\s*(?:{_CLOCK})?)?$", re.IGNORECASE
)
_PART_OF_DAY = re.compile(
    r"(?:\s+|(?<=日)の?)(?:午前|午後|早朝|朝|昼|夕方?|夜|深夜|ランチ|ディナー|AM|PM)$", re.IGNORECASE
)
# 1月1日（元日）: words in brackets behind a day; not 不明, nor another number.
_WORDS_IN_BRACKETS = re.compile(r"(?<=[\d日])\s*\([^()\d不未]+\)$")
# 昭和63年4月1日生, H29.9.4付: words behind a date that leave it as it is.
_WORDS_BEHIND = re.compile(r"(?<=[\d日])\s*(?:生まれ|生れ|うまれ|生|付け?|現在|時点|\.)$")
# 昭和63年4月1日（35歳）: the age beside a birthday.
_AGE_BEHIND = re.compile(r"(?<=[\d日生])\s*\(?\s*(?:満|当時)?\s*\d{1,3}\s*[歳才]\s*\)?$")
# 生年月日：昭和63年4月1日, in a cell that brings its heading with it.
_LABEL = re.compile(
    r"^(?:生年月日|お?誕生日|年月日|日付|日時|(?:ご?(?:来店|利用|予約)|登録|許可|確認|届出|更新|作成|発行|受付)(?:年月)?日)\s*:?\s*"
)
# 昭和 ６ ３ 年: digits that were set apart.
_DIGITS_APART = re.compile(r"(?<=\d)\s+(?=\d{1,2}\s*[年月日])")
# A span names two days, or one from which or until which: which of them is meant nobody can say.
_SPAN = re.compile(r"\d.*(?:~|から|より|→|まで|以[降前後])|\d{1,4}[/.年]\d{1,2}[/.月]\d{1,2}日?\s*-\s*\d")
_ISO = re.compile(r"\d{4}-\d\d-\d\d(?:[ T]\d\d:\d\d(?::\d\d)?)?", re.ASCII)
_ERA_WORDS: Final = {"meiji": "明治", "taisho": "大正", "showa": "昭和", "heisei": "平成", "reiwa": "令和"}
_ERA_WORD = re.compile(rf"\b({'|'.join(_ERA_WORDS)})\b", re.IGNORECASE)
_ERA_IN_BRACKETS = re.compile(r"^[(\[](明治|大正|昭和|平成|令和|[明大昭平令MTSHR])[)\]]\s*", re.IGNORECASE)
_ERA = r"(?P<era>明治|大正|昭和|平成|令和|[明大昭平令MTSHR])[.,・]?\s*"
_SEPARATOR = r"(?:\s*[-/.,・、]\s*|\s+)"
_SEPARATED = re.compile(
    rf"(?:{_ERA}(?P<era_year>元|\d{{1,3}})|(?:西暦\s*)?(?P<year>\d{{4}}))"
    rf"(?:\s*年\s*|{_SEPARATOR})(?P<month>\d{{1,4}})(?:\s*月\s*|{_SEPARATOR})(?P<day>\d{{1,4}})\s*日?",
    re.IGNORECASE,
)
_RUN_TOGETHER = re.compile(
    rf"(?:{_ERA}(?P<era_year>\d{{2}})|(?P<year>\d{{4}}))(?P<month>\d{{2}})(?P<day>\d{{2}})"
    r"(?:(?:[01]\d|2[0-3])[0-5]\d(?:[0-5]\d)?)?",  # 20230401183000: a time stamp
    re.IGNORECASE,
)
_MONTH_AND_DAY = re.compile(r"(?:--)?(?P<month>\d{1,2})\s*[月/.-]\s*(?P<day>\d{1,2})\s*日?")
_YEAR_ONLY = re.compile(rf"(?:{_ERA}(?:元|\d{{1,3}})|(?:西暦)?\d{{4}})\s*年?", re.IGNORECASE)
_YEAR_AND_MONTH = re.compile(rf"(?:{_ERA}(?:元|\d{{1,3}})|(?:西暦)?\d{{4}})\s*[年/.-]\s*\d{{1,2}}\s*月?", re.IGNORECASE)
_SHORT_YEAR = re.compile(r"\d{1,2}[-/.年]\d{1,2}[-/.月]\d{1,2}日?")
_YEAR_LAST = re.compile(r"(\d{1,2})[-/.](\d{1,2})[-/.](\d{4})")
_MONTH_NAMES: Final = "jan feb mar apr may jun jul aug sep oct nov dec".split()
_MONTH_NAME = rf"(?P<name>{'|'.join(_MONTH_NAMES)})[a-z]*\.?"
_ENGLISH_MONTH = re.compile(rf"\b{_MONTH_NAME}\b", re.IGNORECASE)
_ENGLISH = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        rf"(?P<day>\d{{1,2}})(?:st|nd|rd|th)?[\s.-]*{_MONTH_NAME}[\s,.-]*(?P<year>\d{{4}})",
        rf"{_MONTH_NAME}[\s-]*(?P<day>\d{{1,2}})(?:st|nd|rd|th)?(?:\s*,\s*|[\s-]+)(?P<year>\d{{4}})",
        rf"(?P<year>\d{{4}})[\s,.-]*{_MONTH_NAME}[\s.-]*(?P<day>\d{{1,2}})(?:st|nd|rd|th)?",
    )
)
# Five digits, a fraction for the time: what Excel shows of a date once its cell is called text. Shorter ones may be years.
_SERIAL_TEXT = re.compile(r"[1-9]\d{4}(?:\.\d+)?", re.ASCII)
_NOT_KNOWN = re.compile(r"不明|未定|未確認|未聴取|未記入|非公開|わからない|分からない|unknown|不詳", re.IGNORECASE)
_NO_DATE: Final = frozenset(
    map(fold, ("なし", "無し", "無", "ナシ", "n/a", "none", "tbd", "?", "-", "--", "---", "0000-00-00"))
)


def read_date(value: object) -> ReadDate:
    """The date in a cell of a ledger, where `parse_date` for people who type is too strict; with what is to be said of it.

    A day of the first or last calendar year of an era, but outside of it, is read (令和元年1月1日 -> 2019-01-01); an era's year
    that never was (昭和65年) is not. Five digits as text are a serial number of Excel. Raises DateError as `parse_date` does.
    """
    try:
        return ReadDate(parse_date(value))
    except OutsideEra as problem:
        if problem.read_as is None:
            raise
        params = {name: problem.params[name] for name in ("value", "era")} | {"day": problem.read_as.isoformat()}
        return ReadDate(problem.read_as, DateError(_("“%(value)s” lies outside of %(era)s: read as %(day)s"), params))
    except DateError:
        bare = nfkc(f"{value}").strip()
        if not _SERIAL_TEXT.fullmatch(bare):
            raise
        day = _from_number(float(bare))
        params = {"value": bare, "day": day.isoformat()}
        return ReadDate(day, DateError(_("“%(value)s” is Excel's number of a day: read as %(day)s"), params))


def parse_date(value: object) -> date | None:
    """The date in a cell or a field; None for a blank.

    Reads dates and datetimes, Excel's serial numbers, 2026-10-03 and its like with / . ・ or 年月日, 20261003, 3 October 2026,
    31/12/2026 (where only one order can be meant), and eras (R8.10.3, H29.09.04, S630401, 昭和六十三年四月一日, 令和元年5月1日),
    with a weekday, a time or 生 behind. Does not guess the order of day and month, nor the century. Raises DateError with
    the reason.
    """
    if value is None or isinstance(value, datetime.datetime):
        return value.date() if value is not None else None
    if isinstance(value, date):
        return value
    if isinstance(value, int | float) and not isinstance(value, bool):
        return _from_number(value)
    if not isinstance(value, str):
        raise DateError(_("“%(value)s” is not a date: write it like 2026-10-03 or R8.10.3"), {"value": value})
    if _ISO.fullmatch(value):  # most files; the rest of the way costs ten times as much
        year, month, day = int(value[:4]), int(value[5:7]), int(value[8:10])
        if 1800 <= year <= 2200 and 1 <= month <= 12 and 1 <= day <= days_in_month(year, month):
            return date(year, month, day)
    written = tidy(value)
    if not written:
        return None
    if written.isascii() and (match := _SEPARATED.fullmatch(written)):  # S49.7.1 has nothing to be made plain
        return _checked(written, match)
    plain = _plain(written)
    match = _SEPARATED.fullmatch(plain) or _RUN_TOGETHER.fullmatch(plain)
    if match is None:
        found = _english(written, plain) or _year_last(written, plain)
        if found is None:
            raise _not_a_date(written, plain)
        return found
    return _checked(written, match)


class DaysOfColumn:
    """Which number is the month in the days of one column that have the year last: 10/3/2026 is 3 October where 10/19/2026
    stands too. Learned from the days that leave no doubt; where they contradict each other nothing is guessed.
    """

    def __init__(self) -> None:
        self._month_is_first = self._day_is_first = False

    def learn(self, cells: Iterable[object]) -> None:
        """Look at the cells of some rows."""
        for cell in cells:
            if match := _with_year_last(cell):
                self._day_is_first |= int(match[1]) > 12
                self._month_is_first |= int(match[2]) > 12

    def told(self, cell: object) -> str:
        """A day that might be read in two ways as 2026-10-03, by the order of its column; "" for every other cell."""
        match = _with_year_last(cell)
        if match is None or self._month_is_first == self._day_is_first or max(int(match[1]), int(match[2])) > 12:
            return ""
        month, day = (match[1], match[2]) if self._month_is_first else (match[2], match[1])
        return f"{match[3]}-{month.zfill(2)}-{day.zfill(2)}{match.string[match.end() :]}"


def _with_year_last(cell: object) -> re.Match[str] | None:
    """A text that begins with a day whose year is its last part."""
    return _YEAR_LAST.match(cell.strip()) if isinstance(cell, str) else None


def parse_month_day(value: object) -> tuple[int, int] | None:
    """Month and day of a birthday or anniversary whose year is not known (4月1日, 4/1, --04-01); None when not written so.

    29 February is allowed. Raises DateError for a month or day that does not exist.
    """
    if not isinstance(value, str):
        return None
    written = tidy(value)
    match = _MONTH_AND_DAY.fullmatch(_plain(written))
    if match is None:
        return None
    month, day = int(match["month"]), int(match["day"])
    _check_month_and_day(written, 2000, month, day)
    return month, day


def is_month_day(written: str) -> bool:
    """Whether a text is "MM-DD" of a day that exists in some year, as days of unknown year are stored."""
    match = re.fullmatch(r"([0-9]{2})-([0-9]{2})", written)
    if match is None or not 1 <= int(match[1]) <= 12:
        return False
    return 1 <= int(match[2]) <= days_in_month(2000, int(match[1]))


def _plain(written: str) -> str:
    """One width, Arabic digits; without weekday, time, the year of the other calendar and 生 behind."""
    plain = _LABEL.sub("", nfkc(written).translate(_PLAIN_SIGNS).strip(" \"'’“”"))
    plain = plain.replace("ねん", "年").replace("がつ", "月").replace("にち", "日")
    plain = _ERA_WORD.sub(lambda match: _ERA_WORDS[match[1].lower()], plain)
    plain = _ERA_IN_BRACKETS.sub(r"\1", _OTHER_CALENDAR.sub("", plain))
    plain = _AGE_BEHIND.sub("", _TIME.sub("", " ".join(_WEEKDAY.sub(" ", plain).split())))
    plain = _WORDS_BEHIND.sub("", _PART_OF_DAY.sub("", _WORDS_IN_BRACKETS.sub("", plain)))
    plain = _KANJI_NUMBER.sub(lambda match: str(kanji_number(match[0])), plain)
    return _DIGITS_APART.sub("", plain)


def _english(written: str, plain: str) -> date | None:
    """3 October 2026, Oct 3, 2026: the name of the month leaves nothing to guess."""
    for form in _ENGLISH:
        if match := form.fullmatch(plain):
            year, day = int(match["year"]), int(match["day"])
            month = _MONTH_NAMES.index(match["name"].lower()) + 1
            _check_month_and_day(written, year, month, day)
            return date(year, month, day)
    return None


def _year_last(written: str, plain: str) -> date | None:
    """31/12/2026 and 12/31/2026: what is over 12 is the day. Where both may be the month nothing is guessed."""
    match = _YEAR_LAST.fullmatch(plain)
    if match is None:
        return None
    first, second, year = int(match[1]), int(match[2]), int(match[3])
    if (first > 12) == (second > 12):
        return None
    month, day = (second, first) if first > 12 else (first, second)
    _check_month_and_day(written, year, month, day)
    return date(year, month, day)


def kanji_number(digits: str) -> int:
    """六十三 -> 63, 二〇一九 -> 2019, 千九百八十八 -> 1988. The text holds kanji digits and 十百千 only."""
    if not any(unit in digits for unit in _KANJI_UNITS):
        return int("".join(str(_KANJI_DIGITS[digit]) for digit in digits))
    total, pending = 0, None
    for char in digits:
        if char in _KANJI_UNITS:
            total += (1 if pending is None else pending) * _KANJI_UNITS[char]
            pending = None
        else:
            pending = (pending or 0) * 10 + _KANJI_DIGITS[char]
    return total + (pending or 0)


def _from_number(value: float) -> date:
    """A serial number of Excel (days since 1899-12-30, time as a fraction) or eight digits in a number cell."""
    if value != value or value in (float("inf"), float("-inf")):
        raise DateError(_("“%(value)s” is not a date: write it like 2026-10-03 or R8.10.3"), {"value": value})
    days = int(value)
    if days == value and 18_000_101 <= days <= 22_001_231:
        found = parse_date(str(days))
        assert found is not None
        return found
    if not FIRST_SERIAL <= days <= LAST_SERIAL:
        if days == value and 1800 <= days < FIRST_SERIAL:
            raise DateError(_("“%(value)s” is only a year: write month and day too"), {"value": days})
        raise DateError(_("the number %(value)s is not a date: write it like 2026-10-03 or R8.10.3"), {"value": value})
    return _SERIAL_ZERO + datetime.timedelta(days=days)


def _not_a_date(written: str, plain: str) -> DateError:
    """The reason why the text could not be read."""
    params = {"value": written}
    if _NOT_KNOWN.search(plain) or fold(plain) in _NO_DATE:
        return DateNotKnown(_("“%(value)s” says that the date is not known"), params)
    if _YEAR_LAST.fullmatch(plain) or _ENGLISH_MONTH.search(plain):
        return DateError(_("“%(value)s” may be read in two ways: write the year first, like 2026-10-03"), params)
    if _SHORT_YEAR.fullmatch(plain):
        return DateError(_("“%(value)s” has a year of two digits: write all four, or the era, like S63.4.1"), params)
    if _MONTH_AND_DAY.fullmatch(plain):
        return DateError(_("“%(value)s” has no year"), params)
    if _YEAR_AND_MONTH.fullmatch(plain):
        return DateError(_("“%(value)s” has no day"), params)
    if _YEAR_ONLY.fullmatch(plain):
        return DateError(_("“%(value)s” is only a year: write month and day too"), params)
    if _SPAN.search(plain):
        return DateError(_("“%(value)s” is a span of days: write one of them, like 2026-10-03"), params)
    return DateError(_("“%(value)s” is not a date: write it like 2026-10-03 or R8.10.3"), params)


def _checked(written: str, match: re.Match[str]) -> date:
    """The date of a match, once year, month, day and era are known to exist."""
    month, day = int(match["month"]), int(match["day"])
    if not match["era"]:
        year = int(match["year"])
        _check_month_and_day(written, year, month, day)
        return date(year, month, day)
    name = match["era"].upper()
    era = _ERA_BY_NAME[name]
    era_year = 1 if match["era_year"] == "元" else int(match["era_year"])
    if era_year == 0:
        raise DateError(
            _("“%(value)s”: year 0 of %(era)s does not exist: the first year is 1 (元年)"),
            {"value": written, "era": era.kanji},
        )
    year = era.first_day.year + era_year - 1
    _check_month_and_day(written, year, month, day)
    found = date(year, month, day)
    params = {"value": written, "era": era.kanji, "instead": found.isoformat()}
    if found < era.first_day:
        problem = OutsideEra(
            _("“%(value)s” is before %(era)s began, on %(first)s: write %(instead)s"),
            params | {"first": era.first_day.isoformat()},
        )
        problem.read_as = found
        raise problem
    if era.last_day and found > era.last_day:
        problem = OutsideEra(
            _("“%(value)s” is after %(era)s ended, on %(last)s: write %(instead)s"),
            params | {"last": era.last_day.isoformat()},
        )
        if year == era.last_day.year:
            problem.read_as = found
        raise problem
    return found


def _check_month_and_day(written: str, year: int, month: int, day: int) -> None:
    if not 1800 <= year <= 2200:
        raise DateError(
            _("“%(value)s”: the year %(year)s cannot be right: years are 1800 to 2200"),
            {"value": written, "year": year},
        )
    if not 1 <= month <= 12:
        raise DateError(
            _("“%(value)s”: month %(month)s does not exist: months are 1 to 12"), {"value": written, "month": month}
        )
    last = days_in_month(year, month)
    if not 1 <= day <= last:
        raise DateError(
            _("“%(value)s”: day %(day)s does not exist: %(year)s-%(month)02d has days 1 to %(last)s"),
            {"value": written, "day": day, "year": year, "month": month, "last": last},
        )


# --- eras on screens --------------------------------------------------------------------------------------------------


def era_of(day: date) -> Era | None:
    """The era of a day; None before 1868-10-23. On a day of two eras, the new one."""
    return next((era for era in ERAS if day >= era.first_day), None)


def era_name(day: date) -> str:
    """昭和63年, 令和元年; "" before 明治."""
    era = era_of(day)
    if era is None:
        return ""
    year = era.year(day)
    return f"{era.kanji}{'元' if year == 1 else year}年"


def japanese_date(day: date, *, weekday: bool = True) -> str:
    """1988年（昭和63年）4月1日（金）, whatever the language of the screen."""
    era = era_name(day)
    shown = f"{day.year}年{f'（{era}）' if era else ''}{day.month}月{day.day}日"
    return f"{shown}（{'月火水木金土日'[day.weekday()]}）" if weekday else shown


def refuse_far_ahead(day: date, today: date) -> None:
    """Raise DateError for a day that nobody plans for yet: a year that was mistyped."""
    if day.year - today.year > YEARS_AHEAD:
        raise DateError(
            _("%(day)s is more than %(years)s years ahead: check the year."),
            {"day": day.isoformat(), "years": YEARS_AHEAD},
        )


# --- business days ----------------------------------------------------------------------------------------------------


def business_date(at: datetime.datetime, closing_hour: int, tz: ZoneInfo) -> date:
    """The day of the house to which a moment belongs.

    `closing_hour` counts on after midnight (26 = 02:00 of the next morning): at 01:30 it is still yesterday, at 02:00 today.
    A house that closes at 24 or earlier has calendar days. Raises ValueError for a naive time.
    """
    if at.tzinfo is None:
        raise ValueError("business_date needs an aware time")
    local = at.astimezone(tz).replace(tzinfo=None)
    return (local - datetime.timedelta(hours=max(closing_hour - 24, 0))).date()


def business_day_bounds(day: date, closing_hour: int, tz: ZoneInfo) -> tuple[datetime.datetime, datetime.datetime]:
    """First moment of a business day and of the next one, aware, in the house's time zone."""
    starts_at = datetime.time(hour=max(closing_hour - 24, 0))
    return (
        datetime.datetime.combine(day, starts_at, tzinfo=tz),
        datetime.datetime.combine(day + datetime.timedelta(days=1), starts_at, tzinfo=tz),
    )


# --- months and years -------------------------------------------------------------------------------------------------


def days_in_month(year: int, month: int) -> int:
    """28 to 31."""
    if month == 2:
        return 29 if year % 4 == 0 and (year % 100 != 0 or year % 400 == 0) else 28
    return 30 if month in (4, 6, 9, 11) else 31


def month_start(day: date) -> date:
    """The first of the month."""
    return day.replace(day=1)


def month_end(day: date) -> date:
    """The last of the month."""
    return day.replace(day=days_in_month(day.year, day.month))


def add_months(day: date, months: int) -> date:
    """The same day so many months on (or back), the last of the month where that day does not exist."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, days_in_month(year, month + 1)))


def months_between(first: date, last: date) -> Iterator[date]:
    """The first of each month from that of `first` to that of `last`, both included."""
    month, end = month_start(first), month_start(last)
    while month <= end:
        yield month
        month = add_months(month, 1)


def fiscal_year(day: date) -> int:
    """The year in which the fiscal year (April to March) of the day began: 2026-03-31 -> 2025."""
    return day.year if day.month >= 4 else day.year - 1


def fiscal_year_bounds(year: int) -> tuple[date, date]:
    """First and last day of a fiscal year."""
    return date(year, 4, 1), date(year + 1, 3, 31)


def age_on(birthday: date, day: date) -> int:
    """Full years on a day; born on 29 February, one is older on 1 March of ordinary years."""
    return day.year - birthday.year - ((day.month, day.day) < (birthday.month, birthday.day))
