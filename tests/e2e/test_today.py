"""本日 and the room calendar as people use them: one tap on a phone, arrow keys at the desk, without scripts too."""

import re
import uuid
from datetime import datetime, time, timedelta
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Browser, Page, expect

from crm_project.core.accounts.models import Venue
from crm_project.core.dates import business_date
from tests.e2e.house import DESKTOP, listening, open_house, user, window
from tests.e2e.page_checks import axe_faults_of, faults_of, unfold
from tests.factories.accounts import person
from tests.factories.customers import CustomerFactory
from tests.factories.menus import CourseFactory, DishFactory
from tests.factories.visits import RoomFactory, VisitFactory
from visits.day import today_of
from visits.models import TableNotice, TonightChange, Visit, VisitDraft
from visits.services.occupancy import occupy

pytestmark = pytest.mark.e2e


@pytest.fixture
def venue(live_server: Any) -> Venue:
    """A house with two rooms."""
    venue = open_house()
    RoomFactory.create(venue=venue, name="桔梗", position=1, capacity=8)
    RoomFactory.create(venue=venue, name="萩", position=2, capacity=6)
    return venue


@pytest.fixture
def overdue(venue: Venue) -> Visit:
    """渡邉 様, who should have been here twenty minutes ago."""
    at = timezone.now() - timedelta(minutes=20)
    if business_date(at, venue.closing_hour, venue.zone) != today_of(venue):
        # The house has just closed: let it stay open, or twenty minutes ago is yesterday.
        venue.closing_hour = 30
        venue.save(update_fields=["closing_hour"])
    guest = CustomerFactory.create(name="渡邉 健一", kana="ワタナベ ケンイチ")
    return VisitFactory.create(
        venue=venue, room=venue.rooms.get(name="桔梗"), starts_at=at, status="reserved", guests=[guest]
    )


@pytest.fixture
def tomorrow_evening(venue: Venue) -> Visit:
    """高橋 様 in 萩 tomorrow at six."""
    day = today_of(venue) + timedelta(days=1)
    at = datetime.combine(day, time(18), tzinfo=venue.zone)
    visit = VisitFactory.create(
        venue=venue,
        room=venue.rooms.get(name="萩"),
        starts_at=at,
        ends_at=at + timedelta(hours=2),
        status="reserved",
        guests=[CustomerFactory.create(name="高橋 美穂", kana="タカハシ ミホ")],
    )
    occupy(visit)
    return visit


def step(page: Page, visit: Visit, status: str) -> Any:
    """The button of a state on the card."""
    return page.locator(f"#visit-{visit.pk}-{status}")


def test_states_in_one_tap_and_a_wrong_tap_taken_back(browser: Browser, live_server: Any, overdue: Visit) -> None:
    with window(browser, live_server.url, "floor") as page:
        page.goto(f"{live_server.url}/visits/")
        expect(page.locator("#day")).to_contain_text("20")
        step(page, overdue, "arrived").click()
        expect(step(page, overdue, "arrived")).to_have_attribute("aria-pressed", "true")
        expect(step(page, overdue, "arrived")).to_be_focused()
        listening(page)
        step(page, overdue, "seated").click()
        expect(step(page, overdue, "seated")).to_have_attribute("aria-pressed", "true")
        listening(page)
        step(page, overdue, "arrived").click()
        expect(step(page, overdue, "arrived")).to_have_attribute("aria-pressed", "true")
        listening(page)
        step(page, overdue, "reserved").click()
        expect(step(page, overdue, "arrived")).to_have_attribute("aria-pressed", "false")
        expect(page).to_have_url(f"{live_server.url}/visits/")
    overdue.refresh_from_db()
    assert overdue.status == "reserved"


def test_who_does_not_come_is_said_in_two_taps_and_can_still_come(
    browser: Browser, live_server: Any, overdue: Visit
) -> None:
    with window(browser, live_server.url, "floor") as page:
        page.goto(f"{live_server.url}/visits/")
        expect(step(page, overdue, "no_show")).to_be_hidden()
        page.locator(".no-show > summary").click()
        step(page, overdue, "no_show").click()
        expect(page.locator(f"#visit-{overdue.pk}")).to_have_count(0)
        listening(page)
        page.locator("#missed > summary").click()
        step(page, overdue, "reserved").click()
        expect(page.locator(f"#visit-{overdue.pk}")).to_be_visible()
        listening(page)
        page.locator(".no-show > summary").click()
        step(page, overdue, "no_show").click()
        expect(page.locator("#missed")).to_be_visible()
    guest = overdue.attendances.get().customer
    assert guest is not None
    with window(browser, live_server.url, "desk") as page:
        page.goto(f"{live_server.url}/visits/bookings/new/?customer={guest.pk}")
        expect(page.locator("#booking-known")).to_contain_text("無断不来店 1回")


