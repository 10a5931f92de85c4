"""The room calendar: who has which room, what is free, who sees it."""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.urls import reverse

from crm_project.core.accounts.models import User, Venue
from tests.factories.accounts import UserFactory, VenueFactory, person
from tests.factories.customers import CustomerFactory
from tests.factories.visits import TOKYO, RoomFactory, VisitFactory
from visits.calendar import Span, cells_of, grid_of, lines_of, seats_left, within
from visits.day import today_of
from visits.discretion import seal_visit
from visits.models import BookingTerms, ClosedDay, RoomPart
from visits.room_calendar import day_of_rooms, week_of_rooms
from visits.services.occupancy import occupy

CALENDAR = "/visits/calendar/"
QUERIES_OF_A_DAY = 11
QUERIES_OF_A_WEEK = 11
DAY = date(2026, 11, 30)
NOON = int(datetime(2026, 11, 30, 12, tzinfo=TOKYO).timestamp()) // 900
LONG_AGO = datetime(2026, 1, 1, tzinfo=TOKYO)


def span(first, leaves, cleared=None, seats=0):
    """Quarters from noon."""
    return Span("visit", NOON + first, NOON + leaves, NOON + (leaves if cleared is None else cleared), seats)


class TestGrid:
    def test_from_the_opening_to_the_closing_and_as_far_as_somebody_stays(self):
        noon = datetime(2026, 11, 30, 12, tzinfo=TOKYO)

        assert grid_of(noon, noon + timedelta(hours=2), [], TOKYO) == range(NOON, NOON + 8)
        assert grid_of(noon, noon + timedelta(hours=2), [span(-3, 9)], TOKYO) == range(NOON - 4, NOON + 10)

    def test_parties_at_the_same_time_stand_in_lines_of_their_own(self):
        one, two, three = span(0, 4, 6), span(2, 5), span(6, 8)

        assert lines_of([three, two, one]) == [[one, three], [two]]
        assert lines_of([]) == [[]]

    def test_a_line_has_no_gap_and_a_booking_begins_on_a_free_half_hour(self):
        cells = cells_of([span(3, 6, 7)], range(NOON, NOON + 10), not_before=LONG_AGO)

        assert [(cell.quarters, bool(cell.visit), cell.is_clearing, cell.can_begin) for cell in cells] == [
            (2, False, False, True),
            (1, False, False, False),
            (3, True, False, False),
            (1, True, True, False),
            (1, False, False, False),
            (2, False, False, True),
        ]
        assert sum(cell.quarters for cell in cells) == 10

    def test_who_stays_beyond_the_hours_shown_is_cut_off(self):
        shown = range(NOON + 2, NOON + 8)

        assert within([span(0, 1, 3), span(0, 2), span(1, 4), span(7, 9, 11), span(8, 9)], shown) == [
            span(2, 2, 3),
            span(2, 4),
            span(7, 8),
        ]
        first, *_others = cells_of([span(2, 2, 3)], shown, not_before=None)
        assert (first.quarters, first.is_clearing) == (1, True)

    def test_no_booking_begins_in_time_that_is_over_or_on_a_closed_day(self):
        shown = range(NOON, NOON + 8)
        at_one = datetime(2026, 11, 30, 13, tzinfo=TOKYO)

        assert [cell.can_begin for cell in cells_of([], shown, not_before=at_one)] == [False, False, True, True]
        assert not any(cell.can_begin for cell in cells_of([], shown, not_before=None))

    def test_seats_left_are_those_free_for_the_whole_half_hour(self):
        spans = [span(0, 3, seats=3), span(2, 6, seats=4)]

        assert seats_left(8, spans, range(NOON, NOON + 8)) == [5, 1, 4, 8]


@pytest.fixture
def venue():
    return VenueFactory.create()


@pytest.fixture
def desk(venue):
    return person("desk", venue)


@pytest.fixture
def signed(client, desk):
    client.force_login(desk)
    return client


@pytest.fixture
def kikyo(venue):
    return RoomFactory.create(venue=venue, name="桔梗", capacity=8, clearing_minutes=30)


def booked(venue, room, hour=18, *, on=DAY, **values):
    starts_at = datetime.combine(on, time(0), tzinfo=venue.zone) + timedelta(hours=hour)
    values = {"status": "reserved", "ends_at": starts_at + timedelta(hours=2)} | values
    visit = VisitFactory.create(venue=venue, room=room, starts_at=starts_at, **values)
    occupy(visit)
    return visit


