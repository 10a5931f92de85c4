"""The kitchen's evening as people use it on a phone: an answer for the group, the gate, tonight's change, the emergency card."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Browser, Page, expect

from crm_project.core.accounts.models import Venue
from tests.e2e.house import listening, open_house, user, window
from tests.e2e.page_checks import axe_faults_of, faults_of
from tests.factories.customers import CustomerFactory
from tests.factories.menus import CourseFactory, DishFactory
from tests.factories.visits import RoomFactory, VisitFactory
from visits.evening import evening_of
from visits.gate import SheetState
from visits.models import EveningTerms, TonightChange, Visit

pytestmark = pytest.mark.e2e


@pytest.fixture
def venue(live_server: Any) -> Venue:
    """A house with a room."""
    venue = open_house()
    EveningTerms.objects.create(
        venue=venue, emergency_address="東京都台東区1-2-3", in_charge="女将", in_charge_phone="03-1234-5678"
    )
    return venue


@pytest.fixture
def visit(venue: Venue) -> Visit:
    """渡邉 様 and three others, seated; the course touches an allergy."""
    shinjo = DishFactory.create(
        name="海老真薯", position="wanmono", presences={"shrimp": "contains", "buckwheat": "free"}
    )
    DishFactory.create(name="蛤のお椀", position="wanmono", presences={"shrimp": "free", "buckwheat": "free"})
    guest = CustomerFactory.create(name="渡邉 健一", allergic_to=["shrimp"], allergy_state="listed")
    return VisitFactory.create(
        venue=venue,
        room=RoomFactory.create(venue=venue, name="桔梗"),
        starts_at=timezone.now() - timedelta(minutes=5),
        status="seated",
        party_size=4,
        guests=[guest],
        course=CourseFactory.create(name="霜月の会席 松", of=[shinjo]),
        staff=user("floor"),
    )


def clean(page: Page) -> None:
    """No fault of layout, words or access."""
    assert faults_of(page) == []
    assert axe_faults_of(page) == []


def test_answered_decided_settled(browser: Browser, live_server: Any, visit: Visit) -> None:
    with window(browser, live_server.url, "desk") as page:
        page.goto(f"{live_server.url}/visits/{visit.pk}/evening/")
        clean(page)
        page.get_by_label("団体のアレルギー").fill("4名中 そば1名、他なし")
        page.locator("input[name=source][value=arranger]").check()
        page.get_by_role("button", name="読み取る").click()
        expect(page.get_by_role("status").filter(has_text="読み取り結果")).to_contain_text("そば")
        page.get_by_role("button", name="この内容で保存").click()
        expect(page.locator("#group")).to_contain_text("4名中 そば1名、他なし")
    with window(browser, live_server.url, "kitchen") as page:
        page.goto(f"{live_server.url}/visits/kitchen/")
        clean(page)
        page.get_by_role("link", name="対応を決める").first.click()
        page.get_by_role("button", name="差し替える").first.click()
        page.get_by_role("button", name="献立を確定する").click()
        expect(page.locator("body")).to_contain_text("献立確定")
        clean(page)
    assert evening_of(visit).state == SheetState.READY


def test_a_dish_is_replaced_for_tonight_and_the_room_is_told(browser: Browser, live_server: Any, visit: Visit) -> None:
    with window(browser, live_server.url, "kitchen") as page:
        page.goto(f"{live_server.url}/visits/kitchen/")
        page.get_by_text("お料理を差し替える").click()
        page.get_by_role("link", name="海老真薯").click()
        clean(page)
        page.get_by_role("button", name="蛤のお椀").click()
        expect(page.locator("section:has(#tonight)")).to_contain_text("蛤のお椀")
        page.get_by_role("button", name="板場表を印刷").click()
        expect(page.locator(".kitchen-sheet")).to_contain_text("蛤のお椀")
        clean(page)
    assert TonightChange.objects.get().replacement is not None
    with window(browser, live_server.url, "floor") as page:
        page.goto(f"{live_server.url}/visits/")
        listening(page)
        expect(page.locator("#day")).to_contain_text("あなたへのお知らせ")
        clean(page)
        page.get_by_role("button", name="見ました").click()
        expect(page.locator("#day")).not_to_contain_text("あなたへのお知らせ")


def test_the_emergency_card_is_one_tap_away(browser: Browser, live_server: Any, visit: Visit) -> None:
    with window(browser, live_server.url, "floor") as page:
        page.goto(f"{live_server.url}/visits/")
        page.get_by_role("link", name="お出ししてしまった").first.click()
        expect(page.get_by_role("link", name="119")).to_have_attribute("href", "tel:119")
        expect(page.locator(".emergency")).to_contain_text("東京都台東区1-2-3")
        clean(page)
        page.locator("textarea[name=text]").fill("海老真薯を一口召し上がった")
        page.get_by_role("button", name="責任者へ報告する").click()
        expect(page.locator("body")).to_contain_text("責任者へ報告しました")
        page.goto(f"{live_server.url}/visits/{visit.pk}/evening/offer/")
        clean(page)
    assert visit.complaints.exists()
