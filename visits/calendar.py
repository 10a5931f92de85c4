"""The rooms of a day on a grid: quarters of an hour side by side, one or more lines per room. Pure.

Two parties in one room at the same time (a shared counter, an evening already recorded whose room was given again) stand in
lines of their own.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, tzinfo
from typing import Any

from visits.load import half_hour_of
from visits.occupancy import QUARTER_SECONDS, begins

HALF_HOUR_QUARTERS = 2


@dataclass(frozen=True, slots=True)
class Span:
    """A party in a room: quarters since 1970 from its arrival until it leaves, and until the room is cleared."""

    visit: Any
    first: int
    leaves: int
    cleared: int
    seats: int = 0


@dataclass(frozen=True, slots=True)
class Cell:
    """Some quarters of one line: a party, its clearing, or time in which the room is free."""

    quarters: int
    at: datetime
    visit: Any = None
    is_clearing: bool = False
    # A whole half hour, free and still to come: a booking can begin here.
    can_begin: bool = False


@dataclass(frozen=True, slots=True)
class RoomLines:
    """A room with its lines, and of a shared one how many seats each half hour has left."""

    room: Any
    lines: list[list[Cell]]
    seats_left: list[int] = field(default_factory=list)

    @property
    def height(self) -> int:
        """How many lines its name stands beside."""
        return len(self.lines) + bool(self.seats_left)


def within(spans: Iterable[Span], shown: range) -> list[Span]:
    """What of the spans lies in the quarters shown; a party that is there before or after is cut off."""
    return [
        replace(
            span,
            first=max(span.first, shown.start),
            leaves=min(max(span.leaves, shown.start), shown.stop),
            cleared=min(span.cleared, shown.stop),
        )
        for span in spans
        if span.first < shown.stop and span.cleared > shown.start
    ]


def grid_of(starts_at: datetime, ends_at: datetime, spans: Iterable[Span], zone: tzinfo) -> range:
    """The quarters shown: from the half hour of `starts_at` until `ends_at`, and as much more as the spans need."""
    there = list(spans)
    first = min([_quarter(half_hour_of(starts_at, zone)), *(span.first for span in there)])
    stop = max([_quarter(ends_at), *(span.cleared for span in there)])
    first = _quarter(half_hour_of(begins(first), zone))
    return range(first, stop + (stop - first) % HALF_HOUR_QUARTERS)


def _quarter(at: datetime) -> int:
    return int(at.timestamp()) // QUARTER_SECONDS


def lines_of(spans: Iterable[Span]) -> list[list[Span]]:
    """The spans in as few lines as they need, in the order of their beginnings; one empty line for none."""
    lines: list[list[Span]] = [[]]
    for span in sorted(spans, key=lambda span: (span.first, span.cleared)):
        line = next((line for line in lines if not line or line[-1].cleared <= span.first), None)
        if line is None:
            lines.append([span])
        else:
            line.append(span)
    return lines


def cells_of(line: Sequence[Span], shown: range, *, not_before: datetime | None) -> list[Cell]:
    """The cells of one line from the first quarter shown to the last, without a gap.

    A booking may begin in a free half hour that is not over at `not_before`; nowhere when that is None.
    """
    cells: list[Cell] = []
    at = shown.start
    for span in line:
        cells += _free(range(at, span.first), shown, not_before)
        if span.leaves > span.first:
            cells.append(Cell(span.leaves - span.first, begins(span.first), span.visit))
        if span.cleared > span.leaves:
            cells.append(Cell(span.cleared - span.leaves, begins(span.leaves), span.visit, is_clearing=True))
        at = span.cleared
    return cells + _free(range(at, shown.stop), shown, not_before)


def _free(quarters: range, shown: range, not_before: datetime | None) -> list[Cell]:
    cells = []
    at = quarters.start
    while at < quarters.stop:
        on_the_half_hour = (at - shown.start) % HALF_HOUR_QUARTERS == 0
        length = HALF_HOUR_QUARTERS if on_the_half_hour and at + 1 < quarters.stop else 1
        comes = not_before is not None and begins(at + length) > not_before
        cells.append(Cell(length, begins(at), can_begin=comes and length == HALF_HOUR_QUARTERS))
        at += length
    return cells


def seats_left(capacity: int, spans: Iterable[Span], shown: range) -> list[int]:
    """How many seats of a shared room are free during the whole of each half hour shown."""
    there = list(spans)
    return [
        max(capacity - _most_taken(there, range(at, at + HALF_HOUR_QUARTERS)), 0)
        for at in range(shown.start, shown.stop, HALF_HOUR_QUARTERS)
    ]


def _most_taken(spans: Sequence[Span], quarters: range) -> int:
    return max(sum(span.seats for span in spans if span.first <= at < span.cleared) for at in quarters)
