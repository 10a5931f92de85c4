"""The main job as four people do it: admin, floor, manager, president; accounting is pulled by a real worker."""

import re
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter
from django.conf import settings
from playwright.sync_api import Browser, Page, expect

from crm_project.core.allergens.choices import Presence
from crm_project.core.allergens.models import Allergen
from crm_project.core.comments.models import Thread
from crm_project.core.jobs.choices import JobState
from crm_project.core.jobs.models import Job
from customers.models import Customer
from integrations.models import Source
from menus.services import create_course, create_dish
from tests.e2e.house import DESKTOP, open_house, user, window
from tests.worker import RealWorker
from visits.models import Visit

pytestmark = [pytest.mark.e2e, pytest.mark.worker]

WORK_SECONDS = 60
LEDGER = [
    ["会員番号", "お名前", "フリガナ", "会社名", "携帯電話", "アレルギー", "生年月日"],
    ["K-001", "渡邉　健一", "ワタナベ　ケンイチ", "㈱北辰電機", 9012341482.0, "えび、かに", "S40.12.9"],
    ["K-002", "髙橋　美穂", "タカハシ　ミホ", "", "090-0000-5678", "なし", "令和9年13月1日"],
    ["K-003", "", "ナマエナシ", "", "", "", ""],
]
ACTUALS = """伝票番号,日付,得意先コード,得意先名,金額,原価
D-1,2026-10-03,K-001,渡邉様,120000,48000
D-2,2026-10-10,K-001,渡邉様,130000,52000
D-3,2026-10-11,K-999,知らない方,7000,
"""


def write_ledger(path: Path) -> None:
    with xlsxwriter.Workbook(str(path)) as book:
        sheet = book.add_worksheet("顧客名簿")
        for row, cells in enumerate(LEDGER):
            sheet.write_row(row, 0, cells)


def a_menu() -> None:
    """A course with shrimp in it."""
    chef = user("kitchen")
    shrimp = Allergen.objects.get(code="shrimp")
    soup = create_dish(by=chef, name="海老真薯", kana="エビシンジョウ", presences={shrimp: Presence.CONTAINS})
    rice = create_dish(by=chef, name="栗ご飯", kana="クリゴハン")
    create_course(by=chef, name="霜月の会席 松", kana="シモツキノカイセキ マツ", dishes=[soup, rice])


def floor_logs_a_visit(page: Page, address: str) -> None:
    """Between two tables: find the guest, the course, confirm the warning, fill in the check sheet, record."""
    page.goto(f"{address}/visits/log/")
    page.fill("#guest-q", "わたなべ")
    page.locator("#guest-options button[name=add_guest]").first.click()
    expect(page.locator("h1")).to_contain_text("渡邉")
    page.fill("#dish-q", "霜月")
    page.locator("#dish-options button").first.click()
    warning = page.locator(".warning-allergy")
    expect(warning).to_contain_text("海老真薯")
    expect(warning).to_contain_text("えび")
    page.get_by_role("button", name="記録", exact=False).last.click()
    expect(page.locator(".field-errors, .form-errors").first).to_be_visible()
    assert not Visit.objects.exists()
    warning.locator("input[type=radio]").first.check()
    page.locator(".check-person input[type=radio]").first.check()
    complaint = page.locator(".check-line", has_text="お叱り")
    complaint.locator("input[type=radio]").nth(1).check()
    complaint.locator("textarea").fill("椀物がぬるいとのこと。すぐ温め直してお詫びした")
    page.get_by_role("button", name="記録", exact=False).last.click()
    page.wait_for_url(re.compile(r"/visits/\d+/"))


