"""Documents out of rows: complete, or set aside with row, column and what to type."""

from datetime import date
from decimal import Decimal

import pytest
import xlsxwriter
from django.utils.translation import override

from crm_project.core.tables import read_table
from integrations.choices import DocumentStatus
from integrations.sources.documents import StagedFile, pages, product
from integrations.sources.fields import load_source_map
from integrations.sources.reading import FileRefused, read_documents
from tests.integrations.sources.files import AMOUNT_MAP, HEADINGS, MAP, good_rows, row, write_csv


@pytest.fixture
def read(tmp_path):
    def read(rows, map_text=MAP, headings=HEADINGS, venues=None, **options) -> StagedFile:
        path = write_csv(tmp_path / "file.csv", rows, headings)
        column_map = load_source_map(map_text)
        table = read_table(path, wanted=column_map.wanted)
        return read_documents(table, column_map, currency="JPY", venues=venues or {}, **options)

    return read


def documents(staged):
    return {document.number: document for document in staged.documents}


def test_lines_of_a_document_need_not_stand_together(read):
    staged = read([row("A", price="100"), row("B"), row("A", price="300")])
    found = documents(staged)
    assert [line.net for line in found["A"].lines] == [2_000_000, 6_000_000]
    assert (staged.document_count, staged.lines) == (2, 3)
    assert staged.totals() == {"JPY": Decimal(16800)}


def test_exact_duplicates_all_count(read):
    staged = read([row("A")] * 3)
    assert [line.key for line in documents(staged)["A"].lines] == ["1", "2", "3"]
    assert staged.totals() == {"JPY": Decimal(48000)}


def test_sign_of_the_file_stands(read):
    staged = read([row("C-1", quantity="△2"), row("C-2", quantity="-1", price="-500")])
    assert staged.totals() == {"JPY": Decimal(-15500)}


def test_codes_that_became_floats(read):
    staged = read([row(document="489434.0", code="13085.0", name="")])
    assert documents(staged)["489434"].partner_key == "13085"


def test_leading_zeros_stay(read):
    assert documents(read([row(code="00012")]))["B-1"].partner_key == "00012"


def test_dates_with_eras_and_times(read):
    staged = read([row("A", "R8.10.3"), row("B", "2026-10-03 23:59:00"), row("C", "令和八年十月三日")])
    assert {document.header.date for document in staged.documents} == {date(2026, 10, 3)}


def test_name_is_the_key_of_a_partner_without_code(read):
    staged = read(
        [row("A", code="", name="青葉 商事"), row("B", code="", name="青葉　商事"), row("C", code="", name="")]
    )
    keys = [document.partner_key for document in staged.documents]
    assert keys == ["name:青葉商事", "name:青葉商事", ""]


def test_blank_header_cells_follow_the_other_lines(read):
    staged = read([row("A"), row("A", date="", code="", name=""), row("B")])
    assert len(documents(staged)["A"].lines) == 2
    assert staged.set_aside == 0


@pytest.mark.parametrize(
    ("bad", "expected"),
    [
        (row("X", price="一万円"), ["22", "単価", "一万円", "10000"]),
        (row("X", date="令和9年13月1日"), ["22", "売上日", "13"]),
        (row("X", date=""), ["22", "売上日", "2026-10-03"]),
        (row("X", price=""), ["22", "単価", "10000"]),
        (row("", price="1"), ["22", "伝票番号"]),
        (row("X" * 65), ["22", "伝票番号", "64"]),
        (row("X", price="99999999999999", quantity="99999999999999"), ["22"]),
    ],
)
def test_bad_row_sets_its_document_aside(read, bad, expected):
    staged = read([*good_rows(20), bad])
    assert staged.set_aside == 1
    assert len(staged.documents) == 20
    [problem] = staged.problems
    assert problem.row == 22
    assert all(part in problem.message for part in expected), problem.message


def test_good_lines_of_a_bad_document_are_set_aside_with_it(read):
    staged = read([*good_rows(20), row("X"), row("X", price="一万円"), row("X")])
    assert staged.set_aside == 1
    assert "X" not in documents(staged)
    assert staged.bad_rows == 1


def test_more_than_five_percent_bad_rows_refuse_the_file(read):
    assert read([*good_rows(19), row("X", price="?")]).set_aside == 1
    with pytest.raises(FileRefused) as refusal:
        read([*good_rows(18), row("X", price="一万円")])
    assert "一万円" in str(refusal.value)
    assert "20" in str(refusal.value)
    assert "単価" in str(refusal.value)


def test_headings_without_rows_are_refused(read):
    with pytest.raises(FileRefused):
        read([])


@pytest.mark.parametrize("other", [row("A", date="2026-10-04"), row("A", code="C2"), row("A", code="", name="別の客")])
def test_lines_that_contradict_each_other(read, other):
    first = row("A", code="", name="客") if other[3] == "別の客" else row("A")
    assert read([*good_rows(20), first, other]).set_aside == 1


def test_two_currencies_in_one_document(read):
    headings = (*HEADINGS, "通貨")
    map_text = f'{MAP}currency = "通貨"\n'
    rows = [(*good, "") for good in good_rows(20)]
    staged = read([*rows, (*row("A"), "GBP"), (*row("A"), "JPY")], map_text, headings)
    assert "GBP" in staged.problems[0].message
    staged = read([*rows, (*row("A"), ""), (*row("A"), "gbp")], map_text, headings)
    assert documents(staged)["A"].header.currency == "GBP"
    assert staged.totals() == {"GBP": Decimal(32000), "JPY": Decimal(320000)}


