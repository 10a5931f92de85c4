"""Ledgers whose rows are more than guests (visits, inquiries): looked at without writing, or written a batch per transaction.

A `TargetKind` says how rows of its kind are read, planned and written; everything else is the same for all of them.
"""

import hashlib
import json
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar, Final, Generic, Protocol, TypeVar

from django.db import IntegrityError, models, transaction
from django.db.models import F
from django.utils import timezone

from crm_project.core.accounts.models import User
from crm_project.core.audit.choices import Action
from crm_project.core.audit.services import record
from crm_project.core.column_map import ColumnMap, Resolver, dump_map
from crm_project.core.jobs.pace import Pace
from crm_project.core.jobs.services import LeaseLost
from crm_project.core.tables import Row as SheetRow
from crm_project.core.tables import Table
from integrations import bulk
from integrations.choices import IMPORTED, LedgerState, RowOutcome
from integrations.ledgers.cells_kept import kept_cells
from integrations.ledgers.change_report import ChangeReport
from integrations.ledgers.changed_values import NOT_TAKEN
from integrations.ledgers.corrections import Corrections
from integrations.ledgers.decided_before import DecidedBefore
from integrations.ledgers.entries import LEVELS, NOTE, EntryReader, LedgerEntry, Message
from integrations.ledgers.former_imports import file_stem, former_copy, standing_rows
from integrations.ledgers.guests_of_file import Answer, GuestOfRow, GuestsOfFile, RowOfGuest, WrittenRow
from integrations.ledgers.images import ImageBook, computed
from integrations.ledgers.known_guests import last_guest_id
from integrations.ledgers.ledger_file import LedgerFile, MapKind, OpenLedger
from integrations.ledgers.match_rules import rule_of
from integrations.ledgers.planning import PlannedRow
from integrations.ledgers.vocabulary import Vocabulary
from integrations.ledgers.writing import GUEST_ROW_FIELDS
from integrations.models import LedgerImport, LedgerRow

ATTEMPTS: Final = 3
COUNTED: Final = ("rows", "created", "updated", "unchanged", "errors", "warnings")
# So many records that are gone from a ledger are named one by one.
GONE_SHOWN: Final = 1000
ROW_FIELDS: Final = (*GUEST_ROW_FIELDS, "same_as")
COUNT_OF: Final = {
    RowOutcome.CREATED: "created",
    RowOutcome.UPDATED: "updated",
    RowOutcome.UNCHANGED: "unchanged",
    RowOutcome.ERROR: "errors",
}

Progress = Callable[[int, int | None, str], None]


def no_progress(done: int, total: int | None, text: str) -> None:
    """For callers that nobody watches."""


class PlannedTargetRow(Protocol):
    """A row of the file and what it does."""

    outcome: RowOutcome
    guest: GuestOfRow
    row: Any

    @property
    def entry(self) -> LedgerEntry:
        """What it says of its guest, with the sentences about all of its cells."""


Row = TypeVar("Row", bound=RowOfGuest)
Planned = TypeVar("Planned", bound=PlannedTargetRow)
TakenRow = TypeVar("TakenRow", bound=RowOfGuest, contravariant=True)
WrittenPlan = TypeVar("WrittenPlan", bound=PlannedTargetRow, contravariant=True)


class TargetReader(Protocol[Row]):
    """Reads the rows of one file."""

    guests: EntryReader
    vocabulary: Vocabulary

    def read(self, rows: Sequence[SheetRow]) -> list[Row]:
        """The rows of a batch."""

    def written(self, entry: LedgerEntry) -> dict[str, str]:
        """The filled cells of the mapped columns as they stand in the file."""


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
    """Writes what rows do; the rows of the import are written for it."""

    def write(self, planned: Sequence[WrittenPlan], plans: Sequence[PlannedRow]) -> dict[int, int]:
        """Write a batch; first row of a guest in the file -> the guest's id."""

    def forget(self) -> None:
        """The batch was not written: what was made for it is not there."""


