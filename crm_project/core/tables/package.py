"""The zip file that an xlsx is: looked through before the reader gets it, and read as plain XML where the reader is blind."""

import itertools
import posixpath
import re
import zipfile
import zlib
from collections.abc import Iterator
from functools import lru_cache
from typing import IO, Final
from xml.etree import ElementTree

from django.utils.translation import gettext_lazy as _

from crm_project.core.tables.cells import Limits, TableError
from crm_project.core.tables.problems import damaged, not_a_workbook

_CHUNK: Final = 256 * 1024
HIDDEN, READINGS, COMMENTS, COLOURS = "hidden", "readings", "comments", "colours"
# Patterns for XML brought to one way of writing by `_plain_xml`.
_IS: Final = rb' *= *"'
_ROW = re.compile(rb"<row (?:[^>]*? )?r" + _IS + rb'(\d+)"')
_REFERENCE = re.compile(rb" r" + _IS + rb'[A-Z]{1,3}(\d+)"')
_HIDDEN = re.compile(rb"hidden" + _IS + rb'(?:1|true)"')
_VALUE = rb"[^<>]*(?<!/)> *<(?:v|f|is)[ >]"
_STRING_END = re.compile(rb"</(?:\w+:)?si>")
_ONE_WAY = bytes.maketrans(b"\t\r\n'", b'   "')
_PREFIX = re.compile(rb"<(/?)\w+:")


def _plain_xml(chunk: bytes) -> bytes:
    """Tags without prefix, blanks and double quotes for attributes: what nearly every writer writes already."""
    if b"'" in chunk or b"\n" in chunk or b"\r" in chunk or b"\t" in chunk:  # one sign is found much faster than two
        chunk = chunk.translate(_ONE_WAY)
    if b":" in chunk and (b":row" in chunk or b":c " in chunk):
        chunk = _PREFIX.sub(rb"<\1", chunk)
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


