"""Excel workbooks: opened by the fast reader, after a look through the package that could not hurt."""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import IO, Final

import python_calamine as calamine
from django.utils.translation import gettext_lazy as _

from crm_project.core.tables.cells import Limits, Merge, Row, TableError
from crm_project.core.tables.finding import SAMPLE_SHEET
from crm_project.core.tables.marks import read_marks
from crm_project.core.tables.package import HIDDEN, Package
from crm_project.core.tables.problems import damaged, empty, not_a_workbook, protected
from crm_project.core.tables.table import TableSource
from crm_project.core.text import compare_key

_ENCRYPTED: Final = "EncryptedPackage".encode("utf-16-le")


@dataclass(frozen=True)
class SheetName:
    """A sheet of a workbook and whether it can be seen."""

    name: str
    hidden: bool

    @property
    def is_sample(self) -> bool:
        """Whether it shows how to fill the others in (入力例)."""
        return SAMPLE_SHEET.search(self.name) is not None


class Workbook:
    """An open workbook. Raises TableError with one sentence for every file that is none or cannot be read."""

    def __init__(self, file: IO[bytes], name: str, limits: Limits, resources: ExitStack) -> None:
        self.name = name
        self.resources = resources
        self.is_zip = file.read(2) == b"PK"
        self.kind = "xlsx" if self.is_zip else "xls"
        file.seek(0)
        self.package = Package(file, name, limits) if self.is_zip else None
        file.seek(0)
        with self._told(file):
            self._book = calamine.CalamineWorkbook.from_filelike(file)
            resources.callback(self._book.close)
            self.sheets = [
                SheetName(one.name, one.visible != calamine.SheetVisibleEnum.Visible)
                for one in self._book.sheets_metadata
                if one.typ == calamine.SheetTypeEnum.WorkSheet
            ]
            self._every = list(self._book.sheet_names)
        self._file = file

    @contextmanager
    def _told(self, file: IO[bytes] | None = None) -> Iterator[None]:
        """What goes wrong in the reader as one sentence."""
        try:
            yield
        except calamine.PasswordError as error:
            raise protected(self.name) from error
        except calamine.CalamineError as error:
            if self.package is None and file is not None:
                file.seek(0)
                raise (damaged(self.name) if _ENCRYPTED in file.read() else not_a_workbook(self.name)) from error
            raise damaged(self.name) from error
        except BaseException as error:
            # The Rust reader panics on some damaged files; its exception derives from BaseException only.
            if type(error).__name__ != "PanicException":
                raise
            raise damaged(self.name) from error

    @property
    def visible(self) -> list[str]:
        """The sheets that can be seen, samples last."""
        seen = [sheet for sheet in self.sheets if not sheet.hidden]
        return [sheet.name for sheet in sorted(seen, key=lambda sheet: sheet.is_sample)]

    def chosen(self, sheet: str) -> str:
        """The sheet of that name, or the first visible one that is no sample."""
        if sheet:
            match = [one for one in self._every if one == sheet] or [
                one for one in self._every if compare_key(one) == compare_key(sheet)
            ]
            if not match:
                raise TableError(
                    _("“%(name)s” has no sheet “%(sheet)s”; it has: %(sheets)s"),
                    {"name": self.name, "sheet": sheet, "sheets": ", ".join(self.visible)},
                )
            return match[0]
        if not self.visible:
            raise TableError(_("“%(name)s” has no sheet that can be seen"), {"name": self.name})
        return self.visible[0]

    def source(self, sheet: str, *, with_hidden: bool = True) -> TableSource:
        """The rows of a sheet, without hidden rows and columns if so wished. Raises TableError when it is empty."""
        with self._told(self._file):
            last_row = self.package.check_sheet(sheet) if self.package else 0
            data = self._book.get_sheet_by_name(sheet)
        if data.end is None:
            raise empty(self.name, sheet, self.visible)
        first_column = data.start[1] if data.start else 0

        def rows() -> Iterator[Row]:
            return enumerate(data.iter_rows(), start=1)

        source = TableSource(
            name=self.name,
            kind=self.kind,
            rows=rows(),
            resources=self.resources,
            merges=_merges(data.merged_cell_ranges or [], first_column),
            sheet=sheet,
            sheets=tuple(self.visible),
            hidden_sheets=tuple(one.name for one in self.sheets if one.hidden),
            has_drawings=self.package is not None and self.package.has_drawings(sheet),
            last_row=max(last_row, data.end[0] + 1),
            first_column=first_column,
            again=rows,
        )
        if self.package is not None:
            package = self.package
            source.signs = frozenset(package.signs)
            source.read_marks = lambda: read_marks(package, sheet)
            if not with_hidden and HIDDEN in package.signs:
                marks = source.read_marks()
                source.hidden_rows = marks.unseen_rows
                source.hidden_columns = [
                    column - first_column for column in marks.hidden_columns if column >= first_column
                ]
        return source


def _merges(ranges: Sequence[tuple[tuple[int, int], tuple[int, int]]], first_column: int) -> list[Merge]:
    return [
        Merge(top + 1, left - first_column, bottom + 1, right - first_column)
        for (top, left), (bottom, right) in ranges
        if left >= first_column and (bottom > top or right > left)
    ]
