"""Amounts as people say and write them: 2万5千, 2.5万円, 三万, 120千円; accounting's are read more strictly. Pure."""

import re
from decimal import Decimal
from typing import Final

from crm_project.core.dates import kanji_number
from crm_project.core.money import AmountError, parse_amount
from crm_project.core.text import nfkc

_KANJI: Final = "〇一二三四五六七八九十百千"
_SAID: Final = re.compile(
    rf"[¥\\]?(?:(?P<ten_thousands>\d{{1,6}}(?:\.\d{{1,4}})?|[{_KANJI}]+)万)?"
    rf"(?:(?P<thousands>\d{{1,6}}(?:\.\d{{1,3}})?)千)?(?P<rest>\d{{1,4}}|[{_KANJI}]+)?円?-?",
    re.ASCII,
)


def read_amount(value: object) -> Decimal | None:
    """The amount in yen that is meant: what `money.parse_amount` reads, and sums with 万 and 千; None for a blank.

    Raises AmountError with the reason.
    """
    try:
        return parse_amount(value)
    except AmountError:
        plain = "".join(nfkc(value).replace(",", "").split()) if isinstance(value, str) else ""
        match = _SAID.fullmatch(plain)
        if match is None or not any(match.groups()):
            raise
        parts = ((match["ten_thousands"], 10_000), (match["thousands"], 1000), (match["rest"], 1))
        # The length is judged as that of any amount.
        return parse_amount(sum((_number(said) * unit for said, unit in parts if said), Decimal(0)))


def _number(said: str) -> Decimal:
    return Decimal(kanji_number(said)) if said[0] in _KANJI else Decimal(said)
