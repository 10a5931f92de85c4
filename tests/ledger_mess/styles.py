"""Twelve ways to keep a ledger. Each function writes one file from the truth and says what has to come of it."""

import csv
import datetime
import io
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import xlsxwriter
from msoffcrypto.format.ooxml import OOXMLFile

from tests.ledger_mess.truth import GUESTS, Guest

HEADINGS = ["顧客番号", "氏名", "フリガナ", "会社名", "電話番号", "郵便番号", "住所", "生年月日", "備考"]
MAP: Final = """[columns]
code = "顧客番号"
name = "氏名"
kana = "フリガナ"
company = "会社名"
phone = "電話番号"
postal_code = "郵便番号"
address = "住所"
birthday = "生年月日"
note = "備考"
"""
ALL: Final = ("code", "name", "kana", "company", "phone", "postal_code", "address", "birthday", "note")


@dataclass(frozen=True)
class Mess:
    """A written ledger: how it is to be read, whom it tells of, and which fields."""

    path: Path
    map_text: str = MAP
    sheet: str = ""
    password: str = ""
    guests: Sequence[Guest] = tuple(GUESTS)
    fields: Sequence[str] = ALL
    # Kind -> rows that are no guests.
    left_out: dict[str, int] = field(default_factory=dict)
    # Guests of whom the house knows that they have left.
    gone: frozenset[str] = frozenset()


def plain(guest: Guest) -> list[Any]:
    """A row as a tidy person writes it."""
    return [
        guest.code, guest.name, guest.kana, guest.company, guest.phone, guest.postal_code, guest.address,
        guest.birthday.isoformat(), guest.note,
    ]  # fmt: skip


def era(day: datetime.date, how: int) -> str:
    """A day of 昭和 or 平成 in one of the usual spellings."""
    kanji, letter, first = ("平成", "H", 1988) if day >= datetime.date(1989, 1, 8) else ("昭和", "S", 1925)
    year = day.year - first
    return [
        f"{letter}{year:02d}.{day.month:02d}.{day.day:02d}",
        f"{kanji[0]}{year}.{day.month}.{day.day}",
        f"{kanji}{_kanji(year)}年{_kanji(day.month)}月{_kanji(day.day)}日",
        f"{kanji}{'元' if year == 1 else year}年{day.month}月{day.day}日",
        f"{letter}{year}/{day.month}/{day.day}",
    ][how % 5]


def _kanji(number: int) -> str:
    tens, ones = divmod(number, 10)
    digits = "〇一二三四五六七八九"
    return ("" if not tens else ("十" if tens == 1 else f"{digits[tens]}十")) + (digits[ones] if ones else "")


def wide(text: str) -> str:
    """ASCII letters, digits and signs in full width."""
    return "".join(chr(ord(char) + 0xFEE0) if "!" <= char <= "~" else char for char in text)


def titles_and_sums(folder: Path) -> Mess:
    """Title, remarks and # lines above; empty rows and columns inside; sums, parts and remarks among the rows."""
    path = folder / "01 表題と小計.xlsx"
    with xlsxwriter.Workbook(str(path)) as book:
        sheet = book.add_worksheet("名簿")
        sheet.merge_range(0, 0, 0, 9, "顧客台帳（女将控え）", book.add_format({"bold": True}))
        sheet.write_row(1, 0, ["#作成", "総務"])
        sheet.write(2, 7, "※ 太枠内は必ず記入")
        headings = [*HEADINGS[:4], "", *HEADINGS[4:]]
        sheet.write_row(4, 0, headings)
        at = 5
        for number, guest in enumerate(GUESTS):
            if number == 0:
                sheet.write(at, 0, "■ 本店")
                at += 1
            row = plain(guest)
            sheet.write_row(at, 0, [*row[:4], "", *row[4:]])
            at += 2 if number % 7 == 3 else 1
            if number == 11:
                sheet.write(at, 1, "小計")
                sheet.write(at, 5, "12名")
                at += 1
        sheet.write_row(at, 0, ["合　計", "", "", "", "", "24名"])
        sheet.write(at + 2, 0, "※ 令和六年四月現在")
    return Mess(path, left_out={"section": 1, "subtotal": 2, "remark": 1})


