"""Addresses as prefecture, municipality and the rest: 大阪市北区梅田1-1 -> 大阪府, 大阪市北区, 梅田1-1.

Pure functions over two small tables beside this file. Which towns a municipality has is not in them: whoever knows it hands
in a `Lookup`.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Final

from django.utils.translation import gettext_lazy as _

from crm_project.core.problems import InputProblem
from crm_project.core.text import fold

# (prefecture, municipality)
Place = tuple[str, str]
# Postcode ("" = none) and the beginning of an address without its municipality -> the places where both may be.
Lookup = Callable[[str, str], set[Place]]


class AddressError(InputProblem):
    """Neither prefecture nor municipality can be told from what was written."""


@dataclass(frozen=True, slots=True)
class SplitAddress:
    """An address in its parts, as they are called today but for merged municipalities; and what has to be said of it."""

    postal_code: str
    prefecture: str
    city: str
    rest: str
    remark: InputProblem | None = None


@dataclass(frozen=True, slots=True)
class _Former:
    """A municipality that is given up."""

    place: Place
    today: str
    # The whole of it has the new name, so that the rest of an address still fits.
    is_renamed: bool


_POSTCODE = re.compile(
    r"[(\[（［]?\s*(?:〒|郵便番号\s*[:：]?)\s*(\d{3})-?(\d{4})(?!\d)\s*[)\]）］]?|^[(（]?(\d{3})-?(\d{4})[)）]?(?![\d-])(?!\s*[番号])"
)
# 〒604 or 〒604-00, of before 1998: nothing that can be looked up today.
_OLD_POSTCODE = re.compile(r"^〒\s*\d{3}(?:-\d{2})?(?![\d-])\s*")
_IN_FRONT = re.compile(
    r"^(?:日本国?[\s、,]+|Japan[\s,]+|(?:ご?住所|所在地|現住所|ご?自宅|会社|本社|勤務先)\s*[:：]\s*)+", re.IGNORECASE
)
_OUTER = " 　、,，\t"
_IN_COUNTY = re.compile(r"(.{1,5}?郡)(.+[町村])")
_OF_CITY = re.compile(r"(.+?市)(.+区)")
# A county and its town, of which only the shape is known.
_SOME_COUNTY = re.compile(r"[^\d\s]{1,5}?郡[^\d\s郡]{1,6}?[町村]")
_NUMBER_FIRST = re.compile(r"[\d一二三四五六七八九十〇]")
# What people write for one another in names of places, beyond `fold`: ヶ and が, 塩釜 and 塩竈, 市 and 巿.
_LIKE: Final = str.maketrans({"ガ": "ケ", "釜": "竈", "巿": "市", "檮": "梼", "亰": "京", "箇": "ケ", "个": "ケ"})
_LONGEST = 24
# Japan Post names these with their island, which is no part of the municipality.
_ON_ISLANDS: Final = {"八丈町": "八丈島八丈町", "三宅村": "三宅島三宅村"}


class _Index:
    """Names of places by their keys."""

    def __init__(self, names: Iterable[tuple[str, Place]]) -> None:
        self.places: dict[str, set[Place]] = {}
        for name, place in names:
            self.places.setdefault(_key(name), set()).add(place)
        self.longest = max(map(len, self.places), default=0)

    def begins(self, key: str) -> tuple[int, set[Place]]:
        """The longest name at the beginning of a key: its length and its places; (0, nothing)."""
        for length in range(min(self.longest, len(key)), 0, -1):
            if places := self.places.get(key[:length]):
                return length, places
        return 0, set()


def municipality(city: str) -> str:
    """A city of Japan Post's table as it is called: 八丈島八丈町 is 八丈町."""
    return next((name for name, with_island in _ON_ISLANDS.items() if with_island == city), city)


def _key(name: str) -> str:
    return fold(name).translate(_LIKE)


def _lines(file: str) -> Iterator[list[str]]:
    text = Path(__file__).with_name(file).read_text(encoding="utf-8")
    return (line.split() for line in text.splitlines() if line and not line.startswith("#"))


@cache
def prefectures() -> dict[str, tuple[str, ...]]:
    """The prefectures and their municipalities."""
    return {name: tuple(cities) for name, *cities in _lines("municipalities.txt")}


