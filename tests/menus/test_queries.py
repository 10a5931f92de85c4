from datetime import date

import pytest

from menus.queries import enough_typed, find_courses, find_dishes
from tests.factories.menus import CourseFactory, DishFactory

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("query", ["海老", "えび", "エビ", "ｴﾋﾞ", "ebi", "真薯", "しんじょ"])
def test_a_dish_is_found_by_two_characters_of_any_writing(query):
    dish = DishFactory.create(name="海老真薯", kana="エビシンジョ")
    DishFactory.create(name="松茸土瓶蒸し", kana="マツタケドビンムシ")

    assert list(find_dishes(query)) == [dish]


@pytest.mark.parametrize(("query", "enough"), [("え", False), ("e", False), ("", False), ("鮎", True), ("えび", True)])
def test_one_kanji_is_enough_one_kana_is_not(query, enough):
    assert enough_typed(query) is enough


def test_dishes_off_the_menu_are_not_offered():
    DishFactory.create(name="鱧の落とし", kana="ハモノオトシ", is_active=False)

    assert not find_dishes("はも").exists()


def test_courses_are_offered_on_their_days_only():
    november = CourseFactory.create(
        name="霜月の会席", kana="シモツキ", valid_from=date(2026, 11, 1), valid_to=date(2026, 11, 30)
    )

    assert list(find_courses("しもつき", date(2026, 11, 30))) == [november]
    assert not find_courses("しもつき", date(2026, 12, 1)).exists()
