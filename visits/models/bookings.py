"""What a booking knows before the evening: the arranger's answers, who helps at the table, who waits, what follows."""

from typing import TYPE_CHECKING, ClassVar

from django.conf import settings
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from crm_project.core.accounts.models import Venue
from crm_project.core.amounts import AmountField
from customers.models import Customer
from visits.choices import Duty, FollowUpKind, FollowUpState, WaitingState
from visits.models.rooms import Room
from visits.models.terms import FollowUpRule
from visits.models.visits import Visit

if TYPE_CHECKING:
    from crm_project.core.accounts.models import User


class Briefing(models.Model):
    """What the arranger was asked in advance (事前の聞き取り). Blank is not yet asked."""

    visit = models.OneToOneField(Visit, on_delete=models.CASCADE, related_name="briefing")
    # In yen per person; what it contains stands beside it.
    budget_per_head = AmountField(_("budget per person"), null=True, blank=True)
    with_drinks = models.BooleanField(_("drinks included"), default=False)
    with_tax = models.BooleanField(_("tax included"), default=False)
    with_service = models.BooleanField(_("service included"), default=False)
    guests_of_honour = models.CharField(_("guests of honour: firm and titles"), max_length=200, blank=True)
    allergies_hosts = models.CharField(_("allergies and diet, the host's side"), max_length=300, blank=True)
    allergies_guests = models.CharField(_("allergies and diet, the guests' side"), max_length=300, blank=True)
    # The host's side rings back with the answer for its guests by this day.
    allergies_guests_by = models.DateField(_("answer by"), null=True, blank=True)
    gifts = models.CharField(_("gifts"), max_length=120, blank=True)
    cars = models.CharField(_("cars"), max_length=120, blank=True)
    closing_time = models.TimeField(_("ends at"), null=True, blank=True)
    payer = models.CharField(_("who pays, and how"), max_length=120, blank=True)
    receipt_name = models.CharField(_("name on the receipt (領収書)"), max_length=120, blank=True)
    board_name = models.CharField(_("name on the board"), max_length=80, blank=True)
    no_board = models.BooleanField(_("no name on the board"), default=False)
    wishes = models.CharField(_("other wishes"), max_length=500, blank=True)
    # In yen.
    deposit = AmountField(_("deposit"), null=True, blank=True)
    deposit_received_on = models.DateField(_("deposit received on"), null=True, blank=True)

    class Meta:
        verbose_name = _("preliminary answers")
        verbose_name_plural = _("preliminary answers")
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(budget_per_head=None) | models.Q(budget_per_head__gte=0),
                name="briefing_budget_not_negative",
            ),
            models.CheckConstraint(
                condition=models.Q(deposit=None) | models.Q(deposit__gt=0), name="briefing_deposit_above_zero"
            ),
            models.CheckConstraint(
                condition=models.Q(deposit_received_on=None) | models.Q(deposit__isnull=False),
                name="briefing_received_a_deposit",
            ),
            models.CheckConstraint(
                condition=models.Q(no_board=False) | models.Q(board_name=""), name="briefing_board_or_none"
            ),
        ]

    def __str__(self) -> str:
        return str(self.visit)


class TableDuty(models.Model):
    """Who helps at a table beside its attendant (係): 補佐, and 記録担当 who writes the evening down."""

    visit = models.ForeignKey(Visit, on_delete=models.CASCADE, related_name="duties")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="table_duties")
    duty = models.CharField(_("duty"), max_length=10, choices=Duty)

    class Meta:
        verbose_name = _("duty at a table")
        verbose_name_plural = _("duties at a table")
        ordering: ClassVar = ["duty", "pk"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["visit", "user", "duty"], name="table_duty_once"),
            models.UniqueConstraint(
                fields=["visit"], condition=models.Q(duty=Duty.RECORDER), name="table_duty_one_recorder"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_duty_display()} {self.user}"


class WaitingQuerySet(models.QuerySet["WaitingParty"]):
    """The waiting list in the words of the house."""

    def visible_to(self, user: "User") -> "WaitingQuerySet":
        """Parties waiting at the venues where the person works, without guests and bookings sealed from the person."""
        here = self.filter(venue__in=user.venue_ids)
        here = here.exclude(customer__in=Customer.objects.sealed_from(user).values("pk"))
        return here.exclude(visit__in=Visit.objects.sealed_from(user).values("pk"))

    def still_waiting(self) -> "WaitingQuerySet":
        """Neither booked nor given up."""
        return self.filter(state=WaitingState.WAITING)