@cache
def _index_of(prefecture: str) -> _Index:
    """A prefecture's municipalities by all their names; of all prefectures for ""."""
    chosen = [prefecture] if prefecture else list(prefectures())
    return _Index(named for name in chosen for city in prefectures()[name] for named in _names(name, city))


def _names(prefecture: str, city: str) -> Iterator[tuple[str, Place]]:
    """All names by which a municipality may be called: without its county, a ward without its city, the city alone."""
    place = (prefecture, city)
    yield city, place
    if city in _ON_ISLANDS:
        yield _ON_ISLANDS[city], place
    if match := _IN_COUNTY.fullmatch(city):
        yield match[2], place
    elif match := _OF_CITY.fullmatch(city):
        yield match[2], place
        yield match[1], (prefecture, match[1])


@cache
def _former() -> dict[Place, _Former]:
    return {
        (prefecture, name): _Former((prefecture, name), today.lstrip("="), today.startswith("="))
        for prefecture, name, today in _lines("former_municipalities.txt")
    }


@cache
def _former_index(prefecture: str) -> _Index:
    return _Index(
        named for (owner, city) in _former() if prefecture in ("", owner) for named in _names(owner, city)
        if named[1] in _former()
    )  # fmt: skip


@cache
def _prefecture_keys() -> dict[str, str]:
    return {_key(name): name for name in prefectures()}


@cache
def _stems() -> dict[str, str]:
    """東京, 大阪, 福島: prefectures without 都, 府, 県."""
    return {_key(name[:-1]): name for name in prefectures() if name != "北海道"}


def split_address(written: str, lookup: Lookup | None = None) -> SplitAddress:
    """The parts of an address that was made plain (`customers.normalising.address`).

    The prefecture may be missing where the municipality is the only one of its name; `lookup` decides between several, and
    finds the municipality by postcode or town where it is missing too. What is no municipality (of today) stays in the rest,
    or as the city where it surely was one; the remark says so. Raises AddressError when nothing is known.
    """
    postal_code, bare = without_postcode(written)
    found = _begin(bare, postal_code, lookup)
    return replace(found, postal_code=postal_code)


def without_postcode(written: str) -> tuple[str, str]:
    """The postcode that stands in an address ("" = none), and the address without it and without 日本 or 住所: in front."""
    bare = _IN_FRONT.sub("", written.strip(_OUTER))
    match = _POSTCODE.search(bare)
    if match is None:
        return "", _OLD_POSTCODE.sub("", bare) or bare
    code = "".join(filter(None, match.groups()))
    bare = f"{bare[: match.start()].rstrip(_OUTER)} {bare[match.end() :].lstrip(_OUTER)}".strip(_OUTER)
    return code, _IN_FRONT.sub("", bare)


def _begin(bare: str, postal_code: str, lookup: Lookup | None) -> SplitAddress:
    key, ends = _key_with_ends(bare)

    def rest(length: int) -> str:
        """What is behind so many characters of the key."""
        return bare[ends[length - 1] if length else 0 :].strip(_OUTER)

    for end in (4, 3):
        if prefecture := _prefecture_keys().get(key[:end]):
            return _in_prefecture(prefecture, key, min(end, len(key)), rest, postal_code, lookup)
    if prefecture := _stems().get(key):  # 東京 alone
        return SplitAddress("", prefecture, "", "")
    length, places = _index_of("").begins(key)
    for end in (3, 2):
        # 千葉市川市 is 市川市 in 千葉, 千葉市中央区 is not.
        if stem := _stems().get(key[:end]):
            more, of_stem = _index_of(stem).begins(key[end:])
            if more and end + more > length:
                length, places = end + more, of_stem
    if length and _may_be_a_town(places, key[:length], rest(length)):
        length, places = 0, set()
    of_old, former = _former_index("").begins(key)
    if of_old > length and len(former) == 1:
        return _formerly(_former()[next(iter(former))], rest(of_old))
    if not length:
        return _by_lookup(bare, postal_code, lookup)
    return _one_of(places, bare, rest(length), postal_code, lookup)


