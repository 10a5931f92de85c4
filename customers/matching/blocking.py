"""Which pairs are worth comparing: records that share a key, in blocks that never grow with the square of the house."""

from array import array
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import overload

from customers.matching.persons import Person

# A block that is larger is cut by what else its records have in common; what is still larger is not compared.
LARGEST_BLOCK = 20
# Further fields pair by many keys, so that a small block is enough.
LARGEST_EXTRA_BLOCK = 10

Keys = Callable[[Person], Iterable[object]]


def _born(person: Person) -> tuple[int, int, int] | None:
    return (person.year, person.month, person.day) if person.month and person.day else None


def _family(person: Person) -> str:
    return person.kana_family or person.family


def _given(person: Person) -> str:
    return person.kana_given or person.given


def _names(person: Person) -> Iterator[object]:
    """Kanji and kana whole; family and given name in either order meet."""
    for family, given in ((person.family, person.given), (person.kana_family, person.kana_given)):
        if family and given:
            yield "".join(sorted((family, given)))
        if family or given:
            yield family + given


def _born_on(person: Person) -> Iterator[object]:
    born = _born(person)
    if born and born[0]:
        yield born
        digits = "".join(sorted(f"{born[0]:04d}{born[1]:02d}{born[2]:02d}"))
        for name in (_family(person), _given(person)):
            if name:  # whatever the order of the digits
                yield name, digits


def _name_and(part: Callable[[Person], object]) -> Keys:
    """Each half of the name, with something else."""

    def keys(person: Person) -> Iterator[object]:
        value = part(person)
        if value:
            for name in {person.family, person.given, person.kana_family, person.kana_given} - {""}:
                yield name, value

    return keys


def _beginnings(person: Person) -> Iterator[object]:
    """The first letters of both halves, with the day of the year or the postcode: finds a slip in both."""
    family, given = _family(person)[:2], _given(person)[:1]
    if family and given:
        low, high = sorted((family[:1], given))
        if person.postal:
            yield low, high, person.postal
        if person.month and person.day:
            yield low, high, person.month, person.day


def _address(person: Person) -> Iterator[object]:
    if person.place and person.lot:
        yield person.place, person.lot
    if person.lot and person.postal:
        yield person.lot, person.postal


def _extras(person: Person) -> Iterator[object]:
    """A further field together with another value: alone it may be a state or a shoe size."""
    if not person.extras:
        return
    known = [
        *((place, value) for place, value in enumerate((_family(person), _given(person), person.postal)) if value),
        *((place, value) for place, value in enumerate((person.place, person.lot), start=3) if value),
    ]
    further = [(place, value) for place, value in enumerate(person.extras, start=5) if value]
    for at, one in enumerate(further):
        for other in (*known, *further[:at]):
            yield one, other


# Each kind of key with its largest block.
KINDS: tuple[tuple[Keys, int], ...] = (
    (lambda person: person.phones, LARGEST_BLOCK),
    (lambda person: (person.email,) if person.email else (), LARGEST_BLOCK),
    (_names, LARGEST_BLOCK),
    (_born_on, LARGEST_BLOCK),
    (_name_and(lambda person: person.postal), LARGEST_BLOCK),
    (_name_and(lambda person: person.place), LARGEST_BLOCK),
    (_name_and(lambda person: (person.month, person.day) if person.month and person.day else None), LARGEST_BLOCK),
    (_beginnings, LARGEST_BLOCK),
    (_address, LARGEST_BLOCK),
    (_name_and(lambda person: person.company), LARGEST_BLOCK),
    (_extras, LARGEST_EXTRA_BLOCK),
)
# What cuts a block that is too large.
CUTS: tuple[Callable[[Person], object], ...] = (
    _family,
    _given,
    lambda person: person.postal,
    _born,
    lambda person: person.company,
    lambda person: "".join(sorted(person.phones[0])) if person.phones else "",
)


class Pairs(Sequence[tuple[int, int]]):
    """Pairs of places (i < j) in order, eight bytes each: a large house has millions."""

    def __init__(self, codes: Iterable[int], count: int) -> None:
        self._codes = array("q", sorted(codes))
        self._count = count

    def __len__(self) -> int:
        return len(self._codes)

    @overload
    def __getitem__(self, place: int) -> tuple[int, int]: ...
    @overload
    def __getitem__(self, place: slice) -> "list[tuple[int, int]]": ...
    def __getitem__(self, place: int | slice) -> tuple[int, int] | list[tuple[int, int]]:
        if isinstance(place, slice):
            return [divmod(code, self._count) for code in self._codes[place]]
        return divmod(self._codes[place], self._count)


def candidate_pairs(persons: Sequence[Person], *, groups: Sequence[int] | None = None) -> Pairs:
    """Pairs that share a key. With `groups` (a number for each record), only pairs of different groups."""
    count = len(persons)
    found: set[int] = set()
    for kind, largest in KINDS:
        for block in _blocks(persons, kind, range(count)):
            for part in _cut(persons, block, largest):
                for at, i in enumerate(part):
                    base = i * count
                    for j in part[at + 1 :]:
                        if groups is None or groups[i] != groups[j]:
                            found.add(base + j)
    return Pairs(found, count)


def _blocks(persons: Sequence[Person], keys: Keys, places: Iterable[int]) -> Iterator[list[int]]:
    """Places of records with a key in common, ascending; a record stands once in a block."""
    first: dict[object, int] = {}
    blocks: dict[object, list[int]] = {}
    for place in places:
        for key in set(keys(persons[place])):
            if key in blocks:
                blocks[key].append(place)
            elif key in first:
                blocks[key] = [first[key], place]
            else:
                first[key] = place
    first.clear()
    yield from blocks.values()


def _cut(persons: Sequence[Person], block: list[int], largest: int) -> Iterator[list[int]]:
    if len(block) <= largest:
        yield block
        return
    for cut in CUTS:
        for part in _blocks(persons, lambda person, cut=cut: (cut(person),) if cut(person) else (), block):  # type: ignore[misc]
            if len(part) <= largest:
                yield part
