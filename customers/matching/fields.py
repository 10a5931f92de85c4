"""Comparing two records: one level per field, and what a level is called when a person asks why.

Level 0 says that the field cannot be compared (a side is unknown) and counts nothing, level 1 that it is the same. The
other numbers are the places in the field's tuple of names.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from customers.matching.persons import Person
from customers.matching.similarity import edits, slip

UNKNOWN, SAME = 0, 1

# Names: what is written is kanji or Latin letters, the reading is kana.
READING, OTHER_KANJI, NEAR, SIMILAR, SHARED, OTHER_READING, NAME_DIFFERENT, SWAPPED = range(2, 10)
NAME_LEVELS = (
    *("unknown", "same", "reading", "other_kanji", "near"),
    *("similar", "shared", "other_reading", "different", "swapped"),
)
BIRTH_LEVELS = ("unknown", "same", "day", "typo", "year", "part", "different")
BIRTH_DAY, BIRTH_TYPO, BIRTH_YEAR, BIRTH_PART, BIRTH_DIFFERENT = range(2, 7)
THREE_LEVELS = ("unknown", "same", "near", "different")
FOUR_LEVELS = ("unknown", "same", "near", "similar", "different")
# An address line that stands in another field of the other record.
PLACE_LEVELS = (*FOUR_LEVELS, "moved")
THREE_DIFFERENT = 3
TEXT_NEAR, TEXT_DIFFERENT, PLACE_MOVED = 2, 4, 5

LEAST_TYPED = 3
LONG = 5


@dataclass(frozen=True, slots=True)
class Field:
    """A compared field and the names of its levels."""

    name: str
    levels: tuple[str, ...]


FIELDS = (
    Field("family", NAME_LEVELS),
    Field("given", NAME_LEVELS),
    Field("birth", BIRTH_LEVELS),
    Field("phone", THREE_LEVELS),
    Field("email", THREE_LEVELS),
    Field("postal", THREE_LEVELS),
    Field("place", PLACE_LEVELS),
    Field("lot", THREE_LEVELS),
    Field("company", THREE_LEVELS),
    Field("title", THREE_LEVELS),
)
FAMILY, GIVEN, BIRTH, PHONE, EMAIL, POSTAL, PLACE, LOT, COMPANY, TITLE = range(len(FIELDS))


def fields_with(extras: Sequence[str] = ()) -> tuple[Field, ...]:
    """The compared fields, then the named further ones."""
    return FIELDS + tuple(Field(name, FOUR_LEVELS) for name in extras)


@dataclass(frozen=True, slots=True)
class Reason:
    """Why two records look like one person, or like two: which field, how it compares, and what that weighs.

    `bits` is log2(m / u): positive where it speaks for one person.
    """

    field: str
    level: str
    bits: float

    @property
    def code(self) -> str:
        """A stable name of the reason: phone_same, given_near, birth_typo."""
        return f"{self.field}_{self.level}"


def compare(one: Person, other: Person) -> tuple[int, ...]:
    """The level of every field; symmetric."""
    family, given = _names(one, other)
    place = _text(one.place, other.place)
    extras = list(map(_text, one.extras, other.extras))
    if place == TEXT_DIFFERENT and extras:
        place = _moved(one, other, extras)
    return (
        family,
        given,
        _births(one, other),
        _phones(one.phones, other.phones) if one.phones and other.phones else 0,
        0 if not (one.email and other.email) else 1 if one.email == other.email else _email(one.email, other.email),
        _code(one.postal, other.postal),
        place,
        _code(one.lot, other.lot),
        _short(one.company, other.company),
        _short(one.title, other.title),
        *extras,
    )


def _names(one: Person, other: Person) -> tuple[int, int]:
    """Family and given name; a name without a space meets the other one as a whole."""
    family = _name(one.family, one.kana_family, other.family, other.kana_family)
    given = _name(one.given, one.kana_given, other.given, other.kana_given)
    if family == SAME and given == SAME:
        return family, given
    if given == UNKNOWN and _only_one_is_split(one, other):
        whole = _name(
            one.family + one.given,
            one.kana_family + one.kana_given,
            other.family + other.given,
            other.kana_family + other.kana_given,
        )
        if whole in (SAME, READING, NEAR, OTHER_KANJI):
            return whole, whole
        return (SIMILAR if _begins(one, other) else family), UNKNOWN
    if family >= NEAR and (given >= NEAR or given == UNKNOWN) and _swapped(one, other):
        return SWAPPED, UNKNOWN
    return family, given


def _only_one_is_split(one: Person, other: Person) -> bool:
    splits = bool(one.given or one.kana_given), bool(other.given or other.kana_given)
    return splits[0] != splits[1]


def _begins(one: Person, other: Person) -> bool:
    for a, b in ((one.family, other.family), (one.kana_family, other.kana_family)):
        if a and b and (a.startswith(b) or b.startswith(a)):
            return True
    return False


def _swapped(one: Person, other: Person) -> bool:
    """Whether family and given name stand in each other's place, one of them perhaps with a slip."""
    for family, given, other_family, other_given in (
        (one.family, one.given, other.family, other.given),
        (one.kana_family, one.kana_given, other.kana_family, other.kana_given),
    ):
        pairs = [(a, b) for a, b in ((family, other_given), (given, other_family)) if a and b]
        if any(a == b for a, b in pairs) and all(a == b or _is_slip_of_name(a, b) for a, b in pairs):
            return True
    return False


