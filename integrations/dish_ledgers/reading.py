"""Rows of a ledger of dishes as they stand in the file, with a sentence for those that cannot be used."""

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Final

from django.conf import settings
from django.utils.translation import gettext as _

from crm_project.core.allergens.choices import Presence
from crm_project.core.allergens.models import Allergen
from crm_project.core.column_map import ColumnMap
from crm_project.core.tables import ALL_SHEETS, Cell, Limits, Table, read_table
from crm_project.core.text import cell_text, compare_key, nfkc, tidy
from integrations.dish_ledgers.fields import DISH_HEADINGS, DishMap, guessed_map
from integrations.ledgers.change_report import ChangeReport
from integrations.ledgers.changed_values import ChangeKind, ChangeLog, ValueChange, column_name
from menus.queries import allergen_key, allergens_by_name

NAME_LENGTH: Final = 120
QUANTITY_LENGTH: Final = 40
UNIT_LENGTH: Final = 10
FAMILY_LENGTH: Final = 60
_WHOLE: Final = re.compile(r"^(\d+)\.0+$")  # 206.0 as a text file has it is 206
PRESENCES: Final = {
    word: presence
    for presence, words in (
        (
            Presence.CONTAINS,
            "1 ○ ◯ 〇 ⭕ o ● ◎ ◉ ✓ ✔ ☑ レ ■ ★ 含む 含 含有 含みます 有 あり 有り 使用 使用あり 該当 contains contain yes y true",
        ),
        (
            Presence.MAY_CONTAIN,
            "△ ▲ may maycontain maybe 可能性あり 可能性 コンタミ コンタミあり コンタミネーション 微量 同一工場 同一ライン 混入",
        ),
        (
            Presence.FREE,
            "0 × ✕ ✖ ✗ ✘ ❌ x なし 無し 無 不使用 使用なし 未使用 含まない 含まず 含まれない 含みません 非含有 該当なし "
            "free no n false",
        ),
    )
    for word in words.split()
}
# A dash says that nobody has said anything: unknown is never free.
NOT_SAID: Final = frozenset("- ー ― – — ‐ － − 不明 未確認 確認中 未チェック /".split())
# One cell with all that is in a dish: 鶏肉、卵、しょうゆ（小麦、大豆を含む）.
_LISTED: Final = re.compile(r"[、，,\n／/](?![^（(]*[）)])")
_KEPT: Final = frozenset({"dish", "kana", "food", "quantity", "unit", "family"})
_BETWEEN_ALLERGENS: Final = re.compile(r"[、，,・･/／;\s+＋と]+")


