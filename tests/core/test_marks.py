"""What stands beside the values of a sheet: colours, comments, readings, what is hidden, pictures."""

import io
import struct
import zipfile
import zlib

import pytest
import xlsxwriter
from django.utils import translation

from crm_project.core.tables import TableError, inspect_file, read_table

PHONETIC = '<rPh sb="0" eb="2"><t>ハナヤマ</t></rPh><rPh sb="3" eb="5"><t>イチロウ</t></rPh><phoneticPr fontId="1"/>'


@pytest.fixture(autouse=True)
def _english():
    with translation.override("en"):
        yield


def png():
    """A picture of one pixel."""

    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", 1, 1, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"\0\xff\0\0")) + chunk(b"IEND", b"")
    )


def changed(path, changes):
    """The package with texts of its parts replaced: part -> [(old, new)]; (None, content) adds the part."""
    with zipfile.ZipFile(path) as package:
        parts = {name: package.read(name) for name in package.namelist()}
    for part, replacements in changes.items():
        for old, new in replacements:
            if old is None:
                parts[part] = new.encode()
                continue
            assert old.encode() in parts[part], (part, old)
            parts[part] = parts[part].replace(old.encode(), new.encode())
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as package:
        for name, content in parts.items():
            package.writestr(name, content)
    return path


def marked(path):
    """A ledger with everything that people do beside writing values."""
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet("名簿")
        sheet.write_row(0, 0, ["番号", "氏名", "電話番号", "備考"], book.add_format({"bold": True}))
        yellow, red = book.add_format({"bg_color": "#FFFF00"}), book.add_format({"font_color": "#FF0000"})
        struck = book.add_format({"font_strikeout": True})
        sheet.write_row(1, 0, [1, "花山 一郎", "03-1111-2222", "甘党"], yellow)
        sheet.write_row(2, 0, [2, "月野 二郎", "03-3333-4444"])
        sheet.write(2, 1, "月野 二郎", red)
        sheet.write_row(3, 0, [3, "星川 三郎", "03-5555-6666"], struck)
        sheet.write_row(4, 0, [4, "雪村 四郎", "", "x"])
        sheet.write_row(5, 0, [5, "風見 五郎", "", "x"])
        sheet.write_comment("B2", "窓際の席を好む", {"author": "女将"})
        sheet.write_comment("C3", "女将:\n昼のみ", {"author": "女将"})
        sheet.set_row(4, None, None, {"hidden": True})
        sheet.set_column("D:D", None, None, {"hidden": True})
        sheet.insert_image("F2", "stamp.png", {"image_data": io.BytesIO(png()), "description": "印"})
        sheet.insert_textbox("F9", "要確認")
        sheet.write_formula("E2", "=1/0", None, "#DIV/0!")
    return changed(
        path,
        {
            "xl/sharedStrings.xml": [("<si><t>花山 一郎</t></si>", f"<si><t>花山 一郎</t>{PHONETIC}</si>")],
            "xl/worksheets/sheet1.xml": [('<row r="1"', '<row r="1" ')],
        },
    )


def marks_of(path):
    return inspect_file(path).as_json()["sheets"][0]


def test_colours_and_strike_through_are_named_with_their_rows(tmp_path):
    found = {one["mark"]: one for one in marks_of(marked(tmp_path / "a.xlsx"))["marks"]}
    assert found["fill:FFFF00"] == {"mark": "fill:FFFF00", "cells": 4, "rows": [2]}
    assert found["font:FF0000"] == {"mark": "font:FF0000", "cells": 1, "rows": []}  # one cell of three
    assert found["strike"] == {"mark": "strike", "cells": 3, "rows": [4]}
    with read_table(tmp_path / "a.xlsx") as table:
        assert table.marks.of_row(3, 1) == ["font:FF0000"]


def test_comments_readings_errors_and_pictures_are_named(tmp_path):
    found = marks_of(marked(tmp_path / "a.xlsx"))
    assert found["comments"] == [{"cell": "B2", "text": "窓際の席を好む"}, {"cell": "C3", "text": "昼のみ"}]
    assert found["reading_samples"] == [{"cell": "B2", "reading": "ハナヤマ イチロウ"}]
    assert found["pictures"] == [
        {"kind": "picture", "cell": "F2", "name": "印", "text": ""},
        {"kind": "shape", "cell": "F9", "name": "TextBox 2", "text": "要確認"},
    ]
    assert found["formula_errors"] == [{"cell": "E2", "error": "#DIV/0!"}]
    assert (found["hidden_rows"], found["hidden_columns"]) == ([5], ["D"])


def test_what_is_hidden_comes_in_only_when_it_is_wished(tmp_path):
    path = marked(tmp_path / "a.xlsx")
    with read_table(path, as_ledger=True, with_hidden=False) as table:
        rows = list(table)
    assert [cells[1] for _number, cells in rows] == ["花山 一郎", "月野 二郎", "星川 三郎", "風見 五郎"]
    assert {cells[3] for _number, cells in rows} == {""}
    assert (table.left_out_counts, table.hidden_headings, table.blank_rows) == ({"hidden": 1}, ["備考"], 0)
    assert table.left_out[0].text == ""  # named, not shown
    assert len(list(read_table(path, as_ledger=True))) == 5
    assert inspect_file(path).as_json()["tables"][0]["hidden_data_rows"] == 1


