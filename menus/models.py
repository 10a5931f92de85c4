"""Dishes, what they contain, and the courses they make up."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from crm_project.core.allergens.choices import Presence
from crm_project.core.allergens.models import Allergen
from crm_project.core.amounts import AmountField
from menus.choices import DishFamily, Season


class Dish(models.Model):
    """Something the kitchen serves."""

    name = models.CharField(_("name"), max_length=120, unique=True)
    kana = models.CharField(_("reading"), max_length=120, blank=True)
    family = models.CharField(_("family"), max_length=10, choices=DishFamily, default=DishFamily.OTHER)
    season = models.CharField(_("season"), max_length=8, choices=Season, default=Season.ALL_YEAR)
    is_active = models.BooleanField(_("on the menu"), default=True)
    search_key = models.CharField(max_length=300, editable=False)

    class Meta:
        verbose_name = _("dish")
        verbose_name_plural = _("dishes")
        ordering: ClassVar = ["name"]
        constraints: ClassVar = [models.CheckConstraint(condition=~models.Q(name=""), name="dish_has_a_name")]

    def __str__(self) -> str:
        return self.name


class DishAllergen(models.Model):
    """What the kitchen says of an allergen in a dish. No row means: not checked."""

    dish = models.ForeignKey(Dish, on_delete=models.CASCADE, related_name="allergens")
    allergen = models.ForeignKey(Allergen, on_delete=models.PROTECT, related_name="+", verbose_name=_("allergen"))
    presence = models.CharField(_("presence"), max_length=12, choices=Presence, default=Presence.UNCHECKED)

    class Meta:
        verbose_name = _("allergen of a dish")
        verbose_name_plural = _("allergens of dishes")
        constraints: ClassVar = [models.UniqueConstraint(fields=["dish", "allergen"], name="dish_allergen_once")]

    def __str__(self) -> str:
        return f"{self.dish} {self.get_presence_display()} {self.allergen}"


class Course(models.Model):
    """A menu of dishes (霜月の会席 松). A served one is never edited: a change makes a new version."""

    name = models.CharField(_("name"), max_length=120)
    kana = models.CharField(_("reading"), max_length=120, blank=True)
    version = models.PositiveSmallIntegerField(_("version"), default=1)
    price = AmountField(_("price per head (tax excluded)"), null=True, blank=True)
    valid_from = models.DateField(_("served from"), null=True, blank=True)
    valid_to = models.DateField(_("served until"), null=True, blank=True)
    is_active = models.BooleanField(_("on the menu"), default=True)
    search_key = models.CharField(max_length=300, editable=False)
    dishes = models.ManyToManyField(Dish, through="CourseDish", related_name="courses")

    class Meta:
        verbose_name = _("course")
        verbose_name_plural = _("courses")
        ordering: ClassVar = ["name", "-version"]
        constraints: ClassVar = [models.UniqueConstraint(fields=["name", "version"], name="course_version_unique")]

    def __str__(self) -> str:
        return self.name


class CourseDish(models.Model):
    """A dish's place in a course."""

    course = models.ForeignKey(Course, on_delete=models.CASCADE, related_name="course_dishes")
    dish = models.ForeignKey(Dish, on_delete=models.PROTECT, related_name="+", verbose_name=_("dish"))
    position = models.PositiveSmallIntegerField(_("position"))

    class Meta:
        verbose_name = _("dish of a course")
        verbose_name_plural = _("dishes of courses")
        ordering: ClassVar = ["position"]
        constraints: ClassVar = [models.UniqueConstraint(fields=["course", "dish"], name="course_dish_once")]

    def __str__(self) -> str:
        return f"{self.course} {self.position} {self.dish}"
