"""A ledger of banquet inquiries becomes inquiries with their contacts: looked at without writing, or written in batches."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any, Final

from django.conf import settings

from crm_project.core.accounts.models import User
from crm_project.core.column_map import ColumnMap, MapError, Resolver, dump_map
from crm_project.core.tables import Limits, Table, read_table
from customers.models import Customer
from deals.models import Activity, Deal
from integrations.choices import LedgerState, LedgerTarget
from integrations.deal_ledgers.fields import deal_map, guessed_map
from integrations.deal_ledgers.planning import DealPlanner, PlannedDealRow
from integrations.deal_ledgers.reading import DealReader, DealRow
from integrations.deal_ledgers.writing import DealWriter
from integrations.ledgers.former_imports import former_map
from integrations.ledgers.guessing import ROWS_LOOKED_AT
from integrations.ledgers.known_guests import last_guest_id
from integrations.ledgers.target_imports import COUNTED, Progress, apply_batches, counted, left_out_of, no_progress
from integrations.ledgers.vocabulary import Vocabulary
from integrations.models import LedgerImport

BATCH_ROWS: Final = 500

OnBatch = Callable[[list[PlannedDealRow], DealReader], None]


@dataclass(slots=True)
class DealOutcome:
    """What an import did, or would do. `created` and the others count rows; inquiries and contacts are counted apart."""

    counts: dict[str, int] = field(default_factory=lambda: dict.fromkeys(COUNTED, 0))
    blank_rows: int = 0
    # Rows that are no data, such as subtotals: {"counts": {kind: n}, "rows": [{"row", "kind", "text"}]}.
    left_out: dict[str, Any] = field(default_factory=dict)
    deals_created: int = 0
    contacts_created: int = 0
    customers_created: int = 0
    deals_total: int = 0
    contacts_total: int = 0
    customers_total: int = 0
    headings: list[str] = field(default_factory=list)
    map_text: str = ""
    import_id: int | None = None

    def take(self, planned: Sequence[PlannedDealRow]) -> None:
        """Count the rows of a batch."""
        for name, count in counted(planned).items():
            self.counts[name] += count
        deals = {id(one.deal): one.deal for one in planned if one.deal is not None}
        for deal in deals.values():
            self.contacts_created += len(deal.contacts)
        self.deals_created += sum(one.makes_it for one in planned)
        self.customers_created += sum(one.guest.outcome == "created" for one in planned)

    def as_json(self) -> dict[str, Any]:
        """The command line's answer."""
        return {
            "rows": self.counts["rows"],
            "blank_rows": self.blank_rows,
            **{name: self.counts[name] for name in COUNTED[1:]},
            "deals_created": self.deals_created,
            "contacts_created": self.contacts_created,
            "customers_created": self.customers_created,
            "deals_total": self.deals_total,
            "contacts_total": self.contacts_total,
            "customers_total": self.customers_total,
            "import_id": self.import_id,
            "left_out": self.left_out.get("counts", {}),
            "left_out_rows": self.left_out.get("rows", []),
        }


