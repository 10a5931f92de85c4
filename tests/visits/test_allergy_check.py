import pytest

from crm_project.core.allergens.choices import Presence, Severity
from menus.presence import presence_for
from visits.allergy_check import Diner, DishFacts, conflicts

CONTAINS, MAY, FREE, UNCHECKED = Presence.CONTAINS, Presence.MAY_CONTAIN, Presence.FREE, Presence.UNCHECKED


@pytest.mark.parametrize(
    ("allergy", "dish", "expected"),
    [
        ("shrimp", {"shrimp": "contains"}, CONTAINS),
        ("shrimp", {"shrimp": "may_contain"}, MAY),
        ("shrimp", {"shrimp": "free"}, FREE),
        ("shrimp", {}, UNCHECKED),
        ("shrimp", {"egg": "free"}, UNCHECKED),
        # a house item covers legal ones
        ("crustaceans", {"shrimp": "contains"}, CONTAINS),
        ("crustaceans", {"crab": "may_contain"}, MAY),
        ("crustaceans", {"crab": "may_contain", "shrimp": "contains"}, CONTAINS),
        ("crustaceans", {"shrimp": "free"}, UNCHECKED),
        ("crustaceans", {"shrimp": "free", "crab": "free"}, UNCHECKED),
        ("crustaceans", {"crustaceans": "free"}, FREE),
        # a contradiction is not safe
        ("crustaceans", {"crustaceans": "free", "shrimp": "contains"}, CONTAINS),
        ("crustaceans", {"crustaceans": "free", "shrimp": "may_contain"}, MAY),
        ("crustaceans", {"crustaceans": "free", "shrimp": "unchecked"}, FREE),
        # and is covered in turn
        ("shrimp", {"crustaceans": "contains"}, CONTAINS),
        ("shrimp", {"crustaceans": "may_contain"}, MAY),
        ("shrimp", {"crustaceans": "free"}, FREE),
        ("shrimp", {"crustaceans": "contains", "shrimp": "free"}, FREE),
        ("walnut", {"tree_nuts": "contains"}, CONTAINS),
        # siblings say nothing of each other
        ("shrimp", {"crab": "contains"}, UNCHECKED),
        ("mackerel", {"salmon": "contains"}, UNCHECKED),
        # an item outside every list stands for itself
        ("tomato", {"tomato": "contains"}, CONTAINS),
    ],
)
def test_presence_for(allergy, dish, expected):
    assert presence_for(allergy, dish) == expected


@pytest.mark.parametrize(
    ("severity", "presence", "confirmed"),
    [
        ("severe", "contains", True),
        ("severe", "may_contain", True),
        ("moderate", "may_contain", True),
        ("trace_ok", "contains", True),
        ("trace_ok", "may_contain", False),
        ("severe", "unchecked", False),
    ],
)
def test_what_has_to_be_confirmed(severity, presence, confirmed):
    found = conflicts([Diner(1, {"egg": severity})], [DishFacts(7, {"egg": presence})])

    assert [conflict.must_be_confirmed for conflict in found] == [confirmed]


def test_conflicts_name_person_dish_severity_and_presence_the_worst_first():
    diners = [Diner(1, {"shrimp": "severe", "egg": "moderate"}), Diner(2, {"egg": "severe"}), Diner(3, {})]
    dishes = [DishFacts(7, {"shrimp": "free", "egg": "contains"}), DishFacts(8, {"egg": "free"})]

    found = conflicts(diners, dishes)

    assert [(item.customer_id, item.dish_id, item.allergen, item.severity, item.presence) for item in found] == [
        (2, 7, "egg", Severity.SEVERE, CONTAINS),
        (1, 7, "egg", Severity.MODERATE, CONTAINS),
        (1, 8, "shrimp", Severity.SEVERE, UNCHECKED),
    ]
