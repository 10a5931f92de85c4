"""The allergen sheet of a dish: the list in force first, then the house's own items, every one with what is known."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from crm_project.core.allergens.choices import AllergenClass, Presence
from crm_project.core.allergens.models import Allergen, AllergenList
from menus.models import Dish

TONES: dict[str, str] = {
    Presence.CONTAINS: "allergy",
    Presence.MAY_CONTAIN: "ask",
    Presence.UNCHECKED: "ask",
    Presence.FREE: "ok",
}


@dataclass(frozen=True)
class Group:
    """Allergens of one class; `allergen_class` is "" for those on no list in force."""

    allergen_class: str
    allergens: list[Allergen]


@dataclass(frozen=True)
class Line:
    """What is known of one allergen in a dish."""

    allergen: Allergen
    presence: Presence

    @property
    def tone(self) -> str:
        """The tone of the tag: only what is known to be free is green."""
        return TONES[self.presence]


def groups_on(day: date) -> list[Group]:
    """All allergens by class of the list in force on the day, the house's own last."""
    legal_list = AllergenList.objects.in_force(day)
    classes = dict(legal_list.items.values_list("allergen_id", "allergen_class"))
    everything = list(Allergen.objects.all())
    wanted = [AllergenClass.MANDATORY.value, AllergenClass.RECOMMENDED.value, ""]
    return [
        Group(wanted_class, [item for item in everything if classes.get(item.pk, "") == wanted_class])
        for wanted_class in wanted
    ]


def lines(dish: Dish, allergens: Iterable[Allergen]) -> list[Line]:
    """What is known of each allergen in the dish, its bases included (`allergens` and `bases` prefetched)."""
    known = {allergen.pk: presence for allergen, presence in dish.stated_allergens()}
    return [Line(allergen, known.get(allergen.pk, Presence.UNCHECKED)) for allergen in allergens]
