"""Rows that were set aside or read in part, as a workbook to be put right and imported again."""

import tempfile
from itertools import islice
from typing import IO, Any

import xlsxwriter
from django.utils.translation import gettext as _

from crm_project.core.accounts.models import User
from integrations.ledgers.candidates import candidate_names, told
from integrations.ledgers.entries import NOTE
from integrations.ledgers.fields import ledger_map
from integrations.ledgers.rows_shown import NOT_READ, rows_to_look_at
from integrations.models import LedgerImport

BATCH = 500
# Words of a ledger are never formulas, whatever sign they begin with.
PLAIN_TEXT = {
    "constant_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
}


def error_workbook(ledger_import: LedgerImport, user: User) -> IO[bytes]:
    """The workbook, at its beginning: the mapped columns under their headings, the row in the file, what is to be done.

    Guests are named as far as the person may open them.
    """
    headings = {
        name: " ".join(column.headings[: None if column.joined else 1]) for name, column in _columns(ledger_import)
    }
    file = tempfile.TemporaryFile()  # noqa: SIM115 - the response closes it
    with xlsxwriter.Workbook(file, PLAIN_TEXT) as book:
        sheet = book.add_worksheet()
        bold = book.add_format({"bold": True, "text_wrap": True})
        for column, heading in enumerate([_("Row"), *headings.values(), _("What to do")]):
            sheet.write_string(0, column, str(heading), bold)
        sheet.set_column(0, 0, 8)
        sheet.set_column(1, len(headings) + 1, 24)
        sheet.freeze_panes(1, 1)
        line = 1
        for shown in ("error", NOT_READ):
            found = rows_to_look_at(ledger_import, shown).select_related(None).iterator()
            while rows := list(islice(found, BATCH)):
                names = candidate_names((row.messages for row in rows), user)
                for row in rows:
                    sheet.write_number(line, 0, row.row_number)
                    for column, name in enumerate(headings, start=1):
                        sheet.write_string(line, column, row.written.get(name, ""))
                    said = "\n".join(told(message, names) for message in row.messages if message["level"] != NOTE)
                    sheet.write_string(line, len(headings) + 1, said)
                    line += 1
    file.seek(0)
    return file


def _columns(ledger_import: LedgerImport) -> list[tuple[str, Any]]:
    return list(ledger_map(ledger_import.map_text).columns.items()) if ledger_import.map_text else []
