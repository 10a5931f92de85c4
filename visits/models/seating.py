"""Who sits where (席次), as people decided it."""

from django.conf import settings
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from visits.models.visits import Visit
from visits.seating_order import Places


class SeatingPlan(models.Model):
    """The seats of a visit as somebody placed them. No row: the proposal of `visits.seating_order` stands.

    It is confirmed (確定) for the people and the room it was confirmed for; with others it is a proposal (案) again.
    """

    visit = models.OneToOneField(Visit, on_delete=models.CASCADE, related_name="seating_plan")
    # References by place, from the far end to the door: "12" an attendance, "12.2" the second of a counted group, "x1" unnamed.
    upper = models.JSONField(default=list)
    lower = models.JSONField(default=list, blank=True)
    is_confirmed = models.BooleanField(_("confirmed (確定)"), default=False)
    confirmed_for = models.JSONField(default=list, blank=True)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    decided_at = models.DateTimeField(db_default=Now())
    version = models.PositiveIntegerField(default=1)

    class Meta:
        verbose_name = _("seating plan (席次)")
        verbose_name_plural = _("seating plans (席次)")

    def __str__(self) -> str:
        return str(self.visit)

    @property
    def places(self) -> Places:
        """The plan as the rules of seating see it."""
        return Places(tuple(self.upper), tuple(self.lower))
