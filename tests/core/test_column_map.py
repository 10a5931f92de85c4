"""Maps from headings to fields: read, checked, written, suggested."""

import datetime

import pytest
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from crm_project.core.column_map import Column, ColumnMap, MapError, dump_map, load_map, suggest_map

LEDGER = "code name kana company phone address postal_code email birthday allergies note rank staff".split()
ACTUALS = "document line partner_code partner_name date quantity unit_price amount description cost tax venue currency".split()
MAP = """
[columns]
code = "会員番号"
name = ["氏名", "氏名（漢字）"]
address = {join = ["住所１", "住所２"]}
[constants]
rank = "A"
[options]
create_customers = true
"""


@pytest.fixture(autouse=True)
def _english():
    with translation.override("en"):
        yield


def load(text, **options):
    return load_map(text, **{"known_fields": LEDGER, "known_options": {"create_customers": bool}} | options)


def problem(text, **options):
    with pytest.raises(MapError) as caught:
        load(text, **options)
    return str(caught.value)


def test_a_map_takes_fields_out_of_rows():
    column_map = load(MAP)
    assert column_map.options == {"create_customers": True}
    assert column_map.wanted == [("会員番号",), ("氏名", "氏名（漢字）"), ("住所１",), ("住所２",)]
    take = column_map.resolve(["住所2", "住所1", "氏名(漢字)", "会員\n番号", "他"])
    assert take(["２階", " 丸の内１ ", "花山", 12.0, ""]) == {
        "code": 12.0,
        "name": "花山",
        "address": "丸の内１ ２階",
        "rank": "A",
    }
    assert take(["　", "丸の内１", "", "", ""]) == {"code": "", "name": "", "address": "丸の内１", "rank": "A"}


def test_single_fields_can_be_taken_without_the_others():
    take = load(MAP).resolve(["会員番号", "氏名", "住所１", "住所２"])
    row = ["1", "花山", "丸の内", 2.0]
    assert [take.getter(name)(row) for name in ("code", "address", "rank")] == ["1", "丸の内 2", "A"]
    assert take.getter("kana") is None


def test_the_first_of_two_alternatives_in_the_file_counts():
    take = load('[columns]\nname = ["氏名", "名前"]').resolve(["名前", "氏名"])
    assert take(["x", "y"]) == {"name": "y"}


def test_a_heading_that_is_missing_or_stands_twice_is_an_error():
    column_map = load(MAP)
    with pytest.raises(MapError) as caught:
        column_map.resolve(["会員番号", "お名前", "", "住所１", "住所２"])
    assert (
        str(caught.value)
        == "the file has no heading “氏名” / “氏名（漢字）” (name); it has: 会員番号, お名前, 住所１, 住所２"
    )
    with pytest.raises(MapError, match="“会員番号” \\(code\\) stands twice"):
        column_map.resolve(["会員番号", "会員 番号", "氏名", "住所１", "住所２"])
    assert column_map.resolve(["会員番号", "氏名", "住所１", "住所２", "備考", "備考"])


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ('[columns]\nfoo = "x"', "unknown field “foo”; the fields are: code, name, kana"),
        ('[constants]\nfoo = "x"', "unknown field “foo”; the fields are: code, name, kana"),
        ('[colums]\ncode = "x"', "unknown table [colums]; it may have: [columns], [constants], [options]"),
        ('code = "x"', "unknown table [code]"),
        ('columns = "x"', "must be a table: write [columns]"),
        ("[columns]\ncode = 3", "“code” in the map must be a heading"),
        ('[columns]\ncode = ""', "“code” in the map must be a heading"),
        ("[columns]\ncode = []", "“code” in the map must be a heading"),
        ('[columns]\ncode = ["a", 1]', "“code” in the map must be a heading"),
        ('[columns]\ncode = {join = "a"}', "“code” in the map must be a heading"),
        ('[columns]\ncode = {join = ["a"], x = 1}', "“code” in the map must be a heading"),
        ('[columns]\ncode = "a"\n[constants]\ncode = "b"', "“code” both as a column and as a constant"),
        ("[constants]\ncode = [1]", "the constant “code” in the map must be one value"),
        ("[options]\nfoo = true", "unknown option “foo”; the options are: create_customers"),
        ('[options]\ncreate_customers = "yes"', "the option “create_customers” in the map must be true or false"),
        ("[columns\n", "the map is not valid TOML"),
        ("[columns]\nname = '氏名'", "the map names no column for code"),
        ("[columns]\ncode = '番号'", "the map names no column for name / kana + phone"),
        ("[columns]\ncode = '番号'\nkana = 'カナ'", "the map names no column for name / kana + phone"),
    ],
)  # fmt: skip
def test_a_map_that_cannot_be_used_says_why(text, reason):
    assert reason in problem(text, required=["code", ("name", "kana+phone")])


