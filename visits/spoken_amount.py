"""Amounts as they are said on the phone: 2万5千, 2.5万円, 三万. Pure; no database, no request."""

import re
from decimal import Decimal
from typing import Final

from crm_project.core.dates import kanji_number
from crm_project.core.money import parse_amount
from crm_project.core.problems import InputProblem
from crm_project.core.text import nfkc

_KANJI: Final = "〇一二三四五六七八九十百千"
_SAID = re.compile(rf"[¥\\]?(?:(?P<ten_thousands>\d+(?:\.\d+)?|[{_KANJI}]+)万)?(?P<rest>\d*千?\d*|[{_KANJI}]*)円?")


def read_amount(written: str) -> Decimal | None:
    """The amount in yen that is meant; None for a blank. Raises InputProblem with the reason."""
    try:
        return parse_amount(written)
    except InputProblem:
        plain = nfkc(written).replace(" ", "").replace(",", "")
        match = _SAID.fullmatch(plain)
        if match is None or not (match["ten_thousands"] or match["rest"]):
            raise
        # What is said with 万 and 千 is whole yen; the length is judged as that of any amount.
        return parse_amount(_number(match["ten_thousands"] or "0") * 10_000 + _thousands(match["rest"]))


def _number(digits: str) -> Decimal:
    return Decimal(kanji_number(digits)) if digits[0] in _KANJI else Decimal(digits)


def _thousands(rest: str) -> Decimal:
    """5千 as 5000, 5千500 as 5500, 五千 as 5000."""
    if not rest or rest[0] in _KANJI:
        return Decimal(kanji_number(rest)) if rest else Decimal(0)
    head, thousand, tail = rest.partition("千")
    return Decimal(head) * 1000 + Decimal(tail or 0) if thousand else Decimal(head)
