"""Statements that are worked out once and asked again and again: by every request, or on every page.

The ORM takes several milliseconds to write a statement with every condition of confidentiality in it, and the database
takes one to answer it.
"""

from collections.abc import Callable, Hashable
from functools import cache
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
    sql, names, converted = _row_statement(model, connection.vendor)
    with connection.cursor() as cursor:
        cursor.execute(sql, [pk])
        found = cursor.fetchone()
    return None if found is None else model.from_db(connection.alias, names, converted(found))


@cache
def _row_statement(
    model: type[Model], _vendor: str
) -> tuple[str, tuple[str, ...], Callable[[tuple[Any, ...]], list[Any]]]:
    """The statement, the names of its columns, and what makes a row of the database Python's values."""
    compiler = model._base_manager.filter(pk=0).query.get_compiler(connection=connection)
    sql, _parameters = compiler.as_sql()
    converters = compiler.get_converters([column[0] for column in compiler.select])

    def converted(row: tuple[Any, ...]) -> list[Any]:
        values: list[Any] = next(iter(compiler.apply_converters([row], converters))) if converters else list(row)
        return values

    return sql, tuple(field.attname for field in model._meta.concrete_fields), converted
