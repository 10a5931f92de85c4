"""One row of a ledger in the words of the house: typed values, and a sentence for every cell that could not be read.

An unreadable optional cell is a warning and keeps its text; only a row that could not be told from another guest's, or has no
name, is an error. A blank cell says nothing: it never erases what is known.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache, partial
from typing import Any, Final

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext as _

from crm_project.core import text
from crm_project.core.allergens.choices import AllergyState
from crm_project.core.column_map import Resolver
from crm_project.core.dates import DateError, parse_date
from crm_project.core.tables import Cell
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

# A ledger repeats most of its cells; reading a date of an era costs twenty times a look into a cache.
_date_in = lru_cache(maxsize=32_768)(parse_date)
_tidy_cell = lru_cache(maxsize=8_192)(text.tidy)
_tidy_note = lru_cache(maxsize=2_048)(partial(text.tidy, lines=True))
_PLAIN_CODE = re.compile(r"[0-9A-Za-z-]+")
_PLAIN_KANA = re.compile(r"[ァ-ヺー]+(?: [ァ-ヺー]+)*")
_PLAIN_POSTAL_CODE = re.compile(r"[0-9]{3}-?[0-9]{4}")
_PLAIN_PHONE = re.compile(r"0\d{1,4}-\d{1,4}-\d{3,4}")
_MOBILE = ("020", "050", "060", "070", "080", "090")
_EMAIL = re.compile(r"[A-Za-z0-9._%+-]+@(?:[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?\.)+[A-Za-z]{2,}")


@dataclass(frozen=True, slots=True)
class PhoneNumber:
    """A number of a guest, ready to be stored."""

    digits: str
    written: str
    label: str


@dataclass(slots=True)
class LedgerEntry:
    """A row: what it says about a guest, field by field; fields it does not speak of are absent."""

    number: int
    cells: Sequence[Cell]
    code: str = ""
    name: str = ""
    values: dict[str, Any] = field(default_factory=dict)
    phones: tuple[PhoneNumber, ...] = ()
    allergies: AllergyAnswer | None = None
    unread: dict[str, str] = field(default_factory=dict)
    messages: list[Message] = field(default_factory=list)
    _said: int | None = None

    @property
    def is_error(self) -> bool:
        """Whether the row is set aside."""
        return any(message["level"] == ERROR for message in self.messages)

    @property
    def has_warnings(self) -> bool:
        """Whether something in it could not be read."""
        return any(message["level"] == WARNING for message in self.messages)

    def say(self, level: str, field_name: str, sentence: str) -> None:
        """Add a sentence about a cell, or with field "" about the row."""
        self.messages.append({"level": level, "field": field_name, "message": sentence})

    def cannot_read(self, field_name: str, written: str, sentence: str) -> None:
        """Warn and keep the text."""
        self.unread[field_name] = written
        self.say(WARNING, field_name, sentence)

    @property
    def said(self) -> int:
        """The same number for two rows that say the same, width and spaces apart, whatever their codes."""
        if self._said is None:
            parts = [self.name, *map(str, self.values.values()), *self.unread.values()]
            parts += [phone.digits for phone in self.phones]
            if self.allergies:
                parts += map(str, self.allergies.allergen_ids)
                parts += self.allergies.others
            self._said = hash((text.compare_key("\0".join(parts)), *self.values))
        return self._said


class EntryReader:
    """Reads the rows of one file."""

    def __init__(self, resolver: Resolver, vocabulary: Vocabulary) -> None:
        self.vocabulary = vocabulary
        self._answers: dict[str, AllergyAnswer | None] = {}
        readers: dict[str, Callable[[LedgerEntry, Cell], None]] = {
            "code": self._code,
            "name": self._name,
            "kana": self._kana,
            "company": self._text_reader("company"),
            "phone": self._phones,
            "address": self._text_reader("address"),
            "postal_code": self._postal_code,
            "email": self._email,
            "department": self._text_reader("department"),
            "title": self._text_reader("title"),
            "birthday": self._date_reader("birthday"),
            "allergies": self._allergies,
            "note": self._note,
            "since": self._date_reader("since"),
            "rank": self._rank,
            "staff": self._staff,
        }
        getters = {name: getter for name in readers if (getter := resolver.getter(name))}
        self.fields = tuple(getters)
        self._getters = getters
        # Most fields stand in one column: taken by its place, without a call.
        places = {name: at[0] for name, at in resolver.indexes.items() if len(at) == 1 and name in getters}
        self._columns = [(places[name], readers[name]) for name in getters if name in places]
        self._others = [(getters[name], readers[name]) for name in getters if name not in places]

    def read(self, number: int, cells: Sequence[Cell]) -> LedgerEntry:
        """The row with this number as an entry."""
        entry = LedgerEntry(number, cells)
        for place, reader in self._columns:
            cell = cells[place]
            if cell != "" and not (isinstance(cell, str) and cell.isspace()):
                reader(entry, cell)
        for getter, reader in self._others:
            cell = getter(cells)
            if cell != "" and not (isinstance(cell, str) and cell.isspace()):
                reader(entry, cell)
        if not entry.name:
            entry.say(ERROR, "name", _("the name is blank"))
        return entry

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

    def _code(self, entry: LedgerEntry, cell: Cell) -> None:
        entry.code = cell if isinstance(cell, str) and _PLAIN_CODE.fullmatch(cell) else text.code_text(cell)
        if len(entry.code) > CODE_LENGTH:
            entry.say(
                ERROR,
                "code",
                _("the code “%(code)s” is longer than %(limit)s characters")
                % {"code": entry.code[:CODE_LENGTH] + "…", "limit": CODE_LENGTH},
            )
            entry.code = entry.code[:CODE_LENGTH]

    def _name(self, entry: LedgerEntry, cell: Cell) -> None:
        entry.name = text.tidy(text.cell_text(cell))
        if len(entry.name) > NAME_LENGTH:
            entry.say(ERROR, "name", _("the name is longer than %(limit)s characters") % {"limit": NAME_LENGTH})

    def _text_reader(self, name: str) -> Callable[[LedgerEntry, Cell], None]:
        def read(entry: LedgerEntry, cell: Cell) -> None:
            self._keep_text(entry, name, _tidy_cell(cell if isinstance(cell, str) else text.cell_text(cell)))

        return read

    def _keep_text(self, entry: LedgerEntry, name: str, value: str) -> None:
        limit = TEXT_LENGTHS[name]
        if len(value) > limit:
            entry.cannot_read(
                name,
                value,
                _("longer than %(limit)s characters: kept as written, not in its field") % {"limit": limit},
            )
        elif value:
            entry.values[name] = value

    def _kana(self, entry: LedgerEntry, cell: Cell) -> None:
        written = text.cell_text(cell)
        self._keep_text(entry, "kana", written if _PLAIN_KANA.fullmatch(written) else text.tidy_kana(written))

    def _note(self, entry: LedgerEntry, cell: Cell) -> None:
        note = _tidy_note(text.cell_text(cell))
        if note:
            entry.values["note"] = note

    def _phones(self, entry: LedgerEntry, cell: Cell) -> None:
        written = text.cell_text(cell)
        plain = written.strip()
        if _PLAIN_PHONE.fullmatch(plain):
            digits = plain.replace("-", "")
            if 10 <= len(digits) <= 11:
                entry.phones = (PhoneNumber(digits, plain, self._phone_label(entry, digits)),)
                return
        if text.fold(plain) in NONE_WORDS:
            return
        numbers: dict[str, PhoneNumber] = {}
        for piece in text.split_phones(written):
            repaired, zero_is_back = text.repair_phone(piece)
            digits = text.phone_digits(repaired)
            if not 4 <= len(digits) <= DIGITS_LENGTH:
                entry.cannot_read(
                    "phone", text.tidy(written), _("“%(phone)s” is not a phone number") % {"phone": text.tidy(piece)}
                )
                continue
            if zero_is_back:
                entry.say(NOTE, "phone", _("the 0 in front was put back"))
            numbers[digits] = PhoneNumber(digits, _written_phone(repaired, digits), self._phone_label(entry, digits))
        entry.phones = tuple(numbers.values())

    def _phone_label(self, entry: LedgerEntry, digits: str) -> str:
        if digits.startswith(_MOBILE) and len(digits) == 11:
            return PhoneLabel.MOBILE.value
        return PhoneLabel.WORK.value if "company" in entry.values else PhoneLabel.HOME.value

    def _postal_code(self, entry: LedgerEntry, cell: Cell) -> None:
        plain = isinstance(cell, str) and _PLAIN_POSTAL_CODE.fullmatch(cell)
        digits = plain[0].replace("-", "") if plain else text.postal_code(cell)
        if digits:
            entry.values["postal_code"] = digits
            return
        written = text.tidy(text.cell_text(cell))
        if text.fold(written).strip("〒"):
            entry.cannot_read(
                "postal_code", written, _("“%(code)s” is not a postcode of seven digits") % {"code": written}
            )

    def _email(self, entry: LedgerEntry, cell: Cell) -> None:
        email = text.nfkc(text.cell_text(cell)).strip()
        if text.fold(email) in NONE_WORDS:
            return
        if not _EMAIL.fullmatch(email):
            try:
                validate_email(email)
            except ValidationError:
                entry.cannot_read("email", email, _("“%(email)s” is not an e-mail address") % {"email": email})
                return
        self._keep_text(entry, "email", email)

    def _date_reader(self, name: str) -> Callable[[LedgerEntry, Cell], None]:
        def read(entry: LedgerEntry, cell: Cell) -> None:
            try:
                day = _date_in(cell)
            except DateError as error:
                entry.cannot_read(name, text.tidy(text.cell_text(cell)), str(error))
                return
            if day:
                entry.values[name] = day

        return read

    def _allergies(self, entry: LedgerEntry, cell: Cell) -> None:
        written = _tidy_note(text.cell_text(cell))
        if written not in self._answers:
            self._answers[written] = self.vocabulary.allergies(written)
        entry.allergies = self._answers[written]
        if entry.allergies is None and text.fold(written):
            entry.cannot_read("allergies", written, _("“%(words)s”: please ask the guest") % {"words": written})

    def _rank(self, entry: LedgerEntry, cell: Cell) -> None:
        word = text.tidy(text.cell_text(cell))
        rank = self.vocabulary.rank(word)
        if rank is None:
            entry.cannot_read("rank", word, _("the house has no rank “%(rank)s”") % {"rank": word})
        else:
            entry.values["rank"] = rank

    def _staff(self, entry: LedgerEntry, cell: Cell) -> None:
        word = text.tidy(text.cell_text(cell))
        people = self.vocabulary.attendants(word)
        if len(people) == 1:
            entry.values["staff"] = next(iter(people))
        elif people:
            entry.cannot_read("staff", word, _("several people are called “%(name)s”") % {"name": word})
        else:
            entry.cannot_read("staff", word, _("nobody of the house is called “%(name)s”") % {"name": word})


_WORDS_IN_PHONE = re.compile(r"[^\d\s+()\-‐－ー.]")


def _written_phone(written: str, digits: str) -> str:
    """Grouped digits; as written where words say more than the number does (内線12)."""
    plain = text.nfkc(written)
    if _WORDS_IN_PHONE.search(plain):
        return text.tidy(written)[:PHONE_LENGTH]
    if _PLAIN_PHONE.fullmatch(plain):
        return plain
    if len(digits) == 11 and digits.startswith(_MOBILE):
        return f"{digits[:3]}-{digits[3:7]}-{digits[7:]}"
    return text.format_phone(digits)[:PHONE_LENGTH]