class Standing(Protocol[TakenRow]):
    """The records that a file speaks of, row by row: what its former copy spoke of besides is gone from the ledger."""

    ids: set[int]

    def take(self, row: TakenRow, ids: Iterable[int | None], *, is_aside: bool) -> None:
        """A row of the file and the records that it is about; None for those that are not written."""

    def gone(self, former: Collection[int]) -> list[int]:
        """Records of the former copy which this file does not hold."""


class TargetKind(ABC, Generic[Row, Planned]):
    """One kind of ledger."""

    maps: ClassVar[MapKind]
    # Total of the command line's answer -> what an import made of it.
    totals_of: ClassVar[Mapping[str, str]]
    # Rows of a transaction; None: as for guests.
    batch_rows: ClassVar[int | None] = None

    @abstractmethod
    def reader(
        self, column_map: ColumnMap, resolver: Resolver, *, headings: Sequence[str] = (), first_column: int = 0
    ) -> TargetReader[Row]:
        """What reads the rows of one file. Raises MapError when no venue can be told."""

    @abstractmethod
    def planner(self, reader: Any, guests: GuestsOfFile) -> TargetPlanner[Row, Planned]:
        """What decides the rows of the file."""

    @abstractmethod
    def writer(self, ledger_import: LedgerImport, by: User, reader: Any) -> TargetWriter[Planned]:
        """What writes the batches of one import."""

    @abstractmethod
    def beside(self, one: Planned, reader: Any) -> dict[str, Any]:
        """What a row that is not set aside does beside its guest's card, as the row of the import keeps it."""

    @abstractmethod
    def records(self, changes: Mapping[str, Any]) -> list[int]:
        """The records that a row of an import is about, by what `beside` kept."""

    @abstractmethod
    def records_of(self, one: Planned) -> list[int | None]:
        """The records that a planned row is about; None for those that are not written."""

    @abstractmethod
    def standing(self) -> Standing[Row]:
        """What takes note of the records that a file speaks of."""

    @abstractmethod
    def hidden_from(self, user: User, ids: Collection[int]) -> set[int]:
        """Those of these records that the person may not know."""

    @abstractmethod
    def gone_in_words(self, ids: Sequence[int]) -> list[dict[str, Any]]:
        """Records that are gone from the ledger, for the command line."""

    @abstractmethod
    def made(self, planned: Sequence[Planned]) -> Counter[str]:
        """What a batch makes, under the names of the command line's answer."""

    @abstractmethod
    def totals(self) -> dict[str, int]:
        """How many the house has."""

    def file(
        self, path: Any, name: str, sheet: str = "", column_map: ColumnMap | None = None, **options: Any
    ) -> LedgerFile:
        """A file of this kind."""
        return LedgerFile(path, name, sheet, column_map, maps=self.maps, **options)

    def planner_of(
        self, reader: TargetReader[Row], ledger: OpenLedger, name: str, known_up_to: int
    ) -> TargetPlanner[Row, Planned]:
        """What decides the rows of an open file of that name; guests made after `known_up_to` are not looked for by name."""
        decided = DecidedBefore(self.maps.target, name)
        return self.planner(reader, self.guests(reader, ledger.column_map, known_up_to, decided=decided))

    @staticmethod
    def guests(
        reader: TargetReader[Row],
        column_map: ColumnMap,
        known_up_to: int,
        *,
        decided: DecidedBefore | None = None,
        answer: Answer | None = None,
    ) -> GuestsOfFile:
        """What finds the guests of the rows."""
        return GuestsOfFile(
            reader=reader.guests,
            vocabulary=reader.vocabulary,
            last_guest_id=known_up_to,
            rule=rule_of(column_map),
            decided=decided,
            answer=answer,
        )

    def reader_of(self, ledger: OpenLedger) -> TargetReader[Row]:
        """What reads the rows of an open file. Raises MapError when no venue can be told."""
        table = ledger.table
        return self.reader(ledger.column_map, ledger.resolver, headings=table.headings, first_column=table.first_column)

    def batches(self, ledger: OpenLedger, reader: TargetReader[Row]) -> Iterator[list[Row]]:
        """The rows of an open file, a batch at a time."""
        return ledger.batches_of(reader.read, lambda row: row.guest, size=self.batch_rows)