@dataclass(frozen=True, slots=True)
class DishRow:
    """A row: what it says, or why it is set aside (`problem`)."""

    number: int
    dish: str = ""
    kana: str = ""
    food: str = ""
    # What stands in the cell of foods, one by one.
    foods: tuple[str, ...] = ()
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
        above, before = "", 0
        self.log = ChangeLog(
            {name: column_name(one, name, headings, first_column) for one in (resolve, places) for name in one.indexes}
        )
        if self.report:
            self.report.attach(self.log, self.table)
        for number, cells in self.table:
            said = {name: cell_text(cell) for name, cell in resolve(cells).items()}
            if has_food:
                self.food_cells.add(said["food"])
            of_allergens = {code: cell_text(cell) for code, cell in places(cells).items()}
            values = {name: text if name == "food" else tidy(text) for name, text in said.items()}
            if not values["dish"] and values.get("food", "").strip() and above and number == before + 1:
                # A dish that is written once goes on in the rows below it.
                values["dish"] = above
            else:
                self.dish_cells.add(said["dish"])
            above, before = values["dish"], number
            row = self._row(number, values, of_allergens)
            self._tell(row, said, of_allergens)
            if row.problem and self.table.sheet == ALL_SHEETS:
                row = replace(row, problem=f"{cell_text(cells[-1])}: {row.problem}")
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
            if name in self.log.columns and name in _KEPT:
                self.log.compare(row.number, name, before, getattr(row, name))
        for allergen, presence in row.presences.items():
            if allergen.code in of_allergens:
                self.log.compare(row.number, allergen.code, of_allergens[allergen.code], presence.value)

    def _row(self, number: int, said: dict[str, str], of_allergens: dict[str, str]) -> DishRow:
        limits = {
            "dish": NAME_LENGTH,
            "kana": NAME_LENGTH,
            "quantity": QUANTITY_LENGTH,
            "unit": UNIT_LENGTH,
            "family": FAMILY_LENGTH,
        }
        values = {name: said.get(name, "") for name in limits}
        values["quantity"] = _WHOLE.sub(r"\1", values["quantity"])
        foods = tuple(filter(None, (tidy(food) for food in _LISTED.split(said.get("food", "")))))
        for name, longest in limits.items():
            if len(values[name]) > longest:
                return self._too_long(number, name, longest)
        if any(len(food) > NAME_LENGTH for food in foods):
            return self._too_long(number, "food", NAME_LENGTH)
        presences = self._listed(said)
        for allergen, column in self.dish_map.allergens.items():
            text = tidy(of_allergens[allergen.code])
            presence = _presence_in(text, allergen)
            if presence is not None:
                presences[allergen] = presence
            elif nfkc(text) not in NOT_SAID and text:
                return DishRow(
                    number,
                    problem=_("column “%(column)s”: “%(text)s” is none of ○, △, × and blank (not checked)")
                    % {"column": column.headings[0], "text": text[:40]},
                    unread=(allergen.code,),
                )
        if not values["dish"] and (foods or presences):
            return DishRow(number, problem=_("the row names no dish"))
        return DishRow(
            number,
            dish=values["dish"],
            kana=values["kana"],
            food=tidy(said.get("food", "")),
            foods=foods,
            quantity=values["quantity"] if len(foods) == 1 else "",
            unit=values["unit"] if len(foods) == 1 else "",
            family=values["family"],
            presences=presences,
        )

    def _listed(self, said: Mapping[str, str]) -> dict[Allergen, Presence]:
        """Allergens that one cell names: 卵・乳・小麦. Words that are no allergen of our list say nothing."""
        found: dict[Allergen, Presence] = {}
        for name, presence in (("may_contain", Presence.MAY_CONTAIN), ("contains", Presence.CONTAINS)):
            for word in _BETWEEN_ALLERGENS.split(said.get(name, "")):
                if (allergen := self._by_name.get(allergen_key(word))) is not None:
                    found[allergen] = presence
        return found

    @cached_property
    def _by_name(self) -> dict[str, Allergen]:
        has_lists = {"contains", "may_contain"} & self.dish_map.columns.columns.keys()
        return allergens_by_name() if has_lists else {}

    def _too_long(self, number: int, name: str, longest: int) -> DishRow:
        known = self.dish_map.columns.columns
        return DishRow(
            number,
            problem=_("column “%(column)s” has more than %(longest)s characters: shorten it")
            % {"column": known[name].headings[0] if name in known else name, "longest": longest},
            unread=(name,),
        )


def _presence_in(text: str, allergen: Allergen) -> Presence | None:
    """What a cell says: ○, 含む, or the allergen's own name in its column; None for nothing that is known."""
    word = compare_key(text).lower()
    if word in PRESENCES:
        return PRESENCES[word]
    names = {allergen_key(name) for name in (allergen.name_ja, allergen.name_en, *allergen.aliases)}
    return Presence.CONTAINS if word and word in names else None


def menu_table(
    path: Path,
    name: str,
    sheet: str,
    column_map: DishMap | ColumnMap | None,
    usual: Sequence[Sequence[str]] = (),
) -> Table:
    """The table of a ledger of dishes or foods, not yet read; without a map `usual` headings tell where it begins."""
    return read_table(
        path,
        name=name,
        sheet=sheet or None,
        wanted=column_map.wanted if column_map else usual,
        as_ledger=sheet == ALL_SHEETS,
        limits=Limits(file_bytes=settings.UPLOAD_LIMIT_BYTES),
    )


@contextmanager
def opened_dishes(
    path: Path, name: str, sheet: str = "", dish_map: DishMap | None = None, report: ChangeReport | None = None
) -> Iterator[DishTable]:
    """Open a ledger of dishes. Raises TableError or MapError with one sentence when it cannot be used."""
    if not sheet:
        # A sheet for each month is one ledger.
        with menu_table(path, name, "", dish_map, [DISH_HEADINGS]) as first:
            sheet = ALL_SHEETS if len(first.sheets) > 1 else ""
    with menu_table(path, name, sheet, dish_map, [DISH_HEADINGS]) as table:
        found = dish_map or guessed_map(table.headings)
        found.columns.resolve(table.headings)
        table.require_rows()
        yield DishTable(table, found, report=report)
