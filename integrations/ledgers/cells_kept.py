"""The cells of a row as JSON and back: rows that a person will look at are kept as they stood in the file."""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from typing import Any

from crm_project.core.tables import Cell

_KINDS: dict[str, Any] = {
    "datetime": datetime.fromisoformat,
    "date": date.fromisoformat,
    "time": time.fromisoformat,
    "seconds": lambda seconds: timedelta(seconds=seconds),
}


def kept_cells(cells: Sequence[Cell]) -> list[Any]:
    """JSON values: a date is {"date": "2026-11-30"}, texts and numbers are themselves."""
    return [_kept(cell) for cell in cells]


def cells_from(kept: Sequence[Any]) -> list[Cell]:
    """The cells that `kept_cells` kept."""
    return [_cell(value) for value in kept]


def _kept(cell: Cell) -> Any:
    if isinstance(cell, str):
        # A lone surrogate is no text of a database.
        return cell.encode("utf-8", "replace").decode().replace("\0", "")
    if isinstance(cell, datetime):
        return {"datetime": cell.isoformat()}
    if isinstance(cell, date):
        return {"date": cell.isoformat()}
    if isinstance(cell, time):
        return {"time": cell.isoformat()}
    if isinstance(cell, timedelta):
        return {"seconds": cell.total_seconds()}
    if isinstance(cell, float) and (cell != cell or cell in (float("inf"), float("-inf"))):
        return str(cell)
    return cell


def _cell(value: Any) -> Cell:
    if isinstance(value, dict):
        [(kind, written)] = value.items()
        cell: Cell = _KINDS[kind](written)
        return cell
    return "" if value is None else value
