"""The input boundary of the guest's card. Kana are asked for here and nowhere else: ledgers have guests without."""

import json
import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from crm_project.core import text
from crm_project.core.accounts.models import User
from crm_project.core.allergens.choices import AllergyState, Severity
from crm_project.core.allergens.models import Allergen
from customers.choices import AskedHow, Honorific, PhoneLabel
from customers.entry import entered_with, entry_token
from customers.fields import AnyDateField, CodeField, KanaField, PhoneField, PostalCodeField, TidyField
from customers.models import Customer
from customers.queries import allergy_sheet, likely_same, values_of
from customers.services import AllergyInput, PhoneInput

FEWEST_PHONES = 2
CONTACT_FIELDS = ("email", "birthday", "postal_code", "address")


class SearchForm(forms.Form):
    """The box and the narrowing of the guest list."""

    q = forms.CharField(label=_("Search guests"), required=False, max_length=80, strip=True)
    row = forms.CharField(required=False, max_length=1, widget=forms.HiddenInput)
    rank = forms.IntegerField(required=False, min_value=1, widget=forms.HiddenInput)


class GuestForm(forms.Form):
    """What the forms that enter a guest share: the token of the form, and a soft warning.

    It warns of guests with the same name or number, which a person may confirm to be somebody else.
    """

    form_token = forms.CharField(widget=forms.HiddenInput, required=False, initial=uuid.uuid4)
    is_another_person = forms.BooleanField(label=_("No, this is another person"), required=False)

    user: User | None = None
    customer: Customer | None = None

    @property
    def entry_token(self) -> uuid.UUID:
        """For `entry.enter_customer`: equal when the same form is sent again with the same writing."""
        written = (str(self.data.get(self.add_prefix(name), "")) for name in self.fields)
        return entry_token(str(self.data.get(self.add_prefix("form_token"), "")), written)

    def warn_of_same(self, name: str, phones: Sequence[str]) -> None:
        """Add an error with the likely guests unless the box is checked; they are in `self.same` for the page."""
        self.same = likely_same(self.user, name=name, phones=phones, but=self.customer) if self.user else []
        if self.same:
            # Looked up after them: the other of two simultaneous taps is no twin.
            entered = entered_with(self.entry_token)
            self.same = [guest for guest in self.same if guest != entered]
        if self.same and not self.cleaned_data.get("is_another_person"):
            self.add_error(
                None, _("There may be a card of this guest already. Look at it, or confirm that it is another person.")
            )


