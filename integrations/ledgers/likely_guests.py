"""Rows of a ledger beside the guests of the house, by the matcher of customers: who is likely meant, and why."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any, Final, NamedTuple

from customers.duplicates import USUAL_HOUSE, likely_for_batch, persons
from customers.matching import Match, Person, best_matches, make_person
from customers.models import Customer
from integrations.ledgers.entries import LedgerEntry

# More likely than not: then a person decides, and no second card of the guest is made.
WORTH_ASKING: Final = 0.5
AT_ONCE: Final = 500
NAMED: Final = 5


class Candidate(NamedTuple):
    """Whom a row may be about, how likely, and the codes of the reasons, the strongest first."""

    guest: int
    probability: float
    reasons: Sequence[str]

    def as_json(self) -> dict[str, Any]:
        """As the row keeps it."""
        return {"guest": self.guest, "probability": round(self.probability, 4), "reasons": list(self.reasons)}


def likely_guests_of(entries: Iterable[LedgerEntry], last_guest_id: int) -> dict[int, list[Candidate]]:
    """Row number -> guests of before the import who are more likely than not the one; rows without one are absent."""
    people = [person_of(entry) for entry in entries]
    guests = Customer.objects.present().filter(pk__lte=last_guest_id)
    likely: dict[int, list[Candidate]] = {}
    for start in range(0, len(people), AT_ONCE):
        for number, matches in likely_for_batch(people[start : start + AT_ONCE], guests).items():
            if found := [_candidate(match) for match in matches if match.probability >= WORTH_ASKING]:
                likely[number] = found[:NAMED]
    return likely


def reasons_for(entries: Mapping[int, LedgerEntry], guests: Mapping[int, Sequence[int]]) -> dict[int, list[Candidate]]:
    """Row number -> its guests (ids) with probability and reasons, whatever they are, the likeliest first."""
    wanted = {pk for ids in guests.values() for pk in ids}
    known = {person.key: person for person in persons(Customer.objects.filter(pk__in=wanted))} if wanted else {}
    found = {}
    for number, ids in guests.items():
        others = [known[pk] for pk in ids if pk in known]
        found[number] = [
            _candidate(match)
            for match in best_matches(person_of(entries[number]), others, least=0.0, records=USUAL_HOUSE)
        ]
    return found


def person_of(entry: LedgerEntry) -> Person:
    """The row as the matcher compares it."""
    values = entry.values
    birthday: date | None = values.get("birthday")
    return make_person(
        entry.number,
        name=entry.name,
        kana=values.get("kana", ""),
        phones=[phone.digits for phone in entry.phones],
        birth=(birthday.year, birthday.month, birthday.day) if birthday else (None, None, None),
        postal=values.get("postal_code", ""),
        address=values.get("address", ""),
        email=values.get("email", ""),
        company=values.get("company", ""),
        title=values.get("title", ""),
    )


def _candidate(match: Match) -> Candidate:
    return Candidate(match.other.key, match.probability, [reason.code for reason in match.reasons])
