"""Everything small that the booking screen shows, read at once: each kind of line is one part of one UNION.

What can be chosen (attendants, sources, courses, parts of joined rooms) is one query; what is known of the guests and of
the day, taken rooms among it, is another.
"""

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any, TypeVar

from django.db.models import CharField, Exists, F, IntegerField, Model, Q, QuerySet, TextField, Value
from django.db.models.functions import Cast, Coalesce, Concat
from django.utils import timezone
from django.utils.dateparse import parse_date, parse_datetime

from crm_project.core.accounts.models import User, Venue
from crm_project.core.allergens.models import Allergen
from crm_project.core.rights import Right
from customers.models import Allergy, Customer, KeepApart
from menus.models import Course
from visits.booking_warnings import Elsewhere, no_show_rows, other_bookings, pairs_naming, seats_in_the_hours
from visits.day_lines import Line, read, select
from visits.free_rooms import taken_rows
from visits.models import (
    Attendance,
    BookingSource,
    CancellationTerm,
    ClosedDay,
    Note,
    Promise,
    Room,
    RoomPart,
    Visit,
)
from visits.occupancy import Slot
from visits.queries import (
    Eaten,
    SatThere,
    choices_of_staff,
    dishes_at,
    gifts_given,
    rooms_sat_in,
    seats_sat_in,
    servings_of,
)
from visits.served import Serving

STAFF, SOURCE, COURSE, PART = range(4)
PROMISE, STANDING, MISSED, GIFT, ALLERGY, SAT, SERVED, WITHOUT, INSTEAD, USUAL = range(10)
TAKEN, APART, SEATED, ELSEWHERE, EXCEPTION, TERM, NAMED = range(10, 17)
# Between the parts of what is told of a line: no text that was written has it.
BETWEEN = "\x1f"

Row = TypeVar("Row", bound=Model)


@dataclass(frozen=True, slots=True)
class Choices:
    """What can be chosen on the booking screen; of each row its name is at hand, the rest is read when it is asked for."""

    staff: Sequence[User]
    sources: Sequence[BookingSource]
    courses: Sequence[Course]
    # Joined rooms of the venue and their parts, by their ids.
    parts: Sequence[tuple[int, int]]


def choices_of(venue: Venue, day: date, today: date, visit: Visit | None) -> Choices:
    """Attendants of the day, sources in use, courses on the menu, what `visit` has of them, and the joined rooms. One query."""
    own = (visit.staff_id, visit.source_id, visit.course_id) if visit is not None else (None, None, None)
    menu = Q(is_active=True) & (Q(valid_to=None) | Q(valid_to__gte=today))
    lines = read(
        [
            select(choices_of_staff(venue, day, own[0]), STAFF, of=F("pk"), words=F("display_name"), extra=_staff()),
            select(
                BookingSource.objects.filter(Q(is_active=True) | Q(pk=own[1])),
                SOURCE,
                of=F("pk"),
                place=F("position"),
                words=F("name"),
            ),
            select(Course.objects.filter(menu | Q(pk=own[2])), COURSE, of=F("pk"), more=F("version"), words=F("name")),
            select(
                RoomPart.objects.filter(joined__venue=venue),
                PART,
                of=F("joined_id"),
                item=F("room_id"),
                place=F("pk"),
            ),
        ]
    )
    return Choices(
        [
            _row(User, line.of, display_name=line.words, username=line.extra.partition(BETWEEN)[2])
            for line in sorted(lines[STAFF], key=lambda line: (line.extra.partition(BETWEEN)[0], line.words, line.of))
        ],
        [_row(BookingSource, line.of, name=line.words) for line in sorted(lines[SOURCE], key=_by_place)],
        [
            _row(Course, line.of, name=line.words)
            for line in sorted(lines[COURSE], key=lambda line: (line.words, -line.more))
        ],
        [(line.of, line.item) for line in lines[PART]],
    )


def _staff() -> Any:
    return Concat("kana", Value(BETWEEN), "username", output_field=TextField())


def _by_place(line: Line) -> tuple[int, int]:
    return line.place, line.of


def _row(model: type[Row], pk: int, **values: str) -> Row:
    """A stored row of which some fields were read; any other one is read when somebody asks for it."""
    return model.from_db("default", ["id", *values], [pk, *values.values()])


