"""What the house promised."""

from typing import TYPE_CHECKING, ClassVar

from django.conf import settings
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from crm_project.core.accounts.models import Venue
from crm_project.core.rights import Right
from customers.models import Customer
from visits.choices import PromiseState
from visits.models.visits import Visit

if TYPE_CHECKING:
    from crm_project.core.accounts.models import User


class PromiseQuerySet(models.QuerySet["Promise"]):
    """Promises in the words of the house."""

    def still_open(self) -> "PromiseQuerySet":
        """Neither kept nor released."""
        return self.filter(state=PromiseState.OPEN)

    def visible_to(self, user: "User") -> "PromiseQuerySet":
        """Promises of venues where the person may read check sheets, to guests the person may open.

        Those of confidential evenings are there for the named staff alone.
        """
        promises = self.filter(
            venue__in=user.venues_with(Right.VIEW_NOTES), customer__in=Customer.objects.visible_to(user)
        )
        return promises.exclude(visit__in=Visit.objects.sealed_from(user).values("pk"))

    def sealed_from(self, user: "User") -> "PromiseQuerySet":
        """Promises to guests, or of evenings, that are sealed from the person."""
        to_guests = models.Q(customer__in=Customer.objects.sealed_from(user).values("pk"))
        return self.filter(to_guests | models.Q(visit__in=Visit.objects.sealed_from(user).values("pk")))


class Promise(models.Model):
    """What the house promised a guest; it comes back until it is kept or released."""

    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="promises", verbose_name=_("guest"))
    venue = models.ForeignKey(Venue, on_delete=models.PROTECT, related_name="promises", verbose_name=_("venue"))
    visit = models.ForeignKey(Visit, on_delete=models.SET_NULL, null=True, blank=True, related_name="promises")
    text = models.CharField(_("promise"), max_length=300)
    # By when, where a day was named.
    due_on = models.DateField(_("until"), null=True, blank=True)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField(_("promised"), db_default=Now())
    state = models.CharField(_("state"), max_length=8, choices=PromiseState, default=PromiseState.OPEN)
    closed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    closed_at = models.DateTimeField(_("kept or released"), null=True, blank=True)
    release_reason = models.CharField(_("why released"), max_length=200, blank=True, default="", db_default="")

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
