"""Municipalities by postcode or town, from the postcodes that the house has loaded (`manage.py load_postcodes`)."""

from functools import lru_cache

from django.db import DatabaseError

from crm_project.core.places import Lookup, Place, municipality
from customers.models import PostalCode

# Nobody's town is longer; shorter ones than two characters are in every prefecture.
_TOWN_LENGTHS = range(2, 17)


def known_places() -> Lookup | None:
    """What decides between municipalities of one name; None for a house without postcodes (or without a database)."""
    try:
        if not PostalCode.objects.exists():
            return None
    except DatabaseError:
        return None
    return lru_cache(maxsize=4096)(_places)


def _places(postal_code: str, rest: str) -> set[Place]:
    """Places of the postcode and of the longest town with which the text begins; of both, where both are known."""
    by_town: dict[str, set[Place]] = {}
    bare = "".join(rest.split())
    beginnings = {bare[:length] for length in _TOWN_LENGTHS}
    for town, prefecture, city in PostalCode.objects.filter(town__in=beginnings).values_list(
        "town", "prefecture", "city"
    ):
        by_town.setdefault(town, set()).add((prefecture, municipality(city)))
    of_town = by_town[max(by_town, key=len)] if by_town else set()
    if not postal_code:
        return of_town
    found = PostalCode.objects.filter(code=postal_code).values_list("prefecture", "city")
    of_code = {(prefecture, municipality(city)) for prefecture, city in found}
    return (of_code & of_town) or of_code or of_town