def _is_slip_of_name(one: str, other: str) -> bool:
    """A slip in letters or kana: of two kanji, one that is other makes another name."""
    return _is_typed(one) and _is_typed(other) and _typed(one, other) == NEAR


def _is_typed(name: str) -> bool:
    return name.isascii() or all("ァ" <= sign <= "ヺ" for sign in name)


def _name(one: str, one_kana: str, other: str, other_kana: str) -> int:
    """One half of a name."""
    if one and other:
        if one == other:
            if not one_kana or not other_kana or one_kana == other_kana:
                return SAME
            # The same kanji with a slip in the reading are no twins: those are written differently.
            return OTHER_READING
        if one_kana and other_kana:
            if one_kana == other_kana:
                return OTHER_KANJI
            # Two differences at once are no slip: 美咲 ミサキ and 美希 ミキ are sisters.
            return SHARED if set(one) & set(other) else NAME_DIFFERENT
        if one.isascii() and other.isascii():
            return _typed(one, other)
        return SHARED if set(one) & set(other) else NAME_DIFFERENT
    if one_kana and other_kana:
        return READING if one_kana == other_kana else _typed(one_kana, other_kana)
    return UNKNOWN


def _typed(one: str, other: str) -> int:
    """Two different names in letters or kana."""
    shorter, longer = (one, other) if len(one) <= len(other) else (other, one)
    if len(longer) >= LEAST_TYPED:
        most = 2 if len(longer) >= LONG else 1
        slips = edits(one, other, most)
        if slips == 1:
            return NEAR
        if slips == 2:
            return SIMILAR
        if longer.startswith(shorter) and (len(shorter) >= LEAST_TYPED or (len(shorter) == 1 and shorter.isascii())):
            return SIMILAR
    return NAME_DIFFERENT


def _births(one: Person, other: Person) -> int:
    if not (one.month and one.day and other.month and other.day):
        return UNKNOWN
    month, day = one.month == other.month, one.day == other.day
    if not one.year or not other.year:
        return BIRTH_DAY if month and day else BIRTH_DIFFERENT
    year = one.year == other.year
    if year and month and day:
        return SAME
    if slip(_date_text(one), _date_text(other)):
        return BIRTH_TYPO
    if year and one.month == other.day and one.day == other.month:
        return BIRTH_TYPO
    if month and day:
        return BIRTH_YEAR
    if year and (month or day):
        return BIRTH_PART
    return BIRTH_DIFFERENT


def _date_text(person: Person) -> str:
    return f"{person.year:04d}{person.month:02d}{person.day:02d}"


def _phones(one: tuple[str, ...], other: tuple[str, ...]) -> int:
    for number in one:
        if number in other:
            return SAME
    for number in one:
        for facing in other:
            if len(number) >= 10 and slip(number, facing):
                return 2
    return 3


def _email(one: str, other: str) -> int:
    if edits(one, other, 1) == 1:
        return 2
    name, _at, place = one.partition("@")
    facing_name, _at, facing_place = other.partition("@")
    if name == facing_name and edits(place, facing_place, 2) <= 2:
        return 2
    return 3


def _code(one: str, other: str) -> int:
    """Numbers: postcodes and the numbers of an address."""
    if not one or not other:
        return UNKNOWN
    if one == other:
        return SAME
    if edits(one, other, 1) == 1 and min(len(one), len(other)) > 1:
        return 2
    if one.startswith(f"{other}-") or other.startswith(f"{one}-"):
        return 2
    return 3


def _text(one: str, other: str) -> int:
    """A place or a further field: a slip, a few slips or a part, or something else."""
    if not one or not other:
        return UNKNOWN
    if one == other:
        return SAME
    if len(one) >= LEAST_TYPED and len(other) >= LEAST_TYPED:
        slips = edits(one, other, 2)
        if slips == 1:
            return 2
        if slips == 2 and max(len(one), len(other)) >= LONG:
            return 3
        if min(len(one), len(other)) >= LONG and (one in other or other in one):
            return 3
    return 4


def _moved(one: Person, other: Person, extras: list[int]) -> int:
    """Whether the place and a further field stand in each other's place; that field then says nothing more."""
    for number, level in enumerate(extras):
        if level in (UNKNOWN, TEXT_DIFFERENT) and (
            SAME <= _text(one.place, other.extras[number]) <= TEXT_NEAR
            or SAME <= _text(one.extras[number], other.place) <= TEXT_NEAR
        ):
            extras[number] = UNKNOWN
            return PLACE_MOVED
    return TEXT_DIFFERENT


def _short(one: str, other: str) -> int:
    """A company or a post."""
    if not one or not other:
        return UNKNOWN
    if one == other:
        return SAME
    if min(len(one), len(other)) >= LEAST_TYPED and (edits(one, other, 1) == 1 or one in other or other in one):
        return 2
    return 3
