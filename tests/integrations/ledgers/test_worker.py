"""A worker that is killed in the middle of an import or an undo: the next one ends with the same guests and counts."""

from pathlib import Path

import pytest
from django.core.files.base import ContentFile

from customers.models import Customer, Phone
from integrations.choices import LedgerState, RowOutcome
from integrations.ledgers.fields import ledger_map
from integrations.ledgers.services import choose_columns, import_file, receive_ledger, start_import
from integrations.ledgers.undo import start_undo
from integrations.models import LedgerImport, LedgerRow
from tests.factories.accounts import UserFactory
from tests.integrations.ledgers.files import MAP, csv_file, ledger, row, workbook
from tests.waiting import wait_until
from tests.worker import RealWorker

ROWS = 12_000


@pytest.mark.worker
def test_kill_9_in_the_middle_of_an_import(worker: RealWorker, tmp_path: Path) -> None:
    by = UserFactory.create()
    rows = [row(str(number), f"客 {number}", phone=f"090-0000-{number % 10_000:04d}") for number in range(ROWS)]
    content = ContentFile(workbook(tmp_path / "guests.xlsx", rows).read_bytes())  # long enough for a second process
    received = receive_ledger(upload=content, name="guests.xlsx", by=by)
    worker.finish(choose_columns(ledger_import=received, by=by, sheet="", column_map=ledger_map(MAP)))
    assert LedgerRow.objects.count() == ROWS
    job = start_import(ledger_import=received, by=by)

    def is_in_the_middle() -> bool:
        return bool(LedgerImport.objects.get(pk=received.pk).applied_to_row)

    wait_until(is_in_the_middle, seconds=60, what="the first batch to be written")
    worker.kill9()
    received.refresh_from_db()
    assert 0 < Customer.objects.count() < ROWS
    assert received.created == Customer.objects.count()

    worker.start()
    worker.finish(job)
    received.refresh_from_db()
    assert (received.state, received.rows, received.created, received.errors) == (LedgerState.APPLIED, ROWS, ROWS, 0)
    assert Customer.objects.count() == Phone.objects.count() == ROWS
    assert LedgerRow.objects.filter(ledger_import=received, outcome=RowOutcome.CREATED).count() == ROWS
    assert job.attempts == 2


@pytest.mark.worker
def test_kill_9_in_the_middle_of_an_undo(worker: RealWorker, tmp_path: Path) -> None:
    by = UserFactory.create()
    rows = [row(str(number), f"客 {number}", phone=f"090-0000-{number % 10_000:04d}") for number in range(ROWS)]
    found, _outcome = import_file(file=ledger(csv_file(tmp_path / "guests.csv", rows)), by=by)
    job = start_undo(ledger_import=found, by=by)

    def is_in_the_middle() -> bool:
        return bool(LedgerImport.objects.get(pk=found.pk).turned_to)

    wait_until(is_in_the_middle, seconds=60, what="the first batch to be taken back")
    worker.kill9()
    found.refresh_from_db()
    assert 0 < Customer.objects.count() < ROWS
    assert found.turned is not None
    assert found.turned["removed"] == ROWS - Customer.objects.count()

    worker.start()
    worker.finish(job)
    found.refresh_from_db()
    assert found.state == LedgerState.UNDONE
    assert found.turned == {"restored": 0, "removed": ROWS, "kept": 0}
    assert not Customer.objects.exists()
    assert not Phone.objects.exists()
    assert job.attempts == 2