def parties(lines):
    """(visit, quarters, clearing) of the taken cells of a room."""
    return [(cell.visit, cell.quarters, cell.is_clearing) for line in lines.lines for cell in line if cell.visit]


@pytest.mark.django_db
class TestDay:
    def test_a_party_spans_its_time_and_the_clearing(self, venue, desk, kikyo):
        visit = booked(venue, kikyo)

        [row] = day_of_rooms(venue, DAY, desk).rooms

        assert parties(row) == [(visit, 8, False), (visit, 2, True)]

    def test_who_has_joined_rooms_stands_on_every_part(self, venue, desk, kikyo):
        hagi = RoomFactory.create(venue=venue, name="萩")
        joined = RoomFactory.create(venue=venue, name="桔梗＋萩")
        for part in (kikyo, hagi):
            RoomPart.objects.create(joined=joined, room=part)
        coming, was_here = booked(venue, joined), booked(venue, joined, 12, status="completed")

        rows = day_of_rooms(venue, DAY, desk).rooms

        assert [row.room for row in rows] == [kikyo, hagi]
        assert [{visit for visit, _quarters, _clearing in parties(row)} for row in rows] == [{coming, was_here}] * 2

    def test_a_counter_says_how_many_seats_are_left(self, venue, desk):
        counter = RoomFactory.create(venue=venue, capacity=8, seats_are_shared=True, clearing_minutes=0)
        booked(venue, counter, 11, party_size=3)
        booked(venue, counter, 12, party_size=2)

        day = day_of_rooms(venue, DAY, desk)
        [row] = day.rooms

        assert row.seats_left[:7] == [5, 5, 3, 3, 6, 6, 8]
        assert (len(row.lines), row.height) == (2, 3)
        assert len(row.seats_left) == len(day.half_hours)

    def test_the_house_closes_after_midnight(self, venue, desk, kikyo):
        last_guests = booked(venue, kikyo, 24, ends_at=datetime(2026, 12, 1, 1, 30, tzinfo=TOKYO))

        day = day_of_rooms(venue, DAY, desk)

        assert day.half_hours[0] == datetime(2026, 11, 30, 11, tzinfo=TOKYO)
        assert day.half_hours[-1] == datetime(2026, 12, 1, 1, 30, tzinfo=TOKYO)
        assert parties(day.rooms[0])[0] == (last_guests, 6, False)

    def test_the_evening_alone_with_those_who_stay_from_the_afternoon(self, venue, desk, kikyo):
        booked(venue, kikyo, 11)
        staying, dinner = booked(venue, kikyo, 14), booked(venue, kikyo, 18)

        day = day_of_rooms(venue, DAY, desk, "dinner")

        assert day.half_hours[0] == datetime(2026, 11, 30, 15, tzinfo=TOKYO)
        assert parties(day.rooms[0]) == [
            (staying, 4, False),
            (staying, 2, True),
            (dinner, 8, False),
            (dinner, 2, True),
        ]
        lunch = day_of_rooms(venue, DAY, desk, "lunch")
        assert lunch.half_hours[-1] == datetime(2026, 11, 30, 16, tzinfo=TOKYO)
        assert parties(lunch.rooms[0])[-2:] == [(staying, 8, False), (staying, 2, True)]

    def test_the_venue_says_when_dinner_begins(self, client, venue, desk, kikyo):
        early, late = booked(venue, kikyo, 15), booked(venue, kikyo, 18)
        client.force_login(desk)

        def at_dinner():
            week = week_of_rooms(Venue.objects.get(pk=venue.pk), DAY, desk, today=DAY)
            [cells] = [cells for _room, cells in week.rooms]
            today = client.get(f"/visits/?day={DAY:%Y-%m-%d}&meal=dinner").context["tables"]
            begins = day_of_rooms(Venue.objects.get(pk=venue.pk), DAY, desk, "dinner").half_hours[0].hour
            return begins, cells[1].visits, [table.visit for table in today], cells[1].column.query[-10:]

        assert at_dinner() == (15, [early, late], [early, late], "time=18:00")
        Venue.objects.filter(pk=venue.pk).update(dinner_from_hour=17)
        assert at_dinner() == (17, [late], [late], "time=18:00")
        Venue.objects.filter(pk=venue.pk).update(dinner_from_hour=19)
        assert at_dinner() == (19, [], [], "time=19:00")

    def test_a_day_begins_when_the_house_opens(self, venue, desk, kikyo):
        BookingTerms.objects.create(venue=venue, opens_at_hour=17)

        def begins(meal=""):
            return day_of_rooms(venue, DAY, desk, meal).half_hours[0].hour

        assert [begins(), begins("lunch"), begins("dinner")] == [17, 11, 17]
        booked(venue, kikyo, 12)
        assert [begins(), begins("lunch"), begins("dinner")] == [12, 11, 15]

    def test_who_comes_next_is_in_sight_first(self, client, venue, desk, kikyo):
        def in_sight(hour):
            now = datetime(2026, 11, 30, hour, tzinfo=TOKYO)
            return day_of_rooms(venue, DAY, desk, now=now).in_sight

        assert in_sight(9) is None
        booked(venue, kikyo, 12)
        booked(venue, kikyo, 18)
        assert [in_sight(hour).hour for hour in (9, 13, 15, 22)] == [12, 12, 18, 12]
        client.force_login(desk)
        assert client.get(f"{CALENDAR}?day=2026-11-30").content.decode().count("data-in-sight") == 1

    def test_a_venue_on_another_clock(self, client):
        venue = VenueFactory.create(timezone="Pacific/Honolulu", closing_hour=24)
        client.force_login(person("desk", venue))
        visit = booked(venue, RoomFactory.create(venue=venue), 18)

        page = client.get(f"{CALENDAR}?day=2026-11-30")

        honolulu = ZoneInfo("Pacific/Honolulu")
        assert page.context["rooms"].half_hours[0] == datetime(2026, 11, 30, 11, tzinfo=honolulu)
        assert parties(page.context["rooms"].rooms[0])[0] == (visit, 8, False)
        assert '<span class="num">18:00</span>' in page.content.decode()

    def test_who_did_not_come_or_cancelled_has_no_room(self, venue, desk, kikyo):
        booked(venue, kikyo, status="no_show")
        booked(venue, kikyo, status="cancelled")
        booked(venue, None, status="no_show")
        undecided = booked(venue, None)

        day = day_of_rooms(venue, DAY, desk)

        assert parties(day.rooms[0]) == []
        assert day.undecided == [undecided]

    def test_a_free_field_leads_to_the_booking_for_who_takes_bookings(self, client, signed, venue, kikyo):
        tomorrow = today_of(venue) + timedelta(days=1)
        url = f"{CALENDAR}?day={tomorrow:%Y-%m-%d}"
        link = f"&amp;day={tomorrow:%Y-%m-%d}&amp;room={kikyo.pk}&amp;time=25:30"

        assert f"{reverse('visits:book')}?venue={venue.pk}{link}" in signed.get(url).content.decode()

        client.force_login(person("kitchen", venue))
        assert link not in client.get(url).content.decode()

    def test_a_closed_day_is_said_and_takes_no_booking(self, signed, venue, kikyo):
        tomorrow = today_of(venue) + timedelta(days=1)
        ClosedDay.objects.create(venue=venue, on=tomorrow, reason="棚卸し")

        page = signed.get(f"{CALENDAR}?day={tomorrow:%Y-%m-%d}").content.decode()

        assert "棚卸し" in page
        assert f"room={kikyo.pk}" not in page