@dataclass(slots=True)
class TargetOutcome:
    """What an import did, or would do. `counts` are of rows; what they make (visits, guests) is counted apart."""

    counts: dict[str, int] = field(default_factory=lambda: dict.fromkeys(COUNTED, 0))
    blank_rows: int = 0
    # Rows that are no data, such as subtotals: {"counts": {kind: n}, "rows": [{"row", "kind", "text"}]}.
    left_out: dict[str, Any] = field(default_factory=dict)
    made: Counter[str] = field(default_factory=Counter)
    totals: dict[str, int] = field(default_factory=dict)
    # Records that stood in the former copy of the ledger and do not any more: nothing becomes of them.
    gone: list[int] = field(default_factory=list)
    gone_in_words: list[dict[str, Any]] = field(default_factory=list)
    # What values became on the way in: see `ChangeLog.as_json`.
    reading: dict[str, Any] = field(default_factory=dict)
    headings: list[str] = field(default_factory=list)
    # Headings of columns of which nothing is taken.
    not_taken: list[str] = field(default_factory=list)
    map_text: str = ""
    import_id: int | None = None

    def as_json(self) -> dict[str, Any]:
        """The command line's answer."""
        return {
            "rows": self.counts["rows"],
            "blank_rows": self.blank_rows,
            **{name: self.counts[name] for name in COUNTED[1:]},
            "changed_values": self.reading.get("changed_values", 0),
            "unread_values": self.reading.get("unread_values", 0),
            **self.made,
            **self.totals,
            "gone": len(self.gone),
            "gone_records": self.gone_in_words,
            "import_id": self.import_id,
            "left_out": self.left_out.get("counts", {}),
            "left_out_rows": self.left_out.get("rows", []),
            "columns_not_taken": self.not_taken,
        }


OnBatch = Callable[[list[Any], Any], None]


def note_standing(kind: TargetKind[Any, Planned], standing: Standing[Any], planned: Iterable[Planned]) -> None:
    """Take note of the records that the rows of a batch are about."""
    for one in planned:
        standing.take(one.row, kind.records_of(one), is_aside=one.outcome is RowOutcome.ERROR)


def _former_copy(
    kind: TargetKind[Any, Any], file_name: str, map_text: str, standing: Standing[Any]
) -> tuple[LedgerImport | None, Sequence[int]]:
    def records(ledger_import: LedgerImport) -> list[int]:
        rows = standing_rows(ledger_import).order_by("ledger_import", "row_number").values_list("changes", flat=True)
        return [pk for changes in rows.iterator() for pk in kind.records(changes)]

    return former_copy(kind.maps.target, file_name=file_name, map_text=map_text, keys=standing.ids, keys_of=records)


def counted(planned: Iterable[PlannedTargetRow]) -> dict[str, int]:
    """How many rows did what, with those of which something could not be read."""
    counts = dict.fromkeys(COUNTED, 0)
    for one in planned:
        counts["rows"] += 1
        counts[COUNT_OF[one.outcome]] += 1
        if one.outcome is not RowOutcome.ERROR and one.entry.has_warnings:
            counts["warnings"] += 1
    return counts


# --- what a file does --------------------------------------------------------------------------------------------------


def check_target(
    kind: TargetKind[Row, Planned],
    file: LedgerFile,
    *,
    progress: Progress = no_progress,
    on_batch: OnBatch | None = None,
    report: ChangeReport | None = None,
) -> TargetOutcome:
    """What the file would do; nothing is written. Raises TableError or MapError for a file that cannot be used."""
    with file.opened_whole() as ledger:
        reader = kind.reader_of(ledger)
        if report:
            report.attach(reader.guests.log, ledger.table)
        planner = kind.planner_of(reader, ledger, file.name, last_guest_id())
        outcome = TargetOutcome(map_text=dump_map(ledger.column_map))
        counts, standing = Counter(outcome.counts), kind.standing()
        for rows in kind.batches(ledger, reader):
            planned, plans = planner.plan(rows)
            # Nobody is written: guests that would be made are told apart by their first row.
            planner.written(
                (), {plan.entry.number: plan.guest.id if plan.guest else -plan.entry.number for plan in plans}
            )
            planner.settle()
            counts.update(counted(planned))
            note_standing(kind, standing, planned)
            outcome.made.update(kind.made(planned))
            if report:
                report.flush()
            if on_batch:
                on_batch(planned, reader)
            progress(rows[-1].number, ledger.table.last_row, "")
        outcome.counts = dict(counts)
        outcome.blank_rows, outcome.left_out = ledger.table.blank_rows, left_out_of(ledger.table)
        outcome.headings, outcome.not_taken = ledger.headings, ledger.columns_not_taken
        outcome.reading = reader.guests.log.as_json() | {NOT_TAKEN: outcome.not_taken}
        if ledger.corrections is None:
            _former, theirs = _former_copy(kind, file.name, outcome.map_text, standing)
            outcome.gone = standing.gone(theirs)
            outcome.gone_in_words = kind.gone_in_words(outcome.gone)
        there = kind.totals()
        outcome.totals = {name: there[name] + outcome.made[made] for name, made in kind.totals_of.items()}
        return outcome


