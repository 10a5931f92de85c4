"""What holds for every table: all cells are read as they stand, nothing is lost, nothing but one sentence ends a reading."""

import csv
import io
import itertools
from contextlib import suppress

import xlsxwriter
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crm_project.core.tables import TableError, inspect_file, read_table
from crm_project.core.tables.cells import Merge, filled_places
from crm_project.core.tables.finding import find_headings, side_blocks

SLOW = settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
HEADINGS = ["顧客番号", "氏名", "電話番号", "備考"]
# Words of people: no control characters, which no spreadsheet keeps.
words = st.text(
    st.characters(exclude_categories=("Cs", "Cc", "Cf", "Zl", "Zp", "Co", "Cn"), exclude_characters="\ufffe\uffff"),
    max_size=12,
)
cells = st.one_of(words, st.integers(-(10**9), 10**9), st.floats(-1e9, 1e9).map(lambda number: round(number, 4)))
grids = st.lists(st.lists(st.one_of(st.just(""), cells), min_size=4, max_size=4), max_size=12)


def book(rows):
    content = io.BytesIO()
    with xlsxwriter.Workbook(
        content, {"strings_to_numbers": False, "strings_to_formulas": False, "strings_to_urls": False}
    ) as made:
        sheet = made.add_worksheet("名簿")
        for at, row in enumerate(rows):
            for column, value in enumerate(row):
                if isinstance(value, str):
                    sheet.write_string(at, column, value)
                else:
                    sheet.write_number(at, column, value)
    content.seek(0)
    return content


@SLOW
@given(grids)
def test_a_plain_table_is_read_cell_by_cell(rows):
    read = dict(read_table(book([HEADINGS, *rows]), header_row=1))
    for number, row in enumerate(rows, start=2):
        if filled_places(row):
            assert read[number] == [float(cell) if not isinstance(cell, str) else cell for cell in row]
        else:
            assert number not in read


@SLOW
@given(grids)
def test_every_filled_row_of_a_ledger_is_data_or_named(rows):
    try:
        table = read_table(book([HEADINGS, *rows]), as_ledger=True)
    except TableError:
        return
    accounted = {number for number, _cells in table} | {one.row for one in table.left_out}
    for other in table.rest():
        accounted |= {number for number, _cells in other} | {one.row for one in other.left_out}
        accounted |= {row for row, _text in other.titles} | set(range(other.first_heading_row, other.header_row + 1))
    accounted |= {row for row, _text in table.titles} | set(range(table.first_heading_row, table.header_row + 1))
    assert {number for number, row in enumerate([HEADINGS, *rows], start=1) if filled_places(row)} <= accounted
    others = sum(count for kind, count in table.left_out_counts.items() if kind != "numbered")
    if not table.others_follow:
        below = (table.last_row or 0) - table.header_row
        assert table.rows_read + table.blank_rows + others == below


@SLOW
@given(grids, st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]), st.sampled_from([",", "\t", ";"]))
def test_text_is_read_cell_by_cell_in_every_encoding(rows, encoding, delimiter):
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=delimiter).writerows([HEADINGS, *rows])
    read = dict(
        read_table(
            io.BytesIO(text.getvalue().encode(encoding)),
            name="a.csv",
            wanted=[(one,) for one in HEADINGS],
            header_row=1,
        )
    )
    for number, row in enumerate(rows, start=2):
        if filled_places([str(cell) for cell in row]):
            assert read[number] == [str(cell) for cell in row]


@SLOW
@given(st.binary(max_size=400))
def test_any_bytes_are_read_or_refused(content):
    for named in ("a.csv", "a.xlsx", "a.xls"):
        with suppress(TableError):
            list(read_table(io.BytesIO(content), name=named))
        with suppress(TableError):
            inspect_file(io.BytesIO(content), name=named)


merges = st.builds(
    lambda top, left, rows, columns: Merge(top, left, top + rows, left + columns),
    st.integers(1, 14), st.integers(0, 4), st.integers(0, 4), st.integers(0, 4),
)  # fmt: skip


@SLOW
@given(grids, st.lists(merges, max_size=6), st.lists(words, max_size=3))
def test_headings_are_found_or_not_but_never_break(rows, merged, wanted):
    numbered = list(enumerate([list(row) for row in rows], start=1))
    found = find_headings(numbered, merges=merged, wanted=[(one,) for one in wanted])
    if not any(filled_places(row) for row in rows):
        assert found is None
        return
    assert found is not None
    assert 1 <= found.first_row <= found.last_row <= len(rows)
    assert numbered[found.position][0] == found.last_row
    blocks = side_blocks(numbered, found)
    assert all(left < right for left, right in blocks)
    assert all(one[1] <= other[0] for one, other in itertools.pairwise(blocks))
