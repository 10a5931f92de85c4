"""What is known of a guest's allergies."""

import json
from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from crm_project.core.allergens.choices import AllergyState, Severity
from crm_project.core.allergens.models import Allergen
from customers.choices import AskedHow
from customers.fields import AnyDateField, TidyField
from customers.forms.guest import opened_values
from customers.models import Customer
from customers.queries import allergy_sheet
from customers.services import AllergyInput, allergen_value, allergy_statement, statement_of


class AllergyForm(forms.Form):
    """What is known of a guest's allergies: the state, and for each allergen how bad it is."""

    use_required_attribute = False

    state = forms.ChoiceField(label=_("Allergies"), choices=AllergyState.choices, widget=forms.RadioSelect)
    asked_on = AnyDateField(label=_("Asked on"), required=False)
    asked_how = forms.ChoiceField(label=_("Asked how"), choices=[("", "—"), *AskedHow.choices], required=False)
    answered_by = TidyField(
        label=_("Answered by"), max_length=80, required=False, help_text=_("The guest, the secretary, the family ...")
    )
    note = TidyField(
        label=_("About the allergies"), lines=True, required=False, help_text=_("Traces, broths, shared pans ...")
    )
    version = forms.IntegerField(widget=forms.HiddenInput)
    opened_with = forms.CharField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, customer: Customer, **kwargs: Any) -> None:
        sheet = allergy_sheet(customer, timezone.localdate())
        kwargs.setdefault("initial", {}).update(
            state=customer.allergy_state,
            asked_on=customer.allergy_asked_on,
            asked_how=customer.allergy_asked_how,
            answered_by=customer.allergy_answered_by,
            note=customer.allergy_note,
            version=customer.version,
            opened_with=json.dumps(allergy_statement(customer), ensure_ascii=False),
        )
        super().__init__(*args, **kwargs)
        self.sheet = sheet
        for line in sheet:
            allergen, known = line.allergen, line.known
            self.fields[f"severity_{allergen.pk}"] = forms.ChoiceField(
                label=allergen.name,
                choices=[("", "—"), *Severity.choices],
                required=False,
                initial=known.severity if known else "",
            )
            self.fields[f"note_{allergen.pk}"] = TidyField(
                label=format_lazy("{}: {}", allergen.name, _("Note")),
                max_length=200,
                required=False,
                widget=forms.TextInput(attrs={"placeholder": _("Note"), "autocomplete": "off"}),
                initial=known.note if known else "",
            )

    def asked_first(self) -> list[tuple[forms.BoundField, forms.BoundField]]:
        """Severity and note of the guest's own allergens, the mandatory ones and the house's, for the page."""
        return [self._fields_of(line.allergen) for line in self.sheet if line.asked_first]

    def others(self) -> list[tuple[forms.BoundField, forms.BoundField]]:
        """Severity and note of all other allergens."""
        return [self._fields_of(line.allergen) for line in self.sheet if not line.asked_first]

    def has_others(self) -> bool:
        """Whether one of the others is filled in, so that the page shows them."""
        return any(severity.value() for severity, _note in self.others())

    def _fields_of(self, allergen: Allergen) -> tuple[forms.BoundField, forms.BoundField]:
        return self[f"severity_{allergen.pk}"], self[f"note_{allergen.pk}"]

    def items(self) -> list[AllergyInput]:
        """The allergens that were given a severity."""
        allergens = [line.allergen for line in self.sheet if self.cleaned_data.get(f"severity_{line.allergen.pk}")]
        return [
            AllergyInput(
                allergen, self.cleaned_data[f"severity_{allergen.pk}"], self.cleaned_data[f"note_{allergen.pk}"]
            )
            for allergen in allergens
        ]

    def clean(self) -> dict[str, Any]:
        """The list belongs to the state "listed" and to no other; who answered belongs to an answer."""
        cleaned = super().clean() or self.cleaned_data
        if self.errors:
            return cleaned
        listed = bool(self.items())
        if cleaned["state"] == AllergyState.LISTED and not listed:
            self.add_error("state", _("Choose how bad at least one of the allergens below is."))
        elif cleaned["state"] != AllergyState.LISTED and listed:
            self.add_error("state", _("Allergens are chosen below: choose “listed”, or clear them."))
        return cleaned

    def allergy_values(self) -> dict[str, Any]:
        """Values for `services.set_allergies`."""
        names = ("state", "asked_on", "asked_how", "answered_by", "note")
        return {name: self.cleaned_data[name] for name in names} | {"items": self.items()}

    @staticmethod
    def values_of_field(name: str) -> tuple[str, ...]:
        """The value of a statement (`services.allergy_statement`) that a field writes; none for those that travel along."""
        part, _line, number = name.partition("_")
        if part in ("severity", "note") and number.isdecimal():
            return (allergen_value(int(number)),)
        return (f"allergy_{name}",) if name in ("state", "asked_on", "asked_how", "answered_by", "note") else ()

    def base(self) -> Mapping[str, Any] | None:
        """What stood there when the form was opened; None when that cannot be read."""
        return opened_values(self.cleaned_data.get("opened_with"))

    def statement(self) -> dict[str, Any]:
        """What the person wrote, to be compared with `base`."""
        return statement_of(**self.allergy_values())
