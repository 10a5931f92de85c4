"""What an import of inquiries would do: every row as created, updated, unchanged or set aside, without writing anything.

An inquiry is recognised by its venue, by who asks, by its name and its day. Rows of one inquiry add their contacts to it; so does
a row that names nobody, to the inquiry above it. What people changed since stays where the ledger says nothing new.
"""

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

from django.db.models import Q
from django.utils.translation import gettext as _

from crm_project.core.text import compare_key
from customers.names import company_identity
from deals.choices import OPEN_STAGES, Stage
from deals.models import Activity, Deal
from integrations.choices import LedgerTarget, RowOutcome
from integrations.deal_ledgers.reading import NAMELESS, Contact, DealEntry, DealRow, said_of
from integrations.ledgers import many_values  # noqa: F401 - registers the lookup any_of
from integrations.ledgers.entries import ERROR, LedgerEntry
from integrations.ledgers.guests_of_file import GuestOfRow, GuestsOfFile, WrittenRow, say_who_is_not_known
from integrations.ledgers.planning import PlannedRow
from integrations.models import LedgerRow

CREATED, UPDATED, UNCHANGED, FAILED = RowOutcome.CREATED, RowOutcome.UPDATED, RowOutcome.UNCHANGED, RowOutcome.ERROR
DEAL: Final = "deal"
# An inquiry whose day moved is still the same, so far and no further: the year-end party of next year is another.
MOVED_AT_MOST: Final = datetime.timedelta(days=92)
Key = tuple[Any, ...]


@dataclass(slots=True)
class PlannedDeal:
    """An inquiry of the file and what becomes of it in this batch."""

    entry: DealEntry
    guest: GuestOfRow
    known: Deal | None = None
    # Whether this file made it.
    is_new: bool = False
    # Attribute of Deal -> new value.
    attributes: dict[str, Any] = field(default_factory=dict)
    changes: dict[str, list[Any]] = field(default_factory=dict)
    contacts: list[Contact] = field(default_factory=list)
    pk: int | None = None

    @property
    def written_pk(self) -> int:
        """The id of an inquiry that is written."""
        assert self.pk is not None
        return self.pk


@dataclass(slots=True)
class PlannedDealRow:
    """A row of the file and what it does."""

    row: DealRow
    outcome: RowOutcome
    guest: GuestOfRow
    deal: PlannedDeal | None = None
    # Whether it is the row that makes the inquiry.
    makes_it: bool = False

    @property
    def entry(self) -> LedgerEntry:
        """What it says of its guest, with the sentences about all of its cells."""
        return self.row.guest


@dataclass(slots=True)
class _OfFile:
    """An inquiry that stands in the file: its id once written, and the contacts that it has."""

    key: Key
    pk: int | None = None
    is_new: bool = False
    contacts: set[tuple[str, str]] = field(default_factory=set)
    planned: PlannedDeal | None = None


