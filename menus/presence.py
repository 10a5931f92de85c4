"""What a dish says of an allergen once its base preparations are counted in. Pure; no database, no request.

The dish's own word is about what goes into it besides its bases, each base speaks for itself, and the most dangerous
word wins: contains, may contain, not checked, free. So a base that nobody checked makes the dish unchecked unless
something in it contains (or may contain) the allergen, and a dish is free only where its own word and that of every
base are "free". A component that says nothing is not checked. What is not checked is never safe.
"""

from collections.abc import Hashable, Iterable, Mapping, Sequence
from typing import Final, TypeVar

from crm_project.core.allergens.choices import Presence

WORST_FIRST: Final = (Presence.CONTAINS, Presence.MAY_CONTAIN, Presence.UNCHECKED, Presence.FREE)

Key = TypeVar("Key", bound=Hashable)


def worst(presences: Iterable[Presence]) -> Presence:
    """The most dangerous of them."""
    return min(presences, key=WORST_FIRST.index)


def effective(own: Mapping[Key, str], bases: Sequence[Mapping[Key, str]]) -> dict[Key, Presence]:
    """Allergen -> presence for everything that the dish or one of its bases speaks of."""
    components = [own, *bases]
    allergens = dict.fromkeys(allergen for component in components for allergen in component)
    return {
        allergen: worst(Presence(component.get(allergen, Presence.UNCHECKED)) for component in components)
        for allergen in allergens
    }