def headings_of_three_rows(folder: Path) -> Mess:
    """Headings over three rows with merged cells and a row of units."""
    path = folder / "02 三段見出し.xlsx"
    map_text = MAP
    with xlsxwriter.Workbook(str(path)) as book:
        sheet = book.add_worksheet("名簿")
        sheet.merge_range(0, 0, 1, 0, "顧　客　番　号")
        sheet.merge_range(0, 1, 0, 3, "お客様")
        sheet.write_row(1, 1, ["氏名", "フリガナ", "会社名"])
        sheet.merge_range(0, 4, 0, 6, "連絡先")
        sheet.write_row(1, 4, ["電話番号", "郵便番号", "住所"])
        sheet.merge_range(0, 7, 1, 7, "生年月日")
        sheet.merge_range(0, 8, 1, 8, "備考")
        sheet.write_row(2, 4, ["(−)", "(〒)"])
        for at, guest in enumerate(GUESTS, start=3):
            sheet.write_row(at, 0, plain(guest))
    for name, group in (("氏名", "お客様"), ("フリガナ", "お客様"), ("会社名", "お客様"), ("住所", "連絡先")):
        map_text = map_text.replace(f'"{name}"', f'"{group} / {name}"')
    map_text = map_text.replace('"電話番号"', '"連絡先 / 電話番号 / (−)"').replace(
        '"郵便番号"', '"連絡先 / 郵便番号 / (〒)"'
    )
    return Mess(path, map_text)


def sheets_by_year(folder: Path) -> Mess:
    """A sample sheet in front, a sheet for each year with its columns in another order, a sheet of notes."""
    path = folder / "03 年別シート.xlsx"
    with xlsxwriter.Workbook(str(path)) as book:
        sample = book.add_worksheet("記入例")
        sample.write_row(0, 0, HEADINGS)
        sample.write_row(1, 0, ["K9999", "見本 太郎", "ミホン タロウ"])
        for part, year in enumerate(("2022年", "2023年", "2024年")):
            sheet = book.add_worksheet(year)
            sheet.write(0, 0, f"{year}のお客様")
            order = list(range(9))[part:] + list(range(9))[:part]
            for at, row in enumerate([HEADINGS, *map(plain, GUESTS[part * 8 : part * 8 + 8])], start=1):
                sheet.write_row(at, 0, [row[place] for place in order])
        book.add_worksheet("メモ").write(0, 0, "鍵は帳場")
    return Mess(path, sheet="*")


def several_tables(folder: Path) -> Mess:
    """A legend beside the guests, and another table below them."""
    path = folder / "04 複数の表.xlsx"
    with xlsxwriter.Workbook(str(path)) as book:
        sheet = book.add_worksheet("台帳")
        sheet.write_row(0, 0, HEADINGS)
        sheet.write_row(0, 10, ["記号", "意味"])
        sheet.write_row(1, 10, ["◎", "特別"])
        sheet.write_row(2, 10, ["○", "常連"])
        for at, guest in enumerate(GUESTS, start=1):
            sheet.write_row(at, 0, plain(guest))
        sheet.write(27, 0, "予約一覧")
        sheet.write_row(28, 0, ["来店日", "人数", "部屋", "担当"])
        sheet.write_row(29, 0, ["2026-04-01", 4, "松", "梅子"])
        sheet.write_row(30, 0, ["2026-04-02", 2, "竹", ""])
    return Mess(path, left_out={"another table": 2})


def numbers_and_eras(folder: Path) -> Mess:
    """Phones and postcodes that lost their zeros, serial days as text, eras in every spelling, full width."""
    path = folder / "05 数値と和暦.xlsx"
    with xlsxwriter.Workbook(str(path)) as book:
        sheet = book.add_worksheet("名簿")
        sheet.write_row(0, 0, [wide(heading) for heading in HEADINGS])
        day = book.add_format({"num_format": "yyyy/m/d"})
        for at, guest in enumerate(GUESTS, start=1):
            row = plain(guest)
            row[0] = wide(guest.code) if at % 3 == 0 else guest.code
            row[4] = int(guest.phone) if at % 3 else wide(f"{guest.phone[:3]}-{guest.phone[3:-4]}-{guest.phone[-4:]}")
            row[5] = int(guest.postal_code) if at % 2 else f"〒{guest.postal_code[:3]}-{guest.postal_code[3:]}"
            row[6] = wide(guest.address)
            row[7] = era(guest.birthday, at)
            sheet.write_row(at, 0, row)
            if at % 6 == 0:
                sheet.write_datetime(at, 7, datetime.datetime.combine(guest.birthday, datetime.time()), day)
            elif at % 6 == 1:
                sheet.write(at, 7, str((guest.birthday - datetime.date(1899, 12, 30)).days))
    return Mess(path)


