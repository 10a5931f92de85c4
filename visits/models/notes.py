"""The check sheet and what was written on it."""

from datetime import date, datetime
from typing import TYPE_CHECKING, ClassVar

from django.conf import settings
from django.core.exceptions import ValidationError
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


MIN_CHOICES = 2


class NoteCategoryQuerySet(models.QuerySet["NoteCategory"]):
    """Lines of the check sheet in the words of the house."""

    def in_use(self, on: date) -> "NoteCategoryQuerySet":
        """Lines that are asked on a business day."""
        begun = models.Q(active_from=None) | models.Q(active_from__lte=on)
        lasting = models.Q(active_until=None) | models.Q(active_until__gte=on)
        return self.filter(begun, lasting, is_active=True)


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
    active_from = models.DateField(_("asked from"), null=True, blank=True)
    active_until = models.DateField(_("asked until"), null=True, blank=True)
    # What can be picked, in its order; a note keeps the words that were picked.
    choices = models.JSONField(_("choices"), default=list, blank=True)
    # Purposes of the visit (visits.choices.Purpose) it is asked for; none means all.
    purposes = models.JSONField(_("asked for"), default=list, blank=True)
    position = models.PositiveSmallIntegerField(_("position"), default=0)
    version = models.PositiveIntegerField(default=1, db_default=1)

    objects = NoteCategoryQuerySet.as_manager()

    class Meta:
        verbose_name = _("check-sheet category")
        verbose_name_plural = _("check-sheet categories")
        ordering: ClassVar = ["position", "pk"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(active_from=None)
                | models.Q(active_until=None)
                | models.Q(active_until__gte=models.F("active_from")),
                name="category_ends_after_it_begins",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        """Choices for a line that is answered by picking one, and dates in their order."""
        if self.entry in (NoteInput.CHOICE, NoteInput.CHOICES) and len(self.choices) < MIN_CHOICES:
            raise ValidationError({"choices": _("Write at least two choices, one per line.")})
        if self.active_from and self.active_until and self.active_until < self.active_from:
            raise ValidationError({"active_until": _("The last day must not be before the first.")})

    def is_asked_for(self, purpose: str) -> bool:
        """Whether it is asked after a visit of that purpose."""
        return not self.purposes or purpose in self.purposes


class NoteQuerySet(models.QuerySet["Note"]):
    """Notes in the words of the house."""

    def visible_to(self, user: "User") -> "NoteQuerySet":
        """Notes of venues where the person may read check sheets, without those of visits sealed from the person."""
        return self.filter(visit__venue__in=user.venues_with(Right.VIEW_NOTES)).exclude(
            visit__in=Visit.objects.sealed_from(user).values("pk")
        )

    def standing(self) -> "NoteQuerySet":
        """いつも: what holds for every visit and has not been ended; never what was said at a host's table."""
        return self.filter(is_standing=True, ended_at=None, category__is_table_talk=False)


class Note(models.Model):
    """One entry of the check sheet."""

    visit = models.ForeignKey(Visit, on_delete=models.CASCADE, related_name="notes")
    category = models.ForeignKey(NoteCategory, on_delete=models.PROTECT, related_name="notes")
    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, null=True, blank=True, related_name="notes")
    # What the line was called when it was answered: renaming it rewrites no note.
    asked_as = models.CharField(_("asked as"), max_length=40, blank=True, default="", db_default="")
    # All of the answer as one reads it; what was picked stands first.
    text = models.TextField(_("text"))
    picked = models.JSONField(_("picked"), default=list, blank=True)
    # いつも: holds for every visit and is shown before serving; else only this time (今回).
    is_standing = models.BooleanField(_("always"), default=False)
    confirmed_at = models.DateTimeField(_("confirmed again"), null=True, blank=True)
    confirmed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    ended_at = models.DateTimeField(_("no longer"), null=True, blank=True)
    ended_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="notes")
    created_at = models.DateTimeField(db_default=Now())

    objects = NoteQuerySet.as_manager()

    class Meta:
        verbose_name = pgettext_lazy("check sheet", "note")
        verbose_name_plural = _("notes")
        ordering: ClassVar = ["category__position", "pk"]
        indexes: ClassVar = [models.Index(fields=["customer", "-created_at"], name="note_customer")]
        constraints: ClassVar = [
            models.CheckConstraint(condition=~models.Q(text=""), name="note_not_empty"),
            models.CheckConstraint(
                condition=models.Q(ended_at=None, ended_by=None)
                | models.Q(ended_at__isnull=False, ended_by__isnull=False, is_standing=True),
                name="note_ended_by_somebody",
            ),
        ]

    def __str__(self) -> str:
        return self.text[:80]

    @property
    def heading(self) -> str:
        """The line as it was called when it was answered."""
        return self.asked_as or self.category.name

    @property
    def words(self) -> str:
        """What was written beside the picked answers."""
        return self.text.removeprefix("、".join(self.picked)).lstrip("\n") if self.picked else self.text

    @property
    def holds_since(self) -> datetime:
        """When a standing note was last said or confirmed."""
        return self.confirmed_at or self.created_at


class SheetLineQuerySet(models.QuerySet["SheetLine"]):
    """Lines without words."""

    def still_open(self) -> "SheetLineQuerySet":
        """Required lines nobody has answered yet."""
        return self.filter(is_open=True)

    def visible_to(self, user: "User") -> "SheetLineQuerySet":
        """Lines of venues where the person may read check sheets, without those of visits sealed from the person."""
        return self.filter(visit__venue__in=user.venues_with(Right.VIEW_NOTES)).exclude(
            visit__in=Visit.objects.sealed_from(user).values("pk")
        )


class SheetLine(models.Model):
    """A line of a visit's check sheet that has no note: required and still open, or answered with none (なし)."""

    visit = models.ForeignKey(Visit, on_delete=models.CASCADE, related_name="sheet_lines")
    category = models.ForeignKey(NoteCategory, on_delete=models.PROTECT, related_name="+")
    asked_as = models.CharField(_("asked as"), max_length=40)
    is_open = models.BooleanField(_("to be completed"))
    answered_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    answered_at = models.DateTimeField(null=True)

    objects = SheetLineQuerySet.as_manager()

    class Meta:
        verbose_name = _("line of a check sheet")
        verbose_name_plural = _("lines of check sheets")
        ordering: ClassVar = ["category__position", "pk"]
        indexes: ClassVar = [
            models.Index(fields=["visit"], name="sheet_line_open", condition=models.Q(is_open=True)),
        ]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["visit", "category"], name="sheet_line_once"),
            models.CheckConstraint(
                condition=models.Q(is_open=True, answered_by=None, answered_at=None)
                | models.Q(is_open=False, answered_by__isnull=False, answered_at__isnull=False),
                name="sheet_line_answered_by_somebody",
            ),
        ]

    def __str__(self) -> str:
        return self.asked_as
