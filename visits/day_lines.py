"""Everything small that the page of a day needs, read at once: each kind of line is one part of one UNION.

A page takes at most 12 queries; a table's dishes, duties, wishes and the day's own facts would take one each.
"""

import json
import uuid
from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any, NamedTuple

from django.db.models import (
    CharField,
    Count,
    Exists,
    F,
    IntegerField,
    Model,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Sum,
    TextField,
    Value,
)
from django.db.models.functions import Cast, Coalesce, Concat
from django.utils.dateparse import parse_datetime

from crm_project.core.accounts.models import Loan, Membership, User, Venue
from crm_project.core.allergens.models import Allergen
from crm_project.core.rights import Right
from customers.models import Allergy, Customer, KeepApart
from menus.models import BaseAllergen, BasePreparation, CourseDish, Dish, DishAllergen, DishBase
from visits.models import (
    BookingTerms,
    ClosedDay,
    FollowUp,
    Note,
    Promise,
    Room,
    RoomPart,
    ServedDish,
    SheetLine,
    TableDuty,
    VisitDraft,
    WaitingParty,
)
from visits.queries import draft_guest_ids

SERVED, COURSE, DUTY, STANDING, PROMISE, APART, COLLEAGUE, DRAFT, FACTS, DUE, ROOM, OPEN_LINE, TO_COMPLETE = range(13)
ON_LOAN_HERE, LENT_AWAY = 1, 2
NOTHING = -1
# Whose word on an allergen a row is.
OF_GUEST, OF_DISH, OF_BASE = range(3)


class Line(NamedTuple):
    """One line: what it belongs to, what it names, and as many numbers and words as its kind needs."""

    kind: int
    of: int
    item: int
    more: int
    place: int
    words: str
    extra: str


@dataclass(frozen=True, slots=True)
class Facts:
    """What a venue says of a day: its terms, whether an exception closes or opens it, its seats, who waits."""

    late_after_minutes: int
    closed_weekdays: tuple[int, ...]
    # None where no exception is written; else whether it is open, and why.
    exception_is_open: bool | None
    reason: str
    seats: int
    waiting: int

    def why_closed(self, day: date) -> str | None:
        """The reason why it is closed ("" for a weekly closed day), None when it is open."""
        if self.exception_is_open is not None:
            return None if self.exception_is_open else self.reason
        return "" if day.weekday() in self.closed_weekdays else None


@dataclass(frozen=True, slots=True)
class Draft:
    """A visit the person began to write down, with its fields."""

    token: uuid.UUID
    saved_at: datetime
    values: dict[str, list[str]]

    @property
    def guest_id(self) -> int | None:
        """The first known guest."""
        return next(iter(draft_guest_ids(self.values)), None)


def lines_of_tables(visit_ids: Collection[int], course_ids: Collection[int]) -> list[QuerySet[Any, Any]]:
    """What was served, what a course holds, who helps at a table."""
    return [
        select(
            ServedDish.objects.filter(visit__in=visit_ids),
            SERVED,
            of=F("visit_id"),
            item=F("dish_id"),
            more=Cast("was_replaced", IntegerField()),
            place=F("pk"),
            words=F("dish__name"),
            extra=Cast(Coalesce("attendance_id", 0), CharField()),
        ),
        select(
            CourseDish.objects.filter(course__in=course_ids),
            COURSE,
            of=F("course_id"),
            item=F("dish_id"),
            place=F("position"),
            words=F("dish__name"),
        ),
        select(
            TableDuty.objects.filter(visit__in=visit_ids),
            DUTY,
            of=F("visit_id"),
            item=F("user_id"),
            place=F("pk"),
            words=F("user__display_name"),
            extra=F("duty"),
        ),
    ]


