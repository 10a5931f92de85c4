"""One business day of a venue, table by table: who comes, what must not reach whom, what is known of them."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import BooleanField, Case, Prefetch, QuerySet, Value, When
from django.utils import timezone

from crm_project.core.accounts.models import User, Venue
from crm_project.core.dates import business_date, business_day_bounds
from crm_project.core.rights import Right
from customers.models import Customer, KeepApart
from menus.models import Dish
from visits import day_lines, evening_lines
from visits.booking_warnings import meetings
from visits.choices import Duty, SeatedCheck, VisitStatus
from visits.day_lines import Draft, Facts, Line
from visits.discretion import mask
from visits.evening import Evening, EveningReader, TonightLine
from visits.load import HalfHour, Stay, load_of
from visits.models import Attendance, Visit, VisitDraft, sealed_visit
from visits.queries import DRAFTS_SHOWN, OpenDraft, draft_room_id, past_servings
from visits.roster import Colleague, roster_of
from visits.served import Serving
from visits.services.occupancy import expected_end
from visits.table_warnings import TableWarning, table_warnings
from visits.terms import meal_of

# These are listed apart: their room is free again.
NOT_COMING = (VisitStatus.CANCELLED, VisitStatus.NO_SHOW)


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """One visit of the day with everything its card shows."""

    visit: Visit
    people: list[Attendance]
    dishes: list[Dish]
    warnings: list[TableWarning]
    standing: list[str]
    promises: list[str]
    is_mine: bool
    meal: str = ""
    assistants: list[str] = field(default_factory=list)
    recorder: str = ""
    # How long a party that should be here is overdue; 0 within the house's patience.
    late_minutes: int = 0
    has_begun: bool = False
    meets: list[tuple[Customer, Customer, Visit]] = field(default_factory=list)
    # Required lines of the check sheet that are still to be completed.
    open_lines: int = 0
    evening: Evening

    @property
    def guests(self) -> list[Customer]:
        """The known guests, the host first."""
        return [row.customer for row in self.people if row.customer is not None]

    @property
    def companions(self) -> int:
        """How many at the table nobody has asked about allergies."""
        return self.evening.companions_unasked

    @property
    def conflicts(self) -> list[TableWarning]:
        """What must not reach a guest as it is, and nobody has decided yet."""
        return [warning for warning in self.warnings if warning.is_allergy and not self._is_decided(warning)]

    def _is_decided(self, warning: TableWarning) -> bool:
        return self.evening.is_decided(warning.customer.pk, warning.dish.pk)

    @property
    def unchecked(self) -> list[TableWarning]:
        """Dishes the kitchen has to be asked about."""
        return [warning for warning in self.warnings if warning.is_hint and not self._is_decided(warning)]

    @property
    def same_dishes(self) -> list[TableWarning]:
        """Dishes a guest had lately."""
        return [warning for warning in self.warnings if warning.is_advice]

    @property
    def seated_checks(self) -> list[Attendance]:
        """People who were asked at the table."""
        return [row for row in self.people if row.seated_check != SeatedCheck.NOT_YET]

    @property
    def answers_at_the_table(self) -> list[tuple[SeatedCheck, int]]:
        """What was answered at the table and by how many, changes first."""
        answers = Counter(SeatedCheck(row.seated_check) for row in self.seated_checks)
        return sorted(answers.items(), key=lambda answer: answer[0] != SeatedCheck.CHANGED)

    @property
    def is_new(self) -> bool:
        """Whether none of the known guests has been here before."""
        return bool(self.guests) and all(guest.visit_count == 0 for guest in self.guests)

    @property
    def is_open(self) -> bool:
        """Whether the visit still has to be recorded."""
        return self.visit.status != VisitStatus.COMPLETED

    @property
    def may_have_missed(self) -> bool:
        """Whether one may say by now that they did not come."""
        return self.visit.status == VisitStatus.RESERVED and self.has_begun


def today_of(venue: Venue) -> date:
    """The venue's business day at this moment."""
    return business_date(timezone.now(), venue.closing_hour, venue.zone)


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """A business day of a venue as one person may see it."""

    venue: Venue
    day: date
    tables: list[Table]
    # Guests who did not come, so that a wrong tap can be taken back.
    missed: list[Table]
    facts: Facts
    colleagues: list[Colleague]
    drafts: list[Draft]
    # Names of the venue's rooms, for who may have drafts.
    rooms: dict[int, str]
    # For the person, or for whoever sits at the desk; told today alone.
    follow_ups_due: int
    # One's own visits, of whatever day, with required lines still open.
    to_complete: int
    # What the kitchen replaced or left out for the day, and what the person has not seen yet of it.
    tonight: list[TonightLine] = field(default_factory=list)
    notices: list[Line] = field(default_factory=list)

    @property
    def why_closed(self) -> str | None:
        """The reason why the venue is closed ("" for a weekly closed day), None when it is open."""
        return self.facts.why_closed(self.day)


