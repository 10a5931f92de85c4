"""The rows of one file that have been seen: a second row of the same guest is the same, or a contradiction."""

from dataclasses import dataclass, field
from typing import Any, NamedTuple

from crm_project.core.text import compare_key
from integrations.ledgers.entries import LedgerEntry


class SeenRow(NamedTuple):
    """A row met before: where it stands and what it says."""

    number: int
    said: int


@dataclass(slots=True)
class RowsOfFile:
    """Rows by code, and by name with phone or address. Steps can be taken back when a batch has to be planned again."""

    codes: dict[str, SeenRow] = field(default_factory=dict)
    # Codes of rows that were set aside; their guests are not gone from the ledger.
    codes_set_aside: set[str] = field(default_factory=set)
    _people: dict[int, SeenRow] = field(default_factory=dict)
    _guests: dict[int, SeenRow] = field(default_factory=dict)
    _steps: list[tuple[dict[Any, SeenRow], int | str]] = field(default_factory=list)

    def earlier(self, entry: LedgerEntry) -> SeenRow | None:
        """The row of the same guest that stands further up."""
        if entry.code:
            return self.codes.get(entry.code)
        return next((seen for key in _looked_for(entry) if (seen := self._people.get(key))), None)

    def add(self, entry: LedgerEntry) -> None:
        """Remember a row that names its guest."""
        seen = SeenRow(entry.number, entry.said)
        if entry.code:
            self.codes[entry.code] = seen
            self._steps.append((self.codes, entry.code))
        for key in _found_by(entry):
            if key not in self._people:
                self._people[key] = seen
                self._steps.append((self._people, key))

    def first_of_guest(self, guest_id: int, entry: LedgerEntry) -> SeenRow | None:
        """The earlier row that turned out to be about this guest; None makes this row the first."""
        earlier = self._guests.get(guest_id)
        if earlier is None:
            self._guests[guest_id] = SeenRow(entry.number, entry.said)
            self._steps.append((self._guests, guest_id))
        return earlier

    def set_aside(self, entry: LedgerEntry) -> None:
        """Remember that the code stands in the file, though its row cannot be used."""
        if entry.code:
            self.codes_set_aside.add(entry.code)

    def settle(self) -> None:
        """The batch is written."""
        self._steps.clear()

    def take_back(self) -> None:
        """Forget the rows of a batch that was not written."""
        for rows, key in self._steps:
            rows.pop(key, None)
        self._steps.clear()

    @property
    def all_codes(self) -> set[str]:
        """Every code that stands in the file."""
        return self.codes_set_aside.union(self.codes)


def _found_by(entry: LedgerEntry) -> list[int]:
    """What a later row without a code finds this one by."""
    name = compare_key(entry.name)
    keys = [hash((name, "phone", phone.digits)) for phone in entry.phones]
    if address := entry.values.get("address"):
        lives_at = compare_key(address)
        keys.append(hash((name, "address", lives_at)))
        if not entry.phones:
            keys.append(hash((name, "address without phone", lives_at)))
    if not entry.code:
        keys.append(hash((name, "alone")))
    return keys


def _looked_for(entry: LedgerEntry) -> list[int]:
    """What finds an earlier row of the same guest, as `known_guests.fitting` finds a guest of the database."""
    name = compare_key(entry.name)
    keys = [hash((name, "phone", phone.digits)) for phone in entry.phones]
    if address := entry.values.get("address"):
        keys.append(hash((name, "address without phone" if entry.phones else "address", compare_key(address))))
    return keys or [hash((name, "alone"))]
