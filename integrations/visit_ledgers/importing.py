"""Ledgers of visits: each row is a guest with one visit, or with several."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from crm_project.core.accounts.models import User
from crm_project.core.column_map import ColumnMap, Resolver
from customers.models import Customer
from integrations.choices import LedgerTarget
from integrations.ledgers.ledger_file import MapKind
from integrations.ledgers.target_imports import TargetKind
from integrations.ledgers.vocabulary import Vocabulary
from integrations.models import LedgerImport
from integrations.visit_ledgers.fields import VISITS, guessed_map, visit_map
from integrations.visit_ledgers.planning import PlannedVisitRow, VisitPlanner, in_words, said_of
from integrations.visit_ledgers.reading import VisitReader, VisitRow
from integrations.visit_ledgers.words import LEDGER_LINE, HouseWords
from integrations.visit_ledgers.writing import VisitWriter
from visits.models import NoteCategory, Visit


class VisitLedgers(TargetKind[VisitRow, PlannedVisitRow]):
    """How rows of visits are read, planned and written."""

    maps: ClassVar[MapKind] = MapKind(
        LedgerTarget.VISITS,
        visit_map,
        guessed_map,
        # A row of its own speaks of one visit; one of several visits of the guest.
        lambda column_map: "note" if VISITS in column_map.groups else "visit_note",
    )
    totals_of: ClassVar[Mapping[str, str]] = {"visits_total": "visits_created", "customers_total": "customers_created"}

    def reader(
        self, column_map: ColumnMap, resolver: Resolver, *, headings: Sequence[str] = (), first_column: int = 0
    ) -> VisitReader:
        """What reads the rows of one file. Raises MapError when no venue can be told."""
        return VisitReader(resolver, column_map, Vocabulary(), HouseWords())

    def planner(self, reader: VisitReader, column_map: ColumnMap, known_up_to: int) -> VisitPlanner:
        """What decides the rows of the file; guests made after `known_up_to` are not looked for by name."""
        line = NoteCategory.objects.filter(code=LEDGER_LINE).values_list("pk", flat=True).first()
        return VisitPlanner(
            reader=reader.guests,
            vocabulary=reader.vocabulary,
            words=reader.words,
            ledger_line=line,
            last_guest_id=known_up_to,
        )

    def writer(self, ledger_import: LedgerImport, by: User, reader: VisitReader) -> VisitWriter:
        """What writes the batches of one import."""
        return VisitWriter(ledger_import=ledger_import, by=by, reader=reader)

    def beside(self, one: PlannedVisitRow, reader: VisitReader) -> dict[str, Any]:
        """{"visits": [{"id", "day", "outcome", "told", "changes", "said"}]}."""
        visits = [
            {
                "id": visit.pk or (visit.known.id if visit.known else None),
                "day": visit.entry.day.isoformat(),
                "outcome": visit.outcome.value,
                "told": in_words(visit.entry, reader.words),
                "changes": visit.changes,
                "said": said_of(visit.entry),
            }
            for visit in one.visits
        ]
        return {VISITS: visits} if visits else {}

    def made(self, planned: Sequence[PlannedVisitRow]) -> Counter[str]:
        """Visits that came or changed, and guests that came."""
        return Counter(
            visits_created=sum(visit.outcome == "created" for one in planned for visit in one.visits),
            visits_updated=sum(visit.outcome == "updated" for one in planned for visit in one.visits),
            customers_created=sum(one.guest.outcome == "created" for one in planned),
        )

    def totals(self) -> dict[str, int]:
        """How many visits and guests the house has."""
        return {"visits_total": Visit.objects.count(), "customers_total": Customer.objects.present().count()}


VISIT_LEDGERS = VisitLedgers()
