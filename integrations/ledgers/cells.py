"""How the cells of a guest's ledger are read, field by field: a value, nothing, or a value with something to be said of it.

Pure functions of one cell. Most cells of a file are plain; each reader knows those at a glance.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache, partial
from types import MappingProxyType
from typing import Any, Final, NamedTuple

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext as _

from crm_project.core import phones, text
from crm_project.core.dates import DateError, DateNotKnown, read_date
from crm_project.core.places import without_postcode
from crm_project.core.tables import Cell
from customers import normalising
from customers.choices import Honorific, PhoneLabel
from customers.models import Address, Customer, Phone
from customers.written_names import WrittenName, read_names, says_no_name, without_deceased
from integrations.ledgers.changed_values import ChangeKind
from integrations.ledgers.vocabulary import NONE_WORDS, NOTHING_WORDS

LEVELS = ERROR, WARNING, NOTE = "error", "warning", "note"


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
    "former_name": _length(Customer, "former_name"),
    "stop": _length(Customer, "contact_stop_reason"),
}
PHONE_LENGTH: Final = _length(Phone, "written")
DIGITS_LENGTH: Final = _length(Phone, "digits")

# Where a field of a ledger is called otherwise than the value of the guest.
VALUE_OF_FIELD: Final = {"company": "company_name", "stop": "contact_stop_reason"}
_NOTHING_ELSE: Final[Mapping[str, Any]] = MappingProxyType({})


class PhoneNumber(NamedTuple):
    """A number of a guest, ready to be stored."""

    digits: str
    written: str
    label: str
    # The ledger says whose number it is; else the label is as far as the number tells.
    is_labelled: bool = False


class Sentence(NamedTuple):
    """What there is to say about a cell, and what kind of change it is (None = none, the row is refused)."""

    level: str
    text: str
    kind: ChangeKind | None = None


class Remark(NamedTuple):
    """A cell about which there is something to say: what it says all the same, and what could not be read."""

    value: Any
    unread: str | None = None
    sentences: tuple[Sentence, ...] = ()
    # What it says of other fields: a name of its reading, an address of its postcode.
    also: Mapping[str, Any] = _NOTHING_ELSE


class _Above:
    """The cell says: the same as above."""


ABOVE: Final = _Above()
_DITTO: Final = frozenset(
    {
        "〃",
        "〃〃",
        "〃 〃",
        "″",
        "々",
        "〻",
        "仝",
        "同",
        "同上",
        "同 上",
        "(同上)",
        "（同上）",
        "上に同じ",
        "ditto",
        "do.",
    }
)
_ERRORS: Final = frozenset(
    {"#N/A", "#REF!", "#VALUE!", "#NAME?", "#DIV/0!", "#NULL!", "#NUM!", "#SPILL!", "#CALC!", "########"}
)

LONGEST_SPECIAL: Final = 8
LONGEST_NOTHING: Final = 8

# What a cell says: a value, nothing (anything false), ABOVE, or a Remark.
CellReader = Callable[[Cell], Any]

_PLAIN_CODE = re.compile(r"[0-9A-Za-z-]+")
_KANJI_KANA: Final = r"\u3041-\u3096\u30a1-\u30fa\u30fc\u3005\u3006\u3400-\u9fff\uf900-\ufaff"
_PLAIN_NAME = re.compile(rf"[{_KANJI_KANA}]{{1,6}}(?: [{_KANJI_KANA}]{{1,6}})?")
# How a name may end that is not plain, whoever it is.
_ENDS: Final = (
    *(
        "様",
        "御中",
        "先生",
        "殿",
        "さん",
        "サン",
        "さま",
        "サマ",
        "氏",
        "妻",
        "婦",
        "家族",
        "一家",
        "一行",
        "兄弟",
        "姉妹",
        "親子",
    ),
    *("名", "人", "同", "上", "明", "開", "し", "無"),
)
# A ledger of one block for each guest has them in its first column, below each other.
_HEADING_WORDS: Final = frozenset(
    map(
        text.fold,
        "名前 お名前 氏名 御芳名 ご芳名 フリガナ ふりがな 住所 ご住所 御住所 電話 電話番号 お電話 TEL FAX 携帯 携帯電話 携帯番号 "
        "郵便番号 メール メールアドレス E-mail 生年月日 誕生日 お誕生日 会社名 勤務先 役職 部署 備考 メモ アレルギー".split(),
    )
)
_PLAIN_KANA = re.compile(r"[ァ-ヺー]+(?: [ァ-ヺー]+)*")
_PLAIN_POSTAL_CODE = re.compile(r"[0-9]{3}-?[0-9]{4}")
# The first 0 was taken when the text was still a number: 600001 is 060-0001.
_POSTAL_CODE_WITHOUT_ZERO = re.compile(r"[1-9][0-9]{5}")
# 郵便番号: 604 8001, 〶604.8001, T604_8001; 6O4-8OO1 with letters in place of figures.
_BEFORE_POSTCODE = re.compile(r"^(?:郵便番号|郵便|〒|〶|[tT](?=\s*\d)|\W)+")
_BETWEEN_DIGITS = re.compile(r"[\s.,_/:・~〜〒\-‐-―−ー－()]+")
_LETTERS_FOR_DIGITS = str.maketrans({"O": "0", "o": "0", "〇": "0", "l": "1", "I": "1", "|": "1"})
POSTCODE_DIGITS: Final = 7
LEAST_DIGITS: Final = 4
_ONLY_DIGITS = re.compile(r"[0-9-]{9,14}")
# With two hyphens: 10 or 11 digits.
_PLAIN_NUMBER = re.compile(r"0[0-9]{1,4}-[0-9]{1,4}-[0-9]{3,4}")
_PLAIN_NUMBER_LENGTHS: Final = (12, 13)
# Longer than a word for nothing, and of one width, without another dash than a long vowel behind kana: kept as it stands.
_LETTERS: Final = r"0-9A-Za-z\u3041-\u3096\u30a1-\u30fa\u3005\u3006\u3400-\u9fff"
_PLAIN_WORD: Final = rf"(?:[{_LETTERS}]|(?<=[{_LETTERS}])-(?=[{_LETTERS}])|(?<=[\u30a1-\u30fa])ー)++"
_PLAIN_TEXT = re.compile(rf"(?=.{{9}})(?:{_PLAIN_WORD} )*+{_PLAIN_WORD}")
MOBILE, WORK, HOME = PhoneLabel.MOBILE.value, PhoneLabel.WORK.value, PhoneLabel.HOME.value
_LABELS: Final = {
    phones.MOBILE: MOBILE,
    phones.HOME: HOME,
    phones.WORK: WORK,
    phones.SECRETARY: PhoneLabel.SECRETARY.value,
    phones.FAX: PhoneLabel.OTHER.value,
}
_MOBILE_PREFIXES = ("020", "050", "060", "070", "080", "090")
_EMAIL = re.compile(r"[A-Za-z0-9._%+-]+@(?:[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?\.)+[A-Za-z]{2,}")
_HONORIFICS: Final = {"先生": Honorific.SENSEI.value, "御中": Honorific.ONCHU.value}


def _column(line: str, limit: int) -> re.Pattern[str]:
    """Matches cells of a column that are kept as they stand, joined by line breaks: each blank, or the line and not too long."""
    one = rf"(?>(?!.{{{limit + 1}}})(?:{line})?)"
    return re.compile(rf"{one}(?:\n{one})*+")


# Fields that hold mostly other words in every row, and a column of which is known to be plain at one glance.
PLAIN_COLUMNS: Final = {
    "code": _column(_PLAIN_CODE.pattern, CODE_LENGTH),
    "kana": _column(_PLAIN_KANA.pattern, TEXT_LENGTHS["kana"]),
    "email": _column(_EMAIL.pattern, TEXT_LENGTHS["email"]),
    "postal_code": _column("[0-9]{7}", 7),
    "address": _column(rf"(?![0-9]){_PLAIN_TEXT.pattern}", TEXT_LENGTHS["address"]),
    "company": _column(_PLAIN_TEXT.pattern, TEXT_LENGTHS["company"]),
}


def special(cell: str) -> Any:
    """ABOVE for 〃, a warning for an error of the spreadsheet; None for everything else."""
    bare = cell.strip()
    if bare in _DITTO:
        return ABOVE
    if bare.startswith("#") and bare.rstrip("#") in {"", *_ERRORS}:
        return unread(bare, _("“%(error)s” is an error of the spreadsheet") % {"error": bare})
    return None


def says_above(written: str) -> bool:
    """Whether a cell says: the same as above."""
    return written.strip() in _DITTO


def unread(written: str, sentence: str) -> Remark:
    """A warning that keeps the text."""
    return Remark(None, written, (Sentence(WARNING, sentence, ChangeKind.UNREAD),))


def code(cell: Cell) -> Any:
    """A code, "" for a blank."""
    if isinstance(cell, str):
        if _PLAIN_CODE.fullmatch(cell):
            return _fitting_code(cell)
        if found := special(cell):
            return found
    return _fitting_code(normalising.code(cell).value)


def _fitting_code(value: str) -> str | Remark:
    if len(value) <= CODE_LENGTH:
        return value
    sentence = _("the code “%(code)s” is longer than %(limit)s characters") % {
        "code": value[:CODE_LENGTH] + "…",
        "limit": CODE_LENGTH,
    }
    return Remark(value[:CODE_LENGTH], None, (Sentence(ERROR, sentence),))


DECEASED_WORD: Final = "故人"


def name(cell: Cell) -> str | Remark:
    """The first person of a cell, without furigana, honorific and 故; who else stands there is in `also`."""
    written = text.cell_text(cell)
    bare, is_dead = without_deceased(written)
    return _name_of_the_dead(bare) if is_dead else _name(written)


def _name_of_the_dead(bare: str) -> Remark:
    found = _name(bare)
    said = Sentence(NOTE, _("is dead: nothing is sent any more"), ChangeKind.DECEASED)
    also = {"stop": DECEASED_WORD}
    if isinstance(found, Remark):
        return found._replace(sentences=(said, *found.sentences), also={**found.also, **also})
    return Remark(found, None, (said,), also)


def _name(written: str) -> str | Remark:
    if text.fold(written) in _HEADING_WORDS:
        sentence = _("“%(words)s” is the word of a heading and no name") % {"words": text.tidy(written)}
        return Remark("", None, (Sentence(ERROR, sentence),))
    if _PLAIN_NAME.fullmatch(written) and not written.endswith(_ENDS):
        return written
    if says_no_name(written):
        sentence = _("“%(words)s” names nobody") % {"words": text.tidy(written)}
        return Remark("", None, (Sentence(ERROR, sentence),))
    found = read_names(written)
    first = found.first
    if len(first.name) > NAME_LENGTH:
        sentence = _("the name is longer than %(limit)s characters") % {"limit": NAME_LENGTH}
        return Remark(first.name, None, (Sentence(ERROR, sentence),))
    if found.is_plain:
        return first.name
    also: dict[str, Any] = {}
    sentences: list[Sentence] = []
    if first.honorific:
        also["honorific"] = honorific_of(first)
        said = _("“%(honorific)s” is not part of the name") % {"honorific": first.honorific}
        sentences.append(Sentence(NOTE, said, ChangeKind.HONORIFIC))
    if first.kana and len(first.kana) <= TEXT_LENGTHS["kana"]:
        also["kana"] = first.kana
        said = _("the reading “%(kana)s” stood in the name") % {"kana": first.kana}
        sentences.append(Sentence(NOTE, said, ChangeKind.READING))
    if first.former and len(first.former) <= TEXT_LENGTHS["former_name"]:
        also["former_name"] = first.former
        said = _("the former name “%(name)s” stood in the name") % {"name": first.former}
        sentences.append(Sentence(NOTE, said, ChangeKind.FORMER))
    if found.others:
        names = "、".join(other.name for other in found.others)
        if any(len(other.name) > NAME_LENGTH for other in found.others):
            return unread(
                text.tidy(written), _("the name is longer than %(limit)s characters") % {"limit": NAME_LENGTH}
            )
        also["people"] = found
        said = _("%(names)s: a guest of their own, in the same cell") % {"names": names}
        sentences.append(Sentence(NOTE, said, ChangeKind.PEOPLE))
    elif found.together:
        said = _("“%(words)s”: the others are not named") % {"words": found.together}
        return Remark(first.name, text.tidy(written), (*sentences, Sentence(WARNING, said, ChangeKind.UNREAD)), also)
    return Remark(first.name, None, tuple(sentences), also)


# Cells of one usual number each, or blank, joined by line breaks.
_PLAIN_NUMBERS: Final = re.compile(
    rf"(?>(?:(?=.{{12,13}}(?:\n|\Z))(?=[0-]*[1-9]){_PLAIN_NUMBER.pattern})?)(?:\n(?>(?:(?=.{{12,13}}(?:\n|\Z))(?=[0-]*[1-9]){_PLAIN_NUMBER.pattern})?))*+"
)


def plain_numbers(cells: Sequence[Cell]) -> list[tuple[PhoneNumber] | None] | None:
    """What `phone_numbers` says of each cell, where each is blank or holds one number as people write it; else None."""
    try:
        joined = "\n".join(cells)  # type: ignore[arg-type]
    except TypeError:  # numbers among them
        return None
    if joined.count("\n") != len(cells) - 1 or _PLAIN_NUMBERS.fullmatch(joined) is None:
        return None
    return [
        (PhoneNumber(digits, cell, _phone_label(digits)),) if (digits := cell.replace("-", "")) else None  # type: ignore[union-attr, arg-type]
        for cell in cells
    ]


def text_of(field: str) -> CellReader:
    """A reader of short texts: a company, a department, a post."""
    return partial(_text, field)


def _text(field: str, cell: Cell) -> str | Remark | None:
    if type(cell) is str and _PLAIN_TEXT.fullmatch(cell):
        return _fitting(field, cell)
    value = normalising.normaliser_of(VALUE_OF_FIELD.get(field, field))(text.cell_text(cell)).value
    return None if len(value) <= LONGEST_NOTHING and text.fold(value) in NOTHING_WORDS else _fitting(field, value)


def _fitting(field: str, value: str) -> str | Remark:
    limit = TEXT_LENGTHS[field]
    if len(value) <= limit:
        return value
    return unread(value, _("longer than %(limit)s characters: kept as written, not in its field") % {"limit": limit})


def address(cell: Cell) -> str | Remark | None:
    """An address; a postcode in front of it is that of the guest."""
    written = text.cell_text(cell)
    if not written[:1].isdigit() and "〒" not in written:
        return _text("address", cell)
    postal_code, bare = without_postcode(normalising.address(written).value)
    if not postal_code or not bare:
        return _text("address", cell)
    kept = _fitting("address", bare)
    if isinstance(kept, Remark):
        return kept
    said = _("the postcode %(code)s stood in the address") % {"code": f"{postal_code[:3]}-{postal_code[3:]}"}
    return Remark(kept, None, (Sentence(NOTE, said, ChangeKind.POSTCODE),), {"postal_code": postal_code})


def kana(cell: Cell) -> str | Remark | None:
    """A reading in katakana."""
    written = text.cell_text(cell)
    if _PLAIN_KANA.fullmatch(written):
        return _fitting("kana", written)
    if text.fold(written) in NOTHING_WORDS:
        return None
    found = normalising.kana(written)
    kept = _fitting("kana", found.value)
    if found.beyond and isinstance(kept, str):
        sentence = _("“%(kana)s” was read as romaji") % {"kana": text.tidy(written)}
        return Remark(kept, None, (Sentence(NOTE, sentence, ChangeKind.ROMAJI),))
    return kept


def note(cell: Cell) -> str:
    """A text of several lines."""
    return normalising.lines(text.cell_text(cell)).value


_date_in = lru_cache(maxsize=32_768)(read_date)


def day(cell: Cell) -> Any:
    """A date; nothing where the cell says that nobody knows it."""
    try:
        found = _date_in(cell)
    except DateNotKnown:
        return None
    except DateError as error:
        return unread(text.tidy(text.cell_text(cell)), str(error))
    if found.remark is None:
        return found.day
    return Remark(found.day, None, (Sentence(NOTE, str(found.remark), ChangeKind.DAY),))


def postal_code(cell: Cell) -> str | Remark | None:
    """Seven digits."""
    if isinstance(cell, str) and _PLAIN_POSTAL_CODE.fullmatch(cell):
        return cell.replace("-", "")
    written = text.tidy(text.nfkc(text.cell_text(cell)))
    whole = text.code_text(cell)
    digits = normalising.postal_code(cell).value
    if not digits and _POSTAL_CODE_WITHOUT_ZERO.fullmatch(whole):
        digits = f"0{whole}"
    if digits and len(digits) > len(whole) and whole.isdigit():
        return Remark(digits, None, (Sentence(NOTE, _("the 0 in front was put back"), ChangeKind.ZERO),))
    if digits:
        return digits
    if not text.fold(written).strip("〒") or text.fold(written) in NOTHING_WORDS or not written.strip("〒0- "):
        return None
    if repaired := _certain_postcode(written):
        said = _("“%(written)s” was read as %(code)s") % {
            "written": written,
            "code": f"{repaired[:3]}-{repaired[3:]}",
        }
        return Remark(repaired, None, (Sentence(NOTE, said, ChangeKind.FORM),))
    count = sum(sign.isdecimal() for sign in written)
    if count != POSTCODE_DIGITS and count == len(_BETWEEN_DIGITS.sub("", written)):
        said = _("“%(code)s” has %(count)s digits, a postcode has seven") % {"code": written, "count": count}
        return unread(written, said)
    return unread(written, _("“%(code)s” is not a postcode of seven digits") % {"code": written})


def _certain_postcode(written: str) -> str:
    """Seven digits where only signs around and between them, or letters that stand for a digit, are in the way; else "".

    Nothing is left out and nothing is added: of eight digits nobody knows which one is too many.
    """
    bare = _BEFORE_POSTCODE.sub("", written)
    digits = _BETWEEN_DIGITS.sub("", bare).translate(_LETTERS_FOR_DIGITS)
    is_one = len(digits) == POSTCODE_DIGITS and digits.isascii() and digits.isdecimal()
    return digits if is_one and sum(sign.isdecimal() for sign in bare) >= LEAST_DIGITS else ""


def email(cell: Cell) -> Any:
    """An e-mail address."""
    if isinstance(cell, str):
        if _EMAIL.fullmatch(cell):
            return _fitting("email", cell)
        if found := special(cell):
            return found
    value = normalising.email(text.cell_text(cell)).value
    if text.fold(value) in NOTHING_WORDS:
        return None
    if not _EMAIL.fullmatch(value):
        try:
            validate_email(value)
        except ValidationError:
            return unread(value, _("“%(email)s” is not an e-mail address") % {"email": value})
    return _fitting("email", value)


def honorific_of(other: WrittenName) -> str:
    """The honorific of a card for how somebody was addressed; "" is the usual one."""
    return _HONORIFICS.get(other.honorific, "")


def phone_numbers(cell: Cell) -> Any:
    """The numbers of a cell with their labels; nothing where it says that there is none."""
    if (
        type(cell) is str
        and len(cell) in _PLAIN_NUMBER_LENGTHS
        and _PLAIN_NUMBER.fullmatch(cell)
        and (digits := cell.replace("-", "")).strip("0")
    ):
        return (PhoneNumber(digits, cell, _phone_label(digits)),)
    written = text.cell_text(cell)
    # Most cells hold one number as people write it, and need no second look.
    bare = written.strip()
    if normalising.PLAIN_PHONE.fullmatch(bare) and (digits := normalising.phone_number(bare).digits).isascii():
        # 000-0000-0000 is none.
        return (PhoneNumber(digits, bare, _phone_label(digits)),) if digits.strip(digits[0]) else None
    if not bare:
        return None
    if isinstance(cell, str) and (found := special(cell)):
        return found
    if phones.says_no_number(written) or text.fold(written) in NONE_WORDS:
        return None
    numbers: dict[str, PhoneNumber] = {}
    sentences: list[Sentence] = []
    unread_text = None
    for found in _one_number(written) or phones.read_phones(written):
        if not 4 <= len(found.digits) <= DIGITS_LENGTH:
            continue
        if found.zero_is_back:
            sentences.append(Sentence(NOTE, _("the 0 in front was put back"), ChangeKind.ZERO))
        numbers.setdefault(found.digits, _labelled(found))
    if not numbers:
        unread_text = text.tidy(written)
        said = _("“%(phone)s” is not a phone number") % {"phone": unread_text}
        sentences = [Sentence(WARNING, said, ChangeKind.UNREAD)]
    kept = tuple(numbers.values())
    return Remark(kept, unread_text, tuple(dict.fromkeys(sentences))) if sentences else kept


def _one_number(written: str) -> list[phones.WrittenPhone]:
    """The one number of a cell of digits and hyphens alone; empty for any other cell."""
    narrow = text.code_text(written)
    if not _ONLY_DIGITS.fullmatch(narrow) or not 9 <= len(narrow.replace("-", "")) <= 11:
        return []
    repaired, zero_is_back = text.repair_phone(narrow)
    return [phones.WrittenPhone(text.phone_digits(repaired), repaired, zero_is_back=zero_is_back)]


def _labelled(found: phones.WrittenPhone) -> PhoneNumber:
    grouped = normalising.phone_number(found.number).written
    shown = text.tidy(
        f"{grouped} {found.words}" if not found.words.startswith(("、", "/", ",", "~")) else grouped + found.words
    )
    label = _LABELS.get(found.label)
    return PhoneNumber(found.digits, shown[:PHONE_LENGTH], label or _phone_label(found.digits), label is not None)


def _phone_label(digits: str) -> str:
    """As far as the number tells; see `of_work`."""
    return MOBILE if len(digits) == 11 and digits.startswith(_MOBILE_PREFIXES) else HOME


def of_work(numbers: tuple[PhoneNumber, ...]) -> tuple[PhoneNumber, ...]:
    """The numbers of a guest with a company: what is not a mobile, and not labelled otherwise, stands there."""
    if len(numbers) == 1 and numbers[0].label == MOBILE:
        return numbers
    return tuple(
        phone if phone.label == MOBILE or phone.is_labelled else phone._replace(label=WORK) for phone in numbers
    )
