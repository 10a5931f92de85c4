"""One table, read row by row: what stands below its headings, and what was left out of it."""

import itertools
from collections import deque
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import cached_property
from types import TracebackType
from typing import Any, Final, NamedTuple, Self

from django.utils.translation import gettext_lazy as _

from crm_project.core.tables.cells import HEADING_ROWS, Cell, Merge, Row, TableError, filled_places, is_blank
from crm_project.core.tables.finding import (
    NUMBERED,
    SECTION,
    Headings,
    RowJudge,
    find_headings,
    headings_at,
    side_blocks,
    starts_another_table,
)
from crm_project.core.tables.marks import SheetMarks
from crm_project.core.tables.problems import empty
from crm_project.core.text import cell_text, compare_key

AHEAD: Final = 8  # rows looked at behind a gap, to see whether another table begins
OTHER_TABLE: Final = "another table"
HIDDEN_ROW, NUMBERED_ROWS = "hidden", NUMBERED
LEFT_OUT_SHOWN: Final = 1000
# Rows of several sheets read as one are numbered sheet by sheet: 20,000,005 is row 5 of the third sheet.
SHEET_STRIDE: Final = 10_000_000
SHEET_HEADING: Final = "シート名"


class LeftOut(NamedTuple):
    """A row that is no data: where, what it is taken for, and what it says."""

    row: int
    kind: str
    text: str


def row_place(number: int) -> tuple[int, int]:
    """Which sheet (from 0) of several read as one, and which row of it, a row number means."""
    return divmod(number, SHEET_STRIDE)


def row_text(cells: Sequence[Cell]) -> str:
    """The filled cells of a row on one line, for people."""
    return " | ".join(" ".join(cell_text(cells[at]).split()) for at in filled_places(cells))


class _Ahead(Iterator[Row]):
    """Rows of which some can be looked at before their turn."""

    def __init__(self, rows: Iterator[Row]) -> None:
        self._rows = rows
        self._waiting: deque[Row] = deque()

    def __next__(self) -> Row:
        return self._waiting.popleft() if self._waiting else next(self._rows)

    def ahead(self, count: int) -> list[Row]:
        """The next rows, so many at most; they keep their turn."""
        if len(self._waiting) < count:
            self._waiting.extend(itertools.islice(self._rows, count - len(self._waiting)))
        return list(itertools.islice(self._waiting, count))

    def put_back(self, row: Row) -> None:
        """Make a row the next one again."""
        self._waiting.appendleft(row)


@dataclass
class TableSource:
    """Where the rows of a table come from, and what is known of their sheet."""

    name: str
    kind: str
    rows: Iterator[Row]
    resources: ExitStack = field(default_factory=ExitStack)
    merges: Sequence[Merge] = ()
    sheet: str = ""
    sheets: tuple[str, ...] = ()
    # Sheets that cannot be seen: read by their name alone.
    hidden_sheets: tuple[str, ...] = ()
    # Pictures, shapes (stamps) or charts stand on the sheet.
    has_drawings: bool = False
    last_row: int | None = None
    first_column: int = 0
    encoding: str = ""
    delimiter: str = ""
    # Gives the rows once more from the first; None where they can be read only once.
    again: Callable[[], Iterator[Row]] | None = None
    hidden_rows: Collection[int] = ()
    # Places of hidden columns.
    hidden_columns: Sequence[int] = ()
    # What the package shows beside values (`package`), and how to read it; only for xlsx.
    signs: frozenset[str] = frozenset()
    read_marks: Callable[[], SheetMarks] | None = None


_FOUND_BY_READING: Final = (
    "rows_read",
    "blank_rows",
    "last_row",
    "others_follow",
    "other_tables",
    "left_out",
    "left_out_counts",
)


