"""Background work of what comes in from outside."""

from pathlib import Path
from typing import Any

from celery import shared_task
from django.core.files.storage import default_storage
from django.utils import translation
from django.utils.translation import gettext_lazy

from crm_project.core.jobs.registry import JobContext, job
from crm_project.core.jobs.services import JobRefused, RunningJob, system_user
from crm_project.core.problems import InputProblem
from integrations import old_uploads
from integrations.ledgers import jobs as ledger_jobs  # noqa: F401 - registers the jobs of the ledgers
from integrations.models import Source
from integrations.sources.services import PULL, pull_given_file, pull_source, start_pull


@job(PULL, label=gettext_lazy("Pull from accounting"))
def pull(
    context: JobContext, *, source_id: int, language: str, stored_as: str = "", file_name: str = ""
) -> dict[str, Any]:
    """Pull a source's location, or a file that was uploaded for it and is thrown away afterwards."""
    with translation.override(language):
        return _pull(context, source_id, stored_as, file_name)


def _pull(context: JobContext, source_id: int, stored_as: str, file_name: str) -> dict[str, Any]:
    source = Source.objects.filter(pk=source_id).first()
    if source is None:
        raise JobRefused(translation.gettext("The source is not there any more."))
    row = context.row if isinstance(context, RunningJob) else None
    try:
        if stored_as:
            path = Path(default_storage.path(stored_as))
            results = [
                pull_given_file(
                    source=source, path=path, name=file_name, by=context.user, progress=context.progress, job=row
                )
            ]
        else:
            results = pull_source(source=source, by=context.user, progress=context.progress, job=row)
    except InputProblem as problem:
        _throw_away(stored_as)
        raise JobRefused(str(problem)) from problem
    _throw_away(stored_as)
    return {"files": [result.as_json() for result in results]}


def _throw_away(stored_as: str) -> None:
    if stored_as:
        default_storage.delete(stored_as)


@shared_task(name="okami.pull_active_sources")
def pull_active_sources() -> None:
    """Start a pull of every active source that leaves its files somewhere."""
    for source in Source.objects.pulled_by_night():
        start_pull(source=source, by=system_user())


@shared_task(name="okami.delete_old_uploads")
def delete_old_uploads() -> None:
    """Delete uploaded files that nobody imported for two weeks."""
    old_uploads.delete_old_uploads(by=system_user())
