"""Statements that are worked out once and asked again and again: a count that stands on every page.

The ORM takes several milliseconds to write a statement with every condition of confidentiality in it, and the database
takes one to answer it.
"""

from collections.abc import Callable, Hashable
from typing import Any, Final

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import QuerySet

# A house has some hundred people, whose rights change now and then.
KEPT: Final = 512

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