def tables_of_day(venue: Venue, day: date, user: User) -> list[Table]:
    """The tables of a day in the order of their times: a fixed number of queries, however many tables."""
    return day_of(venue, day, user).tables


def day_of(venue: Venue, day: date, user: User, now: datetime | None = None) -> Day:
    """A day with its tables in the order of their times, its terms and who attends. Six queries, however many tables."""
    moment = now or timezone.now()
    visits = visits_between(venue, day, day, user)
    guests = [row.customer for visit in visits for row in visit.attendances.all() if row.customer is not None]
    ids = {guest.pk for guest in guests if not guest.is_sealed}
    parts = [
        day_lines.line_of_facts(venue, day, user),
        *day_lines.lines_of_tables(
            [visit.pk for visit in visits], {visit.course_id for visit in visits if visit.course_id}
        ),
        *day_lines.lines_of_guests(ids, user),
        *day_lines.lines_of_colleagues(venue, day),
        day_lines.lines_of_open_lines([visit.pk for visit in visits], user),
        day_lines.line_of_to_complete(user),
        *evening_lines.lines_of_evening([visit.pk for visit in visits], venue, day),
        evening_lines.lines_of_notices(user, venue, day),
    ]
    if user.has_right(Right.KEEP_APART, venue):
        parts.append(day_lines.lines_of_pairs())
    if user.has_right(Right.LOG_VISITS, venue) or user.has_right(Right.TAKE_BOOKINGS, venue):
        parts += [day_lines.lines_of_drafts(user, venue), day_lines.lines_of_rooms(venue)]
        if day == today_of(venue):
            parts.append(day_lines.line_of_follow_ups(user, venue, day))
    lines = day_lines.read(parts)
    facts = day_lines.facts_in(lines[day_lines.FACTS][0])
    reader = EveningReader(lines)
    day_lines.give_allergens(guests, list(reader.dishes.values()))
    day_start, _next_day = business_day_bounds(day, venue.closing_hour, venue.zone)
    gather = _Gather(
        user=user,
        venue=venue,
        lines=lines,
        reader=reader,
        past=past_servings(ids, user=user, before=day_start),
        late_before=moment - timedelta(minutes=facts.late_after_minutes),
        now=moment,
        meets=_meetings(visits, lines[day_lines.APART]),
    )
    tables = [gather.table(visit) for visit in visits]
    attending = [
        (visit, {user_id for user_id in (visit.staff_id, *gather.helpers(visit)) if user_id is not None})
        for visit in visits
        if visit.status not in NOT_COMING
    ]
    return Day(
        venue=venue,
        day=day,
        tables=[table for table in tables if table.visit.status not in NOT_COMING],
        missed=[table for table in tables if table.visit.status in NOT_COMING],
        facts=facts,
        colleagues=roster_of(lines[day_lines.COLLEAGUE], attending),
        drafts=day_lines.drafts_in(lines[day_lines.DRAFT]),
        rooms={line.item: line.words for line in lines[day_lines.ROOM]},
        follow_ups_due=sum(line.item for line in lines[day_lines.DUE]),
        to_complete=len({line.item for line in lines[day_lines.TO_COMPLETE]}),
        tonight=reader.tonight,
        notices=lines[evening_lines.NOTICE],
    )


def open_drafts_of(day: Day, user: User) -> list[OpenDraft]:
    """The person's own unrecorded visits with whom they are about. A query only for guests who are not there that day."""
    there = {guest.pk: guest for table in day.tables for guest in table.guests if not guest.is_sealed}
    shown = day.drafts[:DRAFTS_SHOWN]
    elsewhere = {draft.guest_id for draft in shown if draft.guest_id} - there.keys()
    if elsewhere:
        there |= Customer.objects.visible_to(user).in_bulk(elsewhere)
    return [
        OpenDraft(
            VisitDraft(form_token=draft.token, saved_at=draft.saved_at, values=draft.values),
            there.get(draft.guest_id or 0),
            day.rooms.get(draft_room_id(draft.values) or 0, ""),
        )
        for draft in shown
    ]


def load_of_tables(tables: Iterable[Table], venue: Venue) -> list[HalfHour]:
    """Parties and guests per half hour."""
    return load_of(
        (Stay(table.visit.starts_at, expected_end(table.visit), table.visit.party_size) for table in tables), venue.zone
    )


