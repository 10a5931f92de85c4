"""The browser itself: it reaches the pages, draws Japanese, and our pages keep to the content security policy."""

import re

import pytest
from playwright.sync_api import ConsoleMessage, Page, expect

pytestmark = pytest.mark.e2e


def test_sign_in_page_on_a_japanese_phone_breaks_no_rule(page: Page, live_server):
    complaints: list[str] = []

    def note(message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            complaints.append(message.text)

    page.on("console", note)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto(live_server.url)
    expect(page).to_have_url(re.compile("/sign-in/login/"))
    expect(page.locator("html")).to_have_attribute("lang", "ja")
    expect(page.locator("form").filter(has=page.locator("input[type=password]"))).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    assert complaints == []


def test_japanese_is_drawn_with_a_font_that_has_it(page: Page):
    # A font without the characters draws every one of them as the same box.
    draw = """text => {
        const canvas = document.createElement("canvas");
        const context = canvas.getContext("2d");
        context.font = "32px sans-serif";
        context.fillText(text, 0, 40);
        return canvas.toDataURL();
    }"""
    assert page.evaluate(draw, "女将") != page.evaluate(draw, "仲居")
