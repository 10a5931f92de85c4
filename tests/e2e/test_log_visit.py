"""The log form between two tables: on a phone, with a bad connection, with two taps, without scripts."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Browser, Page, expect

from customers.models import Customer
from menus.models import Dish
from tests.e2e.house import listening, open_house, window
from tests.e2e.page_checks import faults_of
from tests.factories.customers import CustomerFactory
from tests.factories.menus import CourseFactory, DishFactory
from tests.factories.visits import RoomFactory, VisitFactory
from visits.models import Visit, VisitDraft

pytestmark = pytest.mark.e2e

RECORDED = re.compile(r"/visits/\d+/$")


@pytest.fixture
def guest(live_server: Any) -> Customer:
    """渡邉 健一, who had the same dish last time; a room to sit in."""
    venue = open_house()
    RoomFactory.create(venue=venue, name="桔梗の間")
    guest = CustomerFactory.create(name="渡邉 健一", kana="ワタナベ ケンイチ")
    dish = DishFactory.create(name="鰆の幽庵焼き", kana="サワラノユウアンヤキ", position="yakimono")
    DishFactory.create(name="胡麻豆腐", kana="ゴマドウフ")
    last_time = timezone.now() - timedelta(days=30)
    VisitFactory.create(venue=venue, starts_at=last_time, guests=[guest], served=[dish])
    return guest


def open_form(page: Page, address: str) -> None:
    """A blank form."""
    page.goto(f"{address}/visits/log/")


def choose_guest(page: Page) -> None:
    """Type the reading and tap the name; the cursor is then back in the box."""
    page.locator("#guest-q").press_sequentially("わたなべ")
    page.locator("#guest-options button[name=add_guest]").first.click()
    expect(page.locator("h1")).to_contain_text("渡邉")
    listening(page)
    expect(page.locator("#guest-q")).to_be_focused()


def answer_what_is_required(page: Page) -> None:
    """There is an answer at the table, and nothing went wrong."""
    page.locator(".check-person input[type=radio]").first.check()
    page.locator("[name=has_complaint][value=no]").check()


def record(page: Page) -> None:
    """Press the button at the foot."""
    page.locator("button[name=op][value=record]").click()


def test_a_draft_survives_the_closing_of_the_page(browser: Browser, live_server: Any, guest: Customer) -> None:
    with window(browser, live_server.url, "floor") as page:
        open_form(page, live_server.url)
        choose_guest(page)
        page.locator("[name=note_talk]").press_sequentially("お孫様がお生まれに")
        page.locator("h1").click()
        expect(page).to_have_url(re.compile(r"\?draft="))
        expect(page.locator("#draft-words")).to_contain_text("下書き")
        page.close(run_before_unload=True)

        again = page.context.new_page()
        again.goto(f"{live_server.url}/visits/")
        again.get_by_role("link", name="下書き").first.click()
        expect(again.locator("h1")).to_contain_text("渡邉")
        expect(again.locator("[name=note_talk]")).to_have_value("お孫様がお生まれに")
        answer_what_is_required(again)
        record(again)
        expect(again).to_have_url(RECORDED)
        expect(again.locator("main")).to_contain_text("お孫様がお生まれに")
    assert not VisitDraft.objects.exists()


def test_two_taps_record_one_visit(browser: Browser, live_server: Any, guest: Customer) -> None:
    before = Visit.objects.count()
    with window(browser, live_server.url, "floor") as page:
        open_form(page, live_server.url)
        choose_guest(page)
        answer_what_is_required(page)
        page.locator("button[name=op][value=record]").evaluate("button => { button.click(); button.click(); }")
        expect(page).to_have_url(RECORDED)
        expect(page.locator("#toasts")).to_contain_text("記録しました")
    assert Visit.objects.count() == before + 1


def test_a_new_guest_is_entered_inside_the_form(browser: Browser, live_server: Any, guest: Customer) -> None:
    with window(browser, live_server.url, "floor") as page:
        open_form(page, live_server.url)
        page.locator("[name=note_talk]").fill("初めてのご来店")
        page.locator("#people details summary").click()
        # What is changed is shown while one types, so that it is not asked about once more.
        page.fill("[name=guest-new-name]", "髙橋 美穂 先生")
        page.fill("[name=guest-new-kana]", "たかはし みほ")
        expect(page.locator("#people .kept").first).to_contain_text("先生")
        page.fill("[name=guest-new-phone]", "090-0000-5678")
        assert faults_of(page) == []
        page.locator("button[name=op][value=new_guest]").click()
        expect(page.locator("h1")).to_contain_text("髙橋")
        expect(page.locator("[name=note_talk]")).to_have_value("初めてのご来店")
        answer_what_is_required(page)
        record(page)
        expect(page).to_have_url(RECORDED)
    entered = Customer.objects.get(name="髙橋 美穂")
    assert (entered.kana, entered.honorific) == ("タカハシ ミホ", "先生")
    assert entered.attendances.get().visit.notes.get().text == "初めてのご来店"


def test_the_form_records_a_visit_without_scripts(browser: Browser, live_server: Any, guest: Customer) -> None:
    with window(browser, live_server.url, "floor", scripts=False) as page:
        open_form(page, live_server.url)
        page.fill("#guest-q", "わたなべ")
        page.locator("#people button[name=op][value=find]").click()
        page.locator("#guest-options button[name=add_guest]").first.click()
        expect(page.locator("h1")).to_contain_text("渡邉")
        page.fill("#dish-q", "ごま")
        page.press("#dish-q", "Enter")
        page.locator("#dish-options button[name=add_dish]").first.click()
        expect(page.locator("#menu .dishes")).to_contain_text("胡麻豆腐")
        page.fill("[name=party_size]", "")
        record(page)
        expect(page.locator("[data-form-errors]")).to_be_visible()
        expect(page.locator("#menu .dishes")).to_contain_text("胡麻豆腐")
        page.fill("[name=party_size]", "2")
        answer_what_is_required(page)
        record(page)
        expect(page).to_have_url(RECORDED)
        expect(page.locator("main")).to_contain_text("胡麻豆腐")
    visit = Visit.objects.latest("pk")
    assert visit.attendances.get().customer == guest


def test_the_same_dish_as_last_time_is_advice_whose_reason_is_kept(
    browser: Browser, live_server: Any, guest: Customer
) -> None:
    with window(browser, live_server.url, "floor") as page:
        open_form(page, live_server.url)
        choose_guest(page)
        page.locator("#dish-q").press_sequentially("さわ")
        page.locator("#dish-options button[name=add_dish]").first.click()
        warning = page.locator("#warnings .warning")
        expect(warning).to_contain_text("鰆の幽庵焼き")
        assert faults_of(page) == []
        expect(warning.locator("[name^=reason_]")).to_be_hidden()
        answer_what_is_required(page)
        record(page)
        expect(page).to_have_url(RECORDED)
        visit = Visit.objects.latest("pk")
        assert not visit.confirmed_warnings.exists()
        page.goto(f"{live_server.url}/visits/log/?visit={visit.pk}")
        warning.get_by_label("同じでよい").check()
        warning.locator("[name^=reason_]").fill("毎年のお楽しみ")
        record(page)
        expect(page).to_have_url(RECORDED)
    confirmed = visit.confirmed_warnings.get()
    assert confirmed.dish == Dish.objects.get(name="鰆の幽庵焼き")
    assert confirmed.reason == "同じでよい: 毎年のお楽しみ"


def test_a_reservation_stands_on_today_and_moves_on(browser: Browser, live_server: Any, guest: Customer) -> None:
    with window(browser, live_server.url, "floor") as page:
        open_form(page, live_server.url)
        choose_guest(page)
        page.locator("button[name=op][value=reserve]").click()
        expect(page).to_have_url(RECORDED)
        page.goto(f"{live_server.url}/visits/")
        table = page.locator(".table-card")
        expect(table).to_contain_text("渡邉")
        for state in ("ご到着", "ご着席"):
            page.get_by_role("button", name=state).click()
            expect(page.get_by_role("button", name=state)).to_have_attribute("aria-pressed", "true")
        assert faults_of(page) == []
        table.get_by_role("link", name="記録").click()
        answer_what_is_required(page)
        record(page)
        expect(page).to_have_url(RECORDED)
        page.goto(f"{live_server.url}/visits/")
        expect(table.locator(".tag.ok").first).to_contain_text("記録済み")
    assert Visit.objects.filter(attendances__customer=guest).count() == 2


def test_fields_that_were_pulled_larger_break_no_rule_of_style(
    browser: Browser, live_server: Any, guest: Customer
) -> None:
    """A text field that somebody pulls larger has a style of its own; choosing a course swaps the form around it.

    The window fails when the page complains on the console.
    """
    CourseFactory.create(name="霜月の会席 松", kana="シモツキノカイセキ マツ", of=list(Dish.objects.all()))
    with window(browser, live_server.url, "floor") as page:
        open_form(page, live_server.url)
        choose_guest(page)
        sizes = (
            "() => document.querySelectorAll('textarea, input').forEach((field) => { field.style.minHeight = '60px'; })"
        )
        page.evaluate(sizes)
        page.locator("#dish-q").press_sequentially("かいせき")
        page.locator("#dish-options button", has_text="霜月の会席 松").click()
        expect(page.locator("#menu")).to_contain_text("霜月の会席 松")
        listening(page)
        assert faults_of(page) == []
