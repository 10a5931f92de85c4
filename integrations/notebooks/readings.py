"""How a name is likely read: as guests of the house are read who write it so. A guess, never more."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from django.db.models import Q, QuerySet
from django.db.models.lookups import Exact

from crm_project.core.accounts.models import User
from crm_project.core.text import fold, tidy
from customers.lookups import Beginning
from customers.models import Customer

LOOKED_AT: Final = 300
LONGEST_FAMILY: Final = 4


@dataclass(frozen=True, slots=True)
class Guess:
    """A reading, and of how many guests who write the name so how many read it so (the rarer part of the name counts)."""

    kana: str
    alike: int
    of: int
    # The given name is read by nobody of the house: the reading is that of the family alone.
    is_family_alone: bool = False


def guessed_reading(name: str, user: User) -> Guess | None:
    """The reading most guests of that name have: of the whole name, else of family and given name apart, else of the family.

    None where nobody writes it so whom the person may open: a guess must not betray a guest. Two queries for a name with a
    blank in it.
    """
    guests = Customer.objects.visible_to(user).exclude(kana="")
    written = tidy(name)
    if not written or not any(ord(sign) > 0x2E7F and not _is_kana(sign) for sign in written):
        return None
    family, _blank, given = written.partition(" ")
    families = _known_by(guests, _begin_with(_families(written)))
    whole = [kana for known, kana in families if fold(known) == fold(written)]
    if whole:
        return _most(whole)
    for one in [family] if given else _families(written):
        rest = given or written[len(one) :]
        readings = [kana.partition(" ")[0] for known, kana in families if known.partition(" ")[0] == one]
        if not readings:
            continue
        found = _most(readings)
        if not rest:
            return found
        givens = [
            kana.partition(" ")[2]
            for known, kana in _known_by(guests, Q(grams__finds=fold(rest)))
            if known.partition(" ")[2] == rest and kana.partition(" ")[2]
        ]
        if givens:
            of_given = _most(givens)
            rarer = min(found, of_given, key=lambda guess: (guess.alike / guess.of, guess.of))
            return Guess(f"{found.kana} {of_given.kana}", rarer.alike, rarer.of)
        return Guess(found.kana, found.alike, found.of, is_family_alone=True)
    return None


def _families(written: str) -> list[str]:
    """What may be the family name: what stands before a blank, else the beginnings, the longest first."""
    family, blank, _given = written.partition(" ")
    if blank:
        return [family]
    return [written[:length] for length in range(min(LONGEST_FAMILY, len(written)), 0, -1)]


def _begin_with(families: Iterable[str]) -> Q:
    """Guests whose name begins so, by the index of first characters."""
    found = Q()
    for family in {fold(family) for family in families} - {""}:
        first = family[:2]
        found |= Q(Exact(Beginning("search_key", len(first)), first)) & Q(search_key__startswith=family)
    return found


def _known_by(guests: QuerySet[Customer], condition: Q) -> list[tuple[str, str]]:
    """Names with their readings, the newest guests first."""
    found = guests.filter(condition).order_by("-pk").values_list("name", "kana")
    return [(tidy(name), tidy(kana)) for name, kana in found[:LOOKED_AT]]


def _most(readings: list[str]) -> Guess:
    (kana, alike), *_others = Counter(readings).most_common(1)
    return Guess(kana, alike, len(readings))


def _is_kana(sign: str) -> bool:
    return "\u3040" <= sign <= "\u30ff" or sign in "　 ・"