def _meetings(visits: Sequence[Visit], pairs: Sequence[Line]) -> dict[int, list[tuple[Customer, Customer, Visit]]]:
    kept = [
        KeepApart(
            customer_id=line.of or None,
            company_id=line.item or None,
            other_customer_id=line.more or None,
            other_company_id=line.place or None,
        )
        for line in pairs
    ]
    there = [
        (visit, [row.customer for row in visit.attendances.all() if row.customer is not None])
        for visit in visits
        if visit.holds_its_room and not visit.is_sealed
    ]
    return meetings(kept, there)


def visits_between(venue: Venue, first: date, last: date, user: User) -> list[Visit]:
    """The visits of business days in the order of their times, those that did not come among them, cancelled ones not.

    Without names where they are sealed from the person. Two queries.
    """
    # What search and ledgers keep on a guest is wide, and no page of a day shows it.
    unseen = [f"customer__{name}" for name in ("search_key", "grams", "unread")]
    people = Attendance.objects.select_related("customer__company", "checked_by").defer(*unseen)
    visits = list(
        _visits_between(venue, first, last, user)
        .select_related("room", "course", "staff", "occasion")
        .prefetch_related(Prefetch("attendances", people.order_by("position", "pk")))
    )
    for visit in visits:
        visit.venue = venue
        if visit.sealed:
            mask(visit)
    return visits


def visits_of_calendar(venue: Venue, first: date, last: date, user: User) -> list[Visit]:
    """The same with no more than a calendar shows: room and `party_name`, nothing of a table that is sealed. Two queries."""
    visits = list(_visits_between(venue, first, last, user).select_related("room"))
    open_ones = [visit.pk for visit in visits if not visit.sealed]
    people = Attendance.objects.filter(visit__in=open_ones).order_by("position", "pk")
    names: dict[int, str] = {}
    for visit_id, label, name, honorific in people.values_list(
        "visit_id", "label", "customer__name", "customer__honorific"
    ):
        names.setdefault(visit_id, f"{name} {honorific}" if name else label)
    for visit in visits:
        visit.venue = venue
        visit.is_sealed, visit.party_name = visit.sealed, names.get(visit.pk, "")
    return visits


def _visits_between(venue: Venue, first: date, last: date, user: User) -> QuerySet[Any]:
    sealed = When(sealed_visit(user), then=Value(True))
    return (
        Visit.objects.filter(venue=venue, business_date__range=(first, last))
        .exclude(status=VisitStatus.CANCELLED)
        .annotate(sealed=Case(sealed, default=Value(False), output_field=BooleanField()))
        .order_by("starts_at", "pk")
    )


class _Gather:
    """What was read for the whole day, handed out to its tables."""

    def __init__(
        self,
        *,
        user: User,
        venue: Venue,
        lines: dict[int, list[Line]],
        reader: EveningReader,
        past: Sequence[Serving],
        late_before: datetime,
        now: datetime,
        meets: dict[int, list[tuple[Customer, Customer, Visit]]],
    ) -> None:
        self.user, self.venue, self.reader, self.past, self.meets = user, venue, reader, past, meets
        self.late_before, self.now = late_before, now
        self.duties = _by_owner(lines[day_lines.DUTY])
        self.open_lines = Counter(line.of for line in lines[day_lines.OPEN_LINE])
        self.standing = day_lines.newest_first(lines[day_lines.STANDING])
        self.promises = day_lines.newest_first(lines[day_lines.PROMISE])

    def helpers(self, visit: Visit) -> list[int]:
        """Ids of who helps at a table."""
        return [line.item for line in self.duties.get(visit.pk, [])]

    def table(self, visit: Visit) -> Table:
        """One table of the day."""
        people = list(visit.attendances.all())
        guests = [row.customer for row in people if row.customer is not None]
        evening = self.reader.of(visit)
        duties = self.duties.get(visit.pk, [])
        is_late = visit.is_expected and visit.starts_at < self.late_before
        return Table(
            visit=visit,
            people=people,
            dishes=evening.dishes,
            evening=evening,
            warnings=table_warnings(guests, evening.dishes, self.past),
            standing=[words for guest in guests for words in self.standing.get(guest.pk, [])],
            promises=[words for guest in guests for words in self.promises.get(guest.pk, [])],
            is_mine=self.user.pk in (visit.staff_id, *self.helpers(visit)),
            meal=meal_of(visit.starts_at, self.venue),
            assistants=[line.words for line in duties if line.extra == Duty.ASSISTANT],
            recorder=next((line.words for line in duties if line.extra == Duty.RECORDER), ""),
            late_minutes=int((self.now - visit.starts_at).total_seconds() // 60) if is_late else 0,
            has_begun=visit.starts_at <= self.now,
            meets=self.meets.get(visit.pk, []),
            open_lines=self.open_lines[visit.pk],
        )


def _by_owner(lines: Iterable[Line]) -> dict[int, list[Line]]:
    found: dict[int, list[Line]] = {}
    for line in lines:
        found.setdefault(line.of, []).append(line)
    return found
