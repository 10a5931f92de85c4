"""Visits and who sat there. A booking and its visit are one record."""

import uuid
from datetime import date, timedelta
from typing import TYPE_CHECKING, ClassVar

from django.conf import settings
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from crm_project.core.accounts.models import Venue
from crm_project.core.allergens.choices import AllergyState
from crm_project.core.amounts import AmountField
from crm_project.core.dates import business_date
from crm_project.core.sealed import OPEN_CONFIDENTIAL
from customers.models import Customer
from menus.models import Course
from visits.choices import (
    EXPECTED,
    HOLDS_THE_ROOM,
    AttendanceRole,
    CancelReason,
    Purpose,
    SeatedCheck,
    VisitStatus,
)
from visits.models.rooms import Room
from visits.models.terms import BookingSource

if TYPE_CHECKING:
    from crm_project.core.accounts.models import User


class Occasion(models.Model):
    """Several bookings of one occasion: a wedding's rooms, the three evenings of a delegation."""

    name = models.CharField(_("occasion"), max_length=120)
    venue = models.ForeignKey(Venue, on_delete=models.PROTECT, related_name="occasions", verbose_name=_("venue"))
    note = models.CharField(_("note"), max_length=300, blank=True)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField(db_default=Now())
    version = models.PositiveIntegerField(default=1, db_default=1)

    class Meta:
        verbose_name = _("occasion")
        verbose_name_plural = _("occasions")
        constraints: ClassVar = [models.CheckConstraint(condition=~models.Q(name=""), name="occasion_has_a_name")]

    def __str__(self) -> str:
        return self.name


def sealed_visit(user: "User") -> models.Q:
    """What makes a visit sealed from the person, asked of the visit itself: no other visit is looked at."""
    own = models.Q(is_confidential=True) & ~models.Q(pk__in=user.named_for(Visit))
    sat = Attendance.objects.filter(customer__in=Customer.objects.sealed_from(user)).values("visit")
    return own | models.Q(pk__in=sat)


class VisitQuerySet(models.QuerySet["Visit"]):
    """Visits in the words of the house."""

    def visible_to(self, user: "User") -> "VisitQuerySet":
        """Visits of the venues where the person works, without those that are sealed from the person."""
        return self.filter(venue__in=user.venue_ids).exclude(sealed_visit(user))

    def sealed_from(self, user: "User") -> "VisitQuerySet":
        """Confidential visits (お忍び) the person is not named for, and visits of guests who are sealed from the person.

        Few they are, and found by the two indexes of what is confidential; an OR of the two would read all visits. Of one
        visit that is at hand `sealed_visit` is the question.
        """
        own = Visit.objects.filter(is_confidential=True).exclude(pk__in=user.named_for(Visit)).order_by().values("pk")
        sat = Attendance.objects.filter(customer__in=Customer.objects.sealed_from(user)).order_by().values("visit")
        return self.filter(pk__in=own.union(sat, all=True))

    def confidential(self) -> "VisitQuerySet":
        """Visits that are sealed from somebody: confidential ones, and those where a confidential guest sat."""
        own = Visit.objects.filter(is_confidential=True).order_by().values("pk")
        sat = Attendance.objects.filter(customer__is_confidential=True).order_by().values("visit")
        return self.filter(pk__in=own.union(sat, all=True))

    def took_place(self) -> "VisitQuerySet":
        """Visits that count: completed ones."""
        return self.filter(status=VisitStatus.COMPLETED)


