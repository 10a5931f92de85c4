"""Uploads that nobody imported hold guests' data: their files are deleted after a while, what is known of them stays."""

from datetime import datetime, timedelta
from typing import Any, Final

from django.core.files.storage import default_storage
from django.db import transaction
from django.utils import timezone

from crm_project.core.audit.choices import Action
from crm_project.core.audit.services import record
from crm_project.core.jobs.models import Job
from integrations.choices import LedgerState
from integrations.dish_ledgers.importing import FOLDER as DISHES
from integrations.ledgers.services import FOLDER as LEDGERS
from integrations.models import LedgerImport, LedgerRow
from integrations.sources.services import PULL
from integrations.sources.services import UPLOAD_FOLDER as ACTUALS

KEPT_DAYS: Final = 14


def delete_old_uploads(*, by: Any) -> int:
    """Delete uploaded files older than KEPT_DAYS that no job is working on; returns how many.

    A ledger's import stays as failed, without the rows of its preview; rows that were written stay.
    """
    before = timezone.now() - timedelta(days=KEPT_DAYS)
    deleted = sum(_delete_ledger(stored_as, by) for stored_as in _older_than(before, LEDGERS))
    wanted = set(Job.objects.unfinished().filter(name=PULL).values_list("arguments__stored_as", flat=True))
    for stored_as in _older_than(before, ACTUALS):
        if stored_as not in wanted:
            default_storage.delete(stored_as)
            deleted += 1
    for stored_as in _older_than(before, DISHES):
        default_storage.delete(stored_as)
        deleted += 1
    return deleted


def _older_than(moment: datetime, folder: str) -> list[str]:
    if not default_storage.exists(folder):
        return []
    stored = [f"{folder}/{name}" for name in default_storage.listdir(folder)[1]]
    return [stored_as for stored_as in stored if default_storage.get_modified_time(stored_as) < moment]


@transaction.atomic
def _delete_ledger(stored_as: str, by: Any) -> bool:
    found = LedgerImport.objects.select_for_update(of=("self",)).filter(stored_as=stored_as).first()
    if found is not None:
        if found.job is not None and not found.job.is_finished:
            return False
        if found.applied_to_row is None:
            LedgerRow.objects.filter(ledger_import=found).delete()
        if found.state != LedgerState.APPLIED:
            record(
                by=by, action=Action.CHANGED, subject=found, changes={"state": [found.state, LedgerState.FAILED.value]}
            )
            found.state = LedgerState.FAILED
        found.stored_as = ""
        found.save(update_fields=["state", "stored_as"])
    transaction.on_commit(lambda: default_storage.delete(stored_as))
    return True
