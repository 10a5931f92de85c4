"""Visits: who sat there, what was served, what was noticed."""

import uuid
from typing import TYPE_CHECKING, ClassVar

from django.conf import settings
from django.db import models
from django.db.models.functions import Coalesce, Now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from crm_project.core.accounts.models import Venue
from crm_project.core.allergens.choices import AllergyState
from crm_project.core.amounts import AmountField
from crm_project.core.rights import Right
from crm_project.core.sealed import OPEN_CONFIDENTIAL
from customers.models import Customer
from menus.models import Course, Dish
from visits.choices import AttendanceRole, NoteInput, PromiseState, Purpose, SeatedCheck, VisitStatus, WarningKind

if TYPE_CHECKING:
    from crm_project.core.accounts.models import User


class Room(models.Model):
    """A room, counter or hall of a venue."""

    venue = models.ForeignKey(Venue, on_delete=models.CASCADE, related_name="rooms", verbose_name=_("venue"))
    name = models.CharField(_("name"), max_length=40)
    capacity = models.PositiveSmallIntegerField(_("seats"), default=4)
    position = models.PositiveSmallIntegerField(_("position"), default=0)

    class Meta:
        verbose_name = _("room")
        verbose_name_plural = _("rooms")
        ordering: ClassVar = ["position", "pk"]
        constraints: ClassVar = [models.UniqueConstraint(fields=["venue", "name"], name="room_name_per_venue")]

    def __str__(self) -> str:
        return self.name


class VisitQuerySet(models.QuerySet["Visit"]):
    """Visits in the words of the house."""

    def visible_to(self, user: "User") -> "VisitQuerySet":
        """Visits of the venues where the person works, without those that are sealed from the person."""
        return self.filter(venue__in=user.venue_ids).exclude(pk__in=Visit.objects.sealed_from(user).values("pk"))

    def sealed_from(self, user: "User") -> "VisitQuerySet":
        """Confidential visits (お忍び) the person is not named for, and visits of guests who are sealed from the person."""
        own = models.Q(is_confidential=True) & ~models.Q(pk__in=user.named_for(Visit))
        sat = Attendance.objects.filter(customer__in=Customer.objects.sealed_from(user)).values("visit")
        return self.filter(own | models.Q(pk__in=sat))

    def took_place(self) -> "VisitQuerySet":
        """Visits that count: completed ones."""
        return self.filter(status=VisitStatus.COMPLETED)


class Visit(models.Model):
    """One party at one venue on one business day."""

    venue = models.ForeignKey(Venue, on_delete=models.PROTECT, related_name="visits", verbose_name=_("venue"))
    room = models.ForeignKey(
        Room, on_delete=models.PROTECT, null=True, blank=True, related_name="visits", verbose_name=_("room")
    )
    starts_at = models.DateTimeField(_("time"))
    business_date = models.DateField(_("business day"), db_index=True)
    party_size = models.PositiveSmallIntegerField(pgettext_lazy("party size", "guests"), default=1)
    purpose = models.CharField(_("purpose"), max_length=12, choices=Purpose, default=Purpose.PRIVATE)
    status = models.CharField(_("status"), max_length=10, choices=VisitStatus, default=VisitStatus.COMPLETED)
    course = models.ForeignKey(
        Course, on_delete=models.PROTECT, null=True, blank=True, related_name="visits", verbose_name=_("course")
    )
    staff = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="attended_visits",
        verbose_name=_("attendant (係)"),
    )
    # Provisional sales until accounting has closed the month; seen with the money right only.
    amount = AmountField(_("amount (tax excluded)"), null=True, blank=True)
    # お忍び: absent for all but the staff named for the visit; others see that the room is taken.
    is_confidential = models.BooleanField(_("confidential (お忍び)"), default=False, db_default=False)
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField(db_default=Now())
    # Made when the form is opened: a double tap or a retry finds the visit that was already recorded.
    form_token = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    version = models.PositiveIntegerField(default=1)

    objects = VisitQuerySet.as_manager()

    # Set on a visit in memory of which the reader may know only that a room is taken (visits.discretion).
    is_sealed = False

    class Meta:
        verbose_name = _("visit")
        verbose_name_plural = _("visits")
        permissions: ClassVar = [(OPEN_CONFIDENTIAL, "Can open this confidential visit")]
        indexes: ClassVar = [
            models.Index(fields=["venue", "business_date", "starts_at"], name="visit_day"),
            models.Index(fields=["id"], name="visit_confidential", condition=models.Q(is_confidential=True)),
        ]
        constraints: ClassVar = [
            models.CheckConstraint(condition=models.Q(party_size__gte=1), name="visit_party_not_empty")
        ]

    def __str__(self) -> str:
        return f"{self.business_date} {self.venue}"


