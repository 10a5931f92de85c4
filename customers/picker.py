"""Choosing a guest inside another form: typed text finds, a radio button chooses, a few fields enter somebody new.

The same answer serves htmx, which fetches the choices while one types, and a plain form, which comes back with them.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from crm_project.core.accounts.models import User, Venue
from crm_project.core.rights import Right
from customers.entry import enter_customer
from customers.forms import QuickGuestForm
from customers.models import Customer
from customers.queries import for_card
from customers.search import find_first

CHOICES = 8
GUEST = _("Guest")


@dataclass(slots=True)
class GuestPicker:
    """What `customers/_picker.html` draws, and what a form learns from it."""

    name: str
    label: str | Promise
    query: str
    chosen: Customer | None
    choices: list[Customer]
    new_guest: QuickGuestForm | None
    required: bool = True
    error: str | Promise = ""
    creates: bool = field(default=False)

    @property
    def query_name(self) -> str:
        """The name of the text input."""
        return f"{self.name}-q"

    def is_valid(self) -> bool:
        """Whether there is a guest (or none is needed); else `error` says what to do."""
        return not self.error

    def save(self, *, by: User, venue: Venue | None = None) -> Customer | None:
        """The chosen guest, or the one the fields name, entered now and known at the venue. Only after `is_valid()`."""
        if self.chosen is not None or not self.creates or self.new_guest is None:
            return self.chosen
        token = self.new_guest.entry_token
        return enter_customer(by=by, token=token, venue=venue, **self.new_guest.guest_values())


def read_picker(
    data: Mapping[str, Any] | None,
    *,
    user: User,
    name: str = "guest",
    label: str | Promise = GUEST,
    required: bool = True,
    initial: Customer | None = None,
) -> GuestPicker:
    """Read what the picker of that name sent (`request.POST`), or None for a form that is shown the first time.

    Several pickers of one form have different names. `initial` is chosen from the start.
    """
    may_enter = user.has_right(Right.EDIT_GUESTS)
    prefix = f"{name}-new"
    if data is None:
        blank = QuickGuestForm(prefix=prefix) if may_enter else None
        return GuestPicker(name, label, "", initial, [], blank, required)
    query = str(data.get(f"{name}-q", "")).strip()
    chosen_id = str(data.get(name, ""))
    chosen = for_card(user).filter(pk=chosen_id).first() if chosen_id.isdecimal() and len(chosen_id) < 16 else None
    new_guest = QuickGuestForm(data, prefix=prefix, user=user) if may_enter else None
    picker = GuestPicker(name, label, query, chosen, [], new_guest, required)
    if chosen is None and new_guest is not None and new_guest.is_begun():
        picker.creates = new_guest.is_valid()
        picker.error = "" if picker.creates else _("Complete the new guest.")
    elif chosen is None:
        picker.new_guest = QuickGuestForm(prefix=prefix) if may_enter else None
        picker.choices = find_first(user, query, CHOICES)
        if picker.choices:
            picker.error = _("Choose one of these guests.")
        elif query:
            picker.error = _("No guest is found. Enter a new one.") if may_enter else _("No guest is found.")
        elif required:
            picker.error = _("Choose a guest.")
    return picker
