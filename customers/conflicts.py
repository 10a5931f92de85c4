"""Two people changed the same card: what the other one wrote and what this one wrote, field by field."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class FieldConflict:
    """One field that both changed: what stands now, what this person wrote, and what stood before both."""

    field: str
    theirs: Any
    mine: Any
    before: Any = None


class VersionConflict(Exception):
    """The card was changed meanwhile; nothing is written. `version` is the one to answer to."""

    def __init__(self, *, version: int, conflicts: list[FieldConflict]) -> None:
        super().__init__(f"Changed by somebody else: {', '.join(conflict.field for conflict in conflicts)}")
        self.version = version
        self.conflicts = conflicts


def find_conflicts(
    *, theirs: Mapping[str, Any], mine: Mapping[str, Any], base: Mapping[str, Any] | None
) -> list[FieldConflict]:
    """Fields of `mine` that differ from what stands now (`theirs`).

    With `base`, what the person saw when the form was opened, only those that the other person changed as well.
    """
    return [
        FieldConflict(field, theirs[field], value, base.get(field) if base is not None else None)
        for field, value in mine.items()
        if theirs[field] != value and (base is None or base.get(field) != theirs[field])
    ]