def test_who_stands_at_the_door_is_taken_in_from_today(browser: Browser, live_server: Any, venue: Venue) -> None:
    with window(browser, live_server.url, "desk") as page:
        page.goto(f"{live_server.url}/visits/")
        page.locator("#walk-in").click()
        page.fill("#id_party", "2")
        page.get_by_role("radio", name="萩").check()
        expect(page.locator("#say")).to_be_visible()
        listening(page)
        assert not [*faults_of(page), *axe_faults_of(page)]
        page.locator("button[name=op][value=take]").click()
        page.wait_for_url(re.compile(r"/visits/\d+/$"))
        page.goto(f"{live_server.url}/visits/")
        expect(page.locator(".table-card")).to_contain_text("ご予約なしのお客様")
        expect(page.locator(".table-card [aria-pressed=true]")).to_have_text("ご到着")
    visit = Visit.objects.get()
    assert (visit.status, visit.party_size, visit.room) == ("arrived", 2, venue.rooms.get(name="萩"))


def test_the_same_buttons_without_scripts(browser: Browser, live_server: Any, overdue: Visit) -> None:
    with window(browser, live_server.url, "floor", scripts=False) as page:
        page.goto(f"{live_server.url}/visits/?by=room")
        step(page, overdue, "arrived").click()
        expect(page).to_have_url(f"{live_server.url}/visits/?by=room")
        expect(step(page, overdue, "arrived")).to_have_attribute("aria-pressed", "true")
        page.locator(f"#visit-{overdue.pk}").locator("a[href*=duties]").click()
        expect(page).to_have_url(re.compile(rf"/visits/{overdue.pk}/duties/"))


def test_who_attends_is_said_on_the_card(browser: Browser, live_server: Any, overdue: Visit) -> None:
    person("floor", overdue.venue, display_name="井上 葵", kana="イノウエ アオイ")
    with window(browser, live_server.url, "okami") as page:
        page.goto(f"{live_server.url}/visits/")
        card = page.locator(f"#visit-{overdue.pk}")
        card.locator("a[hx-get*=duties]").click()
        listening(page)
        card.locator("select[name=staff]").select_option(label="井上 葵")
        card.locator("select[name=recorder]").select_option(label="floor 担当")
        assert not [*faults_of(page), *axe_faults_of(page)]
        card.locator("form.duties button").click()
        expect(page.locator(f"#visit-{overdue.pk} .table-when")).to_be_visible()
        expect(page.locator(f"#visit-{overdue.pk}")).to_contain_text("井上 葵")
        expect(page.locator("#free")).to_contain_text("井上 葵")
    overdue.refresh_from_db()
    assert overdue.staff is not None
    assert (overdue.staff.display_name, overdue.duties.get().user) == ("井上 葵", user("floor"))


@pytest.fixture
def full_evening(venue: Venue, overdue: Visit) -> Visit:
    """Everything at once that 本日 can warn of; the attendant floor has one of the rooms."""
    floor, okami = user("floor"), user("okami")
    day = overdue.business_date
    dishes = [
        DishFactory.create(name=name, presences={"shrimp": "contains"})
        for name in ("海老真薯", "蟹と海老のしんじょう椀")
    ]
    course = CourseFactory.create(
        name="霜月の会席 松", of=[*dishes, DishFactory.create(presences={"shrimp": "may_contain"})]
    )
    for minute in range(4):
        guest = CustomerFactory.create(name="西園寺 綾乃", kana="サイオンジ アヤノ", allergic_to=["shrimp"])
        at = overdue.starts_at + timedelta(minutes=minute)
        room = venue.rooms.get(name="萩") if minute == 2 else None
        VisitFactory.create(
            **{"venue": venue, "starts_at": at, "status": "reserved", "guests": [guest], "course": course},
            **{"room": room, "staff": floor if minute == 2 else None, "party_size": 4},
        )
        TableNotice.objects.create(visit=overdue, user=floor, text="鯛の酒蒸しを鰆の幽庵焼に差し替え", made_by=okami)
        TonightChange.objects.create(
            venue=venue, business_date=day, dish=DishFactory.create(), replacement=None, made_by=okami
        )
        VisitDraft.objects.create(form_token=uuid.uuid4(), user=floor, venue=venue)
    return overdue


