"""What was served, and which warnings somebody confirmed."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from customers.models import Customer
from menus.models import Dish
from visits.choices import WarningKind
from visits.models.visits import Attendance, Visit


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