class Visit(models.Model):
    """One party at one venue on one business day."""

    venue = models.ForeignKey(Venue, on_delete=models.PROTECT, related_name="visits", verbose_name=_("venue"))
    room = models.ForeignKey(
        Room, on_delete=models.PROTECT, null=True, blank=True, related_name="visits", verbose_name=_("room")
    )
    # A shared counter or hall is given to one party alone (貸切).
    takes_whole_room = models.BooleanField(_("to themselves (貸切)"), default=False, db_default=False)
    starts_at = models.DateTimeField(_("time"))
    # Until when the party is expected to stay; the room is cleared afterwards.
    ends_at = models.DateTimeField(_("until"), null=True, blank=True)
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
    # 仮: holds the room until this moment, then lapses by itself.
    tentative_until = models.DateTimeField(_("tentative until"), null=True, blank=True)
    source = models.ForeignKey(
        BookingSource, on_delete=models.PROTECT, null=True, blank=True, related_name="visits", verbose_name=_("source")
    )
    # Who rang, where it is not the host: a secretary, an arranger.
    contact = models.ForeignKey(
        Customer, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("who rang")
    )
    contact_phone = models.CharField(_("phone"), max_length=40, blank=True)
    occasion = models.ForeignKey(
        Occasion,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="visits",
        verbose_name=_("bookings of one occasion"),
    )
    # What another reservation system calls the booking.
    outside_system = models.CharField(_("booked through"), max_length=40, blank=True)
    outside_id = models.CharField(_("number there"), max_length=80, blank=True)
    arrived_at = models.DateTimeField(_("arrived at"), null=True, blank=True)
    seated_at = models.DateTimeField(_("seated at"), null=True, blank=True)
    cancel_reason = models.CharField(_("why cancelled"), max_length=12, choices=CancelReason, blank=True)
    cancel_detail = models.CharField(_("in the guest's words"), max_length=300, blank=True)
    cancelled_at = models.DateTimeField(_("cancelled at"), null=True, blank=True)
    # Per cent of the budget that the house's terms ask for, as decided by who cancelled.
    cancel_percent = models.PositiveSmallIntegerField(_("cancellation fee in %"), null=True, blank=True)
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
    # Whose table it is in a calendar: the first guest with 様, or what the first companion or group is called.
    party_name = ""

    class Meta:
        verbose_name = _("visit")
        verbose_name_plural = _("visits")
        permissions: ClassVar = [(OPEN_CONFIDENTIAL, "Can open this confidential visit")]
        indexes: ClassVar = [
            models.Index(fields=["venue", "business_date", "starts_at"], name="visit_day"),
            models.Index(fields=["id"], name="visit_confidential", condition=models.Q(is_confidential=True)),
            models.Index(
                fields=["tentative_until"], name="visit_tentative", condition=models.Q(status=VisitStatus.TENTATIVE)
            ),
        ]
        constraints: ClassVar = [
            models.CheckConstraint(condition=models.Q(party_size__gte=1), name="visit_party_not_empty"),
            models.CheckConstraint(
                condition=models.Q(ends_at=None) | models.Q(ends_at__gt=models.F("starts_at")),
                name="visit_ends_after_it_starts",
            ),
            models.CheckConstraint(
                condition=models.Q(status=VisitStatus.TENTATIVE, tentative_until__isnull=False)
                | (~models.Q(status=VisitStatus.TENTATIVE) & models.Q(tentative_until=None)),
                name="visit_tentative_has_a_term",
            ),
            models.CheckConstraint(
                condition=~models.Q(status=VisitStatus.CANCELLED) | ~models.Q(cancel_reason=""),
                name="visit_cancelled_has_a_reason",
            ),
            models.CheckConstraint(
                condition=models.Q(cancel_percent=None) | models.Q(cancel_percent__lte=100),
                name="visit_cancel_percent_at_most_100",
            ),
            models.UniqueConstraint(
                fields=["outside_system", "outside_id"],
                condition=~models.Q(outside_id=""),
                name="visit_once_per_outside_booking",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.business_date} {self.venue}"

    @property
    def is_expected(self) -> bool:
        """Whether the guests have not arrived yet."""
        return self.status in EXPECTED

    @property
    def held_until_day(self) -> date | None:
        """The last business day on which a tentative booking is held (venue fetched); None for a firm one."""
        if self.tentative_until is None:
            return None
        # A term that ends with the business day ends at the first moment of the next one.
        last = self.tentative_until - timedelta(microseconds=1)
        return business_date(last, self.venue.closing_hour, self.venue.zone)

    @property
    def holds_its_room(self) -> bool:
        """Whether the room is kept for it: booked, tentatively booked, or in the house."""
        return self.status in HOLDS_THE_ROOM


class Attendance(models.Model):
    """Somebody at the table: a known guest, a companion not yet known (お連れ様①), or a counted group (東和精密 ご一行 3名)."""

    visit = models.ForeignKey(Visit, on_delete=models.CASCADE, related_name="attendances")
    customer = models.ForeignKey(
        Customer, on_delete=models.PROTECT, null=True, blank=True, related_name="attendances", verbose_name=_("guest")
    )
    label = models.CharField(_("called"), max_length=40, blank=True)
    headcount = models.PositiveSmallIntegerField(_("people"), default=1, db_default=1)
    role = models.CharField(_("role"), max_length=16, choices=AttendanceRole, default=AttendanceRole.HOST)
    position = models.PositiveSmallIntegerField(default=0)
    seated_check = models.CharField(
        _("allergy check at the table"), max_length=10, choices=SeatedCheck, default=SeatedCheck.NOT_YET
    )
    checked_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    checked_at = models.DateTimeField(null=True)
    # 変わりあり, and nobody has written down yet what it is: unknown, whatever the card says.
    has_unwritten_change = models.BooleanField(default=False, db_default=False, editable=False)

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
            models.CheckConstraint(
                condition=models.Q(headcount__gte=1) & (models.Q(customer=None) | models.Q(headcount=1)),
                name="attendance_counts_unnamed_only",
            ),
        ]

    def __str__(self) -> str:
        return str(self.customer) if self.customer_id else self.label

    @property
    def is_never_asked(self) -> bool:
        """Whether it is a guest whose card has no answer about allergies, not even "none"."""
        return self.customer is not None and self.customer.allergy_state == AllergyState.NOT_ASKED
