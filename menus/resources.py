"""Dishes and courses as tables, in and out through the administration. Rows are written by the services."""

from typing import Any

from django.utils.translation import gettext_lazy as _
from import_export import fields, widgets

from crm_project.core.accounts.models import User
from crm_project.core.allergens.choices import Presence
from crm_project.core.allergens.models import Allergen
from crm_project.core.amounts import exact
from crm_project.core.problems import InputProblem
from crm_project.core.resources import WrittenByServices
from crm_project.core.text import cell_text
from menus import services
from menus.choices import DishPosition
from menus.models import Course, Dish
from menus.queries import allergen_key, allergens_by_name, courses_with_dishes, dishes_with_allergens

SEPARATOR = "、"
STATED = (Presence.CONTAINS, Presence.MAY_CONTAIN, Presence.FREE)


class DishResource(WrittenByServices):
    """The columns of DISH_FIELDS (family by its name), and three columns of allergens joined by 、"""

    family = fields.Field(column_name="family")
    price = fields.Field(column_name="price", attribute="price", widget=widgets.DecimalWidget())
    cost = fields.Field(column_name="cost", attribute="cost", widget=widgets.DecimalWidget())
    contains = fields.Field(column_name="contains")
    may_contain = fields.Field(column_name="may_contain")
    free = fields.Field(column_name="free")

    class Meta:
        model = Dish
        import_id_fields = ("name",)
        fields = (*services.DISH_FIELDS, "contains", "may_contain", "free")
        use_transactions = True
        clean_model_instances = False

    def get_queryset(self) -> Any:
        """With the allergens, for the export."""
        return dishes_with_allergens().select_related("family")

    def dehydrate_family(self, dish: Dish) -> str:
        """What it is kin to."""
        return dish.family.name if dish.family else ""

    def dehydrate_contains(self, dish: Dish) -> str:
        """Allergens it contains."""
        return joined(dish, Presence.CONTAINS)

    def dehydrate_may_contain(self, dish: Dish) -> str:
        """Allergens it may contain."""
        return joined(dish, Presence.MAY_CONTAIN)

    def dehydrate_free(self, dish: Dish) -> str:
        """Allergens it is free of."""
        return joined(dish, Presence.FREE)

    def write(self, instance: Dish, is_create: bool, row: dict[str, Any], by: User) -> Dish:
        """A file without allergen columns leaves what is known as it is."""
        values: dict[str, Any] = {
            name: getattr(instance, name) for name in services.DISH_FIELDS if name in row or is_create
        }
        family = cell_text(row.get("family"))
        if "position" not in row and family in DishPosition.values:
            # A table from before dishes had families: its family is the place in the kaiseki.
            values["position"] = family
            values.pop("family", None)
        elif "family" in row:
            values["family"] = family
        for amount in ("price", "cost"):
            if values.get(amount) is not None:
                values[amount] = exact(values[amount])
        if any(presence.value in row for presence in STATED):
            values["presences"] = stated(row)
        if is_create:
            return services.create_dish(by=by, **values)
        return services.change_dish(dish=instance, by=by, **values)


class CourseResource(WrittenByServices):
    """name, kana, price, days, is_active, and the dishes joined by 、 (by name). The newest version of a name is meant."""

    dishes = fields.Field(column_name="dishes")
    price = fields.Field(column_name="price", attribute="price", widget=widgets.DecimalWidget())

    class Meta:
        model = Course
        import_id_fields = ("name",)
        fields = ("name", "kana", "price", "valid_from", "valid_to", "is_active", "dishes")
        use_transactions = True
        clean_model_instances = False

    def get_queryset(self) -> Any:
        """What is on the menu: versions no longer served are history."""
        return courses_with_dishes().filter(is_active=True)

    def dehydrate_dishes(self, course: Course) -> str:
        """The dishes in their order."""
        return SEPARATOR.join(row.dish.name for row in course.course_dishes.all())

    def write(self, instance: Course, is_create: bool, row: dict[str, Any], by: User) -> Course:
        """A file without the column of dishes leaves them as they are."""
        values: dict[str, Any] = {
            name: getattr(instance, name) for name in services.COURSE_FIELDS if name in row or is_create
        }
        if values.get("price") is not None:
            values["price"] = exact(values["price"])
        if "dishes" in row:
            values["dishes"] = dishes_named(cell_text(row["dishes"]))
        if is_create:
            return services.create_course(by=by, **values)
        return services.change_course(course=instance, by=by, **values)


def joined(dish: Dish, presence: Presence) -> str:
    """Japanese names of the allergens of one presence."""
    return SEPARATOR.join(row.allergen.name_ja for row in dish.allergens.all() if row.presence == presence)


def stated(row: dict[str, Any]) -> dict[Allergen, str]:
    """Allergen -> presence of a row's three columns. Raises InputProblem for a word that is no allergen."""
    words = allergens_by_name()
    found: dict[Allergen, str] = {}
    for presence in STATED:
        for word in filter(None, cell_text(row.get(presence.value)).split(SEPARATOR)):
            if allergen_key(word) not in words:
                raise InputProblem(_("“%(word)s” is not an allergen of our list."), {"word": word})
            found.setdefault(words[allergen_key(word)], presence)
    return found


def dishes_named(text: str) -> list[Dish]:
    """The dishes of a list of names. Raises InputProblem for a name that is not on the menu."""
    names = [name.strip() for name in text.split(SEPARATOR) if name.strip()]
    found = {dish.name: dish for dish in Dish.objects.filter(name__in=names)}
    for name in names:
        if name not in found:
            raise InputProblem(_("There is no dish “%(name)s” on the menu."), {"name": name})
    return [found[name] for name in names]
