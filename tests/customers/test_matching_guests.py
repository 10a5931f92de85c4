"""Guests of the database who may be one person: while typing, for the whole house, for a batch."""

from datetime import date

import pytest
from django.utils import translation

from crm_project.core.accounts.choices import GuestScope
from crm_project.core.accounts.models import House
from customers.choices import AddressLabel
from customers.duplicates import likely_for_batch, likely_guests, likely_pairs, likely_same, persons
from customers.match_reasons import SENTENCES, reason_text
from customers.matching import make_person
from customers.matching.fields import FIELDS
from customers.models import Address, Customer
from tests.factories.accounts import UserFactory, VenueFactory, person
from tests.factories.customers import CompanyFactory, CustomerFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def guest():
    return CustomerFactory.create(
        name="髙橋 美穂",
        kana="タカハシ ミホ",
        phones=["090-0000-1482"],
        birthday=date(1961, 4, 1),
        email="miho@example.jp",
    )


@pytest.fixture
def somebody():
    """A guest who shares nothing: nobody must find her."""
    return CustomerFactory.create(name="森 葉", kana="モリ ヨウ", phones=["075-000-0200"], birthday=date(1988, 2, 9))


def codes(likely):
    return [reason.code for reason in likely.reasons]


@pytest.mark.parametrize(
    ("typed", "reasons"),
    [
        ({"name": "高橋　美穂"}, ["given_same", "family_same"]),
        ({"name": "高橋美穂"}, ["given_same", "family_same"]),
        ({"name": "たかはし みほ"}, ["family_reading", "given_reading"]),
        ({"name": "美穂 高橋"}, ["family_swapped"]),
        ({"phones": ["+81 90 0000 1482"]}, ["phone_same"]),
        (
            {"name": "高橋 美穂", "kana": "タカハシ ミオ", "birthday": date(1961, 4, 1)},
            ["birth_same", "family_same", "given_other_reading"],
        ),
        (
            {"name": "高橋 美穂", "kana": "タカハジ ミホ", "birthday_month_day": "04-01"},
            ["given_same", "family_other_reading", "birth_day"],
        ),
    ],
)
def test_who_is_typed_may_be_a_guest(guest, somebody, typed, reasons):
    """Any writing of the name, a number, a slip where something else fits; and why."""
    (likely,) = likely_guests(person("floor"), **typed)
    assert likely.guest == guest
    assert codes(likely) == reasons


@pytest.mark.parametrize(
    "typed",
    [
        {"name": "高橋"},
        {"name": "高橋 一郎", "kana": "タカハシ イチロウ"},
        {"name": "森 美穂", "kana": "モリ ミホ"},
        {"name": ""},
        {"phones": ["090-0000-1483"]},
        {"birthday": date(1961, 4, 1)},
    ],
)
def test_who_is_somebody_else(guest, typed):
    assert likely_same(person("floor"), **typed) == []


def test_the_likeliest_stands_first_and_the_list_is_short(guest):
    """A name many share brings five, the one whose birthday fits in front."""
    CustomerFactory.create_batch(7, name="高橋 美穂", kana="タカハシ ミホ")
    found = likely_same(person("floor"), name="高橋 美穂", birthday=date(1961, 4, 1))
    assert len(found) == 5
    assert found[0] == guest


def test_a_slip_is_found_among_many_of_the_name(guest):
    CustomerFactory.create_batch(30, name="髙橋 道子", kana="タカハシ ミチコ")
    found = likely_guests(person("floor"), name="高橋 美穂", kana="タカハシ ミポ", birthday=date(1961, 4, 1))
    assert [likely.guest for likely in found] == [guest]


def test_contacts_are_no_reason_for_who_may_not_see_them(guest, somebody):
    """The kitchen finds names, and learns nothing about numbers and birthdays."""
    kitchen = person("kitchen")
    assert likely_guests(kitchen, phones=["090-0000-1482"], birthday=date(1961, 4, 1)) == []
    (likely,) = likely_guests(kitchen, name="高橋 美穂", phones=["090-0000-1482"], birthday=date(1961, 4, 1))
    assert codes(likely) == ["given_same", "family_same"]


def test_guests_nobody_may_see_are_found_by_nobody(guest):
    """Confidential guests, guests of another venue of a narrowed house, cards merged into another, a stranger."""
    here, there = VenueFactory.create(), VenueFactory.create()
    user = person("floor", here)
    hidden = CustomerFactory.create(name="高橋 美穂", is_confidential=True)
    merged = CustomerFactory.create(name="高橋 美穂", merged_into=guest)
    elsewhere = CustomerFactory.create(name="高橋 美穂", known_at=[there])
    assert set(likely_same(user, name="高橋 美穂")) == {guest, elsewhere}
    House.objects.update(guest_scope=GuestScope.VENUE)
    assert likely_same(person("floor", here), name="高橋 美穂") == [guest]
    assert likely_same(UserFactory.create(), name="高橋 美穂") == []
    assert {hidden, merged}.isdisjoint(likely_same(user, name="高橋 美穂"))


