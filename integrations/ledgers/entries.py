"""One row of a ledger in the words of the house: typed values, and a sentence for every cell that could not be read.

An unreadable optional cell is a warning and keeps its text; only a row that could not be told from another guest's, or has no
name, is an error. A blank cell says nothing: it never erases what is known. Whatever a value became on the way in is told
(`changed_values`).

Read a batch at a time and column by column: a reader of a field sees its cell only, so that a cell that repeats is read once.
"""

import pickle
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import partial
from itertools import repeat
from typing import Any, Final, overload

from django.utils.translation import gettext as _

from crm_project.core import text
from crm_project.core.allergens.choices import AllergyState
from crm_project.core.column_map import LIST, Resolver
from crm_project.core.tables import Cell, Row
from customers.choices import PhoneLabel
from customers.written_names import WrittenNames
from integrations.ledgers import cells
from integrations.ledgers.cells import (
    ABOVE,
    ERROR,
    LEVELS,
    LONGEST_SPECIAL,
    NOTE,
    PLAIN_COLUMNS,
    WARNING,
    CellReader,
    PhoneNumber,
    Remark,
    Sentence,
    of_work,
    unread,
)
from integrations.ledgers.changed_values import ChangeKind, ChangeLog, ValueChange, column_name, kind_of_look
from integrations.ledgers.column_memory import KINDS, REMARKED, ColumnMemory, Keys
from integrations.ledgers.extras import ExtraReader, shown_extras
from integrations.ledgers.vocabulary import AllergyAnswer, Vocabulary

__all__ = ["ERROR", "LEVELS", "NOTE", "WARNING", "EntryReader", "LedgerEntry", "Message", "PhoneNumber"]

Message = dict[str, str]

# A ledger repeats most of its cells, but for these: to remember them would cost more. Their readers know a blank themselves.
NEVER_REPEATED: Final = ("code", "phone", "email")
# Two rows that write these with another width or other spaces say the same; the rest is of one form when it is read.
WRITTEN_FREELY: Final = (
    "name",
    "kana",
    "company",
    "address",
    "department",
    "title",
    "former_name",
    "likes",
    "dislikes",
    "note",
)
# Of these a value that differs from its cell in looks alone is counted.
COMPARED: Final = (*WRITTEN_FREELY, "email", "postal_code", "phone", "birthday", "since")

_BETWEEN_READINGS = re.compile(r"\s*[・、,/&]\s*")


@dataclass(slots=True)
class LedgerEntry:
    """A row: what it says about a guest, field by field; fields it does not speak of are absent."""

    number: int
    cells: Sequence[Cell]
    code: str
    name: str
    # The same number for two rows that say the same, width and spaces apart, whatever their codes.
    said: int
    values: dict[str, Any] = field(default_factory=dict)
    phones: tuple[PhoneNumber, ...] = ()
    allergies: AllergyAnswer | None = None
    unread: dict[str, str] = field(default_factory=dict)
    messages: list[Message] = field(default_factory=list)
    # How the ledger addresses the guest (先生, 御中); "" is the usual way.
    honorific: str = ""
    # Further people of the name's cell, each as a row of their own; the planner looks for them as for any guest.
    others: tuple["LedgerEntry", ...] = ()
    is_family: bool = False
    is_couple: bool = False
    # What it says beside the card's own fields (`extras`).
    extras: dict[str, Any] | None = None
    # As they stand in the cell, until the whole row is read.
    people: WrittenNames | None = None

    @property
    def is_error(self) -> bool:
        """Whether the row is set aside."""
        return bool(self.messages) and any(message["level"] == ERROR for message in self.messages)

    @property
    def has_warnings(self) -> bool:
        """Whether something in it could not be read."""
        return any(message["level"] == WARNING for message in self.messages)

    def say(self, level: str, field_name: str, sentence: str) -> None:
        """Add a sentence about a cell, or with field "" about the row."""
        self.messages.append({"level": level, "field": field_name, "message": sentence})

    def take(self, field_name: str, remark: Remark, column: str, before: str, after: str) -> None:
        """Say what there is to say about a cell, keep the text of one that could not be read, and what it says besides."""
        if remark.unread is not None:
            self.unread[field_name] = remark.unread
            self.said = hash((self.said, field_name, text.compare_key(remark.unread)))
        for sentence in remark.sentences:
            self.say(sentence.level, field_name, sentence.text)
            if sentence.kind is not None:
                self.messages[-1] |= {"kind": sentence.kind.value, "column": column, "before": before, "after": after}
        for name, value in remark.also.items():
            if name in ("honorific", "people"):
                setattr(self, name, value)
            elif name not in self.values:
                self.values[name] = value
                self.said = hash((self.said, name, value))


