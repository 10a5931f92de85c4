"""本日の差し替え: what the kitchen changed for one evening, laid over the dishes of a table. Pure; no database, no request."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Change:
    """Tonight a dish is another one (None: left out), at every table or with one course."""

    dish_id: int
    replacement_id: int | None
    course_id: int | None = None


@dataclass(frozen=True, slots=True)
class Overlaid:
    """The dishes of tonight in their order; `instead_of` names what a dish replaced, `left_out` what is gone."""

    dishes: tuple[int, ...]
    instead_of: dict[int, int]
    left_out: tuple[int, ...] = ()


def lay_over(dishes: Sequence[int], course_id: int | None, changes: Iterable[Change]) -> Overlaid:
    """Lay the changes over a table's dishes; what is said of its course goes before what is said of all.

    A replacement that ran out too is replaced in its turn; two changes that point at each other end where they began.
    """
    rules: dict[int, int | None] = {}
    for change in sorted(changes, key=lambda change: change.course_id is not None):
        if change.course_id is None or change.course_id == course_id:
            rules[change.dish_id] = change.replacement_id
    found: list[int] = []
    gone: list[int] = []
    instead_of: dict[int, int] = {}
    for dish in dishes:
        now, seen = dish, {dish}
        while now in rules:
            following = rules[now]
            if following is None or following in seen:
                now = dish if following in seen else 0
                break
            now = following
            seen.add(now)
        if not now:
            gone.append(dish)
        elif now not in found:
            found.append(now)
            if now != dish:
                instead_of[now] = dish
    return Overlaid(tuple(found), instead_of, tuple(gone))
