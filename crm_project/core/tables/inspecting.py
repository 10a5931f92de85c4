"""What a file holds before anybody says what it is: its sheets, the tables on them, and what lies around these."""

from collections.abc import Collection, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any, Final

from django.utils.translation import gettext_lazy as _

from crm_project.core.tables.cells import DEFAULT_LIMITS, Limits, TableError, column_letters
from crm_project.core.tables.decrypting import decrypted
from crm_project.core.tables.marks import read_marks
from crm_project.core.tables.opening import is_workbook, opened, refuse_other_formats
from crm_project.core.tables.packing import first_bytes, unpacked
from crm_project.core.tables.profiles import TableProfile
from crm_project.core.tables.table import NUMBERED_ROWS, Table
from crm_project.core.tables.texts import text_source
from crm_project.core.tables.workbooks import SheetName, Workbook
from crm_project.core.text import compare_key

TITLES_SHOWN: Final = 30


@dataclass(frozen=True)
class TableFound:
    """A table and its figures."""

    table: Table
    profile: TableProfile
    sheet: SheetName
    hidden_rows: int = 0

    @property
    def choose(self) -> str:
        """What names this table as the sheet of an import."""
        name = self.sheet.name
        return f"{name}:{self.table.number}" if self.table.number > 1 else name

    def as_json(self) -> dict[str, Any]:
        """The figures under the names of the command line's contract."""
        table, profile = self.table, self.profile
        left, right = table.first_column, table.first_column + max(len(profile.columns), 1) - 1
        last = profile.last_row or table.header_row
        numbered = table.left_out_counts.get(NUMBERED_ROWS, 0)
        return {
            "sheet": self.sheet.name,
            "hidden": self.sheet.hidden,
            "sample": self.sheet.is_sample,
            "table": table.number,
            "choose": self.choose,
            "range": f"{column_letters(left)}{table.first_heading_row or 1}:{column_letters(right)}{last}",
            "heading_rows": [table.first_heading_row, table.header_row],
            "header_row": table.header_row,
            "headings": list(table.headings),
            "first_data_row": profile.first_row,
            "last_data_row": profile.last_row,
            "data_rows": profile.rows,
            "blank_rows": table.blank_rows,
            "blank_rows_after_header": table.blank_rows,
            "exact_duplicate_rows": profile.exact_duplicate_rows,
            "empty_numbered_rows": numbered,
            "hidden_data_rows": self.hidden_rows,
            "title_rows": [{"row": row, "text": text} for row, text in table.titles[:TITLES_SHOWN]],
            "left_out_counts": dict(table.left_out_counts),
            "left_out": [one._asdict() for one in table.left_out],
            "merged_ranges": table.merged_ranges,
            "columns": [column.as_json() for column in profile.columns],
        }


@dataclass
class Inspection:
    """What was found in a file."""

    name: str
    kind: str
    encoding: str = ""
    delimiter: str = ""
    protected: bool = False
    sheets: list[dict[str, Any]] = field(default_factory=list)
    tables: list[TableFound] = field(default_factory=list)

    @property
    def same_headings(self) -> list[list[str]]:
        """Groups of visible sheets whose first tables have equal headings: they can be read as one."""
        groups: dict[tuple[str, ...], list[str]] = {}
        for found in self.tables:
            if found.table.number == 1 and not found.sheet.hidden and not found.sheet.is_sample:
                key = tuple(sorted(compare_key(heading) for heading in found.table.headings if heading))
                groups.setdefault(key, []).append(found.sheet.name)
        return [sheets for sheets in groups.values() if len(sheets) > 1]

    def as_json(self) -> dict[str, Any]:
        """One object for the command line."""
        return {
            "file": self.name,
            "kind": self.kind,
            "encoding": self.encoding,
            "delimiter": self.delimiter,
            "protected": self.protected,
            "sheets": self.sheets,
            "same_headings": self.same_headings,
            "tables": [found.as_json() for found in self.tables],
        }


def inspect_file(
    source: str | Path | IO[bytes],
    *,
    name: str = "",
    sheet: str | None = None,
    password: str = "",
    limits: Limits = DEFAULT_LIMITS,
) -> Inspection:
    """Find all tables of a file, or of one sheet of it, hidden sheets too. Raises as `read_table`."""
    with ExitStack() as resources:
        file, name = opened(source, name, limits, resources)
        file, name = unpacked(file, name, limits, resources)
        protected_by = file
        file = decrypted(file, name, password, resources)
        head = first_bytes(file, name)
        if not is_workbook(head):
            if sheet:
                raise TableError(
                    _("“%(name)s” is a text file: it has no sheet “%(sheet)s”"), {"name": name, "sheet": sheet}
                )
            refuse_other_formats(head, name)
            text = text_source(file, name, (), limits, ExitStack())
            found = list(_tables(Table(text, as_ledger=True), SheetName("", hidden=False)))
            return Inspection(name, "csv", text.encoding, text.delimiter, tables=found)
        book = Workbook(file, name, limits, resources)
        wish = book.chosen(sheet) if sheet else ""
        inspection = Inspection(name, book.kind, protected=file is not protected_by)
        for one in book.sheets:
            if wish and one.name != wish:
                continue
            about: dict[str, Any] = {"sheet": one.name, "hidden": one.hidden, "sample": one.is_sample}
            try:
                # The book stays open for its other sheets.
                source_ = book.source(one.name)
                source_.resources = ExitStack()
                marks = None
                if book.package is not None and book.package.has_marks(one.name):
                    marks = read_marks(book.package, one.name)
                unseen = marks.unseen_rows if marks else frozenset()
                tables = list(_tables(Table(source_, as_ledger=True), one, unseen))
            except TableError:
                if wish or len(book.sheets) == 1:
                    raise
                tables, marks = [], None
            inspection.tables += tables
            inspection.sheets.append(about | {"tables": len(tables)} | (marks.as_json() if marks else {}))
        return inspection


def _tables(first: Table, sheet: SheetName, unseen: Collection[int] = ()) -> Iterator[TableFound]:
    """The tables of a sheet, each read to its end."""
    yield _profiled(first, sheet, unseen)
    for table in first.rest():
        yield _profiled(table, sheet, unseen)


def _profiled(table: Table, sheet: SheetName, unseen: Collection[int]) -> TableFound:
    profile = TableProfile(table.headings, table.found.rows, table.first_column)
    hidden = 0
    for number, cells in table:
        profile.add(number, cells)
        hidden += number in unseen
    return TableFound(table, profile, sheet, hidden)
