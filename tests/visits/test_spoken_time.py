"""Days and hours as they are said on the phone, seen from Friday 20 November 2026."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from crm_project.core.dates import DateError
from visits.spoken_time import LATEST_END, NoSuchTime, clock, moment_of, read_day, read_time

TODAY = date(2026, 11, 20)
TOKYO, PARIS = ZoneInfo("Asia/Tokyo"), ZoneInfo("Europe/Paris")


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("", None),
        ("12/4", date(2026, 12, 4)),
        ("１２月４日", date(2026, 12, 4)),
        ("十二月四日", date(2026, 12, 4)),
        ("12月4日（金）", date(2026, 12, 4)),
        ("12/4 金", date(2026, 12, 4)),
        ("2026-12-04", date(2026, 12, 4)),
        ("R8.12.4", date(2026, 12, 4)),
        ("令和八年十二月四日", date(2026, 12, 4)),
        ("4 Dec", date(2026, 12, 4)),
        ("December 4th", date(2026, 12, 4)),
        # What has passed this year is meant of the next one.
        ("11/19", date(2027, 11, 19)),
        ("11/20", TODAY),
        ("4日", date(2026, 12, 4)),
        ("25日", date(2026, 11, 25)),
        # November has no 31st, and 2027 no 29 February.
        ("31日", date(2026, 12, 31)),
        ("2/29", date(2028, 2, 29)),
        ("来月4日", date(2026, 12, 4)),
        ("月末", date(2026, 11, 30)),
        ("再来月末", date(2027, 1, 31)),
        ("今日", TODAY),
        ("明日", date(2026, 11, 21)),
        ("あさって", date(2026, 11, 22)),
        ("tomorrow", date(2026, 11, 21)),
        # Said on a Friday, a Friday is the next one.
        ("金曜", date(2026, 11, 27)),
        ("土", date(2026, 11, 21)),
        ("今週の土曜日", date(2026, 11, 21)),
        ("来週の金曜", date(2026, 11, 27)),
        ("再来週月曜", date(2026, 11, 30)),
        ("next Monday", date(2026, 11, 23)),
        ("Sunday", date(2026, 11, 22)),
    ],
)
def test_the_day_that_is_meant(written, meant):
    assert read_day(written, TODAY) == meant


@pytest.mark.parametrize("written", ["11/31", "来月32日", "2月来月31日", "いつか", "12/4（木）", "4 Dec 5", "来月来週"])
def test_what_is_no_day_is_said(written):
    with pytest.raises(DateError):
        read_day(written, TODAY)


def test_the_next_month_may_have_no_such_day():
    with pytest.raises(DateError):
        read_day("来月31日", date(2026, 10, 20))


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("", None),
        ("18:00", "18:00"),
        ("18", "18:00"),
        ("1830", "18:30"),
        ("１８時半", "18:30"),
        ("18時15分", "18:15"),
        # Nobody comes to dine at six in the morning, unless it is written so.
        ("6", "18:00"),
        ("6時半", "18:30"),
        ("630", "18:30"),
        ("06:30", "6:30"),
        ("朝7時", "7:00"),
        ("午前11時", "11:00"),
        ("お昼の十二時", "12:00"),
        ("昼1時", "13:00"),
        ("昼11時", "11:00"),
        ("夕方六時", "18:00"),
        ("夜8時45分", "20:45"),
        ("6pm", "18:00"),
        ("11:30 am", "11:30"),
        ("12am", "0:00"),
        ("25:30", "25:30"),
        ("深夜1時", "25:00"),
        ("深夜12時", "24:00"),
        ("夜12時", "24:00"),
        ("夜0時半", "24:30"),
        ("夜1時", "25:00"),
        ("晩の十二時", "24:00"),
        ("夜6時", "18:00"),
        ("夜11時", "23:00"),
        ("18時ごろ", "18:00"),
    ],
)
def test_the_time_that_is_meant(written, meant):
    minutes = read_time(written)
    assert meant == (None if minutes is None else f"{minutes // 60}:{minutes % 60:02d}")


@pytest.mark.parametrize("written", ["夕飯どき", "30:00", "18:60", "18:00から20:00"])
def test_what_is_no_time_is_said(written):
    with pytest.raises(NoSuchTime):
        read_time(written)


def at(day, written, zone=TOKYO, closing_hour=26):
    minutes = read_time(written)
    assert minutes is not None
    return moment_of(day, minutes, closing_hour=closing_hour, zone=zone)


def test_one_in_the_morning_belongs_to_the_night_before():
    new_years_eve = date(2026, 12, 31)
    for written in ("25:00", "1:00", "深夜1時"):
        moment = at(new_years_eve, written)
        assert moment.astimezone(TOKYO) == datetime(2027, 1, 1, 1, tzinfo=TOKYO)
        assert clock(moment, new_years_eve, TOKYO) == "25:00"
    # The house that closes at midnight has no such hour: one o'clock is of that very day.
    assert at(new_years_eve, "1:00", closing_hour=24).astimezone(TOKYO).date() == new_years_eve


def test_a_very_late_end_is_read_back():
    day = date(2026, 12, 4)
    moment = datetime(2026, 12, 5, 7, tzinfo=TOKYO)
    assert clock(moment, day, TOKYO) == "31:00"
    assert read_time("31:00", before=LATEST_END) == 31 * 60
    with pytest.raises(NoSuchTime):
        read_time("31:00")


def test_the_venues_clock_decides():
    assert at(date(2026, 7, 1), "20:00", PARIS) == datetime(2026, 7, 1, 18, tzinfo=UTC)
    assert at(date(2026, 12, 1), "20:00", PARIS) == datetime(2026, 12, 1, 19, tzinfo=UTC)


def test_an_hour_the_clocks_leave_out_does_not_exist():
    with pytest.raises(NoSuchTime):
        at(date(2026, 3, 28), "26:30", PARIS, closing_hour=28)
    # The hour that comes twice is the first of the two.
    assert at(date(2026, 10, 24), "26:30", PARIS, closing_hour=28) == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
