"""The one search box, on both databases."""

import pytest
from django.db import connection

from crm_project.core.accounts.choices import GuestScope
from crm_project.core.accounts.models import House
from customers.models import Customer
from customers.search import find_customers, find_known_elsewhere, in_kana_row
from tests.factories.accounts import UserFactory, VenueFactory, person
from tests.factories.customers import CompanyFactory, CustomerFactory

pytestmark = pytest.mark.django_db


def names(user, query):
    return [guest.name for guest in find_customers(user, query)]


@pytest.mark.parametrize(
    "query",
    [
        "高橋",
        "髙橋",
        "たかはし",
        "タカハシ",
        "ﾀｶﾊｼ",
        "takahashi",
        "TAKAHASHI",
        "高橋 美穂",
        "髙橋様",
        "高橋さん",
        "たかはしはん",
        "たかはsh",
    ],
)
def test_every_writing_of_a_name_finds_the_guest(query):
    """One name, however it is typed."""
    CustomerFactory.create(name="髙橋 美穂", kana="タカハシ ミホ")
    CustomerFactory.create(name="渡邉 健一", kana="ワタナベ ケンイチ")
    assert names(person("floor"), query) == ["髙橋 美穂"]


@pytest.mark.parametrize("query", ["丸紅", "丸紅㈱", "株式会社丸紅", "株式会社 丸紅", "丸紅株式会社", "(株)丸紅"])
@pytest.mark.parametrize("written", ["株式会社丸紅", "丸紅㈱", "丸紅"])
def test_every_writing_of_a_company_finds_its_guests(query, written):
    """The legal form, in front, behind or absent."""
    CustomerFactory.create(name="佐伯 徹", kana="サエキ トオル", company=CompanyFactory.create(name=written))
    CustomerFactory.create(name="林 花", kana="ハヤシ ハナ", company=CompanyFactory.create(name="株式会社松坂"))
    assert names(person("floor"), query) == ["佐伯 徹"]


@pytest.mark.parametrize("query", ["sato", "satou", "satō", "さとう", "sato yuko", "yuko sato"])
def test_romaji_without_long_vowels_finds_the_reading(query):
    """People type names in Latin letters as they hear them."""
    CustomerFactory.create(name="佐藤 優子", kana="サトウ ユウコ")
    CustomerFactory.create(name="鈴木 一", kana="スズキ ハジメ")
    assert names(person("floor"), query) == ["佐藤 優子"]


def test_one_and_two_characters_find_names_that_begin_with_them_first():
    """Two characters are enough, one is a start."""
    CustomerFactory.create(name="秋田 一", kana="アキタ ハジメ")
    CustomerFactory.create(name="田中 次郎", kana="タナカ ジロウ")
    CustomerFactory.create(name="林 花", kana="ハヤシ ハナ")
    floor = person("floor")
    assert names(floor, "田") == ["田中 次郎", "秋田 一"]
    assert names(floor, "た") == ["田中 次郎", "秋田 一"]
    assert names(floor, "田中") == ["田中 次郎"]


def test_last_four_digits_come_first_and_any_part_is_found():
    """The desk asks for the last four digits."""
    CustomerFactory.create(name="阿部 一", kana="アベ ハジメ", phones=["03-1482-0000"])
    CustomerFactory.create(name="渡邉 健一", kana="ワタナベ ケンイチ", phones=["090-0000-1482"])
    CustomerFactory.create(name="林 花", kana="ハヤシ ハナ", phones=["075-000-0100"])
    floor = person("floor")
    assert names(floor, "1482") == ["渡邉 健一", "阿部 一"]
    assert names(floor, "１４８２") == ["渡邉 健一", "阿部 一"]
    assert names(floor, "075-000") == ["林 花"]
    assert names(floor, "+81 90 0000 1482") == ["渡邉 健一"]


