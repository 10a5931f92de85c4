"""手土産: what the house gave a guest, and what it received."""

from typing import TYPE_CHECKING, ClassVar

from django.conf import settings
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from crm_project.core.accounts.models import Venue
from crm_project.core.rights import Right
from customers.choices import GiftDirection
from customers.models.guests import Customer

if TYPE_CHECKING:
    from crm_project.core.accounts.models import User


class GiftQuerySet(models.QuerySet["Gift"]):
    """Gifts in the words of the house."""

    def visible_to(self, user: "User") -> "GiftQuerySet":
        """Gifts noted at venues where the person may read check sheets, of guests the person may open."""
        return self.filter(venue__in=user.venues_with(Right.VIEW_NOTES), customer__in=Customer.objects.visible_to(user))


class Gift(models.Model):
    """One gift, so that nobody gets the same twice and nobody is left without thanks."""

    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="gifts", verbose_name=_("guest"))
    venue = models.ForeignKey(Venue, on_delete=models.PROTECT, related_name="gifts", verbose_name=_("venue"))
    direction = models.CharField(_("given or received"), max_length=8, choices=GiftDirection)
    what = models.CharField(_("what"), max_length=120)
    given_on = models.DateField(_("day"))
    noted_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    noted_at = models.DateTimeField(db_default=Now())

    objects = GiftQuerySet.as_manager()

    class Meta:
        verbose_name = _("gift (手土産)")
        verbose_name_plural = _("gifts (手土産)")
        ordering: ClassVar = ["-given_on", "-pk"]
        indexes: ClassVar = [models.Index(fields=["customer", "-given_on"], name="gift_customer")]
        constraints: ClassVar = [models.CheckConstraint(condition=~models.Q(what=""), name="gift_is_something")]

    def __str__(self) -> str:
        return f"{self.get_direction_display()} {self.what}"
