"""A ledger's file with its map: what is opened once to be checked and once to be imported."""

import gc
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import islice
from pathlib import Path
from typing import Any, Final, TypeVar

from django.conf import settings
from django.db import connection
from django.utils.translation import gettext_lazy as _

from crm_project.core.column_map import ColumnMap, MapError, Resolver
from crm_project.core.jobs.pace import Pace
from crm_project.core.second_process import has_second_core, made_beside
from crm_project.core.tables import COLOURS, SHEET_HEADING, STRIKE, Cell, Limits, Row, Table, read_table
from crm_project.core.text import compare_key
from integrations.choices import LedgerTarget
from integrations.ledgers.corrections import Corrections, corrected_import
from integrations.ledgers.entries import WARNING, EntryReader, LedgerEntry, ReadRows
from integrations.ledgers.fields import FIELD_LABELS, WITH_HIDDEN, ledger_map
from integrations.ledgers.former_imports import former_map
from integrations.ledgers.guessing import ROWS_LOOKED_AT, guess
from integrations.ledgers.marked_rows import OF_GUESTS, MarkedFields, is_struck, with_marks
from integrations.ledgers.ready_maps import known_export
from integrations.ledgers.vocabulary import Vocabulary

BATCH_ROWS = {"postgresql": 5000}
OTHER_BATCH_ROWS = 2000  # SQLite: one writer at a time, so the others must not wait long
# So few rows stay in the processor's cache until all their columns are read.
READ_AT_ONCE = 250
# A second process for more than this. A text file tells its size only, which may be that of a packed one.
LONG_ROWS: Final = 10_000
LONG_BYTES: Final = 1024**2
# What the rows of a file are read as: a guest, a guest with visits ...
Read = TypeVar("Read")


@contextmanager
def _few_collections() -> Iterator[None]:
    """Rows hold no circles; looking for some after every 700 objects takes a third of the reading time.

    All that is remembered of half a million rows stays below the threshold.
    """
    thresholds = gc.get_threshold()
    gc.set_threshold(3_000_000, 20, 100)
    try:
        yield
    finally:
        gc.set_threshold(*thresholds)


def suggested_map(headings: Sequence[str], rows: Sequence[Sequence[Cell]] = ()) -> ColumnMap:
    """A map from the headings, and from the content of the first rows. Raises MapError when nothing is a name."""
    column_map = guess(headings, rows, FIELD_LABELS)
    if "name" not in column_map.columns:
        raise MapError(
            _("no heading of the file is known as a name; write a map, with name as one of: %(headings)s"),
            {"headings": ", ".join(filter(None, headings))},
        )
    return column_map


@dataclass(frozen=True)
class MapKind:
    """How the maps of one kind of ledger are read and guessed. Both raise MapError with one sentence."""

    target: LedgerTarget
    load: Callable[[str], ColumnMap]
    # From the headings and the first rows.
    guess: Callable[[Sequence[str], Sequence[Sequence[Cell]]], ColumnMap]
    # The fields that the marks of a file speak of.
    marked: Callable[[ColumnMap], MarkedFields] = lambda _column_map: OF_GUESTS


GUEST_MAPS = MapKind(LedgerTarget.CUSTOMERS, ledger_map, suggested_map)