def words_around_names(folder: Path) -> Mess:
    """様 behind names, ㈱ and (株) for the company's form, half-width kana, blanks of all widths around everything."""
    path = folder / "06 敬称と略号.xlsx"
    forms = {"株式会社": ("㈱", "(株)", "（株）"), "有限会社": ("㈲", "(有)", "（有）")}
    half = str.maketrans(
        "アイウエオカキクコサシスセソタチツテトナニヌネノハヒフホマミムメモヤユヨラリルレロワン",
        "ｱｲｳｴｵｶｷｸｺｻｼｽｾｿﾀﾁﾂﾃﾄﾅﾆﾇﾈﾉﾊﾋﾌﾎﾏﾐﾑﾒﾓﾔﾕﾖﾗﾘﾙﾚﾛﾜﾝ",
    )
    with xlsxwriter.Workbook(str(path)) as book:
        sheet = book.add_worksheet("名簿")
        sheet.write_row(0, 0, HEADINGS)
        for at, guest in enumerate(GUESTS, start=1):
            row = plain(guest)
            row[1] = f"　{guest.name.replace(' ', '　')} 様"
            row[2] = (
                guest.kana.translate(half) + "  " if "ー" not in guest.kana and "ゴ" not in guest.kana else guest.kana
            )
            for long, short in forms.items():
                if guest.company.startswith(long):
                    row[3] = short[at % 3] + guest.company.removeprefix(long)
            row[6] = f"{guest.address}　"
            row[8] = guest.note or ("　" if at % 2 else " ")
            sheet.write_row(at, 0, row)
    return Mess(path)


def as_above(folder: Path) -> Mess:
    """〃 and 同上 for what stands above, and cells merged down."""
    path = folder / "07 同上と結合.xlsx"
    guests = sorted(GUESTS, key=lambda guest: guest.company)
    with xlsxwriter.Workbook(str(path)) as book:
        sheet = book.add_worksheet("名簿")
        sheet.write_row(0, 0, HEADINGS)
        for at, guest in enumerate(guests, start=1):
            row = plain(guest)
            same = at > 1 and guest.company and guests[at - 2].company == guest.company
            if same and at % 2:
                row[3] = "〃" if at % 4 == 1 else "同上"
            sheet.write_row(at, 0, row)
        # Two rows of one company made one cell, where neither is a mark.
        for at in range(1, len(guests)):
            if guests[at - 1].company and guests[at - 1].company == guests[at].company and at % 2 and at % 4 == 3:
                sheet.merge_range(at, 3, at + 1, 3, guests[at - 1].company)
                break
    return Mess(path, guests=guests)


def marks(folder: Path) -> Mess:
    """Furigana in the cells of names, comments as notes, a struck-through guest, a hidden one."""
    path = folder / "08 ふりがなと取り消し線.xlsx"
    headings = ["顧客番号", "氏名", "会社名", "電話番号"]
    struck_guest, hidden_guest = GUESTS[4], GUESTS[9]
    with xlsxwriter.Workbook(str(path)) as book:
        sheet = book.add_worksheet("名簿")
        struck = book.add_format({"font_strikeout": True})
        sheet.write_row(0, 0, headings)
        for at, guest in enumerate(GUESTS, start=1):
            row = [guest.code, guest.name, guest.company, guest.phone]
            sheet.write_row(at, 0, row, struck if guest is struck_guest else None)
            if guest.note:
                sheet.write_comment(at, 1, guest.note)
        sheet.set_row(GUESTS.index(hidden_guest) + 1, None, None, {"hidden": True})
    with zipfile.ZipFile(path) as package:
        parts = {name: package.read(name) for name in package.namelist()}
    strings = parts["xl/sharedStrings.xml"].decode()
    for guest in GUESTS:
        family, given = guest.name.split()
        kana = guest.kana.split()
        units = len(family.encode("utf-16-le")) // 2
        runs = f'<rPh sb="0" eb="{units}"><t>{kana[0]}</t></rPh><rPh sb="{units + 1}" eb="{units + 1 + len(given)}"><t>{kana[1]}</t></rPh>'
        strings = strings.replace(f"<t>{guest.name}</t>", f"<t>{guest.name}</t>{runs}")
    parts["xl/sharedStrings.xml"] = strings.encode()
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as package:
        for name, content in parts.items():
            package.writestr(name, content)
    map_text = '[columns]\ncode = "顧客番号"\nname = "氏名"\ncompany = "会社名"\nphone = "電話番号"\n\n[legend]\nstrike = "left"\n'
    return Mess(
        path,
        map_text,
        guests=[guest for guest in GUESTS if guest is not hidden_guest],
        fields=("code", "name", "kana", "company", "phone", "note"),
        left_out={"hidden": 1},
        gone=frozenset({struck_guest.code}),
    )


