"""What a guest is found by: one pure function, used by every write path (forms, ledger, accounting, demo)."""

from collections.abc import Iterable
from dataclasses import dataclass

from crm_project.core import text
from customers.lookups import search_texts

SORT_KEY_LENGTH = 200


@dataclass(frozen=True, slots=True)
class SearchFields:
    """Values of Customer.search_key, .grams and .sort_key."""

    search_key: str
    grams: str
    sort_key: str


def search_fields(
    *, name: str, kana: str = "", company_name: str = "", code: str | None = None, phones: Iterable[str] = ()
) -> SearchFields:
    """Fold what the one search box looks in. `phones` are digits; any part of a number is found."""
    company = text.company_key(company_name) if company_name else ""
    reading = text.fold(kana or name)
    # What somebody types in Latin letters, without the long vowels that romaji leaves out: sato for サトウ.
    sound = text.reading_key(kana or name)
    search_key, grams = search_texts(
        name, kana, sound if sound != reading else "", company, company_name, code or "", *phones
    )
    return SearchFields(search_key, grams, reading[:SORT_KEY_LENGTH])
