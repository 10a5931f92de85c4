"""What people do around a guest's card: calls, relations, transfers, promises, confidences, the cover and the lock."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Browser, Page, expect

from crm_project.core.accounts.models import Venue
from crm_project.core.allergens.models import Allergen
from crm_project.core.timeline.choices import EntryKind
from crm_project.core.timeline.models import TimelineEntry
from crm_project.core.timeline.services import replace_rows
from customers.models import Contact, Customer, Relation
from customers.services import AllergyInput, change_company, set_allergies
from tests.e2e.house import DESKTOP, listening, open_house, user, window
from tests.e2e.page_checks import axe_faults_of, faults_of
from tests.factories.accounts import PASSWORD
from tests.factories.customers import CompanyFactory, CustomerFactory
from visits.models import Promise

pytestmark = pytest.mark.e2e

# What the house promises, from the colleague's save to the words on the page.
TEN_SECONDS = 10_000


@pytest.fixture
def venue(live_server: Any) -> Venue:
    """One person of each role."""
    return open_house()


@pytest.fixture
def guest(venue: Venue) -> Customer:
    """渡邉 健一 of 北辰電機."""
    company = CompanyFactory.create(name="株式会社北辰電機")
    return CustomerFactory.create(
        name="渡邉 健一",
        kana="ワタナベ ケンイチ",
        company=company,
        department="営業本部",
        title="部長",
        phones=["090-0000-1482"],
    )


def nothing_wrong(page: Page) -> None:
    """The page as it stands is sound for eyes, fingers and screen readers."""
    assert [*faults_of(page), *axe_faults_of(page)] == []


def save(page: Page) -> None:
    """Press the button of the bar below."""
    page.locator(".save-bar").get_by_role("button", name="保存する").click()


def choose(page: Page, picker: str, typed: str) -> None:
    """Type into a picker and take the only guest it finds."""
    page.locator(f"#{picker}-q").press_sequentially(typed)
    found = page.locator(f"#{picker}-choices input[type=radio]")
    expect(found).to_have_count(1)
    listening(page)
    found.check()


def test_a_call_is_noted_in_two_taps_and_answered_by_a_colleague(
    browser: Browser, live_server: Any, guest: Customer
) -> None:
    with window(browser, live_server.url, "desk") as page:
        page.goto(f"{live_server.url}/guests/{guest.pk}/")
        page.get_by_role("link", name="連絡を記す").click()
        nothing_wrong(page)
        page.fill("[name=asked]", "お車を一台追加で")
        save(page)
        page.wait_for_url(f"**/guests/{guest.pk}/#timeline")
        expect(page.locator("#timeline")).to_contain_text("お車を一台追加で")
    with window(browser, live_server.url, "manager") as page:
        page.goto(f"{live_server.url}/guests/contacts/")
        nothing_wrong(page)
        page.locator("[name=answer]").fill("承りました")
        page.get_by_role("button", name="お返事しました").click()
        expect(page.locator("[name=answer]")).to_have_count(0)
        page.goto(f"{live_server.url}/guests/{guest.pk}/")
        expect(page.locator("#timeline")).to_contain_text("承りました")
    contact = Contact.objects.get()
    assert (contact.customer, contact.answered_by) == (guest, user("manager"))


def test_the_whole_history_follows_as_one_scrolls_and_is_narrowed_by_a_tap(
    browser: Browser, live_server: Any, guest: Customer, venue: Venue
) -> None:
    rows = [
        TimelineEntry(
            subject_type="customers.customer",
            subject_id=guest.pk,
            at=timezone.now() - timedelta(days=number),
            kind=EntryKind.DEAL if number % 20 == 19 else EntryKind.VISIT,
            venue=venue,
            title=f"{number + 1}日前のこと",
        )
        for number in range(40)
    ]
    replace_rows(parent=guest, rows=rows)
    with window(browser, live_server.url, "manager") as page:
        page.goto(f"{live_server.url}/guests/{guest.pk}/")
        told = page.locator("#timeline article")
        expect(told).to_have_count(16)
        for number in (16, 32):
            page.locator("#timeline-more a").scroll_into_view_if_needed()
            expect(told.nth(number)).to_be_attached()
        expect(told).to_have_count(40)
        expect(told.last).to_contain_text("40日前のこと")
        page.locator("#timeline nav").get_by_role("link", name="ご宴会").click()
        expect(told).to_have_count(2)
        nothing_wrong(page)


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "plain"])
def test_a_number_nobody_knows_becomes_a_call_and_then_somebodys(
    browser: Browser, live_server: Any, guest: Customer, scripts: bool
) -> None:
    with window(browser, live_server.url, "desk", scripts=scripts) as page:
        page.goto(f"{live_server.url}/phone/０９０ー００００ー９９９９/")
        if scripts:
            nothing_wrong(page)
        page.get_by_role("link", name="連絡を記す").click()
        expect(page.locator("[name=phone]")).to_have_value("090-0000-9999")
        page.fill("[name=caller]", "架空放送の高田様")
        page.fill("[name=asked]", "ロケのご相談")
        save(page)
        page.wait_for_url(re.compile(r"/guests/contacts/\d+/"))
        expect(page.locator("a[href='tel:09000009999']")).to_be_visible()
        if scripts:
            nothing_wrong(page)
            choose(page, "guest", "わたなべ")
            page.locator("form:has(.picker)").get_by_role("button", name="保存する").click()
            expect(page.locator("h1")).to_contain_text("渡邉")
    assert Contact.objects.get().customer == (guest if scripts else None)


def test_the_number_of_one_guest_opens_the_card(browser: Browser, live_server: Any, guest: Customer) -> None:
    with window(browser, live_server.url, "desk") as page:
        page.goto(f"{live_server.url}/phone/+81-90-0000-1482/")
        expect(page).to_have_url(f"{live_server.url}/guests/{guest.pk}/")


def test_a_secretary_is_related_read_from_her_card_and_taken_off(
    browser: Browser, live_server: Any, guest: Customer
) -> None:
    secretary = CustomerFactory.create(name="佐藤 恵", kana="サトウ メグミ")
    with window(browser, live_server.url, "desk") as page:
        page.goto(f"{live_server.url}/guests/{guest.pk}/relations/new/")
        page.select_option("[name=kind]", label="秘書")
        choose(page, "other", "さとう")
        nothing_wrong(page)
        save(page)
        page.wait_for_url(f"**/guests/{guest.pk}/")
        page.get_by_role("link", name="佐藤 恵 様").click()
        expect(page.locator("h1")).to_contain_text("佐藤")
        remove = page.get_by_role("button", name=re.compile("^外す|削除|取り消"))
        expect(page.get_by_role("link", name="渡邉 健一 様")).to_be_visible()
        remove.click()
        expect(page).to_have_url(f"{live_server.url}/guests/{secretary.pk}/")
        expect(page.get_by_role("link", name="渡邉 健一 様")).to_have_count(0)
    assert not Relation.objects.exists()


def test_a_transfer_keeps_the_past_and_hands_the_post_on(browser: Browser, live_server: Any, guest: Customer) -> None:
    heir = CustomerFactory.create(name="大西 徹", kana="オオニシ トオル", company=guest.company)
    with window(browser, live_server.url, "desk") as page:
        page.goto(f"{live_server.url}/guests/{guest.pk}/transfer/")
        page.fill("[name=on]", "R8.4.1")
        page.fill("[name=department]", "本社")
        page.fill("[name=title]", "常務取締役")
        choose(page, "successor", "おおにし")
        nothing_wrong(page)
        save(page)
        page.wait_for_url(f"**/guests/{guest.pk}/")
        expect(page.locator("main")).to_contain_text("常務取締役")
        expect(page.get_by_role("link", name="大西 徹 様")).to_be_visible()
    heir.refresh_from_db()
    assert (heir.department, heir.title) == ("営業本部", "部長")


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "plain"])
def test_a_promise_is_written_seen_before_serving_and_kept(
    browser: Browser, live_server: Any, guest: Customer, scripts: bool
) -> None:
    with window(browser, live_server.url, "floor", scripts=scripts) as page:
        page.goto(f"{live_server.url}/guests/{guest.pk}/")
        panel = page.locator("#promises")
        panel.locator("[name=text]").fill("次回は椅子のお席を")
        panel.get_by_role("button", name="書き留める").click()
        expect(page.locator("#promises")).to_contain_text("次回は椅子のお席を")
        expect(page.locator("main .tag, main .chip", has_text="まだ").first).to_be_visible()
        page.locator("#promises").get_by_role("button", name="果たした").click()
        expect(page.locator("#promises li")).to_have_count(0)
    promise = Promise.objects.get()
    assert (promise.state, promise.closed_by) == ("kept", user("floor"))


def test_a_sealed_guest_is_gone_for_all_but_the_named(browser: Browser, live_server: Any, guest: Customer) -> None:
    card = f"{live_server.url}/guests/{guest.pk}/"
    with (
        window(browser, live_server.url, "okami") as mine,
        window(browser, live_server.url, "floor", complaints=[]) as theirs,
    ):
        mine.goto(card)
        mine.locator(".more-actions > summary").click()
        mine.get_by_role("link", name="お忍び・非公開").click()
        nothing_wrong(mine)
        mine.locator("[name=is_confidential]").check()
        mine.get_by_label("desk 担当", exact=True).check()
        save(mine)
        mine.wait_for_url(card)
        expect(mine.locator(".page-heading")).to_contain_text("お忍び・非公開")

        # A page that was refused stands on the console, as it should.
        answer = theirs.goto(card)
        assert answer is not None
        assert answer.status == 404
        theirs.goto(f"{live_server.url}/guests/?q=渡邉")
        expect(theirs.locator("#guest-list")).not_to_contain_text("健一")
    with window(browser, live_server.url, "desk") as page:
        page.goto(f"{live_server.url}/guests/?q=渡邉")
        page.get_by_role("link", name=re.compile("健一")).click()
        expect(page).to_have_url(card)


def test_the_cover_hides_the_page_and_takes_no_key(browser: Browser, live_server: Any, guest: Customer) -> None:
    """Kept from page to page until it is taken off; what was typed is still there, and no key decides behind it."""
    twin = CustomerFactory.create(name="渡辺 健一", kana="ワタナベ ケンイチ")
    with window(browser, live_server.url, "okami", size=DESKTOP) as page:
        page.goto(f"{live_server.url}/guests/{guest.pk}/edit/")
        page.fill("[name=likes]", "炭火焼")
        page.locator("[data-cover=on]").click()
        expect(page.locator(".cover")).to_be_visible()
        expect(page.locator("h1")).not_to_be_visible()
        expect(page.locator(".cover [data-cover=off]")).to_be_focused()
        page.keyboard.press("Enter")
        expect(page.locator("h1")).to_be_visible()
        expect(page.locator("[name=likes]")).to_have_value("炭火焼")
        expect(page.locator("[data-cover=on]")).to_be_focused()
        page.locator("form[data-unsaved]").evaluate("(form) => { delete form.dataset.unsaved; }")

        page.goto(f"{live_server.url}/guests/duplicates/{guest.pk}/{twin.pk}/")
        page.locator("[data-cover=on]").click()
        page.keyboard.press("1")
        page.reload()
        expect(page.locator(".cover")).to_be_visible()
        expect(page.locator("h1")).not_to_be_visible()
        page.locator(".cover [data-cover=off]").click()
        expect(page.locator("h1")).to_be_visible()
    assert Customer.objects.present().count() == 2


def test_a_locked_screen_opens_by_ones_own_password_where_one_was(
    browser: Browser, live_server: Any, guest: Customer
) -> None:
    card = f"{live_server.url}/guests/{guest.pk}/"
    with window(browser, live_server.url, "floor") as page:
        page.goto(card)
        page.locator(".more > summary").click()
        page.locator(".more").get_by_role("button", name="画面をロック").click()
        nothing_wrong(page)
        for address in (card, f"{live_server.url}/guests/"):
            page.goto(address)
            expect(page.locator("[name=password]")).to_be_visible()
            expect(page.locator("body")).not_to_contain_text("渡邉")
        page.go_back()
        expect(page.locator("body")).not_to_contain_text("渡邉")
        page.goto(card)
        page.fill("[name=password]", "a wrong one")
        page.press("[name=password]", "Enter")
        expect(page.locator(".field-errors, .errors").first).to_be_visible()
        page.fill("[name=password]", PASSWORD)
        page.press("[name=password]", "Enter")
        page.wait_for_url(card)
        expect(page.locator("h1")).to_contain_text("渡邉")


def test_an_open_company_hears_of_a_colleague(browser: Browser, live_server: Any, guest: Customer) -> None:
    company = guest.company
    assert company is not None
    address = f"{live_server.url}/guests/companies/{company.pk}/"
    with (
        window(browser, live_server.url, "desk") as mine,
        window(browser, live_server.url, "manager", size=DESKTOP) as theirs,
    ):
        mine.goto(f"{address}edit/")
        mine.fill("[name=note]", "請求は支社へ")
        theirs.goto(address)
        change_company(company=company, by=user("floor"), kana="ホクシンデンキ")
        for page in (mine, theirs):
            expect(page.locator(".live")).to_contain_text("floor 担当", timeout=TEN_SECONDS)
            nothing_wrong(page)
        expect(mine.locator("[name=note]")).to_have_value("請求は支社へ")
        save(mine)
        mine.wait_for_url(address)
    company.refresh_from_db()
    assert (company.kana, company.note) == ("ホクシンデンキ", "請求は支社へ")


def test_two_people_at_the_pointing_card_lose_no_allergy(browser: Browser, live_server: Any, guest: Customer) -> None:
    with window(browser, live_server.url, "floor") as page:
        page.goto(f"{live_server.url}/guests/{guest.pk}/pointing/")
        page.get_by_text("crab", exact=True).click()
        set_allergies(
            customer=guest,
            by=user("desk"),
            state="listed",
            items=[AllergyInput(Allergen.objects.get(code="walnut"), "severe")],
        )
        page.locator(".save-bar button").click()
        expect(page.locator(".alert").first).to_contain_text("desk 担当")
        expect(page.locator("label", has_text="walnut").locator("input")).to_be_checked()
        nothing_wrong(page)
        page.get_by_text("crab", exact=True).click()
        page.locator(".save-bar button").click()
        page.wait_for_url(f"**/guests/{guest.pk}/")
    assert {(one.allergen.code, one.severity) for one in guest.allergies.all()} == {
        ("walnut", "severe"),
        ("crab", "moderate"),
    }