def test_venue_by_code(read):
    headings = (*HEADINGS, "店")
    map_text = f'{MAP}venue = "店"\n'
    rows = [(*good, "H01") for good in good_rows(20)]
    staged = read(
        [*rows, (*row("A"), ""), (*row("B"), "H9")], map_text, headings, venues={"H01": 5, "H02": 6}, default_venue_id=6
    )
    assert {document.header.venue_id for document in staged.documents} == {5, 6}
    assert documents(staged)["A"].header.venue_id == 6
    assert "H9" in staged.problems[0].message
    assert "H01, H02" in staged.problems[0].message


def test_amount_column_and_optional_values(read):
    headings = ("伝票番号", "売上日", "得意先コード", "得意先名", "金額", "原価", "消費税")
    map_text = f'{AMOUNT_MAP}cost = "原価"\ntax = "消費税"\n'
    rows = [("A", "2026-10-03", "C1", "", "10000", "4000", "1000"), ("A", "2026-10-03", "C1", "", "5000", "", "")]
    document = documents(read(rows, map_text, headings))["A"]
    assert (document.net, document.tax) == (150_000_000, 10_000_000)
    assert (document.cost, document.costed_net) == (40_000_000, 100_000_000)


def test_unreadable_optional_value_is_a_warning(read):
    headings = (*HEADINGS, "原価")
    staged = read([(*row("A"), "約五千")], f'{MAP}cost = "原価"\n', headings)
    assert documents(staged)["A"].cost is None
    assert (staged.set_aside, staged.warnings) == (0, 1)
    assert staged.problems[0].is_warning
    assert "約五千" in staged.problems[0].message


def test_only_posted_documents_count(read):
    headings = (*HEADINGS, "状態")
    map_text = f'{MAP}status = "状態"\n'
    staged = read([(*row("A"), "計上"), (*row("B"), "取消"), (*row("C"), "")], map_text, headings)
    assert documents(staged)["B"].status == DocumentStatus.CANCELLED
    assert staged.totals() == {"JPY": Decimal(32000)}
    assert staged.months() == {"2026-10": {"JPY": {"documents": 2, "net": "32000.0000"}}}


def test_order_of_lines_does_not_change_the_content(read):
    one = read([row("A", price="1"), row("A", price="2")]).documents[0]
    other = read([row("A", price="2"), row("A", price="1")]).documents[0]
    changed = read([row("A", price="2"), row("A", price="1.0001")]).documents[0]
    assert one.content_hash == other.content_hash != changed.content_hash


def test_line_numbers_that_stand_twice(read):
    headings = (*HEADINGS, "行")
    rows = [(*row("A"), "1"), (*row("A"), "1"), (*row("A"), "")]
    keys = [line.key for line in read(rows, f'{MAP}line = "行"\n', headings).documents[0].lines]
    assert keys[0] == "1"
    assert len(set(keys)) == 3


@pytest.mark.parametrize(
    ("quantity", "price", "net"),
    [(15000, 3333, 5000), (10000, 69500, 69500), (-15000, 3333, -5000), (1, 1, 0), (12345, 678901, 838103)],
)
def test_product_is_rounded_behind_the_fourth_decimal(quantity, price, net):
    assert product(quantity, price) == net


def test_pages_hold_whole_documents(read):
    staged = read([row(f"D{number % 5}") for number in range(50)])
    found = [[document.number for document in page] for page in pages(staged.documents, lines=15)]
    assert found == [["D0", "D1"], ["D2", "D3"], ["D4"]]


@pytest.mark.parametrize(
    ("quantity", "price", "net"),
    [
        ("1000", "0.12345", "123.45"),
        ("-1000", "0.12345", "-123.45"),
        ("0.333333", "3", "1"),
        ("3", "0.33335", "1.0001"),  # 1.00005: half up, per line
        ("1", "0.00004", "0"),
        ("0.1234567891", "1000000", "123456.7891"),
    ],
)
def test_a_price_finer_than_money_gives_the_exact_amount(read, quantity, price, net):
    staged = read([row("A", quantity=quantity, price=price)])
    assert staged.totals() == {"JPY": Decimal(net)}


def test_a_number_cell_says_the_same_as_the_text(tmp_path):
    headings, cells = ["伝票番号", "売上日", "得意先コード", "得意先名", "数量", "単価"], ["A", "2026-10-03", "C1", ""]
    write_csv(tmp_path / "a.csv", [[*cells, "1000", "0.12345"]], headings)
    with xlsxwriter.Workbook(str(tmp_path / "a.xlsx")) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, headings)
        sheet.write_row(1, 0, [*cells, 1000, 0.12345])
    found = []
    for name in ("a.csv", "a.xlsx"):
        column_map = load_source_map(MAP)
        table = read_table(tmp_path / name, wanted=column_map.wanted)
        found += read_documents(table, column_map, currency="JPY", venues={}).documents
    assert [document.net for document in found] == [1_234_500] * 2
    assert len({document.content_hash for document in found}) == 1


def test_money_itself_has_four_decimals(read):
    rows = [("A", "2026-10-03", "C1", "", "0.12345"), *(("B", "2026-10-03", "C1", "", "1") for _ in range(30))]
    staged = read(rows, AMOUNT_MAP, ("伝票番号", "売上日", "得意先コード", "得意先名", "金額"))
    assert (staged.set_aside, staged.totals()) == (1, {"JPY": Decimal(30)})


def test_a_file_whose_sum_no_column_can_hold_is_refused(read):
    rows = [row(f"B-{number}", quantity=1, price="50000000000000") for number in range(2)]
    with override("en"), pytest.raises(FileRefused, match="the sum of “file"):
        read(rows)
    assert read(rows[:1]).totals() == {"JPY": Decimal(50_000_000_000_000)}
