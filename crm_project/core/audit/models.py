"""The append-only table. Triggers of the database refuse UPDATE and DELETE (migration 0002)."""

from collections.abc import Iterable
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from crm_project.core.audit.choices import Action


class AuditQuerySet(models.QuerySet["AuditEntry"]):
    """Reads of the trail."""

    def about(self, subject: models.Model) -> "AuditQuerySet":
        """Entries about one record, newest first."""
        return self.filter(subject_type=subject._meta.label_lower, subject_id=str(subject.pk)).order_by("-id")

    def about_any(self, model: type[models.Model], keys: Iterable[object]) -> "AuditQuerySet":
        """Entries about several records of a model, newest first: what was two cards once has two trails."""
        return self.filter(subject_type=model._meta.label_lower, subject_id__in=list(map(str, keys))).order_by("-id")

    def changes(self) -> "AuditQuerySet":
        """Entries that changed something, without the reads."""
        return self.exclude(action__in=[Action.VIEWED, Action.SEARCHED])


class AuditEntry(models.Model):
    """One read or change: who (also as text, so that it survives the account), when, what, before and after."""

    at = models.DateTimeField(_("when"), auto_now_add=True, db_index=True)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.DO_NOTHING,
        null=True,
        db_constraint=False,
        related_name="+",
        verbose_name=_("who"),
    )
    actor_name = models.CharField(_("who"), max_length=150)
    action = models.CharField(_("what"), max_length=16, choices=Action)
    subject_type = models.CharField(max_length=80, blank=True)
    subject_id = models.CharField(max_length=64, blank=True)
    subject_name = models.CharField(_("about"), max_length=200, blank=True)
    changes = models.JSONField(_("before and after"), default=dict, blank=True)
    request_id = models.CharField(max_length=36, blank=True)
    ip_address = models.GenericIPAddressField(null=True, blank=True)

    objects = AuditQuerySet.as_manager()

    class Meta:
        verbose_name = _("audit entry")
        verbose_name_plural = _("audit entries")
        indexes: ClassVar = [models.Index(fields=["subject_type", "subject_id", "-id"], name="audit_subject")]

    def __str__(self) -> str:
        return f"{self.actor_name} {self.get_action_display()} {self.subject_name}"
