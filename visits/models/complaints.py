"""What went wrong (困った), and how often a guest was asked the same thing again."""

from typing import TYPE_CHECKING, ClassVar

from django.conf import settings
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from crm_project.core.accounts.models import Venue
from crm_project.core.rights import Right
from customers.models import Customer
from visits.choices import ComplaintState
from visits.models.notes import Note
from visits.models.visits import Visit

if TYPE_CHECKING:
    from crm_project.core.accounts.models import User


class ComplaintQuerySet(models.QuerySet["Complaint"]):
    """Complaints and mishaps in the words of the house."""

    def visible_to(self, user: "User") -> "ComplaintQuerySet":
        """Those of venues where the person may read check sheets, of visits and guests the person may open."""
        open_guest = models.Q(customer=None) | models.Q(customer__in=Customer.objects.visible_to(user))
        return self.filter(open_guest, venue__in=user.venues_with(Right.VIEW_NOTES)).exclude(
            visit__in=Visit.objects.sealed_from(user).values("pk")
        )

    def unsettled(self) -> "ComplaintQuerySet":
        """Those that somebody still has to look after."""
        return self.exclude(state=ComplaintState.SETTLED)


class Complaint(models.Model):
    """Something that went wrong: told in two fields the moment it happens, completed later."""

    venue = models.ForeignKey(Venue, on_delete=models.PROTECT, related_name="complaints", verbose_name=_("venue"))
    # None until the visit it happened at is recorded.
    visit = models.ForeignKey(Visit, on_delete=models.CASCADE, null=True, blank=True, related_name="complaints")
    customer = models.ForeignKey(
        Customer, on_delete=models.PROTECT, null=True, blank=True, related_name="complaints", verbose_name=_("guest")
    )
    # The line of the check sheet it was written in; its thread is then the note's.
    note = models.OneToOneField(Note, on_delete=models.CASCADE, null=True, blank=True, related_name="complaint")
    # The log form it was told from, until its visit is recorded.
    form_token = models.UUIDField(null=True, blank=True, editable=False)
    what = models.TextField(_("what happened"))
    place = models.CharField(_("to whom, where"), max_length=120, blank=True)
    cause = models.CharField(_("how it came about"), max_length=80, blank=True)
    countermeasure = models.TextField(_("what is done so that it does not happen again"), blank=True)
    told_to = models.CharField(_("who was told"), max_length=120, blank=True)
    state = models.CharField(_("state"), max_length=8, choices=ComplaintState, default=ComplaintState.OPEN)
    reported_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    reported_at = models.DateTimeField(_("told"), db_default=Now())
    settled_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    settled_at = models.DateTimeField(null=True)
    version = models.PositiveIntegerField(default=1, db_default=1)

    objects = ComplaintQuerySet.as_manager()

    class Meta:
        verbose_name = _("complaint or mishap")
        verbose_name_plural = _("complaints and mishaps")
        ordering: ClassVar = ["-reported_at", "-pk"]
        indexes: ClassVar = [
            models.Index(fields=["venue", "state", "-reported_at"], name="complaint_list"),
            models.Index(fields=["venue", "cause"], name="complaint_cause", condition=~models.Q(cause="")),
            models.Index(fields=["form_token"], name="complaint_of_form", condition=models.Q(form_token__isnull=False)),
        ]
        constraints: ClassVar = [
            models.CheckConstraint(condition=~models.Q(what=""), name="complaint_says_what"),
            models.CheckConstraint(
                condition=models.Q(state=ComplaintState.SETTLED, settled_by__isnull=False, settled_at__isnull=False)
                | (~models.Q(state=ComplaintState.SETTLED) & models.Q(settled_by=None, settled_at=None)),
                name="complaint_settled_by_somebody",
            ),
        ]

    def __str__(self) -> str:
        return self.what[:80]


class RepeatedQuestion(models.Model):
    """How often a guest was asked again what the house knew (同じことを再度伺った), per venue and day.

    A count and nothing else: not who was asked, not who tapped, not at which table. It is to improve the house.
    """

    venue = models.ForeignKey(Venue, on_delete=models.CASCADE, related_name="+")
    business_date = models.DateField(_("business day"))
    count = models.PositiveIntegerField(default=1)

    class Meta:
        verbose_name = _("same question asked again")
        verbose_name_plural = _("same questions asked again")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["venue", "business_date"], name="repeated_question_per_day"),
        ]

    def __str__(self) -> str:
        return f"{self.venue} {self.business_date} {self.count}"
