"""`field__any_of={...}`: a large set as one parameter. `IN` with thousands of placeholders costs more than the search."""

import json
import re
from collections.abc import Iterable
from typing import Any, Final

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Field, Lookup
from django.db.models.sql.compiler import SQLCompiler

_ESCAPED: Final = re.compile(r'["\\]')
_ESCAPE: Final = r"\\\g<0>"


@Field.register_lookup
class AnyOf(Lookup):
    """Rows whose value is in the set. Through a relation name the key itself: `customer__id__any_of`."""

    lookup_name = "any_of"
    prepare_rhs = False

    def as_sql(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper) -> tuple[str, Any]:
        """A JSON list, on SQLite."""
        left, params = self.process_lhs(compiler, connection)
        return f"{left} IN (SELECT value FROM json_each(%s))", [*params, json.dumps(list(self.rhs))]

    def as_postgresql(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper) -> tuple[str, Any]:
        """An array."""
        left, params = self.process_lhs(compiler, connection)
        return f"{left} = ANY(%s)", [*params, _array(self.rhs)]


def _array(values: Iterable[str | int]) -> str:
    """PostgreSQL's notation; the driver's own way takes as long as the search."""
    texts = list(map(str, values))
    if _ESCAPED.search("".join(texts)):
        texts = [_ESCAPED.sub(_ESCAPE, text) for text in texts]
    return '{"' + '","'.join(texts) + '"}' if texts else "{}"
