"""Dishes, what they contain, and the courses they make up."""

from collections.abc import Iterable
from datetime import date
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from crm_project.core.allergens.choices import DietRule, Presence
from crm_project.core.allergens.models import Allergen
from crm_project.core.amounts import AmountField
from menus.choices import DietAnswer, DishPosition, ProposalState, Season
from menus.presence import effective


class DishFamily(models.Model):
    """What makes dishes kin: 鯛の刺身 and 鯛の昆布締め are both 鯛."""

    name = models.CharField(_("name"), max_length=60, unique=True)
    kana = models.CharField(_("reading"), max_length=60, blank=True)

    class Meta:
        verbose_name = _("family of dishes")
        verbose_name_plural = _("families of dishes")
        ordering: ClassVar = ["kana", "name"]
        constraints: ClassVar = [models.CheckConstraint(condition=~models.Q(name=""), name="family_has_a_name")]

    def __str__(self) -> str:
        return self.name


class BasePreparation(models.Model):
    """What the kitchen makes for many dishes (出汁, 割り醤油, 練り物): its allergens are in all of them."""

    name = models.CharField(_("name"), max_length=120, unique=True)
    kana = models.CharField(_("reading"), max_length=120, blank=True)
    version = models.PositiveIntegerField(default=1, db_default=1, editable=False)

    class Meta:
        verbose_name = _("base preparation")
        verbose_name_plural = _("base preparations")
        ordering: ClassVar = ["kana", "name"]
        constraints: ClassVar = [models.CheckConstraint(condition=~models.Q(name=""), name="base_has_a_name")]

    def __str__(self) -> str:
        return self.name


class BaseAllergen(models.Model):
    """What the kitchen says of an allergen in a base preparation. No row means: not checked."""

    base = models.ForeignKey(BasePreparation, on_delete=models.CASCADE, related_name="allergens")
    allergen = models.ForeignKey(Allergen, on_delete=models.PROTECT, related_name="+", verbose_name=_("allergen"))
    presence = models.CharField(_("presence"), max_length=12, choices=Presence, default=Presence.UNCHECKED)

    class Meta:
        verbose_name = _("allergen of a base preparation")
        verbose_name_plural = _("allergens of base preparations")
        constraints: ClassVar = [models.UniqueConstraint(fields=["base", "allergen"], name="base_allergen_once")]

    def __str__(self) -> str:
        return f"{self.base} {self.get_presence_display()} {self.allergen}"


class Food(models.Model):
    """An ingredient as the supplier or the recipe names it: 乳・卵抜きハム."""

    name = models.CharField(_("name"), max_length=120, unique=True)

    class Meta:
        verbose_name = _("food")
        verbose_name_plural = _("foods")
        ordering: ClassVar = ["name"]
        constraints: ClassVar = [models.CheckConstraint(condition=~models.Q(name=""), name="food_has_a_name")]

    def __str__(self) -> str:
        return self.name


class Dish(models.Model):
    """Something the kitchen serves."""

    name = models.CharField(_("name"), max_length=120, unique=True)
    kana = models.CharField(_("reading"), max_length=120, blank=True)
    position = models.CharField(
        _("place in the kaiseki"), max_length=10, choices=DishPosition, default=DishPosition.OTHER
    )
    family = models.ForeignKey(
        DishFamily, on_delete=models.PROTECT, null=True, blank=True, related_name="dishes", verbose_name=_("family")
    )
    season = models.CharField(_("season"), max_length=8, choices=Season, default=Season.ALL_YEAR)
    # What guests come for each year (季節の名物) is no "same dish again".
    is_signature = models.BooleanField(_("speciality of the season"), default=False, db_default=False)
    # For the English menu.
    name_en = models.CharField(_("English name"), max_length=160, blank=True, default="", db_default="")
    description_en = models.CharField(_("English description"), max_length=400, blank=True, default="", db_default="")
    price = AmountField(_("price per head (tax excluded)"), null=True, blank=True)
    cost = AmountField(_("cost per head (tax excluded)"), null=True, blank=True)
    is_active = models.BooleanField(_("on the menu"), default=True)
    search_key = models.CharField(max_length=300, editable=False)
    version = models.PositiveIntegerField(default=1, db_default=1, editable=False)
    bases = models.ManyToManyField(
        BasePreparation, through="DishBase", related_name="dishes", verbose_name=_("base preparations")
    )
    foods = models.ManyToManyField(Food, through="DishFood", related_name="dishes", verbose_name=_("foods"))

    class Meta:
        verbose_name = _("dish")
        verbose_name_plural = _("dishes")
        ordering: ClassVar = ["name"]
        constraints: ClassVar = [models.CheckConstraint(condition=~models.Q(name=""), name="dish_has_a_name")]

    def __str__(self) -> str:
        return self.name

    @property
    def presences(self) -> dict[str, Presence]:
        """Allergen code -> what a guest must be told of it, base preparations included; an absent code is not checked.

        Reads `allergens` and `bases` with theirs (prefetched by `queries.dishes_with_allergens`).
        """
        return {allergen.code: presence for allergen, presence in self.stated_allergens()}

    def stated_allergens(self) -> list[tuple[Allergen, Presence]]:
        """What is known of allergens with the base preparations, in the order of the list; not checked is left out."""
        own = self.allergens.all()
        of_bases = [base.allergens.all() for base in self.bases.all()]
        allergens = {row.allergen_id: row.allergen for row in own}
        allergens |= {row.allergen_id: row.allergen for rows in of_bases for row in rows}
        found = effective(_said(own), [_said(rows) for rows in of_bases])
        known = [(allergens[pk], presence) for pk, presence in found.items() if presence != Presence.UNCHECKED]
        return sorted(known, key=lambda one: (one[0].position, one[0].pk))


