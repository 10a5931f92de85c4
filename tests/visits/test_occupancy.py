"""Quarters and seats: the arithmetic of what is taken."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from visits.occupancy import NotEnoughSeats, Slot, Wanted, begins, quarters, slots

SIX = datetime(2026, 12, 4, 18, 0, tzinfo=ZoneInfo("Asia/Tokyo"))


def hours(count):
    return timedelta(hours=count)


def test_a_stay_takes_its_quarters_until_the_room_is_cleared():
    when = quarters(SIX, SIX + hours(2), timedelta(minutes=30))
    assert len(when) == 10
    assert begins(when.start) == SIX
    assert begins(when.stop) == SIX + timedelta(hours=2, minutes=30)


def test_begun_quarters_count_whole():
    when = quarters(SIX + timedelta(minutes=5), SIX + timedelta(minutes=50))
    assert (begins(when.start), begins(when.stop)) == (SIX, SIX + hours(1))


def test_the_same_moment_on_two_clocks_is_the_same_quarter():
    assert quarters(SIX, SIX + hours(1)) == quarters(SIX.astimezone(UTC), (SIX + hours(1)).astimezone(UTC))


def test_an_hour_that_the_clock_shows_twice_is_two_hours_long():
    """A venue abroad on the night when summer time ends: 1:30 comes twice, and nobody sits in both at once."""
    paris = ZoneInfo("Europe/Paris")
    first = datetime(2026, 10, 25, 2, 30, tzinfo=paris)
    again = datetime(2026, 10, 25, 2, 30, tzinfo=paris, fold=1)
    assert quarters(first, first + hours(0)).start + 4 == quarters(again, again).start


def test_midnight_and_month_end_are_no_border():
    late = datetime(2026, 12, 31, 23, 30, tzinfo=ZoneInfo("Asia/Tokyo"))
    assert len(quarters(late, late + hours(1))) == 4


def test_a_room_is_taken_whole():
    when = range(100, 103)
    assert slots([Wanted(7, 8, None)], when, []) == [Slot(7, 0, 100), Slot(7, 0, 101), Slot(7, 0, 102)]


def test_a_party_at_the_counter_sits_side_by_side_in_the_smallest_gap():
    when = range(100, 102)
    taken = [Slot(1, 2, 100), Slot(1, 2, 101), Slot(1, 5, 100), Slot(1, 5, 101)]
    taken += [Slot(1, 9, quarter) for quarter in when]
    assert {slot.seat for slot in slots([Wanted(1, 9, 2)], when, taken)} == {3, 4}


def test_a_party_keeps_its_seats_where_none_are_together():
    when = range(100, 102)
    taken = [Slot(1, seat, quarter) for seat in (2, 4) for quarter in when]
    assert {slot.seat for slot in slots([Wanted(1, 5, 3)], when, taken)} == {1, 3, 5}


def test_a_party_changes_seats_when_only_the_count_is_enough():
    """In a hall nobody counts which seat it is: as long as one is free in every quarter, the party is taken."""
    taken = [Slot(1, 1, 100), Slot(1, 2, 101)]
    assert slots([Wanted(1, 2, 1)], range(100, 102), taken) == [Slot(1, 1, 101), Slot(1, 2, 100)]


def test_who_finds_too_few_seats_is_told_when_and_how_many():
    taken = [Slot(1, 1, 101), Slot(1, 2, 101)]
    with pytest.raises(NotEnoughSeats) as refused:
        slots([Wanted(1, 3, 2)], range(100, 103), taken)
    assert (refused.value.room_id, refused.value.quarter, refused.value.free) == (1, 101, 1)


def test_everybody_takes_rooms_in_the_same_order():
    """Whatever order they are asked for: two who want the same rooms never wait for each other in a circle."""
    one = slots([Wanted(2, 4, None), Wanted(1, 4, None)], range(5, 7), [])
    assert one == slots([Wanted(1, 4, None), Wanted(2, 4, None)], range(5, 7), [])
    assert one == sorted(one, key=lambda slot: (slot.room_id, slot.seat, slot.quarter))
