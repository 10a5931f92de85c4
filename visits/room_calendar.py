"""The room calendar read from the books: who has which room in the days shown, as one person may see it."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from urllib.parse import urlencode

from django.db.models import Count, Max, Min, Prefetch
from django.utils import timezone
from django.utils.translation import gettext as _

from crm_project.core.accounts.models import User, Venue
from crm_project.core.ui.display_dates import format_date
from visits import day_lines
from visits.calendar import HALF_HOUR_QUARTERS, RoomLines, Span, cells_of, grid_of, lines_of, seats_left, within
from visits.choices import DINNER, LUNCH, VisitStatus
from visits.day import visits_of_calendar
from visits.load import half_hour_of
from visits.models import ClosedDay, Occupancy, Room, RoomPart, Visit
from visits.occupancy import begins, quarters
from visits.services.occupancy import expected_end
from visits.terms import meal_of, terms_beside, terms_of, why_closed_on

# From when a lunch is shown of a house that opens for dinner.
LUNCH_FROM_HOUR = 11
DAYS_OF_A_WEEK = 7
MEALS = (LUNCH, DINNER)
USUAL_HOURS = {LUNCH: 12, DINNER: 18}


@dataclass(frozen=True, slots=True, kw_only=True)
class DayOfRooms:
    """One business day: the half hours across, the rooms with their lines down, and parties whose room is not decided."""

    half_hours: list[datetime]
    # The half hour that is to be in sight first: of who comes next, else of who came first; None where nobody comes.
    in_sight: datetime | None
    rooms: list[RoomLines]
    undecided: list[Visit]
    why_closed: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class MealOfDay:
    """One meal of one day: a column of a week."""

    day: date
    meal: str
    is_closed: bool
    is_over: bool
    # The day and the meal in words, and as a booking is asked for them: the same for every room.
    title: str
    query: str

    @property
    def is_bookable(self) -> bool:
        """Whether a booking can still be made for it."""
        return not (self.is_closed or self.is_over)


@dataclass(frozen=True, slots=True)
class MealCell:
    """A room at one meal of one day."""

    column: MealOfDay
    visits: list[Visit]
    # Nobody is there yet, or some seats of many may be left.
    is_free: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class WeekOfRooms:
    """Seven business days: rooms down (None: not decided yet), two meals per day across."""

    days: list[tuple[date, str | None]]
    columns: list[MealOfDay]
    rooms: list[tuple[Room | None, list[MealCell]]]


def rooms_of(venue: Venue) -> list[Room]:
    """The rooms in use that are not joined of others, in the house's order, with its terms; joined ones stand on their parts. Two
    queries.
    """
    parts = Prefetch("part_of", RoomPart.objects.all())
    rooms = Room.objects.filter(venue=venue, is_active=True, parts=None).select_related("venue__booking_terms")
    return list(rooms.prefetch_related(parts))


def day_of_rooms(venue: Venue, day: date, user: User, meal: str = "", now: datetime | None = None) -> DayOfRooms:
    """The rooms of one business day, from its opening until the house closes, or of its lunch or dinner. Six queries."""
    moment = now or timezone.now()
    visits = visits_of_calendar(venue, day, day, user)
    rooms = rooms_of(venue)
    spans = _spans(visits, rooms)
    opens_at_hour = terms_beside(rooms, venue).opens_at_hour
    shown = _shown(venue, day, meal, opens_at_hour, [span for there in spans.values() for span in there])
    spans = {room.pk: within(spans.get(room.pk, ()), shown) for room in rooms}
    [line] = day_lines.read([day_lines.line_of_facts(venue, day, user)])[day_lines.FACTS]
    closed = day_lines.facts_in(line).why_closed(day)
    begins_after = moment if closed is None else None
    return DayOfRooms(
        half_hours=[
            begins(quarter).astimezone(venue.zone) for quarter in range(shown.start, shown.stop, HALF_HOUR_QUARTERS)
        ],
        in_sight=_in_sight([span for there in spans.values() for span in there], moment, venue),
        rooms=[
            RoomLines(
                room,
                [cells_of(line, shown, not_before=begins_after) for line in lines_of(spans[room.pk])],
                seats_left(room.capacity, spans[room.pk], shown) if room.seats_are_shared else [],
            )
            for room in rooms
        ],
        undecided=[visit for visit in visits if visit.room_id is None and visit.holds_its_room],
        why_closed=closed,
    )


def _in_sight(spans: Sequence[Span], now: datetime, venue: Venue) -> datetime | None:
    """The half hour in which the first party begins that is still to leave, else the first of all."""
    first = min((begins(span.first) for span in spans if begins(span.leaves) > now), default=None)
    first = first or min((begins(span.first) for span in spans), default=None)
    return half_hour_of(first, venue.zone) if first is not None else None


def _shown(venue: Venue, day: date, meal: str, opens_at_hour: int, spans: Sequence[Span]) -> range:
    """The quarters of the day, as far as anybody stays; of one meal its own half of the day, of lunch as long as they stay."""
    if meal == LUNCH:
        opens_at_hour = min(opens_at_hour, LUNCH_FROM_HOUR)
    midnight = datetime.combine(day, time(0), tzinfo=venue.zone)
    opens, parted = (
        datetime.combine(day, time(hour), tzinfo=venue.zone) for hour in (opens_at_hour, venue.dinner_from_hour)
    )
    closes = midnight + timedelta(hours=venue.closing_hour)
    whole = grid_of(opens, closes, spans, venue.zone)
    if meal not in MEALS:
        return whole
    at = grid_of(parted, parted, (), venue.zone).start
    if meal == LUNCH:
        return grid_of(begins(whole.start), parted, [span for span in spans if span.first < at], venue.zone)
    return range(max(at, whole.start), whole.stop)


def week_of_rooms(venue: Venue, first: date, user: User, today: date) -> WeekOfRooms:
    """The rooms at lunch and dinner of seven days. Six queries."""
    last = first + timedelta(days=DAYS_OF_A_WEEK - 1)
    there: dict[tuple[int | None, date, str], list[Visit]] = defaultdict(list)
    rooms = rooms_of(venue)
    behind = _parts(rooms)
    for visit in visits_of_calendar(venue, first, last, user):
        # Whose evening is recorded without a room has no room to be decided any more.
        if visit.status == VisitStatus.NO_SHOW or (visit.room_id is None and not visit.holds_its_room):
            continue
        for room_id in behind.get(visit.room_id, [visit.room_id]) if visit.room_id else [None]:
            there[room_id, visit.business_date, meal_of(visit.starts_at, venue)].append(visit)
    closed = _why_closed(venue, first, last)
    undecided = [None] if any(room_id is None for room_id, _day, _meal in there) else []
    columns = [
        MealOfDay(
            day=day,
            meal=meal,
            is_closed=closed[day] is not None,
            is_over=day < today,
            title=f"{format_date(day, 'short')} {_('Lunch') if meal == LUNCH else _('Dinner')}",
            # When a booking begins that is made from here, until somebody says another time.
            query=urlencode({"day": day.isoformat(), "time": _usual_time(meal, venue)}, safe=":"),
        )
        for day in closed
        for meal in MEALS
    ]

    def cell(room: Room | None, column: MealOfDay) -> MealCell:
        visits = there.get((room.pk if room else None, column.day, column.meal), [])
        return MealCell(
            column, visits, column.is_bookable and room is not None and (not visits or room.seats_are_shared)
        )

    return WeekOfRooms(
        days=list(closed.items()),
        columns=columns,
        rooms=[(room, [cell(room, column) for column in columns]) for room in [*rooms, *undecided]],
    )


def _usual_time(meal: str, venue: Venue) -> str:
    """When a party comes to a meal, within the venue's hours of it."""
    hour = USUAL_HOURS[meal]
    hour = min(hour, venue.dinner_from_hour - 1) if meal == LUNCH else max(hour, venue.dinner_from_hour)
    return f"{hour}:00"


