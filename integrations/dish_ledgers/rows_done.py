"""What the rows of a ledger of dishes or foods did."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from crm_project.core.tables import Cell


@dataclass
class RowsDone:
    """Counts are of rows that are not empty: each is created, updated, unchanged, or a problem (row, sentence)."""

    created: int = 0
    updated: int = 0
    unchanged: int = 0
    blank_rows: int = 0
    problems: list[tuple[int, str]] = field(default_factory=list)
    # The cells of those rows, by their number.
    set_aside: dict[int, Sequence[Cell]] = field(default_factory=dict)
    # Of what was written: what an undo asks for.
    import_id: int | None = None
    # What values became on the way in: see `ChangeLog.as_json`.
    reading: dict[str, Any] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """The command line's answer."""
        errors = len(self.problems)
        return {
            "rows": self.created + self.updated + self.unchanged + errors,
            "blank_rows": self.blank_rows,
            "created": self.created,
            "updated": self.updated,
            "unchanged": self.unchanged,
            "errors": errors,
            "changed_values": self.reading.get("changed_values", 0),
            "unread_values": self.reading.get("unread_values", 0),
            "import_id": self.import_id,
        }
