"""The one search box, on both databases."""

import pytest
from django.db import connection
from django.db.models import F, Value
from django.db.models.functions import Concat

from crm_project.core.accounts.choices import GuestScope
from crm_project.core.accounts.models import House, User
from customers import search, search_tables, services
from customers.models import Company, Customer
from customers.search import find_customers, find_first, find_page, first_known_elsewhere, read_query
from customers.search_index import search_fields
from tests.factories.accounts import UserFactory, VenueFactory, person
from tests.factories.customers import CompanyFactory, CustomerFactory, RankFactory

pytestmark = pytest.mark.django_db


def names(user, query, **narrowed):
    """Names on the first page, which are those of the export."""
    shown = [guest.name for guest in find_page(user, query, 1, size=50, **narrowed).rows]
    assert shown == [guest.name for guest in find_customers(user, query, **narrowed)]
    return shown


def row(name, kana="", **values):
    """An unsaved guest as a bulk write makes one."""
    found_by = search_fields(name=name, kana=kana)
    return Customer(
        name=name,
        kana=kana,
        search_key=found_by.search_key,
        grams=found_by.grams,
        sort_key=found_by.sort_key,
        **values,
    )


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


@pytest.mark.parametrize("query", ["マルベニ", "まるべに", "ﾏﾙﾍﾞﾆ", "marubeni", "カブシキガイシャマルベニ", "まるべn"])
def test_reading_of_a_company_finds_its_guests(query):
    """As the telephone says it."""
    company = CompanyFactory.create(name="株式会社丸紅", kana="カブシキガイシャ マルベニ")
    CustomerFactory.create(name="佐伯 徹", kana="サエキ トオル", company=company)
    CustomerFactory.create(name="林 花", kana="ハヤシ ハナ", company=CompanyFactory.create(name="株式会社松坂"))
    assert names(person("floor"), query) == ["佐伯 徹"]


def test_reading_that_a_company_gets_later_finds_its_guests():
    """The desk hears how the company is read and writes it down."""
    company = CompanyFactory.create(name="株式会社丸紅")
    CustomerFactory.create(name="佐伯 徹", kana="サエキ トオル", company=company)
    floor = person("floor")
    assert names(floor, "まるべに") == []
    services.change_company(company=company, by=floor, kana="マルベニ")
    assert names(floor, "まるべに") == ["佐伯 徹"]


def test_former_name_and_what_the_house_calls_a_guest_are_found():
    """A guest who married, a guest everybody calls by the name of the shop."""
    CustomerFactory.create(name="佐伯 徹", kana="サエキ トオル", former_name="早乙女", called="若旦那")
    assert names(person("floor"), "早乙女") == names(person("floor"), "若旦那") == ["佐伯 徹"]


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


@pytest.mark.parametrize(
    "query", ["林", "林さん", "林様", "林 様", "林先生", "はやし様", "ハヤシさん", "ﾊﾔｼｻﾝ", "林茂さん"]
)
def test_a_name_of_one_sign_is_found_as_it_is_spoken(query):
    guest = CustomerFactory.create(name="林 茂", kana="ハヤシ シゲル")
    CustomerFactory.create(name="森 一", kana="モリ ハジメ")
    assert list(find_customers(person("floor"), query)) == [guest]


def test_last_four_digits_come_first_and_any_part_is_found():
    """The desk asks for the last four digits."""
    CustomerFactory.create(name="阿部 一", kana="アベ ハジメ", phones=["03-1482-0000"])
    CustomerFactory.create(name="渡邉 健一", kana="ワタナベ ケンイチ", phones=["090-0000-1482"])
    CustomerFactory.create(name="林 花", kana="ハヤシ ハナ", phones=["075-000-0100"])
    floor = person("floor")
    assert names(floor, "1482") == ["渡邉 健一", "阿部 一"]
    assert names(floor, "１４８２") == ["渡邉 健一", "阿部 一"]
    assert names(floor, "075-000") == ["林 花"]


