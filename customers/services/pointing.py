"""The verb of the pointing card: what a guest showed with a finger becomes the answer on the card."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from crm_project.core.accounts.models import User
from crm_project.core.allergens.choices import AllergyState, Severity
from crm_project.core.allergens.models import Allergen
from customers.choices import AskedHow
from customers.models import Allergy, Customer
from customers.services.allergies import AllergyInput, set_allergies
from customers.services.food import DietInput
from customers.services.guests import change_customer


@transaction.atomic
def write_pointed_answer(
    *,
    customer: Customer,
    by: User,
    version: int,
    base: Mapping[str, Any] | None = None,
    allergens: Iterable[Allergen] = (),
    has_none: bool = False,
    traces_harm: bool = False,
    diets: Iterable[str] = (),
    other: str = "",
) -> Customer:
    """Write what the guest pointed at: allergens (in place of those before), diet rules, and words beside them.

    `version` is the one the person saw, `base` what stood there then: `allergy_statement` and the diets (`values_of`).
    How bad an allergen is stays as it was known; a new one is to be avoided, or severe when traces harm. With neither an
    allergen nor `has_none` only the diet rules are written. Raises ValidationError when the answer contradicts itself or is
    empty, VersionConflict when somebody else changed the same.
    """
    pointed, rules = list(allergens), list(diets)
    if has_none and (pointed or other):
        raise ValidationError(_("“No allergies” and an allergen are both ticked."))
    if other and not pointed:
        raise ValidationError(
            _("Tick the allergen that the words below belong to, or write them on the page of allergies.")
        )
    if not (pointed or has_none or rules):
        raise ValidationError(_("Nothing is ticked yet."))
    if pointed or has_none:
        known = {allergy.allergen_id: allergy for allergy in Allergy.objects.filter(customer=customer)}
        new = Severity.SEVERE if traces_harm else Severity.MODERATE
        set_allergies(
            customer=customer,
            by=by,
            version=version,
            base=base,
            state=AllergyState.LISTED if pointed else AllergyState.NONE,
            items=[
                AllergyInput(allergen, known[allergen.pk].severity, known[allergen.pk].note)
                if allergen.pk in known
                else AllergyInput(allergen, new)
                for allergen in pointed
            ],
            asked_how=AskedHow.IN_PERSON,
            answered_by=_("the guest, by pointing"),
            asked_on=timezone.localdate(),
            note="\n".join(filter(None, [customer.allergy_note if pointed else "", other])),
        )
    notes = {diet.rule: diet.note for diet in customer.diets.all()}
    return change_customer(
        customer=customer,
        by=by,
        version=version,
        base=base,
        diets=[DietInput(rule, notes.get(rule, "")) for rule in rules],
    )
