"""Things worth telling that are not copied into the timeline, because there are too many: an app registers where they stand.

A source has days, not times: its rows stand at the beginning of their day, behind what happened in the course of it.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db.models import Model, QuerySet

from crm_project.core.timeline.choices import EntryKind
from crm_project.core.timeline.models import TimelineEntry
from crm_project.core.ui.registry import Registry


@dataclass(frozen=True, slots=True)
class TimelineSource:
    """`rows(user, subject)` answers what the person may read of a card (None: nothing), `tell` makes an unsaved entry of one."""

    key: str
    order: int
    kind: EntryKind
    day: str
    rows: Callable[[Any, Model], QuerySet[Any] | None]
    tell: Callable[[Any], TimelineEntry]


_sources: Registry[TimelineSource] = Registry()


def register_timeline_source(page: str, source: TimelineSource) -> None:
    """Add a source to the timeline of a page ("customer", "company"); called once, when the app is ready."""
    _sources.add(page, source)


def sources_of(subject: Model) -> list[TimelineSource]:
    """The sources of a subject's page."""
    return _sources.at(str(subject._meta.model_name))
