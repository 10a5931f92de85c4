"""What the fast reader does not see: colours, strike-through, comments, readings, what is hidden, pictures.

Reads the XML of one sheet of an xlsx package, streaming, with expat: no document type, no entity and no outside file is ever
taken in, and nothing grows faster than the file. Used only where a look through the package says that there is something to see.
"""

import colorsys
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple
from xml.parsers import expat

from crm_project.core.tables.cells import column_letters
from crm_project.core.tables.package import Package
from crm_project.core.tables.problems import damaged, packed_too_well

# Beyond this, marks, comments or readings are no longer remembered one by one.
REMEMBERED: Final = 500_000
COMMENT_LENGTH: Final = 4_000
STRIKE: Final = "strike"

_REFERENCE: Final = re.compile(r"\$?([A-Z]{1,3})\$?(\d{1,7})")
_BOILERPLATE: Final = re.compile(r"^\[(?:Threaded comment|スレッド化されたコメント|スレッド コメント)\].*", re.DOTALL)
_KANJI: Final = re.compile(r"[\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff々]")
# Excel's first 64 colours.
_INDEXED: Final = (
    "000000 FFFFFF FF0000 00FF00 0000FF FFFF00 FF00FF 00FFFF 000000 FFFFFF FF0000 00FF00 0000FF FFFF00 FF00FF 00FFFF "
    "800000 008000 000080 808000 800080 008080 C0C0C0 808080 9999FF 993366 FFFFCC CCFFFF 660066 FF8080 0066CC CCCCFF "
    "000080 FF00FF FFFF00 00FFFF 800080 800000 008080 0000FF 00CCFF CCFFFF CCFFCC FFFF99 99CCFF FF99CC CC99FF FFCC99 "
    "3366FF 33CCCC 99CC00 FFCC00 FF9900 FF6600 666699 969696 003366 339966 003300 333300 993300 993366 333399 333333"
).split()
# Office's theme, for packages that bring none.
_THEME: Final = "FFFFFF 000000 EEECE1 1F497D 4F81BD C0504D 9BBB59 8064A2 4BACC6 F79646 0000FF 800080".split()


class Place(NamedTuple):
    """A cell: row as a spreadsheet numbers it, column from 0."""

    row: int
    column: int

    @property
    def name(self) -> str:
        """As people call it: B5."""
        return f"{column_letters(self.column)}{self.row}"


class Picture(NamedTuple):
    """Something that lies over the cells: a picture, a stamp or other drawn shape, a chart."""

    kind: str
    place: Place
    name: str
    text: str


@dataclass
class SheetMarks:
    """What stands on a sheet beside its values. Rows as a spreadsheet numbers them, columns from 0 (column A)."""

    sheet: str
    # Row -> ((mark, its columns as bits), ...); a mark is "fill:FFFF00", "font:FF0000" or "strike". Cells with a value only.
    by_row: dict[int, tuple[tuple[str, int], ...]] = field(default_factory=dict)
    # Row -> how many cells hold a value, of rows that carry a mark.
    filled: dict[int, int] = field(default_factory=dict)
    comments: dict[Place, str] = field(default_factory=dict)
    readings: dict[Place, str] = field(default_factory=dict)
    # Cells whose formula came to an error (#N/A): they read as empty.
    errors: dict[Place, str] = field(default_factory=dict)
    pictures: list[Picture] = field(default_factory=list)
    hidden_rows: set[int] = field(default_factory=set)
    # Hidden by a filter that is set.
    filtered_rows: set[int] = field(default_factory=set)
    hidden_columns: list[int] = field(default_factory=list)
    filters: list[str] = field(default_factory=list)
    formulas: int = 0

    @property
    def unseen_rows(self) -> set[int]:
        """Rows that nobody sees in the spreadsheet, by hand or by a filter."""
        return self.hidden_rows | self.filtered_rows

    def of_row(self, row: int, column: int | None = None) -> list[str]:
        """The marks of a row: those of the cell in `column`, and those of at least half of its filled cells."""
        found = []
        for mark, columns in self.by_row.get(row, ()):
            if (column is not None and columns >> column & 1) or columns.bit_count() * 2 >= self.filled.get(row, 1):
                found.append(mark)
        return found

    def cells_by_mark(self) -> dict[str, int]:
        """How many cells carry each mark, the most frequent first."""
        counts: dict[str, int] = {}
        for marks in self.by_row.values():
            for mark, columns in marks:
                counts[mark] = counts.get(mark, 0) + columns.bit_count()
        return dict(sorted(counts.items(), key=lambda one: -one[1]))

    def as_json(self, shown: int = 200) -> dict[str, Any]:
        """What `inspect_ledger` names."""

        def rows_of(mark: str) -> list[int]:
            return [row for row in sorted(self.by_row) if mark in self.of_row(row)][:shown]

        return {
            "marks": [
                {"mark": mark, "cells": cells, "rows": rows_of(mark)} for mark, cells in self.cells_by_mark().items()
            ],
            "comments": [{"cell": place.name, "text": text} for place, text in sorted(self.comments.items())[:shown]],
            "comment_count": len(self.comments),
            "readings": len(self.readings),
            "reading_samples": [
                {"cell": place.name, "reading": text} for place, text in sorted(self.readings.items())[:5]
            ],
            "hidden_rows": sorted(self.hidden_rows)[:shown],
            "hidden_row_count": len(self.hidden_rows),
            "filtered_rows": sorted(self.filtered_rows)[:shown],
            "filtered_row_count": len(self.filtered_rows),
            "filters": self.filters,
            "hidden_columns": [column_letters(column) for column in self.hidden_columns],
            "pictures": [
                {"kind": one.kind, "cell": one.place.name, "name": one.name, "text": one.text}
                for one in self.pictures[:shown]
            ],
            "picture_count": len(self.pictures),
            "formula_errors": [
                {"cell": place.name, "error": error} for place, error in sorted(self.errors.items())[:shown]
            ],
            "formulas": self.formulas,
        }


