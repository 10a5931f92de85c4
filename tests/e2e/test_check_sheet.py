"""The check sheet in a browser: in thirty seconds, over a dead network, bad news first, a photo, a shared tablet."""

import re
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Browser, Locator, Page, expect

from crm_project.core.accounts.quick_switch import set_pin
from customers.models import Customer
from tests.e2e.furnished import a_picture
from tests.e2e.house import listening, open_house, sign_in, user, window
from tests.e2e.page_checks import faults_of
from tests.factories.customers import CustomerFactory
from tests.factories.menus import CourseFactory, DishFactory
from tests.factories.visits import RoomFactory, VisitFactory
from visits.models import Complaint, RepeatedQuestion, Visit, VisitDraft, VisitPhoto

pytestmark = pytest.mark.e2e

RECORDED = re.compile(r"/visits/\d+/$")
MOST_TAPS, MOST_TYPINGS = 12, 2
# What docs/check-sheet.md states.
TAPS, TYPINGS = 8, 2


class Hand:
    """A hand on the phone: every tap and every typing is counted."""

    def __init__(self) -> None:
        self.taps = self.typings = 0

    def tap(self, what: Locator) -> None:
        """One tap."""
        what.click()
        self.taps += 1

    def type_into(self, field: Locator, words: str) -> None:
        """A tap into the field, and one typing."""
        self.tap(field)
        field.press_sequentially(words)
        self.typings += 1


@pytest.fixture
def guest(live_server: Any) -> Customer:
    """渡邉 健一, expected this evening in 桔梗; a course on the menu."""
    venue = open_house()
    room = RoomFactory.create(venue=venue, name="桔梗の間")
    guest = CustomerFactory.create(name="渡邉 健一", kana="ワタナベ ケンイチ", allergy_state="none")
    CourseFactory.create(name="霜月の会席 松", kana="シモツキノカイセキ マツ", of=[DishFactory.create(name="胡麻豆腐")])
    VisitFactory.create(venue=venue, room=room, starts_at=timezone.now(), status="seated", guests=[guest])
    return guest


def test_thirty_seconds_from_today_to_a_saved_visit(browser: Browser, live_server: Any, guest: Customer) -> None:
    hand = Hand()
    with window(browser, live_server.url, "floor") as page:
        page.goto(f"{live_server.url}/visits/")
        hand.tap(page.locator(".table-card").get_by_role("link", name="記録"))
        hand.type_into(page.locator("#dish-q"), "しも")
        hand.tap(page.locator("#dish-options button[name=set_course]").first)
        expect(page.locator("#menu")).to_contain_text("胡麻豆腐")
        listening(page)
        hand.tap(page.locator(".check-person input[value=unchanged]"))
        hand.type_into(page.locator("[name=note_requests]"), "次回は椅子席を")
        hand.tap(page.locator("[name=standing_requests][value=always]"))
        hand.tap(page.locator("[name=has_complaint][value=no]"))
        assert faults_of(page) == []
        hand.tap(page.locator("button[name=op][value=record]"))
        expect(page).to_have_url(RECORDED)
    assert (hand.taps, hand.typings) == (TAPS, TYPINGS)
    assert hand.taps <= MOST_TAPS
    assert hand.typings <= MOST_TYPINGS
    visit = Visit.objects.get(status="completed")
    assert (visit.course.name if visit.course else "", visit.attendances.get().seated_check) == (
        "霜月の会席 松",
        "unchanged",
    )
    note = visit.notes.get()
    assert (note.text, note.is_standing) == ("次回は椅子席を", True)
    assert not visit.sheet_lines.still_open().exists()


def stored(page: Page) -> dict[str, str]:
    """Everything the browser keeps for the site."""
    kept: dict[str, str] = page.evaluate("() => ({...localStorage, ...sessionStorage})")
    return kept


def drafts_in(page: Page) -> list[str]:
    """Names under which words wait on the device."""
    return [name for name in stored(page) if name.startswith("okami-draft:")]


def wait_until_sent(page: Page) -> None:
    """The house has what waited on the device."""
    page.wait_for_function("() => !Object.keys(localStorage).some((name) => name.startsWith('okami-draft:'))")


def write_without_network(page: Page, address: str) -> None:
    """Open the form, lose the network, write; all of it is sealed on the device."""
    page.goto(f"{address}/visits/log/")
    page.context.set_offline(True)
    page.locator("[name=note_talk]").press_sequentially("お孫様がお生まれに")
    expect(page.locator("#draft-words")).to_contain_text("この端末に")


