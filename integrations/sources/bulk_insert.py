"""Very many documents and lines into their tables at once: COPY on PostgreSQL, one prepared INSERT on SQLite.

Amounts are ten-thousandths here, the form SQLite keeps; COPY gets them as decimals.
"""

from collections.abc import Iterable, Sequence
from typing import Any, Final

from django.db import connection
from django.db.models import Model

from crm_project.core.amounts import SCALE, AmountField
from integrations.models import ActualLine
from integrations.sources.documents import Line

LINE_COLUMNS: Final = (
    *("document_id", "line_key", "item_code", "description"),
    *("quantity", "unit_price", "net_amount", "tax_amount", "cost_amount"),
)


def reserve_ids(model: type[Model], count: int) -> list[int]:
    """Ids for so many new rows. On SQLite they are ours because a transaction is the only writer."""
    table = model._meta.db_table
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("SELECT COALESCE(MAX(seq), 0) FROM sqlite_sequence WHERE name = %s", [table])
            last: int = cursor.fetchone()[0]
            return list(range(last + 1, last + 1 + count))
        cursor.execute(
            "SELECT nextval(pg_get_serial_sequence(%s, 'id')) FROM generate_series(1, %s)",
            [connection.ops.quote_name(table), count],
        )
        return [pk for (pk,) in cursor.fetchall()]


def insert_rows(model: type[Model], columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    """Insert rows of ids, texts, dates, booleans and amounts, in the order of the columns."""
    if connection.vendor == "sqlite":
        _insert(model, columns, rows)
        return
    amounts = _AmountTexts()
    is_amount = [isinstance(_field(model, column), AmountField) for column in columns]
    _copy(
        model,
        columns,
        "".join(
            "\t".join(
                amounts[value] if scaled else _copy_text(value) for value, scaled in zip(row, is_amount, strict=True)
            )
            + "\n"
            for row in rows
        ),
    )


def insert_lines(lines: Iterable[tuple[int, Line]]) -> None:
    """Insert lines, each with the id of its document. Their texts hold no control characters (`text.tidy`)."""
    if connection.vendor == "sqlite":
        _insert(ActualLine, LINE_COLUMNS, [(document_id, *line) for document_id, line in lines])
        return
    amounts = _AmountTexts()
    _copy(
        ActualLine,
        LINE_COLUMNS,
        "".join(
            [
                f"{document_id}\t{key}\t{item}\t{description}\t".replace("\\", "\\\\")
                + f"{amounts[quantity]}\t{amounts[unit_price]}\t{amounts[net]}\t{amounts[tax]}\t{amounts[cost]}\n"
                for document_id, (key, item, description, quantity, unit_price, net, tax, cost) in lines
            ]
        ),
    )


def _field(model: type[Model], column: str) -> Any:
    return next(field for field in model._meta.concrete_fields if field.column == column)


def _insert(model: type[Model], columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    places = ", ".join(["%s"] * len(columns))
    with connection.cursor() as cursor:
        cursor.executemany(f"INSERT INTO {_target(model, columns)} VALUES ({places})", rows)


def _copy(model: type[Model], columns: Sequence[str], text: str) -> None:
    # The errors of COPY come up when its block ends, where Django does not look.
    with (
        connection.cursor() as cursor,
        connection.wrap_database_errors,
        cursor.copy(f"COPY {_target(model, columns)} FROM STDIN") as copy,
    ):
        copy.write(text)


def _target(model: type[Model], columns: Sequence[str]) -> str:
    quote = connection.ops.quote_name
    return f"{quote(model._meta.db_table)} ({', '.join(map(quote, columns))})"


class _AmountTexts(dict[int | None, str]):
    """Ten-thousandths -> the decimal as COPY reads it; prices and quantities repeat."""

    def __missing__(self, amount: int | None) -> str:
        if amount is None:
            text = "\\N"
        else:
            whole, rest = divmod(abs(amount), SCALE)
            text = f"{'-' if amount < 0 else ''}{whole}.{rest:04d}"
        self[amount] = text
        return text


def _copy_text(value: Any) -> str:
    return "\\N" if value is None else str(value).replace("\\", "\\\\")
