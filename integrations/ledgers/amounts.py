"""Sums as people write them into ledgers, where the amounts of accounting are read more strictly."""

import re
from decimal import Decimal
from typing import Final

from crm_project.core.money import AmountError, parse_amount
from crm_project.core.tables import Cell
from crm_project.core.text import nfkc

_UNITS: Final = re.compile(
    r"¥?(?=.*[万千])(?:(?P<man>\d{1,6}(?:\.\d{1,4})?)万)?(?:(?P<sen>\d{1,6}(?:\.\d{1,3})?)千)?(?P<rest>\d{1,4})?円?-?",
    re.ASCII,
)
_FIGURES = re.compile(r"[0-9〇一二三四五六七八九十百千万億]")


def written_amount(cell: Cell) -> Decimal | None:
    """The amount in a cell of a ledger, in yen: what `parse_amount` reads, and 50万円, 1万5千円, 120千円. Raises AmountError."""
    try:
        return parse_amount(cell)
    except AmountError:
        plain = "".join(nfkc(cell).replace(",", "").split()) if isinstance(cell, str) else ""
        match = _UNITS.fullmatch(plain)
        if match is None:
            raise
        parts = (Decimal(match[name] or 0) * unit for name, unit in (("man", 10_000), ("sen", 1000), ("rest", 1)))
        return parse_amount(sum(parts, Decimal(0)))


def names_a_sum(words: str) -> bool:
    """Whether words that are no amount tell one all the same (約5万, 一万円くらい): not for those who may not see sums."""
    return bool(_FIGURES.search(nfkc(words)))
