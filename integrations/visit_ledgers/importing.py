"""A ledger of visits becomes visits, with their guests: looked at without writing, or written a batch per transaction."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection

from crm_project.core.accounts.models import User
from crm_project.core.column_map import MapError, Resolver, dump_map
from crm_project.core.tables import Limits, Row, Table, read_table
from customers.models import Customer
from integrations.choices import LedgerState, LedgerTarget
from integrations.ledgers.former_imports import former_map
from integrations.ledgers.guessing import ROWS_LOOKED_AT
from integrations.ledgers.known_guests import last_guest_id
from integrations.ledgers.ledger_file import BATCH_ROWS, OTHER_BATCH_ROWS, READ_AT_ONCE
from integrations.ledgers.ready_maps import known_export
from integrations.ledgers.target_imports import COUNTED, Progress, apply_batches, counted, left_out_of, no_progress
from integrations.ledgers.vocabulary import Vocabulary
from integrations.models import LedgerImport
from integrations.visit_ledgers.fields import VisitMap, checked, guessed_map, visit_map
from integrations.visit_ledgers.planning import PlannedVisitRow, VisitPlanner
from integrations.visit_ledgers.reading import VisitReader, VisitRow
from integrations.visit_ledgers.words import LEDGER_LINE, HouseWords
from integrations.visit_ledgers.writing import VisitWriter
from visits.models import NoteCategory, Visit

OnBatch = Callable[[list[PlannedVisitRow], VisitReader], None]


@dataclass(slots=True)
class VisitOutcome:
    """What an import did, or would do. `created` and the others count rows; visits and guests are counted apart."""

    counts: dict[str, int] = field(default_factory=lambda: dict.fromkeys(COUNTED, 0))
    blank_rows: int = 0
    # Rows that are no data, such as subtotals: {"counts": {kind: n}, "rows": [{"row", "kind", "text"}]}.
    left_out: dict[str, Any] = field(default_factory=dict)
    visits_created: int = 0
    visits_updated: int = 0
    customers_created: int = 0
    visits_total: int = 0
    customers_total: int = 0
    headings: list[str] = field(default_factory=list)
    map_text: str = ""
    import_id: int | None = None

    def take(self, planned: Sequence[PlannedVisitRow]) -> dict[str, int]:
        """Count the rows of a batch; its counts alone."""
        counts = counted(planned)
        for name, count in counts.items():
            self.counts[name] += count
        for one in planned:
            self.customers_created += one.guest.outcome == "created"
            self.visits_created += sum(visit.outcome == "created" for visit in one.visits)
            self.visits_updated += sum(visit.outcome == "updated" for visit in one.visits)
        return counts

    def as_json(self) -> dict[str, Any]:
        """The command line's answer."""
        return {
            "rows": self.counts["rows"],
            "blank_rows": self.blank_rows,
            **{name: self.counts[name] for name in COUNTED[1:]},
            "visits_created": self.visits_created,
            "visits_updated": self.visits_updated,
            "customers_created": self.customers_created,
            "visits_total": self.visits_total,
            "customers_total": self.customers_total,
            "import_id": self.import_id,
            "left_out": self.left_out.get("counts", {}),
            "left_out_rows": self.left_out.get("rows", []),
        }


@dataclass(frozen=True)
class VisitFile:
    """Where a file lies, what people call it, its sheet ("" = the first) and its map (None = guessed)."""

    path: Path
    name: str
    sheet: str = ""
    visit_map: VisitMap | None = None
    with_hidden: bool = False

    def table(self) -> Table:
        """The file's table, not yet read."""
        return read_table(
            self.path,
            name=self.name,
            sheet=self.sheet or (self.visit_map.columns.default_sheet if self.visit_map else None),
            wanted=self.visit_map.columns.wanted if self.visit_map else (),
            as_ledger=True,
            with_hidden=self.with_hidden,
            limits=Limits(file_bytes=settings.UPLOAD_LIMIT_BYTES),
        )

    @contextmanager
    def opened(self) -> Iterator["OpenVisits"]:
        """Open the file at its headings. Raises TableError or MapError with one sentence when it cannot be used."""
        with self.table() as table:
            visit_map = self.visit_map or self._guessed(table)
            resolver = visit_map.columns.resolve(table.headings, sheet=table.sheet)
            table.require_rows()
            yield OpenVisits(table, visit_map, resolver)

    def _guessed(self, table: Table) -> VisitMap:
        """The map of this ledger's former import where it fits, else what headings and content say. Raises MapError."""
        if former := former_map(self.name, LedgerTarget.VISITS):
            with suppress(MapError):
                found = visit_map(former)
                found.columns.resolve(table.headings, sheet=table.sheet)
                return found
        if (export := known_export(LedgerTarget.VISITS, table.headings)) is not None:
            return checked(export.fitted(lambda text: visit_map(text).columns, table.headings))
        with self.table() as peek:
            return guessed_map(peek.headings, [cells for _number, cells in islice(peek, ROWS_LOOKED_AT)])

    @contextmanager
    def opened_whole(self) -> Iterator["OpenVisits"]:
        """Open a file whose last row is known to be readable: nothing is written of one that is damaged further down."""
        with self.opened() as ledger:
            if ledger.table.kind != "csv":
                yield ledger
                return
            for _row in ledger.table:
                pass
        with self.opened() as again:
            yield again