def import_target(
    kind: TargetKind[Row, Planned],
    *,
    file: LedgerFile,
    by: User,
    progress: Progress = no_progress,
    on_batch: OnBatch | None = None,
    report: ChangeReport | None = None,
) -> tuple[LedgerImport, TargetOutcome]:
    """Import a file at once, without a preview. Raises TableError or MapError before anything is written."""
    with file.opened_whole() as ledger:
        reader = kind.reader_of(ledger)
        ledger_import = LedgerImport.objects.create(
            target=kind.maps.target,
            file_name=file.name[-200:],
            sheet=ledger.table.sheet[:120],
            map_text=dump_map(ledger.column_map),
            state=LedgerState.MAPPED,
            sha256=sha256_of(file.path),
            corrects=ledger.corrections.original if ledger.corrections else None,
            started_by=by,
        )
        outcome = apply_target(
            kind,
            ledger_import,
            file.name,
            ledger,
            reader=reader,
            by=by,
            progress=progress,
            on_batch=on_batch,
            report=report,
        )
        return ledger_import, outcome


def apply_target(
    kind: TargetKind[Row, Planned],
    ledger_import: LedgerImport,
    file_name: str,
    ledger: OpenLedger,
    *,
    reader: TargetReader[Row] | None = None,
    by: User,
    progress: Progress = no_progress,
    on_batch: OnBatch | None = None,
    report: ChangeReport | None = None,
) -> TargetOutcome:
    """Write what a file says, a batch per transaction, each with its rows, counts and trail.

    After a kill the next call goes on behind the last written batch. Bad rows are set aside whole. Nobody is deleted.
    Raises LeaseLost when another worker has taken over.
    """
    reader = reader or kind.reader_of(ledger)
    if report:
        report.attach(reader.guests.log, ledger.table)
    outcome = TargetOutcome(map_text=ledger_import.map_text, import_id=ledger_import.pk)
    outcome.not_taken = ledger.columns_not_taken
    written_to, known_up_to = begin_import(ledger_import, ledger.headings)
    work = _Work(
        kind, ledger_import, reader, kind.planner_of(reader, ledger, file_name, known_up_to), by, ledger.corrections
    )
    pace = Pace()
    for rows in kind.batches(ledger, reader):
        if rows[0].number <= written_to:
            work.remember([row for row in rows if row.number <= written_to])
            rows = [row for row in rows if row.number > written_to]
        if rows:
            planned = work.write(rows, written_to)
            written_to = rows[-1].number
            outcome.made.update(kind.made(planned))
            if on_batch:
                on_batch(planned, reader)
        if report:
            report.flush()
        progress(written_to, ledger.table.last_row, "")
        pace.rest()
    _finish(work, file_name, ledger, by)
    outcome.counts = {name: getattr(ledger_import, name) for name in COUNTED}
    outcome.blank_rows, outcome.left_out = ledger_import.blank_rows, ledger_import.left_out
    outcome.totals, outcome.reading = kind.totals(), ledger_import.reading
    outcome.gone, outcome.gone_in_words = list(ledger_import.gone), kind.gone_in_words(ledger_import.gone)
    return outcome


