"""Finding a guest and writing on the card, as a person at a keyboard or a phone does."""

import re
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from crm_project.core.allergens.models import Allergen
from customers.models import Customer
from tests.e2e.house import DESKTOP, open_house, window
from tests.e2e.page_checks import faults_of
from tests.factories.customers import CompanyFactory, CustomerFactory

pytestmark = pytest.mark.e2e

# Safari ends the composition before the Enter that confirmed it, and then submits the form; only the number 229 tells.
CONFIRM_KANJI = """(input, is_composing) => {
    const key = new KeyboardEvent("keydown", {key: "Enter", bubbles: true, cancelable: true, isComposing: is_composing});
    if (!is_composing) Object.defineProperty(key, "keyCode", {value: 229});
    input.dispatchEvent(key);
    input.form.requestSubmit();
    input.dispatchEvent(new KeyboardEvent("keyup", {key: "Enter", bubbles: true}));
}"""


@pytest.fixture
def guest(live_server: Any) -> Customer:
    """渡邉 健一 among others."""
    open_house()
    CustomerFactory.create(name="佐藤 花子", kana="サトウ ハナコ")
    return CustomerFactory.create(
        name="渡邉 健一",
        kana="ワタナベ ケンイチ",
        code="K-001",
        phones=["090-0000-1482"],
        company=CompanyFactory.create(name="株式会社北辰電機"),
    )


@pytest.mark.parametrize("typed", ["わたなべ", "渡辺", "1482"])
def test_the_search_box_finds_while_one_types(browser: Browser, live_server: Any, guest: Customer, typed: str) -> None:
    with window(browser, live_server.url, "floor", size=DESKTOP) as page:
        page.goto(f"{live_server.url}/visits/")
        page.keyboard.press("/")
        expect(page.locator("#search-box")).to_be_focused()
        page.keyboard.type(typed)
        found = page.locator("#search-results a")
        expect(found).to_have_count(1)
        expect(found).to_contain_text("渡邉")
        page.keyboard.press("ArrowDown")
        expect(found).to_be_focused()
        page.keyboard.press("Enter")
        expect(page).to_have_url(f"{live_server.url}/guests/{guest.pk}/")
        expect(page.locator("h1")).to_contain_text("渡邉")


def test_escape_and_a_click_elsewhere_close_what_was_found(browser: Browser, live_server: Any, guest: Customer) -> None:
    with window(browser, live_server.url, "floor") as page:
        page.goto(f"{live_server.url}/visits/")
        box, found = page.locator("#search-box"), page.locator("#search-results a")
        box.press_sequentially("さとう")
        expect(found).to_contain_text("佐藤")
        assert faults_of(page) == []
        box.press("Escape")
        expect(found).to_have_count(0)
        box.fill("渡邉")
        expect(found).to_contain_text("渡邉")
        page.locator(".topbar .venue").click()
        expect(found).to_have_count(0)


def test_the_search_box_answers_enter_without_scripts(browser: Browser, live_server: Any, guest: Customer) -> None:
    with window(browser, live_server.url, "floor", scripts=False) as page:
        page.goto(f"{live_server.url}/visits/")
        page.fill("#search-box", "わたなべ")
        page.press("#search-box", "Enter")
        expect(page).to_have_url(re.compile(r"/guests/search/\?q="))
        expect(page.locator(".guest-line")).to_have_count(1)
        page.locator(".guest-line-name").click()
        expect(page).to_have_url(f"{live_server.url}/guests/{guest.pk}/")


@pytest.mark.parametrize("is_composing", [True, False])
def test_enter_that_confirms_kanji_sends_no_form(
    browser: Browser, live_server: Any, guest: Customer, is_composing: bool
) -> None:
    with window(browser, live_server.url, "desk", size=DESKTOP) as page:
        page.goto(f"{live_server.url}/guests/{guest.pk}/edit/")
        page.fill("[name=likes]", "ぬる燗")
        page.fill("[name=name]", "渡邉 健")
        page.locator("[name=name]").evaluate(CONFIRM_KANJI, is_composing)
        expect(page.locator("form[data-sent]")).to_have_count(0)
        guest.refresh_from_db()
        assert guest.name == "渡邉 健一"
        page.press("[name=name]", "Enter")
        expect(page).to_have_url(f"{live_server.url}/guests/{guest.pk}/")
        guest.refresh_from_db()
        assert (guest.name, guest.likes) == ("渡邉 健", "ぬる燗")


