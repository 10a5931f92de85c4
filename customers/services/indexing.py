"""What a guest is found by, and the version of a card: written by every verb."""

from collections.abc import Iterable

from django.db import models
from django.db.models.functions import Now

from customers.models import Company, Customer
from customers.search_index import search_fields

BATCH = 500


def index_guests(guests: models.QuerySet[Customer]) -> None:
    """Write the search fields of guests anew, after a change of what they are made of."""
    page: list[Customer] = []
    for customer in guests.select_related("company").prefetch_related("phones", "absorbed").iterator(chunk_size=BATCH):
        index_guest(customer, [phone.digits for phone in customer.phones.all()])
        page.append(customer)
    Customer.objects.bulk_update(page, ["search_key", "grams", "sort_key"], batch_size=BATCH)


def index_guest(customer: Customer, phones: Iterable[str]) -> None:
    """Set the unsaved search fields of one guest; `phones` are digits. Names and codes of merged cards find it, too."""
    merged = customer.absorbed.all() if customer.pk else ()
    fields = search_fields(
        name=customer.name,
        kana=customer.kana,
        company_name=customer.company.name if customer.company else "",
        company_kana=customer.company.kana if customer.company else "",
        other_names=(
            *(customer.former_name, customer.called),
            *(word for card in merged for word in (card.name, card.kana, card.code or "")),
        ),
        code=customer.code,
        phones=phones,
    )
    customer.search_key, customer.grams, customer.sort_key = fields.search_key, fields.grams, fields.sort_key


def locked_card(customer: Customer) -> Customer:
    """The card, locked for a change; the one that took it in when somebody merged it a moment ago.

    Its version is then newer than any that was seen on the former card, so that what was typed there meets a conflict.
    """
    locked = Customer.objects.select_for_update(of=("self",))
    current = locked.get(pk=customer.pk)
    return current if current.merged_into_id is None else locked.get(pk=current.merged_into_id)


def next_version(subject: Customer | Company) -> None:
    """Move the version on, so that open pages and a form opened before notice."""
    if isinstance(subject, Company):
        Company.objects.filter(pk=subject.pk).update(version=models.F("version") + 1)
        subject.refresh_from_db(fields=["version"])
        return
    Customer.objects.filter(pk=subject.pk).update(version=models.F("version") + 1, updated_at=Now())
    subject.refresh_from_db(fields=["version", "updated_at"])
