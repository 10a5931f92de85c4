"""What the cells of a file of actuals mean. Every function raises InputProblem with the reason and what to write instead."""

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any, Final

from django.utils.translation import gettext_lazy

from crm_project.core.amounts import SCALE, scaled
from crm_project.core.dates import parse_date
from crm_project.core.money import parse_amount, parse_currency
from crm_project.core.problems import InputProblem
from crm_project.core.text import cell_text, code_text, compare_key, tidy
from integrations.choices import DocumentStatus
from integrations.sources.documents import NAME_LENGTH

CODE_LENGTH: Final = 64
DESCRIPTION_LENGTH: Final = 300
# Fuel, power and goods by weight are priced finer than money is kept.
FACTOR_DECIMALS: Final = 10

_STATUS_WORDS: Final[Mapping[str, DocumentStatus]] = {
    word: status
    for status, words in {
        DocumentStatus.POSTED: ("posted", "paid", "open", "final", "計上", "計上済", "確定", "確定済", "発行済"),
        DocumentStatus.DRAFT: ("draft", "下書き", "下書", "未確定", "仮", "未計上"),
        DocumentStatus.CANCELLED: ("cancelled", "canceled", "cancel", "void", "取消", "取消済", "キャンセル", "無効"),
        DocumentStatus.DELETED: ("deleted", "削除", "削除済"),
    }.items()
    for word in words
}

Parser = Callable[[Any], Any]


class ParsedCells(dict[Any, Any]):
    """Cell -> value, parsed once: a file repeats its dates, codes, prices and descriptions."""

    def __init__(self, parse: Parser) -> None:
        super().__init__()
        self._parse = parse

    def __missing__(self, cell: Any) -> Any:
        self[cell] = value = self._parse(cell)
        return value


def _code(cell: Any) -> str:
    code = code_text(cell)
    if len(code) > CODE_LENGTH:
        raise InputProblem(
            gettext_lazy("“%(value)s” is too long: a number or code has at most %(length)s characters"),
            {"value": f"{code[:40]}…", "length": CODE_LENGTH},
        )
    return code


def _amount(cell: Any) -> int | None:
    amount = parse_amount(cell)
    return None if amount is None else scaled(amount)


def _factor(cell: Any) -> int | Decimal | None:
    """A quantity or unit price: ten-thousandths, or the decimal itself where that would not be exact."""
    factor = parse_amount(cell, decimals=FACTOR_DECIMALS)
    if factor is None:
        return None
    in_steps = factor * SCALE
    return int(in_steps) if in_steps == in_steps.to_integral_value() else factor


def _currency(cell: Any) -> str:
    return parse_currency(cell_text(cell))


def _status(cell: Any) -> DocumentStatus | None:
    word = compare_key(cell_text(cell)).casefold()
    if not word:
        return None
    if word not in _STATUS_WORDS:
        raise InputProblem(
            gettext_lazy("“%(value)s” is not a state of a document: write posted, draft, cancelled or deleted"),
            {"value": cell_text(cell)},
        )
    return _STATUS_WORDS[word]


def _text(length: int) -> Parser:
    return lambda cell: tidy(cell_text(cell))[:length]


def _venue(venues: Mapping[str, int]) -> Parser:
    def parse(cell: Any) -> int | None:
        code = code_text(cell)
        if code and code not in venues:
            raise InputProblem(
                gettext_lazy("no venue has the code “%(value)s”; the codes are: %(codes)s"),
                {"value": code, "codes": ", ".join(venues) or "–"},
            )
        return venues[code] if code else None

    return parse


def cell_parsers(venues: Mapping[str, int]) -> dict[str, ParsedCells]:
    """A parser for every field of a map; `venues` maps codes to ids."""
    parsers: dict[str, Parser] = {
        "document": _code,
        "date": parse_date,
        "partner_code": _code,
        "partner_name": _text(NAME_LENGTH),
        "amount": _amount,
        "quantity": _factor,
        "unit_price": _factor,
        "tax": _amount,
        "cost": _amount,
        "item": _text(CODE_LENGTH),
        "description": _text(DESCRIPTION_LENGTH),
        "line": _code,
        "venue": _venue(venues),
        "currency": _currency,
        "status": _status,
    }
    return {name: ParsedCells(parse) for name, parse in parsers.items()}
