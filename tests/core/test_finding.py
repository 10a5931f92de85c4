"""Tables found among titles, remarks, sums, samples and other tables, as people lay out a ledger."""

import pytest
import xlsxwriter
from django.utils import translation

from crm_project.core.tables import TableError, inspect_file, read_table, row_place


@pytest.fixture(autouse=True)
def _english():
    with translation.override("en"):
        yield


def book(path, sheets):
    """A workbook: name -> rows; a cell ("merge", columns, rows, value) is merged to the right and down."""
    with xlsxwriter.Workbook(path) as workbook:
        for name, rows in sheets.items():
            sheet = workbook.add_worksheet(name)
            for at, row in enumerate(rows):
                for column, value in enumerate(row):
                    if isinstance(value, tuple):
                        _merge, columns, down, text = value
                        sheet.merge_range(at, column, at + down - 1, column + columns - 1, text)
                    elif value is not None:
                        sheet.write(at, column, value)
    return path


def ledger(path, **options):
    with read_table(path, as_ledger=True, **options) as table:
        return table, list(table)


def wide(columns, value):
    return ("merge", columns, 1, value)


def tall(rows, value):
    return ("merge", 1, rows, value)


GUESTS = [["1", "花山 一郎", "03-1111-2222", "甘党"], ["2", "月野 二郎", "03-3333-4444", ""]]


def test_headings_over_two_rows_with_merged_cells_are_joined(tmp_path):
    rows = [
        [wide(5, "顧客台帳（令和六年）")],
        ["※太枠内は必須"],
        [tall(2, "番号"), wide(2, "氏名"), None, wide(2, "連絡先")],
        [None, "漢字", "フリガナ", "電話番号", "住所"],
        [1, "花山 一郎", "ハナヤマ イチロウ", "03-1111-2222", "東京都港区1"],
        [2, "月野 二郎", "ツキノ ジロウ", "03-3333-4444", "東京都港区2"],
    ]
    table, found = ledger(book(tmp_path / "a.xlsx", {"名簿": rows}))
    assert table.headings == ("番号", "氏名 / 漢字", "氏名 / フリガナ", "連絡先 / 電話番号", "連絡先 / 住所")
    assert (table.first_heading_row, table.header_row, [number for number, _cells in found]) == (3, 4, [5, 6])
    assert [row for row, _text in table.titles] == [1, 2]