def test_the_main_job(browser: Browser, live_server: Any, worker: RealWorker, tmp_path: Path) -> None:
    address = live_server.url
    open_house()
    ledger = tmp_path / "顧客名簿.xlsx"
    write_ledger(ledger)

    with window(browser, address, "admin", size=DESKTOP) as page:
        admin_imports_the_ledger(page, address, ledger)
    assert set(Customer.objects.values_list("code", flat=True)) == {"K-001", "K-002"}
    a_menu()

    with window(browser, address, "floor") as page:
        floor_logs_a_visit(page, address)
    visit = Visit.objects.get()
    assert visit.confirmed_warnings.get().dish.name == "海老真薯"

    with window(browser, address, "manager") as page:
        page.goto(f"{address}/unanswered/")
        expect(page.locator("#queue")).to_contain_text("椀物がぬるい")
        page.get_by_role("button", name="知らせてくれてありがとう").click()
        expect(page.locator("#queue")).not_to_contain_text("椀物がぬるい")
    assert Thread.objects.get(is_urgent=True).answered_by == user("manager")

    with window(browser, address, "president", size=DESKTOP) as page:
        page.goto(f"{address}/figures/?month=2026-10")
        expect(page.locator("main")).not_to_contain_text("250,000")

    with window(browser, address, "admin", size=DESKTOP) as page:
        admin_pulls_accounting(page, address, worker)

    with window(browser, address, "president", size=DESKTOP) as page:
        page.goto(f"{address}/figures/?month=2026-10")
        table = page.get_by_role("table").first
        expect(table).to_contain_text("250,000円")
        expect(table).to_contain_text("150,000円")
        expect(table).to_contain_text("7,000円")
        expect(table.locator("tfoot")).to_contain_text("257,000円")
        page.goto(f"{address}/guests/{Customer.objects.get(code='K-001').pk}/")
        expect(page.locator("main")).to_contain_text("250,000円")


def admin_imports_the_ledger(page: Page, address: str, ledger: Path) -> None:
    """Upload, match the columns (they are proposed), look at what it does, import; the worker does the work."""
    page.goto(f"{address}/incoming/ledgers/")
    page.set_input_files("input[type=file]", ledger)
    page.locator("form", has=page.locator("input[type=file]")).locator("button").click()
    page.wait_for_url(re.compile(r"/columns/"))
    page.locator(".save-bar button").click()
    start = page.locator("form[action$='/import/'] button")
    expect(start).to_be_visible(timeout=WORK_SECONDS * 1000)
    expect(page.locator(".kpis")).to_contain_text("2")
    expect(page.locator("main")).to_contain_text("お名前")
    assert not Customer.objects.exists()
    start.click()
    expect(page.locator("a[href$='/rows.xlsx']")).to_be_visible(timeout=WORK_SECONDS * 1000)
    expect(start).to_have_count(0)


def admin_pulls_accounting(page: Page, address: str, worker: RealWorker) -> None:
    """Connect the file that accounting leaves, pull it now, wait for the ranks."""
    settings.ACTUALS_DIR.mkdir(parents=True, exist_ok=True)
    actuals = settings.ACTUALS_DIR / "actuals.csv"
    actuals.write_text(ACTUALS, encoding="cp932")
    page.goto(f"{address}/incoming/accounting/new/")
    page.fill("input[name=name]", "勘定")
    page.select_option("select[name=default_venue]", label="本店")
    page.fill("input[name=location]", str(actuals))
    page.locator(".save-bar button").click()
    page.wait_for_url(re.compile(r"/accounting/\d+/"))
    source = Source.objects.get()
    page.goto(f"{address}/incoming/accounting/{source.pk}/columns/")
    page.locator(".save-bar button").click()
    page.wait_for_url(re.compile(rf"/accounting/{source.pk}/$"))
    page.locator(f"form[action='/incoming/accounting/{source.pk}/pull/'] button").click()
    page.wait_for_url(re.compile(r"/jobs/"))
    pull = worker.finish(Job.objects.get(name="pull_source"), seconds=WORK_SECONDS)
    assert pull.state == JobState.DONE, pull.error
    recompute = worker.finish(Job.objects.get(name="recompute_ranks"), seconds=WORK_SECONDS)
    assert recompute.state == JobState.DONE, recompute.error