class _Work(Generic[Row, Planned]):
    """The batches of one import, each in a transaction of its own."""

    def __init__(
        self,
        kind: TargetKind[Row, Planned],
        ledger_import: LedgerImport,
        reader: TargetReader[Row],
        planner: TargetPlanner[Row, Planned],
        by: User,
        corrections: Corrections | None = None,
    ) -> None:
        self.corrections = corrections
        self.kind, self.ledger_import, self.reader, self.planner = kind, ledger_import, reader, planner
        self.writer = kind.writer(ledger_import, by, reader)
        self.standing = kind.standing()

    def remember(self, rows: Sequence[Row]) -> None:
        """Take note of rows that an earlier worker has written."""
        kept = LedgerRow.objects.filter(
            ledger_import=self.ledger_import, row_number__range=(rows[0].number, rows[-1].number)
        )
        columns = ("row_number", "outcome", "customer_id", "changes", "same_as", "candidates", "messages")
        written = [WrittenRow(*values) for values in kept.values_list(*columns)]
        self.planner.remember(rows, written)
        self.planner.settle()
        known = {one.number: one for one in written}
        for row in rows:
            one = known[row.number]
            is_aside = one.outcome == RowOutcome.ERROR
            self.standing.take(row, self.kind.records(one.changes), is_aside=is_aside)

    def write(self, rows: Sequence[Row], written_to: int) -> list[Planned]:
        """Write a batch; planned again when somebody else entered the same guest or visit at the same moment."""
        planner, writer = self.planner, self.writer
        before = [list(row.guest.messages) for row in rows]
        for attempt in range(1, ATTEMPTS + 1):
            try:
                with transaction.atomic():
                    if locked_import(self.ledger_import).applied_to_row != written_to:
                        raise LeaseLost(f"ledger import {self.ledger_import.pk}")
                    planned, plans = planner.plan(rows, lock=True)
                    planner.written(planned, writer.write(planned, plans))
                    if self.corrections:
                        taken = [one.entry for one in planned if one.outcome is not RowOutcome.ERROR]
                        self.corrections.settle(self.ledger_import, taken)
                    write_rows(self.kind, self.ledger_import, planned, self.reader)
                    LedgerImport.objects.filter(pk=self.ledger_import.pk).update(
                        applied_to_row=rows[-1].number,
                        **{name: F(name) + count for name, count in counted(planned).items()},
                    )
            except IntegrityError:
                planner.take_back()
                writer.forget()
                for row, messages in zip(rows, before, strict=True):
                    row.guest.messages = messages.copy()
                if attempt == ATTEMPTS:
                    raise
            else:
                planner.settle()
                note_standing(self.kind, self.standing, planned)
                return planned
        raise AssertionError("unreachable")


# --- the rows of an import ---------------------------------------------------------------------------------------------


def write_rows(
    kind: TargetKind[Any, Planned],
    ledger_import: LedgerImport,
    planned: Sequence[Planned],
    reader: TargetReader[Any],
    *,
    preview: bool = False,
) -> None:
    """The rows of the import: what each did, to whom, to which records. A preview keeps the cells of rows that do something."""
    bulk.insert(
        LedgerRow, ROW_FIELDS, [_kept_row(kind, ledger_import, one, reader, preview=preview) for one in planned]
    )


def _kept_row(
    kind: TargetKind[Any, Planned],
    ledger_import: LedgerImport,
    one: Planned,
    reader: TargetReader[Any],
    *,
    preview: bool,
) -> tuple[Any, ...]:
    entry, guest = one.entry, one.guest
    messages = sorted_messages(entry)
    waits = one.outcome is RowOutcome.ERROR and guest.waits
    looked_at = any(message["level"] != NOTE for message in messages)
    keeps_written = bool(messages) or (preview and one.outcome is not RowOutcome.UNCHANGED)
    return (
        ledger_import.pk,
        entry.number,
        entry.code,
        one.outcome.value,
        max(guest.pk or 0, 0) or None,
        _json(changes_of(kind, one, reader, preview=preview)),
        _json(messages),
        _json(reader.written(entry) if keeps_written else {}),
        _json(kept_cells(entry.cells)) if looked_at else None,
        _json(list(guest.candidates)) if waits and guest.candidates else None,
        waits,
        guest.first_row if waits else None,
    )


