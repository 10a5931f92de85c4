"""Fellegi-Sunter: how likely each level is for one person (m) and for two (u), and what else may explain an agreement.

Two records of *one person* compete not only with *strangers*, but with those whose records agree for another reason: relatives
share surname, address and phone, twins the birthday as well, a successor has the company, the post and its phone. Each of
these kinds takes the m of the fields it shares and the u of the others, so that no agreement is counted as if it were chance.
"""

import math
import random
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from customers.matching.fields import (
    BIRTH,
    BIRTH_DIFFERENT,
    BIRTH_PART,
    BIRTH_YEAR,
    COMPANY,
    EMAIL,
    FAMILY,
    FIELDS,
    GIVEN,
    LOT,
    NAME_DIFFERENT,
    OTHER_KANJI,
    PHONE,
    PLACE,
    POSTAL,
    SAME,
    SHARED,
    SIMILAR,
    SWAPPED,
    TEXT_DIFFERENT,
    THREE_DIFFERENT,
    TITLE,
    Field,
    compare,
    fields_with,
)
from customers.matching.persons import Person

THRESHOLD = 0.99
RANDOM_PAIRS = 20_000
LEARNING_PAIRS = 8_000
FEWEST_RECORDS = 300
FEWEST_PAIRS = 60
ROUNDS = 30
# How many pairs the usual m of a house is worth beside those that are learned from.
TRUST_IN_DEFAULTS = 12.0
TRUST_IN_CHANCE = 100.0
# A value is taken for at most so many times rarer than usual: who is the only one in the house need not be in the world.
RAREST = 10
REMEMBERED = 50_000
TWINS_AMONG_RELATIVES = 0.05

# m of a house that has not been measured; levels in the order of fields.FIELDS.
_M: tuple[tuple[float, ...], ...] = (
    (0, 0.88, 0.02, 0.01, 0.03, 0.01, 0.003, 0.005, 0.032, 0.01),
    (0, 0.856, 0.02, 0.02, 0.05, 0.02, 0.004, 0.01, 0.018, 0.002),
    (0, 0.86, 0.02, 0.06, 0.02, 0.02, 0.02),
    (0, 0.70, 0.05, 0.25),
    (0, 0.65, 0.05, 0.30),
    (0, 0.78, 0.05, 0.17),
    (0, 0.69, 0.08, 0.04, 0.18, 0.01),
    (0, 0.68, 0.10, 0.22),
    (0, 0.75, 0.10, 0.15),
    (0, 0.60, 0.10, 0.30),
)
_M_EXTRA = (0, 0.80, 0.08, 0.04, 0.08)
# What makes two records one person: however many relatives are among the pairs, they must not teach that names and birthdays
# of one person usually differ. The most that learning may give a level.
_MOST: dict[int, dict[int, float]] = {
    FAMILY: {NAME_DIFFERENT: 0.15, SHARED: 0.02, SIMILAR: 0.08},
    GIVEN: {NAME_DIFFERENT: 0.15, SHARED: 0.01, SIMILAR: 0.08, OTHER_KANJI: 0.03},
    BIRTH: {BIRTH_DIFFERENT: 0.1, BIRTH_YEAR: 0.05, BIRTH_PART: 0.05},
    PHONE: {THREE_DIFFERENT: 0.4},
    EMAIL: {THREE_DIFFERENT: 0.5},
    POSTAL: {THREE_DIFFERENT: 0.35},
    PLACE: {TEXT_DIFFERENT: 0.35},
    LOT: {THREE_DIFFERENT: 0.35},
}
# u of Japanese guests: two strangers.
_U: tuple[tuple[float, ...], ...] = (
    (0, 0.004, 0.002, 0.001, 0.01, 0.01, 0.05, 0.0005, 0.922, 0.0005),
    (0, 0.003, 0.002, 0.006, 0.015, 0.02, 0.08, 0.001, 0.8729, 0.0001),
    (0, 0.00005, 0.0028, 0.0008, 0.0027, 0.04, 0.95365),
    (0, 2e-6, 1e-6, 0.999997),
    (0, 1e-6, 1e-6, 0.999998),
    (0, 0.001, 0.003, 0.996),
    (0, 0.001, 0.004, 0.005, 0.98998, 0.00002),
    (0, 0.01, 0.04, 0.95),
    (0, 0.001, 0.004, 0.995),
    (0, 0.05, 0.05, 0.90),
)
_U_EXTRA = (0, 0.005, 0.005, 0.01, 0.98)

