"""Which heading of a file fills which field: a small TOML text that a person can read, write and keep beside the file.

    [columns]
    code = "許可番号"
    name = ["営業者名", "営業者名（法人の場合は、法人名）"]      # alternative headings
    address = {join = ["施設所在地１", "施設所在地２"]}           # filled cells, one space between them
    since = {year = "年", month = "月", day = "日"}               # parts of a date; a year may also come from below
    amount = {product = ["単価", "人数"]}                         # numbers multiplied; {sum = [...]} added
    phone = {list = ["会社電話", "携帯電話"]}                     # filled cells, each a value of its own
    venue = {sheet = true}                                        # the name of the sheet
    [constants]
    currency = "GBP"                                             # any field may be a constant
    [options]
    create_customers = true
    [groups.visits]                                               # columns that stand several times in a row
    pattern = "{heading}{n}"                                     # 来店日1 人数1 来店日2 人数2 ..., or the same words again
    [groups.visits.columns]
    date = "来店日"
    party_size = "人数"
    [sheets."2024".constants]                                     # constants of the rows of one sheet
    year = 2024

The fields, groups and options that exist are named by the caller; this module knows none of them but in `suggest_map`.
"""

import datetime
import json
import re
import tomllib
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property
from operator import itemgetter
from types import MappingProxyType
from typing import Any, Final

from django.utils.translation import gettext_lazy as _

from crm_project.core.money import AmountError, parse_amount, plain
from crm_project.core.problems import InputProblem
from crm_project.core.tables import ALL_SHEETS, SHEET_HEADING, Cell
from crm_project.core.text import cell_text, compare_key, nfkc

Constant = str | int | float | bool | datetime.date
Required = str | tuple[str, ...]
Getter = Callable[[Sequence[Cell]], Cell]

# How the cells of a column become one value.
FIRST, PRODUCT, SUM, LIST, DATE, SHEET = "", "product", "sum", "list", "date", "sheet"
DATE_PARTS: Final = ("era", "year", "month", "day")
# The field that completes dates which stand without their year.
YEAR: Final = "year"
PATTERN: Final = "{heading}{n}"
# Between the headings of several rows that stand above each other.
GROUPED: Final = " / "
MOST_REPEATS: Final = 200
_NOTHING: Final[Mapping[str, Any]] = MappingProxyType({})


class MapError(InputProblem):
    """The map cannot be used, or does not fit the file."""


@dataclass(frozen=True)
class Column:
    """The headings of one field: alternatives; or (`joined`) cells to be joined by a space; or cells that make a value.

    `how` is PRODUCT, SUM, LIST, DATE (`parts` says which heading is the year, the month ...) or SHEET (no headings at all).
    """

    headings: tuple[str, ...]
    joined: bool = False
    how: str = FIRST
    parts: tuple[str, ...] = ()

    @property
    def takes_all(self) -> bool:
        """Whether every heading is needed, rather than the first that the file has."""
        return self.joined or self.how != FIRST

    @property
    def wanted(self) -> list[tuple[str, ...]]:
        """The headings a file must have, each with its alternatives."""
        return [(one,) for one in self.headings] if self.takes_all else [self.headings]


@dataclass(frozen=True)
class Group:
    """Columns that stand several times in a row, told apart by a number in their headings (`pattern`), or by their order."""

    columns: Mapping[str, Column]
    pattern: str = PATTERN

    @property
    def is_numbered(self) -> bool:
        """Whether the headings bear numbers; else the same words stand again and again."""
        return "{n}" in self.pattern

    def heading(self, heading: str, number: int) -> tuple[str, ...]:
        """The spellings of a heading at its n-th place; the first may stand without its number."""
        numbered = self.pattern.replace("{heading}", heading).replace("{n}", str(number))
        padded = self.pattern.replace("{heading}", heading).replace("{n}", f"{number:02d}")
        return (numbered, padded, heading) if number == 1 else (numbered, padded)