class Attendance(models.Model):
    """Somebody at the table: a known guest, or a companion not yet known (お連れ①)."""

    visit = models.ForeignKey(Visit, on_delete=models.CASCADE, related_name="attendances")
    customer = models.ForeignKey(
        Customer, on_delete=models.PROTECT, null=True, blank=True, related_name="attendances", verbose_name=_("guest")
    )
    label = models.CharField(_("called"), max_length=40, blank=True)
    role = models.CharField(_("role"), max_length=16, choices=AttendanceRole, default=AttendanceRole.HOST)
    position = models.PositiveSmallIntegerField(default=0)
    seated_check = models.CharField(
        _("allergy check at the table"), max_length=10, choices=SeatedCheck, default=SeatedCheck.NOT_YET
    )
    checked_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    checked_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("attendance")
        verbose_name_plural = _("attendances")
        ordering: ClassVar = ["position", "pk"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["visit", "customer"],
                condition=models.Q(customer__isnull=False),
                name="attendance_once_per_visit",
            ),
            models.CheckConstraint(
                condition=models.Q(customer__isnull=False) | ~models.Q(label=""), name="attendance_is_somebody"
            ),
        ]

    def __str__(self) -> str:
        return str(self.customer) if self.customer_id else self.label

    @property
    def is_never_asked(self) -> bool:
        """Whether it is a guest whose card has no answer about allergies, not even "none"."""
        return self.customer is not None and self.customer.allergy_state == AllergyState.NOT_ASKED


class ServedDish(models.Model):
    """A dish served at a visit; to one person where it differs, else to the whole table."""

    visit = models.ForeignKey(Visit, on_delete=models.CASCADE, related_name="served_dishes")
    dish = models.ForeignKey(Dish, on_delete=models.PROTECT, related_name="served")
    attendance = models.ForeignKey(
        Attendance, on_delete=models.CASCADE, null=True, blank=True, related_name="served_dishes"
    )
    # Replaced before it was served: stays on file, does not count as served.
    was_replaced = models.BooleanField(_("replaced"), default=False)

    class Meta:
        verbose_name = _("served dish")
        verbose_name_plural = _("served dishes")
        constraints: ClassVar = [
            models.UniqueConstraint("visit", "dish", Coalesce("attendance", 0), name="served_once_per_person")
        ]

    def __str__(self) -> str:
        return str(self.dish)


class ConfirmedWarning(models.Model):
    """A warning that somebody confirmed, with the reason: kept for the guest's safety, never deleted."""

    visit = models.ForeignKey(Visit, on_delete=models.CASCADE, related_name="confirmed_warnings")
    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="+")
    dish = models.ForeignKey(Dish, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=10, choices=WarningKind)
    detail = models.CharField(max_length=200)
    reason = models.CharField(_("reason"), max_length=300)
    confirmed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    confirmed_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("confirmed warning")
        verbose_name_plural = _("confirmed warnings")
        constraints: ClassVar = [
            models.CheckConstraint(condition=~models.Q(reason=""), name="confirmed_warning_has_a_reason")
        ]

    def __str__(self) -> str:
        return f"{self.dish}: {self.detail}"


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


class PromiseQuerySet(models.QuerySet["Promise"]):
    """Promises in the words of the house."""

    def still_open(self) -> "PromiseQuerySet":
        """Neither kept nor released."""
        return self.filter(state=PromiseState.OPEN)

    def visible_to(self, user: "User") -> "PromiseQuerySet":
        """Promises of venues where the person may read check sheets, to guests the person may open."""
        return self.filter(venue__in=user.venues_with(Right.VIEW_NOTES), customer__in=Customer.objects.visible_to(user))


class Promise(models.Model):
    """What the house promised a guest; it comes back until it is kept or released."""

    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="promises", verbose_name=_("guest"))
    venue = models.ForeignKey(Venue, on_delete=models.PROTECT, related_name="promises", verbose_name=_("venue"))
    visit = models.ForeignKey(Visit, on_delete=models.SET_NULL, null=True, blank=True, related_name="promises")
    text = models.CharField(_("promise"), max_length=300)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField(_("promised"), db_default=Now())
    state = models.CharField(_("state"), max_length=8, choices=PromiseState, default=PromiseState.OPEN)
    closed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    closed_at = models.DateTimeField(_("kept or released"), null=True, blank=True)

    objects = PromiseQuerySet.as_manager()

    class Meta:
        verbose_name = _("promise")
        verbose_name_plural = _("promises")
        ordering: ClassVar = ["-made_at", "-pk"]
        indexes: ClassVar = [
            models.Index(fields=["customer"], name="promise_open", condition=models.Q(state=PromiseState.OPEN))
        ]
        constraints: ClassVar = [
            models.CheckConstraint(condition=~models.Q(text=""), name="promise_not_empty"),
            models.CheckConstraint(
                condition=models.Q(state=PromiseState.OPEN, closed_by=None, closed_at=None)
                | (~models.Q(state=PromiseState.OPEN) & models.Q(closed_by__isnull=False, closed_at__isnull=False)),
                name="promise_closed_by_somebody",
            ),
        ]

    def __str__(self) -> str:
        return self.text[:80]


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
