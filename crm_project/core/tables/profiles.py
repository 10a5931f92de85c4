"""What is in the columns of a table: how many cells are filled, with how many different values, of which kinds.

A profile counts cells as they stand in the file; nothing is put right. `distinct` compares texts letter by letter.
"""

import datetime
import re
import unicodedata
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Final

import phonenumbers

from crm_project.core.dates import DateError, parse_date
from crm_project.core.tables.cells import Cell, column_letters
from crm_project.core.text import cell_text

SAMPLES: Final = 5
SAMPLE_LENGTH: Final = 80
# Beyond so many different values of a column, "more than that" is all that is remembered.
DISTINCT_LIMIT: Final = 100_000

_FULL_WIDTH_DIGIT: Final = re.compile("[０-９]")
_HALF_WIDTH_KANA: Final = re.compile("[ｦ-ﾟ]")
_POSTCODE: Final = re.compile(r"〒?\s*[0-9]{3}-[0-9]{4}|〒\s*[0-9]{7}")
_PLAIN_POSTCODE: Final = re.compile(r"[0-9]{3}-[0-9]{4}")
_EMAIL: Final = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
_URL: Final = re.compile(r"https?://\S+|www\.\S+", re.IGNORECASE)
_PHONE: Final = re.compile(r"\+?[0-9()\-‐−–ー\s.]{9,20}")
_NUMBER: Final = re.compile(r"[¥￥\\]?\s*[-+▲△]?[0-9][0-9,]*(?:\.[0-9]+)?\s*(?:円|名様?|人|件|回|個|点|枚|本|才|歳|%)?")
_ERA_DATE: Final = re.compile(
    r"(?:明治|大正|昭和|平成|令和)\s*[0-9元〇一二三四五六七八九十]|"
    r"[MTSHR明大昭平令]\s*\.?\s*(?:(?:[0-9]{1,3}|元)\s*[-/.,年・、\s]|[0-9]{6}$|[元〇一二三四五六七八九十])",
    re.IGNORECASE,
)
# Digits that are meant as a day, though it cannot be read: one of three parts with a year, or month/day.
_DAY_OF_DIGITS: Final = re.compile(
    r"[0-9]{4}\s*[-/.\s]\s*[0-9]{1,2}\s*[-/.\s]\s*[0-9]{1,2}|[0-9]{1,2}\s*[-/.]\s*[0-9]{1,2}\s*[-/.]\s*[0-9]{4}|"
    r"[0-9]{1,2}/[0-9]{1,2}(?:/[0-9]{2})?|[0-9]{2}\.[0-9]{1,2}\.[0-9]{1,2}"
)
_DATE: Final = re.compile(
    r"(?:西暦)?\s*[0-9一二三四五六七八九〇十]{1,4}\s*[-/.年月]\s*[0-9一二三四五六七八九〇十]{1,4}.*"
)
_TIME: Final = re.compile(r"[0-9]{1,2}(?::|時)[0-9]{0,2}(?::[0-9]{2}|分)?")
_SAME: Final = frozenset(("〃", '"', "々", "同上", "同", "上に同じ", "''", "”", "″"))
# Without one of these a text is nothing but a text.
_MAY_BE_MORE: Final = re.compile("[0-9０-９@＠〃々\"'”″年月日時同上]|www")
_CORPORATE: Final = re.compile(
    r"株式会社|有限会社|合同会社|合資会社|合名会社|相互会社|法人|組合|[（(][株有同資名医学福宗社財]{1,2}[)）]|[㈱㈲㈳㈶]|協会|公社|公団|機構|連合会|商工会|"
    r"委員会$"
)


_MOBILE: Final = re.compile(r"0([5789]0[1-9][0-9]{7})")


@lru_cache(maxsize=65_536)
def e164(written: str) -> str:
    """The one valid Japanese phone number a cell holds, in international form; "" for anything else."""
    plain = unicodedata.normalize("NFKC", written).strip()
    if not _PHONE.fullmatch(plain) or "\n" in plain:
        return ""
    if mobile := _MOBILE.fullmatch(plain.replace("-", "")):  # most numbers; the library takes fifty times as long
        return "+81" + mobile[1]
    try:
        number = phonenumbers.parse(plain, "JP")
    except phonenumbers.NumberParseException:
        return ""
    if not phonenumbers.is_valid_number(number):
        return ""
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


