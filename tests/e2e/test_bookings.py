"""Booking on the phone: with the keyboard alone while one talks, on a phone, with a number nobody knows, without scripts."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Browser, Page, expect

from customers.models import Customer
from tests.e2e.house import DESKTOP, listening, open_house, user, window
from tests.e2e.page_checks import axe_faults_of, faults_of
from tests.factories.customers import CompanyFactory, CustomerFactory
from tests.factories.visits import RoomFactory, VisitFactory
from visits import services
from visits.choices import VisitStatus
from visits.entries import AttendanceEntry, BookingEntry
from visits.models import Room, Visit, VisitDraft

pytestmark = pytest.mark.e2e

TAKEN = re.compile(r"/visits/\d+/$")
BOOK = "/visits/bookings/new/"
# Of a minute on the phone two thirds are talk: greeting, listening, reading back. In what is left somebody who types
# while listening, with one hand on the receiver, strikes about three keys a second: 20 s x 3.
KEYS_IN_A_MINUTE = 60


class Typist:
    """Two hands on a keyboard, no mouse; counts the keys."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.keys = 0

    def type(self, text: str) -> None:
        """Type a text, a key per sign."""
        self.page.keyboard.type(text)
        self.keys += len(text)

    def press(self, *keys: str) -> None:
        """Press keys one after the other; each of a chord counts."""
        for key in keys:
            self.page.keyboard.press(key)
            self.keys += key.count("+") + 1


@pytest.fixture
def guest(live_server: Any) -> Customer:
    """渡邉 健一 of 北辰電機, whose usual room is 桔梗; somebody whose name is read alike."""
    venue = open_house()
    kikyo = RoomFactory.create(venue=venue, name="桔梗", capacity=8)
    RoomFactory.create(venue=venue, name="萩", capacity=6)
    guest = CustomerFactory.create(
        name="渡邉 健一",
        kana="ワタナベ ケンイチ",
        company=CompanyFactory.create(name="北辰電機"),
        allergic_to=["shrimp"],
    )
    CustomerFactory.create(name="渡辺 花子", kana="ワタナベ ハナコ")
    for days in (30, 60):
        VisitFactory.create(venue=venue, room=kikyo, starts_at=timezone.now() - timedelta(days=days), guests=[guest])
    return guest


def when(page: Page, day: str = "明日", hour: str = "18", people: str = "6") -> None:
    """Fill in when, and how many."""
    page.fill("[name=day]", day)
    page.fill("[name=time]", hour)
    page.fill("[name=party]", people)


def choose_room(page: Page, name: str) -> None:
    """Tap the room's chip."""
    page.get_by_role("radio", name=name).check()


def take(page: Page) -> None:
    """Press the button at the foot."""
    page.locator("button[name=op][value=take]").click()


def test_a_regular_is_booked_in_a_minute_with_the_keyboard_alone(
    browser: Browser, live_server: Any, guest: Customer
) -> None:
    """Who, when, how many, the usual room, the budget; no mouse.

    60 seconds of a telephone call are about 40 of talk; the hands have 20, and three keys a second while one listens:
    60 keys. Counted: 39, so that half as many again may be slips and corrections.
    """
    with window(browser, live_server.url, "desk", size=DESKTOP) as page:
        page.goto(live_server.url + BOOK)
        typist = Typist(page)
        expect(page.locator("#guest-q")).to_be_focused()
        typist.type("watanabe ken")
        typist.press("Enter")
        expect(page.locator(".seat-name")).to_contain_text("北辰電機")
        listening(page)
        expect(page.locator("#id_day")).to_be_focused()
        typist.type("12/4")
        typist.press("Tab")
        typist.type("18")
        typist.press("Tab", "Tab")
        typist.type("6")
        expect(page.locator("#booking-rooms .chip").nth(1)).to_contain_text("いつも")
        listening(page)
        typist.press("Tab", "ArrowDown")
        expect(page.locator("#say")).to_contain_text("十二月四日")
        expect(page.locator("#say")).to_contain_text("六名様、桔梗のお部屋で")
        # 貸切, course, attendant, source; then the budget.
        typist.press("Tab", "Tab", "Tab", "Tab", "Tab")
        typist.type("25000")
        typist.press("Tab", "Space")
        expect(page.locator("#say")).to_contain_text("お一人様二万五千円、お飲物込み")
        typist.press("Control+Enter")
        expect(page).to_have_url(TAKEN)
    assert typist.keys <= KEYS_IN_A_MINUTE, typist.keys
    visit = Visit.objects.get(status=VisitStatus.RESERVED)
    assert (visit.business_date.month, visit.business_date.day, visit.party_size) == (12, 4, 6)
    assert visit.starts_at.astimezone(visit.venue.zone).hour == 18
    assert visit.room == Room.objects.get(name="桔梗")
    assert visit.briefing.budget_per_head == 25_000
    assert visit.briefing.with_drinks
    assert visit.attendances.get().customer == guest