def test_headings_over_two_rows_without_merged_cells_are_joined(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text(
        "番号,氏名,連絡先,,備考\n,,電話番号,住所,\n1,花山,03-1111-2222,東京都,\n2,月野,03-3333-4444,,甘党\n"
    )
    table, found = ledger(path)
    assert table.headings == ("番号", "氏名", "連絡先 / 電話番号", "連絡先 / 住所", "備考")
    assert [number for number, _cells in found] == [3, 4]


def test_a_row_of_units_below_the_headings_is_no_data(tmp_path):
    rows = [
        ["氏名", "来店日", "人数", "金額"],
        ["", "", "(名)", "(円)"],
        ["花山", "R6.4.1", 4, 60000],
        ["月野", "R6.4.2", 2, 30000],
    ]
    table, found = ledger(book(tmp_path / "a.xlsx", {"名簿": rows}))
    assert table.headings == ("氏名", "来店日", "人数 / (名)", "金額 / (円)")
    assert len(found) == 2


@pytest.mark.parametrize(
    "above",
    [
        [["作成日", "2026-10-03", "作成者", "花山"]],
        [["顧客台帳", "本店", "令和6年度", "女将控え"], []],
        [["#lang", "ja"], ["#license", "CC BY"]],
        [["顧客台帳"], [], ["※ 太枠内は必須", "", "", "印刷日：R6.4.1"]],
    ],
)
def test_titles_and_remarks_above_are_no_headings(tmp_path, above):
    rows = [*above, ["会員番号", "氏名", "電話番号", "備考"], *GUESTS]
    table, found = ledger(book(tmp_path / "a.xlsx", {"名簿": rows}))
    assert table.headings == ("会員番号", "氏名", "電話番号", "備考")
    assert table.header_row == len(above) + 1
    assert len(found) == 2


def test_first_rows_of_texts_only_stay_data(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("氏名,会社名,備考\n花山 一郎,花山商事,甘党\n月野 二郎,,\n星川 三郎,星川屋,窓際\n")
    table, found = ledger(path)
    assert (table.header_row, len(found)) == (1, 3)


def test_empty_rows_and_columns_inside_a_table(tmp_path):
    rows = [
        ["番号", "", "氏名", "", "電話番号"],
        [],
        ["1", "", "花山", "", "03"],
        [],
        [],
        ["2", "", "月野", "", ""],
        [" ", "　"],
    ]
    table, found = ledger(book(tmp_path / "a.xlsx", {"名簿": rows}))
    assert table.headings == ("番号", "", "氏名", "", "電話番号")
    assert ([number for number, _cells in found], table.blank_rows) == ([3, 6], 4)


def test_sums_headings_again_numbers_samples_remarks_and_parts_are_named_and_left_out(tmp_path):
    headings = ["No.", "氏名", "来店日", "金額"]
    rows = [
        headings,
        ["例", "山田 太郎", "R6.4.1", 10000],
        ["■ 四月"],
        [1, "花山 一郎", "R6.4.1", 60000],
        [2, "合計 花子", "R6.4.2", 30000],  # a guest whose name begins like a sum
        ["", "小計", "", 90000],
        headings,
        [3, "月野 二郎", "R6.5.1", "12名"],
        ["四月計", "", "", "90,000円"],
        [4, "日本時計", "R6.5.2", ""],
        [5],
        [6],
        [],
        ["合　計", "", "3名", 180000],
        ["※ 金額は税込"],
    ]
    table, found = ledger(book(tmp_path / "a.xlsx", {"名簿": rows}))
    assert [cells[1] for _number, cells in found] == ["花山 一郎", "合計 花子", "月野 二郎", "日本時計"]
    assert table.left_out_counts == {
        "sample": 1, "section": 1, "subtotal": 3, "repeated headings": 1, "numbered": 2, "remark": 1,
    }  # fmt: skip
    assert [(one.row, one.kind) for one in table.left_out if one.kind == "subtotal"] == [
        (6, "subtotal"),
        (9, "subtotal"),
        (14, "subtotal"),
    ]
    assert table.blank_rows == 3  # two numbers without a guest, one empty row
    others = sum(count for kind, count in table.left_out_counts.items() if kind != "numbered")
    assert table.rows_read + table.blank_rows + others == len(rows) - 1


def test_a_code_without_anything_else_is_no_empty_number(tmp_path):
    table, found = ledger(
        book(tmp_path / "a.xlsx", {"名簿": [["会員番号", "氏名"], ["1", "花山"], ["2", ""], ["K-1", ""]]})
    )
    assert (len(found), table.left_out_counts) == (3, {})


def test_read_as_it_stands_nothing_is_left_out(tmp_path):
    path = book(tmp_path / "a.xlsx", {"名簿": [["No.", "氏名"], [1, "花山"], [2], ["", "合計"]]})
    assert [number for number, _cells in read_table(path)] == [2, 3, 4]


def test_two_tables_below_each_other(tmp_path):
    rows = [
        ["会員名簿"], ["番号", "氏名", "電話番号"], [1, "花山", "03-1111-2222"], [2, "月野", ""], [],
        ["予約一覧"], ["来店日", "人数", "部屋", "担当"], ["R6.4.1", 4, "松", "梅子"], ["R6.4.2", 2, "竹", ""],
    ]  # fmt: skip
    path = book(tmp_path / "a.xlsx", {"台帳": rows})
    table, found = ledger(path)
    assert ([number for number, _cells in found], table.others_follow, table.blank_rows) == ([3, 4], True, 1)
    second, found = ledger(path, sheet="台帳:2")
    assert (second.headings, [number for number, _cells in found]) == (("来店日", "人数", "部屋", "担当"), [8, 9])
    assert second.titles == [(6, "予約一覧")]
    assert [one.table.headings[0] for one in inspect_file(path).tables] == ["番号", "来店日"]
    with pytest.raises(TableError, match="has 2 tables, not 3"):
        read_table(path, sheet=":3", as_ledger=True)


def test_two_tables_below_each_other_in_a_text_file(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("番号,氏名,電話番号\n1,花山,03\n\n来店日,人数,部屋\nR6.4.1,4,松\n")
    assert [one["data_rows"] for one in inspect_file(path).as_json()["tables"]] == [1, 1]
    assert ledger(path, sheet=":2")[1] == [(5, ["R6.4.1", "4", "松"])]


def test_two_tables_side_by_side(tmp_path):
    rows = [
        ["番号", "氏名", "電話番号", "", "番号", "氏名", "電話番号"],
        [1, "花山", "03-1111-2222", "", 3, "星川", ""],
        [2, "月野", "", "", 4, "雪村", "03-5555-6666"],
    ]
    path = book(tmp_path / "a.xlsx", {"名簿": rows})
    table, found = ledger(path)
    assert (table.headings, [cells[1] for _number, cells in found]) == (("番号", "氏名", "電話番号"), ["花山", "月野"])
    second, found = ledger(path, sheet=":2")
    assert (second.first_column, [cells[1] for _number, cells in found]) == (4, ["星川", "雪村"])
    assert [one["range"] for one in inspect_file(path).as_json()["tables"]] == ["A1:C3", "E1:G3"]


def test_a_legend_beside_the_table_is_a_table_of_its_own(tmp_path):
    rows: list[list[object]] = [["番号", "氏名", "ランク", "", "記号", "意味"]]
    rows += [
        [at, f"花山 {at}郎", "A", *(["", "AB"[at - 1], "特別・普通".split("・")[at - 1]] if at < 3 else [])]
        for at in range(1, 8)
    ]
    table, found = ledger(book(tmp_path / "a.xlsx", {"名簿": rows}))
    assert (table.headings, len(found)) == (("番号", "氏名", "ランク"), 7)


def test_sheets_by_year_are_one_ledger_and_keep_their_names(tmp_path):
    sheets = {
        "入力例": [["氏名", "電話番号"], ["山田", "00"]],
        "2023年": [["氏名", "電話番号"], ["花山", "03"], ["小計", 1]],
        "2024年": [["台帳"], ["電話番号", "氏名"], ["04", "月野"]],
        "メモ": [["覚え書き"]],
    }
    path = book(tmp_path / "a.xlsx", sheets)
    table, found = ledger(path, sheet="*")
    assert table.headings == ("氏名", "電話番号", "シート名")
    assert [(row_place(number), cells) for number, cells in found] == [
        ((1, 2), ["花山", "03", "2023年"]),
        ((2, 3), ["月野", "04", "2024年"]),
    ]
    assert (table.rows_read, table.left_out_counts) == (2, {"subtotal": 1})
    assert ledger(path)[0].sheet == "2023年"  # samples are not what is meant
    assert inspect_file(path).same_headings == [["2023年", "2024年"]]


def test_wanted_headings_may_stand_in_one_of_several_rows_or_in_all_together(tmp_path):
    rows = [[tall(2, "番号"), wide(2, "連絡先")], [None, "電話", "住所"], [1, "03", "東京都"], [2, "06", "大阪府"]]
    path = book(tmp_path / "a.xlsx", {"名簿": rows})
    assert ledger(path, wanted=[("電話",), ("住所",)])[0].header_row == 2
    table, found = ledger(path, wanted=[("連絡先 / 電話",), ("番号",)])
    assert (table.headings, len(found)) == (("番号", "連絡先 / 電話", "連絡先 / 住所"), 2)


def test_cells_merged_down_hold_for_each_row(tmp_path):
    rows = [
        ["会社名", "氏名", "電話番号"],
        [tall(2, "花山商事"), "一郎", "03"],
        [None, "二郎", "04"],
        ["月野屋", "三郎", "05"],
    ]
    _table, found = ledger(book(tmp_path / "a.xlsx", {"名簿": rows}))
    assert [cells[0] for _number, cells in found] == ["花山商事", "花山商事", "月野屋"]


def test_a_long_ledger_keeps_its_last_row(tmp_path):
    path = tmp_path / "a.csv"
    lines = ["番号,氏名,電話番号", *(f"{at},,{at}" if at % 2 else f"{at},花山{at},\n" for at in range(1, 20001))]
    path.write_text("\n".join(lines))
    table, found = ledger(path)
    assert (len(found), table.blank_rows) == (20000, 9999)


def test_a_word_merged_down_beside_the_table_is_no_heading(tmp_path):
    rows = [[tall(3, "本店"), "番号", "氏名"], [None, 1, "花山"], [None, 2, "月野"]]
    table, found = ledger(book(tmp_path / "a.xlsx", {"名簿": rows}))
    assert (table.header_row, [cells[2] for _number, cells in found]) == (1, ["花山", "月野"])


def test_a_title_above_headings_again_is_the_title_of_a_part(tmp_path):
    rows = [
        ["氏名", "電話番号", "住所"],
        ["花山", "03", "東京都"],
        [],
        ["退会者"],
        ["氏名", "電話番号", "住所"],
        ["月野", "04", "大阪府"],
    ]
    table, found = ledger(book(tmp_path / "a.xlsx", {"名簿": rows}))
    assert [cells[0] for _number, cells in found] == ["花山", "月野"]
    assert table.left_out_counts == {"section": 1, "repeated headings": 1}


@pytest.mark.parametrize("label", ["営業部 計", "四月計", "小計（東京）", "総 合 計", "Sub-total", "累計", "平均"])
def test_words_of_sums(tmp_path, label):
    rows = [["部署", "氏名", "金額"], ["営業部", "花山", 100], [label, "", 100]]
    table, found = ledger(book(tmp_path / "a.xlsx", {"名簿": rows}))
    assert (len(found), table.left_out_counts) == (1, {"subtotal": 1})


def test_a_table_without_headings_loses_no_row(tmp_path):
    """Columns are called by their letters; what looks like headings, or stands alone, is as before."""
    rows = [[f"山田 太郎{n}", "604-8001", f"090-1234-567{n}"] for n in range(4)]
    table, found = ledger(book(tmp_path / "a.xlsx", {"名簿": rows}))
    assert (table.headings, table.header_row) == (("列A", "列B", "列C"), 0)
    assert [number for number, _cells in found] == [1, 2, 3, 4]
    shown = inspect_file(tmp_path / "a.xlsx", name="a.xlsx").as_json()["tables"][0]
    assert (shown["range"], shown["heading_rows"], shown["data_rows"]) == ("A1:C4", [0, 0], 4)
    for first in (["氏名", "604-8001", "090-1234-5670"], ["山田", "〒", "連絡"], ["2023", "2024", "2025"]):
        table, found = ledger(book(tmp_path / "b.xlsx", {"名簿": [first, *rows]}))
        assert (table.header_row, len(found)) == (1, 4)
    table, found = ledger(book(tmp_path / "c.xlsx", {"名簿": rows[:2]}))
    assert table.header_row == 1
