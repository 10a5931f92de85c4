"""Writing a planned batch: guests, companies, phones, addresses, allergies, the trail and the rows of the import, all in bulk."""

import json
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from operator import itemgetter
from typing import Any, Final

from django.db import connection
from django.db.models import Model
from django.utils import timezone

from crm_project.core.accounts.models import User
from crm_project.core.allergens.choices import AllergyState, Severity
from crm_project.core.audit.choices import Action
from crm_project.core.audit.models import AuditEntry
from crm_project.core.audit.services import build
from crm_project.core.text import phone_tail
from customers.choices import AddressLabel, AskedHow, Honorific, RelationKind
from customers.models import Address, Allergy, Company, Customer, Phone, Relation
from customers.names import company_identity
from customers.search_index import search_fields
from integrations import bulk
from integrations.choices import RowOutcome
from integrations.ledgers.cells_kept import kept_cells
from integrations.ledgers.entries import LEVELS, NOTE, EntryReader, PhoneNumber
from integrations.ledgers.extras import write_extras
from integrations.ledgers.images import Image, ImageBook, computed
from integrations.ledgers.known_guests import KnownGuest
from integrations.ledgers.planning import PlannedRow
from integrations.models import LedgerImport, LedgerRow

# What the ledger calls a field and the card's trail calls otherwise.
TRAIL_NAMES: Final = {"company": "company_name", "phone": "phones", "stop": "contact_stop_reason"}
LEDGER_ROW_FIELDS: Final = (
    "ledger_import", "row_number", "code", "outcome", "customer", "changes", "messages", "written"
)  # fmt: skip
GUEST_ROW_FIELDS: Final = (*LEDGER_ROW_FIELDS, "cells", "candidates", "waits")
CUSTOMER_FIELDS: Final = (
    "id", "code", "name", "kana", "honorific", "company", "department", "title", "former_name", "email",
    "birthday", "since", "staff", "rank",
    "contact_stopped", "contact_stop_reason", "likes", "dislikes", "note", "unread", "allergy_state", "allergy_note",
    "allergy_asked_how", "allergy_answered_by", "visit_count", "version", "search_key", "grams", "sort_key",
)  # fmt: skip
CHANGED_FIELDS: Final = (
    "code", "name", "kana", "company", "department", "title", "former_name", "email",
    "birthday", "since", "staff", "rank",
    "contact_stopped", "contact_stop_reason", "likes", "dislikes", "note", "unread",
    "allergy_state", "allergy_note", "allergy_asked_how", "search_key", "grams", "sort_key", "version", "updated_at",
)  # fmt: skip
PHONE_FIELDS: Final = ("id", "customer", "label", "written", "digits", "tail", "position")
ADDRESS_FIELDS: Final = ("id", "customer", "label", "postal_code", "text")
RELATION_FIELDS: Final = ("id", "customer", "kind", "other", "other_name", "other_phone", "note")
ALLERGY_FIELDS: Final = ("id", "customer", "allergen", "severity", "note")
# A form that was opened while an import stood must not fit the card after the import was taken back and somebody wrote to it:
# an import moves versions so far that no version comes twice.
VERSION_STEP: Final = 1_000
AUDIT_FIELDS: Final = (
    "at", "actor", "actor_name", "action", "subject_type", "subject_id", "subject_name", "changes", "request_id", "ip_address"
)  # fmt: skip


_encode: Final = json.JSONEncoder(ensure_ascii=False).encode


def _columns(model: type[Model], fields: Sequence[str]) -> tuple[str, ...]:
    return tuple(str(model._meta.get_field(name).attname) for name in fields)  # type: ignore[union-attr]


CUSTOMER, PHONE, ADDRESS, ALLERGY = (model._meta.label_lower for model in (Customer, Phone, Address, Allergy))
_IMAGED: Final = [
    place for place, name in enumerate(CUSTOMER_FIELDS) if name == "version" or name not in {"id", *computed(CUSTOMER)}
]
CREATED_COLUMNS: Final = _columns(Customer, [CUSTOMER_FIELDS[place] for place in _IMAGED])
_created_values: Final = itemgetter(*_IMAGED)
CHANGED_COLUMNS: Final = _columns(Customer, CHANGED_FIELDS)
SEARCH_KEY: Final = 1 + CHANGED_COLUMNS.index("search_key")
BLANK_COMPANY: Final = {
    "code": "", "kana": "", "phone": "", "postal_code": "", "address": "", "note": "", "version": 1
}  # fmt: skip
PHONE_COLUMNS: Final = _columns(Phone, PHONE_FIELDS[1:])
ADDRESS_COLUMNS: Final = _columns(Address, ADDRESS_FIELDS[1:])
ALLERGY_COLUMNS: Final = _columns(Allergy, ALLERGY_FIELDS[1:])


