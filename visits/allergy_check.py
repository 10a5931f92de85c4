"""What harms whom: the allergies of the people at a table against the dishes. Pure; no database, no request.

A house item stands for legal ones (甲殻類 for えび and かに), and counts in both directions: a guest who does not eat 甲殻類 is
harmed by えび, and a dish marked 甲殻類 may well be えび for a guest who does not eat that. What nobody checked is never safe.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from crm_project.core.allergens.choices import Presence, Severity
from menus.presence import WORST_FIRST, presence_for

SEVEREST_FIRST = (Severity.SEVERE, Severity.MODERATE, Severity.TRACE_OK)


@dataclass(frozen=True, slots=True)
class Diner:
    """Somebody at the table: allergen code -> severity."""

    customer_id: int
    allergies: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class DishFacts:
    """A dish: allergen code -> presence; a code that is absent is not checked."""

    dish_id: int
    presences: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Conflict:
    """One allergy of one person that one dish touches, or may touch."""

    customer_id: int
    dish_id: int
    allergen: str
    severity: Severity
    presence: Presence

    @property
    def must_be_confirmed(self) -> bool:
        """Contained, or possibly contained where traces harm. What is not checked is a hint to ask the kitchen."""
        if self.presence == Presence.CONTAINS:
            return True
        return self.presence == Presence.MAY_CONTAIN and self.severity != Severity.TRACE_OK


def conflicts(diners: Sequence[Diner], dishes: Sequence[DishFacts]) -> list[Conflict]:
    """Every allergy that is not known to be untouched, the most dangerous first."""
    found = [
        Conflict(diner.customer_id, dish.dish_id, allergen, Severity(severity), presence)
        for dish in dishes
        for diner in diners
        for allergen, severity in diner.allergies.items()
        if (presence := presence_for(allergen, dish.presences)) != Presence.FREE
    ]
    return sorted(
        found, key=lambda conflict: (WORST_FIRST.index(conflict.presence), SEVEREST_FIRST.index(conflict.severity))
    )
