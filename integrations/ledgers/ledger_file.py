"""A ledger's file with its map: what is opened once to be checked and once to be imported."""

import gc
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from django.conf import settings
from django.db import connection
from django.utils.translation import gettext_lazy as _

from crm_project.core.column_map import ColumnMap, MapError, Resolver, suggest_map
from crm_project.core.tables import Cell, Limits, Row, Table, read_table
from integrations.ledgers.corrections import Corrections, corrected_import
from integrations.ledgers.entries import EntryReader, LedgerEntry
from integrations.ledgers.fields import FIELD_LABELS, ledger_map
from integrations.ledgers.vocabulary import Vocabulary

BATCH_ROWS = {"postgresql": 5000}
OTHER_BATCH_ROWS = 2000  # SQLite: one writer at a time, so the others must not wait long
# So few rows stay in the processor's cache until all their columns are read.
READ_AT_ONCE = 250


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


@dataclass(frozen=True)
class LedgerFile:
    """Where a ledger's file lies, what people call it, its sheet and its map (None = by its headings).

    The sheet "" is the first; `read_table` says how to name several sheets, or a later table of one.
    """

    path: Path
    name: str
    sheet: str = ""
    column_map: ColumnMap | None = None

    @contextmanager
    def opened(self) -> Iterator["OpenLedger"]:
        """Open the file at its headings. Raises TableError or MapError with one sentence when it cannot be used."""
        with self.table() as table:
            original = corrected_import(table.headings)
            corrections = Corrections.of(original, table.headings) if original else None
            column_map = ledger_map(original.map_text) if original and original.map_text else self.column_map
            column_map = column_map or suggested_map(table.headings)
            resolver = column_map.resolve(table.headings, sheet=table.sheet)
            table.require_rows()
            yield OpenLedger(table, column_map, resolver, corrections)

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
            limits=Limits(file_bytes=settings.UPLOAD_LIMIT_BYTES),
        )


@dataclass(frozen=True)
class OpenLedger:
    """An open file, its map and where the fields stand in it."""

    table: Table
    column_map: ColumnMap
    resolver: Resolver
    # Of a file that brings rows back which were set aside.
    corrections: Corrections | None = None

    @property
    def headings(self) -> list[str]:
        """The headings of the ledger itself."""
        headings = list(self.table.headings)
        return self.corrections.headings(headings) if self.corrections else headings

    def batches(self, reader: EntryReader) -> Iterator[list[LedgerEntry]]:
        """The rows, a batch at a time."""
        rows = iter(self.table)
        size = BATCH_ROWS.get(connection.vendor, OTHER_BATCH_ROWS)
        while entries := self._next_entries(reader, islice(rows, size)):
            if self.corrections:
                self.corrections.check(entries)
            yield entries

    def reader(self, vocabulary: Vocabulary) -> EntryReader:
        """What reads the rows of this file."""
        return EntryReader(
            self.resolver, vocabulary, headings=self.table.headings, first_column=self.table.first_column
        )

    @staticmethod
    def _next_entries(reader: EntryReader, rows: Iterator[Row]) -> list[LedgerEntry]:
        entries: list[LedgerEntry] = []
        while some := list(islice(rows, READ_AT_ONCE)):
            entries += reader.read(some)
        return entries


def samples_of(table: Table, *, count: int = 3, rows: int = 50) -> dict[str, list[Cell]]:
    """A few different filled cells of each column, for a person who matches columns. Reads the table's first rows."""
    found: dict[str, list[Cell]] = {heading: [] for heading in table.headings}
    for _number, cells in islice(table, rows):
        for heading, cell in zip(table.headings, cells, strict=False):
            if str(cell).strip() and len(found[heading]) < count and cell not in found[heading]:
                found[heading].append(cell)
    return found


def suggested_map(headings: Sequence[str]) -> ColumnMap:
    """A map from the headings alone. Raises MapError when none of them is a name."""
    column_map = suggest_map(headings, FIELD_LABELS)
    if "name" not in column_map.columns:
        raise MapError(
            _("no heading of the file is known as a name; write a map, with name as one of: %(headings)s"),
            {"headings": ", ".join(filter(None, headings))},
        )
    return column_map
