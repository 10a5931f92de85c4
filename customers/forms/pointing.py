"""The card a guest points at: allergens, diet rules, none. In Japanese and English at once, whatever the screen speaks."""

import json
from dataclasses import dataclass
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import override

from crm_project.core.allergens.choices import AllergyState, DietRule
from customers.fields import TidyField
from customers.forms.guest import opened_values
from customers.models import Customer
from customers.queries import pointing_sheet
from customers.services import allergy_statement


@dataclass(frozen=True, slots=True)
class Choice:
    """One thing to point at."""

    field: forms.BoundField
    ja: str
    en: str


def in_both(label: str | Promise) -> tuple[str, str]:
    """A word of the screens in Japanese and in English."""
    with override("ja"):
        japanese = str(label)
    with override("en"):
        return japanese, str(label)


class PointingForm(forms.Form):
    """What the guest points at; without a guest a sheet to print."""

    use_required_attribute = False

    has_none = forms.BooleanField(label=_("No allergies"), required=False)
    traces_harm = forms.BooleanField(label=_("Even traces harm me"), required=False)
    other = TidyField(
        label=_("Something else, in the guest's words"),
        max_length=200,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    version = forms.IntegerField(widget=forms.HiddenInput, required=False)
    opened_with = forms.CharField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, customer: Customer | None = None, **kwargs: Any) -> None:
        diets = [[diet.rule, diet.note] for diet in customer.diets.all()] if customer else []
        if customer:
            kwargs["initial"] = {
                "has_none": customer.allergy_state == AllergyState.NONE,
                "version": customer.version,
                "opened_with": json.dumps(allergy_statement(customer) | {"diets": diets}, ensure_ascii=False),
            }
        super().__init__(*args, **kwargs)
        self.sheet = pointing_sheet(customer, timezone.localdate())
        known_rules = {rule for rule, _note in diets}
        for allergen, is_known in self.sheet:
            self.fields[f"allergen_{allergen.pk}"] = forms.BooleanField(
                label=allergen.name, required=False, initial=is_known
            )
        for rule in DietRule:
            self.fields[f"diet_{rule}"] = forms.BooleanField(
                label=rule.label, required=False, initial=rule in known_rules
            )

    def allergens(self) -> list[Choice]:
        """The allergens of the law of today, those of the guest and of the house."""
        return [
            Choice(self[f"allergen_{allergen.pk}"], allergen.name_ja, allergen.name_en)
            for allergen, _known in self.sheet
        ]

    def diets(self) -> list[Choice]:
        """The diet rules."""
        return [Choice(self[f"diet_{rule}"], *in_both(rule.label)) for rule in DietRule]

    def answer(self) -> dict[str, Any]:
        """Values for `services.write_pointed_answer`."""
        cleaned = self.cleaned_data
        return {
            "version": cleaned["version"] or 0,
            "base": opened_values(cleaned["opened_with"]),
            "allergens": [allergen for allergen, _known in self.sheet if cleaned[f"allergen_{allergen.pk}"]],
            "diets": [str(rule) for rule in DietRule if cleaned[f"diet_{rule}"]],
            **{name: cleaned[name] for name in ("has_none", "traces_harm", "other")},
        }