@dataclass(frozen=True)
class OpenVisits:
    """An open file, its map and where the fields stand in it."""

    table: Table
    visit_map: VisitMap
    resolver: Resolver

    def reader(self) -> VisitReader:
        """What reads the rows of this file. Raises MapError when no venue can be told."""
        return VisitReader(self.resolver, self.visit_map, Vocabulary(), HouseWords())

    def batches(self, reader: VisitReader) -> Iterator[list[VisitRow]]:
        """The rows, a batch at a time."""
        rows = iter(self.table)
        size = BATCH_ROWS.get(connection.vendor, OTHER_BATCH_ROWS)
        while batch := list(_read(reader, islice(rows, size))):
            yield batch


def _read(reader: VisitReader, rows: Iterator[Row]) -> Iterator[VisitRow]:
    while some := list(islice(rows, READ_AT_ONCE)):
        yield from reader.read(some)


def check_visits(file: VisitFile, *, progress: Progress = no_progress, on_batch: OnBatch | None = None) -> VisitOutcome:
    """What the file would do; nothing is written. Raises TableError or MapError for a file that cannot be used."""
    with file.opened_whole() as ledger:
        reader = ledger.reader()
        planner = planner_of(reader, last_guest_id())
        outcome = VisitOutcome(map_text=dump_map(ledger.visit_map.columns))
        for rows in ledger.batches(reader):
            planned, plans = planner.plan(rows)
            # Nobody is written: guests that would be made are told apart by their first row.
            planner.written(
                (), {plan.entry.number: plan.guest.id if plan.guest else -plan.entry.number for plan in plans}
            )
            planner.settle()
            outcome.take(planned)
            if on_batch:
                on_batch(planned, reader)
            progress(rows[-1].number, ledger.table.last_row, "")
        outcome.blank_rows, outcome.left_out = ledger.table.blank_rows, left_out_of(ledger.table)
        outcome.headings = list(ledger.table.headings)
        outcome.visits_total = Visit.objects.count() + outcome.visits_created
        outcome.customers_total = Customer.objects.present().count() + outcome.customers_created
        return outcome


def import_visits(
    *, file: VisitFile, by: User, progress: Progress = no_progress, on_batch: OnBatch | None = None
) -> tuple[LedgerImport, VisitOutcome]:
    """Import a file at once, without a preview. Raises TableError or MapError before anything is written."""
    with file.opened_whole() as ledger:
        reader = ledger.reader()
        ledger_import = LedgerImport.objects.create(
            target=LedgerTarget.VISITS,
            file_name=file.name[-200:],
            sheet=ledger.table.sheet[:120],
            map_text=dump_map(ledger.visit_map.columns),
            state=LedgerState.MAPPED,
            started_by=by,
        )
        return ledger_import, apply_visits(
            ledger_import, file.name, ledger, reader, by=by, progress=progress, on_batch=on_batch
        )


def apply_visits(
    ledger_import: LedgerImport,
    file_name: str,
    ledger: OpenVisits,
    reader: VisitReader,
    *,
    by: User,
    progress: Progress = no_progress,
    on_batch: OnBatch | None = None,
) -> VisitOutcome:
    """Write what a file says, a batch per transaction, each with its rows, counts and trail.

    After a kill the next call goes on behind the last written batch. Bad rows are set aside whole. Nobody is deleted.
    """
    outcome = VisitOutcome(map_text=ledger_import.map_text, import_id=ledger_import.pk)

    def note(planned: list[PlannedVisitRow]) -> None:
        outcome.take(planned)
        if on_batch:
            on_batch(planned, reader)

    apply_batches(
        ledger_import,
        file_name=file_name,
        table=ledger.table,
        batches=ledger.batches(reader),
        planner=lambda known_up_to: planner_of(reader, known_up_to),
        writer=VisitWriter(ledger_import=ledger_import, by=by, reader=reader),
        by=by,
        progress=progress,
        on_batch=note,
    )
    for name in COUNTED:
        outcome.counts[name] = getattr(ledger_import, name)
    outcome.blank_rows, outcome.left_out = ledger_import.blank_rows, ledger_import.left_out
    outcome.visits_total, outcome.customers_total = Visit.objects.count(), Customer.objects.present().count()
    return outcome


def planner_of(reader: VisitReader, known_up_to: int) -> VisitPlanner:
    """What decides the rows of the file; guests made after `known_up_to` are not looked for by name."""
    line = NoteCategory.objects.filter(code=LEDGER_LINE).values_list("pk", flat=True).first()
    return VisitPlanner(
        reader=reader.guests,
        vocabulary=reader.vocabulary,
        words=reader.words,
        ledger_line=line,
        last_guest_id=known_up_to,
    )
