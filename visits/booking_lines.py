"""Everything small that the booking screen shows, read at once: each kind of line is one part of one UNION.

What can be chosen (attendants, sources, courses) is one query; what is known of the guests and of the day is another.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any, TypeVar

from django.db.models import CharField, F, IntegerField, Model, Q, QuerySet, TextField, Value
from django.db.models.functions import Cast, Coalesce, Concat
from django.utils import timezone
from django.utils.dateparse import parse_date, parse_datetime

from crm_project.core.accounts.models import User, Venue
from crm_project.core.rights import Right
from customers.models import KeepApart
from menus.models import Course
from visits.booking_warnings import Elsewhere, no_show_rows, other_bookings, pairs_naming
from visits.day_lines import Line, read, select
from visits.models import Attendance, BookingSource, CancellationTerm, ClosedDay, Note, Promise, Visit
from visits.queries import choices_of_staff, gifts_given, rooms_sat_in

STAFF, SOURCE, COURSE = range(3)
PROMISE, STANDING, MISSED, GIFT, USUAL, APART, ELSEWHERE, EXCEPTION, TERM = range(9)
# Between the parts of what is told of a line: no text that was written has it.
BETWEEN = "\x1f"

Row = TypeVar("Row", bound=Model)


@dataclass(frozen=True, slots=True)
class Choices:
    """What can be chosen on the booking screen; of each row its name is at hand, the rest is read when it is asked for."""

    staff: Sequence[User]
    sources: Sequence[BookingSource]
    courses: Sequence[Course]


def choices_of(venue: Venue, day: date, today: date, visit: Visit | None) -> Choices:
    """Attendants of the day, sources in use, courses on the menu, and what `visit` has of them. One query."""
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
    pairs: list[KeepApart] = field(default_factory=list)
    elsewhere: list[Elsewhere] = field(default_factory=list)
    exception: ClosedDay | None = None
    terms: list[CancellationTerm] = field(default_factory=list)


def known_of(
    customer_ids: Collection[int],
    firm_ids: Collection[int],
    *,
    visit: Visit | None,
    first: int | None,
    venue: Venue,
    user: User,
) -> Known:
    """What is known of guests and their firms, of a booking's day where it has one, and of the `first` guest's rooms.

    One query; none where there is neither guest nor day. Nothing that is sealed from the person.
    """
    before = visit.starts_at if visit is not None else timezone.now()
    parts = _of_guests(customer_ids, before, user) if customer_ids else []
    if first is not None:
        parts.append(_usual_rooms(first, venue, user))
    if visit is not None:
        parts += _of_day(visit, customer_ids, venue, user)
        if customer_ids and user.has_right(Right.KEEP_APART, venue.pk):
            parts.append(_pairs(customer_ids, firm_ids))
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
    missed = no_show_rows(ids, user)
    return parts if missed is None else [*parts, select(missed, MISSED, of=F("customer_id"), item=F("visit_id"))]


def _usual_rooms(customer_id: int, venue: Venue, user: User) -> QuerySet[Any, Any]:
    return select(
        rooms_sat_in(customer_id, venue, user), USUAL, of=F("room_id"), item=F("times"), words=F("room__name")
    )


def _of_day(visit: Visit, ids: Collection[int], venue: Venue, user: User) -> list[QuerySet[Any, Any]]:
    parts = [
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


def _pairs(ids: Collection[int], firms: Collection[int]) -> QuerySet[Any, Any]:
    return select(
        pairs_naming(ids, firms),
        APART,
        of=Coalesce("customer_id", 0),
        item=Coalesce("company_id", 0),
        more=Coalesce("other_customer_id", 0),
        place=Coalesce("other_company_id", 0),
    )


def _told(*parts: Any) -> Any:
    """Several texts as one."""
    joined = [part for one in parts for part in (Value(BETWEEN), one)][1:]
    return Concat(*joined, output_field=TextField())


def _known(lines: dict[int, list[Line]], visit: Visit | None) -> Known:
    found = Known()
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
    found.usual = sorted(((line.of, line.words, line.item) for line in lines[USUAL]), key=lambda row: (-row[2], row[0]))
    found.pairs = [
        KeepApart(
            customer_id=line.of or None,
            company_id=line.item or None,
            other_customer_id=line.more or None,
            other_company_id=line.place or None,
        )
        for line in lines[APART]
    ]
    for line in lines[ELSEWHERE]:
        at, zone = line.extra.split(BETWEEN)
        found.elsewhere.append(Elsewhere(line.of, _moment(at), Venue(name=line.words, timezone=zone)))
    for line in lines[EXCEPTION]:
        assert visit is not None
        found.exception = ClosedDay(on=visit.business_date, is_open=bool(line.item), reason=line.words)
    found.terms = [
        CancellationTerm(pk=line.of, days_before=line.item, percent=line.more)
        for line in sorted(lines[TERM], key=lambda line: -line.item)
    ]
    return found


def _newest_first(lines: Sequence[Line]) -> list[Line]:
    return sorted(lines, key=lambda line: (line.extra.partition(BETWEEN)[0], line.item), reverse=True)


def _moment(written: str) -> datetime:
    """A moment as the database writes it; SQLite keeps moments without their zone, which is UTC."""
    at = parse_datetime(written)
    assert at is not None, written
    return at if at.tzinfo else at.replace(tzinfo=UTC)
