"""Telling a guest's timeline. Called by the services of every app inside their own transaction."""

from collections.abc import Iterable

from django.db import models

from crm_project.core.timeline.models import TimelineEntry

BATCH = 2000


def replace_rows(*, parent: models.Model, rows: Iterable[TimelineEntry]) -> None:
    """Write the rows a parent tells, in place of what it told before."""
    parent_type = parent._meta.label_lower
    TimelineEntry.objects.filter(parent_type=parent_type, parent_id=parent.pk).delete()
    told = list(rows)
    for row in told:
        row.parent_type, row.parent_id = parent_type, parent.pk
    TimelineEntry.objects.bulk_create(told, batch_size=BATCH)
