"""What a guest is found by: one pure function, used by every write path (forms, ledger, accounting, demo)."""

from collections.abc import Iterable
from dataclasses import dataclass

from crm_project.core import text

SORT_KEY_LENGTH = 200


@dataclass(frozen=True, slots=True)
class SearchFields:
    """Values of Customer.search_key, .grams and .sort_key."""

    search_key: str
    grams: str
    sort_key: str


def search_fields(
    *,
    name: str,
    kana: str = "",
    company_name: str = "",
    company_kana: str = "",
    code: str | None = None,
    phones: Iterable[str] = (),
    other_names: Iterable[str] = (),
) -> SearchFields:
    """Fold what the one search box looks in. `phones` are digits; any part of a number is found.

    `other_names` are a former name and what the house calls the guest.
    """
    company = text.company_key(company_name) if company_name else ""
    company_reading = text.company_key(company_kana) if company_kana else ""
    reading = text.fold(kana or name)
    # What somebody types in Latin letters, without the long vowels that romaji leaves out: sato for サトウ.
    sounds = [text.reading_key(kana or name), text.reading_key(company_reading)]
    parts = [
        name,
        kana,
        sounds[0],
        company,
        company_name,
        company_reading,
        sounds[1],
        *other_names,
        code or "",
        *phones,
    ]
    # A space between two parts is in no query; the name stays in front: what it begins with has an index of its own.
    search_key = " ".join(dict.fromkeys(filter(None, map(text.fold, parts))))
    return SearchFields(search_key, text.grams(search_key), reading[:SORT_KEY_LENGTH])
