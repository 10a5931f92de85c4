"""Text tables: csv and tsv in the encodings of Japan."""

import codecs
import csv
import gzip
import io
import itertools
import lzma
import re
import zlib
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, suppress
from typing import IO, Final, cast

from django.utils.translation import gettext_lazy as _

from crm_project.core.tables.cells import HEADING_ROWS, Cell, Limits, Row, TableError
from crm_project.core.tables.table import TableSource
from crm_project.core.text import compare_key

_CHUNK: Final = 256 * 1024
_BYTE_ORDER_MARKS: Final = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_DELIMITERS: Final = (",", "\t", ";")
_MARKUP = re.compile(rb"\s*<(?:!doctype|html|table|\?xml|meta|head)", re.IGNORECASE)


def text_source(
    file: IO[bytes], name: str, wanted: Sequence[Sequence[str]], limits: Limits, resources: ExitStack
) -> TableSource:
    """The rows of a text file, unpacked already. Raises TableError when it is no text that can be read."""
    lines = _Lines(file, name, limits)
    delimiter = _delimiter(lines.head, wanted)
    return TableSource(
        name=name,
        kind="csv",
        rows=_csv_rows(lines, delimiter, name, limits),
        resources=resources,
        encoding=lines.encoding or "utf-8",
        delimiter=delimiter,
    )


class _Lines:
    """Lines of a text file with their line ends. UTF-8 and UTF-16 by mark or by content, else cp932.

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
        else:
            if encoding := _utf16_without_mark(first):
                self._use(encoding)
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


def _utf16_without_mark(first: bytes) -> str:
    """utf-16-le or utf-16-be when the bytes read well as that and as nothing else; "" otherwise."""
    if first.count(b"\0") < 2:
        return ""
    even = first[: min(len(first), 8192) & ~1]
    for encoding in ("utf-16-le", "utf-16-be"):
        text = codecs.decode(even, encoding, "replace")
        usual = sum(
            char in "\t\r\n" or " " <= char <= "\u9fff" or "\uf900" <= char <= "\uffe5" or char >= "\U00020000"
            for char in text
        )
        if usual > 0.98 * len(text) and sum(map(text.count, (",", "\t", ";", "\n"))) >= 2:
            return encoding
    return ""


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