class BatchWriter:
    """Writes the batches of one import with their images, each inside the caller's transaction."""

    def __init__(self, *, ledger_import: LedgerImport, by: User) -> None:
        self.ledger_import = ledger_import
        self.by = by
        self.images = ImageBook(ledger_import)
        self._now: Any = None
        self._trail: list[tuple[Any, ...]] = []
        self._phones: list[tuple[Any, ...]] = []
        self._addresses: list[tuple[Any, ...]] = []
        self._allergies: list[tuple[Any, ...]] = []
        self._phone_ids: Iterator[int] = iter(())
        self._address_ids: Iterator[int] = iter(())
        self._allergy_ids: Iterator[int] = iter(())

    def write(self, planned: Sequence[PlannedRow], reader: EntryReader) -> None:
        """Write what the batch plans, its images and its rows."""
        self._write_ledger_rows(planned, self.write_cards(planned), reader)

    def write_cards(self, planned: Sequence[PlannedRow]) -> list[int | None]:
        """Write what the rows do to guests, with images and trail; returns whom each row is about."""
        self._now = connection.ops.adapt_datetimefield_value(timezone.now())
        for pending in (self._trail, self._phones, self._addresses, self._allergies):
            pending.clear()
        self.images.clear()
        created = [row for row in planned if row.outcome == RowOutcome.CREATED]
        created += [one for row in planned for one in row.companions if one.outcome == RowOutcome.CREATED]
        updated = [row for row in planned if row.outcome == RowOutcome.UPDATED]
        self._reserve_ids(created, updated)
        companies = self._companies(created, updated)
        ids = self._create(created, companies)
        self._update(updated, companies)
        bulk.insert(Phone, PHONE_FIELDS, self._phones)
        bulk.insert(Address, ADDRESS_FIELDS, self._addresses)
        bulk.insert(Allergy, ALLERGY_FIELDS, self._allergies)
        bulk.insert(AuditEntry, AUDIT_FIELDS, self._trail)
        id_of = dict(zip(map(id, created), ids, strict=True))
        self._relate(planned, id_of)
        telling = [
            row for row in planned if row.entry.extras and row.outcome in (RowOutcome.CREATED, RowOutcome.UPDATED)
        ]
        row_of = {pk: row.entry.number for row, pk in zip(created, ids, strict=True)} if telling else {}
        write_extras([(row, row.guest.id if row.guest else id_of[id(row)]) for row in telling], self.images, row_of)
        self.images.write()
        return [id_of.get(id(row)) or (row.guest.id if row.guest else None) for row in planned]

    def _relate(self, planned: Sequence[PlannedRow], ids: dict[int, int]) -> None:
        """Write that the people of one cell are family, where no relation of theirs says so."""

        def pk(row: PlannedRow) -> int:
            return row.guest.id if row.guest is not None else ids[id(row)]

        wanted: dict[tuple[int, int], tuple[int, RelationKind]] = {}
        for row in planned:
            for one in row.companions if row.entry.is_family else ():
                if pk(row) != pk(one):
                    kind = RelationKind.SPOUSE if row.entry.is_couple else RelationKind.FAMILY
                    wanted[pk(row), pk(one)] = (row.entry.number, kind)
        if not wanted:
            return
        people = {pk for pair in wanted for pk in pair}
        known = Relation.objects.filter(customer__id__any_of=people, other__id__any_of=people)
        related = {frozenset(pair) for pair in known.values_list("customer_id", "other_id")}
        new = {pair: said for pair, said in wanted.items() if frozenset(pair) not in related}
        rows = []
        for key, ((customer_id, other_id), (number, kind)) in zip(
            bulk.reserve_ids(Relation, len(new)), new.items(), strict=True
        ):
            rows.append((key, customer_id, kind.value, other_id, "", "", ""))
            self.images.created(number, Relation, key)
        bulk.insert(Relation, RELATION_FIELDS, rows)

    def _reserve_ids(self, created: Sequence[PlannedRow], updated: Sequence[PlannedRow]) -> None:
        """Keys for at most what the batch brings: images name rows before they are written."""
        phones = sum(len(row.entry.phones) for row in created) + sum(len(row.new_phones) for row in updated)
        addresses = sum(1 for row in created if _has_address(row)) + sum(1 for row in updated if row.address)
        allergies = sum(len(row.new_allergens) for row in updated)
        allergies += sum(len(row.entry.allergies.allergen_ids) for row in created if row.entry.allergies)
        self._phone_ids = iter(bulk.reserve_ids(Phone, phones))
        self._address_ids = iter(bulk.reserve_ids(Address, addresses))
        self._allergy_ids = iter(bulk.reserve_ids(Allergy, allergies))

    def _companies(self, created: Sequence[PlannedRow], updated: Sequence[PlannedRow]) -> dict[str, Company]:
        """Companies of the batch by their key, new ones made."""
        wanted: dict[str, str] = {}
        first_row: dict[str, int] = {}
        named = [(row.entry.number, row.entry.values.get("company")) for row in created]
        for number, name in [*named, *((row.entry.number, row.company) for row in updated)]:
            if name:
                key = company_identity(name)
                if key not in wanted:
                    wanted[key], first_row[key] = name, number
        found = self._companies_with(wanted)
        missing = {key: name for key, name in wanted.items() if key not in found}
        if missing:
            if connection.vendor == "sqlite":  # who writes is alone: nobody has made one of them since
                ids = bulk.reserve_ids(Company, len(missing))
                blank = BLANK_COMPANY.values()
                rows = [(pk, key, name, *blank) for pk, (key, name) in zip(ids, missing.items(), strict=True)]
                bulk.insert(Company, ("id", "key", "name", *BLANK_COMPANY), rows)
            else:
                new = [Company(key=key, name=name) for key, name in missing.items()]
                Company.objects.bulk_create(new, ignore_conflicts=True)
            made = self._companies_with(missing)
            for company in made.values():
                self._record(Action.CREATED, company._meta.label_lower, company.pk, company.name, "{}")
                after = {**BLANK_COMPANY, "name": company.name, "key": company.key}
                self.images.created(first_row[company.key], Company, company.pk, after)
            found |= made
        return found

    def _companies_with(self, keys: Iterable[str]) -> dict[str, Company]:
        companies = Company.objects.filter(key__any_of=set(keys)).only("pk", "key", "name", "kana")
        return {company.key: company for company in companies}

    def _create(self, rows: Sequence[PlannedRow], companies: dict[str, Company]) -> Sequence[int]:
        ids = bulk.reserve_ids(Customer, len(rows))
        customers = []
        label = Customer._meta.label_lower
        for pk, row in zip(ids, rows, strict=True):
            entry, values = row.entry, row.entry.values
            written = values.get("company")
            company = companies[company_identity(written)] if written else None
            kana = values.get("kana", "")
            found_by = search_fields(
                name=entry.name,
                kana=kana,
                company_name=company.name if company else "",
                company_kana=company.kana if company else "",
                other_names=(values.get("former_name", ""),),
                code=entry.code,
                phones=[phone.digits for phone in entry.phones],
            )
            answer = entry.allergies
            state = AllergyState.NOT_ASKED.value
            if answer is not None:
                state = (AllergyState.NONE if answer.says_none else AllergyState.LISTED).value
            card = (

                pk, entry.code or None, entry.name, kana, entry.honorific or Honorific.SAMA.value,
                company.pk if company else None,
                values.get("department", ""), values.get("title", ""), values.get("former_name", ""), values.get("email", ""),
                _day(values.get("birthday")), _day(values.get("since")), values.get("staff"), values.get("rank"),
                "stop" in values, values.get("stop", ""), values.get("likes", ""), values.get("dislikes", ""),
                values.get("note", ""),
                _json(entry.unread), state, "、".join(answer.others) if answer else "",
                AskedHow.LEDGER.value if answer else "", "", 0, 1,
                found_by.search_key, found_by.grams, found_by.sort_key,
            )  # fmt: skip
            customers.append(card)
            images = [Image(CUSTOMER, pk, None, dict(zip(CREATED_COLUMNS, _created_values(card), strict=True)))]
            if answer is not None:
                self._add_allergies(pk, answer.allergen_ids, images)
            self._add_phones(pk, entry.phones, images)
            if _has_address(row):
                address = (pk, AddressLabel.HOME.value, values.get("postal_code", ""), values.get("address", ""))
                self._add_address(address, images)
            self.images.add(entry.number, images)
            self._record(Action.CREATED, label, pk, entry.name, "{}")
        bulk.insert(Customer, CUSTOMER_FIELDS, customers)
        return ids

    def _update(self, rows: Sequence[PlannedRow], companies: dict[str, Company]) -> None:
        changed, label = [], Customer._meta.label_lower
        moved: list[tuple[Any, ...]] = []
        now = str(self._now)
        outdated_phones = {row.guest.phones[digits][0] for row in rows if row.guest for digits in row.dropped_phones}
        phones_before = bulk.read(Phone, outdated_phones)
        for row in rows:
            guest, new = row.guest, row.attributes
            assert guest is not None
            assert guest.version, "who is written must be read to be written (locked)"
            company_id, company_name, company_kana = guest.company_id, guest.company_name, guest.company_kana
            if row.company:
                company = companies[company_identity(row.company)]
                company_id, company_name, company_kana = company.pk, company.name, company.kana
            phones = [digits for digits in guest.phones if digits not in row.dropped_phones]
            phones += [phone.digits for phone in row.new_phones]
            name, kana, code = new.get("name", guest.name), new.get("kana", guest.kana), new.get("code", guest.code)
            found_by = search_fields(
                name=name,
                kana=kana,
                company_name=company_name,
                company_kana=company_kana,
                other_names=[new.get("former_name", ""), *guest.other_names],
                code=code,
                phones=phones,
            )
            card = (
                guest.id, code, name, kana, company_id, new.get("department", guest.department), new.get("title", guest.title),
                new.get("former_name", guest.former_name), new.get("email", guest.email),
                _day(new.get("birthday", guest.birthday)),
                _day(new.get("since", guest.since)), new.get("staff_id", guest.staff_id),
                new.get("rank_id", guest.rank_id), new.get("contact_stopped", guest.contact_stopped),
                new.get("contact_stop_reason", guest.contact_stop_reason), new.get("likes", guest.likes),
                new.get("dislikes", guest.dislikes), new.get("note", guest.note),
                _json(new["unread"]) if "unread" in new else guest.unread_text,
                new.get("allergy_state", guest.allergy_state), new.get("allergy_note", guest.allergy_note),
                new.get("allergy_asked_how", guest.allergy_asked_how),
                found_by.search_key, found_by.grams, found_by.sort_key, guest.version + VERSION_STEP, self._now,
            )  # fmt: skip
            changed.append(card)
            images = [_changes_of_card(guest, card, now)]
            for digits in row.dropped_phones:
                pk = guest.phones[digits][0]
                if pk in phones_before:
                    images.append(Image(PHONE, pk, phones_before[pk], None))
            self._add_phones(guest.id, row.new_phones, images)
            self._add_allergies(guest.id, row.new_allergens, images)
            if row.address:
                self._move(guest, row.address, moved, images)
            self.images.add(row.entry.number, images)
            trail = {TRAIL_NAMES.get(field, field): change for field, change in row.changes.items()}
            self._record(Action.CHANGED, label, guest.id, name, _json(trail))
        bulk.delete(Phone, outdated_phones)
        bulk.update(Customer, CHANGED_FIELDS, changed)
        bulk.update(Address, ("postal_code", "text"), moved)

    def _add_phones(self, customer_id: int, phones: Iterable[PhoneNumber], images: list[Image]) -> None:
        for position, phone in enumerate(phones):
            pk = next(self._phone_ids)
            columns = (customer_id, phone.label, phone.written, phone.digits, phone_tail(phone.digits), position)
            self._phones.append((pk, *columns))
            images.append(Image(PHONE, pk, None, dict(zip(PHONE_COLUMNS, columns, strict=True))))

    def _add_address(self, columns: tuple[Any, ...], images: list[Image]) -> None:
        pk = next(self._address_ids)
        self._addresses.append((pk, *columns))
        images.append(Image(ADDRESS, pk, None, dict(zip(ADDRESS_COLUMNS, columns, strict=True))))

    def _move(
        self, guest: KnownGuest, address: tuple[str, str, str], moved: list[tuple[Any, ...]], images: list[Image]
    ) -> None:
        label, postal_code, text = address
        if label not in guest.addresses:
            self._add_address((guest.id, label, postal_code, text), images)
            return
        pk, old_code, old_text = guest.addresses[label]
        moved.append((pk, postal_code, text))
        before, after = {"postal_code": old_code, "text": old_text}, {"postal_code": postal_code, "text": text}
        images.append(Image(ADDRESS, pk, before, after))

    def _add_allergies(self, customer_id: int, allergen_ids: Iterable[int], images: list[Image]) -> None:
        for allergen_id in allergen_ids:
            pk = next(self._allergy_ids)
            columns = (customer_id, allergen_id, Severity.MODERATE.value, "")
            self._allergies.append((pk, *columns))
            images.append(Image(ALLERGY, pk, None, dict(zip(ALLERGY_COLUMNS, columns, strict=True))))

    def _record(self, action: Action, subject_type: str, pk: int, name: str, changes: str) -> None:
        if not self._trail:
            entry = build(by=self.by, action=action)
            self._actor = (entry.actor_id, entry.actor_name)
            self._origin = (entry.request_id, entry.ip_address)
        self._trail.append(
            (self._now, *self._actor, action.value, subject_type, str(pk), name[:200], changes, *self._origin)
        )

    def _write_ledger_rows(
        self, planned: Sequence[PlannedRow], guests: Sequence[int | None], reader: EntryReader
    ) -> None:
        bulk.insert(
            LedgerRow,
            GUEST_ROW_FIELDS,
            [
                (
                    self.ledger_import.pk,
                    row.entry.number,
                    row.entry.code,
                    row.outcome.value,
                    guest,
                    _json(row.changes if row.outcome == RowOutcome.UPDATED else _phones_brought(row)),
                    _messages(row),
                    _json(reader.written(row.entry)) if row.entry.messages else "{}",
                    *_to_look_at(row),
                )
                for row, guest in zip(planned, guests, strict=True)
            ],
        )