def _parts(rooms: Sequence[Room]) -> Mapping[int | None, list[int]]:
    """Ids of the rooms behind each joined one."""
    found: dict[int | None, list[int]] = defaultdict(list)
    for room in rooms:
        for part in room.part_of.all():
            found[part.joined_id].append(room.pk)
    return dict(found)


def _spans(visits: Sequence[Visit], rooms: Sequence[Room]) -> Mapping[int, list[Span]]:
    """Who has a room when: what is taken, and what was had by parties whose evening is recorded. One query."""
    by_id = {visit.pk: visit for visit in visits}
    found: dict[int, list[Span]] = defaultdict(list)
    taken = (
        Occupancy.objects.filter(visit__in=by_id)
        .order_by()
        .values_list("room_id", "visit_id")
        .annotate(first=Min("quarter"), last=Max("quarter"), rows=Count("pk"))
    )
    for room_id, visit_id, first, last, rows in taken:
        visit = by_id[visit_id]
        leaves = min(quarters(visit.starts_at, expected_end(visit)).stop, last + 1)
        found[room_id].append(Span(visit, first, leaves, last + 1, rows // (last + 1 - first)))
    behind = _parts(rooms)
    for visit in visits:
        if visit.status == VisitStatus.COMPLETED and visit.room_id is not None:
            had = quarters(visit.starts_at, expected_end(visit))
            for room_id in behind.get(visit.room_id, [visit.room_id]):
                found[room_id].append(Span(visit, had.start, had.stop, had.stop))
    return found


def _why_closed(venue: Venue, first: date, last: date) -> dict[date, str | None]:
    """Each day from the first to the last with the reason why it is closed, None when it is open. Two queries."""
    terms = terms_of(venue)
    exceptions = {row.on: row for row in ClosedDay.objects.filter(venue=venue, on__range=(first, last))}
    days = [first + timedelta(days=number) for number in range((last - first).days + 1)]
    return {day: why_closed_on(terms, exceptions.get(day), day) for day in days}