def lines_of_guests(customer_ids: Collection[int], user: User) -> list[QuerySet[Any, Any]]:
    """Standing wishes (いつも) and open promises of guests the person may open."""
    notes = Note.objects.visible_to(user).filter(customer__in=customer_ids).standing()
    promises = Promise.objects.still_open().visible_to(user).filter(customer__in=customer_ids)
    return [
        select(
            notes,
            STANDING,
            of=F("customer_id"),
            item=F("pk"),
            words=F("text"),
            extra=Cast("created_at", CharField()),
        ),
        select(
            promises,
            PROMISE,
            of=F("customer_id"),
            item=F("pk"),
            words=F("text"),
            extra=Cast("made_at", CharField()),
        ),
    ]


def lines_of_pairs() -> QuerySet[Any, Any]:
    """Who must not meet (鉢合わせ): for who holds the right to know it."""
    return select(
        KeepApart.objects.in_force(),
        APART,
        of=Coalesce("customer_id", 0),
        item=Coalesce("company_id", 0),
        more=Coalesce("other_customer_id", 0),
        place=Coalesce("other_company_id", 0),
    )


def lines_of_colleagues(venue: Venue, day: date) -> list[QuerySet[Any, Any]]:
    """Who may attend a table at the venue on a business day: those who work there, and those lent to it that day.

    Whoever is lent to another venue that day is marked LENT_AWAY.
    """
    away = Loan.objects.filter(business_date=day, user=OuterRef("user")).exclude(venue=venue)
    serves = f'"{Right.LOG_VISITS.value}"'
    working = Membership.objects.filter(venue=venue, user__is_active=True).alias(
        may=Cast("role__rights", TextField()), away=Exists(away)
    )
    lent = Loan.objects.filter(venue=venue, business_date=day, user__is_active=True).alias(
        may=Cast("role__rights", TextField())
    )
    return [
        select(
            working.filter(may__contains=serves, away=is_away),
            COLLEAGUE,
            of=F("user_id"),
            more=Value(LENT_AWAY if is_away else 0, IntegerField()),
            words=F("user__display_name"),
            extra=F("user__kana"),
        )
        for is_away in (False, True)
    ] + [
        select(
            lent.filter(may__contains=serves),
            COLLEAGUE,
            of=F("user_id"),
            more=Value(ON_LOAN_HERE, IntegerField()),
            words=F("user__display_name"),
            extra=F("user__kana"),
        )
    ]


def lines_of_drafts(user: User, venue: Venue) -> QuerySet[Any, Any]:
    """The person's own unrecorded visits at the venue."""
    return select(
        VisitDraft.objects.filter(user=user, venue=venue),
        DRAFT,
        words=Concat(
            Cast("form_token", CharField()), Value(" "), Cast("saved_at", CharField()), output_field=CharField()
        ),
        extra=Cast("values", TextField()),
    )


def lines_of_rooms(venue: Venue) -> QuerySet[Any, Any]:
    """The rooms of the venue by their names, in use or not: what a draft is about."""
    return select(Room.objects.filter(venue=venue), ROOM, item=F("pk"), words=F("name"))


def line_of_facts(venue: Venue, day: date, user: User) -> QuerySet[Any, Any]:
    """One line: terms, closed day, seats, and how many parties wait for the day."""
    terms = BookingTerms.objects.filter(venue=OuterRef("pk"))
    exception = ClosedDay.objects.filter(venue=OuterRef("pk"), on=day)
    # The venue is one of the person's: what is left to ask is whether the guest is sealed.
    waiting = (
        WaitingParty.objects.still_waiting()
        .filter(venue=OuterRef("pk"), business_date=day)
        .exclude(customer__in=Customer.objects.sealed_from(user).values("pk"))
    )
    rooms = Room.objects.filter(venue=OuterRef("pk"), is_active=True).exclude(pk__in=RoomPart.objects.values("joined"))
    return select(
        Venue.objects.filter(pk=venue.pk),
        FACTS,
        of=Coalesce(Subquery(terms.values("late_after_minutes")), NOTHING),
        item=Coalesce(Subquery(_of_venue(waiting, Count("pk"))), 0),
        more=Coalesce(Subquery(_of_venue(rooms, Sum("capacity"))), 0),
        place=Coalesce(Cast(Subquery(exception.values("is_open")), IntegerField()), NOTHING),
        words=Coalesce(Subquery(exception.values("reason")), Value(""), output_field=TextField()),
        extra=Coalesce(
            Cast(Subquery(terms.values("closed_weekdays")), TextField()), Value("[]"), output_field=TextField()
        ),
    )


