"""Day and hour in one cell, as people and other systems write them. Pure."""

import datetime
from zoneinfo import ZoneInfo

import pytest

from integrations.visit_ledgers.reading import _on_the_wall, _time_of_moment, day_in


@pytest.mark.parametrize(
    ("written", "hour", "minute"),
    [
        ("2024/7/1 18:30-21:00", 18, 30), ("2024/7/1 18:30～21:00", 18, 30), ("2024/7/1 午後1時", 13, 0), ("2024/7/1 午前11時30分", 11, 30),
        ("2024/7/1 6:30 PM", 18, 30), ("2024/7/1(月)18:30", 18, 30), ("2024-07-01 18:30:00.000", 18, 30), ("令和6年7月1日12時半", 12, 30),
        ("2024/7/1 25:00", 25, 0), ("45474.75", 18, 0), (45474.75, 18, 0),
    ],
)  # fmt: skip
def test_the_hour_behind_a_day_is_that_of_the_beginning(written, hour, minute):
    assert day_in(written, "") == datetime.date(2024, 7, 1)
    assert _time_of_moment(written) == hour * 60 + minute


@pytest.mark.parametrize("written", ["2024/7/1", "45474", 45474.0, "R6.7.1", "2024年7月1日(月)"])
def test_a_day_alone_has_no_hour(written):
    assert day_in(written, "") == datetime.date(2024, 7, 1)
    assert _time_of_moment(written) is None


@pytest.mark.parametrize("written", ["2024-07-01T19:00:00+09:00", "2024-07-01T10:00Z", "2024/07/01 10:00:00.000+0000"])
def test_a_moment_of_another_clock_is_that_of_the_venue(written):
    assert _on_the_wall(written, ZoneInfo("Asia/Tokyo")) == datetime.datetime(2024, 7, 1, 19, 0)
    assert _on_the_wall("2024-07-01T19:00:00", ZoneInfo("Asia/Tokyo")) == "2024-07-01T19:00:00"


@pytest.mark.parametrize(
    ("written", "year", "day"),
    [
        ("4/1", "2022年度", datetime.date(2022, 4, 1)), ("3/31", "2022年度", datetime.date(2023, 3, 31)),
        ("2月29日", "2023年度", datetime.date(2024, 2, 29)), ("1/5", "R元年度", datetime.date(2020, 1, 5)),
        ("12/31", "平成30年度", datetime.date(2018, 12, 31)), ("1/5", "2022年", datetime.date(2022, 1, 5)),
    ],
)  # fmt: skip
def test_a_business_year_goes_on_until_march(written, year, day):
    assert day_in(written, year) == day
