"""A banquet inquiry on a phone: noted with the first call, moved on the board, lost with a reason."""

import re
from typing import Any

import pytest
from playwright.sync_api import Browser, expect

from deals.choices import LossReason, Stage
from deals.models import Deal
from tests.e2e.house import DESKTOP, open_house, user, window
from tests.e2e.page_checks import faults_of
from tests.factories.customers import CustomerFactory
from tests.factories.deals import DealFactory

pytestmark = pytest.mark.e2e


@pytest.fixture
def inquiry(live_server: Any) -> Deal:
    """An inquiry on the board of the house."""
    return DealFactory.create(venue=open_house(), owner=user("sales"), title="創立五十周年祝賀会", party_size=120)


def test_an_inquiry_is_noted_with_the_first_call(browser: Browser, live_server: Any, inquiry: Deal) -> None:
    CustomerFactory.create(name="渡邉 健一", kana="ワタナベ ケンイチ")
    with window(browser, live_server.url, "sales") as page:
        page.goto(f"{live_server.url}/banquets/")
        page.get_by_role("link", name="お問い合わせを記す").click()
        page.fill("[name=title]", "忘年会")
        page.get_by_role("button", name="保存する").click()
        expect(page.locator(".field-errors")).to_contain_text("ご相談の方")
        assert faults_of(page) == []
        page.locator("#guest-q").press_sequentially("わたなべ")
        page.locator("#guest-choices input[type=radio]").check()
        page.fill("[name=party_size]", "24")
        page.get_by_role("button", name="保存する").click()
        expect(page).to_have_url(re.compile(r"/banquets/\d+/$"))
        expect(page.locator("h1")).to_contain_text("忘年会")
        expect(page.locator("main")).to_contain_text("渡邉 健一 様")
    noted = Deal.objects.get(title="忘年会")
    assert (noted.stage, noted.party_size, noted.owner) == (Stage.INQUIRY, 24, user("sales"))


@pytest.mark.parametrize("scripts", [True, False])
def test_an_inquiry_moves_on_the_board_of_a_phone(
    browser: Browser, live_server: Any, inquiry: Deal, scripts: bool
) -> None:
    with window(browser, live_server.url, "sales", scripts=scripts) as page:
        page.goto(f"{live_server.url}/banquets/")
        column = page.locator(".board-column", has_text="創立五十周年祝賀会")
        expect(column.locator("h2")).to_contain_text("お問い合わせ")
        column.locator("summary").click()
        if scripts:
            assert faults_of(page) == []
        column.get_by_role("button", name="仮押さえ").click()
        expect(column.locator("h2")).to_contain_text("仮押さえ")
        expect(page.locator("#toasts")).to_contain_text("仮押さえ")
    inquiry.refresh_from_db()
    assert inquiry.stage == Stage.TENTATIVE_HOLD


def test_no_inquiry_is_lost_without_a_reason(browser: Browser, live_server: Any, inquiry: Deal) -> None:
    with window(browser, live_server.url, "sales") as page:
        page.goto(f"{live_server.url}/banquets/{inquiry.pk}/")
        page.get_by_role("button", name="見送り").click()
        expect(page).to_have_url(f"{live_server.url}/banquets/{inquiry.pk}/lose/")
        lose = page.get_by_role("button", name="見送りにする")
        lose.click()
        assert page.locator("[name=reason]").first.evaluate("radio => radio.validity.valueMissing")
        page.locator("main form").evaluate("form => { form.noValidate = true; }")
        lose.click()
        expect(page.locator("[data-form-errors]")).to_be_visible()
        assert faults_of(page) == []
        inquiry.refresh_from_db()
        assert inquiry.stage == Stage.INQUIRY
        page.locator(f"[name=reason][value={LossReason.PRICE}]").check()
        page.fill("[name=lost_to]", "ほかのホテル")
        page.get_by_role("button", name="見送りにする").click()
        expect(page).to_have_url(f"{live_server.url}/banquets/{inquiry.pk}/")
        expect(page.locator("main")).to_contain_text("ほかのホテル")
    inquiry.refresh_from_db()
    assert (inquiry.stage, inquiry.loss_reason) == (Stage.LOST, LossReason.PRICE)


def test_two_people_change_one_inquiry(browser: Browser, live_server: Any, inquiry: Deal) -> None:
    address = f"{live_server.url}/banquets/{inquiry.pk}/edit/"
    with (
        window(browser, live_server.url, "desk", size=DESKTOP) as desk,
        window(browser, live_server.url, "sales") as sales,
    ):
        desk.goto(address)
        sales.goto(address)
        desk.fill("[name=party_size]", "130")
        desk.fill("[name=contact_text]", "総務部 田中様")
        desk.get_by_role("button", name="保存する").click()
        expect(desk).to_have_url(f"{live_server.url}/banquets/{inquiry.pk}/")
        sales.fill("[name=party_size]", "140")
        sales.fill("[name=contact_text]", "総務部 田中様")
        sales.get_by_role("button", name="保存する").click()
        expect(sales.locator(".alert")).to_contain_text("130")
        expect(sales.locator("[name=party_size]")).to_have_value("140")
        sales.get_by_role("button", name="保存する").click()
        expect(sales).to_have_url(f"{live_server.url}/banquets/{inquiry.pk}/")
    inquiry.refresh_from_db()
    assert inquiry.party_size == 140