class Table:
    """The rows of one table below its headings, to be read once, from the first to the last.

    Iterating gives (row number as a spreadsheet shows it, cells); there are at least as many cells as headings, empty
    ones are "". Wholly empty rows are left out and counted in `blank_rows`, which is final after the last row. Read
    `as_ledger`, rows that are no data (see `finding`) are left out too, each named in `left_out` and counted in
    `left_out_counts`; empty numbered rows are blank rows. The table then ends where another begins (`others_follow`).
    """

    def __init__(
        self,
        source: TableSource,
        *,
        wanted: Sequence[Sequence[str]] = (),
        header_row: int | None = None,
        as_ledger: bool = False,
        number: int = 1,
    ) -> None:
        self.source = source
        self.name = source.name
        self.kind = source.kind
        self.sheet = source.sheet
        self.sheets = source.sheets
        self.encoding = source.encoding
        self.delimiter = source.delimiter
        self.last_row = source.last_row
        self.first_column = source.first_column
        self.number = number
        self.as_ledger = as_ledger
        self.blank_rows = 0
        self.rows_read = 0
        self.others_follow = False
        # Where the other tables of the sheet begin: known after the last row.
        self.other_tables: list[LeftOut] = []
        self.left_out: list[LeftOut] = []
        self.left_out_counts: dict[str, int] = {}
        self.signs = source.signs
        # Makes more cells behind those of a row: see `marks_at`.
        self.appended: Callable[[int, list[Cell]], list[Cell]] | None = None
        self._resources = source.resources
        rows = source.rows
        first = list(itertools.islice(rows, header_row or HEADING_ROWS))
        found = (
            headings_at(first, header_row) if header_row else find_headings(first, merges=source.merges, wanted=wanted)
        )
        if found is None:
            raise empty(source.name, source.sheet, source.sheets)
        self._merges = source.merges
        self.columns_range = (0, max(len(cells) for _number, cells in first))
        self.side_by_side: list[tuple[int, int]] = []
        if as_ledger and header_row is None and source.again is not None:
            first, found = self._one_of_several(first, found, wanted)
        self.found = found
        self.first_heading_row, self.header_row = found.first_row, found.last_row
        self.titles = [
            (number, row_text(cells)) for number, cells in first if number < found.first_row and not is_blank(cells)
        ]
        headings = list(found.headings)
        self.hidden_headings = []
        for place in source.hidden_columns:
            if place < len(headings) and headings[place]:
                self.hidden_headings.append(headings[place])
                headings[place] = ""
        self.headings = tuple(headings)
        below = itertools.chain(first[found.position + 1 :], self._parted(rows))
        merges = [merge for merge in source.merges if merge.rows > 1 and merge.top > found.last_row]
        self._rows: Iterator[Row] = _with_merged_values(below, sorted(merges)) if merges else below
        if source.hidden_rows or source.hidden_columns:
            self._rows = self._seen(self._rows)

    def _one_of_several(
        self, first: list[Row], found: Headings, wanted: Sequence[Sequence[str]]
    ) -> tuple[list[Row], Headings]:
        """The rows of the first of several tables that stand side by side; the others are kept for `rest`."""
        blocks = side_blocks(first, found)
        if len(blocks) < 2:
            return first, found
        (left, right), *self.side_by_side = blocks
        self.other_tables += [
            LeftOut(found.first_row, OTHER_TABLE, " | ".join(filter(None, found.headings[begin:end]))[:300])
            for begin, end in self.side_by_side
        ]
        self.columns_range = (left, right)
        self.first_column += left
        first = [(number, cells[left:right]) for number, cells in first]
        self.source.merges = merges_within(self.source.merges, left, right)
        return first, find_headings(first, merges=self.source.merges, wanted=wanted) or found

    def _parted(self, rows: Iterator[Row]) -> Iterator[Row]:
        if not self.side_by_side:
            return rows
        left, right = self.columns_range
        return ((number, cells[left:right]) for number, cells in rows)

    def _seen(self, rows: Iterator[Row]) -> Iterator[Row]:
        """The rows without those that are hidden, and without the cells of hidden columns."""
        hidden, places = self.source.hidden_rows, self.source.hidden_columns
        for number, cells in rows:
            if number in hidden and not is_blank(cells):
                self._leave_out(number, HIDDEN_ROW, cells)
                continue
            for place in places:
                if place < len(cells):
                    cells[place] = ""
            yield number, cells

    def _leave_out(self, number: int, kind: str, cells: Sequence[Cell]) -> None:
        self.left_out_counts[kind] = self.left_out_counts.get(kind, 0) + 1
        if len(self.left_out) < LEFT_OUT_SHOWN:
            # What is hidden is named and not shown.
            self.left_out.append(LeftOut(number, kind, "" if kind == HIDDEN_ROW else row_text(cells)[:300]))

    def __iter__(self) -> Iterator[Row]:
        rows = self._ledger_rows() if self.as_ledger else self._all_rows()
        if self.appended is None:
            yield from rows
        else:
            append = self.appended
            for number, cells in rows:
                yield number, append(number, cells)
        if not self.others_follow and not self.side_by_side:
            self.close()

    def _all_rows(self) -> Iterator[Row]:
        width = len(self.headings)
        previous = self.header_row
        number = previous
        for number, cells in self._rows:
            first = cells[0]
            if (not first or (isinstance(first, str) and first.isspace())) and is_blank(cells):
                continue
            if len(cells) < width:
                cells += [""] * (width - len(cells))
            self.rows_read += 1
            self.blank_rows += number - previous - 1
            previous = number
            yield number, cells
        self.blank_rows += max(number, self.last_row or 0) - previous

    def _ledger_rows(self) -> Iterator[Row]:
        width = len(self.headings)
        judge = RowJudge(self.found)
        rows = _Ahead(self._rows)
        previous = number = self.header_row
        for number, cells in rows:
            first = cells[0]
            if (not first or (isinstance(first, str) and first.isspace())) and is_blank(cells):
                continue
            if len(cells) < width:
                cells += [""] * (width - len(cells))
            kind = judge(cells)
            # Another table begins behind a gap, or with its title.
            if number > previous + 1 or kind or cells[1:3] == ["", ""]:
                ahead = rows.ahead(AHEAD)
                if starts_another_table([(number, cells), *ahead], self.found):
                    self.others_follow = True
                    self.other_tables.append(LeftOut(number, OTHER_TABLE, row_text(cells)[:300]))
                    rows.put_back((number, cells))
                    self._rows = rows
                    self.last_row = number = number - 1
                    break
                if not kind and ahead and len(filled_places(cells)) == 1 and judge.repeats(ahead[0][1]):
                    kind = SECTION  # the title of the headings again
            previous = number
            if kind:
                self._leave_out(number, kind, cells)
            else:
                self.rows_read += 1
                yield number, cells
        others = sum(count for kind, count in self.left_out_counts.items() if kind != NUMBERED)
        self.blank_rows = max(max(number, self.last_row or 0) - self.header_row - self.rows_read - others, 0)

    @cached_property
    def marks(self) -> SheetMarks:
        """What stands on the sheet beside its values; nothing for formats that are not looked into. Read it, at the latest,
        before the last row."""
        return self.source.read_marks() if self.source.read_marks else SheetMarks(self.sheet)

    @property
    def width(self) -> int:
        """How many cells the rows have at most, as far as the first rows tell; no fewer than headings."""
        left, right = self.columns_range
        return max(right - left, len(self.headings))

    def marks_at(self, number: int) -> tuple[SheetMarks, int, Sequence[int]]:
        """For a row number of this table: the marks of its sheet, the row on it, and the sheet's column of each place."""
        return self.marks, number, range(self.first_column, self.first_column + self.width)

    def named(self) -> tuple[dict[str, int], list[LeftOut]]:
        """All that an import of this table leaves out: kind -> how often, and the rows; other tables by their first row."""
        counts = dict(self.left_out_counts)
        if self.other_tables:
            counts[OTHER_TABLE] = len(self.other_tables)
        return counts, [*self.other_tables, *self.left_out][:LEFT_OUT_SHOWN]

    def read_so_far(self) -> dict[str, Any]:
        """What reading has found out beside the rows, for a copy of this table (`take_over`). Picklable."""
        return {name: getattr(self, name) for name in _FOUND_BY_READING}

    def take_over(self, found: Mapping[str, Any]) -> None:
        """Know what another copy of this table found by reading its rows."""
        for name in _FOUND_BY_READING:
            setattr(self, name, found[name])

    def require_rows(self) -> None:
        """Raise TableError when there is nothing below the headings. Before the first row is read."""
        first = next(((number, cells) for number, cells in self._rows if not is_blank(cells)), None)
        if first is None:
            raise TableError(_("“%(name)s” has headings but no rows: nothing was written"), {"name": self.name})
        self._rows = itertools.chain([first], self._rows)

    def rest(self) -> Iterator["Table"]:
        """The other tables of the sheet: those beside this one, then those below. After its last row was read."""
        source = self.source
        number = self.number
        end = self.last_row
        for left, right in self.side_by_side:
            assert source.again is not None
            rows = (
                (number, cells[left:right])
                for number, cells in source.again()
                if number >= self.found.first_row and (end is None or number <= end)
            )
            beside = TableSource(**{**vars(source), "rows": rows, "again": None, "last_row": end})
            beside.merges = merges_within(self._merges, left, right)
            beside.first_column = source.first_column + left
            number += 1
            table = Table(beside, as_ledger=True, number=number)
            yield table
        if self.others_follow:
            below = TableSource(**{**vars(source), "rows": self._rows, "again": None, "merges": source.merges})
            try:
                table = Table(below, as_ledger=True, number=number + 1)
            except TableError:
                self.close()
                return
            yield table
            yield from table.rest()
        self.close()

    @property
    def merged_ranges(self) -> int:
        """How many ranges of merged cells the sheet has."""
        return len(self._merges)

    def close(self) -> None:
        """Let go of the file; reading to the end does it too."""
        self._resources.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def merges_within(merges: Sequence[Merge], left: int, right: int) -> list[Merge]:
    """The merged ranges of some columns, counted from the first of them."""
    return [
        Merge(merge.top, max(merge.left - left, 0), merge.bottom, min(merge.right, right - 1) - left)
        for merge in merges
        if merge.left < right and merge.right >= left
    ]