@dataclass(slots=True)
class PackedCells:
    """The cells of some rows as they were sent by another process: few of them are ever looked at, so few are unpacked."""

    pickled: bytes
    # Column by column where all rows are of one length: that is smaller.
    by_column: bool
    count: int
    unpacked: Sequence[Sequence[Cell]] | None = None

    @classmethod
    def of(cls, rows: Sequence[Sequence[Cell]]) -> "PackedCells":
        """Packed."""
        by_column = len(set(map(len, rows))) == 1
        written: Sequence[Sequence[Cell]] = list(zip(*rows, strict=True)) if by_column else rows
        return cls(pickle.dumps(written, pickle.HIGHEST_PROTOCOL), by_column, len(rows))

    def rows(self) -> "list[CellsOfRow]":
        """Row by row, still packed."""
        return [CellsOfRow(self, at) for at in range(self.count)]

    def row(self, at: int) -> Sequence[Cell]:
        """The cells of one row; the first that is asked for unpacks all."""
        if self.unpacked is None:
            sent = pickle.loads(self.pickled)  # packed by a copy of this process
            self.unpacked = list(zip(*sent, strict=True)) if self.by_column else sent
            self.pickled = b""
        return self.unpacked[at]


class CellsOfRow(Sequence[Cell]):
    """The cells of a row that is unpacked when somebody looks at it."""

    __slots__ = ("_at", "_packed")

    def __init__(self, packed: PackedCells, at: int) -> None:
        self._packed, self._at = packed, at

    def __len__(self) -> int:
        return len(self._packed.row(self._at))

    @overload
    def __getitem__(self, place: int) -> Cell: ...

    @overload
    def __getitem__(self, place: slice) -> Sequence[Cell]: ...

    def __getitem__(self, place: int | slice) -> Cell | Sequence[Cell]:
        return self._packed.row(self._at)[place]


@dataclass(slots=True)
class ReadRows:
    """Rows as they are read, column by column: quick to send to another process. What they say is in `entries`."""

    numbers: Sequence[int]
    cells: "Sequence[Sequence[Cell]] | PackedCells"
    codes: Sequence[Any]
    names: Sequence[Any]
    said: Sequence[int]
    values: dict[str, Sequence[Any]]
    phones: Sequence[Any]
    allergies: Sequence[Any]
    # By their place: rows about which there is more to say than their values.
    told: dict[int, LedgerEntry] = field(default_factory=dict)

    def entries(self) -> list[LedgerEntry]:
        """The rows one by one."""
        rows = self.cells.rows() if isinstance(self.cells, PackedCells) else self.cells
        fields = tuple(self.values)
        values = zip(*self.values.values(), strict=True) if fields else [()] * len(rows)
        entries = [
            LedgerEntry(
                number,
                row_cells,
                code or "",
                name or "",
                said,
                {field: value for field, value in zip(fields, row, strict=True) if value},
                found or (),
                answer or None,
            )
            for number, row_cells, code, name, said, row, found, answer in zip(
                self.numbers, rows, self.codes, self.names, self.said, values, self.phones, self.allergies, strict=True
            )
        ]
        if "company" in fields:
            for entry in entries:
                if entry.phones and "company" in entry.values:
                    entry.phones = of_work(entry.phones)
        for at, entry in self.told.items():
            entries[at] = entry
        return entries

    def to_tell(self, at: int) -> LedgerEntry:
        """A row as the entry to which something is said."""
        if at not in self.told:
            self.told[at] = self.entries()[at]
        return self.told[at]

    def packed(self) -> "ReadRows":
        """The same, in the form that is quickest to send."""
        return self if isinstance(self.cells, PackedCells) else replace(self, cells=PackedCells.of(self.cells))


