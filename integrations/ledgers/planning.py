"""What an import would do: every row of a file as created, updated, unchanged or set aside, without writing anything."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final

from django.utils.translation import gettext as _

from crm_project.core.allergens.choices import AllergyState
from crm_project.core.text import compare_key
from customers.choices import AddressLabel, AskedHow
from customers.names import company_identity
from integrations.choices import RowOutcome
from integrations.ledgers.entries import ERROR, WARNING, LedgerEntry, PhoneNumber
from integrations.ledgers.extras import compare_extras, fields_read
from integrations.ledgers.known_guests import (
    GuestsByName,
    KnownGuest,
    by_codes,
    by_ids,
    fitting,
    phones_brought_by_ledgers,
)
from integrations.ledgers.likely_guests import NAMED, Candidate, likely_guests_of, reasons_for
from integrations.ledgers.match_rules import CODE_ALONE, USUAL, Rule, candidate_ids, same_guest, says_all
from integrations.ledgers.rows_of_file import RowsOfFile
from integrations.ledgers.vocabulary import Vocabulary

TEXTS: Final = ("name", "kana", "department", "title", "former_name", "email", "likes", "dislikes", "note")
DATES: Final = ("birthday", "since")
# A member of an enum costs as much as a row's comparison when it is looked up for every row.
CREATED, UPDATED, UNCHANGED, FAILED = RowOutcome.CREATED, RowOutcome.UPDATED, RowOutcome.UNCHANGED, RowOutcome.ERROR


@dataclass(slots=True)
class PlannedRow:
    """A row and what it does."""

    entry: LedgerEntry
    outcome: RowOutcome
    guest: KnownGuest | None = None
    # Field of the ledger -> [before, after], as people read it.
    changes: dict[str, list[Any]] = field(default_factory=dict)
    # Attribute of Customer -> new value, beside phones, address, company and allergies.
    attributes: dict[str, Any] = field(default_factory=dict)
    company: str = ""
    new_phones: tuple[PhoneNumber, ...] = ()
    dropped_phones: tuple[str, ...] = ()
    # (label, postal code, text) to be written.
    address: tuple[str, str, str] | None = None
    new_allergens: tuple[int, ...] = ()
    # Whom a row that waits for a person may be about.
    candidates: list[Candidate] = field(default_factory=list)
    waits: bool = False
    # Further people of the name's cell: new guests, or known ones (unchanged).
    companions: list["PlannedRow"] = field(default_factory=list)

    @property
    def is_of_merged_card(self) -> bool:
        """Whether the code is that of a card which people merged into the guest's."""
        return (
            self.guest is not None and bool(self.entry.code and self.guest.code) and self.entry.code != self.guest.code
        )

    def only_add(self) -> None:
        """Leave what the card says: people chose it when they merged the cards. Blanks are filled, numbers added."""
        for name, (before, _after) in list(self.changes.items()):
            if name in ("phone", "allergies") or (not before and name != "name"):
                continue
            del self.changes[name]
            self.attributes.pop(name, None)
            self.attributes.pop(f"{name}_id", None)
            if name == "company":
                self.company = ""
            if name in ("address", "postal_code"):
                self.address = None
        self.dropped_phones = ()
        if self.address is None:
            self.changes.pop("address", None)
            self.changes.pop("postal_code", None)
        if "phone" in self.changes:
            known, _after = self.changes["phone"]
            self.changes["phone"] = [known, [*known, *(phone.digits for phone in self.new_phones)]]


@dataclass(slots=True)
class Counts:
    """How many rows did what."""

    rows: int = 0
    created: int = 0
    updated: int = 0
    unchanged: int = 0
    errors: int = 0
    warnings: int = 0

    def add(self, planned: Iterable[PlannedRow]) -> None:
        """Count the rows of a batch."""
        for row in planned:
            self.rows += 1
            if row.outcome is CREATED:
                self.created += 1
            elif row.outcome is UPDATED:
                self.updated += 1
            elif row.outcome is UNCHANGED:
                self.unchanged += 1
            else:
                self.errors += 1
            if row.outcome is not FAILED and row.entry.messages and row.entry.has_warnings:
                self.warnings += 1


