"""Proposing allergens from the names of foods, and what a person decides of them."""

from collections.abc import Iterable, Sequence
from typing import Any

from django.db import transaction
from django.db.models import Prefetch
from django.utils import timezone

from crm_project.core.accounts.models import User
from crm_project.core.allergens.choices import Presence
from crm_project.core.allergens.models import Allergen
from crm_project.core.audit.choices import Action
from crm_project.core.audit.services import record
from menus.choices import ProposalState
from menus.models import Dish, DishAllergen, DishFood, ProposedAllergen
from menus.presence import WORST_FIRST
from menus.proposals import Lexicon, lexicon, proposed_for_dish


def house_lexicons() -> tuple[Lexicon, Lexicon]:
    """The words for foods (ready-made dishes too) and for names of dishes whose recipe is written down. One query."""
    aliases = {one.code: [one.name_ja, *one.aliases] for one in Allergen.objects.all()}
    return lexicon(aliases), lexicon(aliases, composed=False)


def suggested(dish: Dish, lexicons: tuple[Lexicon, Lexicon]) -> dict[str, tuple[Presence, str]]:
    """Allergen code -> presence and the food (or the dish) that suggests it; `dish_foods` with food prefetched."""
    foods = list(dict.fromkeys(row.food.name for row in dish.dish_foods.all()))
    return proposed_for_dish(dish.name, foods, *lexicons)


@transaction.atomic
def propose(dishes: Iterable[int]) -> int:
    """Bring the open proposals of the dishes up to date with their foods and names; returns how many are open of them.

    Nothing is proposed of what the kitchen already says, but for a "free of" that a food contradicts. What a person has
    dismissed stays so until another food, or a worse presence, suggests it.
    """
    ids = list(dishes)
    lexicons = house_lexicons()
    allergens = dict(Allergen.objects.values_list("code", "pk"))
    menu = Dish.objects.prefetch_related(
        "proposals",
        Prefetch("allergens", DishAllergen.objects.select_related("allergen")),
        Prefetch("dish_foods", DishFood.objects.select_related("food")),
    ).in_bulk(ids)
    new: list[ProposedAllergen] = []
    changed: list[ProposedAllergen] = []
    gone: list[int] = []
    still_open = 0
    for dish in menu.values():
        said = {row.allergen.code: row.presence for row in dish.allergens.all()}
        wanted = {
            allergens[code]: why
            for code, why in suggested(dish, lexicons).items()
            if code in allergens and not _already_said(said.get(code), why[0])
        }
        held = {row.allergen_id: row for row in dish.proposals.all()}
        for allergen_id, (presence, because_of) in wanted.items():
            row = held.get(allergen_id)
            if row is None:
                new.append(_open(dish, allergen_id, presence, because_of))
            elif (row.presence, row.because_of) != (presence, because_of[:120]):
                row.presence, row.because_of = presence, because_of[:120]
                row.state, row.decided_by, row.decided_at = ProposalState.OPEN, None, None
                changed.append(row)
            elif row.state == ProposalState.CONFIRMED:
                # Confirmed once, since set back to not checked: to be confirmed anew.
                row.state, row.decided_by, row.decided_at = ProposalState.OPEN, None, None
                changed.append(row)
            still_open += row is None or row.state == ProposalState.OPEN
        gone += [row.pk for pk, row in held.items() if pk not in wanted and row.state == ProposalState.OPEN]
    ProposedAllergen.objects.filter(pk__in=gone).delete()
    ProposedAllergen.objects.bulk_create(new, batch_size=1000)
    ProposedAllergen.objects.bulk_update(
        changed, ["presence", "because_of", "state", "decided_by", "decided_at"], batch_size=500
    )
    return still_open


@transaction.atomic
def decide(*, dish: Dish, by: User, confirmed: Sequence[int], dismissed: Sequence[int] = ()) -> int:
    """Confirm or dismiss open proposals of a dish by their ids; returns how many were decided.

    A confirmed one becomes what the kitchen says of the dish. One that somebody else has decided meanwhile is left alone.
    """
    dish = Dish.objects.select_for_update().get(pk=dish.pk)
    rows = {
        row.pk: row for row in dish.proposals.filter(state=ProposalState.OPEN).select_related("allergen").order_by("pk")
    }
    yes = [rows[pk] for pk in confirmed if pk in rows]
    no = [rows[pk] for pk in dismissed if pk in rows and pk not in confirmed]
    if not yes and not no:
        return 0
    said = dict(dish.allergens.values_list("allergen__code", "presence"))
    # What the kitchen has said meanwhile is never made milder by what a food suggests.
    told = [row for row in yes if not _is_worse(said.get(row.allergen.code), row.presence)]
    changes: dict[str, Any] = {row.allergen.code: [said.get(row.allergen.code), row.presence] for row in told}
    if no:
        changes["dismissed"] = [None, "、".join(row.allergen.name_ja for row in no)]
    DishAllergen.objects.bulk_create(
        (DishAllergen(dish=dish, allergen=row.allergen, presence=row.presence) for row in told),
        update_conflicts=True,
        unique_fields=["dish", "allergen"],
        update_fields=["presence"],
    )
    decision = {"decided_by": by, "decided_at": timezone.now()}
    ProposedAllergen.objects.filter(pk__in=[row.pk for row in yes]).update(state=ProposalState.CONFIRMED, **decision)
    ProposedAllergen.objects.filter(pk__in=[row.pk for row in no]).update(state=ProposalState.DISMISSED, **decision)
    dish.version += 1
    dish.save(update_fields=["version"])
    record(by=by, action=Action.CHANGED, subject=dish, changes=changes)
    return len(yes) + len(no)


def _open(dish: Dish, allergen_id: int, presence: Presence, because_of: str) -> ProposedAllergen:
    return ProposedAllergen(dish=dish, allergen_id=allergen_id, presence=presence, because_of=because_of[:120])


def _is_worse(said: str | None, presence: str) -> bool:
    """Whether what is said is at least as dangerous already."""
    return said in (Presence.CONTAINS, Presence.MAY_CONTAIN) and WORST_FIRST.index(Presence(said)) <= WORST_FIRST.index(
        Presence(presence)
    )


def _already_said(said: str | None, presence: Presence) -> bool:
    if said in (None, Presence.UNCHECKED):
        return False
    if said == Presence.FREE:
        return presence == Presence.MAY_CONTAIN
    return WORST_FIRST.index(Presence(said)) <= WORST_FIRST.index(presence)
