"""The dishes chosen so far in a form, kept in its hidden fields: works with a button alone, without scripts."""

from collections.abc import Iterable

from django.http import QueryDict

from menus.models import Dish
from menus.queries import dishes_with_allergens

FIELD = "dish"


def chosen_ids(data: QueryDict) -> list[int]:
    """Ids of the chosen dishes in their order; what is not a number is left out."""
    ids = [int(value) for value in data.getlist(FIELD) if value.isascii() and value.isdecimal() and len(value) < 16]
    return list(dict.fromkeys(ids))


def after_button(data: QueryDict) -> list[int]:
    """The chosen ids once the pressed button has done its work: add_dish, remove_dish or dish_up."""
    ids = chosen_ids(data)
    added, removed, up = (_pressed(data, name) for name in ("add_dish", "remove_dish", "dish_up"))
    if added is not None and added not in ids:
        ids.append(added)
    if removed in ids:
        ids.remove(removed)
    if up in ids and (place := ids.index(up)) > 0:
        ids[place - 1], ids[place] = ids[place], ids[place - 1]
    return ids


def in_order(ids: Iterable[int]) -> list[Dish]:
    """The dishes with their allergens, in the order of the ids; unknown ids are left out."""
    found = dishes_with_allergens().in_bulk(list(ids))
    return [found[pk] for pk in ids if pk in found]


def _pressed(data: QueryDict, name: str) -> int | None:
    value = data.get(name, "")
    return int(value) if value.isascii() and value.isdecimal() and len(value) < 16 else None
