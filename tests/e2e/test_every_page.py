"""A sweep over every page, on a phone by day and on a desk by night: nothing too wide, too small, nameless or refused."""

import re
from typing import Any

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver
from playwright.sync_api import Browser, Page

from tests.e2e.furnished import furnish
from tests.e2e.house import DESKTOP, PHONE, user, window
from tests.e2e.page_checks import faults_of

pytestmark = pytest.mark.e2e

# Pages of Django's own administration have their own look.
NOT_OURS = ("/admin/",)
# What a role gets among others, so that a sweep over nothing does not pass.
SOME_OF = {
    "admin": {
        "/guests/",
        "/settings/people/",
        "/settings/audit/",
        "/figures/",
        "/incoming/ledgers/",
        "/banquets/",
    },
    "floor": {"/guests/", "/visits/", "/visits/log/", "/menus/", "/unanswered/mine/"},
    "kitchen": {"/guests/", "/visits/kitchen/", "/menus/dishes/new/"},
}
NOT_FOR = {"floor": {"/figures/", "/settings/people/"}, "kitchen": {"/visits/log/", "/figures/", "/banquets/"}}
TO_BE_SIGNED_OUT = ["/sign-in/login/", "/sign-in/signup/", "/sign-in/password/reset/", "/sign-in/password/reset/done/"]


def addresses(samples: dict[str, Any], resolver: URLResolver | None = None, path: str = "/") -> list[str]:
    """Every address of the project; `samples` tells what a number in it stands for, by the longest beginning."""
    found = []
    for pattern in (resolver or get_resolver()).url_patterns:
        route = path + str(pattern.pattern)
        if route.startswith(NOT_OURS) or "^" in route or "(?" in route:
            continue
        if isinstance(pattern, URLResolver):
            found += addresses(samples, pattern, route)
        elif isinstance(pattern, URLPattern):
            begins = [start for start in samples if route.startswith(start)]
            if "<" in route:
                assert begins, f"Say what {route} stands for."
                route = re.sub(r"<[^>]+>", str(samples[max(begins, key=len)]), route)
            found.append(route)
    return found


def pages_of(role: str, samples: dict[str, Any]) -> dict[str, str]:
    """Address of every whole page that this role gets, and its content without secrets and the own name."""
    client = Client()
    somebody = user(role)
    client.force_login(somebody)
    pages = {}
    for address in addresses(samples):
        answer = client.get(address)
        assert answer.status_code < 500, address
        if answer.status_code == 200 and not answer.streaming and b"</html>" in answer.content:
            content = answer.content.decode().partition("<main")[2].partition("</main>")[0]
            pages[address] = re.sub(r'value="[\w-]{36,}"', "", content.replace(str(somebody), ""))
    return pages


def look_at(page: Page, address: str, lang: str = "ja") -> list[str]:
    """Faults of the page on a phone, and at once on a desk in the dark."""
    page.set_viewport_size({"width": PHONE["width"], "height": PHONE["height"]})
    page.emulate_media(color_scheme="light")
    page.goto(address, wait_until="load")
    by_day = faults_of(page, lang=lang)
    page.set_viewport_size({"width": DESKTOP["width"], "height": DESKTOP["height"]})
    page.emulate_media(color_scheme="dark")
    by_night = faults_of(page, lang=lang, for_fingers=False)
    return [f"{page.url}: {fault}" for fault in dict.fromkeys([*by_day, *by_night])]


@pytest.fixture
def samples(live_server: Any) -> dict[str, Any]:
    """The furnished house."""
    return furnish()


def test_every_page_of_three_roles(browser: Browser, live_server: Any, samples: dict[str, Any]) -> None:
    faults: list[str] = []
    seen: set[str] = set()
    for role, some in SOME_OF.items():
        pages = pages_of(role, samples)
        assert some <= set(pages)
        assert not NOT_FOR.get(role, set()) & set(pages)
        with window(browser, live_server.url, role, complaints=faults) as page:
            for address, content in pages.items():
                # What another role was shown in the same words needs no second look.
                if content in seen:
                    continue
                seen.add(content)
                faults += [f"{role} {fault}" for fault in look_at(page, live_server.url + address)]
    assert not faults, "\n" + "\n".join(faults)


def test_the_pages_before_the_door_and_those_that_refuse(
    browser: Browser, live_server: Any, samples: dict[str, Any]
) -> None:
    faults: list[str] = []
    with window(browser, live_server.url, "", complaints=faults) as page:
        for address in TO_BE_SIGNED_OUT:
            faults += look_at(page, live_server.url + address)
    assert not faults, "\n" + "\n".join(faults)


def test_the_same_pages_speak_english(browser: Browser, live_server: Any, samples: dict[str, Any]) -> None:
    faults: list[str] = []
    with window(browser, live_server.url, "manager", lang="en-GB", complaints=faults) as page:
        for address in ("/visits/", f"/guests/{samples['/guests/']}/", "/unanswered/", "/banquets/"):
            faults += look_at(page, live_server.url + address, lang="en")
    assert not faults, "\n" + "\n".join(faults)
