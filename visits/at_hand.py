"""What the log form and a visit's page know of a table beside its people, read at once.

Answers, decisions, warnings on file, tonight's changes, who attends: lines of one UNION, as a day has (`visits.day_lines`).
"""

import json
import uuid
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cached_property
from typing import Any, Final

from django.db.models import CharField, F, IntegerField, Q, QuerySet, TextField
from django.db.models.functions import Cast, Coalesce
from django.utils.dateparse import parse_datetime

from crm_project.core.accounts.models import User, Venue
from customers.models import Customer
from menus.models import Dish
from visits import day_lines, evening_lines
from visits.choices import DECIDES, Duty, WarningKind
from visits.day_lines import Line, have_at_hand, select
from visits.evening import ConflictLine, Evening, EveningReader, SeatRemark, parts
from visits.evening_lines import pack, packed
from visits.models import Attendance, CancellationTerm, Complaint, ConfirmedWarning, Note, SheetLine, Visit, VisitDraft
from visits.queries import AnsweredBefore
from visits.seat_decisions import SeatDecisions
from visits.tonight import Change, lay_over

NOTE, SHEET, FILED, TOLD, FEE = range(30, 35)
# Served to one seat alone, as few visits have it, is no dish of the table.
OF_THE_TABLE: Final = "0"


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedDish:
    """A dish that a table is to have, or (left out) no longer has tonight; `instead_of` names what it replaces tonight."""

    dish: Dish
    instead_of: str = ""
    is_left_out: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Filed:
    """Why a warning stands, and who said so."""

    kind: WarningKind
    customer_id: int
    dish_id: int
    reason: str
    detail: str
    dish_name: str
    guest: str
    confirmed_by: str
    confirmed_at: datetime


@dataclass(frozen=True)
class AtHand:
    """What is known of a table; `visit` (people and their guests fetched) is None before it is written down."""

    visit: Visit | None
    venue: Venue
    lines: Mapping[int, list[Line]]

    @cached_property
    def reader(self) -> EveningReader:
        """The lines as an evening understands them."""
        return EveningReader(self.lines)

    @cached_property
    def drafts(self) -> list[VisitDraft]:
        """The person's own drafts at the venue, the newest first."""
        return [
            VisitDraft(form_token=one.token, saved_at=one.saved_at, values=one.values, venue_id=self.venue.pk)
            for one in day_lines.drafts_in(self.lines[day_lines.DRAFT])
        ]

    @property
    def dishes(self) -> list[int]:
        """Ids of the dishes that are written down for the whole table, else of those of its course."""
        served = [line.item for line in self.lines[day_lines.SERVED] if line.extra == OF_THE_TABLE]
        return served or [line.item for line in self.lines[day_lines.COURSE]]

    def as_tonight(self, dish_ids: Sequence[int], course_id: int | None) -> list[int]:
        """Ids of dishes with what the kitchen changed for the evening of the visit."""
        changes = [Change(one.dish_id, one.replacement_id, one.course_id) for one in self.reader.tonight]
        return list(lay_over(dish_ids, course_id, changes).dishes)

    def name_of(self, dish_id: int) -> str:
        """What a dish of the evening is called."""
        return self.reader.dishes[dish_id].name

    @property
    def planned(self) -> list[PlannedDish]:
        """What a table that has not been recorded is to have, with what the kitchen changed for its evening."""
        assert self.visit is not None
        laid, known = self.reader.overlaid(self.visit), self.reader.dishes
        served = [
            PlannedDish(dish=known[pk], instead_of=known[laid.instead_of[pk]].name if pk in laid.instead_of else "")
            for pk in laid.dishes
        ]
        return [*served, *(PlannedDish(dish=known[pk], is_left_out=True) for pk in laid.left_out)]

    @property
    def served(self) -> list[tuple[Dish, bool]]:
        """What was served, and whether it was replaced before it reached anybody."""
        return [(self.reader.dishes[line.item], bool(line.more)) for line in self.lines[day_lines.SERVED]]

    @property
    def differently(self) -> list[tuple[Attendance | None, SeatRemark]]:
        """What seats had differently, and whose seat it is: None for those counted of a group."""
        assert self.visit is not None
        seats = {f"a{row.pk}": row for row in self.visit.attendances.all()}
        return [(seats.get(one.ref), one) for one in self.reader.exceptions.get(self.visit.pk, [])]

    @property
    def duties(self) -> list[tuple[str, str]]:
        """Who helps beside the attendant: (duty, name)."""
        lines = sorted(self.lines[day_lines.DUTY], key=lambda line: (line.extra, line.place))
        return [(str(Duty(line.extra).label), line.words) for line in lines]

    @cached_property
    def filed(self) -> list[Filed]:
        """Why warnings stand, in the order in which it was said."""
        found = []
        for line in self.lines[FILED]:
            kind, detail, dish, name, honorific, by, username, at = packed(line)
            found.append(
                Filed(
                    kind=WarningKind(kind),
                    customer_id=line.of,
                    dish_id=line.item,
                    reason=line.words,
                    detail=detail,
                    dish_name=dish,
                    guest=f"{name} {honorific}",
                    confirmed_by=by or username,
                    confirmed_at=_moment(at),
                )
            )
        return found

    @property
    def on_file(self) -> dict[tuple[str, int, int], str]:
        """Why a warning stands, by kind, guest and dish."""
        return {(one.kind.value, one.customer_id, one.dish_id): one.reason for one in self.filed}

    @cached_property
    def told(self) -> list[Complaint]:
        """What went wrong, as it was told with one tap: of this visit, or from this form before it has one; newest first."""
        return [
            Complaint(pk=line.item, what=line.words, reported_at=_moment(line.extra))
            for line in reversed(self.lines[TOLD])
        ]

    @cached_property
    def answered(self) -> AnsweredBefore:
        """Who was asked about allergies before the evening."""
        guests = {row.pk: row.customer_id for row in self.visit.attendances.all()} if self.visit else {}
        rows = self.lines[evening_lines.ANSWER]
        return AnsweredBefore(
            any(line.more for line in rows),
            frozenset(pk for line in rows if (pk := guests.get(line.item)) is not None),
        )

    @cached_property
    def words_of_companions(self) -> dict[int, str]:
        """What people without a card answered about allergies, by seat."""
        alone = {row.pk for row in self.visit.attendances.all() if row.customer_id is None} if self.visit else set()
        return {line.item: line.words for line in self.lines[evening_lines.ANSWER] if line.item in alone}

    @cached_property
    def decided(self) -> SeatDecisions:
        """What was decided for seats of known guests."""
        guests = {f"a{row.pk}": row.customer_id for row in self.visit.attendances.all()} if self.visit else {}
        remarks = self.reader.exceptions.get(self.visit.pk, []) if self.visit else []
        return SeatDecisions(
            {
                (customer_id, one.dish_id): one
                for one in remarks
                if one.kind in DECIDES and (customer_id := guests.get(one.ref)) is not None
            }
        )

    def give_allergens(self, guests: Collection[Customer], dishes: Collection[Dish]) -> None:
        """Have at hand what guests, dishes and whatever else the evening serves say of allergens. One query."""
        seated = [row.customer for row in self.visit.attendances.all() if row.customer] if self.visit else []
        people = {id(guest): guest for guest in (*guests, *seated)}
        day_lines.give_allergens(list(people.values()), [*dishes, *self.reader.dishes.values()])

    def conflicts_without_card(self, dishes: Sequence[Dish]) -> list[ConflictLine]:
        """What is open for companions and counted groups with these dishes; of guests with a card there are warnings."""
        if self.visit is None:
            return []
        evening: Evening = self.reader.of(self.visit, dishes)
        return [line for line in evening.open_lines if line.seat.customer is None]


