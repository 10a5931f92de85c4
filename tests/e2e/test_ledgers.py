"""A ledger of visits in the browser: what the rows are, the first rows live, by keyboard; the plan of the ledgers."""

from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, expect

from crm_project.core.jobs import services as jobs
from crm_project.core.jobs.choices import JobState
from crm_project.core.jobs.models import Job
from tests.e2e.house import DESKTOP, PHONE, open_house, window
from tests.e2e.page_checks import axe_faults_of, faults_of
from visits.models import Visit

pytestmark = pytest.mark.e2e
LEDGER = "来店日,顧客番号,氏名,人数,料理\n2024-05-01,1,山田 太郎,4,鯛の刺身\nいつか,2,小川 翔,2,\n"


@pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=["phone", "desktop"])
def test_the_first_rows_follow_the_columns_that_are_chosen(
    browser: Browser, live_server: Any, tmp_path: Path, size: Any
) -> None:
    open_house()
    path = tmp_path / "来店.csv"
    path.write_text(LEDGER, encoding="utf-8")
    with window(browser, live_server.url, "admin", size=size) as page:
        page.goto(f"{live_server.url}/incoming/ledgers/")
        page.set_input_files("input[name=file]", path)
        page.locator("form", has=page.locator("input[name=file]")).locator("button").click()
        page.wait_for_url("**/columns/")
        page.select_option("#target", "visits")
        page.locator("form.filter-bar button").click()
        page.wait_for_url("**target=visits**")
        sample = page.locator("#sample")
        expect(sample).to_contain_text("鯛の刺身")
        expect(sample).to_contain_text("いつか")
        page.locator("[name=dishes]").select_option("")
        expect(sample).not_to_contain_text("4名・鯛の刺身")
        expect(sample).to_contain_text("4名")
        page.locator("summary").last.click()
        assert not faults_of(page)
        assert not axe_faults_of(page)
        page.locator(".save-bar button").click()
        page.wait_for_url("**/ledgers/*/")
        jobs.run(Job.objects.get(state=JobState.QUEUED).pk)
        page.reload()
        expect(page.locator("#rows")).to_contain_text("4名")
        assert not Visit.objects.exists()


MESSY = "顧客番号,氏名,会社名,電話番号,生年月日\n1,山田太郎（やまだたろう）様,㈱架空商事,携帯: 090-0000-1482,昭36.12.9\n2,架空 花,〃,お持ちでない,43831\n"


@pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=["phone", "desktop"])
def test_what_values_became_is_looked_through(browser: Browser, live_server: Any, tmp_path: Path, size: Any) -> None:
    open_house()
    path = tmp_path / "名簿.csv"
    path.write_text(MESSY, encoding="utf-8")
    with window(browser, live_server.url, "admin", size=size) as page:
        page.goto(f"{live_server.url}/incoming/ledgers/")
        page.set_input_files("input[name=file]", path)
        page.locator("form", has=page.locator("input[name=file]")).locator("button").click()
        page.wait_for_url("**/columns/")
        page.locator(".save-bar button").click()
        page.wait_for_url("**/ledgers/*/")
        jobs.run(Job.objects.get(state=JobState.QUEUED).pk)
        page.reload()
        summary = page.locator("summary", has_text="取り込みで変わった値")
        summary.click()
        expect(page.locator("details[open]")).to_contain_text("昭36.12.9 → 1961-12-09")
        page.locator(".chips a", has_text="取り込みで変わった行").click()
        page.wait_for_url("**show=changed")
        expect(page.locator("#rows")).to_contain_text("会社名 (C): 〃 → ㈱架空商事")
        page.locator("summary", has_text="取り込みで変わった値").click()
        assert not faults_of(page)
        assert not axe_faults_of(page)


def test_the_plan_is_published_and_read(browser: Browser, live_server: Any) -> None:
    open_house()
    with window(browser, live_server.url, "admin", size=DESKTOP) as page:
        page.goto(f"{live_server.url}/incoming/ledgers/plan/")
        page.locator("[name=guests]").fill("1200")
        page.locator("[name=note]").fill("名簿は月末まで")
        page.locator("button[value=publish]").click()
        expect(page.locator("main")).to_contain_text("1,200")
        assert not axe_faults_of(page)
    with window(browser, live_server.url, "floor") as page:
        page.goto(f"{live_server.url}/incoming/ledgers/plan/")
        expect(page.locator("main")).to_contain_text("名簿は月末まで")
        assert not faults_of(page)
        assert not axe_faults_of(page)
