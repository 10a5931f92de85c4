"""The one way from what people write to what is kept: for forms, inline edits, ledgers, tables and the API. Pure functions.

Each returns a `Normalised`: the value, and what was done beyond width, spaces and hyphens, so that a person can be shown it.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import Final

from crm_project.core import text


class Beyond(StrEnum):
    """What changed the meaning of what was written rather than its looks."""

    HONORIFIC = "honorific"  # 渡邉 健一 様 -> 渡邉 健一
    ROMAJI = "romaji"  # watanabe -> ワタナベ
    ZERO = "zero"  # 9012345678 -> 090-1234-5678


@dataclass(frozen=True, slots=True)
class Normalised:
    """`value` is kept in place of `written`."""

    written: str
    value: str
    beyond: tuple[Beyond, ...] = ()
    # The honorific that stood behind a name.
    honorific: str = ""

    @property
    def is_changed(self) -> bool:
        """Whether there is anything to show: blanks around the text are not worth a word."""
        return self.value != self.written.strip()


@dataclass(frozen=True, slots=True)
class PhoneNumber:
    """One number: as it is dialled ("" = there is none), as it is shown, and what was done to it."""

    digits: str
    written: str
    beyond: tuple[Beyond, ...] = ()


_TO_ONE_WIDTH = re.compile(r"[０-９Ａ-Ｚａ-ｚ]+|[ｦ-ﾟ][ｦ-ﾟ゛゜]*")
_DASHES = r"\-‐‑‒–—―−﹘﹣⁃─ー－ｰ"
# Between numbers, and before the letter of a house (14ーA22, 14ーイ22).
_DASH_BETWEEN_NUMBERS = re.compile(
    rf"(?<=[0-9])\s*[{_DASHES}]\s*(?=[0-9])|(?<=[0-9])[{_DASHES}](?=[A-Za-z]|[ァ-ヺ][0-9])"
)
# 様 stands behind anything of two characters or more; the others after a blank, or they may belong to the name.
_HONORIFIC = re.compile(r"(?<=..)\s*(様|御中)$|(?<=.)\s(殿|先生|さん|サン|氏)$")
_AT = re.compile(r"\s*@\s*")
PLAIN_PHONE = re.compile(r"0\d{1,4}-\d{1,4}-\d{3,4}")
_WORDS_IN_PHONE = re.compile(rf"[^\d\s+().{_DASHES}]")
_MOBILE: Final = ("020", "050", "060", "070", "080", "090")
LATIN = re.compile(r"[A-Za-zÀ-ÖØ-öø-ÿĀ-žƀ-ɏḀ-ỿ.'’\-\s]+")


def one_width(written: str) -> str:
    """Letters and digits half-width, kana full-width; kanji and their variants, brackets and signs stay as written."""
    return _TO_ONE_WIDTH.sub(lambda match: text.nfkc(match[0]), written)


def plain(written: str) -> Normalised:
    """A short text: a company, a department, a post, what somebody is called. ㈱ stays; only keys read it as 株式会社."""
    return Normalised(written, one_width(text.tidy(written)))


def lines(written: str) -> Normalised:
    """A text of several lines: as written, without invisible characters."""
    return Normalised(written, text.tidy(written, lines=True))


def name(written: str) -> Normalised:
    """A guest's name, one space between its parts, without an honorific behind: that has a field of its own."""
    tidy = one_width(text.tidy(written))
    match = _HONORIFIC.search(tidy)
    if match is None:
        return Normalised(written, tidy)
    return Normalised(written, tidy[: match.start()].rstrip(), (Beyond.HONORIFIC,), match[1] or match[2])


def kana(written: str) -> Normalised:
    """A reading as full-width katakana; Latin letters become kana where they are romaji."""
    read = text.kana_from_romaji(text.tidy(written))
    return Normalised(written, text.tidy_kana(read or written), (Beyond.ROMAJI,) if read else ())


