"""The language and the colours of a browser: Japanese unless somebody asks otherwise, on every page."""

from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.house import DESKTOP, open_house, sign_in, window
from tests.e2e.page_checks import faults_of

pytestmark = pytest.mark.e2e

PAPER = "getComputedStyle(document.body).backgroundColor"


def language_of(page: Page) -> str:
    """What the page says of itself, once it has come."""
    return page.locator("html").get_attribute("lang") or ""


@pytest.mark.parametrize(("browser_speaks", "page_speaks"), [("ja-JP", "ja"), ("fr-FR", "ja"), ("en-GB", "en")])
def test_the_first_page_speaks_the_browsers_language_or_japanese(
    browser: Browser, live_server: Any, browser_speaks: str, page_speaks: str
) -> None:
    with window(browser, live_server.url, "", lang=browser_speaks) as page:
        page.goto(live_server.url)
        assert language_of(page) == page_speaks
        expect(page.locator("h1")).to_have_text({"ja": "サインイン", "en": "Sign in"}[page_speaks])


def test_the_language_is_switched_before_the_door_and_inside(browser: Browser, live_server: Any) -> None:
    open_house()
    with window(browser, live_server.url, "") as page:
        page.goto(live_server.url)
        page.get_by_role("button", name="English").click()
        expect(page.locator("html")).to_have_attribute("lang", "en")
        expect(page.locator("h1")).to_have_text("Sign in")
        assert faults_of(page, lang="en") == []

        sign_in(page, live_server.url, "floor")
        expect(page.locator("html")).to_have_attribute("lang", "en")
        expect(page.locator("h1")).to_have_text("Today")
        page.locator("details.more summary").click()
        assert faults_of(page, lang="en") == []
        page.get_by_role("button", name="日本語").click()
        expect(page.locator("html")).to_have_attribute("lang", "ja")
        expect(page.locator("h1")).to_have_text("本日")
        page.reload()
        expect(page.locator("h1")).to_have_text("本日")


def test_dark_colours_stay_after_a_reload_and_on_other_pages(browser: Browser, live_server: Any) -> None:
    open_house()
    with window(browser, live_server.url, "floor", size=DESKTOP) as page:
        page.goto(f"{live_server.url}/guests/")
        light = page.evaluate(PAPER)
        page.get_by_role("button", name="暗い").click()
        expect(page.locator("html")).to_have_class("theme-dark js")
        dark = page.evaluate(PAPER)
        assert dark != light
        page.reload()
        assert page.evaluate(PAPER) == dark
        page.goto(f"{live_server.url}/visits/")
        assert page.evaluate(PAPER) == dark
        page.get_by_role("button", name="端末").click()
        expect(page.locator("html")).to_have_class("theme-auto js")
        assert page.evaluate(PAPER) == light
        page.emulate_media(color_scheme="dark")
        assert page.evaluate(PAPER) == dark


def test_a_wrong_password_is_told_and_the_name_kept(browser: Browser, live_server: Any) -> None:
    open_house()
    with window(browser, live_server.url, "") as page:
        page.goto(live_server.url)
        page.fill("[name=login]", "floor")
        page.fill("[name=password]", "not-the-password")
        page.press("[name=password]", "Enter")
        expect(page.locator("[data-form-errors]")).to_be_visible()
        expect(page.locator("[name=login]")).to_have_value("floor")
        assert faults_of(page) == []


def test_the_side_menu_stands_on_one_line_each_in_english(browser: Browser, live_server: Any) -> None:
    open_house()
    for name in ("okami", "manager", "admin"):
        with window(browser, live_server.url, name, size=DESKTOP, lang="en-US") as page:
            page.goto(f"{live_server.url}/visits/")
            heights = page.evaluate(
                "() => [...document.querySelectorAll('.side .nav-links a')].map((a) => a.offsetHeight)"
            )
            assert heights
            assert max(heights) <= 44
