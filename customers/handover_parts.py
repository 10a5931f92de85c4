"""What a handover tells of a guest and what goes along with one: the apps that know register it, the page loops.

A part answers for many guests at once, in a fixed number of queries; what moves is written for all of them in a fixed
number of statements.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.utils.functional import Promise

from crm_project.core.accounts.models import User
from crm_project.core.ui.registry import Registry

PAGE = "handover"


@dataclass(frozen=True, slots=True)
class Line:
    """One thing a successor has to know: what it is, when or by whom, where it stands."""

    text: str
    aside: str = ""
    url: str = ""
    is_urgent: bool = False


@dataclass(frozen=True, slots=True)
class Part:
    """What is told of guests under one heading, by guest, as far as the reader may know it."""

    key: str
    order: int
    title: str | Promise
    find: Callable[[User, Sequence[int]], Mapping[int, Sequence[Line]]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Transfer:
    """From whom to whom; `guests` are the ids of the guests that change hands, None what belongs to none of them."""

    by: User
    giver: User
    taker: User
    guests: QuerySet[Any, Any] | None


@dataclass(frozen=True, slots=True)
class Work:
    """Open work that goes along. `waiting(giver, reader)` is what is left, `move` answers how much it moved."""

    key: str
    order: int
    title: str | Promise
    waiting: Callable[[User, User], QuerySet[Any, Any]]
    move: Callable[[Transfer], int]


_parts: Registry[Part] = Registry()
_work: Registry[Work] = Registry()


def register_part(
    *,
    key: str,
    order: int,
    title: str | Promise,
    find: Callable[[User, Sequence[int]], Mapping[int, Sequence[Line]]],
) -> None:
    """Add a heading under each guest; called once, when the app is ready."""
    _parts.add(PAGE, Part(key, order, title, find))


def register_work(
    *,
    key: str,
    order: int,
    title: str | Promise,
    waiting: Callable[[User, User], QuerySet[Any, Any]],
    move: Callable[[Transfer], int],
) -> None:
    """Add open work that goes along; called once, when the app is ready."""
    _work.add(PAGE, Work(key, order, title, waiting, move))


def parts() -> list[Part]:
    """The headings in their order."""
    return _parts.at(PAGE)


def work() -> list[Work]:
    """The kinds of open work in their order."""
    return _work.at(PAGE)