def code(written: object) -> Normalised:
    """A code: narrow, 13085.0 of a spreadsheet as 13085, leading zeros kept."""
    return Normalised(text.cell_text(written), text.code_text(written))


def postal_code(written: object) -> Normalised:
    """Seven digits, "" for what is no Japanese postcode."""
    return Normalised(text.cell_text(written), text.postal_code(written))


def address(written: str) -> Normalised:
    """An address: letters and digits narrow, one kind of hyphen between numbers; 丁目 and kanji digits stay."""
    return Normalised(written, _DASH_BETWEEN_NUMBERS.sub("-", one_width(text.tidy(written))))


def email(written: str) -> Normalised:
    """An e-mail address: narrow, no blanks at the @, the part behind it in small letters."""
    tidy = _AT.sub("@", text.tidy(text.nfkc(written)))
    local, at, domain = tidy.rpartition("@")
    return Normalised(written, f"{local}{at}{domain.lower()}")


def phone_number(written: object) -> PhoneNumber:
    """One phone number: grouped as people write it; as written where words say more than the number does (内線12)."""
    cell = text.cell_text(written)
    bare = cell.strip()
    if PLAIN_PHONE.fullmatch(bare) and 10 <= len(digits := bare.replace("-", "")) <= 11 and digits.isascii():
        return PhoneNumber(digits, bare)
    repaired, zero_is_back = text.repair_phone(cell)
    digits = text.phone_digits(repaired)
    if not digits:
        return PhoneNumber("", text.tidy(text.nfkc(cell)))
    narrow = text.tidy(text.nfkc(repaired))
    beyond = (Beyond.ZERO,) if zero_is_back else ()
    if _WORDS_IN_PHONE.search(narrow) or PLAIN_PHONE.fullmatch(narrow):
        return PhoneNumber(digits, narrow, beyond)
    if len(digits) == 11 and digits.startswith(_MOBILE):
        return PhoneNumber(digits, f"{digits[:3]}-{digits[3:7]}-{digits[7:]}", beyond)
    grouped = text.format_phone(digits)
    return PhoneNumber(digits, grouped if grouped != digits else narrow, beyond)


def phone(written: object) -> Normalised:
    """One phone number, see `phone_number`."""
    number = phone_number(written)
    return Normalised(text.cell_text(written), number.written, number.beyond)


NORMALISERS: Final[Mapping[str, Callable[[str], Normalised]]] = {
    "name": name,
    "kana": kana,
    "code": code,
    "company_name": plain,
    "department": plain,
    "title": plain,
    "called": plain,
    "former_name": plain,
    "email": email,
    "phone": phone,
    "postal_code": postal_code,
    "address": address,
    "care_of": plain,
    "contact_stop_reason": plain,
    "likes": lines,
    "dislikes": lines,
    "note": lines,
}
# What is a guest's under that name is another thing of a company's.
COMPANY_NORMALISERS: Final[Mapping[str, str]] = {"name": "company_name"}
_NUMBERED = re.compile(r"(phone)_\d+")
_PREFIXED = re.compile(r"(?:office|other)_(postal_code|address|care_of)")


def normaliser_of(field: str) -> Callable[[str], Normalised]:
    """The normaliser of a value of a guest (`queries.values_of`), or of a field of the form (phone_2)."""
    match = _NUMBERED.fullmatch(field) or _PREFIXED.fullmatch(field)
    return NORMALISERS.get(match[1] if match else field, plain)


@lru_cache(maxsize=8_192)
def kept(field: str, written: str) -> str:
    """The value alone, for who reads many cells of which most are equal."""
    return normaliser_of(field)(written).value


def is_latin(guest_name: str) -> bool:
    """Whether a name is written in Latin letters, so that it needs no reading."""
    bare = one_width(text.tidy(guest_name))
    return bool(bare) and LATIN.fullmatch(bare) is not None


def needs_kana(guest_name: str, language: str = "ja") -> bool:
    """Whether a person who is entered by hand needs a reading: a Japanese name, of somebody served in Japanese."""
    return language in ("", "ja") and not is_latin(guest_name)
