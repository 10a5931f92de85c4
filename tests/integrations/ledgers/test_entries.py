"""Cells of a ledger as typed values, and the sentence for what cannot be read."""

from datetime import date

import pytest
from django.utils import translation

from crm_project.core.allergens.models import Allergen
from crm_project.core.tables import Cell
from customers.choices import PhoneLabel
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