@pytest.mark.parametrize(("lang", "dark"), [("ja-JP", False), ("en-US", True)])
def test_the_first_table_is_on_the_first_screen_whatever_is_warned_of(
    browser: Browser, live_server: Any, full_evening: Visit, lang: str, dark: bool
) -> None:
    with window(browser, live_server.url, "floor", lang=lang, dark=dark) as page:
        page.goto(f"{live_server.url}/visits/")
        first = page.locator(".table-card .table-when").first
        expect(first).to_contain_text("萩")
        covered_by = page.locator(".tabbar").evaluate("bar => bar.getBoundingClientRect().top")
        assert first.evaluate("table => table.getBoundingClientRect().bottom") <= covered_by
        expect(page.locator("[role=alert]")).to_contain_text("萩")
        more = page.locator("#more-alerts")
        expect(more.locator("summary")).to_contain_text("3")
        more.locator("summary").click()
        expect(more.locator("a")).to_have_count(3)
        expect(more.locator("a").last).to_be_visible()
        unfold(page)
        assert not [*faults_of(page, lang=lang[:2]), *axe_faults_of(page)]


def test_from_day_to_day(browser: Browser, live_server: Any, venue: Venue, tomorrow_evening: Visit) -> None:
    day = tomorrow_evening.business_date
    with window(browser, live_server.url, "floor") as page:
        page.goto(f"{live_server.url}/visits/")
        page.locator(".day-nav [rel=next]").click()
        expect(page.locator("h1")).to_contain_text(f"{day.month}月{day.day}日")
        expect(page.locator(f"#visit-{tomorrow_evening.pk}")).to_be_visible()
        page.locator(".day-nav [rel=prev]").click()
        expect(page.locator("h1")).to_have_text("本日")
        page.locator(".day-nav input[type=date]").fill(f"{day:%Y-%m-%d}")
        page.locator(".day-nav input[type=date]").press("Enter")
        expect(page.locator(f"#visit-{tomorrow_evening.pk}")).to_be_visible()


def test_the_calendar_by_keyboard(browser: Browser, live_server: Any, venue: Venue, tomorrow_evening: Visit) -> None:
    day = tomorrow_evening.business_date
    kikyo, hagi = venue.rooms.get(name="桔梗"), venue.rooms.get(name="萩")
    with window(browser, live_server.url, "desk", size=DESKTOP) as page:
        page.goto(f"{live_server.url}/visits/")
        page.locator(".day-nav [rel=next]").click()
        page.locator(".day-nav a[href*=calendar]").click()
        expect(page.locator("h1")).to_contain_text(f"{day.month}月{day.day}日")
        page.locator(".calendar").focus()
        page.keyboard.press("Tab")
        focused = page.locator(":focus")
        expect(focused).to_have_attribute("href", re.compile(rf"room={kikyo.pk}&time=11:00"))
        page.keyboard.press("ArrowRight")
        expect(focused).to_have_attribute("href", re.compile(rf"room={kikyo.pk}&time=11:30"))
        page.keyboard.press("ArrowDown")
        expect(focused).to_have_attribute("href", re.compile(rf"room={hagi.pk}&time=11:30"))
        for _half_hour in range(13):
            page.keyboard.press("ArrowRight")
        expect(focused).to_contain_text("高橋 美穂 様")
        page.keyboard.press("Tab")
        assert page.evaluate("() => !document.activeElement.closest('.calendar')")
        page.keyboard.press("Shift+Tab")
        expect(focused).to_contain_text("高橋 美穂 様")
        page.keyboard.press("ArrowUp")
        expect(focused).to_have_attribute("href", re.compile(rf"room={kikyo.pk}&time=18:00"))
        page.keyboard.press("Enter")
        page.wait_for_url(re.compile(rf"/visits/bookings/new/\?.*day={day:%Y-%m-%d}&room={kikyo.pk}&time=18:00"))


def test_a_rooms_name_stays_in_sight_on_a_phone(
    browser: Browser, live_server: Any, venue: Venue, tomorrow_evening: Visit
) -> None:
    with window(browser, live_server.url, "desk") as page:
        for span in ("day", "week"):
            page.goto(f"{live_server.url}/visits/calendar/?day={tomorrow_evening.business_date:%Y-%m-%d}&span={span}")
            block = page.locator(".calendar a.block-in")
            block.focus()
            expect(block).to_be_in_viewport()
            name = page.locator(".calendar tbody th").first
            expect(name).to_be_in_viewport()
            assert page.evaluate("() => document.querySelector('.calendar').scrollLeft") > 0 or span == "week"
            assert page.evaluate("() => document.documentElement.scrollWidth") <= 390
        page.keyboard.press("Enter")
        page.wait_for_url(re.compile(rf"/visits/{tomorrow_evening.pk}/$"))
