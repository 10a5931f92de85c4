"""What every part of the reader shares: cells, rows, limits, and the sentence for a file that cannot be used."""

import datetime
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

from crm_project.core.problems import InputProblem

Cell = str | int | float | bool | datetime.date | datetime.datetime | datetime.time | datetime.timedelta
Row = tuple[int, list[Cell]]


class TableError(InputProblem):
    """The file cannot be used as a table."""


class PasswordNeeded(TableError):
    """The workbook is protected by a password, and none or a wrong one was given."""


@dataclass(frozen=True)
class Limits:
    """What a file may ask of the machine."""

    file_bytes: int = 200 * 1024**2
    inflated_bytes: int = 1024**3
    ratio: int = 250  # inflated to stored, of workbooks over `ratio_from` bytes; honest ones stay under 100
    ratio_from: int = 64 * 1024**2
    columns: int = 512
    cells: int = 12_000_000  # rows x columns of the area that holds values; about 32 bytes each
    cell_characters: int = 131_072


DEFAULT_LIMITS: Final = Limits()
HEADING_ROWS: Final = 30  # the headings are looked for in the first rows only


class Merge(NamedTuple):
    """Cells that were made one: rows as a spreadsheet numbers them, columns as places in the row from 0; all included."""

    top: int
    left: int
    bottom: int
    right: int

    @property
    def rows(self) -> int:
        """How many rows it spans."""
        return self.bottom - self.top + 1

    @property
    def columns(self) -> int:
        """How many columns it spans."""
        return self.right - self.left + 1


def is_blank(cells: Sequence[Cell]) -> bool:
    """Whether nothing is written in any of the cells; blanks are nothing."""
    return all(cell == "" or (isinstance(cell, str) and cell.isspace()) for cell in cells)


def filled_places(cells: Sequence[Cell]) -> list[int]:
    """Where something is written in a row."""
    return [at for at, cell in enumerate(cells) if not (cell == "" or (isinstance(cell, str) and cell.isspace()))]


def column_letters(place: int) -> str:
    """The letters of a column: 0 is A, 26 is AA."""
    letters = ""
    place += 1
    while place:
        place, digit = divmod(place - 1, 26)
        letters = chr(ord("A") + digit) + letters
    return letters
