"""An answer belongs to the story of its entry: the app of the entry registers how the story is told anew."""

from collections.abc import Callable

_retellers: dict[str, Callable[[int], None]] = {}


def register_retelling(parent_label: str, retell: Callable[[int], None]) -> None:
    """`retell(pk)` tells the entry ("visits.note") of that key anew, inside the transaction of the answer."""
    _retellers[parent_label] = retell


def retell(parent_label: str, pk: int) -> None:
    """Tell the entry anew where somebody tells it at all."""
    if parent_label in _retellers:
        _retellers[parent_label](pk)