def line_of_follow_ups(user: User, venue: Venue, day: date) -> QuerySet[Any, Any]:
    """One line: how many follow-ups of the venue are due by the day for the person, or for whoever sits at the desk."""
    due = (
        FollowUp.objects.visible_to(user)
        .still_open()
        .filter(Q(assigned_to=user) | Q(assigned_to=None), visit__venue=OuterRef("pk"), due_on__lte=day)
        .order_by()
        .values("visit__venue")
        .annotate(due=Count("pk"))
        .values("due")
    )
    return select(Venue.objects.filter(pk=venue.pk), DUE, item=Coalesce(Subquery(due), 0))


def lines_of_open_lines(visit_ids: Collection[int], user: User) -> QuerySet[Any, Any]:
    """Required lines of the tables' check sheets that are still open, for who reads check sheets."""
    lines = SheetLine.objects.still_open().visible_to(user).filter(visit__in=visit_ids)
    return select(lines, OPEN_LINE, of=F("visit_id"), item=F("pk"))


def line_of_to_complete(user: User) -> QuerySet[Any, Any]:
    """One line for each of one's own visits, of whatever day, that still has open lines."""
    lines = SheetLine.objects.still_open().visible_to(user)
    mine = lines.filter(Q(visit__staff=user) | Q(visit__staff=None, visit__recorded_by=user))
    return select(mine, TO_COMPLETE, item=F("visit_id"))


def read(parts: Iterable[QuerySet[Any, Any]]) -> dict[int, list[Line]]:
    """The lines by their kind, each kind in the order of its places. One query."""
    first, *others = parts
    found: dict[int, list[Line]] = defaultdict(list)
    for row in first.union(*others, all=True):
        line = Line(*row)
        found[line.kind].append(line)
    for lines in found.values():
        lines.sort(key=lambda line: line.place)
    return found


def facts_in(line: Line) -> Facts:
    """The facts of a day's line; the terms' defaults where the venue has written none."""
    return Facts(
        late_after_minutes=BookingTerms().late_after_minutes if line.of == NOTHING else line.of,
        closed_weekdays=tuple(json.loads(line.extra)),
        exception_is_open=None if line.place == NOTHING else bool(line.place),
        reason=line.words,
        seats=line.more,
        waiting=line.item,
    )


def drafts_in(lines: Iterable[Line]) -> list[Draft]:
    """The drafts of the lines, the newest first."""
    found = []
    for line in lines:
        token, _space, saved = line.words.partition(" ")
        at = parse_datetime(saved)
        assert at is not None, saved
        # SQLite keeps moments without their zone, which is UTC.
        found.append(
            Draft(
                token=uuid.UUID(token),
                saved_at=at if at.tzinfo else at.replace(tzinfo=UTC),
                values=json.loads(line.extra),
            )
        )
    return sorted(found, key=lambda draft: draft.saved_at, reverse=True)


def newest_first(lines: Iterable[Line]) -> dict[int, list[str]]:
    """The words of lines that end in a moment, by what they belong to."""
    found: dict[int, list[str]] = {}
    for line in sorted(lines, key=lambda line: (line.extra, line.item), reverse=True):
        found.setdefault(line.of, []).append(line.words)
    return found


