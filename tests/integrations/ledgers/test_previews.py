"""Several jobs around one upload: only the newest preview is kept, and none touches an import that has begun."""

from pathlib import Path

import pytest
from django.core.files.base import ContentFile

from crm_project.core.jobs.choices import JobState
from crm_project.core.jobs.services import run
from integrations.choices import LedgerState
from integrations.ledgers.fields import ledger_map
from integrations.ledgers.services import choose_columns, receive_ledger, start_import
from integrations.models import LedgerImport, LedgerRow
from tests.factories.accounts import UserFactory
from tests.integrations.ledgers.files import MAP, csv_file, row

pytestmark = pytest.mark.django_db


@pytest.fixture
def by():
    return UserFactory.create()


@pytest.fixture
def ledger(by, tmp_path: Path) -> LedgerImport:
    content = ContentFile(csv_file(tmp_path / "guests.csv", [row("1", "田中"), row("2", "佐藤")]).read_bytes())
    return receive_ledger(upload=content, name="guests.csv", by=by)


def preview(ledger, by):
    return choose_columns(ledger_import=ledger, by=by, sheet="", column_map=ledger_map(MAP))


def state_of(job) -> str:
    finished = run(job.pk)
    assert finished is not None
    return finished.state


def test_only_the_newest_preview_is_kept(ledger, by):
    former, newest = preview(ledger, by), preview(ledger, by)
    assert state_of(newest) == JobState.DONE
    assert state_of(former) == JobState.FAILED
    assert LedgerRow.objects.count() == 2
    assert LedgerImport.objects.get().created == 2


def test_a_preview_that_runs_late_leaves_the_import_alone(ledger, by):
    former, newest = preview(ledger, by), preview(ledger, by)
    run(newest.pk)
    assert state_of(start_import(ledger_import=ledger, by=by)) == JobState.DONE
    assert state_of(former) == JobState.FAILED
    ledger.refresh_from_db()
    assert (ledger.state, ledger.created, LedgerRow.objects.count()) == (LedgerState.APPLIED, 2, 2)
