"""Rows of cells out of an Excel workbook or a CSV file, as they stand in it: text keeps its zeros, a date is a date.

The format is told by the content, never by the name. What could exhaust the machine (a zip bomb, one cell at the far end of a
sheet, a compressed file without end) is refused before it is parsed.
"""

import codecs
import csv
import datetime
import gzip
import io
import itertools
import lzma
import os
import re
import zipfile
import zlib
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from types import TracebackType
from typing import IO, Final, Self, cast
from xml.etree import ElementTree

import python_calamine as calamine
from django.utils.translation import gettext_lazy as _

from crm_project.core.problems import InputProblem
from crm_project.core.text import cell_text, compare_key

Cell = str | int | float | bool | datetime.date | datetime.datetime | datetime.time | datetime.timedelta
Row = tuple[int, list[Cell]]


class TableError(InputProblem):
    """The file cannot be used as a table."""


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
_CHUNK: Final = 256 * 1024
_ENCRYPTED: Final = "EncryptedPackage".encode("utf-16-le")
_EXCEL_NAMES: Final = (".xlsx", ".xlsm", ".xls")


class Table:
    """The rows of one sheet or CSV file below its headings, to be read once, from the first to the last.

    Iterating gives (row number as a spreadsheet shows it, cells); there are at least as many cells as headings, empty
    ones are "". Wholly empty rows are left out and counted in `blank_rows`, which is final after the last row.
    """

    def __init__(
        self,
        *,
        name: str,
        kind: str,
        rows: Iterator[Row],
        wanted: Sequence[Sequence[str]],
        header_row: int | None,
        resources: ExitStack,
        sheet: str = "",
        sheets: Sequence[str] = (),
        last_row: int | None = None,
        encoding: str = "",
        delimiter: str = "",
    ) -> None:
        self.name = name
        self.kind = kind
        self.sheet = sheet
        self.sheets = tuple(sheets)
        self.encoding = encoding
        self.delimiter = delimiter
        self.last_row = last_row
        self.blank_rows = 0
        self.rows_read = 0
        self._resources = resources
        first = list(itertools.islice(rows, header_row or HEADING_ROWS))
        position = _heading_position(first, wanted) if header_row is None else _position_of(first, header_row)
        if position is None:
            raise _empty(name, sheet, self.sheets)
        self.header_row, headings = first[position]
        while headings and _is_blank(headings[-1:]):
            headings.pop()
        self.headings = tuple(" ".join(cell_text(heading).split()) for heading in headings)
        self._rows = itertools.chain(first[position + 1 :], rows)

    def __iter__(self) -> Iterator[Row]:
        width = len(self.headings)
        previous = self.header_row
        number = previous
        for number, cells in self._rows:
            first = cells[0]
            if (not first or (isinstance(first, str) and first.isspace())) and _is_blank(cells):
                continue
            if len(cells) < width:
                cells += [""] * (width - len(cells))
            self.rows_read += 1
            self.blank_rows += number - previous - 1
            previous = number
            yield number, cells
        self.blank_rows += max(number, self.last_row or 0) - previous
        self.close()

    def require_rows(self) -> None:
        """Raise TableError when there is nothing below the headings. Before the first row is read."""
        first = next(((number, cells) for number, cells in self._rows if not _is_blank(cells)), None)
        if first is None:
            raise TableError(_("“%(name)s” has headings but no rows: nothing was written"), {"name": self.name})
        self._rows = itertools.chain([first], self._rows)

    def close(self) -> None:
        """Let go of the file; reading to the end does it too."""
        self._resources.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def read_table(
    source: str | Path | IO[bytes],
    *,
    name: str = "",
    sheet: str | None = None,
    wanted: Sequence[Sequence[str]] = (),
    header_row: int | None = None,
    limits: Limits = DEFAULT_LIMITS,
) -> Table:
    """Open a workbook (xlsx, xlsm, xls) or a text table (csv, tsv, also as .xz or .gz).

    `name` is what the person calls the file. `sheet`: the first visible one unless named. `wanted`: the headings that the
    map needs, each with its alternatives; the headings are the first of the first 30 rows that holds them all, or else
    most of them. Without `wanted`, the first row that is filled like a heading; `header_row` names it outright.
    Raises TableError with one sentence, here or (text files, damaged further down) while the rows are read.
    """
    with ExitStack() as resources:
        if isinstance(source, str | Path):
            name = name or Path(source).name
            try:
                file: IO[bytes] = resources.enter_context(Path(source).open("rb"))
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
        head = file.read(4096)
        file.seek(0)
        if not head:
            raise TableError(_("“%(name)s” is empty"), {"name": name})
        if head.startswith(b"PK\x03\x04") or head.startswith(b"\xd0\xcf\x11\xe0"):
            table = _workbook(file, name, sheet, wanted, header_row, limits, resources)
        else:
            if sheet:
                raise TableError(
                    _("“%(name)s” is a text file: it has no sheet “%(sheet)s”"), {"name": name, "sheet": sheet}
                )
            table = _text_table(file, head, name, wanted, header_row, limits, resources)
        table._resources = resources.pop_all()
        return table


