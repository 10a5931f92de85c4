"""Which rooms are offered for a party at a time."""

from datetime import datetime, timedelta

import pytest
from django.utils import timezone

from tests.factories.accounts import person
from tests.factories.customers import CustomerFactory
from tests.factories.visits import TOKYO, RoomFactory
from visits import services
from visits.entries import AttendanceEntry, BookingEntry
from visits.free_rooms import Stay, in_offer, room_states
from visits.models import RoomPart, Visit

pytestmark = pytest.mark.django_db


def evening(hour=18, minute=0, days=7):
    day = timezone.now().astimezone(TOKYO).date() + timedelta(days=days)
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=TOKYO)


@pytest.fixture
def desk():
    return person("desk")


@pytest.fixture
def venue(desk):
    return desk.memberships.get().venue


@pytest.fixture
def kikyo(venue):
    return RoomFactory.create(venue=venue, name="桔梗", capacity=8)


def book(desk, venue, room, **values):
    values.setdefault("starts_at", evening())
    entry = BookingEntry(room=room, attendances=[AttendanceEntry(customer=CustomerFactory.create())], **values)
    return services.take_booking(by=desk, venue=venue, booking=entry)


def offered(venue, starts_at=None, hours=2.5, **values):
    """Name, free, fits, seats left and from when taken, of each room."""
    starts_at = starts_at or evening()
    except_visit = values.pop("except_visit", None)
    stay = Stay(starts_at, starts_at + timedelta(hours=hours), **values)
    return {
        state.room.name: (
            state.is_free,
            state.fits,
            state.free_seats,
            state.taken_from.astimezone(TOKYO).strftime("%H:%M") if state.taken_from else None,
        )
        for state in room_states(venue, stay, except_visit=except_visit)
    }


def test_a_room_is_free_taken_or_too_small(desk, venue, kikyo):
    RoomFactory.create(venue=venue, name="藤", capacity=4)
    RoomFactory.create(venue=venue, name="納戸", is_active=False)
    book(desk, venue, kikyo, starts_at=evening(19))
    assert offered(venue, party_size=6) == {
        "桔梗": (False, False, None, "19:00"),
        "藤": (True, False, None, None),
    }


def test_the_clearing_belongs_to_the_stay(desk, venue, kikyo):
    visit = book(desk, venue, kikyo)
    assert visit.ends_at == evening(20, 30)
    assert offered(venue, evening(20, 45))["桔梗"][0] is False
    assert offered(venue, evening(21))["桔梗"][0] is True
    # 15:00 to 17:30, cleared at 18:00.
    assert offered(venue, evening(15))["桔梗"][0] is True
    assert offered(venue, evening(15, 15))["桔梗"][0] is False


def test_ones_own_booking_is_not_in_the_way(desk, venue, kikyo):
    visit = book(desk, venue, kikyo)
    assert offered(venue)["桔梗"][0] is False
    assert offered(venue, except_visit=visit.pk)["桔梗"][0] is True


def test_a_joined_room_is_free_when_all_its_parts_are(desk, venue, kikyo):
    hagi = RoomFactory.create(venue=venue, name="萩", capacity=6)
    joined = RoomFactory.create(venue=venue, name="桔梗＋萩", capacity=14)
    RoomPart.objects.create(joined=joined, room=kikyo)
    RoomPart.objects.create(joined=joined, room=hagi)
    assert offered(venue, party_size=12)["桔梗＋萩"] == (True, True, None, None)
    book(desk, venue, hagi)
    states = offered(venue, party_size=4)
    assert states["桔梗＋萩"][0] is False
    assert states["桔梗"][0] is True
    book(desk, venue, joined, starts_at=evening(days=8), party_size=12)
    assert [state[0] for state in offered(venue, evening(days=8)).values()] == [False, False, False]


def test_a_counter_tells_the_seats_it_has_left(desk, venue):
    counter = RoomFactory.create(venue=venue, name="カウンター", capacity=8, seats_are_shared=True)
    book(desk, venue, counter, party_size=5)
    assert offered(venue, party_size=3)["カウンター"] == (True, True, 3, None)
    assert offered(venue, party_size=4)["カウンター"] == (False, False, 3, "18:00")
    assert offered(venue, party_size=2, takes_whole_room=True)["カウンター"][0] is False
    assert offered(venue, evening(days=8), party_size=9)["カウンター"] == (False, False, 8, None)
    assert offered(venue, evening(days=8), party_size=2, takes_whole_room=True)["カウンター"][0] is True


def test_a_hold_whose_term_has_passed_holds_nothing(desk, venue, kikyo):
    visit = book(desk, venue, kikyo, tentative_until=timezone.now() + timedelta(days=1))
    assert offered(venue)["桔梗"][0] is False
    Visit.objects.filter(pk=visit.pk).update(tentative_until=timezone.now() - timedelta(minutes=1))
    assert offered(venue)["桔梗"][0] is True


def test_the_usual_room_is_offered_first_then_the_smallest_that_fits(venue, kikyo):
    small = RoomFactory.create(venue=venue, name="藤", capacity=4)
    hagi = RoomFactory.create(venue=venue, name="萩", capacity=6)
    stay = Stay(evening(), evening(20), party_size=5)
    states = room_states(venue, stay)
    assert [state.room for state in in_offer(states)] == [hagi, kikyo, small]
    assert [state.room for state in in_offer(states, {kikyo.pk})] == [kikyo, hagi, small]


@pytest.mark.parametrize("count", [1, 3])
def test_it_does_not_grow_in_queries(venue, django_assert_num_queries, count):
    for _number in range(count):
        room, part = RoomFactory.create(venue=venue), RoomFactory.create(venue=venue)
        RoomPart.objects.create(joined=room, room=part)
    with django_assert_num_queries(3):
        room_states(venue, Stay(evening(), evening(20)))
