"""What the house itself wants to know of a guest, and why."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from customers.choices import AttributeKind, AttributeUse
from customers.models.guests import Customer


class AttributeQuerySet(models.QuerySet["Attribute"]):
    """Items in the words of the house."""

    def in_use(self) -> "AttributeQuerySet":
        """Items that are asked for; retired ones keep their values."""
        return self.filter(is_active=True)


class Attribute(models.Model):
    """An item of the card that the house defined. One with a term ages: it asks to be confirmed when it is older."""

    name = models.CharField(_("name"), max_length=40, unique=True)
    purpose = models.CharField(_("what and why"), max_length=200, blank=True)
    kind = models.CharField(_("kind"), max_length=8, choices=AttributeKind, default=AttributeKind.TEXT)
    # Of the kind "choice": the answers in their order.
    choices = models.JSONField(_("choices"), default=list, blank=True)
    term_months = models.PositiveSmallIntegerField(
        _("ask again after (months)"), null=True, blank=True, help_text=_("Blank: it never changes.")
    )
    # お席, お車, お避けする話題: what the room has to know before the guest arrives.
    use = models.CharField(
        _("shown"), max_length=8, choices=AttributeUse, blank=True, default=AttributeUse.CARD, db_default=""
    )
    is_active = models.BooleanField(_("in use"), default=True)
    position = models.PositiveSmallIntegerField(_("position"), default=0)

    objects = AttributeQuerySet.as_manager()

    class Meta:
        verbose_name = _("item of the house")
        verbose_name_plural = _("items of the house")
        ordering: ClassVar = ["position", "pk"]
        constraints: ClassVar = [
            models.CheckConstraint(condition=~models.Q(name=""), name="attribute_has_a_name"),
            models.CheckConstraint(
                condition=models.Q(term_months=None) | models.Q(term_months__gte=1), name="attribute_term_positive"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class AttributeValue(models.Model):
    """What is known of one guest. Numbers and days are kept beside the text, so that lists can compare them."""

    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="attribute_values")
    attribute = models.ForeignKey(Attribute, on_delete=models.PROTECT, related_name="values")
    text = models.CharField(_("value"), max_length=500)
    number = models.DecimalField(max_digits=18, decimal_places=4, null=True, blank=True)
    day = models.DateField(null=True, blank=True)
    confirmed_at = models.DateTimeField(_("confirmed"), db_default=Now())
    confirmed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")

    class Meta:
        verbose_name = _("value of an item")
        verbose_name_plural = _("values of items")
        ordering: ClassVar = ["attribute__position", "pk"]
        indexes: ClassVar = [models.Index(fields=["attribute", "text"], name="attribute_value_text")]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["customer", "attribute"], name="attribute_once_per_customer"),
            models.CheckConstraint(condition=~models.Q(text=""), name="attribute_value_not_blank"),
        ]

    def __str__(self) -> str:
        return f"{self.attribute} {self.text}"


class FieldPurpose(models.Model):
    """The house's line "何を・何のために" at the label of a built-in field; a missing row shows the shipped line."""

    field = models.CharField(_("field"), max_length=60, unique=True)
    text = models.CharField(_("what and why"), max_length=200)

    class Meta:
        verbose_name = _("purpose of a field")
        verbose_name_plural = _("purposes of fields")
        ordering: ClassVar = ["field"]

    def __str__(self) -> str:
        return f"{self.field}: {self.text}"
