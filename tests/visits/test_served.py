from datetime import date

from visits.served import Serving, same_dishes

AUGUST, MAY = date(2026, 8, 1), date(2026, 5, 1)


def test_a_dish_of_the_last_visit_is_found_with_its_month():
    last_time = Serving(1, 7, AUGUST, 1)

    assert same_dishes([7, 8], [last_time, Serving(1, 9, AUGUST, 1)]) == [last_time]


def test_only_so_many_visits_back():
    assert same_dishes([7], [Serving(1, 7, MAY, 4)]) == []
    assert same_dishes([7], [Serving(1, 7, MAY, 4)], visits_back=4) == [Serving(1, 7, MAY, 4)]


def test_of_several_times_the_latest_counts_for_each_guest():
    found = same_dishes([7], [Serving(1, 7, MAY, 3), Serving(1, 7, AUGUST, 1), Serving(2, 7, MAY, 2)])

    assert found == [Serving(1, 7, AUGUST, 1), Serving(2, 7, MAY, 2)]


def test_two_servings_on_one_visit_are_told_once():
    twice = [Serving(1, 7, AUGUST, 1), Serving(1, 7, MAY, 1)]

    assert same_dishes([7], twice) == twice[:1]


def test_the_last_time_comes_first_then_guest_and_dish():
    past = [Serving(2, 8, MAY, 2), Serving(2, 7, AUGUST, 1), Serving(1, 8, AUGUST, 1), Serving(1, 7, AUGUST, 1)]

    assert same_dishes([7, 8], past) == [past[3], past[2], past[1], past[0]]