@dataclass(frozen=True)
class ColumnMap:
    """A map that has been checked against the fields that exist."""

    columns: Mapping[str, Column]
    constants: Mapping[str, Constant] = field(default_factory=lambda: _NOTHING)
    options: Mapping[str, Constant] = field(default_factory=lambda: _NOTHING)
    # What a mark of the file means: "fill:FFFF00" -> "rank:特別", "strike" -> "left".
    legend: Mapping[str, str] = field(default_factory=lambda: _NOTHING, kw_only=True)
    groups: Mapping[str, Group] = field(default_factory=lambda: _NOTHING)
    # Sheet -> its constants.
    sheets: Mapping[str, Mapping[str, Constant]] = field(default_factory=lambda: _NOTHING)

    @property
    def wanted(self) -> list[tuple[str, ...]]:
        """The headings a file must have, each with its alternatives, for `read_table`."""
        found = [wanted for column in self.columns.values() for wanted in column.wanted]
        for group in self.groups.values():
            for column in group.columns.values():
                for wanted in column.wanted:
                    found.append(tuple(dict.fromkeys(spelled for one in wanted for spelled in group.heading(one, 1))))
        return found

    @property
    def default_sheet(self) -> str | None:
        """What is read where nobody names a sheet: all that the map gives constants for, else the first."""
        return ALL_SHEETS if self.sheets else None

    @property
    def fields(self) -> set[str]:
        """The fields that have a column or a constant on every sheet; those of groups are not among them."""
        of_sheets = [set(constants) for constants in self.sheets.values()]
        return {*self.columns, *self.constants, *(set.intersection(*of_sheets) if of_sheets else ())}

    def resolve(self, headings: Sequence[str], *, sheet: str = "") -> "Resolver":
        """Where the fields stand in a file with these headings, on the sheet of that name.

        Headings are compared without regard to width and blanks. Raises MapError when a heading is missing (with those the
        file has) or stands twice, or when the map names constants for other sheets and none for this one.
        """
        places: dict[str, list[int]] = {}
        for index, heading in enumerate(headings):
            places.setdefault(compare_key(heading), []).append(index)

        def place(name: str, alternatives: Sequence[str]) -> int:
            for heading in alternatives:
                found = places.get(compare_key(heading), [])
                if len(found) > 1:
                    raise MapError(
                        _("the heading “%(heading)s” (%(field)s) stands twice in the file: rename one of them"),
                        {"heading": heading, "field": name},
                    )
                if found:
                    return found[0]
            raise _missing(name, alternatives, headings)

        of_many = sheet == ALL_SHEETS and compare_key(SHEET_HEADING) in places
        constants = {**self.constants, **({} if of_many else self._of_sheet(sheet))}
        indexes: dict[str, tuple[int, ...]] = {}
        for name, column in self.columns.items():
            if column.how == SHEET and of_many:
                indexes[name] = (place(name, [SHEET_HEADING]),)
            elif column.how == SHEET:
                constants[name] = sheet
            elif column.takes_all:
                indexes[name] = tuple(place(name, [heading]) for heading in column.headings)
            else:
                indexes[name] = (place(name, column.headings),)
        of_sheets = self._by_sheet(places[compare_key(SHEET_HEADING)][-1]) if of_many and self.sheets else None
        return Resolver(
            indexes=indexes,
            constants=constants,
            columns=self.columns,
            groups={
                name: _group_places(name, group, headings, places, constants, of_sheets)
                for name, group in self.groups.items()
            },
            of_sheets=of_sheets,
        )

    def _by_sheet(self, place: int) -> "SheetConstants":
        return SheetConstants(place, {compare_key(name): constants for name, constants in self.sheets.items()})

    def _of_sheet(self, sheet: str) -> Mapping[str, Constant]:
        by_key = {compare_key(name): constants for name, constants in self.sheets.items()}
        found = by_key.get(compare_key(sheet))
        if found is not None:
            return found
        missing = {name for constants in self.sheets.values() for name in constants} - set(self.constants)
        if missing:
            raise MapError(
                _("the map has no [sheets] entry for the sheet “%(sheet)s”, which needs %(fields)s; it has: %(known)s"),
                {"sheet": sheet, "fields": ", ".join(sorted(missing)), "known": ", ".join(self.sheets)},
            )
        return _NOTHING


def _missing(name: str, alternatives: Sequence[str], headings: Sequence[str]) -> MapError:
    return MapError(
        _("the file has no heading “%(heading)s” (%(field)s); it has: %(headings)s"),
        {
            "heading": "” / “".join(alternatives),
            "field": name,
            "headings": ", ".join(heading for heading in headings if heading),
        },
    )


def _group_places(
    name: str,
    group: Group,
    headings: Sequence[str],
    places: Mapping[str, Sequence[int]],
    constants: Mapping[str, Constant],
    of_sheets: "SheetConstants | None",
) -> tuple["Resolver", ...]:
    """One resolver for each time the group's columns stand in the file. A column may be absent where others stand."""

    def place(number: int, heading: str) -> int | None:
        if not group.is_numbered:
            found = places.get(compare_key(group.pattern.replace("{heading}", heading)), [])
            return found[number - 1] if len(found) >= number else None
        for spelled in group.heading(heading, number):
            found = places.get(compare_key(spelled), [])
            if len(found) > 1:
                raise MapError(
                    _("the heading “%(heading)s” (%(field)s) stands twice in the file: rename one of them"),
                    {"heading": spelled, "field": f"groups.{name}"},
                )
            if found:
                return found[0]
        return None

    repeats: list[Resolver] = []
    seen: set[str] = set()
    for number in range(1, MOST_REPEATS + 1):
        indexes: dict[str, tuple[int, ...]] = {}
        for field_name, column in group.columns.items():
            at = [found for heading in column.headings if (found := place(number, heading)) is not None]
            if at and (len(at) == len(column.headings) or not column.takes_all):
                indexes[field_name] = tuple(at) if column.takes_all else (at[0],)
        if indexes:
            seen.update(indexes)
            repeats.append(Resolver(indexes=indexes, constants=constants, columns=group.columns, of_sheets=of_sheets))
        elif not group.is_numbered:
            break
    for field_name, column in group.columns.items():
        if field_name not in seen:
            raise _missing(f"groups.{name}.{field_name}", group.heading(column.headings[0], 1), headings)
    return tuple(repeats)


@dataclass(frozen=True)
class SheetConstants:
    """Where the name of its sheet stands in each row, and what is constant on which sheet."""

    place: int
    constants: Mapping[str, Mapping[str, Constant]]

    @property
    def names(self) -> set[str]:
        """The fields that any of the sheets gives."""
        return {name for constants in self.constants.values() for name in constants}

    def getter(self, name: str, otherwise: Constant) -> Getter:
        """A function that takes the field of its sheet out of a row."""
        by_sheet = {key: constants[name] for key, constants in self.constants.items() if name in constants}
        return lambda cells: by_sheet.get(compare_key(cell_text(cells[self.place])), otherwise)


