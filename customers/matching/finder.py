"""All likely pairs among many records, and the likely same for one."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from customers.matching.blocking import candidate_pairs
from customers.matching.fields import Reason, compare
from customers.matching.model import THRESHOLD, Levels, Model, default_model, estimate_model
from customers.matching.persons import Person

# A third record that is surely both lets a pair in that alone is only more likely than not.
LIKELY = 0.5


@dataclass(frozen=True, slots=True)
class Match:
    """Two records that are likely one person: how probable, and why.

    `through` is the key of a third record that surely is both of them, where the two alone would not do.
    """

    one: Person
    other: Person
    probability: float
    levels: Levels
    model: Model
    through: int | None = None

    @property
    def reasons(self) -> list[Reason]:
        """What speaks for one person, strongest first."""
        return [reason for reason in explain(self) if reason.bits > 0]

    @property
    def doubts(self) -> list[Reason]:
        """What speaks against it, strongest first."""
        return [reason for reason in reversed(explain(self)) if reason.bits < 0]


def explain(match: Match) -> list[Reason]:
    """One reason per field that could be compared, heaviest first."""
    weights = match.model.bits(match.one, match.other, match.levels)
    reasons = [
        Reason(field.name, field.levels[level], bits)
        for field, level, bits in zip(match.model.fields, match.levels, weights, strict=True)
        if level
    ]
    return sorted(reasons, key=lambda reason: (-reason.bits, reason.code))


def find_pairs(
    persons: Iterable[Person],
    *,
    extras: Sequence[str] = (),
    groups: Sequence[int] | None = None,
    model: Model | None = None,
    threshold: float = THRESHOLD,
) -> Iterator[Match]:
    """Likely pairs, whatever the order of the records. `groups` (one number per record) asks for pairs of different groups only.

    Without a model one is learned from the records. Keys must be different.
    """
    given = list(persons)
    order = sorted(range(len(given)), key=lambda place: given[place].key)
    ordered = [given[place] for place in order]
    grouped = [groups[place] for place in order] if groups else None
    pairs = candidate_pairs(ordered, groups=grouped)
    model = model or estimate_model(ordered, pairs, extras=extras, groups=grouped)
    neighbours: dict[int, set[int]] = {}
    for i, j in pairs:
        assert i != j, "a record was paired with itself"
        match = _matched(ordered[i], ordered[j], model, threshold)
        if match:
            neighbours.setdefault(i, set()).add(j)
            neighbours.setdefault(j, set()).add(i)
            yield match
    for i, through, j in _in_chains(neighbours):
        if not grouped or grouped[i] != grouped[j]:
            match = _matched(ordered[i], ordered[j], model, min(LIKELY, threshold), through=ordered[through].key)
            if match:
                yield match


def _matched(one: Person, other: Person, model: Model, threshold: float, *, through: int | None = None) -> Match | None:
    levels = compare(one, other)
    if model.is_hopeless(levels):
        return None
    probability = model.posterior(one, other, levels)
    return Match(one, other, probability, levels, model, through) if probability >= threshold else None


def _in_chains(neighbours: Mapping[int, set[int]]) -> list[tuple[int, int, int]]:
    """Pairs that are not matched, but that one record is matched with both (the first such record between them)."""
    found: dict[tuple[int, int], int] = {}
    for through, matched in sorted(neighbours.items()):
        for i in matched:
            for j in matched:
                if i < j and j not in neighbours[i]:
                    found.setdefault((i, j), through)
    return [(i, through, j) for (i, j), through in sorted(found.items())]


def best_matches(
    person: Person, others: Iterable[Person], *, records: int, model: Model | None = None, least: float = 0.0
) -> list[Match]:
    """The others by how likely they are the same person, likeliest first; by the usual weights unless a model is given.

    `person` itself must not be among the others; keys may mean different things on the two sides.
    """
    model = model or default_model(records)
    found = []
    for other in others:
        levels = compare(person, other)
        probability = model.posterior(person, other, levels)
        if probability >= least:
            found.append(Match(person, other, probability, levels, model))
    return sorted(found, key=lambda match: (-match.probability, match.other.key))
