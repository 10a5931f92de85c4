"""What was entered on a card since it took another one in: whose it is, only people know.

Apps say of their rows what they are in words, and which follow others by themselves (a note follows its visit).
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from django.db import models

Words = Callable[[Any], str]
Visible = Callable[[Any, models.QuerySet[Any]], models.QuerySet[Any]]
Refresh = Callable[[Iterable[int]], None]
Retell = Callable[[Iterable[int]], None]


@dataclass(frozen=True, slots=True)
class Kind:
    """Rows of a model that a person decides about: in words, and as far as the person may see them."""

    words: Words
    visible: Visible


@dataclass(frozen=True, slots=True)
class Follower:
    """Rows of `model` go where the rows of `leader` go that have the same `through`: a note where the guest's seat goes."""

    model: str
    leader: str
    through: str


_kinds: dict[str, Kind] = {}
_followers: list[Follower] = []
_refreshes: list[Refresh] = []
_retellers: dict[str, Retell] = {}


def register_kind(model: str, *, words: Words = str, visible: Visible = lambda user, rows: rows) -> None:
    """Rows of this model are listed when a merge is undone. `visible(user, rows)` narrows and prefetches them."""
    _kinds[model] = Kind(words, visible)


def register_follower(model: str, *, leader: str, through: str) -> None:
    """Rows of the model are not asked about: they follow those of the leader."""
    _followers.append(Follower(model, leader, through))


def register_refresh(refresh: Refresh) -> None:
    """What is computed from a guest's rows is computed anew by `refresh(ids)`, in the transaction of the merge."""
    _refreshes.append(refresh)


def register_reteller(parent: str, retell: Retell) -> None:
    """Parents that tell several guests at once tell their timeline rows again by `retell(ids)`."""
    _retellers[parent] = retell


def kinds() -> dict[str, Kind]:
    """Model -> how its rows are listed."""
    return dict(_kinds)


def followers() -> list[Follower]:
    """All registered followers."""
    return list(_followers)


def refresh_all(guest_ids: Iterable[int]) -> None:
    """Compute anew what apps compute from the rows of these guests."""
    ids = list(guest_ids)
    for refresh in _refreshes:
        refresh(ids)


def reteller_of(parent: str) -> Retell | None:
    """How a parent tells its rows again."""
    return _retellers.get(parent)
