"""The house's settings and lists around bookings, as the desk and the administrator use them."""

import re
from datetime import datetime, time, timedelta
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Browser, expect

from crm_project.core.accounts.models import Loan, User, Venue
from crm_project.core.rights import Right
from customers.models import Customer
from tests.e2e.house import DESKTOP, listening, open_house, user, window
from tests.e2e.page_checks import axe_faults_of, faults_of
from tests.factories.accounts import VenueFactory, person
from tests.factories.customers import CustomerFactory
from tests.factories.visits import RoomFactory, VisitFactory
from visits.choices import FollowUpState, VisitStatus, WaitingState
from visits.entries import AttendanceEntry, BookingEntry
from visits.models import FollowUp, FollowUpRule, Room, Visit, WaitingParty
from visits.services import add_waiting, plan_follow_ups, take_booking

pytestmark = pytest.mark.e2e


@pytest.fixture
def venue(live_server: Any) -> Venue:
    """The house, with one room."""
    venue = open_house()
    RoomFactory.create(venue=venue, name="桔梗の間", capacity=8)
    return venue


@pytest.fixture
def guest(venue: Venue) -> Customer:
    """A guest with a phone."""
    return CustomerFactory.create(
        name="渡邉 健一", kana="ワタナベ ケンイチ", phones=["090-0000-1482"], known_at=[venue]
    )


def evening(venue: Venue, days: int, hour: int = 18) -> datetime:
    """An evening so many days from now on the venue's clock."""
    day = timezone.now().astimezone(venue.zone).date() + timedelta(days=days)
    return datetime.combine(day, time(hour), tzinfo=venue.zone)


def test_a_waiting_party_is_put_on_the_list_seen_free_and_booked(
    browser: Browser, live_server: Any, venue: Venue, guest: Customer
) -> None:
    starts_at = evening(venue, 3)
    with window(browser, live_server.url, "desk") as page:
        page.goto(f"{live_server.url}/visits/waiting/")
        page.locator("main .page-actions a.button").click()
        page.fill("[name=business_date]", f"{starts_at:%Y-%m-%d}")
        page.fill("[name=from_time]", "18:00")
        page.fill("[name=party_size]", "4")
        page.fill("[name=guest-q]", "わたなべ")
        page.get_by_role("radio").first.check()
        listening(page)
        page.fill("[name=wishes]", "お誕生日")
        page.locator("main form[method=post] button.button").last.click()
        card = page.locator("article.card")
        expect(card).to_contain_text("渡邉")
        expect(card).to_contain_text("桔梗の間")
        page.wait_for_load_state()
        assert faults_of(page) == []
        card.locator("form button").click()
        expect(page.locator("article.card")).to_have_count(0)
        page.locator("#waiting summary").click()
        page.locator("#waiting details form button").click()
        expect(page.locator("article.card")).to_have_count(1)
        listening(page)
        page.locator("article.card a.button").last.click()
        page.wait_for_url("**/visits/bookings/new/**")
        page.locator("[data-main-button]").click()
        page.wait_for_url(lambda url: "/bookings/new/" not in url)
    party = WaitingParty.objects.get()
    assert party.state == WaitingState.BOOKED
    assert party.visit is not None
    assert party.visit.attendances.get().customer == guest
    assert party.visit.starts_at == starts_at