@lru_cache(maxsize=65_536)
def _text_kind(cell: str) -> tuple[str, datetime.date | None]:
    """The kind of a text, and the day it names."""
    if not _MAY_BE_MORE.search(cell):
        return "text", None
    plain = unicodedata.normalize("NFKC", cell).strip()
    if cell.strip() in _SAME:
        return "same_as_above", None
    if _EMAIL.fullmatch(plain):
        return "email", None
    if _URL.fullmatch(plain):
        return "url", None
    if _POSTCODE.fullmatch(plain):
        return "postcode", None
    if _PHONE.fullmatch(plain) and e164(cell):
        return "phone", None
    if _TIME.fullmatch(plain) and not plain.isdecimal():
        return "time", None
    is_era = _ERA_DATE.match(plain) is not None
    if len(plain) <= 40 and (is_era or _DATE.fullmatch(plain)):
        try:
            day = parse_date(cell)
        except DateError:
            if is_era or _DAY_OF_DIGITS.fullmatch(plain):
                return "unread_date", None
            return ("number_text" if _NUMBER.fullmatch(plain) else "text"), None
        return ("era_date" if is_era else "date_text"), day
    if _NUMBER.fullmatch(plain):
        return "number_text", None
    return "text", None


def kind_of(cell: Cell) -> tuple[str, datetime.date | None]:
    """The kind of a filled cell and the day it names: date, era_date, date_text, unread_date, time, number, number_text,
    phone, postcode, email, url, same_as_above (〃), yes_no or text."""
    if isinstance(cell, str):
        return _text_kind(cell)
    if isinstance(cell, bool):
        return "yes_no", None
    if isinstance(cell, datetime.datetime):
        return "date", cell.date()
    if isinstance(cell, datetime.date):
        return "date", cell
    return ("number" if isinstance(cell, int | float) else "time"), None


@lru_cache(maxsize=65_536)
def _outside_jis(char: str) -> bool:
    """Whether a kanji is none of JIS X 0208 (髙, 﨑, 𠮷): such are lost in old systems."""
    if not ("\u3400" <= char <= "\u9fff" or "\uf900" <= char <= "\ufaff" or "\U00020000" <= char <= "\U0003ffff"):
        return False
    try:
        char.encode("shift_jis")
    except UnicodeEncodeError:
        return True
    return False