def _changes_of_card(guest: KnownGuest, card: Sequence[Any], now: str) -> Image:
    """The columns of a card that become others; grams follow from the search key."""
    old = (
        guest.code, guest.name, guest.kana, guest.company_id, guest.department, guest.title, guest.former_name,
        guest.email, _day(guest.birthday),
        _day(guest.since), guest.staff_id, guest.rank_id, guest.contact_stopped, guest.contact_stop_reason,
        guest.likes, guest.dislikes, guest.note, guest.unread_text, guest.allergy_state,
        guest.allergy_note, guest.allergy_asked_how, guest.search_key, None, guest.sort_key, guest.version, guest.updated_at,
    )  # fmt: skip
    before, after = {}, {}
    for name, was, becomes in zip(CHANGED_COLUMNS, old, card[1:], strict=True):
        if was != becomes and name != "grams":
            before[name], after[name] = was, becomes
    after["updated_at"] = now
    # Even where it stays the same: it tells whether anybody has changed what the guest is found by since.
    before["search_key"], after["search_key"] = guest.search_key, card[SEARCH_KEY]
    return Image(CUSTOMER, guest.id, before, after)


def _has_address(row: PlannedRow) -> bool:
    return "address" in row.entry.values or "postal_code" in row.entry.values


def row_values(row: PlannedRow) -> tuple[dict[str, Any], list[dict[str, str]]]:
    """`changes` and `messages` of the row of an import, as Python values."""
    return json.loads(_json(row.changes if row.outcome == RowOutcome.UPDATED else _phones_brought(row))), json.loads(
        _messages(row)
    )


