"""Cells of a ledger as typed values, and the sentence for what cannot be read."""

from datetime import date

import pytest
from django.utils import translation

from crm_project.core.allergens.models import Allergen
from crm_project.core.tables import Cell
from customers.choices import PhoneLabel
from integrations.ledgers.changed_values import column_letter
from integrations.ledgers.entries import EntryReader, LedgerEntry
from integrations.ledgers.fields import FIELD_LABELS, ledger_map
from integrations.ledgers.vocabulary import Vocabulary
from tests.factories.accounts import UserFactory
from tests.factories.customers import RankFactory

pytestmark = pytest.mark.django_db


def entry(**cells: Cell) -> LedgerEntry:
    """A row with these cells, read in English."""
    names = [name for name in FIELD_LABELS if name in cells]
    column_map = ledger_map("[columns]\n" + "\n".join(f'{name} = "{name}"' for name in {"name", *names}))
    headings = list({"name": None, **dict.fromkeys(names)})
    with translation.override("en"):
        reader = EntryReader(column_map.resolve(headings), Vocabulary())
        [read] = reader.read([(5, [{"name": "山田 太郎", **cells}[heading] for heading in headings])])
        return read


def sentence(read: LedgerEntry) -> tuple[str, str, str]:
    """The only message."""
    [message] = read.messages
    return message["level"], message["field"], message["message"]


@pytest.mark.parametrize(
    ("cell", "code"), [("0012", "0012"), (13085.0, "13085"), ("13085.0", "13085"), ("Ａ－１", "A-1"), ("　", "")]
)
def test_a_code_is_text_without_what_a_spreadsheet_adds(cell: Cell, code: str) -> None:
    assert entry(code=cell).code == code


def test_a_row_without_a_name_is_an_error() -> None:
    read = entry(name="　", code="1")
    assert sentence(read) == ("error", "name", "the name is blank")
    assert read.is_error


def test_a_name_is_kept_as_written_with_one_space() -> None:
    assert entry(name=" 髙橋　　美穂 ").name == "髙橋 美穂"


@pytest.mark.parametrize("cell", ["TEL", "ご住所", "備 考"])
def test_a_word_of_a_heading_is_nobodys_name(cell: str) -> None:
    assert sentence(entry(name=cell)) == ("error", "name", f"“{cell}” is the word of a heading and no name")


def test_names_and_codes_too_long_for_a_card_are_errors() -> None:
    assert sentence(entry(name="あ" * 201))[:2] == ("error", "name")
    assert sentence(entry(code="1" * 65))[:2] == ("error", "code")


def test_other_long_texts_are_kept_beside_the_card() -> None:
    read = entry(company="社" * 201)
    assert sentence(read)[:2] == ("warning", "company")
    assert read.unread == {"company": "社" * 201}
    assert not read.is_error


@pytest.mark.parametrize(
    ("cell", "digits", "written"),
    [
        ("075-000-1234  ", ["0750001234"], ["075-000-1234"]),
        ("０９０－００００－１４８２", ["09000001482"], ["090-0000-1482"]),
        (9000001482.0, ["09000001482"], ["090-0000-1482"]),
        ("075-000-1234、090-0000-1482", ["0750001234", "09000001482"], ["075-000-1234", "090-0000-1482"]),
        ("075-000-1234 内線12", ["0750001234"], ["075-000-1234 内線12"]),
        ("0901234567", ["0901234567"], ["0901234567"]),  # a digit is missing: the 0 is not
        ("        ", [], []),
    ],
)
def test_phones_keep_their_zeros(cell: Cell, digits: list[str], written: list[str]) -> None:
    phones = entry(phone=cell).phones
    assert [phone.digits for phone in phones] == digits
    assert [phone.written for phone in phones] == written


def test_a_zero_that_was_put_back_is_told() -> None:
    assert sentence(entry(phone=9000001482.0)) == ("note", "phone", "the 0 in front was put back")


