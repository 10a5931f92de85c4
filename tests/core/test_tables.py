"""Workbooks and text files read as they stand, and refused with one sentence when they cannot be."""

import datetime
import gzip
import io
import lzma
import zipfile

import pytest
import xlsxwriter
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import translation
from msoffcrypto.format.ooxml import OOXMLFile

from crm_project.core.tables import Limits, PasswordNeeded, TableError, read_table
from crm_project.core.tables.profiles import kind_of

HEADINGS = ["会員番号", "氏名", "電話番号", "登録日"]


@pytest.fixture(autouse=True)
def _english():
    with translation.override("en"):
        yield


def workbook(path, sheets, **options):
    """A real workbook: sheet name -> rows; None leaves a cell out."""
    with xlsxwriter.Workbook(path, options) as book:
        day = book.add_format({"num_format": "yyyy/mm/dd"})
        for name, rows in sheets.items():
            sheet = book.add_worksheet(name)
            for at, row in enumerate(rows):
                for column, value in enumerate(row):
                    if isinstance(value, datetime.date):
                        sheet.write_datetime(at, column, value, day)
                    elif value is not None:
                        sheet.write(at, column, value)
    return path


def raw_workbook(path, rows="", strings="", prolog=""):
    """A workbook written by hand, for what no writer writes."""
    main = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    relations = "http://schemas.openxmlformats.org/package/2006/relationships"
    types = "application/vnd.openxmlformats-officedocument.spreadsheetml"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as package:
        package.writestr(
            "[Content_Types].xml",
            '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
            f'<Override PartName="/xl/workbook.xml" ContentType="{types}.sheet.main+xml"/></Types>',
        )
        package.writestr(
            "_rels/.rels",
            f'<Relationships xmlns="{relations}"><Relationship Id="a" Type="{office}/officeDocument" Target="xl/workbook.xml"/>'
            "</Relationships>",
        )
        package.writestr(
            "xl/workbook.xml",
            f'<workbook {main} xmlns:r="{office}"><sheets><sheet name="名簿" sheetId="1" r:id="b"/></sheets></workbook>',
        )
        package.writestr(
            "xl/_rels/workbook.xml.rels",
            f'<Relationships xmlns="{relations}"><Relationship Id="b" Type="{office}/worksheet" Target="worksheets/sheet1.xml"/>'
            f'<Relationship Id="c" Type="{office}/sharedStrings" Target="sharedStrings.xml"/></Relationships>',
        )
        package.writestr("xl/sharedStrings.xml", f"{prolog}<sst {main}>{strings}</sst>")
        package.writestr(
            "xl/worksheets/sheet1.xml", f"{prolog}<worksheet {main}><sheetData>{rows}</sheetData></worksheet>"
        )
    return path


def cell(reference, value="1"):
    return f'<c r="{reference}"><v>{value}</v></c>'


def problem(source, **options):
    with pytest.raises(TableError) as caught, read_table(source, **options) as table:
        list(table)
    return str(caught.value)


# --- workbooks --------------------------------------------------------------------------------------------------------


def test_cells_of_a_workbook_stay_as_they_are(tmp_path):
    rows = [
        HEADINGS,
        ["0012", "髙橋　一郎", "0312345678", datetime.date(2026, 10, 3)],
        [13085, "NA", 312345678, None],
        ["A-1", "", 12.5, "R8.10.3"],
    ]
    with read_table(workbook(tmp_path / "a.xlsx", {"名簿": rows})) as table:
        assert (table.kind, table.sheet, table.headings, table.header_row) == ("xlsx", "名簿", tuple(HEADINGS), 1)
        assert list(table) == [
            (2, ["0012", "髙橋　一郎", "0312345678", datetime.date(2026, 10, 3)]),
            (3, [13085.0, "NA", 312345678.0, ""]),
            (4, ["A-1", "", 12.5, "R8.10.3"]),
        ]
    assert (table.rows_read, table.blank_rows) == (3, 0)


