"""Ledgers of banquet inquiries: each row is an inquiry, or goes on with the contacts of the one above."""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any, ClassVar

from crm_project.core.accounts.models import User
from crm_project.core.column_map import ColumnMap, Resolver
from customers.models import Customer
from deals.models import Activity, Deal
from integrations.choices import LedgerTarget
from integrations.deal_ledgers.fields import deal_map, guessed_map
from integrations.deal_ledgers.planning import DEAL, DealPlanner, PlannedDealRow
from integrations.deal_ledgers.reading import NAMELESS, DealReader, DealRow, said_of
from integrations.deal_ledgers.rows_put_right import RowsPutRight
from integrations.deal_ledgers.standing import StandingDeals
from integrations.deal_ledgers.writing import DealWriter
from integrations.ledgers.guests_of_file import GuestsOfFile
from integrations.ledgers.ledger_file import MapKind, OpenLedger
from integrations.ledgers.marked_rows import MarkedFields
from integrations.ledgers.target_imports import GONE_SHOWN, TargetKind, TargetReader
from integrations.ledgers.vocabulary import Vocabulary
from integrations.models import LedgerImport


class DealLedgers(TargetKind[DealRow, PlannedDealRow]):
    """How rows of inquiries are read, planned and written."""

    maps: ClassVar[MapKind] = MapKind(
        LedgerTarget.DEALS, deal_map, guessed_map, lambda _map: MarkedFields("wants", "stage", "失注")
    )
    totals_of: ClassVar[Mapping[str, str]] = {
        "deals_total": "deals_created",
        "contacts_total": "contacts_created",
        "customers_total": "customers_created",
    }
    # Each inquiry that changes is written for itself.
    batch_rows: ClassVar[int | None] = 500

    def reader(
        self, column_map: ColumnMap, resolver: Resolver, *, headings: Sequence[str] = (), first_column: int = 0
    ) -> DealReader:
        """What reads the rows of one file. Raises MapError when no venue can be told."""
        return DealReader(resolver, column_map, Vocabulary(), headings=headings, first_column=first_column)

    def planner(self, reader: DealReader, guests: GuestsOfFile) -> DealPlanner:
        """What decides the rows of the file."""
        return DealPlanner(guests=guests)

    def writer(self, ledger_import: LedgerImport, by: User, reader: DealReader) -> DealWriter:
        """What writes the batches of one import."""
        return DealWriter(ledger_import=ledger_import, by=by)

    def beside(self, one: PlannedDealRow, reader: DealReader) -> dict[str, Any]:
        """{"deal": {"id", "is_new", "title", "changes", "contacts", "said"}}."""
        if one.deal is None:
            return {}
        contacts = [[contact.day.isoformat() if contact.day else "", contact.text] for contact in one.row.deal.contacts]
        return {
            DEAL: {
                "id": one.deal.pk,
                "is_new": one.deal.is_new,
                "title": one.deal.entry.title or NAMELESS,
                "changes": one.deal.changes,
                "contacts": contacts,
                "said": {} if one.row.goes_on else said_of(one.row.deal),
            }
        }

    def batches(self, ledger: OpenLedger, reader: TargetReader[DealRow]) -> Iterator[list[DealRow]]:
        """The rows of an open file, a batch at a time; those put right go on with what stood above them in their ledger."""
        put_right = RowsPutRight(ledger.corrections) if ledger.corrections else None
        for rows in super().batches(ledger, reader):
            if put_right:
                put_right.place(rows)
            yield rows

    def records(self, changes: Mapping[str, Any]) -> list[int]:
        """The id of the inquiry that a row is about."""
        deal = changes.get(DEAL, {})
        return [deal["id"]] if deal.get("id") else []

    def records_of(self, one: PlannedDealRow) -> list[int | None]:
        """The id of the inquiry that a row is about; None for one that is not written."""
        return [one.deal.pk] if one.deal is not None else []

    def standing(self) -> StandingDeals:
        """What takes note of the inquiries that a file speaks of."""
        return StandingDeals()

    def hidden_from(self, user: User, ids: Collection[int]) -> set[int]:
        """Inquiries that the person may not see."""
        there = set(Deal.objects.filter(pk__in=ids).values_list("pk", flat=True)) if ids else set()
        return there - set(Deal.objects.visible_to(user).filter(pk__in=there).values_list("pk", flat=True))

    def gone_in_words(self, ids: Sequence[int]) -> list[dict[str, Any]]:
        """[{"id", "title", "asked_by"}] by day; the first ones."""
        deals = Deal.objects.filter(pk__in=ids[:GONE_SHOWN]).select_related("company", "customer")
        found = {deal.pk: {"id": deal.pk, "title": deal.title, "asked_by": deal.asked_by} for deal in deals}
        return [found[pk] for pk in ids[:GONE_SHOWN] if pk in found]

    def made(self, planned: Sequence[PlannedDealRow]) -> Counter[str]:
        """Inquiries, contacts and guests that came."""
        deals = {id(one.deal): one.deal for one in planned if one.deal is not None}
        return Counter(
            deals_created=sum(one.makes_it for one in planned),
            contacts_created=sum(len(deal.contacts) for deal in deals.values()),
            customers_created=sum(one.guest.outcome == "created" for one in planned),
        )

    def totals(self) -> dict[str, int]:
        """How many inquiries, contacts and guests the house has."""
        return {
            "deals_total": Deal.objects.count(),
            "contacts_total": Activity.objects.count(),
            "customers_total": Customer.objects.present().count(),
        }


DEAL_LEDGERS = DealLedgers()