@dataclass(frozen=True)
class LedgerFile:
    """Where a ledger's file lies, what people call it, its sheet and its map (None = by its headings).

    The sheet "" is the first; `read_table` says how to name several sheets, or a later table of one.
    """

    path: Path
    name: str
    sheet: str = ""
    column_map: ColumnMap | None = None
    # Hidden rows and columns too; also an option of the map.
    with_hidden: bool = False
    # What the rows are.
    maps: MapKind = GUEST_MAPS

    @contextmanager
    def opened(self) -> Iterator["OpenLedger"]:
        """Open the file at its headings. Raises TableError or MapError with one sentence when it cannot be used."""
        pace = Pace()
        with self.table() as table:
            original = corrected_import(table.headings)
            if original is not None and original.target != self.maps.target:
                original = None
            corrections = Corrections.of(original, table.headings) if original else None
            column_map = self.maps.load(original.map_text) if original and original.map_text else self.column_map
            column_map = column_map or self._guessed(table)
            if self.with_hidden and not column_map.options.get(WITH_HIDDEN):
                column_map = replace(column_map, options={**column_map.options, WITH_HIDDEN: True})
            refuse_hidden_columns(table, column_map)
            resolver = column_map.resolve(table.headings, sheet=table.sheet)
            table.require_rows()
            resolver = with_marks(table, resolver, column_map.legend, self.maps.marked(column_map))
            size = self.path.stat().st_size
            yield OpenLedger(table, column_map, resolver, size, corrections, people_at_work=pace.is_busy())

    def _guessed(self, table: Table) -> ColumnMap:
        """The map of this ledger's former import where it fits, else what headings and content say. Raises MapError."""
        maps = self.maps
        if former := former_map(self.name, maps.target):
            with suppress(MapError):
                found = maps.load(former)
                found.resolve(table.headings, sheet=table.sheet)
                return found
        if (export := known_export(maps.target, table.headings)) is not None:
            return export.fitted(maps.load, table.headings)
        with self.table() as peek:
            return maps.guess(peek.headings, [cells for _number, cells in islice(peek, ROWS_LOOKED_AT)])

    @contextmanager
    def opened_whole(self) -> Iterator["OpenLedger"]:
        """Open a file whose last row is known to be readable: nothing is written of one that is damaged further down.

        A workbook shows its damage when it is opened; a text file has to be read to its end first.
        """
        with self.opened() as ledger, _few_collections():
            if ledger.table.kind != "csv":
                yield ledger
                return
            for _row in ledger.table:
                pass
            with self.opened() as again:
                yield again

    def table(self) -> Table:
        """The file's table, not yet read."""
        return read_table(
            self.path,
            name=self.name,
            sheet=self.sheet or (self.column_map.default_sheet if self.column_map else None),
            wanted=self.column_map.wanted if self.column_map else (),
            as_ledger=True,
            with_hidden=self.with_hidden or wishes_hidden(self.column_map),
            limits=Limits(file_bytes=settings.UPLOAD_LIMIT_BYTES),
        )


def wishes_hidden(column_map: ColumnMap | None) -> bool:
    """Whether the map says that hidden rows and columns are meant too."""
    return bool(column_map and column_map.options.get(WITH_HIDDEN))


def refuse_hidden_columns(table: Table, column_map: ColumnMap) -> None:
    """Raise MapError when the map needs a column that is hidden in the file: nothing hidden comes in unseen."""
    hidden = {compare_key(heading): heading for heading in table.hidden_headings}
    seen = set(map(compare_key, table.headings))
    for alternatives in column_map.wanted:
        keys = list(map(compare_key, alternatives))
        if seen.isdisjoint(keys) and (found := next((hidden[key] for key in keys if key in hidden), None)):
            raise MapError(
                _("the column “%(heading)s” is hidden in the file: show it there, or choose to read what is hidden"),
                {"heading": found},
            )


