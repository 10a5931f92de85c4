"""What a guest eats by faith, conviction or health. Called by the verbs of the card, in their transaction."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from crm_project.core.allergens.choices import DietRule
from customers.models import Customer, GuestDiet
from customers.normalising import kept


@dataclass(frozen=True, slots=True)
class DietInput:
    """A rule the guest keeps, and what to know of it."""

    rule: str
    note: str = ""


def tidy_diets(diets: Iterable[DietInput | str]) -> list[DietInput]:
    """Each rule once, in the order of the card."""
    found: dict[str, DietInput] = {}
    for given in diets:
        diet = DietInput(given) if isinstance(given, str) else given
        found[str(diet.rule)] = DietInput(str(diet.rule), kept("diet_note", diet.note))
    return [found[rule] for rule in sorted(found)]


def write_diets(customer: Customer, diets: Sequence[DietInput]) -> None:
    """The rules of the guest, in place of those before. Raises ValidationError for a rule nobody knows."""
    if any(diet.rule not in DietRule.values for diet in diets):
        raise ValidationError(_("One of the diet rules is not known."))
    customer.diets.exclude(rule__in=[diet.rule for diet in diets]).delete()
    for diet in diets:
        GuestDiet.objects.update_or_create(customer=customer, rule=diet.rule, defaults={"note": diet.note})
