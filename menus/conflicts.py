"""Which dishes a guest who does not eat some allergens can be served: what the dishes say, their bases included."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from django.utils.translation import gettext_lazy as _

from crm_project.core.allergens.choices import Presence
from crm_project.core.allergens.models import Allergen
from crm_project.core.problems import InputProblem
from menus.models import Dish
from menus.presence import presence_for, worst
from menus.queries import allergen_key, allergens_by_name, dishes_with_allergens


@dataclass(frozen=True, slots=True)
class Sorted:
    """Dishes on the menu by the worst word they have on any of the allergens; by name."""

    conflict: list[str] = field(default_factory=list)
    may: list[str] = field(default_factory=list)
    unchecked: list[str] = field(default_factory=list)
    free: list[str] = field(default_factory=list)

    def as_json(self) -> dict[str, list[str]]:
        """The command line's answer."""
        return {"conflict": self.conflict, "may": self.may, "unchecked": self.unchecked, "free": self.free}


def allergens_named(words: Iterable[str]) -> list[Allergen]:
    """Allergens by code, Japanese or English name or other words. Raises InputProblem for a word that is none of them."""
    known = allergens_by_name()
    found = []
    for word in words:
        if allergen_key(word) not in known:
            raise InputProblem(_("“%(word)s” is not an allergen of our list."), {"word": word})
        found.append(known[allergen_key(word)])
    return list(dict.fromkeys(found))


def dish_presence(dish: Dish, allergens: Sequence[Allergen]) -> Presence:
    """The worst word of a dish (allergens and bases prefetched) on any of the allergens. Proposals do not count."""
    presences = dish.presences
    return worst(presence_for(allergen.code, presences) for allergen in allergens)


def sort_dishes(allergens: Sequence[Allergen]) -> Sorted:
    """The dishes on the menu by what they say of the allergens. Four queries."""
    found = Sorted()
    lists = {
        Presence.CONTAINS: found.conflict,
        Presence.MAY_CONTAIN: found.may,
        Presence.UNCHECKED: found.unchecked,
        Presence.FREE: found.free,
    }
    for dish in dishes_with_allergens().filter(is_active=True).order_by("name"):
        lists[dish_presence(dish, allergens)].append(dish.name)
    return found