def test_codes_are_found_with_and_without_their_hyphen():
    """The code of the ledger."""
    CustomerFactory.create(name="渡邉 健一", code="C-001482")
    CustomerFactory.create(name="林 花", code="C-001483")
    floor = person("floor")
    assert names(floor, "C-001482") == ["渡邉 健一"]
    assert names(floor, "c001482") == ["渡邉 健一"]
    assert names(floor, "001482") == ["渡邉 健一"]


def test_kitchen_finds_no_guest_by_phone():
    """Who sees no contacts cannot ask whose number it is."""
    CustomerFactory.create(name="渡邉 健一", code="77", phones=["090-0000-1482"])
    kitchen = person("kitchen")
    assert names(kitchen, "1482") == []
    assert names(kitchen, "1482様") == []
    assert names(kitchen, "77") == ["渡邉 健一"]
    assert names(kitchen, "渡辺") == ["渡邉 健一"]


@pytest.mark.parametrize("query", ["100%", "_", "%", "\\"])
def test_signs_of_the_query_language_are_only_signs(query):
    """Nothing typed is a pattern."""
    CustomerFactory.create(name="渡邉 健一")
    assert names(person("floor"), query) == []


def test_blank_query_is_everybody_recently_seen_first():
    """An empty box shows whom the house has just seen."""
    CustomerFactory.create(name="never", kana="", last_visit_on=None)
    CustomerFactory.create(name="before", kana="", last_visit_on="2026-05-01")
    CustomerFactory.create(name="lately", kana="", last_visit_on="2026-06-01")
    assert names(person("floor"), "　") == ["lately", "before", "never"]


def test_kana_rows_narrow_the_list():
    """あかさたな."""
    CustomerFactory.create(name="加藤 一", kana="カトウ ハジメ")
    CustomerFactory.create(name="後藤 二", kana="ゴトウ ジ")
    CustomerFactory.create(name="佐藤 三", kana="サトウ サン")
    CustomerFactory.create(name="伊藤 四", kana="イトウ シ")
    everybody = Customer.objects.all()
    assert [guest.name for guest in in_kana_row(everybody, "か")] == ["加藤 一", "後藤 二"]
    assert in_kana_row(everybody, "x").count() == 4


def test_narrowed_house_shows_strangers_only_what_harms_a_guest():
    """A guest of another venue is found for the allergies alone; somebody who works nowhere finds nobody."""
    here, there = VenueFactory.create(), VenueFactory.create()
    CustomerFactory.create(name="当店 一", kana="トウテン", known_at=[here])
    CustomerFactory.create(name="他店 二", kana="タテン", known_at=[there], allergic_to=["shrimp"])
    CustomerFactory.create(name="新規 三", kana="シンキ")
    floor, stranger = person("floor", here), UserFactory.create()
    assert names(floor, "店") == ["他店 二", "当店 一"]
    House.objects.update_or_create(pk=1, defaults={"guest_scope": GuestScope.VENUE})
    assert names(floor, "店") == ["当店 一"]
    assert names(floor, "新規") == ["新規 三"]
    assert [guest.name for guest in find_known_elsewhere(floor, "店")] == ["他店 二"]
    assert list(find_known_elsewhere(floor, "")) == []
    assert names(stranger, "") == []
    assert list(find_known_elsewhere(stranger, "店")) == []


def test_house_that_shares_everything_has_nobody_elsewhere():
    """Without narrowing the second list is empty."""
    CustomerFactory.create(name="他店 二", kana="タテン")
    assert list(find_known_elsewhere(person("floor"), "店")) == []


def test_search_asks_the_grams_on_postgresql():
    """The planner is not tempted to walk the index of readings and to test everybody on the way."""
    guests = find_customers(person("floor"), "田中")[:20]
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL enable_seqscan = off")
        plan = guests.explain()
        assert "customer_grams" in plan
        assert "sort_key" not in plan.split("Sort Key")[-1].split("Bitmap")[-1]
    else:
        assert "LIKE" in str(guests.query)
