"""A company."""

import json
from collections.abc import Mapping
from typing import Any, Final

from django import forms
from django.utils.translation import gettext_lazy as _

from customers.fields import (
    AddressField,
    CodeField,
    CompanyPhoneField,
    KanaField,
    NormalisedField,
    PostalCodeField,
    TidyField,
)
from customers.forms.guest import opened_values
from customers.guest_values import COMPANY_CONTACTS
from customers.models import Company

OFF: Final = {"autocomplete": "off"}


class CompanyForm(forms.Form):
    """What is known of a company. `version` and `opened_with` travel along as with the card of a guest."""

    use_required_attribute = False

    name = NormalisedField(label=_("Name"), max_length=200, widget=forms.TextInput(attrs=OFF))
    kana = KanaField(label=_("Reading (kana)"), max_length=200, required=False, widget=forms.TextInput(attrs=OFF))
    code = CodeField(label=_("Code"), max_length=64, required=False, widget=forms.TextInput(attrs=OFF))
    phone = CompanyPhoneField(
        label=_("Phone"),
        max_length=40,
        required=False,
        widget=forms.TextInput(attrs={"inputmode": "tel", **OFF}),
    )
    postal_code = PostalCodeField(label=_("Postcode"), required=False)
    address = AddressField(label=_("Address"), max_length=300, required=False, widget=forms.TextInput(attrs=OFF))
    note = TidyField(label=_("Note"), lines=True, required=False)
    version = forms.IntegerField(widget=forms.HiddenInput, required=False)
    opened_with = forms.CharField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, company: Company, sees_contacts: bool, **kwargs: Any) -> None:
        names = [name for name in self.base_fields if name not in ("version", "opened_with")]
        if not sees_contacts:
            names = [name for name in names if name not in COMPANY_CONTACTS]
        self.values = {name: getattr(company, name) for name in names}
        kwargs["initial"] = self.values | {
            "version": company.version,
            "opened_with": json.dumps(self.values, ensure_ascii=False),
        }
        super().__init__(*args, **kwargs)
        for name in self.base_fields.keys() - {*names, "version", "opened_with"}:
            del self.fields[name]

    @staticmethod
    def values_of_field(name: str) -> tuple[str, ...]:
        """A field writes the value of its name; those that travel along write none."""
        return (name,) if name in CompanyForm.base_fields and name not in ("version", "opened_with") else ()

    def base(self) -> Mapping[str, Any] | None:
        """What the person saw when the form was opened; None when that cannot be read."""
        return opened_values(self.cleaned_data.get("opened_with"))

    def touched_values(self) -> dict[str, Any]:
        """The values the person changed; all of them when what was seen is not known."""
        base = self.base()
        written = {name: self.cleaned_data[name] for name in self.values}
        return written if base is None else {name: value for name, value in written.items() if base.get(name) != value}
