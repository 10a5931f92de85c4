"""One search lookup for both databases: `grams__finds="田中"` over a folded text and its 1- and 2-grams.

On PostgreSQL a GIN index over the grams answers (migration 0002 makes it); on SQLite a LIKE scan over the folded text.
"""

from typing import Any

from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models.lookups import Lookup
from django.db.models.sql.compiler import SQLCompiler

from crm_project.core import text

TEXT_COLUMN = "search_key"


class GramsField(models.TextField):
    """Grams of the model's `search_key`, joined by spaces."""


@GramsField.register_lookup
class Finds(Lookup):
    """Rows whose `search_key` contains the folded text."""

    lookup_name = "finds"
    prepare_rhs = False

    def as_sql(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper) -> tuple[str, tuple[Any, ...]]:
        """The LIKE scan."""
        column, params = self._text_column(compiler)
        return f"{column} LIKE %s ESCAPE '\\'", (*params, _like(str(self.rhs)))

    def as_postgresql(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper) -> tuple[str, tuple[Any, ...]]:
        """The GIN index, checked again by LIKE when the text is longer than a gram."""
        grams_sql, grams_params = self.process_lhs(compiler, connection)
        wanted = str(self.rhs)
        pieces = [wanted] if len(wanted) <= 2 else [wanted[i : i + 2] for i in range(len(wanted) - 1)]
        sql = f"string_to_array({grams_sql}, ' ') @> %s::text[]"
        params: tuple[Any, ...] = (*grams_params, pieces)
        if len(wanted) > 2:
            column, column_params = self._text_column(compiler)
            sql, params = f"({sql} AND {column} LIKE %s)", (*params, *column_params, _like(wanted))
        return sql, params

    def _text_column(self, compiler: SQLCompiler) -> tuple[str, list[Any]]:
        alias = self.lhs.alias
        quote = compiler.quote_name_unless_alias
        return f"{quote(alias)}.{quote(TEXT_COLUMN)}", []


def _like(folded: str) -> str:
    escaped = folded.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return f"%{escaped}%"


def search_texts(*parts: str) -> tuple[str, str]:
    """Return (search_key, grams) of the parts: each folded, joined by a space that no query contains."""
    folded = " ".join(filter(None, (text.fold(part) for part in parts)))
    return folded, text.grams(folded)
