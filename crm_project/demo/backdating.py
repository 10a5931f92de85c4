"""Rows that are said to be older than the moment they are written."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import models


@contextmanager
def times_as_given(model: type[models.Model], *fields: str) -> Iterator[None]:
    """Keep the given times of new rows: `auto_now_add` would write the moment of writing. For a command that runs alone."""
    automatic: list[Any] = [model._meta.get_field(name) for name in fields]
    for field in automatic:
        field.auto_now_add = False
    try:
        yield
    finally:
        for field in automatic:
            field.auto_now_add = True
