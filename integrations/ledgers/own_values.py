"""What became of the cells that a ledger of visits or inquiries has beside its guests: told like those of guests are."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from crm_project.core.column_map import Resolver
from crm_project.core.tables import Cell, Row
from crm_project.core.text import cell_text
from integrations.ledgers.cells import ERROR, LONGEST_SPECIAL, NOTE, WARNING, says_above
from integrations.ledgers.changed_values import ChangeKind, ChangeLog, ColumnName, ValueChange, column_name
from integrations.ledgers.entries import EntryReader, LedgerEntry


def placed(name: str, place: int) -> str:
    """The field at its n-th place in the row; place 0 is that of a field which stands once."""
    return f"{name} {place}" if place else name


class OwnColumns:
    """The columns of the own fields of one file, in the log of its guests' reader."""

    def __init__(
        self,
        guests: EntryReader,
        places: Iterable[tuple[int, Resolver, Iterable[str]]],
        headings: Sequence[str],
        first_column: int,
    ) -> None:
        """`places`: place in the row, the resolver that finds the fields there, their names."""
        places = list(places)
        own = {
            placed(name, place): column_name(resolver, name, headings, first_column)
            for place, resolver, names in places
            for name in names
            if name in resolver.indexes
        }
        self.log: ChangeLog = guests.log
        self.log.columns = {**self.log.columns, **own}
        self._own = own
        of_guests = {
            at for name in guests.fields for _place, resolver, _names in places for at in resolver.indexes.get(name, ())
        }
        # Where 〃 may stand: place of the cell -> the field.
        self._cells = {
            at: placed(name, place)
            for place, resolver, names in places
            for name in names
            for at in resolver.indexes.get(name, ())
            if at not in of_guests
        }
        self._last: dict[int, Cell] = {}
        # Row -> (field, what stood there, what stands above).
        self._filled: dict[int, list[tuple[str, str, str]]] = {}

    def fill(self, rows: Sequence[Row]) -> None:
        """Put what stands above in place of 〃, into the rows themselves: they are read alone once more when a person decides."""
        self._filled.clear()
        for at, name in self._cells.items():
            last = self._last.get(at, "")
            for number, row in rows:
                cell = row[at] if at < len(row) else ""
                if isinstance(cell, str) and len(cell) <= LONGEST_SPECIAL and says_above(cell):
                    if above := cell_text(last).strip():
                        row[at] = last
                        self._filled.setdefault(number, []).append((name, cell, above))
                else:
                    last = cell
            self._last[at] = last

    def tell_filled(self, entry: LedgerEntry) -> None:
        """Say of a row what was filled in."""
        for name, mark, above in self._filled.get(entry.number, ()):
            entry.say(NOTE, name, _("the same as above: %(words)s") % {"words": above})
            column, kind = str(self._own.get(name, ColumnName())), ChangeKind.ABOVE
            entry.messages[-1] |= {"kind": kind.value, "column": column, "before": mark, "after": above}
            self.log.add(ValueChange(entry.number, name, kind, mark, above))

    def compare(
        self, row: int, kept: Mapping[str, tuple[object, str]], place: int = 0, *, lists: Iterable[str] = ()
    ) -> None:
        """Take note of values that look otherwise than their cells: field -> (cell, what is kept). `lists` hold several."""
        for name, (cell, after) in kept.items():
            before = cell_text(cell)
            if before != after and (at := placed(name, place)) in self._own:
                self.log.compare(row, at, before, after, may_be_split=name in lists)

    def unread(self, entry: LedgerEntry, name: str, before: str, place: int = 0) -> None:
        """The latest sentence of the row is about a cell that could not be read."""
        at = placed(name, place)
        column = self._own.get(at, ColumnName())
        entry.messages[-1] |= {"kind": ChangeKind.UNREAD.value, "column": str(column), "before": before, "after": ""}
        self.log.add(ValueChange(entry.number, at, ChangeKind.UNREAD, before, ""))


@dataclass(slots=True)
class Sentences:
    """Says what there is to say about the own cells of a row, at one of its places."""

    entry: LedgerEntry
    columns: OwnColumns
    # Field -> its words as they stand in the file.
    written: Mapping[str, str]
    place: int = 0
    # What stands in front of a sentence about one of several places ("visit 2: ...").
    prefix: str = ""

    def error(self, name: str, sentence: str) -> None:
        """The row is set aside."""
        self._say(ERROR, name, sentence, is_unread=True)

    def warn(self, name: str, sentence: str, *, is_unread: bool = True) -> None:
        """A value that could not be read; or one that is kept otherwise than it says."""
        self._say(WARNING, name, sentence, is_unread=is_unread)

    def note(self, name: str, sentence: str) -> None:
        """A value that stands elsewhere than it was written."""
        self._say(NOTE, name, sentence, is_unread=True)

    def _say(self, level: str, name: str, sentence: str, *, is_unread: bool) -> None:
        self.entry.say(level, name, f"{self.prefix}{sentence}")
        if is_unread and (before := self.written.get(name, "")):
            self.columns.unread(self.entry, name, before, self.place)
