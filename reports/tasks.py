"""Background work of the figures."""

from datetime import date
from typing import Any

from celery import shared_task
from django.utils.translation import gettext_lazy

from crm_project.core.jobs.registry import JobContext, job
from crm_project.core.jobs.services import start_job, system_user
from reports.queries import rank_counts
from reports.services import recompute_ranks


@job("recompute_ranks", label=gettext_lazy("Recompute the ranks"))
def recompute(context: JobContext, as_of: str | None = None) -> dict[str, Any]:
    """Recompute all ranks, as of an ISO day or today."""
    context.progress(0, 1)
    run = recompute_ranks(by=context.user, as_of=date.fromisoformat(as_of) if as_of else None)
    context.progress(1, 1)
    return {"run": run.pk, "customers": run.customers, "changed": run.changed, "ranks": rank_counts()}


@shared_task(name="okami.recompute_ranks")
def recompute_every_night() -> None:
    """Ranks age: windows move on and silences grow, also on days when accounting brings nothing."""
    start_job("recompute_ranks", by=system_user(), lock_key="recompute_ranks")
