"""The sentences about files that cannot be used."""

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from django.utils.translation import gettext_lazy as _

from crm_project.core.tables.cells import PasswordNeeded, TableError

EXCEL_NAMES: Final = (".xlsx", ".xlsm", ".xls")


def empty(name: str, sheet: str, sheets: Sequence[str]) -> TableError:
    """Nothing is written in the file, or on the sheet."""
    others = [other for other in sheets if other != sheet]
    if others:
        return TableError(
            _("the sheet “%(sheet)s” of “%(name)s” is empty; the others are: %(others)s"),
            {"name": name, "sheet": sheet, "others": ", ".join(others)},
        )
    if sheet:
        return TableError(_("the sheet “%(sheet)s” of “%(name)s” is empty"), {"name": name, "sheet": sheet})
    return TableError(_("“%(name)s” is empty"), {"name": name})


def protected(name: str) -> PasswordNeeded:
    """No password was given for a protected workbook."""
    return PasswordNeeded(_("“%(name)s” is protected by a password: type the password too"), {"name": name})


def damaged(name: str) -> TableError:
    """A workbook that does not read to its end."""
    return TableError(_("“%(name)s” is damaged: open it in a spreadsheet and save it again"), {"name": name})


def not_a_workbook(name: str) -> TableError:
    """A file that only says it is one, or none at all."""
    suffix = Path(name).suffix.lower()
    if suffix in EXCEL_NAMES:
        return TableError(
            _(
                "“%(name)s” is named %(suffix)s but is not an Excel workbook: save it again as Excel, or name it .csv "
                "if it is text"
            ),
            {"name": name, "suffix": suffix},
        )
    return TableError(_("“%(name)s” is neither an Excel workbook nor a CSV file"), {"name": name})


def packed_too_well(name: str, limit: int) -> TableError:
    """It unpacks to more than is read."""
    return TableError(
        _("“%(name)s” unpacks to more than %(limit)s MB: split it"), {"name": name, "limit": limit // 1024**2}
    )
