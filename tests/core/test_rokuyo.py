"""六曜 beside the published tables of whole years and of the days on which makers of calendars have disagreed."""

from datetime import date, timedelta
from itertools import pairwise

import pytest

from crm_project.core.rokuyo import Rokuyo, rokuyo_of

# The first days of the months of 旧暦 in 2023 (with a leap second month) and 2026 as printed calendars give them, by the
# new moons of the 暦要項, the almanac of the National Astronomical Observatory: first day, number of the month.
MONTHS_OF_2023 = [
    (date(2023, 1, 22), 1),
    (date(2023, 2, 20), 2),
    (date(2023, 3, 22), 2),
    (date(2023, 4, 20), 3),
    (date(2023, 5, 20), 4),
    (date(2023, 6, 18), 5),
    (date(2023, 7, 18), 6),
    (date(2023, 8, 16), 7),
    (date(2023, 9, 15), 8),
    (date(2023, 10, 15), 9),
    (date(2023, 11, 13), 10),
    (date(2023, 12, 13), 11),
    (date(2024, 1, 11), 12),
    (date(2024, 2, 10), 1),
]
MONTHS_OF_2026 = [
    (date(2026, 1, 19), 12),
    (date(2026, 2, 17), 1),
    (date(2026, 3, 19), 2),
    (date(2026, 4, 17), 3),
    (date(2026, 5, 17), 4),
    (date(2026, 6, 15), 5),
    (date(2026, 7, 14), 6),
    (date(2026, 8, 13), 7),
    (date(2026, 9, 11), 8),
    (date(2026, 10, 11), 9),
    (date(2026, 11, 9), 10),
    (date(2026, 12, 9), 11),
]
# Days as printed: a month of each, 先 友 負 仏 大 赤 for the six.
PRINTED = {
    date(2017, 2, 1): "大赤先友負仏大赤先友負仏大赤先友負仏大赤先友負仏大友負仏",
    date(2017, 3, 1): "大赤先友負仏大赤先友負仏大赤先友負仏大赤先友負仏大赤先負仏大赤",
    date(2017, 12, 1): "大赤先友負仏大赤先友負仏大赤先友負大赤先友負仏大赤先友負仏大赤",
    date(2023, 4, 1): "赤先友負仏大赤先友負仏大赤先友負仏大赤負仏大赤先友負仏大赤先",
    date(2025, 8, 1): "先友負仏大赤先友負仏大赤先友負仏大赤先友負仏先友負仏大赤先友",
    date(2026, 1, 1): "大赤先友負仏大赤先友負仏大赤先友負仏",
    date(2026, 3, 1): "先友負仏大赤先友負仏大赤先友負仏大赤友負仏大赤先友負仏大赤先友",
}
SIGNS = dict(zip("先友負仏大赤", Rokuyo, strict=True))
ROUND = "先友負仏大赤"


@pytest.mark.parametrize("months", [MONTHS_OF_2023, MONTHS_OF_2026], ids=["2023", "2026"])
def test_every_day_of_a_published_year_has_its_rokuyo(months):
    for (first, number), (after, _next) in pairwise(months):
        for passed in range((after - first).days):
            assert rokuyo_of(first + timedelta(passed)) == SIGNS[ROUND[(number - 1 + passed) % 6]]


@pytest.mark.parametrize("first", PRINTED)
def test_days_are_as_printed(first):
    printed = [SIGNS[sign] for sign in PRINTED[first]]
    assert [rokuyo_of(first + timedelta(passed)) for passed in range(len(printed))] == printed


def test_a_day_after_the_end_of_the_table_has_none():
    assert rokuyo_of(date(2050, 12, 31)) is not None
    assert rokuyo_of(date(2051, 1, 1)) is None
