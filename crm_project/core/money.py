"""Amounts: exact decimals from what people and spreadsheets write, and back to what people read.

Pure functions. Stored amounts have 14 digits before and 4 behind the decimal point; nothing converts a currency.
"""

import re
from collections.abc import Iterable
from decimal import ROUND_HALF_EVEN, ROUND_HALF_UP, Context, Decimal, localcontext
from typing import Final

from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from crm_project.core.problems import InputProblem
from crm_project.core.text import nfkc

INTEGER_DIGITS: Final = 14
DECIMALS: Final = 4
_TOO_LARGE = Decimal(10) ** INTEGER_DIGITS
_WIDE = Context(prec=60)  # no sum of stored amounts is rounded


class AmountError(InputProblem):
    """What was written is not an amount that can be stored."""


_MINUS = "-−‐‑‒–—ー"
_AMOUNT = re.compile(
    rf"(?P<minus>[{_MINUS}△▲▼]\s*)?(?P<open>\(\s*)?\+?\s*(?P<yen>[¥\\])?\s*(?P<minus2>[{_MINUS}△▲▼]\s*)?"
    rf"(?P<number>(?:\d{{1,3}}(?:,\d{{3}})+|\d+)(?:\.\d*)?|\.\d+)\s*(?P<en>円)?\s*(?P<close>\))?(?P<behind>[{_MINUS}])?",
    re.ASCII,
)
_PLAIN = re.compile(r"-?\d{1,14}(?:\.\d{1,4})?", re.ASCII)
_KANJI = "〇零一二三四五六七八九十百千万億兆壱弐参"
_KANJI_AMOUNT = re.compile(rf"[{_KANJI}\d,.]*[{_KANJI}][{_KANJI}\d]*円?")


def parse_amount(value: object, *, decimals: int = DECIMALS) -> Decimal | None:
    """The amount in a cell or a field; None for a blank.

    Reads 1,234 / △1,234 / (1,234) / －１，２３４ / ¥1,234 / 1,234円 / 1234.50 and numbers; the dash that closes a sum in yen
    (¥1,234-) is no minus, one behind a bare number is. A number cell is what the
    spreadsheet shows of it (15 digits), rounded to `decimals`; a text with more decimals is refused, as is an
    amount of more than 14 digits. Raises AmountError with the reason.
    """
    if value is None:
        return None
    if isinstance(value, str):
        if _PLAIN.fullmatch(value):
            return Decimal(value) + 0
        return _from_text(value, decimals)
    if isinstance(value, bool):
        raise _not_an_amount(value)
    if isinstance(value, int):
        return _within(Decimal(value), value, decimals)
    if isinstance(value, float):
        return _from_float(value, decimals)
    if isinstance(value, Decimal):
        if not value.is_finite():
            raise _not_an_amount(value)
        return _within(value, value, decimals)
    raise _not_an_amount(value)


def _from_float(value: float, decimals: int) -> Decimal:
    if value != value or value in (float("inf"), float("-inf")):
        raise _not_an_amount(value)
    if value.is_integer() and abs(value) < _TOO_LARGE:
        return Decimal(int(value))
    text = repr(value)
    if len(text) <= 15 and _PLAIN.fullmatch(text):
        return Decimal(text)
    shown = Decimal(text)
    if len(shown.as_tuple().digits) > 15:
        shown = Decimal(f"{value:.15g}")
    if int(shown.as_tuple().exponent) < -decimals:
        shown = shown.quantize(_step(decimals), rounding=ROUND_HALF_EVEN)
    return _within(shown, value, decimals)


def _from_text(value: str, decimals: int) -> Decimal | None:
    written = " ".join(value.split())
    if not written:
        return None
    match = _AMOUNT.fullmatch(nfkc(written))
    if match is None or bool(match["open"]) != bool(match["close"]):
        raise _not_an_amount(written)
    closing = match["behind"] if match["yen"] or match["en"] else None
    signs = [match["minus"], match["minus2"], match["open"], None if closing else match["behind"]]
    if sum(map(bool, signs)) > 1:
        raise _not_an_amount(written)
    amount = _within(Decimal(match["number"].replace(",", "")), written, decimals)
    return -amount if any(signs) else amount


