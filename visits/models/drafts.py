"""What somebody has typed and not yet recorded."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from crm_project.core.accounts.models import Venue


class VisitDraft(models.Model):
    """What somebody has typed and not yet recorded; one per form that was opened."""

    form_token = models.UUIDField(primary_key=True)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="visit_drafts")
    venue = models.ForeignKey(Venue, on_delete=models.CASCADE, related_name="+")
    values = models.JSONField(default=dict)
    saved_at = models.DateTimeField(auto_now=True)

    class Meta:
        verbose_name = _("draft")
        verbose_name_plural = _("drafts")
        ordering: ClassVar = ["-saved_at"]

    def __str__(self) -> str:
        return f"{self.user} {self.saved_at}"
