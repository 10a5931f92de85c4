"""Ready-made maps of exports of other systems, each from a public list of columns; the files name their sources."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Final

from crm_project.core.column_map import Column, ColumnMap
from crm_project.core.text import compare_key

FOLDER: Final = Path(__file__).parent
# Of the headings that its maker lists, for a file to be known as such an export.
KNOWN_BY: Final = 0.8


@dataclass(frozen=True)
class ReadyMap:
    """A ready-made map: what it is called, which ledgers it is for, and the headings that its maker lists."""

    key: str
    name: str
    target: str
    headings: tuple[str, ...]
    text: str

    def share(self, headings: Sequence[str]) -> float:
        """Which share of the headings its maker lists stands in the file."""
        there = {compare_key(heading) for heading in headings}
        return sum(compare_key(heading) in there for heading in self.headings) / len(self.headings)

    def fitted(self, load: Callable[[str], ColumnMap], headings: Sequence[str]) -> ColumnMap:
        """The map without the columns that this file has not: exports leave out what nobody uses."""
        there = {compare_key(heading) for heading in headings}
        found = load(self.text)
        columns = {name: fitting for name, column in found.columns.items() if (fitting := _fitted(column, there))}
        return replace(found, columns=columns)


def _fitted(column: Column, there: set[str]) -> Column | None:
    kept = tuple(heading for heading in column.headings if compare_key(heading) in there)
    if not kept or (column.parts and len(kept) < len(column.headings)):
        return None
    return Column(
        kept, column.joined and len(kept) > 1, column.how if len(kept) > 1 or column.parts else "", column.parts
    )


@cache
def ready_maps() -> tuple[ReadyMap, ...]:
    """All of them, in the order of their names."""
    return tuple(sorted(map(_read, FOLDER.glob("*.toml")), key=lambda one: one.name))


def known_export(target: str, headings: Sequence[str]) -> ReadyMap | None:
    """The system whose export a file looks like; None for a ledger of the house's own."""
    best = max((one for one in ready_maps() if one.target == target), key=lambda one: one.share(headings), default=None)
    return best if best is not None and best.share(headings) >= KNOWN_BY else None


def _read(path: Path) -> ReadyMap:
    text = path.read_text(encoding="utf-8")
    said = dict(line[2:].split(": ", 1) for line in text.splitlines() if line.startswith("# ") and ": " in line)
    return ReadyMap(path.stem, said["name"], said["target"], tuple(said["headings"].split(",")), text)
