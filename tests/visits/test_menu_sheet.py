"""お品書き: what guests read, in both languages; tonight's changes and a seat's exceptions; nothing that is not theirs."""

from datetime import date, datetime, time

import pytest

from crm_project.core.audit.models import AuditEntry
from menus.models import Dish
from tests.factories.accounts import VenueFactory, person
from tests.factories.customers import CustomerFactory
from tests.factories.menus import CourseFactory, DishFactory
from tests.factories.visits import RoomFactory, VisitFactory
from visits.discretion import seal_visit
from visits.menu_sheet import day_in_english, day_in_kanji, in_kanji
from visits.models import SeatException, TonightChange

pytestmark = pytest.mark.django_db

DAY = date(2026, 11, 30)
PAGE = f"/visits/menus/?day={DAY.isoformat()}"
QUERIES_OF_MENUS = 12


@pytest.fixture
def venue():
    return VenueFactory.create()


@pytest.fixture
def floor(venue):
    return person("floor", venue)


@pytest.fixture
def dishes():
    return [
        DishFactory.create(name="柚子釜盛り3種", position="sakizuke", name_en="Three morsels in a yuzu cup"),
        DishFactory.create(name="海老真薯", position="wanmono", presences={"shrimp": "contains"}),
        DishFactory.create(name="鰤の照焼", position="yakimono", name_en="Grilled yellowtail"),
    ]


@pytest.fixture
def evening(venue, dishes):
    """渡邉 様 and one more, at six in 桔梗."""
    return VisitFactory.create(
        venue=venue,
        room=RoomFactory.create(venue=venue, name="桔梗"),
        starts_at=datetime.combine(DAY, time(18), tzinfo=venue.zone),
        status="reserved",
        party_size=2,
        course=CourseFactory.create(name="霜月の会席 12品", of=dishes, price=25000),
        guests=[CustomerFactory.create(name="渡邉 健一", allergic_to=["shrimp"])],
    )


@pytest.fixture
def signed(client, floor):
    client.force_login(floor)
    return client


def menus(response):
    return [
        (sheet.copies, [line.name for line in sheet.lines])
        for table in response.context["tables"]
        for sheet in table.sheets
    ]


def printed(response):
    """What comes out of the printer."""
    return "".join(part.partition("</article>")[0] for part in response.content.decode().split("<article")[1:])


class TestWords:
    def test_numbers_of_a_vertical_line_are_kanji(self):
        assert in_kanji("柚子釜盛り3種") == "柚子釜盛り三種"
        assert in_kanji("１２品") == "十二品"
        assert in_kanji("銘柄 0 12345") == "銘柄 0 12345"

    def test_the_day(self):
        assert day_in_kanji(DAY) == "令和八年十一月三十日"
        assert day_in_kanji(date(2019, 5, 1)) == "令和元年五月一日"
        assert day_in_english(DAY) == "30 November 2026"


class TestWhatGuestsRead:
    def test_dishes_under_their_headings_and_nothing_else(self, signed, evening):
        page = signed.get(PAGE)

        text = printed(page)
        for words in ("お品書き", "先付", "椀物", "柚子釜盛り三種", "霜月の会席 十二品", "令和八年十一月三十日"):
            assert words in text
        for words in ("えび", "渡邉", "25,000", "桔梗", "18:00"):
            assert words not in text

    def test_tonights_changes_are_applied(self, signed, venue, floor, evening, dishes):
        crab = DishFactory.create(name="鯛の塩焼", position="yakimono")
        TonightChange.objects.create(venue=venue, business_date=DAY, dish=dishes[2], replacement=crab, made_by=floor)
        assert menus(signed.get(PAGE)) == [(2, ["柚子釜盛り三種", "海老真薯", "鯛の塩焼"])]

    def test_a_seat_that_has_something_else_has_a_menu_of_its_own(self, signed, floor, evening, dishes):
        tofu = DishFactory.create(name="湯葉真薯", position="wanmono")
        seat = evening.attendances.get()
        SeatException.objects.create(
            visit=evening, attendance=seat, dish=dishes[1], kind="replaced", replacement=tofu, made_by=floor
        )
        SeatException.objects.create(visit=evening, attendance=seat, dish=dishes[2], kind="left_out", made_by=floor)

        page = signed.get(PAGE)

        assert menus(page) == [
            (1, ["柚子釜盛り三種", "海老真薯", "鰤の照焼"]),
            (1, ["柚子釜盛り三種", "湯葉真薯"]),
        ]
        assert "渡邉" not in printed(page)
        assert "渡邉 健一 様" in printed(signed.get(f"{PAGE}&names=1"))
        assert len(menus(signed.get(f"{PAGE}&seats=one"))) == 1

    def test_in_english_with_what_is_missing_told_before(self, signed, evening, dishes):
        page = signed.get(f"{PAGE}&language=en")

        text = printed(page)
        assert "Three morsels in a yuzu cup" in text
        assert "Clear soup" in text
        assert page.context["without_english"] == [dishes[1]]
        assert "海老真薯" in page.content.decode().partition("menu-sheets")[0]
        Dish.objects.filter(pk=dishes[1].pk).update(name_en="Shrimp dumpling soup")
        assert not signed.get(f"{PAGE}&language=en").context["without_english"]

    def test_the_price_when_chosen(self, signed, evening):
        assert "25,000" in printed(signed.get(f"{PAGE}&price=1"))

    def test_paper_and_nonsense(self, signed, evening):
        assert "menu-landscape" in printed(signed.get(PAGE))
        assert "menu-portrait" in printed(signed.get(f"{PAGE}&paper=portrait"))
        assert signed.get("/visits/menus/?day=x&language=%00&paper=9&seats=%F0%9F%8D%A3").status_code == 200

    def test_of_a_course(self, signed, evening, dishes):
        page = signed.get(f"/visits/menus/courses/{evening.course_id}/")
        assert "鰤の照焼" in printed(page)
        assert "令和" not in printed(page)
        assert signed.get("/visits/menus/courses/999999/").status_code == 404


class TestWhoSees:
    def test_owner_colleague_stranger(self, client, venue, floor, evening):
        seal_visit(visit=evening, by=(okami := person("okami", venue)), people=[okami])
        seen = {}
        for role, somebody in (("named", okami), ("colleague", floor), ("stranger", person("floor"))):
            client.force_login(type(floor).objects.get(pk=somebody.pk))
            seen[role] = (
                len(client.get(PAGE).context["tables"]),
                client.get(f"/visits/{evening.pk}/menus/").status_code,
            )
        assert seen == {"named": (1, 200), "colleague": (0, 404), "stranger": (0, 404)}

    def test_opening_it_is_noted(self, signed, evening):
        signed.get(f"/visits/{evening.pk}/menus/")
        assert [entry.action for entry in AuditEntry.objects.about(evening)] == ["viewed"]


@pytest.mark.parametrize("tables", [1, 3])
def test_as_many_queries_for_three_tables_as_for_one(signed, venue, django_assert_num_queries, tables):
    for _number in range(tables):
        VisitFactory.create(
            venue=venue,
            starts_at=datetime.combine(DAY, time(18), tzinfo=venue.zone),
            status="reserved",
            course=CourseFactory.create(of=[DishFactory.create(presences={"shrimp": "contains"})]),
            guests=[CustomerFactory.create(allergic_to=["shrimp"])],
        )
    signed.get(PAGE)
    with django_assert_num_queries(QUERIES_OF_MENUS):
        assert len(signed.get(PAGE).context["tables"]) == tables
