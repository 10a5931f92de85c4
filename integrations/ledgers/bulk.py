"""Many rows at once: COPY on PostgreSQL, executemany on SQLite.

Values are as the database takes them: dates as ISO text, JSON as text.
Nothing of Django's saving runs here (no save(), no signals): the caller writes audit rows itself.
"""

from collections.abc import Iterable, Sequence
from typing import Any, Final

from django.db import connection, models

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
                "SELECT nextval(pg_get_serial_sequence(%s, 'id')) FROM generate_series(1, %s)", [table, count]
            )
            return [row[0] for row in cursor.fetchall()]
        cursor.execute("SELECT seq FROM sqlite_sequence WHERE name = %s", [table])
        found = cursor.fetchone()
        start = (found[0] if found else 0) + 1
        return range(start, start + count)


def insert(model: type[models.Model], fields: Sequence[str], rows: Sequence[Values]) -> None:
    """Insert rows given in the order of the fields; other columns take their database default."""
    if not rows:
        return
    table, columns = _quoted(model, fields)
    if connection.vendor == "postgresql":
        _copy(table, columns, rows)
        return
    places = ", ".join(["%s"] * len(columns))
    with connection.cursor() as cursor:
        cursor.executemany(f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({places})", rows)


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
            _copy(STAGE, [key, *columns], rows)
            settings = ", ".join(f"{column} = {STAGE}.{column}" for column in columns)
            cursor.execute(f"UPDATE {table} SET {settings} FROM {STAGE} WHERE {table}.{key} = {STAGE}.{key}")
            cursor.execute(f"DROP TABLE {STAGE}")
            return
        settings = ", ".join(f"{column} = %s" for column in columns)
        cursor.executemany(
            f"UPDATE {table} SET {settings} WHERE {key} = %s", [(*values[1:], values[0]) for values in rows]
        )


def _quoted(model: type[models.Model], fields: Iterable[str]) -> tuple[str, list[str]]:
    quote = connection.ops.quote_name
    columns = [quote(str(model._meta.get_field(name).column)) for name in fields]  # type: ignore[union-attr]
    return quote(model._meta.db_table), columns


def _copy(table: str, columns: Sequence[str], rows: Iterable[Values]) -> None:
    with (
        connection.cursor() as cursor,
        connection.wrap_database_errors,  # COPY passes by Django's cursor: its errors would come as psycopg's
        cursor.copy(f"COPY {table} ({', '.join(columns)}) FROM STDIN") as copy,
    ):
        for row in rows:
            copy.write_row(row)
