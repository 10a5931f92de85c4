"""The rows of one file that have been seen: a second row of the same guest is the same, or a contradiction."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from crm_project.core.text import compare_key
from integrations.ledgers.cells import PhoneNumber
from integrations.ledgers.entries import LedgerEntry


class SeenRow(NamedTuple):
    """A row met before: where it stands and what it says."""

    number: int
    said: int


class Person(NamedTuple):
    """What a row without a code is recognised by."""

    name: str
    digits: tuple[str, ...]
    address: str
    has_code: bool


# A `SeenRow` as it is kept.
Seen = tuple[int, int]
# What a person is made of, as it stands in the row: name, phones, address, whether it has a code; and the row.
Told = tuple[str, tuple[PhoneNumber, ...], str, bool, int, int]


@dataclass(slots=True)
class RowsOfFile:
    """Rows by code, and by name with phone or address. Steps can be taken back when a batch has to be planned again."""

    # Code -> (row number, what it says), as all that is kept of rows.
    codes: dict[str, Seen] = field(default_factory=dict)
    # Codes of rows that were set aside; their guests are not gone from the ledger.
    codes_set_aside: set[str] = field(default_factory=set)
    _people: dict[int, Seen] = field(default_factory=dict)
    # Not in `_people` yet: most ledgers have a code in every row, and nobody is ever looked for there.
    _waiting: list[Told] = field(default_factory=list)
    _settled: int = 0
    _guests: dict[int, Seen] = field(default_factory=dict)
    _steps: list[tuple[dict[Any, Seen], Sequence[Any]]] = field(default_factory=list)

    def earlier(self, entry: LedgerEntry) -> SeenRow | None:
        """The row of the same guest that stands further up."""
        if entry.code:
            seen = self.codes.get(entry.code)
        else:
            self._file_waiting()
            seen = next((found for key in _looked_for(_person(entry)) if (found := self._people.get(key))), None)
        return SeenRow(*seen) if seen else None

    def add(self, entry: LedgerEntry) -> None:
        """Remember a row that names its guest."""
        if entry.code:
            self.codes[entry.code] = (entry.number, entry.said)
            self._steps.append((self.codes, [entry.code]))
        self._waiting.append(_told(entry))

    def add_all(self, entries: Sequence[LedgerEntry]) -> bool:
        """Remember rows of which each has a code that stood nowhere before; False, and nothing done, for any others."""
        codes = [entry.code for entry in entries]
        different = set(codes)
        if len(different) < len(codes) or "" in different or not self.codes.keys().isdisjoint(different):
            return False
        self.codes.update(zip(codes, [(entry.number, entry.said) for entry in entries], strict=True))
        self._steps.append((self.codes, codes))
        self._waiting += map(_told, entries)
        return True

    def first_of_guest(self, guest_id: int, entry: LedgerEntry) -> SeenRow | None:
        """The earlier row that turned out to be about this guest; None makes this row the first."""
        earlier = self._guests.get(guest_id)
        if earlier is None:
            self._guests[guest_id] = (entry.number, entry.said)
            self._steps.append((self._guests, (guest_id,)))
            return None
        return SeenRow(*earlier)

    def set_aside(self, entry: LedgerEntry) -> None:
        """Remember that the code stands in the file, though its row cannot be used."""
        if entry.code:
            self.codes_set_aside.add(entry.code)

    def settle(self) -> None:
        """The batch is written."""
        self._steps.clear()
        self._settled = len(self._waiting)

    def take_back(self) -> None:
        """Forget the rows of a batch that was not written."""
        for rows, keys in self._steps:
            for key in keys:
                rows.pop(key, None)
        self._steps.clear()
        del self._waiting[self._settled :]

    @property
    def all_codes(self) -> set[str]:
        """Every code that stands in the file."""
        return self.codes_set_aside.union(self.codes)

    def _file_waiting(self) -> None:
        for at, (name, phones, address, has_code, number, said) in enumerate(self._waiting):
            digits = tuple([phone.digits for phone in phones])
            for key in _found_by(Person(name, digits, address, has_code)):
                if key not in self._people:
                    self._people[key] = (number, said)
                    if at >= self._settled:
                        self._steps.append((self._people, (key,)))
        self._waiting.clear()
        self._settled = 0


def _told(entry: LedgerEntry) -> Told:
    return (
        entry.name, entry.phones, entry.values.get("address", ""), bool(entry.code), entry.number, entry.said
    )  # fmt: skip


def _person(entry: LedgerEntry) -> Person:
    return Person(
        entry.name, tuple([phone.digits for phone in entry.phones]), entry.values.get("address", ""), bool(entry.code)
    )


def _found_by(person: Person) -> list[int]:
    """What a later row without a code finds this one by."""
    name = compare_key(person.name)
    keys = [hash((name, "phone", digits)) for digits in person.digits]
    if person.address:
        lives_at = compare_key(person.address)
        keys.append(hash((name, "address", lives_at)))
        if not person.digits:
            keys.append(hash((name, "address without phone", lives_at)))
    if not person.has_code:
        keys.append(hash((name, "alone")))
    return keys


def _looked_for(person: Person) -> list[int]:
    """What finds an earlier row of the same guest, as `known_guests.fitting` finds a guest of the database."""
    name = compare_key(person.name)
    keys = [hash((name, "phone", digits)) for digits in person.digits]
    if person.address:
        keys.append(hash((name, "address without phone" if person.digits else "address", compare_key(person.address))))
    return keys or [hash((name, "alone"))]