def test_blank_rows_of_the_used_range_are_counted_and_left_out(tmp_path):
    path = tmp_path / "a.xlsx"
    with xlsxwriter.Workbook(path) as book:
        sheet, framed = book.add_worksheet(), book.add_format({"border": 1})
        sheet.write_row(0, 0, HEADINGS)
        sheet.write_row(1, 0, ["1", "花山"])
        sheet.write_row(3, 0, ["　", "  "])
        sheet.write_row(4, 0, ["2", "月野"])
        for at in range(5, 9):
            sheet.write_blank(at, 0, None, framed)
    with read_table(path) as table:
        assert [number for number, _cells in table] == [2, 5]
    assert (table.rows_read, table.blank_rows) == (2, 6)


def test_a_table_formatted_down_to_the_last_row_of_excel_is_read(tmp_path):
    rows = f'<row r="1">{cell("A1")}<c r="XFD1" s="1"/></row><row r="2">{cell("A2")}</row><row r="1048576"><c r="XFD1048576" s="1"/></row>'
    with read_table(raw_workbook(tmp_path / "a.xlsx", rows)) as table:
        assert list(table) == [(2, [1.0])]
    assert table.blank_rows == 1_048_574


def test_readings_that_excel_keeps_beside_a_text_are_not_part_of_it(tmp_path):
    strings = (
        '<si><t>東京都</t><rPh sb="0" eb="3"><t>トウキョウト</t></rPh></si><si><r><t>花</t></r><r><t>山</t></r></si>'
    )
    rows = '<row r="1"><c r="A1" t="s"><v>0</v></c><c r="B1" t="s"><v>1</v></c></row>'
    with read_table(raw_workbook(tmp_path / "a.xlsx", rows, strings)) as table:
        assert table.headings == ("東京都", "花山")


def test_a_cell_merged_over_rows_holds_for_each_of_them(tmp_path):
    path = tmp_path / "a.xlsx"
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 1, ["会社名", "氏名"])
        sheet.merge_range(1, 1, 3, 1, "花山商事")
        sheet.write_row(1, 2, ["一郎"])
        sheet.write_row(3, 2, ["二郎"])
        sheet.write_row(4, 2, ["三郎"])
    with read_table(path) as table:
        assert list(table) == [(2, ["花山商事", "一郎"]), (4, ["花山商事", "二郎"]), (5, ["", "三郎"])]


@pytest.mark.parametrize(
    "rows",
    ["<row><c><v>1</v></c><c><v>2</v></c></row>", "<row r='1'><c r = 'A1'><v>1</v></c><c\nr='B1'><v>2</v></c></row>"],
)
def test_unusual_but_valid_xml_is_read(tmp_path, rows):
    with read_table(raw_workbook(tmp_path / "a.xlsx", rows + rows.replace("1'", "2'"))) as table:
        assert list(table) == [(2, [1.0, 2.0])]


def test_the_first_visible_sheet_is_read_or_the_one_that_is_named(tmp_path):
    path = tmp_path / "a.xlsx"
    with xlsxwriter.Workbook(path) as book:
        hidden, shown, other = (book.add_worksheet(name) for name in ("隠し", "名簿", "退会"))
        for sheet, value in ((hidden, "x"), (shown, "y"), (other, "z")):
            sheet.write_column(0, 0, ["氏名", value])
        shown.activate()
        shown.set_first_sheet()
        hidden.hide()
    assert list(read_table(path)) == [(2, ["y"])]
    assert list(read_table(path, sheet="退会")) == [(2, ["z"])]
    assert "has no sheet “在籍”; it has: 名簿, 退会" in problem(path, sheet="在籍")


