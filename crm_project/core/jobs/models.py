"""The jobs table: the truth about background work, whatever the broker remembers."""

import uuid
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from crm_project.core.jobs.choices import JobState


class JobQuerySet(models.QuerySet["Job"]):
    """Reads of the table."""

    def unfinished(self) -> "JobQuerySet":
        """Jobs that wait or run."""
        return self.filter(state__in=[JobState.QUEUED, JobState.RUNNING])

    def lost(self) -> "JobQuerySet":
        """Running jobs whose worker stopped sending heartbeats."""
        return self.filter(state=JobState.RUNNING, lease_until__lt=timezone.now())


class Job(models.Model):
    """One piece of background work, made in the transaction that wanted it."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    name = models.CharField(_("work"), max_length=80)
    arguments = models.JSONField(default=dict)
    # Two jobs with the same key never wait or run at the same time (one pull per source, one recompute).
    lock_key = models.CharField(max_length=120, blank=True)
    state = models.CharField(_("state"), max_length=8, choices=JobState, default=JobState.QUEUED)
    created_at = models.DateTimeField(_("asked for"), auto_now_add=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    sent_at = models.DateTimeField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    # Wanted once more since a worker took it.
    asked_again = models.BooleanField(default=False)
    claimed_at = models.DateTimeField(null=True)
    heartbeat_at = models.DateTimeField(null=True)
    lease_until = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    progress_done = models.PositiveBigIntegerField(default=0)
    progress_total = models.PositiveBigIntegerField(null=True)
    progress_text = models.CharField(max_length=200, blank=True)
    result = models.JSONField(null=True)
    error = models.TextField(blank=True)

    objects = JobQuerySet.as_manager()

    class Meta:
        verbose_name = _("job")
        verbose_name_plural = _("jobs")
        indexes: ClassVar = [models.Index(fields=["state", "lease_until"], name="job_state_lease")]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["lock_key"],
                condition=models.Q(state__in=["queued", "running"]) & ~models.Q(lock_key=""),
                name="job_one_at_a_time",
            )
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.get_state_display()}"

    @property
    def is_finished(self) -> bool:
        """Whether it will not change any more."""
        return self.state in (JobState.DONE, JobState.FAILED)

    @property
    def percent(self) -> int | None:
        """Progress in whole percent, None while the total is unknown."""
        if not self.progress_total:
            return None
        return min(100, int(100 * self.progress_done / self.progress_total))
