"""What the rows of a ledger may become through the screens, and how each of them is read, looked at and written."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any, Final

from django.core.files.storage import default_storage
from django.db import transaction
from django.utils.functional import Promise

from crm_project.core.accounts.models import User
from crm_project.core.column_map import ColumnMap, MapError
from crm_project.core.jobs.models import Job
from crm_project.core.tables import Cell
from customers.models import Attribute
from integrations.choices import IMPORTED, LedgerState, LedgerTarget, RowOutcome
from integrations.deal_ledgers import fields as deal_fields
from integrations.deal_ledgers.importing import DEAL_LEDGERS
from integrations.ledgers import guessing, services
from integrations.ledgers.extras import ITEMS
from integrations.ledgers.fields import FIELD_LABELS, REQUIRED_FIELDS, ledger_map
from integrations.ledgers.former_imports import former_map
from integrations.ledgers.kinds import KINDS
from integrations.ledgers.known_guests import last_guest_id
from integrations.ledgers.ledger_file import LedgerFile
from integrations.ledgers.planning import Planner
from integrations.ledgers.ready_maps import known_export
from integrations.ledgers.services import file_of
from integrations.ledgers.target_imports import (
    Progress,
    TargetKind,
    TargetOutcome,
    apply_target,
    check_target,
    no_progress,
    shown_row,
    write_rows,
)
from integrations.ledgers.vocabulary import Vocabulary
from integrations.models import LedgerImport, LedgerRow
from integrations.visit_ledgers import fields as visit_fields
from integrations.visit_ledgers.importing import VISIT_LEDGERS
from visits.models import NoteCategory

SAMPLE_ROWS: Final = 5
# In a house of more guests, sample rows without a code are not looked for by name: that reads all names.
LOOKED_FOR_BY_NAME: Final = 20_000
Labels = dict[str, str | Promise]
Sampler = Callable[[Path, str, str, ColumnMap], list[LedgerRow]]


@dataclass(frozen=True)
class Target:
    """One kind of ledger."""

    key: LedgerTarget
    required: tuple[str, ...]
    load: Callable[[str], ColumnMap]
    guess: Callable[[Sequence[str], Sequence[Sequence[Cell]]], ColumnMap]
    labels: Callable[[], Labels]
    sample: Sampler

    def first_map(self, name: str, headings: Sequence[str], rows: Sequence[Sequence[Cell]], sheet: str) -> ColumnMap:
        """The map of the ledger's former import where it fits, else a guess, as far as one can be made."""
        if text := former_map(name, self.key):
            with suppress(MapError):
                found = self.load(text)
                found.resolve(headings, sheet=sheet)
                return found
        if (export := known_export(self.key, headings)) is not None:
            with suppress(MapError):
                return export.fitted(self.load, headings)
        try:
            return self.guess(headings, rows)
        except MapError:
            return guessing.guess(headings, rows, list(FIELD_LABELS))


def _items() -> Labels:
    return {f"{ITEMS}.{name}": name for name in Attribute.objects.in_use().values_list("name", flat=True)}


def _guest_labels() -> Labels:
    return {**FIELD_LABELS, **_items()}


def _visit_labels() -> Labels:
    lines = {f"{visit_fields.NOTES}.{code}": name for code, name in NoteCategory.objects.values_list("code", "name")}
    return {**visit_fields.FIELD_LABELS, **lines, **_items()}


def _deal_labels() -> Labels:
    return {**deal_fields.FIELD_LABELS, **_items()}


def _sample_of_guests(path: Path, name: str, sheet: str, column_map: ColumnMap) -> list[LedgerRow]:
    with LedgerFile(path, name, sheet, column_map).opened() as ledger:
        vocabulary = Vocabulary()
        reader = ledger.reader(vocabulary)
        entries = reader.read(list(islice(ledger.table, SAMPLE_ROWS)))
    planner = Planner(fields=reader.fields, vocabulary=vocabulary, last_guest_id=_newest_to_look_for())
    rows = []
    for plan in planner.plan(entries):
        changes = plan.changes
        if plan.outcome == RowOutcome.CREATED:
            changes = {field: [None, value] for field, value in reader.shown(plan.entry).items()}
        rows.append(
            LedgerRow(
                row_number=plan.entry.number,
                code=plan.entry.code,
                outcome=plan.outcome,
                customer_id=plan.guest.id if plan.guest else None,
                changes=changes,
                messages=plan.entry.messages,
                written=reader.written(plan.entry),
            )
        )
    return rows


