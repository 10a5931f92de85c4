"""Verbs of the guest's card."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import transaction

from crm_project.core import text
from crm_project.core.accounts.models import User, Venue
from crm_project.core.audit.choices import Action
from crm_project.core.audit.services import difference, record
from customers.choices import AddressLabel, PhoneLabel
from customers.conflicts import VersionConflict, find_conflicts
from customers.models import Address, Customer, Phone
from customers.queries import values_of
from customers.services.companies import find_or_create_company
from customers.services.indexing import index_guest, next_version

BATCH = 500
PLAIN_FIELDS = ("kana", "honorific", "department", "title", "email", "likes", "dislikes", "note")
WRITTEN_FIELDS = (
    *PLAIN_FIELDS,
    *("name", "code", "company", "birthday", "since", "staff"),
    *("search_key", "grams", "sort_key"),
)


@dataclass(frozen=True, slots=True)
class PhoneInput:
    """A number as it was typed, and whose it is."""

    number: str
    label: str = PhoneLabel.MOBILE


@transaction.atomic
def create_customer(
    *,
    by: User,
    name: str,
    kana: str = "",
    honorific: str = "様",
    company_name: str = "",
    department: str = "",
    title: str = "",
    phones: Iterable[PhoneInput | str] = (),
    email: str = "",
    postal_code: str = "",
    address: str = "",
    birthday: date | None = None,
    since: date | None = None,
    staff: User | None = None,
    likes: str = "",
    dislikes: str = "",
    note: str = "",
    code: str | None = None,
    venue: Venue | None = None,
) -> Customer:
    """Enter a new guest, known at the venue. Raises ValidationError for a blank name or a code that is taken."""
    customer = Customer()
    values = {
        "name": name,
        "kana": kana,
        "honorific": honorific,
        "company_name": company_name,
        "department": department,
        "title": title,
        "phones": phones,
        "email": email,
        "postal_code": postal_code,
        "address": address,
        "birthday": birthday,
        "since": since,
        "staff": staff,
        "likes": likes,
        "dislikes": dislikes,
        "note": note,
        "code": code,
    }
    _write(customer, values, by=by)
    if venue is not None:
        customer.known_at.add(venue)
    written = {field: [None, value] for field, value in values_of(customer).items() if value}
    record(by=by, action=Action.CREATED, subject=customer, changes=written)
    return customer


@transaction.atomic
def change_customer(
    *, customer: Customer, by: User, version: int, base: Mapping[str, Any] | None = None, **values: Any
) -> Customer:
    """Change some values of a guest (the names of `create_customer`, without `venue`).

    `version` is the one the person saw, `base` the values of that moment (`queries.values_of`). When somebody else
    changed the same values meanwhile, VersionConflict is raised and nothing is written; changes of other values are kept.
    """
    current = Customer.objects.select_for_update(of=("self",)).get(pk=customer.pk)
    before = values_of(current)
    if current.version != version:
        conflicts = find_conflicts(theirs=before, mine=plain_values(values), base=base)
        if conflicts:
            raise VersionConflict(version=current.version, conflicts=conflicts)
    _write(current, values, by=by)
    changes = difference(before, values_of(current))
    if changes:
        next_version(current)
        record(by=by, action=Action.CHANGED, subject=current, changes=changes)
    return current


def note_known_at(*, customer_ids: Iterable[int], venue: Venue) -> None:
    """Note that guests are known at a venue; those who are known there already stay as they are."""
    through = Customer.known_at.through
    through.objects.bulk_create(
        (through(customer_id=customer_id, venue_id=venue.pk) for customer_id in customer_ids),
        ignore_conflicts=True,
        batch_size=BATCH,
    )


def tidy_phones(phones: Iterable[PhoneInput | str]) -> list[Phone]:
    """Unsaved phones in their order: each number once, blanks left out, readable ones grouped as people write them."""
    found: dict[str, Phone] = {}
    for given in phones:
        phone = PhoneInput(given) if isinstance(given, str) else given
        digits = text.phone_digits(phone.number)
        if digits and digits not in found:
            found[digits] = Phone(
                label=phone.label,
                written=_written(phone.number, digits),
                digits=digits,
                tail=text.phone_tail(digits),
                position=len(found),
            )
    return list(found.values())


def _written(number: str, digits: str) -> str:
    grouped = text.format_phone(digits)
    only_digits = "".join(char for char in text.nfkc(number) if char.isdigit())
    return grouped if grouped != digits and only_digits == digits else text.tidy(text.nfkc(number))


def plain_values(values: Mapping[str, Any]) -> dict[str, Any]:
    """Given values in the shape of `queries.values_of`, to be compared with what stands."""
    return {name: _plain(name, value) for name, value in values.items()}


def _plain(name: str, value: Any) -> Any:
    if name == "phones":
        return [[str(phone.label), phone.written] for phone in tidy_phones(value)]
    if isinstance(value, date):
        return value.isoformat()
    if name == "staff":
        return value.pk if value else None
    if name == "postal_code":
        return text.postal_code(value)
    if name == "code":
        return text.code_text(value)
    return _tidy(name, value) if isinstance(value, str) else value


def _tidy(name: str, value: str) -> str:
    if name == "kana":
        return text.tidy_kana(value)
    return text.tidy(value, lines=name in ("likes", "dislikes", "note"))


def _write(customer: Customer, values: Mapping[str, Any], *, by: User) -> None:
    """Set the given values, check and save the guest, its phones and address, and what it is found by."""
    if "name" in values:
        customer.name = text.tidy(values["name"])
    for field in PLAIN_FIELDS:
        if field in values:
            setattr(customer, field, _tidy(field, values[field]))
    for field in ("birthday", "since", "staff"):
        if field in values:
            setattr(customer, field, values[field])
    if "code" in values:
        customer.code = text.code_text(values["code"]) or None
    if "company_name" in values:
        name = text.tidy(values["company_name"])
        customer.company = find_or_create_company(by=by, name=name) if name else None
    phones = tidy_phones(values["phones"]) if "phones" in values else list(customer.phones.all() if customer.pk else ())
    index_guest(customer, [phone.digits for phone in phones])
    customer.full_clean(exclude=["search_key", "grams", "sort_key"])
    customer.save(update_fields=None if customer.pk is None else [*WRITTEN_FIELDS])
    if "phones" in values:
        _write_phones(customer, phones)
    if "postal_code" in values or "address" in values:
        _write_address(customer, values)


def _write_phones(customer: Customer, phones: list[Phone]) -> None:
    before = [(phone.label, phone.written) for phone in customer.phones.all()]
    if before == [(phone.label, phone.written) for phone in phones]:
        return
    customer.phones.all().delete()
    for phone in phones:
        phone.customer = customer
    Phone.objects.bulk_create(phones)


def _write_address(customer: Customer, values: Mapping[str, Any]) -> None:
    address = customer.addresses.order_by("pk").first() or Address(customer=customer, label=AddressLabel.HOME)
    if "postal_code" in values:
        address.postal_code = text.postal_code(values["postal_code"])
    if "address" in values:
        address.text = text.tidy(values["address"])
    if address.postal_code or address.text:
        address.save()
    elif address.pk:
        address.delete()