def test_a_cancellation_with_its_fee_gives_the_table_to_who_waits(
    browser: Browser, live_server: Any, venue: Venue, guest: Customer
) -> None:
    desk, starts_at = user("desk"), evening(venue, 3)
    visit = take_booking(
        by=desk,
        venue=venue,
        booking=BookingEntry(
            starts_at=starts_at, room=venue.rooms.get(), party_size=4, attendances=[AttendanceEntry(customer=guest)]
        ),
    )
    waits = add_waiting(
        by=desk, venue=venue, business_date=starts_at.date(), from_time=time(18), party_size=4, name="佐伯"
    )
    with window(browser, live_server.url, "desk") as page:
        page.goto(f"{live_server.url}/visits/{visit.pk}/")
        page.locator("summary", has_text="ご予約をキャンセルする").click()
        form = page.locator(f"form[action='/visits/{visit.pk}/cancel/']")
        form.locator("button").click()
        expect(page.locator(".field-errors")).to_contain_text("理由")
        form.locator("[name=reason]").select_option("business")
        form.locator("[name=percent]").fill("50")
        assert not [*faults_of(page), *axe_faults_of(page)]
        form.locator("button").click()
        expect(page.locator("main")).to_contain_text("ご予算の50%")
        page.get_by_role("link", name="キャンセル待ち 1組").click()
        expect(page.locator(f"#party-{waits.pk}")).to_contain_text("18:00 桔梗の間")
        page.locator(f"#party-{waits.pk} a.button", has_text="ご予約にする").click()
        page.locator("[data-main-button]").click()
        page.wait_for_url(re.compile(r"/visits/\d+/$"))
    visit.refresh_from_db()
    waits.refresh_from_db()
    assert (visit.status, visit.cancel_reason, visit.cancel_percent) == ("cancelled", "business", 50)
    assert waits.visit is not None
    assert waits.visit.room == visit.room


def test_a_follow_up_is_done_in_one_tap_and_taken_back(
    browser: Browser, live_server: Any, venue: Venue, guest: Customer
) -> None:
    desk = user("desk")
    rule = FollowUpRule.objects.create(
        venue=venue, name="お礼のお電話", kind="call", moment="after", days=3, responsible="attendant"
    )
    visit = VisitFactory.create(venue=venue, guests=[guest], staff=desk, starts_at=evening(venue, -5))
    plan_follow_ups(visit)
    row = FollowUp.objects.get(rule=rule)
    with window(browser, live_server.url, "desk") as page:
        page.goto(f"{live_server.url}/visits/follow-ups/")
        line = page.locator(f"#follow-up-{row.pk}")
        expect(line).to_contain_text("090-0000-1482")
        page.wait_for_load_state()
        assert faults_of(page) == []
        line.locator("button[value=done]").click()
        expect(line.locator(".tag.ok")).to_be_visible()
        row.refresh_from_db()
        assert (row.state, row.closed_by) == (FollowUpState.DONE, desk)
        listening(page)
        line.get_by_role("button").click()
        expect(line.locator("button[value=not_needed]")).to_be_visible()
        listening(page)
        line.locator("button[value=not_needed]").click()
        expect(line.locator(".tag.ok")).to_be_visible()
    with window(browser, live_server.url, "desk", scripts=False) as page:
        page.goto(f"{live_server.url}/visits/{visit.pk}/")
        page.locator(f"#follow-up-{row.pk}").get_by_role("button").click()
        page.locator(f"#follow-up-{row.pk} button[value=done]").click()
        expect(page.locator(f"#follow-up-{row.pk} .tag.ok")).to_be_visible()
    row.refresh_from_db()
    assert row.state == FollowUpState.DONE


def test_rooms_are_joined_and_a_change_that_would_collide_is_refused(
    browser: Browser, live_server: Any, venue: Venue
) -> None:
    RoomFactory.create(venue=venue, name="萩の間", capacity=6)
    kikyo, desk = Room.objects.get(name="桔梗の間"), user("desk")
    for hour in (18, 21):
        guests = [AttendanceEntry(customer=CustomerFactory.create())]
        entry = BookingEntry(starts_at=evening(venue, 4, hour), room=kikyo, attendances=guests)
        take_booking(by=desk, venue=venue, booking=entry)
    with window(browser, live_server.url, "admin", size=DESKTOP) as page:
        page.goto(f"{live_server.url}/visits/settings/rooms/")
        page.locator("main a.button").first.click()
        page.fill("[name=name]", "桔梗の間＋萩の間")
        page.fill("[name=capacity]", "14")
        for name in ("桔梗の間", "萩の間"):
            page.get_by_label(name, exact=True).check()
        page.locator(".save-bar button").click()
        expect(page.locator("table")).to_contain_text("桔梗の間＋萩の間")
        page.wait_for_load_state()
        assert faults_of(page, for_fingers=False) == []
        page.get_by_role("link", name="桔梗の間", exact=True).click()
        page.fill("[name=clearing_minutes]", "90")
        page.locator(".save-bar button").click()
        expect(page.locator("[data-form-errors]")).to_contain_text("21:00")
        page.fill("[name=clearing_minutes]", "20")
        page.locator(".save-bar button").click()
        expect(page.locator("table")).to_be_visible()
    kikyo.refresh_from_db()
    assert kikyo.clearing_minutes == 20
    joined = Room.objects.get(name="桔梗の間＋萩の間")
    assert {part.room.name for part in joined.parts.all()} == {"桔梗の間", "萩の間"}


