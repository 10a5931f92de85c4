"""What a guest is reached by: phones, addresses, consents. Called by the verbs of the card, in their transaction."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from crm_project.core import text
from customers.choices import Channel, ConsentState, PhoneLabel
from customers.guest_values import ADDRESS_PARTS, ADDRESS_PREFIXES, CONSENTS
from customers.models import Address, ContactConsent, Customer, Phone
from customers.normalising import kept, phone_number


@dataclass(frozen=True, slots=True)
class PhoneInput:
    """A number as it was typed, and whose it is."""

    number: str
    label: str = PhoneLabel.MOBILE


@dataclass(frozen=True, slots=True)
class ConsentInput:
    """What the guest said to one channel, and when."""

    state: str
    asked_on: date | None = None
    note: str = ""


def tidy_phones(phones: Iterable[PhoneInput | str]) -> list[Phone]:
    """Unsaved phones in their order: each number once, blanks left out, readable ones grouped as people write them."""
    found: dict[str, Phone] = {}
    for given in phones:
        phone = PhoneInput(given) if isinstance(given, str) else given
        number = phone_number(phone.number)
        if number.digits and number.digits not in found:
            found[number.digits] = Phone(
                label=phone.label,
                written=number.written,
                digits=number.digits,
                tail=text.phone_tail(number.digits),
                position=len(found),
            )
    return list(found.values())


def plain_consent(consent: ConsentInput | None) -> list[str | None] | None:
    """A consent in the shape of `queries.values_of`."""
    if consent is None:
        return None
    return [
        str(consent.state),
        consent.asked_on.isoformat() if consent.asked_on else None,
        kept("note", consent.note),
    ]


def write_phones(customer: Customer, phones: list[Phone]) -> None:
    """The numbers of the guest, in place of those before."""
    before = [(phone.label, phone.written) for phone in customer.phones.all()]
    if before == [(phone.label, phone.written) for phone in phones]:
        return
    # A number that stays keeps its row: a merge that is undone later knows it again.
    there = dict(customer.phones.values_list("digits", "pk"))
    customer.phones.exclude(digits__in=[phone.digits for phone in phones]).delete()
    for phone in phones:
        phone.customer, phone.pk = customer, there.get(phone.digits)
        phone.save()


def write_addresses(customer: Customer, values: Mapping[str, Any]) -> None:
    """The parts of addresses that are given; an address of which nothing is left goes."""
    for label, prefix in ADDRESS_PREFIXES.items():
        given = {
            part: kept(part, str(values[f"{prefix}{part}"])) for part in ADDRESS_PARTS if f"{prefix}{part}" in values
        }
        if not given:
            continue
        address = customer.addresses.filter(label=label).first() or Address(customer=customer, label=label)
        address.postal_code = given.get("postal_code", address.postal_code)
        address.text = given.get("address", address.text)
        address.care_of = given.get("care_of", address.care_of)
        if address.postal_code or address.text or address.care_of:
            address.full_clean(exclude=["customer"])
            address.save()
        elif address.pk:
            address.delete()


def write_consents(customer: Customer, values: Mapping[str, Any]) -> None:
    """What the guest said to each channel that is given; None: never asked."""
    for name, channel in CONSENTS.items():
        if name in values:
            _write_consent(customer, channel, values[name])


def _write_consent(customer: Customer, channel: Channel, consent: ConsentInput | None) -> None:
    if consent is None:
        customer.consents.filter(channel=channel).delete()
        return
    if consent.state not in ConsentState.values:
        raise ValidationError(_("Say whether the guest agreed or refused."))
    ContactConsent.objects.update_or_create(
        customer=customer,
        channel=channel,
        defaults={"state": consent.state, "asked_on": consent.asked_on, "note": kept("note", consent.note)},
    )