def test_an_upload_is_read_like_a_file(tmp_path):
    content = workbook(tmp_path / "a.xlsx", {"名簿": [HEADINGS, ["1", "花山", "", ""]]}).read_bytes()
    upload = SimpleUploadedFile("台帳.xlsx", content)
    with read_table(upload) as table:
        assert (table.name, len(list(table))) == ("台帳.xlsx", 1)
    assert list(read_table(io.BytesIO(content), name="名もない")) == [(2, ["1", "花山", "", ""])]


def test_the_content_counts_and_not_the_name(tmp_path):
    path = workbook(tmp_path / "a.csv", {"名簿": [HEADINGS, ["1", "花山", "", ""]]})
    assert read_table(path).kind == "xlsx"


# --- headings ---------------------------------------------------------------------------------------------------------

TITLES = [["会員名簿"], [], ["作成", "2026-10-03"], ["会員 番号", "氏名", "ＴＥＬ", "備考"], ["1", "花山", "03", "x"]]


@pytest.mark.parametrize("wanted", [[("会員番号",), ("TEL", "電話番号")], [], [("見出し",), ("ない",), ("もの",)]])
def test_the_heading_row_is_found_below_titles(tmp_path, wanted):
    with read_table(workbook(tmp_path / "a.xlsx", {"名簿": TITLES}), wanted=wanted) as table:
        assert table.header_row == 4
        assert list(table) == [(5, ["1", "花山", "03", "x"])]


def test_the_heading_row_can_be_named(tmp_path):
    path = workbook(tmp_path / "a.xlsx", {"名簿": TITLES})
    with read_table(path, header_row=3) as table:
        assert table.headings == ("作成", "2026-10-03")
    assert "is empty" in problem(path, header_row=2)


def test_a_row_with_more_of_the_wanted_headings_wins(tmp_path):
    rows = [["氏名", "x", "y", "z"], HEADINGS, ["1", "花山", "03", ""]]
    path = workbook(tmp_path / "a.xlsx", {"名簿": rows})
    assert read_table(path, wanted=[(heading,) for heading in HEADINGS]).header_row == 2


# --- text -------------------------------------------------------------------------------------------------------------

TEXT = '会員番号,氏名,備考\r\n0012,髙橋①,"二行の\n備考"\r\n\r\n,,\r\n13,﨑山,\r\n'


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp932", "utf-16", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("pack", [bytes, lzma.compress, gzip.compress])
def test_text_is_read_in_the_encodings_of_japan(tmp_path, encoding, pack):
    path = tmp_path / "a.csv"
    path.write_bytes(pack(TEXT.encode(encoding)))
    with read_table(path) as table:
        assert list(table) == [(2, ["0012", "髙橋①", "二行の\n備考"]), (5, ["13", "﨑山", ""])]
    assert (table.kind, table.rows_read, table.blank_rows) == ("csv", 2, 2)


@pytest.mark.parametrize("delimiter", [",", "\t", ";"])
def test_the_delimiter_is_told_by_the_content(tmp_path, delimiter):
    path = tmp_path / "a.csv"
    path.write_text(f"氏名{delimiter}備考\n花山{delimiter}\n")
    table = read_table(path)
    assert table.delimiter == delimiter
    assert list(table) == [(2, ["花山", ""])]