def test_words_typed_without_a_network_survive_a_reload(browser: Browser, live_server: Any, guest: Customer) -> None:
    heard: list[str] = []
    with window(browser, live_server.url, "floor", complaints=heard) as page:
        write_without_network(page, live_server.url)
        assert drafts_in(page)
        assert "お孫様" not in str(stored(page))  # sealed
        assert not VisitDraft.objects.exists()
        page.close(run_before_unload=False)  # the tab is closed

        page.context.set_offline(False)
        again = page.context.new_page()
        # The page leads on to the draft by itself, perhaps before it has loaded.
        again.goto(f"{live_server.url}/visits/log/", wait_until="commit")
        expect(again).to_have_url(re.compile(r"\?draft="))
        expect(again.locator("[name=note_talk]")).to_have_value("お孫様がお生まれに")
        assert drafts_in(again) == []
    assert VisitDraft.objects.get().user == user("floor")


def test_bad_news_typed_without_a_network_is_put_back(browser: Browser, live_server: Any, guest: Customer) -> None:
    heard: list[str] = []
    address = f"{live_server.url}/visits/trouble/?visit={Visit.objects.get().pk}"
    with window(browser, live_server.url, "floor", complaints=heard) as page:
        page.goto(address)
        page.context.set_offline(True)
        page.locator("[name=what]").press_sequentially("お椀をこぼした")
        page.locator("main form button").last.click()
        expect(page.locator("[data-kept-note]")).to_contain_text("接続がありません")
        page.close(run_before_unload=False)  # the tab is closed

        page.context.set_offline(False)
        again = page.context.new_page()
        again.goto(address)
        expect(again.locator("[name=what]")).to_have_value("お椀をこぼした")
        assert "お椀" not in str(stored(again))  # sealed
        again.locator("main form button").last.click()
        expect(again).to_have_url(RECORDED)
        assert not [name for name in stored(again) if name.startswith("okami-form:")]
    assert Complaint.objects.get().what == "お椀をこぼした"


def test_the_open_page_sends_them_when_the_network_is_back(browser: Browser, live_server: Any, guest: Customer) -> None:
    heard: list[str] = []
    with window(browser, live_server.url, "floor", complaints=heard) as page:
        write_without_network(page, live_server.url)
        page.context.set_offline(False)
        expect(page.locator("#draft-words")).to_contain_text("下書き")
        wait_until_sent(page)
    assert VisitDraft.objects.get().values["note_talk"] == ["お孫様がお生まれに"]


def test_record_without_a_network_keeps_the_page(browser: Browser, live_server: Any, guest: Customer) -> None:
    heard: list[str] = []
    with window(browser, live_server.url, "floor", complaints=heard) as page:
        write_without_network(page, live_server.url)
        page.get_by_role("button", name="記録する", exact=True).click()
        expect(page.locator("#draft-words")).to_contain_text("まだ記録していません")
        expect(page.locator("[name=note_talk]")).to_have_value("お孫様がお生まれに")
        assert drafts_in(page)
        page.context.set_offline(False)
        wait_until_sent(page)
        page.get_by_role("button", name="記録する", exact=True).click()
        # The form is asked anew: nobody is at the table yet.
        expect(page.locator("[data-form-errors]")).to_be_visible()
        expect(page.locator("[name=note_talk]")).to_have_value("お孫様がお生まれに")


def test_signing_out_leaves_nothing_on_the_device(browser: Browser, live_server: Any, guest: Customer) -> None:
    heard: list[str] = []
    with window(browser, live_server.url, "floor", complaints=heard) as page:
        write_without_network(page, live_server.url)
        page.context.set_offline(False)
        page.evaluate("() => { delete document.querySelector('form[data-local-draft]').dataset.unsaved; }")
        page.goto(f"{live_server.url}/visits/")
        page.locator("header details.more summary").click()
        page.locator(".more-sheet form[action$='/logout/'] button").click()
        page.wait_for_url(re.compile("/sign-in/login/"), timeout=45_000)
        assert set(stored(page)) <= {"htmx-current-path-for-history"}  # the address of the sign-in page


def test_somebody_else_s_sign_in_wipes_what_waited(browser: Browser, live_server: Any, guest: Customer) -> None:
    heard: list[str] = []
    with window(browser, live_server.url, "floor", complaints=heard) as page:
        write_without_network(page, live_server.url)
        page.close(run_before_unload=False)
        page.context.clear_cookies()  # the session has ended
        page.context.set_offline(False)
        again = page.context.new_page()
        sign_in(again, live_server.url, "manager")
        again.goto(f"{live_server.url}/visits/log/")
        expect(again.locator("[name=note_talk]")).to_have_value("")
        assert drafts_in(again) == []
    assert not VisitDraft.objects.exists()