@dataclass(slots=True)
class Known:
    """What is known of the guests of a booking and of its day."""

    promises: dict[int, list[Promise]] = field(default_factory=dict)
    standing: dict[int, list[Note]] = field(default_factory=dict)
    missed: dict[int, int] = field(default_factory=dict)
    gifts: dict[int, tuple[date, str]] = field(default_factory=dict)
    # (room, its name, how often), the most frequent first.
    usual: list[tuple[int, str, int]] = field(default_factory=list)
    allergies: dict[int, list[Allergy]] = field(default_factory=dict)
    servings: list[Serving] = field(default_factory=list)
    # The names of the dishes of the servings.
    dishes: dict[int, str] = field(default_factory=dict)
    # What others have of the rooms while the party is there.
    taken: list[Slot] = field(default_factory=list)
    pairs: list[KeepApart] = field(default_factory=list)
    # Who sits where in the same hours, as far as a pair names one of the guests.
    seated: list[tuple[Customer, Visit]] = field(default_factory=list)
    elsewhere: list[Elsewhere] = field(default_factory=list)
    exception: ClosedDay | None = None
    terms: list[CancellationTerm] = field(default_factory=list)
    # Guests of whom no more than the name is told.
    named: dict[int, Customer] = field(default_factory=dict)


def known_of(
    customer_ids: Collection[int],
    firm_ids: Collection[int],
    *,
    visit: Visit | None,
    first: int | None,
    venue: Venue,
    user: User,
    rang: int | None = None,
    named: Collection[int] = (),
) -> Known:
    """What is known of guests and their firms, of a booking's day where it has one, and of the `first` guest's rooms.

    Of who `rang` the allergies alone, of those `named` the name. One query; none where nobody and no day is asked for.
    Nothing that is sealed from the person.
    """
    before = visit.starts_at if visit is not None else timezone.now()
    parts = _of_guests(customer_ids, before, user) if customer_ids else []
    if asked := {*customer_ids, *([] if rang is None else [rang])}:
        parts.append(_allergies(asked))
    if named:
        parts.append(_names(named, user))
    if first is not None:
        parts.append(_usual_rooms(first, venue, user))
    if visit is not None:
        parts += _of_day(visit, customer_ids, venue, user)
        if customer_ids and user.has_right(Right.KEEP_APART, venue.pk):
            parts += _kept_apart(visit, customer_ids, firm_ids, user)
    return _known(read(parts), visit) if parts else Known()


def _of_guests(ids: Collection[int], before: datetime, user: User) -> list[QuerySet[Any, Any]]:
    promises = Promise.objects.still_open().visible_to(user).filter(customer__in=ids)
    notes = Note.objects.visible_to(user).filter(customer__in=ids).standing()
    parts = [
        select(
            promises,
            PROMISE,
            of=F("customer_id"),
            item=F("pk"),
            words=F("text"),
            extra=_told(
                Cast("made_at", CharField()),
                Coalesce(Cast("due_on", CharField()), Value("")),
                "made_by__display_name",
                "made_by__username",
            ),
        ),
        select(
            notes,
            STANDING,
            of=F("customer_id"),
            item=F("pk"),
            words=F("text"),
            extra=_told(Cast("created_at", CharField()), Coalesce(Cast("confirmed_at", CharField()), Value(""))),
        ),
        select(
            # Rows chosen by a window stand inside: a UNION takes no more columns than it was given.
            Attendance.objects.filter(pk__in=gifts_given(ids, user, before).values("pk")),
            GIFT,
            of=F("customer_id"),
            words=F("visit__briefing__gifts"),
            extra=Cast("visit__business_date", CharField()),
        ),
    ]
    parts += _servings(ids, before, user)
    missed = no_show_rows(ids, user)
    return parts if missed is None else [*parts, select(missed, MISSED, of=F("customer_id"), item=F("visit_id"))]


def _allergies(ids: Collection[int]) -> QuerySet[Any, Any]:
    return select(
        Allergy.objects.filter(customer__in=ids),
        ALLERGY,
        of=F("customer_id"),
        item=F("pk"),
        more=F("allergen_id"),
        place=F("allergen__position"),
        words=F("note"),
        extra=_told("severity", "allergen__code", "allergen__name_ja", "allergen__name_en"),
    )