@dataclass(frozen=True)
class OpenLedger:
    """An open file, its map and where the fields stand in it."""

    table: Table
    column_map: ColumnMap
    resolver: Resolver
    file_bytes: int
    # Of a file that brings rows back which were set aside.
    corrections: Corrections | None = None
    # While the file was opened.
    people_at_work: bool = False

    @property
    def headings(self) -> list[str]:
        """The headings of the ledger itself."""
        headings = list(self.table.headings)
        return self.corrections.headings(headings) if self.corrections else headings

    @property
    def columns_not_taken(self) -> list[str]:
        """Headings of columns of which the map takes nothing."""
        if self.corrections:
            return []
        repeats = (one for group in self.resolver.groups.values() for one in group)
        taken = {place for one in (self.resolver, *repeats) for places in one.indexes.values() for place in places}
        headings = enumerate(self.table.headings)
        return [heading for place, heading in headings if heading not in ("", SHEET_HEADING) and place not in taken]

    def batches(self, reader: EntryReader) -> Generator[list[LedgerEntry]]:
        """The rows, a batch at a time; those of a long file are read by a second process, unless people need its core.

        To be closed.
        """
        if self.is_worth_a_second_process and has_second_core() and reader.log.listener is None:
            return self.read_beside(reader)
        return self.read_here(reader)

    def read_here(self, reader: EntryReader, *, size: int | None = None) -> Generator[list[LedgerEntry]]:
        """The rows, a batch at a time, read by this process."""
        return self.batches_of(reader.read, lambda entry: entry, size=size)

    def read_beside(self, reader: EntryReader, *, size: int | None = None) -> Generator[list[LedgerEntry]]:
        """The same, read by a second process; what reading found out besides is known here behind the last row."""
        return self._checked(self._made_beside(reader, size), lambda entry: entry)

    def batches_of(
        self,
        read: Callable[[Sequence[Row]], list[Read]],
        entry_of: Callable[[Read], LedgerEntry],
        *,
        size: int | None = None,
    ) -> Generator[list[Read]]:
        """The rows as `read` reads them, a batch at a time; `entry_of` says what a row says of its guest."""

        def read_told(rows: Sequence[Row]) -> list[Read]:
            found = read(rows)
            if self.tells_of_strikes:
                for one in found:
                    self._tell_of_strike(entry_of(one))
            return found

        return self._checked(map(_in_one, self._in_batches(read_told, size)), entry_of)

    def _checked(self, batches: Iterable[list[Read]], entry_of: Callable[[Read], LedgerEntry]) -> Generator[list[Read]]:
        for found in batches:
            if self.corrections:
                self.corrections.check(map(entry_of, found))
            yield found

    def _in_batches(self, read: Callable[[list[Row]], Read], size: int | None = None) -> Generator[list[Read]]:
        """What `read` makes of a few rows at a time; as many as make a batch together."""
        rows = iter(self.table)
        size = size or BATCH_ROWS.get(connection.vendor, OTHER_BATCH_ROWS)
        while batch := [read(some) for some in _parts(islice(rows, size))]:
            yield batch

    @property
    def is_worth_a_second_process(self) -> bool:
        """Whether to read it takes longer than to begin one, and nobody at work needs its core."""
        last_row = self.table.last_row
        is_long = self.file_bytes > LONG_BYTES if last_row is None else last_row > LONG_ROWS
        return is_long and not self.people_at_work

    def _made_beside(self, reader: EntryReader, size: int | None) -> Generator[list[LedgerEntry]]:
        def hear(found: tuple[Any, Any]) -> None:
            self.table.take_over(found[0])
            reader.log.take_over(found[1])

        def read(rows: list[Row]) -> ReadRows:
            block = reader.read_rows(rows)
            for at, number in enumerate(block.numbers) if self.tells_of_strikes else ():
                if self._is_struck(number):
                    self._tell_of_strike(block.to_tell(at))
            return block.packed()

        batches = made_beside(
            self._in_batches(read, size), tell=lambda: (self.table.read_so_far(), reader.log.counted), hear=hear
        )
        with closing(batches):
            for blocks in batches:
                yield _in_one(block.entries() for block in blocks)

    def reader(self, vocabulary: Vocabulary) -> EntryReader:
        """What reads the rows of this file."""
        return EntryReader(
            self.resolver, vocabulary, headings=self.table.headings, first_column=self.table.first_column
        )

    @cached_property
    def tells_of_strikes(self) -> bool:
        """Whether rows may be struck through and the map does not say what that means."""
        return COLOURS in self.table.signs and STRIKE not in self.column_map.legend

    def _is_struck(self, number: int) -> bool:
        return is_struck(self.table, number, self.resolver.indexes.get("name", ()))

    def _tell_of_strike(self, entry: LedgerEntry) -> None:
        if self._is_struck(entry.number):
            entry.say(WARNING, "", str(_("the row is struck through in the file: say in the map what that means")))


def _parts(rows: Iterator[Row]) -> Iterator[list[Row]]:
    while some := list(islice(rows, READ_AT_ONCE)):
        yield some


def _in_one(parts: Iterable[list[Read]]) -> list[Read]:
    return [one for part in parts for one in part]


def samples_of(table: Table, *, count: int = 3, rows: int = 50) -> dict[str, list[Cell]]:
    """A few different filled cells of each column, for a person who matches columns. Reads the table's first rows."""
    found: dict[str, list[Cell]] = {heading: [] for heading in table.headings}
    for _number, cells in islice(table, rows):
        for heading, cell in zip(table.headings, cells, strict=False):
            if str(cell).strip() and len(found[heading]) < count and cell not in found[heading]:
                found[heading].append(cell)
    return found