class EntryReader:
    """Reads the rows of one file. `headings` and `first_column` say where the fields stand in it (`changed_values`)."""

    def __init__(
        self, resolver: Resolver, vocabulary: Vocabulary, *, headings: Sequence[str] = (), first_column: int = 0
    ) -> None:
        self.vocabulary = vocabulary
        readers: dict[str, CellReader] = {
            "code": cells.code,
            "name": cells.name,
            "kana": cells.kana,
            "company": cells.text_of("company"),
            "phone": cells.phone_numbers,
            "address": cells.address,
            "postal_code": cells.postal_code,
            "email": cells.email,
            "department": cells.text_of("department"),
            "title": cells.text_of("title"),
            "former_name": cells.text_of("former_name"),
            "birthday": cells.day,
            "allergies": self._allergies,
            "likes": cells.note,
            "dislikes": cells.note,
            "note": cells.note,
            "since": cells.day,
            "rank": self._rank,
            "staff": self._staff,
            "stop": cells.text_of("stop"),
        }
        self._extras = ExtraReader(resolver)
        self._getters = {name: getter for name in readers if (getter := resolver.getter(name))}
        if (numbers := _labelled_numbers(resolver)) is not None:
            self._getters["phone"] = numbers
        self.fields = tuple(self._getters)
        self._memories = {
            name: ColumnMemory(
                readers[name],
                look=partial(_look_of, name) if name in COMPARED else None,
                plain=PLAIN_COLUMNS.get(name),
                plain_values=cells.plain_numbers if name == "phone" else None,
                repeats=name not in NEVER_REPEATED,
            )
            for name in self.fields
        }
        told = (*self.fields, *self._extras.names)
        self.log = ChangeLog({name: column_name(resolver, name, headings, first_column) for name in told})
        self._places = {name: resolver.indexes.get(name, ()) for name in self.fields}
        self._keys = {name: Keys() for name in WRITTEN_FREELY}
        # The last cell of each field: what 〃 in the next row means.
        self._last: dict[str, Cell] = {}
        # The same of each column of a field that has several.
        self._last_part: dict[int, Cell] = {}

    def read(self, rows: Sequence[Row]) -> list[LedgerEntry]:
        """The rows of a batch as entries."""
        return self.read_rows(rows).entries() if rows else []

    def read_rows(self, rows: Sequence[Row]) -> ReadRows:
        """The rows of a batch, at least one."""
        every_row = [row_cells for _number, row_cells in rows]
        numbers = [number for number, _row_cells in rows]
        remarks: list[tuple[int, str, Remark, str]] = []
        columns = {name: self._column(name, numbers, every_row, remarks) for name in self.fields}
        nothing: Sequence[Any] = [None] * len(rows)
        codes, names = columns.pop("code", nothing), columns.pop("name", nothing)
        phones, allergies = columns.pop("phone", nothing), columns.pop("allergies", nothing)
        said = _said({"name": names, **columns}, phones, allergies, self._keys)
        read = ReadRows(numbers, every_row, codes, names, said, columns, phones, allergies)
        if remarks or self._extras.is_needed or not all(names):
            self._tell(read, remarks)
        return read

    def _tell(self, read: ReadRows, remarks: Sequence[tuple[int, str, Remark, str]]) -> None:
        """Keep the rows of which there is more to say as entries, with all of it."""
        entries = read.entries()
        for at, name, remark, before in remarks:
            self._take(entries[at], name, remark, before)
        if self._extras.is_needed:
            for entry in entries:
                self._extras.take(entry, self.log)
        for entry in entries:
            if entry.people:
                self._tell_apart(entry, entry.people)
            if not entry.name and not entry.is_error:
                entry.say(ERROR, "name", _("the name is blank"))
        if self._extras.is_needed:
            read.told = dict(enumerate(entries))
        else:
            places = {at for at, _name, _remark, _before in remarks}
            places.update(at for at, name in enumerate(read.names) if not name)
            read.told = {at: entries[at] for at in sorted(places)}

    def _column(
        self, name: str, numbers: list[int], rows: list[list[Cell]], remarks: list[tuple[int, str, Remark, str]]
    ) -> Sequence[Any]:
        """What the cells of a field say; remarks are put aside with the cell as text."""
        if len(self._places[name]) > 1:
            self._repeat_parts(name, rows, remarks)
        found = list(map(self._getters[name], rows))
        memory = self._memories[name]
        if memory.keeps(found):
            self._last[name] = found[-1]
            return found
        values, kinds = memory.read(found)
        if REMARKED not in kinds:
            self._last[name] = found[-1]
            if any(kinds) and not self.log.count_looks(name, kinds):
                self._tell_looks(name, numbers, found, values, kinds)
            return values
        if any(value is ABOVE for value in values):
            self._repeat(name, rows, found, values)
        else:
            self._last[name] = found[-1]
        for at, value in enumerate(values):
            if type(value) is Remark:
                remarks.append((at, name, value, text.cell_text(found[at])))
                values[at] = value.value
                found[at] = ""
        if name in COMPARED:
            self._tell_looks(name, numbers, found, values, list(map(memory.kind_of, found, values)))
        return values

    def _repeat(self, name: str, rows: list[list[Cell]], found: list[Cell], values: list[Any]) -> None:
        """Put what stands above in place of 〃, also into the row: it is read alone once more when a person decides about it."""
        last = self._last.get(name, "")
        places = self._places.get(name, ())
        for at, value in enumerate(values):
            if value is not ABOVE:
                last = found[at]
                continue
            above = text.cell_text(last)
            read = self._memories[name].one(last) if above.strip() else ABOVE
            if read is ABOVE:
                mark = text.cell_text(found[at])
                values[at] = unread(mark, _("“%(mark)s”: nothing stands above") % {"mark": mark})
                continue
            if len(places) == 1:
                rows[at][places[0]] = last
            said = Sentence(NOTE, _("the same as above: %(words)s") % {"words": above}, ChangeKind.ABOVE)
            if type(read) is Remark:
                values[at] = read._replace(sentences=(said, *read.sentences))
            else:
                values[at] = Remark(read, None, (said,))
        self._last[name] = last

    def _repeat_parts(self, name: str, rows: list[list[Cell]], remarks: list[tuple[int, str, Remark, str]]) -> None:
        """Of a field of several columns (姓 and 名) each may say 〃 for itself: then the row holds what stands above it."""
        for place in self._places[name]:
            last = self._last_part.get(place, "")
            for at, row in enumerate(rows):
                cell = row[place] if place < len(row) else ""
                if isinstance(cell, str) and len(cell) <= LONGEST_SPECIAL and cells.says_above(cell):
                    above = text.cell_text(last)
                    if above.strip():
                        row[place] = last
                        said = Sentence(NOTE, _("the same as above: %(words)s") % {"words": above}, ChangeKind.ABOVE)
                        remarks.append((at, name, Remark(above, None, (said,)), cell))
                else:
                    last = cell
            self._last_part[place] = last

    def _take(self, entry: LedgerEntry, name: str, remark: Remark, before: str) -> None:
        after = "" if remark.unread is not None and not remark.value else _shown_value(remark.value)
        entry.take(name, remark, str(self.log.columns[name]), before, after)
        for sentence in remark.sentences:
            if sentence.kind is not None:
                self.log.add(ValueChange(entry.number, name, sentence.kind, before, after))

    def _tell_apart(self, entry: LedgerEntry, people: WrittenNames) -> None:
        """Make the further people of the cell entries of their own: a family shares address and the phone at home."""
        entry.is_family, entry.is_couple = people.is_family, people.is_couple
        readings = self._readings(entry, people)
        shared: dict[str, Any] = {
            name: entry.values[name] for name in ("address", "postal_code") if name in entry.values
        }
        phones = tuple(phone for phone in entry.phones if phone.label == PhoneLabel.HOME.value)
        others = []
        for other, reading in zip(people.others, readings, strict=True):
            values = dict(shared) if people.is_family else {}
            if reading:
                values["kana"] = reading
            made = LedgerEntry(entry.number, entry.cells, "", other.name, hash((other.name, reading)), values)
            made.honorific = cells.honorific_of(other)
            made.phones = phones if people.is_family else ()
            others.append(made)
        entry.others = tuple(others)

    def _readings(self, entry: LedgerEntry, people: WrittenNames) -> list[str]:
        """The readings of the others: from their brackets, else from the column, where it names as many."""
        readings = [other.kana for other in people.others]
        written = entry.values.get("kana", "")
        parts = [part for part in _BETWEEN_READINGS.split(written) if part]
        if len(parts) != 1 + len(readings):
            return readings
        family, _blank, given = parts[0].partition(" ")
        entry.values["kana"] = parts[0]
        self.log.add(ValueChange(entry.number, "kana", ChangeKind.PEOPLE, written, parts[0]))
        for at, part in enumerate(parts[1:]):
            is_whole = " " in part or not people.is_family
            whole = part if is_whole else f"{family} {part}" if given else ""
            readings[at] = readings[at] or whole
        return readings

    def _tell_looks(
        self, name: str, numbers: list[int], found: list[Cell], values: list[Any], kinds: Sequence[int]
    ) -> None:
        """Count the values that are written in another way than their cells, with examples."""
        changed = [at for at, kind in enumerate(kinds) if kind]
        if changed:
            pairs = [(text.cell_text(found[at]), _shown_value(_as_written(name, values[at]))) for at in changed]
            self.log.add_looks(name, [numbers[at] for at in changed], [KINDS[kinds[at] - 1] for at in changed], pairs)

    def written(self, entry: LedgerEntry) -> dict[str, str]:
        """The filled cells of the mapped columns as they stand in the file."""
        filled = ((name, text.cell_text(getter(entry.cells))) for name, getter in self._getters.items())
        return {name: cell for name, cell in filled if cell.strip()}

    def shown(self, entry: LedgerEntry) -> dict[str, Any]:
        """What the guest's card will say, as people read it."""
        shown: dict[str, Any] = {"name": entry.name}
        for name, value in entry.values.items():
            if name == "rank":
                value = self.vocabulary.rank_names[value]
            elif name == "staff":
                value = self.vocabulary.staff_names[value]
            shown[name] = value if isinstance(value, str) else value.isoformat()
        if entry.phones:
            shown["phone"] = [phone.digits for phone in entry.phones]
        if entry.allergies:
            names = [self.vocabulary.allergen_names[pk] for pk in entry.allergies.allergen_ids]
            shown["allergies"] = "、".join([*names, *entry.allergies.others]) or AllergyState.NONE.value
        return shown | shown_extras(entry.extras)

    def _allergies(self, cell: Cell) -> AllergyAnswer | Remark | None:
        written = cells.note(cell)
        answer = self.vocabulary.allergies(written)
        if answer is None and text.fold(written):
            return unread(written, _("“%(words)s”: please ask the guest") % {"words": written})
        return answer

    def _rank(self, cell: Cell) -> int | Remark | None:
        word = text.tidy(text.cell_text(cell))
        rank = self.vocabulary.rank(word)
        return rank or unread(word, _("the house has no rank “%(rank)s”") % {"rank": word})

    def _staff(self, cell: Cell) -> int | Remark | None:
        word = text.tidy(text.cell_text(cell))
        people = self.vocabulary.attendants(word)
        if len(people) == 1:
            return next(iter(people))
        if people:
            return unread(word, _("several people are called “%(name)s”") % {"name": word})
        return unread(word, _("nobody of the house is called “%(name)s”") % {"name": word})


