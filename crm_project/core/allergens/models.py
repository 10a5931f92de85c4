"""Allergens and the dated legal lists. An item is never deleted: a guest keeps what the law drops."""

from datetime import date
from typing import ClassVar

from django.db import models
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from crm_project.core.allergens.choices import AllergenClass


class Allergen(models.Model):
    """Something that harms a guest: of a legal list, or the house's own (甲殻類, 青魚 ...)."""

    code = models.SlugField(_("code"), max_length=32, unique=True)
    name_ja = models.CharField(_("Japanese name"), max_length=40)
    name_en = models.CharField(_("English name"), max_length=40)
    # Other words found in ledgers and on menus: エビ, 海老, 車海老 ...
    aliases = models.JSONField(_("other words"), default=list, blank=True)
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        verbose_name = _("allergen")
        verbose_name_plural = _("allergens")
        ordering: ClassVar = ["position", "pk"]

    def __str__(self) -> str:
        return self.name

    @property
    def name(self) -> str:
        """The name in the reader's language."""
        return self.name_ja if (get_language() or "ja").startswith("ja") else self.name_en


class AllergenListQuerySet(models.QuerySet["AllergenList"]):
    """Reads of the lists."""

    def in_force(self, day: date) -> "AllergenList":
        """The list in force on the day (the oldest one for days before it)."""
        return self.filter(valid_from__lte=day).order_by("-valid_from").first() or self.order_by("valid_from")[0]


class AllergenList(models.Model):
    """One legal list and the days it is in force."""

    valid_from = models.DateField(_("in force from"), unique=True)
    valid_to = models.DateField(_("in force until"), null=True, blank=True)

    objects = AllergenListQuerySet.as_manager()

    class Meta:
        verbose_name = _("allergen list")
        verbose_name_plural = _("allergen lists")
        ordering: ClassVar = ["valid_from"]

    def __str__(self) -> str:
        return f"{self.valid_from}"


class AllergenListItem(models.Model):
    """An allergen's place in a list."""

    list = models.ForeignKey(AllergenList, on_delete=models.CASCADE, related_name="items")
    allergen = models.ForeignKey(Allergen, on_delete=models.PROTECT, related_name="list_items")
    allergen_class = models.CharField(_("class"), max_length=12, choices=AllergenClass)
    position = models.PositiveSmallIntegerField()

    class Meta:
        verbose_name = _("list item")
        verbose_name_plural = _("list items")
        ordering: ClassVar = ["position"]
        constraints: ClassVar = [models.UniqueConstraint(fields=["list", "allergen"], name="allergen_once_per_list")]

    def __str__(self) -> str:
        return str(self.allergen)
