"""One row per thing worth telling about a guest or company, written by the services of every app."""

from datetime import time
from typing import TYPE_CHECKING, ClassVar

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from crm_project.core.accounts.models import Venue
from crm_project.core.rights import Right
from crm_project.core.sealed import without_sealed
from crm_project.core.timeline.choices import EntryKind

if TYPE_CHECKING:
    from crm_project.core.accounts.models import User


class TimelineQuerySet(models.QuerySet["TimelineEntry"]):
    """Reads of a card's timeline."""

    def about(self, subject: models.Model) -> "TimelineQuerySet":
        """Rows of one guest or company, newest first."""
        return self.filter(subject_type=subject._meta.label_lower, subject_id=subject.pk).order_by("-at", "-pk")

    def visible_to(self, user: "User") -> "TimelineQuerySet":
        """Rows the person may read: those without a right, and those whose right they hold at the row's venue."""
        allowed = models.Q(read_right="")
        for right in (Right.VIEW_NOTES, Right.VIEW_DEALS, Right.VIEW_MONEY, Right.VIEW_CONTACTS):
            allowed |= models.Q(read_right=right, venue__in=user.venues_with(right))
            if user.has_right(right):
                allowed |= models.Q(read_right=right, venue=None)
        return without_sealed(self.filter(allowed), user, type_field="parent_type", id_field="parent_id")


class TimelineEntry(models.Model):
    """What happened, told in one line with details; the parent it came from replaces its own rows."""

    subject_type = models.CharField(max_length=40)
    subject_id = models.PositiveBigIntegerField()
    at = models.DateTimeField(_("when"))
    kind = models.CharField(max_length=8, choices=EntryKind)
    venue = models.ForeignKey(Venue, on_delete=models.PROTECT, null=True, related_name="+")
    read_right = models.CharField(max_length=32, blank=True)
    parent_type = models.CharField(max_length=40)
    parent_id = models.PositiveBigIntegerField()
    title = models.CharField(max_length=200)
    aside = models.CharField(max_length=120, blank=True)
    # [["Menu", "..."], ...]: label and text, both as written by people or the house's own words.
    details = models.JSONField(default=list)
    is_urgent = models.BooleanField(default=False)
    # The category of a check-sheet note, in the house's words: a filter of its own.
    category = models.CharField(max_length=40, blank=True, default="", db_default="")
    url = models.CharField(max_length=200, blank=True)

    objects = TimelineQuerySet.as_manager()

    class Meta:
        verbose_name = _("timeline entry")
        verbose_name_plural = _("timeline entries")
        indexes: ClassVar = [
            models.Index(fields=["subject_type", "subject_id", "-at", "-id"], name="timeline_subject"),
            models.Index(fields=["parent_type", "parent_id"], name="timeline_parent"),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def has_time(self) -> bool:
        """Whether it happened at a time of the day; bills and ranks only have a day."""
        return timezone.localtime(self.at).time() != time.min
