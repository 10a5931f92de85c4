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
from django.utils.translation import gettext as _

from crm_project.core.accounts.models import User, Venue
from crm_project.core.column_map import ColumnMap, MapError
from crm_project.core.jobs.models import Job
from crm_project.core.problems import InputProblem
from crm_project.core.rights import Right
from crm_project.core.tables import Cell
from customers.models import Attribute
from integrations.choices import IMPORTED, LedgerState, LedgerTarget, RowOutcome
from integrations.deal_ledgers import fields as deal_fields
from integrations.deal_ledgers import importing as deals
from integrations.deal_ledgers import writing as deal_writing
from integrations.deal_ledgers.planning import DealPlanner
from integrations.ledgers import guessing, services
from integrations.ledgers.extras import ITEMS
from integrations.ledgers.fields import FIELD_LABELS, REQUIRED_FIELDS, ledger_map
from integrations.ledgers.former_imports import former_map
from integrations.ledgers.known_guests import last_guest_id
from integrations.ledgers.ledger_file import LedgerFile
from integrations.ledgers.planning import Planner
from integrations.ledgers.ready_maps import known_export
from integrations.ledgers.target_imports import Progress, no_progress
from integrations.ledgers.vocabulary import Vocabulary
from integrations.models import LedgerImport, LedgerRow
from integrations.visit_ledgers import fields as visit_fields
from integrations.visit_ledgers import importing as visits
from integrations.visit_ledgers import writing as visit_writing
from visits.models import NoteCategory

SAMPLE_ROWS: Final = 5
# In a house of more guests, sample rows without a code are not looked for by name: that reads all names.
LOOKED_FOR_BY_NAME: Final = 20_000
Labels = dict[str, str | Promise]


@dataclass(frozen=True)
class Target:
    """One kind of ledger."""

    key: LedgerTarget
    required: tuple[str, ...]
    load: Callable[[str], ColumnMap]
    guess: Callable[[Sequence[str], Sequence[Sequence[Cell]]], ColumnMap]
    labels: Callable[[], Labels]
    sample: Callable[[Path, str, str, ColumnMap], list[LedgerRow]]

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


def _guest_labels() -> Labels:
    items = {f"{ITEMS}.{name}": name for name in Attribute.objects.in_use().values_list("name", flat=True)}
    return {**FIELD_LABELS, **items}


def _visit_labels() -> Labels:
    lines = {f"{visit_fields.NOTES}.{code}": name for code, name in NoteCategory.objects.values_list("code", "name")}
    return {**visit_fields.FIELD_LABELS, **lines}


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


def _sample_of_visits(path: Path, name: str, sheet: str, column_map: ColumnMap) -> list[LedgerRow]:
    with visits.VisitFile(path, name, sheet, visit_fields.checked(column_map)).opened() as ledger:
        reader = ledger.reader()
        rows = reader.read(list(islice(ledger.table, SAMPLE_ROWS)))
    planned, _plans = visits.planner_of(reader, _newest_to_look_for()).plan(rows)
    return [visit_writing.shown_row(one, reader) for one in planned]


def _sample_of_deals(path: Path, name: str, sheet: str, column_map: ColumnMap) -> list[LedgerRow]:
    with deals.DealFile(path, name, sheet, deal_fields.checked(column_map)).opened() as ledger:
        reader = ledger.reader()
        rows = reader.read(list(islice(ledger.table, SAMPLE_ROWS)))
    planned, _plans = DealPlanner(reader=reader, last_guest_id=_newest_to_look_for()).plan(rows)
    return [deal_writing.shown_row(one, reader) for one in planned]


TARGETS: Final[Mapping[str, Target]] = {
    LedgerTarget.CUSTOMERS.value: Target(
        LedgerTarget.CUSTOMERS,
        REQUIRED_FIELDS,
        ledger_map,
        lambda headings, rows: guessing.guess(headings, rows, list(FIELD_LABELS)),
        _guest_labels,
        _sample_of_guests,
    ),
    LedgerTarget.VISITS.value: Target(
        LedgerTarget.VISITS,
        (),
        lambda text: visit_fields.visit_map(text).columns,
        lambda headings, rows: visit_fields.guessed_map(headings, rows).columns,
        _visit_labels,
        _sample_of_visits,
    ),
    LedgerTarget.DEALS.value: Target(
        LedgerTarget.DEALS,
        (),
        deal_fields.deal_map,
        deal_fields.guessed_map,
        lambda: dict(deal_fields.FIELD_LABELS),
        _sample_of_deals,
    ),
}


