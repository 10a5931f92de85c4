"""How people belong together, and the days that matter to them."""

from typing import TYPE_CHECKING, ClassVar

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from crm_project.core.rights import Right
from customers.choices import RelationKind, SpecialDayKind
from customers.models.companies import Company
from customers.models.guests import Customer

if TYPE_CHECKING:
    from crm_project.core.accounts.models import User


class Relation(models.Model):
    """`other` is the guest's spouse, secretary, introducer ...: read from the guest's side.

    Somebody without a card (a secretary known by name and number only) is `other_name` with `other_phone`.
    """

    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="relations")
    kind = models.CharField(_("relation"), max_length=12, choices=RelationKind)
    other = models.ForeignKey(
        Customer,
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="related_to",
        verbose_name=_("guest"),
    )
    other_name = models.CharField(_("name"), max_length=80, blank=True)
    other_phone = models.CharField(_("phone"), max_length=40, blank=True)
    note = models.CharField(_("note"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("relation")
        verbose_name_plural = _("relations")
        ordering: ClassVar = ["kind", "pk"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["customer", "kind", "other"], condition=models.Q(other__isnull=False), name="relation_once"
            ),
            models.CheckConstraint(
                condition=models.Q(other__isnull=False, other_name="")
                | (models.Q(other=None) & ~models.Q(other_name="")),
                name="relation_names_somebody",
            ),
            models.CheckConstraint(
                condition=models.Q(other=None) | ~models.Q(other=models.F("customer")), name="relation_not_to_oneself"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.other or self.other_name}"


class SpecialDay(models.Model):
    """A day of the year that matters to a guest or a company: wedding, founding, memorial. Birthdays stand on the guest."""

    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, null=True, blank=True, related_name="special_days")
    company = models.ForeignKey(Company, on_delete=models.CASCADE, null=True, blank=True, related_name="special_days")
    kind = models.CharField(_("occasion"), max_length=10, choices=SpecialDayKind)
    month = models.PositiveSmallIntegerField(_("month"), validators=[MinValueValidator(1), MaxValueValidator(12)])
    day = models.PositiveSmallIntegerField(_("day"), validators=[MinValueValidator(1), MaxValueValidator(31)])
    year = models.PositiveSmallIntegerField(_("year"), null=True, blank=True)
    note = models.CharField(_("note"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("special day")
        verbose_name_plural = _("special days")
        ordering: ClassVar = ["month", "day", "pk"]
        indexes: ClassVar = [models.Index(fields=["month", "day"], name="special_day_of_year")]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(customer=None, company__isnull=False)
                | models.Q(customer__isnull=False, company=None),
                name="special_day_is_somebodys",
            ),
            models.CheckConstraint(
                condition=models.Q(month__range=(1, 12), day__range=(1, 31)), name="special_day_in_the_year"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.month}/{self.day}"


class KeepApartQuerySet(models.QuerySet["KeepApart"]):
    """Who must not meet, in the words of the house."""

    def in_force(self) -> "KeepApartQuerySet":
        """Pairs nobody has ended."""
        return self.filter(ended_at=None)

    def visible_to(self, user: "User") -> "KeepApartQuerySet":
        """Pairs of guests and firms the person may open, for who holds the right to know them; else none."""
        if not user.has_right(Right.KEEP_APART):
            return self.none()
        guests, firms = (model.objects.visible_to(user).values("pk") for model in (Customer, Company))
        return self.filter(
            models.Q(customer=None) | models.Q(customer__in=guests),
            models.Q(company=None) | models.Q(company__in=firms),
            models.Q(other_customer=None) | models.Q(other_customer__in=guests),
            models.Q(other_company=None) | models.Q(other_company__in=firms),
        )


class KeepApart(models.Model):
    """Two people or firms who must not meet in the house (鉢合わせを避ける). Known to who holds the right alone."""

    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, null=True, blank=True, related_name="kept_apart")
    company = models.ForeignKey(Company, on_delete=models.CASCADE, null=True, blank=True, related_name="kept_apart")
    other_customer = models.ForeignKey(
        Customer, on_delete=models.CASCADE, null=True, blank=True, related_name="kept_apart_from"
    )
    other_company = models.ForeignKey(
        Company, on_delete=models.CASCADE, null=True, blank=True, related_name="kept_apart_from"
    )
    note = models.CharField(_("note"), max_length=200, blank=True)
    noted_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    noted_at = models.DateTimeField(db_default=Now())
    ended_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    ended_at = models.DateTimeField(null=True, blank=True)

    objects = KeepApartQuerySet.as_manager()

    class Meta:
        verbose_name = _("who must not meet")
        verbose_name_plural = _("who must not meet")
        ordering: ClassVar = ["pk"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(customer=None, company__isnull=False)
                | models.Q(customer__isnull=False, company=None),
                name="kept_apart_is_one",
            ),
            models.CheckConstraint(
                condition=models.Q(other_customer=None, other_company__isnull=False)
                | models.Q(other_customer__isnull=False, other_company=None),
                name="kept_apart_from_one",
            ),
            models.CheckConstraint(
                condition=(
                    models.Q(customer=None)
                    | models.Q(other_customer=None)
                    | ~models.Q(customer=models.F("other_customer"))
                )
                & (
                    models.Q(company=None) | models.Q(other_company=None) | ~models.Q(company=models.F("other_company"))
                ),
                name="kept_apart_from_another",
            ),
            models.CheckConstraint(
                condition=models.Q(ended_at=None, ended_by=None)
                | models.Q(ended_at__isnull=False, ended_by__isnull=False),
                name="kept_apart_ended_by_somebody",
            ),
            *(
                models.UniqueConstraint(
                    fields=[one, other],
                    condition=models.Q(ended_at=None, **{f"{one}__isnull": False, f"{other}__isnull": False}),
                    name=name,
                )
                for name, one, other in (
                    ("kept_apart_guests_once", "customer", "other_customer"),
                    ("kept_apart_guest_firm_once", "customer", "other_company"),
                    ("kept_apart_firm_guest_once", "company", "other_customer"),
                    ("kept_apart_firms_once", "company", "other_company"),
                )
            ),
        ]

    def __str__(self) -> str:
        return f"{self.customer or self.company} / {self.other_customer or self.other_company}"
