"""Rows that wait are decided by one key each, and the whole import is taken back, in the browser."""

from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, expect

from crm_project.core.accounts.models import User
from crm_project.core.jobs import services as jobs
from crm_project.core.jobs.choices import JobState
from crm_project.core.jobs.models import Job
from customers.models import Customer
from integrations.choices import LedgerState
from integrations.ledgers.services import import_file
from tests.e2e.house import DESKTOP, PHONE, open_house, window
from tests.e2e.page_checks import axe_faults_of, faults_of
from tests.factories.customers import CustomerFactory
from tests.integrations.ledgers.files import ledger, row, workbook

pytestmark = pytest.mark.e2e
NUMBER = "090-0000-0007"


@pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=["phone", "desktop"])
def test_one_key_for_each_row_and_everything_back(
    browser: Browser, live_server: Any, tmp_path: Path, size: Any
) -> None:
    open_house()
    watanabe = CustomerFactory.create(
        code="W7", name="渡邉 健一", kana="ワタナベ ケンイチ", phones=[NUMBER], note="右の席"
    )
    known = Customer.objects.count()
    names = ("渡邊 健一", "渡辺 健市", "渡部 健一")
    rows = [row("", name, "ワタナベ ケンイチ", phone=NUMBER, note="窓の席") for name in names]
    found, _outcome = import_file(file=ledger(workbook(tmp_path / "a.xlsx", rows)), by=User.objects.system())
    assert found.errors == 3
    with window(browser, live_server.url, "admin", size=size) as page:
        page.goto(f"{live_server.url}/incoming/ledgers/{found.pk}/")
        assert not axe_faults_of(page)
        page.goto(f"{live_server.url}/incoming/ledgers/{found.pk}/waiting/")
        expect(page.locator("main")).to_contain_text("渡邉 健一")
        assert not faults_of(page)
        assert not axe_faults_of(page)
        page.keyboard.press("1")
        expect(page.locator("main")).to_contain_text("渡辺 健市")
        page.keyboard.press("n")
        expect(page.locator("main")).to_contain_text("渡部 健一")
        page.keyboard.press("s")
        page.wait_for_url(f"**/ledgers/{found.pk}/")
        found.refresh_from_db()
        assert (found.created, found.updated, found.errors) == (1, 1, 1)
        watanabe.refresh_from_db()
        assert watanabe.note == "窓の席"

        page.goto(f"{live_server.url}/incoming/ledgers/{found.pk}/undo/")
        assert not faults_of(page)
        assert not axe_faults_of(page)
        page.locator("main form .button").last.click()
        page.wait_for_url(f"**/ledgers/{found.pk}/")
        jobs.run(Job.objects.get(state=JobState.QUEUED).pk)
        page.reload()
        found.refresh_from_db()
        assert found.state == LedgerState.UNDONE
        watanabe.refresh_from_db()
        assert watanabe.note == "右の席"
        assert Customer.objects.count() == known
        assert not faults_of(page)
        assert not axe_faults_of(page)
