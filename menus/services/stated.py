"""Writing what the kitchen says of the allergens of a dish or of a base preparation."""

from collections.abc import Mapping
from typing import Any

from crm_project.core.allergens.choices import Presence
from crm_project.core.allergens.models import Allergen
from crm_project.core.audit.services import difference
from menus.models import BaseAllergen, BasePreparation, Dish, DishAllergen

Presences = Mapping[Allergen, str]


def write_presences(of: Dish | BasePreparation, presences: Presences) -> dict[str, Any]:
    """Write what is known and return the differences by code. Not checked is the absence of a row."""
    wanted = {
        allergen.pk: (allergen.code, str(presence))
        for allergen, presence in presences.items()
        if presence != Presence.UNCHECKED
    }
    held = {
        pk: (code, presence)
        for pk, code, presence in of.allergens.values_list("allergen_id", "allergen__code", "presence")
        if presence != Presence.UNCHECKED
    }
    of.allergens.exclude(allergen__in=wanted).delete()
    said = [(pk, presence) for pk, (_code, presence) in wanted.items()]
    if isinstance(of, Dish):
        DishAllergen.objects.bulk_create(
            (DishAllergen(dish=of, allergen_id=pk, presence=presence) for pk, presence in said),
            update_conflicts=True,
            unique_fields=["dish", "allergen"],
            update_fields=["presence"],
        )
    else:
        BaseAllergen.objects.bulk_create(
            (BaseAllergen(base=of, allergen_id=pk, presence=presence) for pk, presence in said),
            update_conflicts=True,
            unique_fields=["base", "allergen"],
            update_fields=["presence"],
        )
    return difference(
        {code: held[pk][1] if pk in held else None for pk, (code, _presence) in (held | wanted).items()},
        {code: wanted[pk][1] if pk in wanted else None for pk, (code, _presence) in (held | wanted).items()},
    )
