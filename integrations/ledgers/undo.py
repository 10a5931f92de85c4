"""Verbs of the undo: take a whole import back, do it again as it was, and say what stayed because people changed it since."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy

from crm_project.core.accounts.models import User
from crm_project.core.audit.choices import Action
from crm_project.core.audit.services import record
from crm_project.core.jobs.models import Job
from crm_project.core.jobs.pace import Pace
from crm_project.core.jobs.services import LeaseLost, start_job
from crm_project.core.problems import InputProblem
from customers.models import Customer
from integrations.choices import OF_THE_KITCHEN, LedgerState
from integrations.ledgers.target_imports import Progress, locked_import, no_progress
from integrations.ledgers.undoing import Turned, Turner
from integrations.models import KeptRow, LedgerImage, LedgerImport

UNDO: Final = "undo_ledger"
REDO: Final = "redo_ledger"
# Images of a batch: each is one transaction, and others wait for its rows only.
BATCH_IMAGES: Final = {"postgresql": 2_000}
OTHER_BATCH_IMAGES: Final = 500


class UndoRefused(InputProblem):
    """The import cannot be taken back, or not be done again."""


@dataclass(slots=True)
class UndoOutcome:
    """What was taken back or done again, and what stayed."""

    turned: Turned = field(default_factory=Turned)
    kept: list[KeptRow] = field(default_factory=list)


def undo_ledger(
    *, ledger_import: LedgerImport, by: User, progress: Progress = no_progress, looking: bool = False
) -> UndoOutcome:
    """Take an import back, or go on with that after a kill. With `looking` nothing is written.

    Rows that the import created are removed and those it changed are put back, a batch per transaction; what people
    changed since stays and is kept as KeptRow. Raises UndoRefused.
    """
    return _turn(ledger_import, by, progress, back=True, looking=looking)


def redo_ledger(
    *, ledger_import: LedgerImport, by: User, progress: Progress = no_progress, looking: bool = False
) -> UndoOutcome:
    """Do an import again that was taken back: every row as it was, its keys included. Raises UndoRefused."""
    return _turn(ledger_import, by, progress, back=False, looking=looking)


@transaction.atomic
def start_undo(*, ledger_import: LedgerImport, by: User) -> Job:
    """Take an import back in the background. Raises UndoRefused."""
    current = locked_import(ledger_import)
    require_undoable(current)
    job = start_job(UNDO, by=by, lock_key=_lock_key(current), ledger_import_id=current.pk)
    return _keep_job(current, job)


@transaction.atomic
def start_redo(*, ledger_import: LedgerImport, by: User) -> Job:
    """Do an import again in the background. Raises UndoRefused."""
    current = locked_import(ledger_import)
    require_redoable(current)
    job = start_job(REDO, by=by, lock_key=_lock_key(current), ledger_import_id=current.pk)
    return _keep_job(current, job)


def require_undoable(ledger_import: LedgerImport) -> None:
    """Raise UndoRefused with the reason when the import cannot be taken back."""
    if ledger_import.state not in (LedgerState.APPLIED, LedgerState.UNDOING):
        raise UndoRefused(gettext_lazy("Only a ledger that has been imported can be taken back."))
    if not ledger_import.keeps_images:
        raise UndoRefused(
            gettext_lazy("This import is older than the undo: it left nothing it could be taken back from.")
        )


def require_redoable(ledger_import: LedgerImport) -> None:
    """Raise UndoRefused with the reason when the import cannot be done again."""
    if ledger_import.state not in (LedgerState.UNDONE, LedgerState.REDOING):
        raise UndoRefused(gettext_lazy("Only an import that was taken back can be done again."))


def is_undoable(ledger_import: LedgerImport) -> bool:
    """Whether the import can be taken back."""
    return ledger_import.keeps_images and ledger_import.state in (LedgerState.APPLIED, LedgerState.UNDOING)


def newer_imports(ledger_import: LedgerImport) -> Sequence[LedgerImport]:
    """Imports since that stand: what they wrote to the same guests stays when this one is taken back."""
    imports = LedgerImport.objects.all()
    alike = imports.of_the_kitchen() if ledger_import.target in OF_THE_KITCHEN else imports.of_guests()
    since = alike.filter(pk__gt=ledger_import.pk, state=LedgerState.APPLIED)
    return list(since.order_by("pk")[:5])


def _lock_key(ledger_import: LedgerImport) -> str:
    return f"ledger:{ledger_import.pk}"


def _keep_job(ledger_import: LedgerImport, job: Job) -> Job:
    ledger_import.job = job
    ledger_import.save(update_fields=["job"])
    return job


def _turn(ledger_import: LedgerImport, by: User, progress: Progress, *, back: bool, looking: bool) -> UndoOutcome:
    outcome = UndoOutcome()
    at = _begin(ledger_import, back=back, looking=looking)
    images = LedgerImage.objects.filter(ledger_import=ledger_import)
    total = images.count()
    done = (images.filter(pk__gte=at) if back else images.filter(pk__lte=at)).count() if at is not None else 0
    turner = Turner(ledger_import=ledger_import, by=by, back=back, looking=looking)
    size = BATCH_IMAGES.get(connection.vendor, OTHER_BATCH_IMAGES)
    pace = Pace()
    while True:
        left = images if at is None else images.filter(pk__lt=at) if back else images.filter(pk__gt=at)
        some = list(left.order_by("-pk" if back else "pk")[:size])
        if not some:
            break
        with transaction.atomic():
            current = locked_import(ledger_import)
            if not looking and current.turned_to != at:
                raise LeaseLost(f"ledger import {ledger_import.pk}")
            turned, remarks = turner.turn(some)
            outcome.turned.add(turned)
            if looking:
                outcome.kept += remarks
                transaction.set_rollback(True)
            else:
                _write_remarks(remarks)
                total_turned = Turned(**(current.turned or {}))
                total_turned.add(turned)
                LedgerImport.objects.filter(pk=current.pk).update(turned_to=some[-1].pk, turned=total_turned.as_json())
        at = some[-1].pk
        done += len(some)
        progress(done, total, "")
        pace.rest()
    if looking:
        return outcome
    return _finish(ledger_import, by, back=back)


def _begin(ledger_import: LedgerImport, *, back: bool, looking: bool) -> int | None:
    """The last image that is turned already; None before the first one."""
    running, resting = (LedgerState.UNDOING, LedgerState.APPLIED) if back else (LedgerState.REDOING, LedgerState.UNDONE)
    with transaction.atomic():
        current = locked_import(ledger_import)
        (require_undoable if back else require_redoable)(current)
        if looking:
            return current.turned_to if current.state == running else None
        if current.state == resting:
            KeptRow.objects.filter(ledger_import=current).delete()
            LedgerImport.objects.filter(pk=current.pk).update(state=running, turned_to=None, turned=None)
            return None
        return current.turned_to


def _write_remarks(remarks: Iterable[KeptRow]) -> None:
    rows = list(remarks)
    wanted = {row.customer_id for row in rows if row.customer_id}
    there = set(Customer.objects.filter(pk__any_of=wanted).values_list("pk", flat=True)) if wanted else set()
    for row in rows:
        if row.customer_id not in there:
            row.customer_id = None
    KeptRow.objects.bulk_create(rows, batch_size=500)


def _finish(ledger_import: LedgerImport, by: User, *, back: bool) -> UndoOutcome:
    with transaction.atomic():
        current = locked_import(ledger_import)
        before = LedgerState.APPLIED if back else LedgerState.UNDONE
        if current.state in (LedgerState.UNDOING, LedgerState.REDOING):
            current.state = LedgerState.UNDONE if back else LedgerState.APPLIED
            current.turned_to = None
            current.undone_by = by if back else None
            current.undone_at = timezone.now() if back else None
            current.save(update_fields=["state", "turned_to", "undone_by", "undone_at"])
            changes: dict[str, Any] = {"state": [before.value, current.state]}
            changes |= {name: [None, count] for name, count in (current.turned or {}).items()}
            record(by=by, action=Action.CHANGED, subject=current, changes=changes)
    ledger_import.refresh_from_db()
    kept = KeptRow.objects.filter(ledger_import=ledger_import).select_related("customer")
    return UndoOutcome(Turned(**(ledger_import.turned or {})), list(kept))