def test_a_phone_is_labelled_by_its_kind() -> None:
    assert [phone.label for phone in entry(phone="090-0000-1482").phones] == [PhoneLabel.MOBILE]
    assert [phone.label for phone in entry(phone="075-000-1234").phones] == [PhoneLabel.HOME]
    assert [phone.label for phone in entry(phone="075-000-1234", company="北辰電機").phones] == [PhoneLabel.WORK]


@pytest.mark.parametrize(
    ("cell", "phones"),
    [
        ("携帯: 090-0000-1482 / 自宅 03-0000-1482", [("090-0000-1482", "mobile"), ("03-0000-1482", "home")]),
        ("会社０３－００００－１４８２（内線１２）", [("03-0000-1482 内線12", "work")]),
        ("(秘)03-0000-1482", [("03-0000-1482 秘", "secretary")]),
        ("TEL 03-0000-1482 FAX 03-0000-1483", [("03-0000-1482", "home"), ("03-0000-1483 FAX", "other")]),
        ("300001482", [("03-0000-1482", "home")]),
    ],
)
def test_a_cell_says_whose_numbers_they_are(cell: Cell, phones: list[tuple[str, str]]) -> None:
    assert [(phone.written, phone.label) for phone in entry(phone=cell).phones] == phones


def test_a_number_that_is_said_to_be_at_home_stays_there() -> None:
    read = entry(phone="自宅 075-000-1234、075-000-1235", company="北辰電機")
    assert [phone.label for phone in read.phones] == [PhoneLabel.HOME, PhoneLabel.WORK]


@pytest.mark.parametrize("words", ["なし", "無", "－", "―", "不明", "非公開"])
def test_words_for_nothing_are_nothing(words: str) -> None:
    fields = ("kana", "company", "phone", "address", "postal_code", "email", "department", "title", "birthday")
    read = entry(**dict.fromkeys(fields, words))
    assert (read.phones, read.values, read.unread, read.messages) == ((), {}, {}, [])


@pytest.mark.parametrize("words", ["000-0000-0000", "０００００００００００"])
def test_a_number_of_zeros_is_none(words: str) -> None:
    read = entry(phone=words)
    assert (read.phones, read.unread, read.messages) == ((), {}, [])


@pytest.mark.parametrize("words", ["なし", "無", "－", "―"])
def test_no_phone_and_no_email_are_blank(words: str) -> None:
    read = entry(phone=words, email=words)
    assert (read.phones, read.values, read.unread, read.messages) == ((), {}, {}, [])


def test_words_in_place_of_a_phone_are_kept() -> None:
    read = entry(phone="お持ちでない")
    assert sentence(read)[:2] == ("warning", "phone")
    assert read.unread == {"phone": "お持ちでない"}


@pytest.mark.parametrize(
    "cell", ["S36.12.9", "昭和三十六年十二月九日", "1961/12/09", date(1961, 12, 9), "１９６１年１２月９日"]
)
def test_dates_of_any_writing(cell: Cell) -> None:
    assert entry(birthday=cell).values == {"birthday": date(1961, 12, 9)}


def test_a_month_that_does_not_exist_is_a_warning_in_one_sentence() -> None:
    read = entry(birthday="令和9年13月1日")
    level, field, text = sentence(read)
    assert (level, field) == ("warning", "birthday")
    assert "令和9年13月1日" in text
    assert "month 13" in text
    assert read.unread == {"birthday": "令和9年13月1日"}


def test_email_and_postcode() -> None:
    read = entry(email="ｙａｍａｄａ@example.com", postal_code=6040001.0)
    assert read.values == {"email": "yamada@example.com", "postal_code": "6040001"}
    read = entry(email="at home", postal_code="76000029")
    assert read.unread == {"email": "at home", "postal_code": "76000029"}
    assert [message["level"] for message in read.messages] == ["warning", "warning"]
    assert entry(postal_code="〒-").messages == []