def give_allergens(customers: Collection[Customer], dishes: Collection[Dish]) -> None:
    """Have what guests, dishes and their bases say of allergens at hand, as if it were prefetched. One query for all."""
    severe = Allergy.objects.filter(customer__in={guest.pk for guest in customers})
    menu = {dish.pk for dish in dishes}
    present = DishAllergen.objects.filter(dish__in=menu)
    # A base that says nothing has a line too: it makes the dish unchecked.
    through_bases = DishBase.objects.filter(dish__in=menu)
    named = [f"allergen__{name}" for name in ("pk", "code", "name_ja", "name_en", "position")]
    number = IntegerField()
    rows = severe.values_list(
        Value(OF_GUEST, number), "customer_id", "pk", Value(0, number), "severity", "note", *named
    ).union(
        present.values_list(Value(OF_DISH, number), "dish_id", "pk", Value(0, number), "presence", Value(""), *named),
        through_bases.values_list(
            Value(OF_BASE, number),
            "dish_id",
            Coalesce("base__allergens__pk", 0),
            "base_id",
            Coalesce("base__allergens__presence", Value("")),
            Value(""),
            *(f"base__allergens__{name}" for name in named),
        ),
        all=True,
    )
    of_guest: dict[int, list[Allergy]] = {}
    of_dish: dict[int, list[DishAllergen]] = {}
    of_base: dict[int, dict[int, BasePreparation]] = {}
    said_of_base: dict[tuple[int, int], list[BaseAllergen]] = {}
    # A day has a few thousand rows of some thirty allergens: each allergen is made once.
    known: dict[int | None, Allergen] = {}
    for whose, of, pk, base_id, degree, note, allergen_id, code, ja, en, position in sorted(
        rows, key=lambda row: row[10] or 0
    ):
        allergen = known.get(allergen_id)
        if allergen is None:
            allergen = known[allergen_id] = Allergen(
                pk=allergen_id, code=code or "", name_ja=ja or "", name_en=en or "", position=position or 0
            )
        if whose == OF_DISH:
            row = DishAllergen(pk, of, allergen_id, degree)
            row._state.fields_cache["allergen"] = allergen
            of_dish.setdefault(of, []).append(row)
        elif whose == OF_BASE:
            of_base.setdefault(of, {}).setdefault(base_id, BasePreparation(pk=base_id))
            if allergen_id:
                said = BaseAllergen(pk=pk, base_id=base_id, allergen=allergen, presence=degree)
                said_of_base.setdefault((of, base_id), []).append(said)
        else:
            of_guest.setdefault(of, []).append(
                Allergy(pk=pk, customer_id=of, allergen=allergen, severity=degree, note=note)
            )
    for guest in customers:
        have_at_hand(guest, "allergies", of_guest.get(guest.pk, []))
    for dish in dishes:
        have_at_hand(dish, "allergens", of_dish.get(dish.pk, []))
        bases = list(of_base.get(dish.pk, {}).values())
        for base in bases:
            have_at_hand(base, "allergens", said_of_base.get((dish.pk, base.pk), []))
        have_at_hand(dish, "bases", bases)


def have_at_hand(of: Model, name: str, rows: list[Any]) -> None:
    """Keep the rows where `prefetch_related` keeps them."""
    there = getattr(of, name).all()
    there._result_cache, there._prefetch_done = rows, True
    of.__dict__.setdefault("_prefetched_objects_cache", {})[name] = there


def select(rows: QuerySet[Any, Any], kind: int, **values: Any) -> QuerySet[Any, Any]:
    """Rows as lines of a kind; what is not named is 0, or blank."""
    number, text = Value(0, IntegerField()), Value("", TextField())
    return rows.order_by().values_list(
        Value(kind, IntegerField()),
        values.get("of", number),
        values.get("item", number),
        values.get("more", number),
        values.get("place", number),
        values.get("words", text),
        values.get("extra", text),
    )


def _of_venue(rows: QuerySet[Any, Any], counted: Any) -> QuerySet[Any, Any]:
    found: QuerySet[Any, Any] = rows.order_by().values("venue").annotate(counted=counted).values("counted")
    return found
