"""Very many lines into their table at once: one text for COPY on PostgreSQL, one prepared INSERT on SQLite."""

from collections.abc import Iterable
from typing import Final

from django.db import connection

from integrations import bulk
from integrations.models import ActualLine
from integrations.sources.documents import Line

LINE_FIELDS: Final = (
    *("document_id", "line_key", "item_code", "description"),
    *("quantity", "unit_price", "net_amount", "tax_amount", "cost_amount"),
)


def insert_lines(lines: Iterable[tuple[int, Line]]) -> None:
    """Insert lines, each with the id of its document. Their texts hold no control characters (`text.tidy`)."""
    if connection.vendor == "sqlite":
        bulk.insert(ActualLine, LINE_FIELDS, [(document_id, *line) for document_id, line in lines])
        return
    amounts = bulk.AmountTexts(null="\\N")
    bulk.copy_text(
        ActualLine,
        LINE_FIELDS,
        "".join(
            [
                f"{document_id}\t{key}\t{item}\t{description}\t".replace("\\", "\\\\")
                + f"{amounts[quantity]}\t{amounts[unit_price]}\t{amounts[net]}\t{amounts[tax]}\t{amounts[cost]}\n"
                for document_id, (key, item, description, quantity, unit_price, net, tax, cost) in lines
            ]
        ),
    )