def sorted_messages(entry: LedgerEntry) -> list[Message]:
    """The sentences of a row, the worst first: rows are looked for by their first message."""
    return sorted(entry.messages, key=lambda message: LEVELS.index(message["level"]))


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


def changes_of(
    kind: TargetKind[Any, Planned], one: Planned, reader: TargetReader[Any], *, preview: bool
) -> dict[str, Any]:
    """What a row does, as `LedgerRow.changes` keeps it."""
    if one.outcome is RowOutcome.ERROR:
        return {}
    changes: dict[str, Any] = {}
    guest = one.guest
    if guest.outcome is RowOutcome.UPDATED:
        changes = dict(guest.changes)
    elif guest.outcome is RowOutcome.CREATED and preview:
        changes = {name: [None, value] for name, value in reader.guests.shown(one.entry).items()}
    elif guest.outcome is RowOutcome.CREATED and guest.plan is not None and guest.plan.entry.phones:
        changes = {"phone": [[], [phone.digits for phone in guest.plan.entry.phones]]}
    return changes | kind.beside(one, reader)


def shown_row(kind: TargetKind[Any, Planned], one: Planned, reader: TargetReader[Any]) -> LedgerRow:
    """A row as people look through it, unsaved."""
    return LedgerRow(
        row_number=one.entry.number,
        code=one.entry.code,
        outcome=one.outcome,
        customer_id=max(one.guest.pk or 0, 0) or None,
        changes=changes_of(kind, one, reader, preview=True),
        messages=one.entry.messages,
        written=reader.written(one.entry),
    )


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


# --- beginning and end -------------------------------------------------------------------------------------------------


def left_out_of(table: Table) -> dict[str, Any]:
    """Rows of a file that was read that are no data, such as subtotals, as an import keeps them."""
    counts, rows = table.named()
    return {"counts": counts, "rows": [one._asdict() for one in rows]}


def sha256_of(path: Path) -> str:
    """By it a workbook of rows put right knows its import."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def locked_import(ledger_import: LedgerImport) -> LedgerImport:
    """The import as it stands, locked until the transaction ends."""
    return LedgerImport.objects.select_for_update(of=("self",)).get(pk=ledger_import.pk)


def begin_import(ledger_import: LedgerImport, headings: Sequence[str]) -> tuple[int, int]:
    """Throw the preview away; the last row that is written already, and the newest guest when the import first began."""
    with transaction.atomic():
        current = locked_import(ledger_import)
        if current.applied_to_row is None or current.last_guest_id is None:
            current.last_guest_id = last_guest_id()
            LedgerImport.objects.filter(pk=current.pk).update(last_guest_id=current.last_guest_id)
        if current.applied_to_row is None:
            LedgerRow.objects.filter(ledger_import=current).delete()
            LedgerImport.objects.filter(pk=current.pk).update(
                applied_to_row=0,
                message="",
                keeps_images=True,
                headings=list(headings),
                **dict.fromkeys(COUNTED, 0),
            )
    return current.applied_to_row or 0, current.last_guest_id


def _finish(work: _Work[Any, Any], file_name: str, ledger: OpenLedger, by: User) -> None:
    ledger_import = work.ledger_import
    with transaction.atomic():
        current = locked_import(ledger_import)
        if current.state not in IMPORTED:
            if ledger.corrections is None:
                former, theirs = _former_copy(work.kind, file_name, current.map_text, work.standing)
                current.gone = work.standing.gone(theirs)
                current.ledger_key = former.ledger_key if former else file_stem(file_name) or f"#{current.pk}"
            current.blank_rows = ledger.table.blank_rows
            current.left_out = left_out_of(ledger.table)
            current.reading = work.reader.guests.log.as_json() | {NOT_TAKEN: ledger.columns_not_taken}
            current.state = LedgerState.APPLIED
            current.applied_at = timezone.now()
            current.save(
                update_fields=["gone", "ledger_key", "blank_rows", "left_out", "reading", "state", "applied_at"]
            )
            changes = {name: [None, getattr(current, name)] for name in COUNTED[:5]}
            record(by=by, action=Action.IMPORTED, subject=current, changes=changes)
    ledger_import.refresh_from_db()
