"""Guests as they stand in the database, read a batch at a time for comparison with ledger rows."""

import json
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final

from django.db import connection
from django.db.models import QuerySet, TextField, Value
from django.db.models.fields.json import KeyTransform
from django.db.models.functions import Cast, Coalesce, Concat, StrIndex, Substr

from crm_project.core.text import compare_key, fold
from customers.models import Address, Allergy, Company, Customer, Phone
from integrations.choices import LedgerState, RowOutcome
from integrations.ledgers import many_values  # noqa: F401 - registers the lookup any_of
from integrations.ledgers.entries import LedgerEntry
from integrations.models import LedgerImport, LedgerRow

# What a row is compared with.
COMPARED_COLUMNS: Final = (
    "id", "code", "name", "kana", "company_id", "department", "title", "former_name", "email", "birthday", "since",
    "staff_id", "rank_id",
    "contact_stopped", "likes", "dislikes", "note", "allergy_state", "allergy_note", "allergy_asked_how",
)  # fmt: skip
# What is written anew with a change, beside those: long, and of no use to who only looks.
WRITTEN_COLUMNS: Final = (
    "called", "contact_stop_reason", "version", "search_key", "sort_key",
)  # fmt: skip
NOTHING_UNREAD: Final = "{}"


@dataclass(slots=True)
class KnownGuest:
    """A guest with everything a ledger may speak of."""

    id: int
    code: str | None
    name: str
    kana: str
    company_id: int | None
    department: str
    title: str
    former_name: str
    email: str
    birthday: date | None
    since: date | None
    staff_id: int | None
    rank_id: int | None
    contact_stopped: bool
    likes: str
    dislikes: str
    note: str
    allergy_state: str
    allergy_note: str
    allergy_asked_how: str
    unread_text: str = NOTHING_UNREAD
    # Read of guests who are locked to be written.
    called: str = ""
    contact_stop_reason: str = ""
    version: int = 0
    search_key: str = ""
    sort_key: str = ""
    # As the database writes it, to be written again.
    updated_at: str = ""
    company_name: str = ""
    company_kana: str = ""
    company_key: str = ""
    unread: dict[str, str] = field(default_factory=dict)
    # digits: (id, written, position)
    phones: dict[str, tuple[int, str, int]] = field(default_factory=dict)
    # label: (id, postal code, text)
    addresses: dict[str, tuple[int, str, str]] = field(default_factory=dict)
    allergen_ids: set[int] = field(default_factory=set)
    # Of the cards that were merged into this one: (name, reading, code).
    merged: list[tuple[str, str, str]] = field(default_factory=list)

    @property
    def other_names(self) -> list[str]:
        """What the guest is found by beside its own words."""
        return [self.former_name, self.called, *(word for words in self.merged for word in words)]


def by_codes(codes: Collection[str], *, with_allergies: bool, lock: bool = False) -> dict[str, KnownGuest]:
    """Guests by code, their own or that of a card that was merged into theirs."""
    wanted = set(codes)
    guests = _load(Customer.objects.present().filter(code__any_of=wanted), with_allergies=with_allergies, lock=lock)
    found = {guest.code: guest for guest in guests if guest.code}
    if len(found) == len(wanted) or not _has_merged_cards():
        return found
    # Cards that were merged keep their codes: the guest is the card that took them in.
    merged = Customer.objects.filter(code__any_of=wanted - found.keys(), merged_into__isnull=False)
    into = {code: pk for code, pk in merged.values_list("code", "merged_into") if code and pk}
    holders = by_ids(into.values(), with_allergies=with_allergies, lock=lock) if into else {}
    return found | {code: holders[pk] for code, pk in into.items() if pk in holders}


def _has_merged_cards() -> bool:
    return Customer.objects.filter(merged_into__isnull=False).exists()


def by_ids(ids: Iterable[int], *, with_allergies: bool, lock: bool = False) -> dict[int, KnownGuest]:
    """Guests by id."""
    guests = _load(Customer.objects.filter(id__any_of=set(ids)), with_allergies=with_allergies, lock=lock)
    return {guest.id: guest for guest in guests}


def _load(customers: QuerySet[Customer], *, with_allergies: bool, lock: bool) -> list[KnownGuest]:
    customers = customers.order_by("pk")  # locks taken in one order do not wait for each other in a circle
    # As text: a decoder that runs over every row would cost more than the row, and nearly all of them are empty.
    columns: tuple[str | Cast, ...] = (*COMPARED_COLUMNS, Cast("unread", TextField()))
    if lock:
        columns = (*columns, *WRITTEN_COLUMNS, Cast("updated_at", TextField()))
        if connection.features.has_select_for_update:
            customers = customers.select_for_update(of=("self",))
    guests = [KnownGuest(*values) for values in customers.values_list(*columns)]
    if not guests:
        return []
    found = {guest.id: guest for guest in guests}
    ids = list(found)
    for guest in guests:
        if guest.unread_text != NOTHING_UNREAD:
            guest.unread = json.loads(guest.unread_text)
    _name_companies([guest for guest in guests if guest.company_id])
    phones = Phone.objects.filter(customer__id__any_of=ids).order_by("position", "pk")
    for pk, customer_id, digits, written, position in phones.values_list(
        "pk", "customer_id", "digits", "written", "position"
    ):
        found[customer_id].phones[digits] = (pk, written, position)
    addresses = Address.objects.filter(customer__id__any_of=ids)
    for pk, customer_id, label, postal_code, text in addresses.values_list(
        "pk", "customer_id", "label", "postal_code", "text"
    ):
        found[customer_id].addresses[label] = (pk, postal_code, text)
    if _has_merged_cards():
        merged = Customer.objects.filter(merged_into__id__any_of=ids).order_by("pk")
        for into, name, kana, code in merged.values_list("merged_into", "name", "kana", "code"):
            if into is not None:
                found[into].merged.append((name, kana, code or ""))
    if with_allergies:
        allergies = Allergy.objects.filter(customer__id__any_of=ids).order_by("pk")
        for customer_id, allergen_id in allergies.values_list("customer_id", "allergen_id"):
            found[customer_id].allergen_ids.add(allergen_id)
    return guests