def test_rows_hidden_by_a_filter_are_told_apart(tmp_path):
    path = tmp_path / "a.xlsx"
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet()
        sheet.write_column(0, 0, ["氏名", "花山", "月野", "星川"])
        sheet.write_column(0, 1, ["ランク", "A", "B", "A"])
        sheet.autofilter("A1:B4")
        sheet.filter_column("B", "x == A")
        sheet.set_row(2, None, None, {"hidden": True})
    found = marks_of(path)
    assert (found["filters"], found["filtered_rows"], found["hidden_rows"]) == (["A1:B4"], [3], [])
    with read_table(path, as_ledger=True, with_hidden=False) as table:
        assert [cells[0] for _number, cells in table] == ["花山", "星川"]


@pytest.mark.parametrize(
    ("text", "runs", "reading"),
    [
        ("さとう 花子", '<rPh sb="4" eb="6"><t>ハナコ</t></rPh>', "さとう ハナコ"),
        ("𠮷田 花子", '<rPh sb="0" eb="3"><t>ヨシダ</t></rPh><rPh sb="4" eb="6"><t>ハナコ</t></rPh>', "ヨシダ ハナコ"),
        ("花山　一郎", '<rPh sb="0" eb="2"><t>ハナヤマ</t></rPh>', ""),  # half a reading is none
        ("花山", '<rPh sb="0" eb="9"><t>ハナヤマ</t></rPh>', ""),
        ("花山", '<rPh sb="x" eb="2"><t>ハナヤマ</t></rPh>', ""),
    ],
)
def test_a_reading_is_put_together_from_its_runs(tmp_path, text, runs, reading):
    path = tmp_path / "a.xlsx"
    with xlsxwriter.Workbook(path) as book:
        book.add_worksheet().write_column(0, 0, ["氏名", text])
    changed(path, {"xl/sharedStrings.xml": [(f"<t>{text}</t>", f"<t>{text}</t>{runs}")]})
    with read_table(path) as table:
        assert list(table.marks.readings.values()) == ([reading] if reading else [])
        assert list(table) == [(2, [text])]


def test_readings_of_inline_texts_and_colours_of_the_theme(tmp_path):
    path = tmp_path / "a.xlsx"
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet()
        sheet.write_column(0, 0, ["氏名", "花山"])
        sheet.write(1, 0, "花山", book.add_format({"bg_color": "#FFFF00"}))
    inline = '<is><t>花山</t><rPh sb="0" eb="2"><t>はなやま</t></rPh></is>'
    changed(
        path,
        {
            "xl/worksheets/sheet1.xml": [('t="s"><v>1</v>', f't="inlineStr">{inline}')],
            "xl/styles.xml": [('<fgColor rgb="FFFFFF00"/>', '<fgColor theme="5" tint="0.4"/>')],
        },
    )
    with read_table(path) as table:
        assert list(table.marks.readings.values()) == ["はなやま"]
        assert list(table) == [(2, ["花山"])]
        assert table.marks.of_row(2) == ["fill:D99694"]


def test_threaded_comments_take_the_place_of_their_boilerplate(tmp_path):
    path = tmp_path / "a.xlsx"
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet()
        sheet.write_column(0, 0, ["氏名", "花山"])
        sheet.write_comment("A2", "[Threaded comment]\n\nYour version of Excel allows you to read this")
    thread = (
        '<ThreadedComments xmlns="http://schemas.microsoft.com/office/spreadsheetml/2018/threadedcomments">'
        '<threadedComment ref="A2" id="{1}"><text>左利き</text></threadedComment>'
        '<threadedComment ref="A2" id="{2}" parentId="{1}"><text>確認済み</text></threadedComment></ThreadedComments>'
    )
    changed(
        path,
        {
            "xl/threadedComments/threadedComment1.xml": [(None, thread)],
            "xl/worksheets/_rels/sheet1.xml.rels": [
                (
                    "</Relationships>",
                    '<Relationship Id="rId9" Type="http://schemas.microsoft.com/office/2017/10/relationships/threadedComment" '
                    'Target="../threadedComments/threadedComment1.xml"/></Relationships>',
                )
            ],
        },
    )
    assert marks_of(path)["comments"] == [{"cell": "A2", "text": "左利き\n確認済み"}]


@pytest.mark.parametrize("part", ["xl/comments1.xml", "xl/styles.xml", "xl/drawings/drawing1.xml"])
def test_entities_are_never_expanded(tmp_path, part):
    path = marked(tmp_path / "a.xlsx")
    bomb = '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;">]><'
    with zipfile.ZipFile(path) as package:
        head = package.read(part).decode().index("<", 5)
        text = package.read(part).decode()
    changed(path, {part: [(text, text[:head] + bomb + text[head + 1 :])]})
    with pytest.raises(TableError, match="is damaged"):
        inspect_file(path)


def test_formats_without_marks_have_none(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("氏名\n花山\n")
    with read_table(path) as table:
        assert (table.signs, table.marks.by_row) == (frozenset(), {})