# --- headings ---------------------------------------------------------------------------------------------------------


def _is_blank(cells: Sequence[Cell]) -> bool:
    return all(cell == "" or (isinstance(cell, str) and cell.isspace()) for cell in cells)


def _filled(cells: Sequence[Cell]) -> int:
    return sum(not _is_blank([cell]) for cell in cells)


def _position_of(rows: list[Row], number: int) -> int | None:
    return next((at for at, (row, cells) in enumerate(rows) if row == number and _filled(cells)), None)


def _heading_position(rows: list[Row], wanted: Sequence[Sequence[str]]) -> int | None:
    """Which of the first rows holds the headings; None when all are empty."""
    needed = [{compare_key(heading) for heading in alternatives} for alternatives in wanted]
    if needed:
        found = []
        for _number, cells in rows:
            keys = {compare_key(cell_text(cell)) for cell in cells if not _is_blank([cell])}
            found.append(sum(not keys.isdisjoint(alternatives) for alternatives in needed))
        best = max(found, default=0)
        if best * 2 >= len(needed):
            return found.index(best)
    filled = [_filled(cells) for _number, cells in rows]
    widest = max(filled, default=0)
    if not widest:
        return None
    return next(at for at, count in enumerate(filled) if count * 2 > widest)


def _empty(name: str, sheet: str, sheets: Sequence[str]) -> TableError:
    others = [other for other in sheets if other != sheet]
    if others:
        return TableError(
            _("the sheet “%(sheet)s” of “%(name)s” is empty; the others are: %(others)s"),
            {"name": name, "sheet": sheet, "others": ", ".join(others)},
        )
    if sheet:
        return TableError(_("the sheet “%(sheet)s” of “%(name)s” is empty"), {"name": name, "sheet": sheet})
    return TableError(_("“%(name)s” is empty"), {"name": name})


# --- workbooks --------------------------------------------------------------------------------------------------------


def _workbook(
    file: IO[bytes],
    name: str,
    sheet: str | None,
    wanted: Sequence[Sequence[str]],
    header_row: int | None,
    limits: Limits,
    resources: ExitStack,
) -> Table:
    is_zip = file.read(2) == b"PK"
    package = _Package(file, name, limits) if is_zip else None
    file.seek(0)
    try:
        book = calamine.CalamineWorkbook.from_filelike(file)
        resources.callback(book.close)
        sheets = [
            one.name
            for one in book.sheets_metadata
            if one.typ == calamine.SheetTypeEnum.WorkSheet and one.visible == calamine.SheetVisibleEnum.Visible
        ]
        chosen = _chosen_sheet(name, sheet, sheets, book.sheet_names)
        last_row = package.check_sheet(chosen) if package else 0
        data = book.get_sheet_by_name(chosen)
    except calamine.PasswordError as error:
        raise _protected(name) from error
    except calamine.CalamineError as error:
        if package is None:
            file.seek(0)
            raise (_protected(name) if _ENCRYPTED in file.read() else _not_a_workbook(name)) from error
        raise _damaged(name) from error
    except BaseException as error:
        # The Rust reader panics on some damaged files; its exception derives from BaseException only.
        if type(error).__name__ != "PanicException":
            raise
        raise _damaged(name) from error
    if data.end is None:
        raise _empty(name, chosen, sheets)
    first_column = data.start[1] if data.start else 0
    rows: Iterator[Row] = enumerate(data.iter_rows(), start=1)
    merged = [
        (top, left - first_column, bottom)
        for (top, left), (bottom, _right) in data.merged_cell_ranges or []
        if bottom > top and left >= first_column
    ]
    if merged:
        rows = _with_merged_values(rows, sorted(merged))
    return Table(
        name=name,
        kind="xlsx" if is_zip else "xls",
        rows=rows,
        wanted=wanted,
        header_row=header_row,
        resources=resources,
        sheet=chosen,
        sheets=sheets,
        last_row=max(last_row, data.end[0] + 1),
    )