def _said(
    columns: Mapping[str, Sequence[Any]], phones: Sequence[Any], allergies: Sequence[Any], keys: Mapping[str, Keys]
) -> list[int]:
    """For each row `LedgerEntry.said`."""
    compared: list[Iterable[Any]] = [repeat(tuple(columns), len(phones))]
    for name, values in columns.items():
        if name in WRITTEN_FREELY:
            compared.append(keys[name].of(values))
        else:
            compared.append([value or None for value in values])
    compared.append([tuple([phone[0] for phone in numbers]) if numbers else None for numbers in phones])  # their digits
    compared.append(map(_compared_answer, allergies))
    return list(map(hash, zip(*compared, strict=True)))


def _compared_answer(answer: AllergyAnswer | None) -> object:
    if not answer or answer.says_none:
        return None
    return answer.allergen_ids, tuple(map(text.compare_key, answer.others))


def _shown_value(value: Any) -> str:
    """A value as text, for who compares it with its cell."""
    if isinstance(value, str):
        return value
    if not value:
        return ""
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, tuple):
        return "、".join(phone.written for phone in value)
    return str(value)


def _as_written(name: str, value: Any) -> Any:
    """A value in the form in which it is compared with its cell."""
    if name == "phone":
        return value[0].written if value and len(value) == 1 else value
    return value.isoformat() if value and name in ("birthday", "since") else value


