"""The sheets that replace paper, as people use them: the briefing on a phone, the guests' menu, a handover and its ticks."""

from datetime import datetime, time
from typing import Any

import pytest
from playwright.sync_api import Browser, expect

from crm_project.core.accounts.models import Venue
from customers.models import HandoverGuest
from customers.services.handovers import assign_guests, start_handover
from tests.e2e.house import DESKTOP, listening, open_house, user, window
from tests.e2e.page_checks import axe_faults_of, faults_of
from tests.factories.customers import CustomerFactory
from tests.factories.menus import CourseFactory, DishFactory
from tests.factories.visits import RoomFactory, VisitFactory
from visits.day import today_of
from visits.models import SeatingPlan, SheetRevision, Visit

pytestmark = pytest.mark.e2e


@pytest.fixture
def venue(live_server: Any) -> Venue:
    """A house with one room that has an alcove."""
    venue = open_house()
    RoomFactory.create(venue=venue, name="桔梗", capacity=8, has_alcove=True)
    return venue


@pytest.fixture
def tonight(venue: Venue) -> Visit:
    """渡邉 様 and three more in 桔梗 tonight."""
    dishes = [
        DishFactory.create(name="柚子釜盛り3種", position="sakizuke", name_en="Three morsels in a yuzu cup"),
        DishFactory.create(name="海老真薯", position="wanmono", presences={"shrimp": "contains"}),
    ]
    day = today_of(venue)
    return VisitFactory.create(
        venue=venue,
        room=venue.rooms.get(name="桔梗"),
        starts_at=datetime.combine(day, time(18), tzinfo=venue.zone),
        status="reserved",
        purpose="hosting",
        party_size=4,
        course=CourseFactory.create(name="霜月の会席 松", of=dishes),
        guests=[CustomerFactory.create(name="渡邉 健一", kana="ワタナベ ケンイチ", allergic_to=["shrimp"])],
    )


def test_from_today_to_the_briefing_to_confirmed_seats(browser: Browser, live_server: Any, tonight: Visit) -> None:
    with window(browser, live_server.url, "floor") as page:
        page.goto(f"{live_server.url}/visits/")
        page.get_by_role("link", name="本日の心得").click()
        expect(page.get_by_role("heading", name="本日の心得")).to_be_visible()
        expect(page.locator(".sheet")).to_contain_text("海老真薯")
        assert [*faults_of(page), *axe_faults_of(page)] == []

        page.get_by_role("button", name="版を残して印刷").click()
        expect(page.locator(".sheet-version")).to_contain_text("第1版")
        assert SheetRevision.objects.get().made_by == user("floor")

        page.get_by_role("link", name="席次を直す・確定する").click()
        page.get_by_role("button", name="確定する").click()
        expect(page.locator(".seat-plan")).to_contain_text("確定")
        assert [*faults_of(page), *axe_faults_of(page)] == []
        assert SeatingPlan.objects.get().is_confirmed

        page.goto(f"{live_server.url}/visits/briefing/")
        expect(page.locator(".alert-ask").first).to_contain_text("桔梗")
        page.get_by_role("button", name="変更を確認しました").click()
        expect(page.locator(".sheet-version")).to_contain_text("第2版")


def test_the_guests_menu_on_a_phone_begins_on_the_right(browser: Browser, live_server: Any, tonight: Visit) -> None:
    with window(browser, live_server.url, "floor") as page:
        page.goto(f"{live_server.url}/visits/{tonight.pk}/menus/")
        title = page.locator(".menu-title")
        expect(title).to_be_in_viewport()
        assert title.evaluate("element => getComputedStyle(element).writingMode") == "vertical-rl"
        assert [*faults_of(page), *axe_faults_of(page)] == []
        page.get_by_role("link", name="英語").click()
        expect(page.locator(".menu-sheet")).to_contain_text("Three morsels in a yuzu cup")
        expect(page.locator(".alert-ask")).to_contain_text(["桔梗", "海老真薯"])
        assert [*faults_of(page), *axe_faults_of(page)] == []


def test_a_manager_hands_over_and_the_successor_ticks(browser: Browser, live_server: Any, venue: Venue) -> None:
    floor = user("floor")
    for name in ("渡邉 健一", "高橋 美穂"):
        CustomerFactory.create(name=name, staff=floor)
    with window(browser, live_server.url, "manager", size=DESKTOP) as page:
        page.goto(f"{live_server.url}/guests/handovers/new/?person={floor.pk}")
        page.get_by_role("button", name="引き継ぐ内容を見る").click()
        page.get_by_role("checkbox", name="okami 担当").check()
        page.locator("#assign").get_by_role("button", name="引き継ぐ").click()
        expect(page.get_by_text("2名のお客様を引き継ぎました。")).to_be_visible()
        assert axe_faults_of(page) == []
    with window(browser, live_server.url, "okami") as page:
        page.goto(f"{live_server.url}/guests/handovers/")
        page.get_by_role("link", name="floor 担当").click()
        assert [*faults_of(page), *axe_faults_of(page)] == []
        page.get_by_role("button", name="読みました（承知）").first.click()
        listening(page)
        expect(page.locator(".handover-tick .tag.ok")).to_have_count(1)
        expect(page.locator("#handover-progress")).to_contain_text("2名中 1名 承知")
    assert HandoverGuest.objects.exclude(taken_over_at=None).get().successor == user("okami")


def test_ticks_without_scripts(browser: Browser, live_server: Any, venue: Venue) -> None:
    floor, okami = user("floor"), user("okami")
    CustomerFactory.create(name="渡邉 健一", staff=floor)
    handover = start_handover(by=okami, from_user=floor, reason="leaves")
    assign_guests(handover=handover, by=okami, version=1, successors=[user("manager")])
    with window(browser, live_server.url, "manager", scripts=False) as page:
        page.goto(f"{live_server.url}/guests/handovers/{handover.pk}/")
        page.get_by_role("button", name="読みました（承知）").click()
        expect(page.locator(".handover-tick .tag.ok")).to_have_count(1)
