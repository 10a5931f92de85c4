"""A file that somebody brings, opened as a table."""

import os
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import IO, Final

from django.utils.translation import gettext_lazy as _

from crm_project.core.tables.cells import DEFAULT_LIMITS, Limits, TableError
from crm_project.core.tables.decrypting import decrypted
from crm_project.core.tables.packing import first_bytes, unpacked
from crm_project.core.tables.problems import EXCEL_NAMES, not_a_workbook
from crm_project.core.tables.table import SheetsAsOne, Table
from crm_project.core.tables.texts import text_source
from crm_project.core.tables.workbooks import Workbook
from crm_project.core.text import compare_key

ALL_SHEETS: Final = "*"  # no sheet of Excel can be called so, nor have a colon in its name
_TABLE_BY: Final = ":"
_OTHER_FORMATS: Final = (b"%PDF", b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"Rar!", b"7z\xbc\xaf", b"BZh", b"{\\rtf")


def read_table(
    source: str | Path | IO[bytes],
    *,
    name: str = "",
    sheet: str | None = None,
    wanted: Sequence[Sequence[str]] = (),
    header_row: int | None = None,
    as_ledger: bool = False,
    with_hidden: bool = True,
    password: str = "",
    limits: Limits = DEFAULT_LIMITS,
) -> Table:
    """Open a workbook (xlsx, xlsm, xls) or a text table (csv, tsv), each also packed as .xz, .gz or .zip of one file.

    `name` is what the person calls the file. `sheet`: the first visible one that is no sample, unless named; as a ledger
    also `名簿:2` for the second table of 名簿, `:2` for that of the first sheet, and `*` for all visible sheets with the
    headings of the first, as one. `wanted`: the headings that the map needs, each with its alternatives; the headings are
    those of the first 30 rows that hold them all, or else most of them. Without `wanted`, what is filled like headings;
    `header_row` names it outright. `as_ledger` leaves out what is no data, see `Table`. Without `with_hidden` rows that are
    hidden, by hand or by a filter, are left out (and named, as a ledger), and hidden columns are empty.
    Raises TableError with one sentence, here or (text files, damaged further down) while the rows are read; PasswordNeeded
    for a protected workbook without its `password`.
    """
    with ExitStack() as resources:
        file, name = opened(source, name, limits, resources)
        file, name = unpacked(file, name, limits, resources)
        file = decrypted(file, name, password, resources)
        head = first_bytes(file, name)
        wish, number = _wish(sheet or "", as_ledger=as_ledger)
        if is_workbook(head):
            book = Workbook(file, name, limits, resources)
            if wish == ALL_SHEETS and as_ledger:
                table: Table = _sheets_as_one(book, wanted, with_hidden=with_hidden)
            else:
                source_ = book.source(book.chosen(wish), with_hidden=with_hidden)
                table = Table(source_, wanted=wanted, header_row=header_row, as_ledger=as_ledger)
        else:
            if wish:
                raise TableError(
                    _("“%(name)s” is a text file: it has no sheet “%(sheet)s”"), {"name": name, "sheet": wish}
                )
            refuse_other_formats(head, name)
            source_ = text_source(file, name, wanted, limits, resources)
            table = Table(source_, wanted=wanted, header_row=header_row, as_ledger=as_ledger)
        table = nth_table(table, number)
        table._resources = resources.pop_all()
        table.source.resources = table._resources
        return table


def opened(source: str | Path | IO[bytes], name: str, limits: Limits, resources: ExitStack) -> tuple[IO[bytes], str]:
    """The file and what people call it. Raises TableError when it cannot be opened or is too large."""
    if isinstance(source, str | Path):
        name = name or Path(source).name
        try:
            file: IO[bytes] = resources.enter_context(Path(source).open("rb"))  # noqa: SIM115 - the stack closes it
        except OSError as error:
            raise TableError(
                _("“%(name)s” cannot be opened: %(reason)s"), {"name": name, "reason": error.strerror}
            ) from error
    else:
        file = source
        name = name or Path(str(getattr(source, "name", "") or "file")).name
    size = file.seek(0, os.SEEK_END)
    file.seek(0)
    if size > limits.file_bytes:
        raise TableError(
            _("“%(name)s” is too large: %(size)s MB, the limit is %(limit)s MB"),
            {"name": name, "size": -(-size // 1024**2), "limit": limits.file_bytes // 1024**2},
        )
    return file, name


def is_workbook(head: bytes) -> bool:
    """Whether a file begins like one of Excel."""
    return head.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0"))


def refuse_other_formats(head: bytes, name: str) -> None:
    """Raise TableError for what is neither a workbook nor text."""
    if Path(name).suffix.lower() in EXCEL_NAMES or head.startswith(_OTHER_FORMATS):
        raise not_a_workbook(name)


def _wish(sheet: str, *, as_ledger: bool) -> tuple[str, int]:
    """The sheet and the number of the table on it that a person named."""
    wish, by, number = sheet.rpartition(_TABLE_BY)
    if as_ledger and by and number.isascii() and number.isdecimal() and len(number) < 4:
        return wish, max(int(number), 1)
    return sheet, 1


def nth_table(table: Table, number: int) -> Table:
    """A later table of the same sheet. Raises TableError when there are not so many."""
    if number == 1:
        return table
    for _row in table:
        pass
    count = 1
    for other in table.rest():
        count += 1
        if other.number == number:
            return other
        for _row in other:
            pass
    raise TableError(
        _("the sheet “%(sheet)s” of “%(name)s” has %(count)s tables, not %(number)s"),
        {"sheet": table.sheet, "name": table.name, "count": count, "number": number},
    )


def same_headings(first: Table, other: Table) -> bool:
    """Whether two tables have the same headings, in any order; columns without a heading do not count."""
    mine = sorted(compare_key(heading) for heading in first.headings if heading)
    return len(set(mine)) == len(mine) and mine == sorted(compare_key(one) for one in other.headings if one)


def _sheets_as_one(book: Workbook, wanted: Sequence[Sequence[str]], *, with_hidden: bool) -> Table:
    first = Table(book.source(book.chosen(""), with_hidden=with_hidden), wanted=wanted, as_ledger=True)
    opening = []
    names: dict[int, str] = {}
    signs = first.signs
    for index, sheet in enumerate(book.sheets):
        if (sheet.hidden and sheet.name != first.sheet) or (sheet.is_sample and sheet.name != first.sheet):
            continue

        def reopened(name: str = sheet.name) -> Table:
            return Table(book.source(name, with_hidden=with_hidden), wanted=wanted, as_ledger=True)

        try:
            other = first if sheet.name == first.sheet else reopened()
        except TableError:
            continue  # an empty sheet
        if other is first or same_headings(first, other):
            opening.append(reopened)
            names[index] = sheet.name
            signs |= other.signs
    return SheetsAsOne(opening, first, names, signs)
