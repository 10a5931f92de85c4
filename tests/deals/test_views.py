"""The board, the table, one inquiry: who sees it, who moves it, and that nobody loses one without a reason."""

from datetime import date, timedelta
from decimal import Decimal
from uuid import uuid4

import pytest
from django.urls import reverse
from django.utils import timezone

from crm_project.core.accounts.models import Role, User
from crm_project.core.accounts.services import assign_role
from crm_project.core.audit.models import AuditEntry
from crm_project.core.comments.models import ThreadRead
from customers.models import Customer
from deals.choices import LossReason, Stage
from deals.models import Activity, Deal, StageLabel
from deals.queries import CARDS_PER_COLUMN
from deals.services import add_activity, create_deal
from tests.factories.accounts import UserFactory, VenueFactory, person
from tests.factories.customers import CompanyFactory, CustomerFactory
from tests.factories.deals import DealFactory

pytestmark = pytest.mark.django_db

BOARD = reverse("deals:board")
TABLE = reverse("deals:table")
CREATE = reverse("deals:create")


@pytest.fixture
def venue():
    return VenueFactory.create()


@pytest.fixture
def sales(venue):
    return person("sales", venue, display_name="大野")


@pytest.fixture
def deal(venue, sales):
    return create_deal(by=sales, venue=venue, title="賀詞交歓会", contact_text="洛北商工会", party_size=120)


@pytest.fixture
def at_work(client, sales):
    client.force_login(sales)
    return client


def url(name: str, deal: Deal) -> str:
    return reverse(f"deals:{name}", args=[deal.pk])


def inquiry(at_venue, owner, **values) -> dict[str, object]:
    """What the form sends."""
    return {"title": "忘年会", "venue": at_venue.pk, "owner": owner.pk, "form_token": str(uuid4())} | values


def shown(response) -> dict[str, list[str]]:
    return {column.stages[0].stage: [deal.title for deal in column.deals] for column in response.context["columns"]}


# Who may


@pytest.mark.parametrize("name", ["card", "edit", "lose", "move", "add_activity"])
def test_owner_colleague_and_stranger(client, venue, sales, deal, name):
    people = {
        "owner": sales,
        "colleague": person("desk", venue),
        "president": person("president", venue),
        "floor": person("floor", venue),
        "elsewhere": person("sales"),
        "stranger": UserFactory.create(),
    }
    statuses = {}
    for who, user in people.items():
        client.force_login(user)
        data = {"stage": "proposal", "text": "お電話"}
        ask = client.post(url(name, deal), data) if name in ("move", "add_activity") else client.get(url(name, deal))
        statuses[who] = ask.status_code
    works = 302 if name in ("move", "add_activity") else 200
    looks = 200 if name == "card" else 403
    assert statuses == {
        "owner": works,
        "colleague": works,
        "president": looks,
        "floor": 403,
        "elsewhere": 404,
        "stranger": 403,
    }


@pytest.mark.parametrize(
    ("role", "expected"),
    [("floor", 403), ("kitchen", 403), ("sales", 200), ("desk", 200), ("manager", 200), ("president", 200)],
)
def test_who_sees_the_lists(client, venue, role, expected):
    client.force_login(person(role, venue))
    assert client.get(BOARD).status_code == client.get(TABLE).status_code == expected


def test_who_may_look_gets_no_buttons(client, venue, deal):
    client.force_login(person("president", venue))
    for address in (url("card", deal), BOARD, TABLE):
        html = client.get(address).content.decode()
        assert url("move", deal) not in html
        assert url("edit", deal) not in html
        assert f'href="{CREATE}"' not in html


def test_lists_hold_the_deals_of_one_s_own_venues(at_work, deal):
    DealFactory.create(title="よその店")
    assert shown(at_work.get(BOARD))["inquiry"] == ["賀詞交歓会"]
    assert [row.title for row in at_work.get(TABLE).context["page"].rows] == ["賀詞交歓会"]


# The board


def test_the_board_has_a_column_per_stage_in_the_house_s_words(at_work, venue, sales):
    StageLabel.objects.filter(stage="inquiry").update(label="お引き合い")
    now = timezone.now()
    said = {"venue": venue, "owner": sales}
    for stage in Stage:
        DealFactory.create(
            stage=stage, title=stage.value, closed_at=None if stage not in ("won", "lost") else now, **said
        )
    DealFactory.create(stage=Stage.WON, title="昨年", closed_at=now - timedelta(days=40), **said)
    response = at_work.get(BOARD)
    assert shown(response) == {
        "inquiry": ["inquiry"],
        "site_visit": ["site_visit"],
        "proposal": ["proposal"],
        "tentative_hold": ["tentative_hold"],
        "won": ["won", "lost"],
    }
    html = response.content.decode()
    assert "お引き合い" in html
    assert "ご成約・見送り" in html


