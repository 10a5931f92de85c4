"""Writing a file whose rows are more than guests (visits, inquiries), a batch per transaction, behind the last written one."""

import json
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any, Final, Protocol, TypeVar

from django.db import IntegrityError, models, transaction
from django.db.models import F
from django.utils import timezone

from crm_project.core.accounts.models import User
from crm_project.core.audit.choices import Action
from crm_project.core.audit.services import record
from crm_project.core.jobs.services import LeaseLost
from crm_project.core.tables import Table
from integrations import bulk
from integrations.choices import IMPORTED, LedgerState, RowOutcome
from integrations.ledgers.cells_kept import kept_cells
from integrations.ledgers.entries import LEVELS, NOTE, LedgerEntry
from integrations.ledgers.former_imports import file_stem
from integrations.ledgers.guests_of_file import RowOfGuest
from integrations.ledgers.images import ImageBook, computed
from integrations.ledgers.known_guests import last_guest_id
from integrations.ledgers.planning import PlannedRow
from integrations.ledgers.writing import LEDGER_ROW_FIELDS
from integrations.models import LedgerImport, LedgerRow

ATTEMPTS: Final = 3
COUNTED: Final = ("rows", "created", "updated", "unchanged", "errors", "warnings")
_NAMES: Final = {
    RowOutcome.CREATED: "created",
    RowOutcome.UPDATED: "updated",
    RowOutcome.UNCHANGED: "unchanged",
    RowOutcome.ERROR: "errors",
}

Progress = Callable[[int, int | None, str], None]
# Row number, guest, changes: what an earlier worker has written of a row.
WrittenRow = tuple[int, int | None, Mapping[str, Any]]


def no_progress(done: int, total: int | None, text: str) -> None:
    """For callers that nobody watches."""


class PlannedTargetRow(Protocol):
    """A row of the file and what it does."""

    outcome: RowOutcome

    @property
    def entry(self) -> LedgerEntry:
        """What it says of its guest, with the sentences about its cells."""


Row = TypeVar("Row", bound=RowOfGuest)
Planned = TypeVar("Planned", bound=PlannedTargetRow)
TakenRow = TypeVar("TakenRow", bound=RowOfGuest, contravariant=True)
WrittenPlan = TypeVar("WrittenPlan", bound=PlannedTargetRow, contravariant=True)


class TargetPlanner(Protocol[TakenRow, Planned]):
    """Decides what rows do."""

    def plan(self, rows: Sequence[TakenRow], *, lock: bool = False) -> tuple[list[Planned], list[PlannedRow]]:
        """What each row does, and the guests that are to be written first."""

    def written(self, planned: Sequence[Planned], ids: Mapping[int, int]) -> None:
        """The batch is in the transaction; first row of a guest in the file -> the guest's id."""

    def remember(self, rows: Sequence[TakenRow], written: Sequence[WrittenRow]) -> None:
        """Take note of rows that an earlier worker has written."""

    def settle(self) -> None:
        """The batch counts."""

    def take_back(self) -> None:
        """Forget a batch that was not written."""


class TargetWriter(Protocol[WrittenPlan]):
    """Writes what rows do."""

    def write(self, planned: Sequence[WrittenPlan], plans: Sequence[PlannedRow]) -> dict[int, int]:
        """Write a batch with its rows of the import; first row of a guest in the file -> the guest's id."""

    def forget(self) -> None:
        """The batch was not written: what was made for it is not there."""


def counted(planned: Iterable[PlannedTargetRow]) -> dict[str, int]:
    """How many rows did what, with those of which something could not be read."""
    counts = dict.fromkeys(COUNTED, 0)
    for one in planned:
        counts["rows"] += 1
        counts[_NAMES[one.outcome]] += 1
        if one.outcome is not RowOutcome.ERROR and one.entry.has_warnings:
            counts["warnings"] += 1
    return counts


def apply_batches(
    ledger_import: LedgerImport,
    *,
    file_name: str,
    table: Table,
    batches: Iterator[list[Row]],
    planner: Callable[[int], TargetPlanner[Row, Planned]],
    writer: TargetWriter[Planned],
    by: User,
    progress: Progress = no_progress,
    on_batch: Callable[[list[Planned]], None] | None = None,
) -> None:
    """Write all batches of a file. After a kill the next call goes on behind the last one that was written.

    `planner` is made with the newest guest before the import first began. Raises LeaseLost when another worker has taken over.
    """
    written_to, known_up_to = _begin(ledger_import, table)
    plans_rows = planner(known_up_to)
    for rows in batches:
        if rows[0].number <= written_to:
            done = [row for row in rows if row.number <= written_to]
            kept = LedgerRow.objects.filter(
                ledger_import=ledger_import, row_number__range=(done[0].number, done[-1].number)
            )
            plans_rows.remember(done, list(kept.values_list("row_number", "customer_id", "changes")))
            plans_rows.settle()
            rows = [row for row in rows if row.number > written_to]
        if rows:
            planned = _write_batch(ledger_import, plans_rows, writer, rows, written_to)
            written_to = rows[-1].number
            if on_batch:
                on_batch(planned)
        progress(written_to, table.last_row, "")
    _finish(ledger_import, file_name, table, by)


