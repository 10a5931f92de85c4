"""Files that were uploaded and never imported are deleted after two weeks; what is known of them stays."""

import os
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from crm_project.core.accounts.models import User
from crm_project.core.audit.models import AuditEntry
from crm_project.core.jobs.choices import JobState
from crm_project.core.jobs.models import Job
from crm_project.core.jobs.services import run, system_user
from integrations.choices import LedgerState, RowOutcome
from integrations.ledgers.services import drop_ledger, receive_ledger, start_import
from integrations.models import LedgerImport, LedgerRow
from integrations.old_uploads import KEPT_DAYS
from integrations.sources.services import receive_file, start_pull
from integrations.tasks import delete_old_uploads
from tests.factories.accounts import VenueFactory, person
from tests.integrations.ledgers.files import row, workbook
from tests.integrations.sources.files import mapped_source

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def admin(settings: Any, tmp_path: Path) -> User:
    """Somebody who may import; uploads go to a folder of the test."""
    settings.MEDIA_ROOT = tmp_path / "media"
    return person("admin", VenueFactory.create())


def grow_old(stored_as: str, days: int = KEPT_DAYS + 1) -> str:
    """Let a stored file lie about for some days."""
    then = (timezone.now() - timedelta(days=days)).timestamp()
    os.utime(default_storage.path(stored_as), (then, then))
    return stored_as


def uploaded(admin: User, tmp_path: Path, **values: Any) -> LedgerImport:
    """A checked ledger with one row of its preview."""
    path = workbook(tmp_path / "guests.xlsx", [row("1", "山田 太郎")])
    ledger = receive_ledger(upload=ContentFile(path.read_bytes()), name=path.name, by=admin)
    LedgerImport.objects.filter(pk=ledger.pk).update(**({"state": LedgerState.PLANNED} | values))
    LedgerRow.objects.create(ledger_import=ledger, row_number=2, outcome=RowOutcome.CREATED, written={"name": "山田"})
    ledger.refresh_from_db()
    return ledger


def test_an_old_ledger_goes_with_its_preview_and_its_import_says_so(
    client: Client, admin: User, tmp_path: Path
) -> None:
    ledger = uploaded(admin, tmp_path)
    stored_as = grow_old(ledger.stored_as)

    delete_old_uploads()

    ledger.refresh_from_db()
    assert not default_storage.exists(stored_as)
    assert (ledger.state, ledger.stored_as, ledger.ledger_rows.count()) == (LedgerState.FAILED, "", 0)
    assert AuditEntry.objects.filter(action="changed", subject_id=str(ledger.pk)).exists()
    client.force_login(admin)
    client.cookies["django_language"] = "en"
    page = client.get(reverse("integrations:ledger", args=[ledger.pk])).content.decode()
    assert "deleted because nobody imported it" in page
    assert reverse("integrations:ledger_columns", args=[ledger.pk]) not in page
    drop_ledger(ledger_import=ledger, by=admin)
    assert not LedgerImport.objects.exists()


def test_what_is_young_or_being_worked_on_stays(admin: User, tmp_path: Path) -> None:
    young, busy = uploaded(admin, tmp_path), uploaded(admin, tmp_path)
    grow_old(young.stored_as, days=KEPT_DAYS - 1)
    start_import(ledger_import=busy, by=admin)
    grow_old(busy.stored_as)

    delete_old_uploads()

    for ledger in (young, busy):
        ledger.refresh_from_db()
        assert (ledger.state, ledger.ledger_rows.count()) == (LedgerState.PLANNED, 1)
        assert default_storage.exists(ledger.stored_as)


def test_an_import_that_stopped_keeps_what_it_wrote_and_says_why_it_cannot_go_on(admin: User, tmp_path: Path) -> None:
    ledger = uploaded(admin, tmp_path, applied_to_row=2)
    grow_old(ledger.stored_as)

    delete_old_uploads()

    ledger.refresh_from_db()
    assert (ledger.state, ledger.ledger_rows.count()) == (LedgerState.FAILED, 1)
    job = run(start_import(ledger_import=ledger, by=admin).pk)
    assert job is not None
    assert (job.state, "14" in job.error) == (JobState.FAILED, True)


def test_files_of_accounting_go_unless_a_pull_waits_for_them(admin: User) -> None:
    left, waiting = mapped_source(name="A"), mapped_source(name="B")
    kept = [
        receive_file(source=source, upload=SimpleUploadedFile("a.csv", b"x"), by=admin) for source in (left, waiting)
    ]
    start_pull(source=waiting, by=system_user(), stored_as=kept[1], file_name="a.csv")
    for stored_as in kept:
        grow_old(stored_as)

    delete_old_uploads()
    assert [default_storage.exists(stored_as) for stored_as in kept] == [False, True]

    Job.objects.update(state=JobState.FAILED)
    delete_old_uploads()
    assert not default_storage.exists(kept[1])


def test_beat_deletes_them_every_day(settings: Any) -> None:
    entry = settings.CELERY_BEAT_SCHEDULE["delete-old-uploads"]
    assert entry["task"] == delete_old_uploads.name
    assert len(entry["schedule"].hour) == 1
