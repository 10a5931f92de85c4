"""The same dish as last time: who had which dish on one of the last visits. Pure; no database, no request."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from menus.choices import DishPosition

VISITS_BACK = 3
# Nobody minds the same sake or the same rice twice.
NEVER_THE_SAME = frozenset({DishPosition.DRINK, DishPosition.SHOKUJI})


@dataclass(frozen=True, slots=True)
class Serving:
    """A dish that a guest had: the first day of the month, and how many visits ago (1 = last time).

    The day is never told: at another host's table it would tell whose evening it was.
    """

    customer_id: int
    dish_id: int
    month: date
    visits_ago: int


def same_dishes(dish_ids: Iterable[int], past: Iterable[Serving], *, visits_back: int = VISITS_BACK) -> list[Serving]:
    """Dishes about to be served that a guest had within so many visits: the latest time of each, last time first."""
    wanted = set(dish_ids)
    latest: dict[tuple[int, int], Serving] = {}
    for serving in past:
        if serving.dish_id not in wanted or serving.visits_ago > visits_back:
            continue
        key = (serving.customer_id, serving.dish_id)
        if key not in latest or serving.visits_ago < latest[key].visits_ago:
            latest[key] = serving
    return sorted(latest.values(), key=lambda serving: (serving.visits_ago, serving.customer_id, serving.dish_id))