def test_short_and_long_rows_keep_their_cells(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("a,b,c\n1\n1,2,3,4\n")
    assert list(read_table(path)) == [(2, ["1", "", ""]), (3, ["1", "2", "3", "4"])]


def test_line_ends_of_old_machines_are_read(tmp_path):
    path = tmp_path / "a.csv"
    path.write_bytes(b"a,b\r1,2\r3,4")
    assert list(read_table(path)) == [(2, ["1", "2"]), (3, ["3", "4"])]


def test_the_encoding_is_decided_by_the_first_character_that_tells(tmp_path):
    path = tmp_path / "a.csv"
    ascii_part = "id,name\n" + "1,plain\n" * 80_000
    path.write_bytes(ascii_part.encode() + "2,髙橋\n".encode("cp932"))
    with read_table(path) as table:
        rows = list(table)
    assert (len(rows), rows[-1], table.rows_read) == (80_001, (80_002, ["2", "髙橋"]), 80_001)


def test_only_headings_are_a_table_without_rows(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("a,b\n")
    assert list(read_table(path)) == []


# --- what is refused --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("content", [b"a,b\n1,2\n", b"<html><table>", b"%PDF-1.7", b"\xd0\xcf\x11\xe0" + bytes(2000)])
@pytest.mark.parametrize("suffix", [".xlsx", ".xls"])
def test_what_is_only_named_excel(tmp_path, content, suffix):
    path = tmp_path / f"台帳{suffix}"
    path.write_bytes(content)
    assert problem(path) == (
        f"“台帳{suffix}” is named {suffix} but is not an Excel workbook: save it again as Excel, or name it .csv if it is text"
    )


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "is empty"),
        (b"\xef\xbb\xbf", "is empty"),
        (b"\n\n", "is empty"),
        (b" , \n", "is empty"),
        (b"%PDF-1.7", "neither an Excel workbook nor a CSV file"),
        (b"a,b\n1,\0\n", "neither an Excel workbook nor a CSV file"),
        (b"a,\0b\n1,\0\n", "neither an Excel workbook nor a CSV file"),
        (b" <!DOCTYPE html><table>", "is a web page"),
        (bytes(range(128, 256)), "not text in UTF-8 or Shift_JIS"),
        ("氏名\n".encode() * 60_000 + b"\xff\n", "not text in UTF-8 or Shift_JIS"),
        (b'a,b\n1,2\n3,"4\n5,6\n', "behind row 2: a quotation mark is missing"),
        (b'a,b\n1,"' + b"x" * 200_000 + b'"\n', "behind row 1"),
        (lzma.compress(b"a,b\n1,2\n")[:-8], "is damaged"),
        (gzip.compress(b"a,b\n1,2\n")[:-4], "is damaged"),
        (b"\x1f\x8bnothing", "is damaged"),
    ],
)  # fmt: skip
def test_text_that_cannot_be_used_says_why(tmp_path, content, reason):
    path = tmp_path / "a.csv"
    path.write_bytes(content)
    assert reason in problem(path)


def test_an_empty_sheet_is_named(tmp_path):
    path = workbook(tmp_path / "a.xlsx", {"名簿": [], "退会": [["氏名"]]})
    assert problem(path) == "the sheet “名簿” of “a.xlsx” is empty; the others are: 退会"
    assert problem(workbook(tmp_path / "b.xlsx", {"名簿": []})) == "the sheet “名簿” of “b.xlsx” is empty"


def protected(path, password="秘密"):
    plain = workbook(path.with_suffix(".plain.xlsx"), {"名簿": [HEADINGS, ["1", "花山", "", ""]]})
    with plain.open("rb") as content, path.open("wb") as encrypted:
        OOXMLFile(content).encrypt(password, encrypted)
    return path


def test_a_protected_workbook_is_read_with_its_password(tmp_path):
    path = protected(tmp_path / "b.xlsx")
    assert problem(path) == "“b.xlsx” is protected by a password: type the password too"
    assert problem(path, password="秘蜜") == "“b.xlsx” does not open with this password: type it again"
    assert list(read_table(path, password="秘密")) == [(2, ["1", "花山", "", ""])]
    with pytest.raises(PasswordNeeded):
        read_table(path)


def test_a_workbook_protected_against_changes_only_needs_no_password(tmp_path):
    assert len(list(read_table(protected(tmp_path / "b.xlsx", "VelvetSweatshop")))) == 1


def test_a_protected_workbook_that_wants_endless_work_is_damaged(tmp_path):
    path = protected(tmp_path / "b.xlsx")
    content = path.read_bytes()
    assert b'spinCount="100000" ' in content
    path.write_bytes(content.replace(b'spinCount="100000" ', b'spinCount="9999999"'))
    assert "is damaged" in problem(path, password="秘密")