def test_a_colleague_is_lent_and_the_help_is_ended(browser: Browser, live_server: Any, venue: Venue) -> None:
    helper = person(
        "floor", VenueFactory.create(code="bekkan", name="別館"), username="helper", display_name="応援 花子"
    )
    with window(browser, live_server.url, "admin") as page:
        page.goto(f"{live_server.url}/settings/loans/")
        page.select_option("[name=user]", label="応援 花子")
        page.select_option("[name=role]", label=str(user("floor").memberships.get().role))
        page.fill("[name=on]", f"{timezone.now().astimezone(venue.zone) - timedelta(hours=2):%Y-%m-%d}")
        page.fill("[name=from_time]", "02:00")
        page.locator("main form .form-actions button").click()
        line = page.locator("main .lines li")
        expect(line).to_contain_text("応援 花子")
        page.wait_for_load_state()
        assert faults_of(page) == []
        assert User.objects.get(pk=helper.pk).has_right(Right.LOG_VISITS, venue)
        line.get_by_role("button").click()
        expect(page.locator("main .lines li")).to_have_count(0)
    assert not User.objects.get(pk=helper.pk).has_right(Right.LOG_VISITS, venue)
    assert Loan.objects.get().ends_at <= timezone.now()


def test_bookings_of_one_occasion_stand_together(
    browser: Browser, live_server: Any, venue: Venue, guest: Customer
) -> None:
    first, second = (
        VisitFactory.create(
            venue=venue, guests=[one], status=VisitStatus.RESERVED, starts_at=evening(venue, 3, hour), party_size=6
        )
        for one, hour in ((guest, 18), (CustomerFactory.create(), 19))
    )
    with window(browser, live_server.url, "desk") as page:
        page.goto(f"{live_server.url}/visits/{first.pk}/")
        page.locator("#occasion a").click()
        page.fill("[name=name]", "ご結婚披露宴")
        page.locator("main form .form-actions button").click()
        page.locator(f"#add button[value='{second.pk}']").click()
        expect(page.locator(".page-heading")).to_contain_text("12")
        page.wait_for_load_state()
        assert faults_of(page) == []
    assert {visit.occasion.name for visit in Visit.objects.all() if visit.occasion} == {"ご結婚披露宴"}


def test_who_must_not_meet_is_noted_for_the_entitled_alone(
    browser: Browser, live_server: Any, venue: Venue, guest: Customer
) -> None:
    CustomerFactory.create(name="森 一郎", kana="モリ イチロウ", known_at=[venue])
    with window(browser, live_server.url, "desk") as page:
        page.goto(f"{live_server.url}/guests/{guest.pk}/apart/")
        page.fill("[name=other-q]", "もり")
        page.get_by_role("radio").first.check()
        listening(page)
        page.fill("[name=note]", "係争中")
        page.locator(".save-bar button").click()
        expect(page.locator("main .lines")).to_contain_text("森 一郎")
        page.wait_for_load_state()
        assert faults_of(page) == []
        page.goto(f"{live_server.url}/guests/{guest.pk}/")
        expect(page.locator("#apart")).to_contain_text("係争中")
    with window(browser, live_server.url, "floor") as page:
        page.goto(f"{live_server.url}/guests/{guest.pk}/")
        expect(page.locator("#apart")).to_have_count(0)


def test_somebody_waits_without_scripts(browser: Browser, live_server: Any, venue: Venue) -> None:
    add_waiting(
        by=user("desk"),
        venue=venue,
        business_date=evening(venue, 3).date(),
        from_time=time(18),
        party_size=2,
        name="佐伯",
    )
    with window(browser, live_server.url, "desk", scripts=False) as page:
        page.goto(f"{live_server.url}/visits/waiting/")
        page.locator("article.card form button").click()
        expect(page.locator("article.card")).to_have_count(0)
    assert WaitingParty.objects.get().state == WaitingState.GIVEN_UP
