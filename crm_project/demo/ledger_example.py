"""A ledger as houses keep it, to try the import with: eras, lost zeros, ㈱, half-width kana and one date that does not exist."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any, Final

import xlsxwriter

from crm_project.core.dates import ERAS
from crm_project.demo import names
from crm_project.demo.guests import Guest, GuestBook

FILE_NAME: Final = "台帳の例.xlsx"
MAP_NAME: Final = "台帳の例.toml"
ROWS: Final = 60
KNOWN_ROWS: Final = 12
IMPOSSIBLE_DATE: Final = "令和9年13月1日"
HEADINGS: Final = (
    *("顧客番号", "お名前", "フリガナ", "会社名", "役職", "電話番号", "郵便番号", "ご住所"),
    *("生年月日", "アレルギー", "初回来店日", "備考"),
)
MAP: Final = """\
[columns]
code = "顧客番号"
name = "お名前"
kana = "フリガナ"
company = "会社名"
title = "役職"
phone = "電話番号"
postal_code = "郵便番号"
address = "ご住所"
birthday = "生年月日"
allergies = "アレルギー"
since = "初回来店日"
note = "備考"
"""
ALLERGY_WORDS: Final = (
    "",
    "",
    "なし",
    "なし",
    "エビ、カニ",
    "そば",
    "卵×",
    "不明",
    "鯖アレルギー",
    "甲殻類",
    "乳製品",
    "パクチー",
)
REMARKS: Final = ("", "", "領収書は会社名", "椅子席", "年賀状 ○", "お酒は召し上がらない", "お孫さんのお祝いで来店")


def write_ledger_example(*, rng: Random, folder: Path, book: GuestBook, today: date) -> Path:
    """Write workbook and map; the first rows are guests of the house with something new. Returns the workbook's path."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / MAP_NAME).write_text(MAP, encoding="utf-8")
    path = folder / FILE_NAME
    known = [_known_row(rng, guest) for guest in rng.sample(book.guests, min(KNOWN_ROWS, len(book.guests)))]
    rows = [*known, *(_new_row(rng, number, today) for number in range(ROWS - len(known)))]
    with xlsxwriter.Workbook(str(path)) as workbook:
        workbook.set_properties({"created": datetime(today.year, today.month, today.day, tzinfo=UTC)})
        sheet = workbook.add_worksheet("顧客名簿")
        sheet.write(0, 0, "顧客名簿（本店）")
        for row, values in enumerate([HEADINGS, *rows], start=2):
            _write_row(sheet, row, values)
        sheet.set_column(0, len(HEADINGS) - 1, 16)
        sheet.freeze_panes(3, 2)
    return path


def _write_row(sheet: Any, row: int, values: Sequence[str | int]) -> None:
    for column, value in enumerate(values):
        if isinstance(value, int):
            sheet.write_number(row, column, value)
        elif value:
            sheet.write_string(row, column, value)


def _known_row(rng: Random, guest: Guest) -> list[str | int]:
    row = guest.row
    phone = f"090-0000-{rng.randint(0, 9999):04d}"
    company = row.company.name.replace("株式会社", "㈱") if row.company else ""
    return [row.code or "", row.name, row.kana, company, row.title, phone, "", "", "", "", "", rng.choice(REMARKS)]


def _new_row(rng: Random, number: int, today: date) -> list[str | int]:
    family = names.surname(rng)
    given, given_kana = names.given_name(rng, woman=rng.random() < 0.45)
    postcode, address = names.address(rng)
    born = date(today.year - rng.randint(25, 85), rng.randint(1, 12), rng.randint(1, 28))
    since = today - timedelta(days=rng.randint(30, 4000))
    space = rng.choice((" ", "　", " "))
    # A spreadsheet took numbers for numbers: the zeros in front are gone.
    mobile, rest = rng.choice(((9, 10), (8, 10), (7, 10)))[0], rng.randint(0, 9999)
    phone: str | int = int(f"{mobile}00000{rest:04d}") if rng.random() < 0.5 else f"０{mobile}０－００００－{rest:04d}"
    return [
        f"L-{number + 1:04d}",
        f"{family.written}{space}{given}",
        f"{family.kana}{space}{given_kana}",
        rng.choice(("", "", "松籟物産㈱", "㈲朧月堂", "(株)翠嵐設計", "星合クリニック")),
        rng.choice(("", "", "部長", "代表")),
        phone,
        int(postcode) if rng.random() < 0.4 else f"〒{postcode[:3]}-{postcode[3:]}",
        address,
        _as_era(rng, born),
        rng.choice(ALLERGY_WORDS),
        IMPOSSIBLE_DATE if number == 20 else _as_era(rng, since),
        rng.choice(REMARKS),
    ]


def _as_era(rng: Random, day: date) -> str:
    """A date as ledgers have it: S40.12.9, 昭和40年12月9日, 1965/12/9."""
    era = next(era for era in ERAS if day >= era.first_day)
    year = era.year(day)
    return rng.choice(
        (
            f"{era.letter}{year}.{day.month}.{day.day}",
            f"{era.kanji}{'元' if year == 1 else year}年{day.month}月{day.day}日",
            f"{era.kanji[0]}{year}.{day.month}.{day.day}",
            f"{day.year}/{day.month}/{day.day}",
        )
    )
