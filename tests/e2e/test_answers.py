"""Somebody writes a note; a manager answers it where it stands; the writer sees the answer, another house does not."""

from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Browser, expect

from crm_project.core.comments.models import Thread
from tests.e2e.house import open_house, user, window
from tests.e2e.page_checks import faults_of
from tests.factories.accounts import VenueFactory, person
from tests.factories.customers import CustomerFactory
from visits.entries import AttendanceEntry, NoteEntry
from visits.services import record_visit

pytestmark = pytest.mark.e2e

ANSWER = "お花をお送りします。次回は私もご挨拶に伺います"


@pytest.fixture
def waiting(live_server: Any) -> Thread:
    """A complaint of the floor that waits for an answer; another venue has a manager of its own."""
    venue = open_house()
    person("manager", VenueFactory.create(code="bekkan", name="別館"), username="elsewhere")
    record_visit(
        by=user("floor"),
        venue=venue,
        starts_at=timezone.now(),
        attendances=[AttendanceEntry(customer=CustomerFactory.create(name="渡邉 健一"))],
        notes={"complaint": NoteEntry(text="椀物がぬるいとのこと。すぐ温め直してお詫びした")},
    )
    return Thread.objects.get()


@pytest.mark.parametrize("scripts", [True, False])
def test_a_manager_answers_where_the_note_stands(
    browser: Browser, live_server: Any, waiting: Thread, scripts: bool
) -> None:
    with window(browser, live_server.url, "manager", scripts=scripts) as page:
        page.goto(f"{live_server.url}/unanswered/")
        expect(page.locator("[data-badge=unanswered]").last).to_have_text("1")
        queue = page.locator("#queue")
        expect(queue).to_contain_text("椀物がぬるい")
        queue.locator("summary", has_text="返事を書く").click()
        if scripts:
            assert faults_of(page) == []
        queue.locator("textarea").fill(ANSWER)
        queue.get_by_role("button", name="送る").click()
        expect(queue).to_contain_text("返事待ちはありません")
        expect(page.locator("[data-badge=unanswered]")).to_have_count(0)
        expect(page.locator("#toasts, #queue").first).to_contain_text("渡邉 健一")

    with window(browser, live_server.url, "floor") as page:
        page.goto(f"{live_server.url}/unanswered/mine/")
        mine = page.locator("#my-entries")
        expect(mine).to_contain_text("返事済み")
        expect(mine).to_contain_text(ANSWER)
        expect(mine).to_contain_text("manager 担当")
        mine.get_by_role("link", name="渡邉 健一").click()
        expect(page.locator("main")).to_contain_text(ANSWER)


def test_the_manager_of_another_venue_sees_nothing_of_it(browser: Browser, live_server: Any, waiting: Thread) -> None:
    with window(browser, live_server.url, "elsewhere") as page:
        page.goto(f"{live_server.url}/unanswered/")
        expect(page.locator("#queue")).to_contain_text("返事待ちはありません")
        expect(page.locator("[data-badge=unanswered]")).to_have_count(0)
        assert page.request.get(f"{live_server.url}/unanswered/{waiting.pk}/").status == 404
        assert page.request.get(f"{live_server.url}{waiting.url}").status == 404
