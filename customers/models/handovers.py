"""引き継ぎ: what one colleague hands over to others, guest by guest."""

from typing import TYPE_CHECKING, ClassVar

from django.conf import settings
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from crm_project.core.accounts.models import Venue
from crm_project.core.rights import Right
from customers.choices import HandoverReason
from customers.models.guests import Customer

if TYPE_CHECKING:
    from crm_project.core.accounts.models import User


class HandoverQuerySet(models.QuerySet["Handover"]):
    """Handovers in the words of the house."""

    def led_by(self, user: "User") -> "HandoverQuerySet":
        """Handovers of colleagues who work, or worked when it began, at a venue where the person may hand over."""
        return self.filter(venues__in=user.venues_with(Right.HAND_OVER)).distinct()

    def visible_to(self, user: "User") -> "HandoverQuerySet":
        """Those the person leads, hands over, or takes over a part of."""
        mine = HandoverGuest.objects.filter(successor=user).values("handover")
        led = self.model._default_manager.filter(venues__in=user.venues_with(Right.HAND_OVER)).values("pk")
        return self.filter(models.Q(from_user=user) | models.Q(pk__in=mine) | models.Q(pk__in=led))

    def running(self) -> "HandoverQuerySet":
        """Those not finished."""
        return self.filter(closed_at=None)


class Handover(models.Model):
    """A colleague leaves or changes, and hands over guests and what is open about them."""

    from_user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="handovers", verbose_name=_("handed over by")
    )
    # Where the colleague worked when it began: who may lead it does not change when the roles are taken away.
    venues = models.ManyToManyField(Venue, related_name="+")
    reason = models.CharField(_("why"), max_length=8, choices=HandoverReason, default=HandoverReason.CHANGES)
    last_day = models.DateField(_("last day"), null=True, blank=True)
    note = models.TextField(_("what the successors should know"), blank=True)
    started_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    started_at = models.DateTimeField(db_default=Now())
    closed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    closed_at = models.DateTimeField(null=True, blank=True)
    version = models.PositiveIntegerField(default=1)

    objects = HandoverQuerySet.as_manager()

    class Meta:
        verbose_name = _("handover (引き継ぎ)")
        verbose_name_plural = _("handovers (引き継ぎ)")
        ordering: ClassVar = ["-started_at", "-pk"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["from_user"], condition=models.Q(closed_at=None), name="handover_one_running"
            ),
            models.CheckConstraint(
                condition=models.Q(closed_at=None, closed_by=None)
                | models.Q(closed_at__isnull=False, closed_by__isnull=False),
                name="handover_closed_by_somebody",
            ),
        ]

    def __str__(self) -> str:
        return str(self.from_user)

    @property
    def is_running(self) -> bool:
        """Whether it is not finished yet."""
        return self.closed_at is None


class HandoverGuestQuerySet(models.QuerySet["HandoverGuest"]):
    """Guests of a handover in the words of the house."""

    def visible_to(self, user: "User") -> "HandoverGuestQuerySet":
        """Guests the person may open."""
        return self.filter(customer__in=Customer.objects.visible_to(user))

    def to_be_assigned(self) -> "HandoverGuestQuerySet":
        """Guests who have no successor yet."""
        return self.filter(successor=None)

    def not_taken_over(self) -> "HandoverGuestQuerySet":
        """Guests whose successor has not ticked them yet."""
        return self.filter(successor__isnull=False, taken_over_at=None)


class HandoverGuest(models.Model):
    """A guest of a handover: as what the colleague looked after the guest, who does now, and when that was read."""

    handover = models.ForeignKey(Handover, on_delete=models.CASCADE, related_name="guests")
    customer = models.ForeignKey(
        Customer, on_delete=models.PROTECT, related_name="handed_over", verbose_name=_("guest")
    )
    was_staff = models.BooleanField(_("attendant (係)"), default=False)
    was_sales = models.BooleanField(_("banquet sales (営業)"), default=False)
    successor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="taken_over",
        verbose_name=_("successor"),
    )
    assigned_at = models.DateTimeField(null=True, blank=True)
    # 承知: read and taken over by the successor.
    taken_over_at = models.DateTimeField(_("taken over"), null=True, blank=True)

    objects = HandoverGuestQuerySet.as_manager()

    class Meta:
        verbose_name = _("guest of a handover")
        verbose_name_plural = _("guests of handovers")
        indexes: ClassVar = [
            models.Index(
                fields=["successor"],
                name="handover_to_be_taken",
                condition=models.Q(taken_over_at=None, successor__isnull=False),
            )
        ]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["handover", "customer"], name="handover_guest_once"),
            models.CheckConstraint(
                condition=models.Q(successor=None, assigned_at=None, taken_over_at=None)
                | models.Q(successor__isnull=False, assigned_at__isnull=False),
                name="handover_taken_over_by_the_successor",
            ),
        ]

    def __str__(self) -> str:
        return str(self.customer)