def _with_merged_values(rows: Iterator[Row], merged: list[Merge]) -> Iterator[Row]:
    """A cell merged over several rows holds its value in each of them that is not otherwise empty."""
    waiting = iter(merged)
    upcoming = next(waiting, None)
    running: dict[int, tuple[int, Cell]] = {}
    for number, cells in rows:
        if running and not is_blank(cells):
            for column, (bottom, value) in list(running.items()):
                if number > bottom:
                    del running[column]
                elif column < len(cells) and cells[column] == "":
                    cells[column] = value
        while upcoming is not None and upcoming.top <= number:
            if upcoming.top == number and upcoming.left < len(cells) and cells[upcoming.left] != "":
                running[upcoming.left] = (upcoming.bottom, cells[upcoming.left])
            upcoming = next(waiting, None)
        yield number, cells


class SheetsAsOne(Table):
    """Sheets with equal headings (one per year) read as one table, with the name of the sheet behind every row.

    The heading of the sheets' names is シート名; rows are numbered by `SHEET_STRIDE`.
    """

    def __init__(
        self,
        tables: Sequence[Callable[[], Table]],
        first: Table,
        sheets: Mapping[int, str],
        signs: frozenset[str] = frozenset(),
    ) -> None:
        self._tables, self._first, self._names = tables, first, sheets
        self.source = first.source
        self.name, self.kind, self.sheets = first.name, first.kind, first.sheets
        self.sheet, self.encoding, self.delimiter = "*", "", ""
        self.found, self.titles = first.found, first.titles
        self.first_heading_row, self.header_row, self.last_row = first.first_heading_row, first.header_row, None
        self.first_column, self.columns_range, self.number, self.as_ledger = (
            first.first_column,
            first.columns_range,
            1,
            True,
        )
        self.hidden_headings = first.hidden_headings
        self.side_by_side, self.others_follow = [], False
        self.signs, self.appended = signs, None
        self._current: tuple[Table, Sequence[int]] = (first, ())
        self.blank_rows = self.rows_read = 0
        self.left_out, self.left_out_counts, self.other_tables = [], {}, []
        self.headings = (*first.headings, SHEET_HEADING)
        self._resources = first._resources
        self._merges = first._merges
        self._rows = self._rows_of_sheets()

    def _rows_of_sheets(self) -> Iterator[Row]:
        keys = [compare_key(heading) for heading in self.headings[:-1]]
        for at, (index, sheet) in enumerate(self._names.items()):
            table = self._first if at == 0 else self._tables[at]()
            own = [compare_key(heading) for heading in table.headings]
            order = None if own == keys else [own.index(key) for key in keys]
            offset = index * SHEET_STRIDE
            width = len(keys)
            places = order if order is not None else range(width)
            self._current = table, [table.first_column + place for place in places]
            for number, cells in table:
                row = cells[:width] if order is None else [cells[place] for place in order]
                yield offset + number, [*row, sheet]
            self.blank_rows += table.blank_rows
            self.other_tables += [LeftOut(offset + one.row, one.kind, one.text) for one in table.other_tables]
            self.left_out += [LeftOut(offset + one.row, one.kind, one.text) for one in table.left_out]
            for kind, count in table.left_out_counts.items():
                self.left_out_counts[kind] = self.left_out_counts.get(kind, 0) + count

    def __iter__(self) -> Iterator[Row]:
        for number, cells in self._rows:
            self.rows_read += 1
            yield number, self.appended(number, cells) if self.appended else cells
        self.close()

    @property
    def width(self) -> int:
        """As many as headings, the sheet's name included."""
        return len(self.headings)

    def marks_at(self, number: int) -> tuple[SheetMarks, int, Sequence[int]]:
        """As `Table.marks_at`, for a row of the sheet that is being read."""
        table, columns = self._current
        return table.marks, row_place(number)[1], columns

    def rest(self) -> Iterator[Table]:
        """None: of several sheets the first table of each is read."""
        return iter(())