def _said(rows: "Iterable[DishAllergen | BaseAllergen]") -> dict[int, str]:
    return {row.allergen_id: row.presence for row in rows}


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


class DishBase(models.Model):
    """A base preparation that goes into a dish."""

    dish = models.ForeignKey(Dish, on_delete=models.CASCADE, related_name="dish_bases")
    base = models.ForeignKey(
        BasePreparation, on_delete=models.PROTECT, related_name="dish_bases", verbose_name=_("base preparation")
    )

    class Meta:
        verbose_name = _("base preparation of a dish")
        verbose_name_plural = _("base preparations of dishes")
        constraints: ClassVar = [models.UniqueConstraint(fields=["dish", "base"], name="dish_base_once")]

    def __str__(self) -> str:
        return f"{self.dish}: {self.base}"


class DishDiet(models.Model):
    """Whether a dish meets a diet rule. No row means: not checked."""

    dish = models.ForeignKey(Dish, on_delete=models.CASCADE, related_name="diets")
    rule = models.CharField(_("diet rule"), max_length=12, choices=DietRule)
    answer = models.CharField(_("answer"), max_length=10, choices=DietAnswer)

    class Meta:
        verbose_name = _("diet of a dish")
        verbose_name_plural = _("diets of dishes")
        constraints: ClassVar = [models.UniqueConstraint(fields=["dish", "rule"], name="dish_diet_once")]

    def __str__(self) -> str:
        return f"{self.dish}: {self.get_rule_display()} {self.get_answer_display()}"


class DishFood(models.Model):
    """What a recipe of a dish names: a food in one portion. Two portion sizes are two rows."""

    dish = models.ForeignKey(Dish, on_delete=models.CASCADE, related_name="dish_foods")
    food = models.ForeignKey(Food, on_delete=models.PROTECT, related_name="dish_foods", verbose_name=_("food"))
    # As written: 35, or 小4～6 280.
    quantity = models.CharField(_("quantity"), max_length=40, blank=True)
    unit = models.CharField(_("unit"), max_length=10, blank=True)

    class Meta:
        verbose_name = _("food of a dish")
        verbose_name_plural = _("foods of dishes")
        ordering: ClassVar = ["pk"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["dish", "food", "quantity", "unit"], name="dish_food_portion_once")
        ]

    def __str__(self) -> str:
        return f"{self.food} {self.quantity}{self.unit}".strip()


class ProposedAllergen(models.Model):
    """An allergen that the name of a food suggests. It says nothing of the dish until a person has confirmed it."""

    dish = models.ForeignKey(Dish, on_delete=models.CASCADE, related_name="proposals")
    allergen = models.ForeignKey(Allergen, on_delete=models.PROTECT, related_name="+", verbose_name=_("allergen"))
    presence = models.CharField(_("presence"), max_length=12, choices=Presence)
    # The food, or the dish's own name, that suggests it.
    because_of = models.CharField(_("because of"), max_length=120)
    state = models.CharField(_("state"), max_length=10, choices=ProposalState, default=ProposalState.OPEN)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    decided_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("proposed allergen")
        verbose_name_plural = _("proposed allergens")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["dish", "allergen"], name="proposal_once"),
            models.CheckConstraint(
                condition=models.Q(presence__in=[Presence.CONTAINS, Presence.MAY_CONTAIN]),
                name="proposal_never_says_free",
            ),
            models.CheckConstraint(
                condition=models.Q(state=ProposalState.OPEN, decided_at=None)
                | models.Q(~models.Q(state=ProposalState.OPEN), decided_at__isnull=False),
                name="proposal_decided_at_its_decision",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.dish}: {self.get_presence_display()} {self.allergen}"


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
    # Counts the changes of this version of the course: two people's edits are told apart.
    revision = models.PositiveIntegerField(default=1, db_default=1, editable=False)
    dishes = models.ManyToManyField(Dish, through="CourseDish", related_name="courses")

    class Meta:
        verbose_name = _("course")
        verbose_name_plural = _("courses")
        ordering: ClassVar = ["name", "-version"]
        constraints: ClassVar = [models.UniqueConstraint(fields=["name", "version"], name="course_version_unique")]

    def __str__(self) -> str:
        return self.name

    def is_on(self, day: date) -> bool:
        """Whether the day lies within its days."""
        return (self.valid_from is None or self.valid_from <= day) and (self.valid_to is None or self.valid_to >= day)


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
