"""Very many lines into their table at once: COPY on PostgreSQL, one prepared INSERT on SQLite."""

from collections.abc import Iterable
from typing import Final

from django.db import connection

from crm_project.core.amounts import SCALE
from integrations.models import ActualLine
from integrations.sources.documents import Line

COLUMNS: Final = (
    *("document_id", "line_key", "item_code", "description"),
    *("quantity", "unit_price", "net_amount", "tax_amount", "cost_amount"),
)
_ESCAPES: Final = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})


def insert_lines(lines: Iterable[tuple[int, Line]]) -> None:
    """Insert lines, each with the id of its document. Amounts are ten-thousandths, as SQLite keeps them."""
    table = connection.ops.quote_name(ActualLine._meta.db_table)
    names = ", ".join(map(connection.ops.quote_name, COLUMNS))
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            places = ", ".join(["%s"] * len(COLUMNS))
            cursor.executemany(
                f"INSERT INTO {table} ({names}) VALUES ({places})",
                [(document_id, *line) for document_id, line in lines],
            )
        else:
            with cursor.copy(f"COPY {table} ({names}) FROM STDIN") as copy:
                copy.write(copy_text(lines))


class _AmountTexts(dict[int | None, str]):
    """Ten-thousandths -> the decimal as COPY reads it; prices and quantities repeat."""

    def __missing__(self, amount: int | None) -> str:
        if amount is None:
            return "\\N"
        whole, rest = divmod(abs(amount), SCALE)
        self[amount] = text = f"{'-' if amount < 0 else ''}{whole}.{rest:04d}"
        return text


def copy_text(lines: Iterable[tuple[int, Line]]) -> str:
    """The lines in the text format of COPY."""
    amounts = _AmountTexts()
    return "".join(
        [
            f"{document_id}\t{key.translate(_ESCAPES)}\t{item.translate(_ESCAPES)}\t{description.translate(_ESCAPES)}\t"
            f"{amounts[quantity]}\t{amounts[unit_price]}\t{amounts[net]}\t{amounts[tax]}\t{amounts[cost]}\n"
            for document_id, (key, item, description, quantity, unit_price, net, tax, cost) in lines
        ]
    )