@dataclass(frozen=True)
class Resolver:
    """Takes the fields out of the rows of one file."""

    indexes: Mapping[str, tuple[int, ...]]
    constants: Mapping[str, Constant]
    columns: Mapping[str, Column] = field(default_factory=lambda: _NOTHING)
    # Group -> a resolver for each time its columns stand in the file, in their order.
    groups: Mapping[str, tuple["Resolver", ...]] = field(default_factory=lambda: _NOTHING)
    # Of several sheets that are read as one.
    of_sheets: SheetConstants | None = None

    def __call__(self, cells: Sequence[Cell]) -> dict[str, Cell]:
        """Field -> cell as it stands in the file ("" when empty); joined cells, made values and constants included."""
        values: dict[str, Cell] = dict(self.constants)
        for name, get in self._getters:
            values[name] = get(cells)
        return values

    @cached_property
    def _getters(self) -> list[tuple[str, Getter]]:
        names = [*self.indexes, *(self.of_sheets.names if self.of_sheets else ())]
        return [(name, get) for name in names if (get := self.getter(name))]

    def getter(self, name: str) -> Getter | None:
        """A function that takes one field out of a row, for files of many rows; None when the field is not mapped."""
        if self.of_sheets is not None and name in self.of_sheets.names:
            return self.of_sheets.getter(name, self.constants.get(name, ""))
        if name in self.constants:
            constant = self.constants[name]
            return lambda cells: constant
        indexes = self.indexes.get(name)
        if indexes is None:
            return None
        column = self.columns.get(name)
        if column is not None and column.how == DATE:
            return self._date_getter(indexes, column.parts)
        if column is not None and column.how in _COMBINED:
            combine = _COMBINED[column.how]
            return lambda cells: combine([cells[index] for index in indexes])
        if len(indexes) == 1:
            return itemgetter(indexes[0])
        return lambda cells: _joined([cells[index] for index in indexes])

    def _date_getter(self, indexes: Sequence[int], parts: Sequence[str]) -> Getter:
        year = self.getter(YEAR) if YEAR not in parts else None

        def read(cells: Sequence[Cell]) -> Cell:
            found = {part: cells[index] for part, index in zip(parts, indexes, strict=True)}
            if year is not None and any(cell_text(cell).strip() for cell in found.values()):
                found[YEAR] = year(cells)
            return _date(found)

        return read


def _joined(cells: Iterable[Cell]) -> str:
    return " ".join(filter(None, (cell_text(cell).strip() for cell in cells)))


_COUNTED: Final = re.compile(r"(?<=\d)\s*(?:名様|名|人|様|席|個|本|皿|円)$")


def _number(cell: Cell) -> Decimal | None:
    """The number in a cell, also with what is counted behind it (4名); 0 where there is none. None when it is no number."""
    try:
        return parse_amount(_COUNTED.sub("", nfkc(cell).strip()) if isinstance(cell, str) else cell) or Decimal(0)
    except AmountError:
        return None


def _product(cells: Sequence[Cell]) -> Cell:
    """The numbers multiplied; a blank where one of them is blank, and the cells as written where one is no number."""
    written = [cell_text(cell).strip() for cell in cells]
    if not all(written):
        return ""
    numbers = [_number(cell) for cell in cells]
    total = Decimal(1)
    for number in numbers:
        if number is None:
            return " × ".join(written)
        total *= number
    return plain(total)


def _sum(cells: Sequence[Cell]) -> Cell:
    """The numbers added, blanks as nothing; a blank where all are blank, and the cells as written where one is no number."""
    written = [cell_text(cell).strip() for cell in cells]
    if not any(written):
        return ""
    numbers = [_number(cell) for cell in cells]
    if None in numbers:
        return " + ".join(filter(None, written))
    return plain(sum(filter(None, numbers), Decimal(0)))


def _listed(cells: Sequence[Cell]) -> Cell:
    """The filled cells as one list; a single one as it stands."""
    filled = [cell for cell in cells if cell_text(cell).strip()]
    return filled[0] if len(filled) == 1 else "、".join(cell_text(cell).strip() for cell in filled)


_COMBINED: Final[Mapping[str, Callable[[Sequence[Cell]], Cell]]] = {PRODUCT: _product, SUM: _sum, LIST: _listed}

_MONTH_NAMES: Final = {
    name: number
    for number, name in enumerate("jan feb mar apr may jun jul aug sep oct nov dec".split(), start=1)
}  # fmt: skip


def _date(found: Mapping[str, Cell]) -> str:
    """The parts as one date that `parse_date` reads (令和6年4月1日, 2024年4月1日); "" where all are blank."""
    words = {part: cell_text(cell).strip() for part, cell in found.items()}
    if not any(words.values()):
        return ""
    month = words.get("month", "")
    month = str(_MONTH_NAMES.get(month[:3].casefold(), month))
    year = words.get("era", "") + words.get(YEAR, "").removesuffix("年度").removesuffix("年")
    return f"{year}{'年' if year else ''}{month.removesuffix('月')}月{words.get('day', '').removesuffix('日')}日"


# --- TOML -------------------------------------------------------------------------------------------------------------

_TABLES: Final = ("columns", "constants", "options")
_LEGEND: Final = "legend"
_MORE_TABLES: Final = ("groups", "sheets")


