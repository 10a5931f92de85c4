"""What was asked and answered outside a visit: calls, visits at the door, letters, mail."""

import uuid
from typing import TYPE_CHECKING, ClassVar

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from crm_project.core.accounts.models import Venue
from crm_project.core.rights import Right
from customers.choices import Channel, Direction
from customers.models.companies import Company
from customers.models.guests import Customer

if TYPE_CHECKING:
    from crm_project.core.accounts.models import User


class ContactQuerySet(models.QuerySet["Contact"]):
    """Contacts in the words of the house."""

    def visible_to(self, user: "User") -> "ContactQuerySet":
        """Contacts of venues where the person may see contacts, about guests the person may open."""
        return self.filter(
            models.Q(customer=None) | models.Q(customer__in=Customer.objects.visible_to(user)),
            venue__in=user.venues_with(Right.VIEW_CONTACTS),
        )

    def sealed_from(self, user: "User") -> "ContactQuerySet":
        """Contacts with confidential guests the person is not named for."""
        return self.filter(customer__in=Customer.objects.sealed_from(user))

    def still_open(self) -> "ContactQuerySet":
        """Contacts that wait for an answer."""
        return self.filter(answered_at=None)


class Contact(models.Model):
    """One contact with a guest, a company, or somebody not known yet; open until it is answered."""

    venue = models.ForeignKey(Venue, on_delete=models.PROTECT, related_name="contacts", verbose_name=_("venue"))
    customer = models.ForeignKey(
        Customer, on_delete=models.PROTECT, null=True, blank=True, related_name="contacts", verbose_name=_("guest")
    )
    company = models.ForeignKey(
        Company, on_delete=models.PROTECT, null=True, blank=True, related_name="contacts", verbose_name=_("company")
    )
    # Of somebody without a card: what was heard on the phone.
    caller = models.CharField(_("who"), max_length=120, blank=True)
    phone_digits = models.CharField(_("phone"), max_length=20, blank=True, db_index=True)
    channel = models.CharField(_("by"), max_length=8, choices=Channel, default=Channel.PHONE)
    direction = models.CharField(_("in or out"), max_length=4, choices=Direction, default=Direction.IN)
    at = models.DateTimeField(_("when"), default=timezone.now)
    asked = models.TextField(_("what it was about"), blank=True)
    answer = models.TextField(_("answer"), blank=True)
    answered_at = models.DateTimeField(_("answered"), null=True, blank=True)
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    # Whom the open one waits for; blank: anybody of the venue.
    assigned_to = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="open_contacts",
        verbose_name=_("to be answered by"),
    )
    # Made when the form is opened: a double tap notes the contact once.
    form_token = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    version = models.PositiveIntegerField(default=1, editable=False)

    objects = ContactQuerySet.as_manager()

    class Meta:
        verbose_name = _("contact")
        verbose_name_plural = _("contacts")
        ordering: ClassVar = ["-at", "-pk"]
        indexes: ClassVar = [
            models.Index(fields=["customer", "-at"], name="contact_customer"),
            models.Index(fields=["venue", "at"], name="contact_open", condition=models.Q(answered_at=None)),
        ]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(answered_at=None, answered_by=None)
                | models.Q(answered_at__isnull=False, answered_by__isnull=False),
                name="contact_answered_by_somebody",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_channel_display()} {self.customer or self.company or self.caller or self.phone_digits}"
