"""Verbs of the guest's card."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from django.db import transaction

from crm_project.core.accounts.models import User, Venue
from crm_project.core.audit.choices import Action
from crm_project.core.audit.services import difference, record
from customers.conflicts import VersionConflict, find_conflicts
from customers.guest_values import DATES, PEOPLE, TEXTS, is_known
from customers.models import Customer
from customers.normalising import kept
from customers.queries import values_of
from customers.services.attributes import plain_answers, write_answers
from customers.services.companies import find_or_create_company
from customers.services.food import tidy_diets, write_diets
from customers.services.indexing import index_guest, locked_card, next_version
from customers.services.reach import plain_consent, tidy_phones, write_addresses, write_consents, write_phones

BATCH = 500
AS_GIVEN = (*DATES, *PEOPLE, "birthday_month_day", "contact_stopped")
WRITTEN_FIELDS = (*TEXTS, *AS_GIVEN, "name", "code", "company", "search_key", "grams", "sort_key")


@transaction.atomic
def create_customer(*, by: User, name: str, venue: Venue | None = None, **values: Any) -> Customer:
    """Enter a new guest, known at the venue.

    `values` go by the names of `queries.values_of`: texts; days; people for `staff` and `sales_staff`; `phones` as PhoneInput
    or text, `diets` as DietInput or rule, `consent_<channel>` as ConsentInput, `attribute_<pk>` as text. What is not given
    stays blank. Raises ValidationError for a blank name, a code that is taken and what contradicts itself, TypeError for
    an unknown name.
    """
    customer = Customer()
    _write(customer, {"name": name, **values}, by=by)
    if venue is not None:
        customer.known_at.add(venue)
    written = {field: [None, value] for field, value in values_of(customer).items() if value}
    record(by=by, action=Action.CREATED, subject=customer, changes=written)
    return customer


@transaction.atomic
def change_customer(
    *, customer: Customer, by: User, version: int, base: Mapping[str, Any] | None = None, **values: Any
) -> Customer:
    """Change some values of a guest (see `create_customer`).

    `version` is the one the person saw, `base` the values of that moment (`queries.values_of`). When somebody else
    changed the same values meanwhile, VersionConflict is raised and nothing is written; changes of other values are kept.
    """
    current = locked_card(customer)
    before = values_of(current)
    if current.version != version:
        # An item of the house that was retired meanwhile has nothing to be compared with.
        theirs = dict.fromkeys(values, "") | before
        conflicts = find_conflicts(theirs=theirs, mine=plain_values(values), base=base)
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


def plain_values(values: Mapping[str, Any]) -> dict[str, Any]:
    """Given values in the shape of `queries.values_of`, to be compared with what stands."""
    return {name: _plain(name, value) for name, value in values.items()} | plain_answers(values)


def _plain(name: str, value: Any) -> Any:
    if name == "phones":
        return [[str(phone.label), phone.written] for phone in tidy_phones(value)]
    if name == "diets":
        return [[diet.rule, diet.note] for diet in tidy_diets(value)]
    if name.startswith("consent_"):
        return plain_consent(value)
    if isinstance(value, date):
        return value.isoformat()
    if name in PEOPLE:
        return value.pk if value else None
    return kept(name, value) if isinstance(value, str) else value


def _write(customer: Customer, values: Mapping[str, Any], *, by: User) -> None:
    """Set the given values, check and save the guest, all that belongs to it, and what it is found by."""
    if unknown := [name for name in values if not is_known(name)]:
        raise TypeError(f"A guest has no {', '.join(unknown)}")
    _set_columns(customer, values)
    if "company_name" in values:
        name = kept("company_name", values["company_name"])
        customer.company = find_or_create_company(by=by, name=name) if name else None
    phones = tidy_phones(values["phones"]) if "phones" in values else list(customer.phones.all() if customer.pk else ())
    index_guest(customer, [phone.digits for phone in phones])
    customer.full_clean(exclude=["search_key", "grams", "sort_key"])
    customer.save(update_fields=None if customer.pk is None else [*WRITTEN_FIELDS])
    if "phones" in values:
        write_phones(customer, phones)
    if "diets" in values:
        write_diets(customer, tidy_diets(values["diets"]))
    write_addresses(customer, values)
    write_consents(customer, values)
    write_answers(customer, values, by=by)


def _set_columns(customer: Customer, values: Mapping[str, Any]) -> None:
    for field in ("name", *TEXTS):
        if field in values:
            setattr(customer, field, kept(field, values[field]))
    for field in AS_GIVEN:
        if field in values:
            setattr(customer, field, values[field])
    if "code" in values:
        customer.code = kept("code", values["code"] or "") or None
    # A birthday is known with its year or without: what is newly known takes the place of the other.
    if values.get("birthday") and "birthday_month_day" not in values:
        customer.birthday_month_day = ""
    if values.get("birthday_month_day") and "birthday" not in values:
        customer.birthday = None
