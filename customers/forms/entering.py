"""Entering a guest. Kana are asked for by forms and nowhere else: ledgers have guests without."""

import re
import uuid
from typing import Any, Final

from django import forms
from django.utils.translation import gettext_lazy as _

from crm_project.core.accounts.models import User
from customers import normalising
from customers.choices import Honorific
from customers.duplicates import likely_same
from customers.entry import entered_with, entry_token
from customers.fields import KanaField, NameField, PhoneField
from customers.models import Customer
from customers.normalising import Normalised

MOST_PHONES: Final = 20
# Of these a person sees what is changed beyond width and spaces before it is kept.
NORMALISED: Final = re.compile(r"name|kana|phone(_\d+)?")
CHANGED: Final = _("“%(written)s” will be kept as “%(value)s”. Save again if that is right.")

WITHOUT_HONORIFIC: Final = _(
    "“%(written)s” will be kept as “%(value)s”, addressed as %(honorific)s. Save again if that is right."
)


class GuestForm(forms.Form):
    """What the forms that enter a guest share: the token of the form, and a soft warning.

    It warns of guests who may be the same, which a person may confirm to be somebody else.
    """

    form_token = forms.CharField(widget=forms.HiddenInput, required=False, initial=uuid.uuid4)
    is_another_person = forms.BooleanField(label=_("No, this is another person"), required=False)

    user: User | None = None
    customer: Customer | None = None

    def compared_names(self) -> list[str]:
        """What is sent to ask who may be the guest that is typed; the page may add numbers to those of the form."""
        numbers = ("phone", *(f"phone_{position}" for position in range(MOST_PHONES)))
        return [self.add_prefix(name) for name in ("name", "kana", "email", *numbers, "is_another_person")]

    def name_fields(self) -> list[forms.BoundField]:
        """Name and reading, where the form has them."""
        return [self[name] for name in ("name", "kana") if name in self.fields]

    @property
    def entry_token(self) -> uuid.UUID:
        """For `entry.enter_customer`: equal when the same form is sent again with the same writing."""
        return entry_token(self.written_in("form_token"), map(self.written_in, self.fields))

    def ask_for_kana(self) -> None:
        """A reading is asked for, unless what was written needs none: a Latin name, a guest served in another language.

        While one types the name, the page fills the reading from what stood there before it became kanji.
        """
        self.fields["name"].widget.attrs["data-reading-in"] = self["kana"].id_for_label
        name, language = (
            str(self[field].value() or "") if field in self.fields else "" for field in ("name", "language")
        )
        self.fields["kana"].required = not name or normalising.needs_kana(name, language)

    @property
    def seen(self) -> list[str]:
        """What the page has shown of the normaliser's changes ("name=田中様"), sent along or given as `initial`."""
        if not self.is_bound:
            return list(self.initial.get("seen", ()))
        name = self.add_prefix("seen")
        sent = self.data.getlist(name) if hasattr(self.data, "getlist") else self.data.get(name, [])
        return [sent] if isinstance(sent, str) else list(sent)

    def unseen_changes(self) -> dict[str, Normalised]:
        """By field: what the normaliser changes beyond width and spaces in a name, a reading or a number, and nobody saw yet."""
        seen = set(self.seen)
        unseen: dict[str, Normalised] = {}
        for name in self.fields:
            if name in self.cleaned_data and NORMALISED.fullmatch(name):
                found = normalising.normaliser_of(name)(self.written_in(name))
                if found.beyond and f"{self.add_prefix(name)}={found.written}" not in seen:
                    unseen[name] = found
        return unseen

    def written_in(self, name: str) -> str:
        """What was sent in the field, as it was typed."""
        return str(self.data.get(self.add_prefix(name), ""))

    def warn_of_same(self, **values: Any) -> None:
        """Add an error with the guests who are likely who is typed (values of `duplicates.likely_guests`), unless confirmed.

        They are in `self.same` for the page.
        """
        self.same = likely_same(self.user, but=self.customer, **values) if self.user else []
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

    name = NameField(label=_("Name"), max_length=200, widget=forms.TextInput(attrs={"autocomplete": "off"}))
    kana = KanaField(
        label=_("Reading (kana)"),
        max_length=200,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        help_text=_("Names in Latin letters need none."),
    )
    phone = PhoneField(label=_("Phone"), required=False)

    def __init__(self, *args: Any, user: User | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user
        self.same: list[Customer] = []
        # Goes along with the page, so that it is shown once.
        self.shown = self.seen
        self.ask_for_kana()

    def is_begun(self) -> bool:
        """Whether anything was typed into it."""
        return any(self.written_in(name).strip() for name in ("name", "kana", "phone"))

    def clean(self) -> dict[str, Any]:
        """Show what will be changed, once; warn of guests that may be the same."""
        cleaned = super().clean() or self.cleaned_data
        self._show_what_changes()
        if not self.errors:
            self.warn_of_same(name=cleaned["name"], kana=cleaned["kana"], phones=[cleaned["phone"]])
        return cleaned

    def _show_what_changes(self) -> None:
        """What was typed stays in its field: of the name the honorific is read once more when it is sent again."""
        shown = self.seen
        for name, found in self.unseen_changes().items():
            said = {"written": found.written, "value": found.value, "honorific": found.honorific}
            words = WITHOUT_HONORIFIC if found.honorific in Honorific.values else CHANGED
            self.add_error(name, words % said)
            shown.append(f"{self.add_prefix(name)}={found.written}")
        self.shown = shown

    def guest_values(self) -> dict[str, Any]:
        """Values for `services.create_customer`."""
        phones = [self.cleaned_data["phone"]] if self.cleaned_data["phone"] else []
        values = {"name": self.cleaned_data["name"], "kana": self.cleaned_data["kana"], "phones": phones}
        honorific = normalising.name(self.written_in("name")).honorific
        return values | ({"honorific": honorific} if honorific in Honorific.values else {})
