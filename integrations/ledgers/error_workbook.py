"""Rows that were set aside or read in part, as they stand in the file, as a workbook to be put right and imported again."""

import tempfile
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from itertools import islice
from typing import IO, Any, Final

import xlsxwriter
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import gettext as _

from crm_project.core.accounts.models import User
from crm_project.core.tables import Cell
from crm_project.core.ui.display_dates import format_moment
from integrations.choices import LedgerTarget
from integrations.ledgers.candidates import candidate_names, told
from integrations.ledgers.cells_kept import cells_from
from integrations.ledgers.corrections import OPEN, mark_of
from integrations.ledgers.entries import NOTE
from integrations.ledgers.fields import ledger_map
from integrations.ledgers.rows_shown import NOT_READ, rows_to_look_at
from integrations.models import LedgerImport, LedgerRow

BATCH: Final = 500
# Words of a ledger are never formulas, whatever sign they begin with.
PLAIN_TEXT: Final = {
    "constant_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
}
EXACT: Final = 10**15  # a number of more digits is not exact in a workbook: it is written as text


def open_rows(ledger_import: LedgerImport) -> int:
    """How many rows the workbook would hold."""
    return sum(rows_to_look_at(ledger_import, shown).filter(OPEN).count() for shown in ("error", NOT_READ))


def error_workbook_name(ledger_import: LedgerImport, user: User) -> str:
    """Its name: that of the ledger, when it was made and by whom."""
    name = slugify(ledger_import.file_name.rpartition(".")[0], allow_unicode=True) or "ledger"
    return f"{name}-rows-{timezone.localtime():%Y%m%d-%H%M}-{slugify(str(user), allow_unicode=True)}.xlsx"


def error_workbook(ledger_import: LedgerImport, user: User) -> IO[bytes]:
    """The workbook, at its beginning: every column of the file, what is to be done, and the mark that brings the row back.

    Guests are named as far as the person may open them. A second sheet says who made it, when, and of what. Nothing of it
    stays on the server.
    """
    headings = _headings(ledger_import)
    headings += [""] * (_width(ledger_import) - len(headings))
    file = tempfile.TemporaryFile()  # noqa: SIM115 - the response closes it
    with xlsxwriter.Workbook(file, PLAIN_TEXT) as book:
        made = _("%(who)s, %(when)s") % {"who": user, "when": format_moment(timezone.now())}
        book.set_properties({"author": str(user), "title": ledger_import.file_name, "comments": made})
        sheet = book.add_worksheet()
        sheet.set_footer(f"&L{made.replace('&', '&&')}&R&P / &N")
        bold = book.add_format({"bold": True, "text_wrap": True})
        wrong = book.add_format({"bold": True, "text_wrap": True, "bg_color": "#FFF2CC"})
        pale = book.add_format({"font_color": "#A6A6A6"})
        dates: dict[Any, Any] = {
            kind: book.add_format({"num_format": form})
            for kind, form in ((date, "yyyy-mm-dd"), (datetime, "yyyy-mm-dd hh:mm:ss"), (time, "hh:mm:ss"))
        }
        for column, heading in enumerate(headings):
            sheet.write_string(0, column, heading, bold)
        sheet.write_string(0, len(headings), _("What to do"), wrong)
        sheet.write_string(0, len(headings) + 1, mark_of(ledger_import), pale)
        sheet.set_column(0, len(headings) - 1, 18)
        sheet.set_column(len(headings), len(headings), 60)
        sheet.set_column(len(headings) + 1, len(headings) + 1, 8)
        sheet.freeze_panes(1, 0)
        line = 1
        for rows in _batches(ledger_import):
            names = candidate_names((row.messages for row in rows), user)
            for row in rows:
                for column, cell in enumerate(_cells(row, ledger_import)[: len(headings)]):
                    _write(sheet, line, column, cell, dates)
                said = "\n".join(told(message, names) for message in row.messages if message["level"] != NOTE)
                sheet.write_string(line, len(headings), said)
                sheet.write_number(line, len(headings) + 1, row.row_number, pale)
                line += 1
        about = book.add_worksheet("Okami")
        about.set_column(0, 0, 100)
        advice = _("Put these rows right and upload the workbook: only they are taken. Leave the last column as it is.")
        for number, sentence in enumerate((ledger_import.file_name, made, advice)):
            about.write_string(number, 0, sentence)
    file.seek(0)
    return file


def _batches(ledger_import: LedgerImport) -> Iterator[list[LedgerRow]]:
    for shown in ("error", NOT_READ):
        found = rows_to_look_at(ledger_import, shown).filter(OPEN).select_related(None).iterator()
        while rows := list(islice(found, BATCH)):
            yield rows


def _headings(ledger_import: LedgerImport) -> list[str]:
    """Those of the file; of an import of a former version those of its map."""
    if ledger_import.headings is not None:
        return list(ledger_import.headings)
    return [heading for _name, heading in _mapped(ledger_import)]


def _width(ledger_import: LedgerImport) -> int:
    """How far the rows reach: cells may stand to the right of the last heading."""
    if ledger_import.corrects_id:
        return 0  # behind its headings stand what is to be done and the mark of the former workbook
    widths = (
        max((at for at, cell in enumerate(_cells(row, ledger_import), start=1) if cell != ""), default=0)
        for rows in _batches(ledger_import)
        for row in rows
    )
    return max(widths, default=0)


def _cells(row: LedgerRow, ledger_import: LedgerImport) -> list[Cell]:
    if row.cells is not None and ledger_import.headings is not None:
        return cells_from(row.cells)
    return [row.written.get(name, "") for name, _heading in _mapped(ledger_import)]


def _mapped(ledger_import: LedgerImport) -> Sequence[tuple[str, str]]:
    if ledger_import.target != LedgerTarget.CUSTOMERS:
        # Rows of several visits have their fields several times: those that are filled.
        rows = LedgerRow.objects.filter(ledger_import=ledger_import).exclude(written={}).order_by("row_number")
        names = dict.fromkeys(name for written in rows.values_list("written", flat=True) for name in written)
        return [(name, name) for name in names]
    columns = ledger_map(ledger_import.map_text).columns.items() if ledger_import.map_text else ()
    return [(name, " ".join(column.headings[: None if column.joined else 1])) for name, column in columns]


def _write(sheet: Any, line: int, column: int, cell: Cell, dates: Mapping[Any, Any]) -> None:
    if isinstance(cell, bool):
        sheet.write_boolean(line, column, cell)
    elif isinstance(cell, int | float) and abs(cell) < EXACT:
        sheet.write_number(line, column, cell)
    elif isinstance(cell, datetime | date | time) and not (isinstance(cell, date) and cell.year < 1900):
        sheet.write_datetime(line, column, cell, dates[type(cell)])
    elif isinstance(cell, timedelta):
        sheet.write_string(line, column, str(cell))
    elif cell != "":
        sheet.write_string(line, column, str(cell)[:32_767])