@pytest.mark.parametrize(
    "query",
    [
        "09000001482",
        "090-0000-1482",
        "０９０－００００－１４８２",
        "090(0000)1482",
        "(090) 0000 1482",
        "（０９０）００００１４８２",
        "+81 90 0000 1482",
        "＋８１（０）９０‐００００‐１４８２",
        "+81-90-0000-1482",
        "81-90-0000-1482",
        "090.0000.1482",
        "090−0000−1482",
        "0000-14",
        "001482",
        "90 0000",
    ],
)
def test_any_part_of_a_number_in_any_spelling(query):
    """As the telephone shows it, as a business card prints it, as a foreign hotel writes it."""
    CustomerFactory.create(name="渡邉 健一", kana="ワタナベ ケンイチ", phones=["090-0000-1482"])
    CustomerFactory.create(name="林 花", kana="ハヤシ ハナ", phones=["075-111-0100"])
    assert names(person("floor"), query) == ["渡邉 健一"]


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


@pytest.mark.parametrize("query", ["100%", "_", "%", "\\", '"', "*", "渡OR健", "^渡", "-渡+", "+", "AND"])
def test_signs_of_the_query_language_are_only_signs(query):
    """Nothing typed is a pattern."""
    CustomerFactory.create(name="渡邉 健一")
    assert names(person("floor"), query) == []


@pytest.mark.parametrize(
    "name",
    [
        "B&B",
        "100%",
        "①番館",
        "café",
        "𠮷田",
        "㐂久",
        "ヴァン",
        "ガ行",
        "パ行",
        "が\u3099",
        "🍣大将",
        "〆鯖",
        "佐々木",
        "Ωmega",
    ],
)
def test_every_sign_of_a_name_finds_it(name):
    """Voiced kana are not their plain ones, signs are not left out, new kanji are characters like others."""
    CustomerFactory.create(name=name, kana="")
    CustomerFactory.create(name="カ行 ハ行 cafe b b 100 番館", kana="")
    floor = person("floor")
    assert names(floor, name) == [name]
    assert name in names(floor, name[0])


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
    floor = person("floor")
    assert names(floor, "", row="か") == ["加藤 一", "後藤 二"]
    assert names(floor, "藤", row="か") == ["加藤 一", "後藤 二"]
    assert len(names(floor, "", row="x")) == 4


def test_rank_narrows_what_is_found():
    """The list of a rank can be searched."""
    best = RankFactory.create()
    CustomerFactory.create(name="高橋 一", rank=best)
    CustomerFactory.create(name="高橋 二")
    CustomerFactory.create(name="林 三", rank=best)
    floor = person("floor")
    assert names(floor, "高橋", rank=best.pk) == ["高橋 一"]
    assert names(floor, "", rank=best.pk) == ["林 三", "高橋 一"]


def test_narrowed_house_shows_strangers_only_what_harms_a_guest():
    """A guest of another venue is found for the allergies alone; somebody who works nowhere finds nobody."""
    here, there = VenueFactory.create(), VenueFactory.create()
    CustomerFactory.create(name="当店 一", kana="トウテン", known_at=[here])
    CustomerFactory.create(name="他店 二", kana="タテン", known_at=[there], allergic_to=["shrimp"])
    CustomerFactory.create(name="新規 三", kana="シンキ")
    floor, stranger = person("floor", here), UserFactory.create()
    assert names(floor, "店") == ["他店 二", "当店 一"]
    House.objects.update_or_create(pk=1, defaults={"guest_scope": GuestScope.VENUE})
    floor.forget_rights()  # as the next request does
    assert names(floor, "店") == ["当店 一"]
    assert names(floor, "新規") == ["新規 三"]
    assert [guest.name for guest in first_known_elsewhere(floor, "店", 5)] == ["他店 二"]
    assert first_known_elsewhere(floor, "", 5) == []
    assert names(stranger, "") == names(stranger, "店") == []
    assert first_known_elsewhere(stranger, "店", 5) == []


