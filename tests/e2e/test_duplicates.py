"""Two cards of one guest: found by the worker, compared, made one by one key, and made two again."""

import re
from typing import Any

import pytest
from playwright.sync_api import Browser, expect

from crm_project.core.jobs.models import Job
from crm_project.core.jobs.services import run
from customers.models import Customer, Merge
from tests.e2e.house import DESKTOP, PHONE, open_house, window
from tests.e2e.page_checks import axe_faults_of, faults_of
from tests.factories.customers import CustomerFactory
from tests.factories.deals import DealFactory

pytestmark = pytest.mark.e2e


@pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=["phone", "desktop"])
def test_found_compared_merged_and_undone(browser: Browser, live_server: Any, size: dict[str, int]) -> None:
    venue = open_house()
    one, other = (
        CustomerFactory.create(name=name, kana="サイトウ イチロウ", phones=["090-0000-7777"], note=note, code=code)
        for name, note, code in (("斎藤 一郎", "窓際の席", "K-1"), ("齋藤 一郎", "椅子席を", "K-2"))
    )
    with window(browser, live_server.url, "okami", size=size) as page:
        page.goto(f"{live_server.url}/guests/")
        page.locator('a[href="/guests/duplicates/"]').click()
        page.locator('form[action="/guests/duplicates/find/"] button').click()
        page.wait_for_url(re.compile("/jobs/"))
        run(Job.objects.get(name="find_duplicates").pk)
        page.goto(f"{live_server.url}/guests/duplicates/")
        expect(page.locator(".pair")).to_have_count(1)
        assert faults_of(page) == []
        page.locator(".pair a.button").click()
        page.wait_for_url(re.compile(r"/guests/duplicates/\d+/\d+/"))
        assert [*faults_of(page), *axe_faults_of(page)] == []
        page.locator(f'[name="choose-name"][value="{other.pk}"]').check()
        if size == DESKTOP:
            page.keyboard.press("1")
        else:
            page.locator('[name=decision][value="same"]').click()
        expect(page).to_have_url(f"{live_server.url}/guests/duplicates/")
        expect(page.locator(".pair")).to_have_count(0)
        kept = Customer.objects.present().get()
        assert (kept.name, kept.note) == ("齋藤 一郎", "窓際の席\n椅子席を")

        page.goto(f"{live_server.url}/guests/{other.pk}/")
        expect(page).to_have_url(f"{live_server.url}/guests/{one.pk}/")
        DealFactory.create(venue=venue, customer=one, title="忘年会")
        page.goto(f"{live_server.url}/guests/merges/")
        page.locator(".pair a.button").click()
        page.wait_for_url(re.compile(r"/guests/merges/\d+/undo/"))
        assert [*faults_of(page), *axe_faults_of(page)] == []
        page.locator('[name^="row-deals"][value="go"]').check()
        page.locator(
            "form[method=post] .save-bar button, form[method=post] button.button:not([formaction])"
        ).last.click()
        expect(page).to_have_url(f"{live_server.url}/guests/{other.pk}/")
        expect(page.locator("h1")).to_contain_text("齋藤")
    assert [deal.title for deal in Customer.objects.get(pk=other.pk).deals.all()] == ["忘年会"]
    assert Customer.objects.get(pk=one.pk).name == "斎藤 一郎"
    assert Merge.objects.get().undone_at is not None


def test_without_scripts_the_buttons_decide(browser: Browser, live_server: Any) -> None:
    open_house()
    one, other = CustomerFactory.create_batch(2)
    with window(browser, live_server.url, "desk", scripts=False) as page:
        page.goto(f"{live_server.url}/guests/duplicates/{one.pk}/{other.pk}/")
        page.locator('[name=decision][value="different"]').click()
        expect(page).to_have_url(f"{live_server.url}/guests/duplicates/")
    assert Customer.objects.present().count() == 2
