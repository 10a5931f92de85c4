"""The whole card of a guest."""

import json
from collections.abc import Mapping
from datetime import date
from typing import Any, Final

from django import forms
from django.core.exceptions import ValidationError
from django.http import QueryDict
from django.utils import timezone
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from crm_project.core.accounts.models import User
from crm_project.core.allergens.choices import DietRule
from customers import normalising
from customers.choices import AddressLabel, Channel, ConsentState, Honorific, Language, MailTo, PhoneLabel
from customers.duplicates import newly_written
from customers.entry import entered_with
from customers.fields import (
    AddressField,
    AnyDateField,
    Birthday,
    BirthdayField,
    CodeField,
    EmailField,
    KanaField,
    NameField,
    NormalisedField,
    PhoneField,
    PostalCodeField,
    TidyField,
)
from customers.forms.answers import answer_field, plain_answer
from customers.forms.entering import CHANGED, MOST_PHONES, GuestForm
from customers.guest_values import ADDRESS_PREFIXES, ADDRESSES, CONTACTS, attribute_of, attribute_value, is_known
from customers.models import Attribute, Customer, PostalCode
from customers.purposes import purpose_key, purpose_lines
from customers.queries import values_of
from customers.services import ConsentInput, DietInput, PhoneInput, plain_values

FEWEST_PHONES: Final = 2
# Form fields beside those of values: they never carry a purpose line.
SERVANTS: Final = frozenset(("form_token", "is_another_person", "version", "opened_with"))
# Parts of the page that are folded when nothing stands in them.
FOLDED: Final = {
    "addresses": (*ADDRESSES, "mail_to"),
    "consents": ("contact_stopped", "contact_stop_reason", "mourning_until"),
}
# What tells a guest from another, beside the numbers.
COMPARED: Final = (
    *("name", "kana", "email", "birthday", "birthday_month_day"),
    *("postal_code", "address", "company_name", "title"),
)
OFF: Final = {"autocomplete": "off"}
BIRTHDAY: Final = ("birthday", "birthday_month_day")