@pytest.mark.parametrize(
    ("cell", "code", "is_told"),
    [
        (600001.0, "0600001", True),
        ("600001", "0600001", True),
        ("060-0001", "0600001", False),
        ("〒0600001", "0600001", False),
    ],
)
def test_a_postcode_gets_its_zero_back(cell: Cell, code: str, is_told: bool) -> None:
    read = entry(postal_code=cell)
    assert read.values == {"postal_code": code}
    assert [message["kind"] for message in read.messages] == (["zero"] if is_told else [])


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("604 8001", "6048001"), ("604.8001", "6048001"), ("604_8001", "6048001"), ("郵便番号:604-8001", "6048001"),
        ("〶604-8001", "6048001"), ("T604-8001", "6048001"), ("6O4-8OO1", "6048001"), ("604‐800l", "6048001"),
        ("（604）8001", "6048001"),
    ],
)  # fmt: skip
def test_a_postcode_is_repaired_where_nothing_is_added_and_nothing_left_out(written: str, code: str) -> None:
    read = entry(postal_code=written)
    assert read.values == {"postal_code": code}
    assert read.unread == {}


@pytest.mark.parametrize("written", ["60480011", "604-80011", "604-80", "604", "6O4-8OOl2", "OOO-OOOO", "604-80X1"])
def test_any_other_postcode_is_told_and_kept_as_written(written: str) -> None:
    read = entry(postal_code=written)
    assert read.values == {}
    assert read.unread == {"postal_code": written}
    assert read.has_warnings


def test_a_postcode_in_front_of_an_address_is_the_guests() -> None:
    read = entry(address="〒604-8571　京都市中京区架空町１−２")
    assert read.values == {"address": "京都市中京区架空町1-2", "postal_code": "6048571"}
    assert sentence(read) == ("note", "address", "the postcode 604-8571 stood in the address")
    assert entry(address="〒604-8571 架空町1", postal_code="6048572").values["postal_code"] == "6048572"


@pytest.mark.parametrize(
    ("cell", "name", "kana", "honorific", "kinds"),
    [
        ("山田太郎（やまだたろう）", "山田太郎", "ヤマダタロウ", "", ["reading"]),
        ("山田太郎（やまだたろう）様", "山田太郎", "ヤマダタロウ", "", ["honorific", "reading"]),
        ("鈴木先生", "鈴木", None, "先生", ["honorific"]),
        ("㈱架空商事 御中", "㈱架空商事", None, "御中", ["honorific"]),
        ("山田 太郎", "山田 太郎", None, "", []),
    ],
)
def test_a_name_never_carries_its_furigana(
    cell: str, name: str, kana: str | None, honorific: str, kinds: list[str]
) -> None:
    read = entry(name=cell)
    assert (read.name, read.values.get("kana"), read.honorific) == (name, kana, honorific)
    assert [message["kind"] for message in read.messages] == kinds


def test_the_column_of_readings_comes_first() -> None:
    assert entry(name="山田太郎（やまだたろう）", kana="ヤマダ タロウ").values["kana"] == "ヤマダ タロウ"


def test_somebody_who_is_not_known_is_nobody() -> None:
    read = entry(name="不明")
    assert sentence(read) == ("error", "name", "“不明” names nobody")


def test_others_who_are_not_named_stay_on_the_card_as_written() -> None:
    read = entry(name="山田ご夫妻")
    assert (read.name, read.unread) == ("山田", {"name": "山田ご夫妻"})
    assert read.has_warnings


@pytest.mark.parametrize(
    ("cell", "day", "sentence_said"),
    [
        ("43831", date(2020, 1, 1), "“43831” is Excel's number of a day: read as 2020-01-01"),
        ("令和元年1月1日", date(2019, 1, 1), "“令和元年1月1日” lies outside of 令和: read as 2019-01-01"),
    ],
)
def test_a_day_that_was_not_written_as_one_is_told(cell: str, day: date, sentence_said: str) -> None:
    read = entry(birthday=cell)
    assert read.values == {"birthday": day}
    assert sentence(read) == ("note", "birthday", sentence_said)