def test_half_a_word_of_kana_is_not_searched_for(browser: Browser, live_server: Any, guest: Customer) -> None:
    with window(browser, live_server.url, "floor") as page:
        page.goto(f"{live_server.url}/visits/")
        asked: list[str] = []
        page.on("request", lambda request: asked.append(request.url) if "/guests/search/" in request.url else None)
        page.locator("#search-box").focus()
        keyboard = page.context.new_cdp_session(page)
        for kana in ("わ", "わた", "わたな", "わたなべ"):
            keyboard.send(
                "Input.imeSetComposition", {"text": kana, "selectionStart": len(kana), "selectionEnd": len(kana)}
            )
        expect(page.locator("#search-box")).to_have_value("わたなべ")
        keyboard.send("Input.insertText", {"text": "渡邉"})
        expect(page.locator("#search-results a")).to_contain_text("渡邉")
        assert len(asked) == 1


def save(page: Page) -> None:
    """Press the button of the form."""
    page.get_by_role("button", name="保存する").click()


def test_two_people_change_one_card(browser: Browser, live_server: Any, guest: Customer) -> None:
    address = f"{live_server.url}/guests/{guest.pk}/edit/"
    with (
        window(browser, live_server.url, "desk", size=DESKTOP) as desk,
        window(browser, live_server.url, "floor") as floor,
    ):
        desk.goto(address)
        floor.goto(address)
        desk.fill("[name=likes]", "ぬる燗")
        desk.fill("[name=dislikes]", "パクチー")
        save(desk)
        expect(desk).to_have_url(f"{live_server.url}/guests/{guest.pk}/")

        floor.fill("[name=likes]", "冷酒")
        save(floor)
        differences = floor.locator(".conflict-line")
        expect(differences).to_contain_text("ぬる燗")
        expect(differences).to_contain_text("冷酒")
        expect(floor.locator(".alert")).to_contain_text("desk 担当")
        expect(floor.locator("[name=likes]")).to_have_value("冷酒")
        expect(floor.locator("[name=dislikes]")).to_have_value("パクチー")
        assert faults_of(floor) == []
        guest.refresh_from_db()
        assert guest.likes == "ぬる燗"

        save(floor)
        expect(floor).to_have_url(f"{live_server.url}/guests/{guest.pk}/")
        guest.refresh_from_db()
        assert (guest.likes, guest.dislikes) == ("冷酒", "パクチー")


def test_allergies_are_asked_and_stand_on_top_of_the_card(browser: Browser, live_server: Any, guest: Customer) -> None:
    shrimp = Allergen.objects.get(code="shrimp")
    with window(browser, live_server.url, "floor") as page:
        page.goto(f"{live_server.url}/guests/{guest.pk}/allergies/")
        page.locator("[name=state][value=listed]").check()
        page.fill("[name=answered_by]", "秘書の方")
        save(page)
        expect(page.locator(".field-errors").first).to_contain_text("少なくとも一つ")
        expect(page.locator("[name=answered_by]")).to_have_value("秘書の方")
        assert faults_of(page) == []
        page.select_option(f"[name=severity_{shrimp.pk}]", "severe")
        page.fill(f"[name=note_{shrimp.pk}]", "出汁も不可")
        save(page)
        expect(page).to_have_url(f"{live_server.url}/guests/{guest.pk}/")
        band = page.locator(".alert-danger").first
        expect(band).to_contain_text("えび")
        expect(band).to_contain_text("出汁も不可")
    assert guest.allergies.get().severity == "severe"
