"""Maps from headings to fields: read, checked, written, suggested."""

import datetime

import pytest
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from crm_project.core.column_map import Column, ColumnMap, Group, MapError, dump_map, load_map, suggest_map

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
        ('[columns]\nfoo = "x"', "[columns] of the map has an unknown field “foo”; the fields are: code, name, kana"),
        ('[constants]\nfoo = "x"', "[constants] of the map has an unknown field “foo”; the fields are: code, name, kana"),
        ('[colums]\ncode = "x"', "unknown table [colums]; it may have: [columns], [constants], [options], [sheets]"),
        ('code = "x"', "unknown table [code]"),
        ('columns = "x"', "must be a table: write [columns]"),
        ("[columns]\ncode = 3", "“code” in the map must be a heading"),
        ('[columns]\ncode = ""', "“code” in the map must be a heading"),
        ("[columns]\ncode = []", "“code” in the map must be a heading"),
        ('[columns]\ncode = ["a", 1]', "“code” in the map must be a heading"),
        ('[columns]\ncode = {join = "a"}', "“code” in the map must be a heading"),
        ('[columns]\ncode = {join = ["a"], x = 1}', "“code” in the map must be a heading"),
        ('[columns]\ncode = "a"\n[constants]\ncode = "b"', "“code” both as a column and as a constant"),
        ("[constants]\ncode = [1]", "the constant “code” in the map must be one value ([constants])"),
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


# --- made values, groups, sheets --------------------------------------------------------------------------------------

VISITS = """
[columns]
name = "氏名"
date = {month = "月", day = "日"}
amount = {product = ["単価", "人数"]}
quantity = {sum = ["大人", "子供"]}
venue = {sheet = true}
"""
FIELDS = [*LEDGER, *ACTUALS, "year"]
GROUPED = """
[columns]
name = "氏名"
[notes]
requests = "ご要望"
[groups.visits]
pattern = "{heading}{n}"
[groups.visits.columns]
date = "来店日"
quantity = "人数"
[groups.visits.notes]
talk = "会話"
"""


def load_visits(text):
    return load_map(
        text,
        known_fields=FIELDS,
        known_groups={"visits": ["date", "quantity", "amount", "year"]},
        column_tables=["notes"],
    )


def test_a_date_of_parts_takes_its_year_from_the_sheet():
    column_map = load_visits(VISITS + '[sheets."2024年".constants]\nyear = 2024\n[sheets.R5.constants]\nyear = "R5"\n')
    headings = ["氏名", "月", "日", "単価", "人数", "大人", "子供"]
    take = column_map.resolve(headings, sheet="２０２４年")
    row = ["花山", "4", 1.0, "8,000円", "４名", 2.0, ""]
    assert take(row) == {
        "name": "花山", "date": "2024年4月1日", "amount": "32000", "quantity": "2", "venue": "２０２４年", "year": 2024,
    }  # fmt: skip
    assert take(["花山", "", "", "", "", "", ""])["date"] == ""
    assert column_map.resolve(headings, sheet="R5")(row)["date"] == "R5年4月1日"
    with pytest.raises(
        MapError, match="no \\[sheets\\] entry for the sheet “2025”, which needs year; it has: 2024年, R5"
    ):
        column_map.resolve(headings, sheet="2025")


@pytest.mark.parametrize(
    ("cells", "made"),
    [
        (["令和6年", "4月", "1日"], "令和6年4月1日"),
        (["2016", "July", 3.0], "2016年7月3日"),
        (["", "4", "1"], "4月1日"),
    ],
)
def test_parts_of_a_date_are_read_as_they_are_written(cells, made):
    take = load('[columns]\nbirthday = {year = "年", month = "月", day = "日"}').resolve(["年", "月", "日"])
    assert take(cells) == {"birthday": made}


def test_what_cannot_be_multiplied_or_added_stays_as_written():
    take = load_visits('[columns]\namount = {product = ["a", "b"]}\nquantity = {sum = ["a", "b"]}').resolve(["a", "b"])
    assert take(["8000", "数名"]) == {"amount": "8000 × 数名", "quantity": "8000 + 数名"}
    assert take(["8000", ""]) == {"amount": "", "quantity": "8000"}
    assert take(["", ""]) == {"amount": "", "quantity": ""}


def test_cells_of_a_list_stay_values_of_their_own():
    take = load('[columns]\nphone = {list = ["会社", "携帯"]}').resolve(["会社", "携帯"])
    assert take(["03-1234-5678", "090-1234-5678"]) == {"phone": "03-1234-5678、090-1234-5678"}
    assert take([9012345678.0, " "]) == {"phone": 9012345678.0}
    assert take(["", ""]) == {"phone": ""}


