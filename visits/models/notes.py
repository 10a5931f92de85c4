"""The check sheet and what was written on it."""

from typing import TYPE_CHECKING, ClassVar

from django.conf import settings
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from crm_project.core.rights import Right
from customers.models import Customer
from visits.choices import NoteInput
from visits.models.visits import Visit

if TYPE_CHECKING:
    from crm_project.core.accounts.models import User


class NoteCategory(models.Model):
    """A line of the check sheet: what to notice, and why the house wants to know."""

    code = models.SlugField(_("code"), max_length=32, unique=True)
    name = models.CharField(_("name"), max_length=40)
    purpose = models.CharField(_("what and why"), max_length=200, blank=True)
    entry = models.CharField(_("entered as"), max_length=10, choices=NoteInput, default=NoteInput.TEXT)
    is_required = models.BooleanField(_("required"), default=False)
    is_bad_news = models.BooleanField(_("complaint or mishap"), default=False)
    # What was said at a host's table belongs to that host: never told on a card or sheet for another host's evening.
    is_table_talk = models.BooleanField(_("said at the table"), default=False, db_default=False)
    is_active = models.BooleanField(_("in use"), default=True)
    position = models.PositiveSmallIntegerField(_("position"), default=0)

    class Meta:
        verbose_name = _("check-sheet category")
        verbose_name_plural = _("check-sheet categories")
        ordering: ClassVar = ["position", "pk"]

    def __str__(self) -> str:
        return self.name


class NoteQuerySet(models.QuerySet["Note"]):
    """Notes in the words of the house."""

    def visible_to(self, user: "User") -> "NoteQuerySet":
        """Notes of venues where the person may read check sheets, without those of visits sealed from the person."""
        return self.filter(visit__venue__in=user.venues_with(Right.VIEW_NOTES)).exclude(
            visit__in=Visit.objects.sealed_from(user).values("pk")
        )


class Note(models.Model):
    """One entry of the check sheet."""

    visit = models.ForeignKey(Visit, on_delete=models.CASCADE, related_name="notes")
    category = models.ForeignKey(NoteCategory, on_delete=models.PROTECT, related_name="notes")
    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, null=True, blank=True, related_name="notes")
    text = models.TextField(_("text"))
    # いつも: holds for every visit and is shown before serving; else only this time (今回).
    is_standing = models.BooleanField(_("always"), default=False)
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="notes")
    created_at = models.DateTimeField(db_default=Now())

    objects = NoteQuerySet.as_manager()

    class Meta:
        verbose_name = pgettext_lazy("check sheet", "note")
        verbose_name_plural = _("notes")
        ordering: ClassVar = ["category__position", "pk"]
        indexes: ClassVar = [models.Index(fields=["customer", "-created_at"], name="note_customer")]
        constraints: ClassVar = [models.CheckConstraint(condition=~models.Q(text=""), name="note_not_empty")]

    def __str__(self) -> str:
        return self.text[:80]
