"""A worker that is killed in the middle of a pull, on the real broker: the next one ends with the same totals."""

from decimal import Decimal

import pytest
from django.db.models import Count, Sum

from crm_project.core.jobs.services import system_user
from integrations.choices import RunState
from integrations.models import ActualDocument, ActualLine, SyncRun
from integrations.sources.pull import PAGE_LINES
from integrations.sources.services import start_pull
from tests.integrations.sources.files import MAP, mapped_source, write_csv
from tests.waiting import wait_until
from tests.worker import RealWorker

PAGES = 4
LINES_PER_DOCUMENT = 5
CREATING = f"{MAP}[options]\ncreate_customers = true\n"


@pytest.mark.worker
def test_killed_pull_ends_with_the_same_totals(worker: RealWorker, tmp_path):
    documents = PAGES * PAGE_LINES // LINES_PER_DOCUMENT
    rows = [
        (f"B-{number}", "2026-10-03", f"C{number % 400}", "", line + 1, "1200.5")
        for line in range(LINES_PER_DOCUMENT)
        for number in range(documents)
    ]
    path = write_csv(tmp_path / "sales.csv", rows)
    source = mapped_source(CREATING, location=str(path))
    job = start_pull(source=source, by=system_user())
    wait_until(lambda: SyncRun.objects.filter(created__gt=0).exists(), seconds=60, what="the first page to be written")
    worker.kill9()
    half = ActualDocument.objects.count()
    assert 0 < half < documents
    worker.start()
    job = worker.finish(job)
    assert job.state == "done", job.error
    assert job.attempts >= 2
    total = documents * sum(range(1, LINES_PER_DOCUMENT + 1)) * Decimal("1200.5")
    figures = ActualDocument.objects.aggregate(count=Count("pk"), net=Sum("net_amount"))
    assert figures == {"count": documents, "net": total}
    assert ActualLine.objects.aggregate(net=Sum("net_amount"))["net"] == total
    assert not ActualDocument.objects.filter(customer=None).exists()
    *stopped, last = SyncRun.objects.order_by("pk")
    assert {run.state for run in stopped} == {RunState.FAILED}
    assert last.state == RunState.DONE
    assert last.created + last.unchanged == documents
    assert last.unchanged >= half
