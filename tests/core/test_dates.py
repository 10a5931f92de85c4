"""Dates as they stand in ledgers, business days, months and fiscal years."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from crm_project.core.dates import (
    ERAS,
    DateError,
    DateNotKnown,
    DaysOfColumn,
    add_months,
    age_on,
    business_date,
    business_day_bounds,
    era_name,
    fiscal_year,
    fiscal_year_bounds,
    is_month_day,
    japanese_date,
    kanji_number,
    month_end,
    month_start,
    months_between,
    parse_date,
    parse_month_day,
    read_date,
    refuse_far_ahead,
)

TOKYO = ZoneInfo("Asia/Tokyo")


@pytest.fixture(autouse=True)
def _english():
    with translation.override("en"):
        yield


@pytest.mark.parametrize(
    "written",
    [
        "2026-10-03", "2026/10/3", "20261003", "2026.10.3", "2026年10月3日", "２０２６年１０月３日", "2026年 10月 3日", "西暦2026年10月3日",
        "R8.10.3", "r8-10-3", "R08/10/03", "R.08/10/03", "R081003", "令8.10.3", "令和8年10月3日", "令和八年十月三日", "㋿8.10.3",
        "二〇二六年十月三日", "2026-10-03 18:30", "2026-10-03 18:30:00", "2026-10-03T18:30:00Z", "2026-10-03T18:30:00+09:00",
        "2026-10-03T18:30:00", "2026−10−03", "2026‐10‐03", "2026–10–03", "2026ー10ー03", "2026ねん10がつ3にち", "2026年10月3日 土曜",
        "令和8年10月3日 (2026年)",
        "2026/10/3 午後6時30分", "2026年10月3日18時", "2026/10/3(土)", "2026年10月3日（土）", "2026年（令和8年）10月3日（土）",
        "令和8年(2026年)10月3日 土曜日", " 2026-10-03　", 20261003, 20261003.0, 46298, 46298.75, date(2026, 10, 3),
        datetime(2026, 10, 3, 23, 59), datetime(2026, 10, 3, 23, 59, tzinfo=TOKYO),
        "R8 10 3", "2026・10・3", "2026、10、3", "R8・10・3", "令和8年10月3日生", "令和8年10月3日生まれ", "R8.10.3付", "2026年10月3日現在", "2026.10.3.",
        "'2026/10/3", "2026年10月3日（祝日）", "2026/10/3(仮)", "2026/10/3 夜", "2026/10/3 ランチ", "2026年10月3日の夜", "2026/10/3 土", "2026/10/3(土・祝)", "2026/10/3 (土)", "2026/10/3 Sat",
        "2026/10/3（土）18:00～20:00", "2026年10月3日18時～", "2026年10月3日 午後6時半", "2026/10/3 18:30-21:00", "2026/10/3 6:30 PM",
        "令和８年拾月参日", "二○二六年十月三日", "㋿八年十月三日", "(令和)8年10月3日", "令.8.10.3", "Reiwa 8.10.3", "令和8年(2026)10月3日", "R8(2026).10.3",
        "3 October 2026", "3 Oct 2026", "Oct 3, 2026", "October 3rd, 2026", "Saturday, October 3, 2026", "3-Oct-2026", "2026 Oct 3",
        "2026―10―03", "\u200b2026-10-03\ufeff", "Ｒ８．１０．３", "２０２６・１０・３", "令和 8年 10月 3日", "2026-10-03T00:00:00.000Z",
    ],
)  # fmt: skip
def test_one_day_in_many_spellings(written):
    assert parse_date(written) == date(2026, 10, 3)


@pytest.mark.parametrize(
    ("written", "day"),
    [
        ("H29.09.04", date(2017, 9, 4)),
        ("S28.03.23", date(1953, 3, 23)),
        ("S63/4/1", date(1988, 4, 1)),
        ("昭63.4.1", date(1988, 4, 1)),
        ("昭和六十三年四月一日", date(1988, 4, 1)),
        ("令和元年5月1日", date(2019, 5, 1)),
        ("平成31年4月30日", date(2019, 4, 30)),
        ("昭和64年1月7日", date(1989, 1, 7)),
        ("平成元年1月8日", date(1989, 1, 8)),
        ("昭和元年12月25日", date(1926, 12, 25)),
        ("大正15年12月25日", date(1926, 12, 25)),
        ("大正元年7月30日", date(1912, 7, 30)),
        ("M45.7.30", date(1912, 7, 30)),
        ("明治元年10月23日", date(1868, 10, 23)),
        ("2024-02-29", date(2024, 2, 29)),
        ("T15.12.25", date(1926, 12, 25)),
        ("31/12/2026", date(2026, 12, 31)),
        ("12/31/2026", date(2026, 12, 31)),
        ("13.1.2026", date(2026, 1, 13)),
        ("昭和廿年三月一日", date(1945, 3, 1)),
        ("大正十二年九月卅日", date(1923, 9, 30)),
        ("R02.07.21", date(2020, 7, 21)),
        ("令和元年五月一日", date(2019, 5, 1)),
        ("1800年1月1日", date(1800, 1, 1)),
        ("2200年12月31日", date(2200, 12, 31)),
    ],
)
def test_eras_are_read(written, day):
    assert parse_date(written) == day


@pytest.mark.parametrize(
    ("written", "day", "remark"),
    [
        ("2026-10-03", date(2026, 10, 3), ""),
        ("  ", None, ""),
        ("令和元年1月1日", date(2019, 1, 1), "“令和元年1月1日” lies outside of 令和: read as 2019-01-01"),
        ("昭和64年12月31日", date(1989, 12, 31), "“昭和64年12月31日” lies outside of 昭和: read as 1989-12-31"),
        ("46298", date(2026, 10, 3), "“46298” is Excel's number of a day: read as 2026-10-03"),
        (" ４６２９８ ", date(2026, 10, 3), "“46298” is Excel's number of a day: read as 2026-10-03"),
        ("46298.75", date(2026, 10, 3), "“46298.75” is Excel's number of a day: read as 2026-10-03"),
        ("10000", date(1927, 5, 18), "“10000” is Excel's number of a day: read as 1927-05-18"),
        ("99999", date(2173, 10, 13), "“99999” is Excel's number of a day: read as 2173-10-13"),
    ],
)
def test_a_ledger_is_read_where_a_form_asks_again(written, day, remark):
    found = read_date(written)
    assert (found.day, str(found.remark or "")) == (day, remark)


@pytest.mark.parametrize(
    "written",
    ["昭和65年1月1日", "平成35年3月31日", "9999", "109574", "00001", "012345", "令和9年13月1日", "不明", 46298.5j],
)
def test_a_ledger_guesses_no_day(written):
    with pytest.raises(DateError):
        read_date(written)


def test_nobody_knows_is_told_apart():
    with pytest.raises(DateNotKnown):
        parse_date("不明")


@pytest.mark.parametrize("blank", [None, "", "  ", "　　", "        ", "\n"])
def test_a_blank_is_no_date(blank):
    assert parse_date(blank) is None


@pytest.mark.parametrize(
    ("written", "reason"),
    [
        ("令和9年13月1日", "“令和9年13月1日”: month 13 does not exist: months are 1 to 12"),
        ("2026-00-10", "month 0 does not exist"),
        ("2026-02-29", "day 29 does not exist: 2026-02 has days 1 to 28"),
        ("令和9年2月30日", "day 30 does not exist: 2027-02 has days 1 to 28"),
        ("2026/4/31", "day 31 does not exist"),
        ("平成0年1月1日", "year 0 of 平成 does not exist"),
        ("令和元年4月30日", "before 令和 began, on 2019-05-01: write 2019-04-30"),
        ("平成元年1月7日", "before 平成 began, on 1989-01-08"),
        ("昭和64年1月8日", "after 昭和 ended, on 1989-01-07: write 1989-01-08"),
        ("平成35年3月31日", "after 平成 ended, on 2019-04-30: write 2023-03-31"),
        ("0000-00-00", "the year 0 cannot be right"),
        ("昭和元年12月24日", "before 昭和 began, on 1926-12-25: write 1926-12-24"),
        ("大正15年12月26日", "after 大正 ended, on 1926-12-25: write 1926-12-26"),
        ("大正元年7月29日", "before 大正 began, on 1912-07-30: write 1912-07-29"),
        ("明治45年7月31日", "after 明治 ended, on 1912-07-30: write 1912-07-31"),
        ("明治元年10月22日", "before 明治 began, on 1868-10-23: write 1868-10-22"),
        ("1799年12月31日", "the year 1799 cannot be right"),
        ("2201年1月1日", "the year 2201 cannot be right"),
        ("1700-01-01", "the year 1700 cannot be right"),
        ("2201-01-01", "the year 2201 cannot be right"),
        ("2300-01-01", "the year 2300 cannot be right"),
        ("2026-13-01", "month 13 does not exist"),
        ("2026-10-00", "day 0 does not exist"),
        ("10/3/2026", "may be read in two ways"),
        ("31/31/2026", "may be read in two ways"),
        ("12/12/2026", "may be read in two ways"),
        ("31 Feb 2026", "day 31 does not exist"),
        ("31/2/2026", "day 31 does not exist"),
        ("Oct 2026", "may be read in two ways"),
        ("確認年月日不明", "says that the date is not known"),
        ("未定", "says that the date is not known"),
        ("－", "says that the date is not known"),
        ("n/a", "says that the date is not known"),
        ("46298", "is not a date"),
        ("88/4/1", "a year of two digits"),
        ("4月1日", "has no year"),
        ("2026年10月", "has no day"),
        ("R8.10", "has no day"),
        ("2026", "only a year"),
        ("昭和63年", "only a year"),
        (1965, "only a year"),
        ("明日", "is not a date"),
        ("X1-01-01", "is not a date"),
        ("2026-10-03x", "is not a date"),
        ("20261003x", "is not a date"),
        ("2026-10 18:30-03", "is not a date"),
        ("10/3/2026x", "is not a date"),
        ("88/4/1x", "is not a date"),
        ("4月1日頃", "is not a date"),
        (1800, "only a year"),
        (2200, "only a year"),
        (1799, "the number 1799 is not a date"),
        (1965.5, "the number 1965.5 is not a date"),
        (109_575, "the number 109575 is not a date"),
        (22_001_232, "the number 22001232 is not a date"),
        (20261003.5, "the number 20261003.5 is not a date"),
        (float("inf"), "is not a date"),
        (float("-inf"), "is not a date"),
        (-3, "is not a date"),
        (10.0**12, "is not a date"),
        (float("nan"), "is not a date"),
        (True, "“True” is not a date"),
    ],
)
def test_what_is_not_a_date_says_why(written, reason):
    with pytest.raises(DateError) as problem:
        parse_date(written)
    assert reason in str(problem.value)


@pytest.mark.parametrize(
    ("number", "day"),
    [
        (2201, date(1906, 1, 9)),
        (109_574, date(2199, 12, 31)),
        (18_000_101, date(1800, 1, 1)),
        (22_001_231, date(2200, 12, 31)),
    ],
)
def test_the_first_and_last_numbers_that_are_days(number, day):
    assert parse_date(number) == day


@given(st.dates(date(1868, 10, 23), date(2199, 12, 31)))
def test_what_is_shown_can_be_read_back(day):
    assert parse_date(japanese_date(day)) == day
    assert parse_date(f"{era_name(day)}{day.month}月{day.day}日") == day
    assert parse_date(day.isoformat()) == day


def _kanji(number):
    tens, ones = divmod(number, 10)
    digits = "〇一二三四五六七八九"
    return (digits[tens] if tens > 1 else "") + ("十" if tens else "") + (digits[ones] if ones or not tens else "")


SPELLINGS = {
    "iso": lambda day, era, year: day.isoformat(),
    "no zeros": lambda day, era, year: f"{day.year}/{day.month}/{day.day}",
    "western kanji": lambda day, era, year: f"{day.year}年{day.month}月{day.day}日",
    "together": lambda day, era, year: f"{day:%Y%m%d}" if day.year > 999 else day.isoformat(),
    "era": lambda day, era, year: f"{era.kanji}{year}年{day.month}月{day.day}日",
    "first year": lambda day, era, year: f"{era.kanji}{'元' if year == 1 else year}年{day.month:02}月{day.day:02}日",
    "short era": lambda day, era, year: f"{era.kanji[0]}{year}.{day.month}.{day.day}",
    "letter": lambda day, era, year: f"{era.letter}{year:02}.{day.month:02}.{day.day:02}",
    "small letter": lambda day, era, year: f"{era.letter.lower()}{year}-{day.month}-{day.day}",
    "letter together": lambda day, era, year: f"{era.letter}{year:02}{day.month:02}{day.day:02}",
    "kanji": lambda day, era, year: f"{era.kanji}{_kanji(year)}年{_kanji(day.month)}月{_kanji(day.day)}日",
    "middle dots": lambda day, era, year: f"{era.letter}{year}・{day.month}・{day.day}",
    "both": lambda day, era, year: japanese_date(day),
    "English": lambda day, era, year: f"{day.day} {day:%B} {day.year}",
}
WIDE = str.maketrans("0123456789/.-", "０１２３４５６７８９／．－")


@given(
    st.dates(date(1868, 10, 23), date(2117, 12, 31)),
    st.sampled_from(list(SPELLINGS)),
    st.sampled_from(["", " ", "　", "（金）", " 18:30", "生"]),
    st.booleans(),
)
def test_every_day_in_every_spelling(day, spelling, behind, wide):
    era = next(era for era in ERAS if day >= era.first_day)
    year = era.year(day)
    written = SPELLINGS[spelling](day, era, year)
    if spelling == "English" or "（" in written:
        behind = ""
    assert read_date((written.translate(WIDE) if wide else written) + behind).day == day


@given(st.text())
def test_no_text_stops_a_ledger(written):
    try:
        found = read_date(written)
    except DateError:
        return
    assert found.day is None or 1800 <= found.day.year <= 2200


@given(st.text("0123456789年月日RHS.-/ 元一十千令和昭(午後時:T", max_size=14))
def test_no_text_breaks_the_reader(text):
    try:
        found = parse_date(text)
    except DateError:
        return
    assert found is None or 1800 <= found.year <= 2200


def test_month_and_day_without_a_year():
    assert parse_month_day("4月1日") == (4, 1)
    assert parse_month_day("２／２９") == (2, 29)
    assert parse_month_day("4月 1日") == (4, 1)
    assert parse_month_day("4月1日頃") is None
    assert parse_month_day("2026-10-03") is None
    assert parse_month_day(None) is None
    with pytest.raises(DateError):
        parse_month_day("13月1日")


@pytest.mark.parametrize("written", ["01-01", "01-31", "02-29", "04-30", "12-01", "12-31"])
def test_a_day_of_an_unknown_year(written):
    assert is_month_day(written) is True


@pytest.mark.parametrize(
    "written", ["00-10", "13-01", "10-00", "04-31", "02-30", "4-1", "04-1", "0401", "04-01x", "04/01", "０４-０１", ""]
)
def test_no_day_of_any_year(written):
    assert is_month_day(written) is False


@pytest.mark.parametrize(
    ("digits", "number"),
    [
        ("六十三", 63),
        ("二〇一九", 2019),
        ("千九百八十八", 1988),
        ("千九八八", 1988),
        ("十", 10),
        ("元", 1),
        ("一〇零", 100),
    ],
)
def test_kanji_numbers(digits, number):
    assert kanji_number(digits) == number


@pytest.mark.parametrize(
    ("day", "name"),
    [
        (date(1988, 4, 1), "昭和63年"),
        (date(1989, 1, 7), "昭和64年"),
        (date(1989, 1, 8), "平成元年"),
        (date(2019, 4, 30), "平成31年"),
        (date(2019, 5, 1), "令和元年"),
        (date(1926, 12, 25), "昭和元年"),
        (date(1868, 1, 1), ""),
    ],
)
def test_the_year_of_the_era(day, name):
    assert era_name(day) == name


def test_a_date_as_it_stands_on_screens():
    assert japanese_date(date(1988, 4, 1)) == "1988年（昭和63年）4月1日（金）"
    assert japanese_date(date(2019, 5, 1), weekday=False) == "2019年（令和元年）5月1日"
    assert japanese_date(date(1860, 1, 1), weekday=False) == "1860年1月1日"


@pytest.mark.parametrize(
    ("clock", "closing_hour", "day"),
    [
        (datetime(2026, 10, 3, 19, 0, tzinfo=TOKYO), 26, date(2026, 10, 3)),
        (datetime(2026, 10, 4, 1, 30, tzinfo=TOKYO), 26, date(2026, 10, 3)),
        (datetime(2026, 10, 4, 1, 59, 59, tzinfo=TOKYO), 26, date(2026, 10, 3)),
        (datetime(2026, 10, 4, 2, 0, tzinfo=TOKYO), 26, date(2026, 10, 4)),
        (datetime(2026, 10, 4, 0, 0, tzinfo=TOKYO), 24, date(2026, 10, 4)),
        (datetime(2026, 10, 3, 23, 30, tzinfo=TOKYO), 22, date(2026, 10, 3)),
        (datetime(2026, 10, 4, 5, 0, tzinfo=TOKYO), 30, date(2026, 10, 3)),
        (datetime(2026, 10, 3, 16, 30, tzinfo=UTC), 26, date(2026, 10, 3)),
        (datetime(2026, 10, 3, 17, 0, tzinfo=UTC), 26, date(2026, 10, 4)),
    ],
)
def test_the_business_day_ends_after_midnight(clock, closing_hour, day):
    assert business_date(clock, closing_hour, TOKYO) == day
    first, after = business_day_bounds(day, closing_hour, TOKYO)
    assert first <= clock < after
    assert after - first == timedelta(days=1)


def test_a_naive_time_has_no_business_day():
    with pytest.raises(ValueError, match=r"^business_date needs an aware time$"):
        business_date(datetime(2026, 10, 3, 19, 0), 26, TOKYO)


def test_months_and_fiscal_years():
    assert month_start(date(2026, 10, 3)) == date(2026, 10, 1)
    assert month_end(date(2028, 2, 3)) == date(2028, 2, 29)
    last_days = [month_end(date(2026, month, 1)).day for month in range(1, 13)]
    assert last_days == [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
    assert [month_end(date(year, 2, 1)).day for year in (1900, 2000, 2024, 2100)] == [28, 29, 29, 28]
    assert add_months(date(2026, 1, 31), 1) == date(2026, 2, 28)
    assert add_months(date(2026, 1, 31), -14) == date(2024, 11, 30)
    assert add_months(date(2026, 12, 1), 12) == date(2027, 12, 1)
    assert list(months_between(date(2026, 11, 20), date(2027, 1, 2))) == [
        date(2026, 11, 1),
        date(2026, 12, 1),
        date(2027, 1, 1),
    ]
    assert fiscal_year(date(2026, 3, 31)) == 2025
    assert fiscal_year(date(2026, 4, 1)) == 2026
    assert fiscal_year_bounds(2026) == (date(2026, 4, 1), date(2027, 3, 31))


def test_age_on_a_day():
    assert age_on(date(1966, 10, 3), date(2026, 10, 2)) == 59
    assert age_on(date(1966, 10, 3), date(2026, 10, 3)) == 60
    assert age_on(date(2004, 2, 29), date(2025, 2, 28)) == 20
    assert age_on(date(2004, 2, 29), date(2025, 3, 1)) == 21


def test_the_days_of_a_column_tell_which_number_is_the_month():
    days = DaysOfColumn()
    assert days.told("10/3/2026") == ""
    days.learn(["10/3/2026", "10/19/2026 18:00", 5, None])
    assert days.told("10/3/2026") == "2026-10-03"
    assert days.told(" 1/2/2026 18:30 ") == "2026-01-02 18:30"
    assert days.told("10/19/2026") == days.told("R8.10.3") == days.told(46298) == ""
    assert days.told("12/12/2026") == "2026-12-12"
    assert days.told("12/13/2026") == days.told("13/3/2026") == days.told("会場 1/2/2026") == ""
    days.learn(["19/10/2026"])
    assert days.told("10/3/2026") == ""
    new = DaysOfColumn()
    new.learn(["12/12/2026", "会場 10/19/2026"])
    assert new.told("10/3/2026") == ""
    new.learn(["10/13/2026"])
    assert new.told("10/3/2026") == "2026-10-03"
    first = DaysOfColumn()
    first.learn(["13/10/2026"])
    assert first.told("10/3/2026") == "2026-03-10"
    other = DaysOfColumn()
    other.learn(["19-10-2026"])
    assert other.told("10-3-2026") == "2026-03-10"


@pytest.mark.parametrize(
    ("written", "day"),
    [
        ("昭和 ６ ３ 年 ４ 月 １ 日", date(1988, 4, 1)), ("昭和63年4月1日（35歳）", date(1988, 4, 1)), ("S63.4.1 満35才", date(1988, 4, 1)),
        ("生年月日：S63.4.1", date(1988, 4, 1)), ("生年月日S63.4.1", date(1988, 4, 1)), ("登録日 2023/4/1", date(2023, 4, 1)),
        ('"2023/4/1"', date(2023, 4, 1)), ("“2023/4/1”", date(2023, 4, 1)), ("' 2023/4/1 '", date(2023, 4, 1)), ("20230401183000", date(2023, 4, 1)),
        ("202304012359", date(2023, 4, 1)), ("3 December 2026", date(2026, 12, 3)), ("3October2026", date(2026, 10, 3)),
        ("2026October3", date(2026, 10, 3)), ("12/13/2026", date(2026, 12, 13)), ("13/12/2026", date(2026, 12, 13)),
    ],
)  # fmt: skip
def test_what_people_write_around_a_day(written, day):
    assert parse_date(written) == day


@pytest.mark.parametrize(
    ("written", "reason"),
    [
        ("R5.4.1～R8.3.31", "is a span of days"), ("R5.4.1∼R8.3.31", "is a span of days"), ("R5.4.1〜", "is a span of days"),
        ("2023/4/1-4/3", "is a span of days"), ("2023年4月1日以降", "is a span of days"),
        ("2026X10X3", "is not a date"), ("20230401243000", "is not a date"), ("2023 午後 4 1", "is not a date"),
        ("2023年4月1(仮)日", "is not a date"), ("2023年4月1 5歳日", "is not a date"), ("2023 10:30/4/1", "is not a date"), ("3 Desk 2026", "is not a date"),
        ("不可", "is not a date"), ("たぶん不明", "is not known"), ("不詳", "is not known"),
        ("3 October 2026 abc", "two ways"), ("31/12/20261", "is not a date"), ("3 Oct", "two ways"), ("確認年月日不明", "is not known"),
    ],
)  # fmt: skip
def test_what_is_no_day(written, reason):
    with translation.override("en"), pytest.raises(DateError) as raised:
        parse_date(written)
    assert reason in str(raised.value)


def test_a_day_far_ahead_is_mistyped():
    refuse_far_ahead(date(2036, 12, 31), date(2026, 1, 1))
    with translation.override("en"), pytest.raises(DateError) as raised:
        refuse_far_ahead(date(2037, 1, 1), date(2026, 12, 31))
    assert str(raised.value) == "2037-01-01 is more than 10 years ahead: check the year."