def test_the_line_above_the_board(at_work, venue, sales):
    now = timezone.now()
    said = {"venue": venue, "owner": sales}
    DealFactory.create(stage="inquiry", amount=Decimal(100_000), **said)
    DealFactory.create(stage="proposal", amount=Decimal(1_000_000), moved_at=now - timedelta(days=15), **said)
    DealFactory.create(stage="proposal", amount=None, moved_at=now - timedelta(days=13), **said)
    DealFactory.create(stage="won", closed_at=now - timedelta(days=300), amount=Decimal(9_000_000), **said)
    DealFactory.create(stage="won", closed_at=now - timedelta(days=400), **said)
    DealFactory.create(stage="lost", closed_at=now, moved_at=now - timedelta(days=99), **said)
    DealFactory.create(stage="lost", closed_at=now - timedelta(days=300), **said)
    figures = at_work.get(BOARD).context["figures"]
    # 10 % of 100,000 and 50 % of 1,000,000
    assert (figures.open_count, figures.weighted, figures.quiet) == (3, Decimal(510_000), 1)
    assert (figures.won_percent, figures.lost_this_month) == (Decimal("33.3"), 1)


def test_an_empty_board(at_work):
    figures = at_work.get(BOARD).context["figures"]
    assert (figures.open_count, figures.weighted, figures.won_percent) == (0, 0, None)


def test_what_has_been_quiet_too_long_is_flagged(at_work, venue, sales, deal):
    assert "card-ask" not in at_work.get(BOARD).content.decode()
    Deal.objects.update(moved_at=timezone.now() - timedelta(days=16))
    html = at_work.get(BOARD).content.decode()
    assert "card-ask" in html
    assert "16" in html


def test_a_long_column_says_how_many_more(at_work, venue, sales):
    DealFactory.create_batch(CARDS_PER_COLUMN + 3, venue=venue, owner=sales)
    column = at_work.get(BOARD).context["columns"][0]
    assert (len(column.deals), column.more) == (CARDS_PER_COLUMN, 3)


def test_the_next_event_stands_first(at_work, venue, sales):
    for day in (date(2027, 3, 1), None, date(2027, 1, 8)):
        DealFactory.create(venue=venue, owner=sales, event_date=day, title=str(day))
    expected = ["2027-01-08", "2027-03-01", "None"]
    assert shown(at_work.get(BOARD))["inquiry"] == expected
    assert [row.title for row in at_work.get(TABLE).context["page"].rows] == expected


@pytest.mark.parametrize("count", [1, 3])
def test_queries_of_the_board(at_work, venue, sales, django_assert_num_queries, count):
    for _ in range(count):
        create_deal(
            by=sales, venue=venue, title="忘年会", customer=CustomerFactory.create(), company=CompanyFactory.create()
        )
    with django_assert_num_queries(10):
        at_work.get(BOARD)


@pytest.mark.parametrize("count", [1, 3])
def test_queries_of_the_table(at_work, venue, sales, django_assert_num_queries, count):
    for _ in range(count):
        create_deal(
            by=sales, venue=venue, title="忘年会", customer=CustomerFactory.create(), company=CompanyFactory.create()
        )
    with django_assert_num_queries(9):
        at_work.get(TABLE)


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({}, {"開", "静", "他", "済"}),
        ({"stage": "open"}, {"開", "静", "他"}),
        ({"stage": "won"}, {"済"}),
        ({"whose": "mine"}, {"開", "静", "済"}),
        ({"whose": "quiet"}, {"静"}),
        ({"stage": "asleep"}, set()),
        ({"whose": "nobody"}, set()),
    ],
)
def test_the_table_narrows(at_work, venue, sales, query, expected):
    old = timezone.now() - timedelta(days=20)
    DealFactory.create(title="開", venue=venue, owner=sales)
    DealFactory.create(title="静", venue=venue, owner=sales, moved_at=old)
    DealFactory.create(title="他", venue=venue)
    DealFactory.create(title="済", venue=venue, owner=sales, stage="won", moved_at=old, closed_at=old)
    assert {row.title for row in at_work.get(TABLE, query).context["page"].rows} == expected


def test_htmx_gets_the_list_alone(at_work, deal):
    for address in (BOARD, TABLE):
        html = at_work.get(address, headers={"HX-Request": "true"}).content.decode()
        assert "<html" not in html
        assert deal.title in html


# One inquiry


