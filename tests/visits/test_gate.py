"""The gate: what must be decided, what decides it, and what makes a sheet stale. Pure."""

import pytest

from visits.allergy_check import DishFacts
from visits.gate import Decision, Seat, SheetState, differences, digest, judge, state_of
from visits.tonight import Change, lay_over

SHINJO, SASHIMI, TOFU = 1, 2, 3


def dish(pk, **presences):
    """A dish with what the kitchen says of its allergens."""
    return DishFacts(pk, presences)


def seat(ref="a1", **allergies):
    """A seat with allergies and their severity."""
    return Seat(ref=ref, allergies=allergies)


def open_of(gate):
    """What is open, as pairs."""
    return [(one.ref, one.dish_id) for one in gate.open]


@pytest.mark.parametrize(
    ("presence", "severity", "is_open"),
    [
        ("contains", "severe", True),
        ("contains", "moderate", True),
        ("contains", "trace_ok", True),
        ("may_contain", "severe", True),
        ("may_contain", "moderate", True),
        ("may_contain", "trace_ok", False),
        ("unchecked", "severe", True),
        ("unchecked", "trace_ok", True),
        ("free", "severe", False),
    ],
)
def test_what_has_to_be_decided(presence, severity, is_open):
    gate = judge([seat(shrimp=severity)], [dish(SHINJO, shrimp=presence)])

    assert bool(gate.open) is is_open
    assert gate.may_be_ready is not is_open


def test_a_dish_nobody_said_anything_of_is_not_checked():
    assert open_of(judge([seat(shrimp="moderate")], [dish(SHINJO)])) == [("a1", SHINJO)]


def test_replaced_left_out_and_answered_are_decided():
    seats, dishes = [seat(shrimp="severe")], [dish(SHINJO, shrimp="contains")]
    free = dish(TOFU, shrimp="free")

    for decision, is_open in (
        (Decision("a1", SHINJO, "left_out"), False),
        (Decision("a1", SHINJO, "replaced", TOFU), False),
        (Decision("a1", SHINJO, "accepted", covers=frozenset({"shrimp severe contains"})), False),
        (Decision("a1", SHINJO, "refused"), True),
        (Decision("a1", SHINJO, "seconds"), True),
        (Decision("a2", SHINJO, "left_out"), True),
    ):
        assert bool(judge(seats, dishes, [decision], [free]).open) is is_open, decision


def test_a_cooks_answer_counts_for_what_it_was_given_for_alone():
    answer = Decision("a1", SHINJO, "accepted", covers=frozenset({"shrimp severe may_contain"}))

    assert not judge([seat(shrimp="severe")], [dish(SHINJO, shrimp="may_contain")], [answer]).open
    assert judge([seat(shrimp="severe")], [dish(SHINJO, shrimp="contains")], [answer]).open
    assert judge(
        [seat(shrimp="severe", milk="severe")], [dish(SHINJO, shrimp="may_contain", milk="contains")], [answer]
    ).open


def test_what_comes_instead_is_judged_too_and_never_in_circles():
    seats, dishes = [seat(shrimp="severe")], [dish(SHINJO, shrimp="contains")]
    bad = dish(SASHIMI, shrimp="may_contain")

    gate = judge(seats, dishes, [Decision("a1", SHINJO, "replaced", SASHIMI)], [bad])
    assert [(one.dish_id, one.instead_of) for one in gate.open] == [(SASHIMI, SHINJO)]
    circle = [Decision("a1", SHINJO, "replaced", SASHIMI), Decision("a1", SASHIMI, "replaced", SHINJO)]
    assert len(judge(seats, dishes, circle, [bad]).conflicts) == 2


def test_an_unasked_seat_keeps_the_sheet_open_and_an_unchecked_one_the_service():
    unasked = Seat(ref="a2", people=3, is_asked=False)
    waiting = Seat(ref="a3", is_checked=False)

    gate = judge([unasked], [])
    assert (gate.unasked, gate.may_be_ready, gate.service_is_open) == (3, False, False)
    gate = judge([waiting], [])
    assert (gate.unchecked, gate.may_be_ready, gate.service_is_open) == (1, True, False)


def test_a_sheet_is_ready_while_it_is_what_was_ready():
    content = {"dishes": [1, 2], "names": {"a1": "渡邉"}}

    assert digest(content) == digest(content | {"names": {}})
    assert digest(content) != digest(content | {"dishes": [2, 1]})
    assert state_of(None, "x") == SheetState.PREPARING
    assert state_of("x", "x") == SheetState.READY
    assert state_of("x", "y") == SheetState.CHANGED


def test_differences_name_what_changed():
    before = {
        "room": "桔梗",
        "party": 4,
        "dishes": [1, 2],
        "seats": {"a1": [1, True, []]},
        "conflicts": [],
        "exceptions": {},
    }
    now = before | {
        "room": "萩",
        "dishes": [2, 3],
        "seats": {"a1": [1, True, [["shrimp", "severe"]]]},
        "conflicts": ["a1 3 shrimp severe contains"],
        "exceptions": {"a1 3 left_out": [None, "", []]},
    }

    assert [(one.what, one.of) for one in differences(before, now)] == [
        ("room", ""),
        ("dish_gone", "d1"),
        ("dish_new", "d3"),
        ("seats", "a1"),
        ("exceptions", "a1 3 left_out"),
        ("conflict_new", "a1 3 shrimp severe contains"),
    ]
    assert differences(before, before) == []
    assert [one.what for one in differences(before, before | {"dishes": [2, 1]})] == ["order"]


class TestTonight:
    """Tonight's changes over a table's dishes."""

    def test_replaced_left_out_and_untouched(self):
        found = lay_over([1, 2, 3], 7, [Change(1, 9), Change(2, None), Change(5, 6)])

        assert (found.dishes, found.instead_of, found.left_out) == ((9, 3), {9: 1}, (2,))

    def test_a_course_goes_before_all(self):
        changes = [Change(1, 8, course_id=7), Change(1, 9)]

        assert lay_over([1], 7, changes).dishes == (8,)
        assert lay_over([1], 6, changes).dishes == (9,)
        assert lay_over([1], None, [Change(1, 8, course_id=7)]).dishes == (1,)

    def test_a_replacement_that_ran_out_is_replaced_in_its_turn(self):
        assert lay_over([1], None, [Change(1, 2), Change(2, 3)]).dishes == (3,)
        assert lay_over([1], None, [Change(1, 2), Change(2, None)]).dishes == ()

    def test_two_that_point_at_each_other_change_nothing(self):
        assert lay_over([1], None, [Change(1, 2), Change(2, 1)]).dishes == (1,)

    def test_a_dish_that_is_there_already_stands_once(self):
        assert lay_over([1, 2], None, [Change(1, 2)]).dishes == (2,)