def test_a_protected_workbook_may_be_packed(tmp_path):
    path = tmp_path / "b.xlsx.gz"
    path.write_bytes(gzip.compress(protected(tmp_path / "b.xlsx").read_bytes()))
    with read_table(path, password="秘密") as table:
        assert (table.name, len(list(table))) == ("b.xlsx", 1)


def zipped(path, files):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return path


def test_a_zip_of_one_file_is_that_file(tmp_path):
    book = workbook(tmp_path / "a.xlsx", {"名簿": [HEADINGS, ["1", "花山", "", ""]]}).read_bytes()
    path = zipped(tmp_path / "a.zip", {"台帳/": b"", "台帳/guests.xlsx": book, "__MACOSX/台帳/._guests.xlsx": b"x"})
    with read_table(path) as table:
        assert (table.name, table.kind, len(list(table))) == ("guests.xlsx", "xlsx", 1)
    path = zipped(tmp_path / "b.zip", {"guests.csv": "氏名,備考\n花山,\n".encode("cp932")})
    with read_table(path) as table:
        assert (table.name, table.encoding, list(table)) == ("guests.csv", "cp932", [(2, ["花山", ""])])


def test_a_zip_of_several_files_names_them(tmp_path):
    path = zipped(tmp_path / "a.zip", {"a.csv": "a,b", "b.csv": "c,d"})
    assert problem(path) == "“a.zip” holds 2 files (a.csv, b.csv): unpack it and bring the one that is meant"
    assert problem(zipped(tmp_path / "b.zip", {"__MACOSX/x": ""})) == "“b.zip” holds no file"


def test_packed_workbooks_keep_the_limit(tmp_path):
    path = tmp_path / "a.csv.xz"
    path.write_bytes(lzma.compress(b"PK\x03\x04" + bytes(3 * 1024**2)))
    assert "unpacks to more than 1 MB" in problem(path, limits=Limits(file_bytes=1024**2))


def test_a_damaged_workbook_is_refused(tmp_path):
    content = workbook(tmp_path / "a.xlsx", {"名簿": [HEADINGS, *[["1", "花山", "2", "3"]] * 200]}).read_bytes()
    for broken in (content[:1500], content[:-300], content[:900] + bytes(400) + content[1300:]):
        (tmp_path / "b.xlsx").write_bytes(broken)
        assert "is damaged" in problem(tmp_path / "b.xlsx")


def test_other_packages_are_no_workbooks(tmp_path):
    for part, reason in (
        ("word/document.xml", "not an Excel workbook"),
        ("content.xml", "save it as .xlsx"),
        ("xl/workbook.bin", "save it as .xlsx"),
    ):
        with zipfile.ZipFile(tmp_path / "a.xlsx", "w") as package:
            package.writestr(part, "x")
        assert reason in problem(tmp_path / "a.xlsx")


def test_a_file_over_the_limit_is_refused(tmp_path):
    path = tmp_path / "a.csv"
    path.write_bytes(b"a,b\n" + b"1,2\n" * 600_000)
    assert problem(path, limits=Limits(file_bytes=1024**2)) == "“a.csv” is too large: 3 MB, the limit is 1 MB"


def test_a_zip_bomb_is_not_opened(tmp_path):
    path = raw_workbook(tmp_path / "a.xlsx", f'<row r="1">{cell("A1")}</row>')
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as package, package.open("xl/media/image1.png", "w") as part:
        for _part in range(80):
            part.write(bytes(1024**2))
    assert "unpacks to far more than its size" in problem(path)
    assert "unpacks to far more than its size" in problem(path, limits=Limits(inflated_bytes=1024**2, ratio=10**9))