# Relatives have other given names, often with one kanji or the sound in common.
_RELATIVES_GIVEN = (0, 0.0002, 0.0005, 0.002, 0.07, 0.06, 0.16, 0.002, 0.70529, 0.00001)


@dataclass(frozen=True, slots=True)
class Kind:
    """Why two records of different people agree: the fields they share, the prior, other levels where it has its own."""

    name: str
    shared: frozenset[int]
    share: float
    own: Mapping[int, tuple[float, ...]] = field(default_factory=dict)


STRANGERS = Kind("strangers", frozenset(), 1.0)
KINDS = (
    Kind("relatives", frozenset({FAMILY, PHONE, POSTAL, PLACE, LOT}), 0.5, {GIVEN: _RELATIVES_GIVEN}),
    Kind(
        "twins",
        frozenset({FAMILY, PHONE, POSTAL, PLACE, LOT, BIRTH}),
        0.5 * TWINS_AMONG_RELATIVES,
        {GIVEN: _RELATIVES_GIVEN},
    ),
    Kind("colleagues", frozenset({PHONE, EMAIL, COMPANY, TITLE, POSTAL, PLACE, LOT}), 0.5),
    Kind("neighbours", frozenset({POSTAL, PLACE}), 0.0),
    Kind("namesakes", frozenset({FAMILY, GIVEN}), 0.01),
    Kind("namesakes_nearby", frozenset({FAMILY, GIVEN, POSTAL, PLACE}), 0.003),
)

Levels = tuple[int, ...]


@dataclass(frozen=True)
class Model:
    """What a run has learned (or the usual figures): logs of m and u, priors, and how common each value is."""

    fields: tuple[Field, ...]
    m: tuple[tuple[float, ...], ...]
    u: tuple[tuple[float, ...], ...]
    match_prior: float
    priors: Mapping[str, float]
    records: int
    common: tuple[Mapping[str, int], ...] = ()
    _seen: dict[Levels, tuple[float, tuple[float, ...]]] = field(default_factory=dict, repr=False, compare=False)

    def posterior(self, one: Person, other: Person, levels: Levels | None = None) -> float:
        """Probability that two records are one person."""
        levels = levels or compare(one, other)
        match, others = self._likelihoods(levels)
        rarity = self._rarity(one, other, levels)
        if rarity:
            others = tuple(
                value + sum(log for place, log in rarity if place not in kind.shared)
                for kind, value in zip((STRANGERS, *KINDS), others, strict=True)
            )
        against = sum(math.exp(value - match) if value - match < 500 else math.inf for value in others)
        return 1 / (1 + against)

    def is_hopeless(self, levels: Levels) -> bool:
        """Whether two strangers are likelier by far, however rare what they share: no closer look is needed."""
        match, others = self._likelihoods(levels)
        return match - others[0] < -math.log(RAREST) * levels.count(SAME)

    def bits(self, one: Person, other: Person, levels: Levels) -> list[float]:
        """The weight of each field, log2(m / u): what speaks for one person (positive) and against it."""
        rarity = dict(self._rarity(one, other, levels))
        return [
            (math.log(self.m[place][level] / self.u[place][level]) - rarity.get(place, 0.0)) / math.log(2)
            if level
            else 0.0
            for place, level in enumerate(levels)
        ]

    def _likelihoods(self, levels: Levels) -> tuple[float, tuple[float, ...]]:
        """Logs of prior x likelihood: of one person, and of strangers and each kind."""
        known = self._seen.get(levels)
        if known is None:
            match = math.log(self.match_prior) + _log_of(self.m, levels)
            others = tuple(
                math.log(self.priors[kind.name]) + _log_of(kind_table(kind, self.m, self.u), levels)
                for kind in (STRANGERS, *KINDS)
            )
            if len(self._seen) >= REMEMBERED:
                self._seen.clear()
            known = self._seen[levels] = (match, others)
        return known

    def _rarity(self, one: Person, other: Person, levels: Levels) -> list[tuple[int, float]]:
        """For each field that is the same: how much more (or less) common this value is than a usual one, as a log."""
        if not self.common:
            return []
        adjusted = []
        for place, counts in enumerate(self.common):
            if levels[place] != SAME or not counts:
                continue
            value = _shared_value(one, other, place)
            usual = self.u[place][SAME]
            held = (counts.get(value, 2) - 2) / self.records
            least = min(usual, max(usual / RAREST, 1 / self.records))
            adjusted.append((place, math.log(min(max(held, least), 0.5) / usual)))
        return adjusted