def _key_with_ends(bare: str) -> tuple[str, list[int]]:
    """The key of the beginning, and for each of its characters where it ends in the text."""
    key: list[str] = []
    ends: list[int] = []
    for at, char in enumerate(bare):
        for folded in _key(char):
            key.append(folded)
            ends.append(at + 1)
        if len(key) >= _LONGEST:
            break
    return "".join(key), ends


def _in_prefecture(
    prefecture: str, key: str, end: int, rest: Callable[[int], str], postal_code: str, lookup: Lookup | None
) -> SplitAddress:
    length, places = _index_of(prefecture).begins(key[end:])
    of_old, former = _former_index(prefecture).begins(key[end:])
    if of_old > length:
        return _formerly(_former()[next(iter(former))], rest(end + of_old))
    if len(places) > 1:
        try:
            return _one_of(places, "", rest(end + length), postal_code, lookup)
        except AddressError as problem:
            return SplitAddress("", prefecture, "", rest(end), problem)
    if places:
        return SplitAddress("", prefecture, next(iter(places))[1], rest(end + length))
    behind = rest(end)
    if not behind:
        return SplitAddress("", prefecture, "", "")
    if match := _SOME_COUNTY.match(behind):
        remark = InputProblem(
            _("%(city)s is on no list of today's municipalities: kept as written"), {"city": match[0]}
        )
        return SplitAddress("", prefecture, match[0], behind[match.end() :].strip(_OUTER), remark)
    known = {place for place in (lookup(postal_code, behind) if lookup else ()) if place[0] == prefecture}
    if len(known) == 1:
        city = next(iter(known))[1]
        return SplitAddress("", prefecture, city, behind, _found_by_town(city))
    remark = InputProblem(
        _("no municipality of %(prefecture)s is called as “%(rest)s” begins"),
        {"prefecture": prefecture, "rest": behind},
    )
    return SplitAddress("", prefecture, "", behind, remark)


def _may_be_a_town(places: set[Place], key: str, rest: str) -> bool:
    """Whether 昭和町3-2 stands there: a town of any city rather than the municipality of that name in its county."""
    by_county = all(_IN_COUNTY.fullmatch(city) for _prefecture, city in places)
    return by_county and "郡" not in key and key.endswith("町") and (not rest or _NUMBER_FIRST.match(rest) is not None)


def _formerly(former: _Former, rest: str) -> SplitAddress:
    """A place that was given up; where the whole of it was renamed an address in it takes the name of today."""
    prefecture, name = former.place
    params = {"former": name, "today": former.today}
    if former.is_renamed:
        remark = InputProblem(_("%(former)s is called %(today)s today"), params)
        return SplitAddress("", prefecture, former.today if rest else name, rest, remark)
    remark = InputProblem(_("%(former)s belongs to %(today)s today: kept as written"), params)
    return SplitAddress("", prefecture, name, rest, remark)


def _one_of(places: set[Place], bare: str, rest: str, postal_code: str, lookup: Lookup | None) -> SplitAddress:
    """The one place of the name; `lookup` decides between several."""
    if len(places) > 1 and lookup:
        places = (places & lookup(postal_code, rest)) or places
    if len(places) == 1:
        prefecture, city = next(iter(places))
        return SplitAddress("", prefecture, city, rest)
    order = list(prefectures())
    listed = sorted(places, key=lambda place: (order.index(place[0]), place[1]))
    raise AddressError(
        _("“%(value)s” may be in any of %(places)s: write the prefecture"),
        {"value": bare or rest, "places": "、".join(f"{prefecture}{city}" for prefecture, city in listed)},
    )


def _by_lookup(bare: str, postal_code: str, lookup: Lookup | None) -> SplitAddress:
    places = lookup(postal_code, bare) if lookup and (bare or postal_code) else set()
    if len(places) == 1:
        prefecture, city = next(iter(places))
        return SplitAddress("", prefecture, city, bare, _found_by_town(city))
    if postal_code and not bare:
        return SplitAddress("", "", "", "", InputProblem(_("there is a postcode alone")))
    raise AddressError(
        _("“%(value)s” names no prefecture and no municipality of Japan"), {"value": bare or postal_code}
    )


def _found_by_town(city: str) -> InputProblem:
    return InputProblem(_("%(city)s was found by its town or postcode"), {"city": city})
