"""Pages of a timeline by cursor, merged from the stored rows and the sources: newest first, the same whatever the page."""

import base64
import binascii
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Any

from django.core.exceptions import BadRequest
from django.db.models import Q, QuerySet
from django.utils import timezone

from crm_project.core.timeline.models import TimelineEntry
from crm_project.core.timeline.sources import TimelineSource

# At the same moment the stored rows come before those of the sources.
STORED = 99


@dataclass(frozen=True, slots=True)
class Place:
    """Where a page ends: the moment, the origin and the key of its last row."""

    at: datetime
    origin: int
    pk: int


@dataclass(frozen=True, slots=True)
class TimelinePage:
    """Rows from newest to oldest, and where the next page starts ("" on the last one)."""

    rows: list[TimelineEntry]
    next_cursor: str

    @property
    def groups(self) -> list[list[TimelineEntry]]:
        """Rows of one evening together, the evening itself first, then what was noticed in the order it was written."""
        groups: list[list[TimelineEntry]] = []
        for row in self.rows:
            last = groups[-1][-1] if groups else None
            if last is not None and row.pk and _same_event(last, row):
                groups[-1].append(row)
            else:
                groups.append([row])
        return [sorted(group, key=lambda row: row.pk or 0) for group in groups]


def _same_event(one: TimelineEntry, other: TimelineEntry) -> bool:
    return (one.parent_type, one.parent_id, one.at) == (other.parent_type, other.parent_id, other.at)


def timeline_page(
    stored: QuerySet[TimelineEntry],
    sources: list[tuple[TimelineSource, QuerySet[Any]]],
    *,
    cursor: str,
    size: int,
) -> TimelinePage:
    """One page; one query for the stored rows and one for each source. Raises BadRequest for a cursor that is not ours."""
    behind = _read(cursor) if cursor else None
    found: list[tuple[Place, TimelineEntry]] = []
    for row in _behind_stored(stored, behind).order_by("-at", "-pk")[: size + 1]:
        found.append((Place(row.at, STORED, row.pk), row))
    for origin, (source, rows) in enumerate(sources):
        for one in _behind_days(rows, source.day, origin, behind).order_by(f"-{source.day}", "-pk")[: size + 1]:
            told = source.tell(one)
            told.at = _midnight(getattr(one, source.day))
            found.append((Place(told.at, origin, one.pk), told))
    found.sort(key=lambda pair: (pair[0].at, pair[0].origin, pair[0].pk), reverse=True)
    shown = found[:size]
    return TimelinePage([row for _place, row in shown], _write(shown[-1][0]) if len(found) > size else "")


def _behind_stored(rows: QuerySet[TimelineEntry], behind: Place | None) -> QuerySet[TimelineEntry]:
    if behind is None:
        return rows
    at_once = Q(pk__lt=behind.pk) if behind.origin == STORED else Q(pk__in=[])
    # The first condition repeats the second for the database's sake: it can walk the index from there.
    return rows.filter(Q(at__lte=behind.at), Q(at__lt=behind.at) | at_once)


def _behind_days(rows: QuerySet[Any], day: str, origin: int, behind: Place | None) -> QuerySet[Any]:
    if behind is None:
        return rows
    local = timezone.localtime(behind.at)
    if local.time() != time.min or origin < behind.origin:
        return rows.filter(**{f"{day}__lte": local.date()})
    earlier = Q(**{f"{day}__lt": local.date()})
    return rows.filter(earlier | Q(**{day: local.date()}, pk__lt=behind.pk) if origin == behind.origin else earlier)


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))


def _write(place: Place) -> str:
    return base64.urlsafe_b64encode(f"{place.at.isoformat()}|{place.origin}|{place.pk}".encode()).decode().rstrip("=")


def _read(cursor: str) -> Place:
    try:
        written, origin, pk = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode().split("|")
        moment = datetime.fromisoformat(written)
        if moment.tzinfo is None:
            raise ValueError("a moment without its zone")
        # A moment at the very ends of the calendar is none in the zones of the database and the house.
        return Place(timezone.localtime(moment.astimezone(UTC)), int(origin), int(pk))
    except (ValueError, OverflowError, binascii.Error) as error:
        raise BadRequest("This page of the timeline is not known.") from error