def kind_table(
    kind: Kind, m: Sequence[tuple[float, ...]], u: Sequence[tuple[float, ...]]
) -> tuple[tuple[float, ...], ...]:
    """The probability of each level for two people of a kind."""
    tables = [kind.own.get(place) or (m if place in kind.shared else u)[place] for place in range(len(m))]
    if FAMILY in kind.shared and GIVEN not in kind.shared:
        # Names in each other's place tell the given name as well, which these do not share.
        tables[FAMILY] = (*m[FAMILY][:SWAPPED], u[FAMILY][SWAPPED])
    return tuple(tables)


def _log_of(table: Sequence[tuple[float, ...]], levels: Levels) -> float:
    return sum(math.log(table[place][level]) for place, level in enumerate(levels) if level)


def _shared_value(one: Person, other: Person, place: int) -> str:
    """The value by which a field is the same, as `_values` counts it."""
    if place == PHONE:
        return next(number for number in one.phones if number in other.phones)
    return next(iter(_values(one, place)), "")


def _values(person: Person, place: int) -> tuple[str, ...]:
    """What is counted of a field: how many records hold the value."""
    if place == PHONE:
        return person.phones
    if place >= len(FIELDS):
        value = person.extras[place - len(FIELDS)]
    elif place == FAMILY:
        value = person.family or person.kana_family
    elif place == GIVEN:
        value = person.given or person.kana_given
    elif place == BIRTH:
        value = f"{person.year}-{person.month}-{person.day}" if person.year and person.month and person.day else ""
    else:
        value = {
            EMAIL: person.email,
            POSTAL: person.postal,
            PLACE: person.place,
            LOT: person.lot,
            COMPANY: person.company,
            TITLE: person.title,
        }[place]
    return (value,) if value else ()


def default_model(records: int, extras: Sequence[str] = ()) -> Model:
    """The usual figures for a house of so many records: for small houses and for one record against many."""
    count = max(records, 2)
    fields = fields_with(extras)
    m = _M + (_M_EXTRA,) * len(extras)
    u = _U + (_U_EXTRA,) * len(extras)
    priors = {STRANGERS.name: 1.0} | {kind.name: kind.share / count for kind in KINDS}
    priors["neighbours"] = 0.002
    return Model(fields, m, u, match_prior=1 / count, priors=priors, records=count)