def test_one_of_several_is_chosen_with_the_arrows(browser: Browser, live_server: Any, guest: Customer) -> None:
    with window(browser, live_server.url, "desk", size=DESKTOP) as page:
        page.goto(live_server.url + BOOK)
        page.keyboard.type("わたなべ")
        expect(page.locator("#guest-options .option")).to_have_count(2)
        listening(page)
        page.keyboard.press("ArrowDown")
        page.keyboard.press("ArrowDown")
        chosen = page.locator("#guest-options .option").nth(1)
        expect(chosen).to_be_focused()
        page.keyboard.press("Enter")
        expect(page.locator(".seat-name")).to_have_count(1)


def test_enter_that_confirms_kanji_sends_nothing(browser: Browser, live_server: Any, guest: Customer) -> None:
    with window(browser, live_server.url, "desk") as page:
        page.goto(live_server.url + BOOK)
        when(page)
        page.locator("[name=wishes]").focus()
        page.evaluate(
            """() => {
              const field = document.activeElement;
              field.dispatchEvent(new CompositionEvent("compositionstart", { bubbles: true }));
              for (const ctrlKey of [false, true]) {
                field.dispatchEvent(new KeyboardEvent("keydown",
                  { key: "Enter", keyCode: 229, isComposing: true, ctrlKey, bubbles: true, cancelable: true }));
              }
            }"""
        )
        expect(page.locator("[data-form-errors]")).to_have_count(0)
        expect(page).to_have_url(re.compile(BOOK))
    assert not Visit.objects.filter(status=VisitStatus.RESERVED).exists()


def test_a_draft_survives_the_closing_of_the_page(browser: Browser, live_server: Any, guest: Customer) -> None:
    with window(browser, live_server.url, "desk") as page:
        page.goto(f"{live_server.url}{BOOK}?customer={guest.pk}")
        when(page, day="12/4")
        page.locator("[name=wishes]").press_sequentially("お子様椅子をひとつ")
        expect(page).to_have_url(re.compile(r"\?draft="))
        expect(page.locator("#day-words")).to_contain_text("12月4日")
        expect(page.locator("#say")).to_contain_text("六名様")
        assert faults_of(page) == []
        assert axe_faults_of(page) == []
        page.close(run_before_unload=True)

        again = page.context.new_page()
        again.goto(f"{live_server.url}/visits/")
        again.get_by_role("link", name="下書き").first.click()
        expect(again.locator(".seat-name")).to_contain_text("北辰電機")
        expect(again.locator("[name=wishes]")).to_have_value("お子様椅子をひとつ")
        take(again)
        expect(again).to_have_url(TAKEN)
    assert not VisitDraft.objects.exists()


def test_two_taps_are_one_booking(browser: Browser, live_server: Any, guest: Customer) -> None:
    with window(browser, live_server.url, "desk") as page:
        page.goto(f"{live_server.url}{BOOK}?customer={guest.pk}")
        when(page)
        page.locator("button[name=op][value=take]").evaluate("button => { button.click(); button.click(); }")
        expect(page).to_have_url(TAKEN)
    assert Visit.objects.filter(status=VisitStatus.RESERVED).count() == 1