class DealPlanner:
    """Plans the batches of one file in their order."""

    def __init__(self, *, guests: GuestsOfFile) -> None:
        self.guests = guests
        self._of_file: dict[Key, _OfFile] = {}
        self._last: _OfFile | None = None
        # Where the row above waits until its guest is known: what goes on with it waits for the same answer.
        self._waits: GuestOfRow | None = None
        self._before: tuple[dict[Key, _OfFile], _OfFile | None, GuestOfRow | None] = ({}, None, None)

    def plan(self, rows: Sequence[DealRow], *, lock: bool = False) -> tuple[list[PlannedDealRow], list[PlannedRow]]:
        """What each row does, and the guests that are to be written first."""
        self._before = ({key: _copy(one) for key, one in self._of_file.items()}, self._last, self._waits)
        guests, plans = self.guests.plan(rows, lock=lock)
        known = _Known(rows, guests, lock=lock)
        return [self._row(row, guest, known) for row, guest in zip(rows, guests, strict=True)], plans

    def _row(self, row: DealRow, guest: GuestOfRow, known: "_Known") -> PlannedDealRow:
        if row.goes_on_with is not None and not row.is_error:
            self._last, self._waits = self._of_house(row.goes_on_with), None
        if row.goes_on and self._waits is not None:
            guest = self._waits
        say_who_is_not_known(row.guest, guest)
        if not row.is_error and row.goes_on and self._last is None:
            row.guest.say(ERROR, "company", _("the row names nobody who asks, and goes on with no inquiry above it"))
        if not row.goes_on:
            self._waits = replace(guest) if guest.waits else None
        if row.is_error:
            if not row.goes_on:
                self._last = None
            return PlannedDealRow(row, FAILED, guest)
        if row.goes_on:
            assert self._last is not None
            return self._more(row, guest, self._last)
        key = _key(row.deal, guest)
        of_file = self._of_file.get(key)
        if of_file is not None:
            self._last = of_file
            return self._more(row, guest, of_file)
        found = known.find(row.deal, guest)
        planned = PlannedDeal(row.deal, guest, known=found, is_new=found is None)
        of_file = self._of_file[key] = self._last = _OfFile(
            key, found.pk if found else None, found is None, planned=planned
        )
        if found is None:
            self._add(of_file, planned, row.deal.contacts)
            return PlannedDealRow(row, CREATED, guest, planned, makes_it=True)
        of_file.contacts = known.contacts(found)
        planned.pk = found.pk
        _compare(planned, found, known.said(found.pk))
        self._add(of_file, planned, row.deal.contacts)
        outcome = UPDATED if planned.changes or planned.contacts else UNCHANGED
        return PlannedDealRow(row, self._with_guest(outcome, guest), guest, planned)

    def _of_house(self, pk: int) -> _OfFile:
        """An inquiry of the house that a row put right goes on with."""
        key: Key = ("house", (DEAL, pk))
        if key not in self._of_file:
            contacts = contacts_of(list(Deal.objects.filter(pk=pk).select_related("venue")))
            self._of_file[key] = _OfFile(key, pk, contacts=contacts.get(pk, set()))
        return self._of_file[key]

    def _more(self, row: DealRow, guest: GuestOfRow, of_file: _OfFile) -> PlannedDealRow:
        """A further row of an inquiry adds its contacts; where it says else than the first row, that one stands."""
        planned = of_file.planned
        if planned is None:
            planned = PlannedDeal(row.deal, guest, is_new=of_file.is_new, pk=of_file.pk)
            of_file.planned = planned
        added = self._add(of_file, planned, row.deal.contacts)
        outcome = UNCHANGED if not added else CREATED if of_file.is_new else UPDATED
        return PlannedDealRow(row, self._with_guest(outcome, guest), guest, planned if added else None)

    @staticmethod
    def _with_guest(outcome: RowOutcome, guest: GuestOfRow) -> RowOutcome:
        if outcome is UNCHANGED and guest.outcome in (CREATED, UPDATED):
            return guest.outcome
        return outcome

    @staticmethod
    def _add(of_file: _OfFile, planned: PlannedDeal, contacts: Sequence[Contact]) -> int:
        new = []
        for contact in contacts:
            day, words = contact.key
            undated = not day and any(words == held for _day, held in of_file.contacts)
            if contact.key not in of_file.contacts and not undated:
                of_file.contacts.add(contact.key)
                new.append(contact)
        planned.contacts += new
        return len(new)

    def written(self, planned: Sequence[PlannedDealRow], ids: Mapping[int, int]) -> None:
        """The batch is in the transaction; first row of a guest in the file -> the guest's id."""
        for key in list(self._of_file):
            one = self._of_file[key]
            if one.planned is not None:
                one.pk, one.planned = one.planned.pk or one.pk, None
            if key[1][0] == "row" and key[1][1] in ids:
                one.key = (key[0], ("id", ids[key[1][1]]), *key[2:])
                self._of_file[one.key] = self._of_file.pop(key)
        for first_row, pk in ids.items():
            self.guests.learn(first_row, pk)

    def settle(self) -> None:
        """The batch counts."""
        self.guests.settle()

    def take_back(self) -> None:
        """Forget a batch that was not written."""
        self.guests.take_back()
        self._of_file, self._last, self._waits = self._before

    def remember(self, rows: Sequence[DealRow], written: Sequence[WrittenRow]) -> None:
        """Take note of rows that an earlier worker has written."""
        guests = {one.number: one.guest for one in written if one.guest is not None}
        deals = {one.number: one.changes[DEAL] for one in written if DEAL in one.changes}
        waiting = {one.number: one.same_as for one in written if one.same_as is not None}
        self.guests.remember(rows, written)
        for row in rows:
            if not row.goes_on:
                first = waiting.get(row.number)
                self._waits = self.guests.waiting(first) if first is not None else None
                self._last = None
            told = deals.get(row.number)
            if row.is_error or told is None:
                continue
            if row.goes_on and self._last is not None:
                one = self._last
            else:
                key = _key(row.deal, GuestOfRow(pk=guests.get(row.number)))
                one = self._last = self._of_file.setdefault(key, _OfFile(key, told["id"], told["is_new"]))
            one.contacts |= {contact.key for contact in row.deal.contacts}


def _copy(one: _OfFile) -> _OfFile:
    return _OfFile(one.key, one.pk, one.is_new, set(one.contacts), one.planned)


def _who(deal: DealEntry, guest: GuestOfRow) -> tuple[Any, ...]:
    if guest.pk is not None or guest.first_row:
        return guest.key
    if deal.company:
        return ("company", company_identity(deal.company))
    return ("contact", compare_key(deal.contact))


def _key(deal: DealEntry, guest: GuestOfRow) -> Key:
    day = deal.date.isoformat() if deal.date else compare_key(deal.date_text)
    return (deal.venue.pk, _who(deal, guest), compare_key(deal.title or NAMELESS), day)