def write_preview(ledger_import: LedgerImport, planned: Sequence[PlannedRow], reader: EntryReader) -> None:
    """Write rows as they would be, to be looked through before the import."""
    bulk.insert(
        LedgerRow,
        GUEST_ROW_FIELDS,
        [
            (
                ledger_import.pk,
                row.entry.number,
                row.entry.code,
                row.outcome.value,
                row.guest.id if row.guest else None,
                _json(row.changes or _said(row, reader)),
                _messages(row),
                "{}"
                if row.outcome == RowOutcome.UNCHANGED and not row.entry.messages
                else _json(reader.written(row.entry)),
                *_to_look_at(row),
            )
            for row in planned
        ],
    )


def _to_look_at(row: PlannedRow) -> tuple[str | None, str | None, bool]:
    """The cells of a row that a person will look at, whom it may be about, and whether it waits."""
    if not any(message["level"] != NOTE for message in row.entry.messages):
        return None, None, False
    candidates = [candidate.as_json() for candidate in row.candidates]
    return _json(kept_cells(row.entry.cells)), _json(candidates) if candidates else None, row.waits


def _said(row: PlannedRow, reader: EntryReader) -> dict[str, Any]:
    """What a new guest's card will say, as changes from nothing."""
    if row.outcome != RowOutcome.CREATED:
        return {}
    return {name: [None, value] for name, value in reader.shown(row.entry).items()}


def _phones_brought(row: PlannedRow) -> dict[str, Any]:
    if row.outcome != RowOutcome.CREATED or not row.entry.phones:
        return {}
    return {"phone": [[], [phone.digits for phone in row.entry.phones]]}


def _messages(row: PlannedRow) -> str:
    """The worst first: rows are looked for by their first message."""
    return _json(sorted(row.entry.messages, key=lambda message: LEVELS.index(message["level"])))


def _json(value: Any) -> str:
    if not value:
        return "[]" if isinstance(value, list) else "{}"
    return _encode(value)


def _day(value: date | None) -> str | None:
    return value.isoformat() if value else None