def check_rights(ledger_import: LedgerImport, target: str, column_map: ColumnMap, user: User) -> None:
    """Raise InputProblem where the person may not write what this ledger brings, at one of the venues."""
    if target == LedgerTarget.CUSTOMERS:
        return
    right = Right.LOG_VISITS if target == LedgerTarget.VISITS else Right.EDIT_DEALS
    named = column_map.constants.get("venue")
    for venue in Venue.objects.all():
        if named is not None and str(named) not in (venue.code, venue.name):
            continue
        if not user.has_right(right, venue):
            raise InputProblem(
                _("You may not write this at %(venue)s: ask somebody who may, or name another venue in the map."),
                {"venue": venue.name},
            )
        groups = [name for group in column_map.groups.values() for name in group.columns]
        if "amount" in {*column_map.columns, *groups} and not user.has_right(Right.VIEW_MONEY, venue):
            raise InputProblem(
                _("The ledger holds amounts, and you may not see those of %(venue)s: leave their column out."),
                {"venue": venue.name},
            )


# --- the jobs ----------------------------------------------------------------------------------------------------------


class _Counts:
    """What a job answers."""

    def __init__(self, counts: dict[str, Any]) -> None:
        self._counts = counts

    def as_json(self) -> dict[str, Any]:
        """The counts."""
        return self._counts


def plan_for_preview(*, ledger_import: LedgerImport, job: Job | None, progress: Progress = no_progress) -> Any:
    """Look what the file would do and keep every row for the preview. Raises InputProblem, PreviewOutdated."""
    if ledger_import.target == LedgerTarget.CUSTOMERS:
        return services.plan_for_preview(ledger_import=ledger_import, job=job, progress=progress)
    path, name, text = _stored(ledger_import), ledger_import.file_name, ledger_import.map_text
    with transaction.atomic():
        services.require_current_preview(ledger_import, job)
        LedgerRow.objects.filter(ledger_import=ledger_import).delete()

    def keep(write: Callable[..., None]) -> Callable[[Any, Any], None]:
        def on_batch(planned: Any, reader: Any) -> None:
            with transaction.atomic():
                services.require_current_preview(ledger_import, job)
                write(ledger_import, planned, reader, preview=True)

        return on_batch

    outcome: Any
    if ledger_import.target == LedgerTarget.VISITS:
        visit_file = visits.VisitFile(path, name, ledger_import.sheet, visit_fields.visit_map(text))
        outcome = visits.check_visits(visit_file, progress=progress, on_batch=keep(visit_writing.write_rows))
    else:
        deal_file = deals.DealFile(path, name, ledger_import.sheet, deal_fields.deal_map(text))
        outcome = deals.check_deals(deal_file, progress=progress, on_batch=keep(deal_writing.write_rows))
    with transaction.atomic():
        services.require_current_preview(ledger_import, job)
        LedgerImport.objects.filter(pk=ledger_import.pk).update(
            **outcome.counts,
            blank_rows=outcome.blank_rows,
            left_out=outcome.left_out,
            headings=outcome.headings,
            state=LedgerState.PLANNED,
            message="",
        )
    return _Counts(outcome.as_json())


def apply(*, ledger_import: LedgerImport, by: User, progress: Progress = no_progress) -> Any:
    """Write what an uploaded file says; after a kill the next call goes on behind the last written batch."""
    if ledger_import.target == LedgerTarget.CUSTOMERS:
        return services.apply_ledger(ledger_import=ledger_import, by=by, progress=progress)
    counts: dict[str, Any] = {}
    if ledger_import.state not in IMPORTED:
        path, name, text = _stored(ledger_import), ledger_import.file_name, ledger_import.map_text
        if ledger_import.target == LedgerTarget.VISITS:
            visit_file = visits.VisitFile(path, name, ledger_import.sheet, visit_fields.visit_map(text))
            with visit_file.opened_whole() as ledger:
                told = visits.apply_visits(ledger_import, name, ledger, ledger.reader(), by=by, progress=progress)
            counts = told.as_json()
        else:
            deal_file = deals.DealFile(path, name, ledger_import.sheet, deal_fields.deal_map(text))
            with deal_file.opened_whole() as open_deals:
                done = deals.apply_deals(ledger_import, name, open_deals, open_deals.reader(), by=by, progress=progress)
            counts = done.as_json()
    if ledger_import.stored_as:
        # Everything is in the house now: no second copy of it lies about.
        default_storage.delete(ledger_import.stored_as)
        LedgerImport.objects.filter(pk=ledger_import.pk).update(stored_as="")
    return _Counts(counts)


def _stored(ledger_import: LedgerImport) -> Path:
    if not ledger_import.stored_as:
        raise services.UploadDeleted
    return Path(default_storage.path(ledger_import.stored_as))
