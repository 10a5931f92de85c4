"""The line "何を・何のために" at the label of every field: what is asked and why. Shipped here, changed by the house."""

from collections.abc import Mapping
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from customers.models import FieldPurpose

# Addresses share their lines, as do the channels of consent.
SHIPPED: Final[Mapping[str, Promise]] = {
    "name": _("As the guest writes it, so that letters and place cards are right."),
    "kana": _("To find and to greet the guest by the right sound."),
    "honorific": _("How sheets and letters address the guest."),
    "called": _("What the house says at the door: 会長, 若旦那."),
    "former_name": _("To find a guest who booked under another name."),
    "language": _("To welcome, seat and ask in words the guest understands."),
    "code": _("The number in the ledger and in accounting."),
    "company_name": _("To seat companies apart and to know who is billed."),
    "department": _("To reach the right desk when somebody moves on."),
    "title": _("For the order of seats and for the envelope."),
    "staff": _("Who looks after the guest on the floor."),
    "sales_staff": _("Who speaks with the guest about banquets."),
    "since": _("To thank for the years."),
    "phones": _("To know who calls, and to reach the guest on the day."),
    "email": _("For confirmations and what the guest asked for."),
    "postal_code": _("For letters and parcels that arrive."),
    "address": _("For thank-you letters, New Year cards and gifts."),
    "care_of": _("Who takes the mail in: a secretary, the family."),
    "mail_to": _("Asked, never assumed: mail at the wrong place tells too much."),
    "consent": _("The house writes and calls only as the guest agreed."),
    "contact_stopped": _("Nobody calls, writes or visits until it is lifted."),
    "contact_stop_reason": _("So that everybody understands and nobody asks again."),
    "birthday": _("To congratulate, and to know the years to celebrate."),
    "mourning_until": _("No New Year card and no congratulations until then."),
    "diets": _("So that the kitchen plans the right dishes. Allergies have their own page."),
    "likes": _("To prepare before the guest asks."),
    "dislikes": _("Not to serve it. Dislikes are not allergies."),
    "note": _("What everybody who serves the guest must know."),
}
_SHARED: Final = ("postal_code", "address", "care_of")


def purpose_key(field: str) -> str:
    """The key of the line for a field of the form or a value: consent_phone_state -> consent, office_address -> address."""
    for shared in _SHARED:
        if field.endswith(f"_{shared}"):
            return shared
    for stem, key in (("consent_", "consent"), ("phone_", "phones"), ("diet_", "diets")):
        if field.startswith(stem):
            return key
    return field


def purpose_lines() -> dict[str, str]:
    """The line of every built-in field: the house's, else the shipped one. One query."""
    own = dict(FieldPurpose.objects.filter(field__in=SHIPPED).values_list("field", "text"))
    return {field: own.get(field) or str(line) for field, line in SHIPPED.items()}