def read_marks(package: Package, sheet: str) -> SheetMarks:
    """Everything of a sheet that is no value. Raises TableError for XML that is damaged or a bomb."""
    return _Reader(package, sheet).read()


def place_of(reference: str) -> Place | None:
    """B5 or $B$5 as a place; None for anything else."""
    match = _REFERENCE.fullmatch(reference)
    if match is None:
        return None
    column = 0
    for letter in match[1]:
        column = column * 26 + ord(letter) - ord("A") + 1
    return Place(int(match[2]), column - 1)


# --- XML --------------------------------------------------------------------------------------------------------------

Start = Callable[[str, dict[str, str]], None]
End = Callable[[str], None]


def _local(name: str) -> str:
    return name.rpartition(":")[2]


def _parse(package: Package, part: str, start: Start, end: End, text: Callable[[str], None]) -> None:
    """Walk through a part, names without their prefix. Raises TableError."""
    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.buffer_size = 65_536

    def refuse(*_arguments: Any) -> int:
        raise damaged(package.name)

    parser.StartDoctypeDeclHandler = refuse
    parser.EntityDeclHandler = refuse
    parser.ExternalEntityRefHandler = refuse
    parser.StartElementHandler = lambda name, attributes: start(
        name if ":" not in name else _local(name),
        attributes
        if not any(":" in key for key in attributes)
        else {_local(key): value for key, value in attributes.items()},
    )
    parser.EndElementHandler = lambda name: end(name if ":" not in name else _local(name))
    parser.CharacterDataHandler = text
    size = 0
    try:
        for chunk in package.chunks(part):
            size += len(chunk)
            if size > package.limits.inflated_bytes:
                raise packed_too_well(package.name, package.limits.inflated_bytes)
            parser.Parse(chunk, False)
        parser.Parse(b"", True)
    except expat.ExpatError as error:
        raise damaged(package.name) from error


def _yes(value: str | None) -> bool:
    return value is not None and value not in ("0", "false", "off")


@dataclass
class _Text:
    """A shared or inline text: its letters, whether all of it is struck through, its reading."""

    plain: list[str] = field(default_factory=list)
    spans: list[tuple[int, int, list[str]]] = field(default_factory=list)
    struck: int = 0
    length: int = 0

    @property
    def reading(self) -> str:
        """The phonetic runs in their places, kana between them as they stand; "" when a kanji is left without."""
        if not self.spans:
            return ""
        units = "".join(self.plain).encode("utf-16-le", "surrogatepass")
        parts: list[str] = []
        at = 0
        for begin, end, runs in sorted(self.spans, key=lambda span: span[0]):
            if begin < at or end <= begin or end * 2 > len(units):
                return ""
            parts += [units[at * 2 : begin * 2].decode("utf-16-le", "replace"), "".join(runs)]
            at = end
        parts.append(units[at * 2 :].decode("utf-16-le", "replace"))
        reading = "".join(parts)
        return "" if _KANJI.search(reading) else " ".join(reading.split())

    @property
    def is_struck(self) -> bool:
        """Whether all of its letters are struck through."""
        return self.length > 0 and self.struck >= self.length