def test_a_compressed_text_without_end_is_stopped(tmp_path):
    path = tmp_path / "a.csv.xz"
    path.write_bytes(lzma.compress(b"a,b\n" + b"1,2\n" * 1_000_000))
    assert "unpacks to more than 1 MB" in problem(path, limits=Limits(inflated_bytes=1024**2))


def test_a_directory_that_lies_about_sizes_is_damaged(tmp_path):
    path = raw_workbook(tmp_path / "a.xlsx", f'<row r="1">{cell("A1")}</row>' * 1 + " " * 5000)
    content = path.read_bytes()
    with zipfile.ZipFile(path) as package:
        size = package.getinfo("xl/worksheets/sheet1.xml").file_size
    path.write_bytes(content.replace(size.to_bytes(4, "little"), (100).to_bytes(4, "little")))
    assert "is damaged" in problem(path)


def test_one_endless_text_is_a_bomb(tmp_path):
    path = raw_workbook(
        tmp_path / "a.xlsx", '<row r="1"><c r="A1" t="s"><v>0</v></c></row>', f"<si><t>{'x' * 1_200_000}</t></si>"
    )
    assert "unpacks to far more" in problem(path)


def test_entities_are_not_expanded(tmp_path):
    rows = '<row r="1"><c r="A1" t="inlineStr"><is><t>&a;</t></is></c></row>'
    path = raw_workbook(tmp_path / "a.xlsx", rows, prolog='<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa">]>')
    assert "is damaged" in problem(path)


@pytest.mark.parametrize(
    ("rows", "reason"),
    [
        (f'<row r="1">{cell("A1")}</row><row r="1048576">{cell("XFD1048576")}</row>', "far to the right, in XFD1048576"),
        (f'<row r="1">{cell("A1")}{cell("ZZ1")}</row>', "far to the right, in ZZ1"),
        ("<row r='1'><c\tr = 'AAA1'><v>1</v></c></row>", "far to the right, in AAA1"),
        (f'<row r="1">{cell("A1")}{cell("BA1")}{cell("ZZ1")}</row>', "far to the right, in ZZ1"),
        (f'<row r="1">{cell("A1")}{cell("BA1")}</row><row r="2">{cell("AAA2")}</row>', "far to the right, in AAA2"),
        (f'<row r="1">{cell("BA1")}{cell("BB1048576")}</row>', "values down to row 1048576"),
        (f'<row r="1">{cell("A1")}</row><row r="1048576">{cell("B1048576")}</row>', "values down to row 1048576"),
        (f'<row r="1">{cell("A1")}{cell("A1048576")}</row>', "values down to row 1048576"),
        (f'<row r="1">{cell("A1048576")}{cell("A1")}</row>', "is damaged"),
        (f'<row r="1048576">{cell("CV1048576")}</row><row r="1">{cell("A1")}</row>', "is damaged"),
    ],
)  # fmt: skip
def test_a_value_at_the_far_end_is_refused_before_memory_is_asked_for(tmp_path, rows, reason):
    assert reason in problem(raw_workbook(tmp_path / "a.xlsx", rows))


def test_a_file_that_is_not_there(tmp_path):
    assert problem(tmp_path / "a.csv") == "“a.csv” cannot be opened: No such file or directory"


@pytest.mark.parametrize(
    ("cell", "kind"),
    [
        ("34.86473", "number_text"), ("34.2", "number_text"), ("1-1", "text"), ("1-2-3", "text"), ("R10000", "text"), ("080-812-1111", "text"),
        ("4/1", "unread_date"), ("10/3/2026", "unread_date"), ("2026/2/30", "unread_date"), ("S63.2.30", "unread_date"), ("H29.9.4", "era_date"),
        ("平成29年", "unread_date"), ("H290904", "era_date"), ("S 63.4.1", "era_date"), ("㋿5.4.1", "era_date"),
    ],
)  # fmt: skip
def test_what_a_text_is(cell, kind):
    """A latitude, a house number and a booking's number are no days that nobody can read."""
    assert kind_of(cell)[0] == kind
