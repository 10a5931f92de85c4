"""Photos of a visit: dishes and the room; people only with their consent."""

import uuid
from typing import TYPE_CHECKING, ClassVar

from django.conf import settings
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from crm_project.core.rights import Right
from visits.choices import PhotoKind
from visits.models.visits import Visit

if TYPE_CHECKING:
    from crm_project.core.accounts.models import User


def photo_path(photo: "VisitPhoto", filename: str) -> str:
    """Where a photo lies in VAR_DIR/media: a name nobody can guess, nothing of what it was called before."""
    return f"visit-photos/{uuid.uuid4().hex}.jpg"


class VisitPhotoQuerySet(models.QuerySet["VisitPhoto"]):
    """Photos in the words of the house."""

    def visible_to(self, user: "User") -> "VisitPhotoQuerySet":
        """Photos of visits of which the person may open the check sheet."""
        return self.filter(visit__venue__in=user.venues_with(Right.VIEW_NOTES)).exclude(
            visit__in=Visit.objects.sealed_from(user).values("pk")
        )


class VisitPhoto(models.Model):
    """One photo, made small and without what the camera wrote into it; served by a view that asks for the right."""

    visit = models.ForeignKey(Visit, on_delete=models.CASCADE, related_name="photos")
    file = models.FileField(_("photo"), upload_to=photo_path, max_length=120)
    width = models.PositiveSmallIntegerField()
    height = models.PositiveSmallIntegerField()
    kind = models.CharField(_("shows"), max_length=6, choices=PhotoKind, default=PhotoKind.DISH)
    caption = models.CharField(_("words"), max_length=80, blank=True)
    consent_by = models.CharField(_("who consented"), max_length=80, blank=True)
    consent_on = models.DateField(_("consented on"), null=True, blank=True)
    added_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    added_at = models.DateTimeField(db_default=Now())

    objects = VisitPhotoQuerySet.as_manager()

    class Meta:
        verbose_name = _("photo")
        verbose_name_plural = _("photos")
        ordering: ClassVar = ["pk"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=~models.Q(kind=PhotoKind.PEOPLE)
                | (~models.Q(consent_by="") & models.Q(consent_on__isnull=False)),
                name="photo_of_people_with_consent",
            ),
            models.CheckConstraint(condition=models.Q(width__gte=1, height__gte=1), name="photo_has_a_size"),
        ]

    def __str__(self) -> str:
        return self.caption or str(self.get_kind_display())