def _names(ids: Collection[int], user: User) -> QuerySet[Any, Any]:
    return select(
        Customer.objects.visible_to(user).filter(pk__in=ids), NAMED, of=F("pk"), words=F("name"), extra=F("honorific")
    )


def _servings(ids: Collection[int], before: datetime, user: User) -> list[QuerySet[Any, Any]]:
    """The last seats of the guests, and the dishes of those visits."""
    sat = seats_sat_in(ids, user=user, before=before)
    served, without, instead = dishes_at(sat.values("visit_id"))
    seat = Coalesce("attendance_id", 0)
    return [
        select(
            Attendance.objects.filter(pk__in=sat.values("pk")),
            SAT,
            of=F("customer_id"),
            item=F("pk"),
            more=F("visit_id"),
            extra=_told(Cast("visit__business_date", CharField()), Cast("visit__starts_at", CharField())),
        ),
        select(served, SERVED, of=F("visit_id"), item=F("dish_id"), more=seat, words=F("dish__name")),
        select(without, WITHOUT, of=F("visit_id"), item=F("dish_id"), more=seat),
        select(instead, INSTEAD, of=F("visit_id"), item=F("replacement_id"), more=seat, words=F("replacement__name")),
    ]


def _usual_rooms(customer_id: int, venue: Venue, user: User) -> QuerySet[Any, Any]:
    return select(
        rooms_sat_in(customer_id, venue, user), USUAL, of=F("room_id"), item=F("times"), words=F("room__name")
    )


def _of_day(visit: Visit, ids: Collection[int], venue: Venue, user: User) -> list[QuerySet[Any, Any]]:
    assert visit.ends_at is not None
    parts = [
        select(
            taken_rows(venue, visit.starts_at, visit.ends_at, except_visit=visit.pk),
            TAKEN,
            of=F("room_id"),
            item=F("seat"),
            more=F("quarter"),
        ),
        select(
            ClosedDay.objects.filter(venue=venue, on=visit.business_date),
            EXCEPTION,
            item=Cast("is_open", IntegerField()),
            words=F("reason"),
        ),
        select(
            CancellationTerm.objects.filter(venue=venue), TERM, item=F("days_before"), more=F("percent"), of=F("pk")
        ),
    ]
    if ids:
        parts.append(
            select(
                other_bookings(visit, ids, user),
                ELSEWHERE,
                of=F("customer_id"),
                words=F("visit__venue__name"),
                extra=_told(Cast("visit__starts_at", CharField()), "visit__venue__timezone"),
            )
        )
    return parts


def _kept_apart(visit: Visit, ids: Collection[int], firms: Collection[int], user: User) -> list[QuerySet[Any, Any]]:
    """Who must not meet the guests; and, where there is anybody, who is in the house in the same hours."""
    pairs = pairs_naming(ids, firms)
    return [
        select(
            pairs,
            APART,
            of=Coalesce("customer_id", 0),
            item=Coalesce("company_id", 0),
            more=Coalesce("other_customer_id", 0),
            place=Coalesce("other_company_id", 0),
        ),
        select(
            seats_in_the_hours(visit, user).filter(Exists(pairs)),
            SEATED,
            of=F("customer_id"),
            item=Coalesce("customer__company_id", 0),
            more=F("visit_id"),
            place=F("pk"),
            words=F("customer__name"),
            extra=_told(
                "customer__honorific", Coalesce("visit__room__name", Value("")), Cast("visit__starts_at", CharField())
            ),
        ),
    ]


def _told(*parts: Any) -> Any:
    """Several texts as one."""
    joined = [part for one in parts for part in (Value(BETWEEN), one)][1:]
    return Concat(*joined, output_field=TextField())


def _known(lines: dict[int, list[Line]], visit: Visit | None) -> Known:
    found = Known()
    _learn_of_guests(found, lines)
    found.named = {line.of: Customer(pk=line.of, name=line.words, honorific=line.extra) for line in lines[NAMED]}
    found.usual = sorted(((line.of, line.words, line.item) for line in lines[USUAL]), key=lambda row: (-row[2], row[0]))
    if visit is not None:
        _learn_of_day(found, lines, visit)
    return found


