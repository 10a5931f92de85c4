"""A record as it is compared: every value folded once, so that comparing is mostly `==`."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from crm_project.core import text

_KANA_ONLY = re.compile(r"[ァ-ヺー・\s]+")
_PREFECTURE = re.compile(r"^(?:東京都|北海道|(?:京都|大阪)府|[^\d\s]{2,3}?県)")
_BETWEEN_NUMBERS = re.compile(r"(?<=\d)(?:丁目|番地の|番地|番|号|の|ノ|-|ー)\s*(?=\d)")
_AFTER_NUMBER = re.compile(r"(?<=\d)(?:丁目|番地|番|号)")
_KANJI_BLOCK = re.compile(r"[一二三四五六七八九十]+(?=丁目)")
_NUMBERS = re.compile(r"\d+(?:-\d+)*")
_KANJI_NUMBERS = {kanji: number for number, kanji in enumerate("一二三四五六七八九", start=1)}


@dataclass(frozen=True, slots=True)
class Person:
    """One record, folded. Empty texts and zeros are unknown; `place` and `lot` are the two halves of an address.

    `key` names the record for the caller; keys of one run are different.
    """

    key: int
    family: str = ""
    given: str = ""
    kana_family: str = ""
    kana_given: str = ""
    phones: tuple[str, ...] = ()
    year: int = 0
    month: int = 0
    day: int = 0
    postal: str = ""
    place: str = ""
    lot: str = ""
    email: str = ""
    company: str = ""
    title: str = ""
    extras: tuple[str, ...] = ()


def make_person(
    key: int,
    *,
    name: str = "",
    kana: str = "",
    phones: Iterable[str] = (),
    birth: tuple[int | None, int | None, int | None] = (None, None, None),
    postal: str = "",
    address: str = "",
    email: str = "",
    company: str = "",
    title: str = "",
    extras: Iterable[str] = (),
) -> Person:
    """A record of values as they are written: name and kana with a space between family and given name.

    `birth` is year, month and day, each of which may be unknown; `extras` are values in an order the caller keeps.
    """
    family, given = _name_parts(name)
    kana_family, kana_given = _name_parts(kana)
    if not kana_family:
        kana_family, kana_given = _reading_of(name)
    if kana_family and family == kana_family and given == kana_given:
        family = given = ""  # a name that is known by its reading only says nothing about its kanji
    place, lot = split_address(address)
    year, month, day = birth
    return Person(
        key=key,
        family=family,
        given=given,
        kana_family=kana_family,
        kana_given=kana_given,
        phones=tuple(dict.fromkeys(filter(None, map(text.phone_digits, phones)))),
        year=year or 0,
        month=month or 0,
        day=day or 0,
        postal=text.postal_code(postal) or text.fold(postal),
        place=place,
        lot=lot,
        email=text.nfkc(email).strip().casefold(),
        company=_company(company),
        title=text.fold(title),
        extras=tuple(text.fold(extra) for extra in extras),
    )


# Few different texts make up most of a house's names, titles and towns.
@lru_cache(maxsize=65_536)
def _name_parts(written: str) -> tuple[str, str]:
    """Family and given name, folded; a name without a space is all family name."""
    parts = text.without_honorific(written).split()
    family, given = text.fold(parts[0]) if parts else "", text.fold("".join(parts[1:]))
    return (family, given) if family else (given, "")


@lru_cache(maxsize=65_536)
def _reading_of(name: str) -> tuple[str, str]:
    """The reading of a name that is written in kana or in romaji; nothing for others."""
    written = text.to_katakana(name).strip()
    if _KANA_ONLY.fullmatch(written):
        return _name_parts(written)
    return "", ""


@lru_cache(maxsize=16_384)
def _company(name: str) -> str:
    return text.company_key(name) if name else ""


@lru_cache(maxsize=65_536)
def _place_key(place: str) -> str:
    return text.fold(place)


def split_address(address: str) -> tuple[str, str]:
    """The town and the numbers of an address: 京都府京都市中京区架空町一丁目2番3号 花ビル -> (京都市中京区架空町, 1-2-3).

    Prefecture and what follows the numbers (building, room by name) are left out: people write them or not.
    """
    if not address:
        return "", ""
    written = _KANJI_BLOCK.sub(lambda match: str(_block_number(match[0])), text.nfkc(address))
    written = _PREFECTURE.sub("", written.strip())
    written = _AFTER_NUMBER.sub("", _BETWEEN_NUMBERS.sub("-", written))
    numbers = _NUMBERS.search(written)
    if numbers is None:
        return _place_key(written), ""
    if numbers.start() == 0:  # 12 Example Street
        return _place_key(written[numbers.end() :]), numbers[0]
    return _place_key(written[: numbers.start()]), numbers[0]


def _block_number(kanji: str) -> int:
    """十二 -> 12."""
    tens, ten, ones = kanji.rpartition("十")
    return (_KANJI_NUMBERS.get(tens, 1) * 10 if ten else 0) + _KANJI_NUMBERS.get(ones, 0)
