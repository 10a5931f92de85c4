"""Pages of a list: by cursor for what grows without end, by number where people jump about."""

import base64
import binascii
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, TypeVar

from django.core.exceptions import BadRequest
from django.db.models import Model, Q, QuerySet

Row = TypeVar("Row", bound=Model)
Shown = TypeVar("Shown")

COUNTED_ROWS = 10_000


@dataclass(frozen=True, slots=True)
class CursorPage(Generic[Row]):
    """Rows from newest to oldest, and where the next page starts ("" on the last one)."""

    rows: Sequence[Row]
    next_cursor: str


@dataclass(frozen=True, slots=True)
class NumberedPage(Generic[Shown]):
    """Rows of one numbered page. `total` is counted up to a cap; `capped` says that there are more."""

    rows: Sequence[Shown]
    number: int
    last: int
    total: int
    capped: bool
    size: int

    @property
    def previous(self) -> int | None:
        """The number of the page before, None on the first."""
        return self.number - 1 if self.number > 1 else None

    @property
    def next(self) -> int | None:
        """The number of the page after, None on the last."""
        return self.number + 1 if self.number < self.last else None

    @property
    def first_row(self) -> int:
        """The position of the first row shown, from 1; 0 for an empty list."""
        return (self.number - 1) * self.size + 1 if self.rows else 0

    @property
    def last_row(self) -> int:
        """The position of the last row shown."""
        return self.first_row + len(self.rows) - 1 if self.rows else 0


def cursor_page(rows: QuerySet[Row], cursor: str, *, at: str = "at", size: int = 20) -> CursorPage[Row]:
    """One page of rows ordered by (-at, -id), starting behind the cursor; one query whatever the page.

    `at` names a DateTimeField; the primary key is a number.

    Raises BadRequest for a cursor that is not ours.
    """
    ordered = rows.order_by(f"-{at}", "-pk")
    if cursor:
        moment, pk = _read_cursor(cursor)
        # The first condition repeats the second for the database's sake: it can walk the index from there.
        ordered = ordered.filter(Q(**{f"{at}__lte": moment}), Q(**{f"{at}__lt": moment}) | Q(pk__lt=pk))
    found = list(ordered[: size + 1])
    shown = found[:size]
    return CursorPage(rows=shown, next_cursor=_write_cursor(shown[-1], at) if len(found) > size else "")


def numbered_page(
    rows: QuerySet[Row], number: object, *, size: int = 50, counted: int = COUNTED_ROWS
) -> NumberedPage[Row]:
    """One numbered page of an ordered queryset; two queries, of which the count stops at `counted` rows.

    `number` may come straight from the address: nonsense is page 1, too far is the last page.
    """
    return numbered_page_of(rows, number, list, size=size, counted=counted)


def numbered_page_of(
    rows: QuerySet[Row],
    number: object,
    read: Callable[[QuerySet[Row]], list[Shown]],
    *,
    size: int = 50,
    counted: int = COUNTED_ROWS,
) -> NumberedPage[Shown]:
    """`numbered_page` for lists that do not show whole rows: `read` makes of a page's rows what is shown."""
    total = rows.order_by()[: counted + 1].count()
    capped = total > counted
    total = min(total, counted)
    last = page_of(total, total, size)
    page = page_of(number, total, size)
    start = (page - 1) * size
    return NumberedPage(
        rows=read(rows[start : start + size]), number=page, last=last, total=total, capped=capped, size=size
    )


def page_of(number: object, total: int, size: int) -> int:
    """The page that is meant where `total` rows are listed: nonsense is page 1, too far is the last page."""
    last = max(1, -(-total // size))
    return min(max(1, _whole_number(number)), last)


def _whole_number(value: object) -> int:
    text = str(value)
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 1


def _write_cursor(row: Model, at: str) -> str:
    moment: Any = getattr(row, at)
    return base64.urlsafe_b64encode(f"{moment.isoformat()}|{row.pk}".encode()).decode().rstrip("=")


def _read_cursor(cursor: str) -> tuple[datetime, int]:
    try:
        written, pk = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode().split("|")
        moment = datetime.fromisoformat(written)
        if moment.tzinfo is None:
            raise ValueError("a moment without its zone")
        return moment, int(pk)
    except (ValueError, binascii.Error) as error:
        raise BadRequest("This page of the list is not known.") from error
