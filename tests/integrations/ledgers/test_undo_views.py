"""Taking an import back through the screens: who may, what is said first, what stayed and who reads it."""

from pathlib import Path

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from crm_project.core.accounts.models import User
from crm_project.core.jobs import services as jobs
from crm_project.core.jobs.choices import JobState
from crm_project.core.jobs.models import Job
from customers.models import Customer
from customers.services import change_customer
from integrations.choices import LedgerState
from integrations.ledgers.services import import_file
from integrations.models import KeptRow, LedgerImport
from tests.factories.accounts import UserFactory, VenueFactory, person
from tests.factories.customers import CustomerFactory
from tests.integrations.ledgers.files import ledger, row, workbook

pytestmark = pytest.mark.django_db


@pytest.fixture
def admin() -> User:
    """Somebody who may import."""
    return person("admin", VenueFactory.create())


@pytest.fixture
def desk(admin: User, client: Client) -> Client:
    """The administrator's browser, in English."""
    client.force_login(admin)
    client.cookies["django_language"] = "en"
    return client


@pytest.fixture
def imported(tmp_path: Path, admin: User) -> LedgerImport:
    """Three changed guests, whose notes somebody changed since, and a new one."""
    for number in range(3):
        CustomerFactory.create(code=str(number), name=f"客 {number}", kana="", note="前")
    rows = [row(str(number), f"客 {number}", note="後") for number in range(3)]
    found, _outcome = import_file(
        file=ledger(workbook(tmp_path / "guests.xlsx", [*rows, row("9", "小川 翔")])), by=User.objects.system()
    )
    for guest in Customer.objects.exclude(code="9"):
        change_customer(customer=guest, by=admin, version=guest.version, note="人")
    return found


def work() -> Job:
    """Run the job that waits, as a worker does."""
    job = jobs.run(Job.objects.get(state=JobState.QUEUED).pk)
    assert job is not None
    assert job.state == JobState.DONE, job.error
    return job


def page_of(desk: Client, name: str, found: LedgerImport) -> str:
    """A page of the import."""
    response = desk.get(reverse(f"integrations:{name}", args=[found.pk]), follow=True)
    assert response.status_code == 200
    return response.content.decode()


@pytest.mark.parametrize("name", ["ledger_undo", "ledger_redo", "ledger_kept"])
def test_only_who_imports_ledgers_gets_in(desk: Client, imported: LedgerImport, name: str) -> None:
    address = reverse(f"integrations:{name}", args=[imported.pk])
    for stranger in (person("floor"), person("okami"), person("kitchen"), UserFactory.create()):
        desk.force_login(stranger)
        assert desk.get(address).status_code == desk.post(address).status_code == 403
    desk.logout()
    assert desk.get(address).status_code == 302
    assert not Job.objects.exists()


def test_taken_back_and_imported_again(desk: Client, imported: LedgerImport) -> None:
    assert "Take this import back" in page_of(desk, "ledger", imported)
    said = page_of(desk, "ledger_undo", imported)
    assert "1 guest who came with it is removed." in said
    assert "3 guests whom it changed are put back." in said
    address = reverse("integrations:ledger_undo", args=[imported.pk])
    desk.post(address)
    desk.post(address)  # a second click starts nothing
    assert "Taking the import back" in page_of(desk, "ledger", imported)
    work()
    imported.refresh_from_db()
    assert imported.state == LedgerState.UNDONE
    page = page_of(desk, "ledger", imported)
    assert "Removed 1, put back 3; something stayed in 3 rows." in page
    assert "Take this import back" not in page
    assert "Only a ledger that has been imported can be taken back." in page_of(desk, "ledger_undo", imported)

    assert "1 guest comes back" in page_of(desk, "ledger_redo", imported)
    desk.post(reverse("integrations:ledger_redo", args=[imported.pk]))
    work()
    imported.refresh_from_db()
    assert imported.state == LedgerState.APPLIED
    assert Customer.objects.get(code="9").name == "小川 翔"
    assert "Only an import that was taken back can be done again." in page_of(desk, "ledger_redo", imported)


def test_what_stayed_is_told_to_who_may_know_the_guest(desk: Client, imported: LedgerImport, admin: User) -> None:
    desk.post(reverse("integrations:ledger_undo", args=[imported.pk]))
    work()
    page = page_of(desk, "ledger_kept", imported)
    assert page.count("<td>changed since</td>") == 3
    assert "客 0" in page
    assert "人" in page
    Customer.objects.filter(code="0").update(is_confidential=True)
    page = page_of(desk, "ledger_kept", imported)
    assert page.count("<td>changed since</td>") == 3
    assert "客 0" not in page
    assert page.count("<td>人</td>") == 2


def test_the_list_of_what_stayed_does_not_grow_in_queries(desk: Client, imported: LedgerImport) -> None:
    desk.post(reverse("integrations:ledger_undo", args=[imported.pk]))
    work()
    address = reverse("integrations:ledger_kept", args=[imported.pk])
    desk.get(address)
    with CaptureQueriesContext(connection) as three:
        desk.get(address)
    KeptRow.objects.filter(row_number__gt=2).delete()
    with CaptureQueriesContext(connection) as one:
        desk.get(address)
    assert len(one) == len(three) <= 12


def test_a_number_of_twenty_digits_is_no_import(desk: Client) -> None:
    assert desk.get("/incoming/ledgers/99999999999999999999/undo/").status_code == 404


def test_the_house_has_a_way_back_from_a_kill(desk: Client, imported: LedgerImport) -> None:
    LedgerImport.objects.update(state=LedgerState.UNDOING)
    job = Job.objects.create(name="undo_ledger", created_by=User.objects.system(), state=JobState.FAILED, error="x")
    LedgerImport.objects.update(job=job)
    page = page_of(desk, "ledger", imported)
    assert reverse("integrations:ledger_undo", args=[imported.pk]) in page
