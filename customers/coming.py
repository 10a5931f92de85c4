"""What comes next for a guest (これから): the apps that know of days ahead register a finder, the card asks them all."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

from django.utils.functional import Promise

from crm_project.core.accounts.models import User
from crm_project.core.ui.registry import Registry
from customers.models import Customer

CARD = "card"
SHOWN = 6


@dataclass(frozen=True, slots=True)
class Coming:
    """One day ahead and what it brings: 12月4日（金） 接待 6名 桔梗."""

    day: date
    said: str | Promise
    url: str = ""


@dataclass(frozen=True, slots=True)
class ComingFinder:
    """Answers what a guest has ahead from a day on, as far as the person may know of it."""

    key: str
    order: int
    find: Callable[[User, Customer, date], Sequence[Coming]]


_finders: Registry[ComingFinder] = Registry()


def register_coming(*, key: str, order: int, find: Callable[[User, Customer, date], Sequence[Coming]]) -> None:
    """Add a finder; called once, when the app is ready."""
    _finders.add(CARD, ComingFinder(key, order, find))


Interval = Callable[[User, Customer], int | None]
_interval: list[Interval] = []


def register_interval(find: Interval) -> None:
    """Say who knows how many days usually lie between two visits of a guest; called once, when the app is ready."""
    _interval[:] = [find]


def usual_interval(user: User, customer: Customer) -> int | None:
    """How many days usually lie between two visits of a guest; None while there is no habit."""
    return _interval[0](user, customer) if _interval else None


def coming_for(user: User, customer: Customer, today: date) -> list[Coming]:
    """What comes next, the nearest first."""
    found = [coming for finder in _finders.at(CARD) for coming in finder.find(user, customer, today)]
    return sorted(found, key=lambda coming: coming.day)[:SHOWN]
