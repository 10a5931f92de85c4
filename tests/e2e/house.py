"""A small house for the browser tests: a venue, one person per role, a course; and a browser window for each of them."""

import re
from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings
from django.test import Client
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, expect

from crm_project.core.accounts.models import User, Venue
from tests.factories.accounts import PASSWORD, VenueFactory, person

ROLES = ("admin", "floor", "manager", "president", "kitchen", "desk", "sales", "okami")
PHONE = {"width": 390, "height": 844}
DESKTOP = {"width": 1280, "height": 900}
# The browser notes every answer that refuses a form; that is an answer, not a fault of the page.
REFUSED_FORM = re.compile(r"Failed to load resource: the server responded with a status of (409|422)")


def open_house() -> Venue:
    """A venue where one person of each role works; the user names are the roles' codes."""
    venue = VenueFactory.create(code="honten", name="本店")
    for role in ROLES:
        person(role, venue, username=role, display_name=f"{role} 担当")
    return venue


@contextmanager
def window(
    browser: Browser,
    address: str,
    username: str,
    *,
    size: dict[str, int] = PHONE,
    dark: bool = False,
    lang: str = "ja-JP",
    scripts: bool = True,
    complaints: list[str] | None = None,
) -> Iterator[Page]:
    """A browser of its own, signed in (nobody when `username` is "").

    Closing it fails when a page complained on the console; with `complaints` they are put there instead.
    """
    context = browser.new_context(
        viewport={"width": size["width"], "height": size["height"]},
        locale=lang,
        timezone_id="Asia/Tokyo",
        color_scheme="dark" if dark else "light",
        java_script_enabled=scripts,
    )
    context.set_default_timeout(15_000)
    if username:
        let_in(context, address, username)
    page = context.new_page()
    said = listen(page)
    try:
        yield page
    finally:
        context.close()
    if complaints is not None:
        complaints += said
    else:
        assert not said, said


def listen(page: Page) -> list[str]:
    """What the page's console says from now on: errors and warnings, breaches of the content security policy too."""
    complaints: list[str] = []

    def note(message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"} and not REFUSED_FORM.match(message.text):
            complaints.append(f"{page.url}: {message.text}")

    page.on("console", note)
    page.on("pageerror", lambda error: complaints.append(f"{page.url}: {error}"))
    return complaints


def let_in(context: BrowserContext, address: str, username: str) -> None:
    """Give the browser a session of the person; the sign-in form has tests of its own."""
    client = Client()
    client.force_login(user(username))
    session = client.cookies[settings.SESSION_COOKIE_NAME].value
    context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": session, "url": address}])


def sign_in(page: Page, address: str, username: str) -> None:
    """Sign in by the form, as a person does."""
    page.goto(f"{address}/sign-in/login/")
    page.fill("input[name=login]", username)
    page.fill("input[name=password]", PASSWORD)
    page.press("input[name=password]", "Enter")
    # A password is hashed slowly on purpose, and more slowly still on a busy machine.
    page.wait_for_url(lambda url: "/sign-in/" not in url, timeout=45_000)


def user(username: str) -> User:
    """A person of the house by user name."""
    return User.objects.get(username=username)


def listening(page: Page) -> None:
    """What was fetched last stands on the page and listens: keys typed before that are lost, faster than any hand."""
    expect(page.locator(".htmx-request, .htmx-swapping, .htmx-settling, .htmx-added")).to_have_count(0)
