"""A row as JSON and back, column by column: what a merge keeps of a row that it changes or sets aside."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.db import models


def columns_of(row: models.Model, names: Iterable[str] | None = None) -> dict[str, Any]:
    """JSON values of the row's columns (all, or those of the names), by attribute name ("company_id")."""
    wanted = None if names is None else set(names)
    return {
        field.attname: _to_json(field, field.value_from_object(row))
        for field in row._meta.concrete_fields
        if wanted is None or field.attname in wanted
    }


def values_from(model: type[models.Model], columns: Mapping[str, Any]) -> dict[str, Any]:
    """Python values of columns that `columns_of` wrote; columns that the model has no more are left out."""
    fields = {field.attname: field for field in model._meta.concrete_fields}
    return {name: _from_json(fields[name], value) for name, value in columns.items() if name in fields}


def insert_row(model: type[models.Model], columns: Mapping[str, Any]) -> models.Model:
    """Write a row again exactly as it was, its key and its automatic times included."""
    row = model(**values_from(model, columns))
    row.save_base(raw=True, force_insert=True)
    return row


def key_from(model: type[models.Model], text: str) -> Any:
    """A primary key from its text."""
    return model._meta.pk.to_python(text)


def _to_json(field: models.Field[Any, Any], value: Any) -> Any:
    if value is None or isinstance(value, bool | int | float | str) or isinstance(field, models.JSONField):
        return value
    return field.value_to_string(_Holder(field.attname, value))  # type: ignore[arg-type]


def _from_json(field: models.Field[Any, Any], value: Any) -> Any:
    return value if isinstance(field, models.JSONField) else field.to_python(value)


class _Holder:
    """Something with one attribute: `value_to_string` asks for an object."""

    def __init__(self, name: str, value: Any) -> None:
        setattr(self, name, value)