def test_the_card_tells_all_and_remembers_the_reading(client, venue, sales, deal):
    Deal.objects.update(amount=Decimal(1_200_000), next_step="下見のご案内")
    add_activity(deal=deal, by=sales, text="控室の数とのこと")
    manager = person("manager", venue)
    client.force_login(manager)
    html = client.get(url("card", deal)).content.decode()
    for text in ["賀詞交歓会", "洛北商工会 様", "1,200,000", "控室の数とのこと", "お問い合わせ", "大野"]:
        assert text in html
    assert ThreadRead.objects.get().user == manager
    assert AuditEntry.objects.about(deal).filter(action="viewed", actor=manager).count() == 1


@pytest.mark.parametrize("count", [1, 3])
def test_queries_of_the_card(at_work, sales, deal, django_assert_num_queries, count):
    for number in range(count):
        add_activity(deal=deal, by=sales, text=f"お電話 {number}")
    with django_assert_num_queries(17):
        at_work.get(url("card", deal))


def test_reporting_an_inquiry_with_a_new_company(at_work, venue, sales):
    values = inquiry(
        venue, sales, company_name="北辰電機㈱", amount="1,200,000円", event_date="2026-12-18", party_size="24"
    )
    response = at_work.post(CREATE, values)
    deal = Deal.objects.get()
    assert response.url == url("card", deal)
    assert (str(deal.company), deal.amount, deal.event_date, deal.party_size, deal.owner) == (
        "北辰電機㈱",
        Decimal(1_200_000),
        date(2026, 12, 18),
        24,
        sales,
    )


def test_reporting_for_a_guest_on_file(at_work, venue, sales):
    guest = CustomerFactory.create(name="森本 勇")
    assert at_work.get(CREATE, {"customer": guest.pk}).context["guest"].chosen == guest
    at_work.post(CREATE, inquiry(venue, sales, guest=guest.pk))
    assert Deal.objects.get().customer == guest


def test_reporting_for_somebody_new(at_work, venue, sales):
    new = {"guest-new-name": "大西 花", "guest-new-kana": "おおにし はな", "guest-new-phone": "090-1234-5678"}
    at_work.post(CREATE, inquiry(venue, sales, **new))
    assert Deal.objects.get().customer == Customer.objects.get(name="大西 花")


def test_somebody_asked(at_work, venue, sales):
    response = at_work.post(CREATE, inquiry(venue, sales))
    assert response.status_code == 422
    assert response.context["form"].errors.keys() == {"contact_text"}
    assert not Deal.objects.exists()


def test_a_double_tap_reports_once(at_work, venue, sales):
    new = {"guest-new-name": "大西 花", "guest-new-kana": "おおにし はな", "guest-new-phone": "090-1234-5678"}
    values = inquiry(venue, sales, **new)
    assert at_work.post(CREATE, values).url == at_work.post(CREATE, values | {"guest": Customer.objects.get().pk}).url
    assert Deal.objects.count() == Customer.objects.count() == 1


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"amount": "一万円くらい"}, "amount"),
        ({"amount": "-5"}, "amount"),
        ({"party_size": "0"}, "party_size"),
        ({"event_date": "令和9年13月1日"}, "event_date"),
        ({"title": " "}, "title"),
        ({"venue": "0"}, "venue"),
        ({"form_token": "x"}, "form_token"),
    ],
)
def test_what_cannot_be_read_is_said_at_its_field(at_work, venue, sales, values, field):
    response = at_work.post(CREATE, inquiry(venue, sales, contact_text="洛北商工会", **values))
    assert response.status_code == 422
    assert response.context["form"].errors.keys() == {field}
    assert not Deal.objects.exists()


def test_nobody_reports_at_a_venue_of_others(at_work, sales):
    elsewhere = VenueFactory.create()
    assert at_work.post(CREATE, inquiry(elsewhere, sales, contact_text="洛北商工会")).status_code == 422


def test_changing_the_details(at_work, venue, sales, deal):
    assert "賀詞交歓会" in at_work.get(url("edit", deal)).content.decode()
    values = inquiry(venue, sales, title="新年賀詞交歓会", contact_text="洛北商工会", party_size="100", version=1)
    assert at_work.post(url("edit", deal), values).status_code == 302
    changed = Deal.objects.get()
    assert (changed.title, changed.party_size, changed.version) == ("新年賀詞交歓会", 100, 2)


def test_two_people_change_at_once(at_work, venue, sales, deal):
    first = inquiry(venue, sales, title="賀詞交歓会", contact_text="洛北商工会", party_size="100", version=1)
    at_work.post(url("edit", deal), first)
    response = at_work.post(url("edit", deal), first | {"party_size": "80"})
    assert response.status_code == 409
    assert [value for _label, value in response.context["conflicts"]] == ["100"]
    assert Deal.objects.get().party_size == 100
    at_work.post(
        url("edit", deal), first | {"party_size": "80", "version": response.context["form"]["version"].value()}
    )
    assert Deal.objects.get().party_size == 80