def test_house_that_shares_everything_has_nobody_elsewhere():
    """Without narrowing the second list is empty; a confidential guest is in neither."""
    CustomerFactory.create(name="他店 二", kana="タテン", known_at=[VenueFactory.create()])
    secret = CustomerFactory.create(
        name="忍店 三", kana="シノビテン", known_at=[VenueFactory.create()], is_confidential=True
    )
    floor = person("floor")
    assert names(floor, "店") == ["他店 二"]
    assert first_known_elsewhere(floor, "店", 5) == []
    House.objects.update_or_create(pk=1, defaults={"guest_scope": GuestScope.VENUE})
    floor.forget_rights()
    assert secret.name not in {guest.name for guest in first_known_elsewhere(floor, "店", 5)}
    assert first_known_elsewhere(floor, "忍店", 5) == []


def test_guest_merged_into_another_is_not_found():
    """There is one card."""
    kept = CustomerFactory.create(name="高橋 一")
    CustomerFactory.create(name="高橋 二", merged_into=kept)
    assert names(person("floor"), "高橋") == ["高橋 一"]


class TestMoreThanAreCounted:
    """Beyond the cap who begins with it is complete and in order, the others are some."""

    @pytest.fixture
    def floor(self, monkeypatch):
        """A house where three guests are many, and somebody who searches it."""
        monkeypatch.setattr(search, "COUNTED_GUESTS", 4)
        for name, kana in [
            ("中川 一", "ナカガワ ハジメ"),
            ("田中 二", "タナカ ジ"),
            ("仲田 三", "ナカタ サン"),
            ("名嘉 四", "ナカ シ"),
            ("山中 五", "ヤマナカ ゴ"),
            ("竹中 六", "タケナカ ロク"),
        ]:
            CustomerFactory.create(name=name, kana=kana)
        return person("floor")

    @pytest.mark.parametrize("query", ["なか", "naka"])
    def test_names_that_begin_with_it_come_first_and_in_order(self, floor, query):
        """Those read ナカ..., and 田中 behind them."""
        page = find_page(floor, query, 1, size=3)
        assert [guest.name for guest in page.rows] == ["中川 一", "名嘉 四", "仲田 三"]
        assert (page.total, page.capped, page.last) == (4, True, 2)

    def test_next_page_goes_on_with_the_others(self, floor):
        """Each guest once."""
        page = find_page(floor, "なか", 2, size=2)
        assert page.rows[0].name == "仲田 三"
        assert page.rows[1].name in {"田中 二", "山中 五", "竹中 六"}

    def test_page_too_far_is_the_last_one(self, floor):
        """An old address."""
        assert find_page(floor, "なか", 99, size=2).number == 2
        assert find_page(floor, "中", 99, size=2).number == 2
        assert find_page(floor, "仲田", 99, size=2).number == 1
        assert find_page(floor, "nobody", 7, size=2).number == 1

    def test_what_is_found_and_no_more_is_exact(self, floor):
        """As many as are counted are not capped."""
        page = find_page(floor, "中", 1, size=9)
        assert ([guest.name for guest in page.rows], page.total, page.capped) == (
            ["中川 一", "竹中 六", "田中 二", "山中 五"],
            4,
            False,
        )

    def test_picker_gets_the_first_ones(self, floor):
        """A picker shows what the list would."""
        assert [guest.name for guest in find_first(floor, "なか", 1)] == ["中川 一"]
        assert find_first(floor, " ", 1) == []

    def test_last_digits_come_first(self, floor):
        """However many numbers contain them."""
        for number in range(6):
            CustomerFactory.create(name=f"林 {number}", kana="", phones=[f"03-1482-000{number}"])
        CustomerFactory.create(name="渡邉 健一", phones=["090-0000-1482"])
        page = find_page(floor, "1482", 1, size=2)
        assert (page.rows[0].name, page.capped) == ("渡邉 健一", True)