def estimate_model(
    persons: Sequence[Person],
    pairs: Sequence[tuple[int, int]],
    *,
    extras: Sequence[str] = (),
    groups: Sequence[int] | None = None,
) -> Model:
    """Learn m and u from the records themselves, without knowing any truth.

    u comes from random pairs, m by expectation maximisation on the candidate pairs (places in `persons`). With few records or
    pairs the usual figures stand.
    """
    usual = default_model(_largest_group(persons, groups), extras)
    if len(persons) < FEWEST_RECORDS or len(pairs) < FEWEST_PAIRS:
        return usual
    counts = [Counter(value for person in persons for value in _values(person, place)) for place in range(len(usual.u))]
    sampled = _u_of_random_pairs(persons, usual, groups)
    sameness = [_collisions(counted) for counted in counts]
    u = tuple(
        _with_same(levels, min(levels[SAME], same)) if same else levels
        for levels, same in zip(sampled, sameness, strict=True)
    )
    chosen = pairs
    if len(pairs) > LEARNING_PAIRS:
        chosen = random.Random(len(pairs)).sample(pairs, LEARNING_PAIRS)
    patterns = Counter(compare(persons[i], persons[j]) for i, j in chosen)
    m, shares = _expectation_maximisation(patterns, usual.m, u)
    possible = _possible_pairs(len(persons), groups)
    scale = len(pairs) / possible
    matches = shares["match"] * scale
    # What collides beyond the pairs of one person is chance: better than a sample for what is rarely the same.
    u = tuple(
        _with_same(levels, max(same - m_levels[SAME] * matches, levels[SAME])) if same else levels
        for levels, same, m_levels in zip(u, sameness, m, strict=True)
    )
    priors = {kind.name: max(shares[kind.name] * scale, 1e-12) for kind in KINDS}
    priors["neighbours"] = max(priors["neighbours"], _neighbours(persons, u, matches))
    priors[STRANGERS.name] = 1.0
    common = tuple(
        {} if place == BIRTH else {value: held for value, held in counted.items() if held > 2}
        for place, counted in enumerate(counts)
    )
    return Model(
        usual.fields,
        m,
        u,
        match_prior=min(usual.match_prior, max(matches, 1e-12)),
        priors=priors,
        records=len(persons),
        common=common,
    )


def _largest_group(persons: Sequence[Person], groups: Sequence[int] | None) -> int:
    return max(Counter(groups).values(), default=0) if groups else len(persons)


def _possible_pairs(count: int, groups: Sequence[int] | None) -> float:
    pairs = count * (count - 1) / 2
    if groups:
        pairs -= sum(held * (held - 1) / 2 for held in Counter(groups).values())
    return max(pairs, 1.0)


def _collisions(counted: Counter[str]) -> float:
    """How often two records hold the same value."""
    held = sum(counted.values())
    if held < 2:
        return 0.0
    return (1 + sum(count * (count - 1) for count in counted.values())) / (held * (held - 1))


def _with_same(levels: tuple[float, ...], same: float) -> tuple[float, ...]:
    same = min(max(same, 1e-9), 0.999)
    rest = (1 - same) / (sum(levels) - levels[SAME])
    return tuple(same if level == SAME else value * rest for level, value in enumerate(levels))


def _u_of_random_pairs(
    persons: Sequence[Person], usual: Model, groups: Sequence[int] | None
) -> tuple[tuple[float, ...], ...]:
    chance = random.Random(len(persons))
    seen: list[Counter[int]] = [Counter() for _field in usual.fields]
    count = len(persons)
    for _pair in range(RANDOM_PAIRS):
        i, j = chance.randrange(count), chance.randrange(count)
        if i == j or (groups and groups[i] == groups[j]):
            continue
        for place, level in enumerate(compare(persons[i], persons[j])):
            seen[place][level] += 1
    return tuple(
        _smoothed(counter, usual_levels, trust=1.0) for counter, usual_levels in zip(seen, usual.u, strict=True)
    )


def _smoothed(counter: Mapping[int, float], usual: tuple[float, ...], trust: float) -> tuple[float, ...]:
    """Shares of the levels (0 apart); what was never seen keeps a part of its usual share."""
    total = sum(counter.get(level, 0) for level in range(1, len(usual))) + trust
    return (0.0, *((counter.get(level, 0) + trust * usual[level]) / total for level in range(1, len(usual))))


