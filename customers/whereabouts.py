"""Guests found by where they sit: the apps that know rooms register a finder, the search asks them all.

What is answered is read by everybody who may search; a finder leaves out what this person may not know.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from crm_project.core.accounts.models import User
from crm_project.core.ui.registry import Registry
from customers.models import Customer

SEARCH = "search"


@dataclass(frozen=True, slots=True)
class Seat:
    """A guest the person may open, and where and when: 今夜 18:00 桐の間."""

    guest: Customer
    said: str


@dataclass(frozen=True, slots=True)
class SeatFinder:
    """Answers the seats of a place that a typed text names; none for a text that names no place."""

    key: str
    order: int
    find: Callable[[User, str], Sequence[Seat]]


_finders: Registry[SeatFinder] = Registry()


def register_seats(*, key: str, order: int, find: Callable[[User, str], Sequence[Seat]]) -> None:
    """Add a finder; called once, when the app is ready."""
    _finders.add(SEARCH, SeatFinder(key, order, find))


def seats_named(user: User, query: str) -> list[Seat]:
    """Who sits, or lately sat, at the place that the query names."""
    return [seat for finder in _finders.at(SEARCH) for seat in finder.find(user, query)] if query.strip() else []