class _TextReader:
    """Reads <si> or <is>: runs with their properties, and the phonetic runs that are no part of the text."""

    def __init__(self) -> None:
        self.text = _Text()
        self._in_text = self._in_phonetic = self._run_struck = False

    def start(self, name: str, attributes: dict[str, str]) -> None:
        """An element begins."""
        if name == "t":
            self._in_text = True
        elif name == "rPh":
            self._in_phonetic = True
            try:
                begin, end = int(attributes.get("sb", "")), int(attributes.get("eb", ""))
            except ValueError:
                begin = end = 0
            self.text.spans.append((begin, end, []))
        elif name == "r":
            self._run_struck = False
        elif name == "strike":
            self._run_struck = _yes(attributes.get("val", "1"))

    def characters(self, data: str) -> None:
        """Some letters."""
        if not self._in_text:
            return
        if self._in_phonetic:
            self.text.spans[-1][2].append(data)
            return
        self.text.plain.append(data)
        letters = len(data.strip())
        self.text.length += letters
        self.text.struck += letters if self._run_struck else 0

    def end(self, name: str) -> None:
        """An element ends."""
        if name == "t":
            self._in_text = False
        elif name == "rPh":
            self._in_phonetic = False


class _Reader:
    """Collects the marks of one sheet."""

    def __init__(self, package: Package, sheet: str) -> None:
        self.package = package
        self.marks = SheetMarks(sheet)
        self.part = package.part_of(sheet)
        # Style of a cell -> its marks.
        self.styles: list[tuple[str, ...]] = []
        self.strings: dict[int, _Text] = {}

    def read(self) -> SheetMarks:
        """All of it."""
        self._read_styles()
        self._read_strings()
        self._read_sheet()
        relations = list(self.package.relations_of(self.part))
        for kind, target in relations:
            if kind == "comments":
                self._read_comments(target)
        for kind, target in relations:
            if kind == "threadedComment":
                self._read_threads(target)
            elif kind == "drawing":
                self._read_drawing(target)
            elif kind == "table":
                self._read_table(target)
        self._sort_hidden_rows()
        return self.marks

    # --- styles ---

    def _read_styles(self) -> None:
        part = self.package.part_like("xl/styles.xml")
        if part is None:
            return
        theme = self._theme()
        fonts: list[tuple[str, bool]] = []
        fills: list[str] = []
        path: list[str] = []
        font: dict[str, Any] = {}
        fill: dict[str, str] = {}

        def start(name: str, attributes: dict[str, str]) -> None:
            path.append(name)
            if path[-2:] == ["fonts", "font"]:
                font.clear()
            elif path[-2:] == ["fills", "fill"]:
                fill.clear()
            elif path[-3:] == ["fonts", "font", "strike"]:
                font["strike"] = _yes(attributes.get("val", "1"))
            elif path[-3:] == ["fonts", "font", "color"]:
                font["color"] = _colour(attributes, theme)
            elif name == "patternFill" and path[-3:-1] == ["fills", "fill"]:
                fill["pattern"] = attributes.get("patternType", "none")
            elif name == "fgColor" and path[-4:-2] == ["fills", "fill"]:
                fill["colour"] = _colour(attributes, theme)
            elif name == "xf" and path[-2:] == ["cellXfs", "xf"]:
                self.styles.append(_marks_of_style(attributes, fonts, fills))

        def end(name: str) -> None:
            if path[-2:] == ["fonts", "font"]:
                fonts.append((font.get("color", ""), bool(font.get("strike"))))
            elif path[-2:] == ["fills", "fill"]:
                fills.append(fill.get("colour", "") if fill.get("pattern", "none") != "none" else "")
            if path:
                path.pop()

        _parse(self.package, part, start, end, lambda data: None)

    def _theme(self) -> list[str]:
        part = self.package.part_like("xl/theme/theme1.xml")
        if part is None:
            return list(_THEME)
        found: list[str] = []
        inside = [False]

        def start(name: str, attributes: dict[str, str]) -> None:
            if name == "clrScheme":
                inside[0] = True
            elif inside[0] and name in ("srgbClr", "sysClr") and len(found) < 12:
                found.append(attributes.get("lastClr" if name == "sysClr" else "val", "000000").upper())

        def end(name: str) -> None:
            if name == "clrScheme":
                inside[0] = False

        _parse(self.package, part, start, end, lambda data: None)
        if len(found) < 12:
            return list(_THEME)
        # The scheme lists dark before light; cells count light first.
        return [found[1], found[0], found[3], found[2], *found[4:]]

    # --- texts ---

    def _read_strings(self) -> None:
        part = self.package.part_like("xl/sharedstrings.xml")
        if part is None:
            return
        reader: list[_TextReader] = []
        count = [0]

        def start(name: str, attributes: dict[str, str]) -> None:
            if name == "si":
                reader[:] = [_TextReader()]
            elif reader:
                reader[0].start(name, attributes)

        def end(name: str) -> None:
            if name == "si":
                text = reader.pop().text
                if (text.spans or text.struck) and len(self.strings) < REMEMBERED:
                    self.strings[count[0]] = text
                count[0] += 1
            elif reader:
                reader[0].end(name)

        def characters(data: str) -> None:
            if reader:
                reader[0].characters(data)

        _parse(self.package, part, start, end, characters)

    # --- the sheet ---

    def _read_sheet(self) -> None:
        marks = self.marks
        current: dict[str, Any] = {"row": 0, "column": -1}
        inline: list[_TextReader] = []
        value: list[str] = []
        state = {"value": False}
        row_marks: dict[str, int] = {}

        def start(name: str, attributes: dict[str, str]) -> None:
            if inline:
                inline[0].start(name, attributes)
            elif name == "c":
                place = place_of(attributes.get("r", ""))
                current["column"] = place.column if place else current["column"] + 1
                current["style"] = attributes.get("s", "0")
                current["type"] = attributes.get("t", "n")
                current["has"] = False
                value.clear()
            elif name == "v":
                state["value"] = True
            elif name == "is":
                inline.append(_TextReader())
            elif name == "f":
                marks.formulas += 1
            elif name == "row":
                number = attributes.get("r", "")
                current["row"] = int(number) if number.isdecimal() and len(number) < 8 else current["row"] + 1
                current["column"] = -1
                current["filled"] = 0
                row_marks.clear()
                if _yes(attributes.get("hidden", "0")) or attributes.get("ht") == "0":
                    marks.hidden_rows.add(current["row"])
            elif name == "col":
                self._column(attributes)
            elif name == "sheetPr":
                current["filtered"] = _yes(attributes.get("filterMode", "0"))
            elif name == "autoFilter":
                current["filter"] = attributes.get("ref", "")
                if current.get("filtered"):
                    marks.filters.append(current["filter"])
            elif name in ("filterColumn", "sortCondition"):
                reference = current.get("filter", "")
                if name == "filterColumn" and reference and reference not in marks.filters:
                    marks.filters.append(reference)

        def end(name: str) -> None:
            if inline and name != "is":
                inline[0].end(name)
            elif name == "is" and inline:
                self._text(Place(current["row"], current["column"]), inline.pop().text, row_marks)
                current["has"] = True
            elif name == "v":
                state["value"] = False
                current["has"] = True
            elif name == "c":
                if current["has"]:
                    self._cell(current, "".join(value), row_marks)
            elif name == "row" and row_marks and len(marks.by_row) < REMEMBERED:
                marks.by_row[current["row"]] = self._kept(tuple(row_marks.items()))
                marks.filled[current["row"]] = current["filled"]

        def characters(data: str) -> None:
            if inline:
                inline[0].characters(data)
            elif state["value"]:
                value.append(data)

        self._shapes: dict[tuple[tuple[str, int], ...], tuple[tuple[str, int], ...]] = {}
        _parse(self.package, self.part, start, end, characters)

    def _kept(self, marks: tuple[tuple[str, int], ...]) -> tuple[tuple[str, int], ...]:
        """One object for all rows that are marked alike."""
        return self._shapes.setdefault(marks, marks)

    def _column(self, attributes: dict[str, str]) -> None:
        if _yes(attributes.get("hidden", "0")) or attributes.get("width") == "0":
            try:
                first, last = int(attributes.get("min", "0")), int(attributes.get("max", "0"))
            except ValueError:
                return
            # A sheet whose columns behind the table are all hidden names 16,384 of them.
            self.marks.hidden_columns += range(max(first, 1) - 1, min(last, self.package.limits.columns))

    def _cell(self, current: dict[str, Any], value: str, row_marks: dict[str, int]) -> None:
        current["filled"] += 1
        place = Place(current["row"], current["column"])
        if current["type"] == "s" and self.strings and value.strip().isdecimal():
            text = self.strings.get(int(value))
            if text is not None:
                self._text(place, text, row_marks)
        elif current["type"] == "e" and len(self.marks.errors) < REMEMBERED:
            self.marks.errors[place] = value[:20]
        style = current["style"]
        index = int(style) if style.isdecimal() and len(style) < 7 else 0
        if index < len(self.styles):
            for mark in self.styles[index]:
                row_marks[mark] = row_marks.get(mark, 0) | 1 << min(place.column, 16_384)

    def _text(self, place: Place, text: _Text, row_marks: dict[str, int]) -> None:
        reading = text.reading
        if reading and len(self.marks.readings) < REMEMBERED:
            self.marks.readings[place] = reading
        if text.is_struck:
            row_marks[STRIKE] = row_marks.get(STRIKE, 0) | 1 << min(place.column, 16_384)

    # --- what hangs on the sheet ---

    def _read_comments(self, part: str) -> None:
        authors: list[str] = []
        state: dict[str, Any] = {"place": None, "in": ""}
        parts: list[str] = []

        def start(name: str, attributes: dict[str, str]) -> None:
            if name == "author":
                parts.clear()
                state["in"] = "author"
            elif name == "comment":
                state["place"] = place_of(attributes.get("ref", ""))
                state["author"] = attributes.get("authorId", "")
                parts.clear()
            elif name == "t" and state["place"] is not None:
                state["in"] = "t"
            elif name == "rPh":
                state["phonetic"] = True

        def end(name: str) -> None:
            if name == "author":
                authors.append("".join(parts))
                state["in"] = ""
            elif name == "t":
                state["in"] = ""
            elif name == "rPh":
                state["phonetic"] = False
            elif name == "comment" and state["place"] is not None:
                by = state["author"]
                author = authors[int(by)] if by.isdecimal() and int(by) < len(authors) else ""
                self._comment(state["place"], "".join(parts), author)
                state["place"] = None

        def characters(data: str) -> None:
            if state["in"] and not state.get("phonetic"):
                parts.append(data)

        _parse(self.package, part, start, end, characters)

    def _comment(self, place: Place, text: str, author: str) -> None:
        written = text.replace("\r\n", "\n").strip()
        if author:
            written = written.removeprefix(f"{author}:").removeprefix(f"{author}：").strip()
        written = _BOILERPLATE.sub("", written)
        if written and len(self.marks.comments) < REMEMBERED:
            self.marks.comments[place] = written[:COMMENT_LENGTH]

    def _read_threads(self, part: str) -> None:
        """Comments with answers; the plain ones of their cells only say that an old Excel cannot show them."""
        threads: dict[Place, list[str]] = {}
        state: dict[str, Any] = {"place": None, "in": False}
        parts: list[str] = []

        def start(name: str, attributes: dict[str, str]) -> None:
            if name == "threadedComment":
                state["place"] = place_of(attributes.get("ref", ""))
            elif name == "text":
                state["in"] = True
                parts.clear()

        def end(name: str) -> None:
            if name == "text":
                state["in"] = False
                if state["place"] is not None and (text := "".join(parts).strip()):
                    threads.setdefault(state["place"], []).append(text)

        def characters(data: str) -> None:
            if state["in"]:
                parts.append(data)

        _parse(self.package, part, start, end, characters)
        for place, texts in threads.items():
            self.marks.comments[place] = "\n".join(texts)[:COMMENT_LENGTH]

    def _read_drawing(self, part: str) -> None:
        state: dict[str, Any] = {"from": False, "in": "", "col": 0, "row": 0, "kind": "", "name": ""}
        parts: list[str] = []

        def start(name: str, attributes: dict[str, str]) -> None:
            if name in ("twoCellAnchor", "oneCellAnchor", "absoluteAnchor"):
                state.update(kind="", name="", col=0, row=0)
                parts.clear()
            elif name == "from":
                state["from"] = True
            elif name in ("pic", "sp", "graphicFrame", "grpSp") and not state["kind"]:
                state["kind"] = {"pic": "picture", "graphicFrame": "chart"}.get(name, "shape")
            elif name == "cNvPr" and not state["name"]:
                state["name"] = attributes.get("descr") or attributes.get("name", "")
            elif name in ("col", "row", "t"):
                state["in"] = name

        def end(name: str) -> None:
            if name == "from":
                state["from"] = False
            elif name in ("twoCellAnchor", "oneCellAnchor", "absoluteAnchor"):
                if state["kind"] and len(self.marks.pictures) < REMEMBERED:
                    place = Place(state["row"] + 1, state["col"])
                    self.marks.pictures.append(
                        Picture(state["kind"], place, state["name"][:100], "".join(parts).strip()[:200])
                    )
            elif name in ("col", "row", "t"):
                state["in"] = ""

        def characters(data: str) -> None:
            if state["in"] == "t":
                parts.append(data)
            elif state["from"] and state["in"] in ("col", "row") and data.strip().isdecimal() and len(data) < 9:
                state[state["in"]] = int(data)

        _parse(self.package, part, start, end, characters)

    def _read_table(self, part: str) -> None:
        """The filter of a table inside the sheet."""
        state = {"ref": ""}

        def start(name: str, attributes: dict[str, str]) -> None:
            if name == "autoFilter":
                state["ref"] = attributes.get("ref", "")
            elif name == "filterColumn" and state["ref"] and state["ref"] not in self.marks.filters:
                self.marks.filters.append(state["ref"])

        _parse(self.package, part, start, lambda name: None, lambda data: None)

    def _sort_hidden_rows(self) -> None:
        """Of the hidden rows, those inside a filter that is set are its doing."""
        for reference in self.marks.filters:
            first, _colon, last = reference.partition(":")
            top, bottom = place_of(first), place_of(last)
            if top is not None and bottom is not None:
                inside = {row for row in self.marks.hidden_rows if top.row < row <= bottom.row}
                self.marks.filtered_rows |= inside
                self.marks.hidden_rows -= inside


