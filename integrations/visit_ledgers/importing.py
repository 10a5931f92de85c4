"""Ledgers of visits: each row is a guest with one visit, or with several."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from typing import Any, ClassVar

from crm_project.core.accounts.models import User
from crm_project.core.column_map import ColumnMap, Resolver
from customers.models import Customer
from integrations.choices import LedgerTarget
from integrations.ledgers.guests_of_file import GuestsOfFile
from integrations.ledgers.ledger_file import MapKind
from integrations.ledgers.marked_rows import MarkedFields
from integrations.ledgers.target_imports import GONE_SHOWN, TargetKind
from integrations.ledgers.vocabulary import Vocabulary
from integrations.models import LedgerImport
from integrations.visit_ledgers.fields import VISITS, guessed_map, visit_map
from integrations.visit_ledgers.planning import PlannedVisitRow, VisitPlanner, in_words, said_of
from integrations.visit_ledgers.reading import VisitReader, VisitRow
from integrations.visit_ledgers.standing import StandingVisits
from integrations.visit_ledgers.words import LEDGER_LINE, HouseWords
from integrations.visit_ledgers.writing import VisitWriter
from visits.models import Attendance, NoteCategory, Visit


class VisitLedgers(TargetKind[VisitRow, PlannedVisitRow]):
    """How rows of visits are read, planned and written."""

    maps: ClassVar[MapKind] = MapKind(
        LedgerTarget.VISITS,
        visit_map,
        guessed_map,
        # A row of its own speaks of one visit; one of several visits of the guest.
        lambda column_map: MarkedFields(
            "note" if VISITS in column_map.groups else "visit_note", "status", "キャンセル"
        ),
    )
    totals_of: ClassVar[Mapping[str, str]] = {"visits_total": "visits_created", "customers_total": "customers_created"}

    def reader(
        self, column_map: ColumnMap, resolver: Resolver, *, headings: Sequence[str] = (), first_column: int = 0
    ) -> VisitReader:
        """What reads the rows of one file. Raises MapError when no venue can be told."""
        return VisitReader(
            resolver, column_map, Vocabulary(), HouseWords(), headings=headings, first_column=first_column
        )

    def planner(self, reader: VisitReader, guests: GuestsOfFile) -> VisitPlanner:
        """What decides the rows of the file."""
        line = NoteCategory.objects.filter(code=LEDGER_LINE).values_list("pk", flat=True).first()
        return VisitPlanner(guests=guests, words=reader.words, ledger_line=line)

    def writer(self, ledger_import: LedgerImport, by: User, reader: VisitReader) -> VisitWriter:
        """What writes the batches of one import."""
        return VisitWriter(ledger_import=ledger_import, by=by, reader=reader)

    def beside(self, one: PlannedVisitRow, reader: VisitReader) -> dict[str, Any]:
        """{"visits": [{"id", "day", "outcome", "told", "changes", "said"}]}."""
        visits = [
            {
                "id": pk,
                "day": visit.entry.day.isoformat(),
                "outcome": visit.outcome.value,
                "told": in_words(visit.entry, reader.words),
                "changes": visit.changes,
                "said": said_of(visit.entry),
            }
            for visit, pk in zip(one.visits, self.records_of(one), strict=True)
        ]
        return {VISITS: visits} if visits else {}

    def records(self, changes: Mapping[str, Any]) -> list[int]:
        """Ids of the visits that a row is about."""
        return [visit["id"] for visit in changes.get(VISITS, ()) if visit.get("id")]

    def records_of(self, one: PlannedVisitRow) -> list[int | None]:
        """Ids of the visits that a row is about; None for one that is not written."""
        return [visit.pk or (visit.known.id if visit.known else None) for visit in one.visits]

    def standing(self) -> StandingVisits:
        """What takes note of the visits that a file speaks of."""
        return StandingVisits()

    def hidden_from(self, user: User, ids: Collection[int]) -> set[int]:
        """Visits that are sealed from the person, or of venues where the person does not work."""
        there = set(Visit.objects.filter(id__any_of=set(ids)).values_list("pk", flat=True)) if ids else set()
        return there - set(Visit.objects.visible_to(user).filter(pk__in=there).values_list("pk", flat=True))

    def gone_in_words(self, ids: Sequence[int]) -> list[dict[str, Any]]:
        """[{"id", "day", "guest"}] by day; the first ones."""
        shown = set(ids[:GONE_SHOWN])
        visits = Visit.objects.filter(id__any_of=shown).order_by("business_date", "pk")
        names: dict[int, str] = {}
        sat = Attendance.objects.filter(visit__id__any_of=shown, customer__isnull=False).order_by("-position")
        names.update(sat.values_list("visit_id", "customer__name"))
        return [
            {"id": pk, "day": day.isoformat(), "guest": names.get(pk, "")}
            for pk, day in visits.values_list("pk", "business_date")
        ]

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