def test_a_taken_room_is_refused_and_another_one_taken(browser: Browser, live_server: Any, guest: Customer) -> None:
    with window(browser, live_server.url, "desk") as page:
        page.goto(f"{live_server.url}{BOOK}?customer={guest.pk}")
        when(page)
        listening(page)
        room = page.locator("#booking-rooms .chip", has_text="桔梗")
        expect(room).to_contain_text("いつも")
        expect(page.locator("#say")).to_be_visible()
        listening(page)
        choose_room(page, "桔梗")
        expect(page.locator("#say")).to_contain_text("桔梗")
        listening(page)
        # Somebody else is faster by a second.
        desk, kikyo = user("desk"), Room.objects.get(name="桔梗")
        tomorrow = timezone.now().astimezone(kikyo.venue.zone) + timedelta(days=1)
        services.take_booking(
            by=desk,
            venue=kikyo.venue,
            booking=BookingEntry(
                starts_at=tomorrow.replace(hour=18, minute=0, second=0, microsecond=0),
                room=kikyo,
                attendances=[AttendanceEntry(label="お連れ様①")],
            ),
        )
        take(page)
        expect(page.locator("#booking-rooms .field-errors")).to_contain_text("桔梗")
        assert faults_of(page) == []
        assert axe_faults_of(page) == []
        choose_room(page, "萩")
        expect(page.locator("#say")).to_contain_text("萩のお部屋")
        listening(page)
        take(page)
        expect(page).to_have_url(TAKEN)
    assert guest.attendances.latest("pk").visit.room == Room.objects.get(name="萩")


def test_somebody_new_rings_and_is_held_tentatively(browser: Browser, live_server: Any, guest: Customer) -> None:
    with window(browser, live_server.url, "desk") as page:
        page.goto(f"{live_server.url}{BOOK}?phone=075-000-0100")
        expect(page.locator("[name=guest-new-phone]")).to_have_value("075-000-0100")
        page.fill("[name=guest-new-name]", "髙橋 美穂")
        page.fill("[name=guest-new-kana]", "たかはし みほ")
        when(page, people="大人3 子ども1")
        page.locator("button[name=op][value=tentative]").click()
        expect(page).to_have_url(TAKEN)
        expect(page.locator("h1")).to_contain_text("髙橋")
        assert faults_of(page) == []
        page.get_by_role("button", name="本予約にする").click()
        expect(page.get_by_role("button", name="本予約にする")).to_have_count(0)
    visit = Visit.objects.latest("pk")
    assert (visit.status, visit.party_size, visit.contact_phone) == (VisitStatus.RESERVED, 4, "0750000100")
    assert visit.attendances.count() == 3


def test_a_booking_is_taken_without_scripts(browser: Browser, live_server: Any, guest: Customer) -> None:
    with window(browser, live_server.url, "desk", scripts=False) as page:
        page.goto(live_server.url + BOOK)
        page.fill("#guest-q", "わたなべ けんいち")
        page.press("#guest-q", "Enter")
        expect(page.locator(".seat-name")).to_contain_text("北辰電機")
        when(page)
        page.locator("button[name=op][value=look]").click()
        expect(page.locator("#say")).to_contain_text("六名様")
        choose_room(page, "桔梗")
        take(page)
        expect(page).to_have_url(TAKEN)
    assert guest.attendances.latest("pk").visit.room == Room.objects.get(name="桔梗")


def test_two_change_one_booking_and_nothing_typed_is_lost(browser: Browser, live_server: Any, guest: Customer) -> None:
    desk, room = user("desk"), Room.objects.get(name="桔梗")
    tomorrow = timezone.now().astimezone(room.venue.zone) + timedelta(days=1)
    at = tomorrow.replace(hour=18, minute=0, second=0, microsecond=0)
    seats, caller = [AttendanceEntry(customer=guest)], Customer.objects.get(name="渡辺 花子")
    entry = BookingEntry(starts_at=at, party_size=4, attendances=seats, contact=caller)
    visit = services.take_booking(by=desk, venue=room.venue, booking=entry)
    with window(browser, live_server.url, "desk", size=DESKTOP) as page:
        page.goto(f"{live_server.url}/visits/{visit.pk}/")
        page.get_by_role("link", name="ご予約を変更").click()
        expect(page.locator("[name=party]")).to_have_value("4")
        services.change_booking(
            visit=visit,
            by=user("manager"),
            version=visit.version,
            booking=BookingEntry(starts_at=at, party_size=5, attendances=seats, contact=caller),
        )
        page.fill("[name=wishes]", "お子様椅子")
        take(page)
        expect(page.locator(".history")).to_contain_text("manager 担当")
        expect(page.locator(".history del")).to_have_text("4")
        expect(page.locator(".history ins")).to_have_text("5")
        expect(page.locator("[name=wishes]")).to_have_value("お子様椅子")
        assert faults_of(page, for_fingers=False) == []
        assert axe_faults_of(page) == []
        page.fill("[name=party]", "5")
        take(page)
        expect(page).to_have_url(TAKEN)
        expect(page.locator("#booking")).to_contain_text("お子様椅子")
    visit.refresh_from_db()
    assert (visit.party_size, visit.contact) == (5, caller)
