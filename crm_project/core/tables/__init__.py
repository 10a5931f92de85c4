"""Rows of cells out of an Excel workbook or a text file, as they stand in it: text keeps its zeros, a date is a date.

The format is told by the content, never by the name. What could exhaust the machine (a zip bomb, one cell at the far end of a
sheet, a compressed file without end) is refused before it is parsed. `read_table` opens one table for an import, `inspect_file`
says what tables a file holds; `finding` knows where a table stands among titles, remarks and sums.
"""

from crm_project.core.tables.cells import (
    DEFAULT_LIMITS,
    HEADING_ROWS,
    Cell,
    Limits,
    PasswordNeeded,
    Row,
    TableError,
)
from crm_project.core.tables.decrypting import decrypted, is_protected
from crm_project.core.tables.inspecting import Inspection, inspect_file
from crm_project.core.tables.marks import STRIKE, SheetMarks
from crm_project.core.tables.opening import ALL_SHEETS, read_table
from crm_project.core.tables.package import COLOURS, COMMENTS, HIDDEN, READINGS
from crm_project.core.tables.packing import unpacked
from crm_project.core.tables.table import HIDDEN_ROW, OTHER_TABLE, SHEET_HEADING, LeftOut, Table, row_place

__all__ = [
    "ALL_SHEETS",
    "COLOURS",
    "COMMENTS",
    "DEFAULT_LIMITS",
    "HEADING_ROWS",
    "HIDDEN",
    "HIDDEN_ROW",
    "OTHER_TABLE",
    "READINGS",
    "SHEET_HEADING",
    "STRIKE",
    "Cell",
    "Inspection",
    "LeftOut",
    "Limits",
    "PasswordNeeded",
    "Row",
    "SheetMarks",
    "Table",
    "TableError",
    "decrypted",
    "inspect_file",
    "is_protected",
    "read_table",
    "row_place",
    "unpacked",
]
