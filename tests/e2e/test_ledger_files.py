"""Files of ledgers in the browser: a password, what is hidden, what a colour means, rows that come back put right."""

import re
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from crm_project.core.jobs import services as jobs
from crm_project.core.jobs.choices import JobState
from crm_project.core.jobs.models import Job
from customers.models import Customer
from integrations.models import LedgerImport
from menus.models import Dish
from tests.e2e.house import DESKTOP, PHONE, listening, open_house, window
from tests.e2e.page_checks import axe_faults_of, faults_of
from tests.integrations.ledgers import test_marked_rows as marked
from tests.integrations.ledgers.files import encrypted, row, workbook
from tests.integrations.ledgers.test_error_workbook import put_right

pytestmark = pytest.mark.e2e
SIZES = pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=["phone", "desktop"])


def upload(page: Page, address: str, path: Path, *, password: str = "") -> None:
    """Hand a file in, as a person does."""
    page.goto(f"{address}/incoming/ledgers/")
    page.set_input_files("input[name=file]", path)
    if password:
        page.fill("input[name=password]", password)
    page.locator("form", has=page.locator("input[name=file]")).locator("button").click()


def work(page: Page) -> None:
    """The worker does what waits; the page shows what has become of it."""
    page.wait_for_url("**/ledgers/*/")
    jobs.run(Job.objects.get(state=JobState.QUEUED).pk)
    page.reload()


def in_order(page: Page) -> None:
    assert not faults_of(page)
    assert not axe_faults_of(page)


@SIZES
def test_a_protected_workbook_asks_for_its_password(
    browser: Browser, live_server: Any, tmp_path: Path, size: Any
) -> None:
    open_house()
    with window(browser, live_server.url, "admin", size=size) as page:
        upload(page, live_server.url, encrypted(tmp_path / "鍵.xlsx"))
        page.wait_for_url("**/columns/")
        in_order(page)
        page.fill("[name=password]", "chigau")
        page.press("[name=password]", "Enter")
        expect(page.locator(".field-errors")).to_be_visible()
        in_order(page)
        page.fill("[name=password]", "himitsu")
        page.press("[name=password]", "Enter")
        page.wait_for_url("**/columns/")
        expect(page.locator("#sample")).to_contain_text("山田 太郎")
        assert "himitsu" not in page.content()


@SIZES
def test_hidden_rows_and_colours_are_asked_about(browser: Browser, live_server: Any, tmp_path: Path, size: Any) -> None:
    open_house()
    with window(browser, live_server.url, "admin", size=size) as page:
        upload(page, live_server.url, marked.ledger(tmp_path / "印.xlsx"))
        page.wait_for_url("**/columns/")
        asked = page.locator("select[name^=mark_]")
        assert asked.count() == 2
        expect(page.locator("form", has=asked.first).last).to_contain_text("黄")
        in_order(page)
        listening(page)
        # Yellow is nothing, a line through the row is a guest who has left; what is hidden stays out.
        asked.nth(0).select_option("ignore")
        listening(page)
        asked.nth(1).select_option("left")
        listening(page)
        page.locator(".save-bar button").click()
        work(page)
        expect(page.locator("main")).to_contain_text("3")
        found = LedgerImport.objects.get()
        assert (found.rows, found.left_out["counts"]) == (3, {"hidden": 1})
        assert 'strike = "left"' in found.map_text
        in_order(page)
        # With the tick the fourth guest comes, and the legend is still what was said.
        page.goto(f"{live_server.url}/incoming/ledgers/{found.pk}/columns/")
        assert page.locator("select[name^=mark_]").nth(1).input_value() == "left"
        listening(page)
        page.check("[name=with_hidden]")
        listening(page)
        page.locator(".save-bar button").click()
        work(page)
        found.refresh_from_db()
        assert (found.rows, found.left_out["counts"]) == (4, {})
        page.locator(f"form[action$='/{found.pk}/import/'] button").click()
        work(page)
        assert Customer.objects.count() == 4
        assert Customer.objects.filter(contact_stopped=True).count() == 1


def test_rows_that_were_set_aside_come_back_put_right(browser: Browser, live_server: Any, tmp_path: Path) -> None:
    open_house()
    rows = [row("1", "山田 太郎"), row("2", "", phone="090-0000-0002"), row("3", "小川 翔")]
    with window(browser, live_server.url, "admin", size=DESKTOP) as page:
        upload(page, live_server.url, workbook(tmp_path / "名簿.xlsx", rows))
        page.wait_for_url("**/columns/")
        listening(page)
        page.locator(".save-bar button").click()
        work(page)
        first = LedgerImport.objects.get()
        page.locator(f"form[action$='/{first.pk}/import/'] button").click()
        work(page)
        first.refresh_from_db()
        assert (first.created, first.errors) == (2, 1)
        with page.expect_download() as download:
            page.click("a[href$='rows.xlsx']")
        assert "admin" in download.value.suggested_filename
        path = put_right(tmp_path / "直した.xlsx", Path(download.value.path()).read_bytes(), B2="大川 桃子")
        upload(page, live_server.url, path)
        page.wait_for_url("**/ledgers/*/")
        again = LedgerImport.objects.exclude(pk=first.pk).get()
        assert again.corrects == first
        jobs.run(Job.objects.get(state=JobState.QUEUED).pk)
        page.reload()
        in_order(page)
        page.locator(f"form[action$='/{again.pk}/import/'] button").click()
        work(page)
        assert Customer.objects.get(code="2").name == "大川 桃子"
        page.goto(f"{live_server.url}/incoming/ledgers/{first.pk}/")
        expect(page.locator("main")).to_contain_text("済んでいます")
        in_order(page)


@SIZES
def test_a_ledger_of_dishes_comes_in_and_is_taken_back(
    browser: Browser, live_server: Any, tmp_path: Path, size: Any
) -> None:
    open_house()
    path = tmp_path / "献立.csv"
    path.write_text("料理,食材,卵\n茶碗蒸し,鶏卵,○\n,人参,\n", encoding="utf-8")
    with window(browser, live_server.url, "kitchen", size=size) as page:
        page.goto(f"{live_server.url}/incoming/ledgers/dishes/")
        page.set_input_files("input[name=file]", path)
        page.locator("form", has=page.locator("input[name=file]")).locator("button").click()
        page.wait_for_url("**/dishes/look/")
        in_order(page)
        page.locator("button[name=import]").click()
        page.wait_for_url(re.compile(r"/dishes/\d+/$"))
        assert Dish.objects.filter(name="茶碗蒸し").exists()
        in_order(page)
        page.locator("button[name=undo]").click()
        expect(page.locator("progress, [role=progressbar]").first).to_be_visible()
        jobs.run(Job.objects.get(state=JobState.QUEUED).pk)
        expect(page.locator("button[name=redo]")).to_be_visible(timeout=15_000)
        assert not Dish.objects.filter(name="茶碗蒸し").exists()
        in_order(page)
        page.goto(f"{live_server.url}/incoming/ledgers/dishes/")
        in_order(page)