def test_moving_from_the_card_and_from_the_board(at_work, deal):
    assert at_work.post(url("move", deal), {"stage": "proposal"}).url == url("card", deal)
    assert at_work.post(url("move", deal), {"stage": "won", "from": "board"}).url == BOARD
    assert Deal.objects.get().stage == Stage.WON


def test_an_unknown_stage_moves_nothing(at_work, deal):
    at_work.post(url("move", deal), {"stage": "asleep"})
    assert Deal.objects.get().stage == Stage.INQUIRY


def test_every_place_offers_all_stages(at_work, deal):
    for address in (BOARD, url("card", deal)):
        html = at_work.get(address).content.decode()
        assert f'action="{url("move", deal)}"' in html
        assert [stage for stage in Stage.values if f'name="stage" value="{stage}"' in html] == Stage.values


def test_the_board_moves_only_what_one_may_work_on(client, venue, sales, deal):
    elsewhere = VenueFactory.create()
    assign_role(user=sales, venue=elsewhere, role=Role.objects.get(code="president"), by=None)
    seen = DealFactory.create(venue=elsewhere)
    client.force_login(User.objects.get(pk=sales.pk))
    html = client.get(BOARD).content.decode()
    assert url("card", seen) in html
    assert url("move", seen) not in html
    assert url("move", deal) in html
    assert client.post(url("move", seen), {"stage": "proposal"}).status_code == 403


@pytest.mark.parametrize("place", ["", "board"])
def test_losing_asks_for_the_reason_from_every_place(at_work, deal, place):
    response = at_work.post(url("move", deal), {"stage": "lost", "from": place})
    assert response.url == url("lose", deal)
    assert Deal.objects.get().stage == Stage.INQUIRY


def test_losing_without_a_reason_says_so(at_work, deal):
    response = at_work.post(url("lose", deal), {"detail": "料理は褒めておられた"})
    assert response.status_code == 422
    assert "料理は褒めておられた" in response.content.decode()
    assert Deal.objects.get().stage == Stage.INQUIRY


def test_losing_with_a_reason(at_work, deal):
    values = {"reason": LossReason.ROOM, "lost_to": "よその店", "detail": "控室が一つだけ"}
    assert at_work.post(url("lose", deal), values).url == url("card", deal)
    lost = Deal.objects.get()
    assert (lost.stage, lost.loss_reason, lost.lost_to, lost.loss_detail) == (
        "lost",
        "room",
        "よその店",
        "控室が一つだけ",
    )
    html = at_work.get(url("card", deal)).content.decode()
    assert "控室が一つだけ" in html


def test_an_activity_with_the_next_step(at_work, deal):
    values = {"text": "お電話で下見のお約束", "next_step": "下見", "next_step_on": "2026-11-23"}
    assert at_work.post(url("add_activity", deal), values).url == url("card", deal)
    assert Activity.objects.get().text == "お電話で下見のお約束"
    assert Deal.objects.get().next_step == "下見"


def test_an_empty_activity_says_so(at_work, deal):
    response = at_work.post(url("add_activity", deal), {"text": " ", "next_step": "下見"})
    assert response.status_code == 422
    assert not Activity.objects.exists()


# Other pages


@pytest.mark.parametrize(("role", "seen"), [("sales", True), ("floor", False)])
def test_the_guest_s_card_shows_deals_to_those_who_may(client, venue, sales, role, seen):
    guest = CustomerFactory.create()
    create_deal(by=sales, venue=venue, title="喜寿のお祝い", customer=guest)
    client.force_login(person(role, venue))
    html = client.get(reverse("customers:card", args=[guest.pk])).content.decode()
    assert ("喜寿のお祝い" in html) is seen
    assert (f"{CREATE}?customer={guest.pk}" in html) is seen


def test_a_company_s_page_shows_its_deals(at_work, venue, sales):
    company = CompanyFactory.create()
    create_deal(by=sales, venue=venue, title="忘年会", company=company)
    html = at_work.get(reverse("customers:company", args=[company.pk])).content.decode()
    assert "忘年会" in html
    assert f"{CREATE}?company={company.pk}" in html


def test_the_words_for_the_stages_are_the_administrator_s(client, venue, sales):
    stages = reverse("deals:stages")
    client.force_login(sales)
    assert client.get(stages).status_code == 403
    client.force_login(person("admin", venue))
    assert client.get(stages).status_code == 200
    words = {f"{stage}-label": stage.upper() for stage in Stage.values} | {
        f"{stage}-probability": 20 for stage in Stage.values
    }
    assert client.post(stages, words).status_code == 302
    assert set(StageLabel.objects.values_list("label", "probability")) == {
        (stage.upper(), 20) for stage in Stage.values
    }
    assert client.post(stages, words | {"won-probability": 101}).status_code == 422