class Planner:
    """Plans the batches of one file in their order."""

    def __init__(
        self,
        *,
        fields: Sequence[str],
        vocabulary: Vocabulary,
        last_guest_id: int,
        rule: Rule = USUAL,
    ) -> None:
        self.rule = rule
        self.vocabulary = vocabulary
        self.rows_of_file = RowsOfFile()
        self.with_allergies = "allergies" in fields
        # The fields of the file that are compared one by one; a name of several people brings kana, an address its postcode.
        self._texts: list[str] = [name for name in TEXTS[1:] if name in (*fields, "kana", "former_name")]
        self._dates: list[str] = [name for name in DATES if name in fields]
        self._by_name = GuestsByName(last_guest_id)
        self._last_guest_id = last_guest_id

    def decided(self, entry: LedgerEntry, guest_id: int | None, *, takes_code: bool) -> PlannedRow:
        """What a row does of which a person has said whom it is about: a guest who is locked then, or somebody new (None).

        `takes_code`: a guest without a code gets that of the row.
        """
        row = PlannedRow(entry, CREATED)
        if guest_id is None:
            return self._with_companions(row)
        row.guest = by_ids([guest_id], with_allergies=self.with_allergies, lock=True).get(guest_id)
        if row.guest is None:
            return row
        self._compare(row)
        if takes_code and entry.code and not row.guest.code:
            self._set(row, "code", "", entry.code)
        self._compare_phones([row] if entry.phones else [])
        row.outcome = UPDATED if row.changes else UNCHANGED
        return self._with_companions(row)

    def _with_companions(self, row: PlannedRow) -> PlannedRow:
        if row.entry.others:
            self._plan_companions([row], lock=True)
        return row

    def remember(self, entries: Iterable[LedgerEntry], guests: Mapping[int, int]) -> None:
        """Take note of rows that an earlier worker has written (row number -> known guest), without planning them."""
        for entry in entries:
            if entry.number in guests:
                self.rows_of_file.first_of_guest(guests[entry.number], entry)
            if not entry.is_error and self.rows_of_file.earlier(entry) is None:
                self.rows_of_file.add(entry)
            else:
                self.rows_of_file.set_aside(entry)
        self.rows_of_file.settle()

    def plan(
        self,
        entries: Sequence[LedgerEntry],
        *,
        lock: bool = False,
        by_code: Mapping[str, KnownGuest] | None = None,
    ) -> list[PlannedRow]:
        """What each row does; with `lock` the guests it touches stay locked until the transaction ends.

        `by_code`: the guests of all codes of the entries, where somebody has looked them up already (`looking_ahead`).
        The caller settles `rows_of_file` when the batch counts, or takes it back to plan it again.
        """
        if not any(entry.messages and entry.is_error for entry in entries) and self.rows_of_file.add_all(entries):
            open_rows = planned = [PlannedRow(entry, CREATED) for entry in entries]
        else:
            planned = [self._first_look(entry) for entry in entries]
            open_rows = [row for row in planned if row.outcome is CREATED]
        self._find_by_code(open_rows, lock=lock, guests=by_code)
        if self.rule not in (USUAL, CODE_ALONE):
            self._find_by_rule([row for row in open_rows if row.guest is None], lock=lock)
        without_code = [row for row in open_rows if not row.entry.code and row.guest is None and row.outcome is CREATED]
        if self.rule == CODE_ALONE:
            for row in without_code:
                self._wait(row, "code", _("the row has no code, and in this ledger the code alone says who it is"), [])
        else:
            self._find_by_likeness(without_code, lock=lock)
        found = [row for row in open_rows if row.guest is not None]
        merged = [row for row in found if row.is_of_merged_card]
        known = [row for row in found if not row.is_of_merged_card and self._is_first_of_guest(row)]
        known += self._of_merged_cards(merged, {row.guest.id for row in known if row.guest})
        for row in known:
            self._compare(row)
        self._compare_phones([row for row in known if row.entry.phones])
        compare_extras(known)
        for row in merged:
            row.only_add()
        for row in known:
            row.outcome = UPDATED if row.changes else UNCHANGED
        if hosts := [row for row in planned if row.entry.others and _has_guest(row)]:
            self._plan_companions(hosts, lock=lock)
        return planned

    def _plan_companions(self, hosts: Sequence[PlannedRow], *, lock: bool) -> None:
        """Look for the further people of a row as for rows without a code; who is not known becomes a guest."""
        named = [(host, other) for host in hosts for other in host.entry.others]
        candidates = [self._by_name.ids(other.name) for _host, other in named]
        ids = {pk for found in candidates for pk in found}
        guests = by_ids(ids, with_allergies=self.with_allergies, lock=lock) if ids else {}
        for (host, other), found in zip(named, candidates, strict=True):
            fits = fitting(other, [guests[pk] for pk in sorted(found) if pk in guests])
            if len(fits) > 1:
                said = _("%(name)s may be any of %(count)s guests: left out") % {"name": other.name, "count": len(fits)}
                if all(message["message"] != said for message in host.entry.messages):
                    host.entry.say(WARNING, "name", said)
            elif fits:
                host.companions.append(PlannedRow(other, UNCHANGED, guest=fits[0]))
            else:
                host.companions.append(PlannedRow(other, CREATED))
        for host in hosts:
            new = [row.entry.name for row in host.companions if row.outcome is CREATED]
            if new and host.outcome is not CREATED:
                host.outcome = UPDATED
                host.changes["people"] = ["", "、".join(new)]

    def add_to(self, entries: Sequence[tuple[LedgerEntry, int]], *, lock: bool = False) -> list[PlannedRow]:
        """What further rows about guests known by id add to their cards: blanks are filled, numbers and allergies added.

        Of several rows about one guest the first speaks; the caller gives the others in a later batch, or not at all.
        """
        guests = by_ids({pk for _entry, pk in entries}, with_allergies=self.with_allergies, lock=lock)
        first = {pk: entry for entry, pk in reversed(entries) if pk in guests}
        rows = [PlannedRow(entry, UNCHANGED, guest=guests[pk]) for pk, entry in first.items()]
        for row in rows:
            self._compare(row)
        self._compare_phones([row for row in rows if row.entry.phones])
        compare_extras(rows)
        for row in rows:
            row.only_add()
            row.outcome = UPDATED if row.changes else UNCHANGED
        return rows

    def _first_look(self, entry: LedgerEntry) -> PlannedRow:
        """Set aside what cannot be used, and settle what an earlier row of the file has said."""
        if entry.is_error:
            self.rows_of_file.set_aside(entry)
            return PlannedRow(entry, FAILED)
        earlier = self.rows_of_file.earlier(entry)
        if earlier is None:
            self.rows_of_file.add(entry)
            return PlannedRow(entry, CREATED)
        if earlier.said == entry.said:
            return PlannedRow(entry, UNCHANGED)
        rows = {"first": earlier.number, "second": entry.number}
        if entry.code:
            sentence = _("rows %(first)s and %(second)s have the code “%(code)s” but differ") % {
                **rows,
                "code": entry.code,
            }
        else:
            sentence = _("rows %(first)s and %(second)s are the same guest but differ") % rows
        return self._refused(PlannedRow(entry, CREATED), "code" if entry.code else "name", sentence)

    def _warn_once(self, entry: LedgerEntry, field_name: str, sentence: str) -> None:
        if not any(message["field"] == field_name for message in entry.messages):  # the batch may be planned twice
            entry.say(WARNING, field_name, sentence)

    def _refused(self, row: PlannedRow, field_name: str, sentence: str) -> PlannedRow:
        if not any(message["level"] == ERROR for message in row.entry.messages):  # the batch may be planned twice
            row.entry.say(ERROR, field_name, sentence)
        row.outcome = FAILED
        self.rows_of_file.set_aside(row.entry)
        return row

    def _find_by_code(self, rows: Sequence[PlannedRow], *, lock: bool, guests: Mapping[str, KnownGuest] | None) -> None:
        if guests is None:
            codes = [row.entry.code for row in rows if row.entry.code]
            guests = by_codes(codes, with_allergies=self.with_allergies, lock=lock) if codes else {}
        if guests:
            for row in rows:
                row.guest = guests.get(row.entry.code) if row.entry.code else None

    def _find_by_rule(self, rows: Sequence[PlannedRow], *, lock: bool) -> None:
        """By what the ledger's rule compares; a row that does not say all of it is looked for as usual."""
        rows = [row for row in rows if row.outcome is CREATED and says_all(self.rule, row.entry)]
        if not rows:
            return
        candidates = candidate_ids(self.rule, [row.entry for row in rows], self._by_name)
        ids = {pk for found in candidates.values() for pk in found}
        guests = by_ids(ids, with_allergies=self.with_allergies, lock=lock) if ids else {}
        several: dict[int, list[KnownGuest]] = {}
        for row in rows:
            entry = row.entry
            found = [guests[pk] for pk in sorted(candidates[entry.number]) if pk in guests]
            fits = [guest for guest in found if same_guest(self.rule, entry, guest)]
            if len(fits) == 1 and not (entry.code and fits[0].code and entry.code != fits[0].code):
                row.guest = fits[0]
            elif fits:
                several[entry.number] = fits
        self._several_fit({row.entry.number: row for row in rows}, several)

    def _find_by_likeness(self, rows: Sequence[PlannedRow], *, lock: bool) -> None:
        """By name with phone or address; who is only likely, or one of several, is for a person to say."""
        if not rows:
            return
        candidates = {row.entry.number: self._by_name.ids(row.entry.name) for row in rows}
        ids = {pk for found in candidates.values() for pk in found}
        guests = by_ids(ids, with_allergies=self.with_allergies, lock=lock) if ids else {}
        by_number = {row.entry.number: row for row in rows}
        several: dict[int, list[KnownGuest]] = {}
        for row in rows:
            fits = fitting(row.entry, [guests[pk] for pk in sorted(candidates[row.entry.number]) if pk in guests])
            if len(fits) == 1:
                row.guest = fits[0]
            elif fits:
                several[row.entry.number] = fits
        self._several_fit(by_number, several)
        unknown = [row.entry for row in rows if row.guest is None and row.entry.number not in several]
        for number, likely in likely_guests_of(unknown, self._last_guest_id).items():
            self._wait(by_number[number], "name", _("is likely a guest whom the house knows: say who it is."), likely)

    def _several_fit(self, rows: Mapping[int, PlannedRow], several: Mapping[int, list[KnownGuest]]) -> None:
        entries = {number: rows[number].entry for number in several}
        reasons = reasons_for(entries, {number: [guest.id for guest in fits] for number, fits in several.items()})
        for number, fits in several.items():
            if len(fits) == 1:
                sentence = _("is a guest who has another code: say who it is.")
            else:
                sentence = _("may be any of %(count)s guests: write the code into the row.") % {"count": len(fits)}
            self._wait(rows[number], "name", sentence, reasons[number][:NAMED])

    def _wait(self, row: PlannedRow, field_name: str, sentence: str, candidates: list[Candidate]) -> None:
        """Set the row aside until a person has said whom it is about."""
        self._refused(row, field_name, sentence)
        row.guest, row.waits, row.candidates = None, True, candidates
        if candidates:
            _name_later(row.entry, [candidate.guest for candidate in sorted(candidates, key=lambda one: one.guest)])

    def _of_merged_cards(self, rows: Sequence[PlannedRow], spoken_for: set[int]) -> list[PlannedRow]:
        """Rows of merged cards that may add something; where another row of the batch is the guest's, that one speaks."""
        adding = []
        for row in rows:
            assert row.guest is not None
            if row.guest.id in spoken_for:
                row.outcome = RowOutcome.UNCHANGED
                continue
            spoken_for.add(row.guest.id)
            adding.append(row)
        return adding

    def _is_first_of_guest(self, row: PlannedRow) -> bool:
        """Whether no earlier row of the file is about the same guest; a second one is the same, or refused."""
        assert row.guest is not None
        if row.outcome is FAILED:
            return False
        earlier = self.rows_of_file.first_of_guest(row.guest.id, row.entry)
        if earlier is None:
            return True
        row.outcome = UNCHANGED
        if earlier.said != row.entry.said:
            rows = {"first": earlier.number, "second": row.entry.number}
            self._refused(row, "name", _("rows %(first)s and %(second)s are the same guest but differ") % rows)
        return False

    def _compare(self, row: PlannedRow) -> None:
        entry, guest = row.entry, row.guest
        assert guest is not None
        values = entry.values
        if entry.code and not guest.code and self.rule not in (USUAL, CODE_ALONE):
            self._set(row, "code", "", entry.code)
        if entry.name != guest.name and not _same(entry.name, guest.name):
            self._set(row, "name", guest.name, entry.name)
        for name in self._texts:
            new = values.get(name)
            if new and new != (old := getattr(guest, name)) and not _same(new, old):
                self._set(row, name, old, new)
        for name in self._dates:
            day: date | None = values.get(name)
            if day and day != (before := getattr(guest, name)):
                self._set(row, name, before, day)
        company = values.get("company")
        if company and company != guest.company_name and company_identity(company) != guest.company_key:
            row.company = company
            row.changes["company"] = [guest.company_name, company]
        if "rank" in values:
            self._compare_choice(row, "rank", guest.rank_id, self.vocabulary.rank_names)
        if "staff" in values:
            self._compare_choice(row, "staff", guest.staff_id, self.vocabulary.staff_names)
        if "stop" in values and not guest.contact_stopped:  # what people wrote stays
            stop = values["stop"]
            row.attributes |= {"contact_stopped": True, "contact_stop_reason": stop}
            row.changes["stop"] = ["", stop]
        if "address" in values or "postal_code" in values:
            self._compare_address(row, guest)
        if entry.allergies:
            self._compare_allergies(row, guest)
        if entry.unread or guest.unread:
            self._compare_unread(row, guest)

    def _set(self, row: PlannedRow, name: str, before: Any, after: Any) -> None:
        row.attributes[name] = after
        row.changes[name] = [_plain(before), _plain(after)]

    def _compare_choice(self, row: PlannedRow, name: str, before: int | None, names: dict[int, str]) -> None:
        after = row.entry.values.get(name)
        if after and after != before:
            row.attributes[f"{name}_id"] = after
            row.changes[name] = [names.get(before, "") if before else "", names[after]]

    def _compare_address(self, row: PlannedRow, guest: KnownGuest) -> None:
        values = row.entry.values
        written = values.get("address", "")
        if len(guest.addresses) == 1 and written:  # mostly the one address there is, as it stands
            ((_pk, old_code, old_text),) = guest.addresses.values()
            if old_text == written and values.get("postal_code", old_code) == old_code:
                return
        same = (label for label, (_id, _code, text) in guest.addresses.items() if _same(text, written))
        label = next(same, AddressLabel.HOME.value) if written else next(iter(guest.addresses), AddressLabel.HOME.value)
        _pk, old_code, old_text = guest.addresses.get(label, (0, "", ""))
        moved = bool(written) and not _same(old_text, written)
        # A new address without its postcode must not keep that of the old one.
        code = values.get("postal_code", "" if moved else old_code)
        if moved:
            row.changes["address"] = [old_text, written]
        if code != old_code:
            row.changes["postal_code"] = [old_code, code]
        if moved or code != old_code:
            row.address = (label, code, written if moved else old_text)

    def _compare_allergies(self, row: PlannedRow, guest: KnownGuest) -> None:
        """A ledger adds to what is known of allergies; it never takes away."""
        answer = row.entry.allergies
        assert answer is not None
        names = self.vocabulary.allergen_names
        if answer.says_none:
            if guest.allergy_state == AllergyState.NOT_ASKED:
                self._know_allergies(row, AllergyState.NONE)
                row.changes["allergies"] = [AllergyState.NOT_ASKED.value, AllergyState.NONE.value]
            elif guest.allergy_state == AllergyState.LISTED:
                self._warn_once(
                    row.entry, "allergies", _("the ledger says none, the card lists some: the card stays as it is")
                )
            return
        known_words = compare_key(guest.allergy_note)
        others = [word for word in answer.others if compare_key(word) not in known_words]
        row.new_allergens = tuple(pk for pk in answer.allergen_ids if pk not in guest.allergen_ids)
        if others:
            row.attributes["allergy_note"] = "、".join(filter(None, (guest.allergy_note, *others)))
        if row.new_allergens or others or guest.allergy_state != AllergyState.LISTED:
            before = [names.get(pk, "") for pk in sorted(guest.allergen_ids)]
            self._know_allergies(row, AllergyState.LISTED)
            added = [names[pk] for pk in row.new_allergens]
            row.changes["allergies"] = ["、".join(before) or guest.allergy_state, "、".join([*before, *added, *others])]

    def _know_allergies(self, row: PlannedRow, state: AllergyState) -> None:
        assert row.guest is not None
        row.attributes["allergy_state"] = state.value
        row.attributes["allergy_asked_how"] = row.guest.allergy_asked_how or AskedHow.LEDGER.value

    def _compare_unread(self, row: PlannedRow, guest: KnownGuest) -> None:
        entry = row.entry
        read = {
            *entry.values,
            *fields_read(entry.extras),
            *(["phone"] if entry.phones else []),
            *(["allergies"] if entry.allergies else []),
        }
        after = {name: text for name, text in guest.unread.items() if name not in read} | entry.unread
        if after != guest.unread:
            row.attributes["unread"] = after
            row.changes["unread"] = [guest.unread, after]

    def _compare_phones(self, rows: Sequence[PlannedRow]) -> None:
        """A number a ledger brought gives way to the ledger's new one; a number that people entered stays."""
        differing = [row for row in rows if row.guest and not _are_known(row.entry.phones, row.guest.phones)]
        brought = phones_brought_by_ledgers(row.guest.id for row in differing if row.guest) if differing else {}
        for row in differing:
            guest, wanted = row.guest, [phone.digits for phone in row.entry.phones]
            assert guest is not None
            outdated = brought.get(guest.id, set())
            row.new_phones = tuple(phone for phone in row.entry.phones if phone.digits not in guest.phones)
            row.dropped_phones = tuple(digits for digits in guest.phones if digits in outdated and digits not in wanted)
            kept = [digits for digits in guest.phones if digits not in row.dropped_phones and digits not in wanted]
            row.changes["phone"] = [list(guest.phones), [*wanted, *kept]]


def _are_known(numbers: Iterable[PhoneNumber], known: Mapping[str, object]) -> bool:
    for number in numbers:  # noqa: SIM110 - mostly there is one: a generator costs more than the look
        if number.digits not in known:
            return False
    return True


def _has_guest(row: PlannedRow) -> bool:
    """Whether the row is written, or is about a guest who is known."""
    return row.outcome is CREATED or (row.outcome is not FAILED and row.guest is not None)


def _name_later(entry: LedgerEntry, guests: Sequence[int]) -> None:
    """Keep whom an error is about as ids: who reads it may not be allowed to know them all."""
    for message in entry.messages:
        if message["level"] == ERROR:
            message["guests"] = " ".join(map(str, guests))


def _same(one: str, other: str) -> bool:
    return one == other or compare_key(one) == compare_key(other)


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value
