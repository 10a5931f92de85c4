"""Banquet inquiries, reported at the earliest stage; the lost ones stay, with their reason."""

import uuid
from typing import TYPE_CHECKING, ClassVar

from django.conf import settings
from django.db import models
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from crm_project.core.accounts.models import Venue
from crm_project.core.amounts import AmountField
from crm_project.core.rights import Right
from customers.models import Company, Customer
from deals.choices import OPEN_STAGES, LossReason, Stage

if TYPE_CHECKING:
    from crm_project.core.accounts.models import User


class StageLabel(models.Model):
    """The house's own word for a stage: お問い合わせ, 下見 ..."""

    stage = models.CharField(_("stage"), max_length=16, choices=Stage, unique=True)
    label = models.CharField(_("label"), max_length=40)
    probability = models.PositiveSmallIntegerField(_("chance in %"), default=0)

    class Meta:
        verbose_name = _("stage label")
        verbose_name_plural = _("stage labels")
        constraints: ClassVar = [
            models.CheckConstraint(condition=models.Q(probability__lte=100), name="stage_chance_at_most_100")
        ]

    def __str__(self) -> str:
        return self.label


class DealQuerySet(models.QuerySet["Deal"]):
    """Deals in the words of the house."""

    def visible_to(self, user: "User") -> "DealQuerySet":
        """Deals of venues where the person may see them, without those of guests sealed from the person."""
        return self.filter(venue__in=user.venues_with(Right.VIEW_DEALS)).exclude(
            customer__in=Customer.objects.sealed_from(user).values("pk")
        )

    def open(self) -> "DealQuerySet":
        """Deals neither won nor lost."""
        return self.filter(stage__in=OPEN_STAGES)


class Deal(models.Model):
    """One inquiry for a banquet."""

    venue = models.ForeignKey(Venue, on_delete=models.PROTECT, related_name="deals", verbose_name=_("venue"))
    title = models.CharField(_("event"), max_length=120)
    customer = models.ForeignKey(
        Customer, on_delete=models.PROTECT, null=True, blank=True, related_name="deals", verbose_name=_("guest")
    )
    company = models.ForeignKey(
        Company, on_delete=models.PROTECT, null=True, blank=True, related_name="deals", verbose_name=_("company")
    )
    contact_text = models.CharField(_("asked by"), max_length=120, blank=True)
    stage = models.CharField(_("stage"), max_length=16, choices=Stage, default=Stage.INQUIRY)
    event_date = models.DateField(_("date"), null=True, blank=True)
    event_date_text = models.CharField(_("date, as told"), max_length=60, blank=True)
    party_size = models.PositiveSmallIntegerField(pgettext_lazy("party size", "guests"), null=True, blank=True)
    amount = AmountField(_("expected amount (tax and service excluded)"), null=True, blank=True)
    next_step = models.CharField(_("next step"), max_length=120, blank=True)
    next_step_on = models.DateField(_("next step on"), null=True, blank=True)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="deals", verbose_name=_("in charge")
    )
    note = models.TextField(_("what they want"), blank=True)
    loss_reason = models.CharField(_("why lost"), max_length=12, choices=LossReason, blank=True)
    loss_detail = models.TextField(_("what we learnt"), blank=True)
    lost_to = models.CharField(_("who won"), max_length=120, blank=True)
    created_at = models.DateTimeField(db_default=Now())
    moved_at = models.DateTimeField(_("last movement"), db_default=Now())
    closed_at = models.DateTimeField(null=True, blank=True)
    form_token = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    version = models.PositiveIntegerField(default=1)

    objects = DealQuerySet.as_manager()

    class Meta:
        verbose_name = _("banquet inquiry")
        verbose_name_plural = _("banquet inquiries")
        indexes: ClassVar = [models.Index(fields=["venue", "stage", "event_date"], name="deal_board")]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=~models.Q(stage=Stage.LOST) | ~models.Q(loss_reason=""), name="deal_lost_has_a_reason"
            ),
            models.CheckConstraint(condition=~models.Q(title=""), name="deal_has_a_title"),
            models.CheckConstraint(
                condition=models.Q(amount=None) | models.Q(amount__gte=0), name="deal_amount_not_negative"
            ),
        ]

    # Set by queries.count_comments for the cards of a page.
    comment_count: int

    def __str__(self) -> str:
        return self.title

    @property
    def is_open(self) -> bool:
        """Neither won nor lost."""
        return self.stage in OPEN_STAGES

    @property
    def asked_by(self) -> str:
        """Who asked, as the house calls them: the company, else the guest, else the name that was left."""
        if self.company is not None:
            return f"{self.company.name} 様"
        if self.customer is not None:
            return f"{self.customer.name} {self.customer.honorific}"
        # People on the telephone are often noted down with their 様.
        contact = self.contact_text.removesuffix("様").rstrip()
        return f"{contact} 様" if contact else self.title

    @property
    def days_without_movement(self) -> int:
        """Whole days since the last movement."""
        return (timezone.now() - self.moved_at).days


class StageChange(models.Model):
    """When a deal moved, and who moved it."""

    deal = models.ForeignKey(Deal, on_delete=models.CASCADE, related_name="stage_changes")
    from_stage = models.CharField(max_length=16, choices=Stage, blank=True)
    to_stage = models.CharField(max_length=16, choices=Stage)
    at = models.DateTimeField(db_default=Now())
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    class Meta:
        verbose_name = _("stage change")
        verbose_name_plural = _("stage changes")
        ordering: ClassVar = ["pk"]

    def __str__(self) -> str:
        return f"{self.deal} {self.to_stage}"


class Activity(models.Model):
    """Something done for a deal: a call, a visit, a note of what was said."""

    deal = models.ForeignKey(Deal, on_delete=models.CASCADE, related_name="activities")
    text = models.TextField(_("what happened"))
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(db_default=Now())

    class Meta:
        verbose_name = _("activity")
        verbose_name_plural = _("activities")
        ordering: ClassVar = ["-pk"]
        constraints: ClassVar = [models.CheckConstraint(condition=~models.Q(text=""), name="activity_not_empty")]

    def __str__(self) -> str:
        return self.text[:80]