def _newest_to_look_for() -> int:
    newest = last_guest_id()
    return newest if newest <= LOOKED_FOR_BY_NAME else 0


def _sample_of(kind: TargetKind[Any, Any]) -> Sampler:
    def sample(path: Path, name: str, sheet: str, column_map: ColumnMap) -> list[LedgerRow]:
        with kind.file(path, name, sheet, column_map).opened() as ledger:
            reader = kind.reader_of(ledger)
            rows = reader.read(list(islice(ledger.table, SAMPLE_ROWS)))
            planner = kind.planner_of(reader, ledger, name, _newest_to_look_for())
        planned, _plans = planner.plan(rows)
        return [shown_row(kind, one, reader) for one in planned]

    return sample


TARGETS: Final[Mapping[str, Target]] = {
    LedgerTarget.CUSTOMERS.value: Target(
        LedgerTarget.CUSTOMERS,
        REQUIRED_FIELDS,
        ledger_map,
        lambda headings, rows: guessing.guess(headings, rows, list(FIELD_LABELS)),
        _guest_labels,
        _sample_of_guests,
    ),
    **{
        key: Target(kind.maps.target, (), kind.maps.load, kind.maps.guess, labels, _sample_of(kind))
        for key, kind, labels in (
            (LedgerTarget.VISITS.value, VISIT_LEDGERS, _visit_labels),
            (LedgerTarget.DEALS.value, DEAL_LEDGERS, _deal_labels),
        )
    },
}


TARGET_CHOICES: Final = [(key, target.key.label) for key, target in TARGETS.items()]


# --- the jobs ----------------------------------------------------------------------------------------------------------


def plan_for_preview(*, ledger_import: LedgerImport, job: Job | None, progress: Progress = no_progress) -> Any:
    """Look what the file would do and keep every row for the preview. Raises InputProblem, PreviewOutdated."""
    if ledger_import.target == LedgerTarget.CUSTOMERS:
        return services.plan_for_preview(ledger_import=ledger_import, job=job, progress=progress)
    kind = KINDS[ledger_import.target]
    with transaction.atomic():
        services.require_current_preview(ledger_import, job)
        LedgerRow.objects.filter(ledger_import=ledger_import).delete()

    def keep(planned: Any, reader: Any) -> None:
        with transaction.atomic():
            services.require_current_preview(ledger_import, job)
            write_rows(kind, ledger_import, planned, reader, preview=True)

    outcome = check_target(kind, file_of(ledger_import), progress=progress, on_batch=keep)
    with transaction.atomic():
        services.require_current_preview(ledger_import, job)
        LedgerImport.objects.filter(pk=ledger_import.pk).update(
            **outcome.counts,
            blank_rows=outcome.blank_rows,
            left_out=outcome.left_out,
            headings=outcome.headings,
            reading=outcome.reading,
            gone=outcome.gone,
            state=LedgerState.PLANNED,
            message="",
        )
    return outcome


def apply(*, ledger_import: LedgerImport, by: User, progress: Progress = no_progress) -> Any:
    """Write what an uploaded file says; after a kill the next call goes on behind the last written batch."""
    if ledger_import.target == LedgerTarget.CUSTOMERS:
        return services.apply_ledger(ledger_import=ledger_import, by=by, progress=progress)
    kind, outcome = KINDS[ledger_import.target], TargetOutcome()
    if ledger_import.state not in IMPORTED:
        file = file_of(ledger_import)
        with file.opened_whole() as ledger:
            outcome = apply_target(kind, ledger_import, file.name, ledger, by=by, progress=progress)
    if ledger_import.stored_as:
        # Everything is in the house now: no second copy of it lies about.
        default_storage.delete(ledger_import.stored_as)
        LedgerImport.objects.filter(pk=ledger_import.pk).update(stored_as="")
    return outcome
