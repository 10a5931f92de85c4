"""Many rows at once: COPY on PostgreSQL, executemany on SQLite; read, written and deleted without a statement for each.

Values are as the database takes them: dates as days or ISO text, JSON as text. Amounts are ten-thousandths, the form SQLite
keeps; COPY gets them as decimals. Nothing of Django's saving runs here (no save(), no signals): the caller writes audit rows.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Sequence
from typing import Any, Final

from django.db import connection, models

from crm_project.core.amounts import SCALE, AmountField

Values = Sequence[Any]
STAGE: Final = "okami_stage"


def reserve_ids(model: type[models.Model], count: int) -> Sequence[int]:
    """Take so many new primary keys. On SQLite they are ours until the (immediate) transaction ends."""
    if not count:
        return ()
    table = model._meta.db_table
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(
                "SELECT nextval(pg_get_serial_sequence(%s, 'id')) FROM generate_series(1, %s)",
                [connection.ops.quote_name(table), count],
            )
            return [row[0] for row in cursor.fetchall()]
        cursor.execute("SELECT COALESCE(MAX(seq), 0) FROM sqlite_sequence WHERE name = %s", [table])
        start = cursor.fetchone()[0] + 1
        return range(start, start + count)


def insert(model: type[models.Model], fields: Sequence[str], rows: Sequence[Values]) -> None:
    """Insert rows given in the order of the fields; other columns take their database default."""
    if not rows:
        return
    if connection.vendor == "postgresql":
        _copy(*_quoted(model, fields), _with_decimals(model, fields, rows))
        return
    table, columns = _quoted(model, fields)
    places = ", ".join(["%s"] * len(columns))
    with connection.cursor() as cursor:
        cursor.executemany(f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({places})", rows)


def copy_text(model: type[models.Model], fields: Sequence[str], text: str) -> None:
    """Insert rows that stand in COPY's own notation already (PostgreSQL only), for the tables with most rows."""
    _copy(*_quoted(model, fields), text)


def update(model: type[models.Model], fields: Sequence[str], rows: Sequence[Values]) -> None:
    """Set the fields of rows given as (primary key, values in the order of the fields)."""
    if not rows:
        return
    table, columns = _quoted(model, fields)
    key = connection.ops.quote_name(str(model._meta.pk.column))
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            listed = ", ".join([key, *columns])
            cursor.execute(
                f"CREATE TEMPORARY TABLE {STAGE} ON COMMIT DROP AS SELECT {listed} FROM {table} WITH NO DATA"
            )
            _copy(STAGE, [key, *columns], _with_decimals(model, ["pk", *fields], rows))
            settings = ", ".join(f"{column} = {STAGE}.{column}" for column in columns)
            cursor.execute(f"UPDATE {table} SET {settings} FROM {STAGE} WHERE {table}.{key} = {STAGE}.{key}")
            cursor.execute(f"DROP TABLE {STAGE}")
            return
        settings = ", ".join(f"{column} = %s" for column in columns)
        cursor.executemany(
            f"UPDATE {table} SET {settings} WHERE {key} = %s", [(*values[1:], values[0]) for values in rows]
        )


def read(model: type[models.Model], keys: Collection[Any], *, lock: bool = False) -> dict[Any, dict[str, Any]]:
    """Rows by primary key, {attribute name: value} with every column, the values as `insert` and `update` take them.

    What is read and written again is the same to the last digit. With `lock` the rows stay locked until the transaction ends.
    """
    if not keys:
        return {}
    fields = list(model._meta.concrete_fields)
    table, _columns = _quoted(model, ())
    key = connection.ops.quote_name(str(model._meta.pk.column))
    sql = f"SELECT {', '.join(map(_as_written, fields))} FROM {table} WHERE {key} {_among(keys)} ORDER BY {key}"
    if lock and connection.features.has_select_for_update:
        sql += " FOR UPDATE"
    names = [field.attname for field in fields]
    place = names.index(str(model._meta.pk.attname))
    with connection.cursor() as cursor:
        cursor.execute(sql, [_set(keys)])
        return {row[place]: dict(zip(names, row, strict=True)) for row in cursor.fetchall()}


def delete(model: type[models.Model], keys: Collection[Any]) -> None:
    """Delete rows and nothing else: what points to them is the caller's business."""
    if not keys:
        return
    table, (key,) = _quoted(model, ["pk"])
    with connection.cursor() as cursor:
        cursor.execute(f"DELETE FROM {table} WHERE {key} {_among(keys)}", [_set(keys)])


def _among(keys: Collection[Any]) -> str:
    return "= ANY(%s)" if connection.vendor == "postgresql" else "IN (SELECT value FROM json_each(%s))"


def _set(keys: Collection[Any]) -> Any:
    return list(keys) if connection.vendor == "postgresql" else json.dumps(list(keys))


def _as_written(field: models.Field[Any, Any]) -> str:
    """The column as its values are written: whole numbers and texts."""
    column = connection.ops.quote_name(str(field.column))
    if connection.vendor != "postgresql":
        return f"+{column}"  # the plus does nothing but keep the driver from making Python values of it
    if isinstance(field, AmountField):
        return f"({column} * {SCALE})::bigint"
    if isinstance(
        field, models.DateField | models.TimeField | models.JSONField | models.UUIDField | models.DecimalField
    ):
        return f"{column}::text"
    return column


class AmountTexts(dict[int | None, str | None]):
    """Ten-thousandths -> the decimal as COPY reads it (`null` for None); prices and quantities repeat."""

    def __init__(self, *, null: str | None) -> None:
        super().__init__()
        self[None] = null

    def __missing__(self, amount: int | None) -> str:
        assert amount is not None
        whole, rest = divmod(abs(amount), SCALE)
        self[amount] = text = f"{'-' if amount < 0 else ''}{whole}.{rest:04d}"
        return text


def _with_decimals(model: type[models.Model], fields: Sequence[str], rows: Iterable[Values]) -> Iterable[Values]:
    """The rows, with their amounts as PostgreSQL keeps them."""
    at = {place for place, name in enumerate(fields) if isinstance(_field(model, name), AmountField)}
    if not at:
        return rows
    amounts = AmountTexts(null=None)
    return ([amounts[value] if place in at else value for place, value in enumerate(row)] for row in rows)


def _field(model: type[models.Model], name: str) -> Any:
    return model._meta.pk if name == "pk" else model._meta.get_field(name)


def _quoted(model: type[models.Model], fields: Iterable[str]) -> tuple[str, list[str]]:
    quote = connection.ops.quote_name
    return quote(model._meta.db_table), [quote(_field(model, name).column) for name in fields]


def _copy(table: str, columns: Sequence[str], rows: Iterable[Values] | str) -> None:
    with (
        connection.cursor() as cursor,
        connection.wrap_database_errors,  # COPY passes by Django's cursor: its errors would come as psycopg's
        cursor.copy(f"COPY {table} ({', '.join(columns)}) FROM STDIN") as copy,
    ):
        if isinstance(rows, str):
            copy.write(rows)
        else:
            for row in rows:
                copy.write_row(row)
