"""Ledger work in the background: ids in, a service call, a sentence for the person who waits."""

from typing import Any

from django.utils import translation
from django.utils.translation import gettext_lazy

from crm_project.core.jobs.registry import JobContext, job
from crm_project.core.jobs.services import JobRefused, RunningJob
from crm_project.core.problems import InputProblem
from integrations.ledgers import targets
from integrations.ledgers.services import APPLY, PLAN
from integrations.ledgers.undo import REDO, UNDO, redo_ledger, undo_ledger
from integrations.models import LedgerImport


@job(PLAN, label=gettext_lazy("Check a ledger"))
def plan_ledger(context: JobContext, *, ledger_import_id: int, language: str) -> dict[str, Any]:
    """Look what a file would do, for the preview."""
    with translation.override(language):
        ledger_import = _find(ledger_import_id)
        row = context.row if isinstance(context, RunningJob) else None
        return _run(lambda: targets.plan_for_preview(ledger_import=ledger_import, job=row, progress=context.progress))


@job(APPLY, max_attempts=5, label=gettext_lazy("Import a ledger"))
def apply_ledger_job(context: JobContext, *, ledger_import_id: int, language: str) -> dict[str, Any]:
    """Import a file; goes on behind the last written batch after a kill."""
    with translation.override(language):
        ledger_import = _find(ledger_import_id)
        return _run(lambda: targets.apply(ledger_import=ledger_import, by=context.user, progress=context.progress))


@job(UNDO, max_attempts=5, label=gettext_lazy("Take an import back"))
def undo_ledger_job(context: JobContext, *, ledger_import_id: int) -> dict[str, Any]:
    """Take an import back; goes on behind the last batch after a kill."""
    ledger_import = _find(ledger_import_id)
    return _run(lambda: undo_ledger(ledger_import=ledger_import, by=context.user, progress=context.progress).turned)


@job(REDO, max_attempts=5, label=gettext_lazy("Import again what was taken back"))
def redo_ledger_job(context: JobContext, *, ledger_import_id: int) -> dict[str, Any]:
    """Do an import again as it was; goes on behind the last batch after a kill."""
    ledger_import = _find(ledger_import_id)
    return _run(lambda: redo_ledger(ledger_import=ledger_import, by=context.user, progress=context.progress).turned)


def _find(pk: int) -> LedgerImport:
    ledger_import = LedgerImport.objects.filter(pk=pk).first()
    if ledger_import is None:
        raise JobRefused(translation.gettext("The ledger is not there any more."))
    return ledger_import


def _run(work: Any) -> dict[str, Any]:
    try:
        outcome: dict[str, Any] = work().as_json()
    except InputProblem as problem:
        raise JobRefused(str(problem)) from problem
    return outcome
