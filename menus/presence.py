"""What a dish says of an allergen once its base preparations are counted in. Pure; no database, no request.

The dish's own word is about what goes into it besides its bases, each base speaks for itself, and the most dangerous
word wins: contains, may contain, not checked, free. So a base that nobody checked makes the dish unchecked unless
something in it contains (or may contain) the allergen, and a dish is free only where its own word and that of every
base are "free". A component that says nothing is not checked. What is not checked is never safe.
"""

from collections.abc import Hashable, Iterable, Mapping, Sequence
from typing import Final, TypeVar

from crm_project.core.allergens.choices import Presence
from crm_project.core.allergens.legal_lists import COVERS

WORST_FIRST: Final = (Presence.CONTAINS, Presence.MAY_CONTAIN, Presence.UNCHECKED, Presence.FREE)
COVERED_BY: dict[str, tuple[str, ...]] = {}
for _house_item, _covered in COVERS.items():
    for _code in _covered:
        COVERED_BY[_code] = (*COVERED_BY.get(_code, ()), _house_item)

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


def presence_for(allergen: str, presences: Mapping[str, str]) -> Presence:
    """What a dish means for somebody who does not eat the allergen.

    Anything that covers or is covered counts. Free is only what the kitchen said of the item itself, or of a house item
    that covers it; free of えび alone is not free of 甲殻類.
    """
    covered = [Presence(presences[code]) for code in COVERS.get(allergen, ()) if code in presences]
    itself = Presence(presences.get(allergen, Presence.UNCHECKED))
    if itself == Presence.FREE:
        # Said of the item itself, so a wider mark speaks of its other members; a narrower one contradicts and wins.
        return worst([*(found for found in covered if found != Presence.UNCHECKED), itself])
    wider = [Presence(presences[code]) for code in COVERED_BY.get(allergen, ()) if code in presences]
    said = [found for found in (itself, *covered, *wider) if found in (Presence.CONTAINS, Presence.MAY_CONTAIN)]
    if said:
        return worst(said)
    return Presence.FREE if Presence.FREE in wider else Presence.UNCHECKED