@dataclass(slots=True)
class ColumnProfile:
    """What stands in one column of a table."""

    place: int
    letter: str
    heading: str
    heading_cells: tuple[str, ...] = ()
    filled: int = 0
    only_spaces: int = 0
    full_width_digits: int = 0
    half_width_katakana: int = 0
    ideographic_space: int = 0
    outer_spaces: int = 0
    newline_inside: int = 0
    looks_corporate: int = 0
    ddd_dddd: int = 0
    kinds: Counter[str] = field(default_factory=Counter)
    rare_kanji: Counter[str] = field(default_factory=Counter)
    phones: set[str] = field(default_factory=set)
    samples: list[str] = field(default_factory=list)
    first: datetime.date | None = None
    last: datetime.date | None = None
    distinct_is_minimum: bool = False
    _values: set[int] = field(default_factory=set)

    @property
    def distinct(self) -> int:
        """How many different values there are."""
        return len(self._values)

    def add(self, cell: Cell) -> None:
        """Count a cell."""
        if cell == "":
            return
        text = cell_text(cell)
        if not text or text.isspace():
            self.only_spaces += bool(text)
            return
        self.filled += 1
        key = hash(text)
        if key not in self._values:
            if len(self._values) < DISTINCT_LIMIT:
                self._values.add(key)
            else:
                self.distinct_is_minimum = True
            if len(self.samples) < SAMPLES:
                self.samples.append(text[:SAMPLE_LENGTH])
        kind, day = kind_of(cell)
        self.kinds[kind] += 1
        if day is not None:
            self.first = day if self.first is None or day < self.first else self.first
            self.last = day if self.last is None or day > self.last else self.last
        if isinstance(cell, str):
            self._add_text(cell, kind)

    def _add_text(self, text: str, kind: str) -> None:
        if kind == "phone":
            self.phones.add(e164(text))
        if text[0].isspace() or text[-1].isspace():
            self.outer_spaces += 1
        if "\n" in text:
            self.newline_inside += 1
        if text.isascii():
            self.ddd_dddd += _PLAIN_POSTCODE.fullmatch(text) is not None
            return
        self.full_width_digits += _FULL_WIDTH_DIGIT.search(text) is not None
        self.half_width_katakana += _HALF_WIDTH_KANA.search(text) is not None
        self.ideographic_space += "\u3000" in text
        self.looks_corporate += _CORPORATE.search(text) is not None
        for char in text:
            if char > "\u3400" and _outside_jis(char):
                self.rare_kanji[char] += 1

    def as_json(self) -> dict[str, Any]:
        """The figures of a column; those that most columns have not (no full-width digit, no date) only where there are any."""
        found: dict[str, Any] = {
            "letter": self.letter,
            "heading": self.heading,
            "heading_cells": list(self.heading_cells),
            "filled": self.filled,
            "distinct": self.distinct,
            "only_spaces": self.only_spaces,
            "full_width_digits": self.full_width_digits,
            "ideographic_space": self.ideographic_space,
            "outer_spaces": self.outer_spaces,
            "newline_inside": self.newline_inside,
            "half_width_katakana": self.half_width_katakana,
            "kinds": dict(self.kinds.most_common()),
            "samples": self.samples,
        }
        if self.distinct_is_minimum:
            found["distinct_is_minimum"] = True
        if self.rare_kanji:
            found["kanji_outside_JISX0208"] = [list(one) for one in self.rare_kanji.most_common()]
        if self.looks_corporate:
            found["looks_corporate"] = self.looks_corporate
        if self.ddd_dddd:
            found["pattern_ddd-dddd"] = self.ddd_dddd
        if self.phones:
            found["valid_phone"] = self.kinds["phone"]
            found["distinct_e164"] = len(self.phones)
        if self.kinds["era_date"]:
            found["era_dates"] = self.kinds["era_date"]
        if self.first is not None and self.last is not None:
            found["first"], found["last"] = self.first.isoformat(), self.last.isoformat()
        return found


class TableProfile:
    """The columns of a table and its rows as a whole."""

    def __init__(self, headings: Sequence[str], heading_rows: Sequence[Sequence[Cell]], first_column: int) -> None:
        self.columns: list[ColumnProfile] = []
        self._headings, self._rows, self._first_column = headings, heading_rows, first_column
        self._seen: set[int] = set()
        self.rows = self.exact_duplicate_rows = 0
        self.first_row: int | None = None
        self.last_row: int | None = None
        self._widen(len(headings))

    def _widen(self, width: int) -> None:
        for place in range(len(self.columns), width):
            self.columns.append(
                ColumnProfile(
                    place=place,
                    letter=column_letters(self._first_column + place),
                    heading=self._headings[place] if place < len(self._headings) else "",
                    heading_cells=tuple(
                        cell_text(row[place]) for row in self._rows if place < len(row) and row[place] != ""
                    ),
                )
            )

    def add(self, number: int, cells: Sequence[Cell]) -> None:
        """Count a row."""
        if len(cells) > len(self.columns):
            self._widen(len(cells))
        self.rows += 1
        self.first_row = number if self.first_row is None else self.first_row
        self.last_row = number
        filled = len(cells)
        while filled and cells[filled - 1] == "":
            filled -= 1
        key = hash(tuple(map(cell_text, cells[:filled])))
        if key in self._seen:
            self.exact_duplicate_rows += 1
        else:
            self._seen.add(key)
        for column, cell in zip(self.columns, cells, strict=False):
            column.add(cell)
