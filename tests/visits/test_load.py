"""How full the house is, half hour by half hour, on any clock."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from visits.load import Stay, busiest, half_hour_of, half_hours, load_of

TOKYO = ZoneInfo("Asia/Tokyo")
BERLIN = ZoneInfo("Europe/Berlin")


def at(hour, minute=0, day=21, zone=TOKYO):
    return datetime(2026, 11, day, hour, minute, tzinfo=zone)


def test_parties_and_guests_of_each_half_hour():
    load = load_of([Stay(at(18), at(20), 4), Stay(at(18, 45), at(19, 15), 2)], TOKYO)

    assert [(half.at, half.parties, half.guests) for half in load] == [
        (at(18), 1, 4),
        (at(18, 30), 2, 6),
        (at(19), 2, 6),
        (at(19, 30), 1, 4),
    ]
    peak = busiest(load)
    assert peak is not None
    assert peak.at == at(18, 30)


def test_who_leaves_on_the_half_hour_is_not_there_in_it():
    load = load_of([Stay(at(18), at(18, 30), 4), Stay(at(18, 30), at(19), 3)], TOKYO)

    assert [half.guests for half in load] == [4, 3]


def test_nobody():
    assert load_of([], TOKYO) == []
    assert busiest([]) is None


def test_an_evening_that_goes_on_after_midnight_and_the_end_of_the_month():
    load = load_of([Stay(at(23, 30, day=30), at(23, 30, day=30) + timedelta(hours=1), 2)], TOKYO)

    assert [half.at.strftime("%m-%d %H:%M") for half in load] == ["11-30 23:30", "12-01 00:00"]


def test_an_hour_that_comes_twice_counts_twice():
    start = datetime(2026, 10, 25, 1, 30, tzinfo=BERLIN)
    end = datetime(2026, 10, 25, 3, 0, tzinfo=BERLIN)

    assert [half.strftime("%H:%M") for half in half_hours(start, end, BERLIN)] == [
        "01:30",
        "02:00",
        "02:30",
        "02:00",
        "02:30",
    ]


def test_who_comes_in_the_repeated_hour_is_not_counted_in_the_hour_before():
    # 02:45 comes twice: in summer time at 00:45 UTC, in winter time at 01:45 UTC.
    first, second = (datetime(2026, 10, 25, hour, 45, tzinfo=UTC) for hour in (0, 1))
    assert half_hour_of(second, BERLIN).strftime("%H:%M%z") == "02:30+0100"
    load = load_of([Stay(first, first + timedelta(hours=2), 4), Stay(second, second + timedelta(hours=1), 2)], BERLIN)

    assert [(half.at.strftime("%H:%M%z"), half.guests) for half in load] == [
        ("02:30+0200", 4),
        ("02:00+0100", 4),
        ("02:30+0100", 6),
        ("03:00+0100", 6),
        ("03:30+0100", 6),
    ]


def test_half_hours_begin_on_the_venues_clock():
    kathmandu = ZoneInfo("Asia/Kathmandu")
    start = datetime(2026, 11, 21, 18, 10, tzinfo=kathmandu)

    assert [half.strftime("%H:%M") for half in half_hours(start, start + timedelta(hours=1), kathmandu)] == [
        "18:00",
        "18:30",
        "19:00",
    ]
