"""The house's decisions about bookings: how long one stays, when it is closed, what a cancellation costs."""

from typing import ClassVar

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from crm_project.core.accounts.models import Venue
from visits.choices import FollowUpKind, FollowUpMoment, Responsible


class BookingSource(models.Model):
    """Where bookings come from, in the house's words: 紹介, お電話, 予約サイト, ホテル ..."""

    name = models.CharField(_("source"), max_length=40, unique=True)
    is_active = models.BooleanField(_("in use"), default=True)
    position = models.PositiveSmallIntegerField(_("position"), default=0)
    version = models.PositiveIntegerField(default=1, db_default=1)

    class Meta:
        verbose_name = _("source of bookings")
        verbose_name_plural = _("sources of bookings")
        ordering: ClassVar = ["position", "pk"]

    def __str__(self) -> str:
        return self.name


class BookingTerms(models.Model):
    """How a venue takes bookings. A venue without a row has the defaults."""

    venue = models.OneToOneField(Venue, on_delete=models.CASCADE, related_name="booking_terms")
    lunch_minutes = models.PositiveSmallIntegerField(
        _("minutes a lunch takes"), default=120, validators=[MinValueValidator(15), MaxValueValidator(720)]
    )
    dinner_minutes = models.PositiveSmallIntegerField(
        _("minutes a dinner takes"), default=150, validators=[MinValueValidator(15), MaxValueValidator(720)]
    )
    tentative_days = models.PositiveSmallIntegerField(
        _("days a tentative booking (仮) is held"), default=3, validators=[MinValueValidator(1), MaxValueValidator(60)]
    )
    late_after_minutes = models.PositiveSmallIntegerField(
        _("minutes after which a party counts as late"), default=15, validators=[MaxValueValidator(120)]
    )
    # What the room calendar shows even where nothing is booked; who comes earlier makes its day longer.
    opens_at_hour = models.PositiveSmallIntegerField(
        _("opens at (hour)"), default=11, db_default=11, validators=[MinValueValidator(6), MaxValueValidator(23)]
    )
    # 0 is Monday, as Python counts.
    closed_weekdays = models.JSONField(_("closed on"), default=list, blank=True)
    # Counts changes of the terms and of the cancellation fees: one page shows and writes both.
    version = models.PositiveIntegerField(default=1, db_default=1)

    class Meta:
        verbose_name = _("booking terms")
        verbose_name_plural = _("booking terms")
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(lunch_minutes__range=(15, 720), dinner_minutes__range=(15, 720)),
                name="booking_terms_stay",
            )
        ]

    def __str__(self) -> str:
        return str(self.venue)


class ClosedDay(models.Model):
    """A day on which a venue is closed, beside its weekly ones; or open although it is one of those (臨時営業)."""

    venue = models.ForeignKey(Venue, on_delete=models.CASCADE, related_name="closed_days", verbose_name=_("venue"))
    on = models.DateField(_("day"))
    is_open = models.BooleanField(_("open after all"), default=False)
    reason = models.CharField(_("reason"), max_length=80, blank=True)
    version = models.PositiveIntegerField(default=1, db_default=1)

    class Meta:
        verbose_name = _("closed day")
        verbose_name_plural = _("closed days")
        ordering: ClassVar = ["on"]
        constraints: ClassVar = [models.UniqueConstraint(fields=["venue", "on"], name="closed_day_once")]

    def __str__(self) -> str:
        return f"{self.venue} {self.on}"


class CancellationTerm(models.Model):
    """From so many days before the day on, a cancellation costs so many per cent; 0 days is the day itself."""

    venue = models.ForeignKey(
        Venue, on_delete=models.CASCADE, related_name="cancellation_terms", verbose_name=_("venue")
    )
    days_before = models.PositiveSmallIntegerField(_("days before"))
    percent = models.PositiveSmallIntegerField(_("fee in %"))

    class Meta:
        verbose_name = _("cancellation term")
        verbose_name_plural = _("cancellation terms")
        ordering: ClassVar = ["-days_before"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["venue", "days_before"], name="cancellation_term_once"),
            models.CheckConstraint(condition=models.Q(percent__lte=100), name="cancellation_at_most_100"),
        ]

    def __str__(self) -> str:
        return f"{self.days_before}: {self.percent} %"


class FollowUpRule(models.Model):
    """What the house does before and after an evening: a reminder, a letter of thanks (礼状), a call; by whom, by when."""

    venue = models.ForeignKey(Venue, on_delete=models.CASCADE, related_name="follow_up_rules", verbose_name=_("venue"))
    name = models.CharField(_("name"), max_length=40)
    kind = models.CharField(_("kind"), max_length=8, choices=FollowUpKind)
    moment = models.CharField(_("when"), max_length=8, choices=FollowUpMoment)
    days = models.PositiveSmallIntegerField(_("days"), validators=[MaxValueValidator(365)])
    responsible = models.CharField(_("by whom"), max_length=12, choices=Responsible)
    is_active = models.BooleanField(_("in use"), default=True)
    version = models.PositiveIntegerField(default=1, db_default=1)

    class Meta:
        verbose_name = _("follow-up rule")
        verbose_name_plural = _("follow-up rules")
        ordering: ClassVar = ["moment", "days", "pk"]
        constraints: ClassVar = [models.UniqueConstraint(fields=["venue", "name"], name="follow_up_rule_name")]

    def __str__(self) -> str:
        return self.name