def _chosen_sheet(name: str, sheet: str | None, visible: Sequence[str], every: Sequence[str]) -> str:
    if sheet:
        match = [one for one in every if one == sheet] or [
            one for one in every if compare_key(one) == compare_key(sheet)
        ]
        if not match:
            raise TableError(
                _("“%(name)s” has no sheet “%(sheet)s”; it has: %(sheets)s"),
                {"name": name, "sheet": sheet, "sheets": ", ".join(visible)},
            )
        return match[0]
    if not visible:
        raise TableError(_("“%(name)s” has no sheet that can be seen"), {"name": name})
    return visible[0]


def _with_merged_values(rows: Iterator[Row], merged: list[tuple[int, int, int]]) -> Iterator[Row]:
    """A cell merged over several rows holds its value in each of them that is not otherwise empty."""
    waiting = deque(merged)
    running: dict[int, tuple[int, Cell]] = {}
    for number, cells in rows:
        at = number - 1
        if running and not _is_blank(cells):
            for column, (bottom, value) in list(running.items()):
                if at > bottom:
                    del running[column]
                elif cells[column] == "":
                    cells[column] = value
        while waiting and waiting[0][0] <= at:
            top, column, bottom = waiting.popleft()
            if top == at and column < len(cells) and cells[column] != "":
                running[column] = (bottom, cells[column])
        yield number, cells


def _protected(name: str) -> TableError:
    return TableError(
        _("“%(name)s” is protected by a password: open it, remove the password and save it again"), {"name": name}
    )


def _damaged(name: str) -> TableError:
    return TableError(_("“%(name)s” is damaged: open it in a spreadsheet and save it again"), {"name": name})


def _not_a_workbook(name: str) -> TableError:
    suffix = Path(name).suffix.lower()
    if suffix in _EXCEL_NAMES:
        return TableError(
            _(
                "“%(name)s” is named %(suffix)s but is not an Excel workbook: save it again as Excel, or name it .csv "
                "if it is text"
            ),
            {"name": name, "suffix": suffix},
        )
    return TableError(_("“%(name)s” is neither an Excel workbook nor a CSV file"), {"name": name})


# Patterns for XML brought to one way of writing by `_plain_xml`.
_ROW = re.compile(rb'<row (?:[^>]*? )?r="(\d+)"')
_REFERENCE = re.compile(rb' r="[A-Z]{1,3}(\d+)"')
_VALUE = rb"[^<>]*(?<!/)> *<(?:v|f|is)[ >]"
_STRING_END = re.compile(rb"</(?:\w+:)?si>")
_ONE_WAY = bytes.maketrans(b"\t\r\n'", b'   "')
_PREFIX = re.compile(rb"<(/?)\w+:")
_EQUALS = re.compile(rb" *= *(?=\")")


def _plain_xml(chunk: bytes) -> bytes:
    """Tags without prefix, attributes as ` name="value"`: what nearly every writer writes already."""
    if b"'" in chunk or b"\n" in chunk or b"\r" in chunk or b"\t" in chunk:  # one sign is found much faster than two
        chunk = chunk.translate(_ONE_WAY)
    if b":" in chunk and (b":row" in chunk or b":c " in chunk):
        chunk = _PREFIX.sub(rb"<\1", chunk)
    if b"r =" in chunk or b'= "' in chunk:
        chunk = _EQUALS.sub(b"=", chunk)
    return chunk


_MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_STRICT = "{http://purl.oclc.org/ooxml/spreadsheetml/main}"
_RELATION_ID = re.compile(r"\{.*\}id")


def _last_value(text: bytes) -> int:
    """Where the last value of a cell begins, -1 without one; mostly it is near the end."""
    for start in (max(len(text) - 8192, 0), 0):
        found = max(text.rfind(tag, start) for tag in (b"<v>", b"<v ", b"<f>", b"<f ", b"<is>", b"<is "))
        if found >= 0:
            break
    return found


class _Package:
    """The zip file that an xlsx is, looked through before the reader gets it."""

    def __init__(self, file: IO[bytes], name: str, limits: Limits) -> None:
        self.name = name
        self.limits = limits
        try:
            self.zip = zipfile.ZipFile(file)
        except (zipfile.BadZipFile, ValueError, OSError) as error:
            raise _damaged(name) from error
        self.parts = {part.filename.lower().lstrip("/"): part for part in self.zip.infolist()}
        inflated = sum(part.file_size for part in self.zip.infolist())
        stored = max(sum(part.compress_size for part in self.zip.infolist()), 1)
        if len(self.parts) != len(self.zip.infolist()) or any(part.flag_bits & 1 for part in self.zip.infolist()):
            raise _damaged(name)
        if inflated > limits.inflated_bytes or (inflated > limits.ratio_from and inflated > stored * limits.ratio):
            raise self._bomb()
        if "xl/workbook.xml" not in self.parts:
            self._say_what_else_it_is()

    def _bomb(self) -> TableError:
        return TableError(
            _("“%(name)s” unpacks to far more than its size and is not opened: save the table alone in a new workbook"),
            {"name": self.name},
        )

    def _say_what_else_it_is(self) -> None:
        if "xl/workbook.bin" in self.parts or "content.xml" in self.parts:
            raise TableError(
                _("“%(name)s” is in a format that is not read here: save it as .xlsx"), {"name": self.name}
            )
        raise _not_a_workbook(self.name)

    def check_sheet(self, sheet: str) -> int:
        """Refuse what would not fit into memory; the number of the last row that exists, empty or not."""
        strings = next((part for part in self.parts if part.endswith("sharedstrings.xml")), None)
        if strings:
            for chunk in self._chunks(strings):  # one endless text is a bomb too
                if len(chunk) >= _CHUNK and not _STRING_END.search(chunk):
                    raise self._bomb()
        return self._extent(self._part_of(sheet))

    def _chunks(self, part: str) -> Iterator[bytes]:
        """The inflated bytes of a part; a directory that lies about their number shows as a wrong checksum."""
        try:
            with self.zip.open(self.parts[part]) as stream:
                first = True
                while chunk := stream.read(_CHUNK):
                    if first and (b"<!DOCTYPE" in chunk or b"<!ENTITY" in chunk):
                        raise _damaged(self.name)
                    first = False
                    yield chunk
        except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, KeyError, OSError) as error:
            raise _damaged(self.name) from error

    def _xml(self, part: str) -> ElementTree.Element:
        try:
            return ElementTree.fromstring(b"".join(itertools.islice(self._chunks(part), 64)))
        except (ElementTree.ParseError, KeyError) as error:
            raise _damaged(self.name) from error

    def _part_of(self, sheet: str) -> str:
        """The part of the package that holds a sheet."""
        relations = {
            relation.get("Id"): relation.get("Target", "") for relation in self._xml("xl/_rels/workbook.xml.rels")
        }
        for element in self._xml("xl/workbook.xml").iter():
            if element.tag not in (f"{_MAIN}sheet", f"{_STRICT}sheet") or element.get("name") != sheet:
                continue
            identity = next((value for key, value in element.items() if _RELATION_ID.fullmatch(key)), "")
            target = relations.get(identity, "").lower()
            part = target.lstrip("/") if target.startswith("/") else f"xl/{target}"
            if part in self.parts:
                return part
        raise _damaged(self.name)

    def _extent(self, part: str) -> int:
        """Last row that exists. Raises TableError when the area with values is too large to be held.

        The reader holds the whole rectangle up to the last value: one blank typed into XFD1048576 would need 500 GB.
        """
        width, last_existing, last_valued, unnumbered = 26, 0, 0, 0
        unfinished = b""
        for chunk in self._chunks(part):
            text = _plain_xml(unfinished + chunk)
            if len(chunk) >= _CHUNK and b"<c " not in text and b"<row" not in text and b"<c>" not in text:
                raise self._bomb()
            rows = list(map(int, _ROW.findall(text)))
            if rows:
                if rows[0] < last_existing or sorted(rows) != rows:
                    raise _damaged(self.name)
                last_existing = rows[-1]
            else:
                unnumbered += text.count(b"<row") - unfinished.count(b"<row")
            strayed, digits = False, len(str(max(last_existing, unnumbered))) + 1
            while match := _values_beyond(width, digits).search(text):
                letters, number = match[1], match[2]
                column = _column_number(letters)
                if column > self.limits.columns:
                    raise TableError(
                        _("“%(name)s” has a value far to the right, in %(cell)s: delete the columns behind the table"),
                        {"name": self.name, "cell": (letters + number).decode()},
                    )
                if strayed := len(number) >= digits:
                    break
                width = -(-column // 26) * 26
            last_value = _last_value(text)
            if last_value >= 0:
                in_row = _REFERENCE.findall(text, max(text.rfind(b"<row", 0, last_value), 0), last_value)
                last_valued = max(last_valued, int(in_row[-1]) if in_row else unnumbered)
            if last_valued * width > self.limits.cells:
                raise TableError(
                    _("“%(name)s” is too large: it has values down to row %(row)s; split it, or save it as CSV"),
                    {"name": self.name, "row": last_valued},
                )
            if strayed:
                raise _damaged(self.name)
            if b"</sheetData" in text:
                break
            unfinished = text[max(text.rfind(b"<row"), len(text) - _CHUNK, 0) :]
        return max(last_existing, unnumbered)


@lru_cache(maxsize=64)
def _values_beyond(width: int, digits: int) -> re.Pattern[bytes]:
    """A cell with a value right of so many columns (a multiple of 26), or in a row whose number has so many digits."""
    if width >= 27 * 26:
        letters = rb"[A-Z]{3}"
    else:
        first = bytes([ord("A") + width // 26 - 1])
        letters = rb"[A-Z]{3}|[" + first + rb"-Z][A-Z]"
    return re.compile(rb' r="((?=(?:' + letters + rb')\d|[A-Z]{1,3}\d{%d})[A-Z]{1,3})(\d+)"' % digits + _VALUE)


def _column_number(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - ord("A") + 1
    return number


# --- text -------------------------------------------------------------------------------------------------------------

_BYTE_ORDER_MARKS: Final = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_DELIMITERS: Final = (",", "\t", ";")
_MARKUP = re.compile(rb"\s*<(?:!doctype|html|table|\?xml|meta|head)", re.IGNORECASE)
_OTHER_FORMATS: Final = (b"%PDF", b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"Rar!", b"7z\xbc\xaf", b"BZh", b"{\\rtf")


def _text_table(
    file: IO[bytes],
    head: bytes,
    name: str,
    wanted: Sequence[Sequence[str]],
    header_row: int | None,
    limits: Limits,
    resources: ExitStack,
) -> Table:
    suffix = Path(name).suffix.lower()
    if suffix in _EXCEL_NAMES or head.startswith(_OTHER_FORMATS):
        raise _not_a_workbook(name)
    lines = _Lines(resources.enter_context(_unpacked(file, head)), name, limits)
    delimiter = _delimiter(lines.head, wanted)
    return Table(
        name=name,
        kind="csv",
        rows=_csv_rows(lines, delimiter, name, limits),
        wanted=wanted,
        header_row=header_row,
        resources=resources,
        encoding=lines.encoding or "utf-8",
        delimiter=delimiter,
    )


@contextmanager
def _unpacked(file: IO[bytes], head: bytes) -> Iterator[IO[bytes]]:
    """The bytes of the text itself."""
    if head.startswith(b"\xfd7zXZ\x00"):
        with lzma.LZMAFile(file) as stream:
            yield cast("IO[bytes]", stream)
    elif head.startswith(b"\x1f\x8b"):
        with gzip.GzipFile(fileobj=file) as stream:
            yield cast("IO[bytes]", stream)
    else:
        yield file


class _Lines:
    """Lines of a text file with their line ends. UTF-8 by mark or by content, UTF-16 by mark, else cp932.

    As long as only ASCII is met nothing needs to be decided, so a large file is read once and never held.
    """

    def __init__(self, stream: IO[bytes], name: str, limits: Limits) -> None:
        self.name = name
        self.encoding = ""
        self._stream = stream
        self._limits = limits
        self._inflated = 0
        self._decoder: codecs.IncrementalDecoder | None = None
        first = self._read()
        if _MARKUP.match(first):
            raise TableError(
                _("“%(name)s” is a web page, not a table: open it in a spreadsheet and save it as .xlsx"),
                {"name": name},
            )
        for mark, encoding in _BYTE_ORDER_MARKS:
            if first.startswith(mark):
                self._use(encoding)
                first = first[len(mark) :]
                break
        self.head = self._decoded(first)
        self._only_returns = "\n" not in self.head and "\r" in self.head

    def _use(self, encoding: str) -> None:
        self.encoding = encoding
        self._decoder = codecs.getincrementaldecoder(encoding)("strict")

    def _read(self) -> bytes:
        try:
            chunk = self._stream.read(_CHUNK)
        except (lzma.LZMAError, gzip.BadGzipFile, zlib.error, EOFError) as error:
            raise TableError(_("“%(name)s” is damaged: compress it again"), {"name": self.name}) from error
        self._inflated += len(chunk)
        if self._inflated > self._limits.inflated_bytes:
            raise TableError(
                _("“%(name)s” unpacks to more than %(limit)s MB: split it"),
                {"name": self.name, "limit": self._limits.inflated_bytes // 1024**2},
            )
        return chunk

    def _decoded(self, chunk: bytes) -> str:
        if self._decoder is None:
            if chunk.isascii():
                text = chunk.decode("ascii")
            else:
                self._use("utf-8")
                try:
                    return self._decoded(chunk)
                except TableError:
                    self._use("cp932")
                    return self._decoded(chunk)
        else:
            try:
                text = self._decoder.decode(chunk, final=not chunk)
            except UnicodeDecodeError as error:
                raise TableError(
                    _("“%(name)s” is not text in UTF-8 or Shift_JIS: save it as “CSV UTF-8”"), {"name": self.name}
                ) from error
        if "\0" in text:
            raise TableError(_("“%(name)s” is neither an Excel workbook nor a CSV file"), {"name": self.name})
        return text

    def __iter__(self) -> Iterator[str]:
        text, pending = self.head, ""
        while True:
            if self._only_returns:
                text = text.replace("\r", "\n")
            lines = (pending + text).split("\n")
            pending = lines.pop()
            for line in lines:
                yield line + "\n"
            chunk = self._read()
            text = self._decoded(chunk)
            if not chunk:
                break
        if pending + text:
            yield pending + text


def _delimiter(head: str, wanted: Sequence[Sequence[str]]) -> str:
    """The delimiter that makes the headings, or else the most columns."""
    needed = {compare_key(heading) for alternatives in wanted for heading in alternatives}

    def score(delimiter: str) -> tuple[int, int]:
        rows: list[list[str]] = []
        with suppress(csv.Error):  # said with the row number when the rows are read
            rows.extend(itertools.islice(csv.reader(io.StringIO(head, newline=""), delimiter=delimiter), HEADING_ROWS))
        hits = max((len(needed & set(map(compare_key, row))) for row in rows), default=0)
        return hits, max(map(len, rows), default=0)

    return max(_DELIMITERS, key=score)


def _csv_rows(lines: _Lines, delimiter: str, name: str, limits: Limits) -> Iterator[Row]:
    csv.field_size_limit(limits.cell_characters)
    number = 0
    try:
        for number, cells in enumerate(csv.reader(lines, delimiter=delimiter, strict=True), start=1):
            if cells:
                yield number, cast("list[Cell]", cells)
    except csv.Error as error:
        raise TableError(
            _("“%(name)s” cannot be read behind row %(row)s: a quotation mark is missing or stands alone"),
            {"name": name, "row": number},
        ) from error
