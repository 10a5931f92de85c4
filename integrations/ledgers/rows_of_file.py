"""The rows of one file that have been seen: a second row of the same guest is the same, or a contradiction.

A file may have a million rows: of each there is no more than its code, its number and what it says, as numbers.
"""

from array import array
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

from crm_project.core.text import compare_key
from integrations.ledgers.cells import PhoneNumber
from integrations.ledgers.entries import LedgerEntry

# So many rows wait as they are; of more, only the keys by which they are found are kept, which cost time to make.
WAITING_ROWS: Final = 100_000


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


# What a person is made of, as it stands in the row: name, phones, address, whether it has a code; and the row's place.
Told = tuple[str, tuple[PhoneNumber, ...], str, bool, int]


@dataclass(slots=True)
class RowsOfFile:
    """Rows by code, and by name with phone or address. Steps can be taken back when a batch has to be planned again."""

    # Codes of rows that were set aside; their guests are not gone from the ledger.
    codes_set_aside: set[str] = field(default_factory=set)
    # Of each row in its turn.
    _numbers: "array[int]" = field(default_factory=lambda: array("q"))
    _said: "array[int]" = field(default_factory=lambda: array("q"))
    # To the row's place among them.
    _codes: dict[str, int] = field(default_factory=dict)
    _people: dict[int, int] = field(default_factory=dict)
    _guests: dict[int, int] = field(default_factory=dict)
    # Not in `_people` yet: most ledgers have a code in every row, and nobody is ever looked for there. First those
    # of which only keys are kept, each with the row's place.
    _waiting_keys: "array[int]" = field(default_factory=lambda: array("q"))
    _waiting_places: "array[int]" = field(default_factory=lambda: array("q"))
    _waiting: list[Told] = field(default_factory=list)
    _settled_waiting: int = 0
    _settled_rows: int = 0
    _steps: list[tuple[dict[Any, int], Sequence[Any]]] = field(default_factory=list)

    def earlier(self, entry: LedgerEntry) -> SeenRow | None:
        """The row of the same guest that stands further up."""
        if entry.code:
            return self._seen(self._codes.get(entry.code))
        self._file_waiting()
        places = (self._people.get(key) for key in _looked_for(_person(entry)))
        return self._seen(next((place for place in places if place is not None), None))

    def add(self, entry: LedgerEntry) -> None:
        """Remember a row that names its guest."""
        place = self._place(entry)
        if entry.code:
            self._codes[entry.code] = place
            self._steps.append((self._codes, [entry.code]))
        self._waiting.append(_told(entry, place))

    def add_all(self, entries: Sequence[LedgerEntry]) -> bool:
        """Remember rows of which each has a code that stood nowhere before; False, and nothing done, for any others."""
        codes = [entry.code for entry in entries]
        different = set(codes)
        if len(different) < len(codes) or "" in different or not self._codes.keys().isdisjoint(different):
            return False
        places = range(len(self._numbers), len(self._numbers) + len(codes))
        self._numbers.extend([entry.number for entry in entries])
        self._said.extend([entry.said for entry in entries])
        self._codes.update(zip(codes, places, strict=True))
        self._steps.append((self._codes, codes))
        self._waiting += map(_told, entries, places)
        return True

    def first_of_guest(self, guest_id: int, entry: LedgerEntry) -> SeenRow | None:
        """The earlier row that turned out to be about this guest; None makes this row the first."""
        earlier = self._guests.get(guest_id)
        if earlier is None:
            self._guests[guest_id] = self._place(entry)
            self._steps.append((self._guests, (guest_id,)))
        return self._seen(earlier)

    def set_aside(self, entry: LedgerEntry) -> None:
        """Remember that the code stands in the file, though its row cannot be used."""
        if entry.code:
            self.codes_set_aside.add(entry.code)

    def settle(self) -> None:
        """The batch is written."""
        self._steps.clear()
        self._settled_rows = len(self._numbers)
        if len(self._waiting) > WAITING_ROWS:
            for told in self._waiting:
                keys = _found_by(told)
                self._waiting_keys.extend(keys)
                self._waiting_places.extend([told[-1]] * len(keys))
            self._waiting.clear()
        self._settled_waiting = len(self._waiting)

    def take_back(self) -> None:
        """Forget the rows of a batch that was not written."""
        for rows, keys in self._steps:
            for key in keys:
                rows.pop(key, None)
        self._steps.clear()
        del self._waiting[self._settled_waiting :]
        del self._numbers[self._settled_rows :], self._said[self._settled_rows :]

    @property
    def all_codes(self) -> set[str]:
        """Every code that stands in the file."""
        return self.codes_set_aside.union(self._codes)

    def _place(self, entry: LedgerEntry) -> int:
        """A place for a row of its own, or that which it got a moment ago."""
        place = len(self._numbers) - 1
        if place < 0 or self._numbers[place] != entry.number or self._said[place] != entry.said:
            place += 1
            self._numbers.append(entry.number)
            self._said.append(entry.said)
        return place

    def _seen(self, place: int | None) -> SeenRow | None:
        return None if place is None else SeenRow(self._numbers[place], self._said[place])

    def _file_waiting(self) -> None:
        for key, place in zip(self._waiting_keys, self._waiting_places, strict=True):
            self._people.setdefault(key, place)
        del self._waiting_keys[:], self._waiting_places[:]
        for at, told in enumerate(self._waiting):
            for key in _found_by(told):
                if key not in self._people:
                    self._people[key] = told[-1]
                    if at >= self._settled_waiting:
                        self._steps.append((self._people, (key,)))
        self._waiting.clear()
        self._settled_waiting = 0


def _told(entry: LedgerEntry, place: int) -> Told:
    return entry.name, entry.phones, entry.values.get("address", ""), bool(entry.code), place


def _person(entry: LedgerEntry) -> Person:
    return Person(
        entry.name, tuple([phone.digits for phone in entry.phones]), entry.values.get("address", ""), bool(entry.code)
    )


def _found_by(told: Told) -> list[int]:
    """What a later row without a code finds this one by."""
    written, phones, address, has_code, _place = told
    name = compare_key(written)
    keys = [hash((name, "phone", phone.digits)) for phone in phones]
    if address:
        lives_at = compare_key(address)
        keys.append(hash((name, "address", lives_at)))
        if not phones:
            keys.append(hash((name, "address without phone", lives_at)))
    if not has_code:
        keys.append(hash((name, "alone")))
    return keys


def _looked_for(person: Person) -> list[int]:
    """What finds an earlier row of the same guest, as `known_guests.fitting` finds a guest of the database."""
    name = compare_key(person.name)
    keys = [hash((name, "phone", digits)) for digits in person.digits]
    if person.address:
        keys.append(hash((name, "address without phone" if person.digits else "address", compare_key(person.address))))
    return keys or [hash((name, "alone"))]
