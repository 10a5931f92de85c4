"""席次: who sits where in a room. Pure; no database, no request.

The seat of honour (上座) is in front of the alcove (床の間), where there is none farthest from the door; a room whose garden
counts turns it round so that the guests look at the garden. At a long table the middle comes first. When one party hosts
another, each has a row of its own: the guests the upper one, the hosts opposite. All of it is a proposal (案) that people
change and confirm.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import chain

from visits.choices import AttendanceRole

# Rows of so many places have a middle that comes first.
LONG_ROW = 3
EMPTY = ""

_HOSTS = frozenset((AttendanceRole.HOST, AttendanceRole.ARRANGER, AttendanceRole.SECRETARY, AttendanceRole.PAYER))
_RANKS = {
    AttendanceRole.GUEST_OF_HONOUR: 0,
    AttendanceRole.HOST: 1,
    AttendanceRole.PAYER: 2,
    AttendanceRole.COMPANION: 3,
    AttendanceRole.INTRODUCER: 3,
    AttendanceRole.ARRANGER: 4,
    AttendanceRole.SECRETARY: 5,
}


class Upper(StrEnum):
    """What makes the upper side of a room the upper one."""

    ALCOVE = "alcove"
    VIEW = "view"
    FAR = "far"


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody to be seated. `ref` names the person; `firm` is the company's id where it is known."""

    ref: str
    role: str
    firm: int | None = None


@dataclass(frozen=True, slots=True)
class RoomRules:
    """What of a room decides where its seat of honour is."""

    has_alcove: bool = False
    view_is_upper: bool = False
    is_counter: bool = False

    @property
    def upper(self) -> Upper:
        """What the upper side is called after."""
        if self.view_is_upper:
            return Upper.VIEW
        return Upper.ALCOVE if self.has_alcove else Upper.FAR


@dataclass(frozen=True, slots=True)
class Places:
    """References by place: the upper row and the lower one, both from the far end to the door; "" is a free place."""

    upper: tuple[str, ...]
    lower: tuple[str, ...] = ()

    @property
    def seated(self) -> tuple[str, ...]:
        """Everybody who has a place."""
        return tuple(ref for ref in chain(self.upper, self.lower) if ref)


def by_precedence(places: int) -> list[int]:
    """The places of a row in their order: in a long row the middle first and then by turns outwards, the far end first."""
    if places < LONG_ROW:
        return list(range(places))
    middle = (places - 1) // 2
    return sorted(range(places), key=lambda place: (abs(place - middle), place))


def propose(people: Sequence[Person], rules: RoomRules, *, is_hosting: bool) -> Places:
    """Seat everybody by role, in the order they stand in where the role is the same."""
    ranked = sorted(people, key=lambda person: _RANKS.get(AttendanceRole(person.role), len(_RANKS)))
    if rules.is_counter:
        return Places(tuple(person.ref for person in ranked))
    width = (len(ranked) + 1) // 2
    hosts = [person.ref for person in ranked if is_hosting and _is_host(person, ranked)]
    guests = [person.ref for person in ranked if person.ref not in set(hosts)]
    if not hosts or not guests:
        refs = [person.ref for person in ranked]
        return Places(_row(refs[:width], width), _row(refs[width:], width))
    # A side that is too many for its row takes the last places of the other: guests its far end, hosts the one at the door.
    lower_guests, upper_hosts = guests[width:], hosts[width:]
    upper = _row(guests[:width], width - len(upper_hosts)) + tuple(upper_hosts)
    lower = tuple(lower_guests) + _row(hosts[:width], width - len(lower_guests))
    return Places(upper, lower)


def adapt(saved: Places, proposed: Places) -> Places:
    """What was decided, for the people of now: who is still there keeps the place, who is new takes a free one.

    A saved plan that has too few places grows at the end towards the door.
    """
    there = set(proposed.seated)
    rows = [[ref if ref in there else EMPTY for ref in row] for row in (saved.upper, saved.lower)]
    kept = set(chain(*rows))
    for row, wanted in zip(rows, (proposed.upper, proposed.lower), strict=True):
        row += [EMPTY] * (len(wanted) - len(row))
    for place, ref in [*enumerate(proposed.upper), *enumerate(proposed.lower)]:
        if not ref or ref in kept:
            continue
        home = rows[0] if ref in proposed.upper else rows[1]
        other = rows[1] if home is rows[0] else rows[0]
        kept.add(ref)
        for row in (home, other):
            free = [at for at, taken in enumerate(row) if not taken]
            if free:
                row[min(free, key=lambda at: (abs(at - place), at))] = ref
                break
        else:
            home.append(ref)
    return Places(*(tuple(_without_empty_end(row)) for row in rows))


def order_of(places: Places) -> list[str]:
    """Everybody in the order of precedence: the upper row first. For the house alone: guests see names, never numbers."""
    rows = (places.upper, places.lower)
    return [row[at] for row in rows for at in by_precedence(len(row)) if row[at]]


def fingerprint(people: Sequence[Person], room_id: int | None) -> list[str]:
    """What a confirmed plan was confirmed for: anything else makes it a proposal again."""
    return [f"room {room_id or 0}", *sorted(f"{person.ref} {person.role}" for person in people)]


def misplaced(places: Places, people: Mapping[str, object]) -> tuple[list[str], list[str], list[str]]:
    """References without a place, with more than one, and those nobody is called by."""
    seated = places.seated
    twice = sorted({ref for ref in seated if seated.count(ref) > 1})
    return [ref for ref in people if ref not in seated], twice, [ref for ref in seated if ref not in people]


def _is_host(person: Person, people: Sequence[Person]) -> bool:
    """The host's side: by role, and companions of the host's own firm that is not the guest of honour's."""
    if person.role in _HOSTS:
        return True
    if person.role != AttendanceRole.COMPANION or person.firm is None:
        return False
    firms = {role: {one.firm for one in people if one.role == role} for role in AttendanceRole}
    return person.firm in firms[AttendanceRole.HOST] - firms[AttendanceRole.GUEST_OF_HONOUR]


def _row(refs: Sequence[str], places: int) -> tuple[str, ...]:
    """A row of so many places (at least as many as people) with its people in the order of precedence."""
    places = max(places, len(refs))
    row = [EMPTY] * places
    # Few people at a long table sit together: as many middle places as there are people.
    first = (places - len(refs)) // 2 if refs else 0
    for ref, at in zip(refs, by_precedence(len(refs)), strict=True):
        row[first + at] = ref
    return tuple(row)


def _without_empty_end(row: list[str]) -> list[str]:
    end = len(row)
    while end and not row[end - 1]:
        end -= 1
    return row[:end]
