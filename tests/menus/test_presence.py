import pytest

from crm_project.core.allergens.choices import Presence
from menus.presence import effective

CONTAINS, MAY, FREE, UNCHECKED = Presence.CONTAINS, Presence.MAY_CONTAIN, Presence.FREE, Presence.UNCHECKED


@pytest.mark.parametrize(
    ("own", "bases", "said"),
    [
        (CONTAINS, [], CONTAINS),
        (FREE, [], FREE),
        (FREE, [FREE, FREE], FREE),
        (FREE, [FREE, None], UNCHECKED),
        (None, [FREE], UNCHECKED),
        (FREE, [MAY], MAY),
        (None, [MAY], MAY),
        (CONTAINS, [None], CONTAINS),
        (MAY, [None, FREE], MAY),
        (FREE, [MAY, CONTAINS, None], CONTAINS),
        (UNCHECKED, [FREE], UNCHECKED),
    ],
)
def test_the_most_dangerous_word_of_dish_and_bases_counts(own, bases, said):
    dish = {} if own is None else {"wheat": own}

    found = effective(dish, [{} if base is None else {"wheat": base} for base in bases])

    assert found.get("wheat", UNCHECKED) == said


def test_what_nobody_speaks_of_is_left_out():
    assert effective({"egg": FREE}, [{"wheat": CONTAINS}]) == {"egg": UNCHECKED, "wheat": CONTAINS}
