"""Small files of actuals for the tests of this folder."""

import csv
import io
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

from integrations.models import Source
from tests.factories.integrations import SourceFactory

MAP = """
[columns]
document = "伝票番号"
date = "売上日"
partner_code = "得意先コード"
partner_name = "得意先名"
quantity = "数量"
unit_price = "単価"
"""
HEADINGS = ("伝票番号", "売上日", "得意先コード", "得意先名", "数量", "単価")
AMOUNT_MAP = MAP.replace('quantity = "数量"\nunit_price = "単価"', 'amount = "金額"')


def row(
    document: object = "B-1",
    date: object = "2026-10-03",
    code: object = "C1",
    name: object = "株式会社青葉商事",
    quantity: object = 2,
    price: object = "8000",
) -> tuple[object, ...]:
    """A line of a document."""
    return document, date, code, name, quantity, price


def csv_text(rows: Sequence[Sequence[object]], headings: Sequence[str] = HEADINGS) -> str:
    """The rows as CSV."""
    text = io.StringIO(newline="")
    csv.writer(text).writerows([headings, *rows])
    return text.getvalue()


def write_csv(
    path: Path, rows: Sequence[Sequence[object]], headings: Sequence[str] = HEADINGS, encoding: str = "utf-8"
) -> Path:
    """Write the rows to the path."""
    path.write_text(csv_text(rows, headings), encoding=encoding, newline="")
    return path


def good_rows(count: int, first: int = 1000) -> list[tuple[object, ...]]:
    """So many documents of one line each."""
    return [row(document=f"B-{first + number}", code=f"C{number % 7}", name="") for number in range(count)]


def mapped_source(map_text: str = MAP, **values: Any) -> Source:
    """A source that knows its columns."""
    return SourceFactory.create(map_text=map_text, **values)


def dec(text: str) -> Decimal:
    """A decimal."""
    return Decimal(text)