# What a heading says of the numbers below it, in the words that are read in front of a number.
_WHOSE_NUMBERS: Final = (
    ("秘書", re.compile(r"秘書")),
    ("会社", re.compile(r"会社|勤務先|勤め先|職場|事務所|直通|office|work", re.IGNORECASE)),
    ("自宅", re.compile(r"自宅|home", re.IGNORECASE)),
)


def _labelled_numbers(resolver: Resolver) -> Callable[[Sequence[Cell]], Cell] | None:
    """Takes the numbers of several columns out of a row, each with whose it is by its heading (会社電話); None where nothing
    of that is needed."""
    column, places = resolver.columns.get("phone"), resolver.indexes.get("phone", ())
    if column is None or column.how != LIST or "phone" in resolver.constants:
        return None
    words = [next((word for word, form in _WHOSE_NUMBERS if form.search(one)), "") for one in column.headings]
    if not any(words):
        return None

    def numbers(row: Sequence[Cell]) -> Cell:
        found = [
            (word, row[place]) for word, place in zip(words, places, strict=True) if text.cell_text(row[place]).strip()
        ]
        if len(found) == 1 and not found[0][0]:
            return found[0][1]
        written = ((word, text.cell_text(cell).strip()) for word, cell in found)
        return "、".join(f"{word} {cell}" if word and any(map(str.isdigit, cell)) else cell for word, cell in written)

    return numbers


def _look_of(name: str, cell: Cell, value: Any) -> ChangeKind | None:
    """How the value of a cell that is not blank differs from it."""
    kept = _as_written(name, value)
    return None if cell == kept else kind_of_look(text.cell_text(cell), _shown_value(kept), name == "phone")