def old_text(folder: Path) -> Mess:
    """A text file of old Windows inside a zip file: cp932, line breaks in cells, kanji that cp932 has not left out."""
    path = folder / "09 古いCSV.zip"
    guests = [guest for guest in GUESTS if "𠮷" not in guest.name]
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(["顧客台帳"])
    writer.writerow([])
    writer.writerow(HEADINGS)
    for guest in guests:
        row = plain(guest)
        row[6] = guest.address.replace("架空町", "\n架空町")
        writer.writerow(row)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as package:
        package.writestr("meibo.csv", text.getvalue().encode("cp932"))
    return Mess(path, guests=guests)


def pages(folder: Path) -> Mess:
    """Headings printed again on every page, running numbers far below the last guest, a sample row."""
    path = folder / "10 番号だけの行.xlsx"
    with xlsxwriter.Workbook(str(path)) as book:
        sheet = book.add_worksheet("名簿")
        sheet.write_row(0, 0, ["No.", *HEADINGS])
        sheet.write_row(1, 0, ["例", "K0000", "見本 太郎", "ミホン タロウ"])
        at = 2
        for number, guest in enumerate(GUESTS, start=1):
            sheet.write_row(at, 0, [number, *plain(guest)])
            at += 1
            if number % 10 == 0:
                sheet.write_row(at, 0, ["No.", *HEADINGS])
                at += 1
        for number in range(25, 41):
            sheet.write(at, 0, number)
            at += 1
    return Mess(path, left_out={"sample": 1, "repeated headings": 2, "numbered": 16})


def wide_text(folder: Path) -> Mess:
    """Text parted by tabs in UTF-16 without a mark, as an old export writes it, with semicolons and commas in cells."""
    path = folder / "11 タブ区切り.txt"
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter="\t")
    writer.writerow(HEADINGS)
    writer.writerows(map(plain, GUESTS))
    path.write_bytes(text.getvalue().encode("utf-16-le"))
    return Mess(path)


def raw_and_protected(folder: Path) -> Mess:
    """XML as another program writes it (prefixes, inline and rich texts, no references), protected by a password."""
    path = folder / "12 保護されたブック.xlsx"
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    relations = "http://schemas.openxmlformats.org/package/2006/relationships"
    types = "application/vnd.openxmlformats-officedocument.spreadsheetml"

    def cell(value: Any) -> str:
        text = str(value)
        half = len(text) // 2
        inner = f"<x:r><x:t xml:space='preserve'>{text[:half]}</x:t></x:r><x:r><x:t xml:space='preserve'>{text[half:]}</x:t></x:r>"
        return f"<x:c t='inlineStr'><x:is>{inner}</x:is></x:c>" if text else "<x:c/>"

    rows = "".join(f"<x:row>{''.join(map(cell, row))}</x:row>" for row in [HEADINGS, *map(plain, GUESTS)])
    content = io.BytesIO()
    # Not compressed: msoffcrypto writes streams under 4 kB wrongly.
    with zipfile.ZipFile(content, "w") as package:
        package.writestr(
            "[Content_Types].xml",
            '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
            '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
            f'<Override PartName="/xl/workbook.xml" ContentType="{types}.sheet.main+xml"/>'
            f'<Override PartName="/xl/worksheets/a.xml" ContentType="{types}.worksheet+xml"/></Types>',
        )
        package.writestr(
            "_rels/.rels",
            f'<Relationships xmlns="{relations}"><Relationship Id="a" Type="{office}/officeDocument" '
            'Target="xl/workbook.xml"/></Relationships>',
        )
        package.writestr(
            "xl/workbook.xml",
            f'<x:workbook xmlns:x="{main}" xmlns:r="{office}"><x:sheets><x:sheet name="名簿" sheetId="1" r:id="b"/>'
            "</x:sheets></x:workbook>",
        )
        package.writestr(
            "xl/_rels/workbook.xml.rels",
            f'<Relationships xmlns="{relations}"><Relationship Id="b" Type="{office}/worksheet" '
            'Target="worksheets/a.xml"/></Relationships>',
        )
        package.writestr(
            "xl/worksheets/a.xml", f'<x:worksheet xmlns:x="{main}"><x:sheetData>{rows}</x:sheetData></x:worksheet>'
        )
    content.seek(0)
    with path.open("wb") as file:
        OOXMLFile(content).encrypt("秘密の花園", file)
    return Mess(path, password="秘密の花園")


STYLES: Final[dict[str, Callable[[Path], Mess]]] = {
    write.__name__: write
    for write in (
        titles_and_sums, headings_of_three_rows, sheets_by_year, several_tables, numbers_and_eras, words_around_names,
        as_above, marks, old_text, pages, wide_text, raw_and_protected,
    )
}  # fmt: skip