class QuickGuestForm(GuestForm):
    """A new guest inside another form: who, how it is read, one number."""

    use_required_attribute = False

    name = TidyField(label=_("Name"), max_length=200, widget=forms.TextInput(attrs={"autocomplete": "off"}))
    kana = KanaField(label=_("Reading (kana)"), max_length=200, widget=forms.TextInput(attrs={"autocomplete": "off"}))
    phone = PhoneField(label=_("Phone"), required=False)

    def __init__(self, *args: Any, user: User | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user
        self.same: list[Customer] = []

    def is_begun(self) -> bool:
        """Whether anything was typed into it."""
        return any(str(self.data.get(self.add_prefix(name), "")).strip() for name in ("name", "kana", "phone"))

    def clean(self) -> dict[str, Any]:
        """Warn of guests that may be the same."""
        cleaned = super().clean() or self.cleaned_data
        if not self.errors:
            self.warn_of_same(cleaned["name"], [cleaned["phone"]])
        return cleaned

    def guest_values(self) -> dict[str, Any]:
        """Values for `services.create_customer`."""
        phones = [self.cleaned_data["phone"]] if self.cleaned_data["phone"] else []
        return {"name": self.cleaned_data["name"], "kana": self.cleaned_data["kana"], "phones": phones}


class CustomerForm(GuestForm):
    """The whole card of a guest.

    `version` and `opened_with` travel with the form: what the person saw when it was opened, so that two people may
    change different things at the same time.
    """

    use_required_attribute = False

    name = TidyField(label=_("Name"), max_length=200, help_text=_("Family name, one space, given name."))
    kana = KanaField(label=_("Reading (kana)"), max_length=200)
    honorific = forms.ChoiceField(label=_("Addressed as"), choices=Honorific.choices, initial=Honorific.SAMA)
    code = CodeField(label=_("Code"), max_length=64, required=False)
    company_name = TidyField(label=_("Company"), max_length=200, required=False)
    department = TidyField(label=_("Department"), max_length=120, required=False)
    title = TidyField(label=_("Post"), max_length=120, required=False)
    email = forms.EmailField(label=_("E-mail"), required=False)
    postal_code = PostalCodeField(label=_("Postcode"), required=False)
    address = TidyField(label=_("Address"), max_length=300, required=False)
    birthday = AnyDateField(label=_("Birthday"), required=False, help_text=_("1961/4/1 or S36.4.1"))
    since = AnyDateField(label=_("Guest since"), required=False)
    staff = forms.ModelChoiceField(label=_("Attendant"), queryset=User.objects.none(), required=False)
    likes = TidyField(label=_("Likes"), lines=True, required=False)
    dislikes = TidyField(
        label=_("Dislikes"),
        lines=True,
        required=False,
        help_text=_("Dislikes are not allergies. Allergies have a page of their own."),
    )
    note = TidyField(label=_("Note"), lines=True, required=False)
    version = forms.IntegerField(widget=forms.HiddenInput, required=False)
    opened_with = forms.CharField(widget=forms.HiddenInput, required=False)

    def __init__(
        self, *args: Any, user: User, customer: Customer | None = None, sees_contacts: bool = True, **kwargs: Any
    ) -> None:
        self.values = values_of(customer) if customer else {}
        if not sees_contacts:
            self.values = {
                name: value for name, value in self.values.items() if name not in (*CONTACT_FIELDS, "phones")
            }
        phones = self.values.get("phones", [])
        if customer:
            kwargs["initial"] = self.values | {
                "birthday": customer.birthday,
                "since": customer.since,
                "version": customer.version,
                "opened_with": json.dumps(self.values, ensure_ascii=False),
            }
        super().__init__(*args, **kwargs)
        self.user, self.customer, self.sees_contacts = user, customer, sees_contacts
        self.same: list[Customer] = []
        self.fields["staff"].queryset = User.objects.people().filter(is_active=True).order_by("kana", "username")  # type: ignore[attr-defined]
        if not sees_contacts:
            for name in CONTACT_FIELDS:
                del self.fields[name]
        self._add_phones(phones if sees_contacts else None)

    def _add_phones(self, phones: list[list[str]] | None) -> None:
        """Two fields for each number the guest has, and room for another one; none for who sees no contacts."""
        self.phone_count = 0 if phones is None else max(FEWEST_PHONES, len(phones) + 1)
        for position in range(self.phone_count):
            label, number = phones[position] if phones and position < len(phones) else (PhoneLabel.MOBILE, "")
            self.fields[f"phone_{position}"] = PhoneField(label=_("Phone"), required=False, initial=number)
            self.fields[f"phone_{position}_label"] = forms.ChoiceField(
                label=_("Whose phone"), choices=PhoneLabel.choices, required=False, initial=label
            )

    def phone_fields(self) -> list[tuple[forms.BoundField, forms.BoundField]]:
        """Pairs of whose phone it is and its number, for the page."""
        return [(self[f"phone_{position}_label"], self[f"phone_{position}"]) for position in range(self.phone_count)]

    def clean_code(self) -> str:
        """Refuse a code that another guest has."""
        code: str = self.cleaned_data["code"]
        holder = Customer.objects.filter(code=code).first() if code else None
        if holder is not None and holder not in (self.customer, entered_with(self.entry_token)):
            raise ValidationError(_("Another guest has this code."))
        return code

    def clean(self) -> dict[str, Any]:
        """Gather the phones; warn of guests that may be the same when the name or a number is new."""
        cleaned = super().clean() or self.cleaned_data
        if self.sees_contacts:
            cleaned["phones"] = [
                PhoneInput(cleaned[f"phone_{position}"], cleaned.get(f"phone_{position}_label") or PhoneLabel.MOBILE)
                for position in range(self.phone_count)
                if cleaned.get(f"phone_{position}")
            ]
        if not self.errors:
            known = [number for _label, number in self.values.get("phones", [])]
            new_numbers = [phone.number for phone in cleaned.get("phones", ()) if phone.number not in known]
            is_renamed = text.fold(cleaned["name"]) != text.fold(self.values.get("name", ""))
            self.warn_of_same(cleaned["name"] if is_renamed else "", new_numbers)
        return cleaned

    def guest_values(self) -> dict[str, Any]:
        """Values for the services, as far as this person may see them."""
        return {name: value for name, value in self.cleaned_data.items() if name in GUEST_FIELDS}

    def base(self) -> Mapping[str, Any] | None:
        """What the person saw when the form was opened; None when that cannot be read."""
        try:
            seen = json.loads(self.cleaned_data.get("opened_with") or "null")
        except ValueError:
            return None
        return seen if isinstance(seen, dict) else None


GUEST_FIELDS = frozenset(
    "name kana honorific code company_name department title email postal_code address birthday since staff likes dislikes "
    "note phones".split()
)


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

    def __init__(self, *args: Any, customer: Customer, **kwargs: Any) -> None:
        sheet = allergy_sheet(customer, timezone.localdate())
        kwargs.setdefault("initial", {}).update(
            state=customer.allergy_state,
            asked_on=customer.allergy_asked_on,
            asked_how=customer.allergy_asked_how,
            answered_by=customer.allergy_answered_by,
            note=customer.allergy_note,
            version=customer.version,
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