def test_a_group_stands_as_often_as_its_headings():
    column_map = load_visits(GROUPED)
    take = column_map.resolve(["氏名", "来店日", "人数①", "来店日２", "会話２", "来店日03", "ご要望"])
    first, second, third = take.groups["visits"]
    row = ["花山", "5/1", 2.0, "6/1", "ゴルフ", "7/1", "椅子"]
    assert take(row) == {"name": "花山", "notes.requests": "椅子"}
    assert first(row) == {"date": "5/1", "quantity": 2.0}
    assert second(row) == {"date": "6/1", "notes.talk": "ゴルフ"}
    assert third(row) == {"date": "7/1"}


def test_the_same_words_again_and_again_are_a_group_without_numbers():
    text = GROUPED.replace("{heading}{n}", "{heading}").replace('[groups.visits.notes]\ntalk = "会話"\n', "")
    take = load_visits(text).resolve(["氏名", "来店日", "人数", "来店日", "人数", "ご要望"])
    row = ["花山", "5/1", 2.0, "6/1", 3.0, ""]
    assert [one(row) for one in take.groups["visits"]] == [
        {"date": "5/1", "quantity": 2.0},
        {"date": "6/1", "quantity": 3.0},
    ]


def test_a_group_without_its_column_says_which():
    with pytest.raises(MapError, match=r"no heading “人数1” / “人数01” / “人数” \(groups\.visits\.quantity\)"):
        load_visits(GROUPED).resolve(["氏名", "来店日1", "会話1", "ご要望"])


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ('[groups.stays.columns]\ndate = "x"', "unknown table [groups.stays]; it may have: [groups.visits]"),
        ("[groups.visits]\npattern = '{heading}'", "[groups.visits] of the map needs its columns"),
        ('[groups.visits.columns]\nfoo = "x"', "[groups.visits.columns] of the map has an unknown field “foo”"),
        ('[groups.visits]\ncolumn = "x"\ncolumns = {date = "x"}', "[groups.visits] of the map has an unknown field “column”"),
        ('[groups.visits]\npattern = "{n}"\ncolumns = {date = "x"}', "the pattern of [groups.visits] in the map says"),
        ("[groups.visits.columns]\ndate = {sheet = true}", "move “date” from [groups.visits] to [columns]"),
        ("[groups.visits]\nnotes = 3\ncolumns = {date = 'x'}", "“groups.visits.notes” in the map must be a table"),
        ('[columns]\ndate = {month = "月", day = "日"}', "“date” in [columns] of the map has a month and a day and no year"),
        ('[columns]\ndate = {year = "年", day = "日"}', "“date” in the map must be a heading"),
        ("[columns]\ndate = {sheet = false}", "“date” in the map must be a heading"),
        ("[columns]\namount = {product = []}", "“amount” in the map must be a heading"),
        ("[sheets.2024]\nyear = 2024", "stands under [sheets.\"2024\".constants]"),
        ("[sheets.2024.constants]\nyears = 2024", "[sheets.2024.constants] of the map has an unknown field “years”"),
        ("[notes]\nrequests = 3", "“requests” in the map must be a heading"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_named_with_its_table(text, reason):
    with pytest.raises(MapError) as caught:
        load_visits(text)
    assert reason in str(caught.value)


def test_maps_without_groups_know_no_groups():
    assert "unknown table [groups]" in problem('[groups.visits.columns]\ndate = "x"')


MADE = (
    st.builds(lambda headings, how: Column(tuple(headings), how=how), st.lists(TEXTS, min_size=1, max_size=3), st.sampled_from(["product", "sum", "list"]))
    | st.builds(lambda one, two, three: Column((one, two, three), how="date", parts=("year", "month", "day")), TEXTS, TEXTS, TEXTS)
    | COLUMNS
)  # fmt: skip


@given(
    st.dictionaries(st.sampled_from(["name", "code"]), MADE | st.just(Column((), how="sheet"))),
    st.dictionaries(TEXTS.map(lambda key: f"notes.{key}"), COLUMNS, max_size=3),
    st.dictionaries(st.sampled_from(["date", "quantity"]), MADE, min_size=1),
    st.dictionaries(TEXTS, st.dictionaries(st.just("year"), CONSTANTS), max_size=3),
)
def test_groups_sheets_and_made_values_read_back_the_same(columns, notes, grouped, sheets):
    group = Group(grouped | notes, "{heading}（{n}）")
    column_map = ColumnMap(columns | notes, {}, {}, {"visits": group}, sheets)
    assert load_visits(dump_map(column_map)) == column_map
