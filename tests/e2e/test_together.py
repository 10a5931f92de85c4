"""Two people with a browser each at one card."""

from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from crm_project.core.audit.models import AuditEntry
from customers.models import Customer
from tests.e2e.house import DESKTOP, open_house, window
from tests.e2e.page_checks import faults_of
from tests.factories.customers import CompanyFactory, CustomerFactory

pytestmark = pytest.mark.e2e

# What the house promises, from the colleague's save to the words on the page.
TEN_SECONDS = 10_000


@pytest.fixture
def guest(live_server: Any) -> Customer:
    """A guest two people look after."""
    open_house()
    return CustomerFactory.create(
        name="渡邉 健一",
        kana="ワタナベ ケンイチ",
        title="部長",
        likes="ぬる燗",
        phones=["090-0000-1482"],
        company=CompanyFactory.create(name="株式会社北辰電機"),
    )


def open_in_place(page: Page, value: str) -> None:
    """Press the pencil at a value of the card."""
    page.locator(f"#inline-{value} .inline-pencil").click()
    expect(page.locator(f"form#inline-{value} [name={value}]")).to_be_focused()


def save_in_place(page: Page, value: str, written: str) -> None:
    """Write into the field and save; the card shows the value again."""
    page.fill(f"form#inline-{value} [name={value}]", written)
    page.locator(f"form#inline-{value}").get_by_role("button", name="保存する").click()
    expect(page.locator(f"span#inline-{value}")).to_contain_text(written)


def test_two_browsers_at_one_card_lose_nothing(browser: Browser, live_server: Any, guest: Customer) -> None:
    card = f"{live_server.url}/guests/{guest.pk}/"
    with (
        window(browser, live_server.url, "floor") as mine,
        window(browser, live_server.url, "desk", size=DESKTOP) as theirs,
    ):
        mine.goto(f"{card}edit/")
        mine.fill("[name=title]", "常務")
        mine.fill("[name=likes]", "炭火焼")
        theirs.goto(card)
        expect(theirs.locator(".live")).to_contain_text("floor 担当")
        open_in_place(theirs, "title")
        assert faults_of(theirs) == []
        save_in_place(theirs, "title", "専務")

        notice = mine.locator(".live")
        expect(notice).to_contain_text("desk 担当", timeout=TEN_SECONDS)
        expect(notice).to_contain_text("役職")
        expect(mine.locator("[name=title]")).to_have_value("常務")
        expect(mine.locator("[name=likes]")).to_have_value("炭火焼")
        assert faults_of(mine) == []

        mine.get_by_role("button", name="保存する").click()
        line = mine.locator(".conflict-line")
        expect(line).to_have_count(1)
        for written in ("部長", "専務", "常務"):
            expect(line).to_contain_text(written)
        assert faults_of(mine) == []
        line.locator("[value=theirs]").check()
        mine.locator("[name=title]").press_sequentially("取締役")
        expect(line.locator("[value=mine]")).to_be_checked()
        mine.fill("[name=title]", "常務")
        mine.get_by_role("button", name="保存する").click()
        mine.wait_for_url(card)

        expect(theirs.locator(".live")).to_contain_text("floor 担当", timeout=TEN_SECONDS)
        expect(theirs.locator("span#inline-title")).to_contain_text("専務")
    guest.refresh_from_db()
    assert (guest.title, guest.likes) == ("常務", "炭火焼")
    trail = AuditEntry.objects.about(guest).changes()
    assert [(entry.actor_name, entry.changes["title"]) for entry in trail] == [
        ("floor 担当", ["専務", "常務"]),
        ("desk 担当", ["部長", "専務"]),
    ]


def test_two_pencils_at_one_value(browser: Browser, live_server: Any, guest: Customer) -> None:
    card = f"{live_server.url}/guests/{guest.pk}/"
    with window(browser, live_server.url, "floor") as mine, window(browser, live_server.url, "desk") as theirs:
        for page in (mine, theirs):
            page.goto(card)
            open_in_place(page, "likes")
        save_in_place(theirs, "likes", "冷や")
        mine.fill("form#inline-likes [name=likes]", "炭火焼")
        mine.locator("form#inline-likes").get_by_role("button", name="保存する").click()
        line = mine.locator("form#inline-likes .conflict-line")
        for written in ("ぬる燗", "冷や", "炭火焼"):
            expect(line).to_contain_text(written)
        assert faults_of(mine) == []
        line.locator("[value=theirs]").check()
        mine.locator("form#inline-likes").get_by_role("button", name="保存する").click()
        expect(mine.locator("span#inline-likes")).to_contain_text("冷や")
        open_in_place(mine, "likes")
        mine.locator("form#inline-likes").get_by_text("やめる").click()
        expect(mine.locator("span#inline-likes .inline-pencil")).to_be_focused()
    guest.refresh_from_db()
    assert guest.likes == "冷や"


def test_without_scripts_the_conflict_is_solved_as_well(browser: Browser, live_server: Any, guest: Customer) -> None:
    card = f"{live_server.url}/guests/{guest.pk}/"
    with (
        window(browser, live_server.url, "floor", scripts=False) as mine,
        window(browser, live_server.url, "desk", scripts=False) as theirs,
    ):
        for page in (mine, theirs):
            page.goto(card)
            page.locator("#inline-title .inline-pencil").click()
            page.wait_for_url("**/edit/")
        expect(theirs.locator(".live")).to_contain_text("floor 担当")
        theirs.fill("[name=title]", "専務")
        theirs.get_by_role("button", name="保存する").click()
        theirs.wait_for_url(card)
        mine.fill("[name=title]", "常務")
        mine.get_by_role("button", name="保存する").click()
        mine.locator(".conflict-line [value=theirs]").check()
        mine.get_by_role("button", name="保存する").click()
        mine.wait_for_url(card)
    guest.refresh_from_db()
    assert guest.title == "専務"