@pytest.mark.django_db
class TestWeek:
    def test_parties_by_room_day_and_meal_over_the_end_of_the_month(self, venue, desk, kikyo):
        lunch, dinner = booked(venue, kikyo, 12), booked(venue, kikyo, 18, on=date(2026, 12, 6))
        booked(venue, kikyo, 18, on=date(2026, 12, 7))
        undecided = booked(venue, None, 25)

        week = week_of_rooms(venue, DAY, desk, today=DAY)

        assert [day for day, _closed in week.days] == [DAY + timedelta(days=number) for number in range(7)]
        found = {
            (room, cell.column.day, cell.column.meal): cell.visits
            for room, cells in week.rooms
            for cell in cells
            if cell.visits
        }
        assert found == {
            (kikyo, DAY, "lunch"): [lunch],
            (kikyo, date(2026, 12, 6), "dinner"): [dinner],
            (None, DAY, "dinner"): [undecided],
        }

    def test_joined_rooms_stand_on_every_part(self, venue, desk, kikyo):
        hagi, joined = RoomFactory.create(venue=venue, name="萩"), RoomFactory.create(venue=venue, name="桔梗＋萩")
        for part in (kikyo, hagi):
            RoomPart.objects.create(joined=joined, room=part)
        visit = booked(venue, joined)

        week = week_of_rooms(venue, DAY, desk, today=DAY)

        assert [(room, [cell.visits for cell in cells if cell.visits]) for room, cells in week.rooms] == [
            (kikyo, [[visit]]),
            (hagi, [[visit]]),
        ]

    def test_closed_days_and_days_that_are_over(self, venue, desk, kikyo):
        BookingTerms.objects.create(venue=venue, closed_weekdays=[DAY.weekday()])
        ClosedDay.objects.create(venue=venue, on=date(2026, 12, 2), reason="棚卸し")

        week = week_of_rooms(venue, DAY, desk, today=date(2026, 12, 1))

        assert [closed for _day, closed in week.days] == ["", None, "棚卸し", None, None, None, None]
        [(_room, cells)] = week.rooms
        assert [cell.column.is_over for cell in cells[:4]] == [True, True, False, False]

    def test_the_page(self, signed, venue, kikyo):
        booked(venue, kikyo, guests=[CustomerFactory.create(name="渡邉 健一")])

        page = signed.get(f"{CALENDAR}?day=2026-11-30&span=week")

        assert "渡邉 健一 様" in page.content.decode()
        assert (page.context["previous_day"], page.context["next_day"]) == (date(2026, 11, 23), date(2026, 12, 7))


