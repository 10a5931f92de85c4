"""One row of a ledger in the words of the house: typed values, and a sentence for every cell that could not be read.

An unreadable optional cell is a warning and keeps its text; only a row that could not be told from another guest's, or has no
name, is an error. A blank cell says nothing: it never erases what is known.

Read a batch at a time and column by column: a reader of a field sees its cell only, so that a cell that repeats is read once.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache, partial
from itertools import compress, repeat
from typing import Any, Final, NamedTuple

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext as _

from crm_project.core import text
from crm_project.core.allergens.choices import AllergyState
from crm_project.core.column_map import Resolver
from crm_project.core.dates import DateError, parse_date
from crm_project.core.tables import Cell, Row
from customers import normalising
from customers.choices import PhoneLabel
from customers.models import Address, Customer, Phone
from integrations.ledgers.vocabulary import NONE_WORDS, AllergyAnswer, Vocabulary

LEVELS = ERROR, WARNING, NOTE = "error", "warning", "note"
Message = dict[str, str]


def _length(model: type[Customer] | type[Phone] | type[Address], name: str) -> int:
    return int(model._meta.get_field(name).max_length)  # type: ignore[union-attr, arg-type]


CODE_LENGTH: Final = _length(Customer, "code")
NAME_LENGTH: Final = _length(Customer, "name")
# Longer texts are kept beside the guest as they stand; cutting them would lose what somebody wrote.
TEXT_LENGTHS: Final = {
    "kana": _length(Customer, "kana"),
    "company": _length(Customer, "name"),
    "address": _length(Address, "text"),
    "email": _length(Customer, "email"),
    "department": _length(Customer, "department"),
    "title": _length(Customer, "title"),
}
PHONE_LENGTH: Final = _length(Phone, "written")
DIGITS_LENGTH: Final = _length(Phone, "digits")

# A ledger repeats most of its cells, but for these: to remember them would cost more. Their readers know a blank themselves.
NEVER_REPEATED: Final = ("code", "phone", "email")
REMEMBERED_CELLS: Final = 16_384
# Two rows that write these with another width or other spaces say the same; the rest is of one form when it is read.
WRITTEN_FREELY: Final = ("name", "kana", "company", "address", "department", "title", "note")
_date_in = lru_cache(maxsize=32_768)(parse_date)
# Where a field of a ledger is called otherwise than the value of the guest.
VALUE_OF_FIELD: Final = {"company": "company_name"}
_PLAIN_CODE = re.compile(r"[0-9A-Za-z-]+")
_PLAIN_KANA = re.compile(r"[ァ-ヺー]+(?: [ァ-ヺー]+)*")
_PLAIN_POSTAL_CODE = re.compile(r"[0-9]{3}-?[0-9]{4}")
MOBILE, WORK, HOME = PhoneLabel.MOBILE.value, PhoneLabel.WORK.value, PhoneLabel.HOME.value
_MOBILE_PREFIXES = ("020", "050", "060", "070", "080", "090")
_EMAIL = re.compile(r"[A-Za-z0-9._%+-]+@(?:[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?\.)+[A-Za-z]{2,}")


class PhoneNumber(NamedTuple):
    """A number of a guest, ready to be stored."""

    digits: str
    written: str
    label: str


class Remark(NamedTuple):
    """A cell about which there is something to say: what it says all the same, and what could not be read."""

    value: Any
    unread: str | None
    # (level, sentence)
    sentences: tuple[tuple[str, str], ...]


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

    def take(self, field_name: str, remark: Remark) -> None:
        """Say what there is to say about a cell, and keep the text of one that could not be read."""
        if remark.unread is not None:
            self.unread[field_name] = remark.unread
            self.said = hash((self.said, field_name, text.compare_key(remark.unread)))
        for level, sentence in remark.sentences:
            self.say(level, field_name, sentence)


# What a cell says: a value, nothing (anything false), or a Remark.
CellReader = Callable[[Cell], Any]


class EntryReader:
    """Reads the rows of one file."""

    def __init__(self, resolver: Resolver, vocabulary: Vocabulary) -> None:
        self.vocabulary = vocabulary
        readers: dict[str, CellReader] = {
            "code": _code,
            "name": _name,
            "kana": _kana,
            "company": partial(_text, "company"),
            "phone": _phones,
            "address": partial(_text, "address"),
            "postal_code": _postal_code,
            "email": _email,
            "department": partial(_text, "department"),
            "title": partial(_text, "title"),
            "birthday": _date,
            "allergies": self._allergies,
            "note": _note,
            "since": _date,
            "rank": self._rank,
            "staff": self._staff,
        }
        self._getters = {name: getter for name in readers if (getter := resolver.getter(name))}
        self.fields = tuple(self._getters)
        self._readers = {
            name: readers[name] if name in NEVER_REPEATED else _remembering(readers[name]) for name in self.fields
        }

    def read(self, rows: Sequence[Row]) -> list[LedgerEntry]:
        """The rows of a batch as entries."""
        every_row = [cells for _number, cells in rows]
        remarks: list[tuple[int, str, Remark]] = []
        columns = {name: self._column(name, every_row, remarks) for name in self.fields}
        nothing = [None] * len(rows)
        codes, names = columns.pop("code", nothing), columns.pop("name", nothing)
        phones, allergies = columns.pop("phone", nothing), columns.pop("allergies", nothing)
        said_by_row = _said({"name": names, **columns}, phones, allergies)
        fields = tuple(columns)
        values = zip(*columns.values(), strict=True) if fields else [()] * len(rows)
        entries = [
            LedgerEntry(number, cells, code or "", name or "", said, dict(compress(zip(fields, row, strict=True), row)))
            for (number, cells), code, name, said, row in zip(rows, codes, names, said_by_row, values, strict=True)
        ]
        for entry, numbers, answer in zip(entries, phones, allergies, strict=True):
            if numbers:
                entry.phones = numbers if "company" not in entry.values else tuple(map(_of_work, numbers))
            entry.allergies = answer
        for at, name, remark in remarks:
            entries[at].take(name, remark)
        for entry in entries:
            if not entry.name:
                entry.say(ERROR, "name", _("the name is blank"))
        return entries

    def _column(self, name: str, rows: list[list[Cell]], remarks: list[tuple[int, str, Remark]]) -> list[Any]:
        """What the cells of a field say; remarks are put aside."""
        values = list(map(self._readers[name], map(self._getters[name], rows)))
        if Remark in set(map(type, values)):
            for at, value in enumerate(values):
                if type(value) is Remark:
                    remarks.append((at, name, value))
                    values[at] = value.value
        return values

    def written(self, entry: LedgerEntry) -> dict[str, str]:
        """The filled cells of the mapped columns as they stand in the file."""
        cells = ((name, text.cell_text(getter(entry.cells))) for name, getter in self._getters.items())
        return {name: cell for name, cell in cells if cell.strip()}

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
        return shown

    def _allergies(self, cell: Cell) -> AllergyAnswer | Remark | None:
        written = _note(cell)
        answer = self.vocabulary.allergies(written)
        if answer is None and text.fold(written):
            return _unread(written, _("“%(words)s”: please ask the guest") % {"words": written})
        return answer

    def _rank(self, cell: Cell) -> int | Remark | None:
        word = text.tidy(text.cell_text(cell))
        rank = self.vocabulary.rank(word)
        return rank or _unread(word, _("the house has no rank “%(rank)s”") % {"rank": word})

    def _staff(self, cell: Cell) -> int | Remark | None:
        word = text.tidy(text.cell_text(cell))
        people = self.vocabulary.attendants(word)
        if len(people) == 1:
            return next(iter(people))
        if people:
            return _unread(word, _("several people are called “%(name)s”") % {"name": word})
        return _unread(word, _("nobody of the house is called “%(name)s”") % {"name": word})


def _remembering(reader: CellReader) -> CellReader:
    """The reader, which is not asked about a blank and reads a cell that repeats once; 1, 1.0 and True are different cells."""

    @lru_cache(maxsize=REMEMBERED_CELLS, typed=True)
    def read(cell: Cell) -> Any:
        return None if isinstance(cell, str) and (not cell or cell.isspace()) else reader(cell)

    return read


def _said(columns: Mapping[str, list[Any]], phones: list[Any], allergies: list[Any]) -> list[int]:
    """For each row `LedgerEntry.said`."""
    compared: list[Iterable[Any]] = [repeat(tuple(columns), len(phones))]
    compared += [map(_compared, values) if name in WRITTEN_FREELY else values for name, values in columns.items()]
    compared.append([tuple([phone.digits for phone in numbers]) if numbers else None for numbers in phones])
    compared.append(map(_compared_answer, allergies))
    return list(map(hash, zip(*compared, strict=True)))


@lru_cache(maxsize=REMEMBERED_CELLS)
def _compared(value: str | None) -> str | None:
    return text.compare_key(value) if value else None


def _compared_answer(answer: AllergyAnswer | None) -> object:
    if answer is None or answer.says_none:
        return None
    return answer.allergen_ids, tuple(map(text.compare_key, answer.others))


def _unread(written: str, sentence: str) -> Remark:
    """A warning that keeps the text."""
    return Remark(None, written, ((WARNING, sentence),))


def _code(cell: Cell) -> str | Remark:
    code = cell if isinstance(cell, str) and _PLAIN_CODE.fullmatch(cell) else normalising.code(cell).value
    if len(code) <= CODE_LENGTH:
        return code
    sentence = _("the code “%(code)s” is longer than %(limit)s characters") % {
        "code": code[:CODE_LENGTH] + "…",
        "limit": CODE_LENGTH,
    }
    return Remark(code[:CODE_LENGTH], None, ((ERROR, sentence),))


def _name(cell: Cell) -> str | Remark:
    found = normalising.name(text.cell_text(cell))
    if len(found.value) > NAME_LENGTH:
        sentence = _("the name is longer than %(limit)s characters") % {"limit": NAME_LENGTH}
        return Remark(found.value, None, ((ERROR, sentence),))
    if found.honorific:
        sentence = _("“%(honorific)s” is not part of the name") % {"honorific": found.honorific}
        return Remark(found.value, None, ((NOTE, sentence),))
    return found.value


def _text(name: str, cell: Cell) -> str | Remark:
    return _fitting(name, normalising.normaliser_of(VALUE_OF_FIELD.get(name, name))(text.cell_text(cell)).value)


def _fitting(name: str, value: str) -> str | Remark:
    limit = TEXT_LENGTHS[name]
    if len(value) <= limit:
        return value
    return _unread(value, _("longer than %(limit)s characters: kept as written, not in its field") % {"limit": limit})


def _kana(cell: Cell) -> str | Remark:
    written = text.cell_text(cell)
    if _PLAIN_KANA.fullmatch(written):
        return _fitting("kana", written)
    found = normalising.kana(written)
    kept = _fitting("kana", found.value)
    if found.beyond and isinstance(kept, str):
        sentence = _("“%(kana)s” was read as romaji") % {"kana": text.tidy(written)}
        return Remark(kept, None, ((NOTE, sentence),))
    return kept


def _note(cell: Cell) -> str:
    return normalising.lines(text.cell_text(cell)).value


def _date(cell: Cell) -> date | Remark | None:
    try:
        return _date_in(cell)
    except DateError as error:
        return _unread(text.tidy(text.cell_text(cell)), str(error))


def _postal_code(cell: Cell) -> str | Remark | None:
    plain = isinstance(cell, str) and _PLAIN_POSTAL_CODE.fullmatch(cell)
    digits = plain[0].replace("-", "") if plain else normalising.postal_code(cell).value
    if digits:
        return digits
    written = text.tidy(text.cell_text(cell))
    if text.fold(written).strip("〒"):
        return _unread(written, _("“%(code)s” is not a postcode of seven digits") % {"code": written})
    return None


def _email(cell: Cell) -> str | Remark | None:
    if isinstance(cell, str) and _EMAIL.fullmatch(cell):
        return _fitting("email", cell)
    email = normalising.email(text.cell_text(cell)).value
    if text.fold(email) in NONE_WORDS:
        return None
    if not _EMAIL.fullmatch(email):
        try:
            validate_email(email)
        except ValidationError:
            return _unread(email, _("“%(email)s” is not an e-mail address") % {"email": email})
    return _fitting("email", email)


def _phones(cell: Cell) -> tuple[PhoneNumber, ...] | Remark | None:
    written = text.cell_text(cell)
    # Most cells hold one number as people write it, and need no second look.
    is_plain = normalising.PLAIN_PHONE.fullmatch(written.strip()) is not None
    if not is_plain and text.fold(written) in NONE_WORDS:
        return None
    numbers: dict[str, PhoneNumber] = {}
    sentences: list[tuple[str, str]] = []
    unread = None
    for piece in [written] if is_plain else text.split_phones(written):
        number = normalising.phone_number(piece)
        if not 4 <= len(number.digits) <= DIGITS_LENGTH:
            unread = text.tidy(written)
            sentences.append((WARNING, _("“%(phone)s” is not a phone number") % {"phone": text.tidy(piece)}))
            continue
        if number.beyond:
            sentences.append((NOTE, _("the 0 in front was put back")))
        label = _phone_label(number.digits)
        numbers[number.digits] = PhoneNumber(number.digits, number.written[:PHONE_LENGTH], label)
    found = tuple(numbers.values())
    return Remark(found, unread, tuple(sentences)) if sentences else found


def _phone_label(digits: str) -> str:
    """As far as the number tells; see `_of_work`."""
    return MOBILE if len(digits) == 11 and digits.startswith(_MOBILE_PREFIXES) else HOME


def _of_work(phone: PhoneNumber) -> PhoneNumber:
    """The number of a guest with a company: what is not a mobile stands there."""
    return phone if phone.label == MOBILE else phone._replace(label=WORK)