def test_the_guest_whose_card_is_changed_is_no_twin(guest):
    assert likely_same(person("floor"), name="高橋 美穂", but=guest) == []


@pytest.mark.parametrize("number", [1, 3])
def test_the_queries_do_not_grow(guest, number, django_assert_num_queries):
    """The house, numbers, guests, their phones, their addresses; what is shown, with its allergies."""
    CustomerFactory.create_batch(number, name="高橋 美穂", kana="タカハシ ミホ", phones=["090-0000-1482"])
    user = person("floor")
    likely_same(user, name="森")  # what the person may is read once
    with django_assert_num_queries(6):
        found = likely_same(user, name="高橋 美穂", phones=["090-0000-1482"], address="京都市架空町1-2")
    assert len(found) == number + 1


def test_the_whole_house_as_records(guest, somebody):
    """Every value a guest has, in one place."""
    company = CompanyFactory.create(name="株式会社架空商事")
    third = CustomerFactory.create(name="林 花", kana="", birthday_month_day="12-24", company=company, title="部長")
    Address.objects.create(customer=third, label=AddressLabel.HOME, postal_code="6040000", text="京都府京都市架空町1-2")
    CustomerFactory.create(name="高橋 美穂", merged_into=guest)
    loaded = list(persons(Customer.objects.present()))
    assert [one.key for one in loaded] == [guest.pk, somebody.pk, third.pk]
    assert loaded[0] == make_person(
        guest.pk,
        name="高橋 美穂",
        kana="タカハシ ミホ",
        phones=["09000001482"],
        birth=(1961, 4, 1),
        email="miho@example.jp",
    )
    assert loaded[2] == make_person(
        third.pk,
        name="林 花",
        birth=(None, 12, 24),
        postal="6040000",
        address="京都市架空町1-2",
        company="架空商事",
        title="部長",
    )


def test_the_house_is_loaded_in_parts(monkeypatch, django_assert_num_queries):
    """Three queries for each part, nobody is lost between two, and everybody has their own number."""
    monkeypatch.setattr("customers.duplicates.LOADED_AT_ONCE", 2)
    monkeypatch.setattr("customers.duplicates.LOOKED_AT", 1)
    guests = [CustomerFactory.create(phones=[f"090-0000-000{number}"]) for number in range(5)]
    with django_assert_num_queries(9):
        loaded = list(persons(Customer.objects.all()))
    assert [(one.key, one.phones) for one in loaded] == [
        (guest.pk, (f"0900000000{number}",)) for number, guest in enumerate(guests)
    ]


def test_likely_pairs_of_the_house(guest, somebody):
    """One entered twice is found, with reasons; a relative under the same number is not."""
    twice = CustomerFactory.create(
        name="高橋 美保", kana="タカハシ ミホ", phones=["090-0000-1482"], birthday=date(1961, 4, 1)
    )
    CustomerFactory.create(name="髙橋 一郎", kana="タカハシ イチロウ", phones=["090-0000-1482"])
    (match,) = likely_pairs()
    assert (match.one.key, match.other.key) == (guest.pk, twice.pk)
    assert [reason.code for reason in match.reasons][:2] == ["phone_same", "birth_same"]
    assert list(likely_pairs(Customer.objects.exclude(pk=twice.pk))) == []


def test_a_batch_of_a_ledger(guest, somebody, django_assert_num_queries):
    """Each row gets its own likely guests, whatever its key; four queries whatever their number."""
    typed = [
        make_person(guest.pk, name="佐伯 徹", kana="サエキ トオル"),
        make_person(7, name="高橋 美穂", kana="タカハシ ミホ"),
        make_person(8, phones=["0750000200"]),
        make_person(9),
    ]
    with django_assert_num_queries(4):
        likely = likely_for_batch(typed, Customer.objects.present())
    assert {key: [match.other.key for match in matches] for key, matches in likely.items()} == {
        7: [guest.pk],
        8: [somebody.pk],
    }


def test_every_reason_has_its_sentence():
    """No code reaches a screen; a field of a house's own says its code."""
    named = {f"{field.name}_{level}" for field in FIELDS for level in field.levels if level != "unknown"}
    impossible = {"given_swapped"}
    assert set(SENTENCES) == named - impossible
    with translation.override("en"):
        assert reason_text("phone_same") == "same phone"
        assert reason_text("given_near") == "given name differs by one sign"
        assert reason_text("state_same") == "state_same"