def _learn_of_guests(found: Known, lines: dict[int, list[Line]]) -> None:
    for line in _newest_first(lines[PROMISE]):
        made_at, due_on, name, username = line.extra.split(BETWEEN)
        promise = Promise(
            pk=line.item,
            customer_id=line.of,
            text=line.words,
            due_on=parse_date(due_on) if due_on else None,
            made_by=User(display_name=name, username=username),
        )
        promise.made_at = _moment(made_at)
        found.promises.setdefault(line.of, []).append(promise)
    for line in _newest_first(lines[STANDING]):
        created_at, confirmed_at = line.extra.split(BETWEEN)
        note = Note(pk=line.item, customer_id=line.of, text=line.words)
        note.created_at, note.confirmed_at = _moment(created_at), _moment(confirmed_at) if confirmed_at else None
        found.standing.setdefault(line.of, []).append(note)
    for customer_id, _visit_id in {(line.of, line.item) for line in lines[MISSED]}:
        found.missed[customer_id] = found.missed.get(customer_id, 0) + 1
    for line in lines[GIFT]:
        if (day := parse_date(line.extra)) is not None:
            found.gifts[line.of] = (day, line.words)
    for line in lines[ALLERGY]:
        severity, code, name_ja, name_en = line.extra.split(BETWEEN)
        allergen = Allergen(pk=line.more, code=code, name_ja=name_ja, name_en=name_en, position=line.place)
        found.allergies.setdefault(line.of, []).append(
            Allergy(pk=line.item, customer_id=line.of, allergen=allergen, severity=severity, note=line.words)
        )
    dishes = [*lines[SERVED], *lines[INSTEAD]]
    found.dishes = {line.item: line.words for line in dishes}
    eaten = [Eaten(line.of, line.item, line.more or None, 0) for line in dishes]
    eaten += [Eaten(line.of, line.item, line.more or None, 1) for line in lines[WITHOUT]]
    found.servings = servings_of(_seats(lines[SAT]), eaten)


def _seats(lines: Sequence[Line]) -> list[SatThere]:
    """The seats of the guests, each guest's newest first."""
    seats, visits_ago = [], Counter[int]()
    for line in sorted(lines, key=lambda line: (line.extra.partition(BETWEEN)[2], line.more), reverse=True):
        visits_ago[line.of] += 1
        on = parse_date(line.extra.partition(BETWEEN)[0])
        assert on is not None, line.extra
        seats.append(SatThere(line.item, line.more, line.of, on, visits_ago[line.of]))
    return seats


def _learn_of_day(found: Known, lines: dict[int, list[Line]], visit: Visit) -> None:
    found.taken = [Slot(line.of, line.item, line.more) for line in lines[TAKEN]]
    found.pairs = [
        KeepApart(
            customer_id=line.of or None,
            company_id=line.item or None,
            other_customer_id=line.more or None,
            other_company_id=line.place or None,
        )
        for line in lines[APART]
    ]
    for line in sorted(lines[SEATED], key=lambda line: (line.extra.rpartition(BETWEEN)[2], line.place)):
        honorific, room, at = line.extra.split(BETWEEN)
        guest = Customer(pk=line.of, name=line.words, honorific=honorific, company_id=line.item or None)
        there = Visit(pk=line.more, venue=visit.venue, starts_at=_moment(at), room=Room(name=room) if room else None)
        found.seated.append((guest, there))
    for line in lines[ELSEWHERE]:
        at, zone = line.extra.split(BETWEEN)
        found.elsewhere.append(Elsewhere(line.of, _moment(at), Venue(name=line.words, timezone=zone)))
    for line in lines[EXCEPTION]:
        found.exception = ClosedDay(on=visit.business_date, is_open=bool(line.item), reason=line.words)
    found.terms = [
        CancellationTerm(pk=line.of, days_before=line.item, percent=line.more)
        for line in sorted(lines[TERM], key=lambda line: -line.item)
    ]


def _newest_first(lines: Sequence[Line]) -> list[Line]:
    return sorted(lines, key=lambda line: (line.extra.partition(BETWEEN)[0], line.item), reverse=True)


def _moment(written: str) -> datetime:
    """A moment as the database writes it; SQLite keeps moments without their zone, which is UTC."""
    at = parse_datetime(written)
    assert at is not None, written
    return at if at.tzinfo else at.replace(tzinfo=UTC)
