"""Ledgers made for a test: workbooks and CSV files of a few rows."""

import csv
import io
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import xlsxwriter
from msoffcrypto.format.ooxml import OOXMLFile

from integrations.ledgers.fields import ledger_map
from integrations.ledgers.ledger_file import LedgerFile

HEADINGS = ["顧客番号", "氏名", "フリガナ", "会社名", "電話番号", "住所", "生年月日", "アレルギー", "備考"]
MAP = """[columns]
code = "顧客番号"
name = "氏名"
kana = "フリガナ"
company = "会社名"
phone = "電話番号"
address = "住所"
birthday = "生年月日"
allergies = "アレルギー"
note = "備考"
"""


def row(
    code: Any = "", name: str = "", kana: str = "", company: str = "", phone: Any = "", address: str = "",
    birthday: str = "", allergies: str = "", note: str = "",
) -> list[Any]:  # fmt: skip
    """A row under HEADINGS."""
    return [code, name, kana, company, phone, address, birthday, allergies, note]


def workbook(
    path: Path, rows: Sequence[Sequence[Any]], *, headings: Sequence[str] = HEADINGS, sheet: str = "名簿"
) -> Path:
    """An Excel file; rows may be blank."""
    with xlsxwriter.Workbook(str(path), {"strings_to_formulas": False}) as book:
        page = book.add_worksheet(sheet)
        for number, cells in enumerate([headings, *rows]):
            page.write_row(number, 0, list(cells))
    return path


def csv_file(path: Path, rows: Sequence[Sequence[Any]], *, encoding: str = "utf-8-sig") -> Path:
    """A CSV file as Excel writes it."""
    text = io.StringIO(newline="")
    csv.writer(text).writerows([HEADINGS, *rows])
    path.write_bytes(text.getvalue().encode(encoding))
    return path


def zip_bomb(path: Path) -> Path:
    """A workbook of a few kilobytes that unpacks to some eighty megabytes."""
    workbook(path, [row("1", "山田 太郎")])
    with zipfile.ZipFile(path) as book:
        parts = {name: book.read(name) for name in book.namelist()}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as book:
        for name, content in parts.items():
            book.writestr(name, content)
        book.writestr("xl/media/image1.png", b"\0" * (80 * 1024**2))
    return path


def encrypted(path: Path) -> Path:
    """A workbook with a password."""
    plain = OOXMLFile(io.BytesIO(workbook(path, [row("1", "山田 太郎")]).read_bytes()))
    with path.open("wb") as file:
        plain.encrypt("himitsu", file)
    return path


def ledger(path: Path, map_text: str = MAP) -> LedgerFile:
    """The file with its map."""
    return LedgerFile(path, path.name, column_map=ledger_map(map_text))