def test_an_error_of_the_spreadsheet_is_no_value() -> None:
    read = entry(company="#N/A", title="#REF!")
    assert read.values == {}
    assert read.unread == {"company": "#N/A", "title": "#REF!"}


def rows_of(*rows: list[Cell]) -> tuple[EntryReader, list[LedgerEntry]]:
    """Rows of name, company and phone below their headings, read in two batches."""
    column_map = ledger_map('[columns]\nname = "氏名"\ncompany = "会社"\nphone = "電話"')
    headings = ["氏名", "会社", "電話"]
    with translation.override("en"):
        reader = EntryReader(column_map.resolve(headings), Vocabulary(), headings=headings, first_column=1)
        numbered = list(enumerate(rows, start=2))
        return reader, [*reader.read(numbered[:2]), *reader.read(numbered[2:])]


def test_ditto_marks_mean_the_row_above_also_from_batch_to_batch() -> None:
    _reader, entries = rows_of(
        ["山田 太郎", "㈱架空商事", "03-0000-1482"],
        ["佐藤 次郎", "〃", " 同上"],
        ["鈴木 三郎", "〃", ""],
        ["高田 四郎", "仝", "〃"],
    )
    assert [one.values.get("company") for one in entries] == ["㈱架空商事"] * 4
    assert [[phone.digits for phone in one.phones] for one in entries] == [["0300001482"], ["0300001482"], [], []]
    assert entries[1].messages[0] | {"message": ""} == {
        "level": "note", "field": "company", "message": "", "kind": "above", "column": "会社 (C)", "before": "〃", "after": "㈱架空商事",
    }  # fmt: skip
    assert entries[3].unread == {"phone": "〃"}
    # The row can be read alone.
    assert entries[1].cells == ["佐藤 次郎", "㈱架空商事", "03-0000-1482"]


def test_a_part_of_a_name_may_be_the_one_above() -> None:
    column_map = ledger_map('[columns]\nname = {join = ["姓", "名"]}\nkana = {join = ["セイ", "メイ"]}')
    headings = ["姓", "名", "セイ", "メイ"]
    with translation.override("en"):
        reader = EntryReader(column_map.resolve(headings), Vocabulary(), headings=headings)
        entries = reader.read([(2, ["山田", "太郎", "ヤマダ", "タロウ"]), (3, ["〃", "花子", "〃", "ハナコ"])])
        entries += reader.read([(4, ["〃", "〃", "", ""]), (5, ["佐藤", "", "", ""])])
    assert [one.name for one in entries] == ["山田 太郎", "山田 花子", "山田 花子", "佐藤"]
    assert entries[1].values["kana"] == "ヤマダ ハナコ"
    assert entries[1].cells == ["山田", "花子", "ヤマダ", "ハナコ"]
    assert [(one["field"], one["kind"], one["before"], one["after"]) for one in entries[1].messages] == [
        ("name", "above", "〃", "山田"),
        ("kana", "above", "〃", "ヤマダ"),
    ]


def test_every_change_is_counted_by_column_and_kind() -> None:
    reader, _entries = rows_of(
        ["山田 太郎", " 架空 ", "０３－００００－１４８２"],
        ["佐藤　次郎", "架空", "なし"],
        ["鈴木 様", "ﾎﾃﾙ", "お持ちでない"],
        ["", "   ", ""],
    )
    found = reader.log.as_json()
    assert (found["changed_values"], found["unread_values"]) == (7, 1)
    assert [(one["column"], one["kind"], one["count"], one["examples"]) for one in found["groups"]] == [
        ("電話 (D)", "unread", 1, [[4, "お持ちでない", ""]]),
        ("氏名 (B)", "honorific", 1, [[4, "鈴木 様", "鈴木"]]),
        ("電話 (D)", "none", 1, [[3, "なし", ""]]),
        ("電話 (D)", "width", 1, [[2, "０３－００００－１４８２", "03-0000-1482"]]),
        ("会社 (C)", "width", 1, [[4, "ﾎﾃﾙ", "ホテル"]]),
        ("会社 (C)", "spaces", 2, [[2, " 架空 ", "架空"], [5, "   ", ""]]),
        ("氏名 (B)", "spaces", 1, [[3, "佐藤　次郎", "佐藤 次郎"]]),
    ]