def load_map(
    text: str,
    *,
    known_fields: Collection[str],
    required: Iterable[Required] = (),
    known_options: Mapping[str, type] = MappingProxyType({}),
    known_groups: Mapping[str, Collection[str]] = MappingProxyType({}),
    column_tables: Collection[str] = (),
    other_tables: Collection[str] = (),
    meanings: Collection[str] = (),
) -> ColumnMap:
    """Read a map. `required`: fields that must be there; a tuple holds alternatives, `a+b` in it meaning both.

    `known_options`: option -> its type; `known_groups`: group -> its fields. `column_tables` are tables of columns whose keys
    the caller checks itself: [notes] requests = "ご要望" becomes the field "notes.requests". `other_tables` the caller reads.
    `meanings`: what a mark of [legend] may mean beside a rank; without any, there is no legend.

    Raises MapError with one sentence that names the table and the field, and those that exist.
    """
    try:
        content = tomllib.loads(text.removeprefix("\ufeff"))
    except tomllib.TOMLDecodeError as error:
        raise MapError(_("the map is not valid TOML: %(reason)s"), {"reason": error}) from error
    groups_known = _MORE_TABLES if known_groups else _MORE_TABLES[1:]
    for table, entries in content.items():
        if table == _LEGEND and meanings and isinstance(entries, dict):
            continue
        if table not in (*_TABLES, *groups_known, *column_tables, *other_tables):
            known = (*_TABLES, *column_tables, *other_tables, *groups_known)
            raise MapError(
                _("the map has an unknown table [%(table)s]; it may have: %(known)s"),
                {"table": table, "known": ", ".join(f"[{one}]" for one in known)},
            )
        if not isinstance(entries, dict):
            raise MapError(_("“%(table)s” in the map must be a table: write [%(table)s]"), {"table": table})
    columns = _columns("columns", content.get("columns", {}), known_fields)
    for table in column_tables:
        columns |= {f"{table}.{name}": _column(table, name, value) for name, value in content.get(table, {}).items()}
    constants = _constants("constants", content.get("constants", {}), known_fields, columns)
    groups = {
        name: _group(name, value, known_groups, column_tables) for name, value in content.get("groups", {}).items()
    }
    sheets = {name: _sheet(name, value, known_fields, columns) for name, value in content.get("sheets", {}).items()}
    options = content.get("options", {})
    for name, value in options.items():
        if name not in known_options:
            raise MapError(
                _("the map has an unknown option “%(option)s”; the options are: %(known)s"),
                {"option": name, "known": ", ".join(known_options) or "-"},
            )
        if type(value) is not known_options[name]:
            raise MapError(
                _("the option “%(option)s” in the map must be %(kind)s"),
                {"option": name, "kind": _KINDS.get(known_options[name], known_options[name].__name__)},
            )
    column_map = ColumnMap(
        columns, constants, options, groups, sheets, legend=_legend(content.get("legend", {}), meanings)
    )
    check_required(column_map, required)
    _check_years(column_map)
    return column_map


_KINDS: Final = {bool: _("true or false"), str: _("a text in quotation marks"), int: _("a whole number")}


_MARK: Final = re.compile(r"(?:fill|font):[0-9A-F]{6}|strike")
_RANK: Final = re.compile(r"rank:\s*\S.*")