def read_for_log(*, user: User, venue: Venue, visit: Visit | None, day: date, token: uuid.UUID | None) -> AtHand:
    """Read what the form of `token` knows of its table. One query, and two for the people of a visit that has none yet.

    Notes and lines of the check sheet stand where `prefetch_related` keeps them.
    """
    told = Q(visit=visit) if visit is not None else Q(visit=None, form_token=token, reported_by=user)
    ids = [visit.pk] if visit is not None else []
    courses = {visit.course_id} if visit is not None and visit.course_id else set[int]()
    wanted: list[QuerySet[Any, Any]] = [
        day_lines.lines_of_drafts(user, venue),
        select(
            Complaint.objects.filter(told, note=None),
            TOLD,
            item=F("pk"),
            place=F("pk"),
            words=F("what"),
            extra=Cast("reported_at", CharField()),
        ),
    ]
    if visit is not None:
        wanted += [*parts(ids, courses, venue, day), *_lines_of_sheet(visit), _lines_on_file(visit)]
    lines = day_lines.read(wanted)
    if visit is not None:
        have_at_hand(visit, "notes", [_note(line) for line in lines[NOTE]])
        have_at_hand(
            visit, "sheet_lines", [SheetLine(category_id=line.of, is_open=bool(line.more)) for line in lines[SHEET]]
        )
    return AtHand(visit, venue, lines)


def read_for_page(visit: Visit) -> AtHand:
    """Read what a visit's page shows beside its people (fetched), and what its cancellation would cost. One query.

    The venue's fees stand where `prefetch_related` keeps them.
    """
    courses = {visit.course_id} if visit.course_id else set[int]()
    fees = select(
        CancellationTerm.objects.filter(venue=visit.venue_id),
        FEE,
        of=F("days_before"),
        item=F("percent"),
        place=F("pk"),
    )
    lines = day_lines.read([*parts([visit.pk], courses, visit.venue, visit.business_date), _lines_on_file(visit), fees])
    terms = [CancellationTerm(days_before=line.of, percent=line.item) for line in lines[FEE]]
    have_at_hand(visit.venue, "cancellation_terms", terms)
    return AtHand(visit, visit.venue, lines)


def _lines_of_sheet(visit: Visit) -> Iterable[QuerySet[Any, Any]]:
    """Notes and lines without words."""
    return (
        select(
            Note.objects.filter(visit=visit),
            NOTE,
            of=F("category_id"),
            item=F("pk"),
            more=Cast("is_standing", IntegerField()),
            place=Coalesce("customer_id", 0),
            words=F("text"),
            extra=Cast("picked", TextField()),
        ),
        select(SheetLine.objects.filter(visit=visit), SHEET, of=F("category_id"), more=Cast("is_open", IntegerField())),
    )


def _lines_on_file(visit: Visit) -> QuerySet[Any, Any]:
    return select(
        ConfirmedWarning.objects.filter(visit=visit),
        FILED,
        of=F("customer_id"),
        item=F("dish_id"),
        place=F("pk"),
        words=F("reason"),
        extra=pack(
            "kind",
            "detail",
            "dish__name",
            "customer__name",
            "customer__honorific",
            "confirmed_by__display_name",
            "confirmed_by__username",
            "confirmed_at",
        ),
    )


def _moment(written: str) -> datetime:
    """A moment as the database writes it; SQLite keeps it without its zone, which is UTC."""
    at = parse_datetime(written)
    assert at is not None, written
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def _note(line: Line) -> Note:
    return Note(
        pk=line.item,
        category_id=line.of,
        is_standing=bool(line.more),
        customer_id=line.place or None,
        text=line.words,
        picked=json.loads(line.extra),
    )
