"""Threads for the pages of other apps, and the figures of the queue."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import models
from django.db.models import Count, Min, Q
from django.utils import timezone

from crm_project.core.accounts.models import User
from crm_project.core.comments.models import Thread


def threads_about(*, parents: Sequence[models.Model], user: User) -> dict[int, Thread]:
    """The threads of a page's entries (all of one model) by the entry's id, ready for `comments/_thread.html`.

    Threads the person may not read are absent.
    """
    if not parents:
        return {}
    found = Thread.objects.visible_to(user).filter(
        content_type=Thread.type_of(parents[0]), object_id__in=[parent.pk for parent in parents]
    )
    return {thread.object_id: thread for thread in found.with_answers()}


@dataclass(frozen=True, slots=True)
class QueueFigures:
    """The head of the queue. `answered_percent` is of this week's entries, None while there are none."""

    waiting: int
    oldest_opened_at: datetime | None
    answered_percent: int | None


def queue_figures(*, user: User, now: datetime) -> QueueFigures:
    """Count what waits for this person, and how much of the week (from Monday, on the venue's clock) is answered."""
    local = timezone.localtime(now)
    monday = (local - timedelta(days=local.weekday())).replace(hour=0, minute=0, second=0, microsecond=0)
    counted = Thread.objects.addressed_to(user).aggregate(
        waiting=Count("pk", filter=Q(answered_at=None)),
        oldest=Min("opened_at", filter=Q(answered_at=None)),
        opened=Count("pk", filter=Q(opened_at__gte=monday)),
        answered=Count("pk", filter=Q(opened_at__gte=monday, answered_at__isnull=False)),
    )
    share = 100 * counted["answered"] // counted["opened"] if counted["opened"] else None
    return QueueFigures(waiting=counted["waiting"], oldest_opened_at=counted["oldest"], answered_percent=share)
