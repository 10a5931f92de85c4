"""The screen of columns: what is suggested for a file, what a person has chosen, what its first rows would become."""

from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from itertools import islice
from pathlib import Path
from typing import Any, Final

from django.core.files.storage import default_storage
from django.http import HttpRequest

from crm_project.core.accounts.models import User
from crm_project.core.column_map import ColumnMap, MapError, dump_map
from crm_project.core.problems import InputProblem
from crm_project.core.tables import COLOURS, HIDDEN, Table
from integrations.choices import LedgerTarget
from integrations.ledgers.former_imports import former_map
from integrations.ledgers.forms import ColumnsForm, MapForm
from integrations.ledgers.guessing import ROWS_LOOKED_AT, columns_of
from integrations.ledgers.ledger_file import LedgerFile
from integrations.ledgers.ready_maps import ready_maps
from integrations.ledgers.rows_shown import shown_rows
from integrations.ledgers.targets import TARGET_CHOICES, TARGETS
from integrations.models import LedgerImport

ROWS_SEARCHED_FOR_MARKS: Final = 20_000
MARKS_ASKED: Final = 8


def marks_of_data(table: Table) -> dict[str, int]:
    """How many cells below the headings carry each colour or are struck through, the most frequent marks first.

    Nothing for long sheets, whose legend is written into the text of the map: the page must not wait for it.
    """
    if COLOURS not in table.signs or (table.last_row or 0) > ROWS_SEARCHED_FOR_MARKS:
        return {}
    found: Counter[str] = Counter()
    rows: Counter[str] = Counter()
    for row, marks in table.marks.by_row.items():
        if row > table.header_row:
            for mark, columns in marks:
                found[mark] += columns.bit_count()
                rows[mark] += 1
    # What more than half of the rows carry is how the table looks, and says nothing of a guest.
    below = max((table.last_row or 0) - table.header_row, 1)
    return dict([one for one in found.most_common() if rows[one[0]] * 2 <= below][:MARKS_ASKED])


class Chosen:
    """What a person has chosen so far on the screen of columns: what the rows are, the sheet, the map that is suggested."""

    def __init__(self, request: HttpRequest, ledger_import: LedgerImport) -> None:
        wish = request.GET.get("target", "") or ledger_import.target
        self.target = TARGETS.get(wish, TARGETS[LedgerTarget.CUSTOMERS.value])
        self.sheet = request.GET.get("sheet") or ledger_import.sheet
        self.ready = request.GET.get("ready", "")
        self.sheets: tuple[str, ...] = ()
        self.problem: InputProblem | None = None
        self._path, self._name = Path(default_storage.path(ledger_import.stored_as)), ledger_import.file_name
        text = ledger_import.map_text if ledger_import.target == self.target.key else ""
        former = None
        with suppress(MapError):  # a line of the check sheet that it names may be gone
            former = self.target.load(text) if text else None
        try:
            # Hidden columns may be chosen; whether they come in is a tick of the form.
            with LedgerFile(self._path, self._name, self.sheet, former, with_hidden=True).table() as table:
                self.table, self.sheets, self.sheet = table, table.sheets, table.sheet
                self._marks = marks_of_data(table)
                first = list(islice(table, ROWS_LOOKED_AT))
        except InputProblem as problem:
            self.problem = problem
            return
        self._rows = [cells for _number, cells in first]
        self.samples = columns_of(table.headings, self._rows)
        self.is_known = former is not None and _fits(former, table.headings, table.sheet)
        ready = next((one for one in ready_maps() if one.key == self.ready and one.target == self.target.key), None)
        if ready is not None:
            former, self.is_known = ready.fitted(self.target.load, table.headings), False
        elif former is None or not self.is_known:
            before = former_map(self._name, self.target.key)
            former = self.target.first_map(self._name, table.headings, self._rows, table.sheet)
            self.is_known = bool(before) and dump_map(former) == before
        self.suggested = former

    def forms(self, request: HttpRequest) -> tuple[ColumnsForm, MapForm]:
        """The columns to choose, and the same as text."""
        data = request.POST if request.method == "POST" else None
        by_text = data is not None and "use_text" in data
        form = ColumnsForm(
            None if by_text else data,
            target=self.target,
            headings=self.table.headings,
            sheet=self.sheet,
            samples=self.samples,
            suggested=self.suggested,
            may_hide=HIDDEN in self.table.signs,
            marks=self._marks,
        )
        map_form = MapForm(
            data if by_text else None,
            request.FILES if by_text else None,
            initial={"map_text": dump_map(self.suggested)},
            target=self.target,
            headings=self.table.headings,
            sheet=self.sheet,
        )
        return form, map_form

    def sample(self, column_map: ColumnMap, user: User) -> dict[str, Any]:
        """What the first rows would become."""
        try:
            rows = self.target.sample(self._path, self._name, self.sheet, column_map)
        except InputProblem as problem:
            return {"problem": str(problem)}
        return {"rows": shown_rows(rows, user)}

    def context(self) -> dict[str, Any]:
        """What the page shows beside its forms."""
        labels = self.target.labels()
        made = [
            (labels.get(name, name), " ".join(column.headings) or self.sheet)
            for name, column in self.suggested.columns.items()
            if column.how
        ]
        made += [(labels.get(name, name), str(value)) for name, value in self.suggested.constants.items()]
        for group in self.suggested.groups.values():
            made += [
                (labels.get(name, name), "、".join(group.heading(one, 1)[0] + " …" for one in column.headings))
                for name, column in group.columns.items()
            ]
        return {
            "table": self.table,
            "sheets": self.sheets,
            "hidden_sheets": self.table.source.hidden_sheets,
            "has_drawings": self.table.source.has_drawings,
            "sheet": self.sheet,
            "rows": (self.table.last_row or 0) - self.table.header_row,
            "is_known": self.is_known,
            "made": made,
            "ready": self.ready,
            "ready_maps": [one for one in ready_maps() if one.target == self.target.key],
            "target": self.target.key.value,
            "targets": TARGET_CHOICES,
        }


def _fits(column_map: ColumnMap, headings: Sequence[str], sheet: str) -> bool:
    try:
        column_map.resolve(headings, sheet=sheet)
    except MapError:
        return False
    return True
