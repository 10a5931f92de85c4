"""Rows of a ledger of dishes as they stand in the file, with a sentence for those that cannot be used."""

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

from django.conf import settings
from django.utils.translation import gettext as _

from crm_project.core.allergens.choices import Presence
from crm_project.core.allergens.models import Allergen
from crm_project.core.column_map import ColumnMap
from crm_project.core.tables import Cell, Limits, Table, read_table
from crm_project.core.text import cell_text, nfkc, tidy
from integrations.dish_ledgers.fields import DishMap, guessed_map
from integrations.ledgers.change_report import ChangeReport
from integrations.ledgers.changed_values import ChangeKind, ChangeLog, ValueChange, column_name

NAME_LENGTH: Final = 120
QUANTITY_LENGTH: Final = 40
UNIT_LENGTH: Final = 10
FAMILY_LENGTH: Final = 60
_WHOLE: Final = re.compile(r"^(\d+)\.0+$")  # 206.0 as a text file has it is 206
PRESENCES: Final = {
    word: presence
    for presence, words in (
        (Presence.CONTAINS, "1 ○ ◯ 〇 ● 含む 含 有 あり 有り contains yes"),
        (Presence.MAY_CONTAIN, "△ ▲ may 可能性あり コンタミ"),
        (Presence.FREE, "0 × ✕ ✖ なし 無し 無 free no"),
    )
    for word in words.split()
}


@dataclass(frozen=True, slots=True)
class DishRow:
    """A row: what it says, or why it is set aside (`problem`)."""

    number: int
    dish: str = ""
    kana: str = ""
    food: str = ""
    quantity: str = ""
    unit: str = ""
    family: str = ""
    presences: dict[Allergen, Presence] = field(default_factory=dict)
    problem: str = ""
    # The columns that a problem is about.
    unread: tuple[str, ...] = ()
    # As they stand in the file.
    cells: Sequence[Cell] = ()


@dataclass
class DishTable:
    """An open file. `dish_cells` and `food_cells` are the different values of the two columns, as they stand in it."""

    table: Table
    dish_map: DishMap
    dish_cells: set[str] = field(default_factory=set)
    food_cells: set[str] = field(default_factory=set)
    report: ChangeReport | None = None
    # What the cells became, and what could not be read.
    log: ChangeLog = field(default_factory=lambda: ChangeLog({}))

    def __iter__(self) -> Iterator[DishRow]:
        headings, first_column = self.table.headings, self.table.first_column
        resolve = self.dish_map.columns.resolve(headings)
        places = ColumnMap({allergen.code: column for allergen, column in self.dish_map.allergens.items()}).resolve(
            headings
        )
        has_food = "food" in self.dish_map.columns.columns
        self.log = ChangeLog(
            {name: column_name(one, name, headings, first_column) for one in (resolve, places) for name in one.indexes}
        )
        if self.report:
            self.report.attach(self.log, self.table)
        for number, cells in self.table:
            said = {name: cell_text(cell) for name, cell in resolve(cells).items()}
            self.dish_cells.add(said["dish"])
            if has_food:
                self.food_cells.add(said["food"])
            of_allergens = {code: cell_text(cell) for code, cell in places(cells).items()}
            row = self._row(number, {name: tidy(text) for name, text in said.items()}, of_allergens)
            self._tell(row, said, of_allergens)
            yield replace(row, cells=cells)
        if self.report:
            self.report.flush()

    def _tell(self, row: DishRow, said: Mapping[str, str], of_allergens: Mapping[str, str]) -> None:
        """Take note of what became of the row's cells."""
        if row.problem:
            for name in [name for name in row.unread if name in self.log.columns]:
                before = said.get(name, of_allergens.get(name, ""))
                self.log.add(ValueChange(row.number, name, ChangeKind.UNREAD, before, ""))
            return
        for name, before in said.items():
            if name in self.log.columns and name != "day":
                self.log.compare(row.number, name, before, getattr(row, name))
        for allergen, presence in row.presences.items():
            self.log.compare(row.number, allergen.code, of_allergens[allergen.code], presence.value)

    def _row(self, number: int, said: dict[str, str], of_allergens: dict[str, str]) -> DishRow:
        limits = {
            "dish": NAME_LENGTH,
            "kana": NAME_LENGTH,
            "food": NAME_LENGTH,
            "quantity": QUANTITY_LENGTH,
            "unit": UNIT_LENGTH,
            "family": FAMILY_LENGTH,
        }
        values = {name: said.get(name, "") for name in limits}
        values["quantity"] = _WHOLE.sub(r"\1", values["quantity"])
        for name, longest in limits.items():
            if len(values[name]) > longest:
                heading = (
                    self.dish_map.columns.columns[name].headings[0] if name in self.dish_map.columns.columns else name
                )
                return DishRow(
                    number,
                    problem=_("column “%(column)s” has more than %(longest)s characters: shorten it")
                    % {"column": heading, "longest": longest},
                    unread=(name,),
                )
        presences = {}
        for allergen, column in self.dish_map.allergens.items():
            text = tidy(of_allergens[allergen.code])
            presence = PRESENCES.get(nfkc(text).lower())
            if presence is not None:
                presences[allergen] = presence
            elif text:
                return DishRow(
                    number,
                    problem=_("column “%(column)s”: “%(text)s” is none of ○, △, × and blank (not checked)")
                    % {"column": column.headings[0], "text": text[:40]},
                    unread=(allergen.code,),
                )
        if not values["dish"] and (values["food"] or presences):
            return DishRow(number, problem=_("the row names no dish"))
        return DishRow(
            number,
            values["dish"],
            values["kana"],
            values["food"],
            values["quantity"],
            values["unit"],
            values["family"],
            presences,
        )


def menu_table(path: Path, name: str, sheet: str, column_map: DishMap | ColumnMap | None) -> Table:
    """The table of a ledger of dishes or foods, not yet read."""
    return read_table(
        path,
        name=name,
        sheet=sheet or None,
        wanted=column_map.wanted if column_map else (),
        limits=Limits(file_bytes=settings.UPLOAD_LIMIT_BYTES),
    )


@contextmanager
def opened_dishes(
    path: Path, name: str, sheet: str = "", dish_map: DishMap | None = None, report: ChangeReport | None = None
) -> Iterator[DishTable]:
    """Open a ledger of dishes. Raises TableError or MapError with one sentence when it cannot be used."""
    with menu_table(path, name, sheet, dish_map) as table:
        found = dish_map or guessed_map(table.headings)
        found.columns.resolve(table.headings)
        table.require_rows()
        yield DishTable(table, found, report=report)