def _legend(entries: Mapping[str, object], meanings: Collection[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    known = (*meanings, "ignore")
    for mark, meaning in entries.items():
        key = mark if mark == "strike" else mark[:5].lower() + mark[5:].lstrip("#").upper()
        if not _MARK.fullmatch(key):
            raise MapError(
                _("“%(mark)s” in [legend] is no mark: write fill:FFFF00, font:FF0000 or strike"), {"mark": mark}
            )
        if not isinstance(meaning, str) or not (meaning in known or _RANK.fullmatch(meaning)):
            raise MapError(
                _("“%(mark)s” in [legend] must mean rank:NAME, or one of: %(known)s"),
                {"mark": mark, "known": ", ".join(known)},
            )
        found[key] = meaning
    return found


def check_required(column_map: ColumnMap, required: Iterable[Required]) -> None:
    """Raise MapError when a required field has neither a column nor a constant (see `load_map`)."""
    present = column_map.fields
    for one in required:
        alternatives = (one,) if isinstance(one, str) else one
        if not any(present.issuperset(alternative.split("+")) for alternative in alternatives):
            raise MapError(
                _("the map names no column for %(fields)s"),
                {"fields": " / ".join(alternative.replace("+", " + ") for alternative in alternatives)},
            )


def _check_years(column_map: ColumnMap) -> None:
    """A date of month and day needs its year from somewhere."""
    known = column_map.fields
    of_groups = [(f"groups.{name}", group.columns) for name, group in column_map.groups.items()]
    for table, columns in [("columns", column_map.columns), *of_groups]:
        for name, column in columns.items():
            if column.how == DATE and YEAR not in column.parts and YEAR not in known and YEAR not in columns:
                raise MapError(
                    _(
                        "“%(field)s” in [%(table)s] of the map has a month and a day and no year: "
                        "name a column, or a constant year"
                    ),
                    {"field": name, "table": table},
                )


def _columns(table: str, entries: Mapping[str, object], known_fields: Collection[str]) -> dict[str, Column]:
    found = {}
    for name, value in entries.items():
        column = _column(table, name, value)
        _must_be_known(table, name, known_fields)
        found[name] = column
    return found


def _must_be_known(table: str, name: str, known_fields: Collection[str]) -> None:
    if name not in known_fields:
        raise MapError(
            _("[%(table)s] of the map has an unknown field “%(field)s”; the fields are: %(known)s"),
            {"table": table, "field": name, "known": ", ".join(known_fields)},
        )


def _constants(
    table: str, entries: Mapping[str, Any], known_fields: Collection[str], columns: Mapping[str, Column]
) -> dict[str, Constant]:
    for name, value in entries.items():
        _must_be_known(table, name, known_fields)
        if name in columns:
            raise MapError(
                _("the map has “%(field)s” both as a column and as a constant ([%(table)s])"),
                {"field": name, "table": table},
            )
        if not isinstance(value, str | int | float | datetime.date):
            raise MapError(
                _("the constant “%(field)s” in the map must be one value ([%(table)s])"),
                {"field": name, "table": table},
            )
    return dict(entries)


def _sheet(
    name: str, value: object, known_fields: Collection[str], columns: Mapping[str, Column]
) -> dict[str, Constant]:
    if not isinstance(value, dict) or list(value) != ["constants"] or not isinstance(value["constants"], dict):
        raise MapError(
            _('what the map says of the sheet “%(sheet)s” stands under [sheets."%(sheet)s".constants]'), {"sheet": name}
        )
    return _constants(f"sheets.{name}.constants", value["constants"], known_fields, columns)


def _group(
    name: str, value: object, known_groups: Mapping[str, Collection[str]], column_tables: Collection[str]
) -> Group:
    table = f"groups.{name}"
    if name not in known_groups:
        raise MapError(
            _("the map has an unknown table [%(table)s]; it may have: %(known)s"),
            {"table": table, "known": ", ".join(f"[groups.{one}]" for one in known_groups)},
        )
    if not isinstance(value, dict) or not isinstance(value.get("columns"), dict) or not value["columns"]:
        raise MapError(
            _("[%(table)s] of the map needs its columns: write [%(table)s.columns] and name a heading for each field"),
            {"table": table},
        )
    for entry in value:
        if entry not in ("pattern", "columns", *column_tables):
            raise MapError(
                _("[%(table)s] of the map has an unknown field “%(field)s”; the fields are: %(known)s"),
                {"table": table, "field": entry, "known": ", ".join(("pattern", "columns", *column_tables))},
            )
    pattern = value.get("pattern", PATTERN)
    if not isinstance(pattern, str) or "{heading}" not in pattern:
        raise MapError(
            _("the pattern of [%(table)s] in the map says where heading and number stand, like “{heading}{n}”"),
            {"table": table},
        )
    columns = _columns(f"{table}.columns", value["columns"], known_groups[name])
    for more in column_tables:
        entries = value.get(more, {})
        if not isinstance(entries, dict):
            raise MapError(_("“%(table)s” in the map must be a table: write [%(table)s]"), {"table": f"{table}.{more}"})
        columns |= {f"{more}.{key}": _column(f"{table}.{more}", key, heading) for key, heading in entries.items()}
    for field_name, column in columns.items():
        if column.how == SHEET:
            raise MapError(
                _("the name of the sheet is one value for all: move “%(field)s” from [%(table)s] to [columns]"),
                {"field": field_name, "table": table},
            )
    return Group(columns, pattern)


def _column(table: str, name: str, value: object) -> Column:
    if isinstance(value, str) and value.strip():
        return Column((value,))
    if isinstance(value, list) and _are_headings(value):
        return Column(tuple(value))
    if (
        isinstance(value, dict)
        and len(value) == 1
        and (key := next(iter(value))) in ("join", PRODUCT, SUM, LIST, SHEET)
    ):
        parts = value[key]
        if key == SHEET and parts is True:
            return Column((), how=SHEET)
        if key != SHEET and isinstance(parts, list) and _are_headings(parts):
            return Column(tuple(parts), joined=key == "join", how=FIRST if key == "join" else key)
    elif isinstance(value, dict) and {"month", "day"} <= value.keys() <= set(DATE_PARTS):
        headings = [value[part] for part in DATE_PARTS if part in value]
        if _are_headings(headings):
            return Column(tuple(headings), how=DATE, parts=tuple(part for part in DATE_PARTS if part in value))
    raise MapError(
        _(
            '“%(field)s” in the map must be a heading, a list of headings, or {join = ["heading", "heading"]}, '
            "{list = [...]}, {product = [...]}, {sum = [...]}, {year = ..., month = ..., day = ...} or {sheet = true} "
            "([%(table)s])"
        ),
        {"field": name, "table": table},
    )


def _are_headings(values: Sequence[object]) -> bool:
    return bool(values) and all(isinstance(one, str) and one.strip() for one in values)


def dump_map(column_map: ColumnMap) -> str:
    """The map as TOML; `load_map` reads it back to the same map."""
    lines = _dumped_columns("columns", column_map.columns)
    for title, entries in (
        ("constants", column_map.constants),
        ("options", column_map.options),
        ("legend", column_map.legend),
    ):
        if entries:
            lines += ["", f"[{title}]", *(f"{_key(name)} = {_toml(value)}" for name, value in entries.items())]
    for name, group in column_map.groups.items():
        lines += ["", f"[groups.{_key(name)}]", f"pattern = {_toml(group.pattern)}", ""]
        lines += _dumped_columns(f"groups.{_key(name)}.columns", group.columns)
    for name, constants in column_map.sheets.items():
        lines += ["", f"[sheets.{_key(name)}.constants]"]
        lines += [f"{_key(one)} = {_toml(value)}" for one, value in constants.items()]
    return "\n".join(lines) + "\n"


def _dumped_columns(title: str, columns: Mapping[str, Column]) -> list[str]:
    """The columns under their table; "notes.requests" stands in the table notes beside it."""
    tables: dict[str, list[str]] = {title: []}
    for name, column in columns.items():
        table, dot, key = name.partition(".")
        if dot:
            table = title.removesuffix("columns") + table
        tables.setdefault(table if dot else title, []).append(f"{_key(key if dot else name)} = {_dumped(column)}")
    lines: list[str] = []
    for table, entries in tables.items():
        lines += [*([""] if lines else []), f"[{table}]", *entries]
    return lines


def _dumped(column: Column) -> str:
    headings = ", ".join(map(_toml, column.headings))
    if column.how == SHEET:
        return "{sheet = true}"
    if column.how == DATE:
        pairs = zip(column.parts, column.headings, strict=True)
        return "{" + ", ".join(f"{part} = {_toml(heading)}" for part, heading in pairs) + "}"
    if column.takes_all:
        return f"{{{column.how or 'join'} = [{headings}]}}"
    return headings if len(column.headings) == 1 else f"[{headings}]"


_BARE_KEY: Final = re.compile(r"[A-Za-z0-9_-]+")


def _key(name: str) -> str:
    return name if _BARE_KEY.fullmatch(name) else _toml(name)


def _toml(value: Constant) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
    return value.isoformat() if isinstance(value, datetime.date) else repr(value)


# --- suggestions ------------------------------------------------------------------------------------------------------

_USUAL_HEADINGS: Final[Mapping[str, str]] = {
    # people and companies of a ledger
    "code": (
        "顧客コード 顧客番号 顧客ID 顧客No 会員番号 会員コード 会員No お客様番号 お客様コード 得意先コード "
        "許可番号 管理番号 整理番号 台帳番号 カード番号 コード 番号 No customer_code customer_id customer_no member_no code id"
    ),
    "name": (
        "氏名 お名前 名前 顧客名 お客様名 お客様氏名 氏名漢字 得意先名 会員名 御芳名 ご芳名 芳名 御名前 ご氏名 "
        "営業者名 営業者氏名 営業者申請者名 開設者氏名 開設者名 開設者申請者名 開設者 申請者氏名 申請者名 申請者 "
        "事業者氏名 事業者名 事業者 設置者氏名 設置者名 設置者 代表者名 代表者氏名 利用者名 契約者名 宿泊者名 "
        "name full_name customer_name customer"
    ),
    "kana": (
        "フリガナ ふりがな カナ かな ヨミガナ よみがな 氏名カナ 氏名かな 氏名フリガナ 名前カナ お名前カナ お名前フリガナ ヨミ "
        "読み 読み仮名 顧客名カナ 営業者名かな kana furigana reading name_kana"
    ),
    "company": (
        "会社名 会社 勤務先 ご勤務先 御勤務先 法人名 企業名 団体名 お勤め先 勤務先名 施設名称 施設名称1 店舗名 company "
        "施設名 営業施設名称、屋号又は商号 営業所の名称、屋号又は商号 営業所名称 営業所の名称 営業施設屋号 屋号名称 屋号 "
        "施設の名称 公衆浴場名称 理容所名称 美容所名称 クリーニング所名称 クリーニング名称 事業所名称 事業所名 店名 "
        "company_name organization"
    ),
    "department": "部署 部署名 部署名1 部署1 所属 部門 所属部署 ご所属 department",
    "title": "役職 役職名 肩書 肩書き 御役職 ご役職 title position job_title",
    "former_name": "旧姓 旧氏名 旧名 former_name maiden_name",
    "phone": (
        "電話番号 電話 携帯 携帯電話 携帯番号 携帯電話番号 TEL 自宅電話 連絡先 連絡先電話番号 お電話番号 "
        "施設電話番号 会社電話 phone mobile telephone tel"
    ),
    "email": "メール メールアドレス Eメール Emailアドレス 電子メール email e-mail mail",
    "postal_code": "郵便番号 〒 郵便 自宅〒 自宅郵便番号 施設郵便番号 postal_code zip zip_code postcode",
    "address": "住所 住所1 ご住所 御住所 自宅住所 自宅住所1 現住所 所在地 施設所在地1 address",
    "office_postal_code": "会社郵便番号 勤務先郵便番号 勤務先〒 会社〒 office_postal_code work_zip",
    "office_address": (
        "会社住所 会社住所1 勤務先住所 勤務先住所1 会社所在地 勤務先所在地 office_address work_address business_address"
    ),
    "other_postal_code": "送付先郵便番号 その他郵便番号 別宅郵便番号 その他〒 other_postal_code",
    "other_address": "送付先住所 その他住所 その他住所1 別宅住所 郵送先住所 住所(その他) other_address",
    "birthday": "誕生日 生年月日 お誕生日 birthday date_of_birth birth_date dob",
    "allergies": "アレルギー アレルギー情報 アレルギー等 アレルギー有無 アレルギー食材 食物アレルギー allergies allergy",
    "likes": "好み お好み 嗜好 好物 好きなもの お好きなもの likes preferences preference",
    "dislikes": "苦手 苦手なもの 嫌い 嫌いなもの 苦手な物 苦手な食材 NG食材 お嫌いなもの 食べられないもの dislikes",
    "introduced_by": "紹介者 ご紹介者 紹介元 紹介者名 introduced_by introducer",
    "family": "家族 ご家族 家族構成 配偶者 奥様 連名 連名1 family",
    "note": "備考 備考欄 備考1 メモ メモ1 特記事項 摘要 ご要望 コメント 注意事項 note notes memo remarks",
    "since": (
        "登録日 初回来店日 初来店日 初回来店 ご来店初回 来店初回 入会日 入会 顧客登録日 取引開始日 "
        "since registered first_visit"
    ),
    "rank": "ランク 顧客ランク お客様ランク 会員ランク 会員種別 rank grade",
    "staff": "担当 担当者 担当者名 営業担当 担当仲居 お得意様担当 staff",
    "stop": "連絡停止理由 連絡停止 配信停止理由 contact_stop_reason",
    # documents of accounting
    "document": (
        "伝票番号 伝票No 伝票コード 請求番号 請求書番号 売上番号 注文番号 invoice invoice_no doc_no document order_no"
    ),
    "line": "行番号 行 明細番号 行No 明細行 line line_no",
    "partner_code": (
        "得意先コード 取引先コード 得意先CD 取引先CD 顧客コード 得意先番号 顧客番号 請求先コード "
        "customer_code customer_id partner_code"
    ),
    "partner_name": "得意先名 取引先名 得意先 取引先 顧客名 請求先名 得意先名称 customer_name partner_name customer",
    "date": (
        "日付 売上日 伝票日付 計上日 取引日 売上日付 請求日 年月日 利用日 date doc_date invoice_date posting_date"
    ),
    "amount": "金額 売上金額 税抜金額 売上高 本体金額 税抜額 純売上 税抜売上 net_amount amount net sales",
    "quantity": "数量 個数 人数 quantity qty",
    "unit_price": "単価 販売単価 税抜単価 売上単価 unit_price price",
    "cost": "原価 原価金額 仕入金額 売上原価 原価額 cost cost_amount",
    "tax": "消費税 消費税額 税額 tax tax_amount",
    "description": "品名 商品名 摘要 内容 明細 品目 商品名称 適用 description item_name item",
    "venue": "店舗 店舗コード 部門 部門コード 店舗名 部門名 売上部門 venue store store_code branch",
    "currency": "通貨 通貨コード currency",
}
_JOINED_HEADINGS: Final[Mapping[str, Sequence[tuple[str, ...]]]] = {
    "name": (
        ("姓", "名"), ("氏", "名"), ("苗字", "名前"), ("名字", "名前"), ("last_name", "first_name"),
        ("姓(漢字)", "名(漢字)"), ("氏名(姓)", "氏名(名)"), ("お名前(姓)", "お名前(名)"), ("氏名姓", "氏名名"),
    ),
    "kana": (
        ("セイ", "メイ"), ("姓カナ", "名カナ"), ("姓フリガナ", "名フリガナ"), ("姓かな", "名かな"), ("せい", "めい"),
        ("姓ふりがな", "名ふりがな"), ("フリガナ姓", "フリガナ名"), ("カナ姓", "カナ名"), ("姓(カナ)", "名(カナ)"),
        ("姓(かな)", "名(かな)"), ("姓(フリガナ)", "名(フリガナ)"), ("姓(ふりがな)", "名(ふりがな)"),
        ("フリガナ(姓)", "フリガナ(名)"), ("氏カナ", "名カナ"), ("last_name_kana", "first_name_kana"),
    ),
    "address": (
        ("都道府県", "市区町村", "番地", "建物名"), ("都道府県", "市区町村", "番地"),
        ("住所1", "住所2", "住所3"), ("住所1", "住所2"), ("施設所在地1", "施設所在地2"),
        ("address1", "address2", "city", "state"), ("address1", "city", "state"), ("address", "city", "state"),
        ("street", "city", "state"),
    ),
    "postal_code": (("郵便番号1", "郵便番号2"), ("〒1", "〒2"), ("郵便番号(上)", "郵便番号(下)")),
}  # fmt: skip


def suggest_map(headings: Sequence[str], known_fields: Collection[str]) -> ColumnMap:
    """A first map for a file, from the headings such files usually have; fields without a likely heading are left out.

    A heading serves one field only, and one that stands twice serves none.
    """
    by_key = headings_by_key(headings, _usual_key)
    found: dict[str, Column] = {}
    taken: set[str] = set()

    def take(name: str, wanted: Iterable[str], *, joined: bool) -> None:
        columns = [by_key.get(_usual_key(one), "") for one in wanted]
        if name not in found and all(columns) and taken.isdisjoint(columns):
            found[name] = Column(tuple(columns), joined=joined)
            taken.update(columns)

    for name in known_fields:
        for parts in _JOINED_HEADINGS.get(name, ()):
            take(name, parts, joined=True)
    if "address" in known_fields:
        words_of = [next((one for one in words if by_key.get(_usual_key(one))), "") for words in _ADDRESS_PARTS]
        take("address", words_of, joined=True)
    for year_month_day in _BIRTHDAY_PARTS if "birthday" in known_fields else ():
        take("birthday", year_month_day, joined=True)
        if "birthday" in found:
            found["birthday"] = Column(found["birthday"].headings, how=DATE, parts=(YEAR, "month", "day"))
            break
    usual = {name: _USUAL_HEADINGS.get(name, "").split() for name in known_fields}
    for place in range(max(map(len, usual.values()), default=0)):
        for name, likely in usual.items():
            if place < len(likely):
                take(name, [likely[place]], joined=False)
    for name, likely in usual.items():
        for heading in likely:
            start = _usual_key(heading)
            longer = [key for key in by_key if by_key[key] not in taken and key.startswith(f"{start}(")]
            if len(longer) == 1:
                take(name, longer, joined=False)
    for name in _CONTINUED.keys() & found.keys():
        found[name] = _with_continuation(name, found[name], headings, by_key, taken)
    if "note" in found and (
        more := [one for key, one in by_key.items() if one not in taken and _NOTE_KEY.fullmatch(key)]
    ):
        wanted = {*found["note"].headings, *more}
        found["note"] = Column(tuple(one for one in headings if one in wanted), joined=True)
        taken.update(more)
    if "allergies" in known_fields and "allergies" not in found:
        # 苦手な物・アレルギー: what a guest must not have comes before what a guest does not like.
        spoken_of = [heading for heading in headings if "アレルギー" in nfkc(heading) and heading not in taken]
        if len(spoken_of) == 1:
            take("allergies", spoken_of, joined=False)
    if "phone" in known_fields:
        taken.difference_update(found["phone"].headings if "phone" in found else ())
        numbers = {heading for key, heading in by_key.items() if _PHONE_KEY.fullmatch(key) and heading not in taken}
        if len(numbers) > 1 or (numbers and "phone" not in found):
            columns = tuple(one for one in headings if one in numbers)
            found["phone"] = Column(columns, how=LIST if len(columns) > 1 else FIRST)
    return ColumnMap({name: found[name] for name in known_fields if name in found})


# An address in columns of its own: 都道府県, the municipality, what follows it.
_ADDRESS_PARTS: Final = (
    ("都道府県", "都道府県名"),
    ("市区町村", "市区郡", "市区町村名", "市町村", "市郡区", "市区"),
    (
        "番地",
        "町名・番地",
        "町域・番地",
        "町名番地",
        "番地以下",
        "町域",
        "町名",
        "それ以降の住所",
        "以降の住所",
        "住所",
    ),
)
_BIRTHDAY_PARTS: Final = (
    ("生年月日(年)", "生年月日(月)", "生年月日(日)"), ("生年月日年", "生年月日月", "生年月日日"),
    ("誕生日(年)", "誕生日(月)", "誕生日(日)"), ("誕生年", "誕生月", "誕生日"), ("生年", "生月", "生日"),
)  # fmt: skip
# Fields whose words may go on in other columns, and what these are called beside the first heading with 2, 3 behind.
_CONTINUED: Final[Mapping[str, tuple[str, ...]]] = {
    "address": (
        "", "番地", "番地以下", "建物名", "建物", "方書", "ビル名", "マンション名",
        "建物名等(方書)", "建物名・部屋番号", "ビル・マンション名", "マンション・ビル名", "アパート・マンション名",
    ),
    "office_address": ("会社", "建物名", "ビル名"),
    "other_address": ("その他", "建物名", "ビル名"),
    "department": (),
    "family": (),
}  # fmt: skip
_NOTE_KEY: Final = re.compile(r"(?:備考|備考欄|メモ|特記事項|摘要|コメント|note|memo|remarks)[1-9]?")


def continued(name: str, column: Column, headings: Sequence[str], taken: Collection[str]) -> Column:
    """A column that was found by its content, with those in which its words go on."""
    return _with_continuation(name, column, headings, headings_by_key(headings, _usual_key), set(taken))


def _with_continuation(
    name: str, column: Column, headings: Sequence[str], by_key: Mapping[str, str], taken: set[str]
) -> Column:
    """A column with those in which its words go on: 住所1 with 住所2, an address with 建物名 or 方書, 連名1 with 連名2."""
    if column.how != FIRST or (column.joined and len(column.headings) < 2):
        return column
    first = _usual_key(column.headings[-1])
    stem = first.removesuffix("1")
    keys = [f"{stem}{number}" for number in range(2, 10)]
    prefix, *words = _CONTINUED[name] or ("",)
    keys += [_usual_key(f"{prefix}{word}") for word in words]
    if name == "address":
        keys += [_usual_key(f"{before}{word}") for before in ("自宅", "営業施設", "施設", "住所") for word in words]
    more = [by_key[key] for key in dict.fromkeys(keys) if key in by_key and by_key[key] not in taken]
    if not more:
        return column
    taken.update(more)
    wanted = {*column.headings, *more}
    together = tuple(heading for heading in headings if heading in wanted)
    return Column(together, how=LIST) if name == "family" else Column(together, joined=True)


# A column of numbers, whosever they are; a facsimile's is none.
_PHONE_KEY: Final = re.compile(
    r"(?:お客様|ご?自宅|会社|勤務先|お?勤め先|代表)?(?:(?:固定|携帯)?お?電話(?:番号)?|御電話|携帯(?:番号)?|tel|連絡先(?:電話番号)?)[0-9]?|"
    r"(?:tel|お?電話(?:番号)?|連絡先)\((?:ご?自宅|携帯|会社|勤務先|固定)\)|(?:mobile|work|home|office|business|cell)(?:phone|tel)(?:number)?|"
    # 連絡先 / 自宅: below a heading of numbers.
    r"(?:ご?連絡先|お?電話(?:番号)?|tel)(?:ご?自宅|会社|携帯|勤務先|お?勤め先|固定|その他)[0-9]?"
)


def headings_by_key(headings: Sequence[str], key: Callable[[str], str]) -> dict[str, str]:
    """Key -> the one heading that is meant by it. A heading below others (お客様 / ご勤務先 / 会社) is known by its own words,
    too, and by them behind those above (会社 / 電話 as 会社電話), where no other heading is."""
    keys = [key(heading) for heading in headings]
    found = {one: heading for one, heading in zip(keys, headings, strict=True) if one and keys.count(one) == 1}
    shorter: dict[str, list[str]] = {}
    for heading in headings:
        above, _slash, own = heading.rpartition(GROUPED)
        for one in {own, f"{above.rpartition(GROUPED)[2]}{own}"} if above else ():
            shorter.setdefault(key(one), []).append(heading)
    for one, meant in shorter.items():
        if one and len(meant) == 1 and one not in keys:
            found[one] = meant[0]
    return found


def _usual_key(heading: str) -> str:
    """Width, case and the marks between words do not matter: ＴＥＬ, Customer ID and customer_id."""
    key = compare_key(heading).casefold()
    return key.translate(dict.fromkeys(map(ord, "_-.・:*※"), None)).removesuffix("(必須)")
