"""Verbs of the guest's card."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models.functions import Now
from django.utils.translation import gettext as _

from crm_project.core import text
from crm_project.core.accounts.models import User, Venue
from crm_project.core.allergens.choices import AllergyState, Severity
from crm_project.core.allergens.models import Allergen
from crm_project.core.audit.choices import Action
from crm_project.core.audit.services import difference, record
from customers.choices import AddressLabel, AskedHow, PhoneLabel
from customers.conflicts import FieldConflict, VersionConflict, find_conflicts
from customers.models import Address, Allergy, Company, Customer, Phone, Rank
from customers.names import company_identity
from customers.queries import values_of
from customers.search_index import search_fields

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


@dataclass(frozen=True, slots=True)
class AllergyInput:
    """One thing that harms the guest."""

    allergen: Allergen
    severity: str = Severity.MODERATE
    note: str = ""


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
        _next_version(current)
        record(by=by, action=Action.CHANGED, subject=current, changes=changes)
    return current


@transaction.atomic
def set_allergies(
    *,
    customer: Customer,
    by: User,
    state: str,
    items: Sequence[AllergyInput] = (),
    asked_how: str = "",
    answered_by: str = "",
    asked_on: date | None = None,
    note: str = "",
    version: int | None = None,
) -> Customer:
    """Write what is known of a guest's allergies, in place of what was known before.

    Raises ValidationError when the list does not fit the state, VersionConflict when `version` is given and passed.
    """
    if (state == AllergyState.LISTED) != bool(items):
        raise ValidationError(_("Name the allergies, or choose “not asked” or “none, confirmed”."))
    if len({item.allergen.pk for item in items}) != len(items):
        raise ValidationError(_("An allergen stands twice in the list."))
    if asked_how and asked_how not in AskedHow.values:
        raise ValidationError(_("Say how it was asked: in person, by phone, by mail or from the ledger."))
    current = Customer.objects.select_for_update(of=("self",)).get(pk=customer.pk)
    before = allergy_values(current)
    if version is not None and current.version != version:
        mine = _allergy_values(state, items, asked_how, answered_by, asked_on, note)
        conflicts = [FieldConflict(name, before[name], mine[name]) for name in mine if before[name] != mine[name]]
        if conflicts:
            raise VersionConflict(version=current.version, conflicts=conflicts)
    current.allergy_state = state
    current.allergy_note = text.tidy(note, lines=True)
    current.allergy_asked_on = asked_on
    current.allergy_asked_how = asked_how
    current.allergy_answered_by = text.tidy(answered_by)
    current.allergies.exclude(allergen__in=[item.allergen for item in items]).delete()
    for item in items:
        Allergy.objects.update_or_create(
            customer=current,
            allergen=item.allergen,
            defaults={"severity": item.severity, "note": text.tidy(item.note)},
        )
    current.save(
        update_fields=[
            "allergy_state",
            "allergy_note",
            "allergy_asked_on",
            "allergy_asked_how",
            "allergy_answered_by",
        ]
    )
    changes = difference(before, allergy_values(current))
    if changes:
        _next_version(current)
        record(by=by, action=Action.CHANGED, subject=current, changes=changes)
    return current


def allergy_values(customer: Customer) -> dict[str, Any]:
    """What is known of a guest's allergies, as plain values."""
    items = [
        AllergyInput(allergy.allergen, allergy.severity, allergy.note)
        for allergy in Allergy.objects.filter(customer=customer)
        .select_related("allergen")
        .order_by("allergen__position")
    ]
    return _allergy_values(
        customer.allergy_state,
        items,
        customer.allergy_asked_how,
        customer.allergy_answered_by,
        customer.allergy_asked_on,
        customer.allergy_note,
    )


def _allergy_values(
    state: str, items: Sequence[AllergyInput], asked_how: str, answered_by: str, asked_on: date | None, note: str
) -> dict[str, Any]:
    listed = sorted(items, key=lambda item: (item.allergen.position, item.allergen.pk))
    return {
        "allergy_state": str(state),
        "allergies": [[item.allergen.name_ja, str(item.severity), item.note] for item in listed],
        "allergy_asked_how": str(asked_how),
        "allergy_answered_by": answered_by,
        "allergy_asked_on": asked_on.isoformat() if asked_on else None,
        "allergy_note": note,
    }


@transaction.atomic
def find_or_create_company(*, by: User, name: str) -> Company:
    """The company of that written name, entered when it is new. Raises ValidationError for a blank name."""
    written = text.tidy(name)
    if not written:
        raise ValidationError(_("Write the company's name."))
    company, made = Company.objects.get_or_create(key=company_identity(written), defaults={"name": written})
    if made:
        record(by=by, action=Action.CREATED, subject=company, changes={"name": [None, written]})
    return company


@transaction.atomic
def change_company(*, company: Company, by: User, **values: Any) -> Company:
    """Change a company's code, name, kana, phone or note; its guests are found under the new name at once."""
    current = Company.objects.select_for_update().get(pk=company.pk)
    before = {name: getattr(current, name) for name in values}
    for name, value in values.items():
        setattr(current, name, text.tidy(value, lines=name == "note"))
    current.key = company_identity(current.name)
    current.full_clean()
    changes = difference(before, {name: getattr(current, name) for name in values})
    if not changes:
        return current
    current.version += 1
    current.save(update_fields=[*values, "key", "version"])
    record(by=by, action=Action.CHANGED, subject=current, changes=changes)
    if "name" in changes:
        index_guests(Customer.objects.filter(company=current))
    return current


@transaction.atomic
def write_rank(*, rank: Rank, by: User, name: str, position: int) -> Rank:
    """Enter a rank or change its name and place. Who holds it is computed elsewhere."""
    stored = Rank.objects.filter(pk=rank.pk).first() if rank.pk else None
    before = {"name": stored.name, "position": stored.position} if stored else {}
    rank.name, rank.position = text.tidy(name), position
    rank.full_clean()
    rank.save()
    changes = difference(before, {"name": rank.name, "position": rank.position})
    if changes:
        record(by=by, action=Action.CHANGED if stored else Action.CREATED, subject=rank, changes=changes)
    return rank


def index_guests(guests: models.QuerySet[Customer]) -> None:
    """Write the search fields of guests anew, after a change of what they are made of."""
    page: list[Customer] = []
    for customer in guests.select_related("company").prefetch_related("phones").iterator(chunk_size=BATCH):
        _index(customer, [phone.digits for phone in customer.phones.all()])
        page.append(customer)
    Customer.objects.bulk_update(page, ["search_key", "grams", "sort_key"], batch_size=BATCH)


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
    _index(customer, [phone.digits for phone in phones])
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


def _index(customer: Customer, phones: Iterable[str]) -> None:
    fields = search_fields(
        name=customer.name,
        kana=customer.kana,
        company_name=customer.company.name if customer.company else "",
        code=customer.code,
        phones=phones,
    )
    customer.search_key, customer.grams, customer.sort_key = fields.search_key, fields.grams, fields.sort_key


def _next_version(customer: Customer) -> None:
    """Move the version on, so that a form opened before notices."""
    Customer.objects.filter(pk=customer.pk).update(version=models.F("version") + 1, updated_at=Now())
    customer.refresh_from_db(fields=["version", "updated_at"])