class Package:
    """The zip file that an xlsx is, looked through before the reader gets it."""

    def __init__(self, file: IO[bytes], name: str, limits: Limits) -> None:
        self.name = name
        self.limits = limits
        try:
            self.zip = zipfile.ZipFile(file)
        except (zipfile.BadZipFile, ValueError, OSError) as error:
            raise damaged(name) from error
        self.parts = {part.filename.lower().lstrip("/"): part for part in self.zip.infolist()}
        inflated = sum(part.file_size for part in self.zip.infolist())
        stored = max(sum(part.compress_size for part in self.zip.infolist()), 1)
        if len(self.parts) != len(self.zip.infolist()) or any(part.flag_bits & 1 for part in self.zip.infolist()):
            raise damaged(name)
        if inflated > limits.inflated_bytes or (inflated > limits.ratio_from and inflated > stored * limits.ratio):
            raise self._bomb()
        # What the fast reader does not see and a look through the package came upon: see `marks`.
        self.signs: set[str] = set()
        if any(re.search(r"/(?:comments|threadedcomment)[^/]*\.xml$", part) for part in self.parts):
            self.signs.add(COMMENTS)
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
        raise not_a_workbook(self.name)

    def check_sheet(self, sheet: str) -> int:
        """Refuse what would not fit into memory; the number of the last row that exists, empty or not."""
        strings = next((part for part in self.parts if part.endswith("sharedstrings.xml")), None)
        if strings:
            for chunk in self.chunks(strings):  # one endless text is a bomb too
                if len(chunk) >= _CHUNK and not _STRING_END.search(chunk):
                    raise self._bomb()
                if b"rPh " in chunk:
                    self.signs.add(READINGS)
                if b"strike" in chunk:
                    self.signs.add(COLOURS)
        styles = self.part_like("xl/styles.xml")
        if styles and any(
            b"strike" in chunk or b"solid" in chunk or b"olor rgb" in chunk for chunk in self.chunks(styles)
        ):
            self.signs.add(COLOURS)
        return self._extent(self.part_of(sheet))

    def chunks(self, part: str) -> Iterator[bytes]:
        """The inflated bytes of a part; a directory that lies about their number shows as a wrong checksum."""
        try:
            with self.zip.open(self.parts[part]) as stream:
                first = True
                while chunk := stream.read(_CHUNK):
                    if first and (b"<!DOCTYPE" in chunk or b"<!ENTITY" in chunk):
                        raise damaged(self.name)
                    first = False
                    yield chunk
        except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, KeyError, OSError) as error:
            raise damaged(self.name) from error

    def _xml(self, part: str) -> ElementTree.Element:
        try:
            return ElementTree.fromstring(b"".join(itertools.islice(self.chunks(part), 64)))
        except (ElementTree.ParseError, KeyError) as error:
            raise damaged(self.name) from error

    def part_of(self, sheet: str) -> str:
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
        raise damaged(self.name)

    def has_marks(self, sheet: str) -> bool:
        """Whether there may be something beside the values of a sheet that was looked through."""
        kinds = {"comments", "threadedComment", "drawing", "table"}
        return bool(self.signs) or any(kind in kinds for kind, _part in self.relations_of(self.part_of(sheet)))

    def has_drawings(self, sheet: str) -> bool:
        """Whether pictures, shapes or charts stand on a sheet that was looked through."""
        return any(kind == "drawing" for kind, _part in self.relations_of(self.part_of(sheet)))

    def part_like(self, part: str) -> str | None:
        """A part of the package by its name in small letters, wherever else it may lie; None when there is none."""
        if part in self.parts:
            return part
        name = part.rpartition("/")[2]
        return next((one for one in self.parts if one.rpartition("/")[2] == name), None)

    def relations_of(self, part: str) -> Iterator[tuple[str, str]]:
        """What a part refers to inside the package: (kind, part). Links to the outside are not looked at."""
        folder, _slash, name = part.rpartition("/")
        relations = f"{folder}/_rels/{name}.rels"
        if relations not in self.parts:
            return
        for relation in self._xml(relations):
            if relation.get("TargetMode", "").lower() == "external":
                continue
            target = relation.get("Target", "").lower()
            path = target.lstrip("/") if target.startswith("/") else posixpath.normpath(f"{folder}/{target}")
            if path in self.parts:
                yield relation.get("Type", "").rpartition("/")[2], path

    def _extent(self, part: str) -> int:
        """Last row that exists. Raises TableError when the area with values is too large to be held.

        The reader holds the whole rectangle up to the last value: one blank typed into XFD1048576 would need 500 GB.
        """
        width, last_existing, last_valued, unnumbered = 26, 0, 0, 0
        unfinished = b""
        for chunk in self.chunks(part):
            text = _plain_xml(unfinished + chunk)
            if len(chunk) >= _CHUNK and b"<c " not in text and b"<row" not in text and b"<c>" not in text:
                raise self._bomb()
            # One sign is found much faster than a word, and mostly there is none.
            if b"h" in text and b"hidden" in text and _HIDDEN.search(text):
                self.signs.add(HIDDEN)
            if b"P" in text and b"rPh " in text:
                self.signs.add(READINGS)
            rows = list(map(int, _ROW.findall(text)))
            if rows:
                if rows[0] < last_existing or sorted(rows) != rows:
                    raise damaged(self.name)
                last_existing = rows[-1]
            else:
                unnumbered += text.count(b"<row") - unfinished.count(b"<row")
            strayed, digits = False, len(str(max(last_existing, unnumbered))) + 1
            while _cells_beyond(width, digits).search(text) and (match := _values_beyond(width, digits).search(text)):
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
                raise damaged(self.name)
            if text.find(b"</sheetData", max(text.rfind(b"</row>"), 0)) >= 0:  # behind the last row, if anywhere
                break
            unfinished = text[max(text.rfind(b"<row"), len(text) - _CHUNK, 0) :]
        return max(last_existing, unnumbered)


@lru_cache(maxsize=64)
def _cells_beyond(width: int, digits: int) -> re.Pattern[bytes]:
    """What any cell of `_values_beyond` looks like, and some others do: told twice as fast, and mostly there is none."""
    if width == 26:
        return re.compile(rb'"[A-Z](?:[A-Z]|\d{%d})' % digits)
    return re.compile(rb'"[A-Z](?:(?<=' + _first_beyond(width) + rb")[A-Z]|[A-Z]{2}|[A-Z]?\d{%d})" % digits)


def _first_beyond(width: int) -> bytes:
    """The first of two letters of the columns right of so many; of columns with three letters only, none."""
    return rb"(?!)" if width >= 27 * 26 else b"[" + bytes([ord("A") + width // 26 - 1]) + b"-Z]"


@lru_cache(maxsize=64)
def _values_beyond(width: int, digits: int) -> re.Pattern[bytes]:
    """A cell with a value right of so many columns (a multiple of 26), or in a row whose number has so many digits."""
    letters = rb"[A-Z]{3}|" + _first_beyond(width) + rb"[A-Z]"
    return re.compile(
        rb" r" + _IS + rb"((?=(?:" + letters + rb')\d|[A-Z]{1,3}\d{%d})[A-Z]{1,3})(\d+)"' % digits + _VALUE
    )


def _column_number(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - ord("A") + 1
    return number
