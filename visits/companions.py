"""What people are called whom nobody knows yet: お連れ様①, お連れ様② ... お連れ様21. Pure; in the language of the moment."""

from collections.abc import Iterable, Iterator
from itertools import count

from django.utils.translation import gettext as _

CIRCLED = "①②③④⑤⑥⑦⑧⑨⑩⑪⑫⑬⑭⑮⑯⑰⑱⑲⑳"


def called(number: int) -> str:
    """The name of the companion of that number, from 1."""
    return _("Companion %(number)s") % {"number": mark_of(number)}


def mark_of(number: int) -> str:
    """① for 1, 21 for 21."""
    return CIRCLED[number - 1] if number <= len(CIRCLED) else str(number)


def next_numbers(labels: Iterable[str]) -> Iterator[int]:
    """Numbers from 1 that none of the labels at a table ends with, in whatever language it was written."""
    taken = tuple(labels)
    return (number for number in count(1) if not any(label.endswith(mark_of(number)) for label in taken))