def test_a_constant_or_a_pair_of_fields_meets_a_requirement():
    required = ["code", ("name", "kana+phone")]
    assert load("[columns]\nkana = 'カナ'\nphone = '電話'\n[constants]\ncode = 'x'", required=required)
    assert load("\ufeff[columns]\ncode = '番号'\nname = '氏名'", required=required)


TEXTS = st.text(st.characters(blacklist_categories=["Cs"]), min_size=1).filter(str.strip)
COLUMNS = st.builds(Column, st.lists(TEXTS, min_size=1, max_size=3).map(tuple), st.booleans())
CONSTANTS = (
    TEXTS | st.integers(-(10**9), 10**9) | st.booleans() | st.dates() | st.floats(allow_nan=False, allow_infinity=False)
)


@given(
    st.dictionaries(st.sampled_from(LEDGER[:6]), COLUMNS),
    st.dictionaries(st.sampled_from(LEDGER[6:]), CONSTANTS),
    st.dictionaries(st.just("create_customers"), st.booleans()),
)
def test_a_written_map_reads_back_the_same(columns, constants, options):
    column_map = ColumnMap(columns, constants, options)
    assert load(dump_map(column_map)) == column_map


def test_a_map_is_written_for_people():
    column_map = load(MAP.replace('rank = "A"', "birthday = 1988-04-01"))
    assert dump_map(column_map) == (
        '[columns]\ncode = "会員番号"\nname = ["氏名", "氏名（漢字）"]\naddress = {join = ["住所１", "住所２"]}\n'
        "\n[constants]\nbirthday = 1988-04-01\n\n[options]\ncreate_customers = true\n"
    )
    assert column_map.constants == {"birthday": datetime.date(1988, 4, 1)}


def suggested(headings, fields):
    return {name: column.headings for name, column in suggest_map(headings, fields).columns.items()}


def test_usual_headings_of_a_ledger_are_recognised():
    headings = [
        "会員No.",
        "お名前",
        "ﾌﾘｶﾞﾅ",
        "ＴＥＬ",
        "勤務先",
        "〒",
        "ご住所",
        "生年月日",
        "アレルギー",
        "備考",
        "担当者",
        "靴のサイズ",
    ]
    assert suggested(headings, LEDGER) == {
        "code": ("会員No.",), "name": ("お名前",), "kana": ("ﾌﾘｶﾞﾅ",), "company": ("勤務先",), "phone": ("ＴＥＬ",),
        "address": ("ご住所",), "postal_code": ("〒",), "birthday": ("生年月日",), "allergies": ("アレルギー",), "note": ("備考",),
        "staff": ("担当者",),
    }  # fmt: skip


def test_names_and_addresses_in_pieces_are_joined():
    found = suggest_map(["姓", "名", "セイ", "メイ", "住所１", "住所２"], LEDGER).columns
    assert found == {
        "name": Column(("姓", "名"), joined=True),
        "kana": Column(("セイ", "メイ"), joined=True),
        "address": Column(("住所１", "住所２"), joined=True),
    }


def test_usual_headings_of_accounting_are_recognised():
    assert suggested(["伝票番号", "売上日", "得意先コード", "得意先名", "金額", "原価", "消費税"], ACTUALS) == {
        "document": ("伝票番号",), "partner_code": ("得意先コード",), "partner_name": ("得意先名",), "date": ("売上日",),
        "amount": ("金額",), "cost": ("原価",), "tax": ("消費税",),
    }  # fmt: skip
    english = ["Invoice", "StockCode", "Description", "Quantity", "InvoiceDate", "Price", "Customer ID", "Country"]
    assert suggested(english, ACTUALS) == {
        "document": ("Invoice",), "partner_code": ("Customer ID",), "date": ("InvoiceDate",), "quantity": ("Quantity",),
        "unit_price": ("Price",), "description": ("Description",),
    }  # fmt: skip


def test_nothing_is_suggested_for_strange_or_doubled_headings():
    assert suggested(["", "x", "氏名", "氏名"], LEDGER) == {}
    assert suggested(["氏名（漢字）"], LEDGER) == {"name": ("氏名（漢字）",)}
