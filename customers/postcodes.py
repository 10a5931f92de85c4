"""Reading files of postcodes: Japan Post's own two (KEN_ALL.CSV, utf_ken_all.csv, also zipped) and a plain table. No writes."""

import csv
import io
import lzma
import re
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Final

from django.utils.translation import gettext_lazy as _

from crm_project.core import text
from crm_project.core.problems import InputProblem

# Japan Post: code of the district, old code, code, readings and names of prefecture, city, town, six flags.
KEN_ALL_COLUMNS: Final = 15
PLAIN_HEADINGS: Final = ("code", "prefecture", "city", "neighborhood")
LONGEST_TOWN: Final = 100
# What the file says in place of a town.
_NO_TOWN = re.compile(r"以下に掲載がない場合|の次に.*場合$|.+一円$|場合$")
_BRACKETS = re.compile(r"[（(].*$")


@dataclass(frozen=True, slots=True)
class TownLine:
    """One town of a code; readings are full-width katakana, "" where the file has none."""

    code: str
    prefecture: str
    city: str
    town: str = ""
    prefecture_kana: str = ""
    city_kana: str = ""
    town_kana: str = ""


def read_postcodes(path: Path) -> Iterator[TownLine]:
    """The towns of a file (.csv, .csv.xz, .zip), each once. Raises InputProblem for a file of another form."""
    seen: set[tuple[str, str, str, str]] = set()
    for line in _lines(path):
        place = (line.code, line.prefecture, line.city, line.town)
        if place not in seen:
            seen.add(place)
            yield line


def _lines(path: Path) -> Iterator[TownLine]:
    try:
        with _opened(path) as raw:
            rows = csv.reader(io.TextIOWrapper(raw, encoding=_encoding(path), newline=""))
            first = next(rows, [])
            if first and tuple(first[:4]) == PLAIN_HEADINGS:
                yield from _plain(rows)
            elif len(first) == KEN_ALL_COLUMNS:
                yield from _ken_all(_joined([first], rows))
            else:
                raise _another_form(path)
    except (OSError, UnicodeDecodeError, csv.Error, lzma.LZMAError, zipfile.BadZipFile) as error:
        raise InputProblem(_("%(file)s cannot be read: %(reason)s"), {"file": path.name, "reason": error}) from error


def _another_form(path: Path) -> InputProblem:
    return InputProblem(_("%(file)s is no file of postcodes of Japan Post."), {"file": path.name})


def _opened(path: Path) -> IO[bytes]:
    if path.suffix == ".xz":
        return lzma.open(path)
    if path.suffix.lower() == ".zip":
        archive = zipfile.ZipFile(path)
        names = [name for name in archive.namelist() if name.lower().endswith(".csv")]
        if len(names) != 1:
            raise _another_form(path)
        return archive.open(names[0])
    return path.open("rb")


def _encoding(path: Path) -> str:
    """UTF-8 where the first bytes are; the older file of Japan Post is cp932."""
    with _opened(path) as raw:
        start = raw.read(4096)
    try:
        start[: start.rfind(b"\n") + 1].decode("utf-8-sig")
    except UnicodeDecodeError:
        return "cp932"
    return "utf-8-sig"


def _plain(rows: Iterable[Sequence[str]]) -> Iterator[TownLine]:
    for row in rows:
        if len(row) >= 4 and (code := text.postal_code(row[0])):
            readings = [*(text.to_katakana(cell) for cell in row[4:7]), "", "", ""]
            yield TownLine(code, row[1], row[2], row[3], *readings[:3])


def _joined(first: list[list[str]], rows: Iterable[list[str]]) -> Iterator[list[str]]:
    """Rows of which the town is cut over several lines, put together: an open bracket is closed on a later line."""
    begun: list[str] | None = None
    for row in (*first, *rows):
        if len(row) != KEN_ALL_COLUMNS:
            continue
        if begun is None:
            begun = list(row)
        else:
            begun[5], begun[8] = begun[5] + row[5], begun[8] + row[8]
        if begun[8].count("（") <= begun[8].count("）"):
            yield begun
            begun = None
    if begun is not None:
        yield begun


def _ken_all(rows: Iterable[Sequence[str]]) -> Iterator[TownLine]:
    for row in rows:
        code = text.postal_code(row[2])
        if not code:
            continue
        town, town_kana = _BRACKETS.sub("", row[8]), _BRACKETS.sub("", row[5])
        # 一円 is also the name of a town (滋賀県犬上郡多賀町一円).
        if _NO_TOWN.search(town):
            town, town_kana = "", ""
        yield TownLine(
            code,
            row[6],
            row[7],
            town[:LONGEST_TOWN],
            text.to_katakana(row[3]),
            text.to_katakana(row[4]),
            text.to_katakana(town_kana),
        )