class CustomerForm(GuestForm):
    """The whole card of a guest.

    `version` and `opened_with` travel with the form: what the person saw when it was opened, so that two people may
    change different things at the same time. What the normaliser changed beyond width and spaces is shown before it is
    kept: while one types by htmx (which sends `seen` along), else by one look more.
    """

    use_required_attribute = False

    name = NameField(label=_("Name"), max_length=200, help_text=_("Family name, one space, given name."))
    kana = KanaField(label=_("Reading (kana)"), max_length=200, help_text=_("Names in Latin letters need none."))
    honorific = forms.ChoiceField(label=_("Addressed as"), choices=Honorific.choices, initial=Honorific.SAMA)
    called = NormalisedField(label=_("Called"), max_length=40, required=False)
    former_name = NormalisedField(label=_("Former or stage name"), max_length=80, required=False)
    language = forms.ChoiceField(
        label=_("Language"), choices=Language.choices, initial=Language.JAPANESE, required=False
    )
    code = CodeField(label=_("Code"), max_length=64, required=False)
    company_name = NormalisedField(label=_("Company"), max_length=200, required=False)
    department = NormalisedField(label=_("Department"), max_length=120, required=False)
    title = NormalisedField(label=_("Post"), max_length=120, required=False)
    staff = forms.ModelChoiceField(label=_("Attendant"), queryset=User.objects.none(), required=False)
    sales_staff = forms.ModelChoiceField(label=_("Banquet sales (営業)"), queryset=User.objects.none(), required=False)
    since = AnyDateField(label=_("Guest since"), required=False)
    email = EmailField(label=_("E-mail"), required=False, max_length=254)
    mail_to = forms.ChoiceField(label=_("Mail may go to"), choices=MailTo.choices, required=False)
    contact_stopped = forms.BooleanField(label=_("Do not contact"), required=False)
    contact_stop_reason = NormalisedField(label=_("Why not"), max_length=200, required=False)
    birthday = BirthdayField(
        label=_("Birthday"), required=False, help_text=_("1961/4/1 or S36.4.1; 4/1 when the year is not known.")
    )
    mourning_until = AnyDateField(label=_("In mourning until (喪中)"), required=False)
    likes = TidyField(label=_("Likes"), lines=True, required=False)
    dislikes = TidyField(label=_("Dislikes"), lines=True, required=False)
    note = TidyField(label=_("Note"), lines=True, required=False)
    version = forms.IntegerField(widget=forms.HiddenInput, required=False)
    opened_with = forms.CharField(widget=forms.HiddenInput, required=False)

    def __init__(
        self,
        *args: Any,
        user: User,
        customer: Customer | None = None,
        sees_contacts: bool = True,
        sees_notes: bool = True,
        typed: QueryDict | None = None,
        **kwargs: Any,
    ) -> None:
        """`typed`: what stands in the page and is not sent to be saved yet; shown again without a word about it."""
        self.typed = typed
        hidden = (set() if sees_contacts else CONTACTS) | (set() if sees_notes else {"note"})
        self.values = values_of(customer) if customer else {}
        self.values = {name: value for name, value in self.values.items() if name not in hidden}
        if customer:
            plain = {name: value for name, value in self.values.items() if attribute_of(name) is None}
            kwargs["initial"] = plain | {
                "birthday": Birthday(customer.birthday, customer.birthday_month_day),
                "since": customer.since,
                "mourning_until": customer.mourning_until,
                "version": customer.version,
                "opened_with": json.dumps(self.values, ensure_ascii=False),
            }
        super().__init__(*args, **kwargs)
        self.user, self.customer = user, customer
        self.sees_contacts, self.sees_notes = sees_contacts, sees_notes
        self.same: list[Customer] = []
        for name in ("staff", "sales_staff"):
            self.fields[name].queryset = User.objects.people().filter(is_active=True).order_by("kana", "username")  # type: ignore[attr-defined]
        self.phone_count = 0
        if sees_contacts:
            self._add_addresses()
            self._add_consents()
            self._add_phones()
        else:
            for name in CONTACTS & self.fields.keys():
                del self.fields[name]
        if not sees_notes:
            del self.fields["note"]
        self._add_diets()
        self.attributes = [
            attribute
            for attribute in Attribute.objects.all()
            if attribute.is_active or self.values.get(attribute_value(attribute.pk))
        ]
        for attribute in self.attributes:
            name = attribute_value(attribute.pk)
            self.fields[name] = answer_field(attribute, self.values.get(name, ""))
        if typed is not None:
            for name, field in self.fields.items():
                is_box = isinstance(field, forms.BooleanField)
                self.initial[name] = name in typed if is_box else typed.get(name, self.initial.get(name, field.initial))
        self.has_postcodes = sees_contacts and PostalCode.objects.exists()
        self._say_what_for()
        self.ask_for_kana()

    # --- the fields that are more than one --------------------------------------------------------------------------

    def _add_addresses(self) -> None:
        for label, prefix in ADDRESS_PREFIXES.items():
            whose = AddressLabel(label).label
            for part, field in (
                ("postal_code", PostalCodeField(label=format_lazy("{}: {}", whose, _("Postcode")), required=False)),
                ("address", AddressField(label=format_lazy("{}: {}", whose, _("Address")), max_length=300, required=False)),
                ("care_of", NormalisedField(label=format_lazy("{}: {}", whose, _("Care of")), max_length=80, required=False)),
            ):  # fmt: skip
                self.fields[f"{prefix}{part}"] = field

    def _add_consents(self) -> None:
        for channel in Channel:
            state, day, note = self.values.get(f"consent_{channel}") or ("", None, "")
            self.fields[f"consent_{channel}_state"] = forms.ChoiceField(
                label=channel.label,
                choices=[("", _("never asked")), *ConsentState.choices],
                required=False,
                initial=state,
            )
            self.fields[f"consent_{channel}_asked_on"] = AnyDateField(
                label=format_lazy("{}: {}", channel.label, _("Asked on")),
                required=False,
                widget=forms.TextInput(attrs=self._blank(_("Asked on"))),
                initial=date.fromisoformat(day) if day else None,
            )
            self.fields[f"consent_{channel}_note"] = TidyField(
                label=format_lazy("{}: {}", channel.label, _("Note")),
                max_length=200,
                required=False,
                widget=forms.TextInput(attrs=self._blank(_("Note"))),
                initial=note,
            )

    def _add_phones(self) -> None:
        """Two fields for each number the guest has, and room for another one."""
        phones = self.values.get("phones", [])
        sent = 0
        written = self.data if self.is_bound else self.typed or {}
        while sent < MOST_PHONES and self.add_prefix(f"phone_{sent}") in written:
            sent += 1
        self.phone_count = max(FEWEST_PHONES, len(phones) + 1, sent)
        for position in range(self.phone_count):
            label, number = phones[position] if position < len(phones) else (PhoneLabel.MOBILE, "")
            self.fields[f"phone_{position}"] = PhoneField(label=_("Phone"), required=False, initial=number)
            self.fields[f"phone_{position}_label"] = forms.ChoiceField(
                label=_("Whose phone"), choices=PhoneLabel.choices, required=False, initial=label
            )

    def _add_diets(self) -> None:
        diets: dict[str, str] = dict(self.values.get("diets", []))
        for rule in DietRule:
            self.fields[f"diet_{rule}"] = forms.BooleanField(label=rule.label, required=False, initial=rule in diets)
            self.fields[f"diet_{rule}_note"] = TidyField(
                label=format_lazy("{}: {}", rule.label, _("Note")),
                max_length=200,
                required=False,
                widget=forms.TextInput(attrs=self._blank(_("Note"))),
                initial=diets.get(rule, ""),
            )

    @staticmethod
    def _blank(label: Any) -> dict[str, Any]:
        """What a field says inside, where its label is for screen readers alone."""
        return {"placeholder": label, **OFF}

    def _say_what_for(self) -> None:
        """The purpose of every field at its label, before the hint how to write it. Nothing is filled in by the browser."""
        lines = purpose_lines()
        for name, field in self.fields.items():
            if not isinstance(field.widget, forms.Select | forms.CheckboxInput | forms.HiddenInput):
                field.widget.attrs |= OFF
            if name in SERVANTS or attribute_of(name) is not None:
                continue
            key = purpose_key(name)
            # What has several fields says it once: at its group, or at the first address.
            if (
                key in lines
                and key not in ("consent", "phones", "diets")
                and not name.startswith(("office_", "other_"))
            ):
                field.help_text = format_lazy("{} {}", lines[key], field.help_text) if field.help_text else lines[key]
        self.group_purposes = {key: lines[key] for key in ("consent", "phones", "diets")}

    # --- for the page -----------------------------------------------------------------------------------------------

    def phone_fields(self) -> list[tuple[forms.BoundField, forms.BoundField]]:
        """Pairs of whose phone it is and its number."""
        return [(self[f"phone_{position}_label"], self[f"phone_{position}"]) for position in range(self.phone_count)]

    def address_fields(self) -> list[tuple[str, forms.BoundField, forms.BoundField, forms.BoundField]]:
        """Prefix, postcode, address and care of: home, office, other."""
        return [
            (prefix, self[f"{prefix}postal_code"], self[f"{prefix}address"], self[f"{prefix}care_of"])
            for prefix in ADDRESS_PREFIXES.values()
        ]

    def consent_fields(self) -> list[tuple[forms.BoundField, forms.BoundField, forms.BoundField]]:
        """State, day and note of each channel."""
        return [
            (self[f"consent_{channel}_state"], self[f"consent_{channel}_asked_on"], self[f"consent_{channel}_note"])
            for channel in Channel
        ]

    def diet_fields(self) -> list[tuple[forms.BoundField, forms.BoundField]]:
        """Each rule and its note."""
        return [(self[f"diet_{rule}"], self[f"diet_{rule}_note"]) for rule in DietRule]

    def attribute_fields(self) -> list[forms.BoundField]:
        """The items of the house."""
        return [self[attribute_value(attribute.pk)] for attribute in self.attributes]

    def opened(self) -> set[str]:
        """The foldable parts in which something stands or is wrong."""
        consents = tuple(name for name in self.fields if name.startswith("consent_"))
        parts = {**FOLDED, "consents": (*FOLDED["consents"], *consents)}
        return {
            part
            for part, names in parts.items()
            if any(name in self.fields and (self[name].errors or self[name].value()) for name in names)
        }

    @staticmethod
    def values_of_field(name: str) -> tuple[str, ...]:
        """The values of the guest that a field of the form writes; none for those that travel along."""
        if name.startswith("phone_"):
            return ("phones",)
        if name.startswith("diet_"):
            return ("diets",)
        if name.startswith("consent_"):
            return (name.rsplit("_", 1)[0].removesuffix("_asked"),)
        if name == "birthday":
            return ("birthday", "birthday_month_day")
        return (name,) if is_known(name) else ()

    # --- what was sent ----------------------------------------------------------------------------------------------

    def clean_code(self) -> str:
        """Refuse a code that another guest has."""
        code: str = self.cleaned_data["code"]
        holder = Customer.objects.filter(code=code).first() if code else None
        if holder is not None and holder not in (self.customer, entered_with(self.entry_token)):
            raise ValidationError(_("Another guest has this code."))
        return code

    def clean(self) -> dict[str, Any]:
        """Gather what has several fields; show what was changed; warn of guests that may be the same."""
        cleaned = super().clean() or self.cleaned_data
        self._gather(cleaned)
        if cleaned.get("contact_stopped") and not cleaned.get("contact_stop_reason"):
            self.add_error("contact_stop_reason", _("Say why the house must not contact this guest."))
        elif "contact_stopped" in cleaned and not cleaned["contact_stopped"]:
            cleaned["contact_stop_reason"] = ""
        self._show_what_changed(cleaned)
        if not self.errors:
            typed: dict[str, Any] = {name: cleaned[name] for name in COMPARED if name in cleaned}
            typed["phones"] = [phone.number for phone in cleaned.get("phones", ())]
            self.warn_of_same(**newly_written(typed, self.values))
        return cleaned

    def _gather(self, cleaned: dict[str, Any]) -> None:
        cleaned["language"] = cleaned.get("language") or Language.JAPANESE
        cleaned["diets"] = [
            DietInput(rule, cleaned.get(f"diet_{rule}_note", "")) for rule in DietRule if cleaned.get(f"diet_{rule}")
        ]
        for attribute in self.attributes:
            name = attribute_value(attribute.pk)
            if name in cleaned:
                cleaned[name] = plain_answer(cleaned[name])
        if not self.sees_contacts:
            return
        cleaned["phones"] = [
            PhoneInput(cleaned[f"phone_{position}"], cleaned.get(f"phone_{position}_label") or PhoneLabel.MOBILE)
            for position in range(self.phone_count)
            if cleaned.get(f"phone_{position}")
        ]
        if isinstance(birthday := cleaned.get("birthday"), Birthday):
            cleaned["birthday"], cleaned["birthday_month_day"] = birthday.day, birthday.month_day
        for channel in Channel:
            cleaned[f"consent_{channel}"] = self._consent(cleaned, f"consent_{channel}")

    def _consent(self, cleaned: Mapping[str, Any], name: str) -> ConsentInput | None:
        """What the guest said; a new answer without a day was given today."""
        state, day = cleaned.get(f"{name}_state", ""), cleaned.get(f"{name}_asked_on")
        if not state:
            return None
        was = self.values.get(name)
        is_new = was is None or was[0] != state
        return ConsentInput(state, day or (timezone.localdate() if is_new else None), cleaned.get(f"{name}_note", ""))

    def _show_what_changed(self, cleaned: dict[str, Any]) -> None:
        """Changes beyond width and spaces are shown once before they are kept, unless they were seen while typing."""
        written = normalising.name(self.written_in("name")).honorific
        if "name" in cleaned and written in Honorific.values and cleaned.get("honorific") == Honorific.SAMA:
            cleaned["honorific"] = written
        unseen = self.unseen_changes()
        if not unseen:
            return
        data = QueryDict(mutable=True)
        data.update(self.data)
        for name, found in unseen.items():
            data[self.add_prefix(name)] = found.value
            if found.honorific:
                data[self.add_prefix("honorific")] = cleaned["honorific"]
            self.add_error(name, CHANGED % {"written": found.written, "value": found.value})
        self.data = data

    def guest_values(self) -> dict[str, Any]:
        """Values for the services, as far as this person may see them."""
        return {name: value for name, value in self.cleaned_data.items() if is_known(name)}

    def base(self) -> Mapping[str, Any] | None:
        """What the person saw when the form was opened; None when that cannot be read."""
        return opened_values(self.cleaned_data.get("opened_with"))

    def touched_values(self) -> dict[str, Any]:
        """The values the person changed; all of them when what was seen is not known."""
        base, values = self.base(), self.guest_values()
        if base is None:
            return values
        plain = plain_values(values)
        touched = {name for name in values if base.get(name) != plain[name]}
        # A birthday is known with its year or without: who writes the one takes the other away.
        touched |= set(BIRTHDAY) if touched & set(BIRTHDAY) else set()
        return {name: value for name, value in values.items() if name in touched}


def opened_values(sent: str | None) -> Mapping[str, Any] | None:
    """What travelled along with a form; None when that cannot be read."""
    try:
        seen = json.loads(sent or "null")
    except ValueError:
        return None
    return seen if isinstance(seen, dict) else None