def test_after_an_ended_session_the_same_person_finds_the_words(
    browser: Browser, live_server: Any, guest: Customer
) -> None:
    heard: list[str] = []
    with window(browser, live_server.url, "floor", complaints=heard) as page:
        write_without_network(page, live_server.url)
        page.close(run_before_unload=False)
        page.context.clear_cookies()
        page.context.set_offline(False)
        again = page.context.new_page()
        sign_in(again, live_server.url, "floor")
        again.goto(f"{live_server.url}/visits/")
        wait_until_sent(again)
        again.goto(f"{live_server.url}/visits/log/")
        expect(again.get_by_text(re.compile("下書き")).first).to_be_visible()
    assert VisitDraft.objects.get().values["note_talk"] == ["お孫様がお生まれに"]


def test_bad_news_first(browser: Browser, live_server: Any, guest: Customer) -> None:
    with window(browser, live_server.url, "floor") as page:
        page.goto(f"{live_server.url}/visits/")
        page.locator(".table-card").get_by_role("link", name="記録").click()
        page.locator("[name=note_talk]").fill("初孫")
        page.locator(".log-head button[value=urgent]").click()
        page.locator("[name=what]").fill("お椀がぬるかった")
        assert faults_of(page) == []
        page.locator("form button.urgent").click()
        expect(page.locator("[name=note_talk]")).to_have_value("初孫")
        expect(page.locator("#line-complaint")).to_contain_text("お椀がぬるかった")
    with window(browser, live_server.url, "manager") as page:
        page.goto(f"{live_server.url}/unanswered/")
        expect(page.locator(".card-urgent")).to_contain_text("お椀がぬるかった")
        page.goto(f"{live_server.url}/visits/complaints/")
        page.get_by_role("link", name="お椀がぬるかった").click()
        page.locator("[name=cause]").fill("配膳の間が空いた")
        page.locator("[name=state][value=handled]").check()
        assert faults_of(page) == []
        page.get_by_role("button", name="保存").click()
        expect(page.locator("[name=cause]")).to_have_value("配膳の間が空いた")
    complaint = Complaint.objects.get()
    assert (complaint.state, complaint.cause, complaint.customer) == ("handled", "配膳の間が空いた", guest)


def test_asked_again_and_a_photo_from_the_visit(browser: Browser, live_server: Any, guest: Customer) -> None:
    visit = Visit.objects.get()
    with window(browser, live_server.url, "floor") as page:
        page.goto(f"{live_server.url}/visits/{visit.pk}/")
        page.get_by_role("button", name="同じことを再度伺った").click()
        expect(page.locator("#toasts")).to_contain_text("お名前なし")
        page.locator("#photos").get_by_role("link", name="追加").click()
        page.locator("[name=file]").set_input_files(
            {"name": "IMG_1.jpg", "mimeType": "image/jpeg", "buffer": a_picture(2400, 1800)}
        )
        page.locator("[name=caption]").fill("松茸土瓶蒸し")
        assert faults_of(page) == []
        page.locator("main form button.button").first.click()
        shown = page.locator("#photos img")
        expect(shown).to_have_js_property("naturalWidth", 1600)
        assert faults_of(page) == []
    assert RepeatedQuestion.objects.get().count == 1
    assert VisitPhoto.objects.get().caption == "松茸土瓶蒸し"


def test_a_shared_tablet_changes_hands(browser: Browser, live_server: Any, guest: Customer) -> None:
    for name in ("floor", "manager"):
        set_pin(user=user(name), pin="2580")
    heard: list[str] = []  # the browser notes the page that is refused
    with window(browser, live_server.url, "", complaints=heard) as page:
        for name in ("floor", "manager"):
            sign_in(page, live_server.url, name)
            if name == "floor":
                page.goto(f"{live_server.url}/switch/")
                assert faults_of(page) == []
                page.get_by_role("button", name="ほかの係がパスワードでサインイン").click()
                page.wait_for_url(re.compile(r"/sign-in/login/"), timeout=45_000)
        page.goto(f"{live_server.url}/visits/complaints/")
        page.goto(f"{live_server.url}/switch/")
        assert faults_of(page) == []
        page.get_by_label("floor 担当").check()
        page.locator("[name=pin]").fill("2580")
        page.locator("form[action$='/switch/'] button.button:not(.ghost)").click()
        page.wait_for_url(re.compile(r"/visits/$"), timeout=45_000)  # a PIN is hashed as slowly as a password
        expect(page.locator(".side .signed-in").or_(page.locator(".more-sheet .signed-in")).first).to_contain_text(
            "floor 担当"
        )
        assert page.goto(f"{live_server.url}/visits/complaints/").status == 403  # type: ignore[union-attr]