@pytest.mark.django_db
class TestRecordedWithoutARoom:
    def test_it_is_not_undecided_any_more(self, venue, desk):
        recorded, open_one = (
            VisitFactory.create(venue=venue, starts_at=datetime(2026, 8, 21, 18, tzinfo=TOKYO), status=status)
            for status in ("completed", "reserved")
        )
        day = recorded.business_date
        assert day_of_rooms(venue, day, desk).undecided == [open_one]
        week = week_of_rooms(venue, day, desk, day)
        assert [visit for room, cells in week.rooms if room is None for cell in cells for visit in cell.visits] == [
            open_one
        ]


@pytest.mark.django_db
class TestWhoSeesIt:
    @pytest.mark.parametrize("span_of", ["day", "week"])
    def test_a_sealed_booking_is_a_taken_room(self, client, venue, kikyo, desk, span_of):
        okami = person("okami", venue)
        visit = booked(venue, kikyo, guests=[CustomerFactory.create(name="嵯峨 忍")])
        seal_visit(visit=visit, by=okami, people=[okami])
        url = f"{CALENDAR}?day=2026-11-30&span={span_of}"

        client.force_login(desk)
        page = client.get(url).content.decode()
        assert "嵯峨" not in page
        assert f"/visits/{visit.pk}/" not in page
        assert 'class="block-in"' in page

        client.force_login(User.objects.get(pk=okami.pk))
        assert "嵯峨" in client.get(url).content.decode()

    def test_a_stranger_sees_an_explanation_and_no_other_house(self, client, venue):
        client.force_login(UserFactory.create())
        assert client.get(CALENDAR).context["venue"] is None

        client.force_login(person("desk"))
        assert client.get(f"{CALENDAR}?venue={venue.pk}").status_code == 404

    @pytest.mark.parametrize("count", [1, 3])
    @pytest.mark.parametrize(("span_of", "queries"), [("day", QUERIES_OF_A_DAY), ("week", QUERIES_OF_A_WEEK)])
    def test_it_does_not_grow_in_queries(self, signed, venue, django_assert_num_queries, count, span_of, queries):
        for number in range(count):
            booked(venue, RoomFactory.create(venue=venue), 12 + number, guests=[CustomerFactory.create()])
        url = f"{CALENDAR}?day=2026-11-30&span={span_of}"
        signed.get(url)

        with django_assert_num_queries(queries):
            page = signed.get(url)

        assert page.content.decode().count('class="block-in"') == count
