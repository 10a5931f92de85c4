"""One search lookup for both databases: `grams__finds="田中"` over a folded text and its 1- and 2-grams.

On PostgreSQL a GIN index over the grams answers (migration 0015 makes it), on SQLite a full-text table (search_tables).
"""

from typing import Any

from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models.expressions import Func
from django.db.models.lookups import Lookup
from django.db.models.sql.compiler import SQLCompiler

from crm_project.core import text
from customers import search_tables

TEXT_COLUMN = "search_key"
Params = tuple[Any, ...]


class GramsField(models.TextField):
    """Grams of the model's `search_key`, joined by spaces."""


@GramsField.register_lookup
class Finds(Lookup):
    """Rows whose `search_key` contains the folded text."""

    lookup_name = "finds"
    prepare_rhs = False

    def as_sqlite(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper) -> tuple[str, Params]:
        """The full-text table, checked again by LIKE when the text is longer than a gram."""
        table = search_tables.TABLE
        tokens = " ".join(f'"{search_tables.token(gram)}"' for gram in self._grams)
        sql = f"{self._column(compiler, 'id')} IN (SELECT rowid FROM {table} WHERE {table} MATCH %s)"
        return self._checked_again(sql, (tokens,), compiler, " ESCAPE '\\'")

    def as_postgresql(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper) -> tuple[str, Params]:
        """The GIN index, checked again by LIKE when the text is longer than a gram."""
        grams_sql, grams_params = self.process_lhs(compiler, connection)
        sql = f"customer_grams_of({grams_sql}) @> %s::text[]"
        return self._checked_again(sql, (*grams_params, self._grams), compiler, "")

    @property
    def _grams(self) -> list[str]:
        return text.needed_grams(str(self.rhs))

    def _checked_again(self, sql: str, params: Params, compiler: SQLCompiler, escape: str) -> tuple[str, Params]:
        wanted = str(self.rhs)
        if len(wanted) <= 2:
            return sql, params
        return f"({sql} AND {self._column(compiler, TEXT_COLUMN)} LIKE %s{escape})", (*params, _like(wanted))

    def _column(self, compiler: SQLCompiler, name: str) -> str:
        quote = compiler.quote_name_unless_alias
        return f"{quote(self.lhs.alias)}.{quote(name)}"


class Beginning(Func):
    """The first one or two characters of a column, written as the indexes `customer_begins_1` and `_2` have it.

    Unlike Django's Left the number is part of the statement: SQLite compares an expression with that of an index sign by
    sign and knows no parameter there.
    """

    output_field: "models.Field[Any, Any]" = models.TextField()

    def __init__(self, column: str, length: int) -> None:
        super().__init__(column, template=f"LEFT(%(expressions)s, {length:d})")
        self.length = length

    def as_sqlite(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, **context: Any) -> tuple[str, Params]:
        """SQLite has no LEFT."""
        sql, params = super().as_sql(compiler, connection, template=f"SUBSTR(%(expressions)s, 1, {self.length:d})")
        return sql, tuple(params)


class BeginsWith(Beginning):
    """Whether a column begins with a text that is longer than the indexes are: checked of what an index has found.

    PostgreSQL would take LIKE for a second condition that has nothing to do with the first, expect a single row to keep
    both, and sort thousands of them (長谷川: 250 ms) where the index has them in order. Of a plain call of the function
    it assumes that a third of the rows pass.
    """

    output_field = models.BooleanField()

    def __init__(self, column: str, wanted: str) -> None:
        super().__init__(column, len(wanted))
        self.wanted = wanted

    def as_postgresql(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper) -> tuple[str, Params]:
        """The function behind the sign of equality."""
        sql, params = super().as_sql(compiler, connection)
        return f"texteq({sql}, %s)", (*params, self.wanted)

    def as_sqlite(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, **context: Any) -> tuple[str, Params]:
        """SQLite makes no such estimates."""
        sql, params = super().as_sqlite(compiler, connection)
        return f"{sql} = %s", (*params, self.wanted)


def _like(folded: str) -> str:
    escaped = folded.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return f"%{escaped}%"