def _name_companies(guests: Collection[KnownGuest]) -> None:
    """Not by a join: it reads every company of the house for each batch."""
    ids = {guest.company_id for guest in guests}
    companies = Company.objects.filter(id__any_of=ids).values_list("pk", "name", "kana", "key") if ids else ()
    by_id = {pk: names for pk, *names in companies}
    for guest in guests:
        if guest.company_id in by_id:
            guest.company_name, guest.company_kana, guest.company_key = by_id[guest.company_id]


def phones_brought_by_ledgers(customer_ids: Iterable[int]) -> dict[int, set[str]]:
    """Guest id -> digits that ledgers brought: a ledger's new number takes their place, not that of one people entered."""
    brought: dict[int, set[str]] = {}
    rows = LedgerRow.objects.filter(
        customer__id__any_of=set(customer_ids),
        outcome__in=[RowOutcome.CREATED, RowOutcome.UPDATED],
        ledger_import__applied_to_row__isnull=False,
    ).exclude(ledger_import__state=LedgerState.UNDONE)
    # What the ledger says of a card that was merged is no former word of the guest's own row.
    rows = rows.exclude(code__in=Customer.objects.filter(merged_into__isnull=False, code__isnull=False).values("code"))
    # As expressions: of "changes__phone__1" Django keeps an exception with all frames, and so every batch, until a collection.
    after_import = KeyTransform("1", KeyTransform("phone", "changes"))
    for customer_id, after in rows.values_list("customer_id", after_import):
        brought.setdefault(customer_id, set()).update(after or ())
    return brought


def guests_of_rows(ledger_import: LedgerImport, first: int, last: int) -> dict[int, int]:
    """Row number -> id of the known guest whom a written row of the import is about."""
    rows = LedgerRow.objects.filter(
        ledger_import=ledger_import,
        row_number__range=(first, last),
        outcome__in=[RowOutcome.UPDATED, RowOutcome.UNCHANGED],
        customer__isnull=False,
    )
    return dict(rows.values_list("row_number", "customer_id"))


class GuestsByName:
    """Ids of guests by folded name, for rows without a code. Read once, when the first such row comes."""

    def __init__(self, last_id: int) -> None:
        self.last_id = last_id
        self._ids: dict[str, int | list[int]] | None = None

    def ids(self, name: str) -> list[int]:
        """Guests of that name, kanji variants included, who were known before the import."""
        if self._ids is None:
            self._ids = self._read()
        found = self._ids.get(fold(name), [])
        return found if isinstance(found, list) else [found]

    def _read(self) -> dict[str, int | list[int]]:
        # The search key begins with the folded name.
        name = Substr("search_key", 1, StrIndex(Concat("search_key", Value(" ")), Value(" ")) - 1)
        # The name of a card that was merged finds the guest that took it in.
        guest = Coalesce("merged_into", "pk")
        rows = Customer.objects.filter(pk__lte=self.last_id).order_by().values_list(name, guest)
        ids: dict[str, int | list[int]] = {}
        for key, pk in rows.iterator(chunk_size=10_000):
            known = ids.setdefault(key, pk)
            if known is pk:
                continue
            if isinstance(known, list):
                known.append(pk)
            else:
                ids[key] = [known, pk]
        return ids


def fitting(entry: LedgerEntry, candidates: Iterable[KnownGuest]) -> list[KnownGuest]:
    """Guests that a row without a code may be: by name and phone, then address; none, one, or several (nobody guesses).

    A row with neither phone nor address fits guests of that name without a code only.
    """
    name = compare_key(entry.name)
    namesakes = [
        guest
        for guest in candidates
        if any(compare_key(known) == name for known in (guest.name, *(words[0] for words in guest.merged)))
    ]
    address = compare_key(entry.values.get("address", ""))

    def lives_there(guest: KnownGuest) -> bool:
        return any(compare_key(text) == address for _id, _code, text in guest.addresses.values())

    if entry.phones:
        fits = [guest for guest in namesakes if any(phone.digits in guest.phones for phone in entry.phones)]
        if not fits and address:
            fits = [guest for guest in namesakes if not guest.phones and lives_there(guest)]
    elif address:
        fits = [guest for guest in namesakes if lives_there(guest)]
    else:
        fits = [guest for guest in namesakes if not guest.code]
    for closer in (lives_there if address else None, lambda guest: not guest.code):
        if closer and len(fits) > 1:
            fits = [guest for guest in fits if closer(guest)] or fits
    return fits


def last_guest_id() -> int:
    """The newest guest before an import begins."""
    newest: Any = Customer.objects.order_by("-pk").values_list("pk", flat=True).first()
    return newest or 0