class WaitingParty(models.Model):
    """Somebody who wants a table on a day that is full (キャンセル待ち)."""

    venue = models.ForeignKey(Venue, on_delete=models.PROTECT, related_name="waiting", verbose_name=_("venue"))
    business_date = models.DateField(_("business day"))
    # On the venue's clock; a blank end is the whole meal.
    from_time = models.TimeField(_("from"))
    until_time = models.TimeField(_("until"), null=True, blank=True)
    party_size = models.PositiveSmallIntegerField(pgettext_lazy("party size", "guests"))
    customer = models.ForeignKey(
        Customer, on_delete=models.PROTECT, null=True, blank=True, related_name="waiting", verbose_name=_("guest")
    )
    name = models.CharField(_("name"), max_length=80, blank=True)
    phone = models.CharField(_("phone"), max_length=40, blank=True)
    room = models.ForeignKey(
        Room, on_delete=models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("wished room")
    )
    wishes = models.CharField(_("wishes"), max_length=300, blank=True)
    state = models.CharField(_("state"), max_length=8, choices=WaitingState, default=WaitingState.WAITING)
    visit = models.OneToOneField(
        Visit, on_delete=models.SET_NULL, null=True, blank=True, related_name="waited_as", verbose_name=_("booking")
    )
    taken_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    taken_at = models.DateTimeField(db_default=Now())
    closed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    closed_at = models.DateTimeField(null=True, blank=True)
    version = models.PositiveIntegerField(default=1)

    objects = WaitingQuerySet.as_manager()

    class Meta:
        verbose_name = _("waiting party")
        verbose_name_plural = _("waiting list")
        ordering: ClassVar = ["business_date", "taken_at", "pk"]
        indexes: ClassVar = [models.Index(fields=["venue", "business_date"], name="waiting_day")]
        constraints: ClassVar = [
            models.CheckConstraint(condition=models.Q(party_size__gte=1), name="waiting_party_not_empty"),
            models.CheckConstraint(
                condition=models.Q(customer__isnull=False) | ~models.Q(name=""), name="waiting_is_somebody"
            ),
            models.CheckConstraint(
                condition=models.Q(state=WaitingState.WAITING, closed_by=None, closed_at=None)
                | (~models.Q(state=WaitingState.WAITING) & models.Q(closed_by__isnull=False, closed_at__isnull=False)),
                name="waiting_closed_by_somebody",
            ),
        ]

    def __str__(self) -> str:
        return str(self.customer or self.name)


class FollowUpQuerySet(models.QuerySet["FollowUp"]):
    """Follow-ups in the words of the house."""

    def visible_to(self, user: "User") -> "FollowUpQuerySet":
        """Follow-ups of visits the person may open."""
        return self.filter(visit__in=Visit.objects.visible_to(user).values("pk"))

    def still_open(self) -> "FollowUpQuerySet":
        """Neither done nor waived."""
        return self.filter(state=FollowUpState.OPEN)


class FollowUp(models.Model):
    """One thing to do about a booking or after an evening, by a rule of the house."""

    visit = models.ForeignKey(Visit, on_delete=models.CASCADE, related_name="follow_ups")
    rule = models.ForeignKey(FollowUpRule, on_delete=models.SET_NULL, null=True, related_name="+")
    name = models.CharField(_("what"), max_length=40)
    kind = models.CharField(_("kind"), max_length=8, choices=FollowUpKind)
    due_on = models.DateField(_("by"))
    # Nobody in particular: whoever sits at the desk.
    assigned_to = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="follow_ups",
        verbose_name=_("by whom"),
    )
    state = models.CharField(_("state"), max_length=10, choices=FollowUpState, default=FollowUpState.OPEN)
    closed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    closed_at = models.DateTimeField(null=True, blank=True)

    objects = FollowUpQuerySet.as_manager()

    class Meta:
        verbose_name = _("follow-up")
        verbose_name_plural = _("follow-ups")
        ordering: ClassVar = ["due_on", "pk"]
        indexes: ClassVar = [
            models.Index(fields=["due_on"], name="follow_up_open", condition=models.Q(state=FollowUpState.OPEN))
        ]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["visit", "rule"], condition=models.Q(rule__isnull=False), name="follow_up_once_per_rule"
            ),
            models.CheckConstraint(
                condition=models.Q(state=FollowUpState.OPEN, closed_by=None, closed_at=None)
                | (~models.Q(state=FollowUpState.OPEN) & models.Q(closed_by__isnull=False, closed_at__isnull=False)),
                name="follow_up_closed_by_somebody",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.visit}"