def _within(amount: Decimal, written: object, decimals: int) -> Decimal:
    """The amount without an exponent, if the columns can hold it exactly."""
    if abs(amount) >= _TOO_LARGE:
        raise AmountError(
            _("“%(value)s” is too large: an amount has at most %(digits)s digits before the decimal point"),
            {"value": written, "digits": INTEGER_DIGITS},
        )
    if int(amount.as_tuple().exponent) < -decimals:
        rounded = amount.quantize(_step(decimals))
        if rounded != amount:
            raise AmountError(
                _("“%(value)s” has more than %(decimals)s decimals"), {"value": written, "decimals": decimals}
            )
        amount = rounded
    return amount + 0  # -0 is 0, 1E+3 is 1000


def _step(decimals: int) -> Decimal:
    return Decimal(1).scaleb(-decimals)


def _not_an_amount(written: object) -> AmountError:
    plain = nfkc(written).replace(" ", "") if isinstance(written, str) else ""
    if _KANJI_AMOUNT.fullmatch(plain):
        return AmountError(_("“%(value)s” is not an amount: write digits, such as 10000"), {"value": written})
    return AmountError(
        _("“%(value)s” is not an amount: write a number, such as 10000 or -1,234.50"), {"value": written}
    )


# --- currencies -------------------------------------------------------------------------------------------------------

_DIGITS: Final = (
    dict.fromkeys("BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF".split(), 0)
    | dict.fromkeys("BHD IQD JOD KWD LYD OMR TND".split(), 3)
    | dict.fromkeys("CLF UYW".split(), 4)
)
_SIGNS: Final = {"JPY": "¥", "GBP": "£", "USD": "$", "EUR": "€", "KRW": "₩", "INR": "₹"}
_CURRENCY = re.compile(r"[A-Z]{3}")


def parse_currency(value: str) -> str:
    """The code of a currency, in three capital letters (円 is JPY); "" for a blank. Raises AmountError."""
    code = nfkc(value).strip().upper()
    code = {"円": "JPY", "¥": "JPY"}.get(code, code)
    if code and not _CURRENCY.fullmatch(code):
        raise AmountError(_("“%(value)s” is not a currency: write its three letters, such as JPY"), {"value": value})
    return code


def currency_digits(code: str) -> int:
    """Decimals of a currency by ISO 4217: JPY 0, KWD 3, others 2."""
    return _DIGITS.get(code, 2)


def rounded(amount: Decimal, currency: str = "JPY") -> Decimal:
    """The amount in the currency's own digits, half up: for display only."""
    return amount.quantize(Decimal(1).scaleb(-currency_digits(currency)), rounding=ROUND_HALF_UP, context=_WIDE)


def format_amount(amount: Decimal, currency: str = "JPY") -> str:
    """1,234,567円 on Japanese screens, ¥1,234,567 on others, £1,234.50, CHF 1,234.50; a minus stands in front."""
    shown = rounded(amount, currency)
    minus = "-" if shown < 0 else ""
    number = f"{abs(shown):,f}"
    if currency == "JPY" and (get_language() or "ja").startswith("ja"):
        return f"{minus}{number}円"
    sign = _SIGNS.get(currency)
    return f"{minus}{sign}{number}" if sign else f"{minus}{currency} {number}"


def plain(amount: Decimal) -> str:
    """A decimal for JSON and files: no exponent, no thousands, no zeros at the end (9539484.634)."""
    text = f"{amount:f}"
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def exact_sum(amounts: Iterable[Decimal | int | str | None]) -> Decimal:
    """Sum without rounding (60 digits); None counts as nothing. Numbers written as text are read as decimals."""
    with localcontext(_WIDE):
        total = Decimal(0)
        for amount in amounts:
            if amount is not None:
                total += Decimal(amount)
        return total