def _marks_of_style(attributes: dict[str, str], fonts: list[tuple[str, bool]], fills: list[str]) -> tuple[str, ...]:
    def chosen(name: str) -> int:
        index = attributes.get(name, "0")
        return int(index) if index.isdecimal() and len(index) < 7 else 0

    marks = []
    font, fill = chosen("fontId"), chosen("fillId")
    if fill < len(fills) and fills[fill] not in ("", "FFFFFF"):
        marks.append(f"fill:{fills[fill]}")
    if font < len(fonts):
        colour, struck = fonts[font]
        if colour not in ("", "000000"):
            marks.append(f"font:{colour}")
        if struck:
            marks.append(STRIKE)
    return tuple(marks)


def _colour(attributes: dict[str, str], theme: list[str]) -> str:
    """RRGGBB; "" for the automatic colour."""
    if "rgb" in attributes:
        colour = attributes["rgb"][-6:].upper()
    elif attributes.get("theme", "").isdecimal():
        index = int(attributes["theme"][:3])
        if index >= len(theme):
            return ""
        colour = theme[index]
    elif attributes.get("indexed", "").isdecimal():
        index = int(attributes["indexed"][:3])
        if index >= len(_INDEXED):
            return ""  # 64 and 65 are the colours of the screen
        colour = _INDEXED[index]
    else:
        return ""
    if not re.fullmatch("[0-9A-F]{6}", colour):
        return ""
    return _tinted(colour, attributes.get("tint", "0"))


def _tinted(colour: str, tint: str) -> str:
    """A colour of the theme made lighter or darker, as Excel does it."""
    try:
        share = float(tint)
    except ValueError:
        return colour
    if not -1 <= share <= 1 or share == 0:
        return colour
    red, green, blue = (int(colour[at : at + 2], 16) / 255 for at in (0, 2, 4))
    hue, light, saturation = colorsys.rgb_to_hls(red, green, blue)
    light = light * (1 + share) if share < 0 else light * (1 - share) + share
    return "".join(f"{round(part * 255):02X}" for part in colorsys.hls_to_rgb(hue, min(max(light, 0), 1), saturation))
