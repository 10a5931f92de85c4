"""A file with every value of a ledger that was changed on the way in or could not be read: CSV, or one JSON object a line."""

import csv
import json
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from django.utils.translation import gettext_lazy as _

from crm_project.core.formulas import harmless
from crm_project.core.problems import InputProblem
from crm_project.core.tables import ALL_SHEETS, Table, row_place
from integrations.ledgers.changed_values import ChangeLog, ColumnName, ValueChange

COLUMNS: Final = ("sheet", "row", "column", "heading", "field", "kind", "before", "after")
JSON_SUFFIXES: Final = (".json", ".jsonl", ".ndjson")


class ChangeReport:
    """Hears of changes (`attach`), and writes those of a batch in the order of their rows (`flush`)."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._waiting: list[ValueChange] = []
        self._columns: Mapping[str, ColumnName] = {}
        self._table: Table | None = None

    def __enter__(self) -> Self:
        """Open the file. Raises InputProblem when it cannot be written."""
        is_json = self.path.suffix.lower() in JSON_SUFFIXES
        try:
            # A spreadsheet tells UTF-8 by the mark in front.
            self._file = self.path.open("w", encoding="utf-8" if is_json else "utf-8-sig", newline="")
        except OSError as error:
            raise InputProblem(
                _("“%(name)s” cannot be written: %(reason)s"), {"name": self.path.name, "reason": error.strerror}
            ) from error
        self._csv = None if is_json else csv.writer(self._file)
        if self._csv:
            self._csv.writerow(COLUMNS)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.flush()
        self._file.close()

    def attach(self, log: ChangeLog, table: Table) -> None:
        """Hear what the reader of this table has to tell."""
        self._columns, self._table = log.columns, table
        log.listener = self._waiting.append

    def flush(self) -> None:
        """Write what was heard since the last time."""
        for change in sorted(self._waiting, key=lambda change: change.row):
            self._write(change)
        self._waiting.clear()

    def _write(self, change: ValueChange) -> None:
        assert self._table is not None
        place = self._columns.get(change.field, ColumnName())
        sheet, row = self._table.sheet, change.row
        if sheet == ALL_SHEETS:
            index, row = row_place(row)
            sheet = self._table.sheets[index]
        values = (
            sheet,
            row,
            place.letters,
            place.heading,
            change.field,
            change.kind.value,
            change.before,
            change.after,
        )
        if self._csv:
            self._csv.writerow([value if isinstance(value, int) else harmless(value) for value in values])
        else:
            self._file.write(json.dumps(dict(zip(COLUMNS, values, strict=True)), ensure_ascii=False) + "\n")
