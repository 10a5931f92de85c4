"""A sweep over every page, on a phone by day and on a desk by night: nothing too wide, too small, nameless or refused."""

import re
from itertools import repeat
from typing import Any

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver
from playwright.sync_api import Browser, Page

from tests.e2e.furnished import furnish
from tests.e2e.house import DESKTOP, PHONE, ROLES, user, window
from tests.e2e.page_checks import axe_faults_of, faults_of, unfold

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
# Forms that refuse to be sent as they open.
FORMS = [
    "/guests/new/",
    "/visits/log/",
    "/visits/bookings/new/",
    "/banquets/new/",
    "/menus/dishes/new/",
    "/menus/courses/new/",
    "/settings/people/new/",
]
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
                sample = samples[max(begins, key=len)]
                numbers = iter(sample) if isinstance(sample, tuple) else repeat(sample)
                route = re.sub(r"<[^>]+>", lambda _place, numbers=numbers: str(next(numbers)), route)  # type: ignore[misc]
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


def show(page: Page, *, size: dict[str, int], dark: bool) -> None:
    """Give the page this size and these colours, at once and without transitions."""
    page.set_viewport_size({"width": size["width"], "height": size["height"]})
    page.emulate_media(color_scheme="dark" if dark else "light", reduced_motion="reduce")


def look_at(page: Page, address: str, lang: str = "ja") -> list[str]:
    """Faults of the page on a phone by day, and at once on a desk in the dark, first as it opens, then unfolded."""
    show(page, size=PHONE, dark=False)
    page.goto(address, wait_until="load")
    return look_again(page, lang)


def look_again(page: Page, lang: str = "ja") -> list[str]:
    """Faults of the page that is open, on a phone by day and on a desk in the dark."""
    show(page, size=PHONE, dark=False)
    by_day = [*faults_of(page, lang=lang), *axe_faults_of(page)]
    show(page, size=DESKTOP, dark=True)
    by_night = faults_of(page, lang=lang, for_fingers=False)
    unfold(page)
    by_night += axe_faults_of(page)
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
    # That an address is refused stands on the console, as it should.
    with window(browser, live_server.url, "floor", complaints=[]) as page:
        for address in ("/figures/", "/no-such-page/"):
            faults += look_at(page, live_server.url + address)
    assert not faults, "\n" + "\n".join(faults)


def test_forms_that_are_refused(browser: Browser, live_server: Any, samples: dict[str, Any]) -> None:
    faults: list[str] = []
    with window(browser, live_server.url, "admin", complaints=faults) as page:
        for address in FORMS:
            page.goto(live_server.url + address)
            send = page.locator("main form[method=post] :is(button:not([type=button]), input[type=submit])").last
            send.evaluate("(button) => { button.form.noValidate = true; button.click(); }")
            page.locator("main .field-wrong, main .errors, main [data-form-errors]").first.wait_for()
            faults += look_again(page)
    assert not faults, "\n" + "\n".join(faults)


def test_the_same_pages_speak_english(browser: Browser, live_server: Any, samples: dict[str, Any]) -> None:
    faults: list[str] = []
    with window(browser, live_server.url, "manager", lang="en-GB", complaints=faults) as page:
        for address in ("/visits/", f"/guests/{samples['/guests/']}/", "/unanswered/", "/banquets/"):
            faults += look_at(page, live_server.url + address, lang="en")
    assert not faults, "\n" + "\n".join(faults)


@pytest.mark.long
@pytest.mark.parametrize("lang", ["ja-JP", "en-GB"])
def test_axe_on_every_page_of_everybody(browser: Browser, live_server: Any, samples: dict[str, Any], lang: str) -> None:
    faults: list[str] = []
    seen: set[str] = set()
    for role in ROLES:
        with window(browser, live_server.url, role, lang=lang, complaints=faults) as page:
            for address, content in pages_of(role, samples).items():
                if content in seen:
                    continue
                seen.add(content)
                page.goto(live_server.url + address, wait_until="load")
                faults += [f"{role} {page.url}: {fault}" for fault in in_every_light(page)]
    assert len(seen) > 50
    assert not faults, "\n" + "\n".join(faults)


def in_every_light(page: Page) -> list[str]:
    """What axe finds on the page on phone and desk, by day and by night, as it opens and unfolded."""
    found: list[str] = []
    for unfolded in (False, True):
        if unfolded:
            unfold(page)
        for size in (PHONE, DESKTOP):
            for dark in (False, True):
                show(page, size=size, dark=dark)
                kind = f"{size['width']} px, {'dark' if dark else 'light'}"
                found += [f"{kind}: {fault}" for fault in axe_faults_of(page)]
    return list(dict.fromkeys(found))