class TestEveryWritePath:
    """No way of writing a guest forgets what the guest is found by."""

    def test_bulk_write_is_found(self):
        """As the ledger, accounting and the demo house write."""
        Customer.objects.bulk_create([row("高橋 一", "タカハシ"), row("林 花", "ハヤシ")])
        assert names(person("floor"), "たかはし") == ["高橋 一"]

    def test_bulk_change_is_found_under_the_new_name_alone(self):
        """The former name is no guest any more."""
        Customer.objects.bulk_create([row("高橋 一", "タカハシ"), row("林 花", "ハヤシ")])
        changed = [Customer.objects.get(name="高橋 一")]
        found_by = search_fields(name="森 一", kana="モリ")
        for guest in changed:
            guest.name, guest.search_key, guest.grams = "森 一", found_by.search_key, found_by.grams
        Customer.objects.bulk_update(changed, ["name", "search_key", "grams"])
        floor = person("floor")
        assert (names(floor, "森"), names(floor, "高橋"), names(floor, "林")) == (["森 一"], [], ["林 花"])

    def test_own_statement_is_followed(self):
        """Somebody writes SQL of their own."""
        Customer.objects.bulk_create([row("高橋 一", "タカハシ"), row("林 花", "ハヤシ")])
        Customer.objects.filter(name="林 花").update(
            search_key=Concat(F("search_key"), Value(" 丸紅")), grams=Concat(F("grams"), Value(" 丸 紅 丸紅"))
        )
        with connection.cursor() as cursor:
            cursor.execute("DELETE FROM customers_customer WHERE name = %s", ["高橋 一"])
        floor = person("floor")
        assert (names(floor, "丸紅"), names(floor, "高橋")) == (["林 花"], [])

    def test_migration_that_makes_the_table_anew_leaves_guests_findable(self):
        """SQLite drops the triggers with the old table; what runs after every migration brings them back."""
        CustomerFactory.create(name="高橋 一")
        if connection.vendor == "sqlite":
            with connection.cursor() as cursor:
                cursor.execute("DROP TRIGGER customer_grams_insert")
        Customer.objects.bulk_create([row("高橋 二")])
        search_tables.ensure(connection)
        Customer.objects.bulk_create([row("高橋 三")])
        assert len(names(person("floor"), "高橋")) == 3

    def test_company_named_anew_takes_its_guests_along(self):
        """Under the new name at once, and no more under the old one."""
        company = CompanyFactory.create(name="北辰電機株式会社")
        CustomerFactory.create(name="佐伯 徹", company=company)
        services.change_company(company=Company.objects.get(), by=User.objects.system(), name="北斗電機株式会社")
        floor = person("floor")
        assert (names(floor, "北斗"), names(floor, "北辰")) == (["佐伯 徹"], [])


def test_search_asks_an_index():
    """No walk through everybody: the index of the grams, and for who begins with it the index in the order of readings."""
    floor = person("floor")
    # Enough guests of many names for PostgreSQL to tell the indexes apart by their cost.
    families = [f"{first}{second}" for first in "佐鈴高田伊渡山中小加" for second in "藤木橋中野部本村林井"]
    Customer.objects.bulk_create(
        row(f"{family} 花子", f"{kana}タ ハナコ", code=f"S{number}{kana}")
        for number, family in enumerate(families)
        for kana in "アカサタナハマヤラワ"
    )
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE customers_customer")
            cursor.execute("SET LOCAL enable_seqscan = off")
            # A few guests are sorted faster than they are read in order; of a million that cannot be.
            cursor.execute("SET LOCAL enable_sort = off")
    wanted = read_query(floor, "田中")
    assert wanted is not None
    plan = Customer.objects.filter(wanted.found).explain()
    assert (search_tables.TABLE if connection.vendor == "sqlite" else "customer_grams") in plan
    guests = Customer.objects.order_by("sort_key", "pk")
    for query, index in [
        ("なか", "customer_reading"),
        ("田", "customer_begins_1"),
        ("田中", "customer_begins_2"),
        ("田中一", "customer_begins_2"),
    ]:
        wanted = read_query(floor, query)
        assert wanted is not None
        (begins,) = wanted.first
        plan = guests.filter(begins)[:20].explain()
        assert index in plan
        assert "TEMP B-TREE" not in plan
        assert "Sort" not in plan