def test_columns_have_the_letters_of_a_spreadsheet() -> None:
    assert [column_letter(place) for place in (0, 25, 26, 51, 52, 701, 702)] == [
        "A",
        "Z",
        "AA",
        "AZ",
        "BA",
        "ZZ",
        "AAA",
    ]


def test_ranks_and_attendants_of_the_house() -> None:
    rank = RankFactory.create(name="上得意")
    staff = UserFactory.create(display_name="佐藤 梅")
    assert entry(rank="上 得意", staff="佐藤　梅").values == {"rank": rank.pk, "staff": staff.pk}
    assert sentence(entry(rank="松")) == ("warning", "rank", "the house has no rank “松”")
    assert sentence(entry(staff="鈴木"))[:2] == ("warning", "staff")


def test_an_attendant_shared_by_two_people_is_not_guessed() -> None:
    UserFactory.create(display_name="佐藤")
    UserFactory.create(display_name="佐藤")
    read = entry(staff="佐藤")
    assert "several" in sentence(read)[2]
    assert read.unread == {"staff": "佐藤"}


def test_allergies_by_any_word_and_what_is_on_no_list() -> None:
    answer = entry(allergies="海老×、ソバアレルギー／ドリアン・落花生").allergies
    assert answer is not None
    codes = [Allergen.objects.get(pk=pk).code for pk in answer.allergen_ids]
    assert codes == ["shrimp", "buckwheat", "peanut"]
    assert answer.others == ("ドリアン",)


@pytest.mark.parametrize(
    ("words", "codes", "others"),
    [
        ("そば（重度・アナフィラキシー）", ["buckwheat"], ("そば（重度・アナフィラキシー）",)),
        ("えび、かに（加熱すれば可）", ["shrimp", "crab"], ("かに（加熱すれば可）",)),
        ("卵× 乳○", ["egg"], ("卵× 乳○",)),
        ("そば ピーナッツ", ["buckwheat", "peanut"], ("そば ピーナッツ",)),
        ("落花生アレルギー！", ["peanut"], ()),
        ("卵以外の乳製品", [], ("卵以外の乳製品",)),
        ("卵 大丈夫", [], ("卵 大丈夫",)),
    ],
)
def test_an_allergen_counts_whatever_stands_beside_it(words: str, codes: list[str], others: tuple[str, ...]) -> None:
    answer = entry(allergies=words).allergies
    assert answer is not None
    assert [Allergen.objects.get(pk=pk).code for pk in answer.allergen_ids] == codes
    assert answer.others == others


@pytest.mark.parametrize("words", ["なし", "無し", "特になし", "ナシ"])
def test_no_allergies_is_an_answer(words: str) -> None:
    answer = entry(allergies=words).allergies
    assert answer is not None
    assert answer.says_none


def test_nobody_asked_is_no_answer() -> None:
    read = entry(allergies="不明")
    assert read.allergies is None
    assert sentence(read)[:2] == ("warning", "allergies")


def test_two_rows_say_the_same_whatever_width_and_spaces() -> None:
    one = entry(code="1", company="㈱北辰電機", phone="090-0000-1482", birthday="S36.12.9")
    same = entry(code="2", company="(株) 北辰電機", phone="０９０００００１４８２", birthday="1961-12-09")
    other = entry(code="1", company="㈱北辰電気", phone="090-0000-1482", birthday="S36.12.9")
    assert one.said == same.said
    assert one.said != other.said


def test_a_value_in_another_field_is_not_the_same() -> None:
    assert entry(department="営業部").said != entry(title="営業部").said
