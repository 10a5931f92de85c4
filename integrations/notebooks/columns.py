"""The columns of a typed row: those of a ledger of visits, always the same, so that one reader reads both."""

from collections.abc import Mapping
from typing import Final

from crm_project.core.column_map import ColumnMap
from crm_project.core.tables import Cell
from integrations.ledgers.cells import says_above
from integrations.visit_ledgers.fields import visit_map

# Field -> heading, as an Excel of the notebook would have it; also the order of a row's cells.
HEADINGS: Final[Mapping[str, str]] = {
    "name": "お名前",
    "kana": "ふりがな",
    "phone": "電話",
    "company": "会社",
    "date": "来店日",
    "year": "年",
    "note": "備考",
    "allergies": "アレルギー",
    "venue": "店舗",
}
# What people type; the venue is that of the notebook.
TYPED: Final = tuple(name for name in HEADINGS if name != "venue")
# These stay in the form for the next row: a page speaks of one year.
CARRIED_ON: Final = ("year",)
MAP_TEXT: Final = "[columns]\n" + "".join(f'{name} = "{heading}"\n' for name, heading in HEADINGS.items())
# A row of the import is page x 1,000 + line.
MOST_LINES: Final = 999


def row_number(page: int, line: int) -> int:
    """The row of the import that is this line of that page."""
    return page * (MOST_LINES + 1) + line


def place_of(number: int) -> tuple[int, int]:
    """Page and line of a row of the import."""
    return divmod(number, MOST_LINES + 1)


def the_map() -> ColumnMap:
    """The map of every notebook."""
    return visit_map(MAP_TEXT)


def cells_of(typed: Mapping[str, str], venue_code: str) -> list[Cell]:
    """The cells of a row, in the order of the headings. Without a day there is no visit, hence no venue and no year either."""
    if not typed.get("date", "").strip():
        typed = {**typed, "date": "", "year": ""}
        venue_code = ""
    return [venue_code if name == "venue" else typed.get(name, "") for name in HEADINGS]


def filled_from_above(typed: Mapping[str, str], above: Mapping[str, str]) -> tuple[dict[str, str], list[str]]:
    """The row with 〃 and 同上 filled from the row above, and which fields were. With nothing above the sign stays."""
    filled, names = dict(typed), []
    for name in TYPED:
        if says_above(typed.get(name, "")) and above.get(name, "").strip():
            filled[name] = above[name]
            names.append(name)
    return filled, names