class RowsWatched:
    """Rows of the database that hang on a record (a visit, an inquiry), before a batch is written and after: for its images."""

    def __init__(self, record: type[models.Model], parts: Mapping[type[models.Model], str]) -> None:
        """`parts`: model -> its column that names the record."""
        self._record, self._parts = record, parts
        self._before: dict[type[models.Model], dict[int, Mapping[str, Any]]] = {}

    def before(self, keys: Collection[int]) -> None:
        """Look at records that the batch is going to change, with their parts."""
        self._before = self._read(keys)

    def tell(self, book: ImageBook, row_of: Mapping[int, int]) -> None:
        """Tell the book what became of the records and their parts; record -> row of the ledger that wrote it."""
        after = self._read(list(row_of))
        for model, rows in after.items():
            owner = str(model._meta.pk.attname) if model is self._record else self._parts[model]
            before = self._before.get(model, {})
            for key, columns in rows.items():
                number = row_of[columns[owner]]
                if key not in before:
                    hidden = computed(model._meta.label_lower) - {"version"}
                    told = {name: value for name, value in columns.items() if name not in hidden}
                    book.created(number, model, key, told)
                elif differing := [name for name, value in columns.items() if before[key][name] != value]:
                    was, became = ({name: side[name] for name in differing} for side in (before[key], columns))
                    book.changed(number, model, key, before=was, after=became)
            for key, columns in before.items():
                if key not in rows:
                    book.deleted(row_of[columns[owner]], model, key, columns)

    def _read(self, keys: Collection[int]) -> dict[type[models.Model], dict[int, Mapping[str, Any]]]:
        if not keys:
            return {}
        found: dict[type[models.Model], dict[int, Mapping[str, Any]]] = {
            self._record: dict(bulk.read(self._record, keys))
        }
        for model, column in self._parts.items():
            name = column.removesuffix("_id")
            lookup = f"{name}__id__any_of" if column.endswith("_id") and name != "object" else f"{column}__any_of"
            ids = model._base_manager.filter(**{lookup: set(keys)}).order_by("pk").values_list("pk", flat=True)
            found[model] = dict(bulk.read(model, list(ids)))
        return found


ROW_FIELDS: Final = (*LEDGER_ROW_FIELDS, "cells")


def kept_row(ledger_import: LedgerImport, entry: LedgerEntry, **told: Any) -> tuple[Any, ...]:
    """A row of an import as `bulk.insert` takes it (ROW_FIELDS): what it did, and what it said where a person will look at it.

    `told`: outcome, guest (None, or not above 0: nobody yet), changes, written.
    """
    messages = sorted(entry.messages, key=lambda message: LEVELS.index(message["level"]))
    looked_at = any(message["level"] != NOTE for message in messages)
    return (
        ledger_import.pk,
        entry.number,
        entry.code,
        told["outcome"].value,
        max(told["guest"] or 0, 0) or None,
        json.dumps(told["changes"], ensure_ascii=False),
        json.dumps(messages, ensure_ascii=False),
        json.dumps(told["written"], ensure_ascii=False),
        json.dumps(kept_cells(entry.cells), ensure_ascii=False) if looked_at else None,
    )


def left_out_of(table: Table) -> dict[str, Any]:
    """Rows of a file that was read that are no data, such as subtotals, as an import keeps them."""
    counts, rows = table.named()
    return {"counts": counts, "rows": [one._asdict() for one in rows]}


def _begin(ledger_import: LedgerImport, table: Table) -> tuple[int, int]:
    """Throw the preview away; the last row that is written already, and the newest guest when the import first began."""
    with transaction.atomic():
        current = _locked(ledger_import)
        if current.applied_to_row is None:
            current.last_guest_id = last_guest_id()
            LedgerRow.objects.filter(ledger_import=current).delete()
            LedgerImport.objects.filter(pk=current.pk).update(
                applied_to_row=0,
                last_guest_id=current.last_guest_id,
                message="",
                keeps_images=True,
                headings=list(table.headings),
                **dict.fromkeys(COUNTED, 0),
            )
    return current.applied_to_row or 0, current.last_guest_id or 0


def _locked(ledger_import: LedgerImport) -> LedgerImport:
    return LedgerImport.objects.select_for_update(of=("self",)).get(pk=ledger_import.pk)


def _write_batch(
    ledger_import: LedgerImport,
    planner: TargetPlanner[Row, Planned],
    writer: TargetWriter[Planned],
    rows: list[Row],
    written_to: int,
) -> list[Planned]:
    for attempt in range(1, ATTEMPTS + 1):
        try:
            with transaction.atomic():
                if _locked(ledger_import).applied_to_row != written_to:
                    raise LeaseLost(f"ledger import {ledger_import.pk}")
                planned, plans = planner.plan(rows, lock=True)
                planner.written(planned, writer.write(planned, plans))
                LedgerImport.objects.filter(pk=ledger_import.pk).update(
                    applied_to_row=rows[-1].number,
                    **{name: F(name) + count for name, count in counted(planned).items()},
                )
        except IntegrityError:
            # Somebody else entered the same guest or visit at the same moment: plan the batch again with theirs.
            planner.take_back()
            writer.forget()
            if attempt == ATTEMPTS:
                raise
        else:
            planner.settle()
            return planned
    raise AssertionError("unreachable")


def _finish(ledger_import: LedgerImport, file_name: str, table: Table, by: User) -> None:
    with transaction.atomic():
        current = _locked(ledger_import)
        if current.state not in IMPORTED:
            current.ledger_key = file_stem(file_name) or f"#{current.pk}"
            current.blank_rows = table.blank_rows
            current.left_out = left_out_of(table)
            current.state = LedgerState.APPLIED
            current.applied_at = timezone.now()
            current.save(update_fields=["ledger_key", "blank_rows", "left_out", "state", "applied_at"])
            changes = {name: [None, getattr(current, name)] for name in COUNTED[:5]}
            record(by=by, action=Action.IMPORTED, subject=current, changes=changes)
    ledger_import.refresh_from_db()
