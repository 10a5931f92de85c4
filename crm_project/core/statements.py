"""Statements that are worked out once and asked again and again: by every request, or on every page.

The ORM takes several milliseconds to write a statement with every condition of confidentiality in it, and the database
takes one to answer it.
"""

from collections.abc import Callable, Hashable, Iterable, Sequence
from functools import cache, lru_cache
from typing import Any, Final, TypeVar

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import Model, QuerySet

# A house has some hundred people, whose rights change now and then.
KEPT: Final = 512

Row = TypeVar("Row", bound=Model)

_written: dict[Hashable, tuple[str, tuple[Any, ...]] | None] = {}


def counted(key: Hashable, rows: Callable[[], QuerySet[Any, Any]]) -> int:
    """How many rows there are now. One query.

    `key` names everything that `rows` makes its conditions from: the same key means the same statement.
    """
    key = (connection.vendor, key)
    if key not in _written:
        if len(_written) >= KEPT:
            _written.clear()
        _written[key] = _statement(rows().order_by().values("pk"))
    statement = _written[key]
    if statement is None:
        return 0
    sql, parameters = statement
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT COUNT(*) FROM ({sql}) counted", parameters)
        (number,) = cursor.fetchone()
    return int(number)


def _statement(rows: QuerySet[Any, Any]) -> tuple[str, tuple[Any, ...]] | None:
    """The statement and its parameters; None where its conditions leave nothing to be found."""
    try:
        sql, parameters = rows.query.get_compiler(connection=connection).as_sql()
    except EmptyResultSet:
        return None
    return sql, tuple(parameters)


def read_row(model: type[Row], pk: int | str) -> Row | None:
    """The row of a model; None when there is none. One query."""
    rows = read_rows(model, [pk])
    return rows[0] if rows else None


def read_rows(model: type[Row], pks: Sequence[int | str], order_by: tuple[str, ...] = ()) -> list[Row]:
    """The rows of a model with these keys, in no order when none is named. One query, none for no keys."""
    if not pks:
        return []
    sql, names, converted = _rows_statement(model, len(pks), order_by, connection.vendor)
    with connection.cursor() as cursor:
        cursor.execute(sql, pks)
        found = cursor.fetchall()
    return [model.from_db(connection.alias, names, values) for values in converted(found)]


@lru_cache(maxsize=KEPT)
def _rows_statement(
    model: type[Model], keys: int, order_by: tuple[str, ...], _vendor: str
) -> tuple[str, tuple[str, ...], Callable[[list[tuple[Any, ...]]], Iterable[Any]]]:
    """The statement, the names of its columns, and what makes rows of the database Python's values."""
    rows = model._base_manager.filter(pk__in=range(keys)).order_by(*order_by)
    compiler = rows.query.get_compiler(connection=connection)
    sql, _parameters = compiler.as_sql()
    converters = compiler.get_converters([column[0] for column in compiler.select])

    def converted(found: list[tuple[Any, ...]]) -> Iterable[Any]:
        values: Iterable[Any] = compiler.apply_converters(found, converters) if converters else found
        return values

    return sql, tuple(field.attname for field in model._meta.concrete_fields), converted


def insert_row(row: Model) -> None:
    """Save a new row of a model that nothing else listens to: no signals are sent. Its key is set. One statement."""
    fields = row._meta.local_concrete_fields
    sql, written = _insert_statement(type(row), connection.vendor)
    values = [fields[at].get_db_prep_save(fields[at].pre_save(row, True), connection) for at in written]
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        (row.pk,) = cursor.fetchone()
    row._state.adding, row._state.db = False, connection.alias


@cache
def _insert_statement(model: type[Model], _vendor: str) -> tuple[str, tuple[int, ...]]:
    """The statement that answers the new key, and the places of the fields it writes among the model's own."""
    fields, quoted = model._meta.local_concrete_fields, connection.ops.quote_name
    written = tuple(at for at, field in enumerate(fields) if not field.primary_key)
    columns = ", ".join(quoted(str(fields[at].column)) for at in written)
    marks = ", ".join(["%s"] * len(written))
    table, key = quoted(model._meta.db_table), quoted(str(model._meta.pk.column))
    return f"INSERT INTO {table} ({columns}) VALUES ({marks}) RETURNING {key}", written