@dataclass(frozen=True)
class DealFile:
    """Where a file lies, what people call it, its sheet ("" = the first) and its map (None = guessed)."""

    path: Path
    name: str
    sheet: str = ""
    column_map: ColumnMap | None = None
    with_hidden: bool = False

    def table(self) -> Table:
        """The file's table, not yet read."""
        return read_table(
            self.path,
            name=self.name,
            sheet=self.sheet or (self.column_map.default_sheet if self.column_map else None),
            wanted=self.column_map.wanted if self.column_map else (),
            as_ledger=True,
            with_hidden=self.with_hidden,
            limits=Limits(file_bytes=settings.UPLOAD_LIMIT_BYTES),
        )

    @contextmanager
    def opened(self) -> Iterator["OpenDeals"]:
        """Open the file at its headings. Raises TableError or MapError with one sentence when it cannot be used."""
        with self.table() as table:
            column_map = self.column_map or self._guessed(table)
            resolver = column_map.resolve(table.headings, sheet=table.sheet)
            table.require_rows()
            yield OpenDeals(table, column_map, resolver)

    def _guessed(self, table: Table) -> ColumnMap:
        """The map of this ledger's former import where it fits, else what headings and content say. Raises MapError."""
        if former := former_map(self.name, LedgerTarget.DEALS):
            with suppress(MapError):
                found = deal_map(former)
                found.resolve(table.headings, sheet=table.sheet)
                return found
        with self.table() as peek:
            return guessed_map(peek.headings, [cells for _number, cells in islice(peek, ROWS_LOOKED_AT)])

    @contextmanager
    def opened_whole(self) -> Iterator["OpenDeals"]:
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
class OpenDeals:
    """An open file, its map and where the fields stand in it."""

    table: Table
    column_map: ColumnMap
    resolver: Resolver

    def reader(self) -> DealReader:
        """What reads the rows of this file. Raises MapError when no venue can be told."""
        return DealReader(self.resolver, self.column_map, Vocabulary())

    def batches(self, reader: DealReader) -> Iterator[list[DealRow]]:
        """The rows, a batch at a time."""
        rows = iter(self.table)
        while some := list(islice(rows, BATCH_ROWS)):
            yield reader.read(some)


def check_deals(file: DealFile, *, progress: Progress = no_progress, on_batch: OnBatch | None = None) -> DealOutcome:
    """What the file would do; nothing is written. Raises TableError or MapError for a file that cannot be used."""
    with file.opened_whole() as ledger:
        reader = ledger.reader()
        planner = DealPlanner(reader=reader, last_guest_id=last_guest_id())
        outcome = DealOutcome(map_text=dump_map(ledger.column_map))
        for rows in ledger.batches(reader):
            planned, plans = planner.plan(rows)
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
        outcome.deals_total = Deal.objects.count() + outcome.deals_created
        outcome.contacts_total = Activity.objects.count() + outcome.contacts_created
        outcome.customers_total = Customer.objects.present().count() + outcome.customers_created
        return outcome


def import_deals(
    *, file: DealFile, by: User, progress: Progress = no_progress, on_batch: OnBatch | None = None
) -> tuple[LedgerImport, DealOutcome]:
    """Import a file at once, without a preview. Raises TableError or MapError before anything is written."""
    with file.opened_whole() as ledger:
        reader = ledger.reader()
        ledger_import = LedgerImport.objects.create(
            target=LedgerTarget.DEALS,
            file_name=file.name[-200:],
            sheet=ledger.table.sheet[:120],
            map_text=dump_map(ledger.column_map),
            state=LedgerState.MAPPED,
            started_by=by,
        )
        outcome = apply_deals(ledger_import, file.name, ledger, reader, by=by, progress=progress, on_batch=on_batch)
        return ledger_import, outcome


def apply_deals(
    ledger_import: LedgerImport,
    file_name: str,
    ledger: OpenDeals,
    reader: DealReader,
    *,
    by: User,
    progress: Progress = no_progress,
    on_batch: OnBatch | None = None,
) -> DealOutcome:
    """Write what a file says, a batch per transaction; after a kill the next call goes on behind the last written batch."""
    outcome = DealOutcome(map_text=ledger_import.map_text, import_id=ledger_import.pk)

    def note(planned: list[PlannedDealRow]) -> None:
        outcome.take(planned)
        if on_batch:
            on_batch(planned, reader)

    apply_batches(
        ledger_import,
        file_name=file_name,
        table=ledger.table,
        batches=ledger.batches(reader),
        planner=lambda known_up_to: DealPlanner(reader=reader, last_guest_id=known_up_to),
        writer=DealWriter(ledger_import=ledger_import, by=by, reader=reader),
        by=by,
        progress=progress,
        on_batch=note,
    )
    for name in COUNTED:
        outcome.counts[name] = getattr(ledger_import, name)
    outcome.blank_rows, outcome.left_out = ledger_import.blank_rows, ledger_import.left_out
    outcome.deals_total, outcome.contacts_total = Deal.objects.count(), Activity.objects.count()
    outcome.customers_total = Customer.objects.present().count()
    return outcome