def _capped(levels: tuple[float, ...], most: Mapping[int, float]) -> tuple[float, ...]:
    """The shares with no level above its most; the others grow in proportion."""
    held = {level: share for level, share in most.items() if levels[level] > share}
    if not held:
        return levels
    free = sum(value for level, value in enumerate(levels) if level not in held)
    rest = (1 - sum(held.values())) / free
    return tuple(held.get(level, value * rest) for level, value in enumerate(levels))


def _neighbours(persons: Sequence[Person], u: Sequence[tuple[float, ...]], matches: float) -> float:
    """How many more pairs live in one town than its name and its postcode alone explain."""
    together = Counter((person.postal, person.place) for person in persons if person.postal and person.place)
    total = sum(together.values())
    if total < 2:
        return 1e-12
    rate = sum(count * (count - 1) for count in together.values()) / (total * (total - 1))
    return max(rate - u[POSTAL][SAME] * u[PLACE][SAME] - matches, 1e-12)


def _expectation_maximisation(
    patterns: Counter[Levels], usual: tuple[tuple[float, ...], ...], u: tuple[tuple[float, ...], ...]
) -> tuple[tuple[tuple[float, ...], ...], dict[str, float]]:
    """m, and the share of the candidates that each kind has."""
    kinds = (STRANGERS, *KINDS)
    m, chance = usual, tuple(_smoothed({}, levels, 1.0) for levels in u)
    total = patterns.total()
    shares = {"match": 0.2, STRANGERS.name: 0.6} | {kind.name: 0.2 / len(KINDS) for kind in KINDS}
    listed = list(patterns.items())
    free = range(len(usual))
    for _round in range(ROUNDS):
        tables = [m, chance, *(kind_table(kind, m, u) for kind in KINDS)]
        logs = [[[math.log(value) if value else 0.0 for value in levels] for levels in table] for table in tables]
        starts = [math.log(shares["match"]), *(math.log(shares[kind.name]) for kind in kinds)]
        counts: list[list[float]] = [[0.0] * len(levels) for levels in usual]
        chances: list[list[float]] = [[0.0] * len(levels) for levels in usual]
        held = [0.0] * len(tables)
        for levels, times in listed:
            sums = starts.copy()
            for place in free:
                level = levels[place]
                if level:
                    for at, log in enumerate(logs):
                        sums[at] += log[place][level]
            most = max(sums)
            odds = [math.exp(value - most) for value in sums]
            whole = sum(odds)
            for at, value in enumerate(odds):
                held[at] += times * value / whole
            part, apart = times * odds[0] / whole, times * odds[1] / whole
            for place in free:
                counts[place][levels[place]] += part
                chances[place][levels[place]] += apart
        before = m
        m = tuple(
            _capped(_smoothed(dict(enumerate(counted)), levels, TRUST_IN_DEFAULTS), _MOST.get(place, {}))
            for place, (counted, levels) in enumerate(zip(counts, usual, strict=True))
        )
        # Strangers among the candidates share a key, hence are more alike than strangers at random: they learn too.
        chance = tuple(
            _smoothed(dict(enumerate(counted)), levels, TRUST_IN_CHANCE)
            for counted, levels in zip(chances, u, strict=True)
        )
        names = ["match", *(kind.name for kind in kinds)]
        shares = {name: max(value / total, 1e-9) for name, value in zip(names, held, strict=True)}
        related = shares["relatives"] + shares["twins"]
        shares["twins"] = max(shares["twins"], related * TWINS_AMONG_RELATIVES, 1e-9)
        shares["relatives"] = max(related - shares["twins"], 1e-9)
        for kind in KINDS:
            if GIVEN in kind.shared:
                shares[kind.name] = max(shares[kind.name], kind.share * shares["match"])
        if (
            max(abs(a - b) for one, other in zip(before, m, strict=True) for a, b in zip(one, other, strict=True))
            < 1e-4
        ):
            break
    return m, shares