class _Known:
    """The inquiries of the house that the rows of a batch may be about."""

    def __init__(self, rows: Sequence[DealRow], guests: Sequence[GuestOfRow], *, lock: bool) -> None:
        ids = {guest.pk for guest in guests if guest.pk is not None}
        companies = {company_identity(row.deal.company) for row in rows if row.deal.company}
        names = {row.deal.contact for row in rows if row.deal.contact}
        wanted = (
            Q(customer__in=ids)
            | Q(customer=None, company__key__in=companies)
            | Q(customer=None, contact_text__in=names)
        )
        deals = Deal.objects.filter(wanted).select_related("company", "venue").order_by("pk")
        if lock:
            deals = deals.select_for_update(of=("self",))
        self._deals = list(deals)
        self._contacts = contacts_of(self._deals)
        self._said: dict[int, dict[str, Any]] | None = None
        self._taken: set[int] = set()

    def find(self, deal: DealEntry, guest: GuestOfRow) -> Deal | None:
        """The inquiry that is meant; None where there is none, or none of several."""
        who = _who(deal, guest)
        title = compare_key(deal.title or NAMELESS)
        there = [
            one
            for one in self._deals
            if one.pk not in self._taken
            and one.venue_id == deal.venue.pk
            and self._asks(one, who)
            and compare_key(one.title) == title
        ]
        exact = [one for one in there if one.event_date == deal.date and (deal.date or _same_words(one, deal))]
        near = [one for one in there if one.stage in OPEN_STAGES and _may_have_moved(one, deal)]
        found = exact[:1] or (near if len(near) == 1 else [])
        if not found:
            return None
        self._taken.add(found[0].pk)
        return found[0]

    @staticmethod
    def _asks(one: Deal, who: tuple[Any, ...]) -> bool:
        if who[0] == "id":
            return bool(one.customer_id == who[1])
        if who[0] == "company":
            return one.customer_id is None and one.company is not None and one.company.key == who[1]
        return one.customer_id is None and one.company_id is None and compare_key(one.contact_text) == who[1]

    def contacts(self, deal: Deal) -> set[tuple[str, str]]:
        """What its log holds."""
        return self._contacts[deal.pk]

    def said(self, pk: int) -> dict[str, Any]:
        """What the latest row of a ledger said of it."""
        if self._said is None:
            self._said = {}
            rows = LedgerRow.objects.filter(
                ledger_import__target=LedgerTarget.DEALS, ledger_import__applied_to_row__isnull=False
            ).order_by("pk")
            for changes in rows.values_list("changes", flat=True):
                told = changes.get(DEAL, {})
                if told.get("said"):
                    self._said[told["id"]] = told["said"]
        return self._said.get(pk, {})


def contacts_of(deals: Sequence[Deal]) -> dict[int, set[tuple[str, str]]]:
    """Inquiry -> what its log holds: (day at its venue, words)."""
    found: dict[int, set[tuple[str, str]]] = {deal.pk: set() for deal in deals}
    zones = {deal.pk: deal.venue.zone for deal in deals}
    log = Activity.objects.filter(deal__in=list(found)).order_by()
    for deal_id, text, at in log.values_list("deal_id", "text", "at"):
        found[deal_id].add((at.astimezone(zones[deal_id]).date().isoformat(), compare_key(text)))
    return found


def _same_words(one: Deal, deal: DealEntry) -> bool:
    return compare_key(one.event_date_text) == compare_key(deal.date_text)


def _may_have_moved(one: Deal, deal: DealEntry) -> bool:
    if one.event_date is None or deal.date is None:
        return True
    return abs(one.event_date - deal.date) <= MOVED_AT_MOST


def _compare(planned: PlannedDeal, known: Deal, before: Mapping[str, Any]) -> None:
    entry, said = planned.entry, said_of(planned.entry)
    wanted = {
        "event_date": entry.date,
        "event_date_text": entry.date_text,
        "party_size": entry.people,
        "amount": entry.amount,
        "stage": entry.stage,
        "next_step": entry.next_step,
        "next_step_on": entry.next_step_on,
        "owner_id": entry.owner_id,
        "contact_text": entry.contact,
    }
    for name, value in wanted.items():
        held = getattr(known, name)
        if value in (None, "") or value == held or said.get(name) == before.get(name):
            continue
        planned.attributes[name] = value
        planned.changes[name] = [_plain(held), _plain(value)]
    # An inquiry that people closed is not opened again by a ledger.
    if planned.attributes.get("stage") in OPEN_STAGES and known.stage in (Stage.WON, Stage.LOST):
        del planned.attributes["stage"], planned.changes["stage"]
    have = compare_key(known.note)
    lines = [line for line in entry.wants.split("\n") if line.strip() and compare_key(line) not in have]
    if lines and said.get("note") != before.get("note"):
        planned.attributes["note"] = "\n".join([*([known.note] if known.note else []), *lines])
        planned.changes["note"] = [known.note, planned.attributes["note"]]


def _plain(value: Any) -> Any:
    if isinstance(value, datetime.date):
        return value.isoformat()
    return value if value is None or isinstance(value, str | int) else format(value.normalize(), "f")
