"""Writing dishes: what they are, what they contain, what they are made of."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from crm_project.core.accounts.models import User
from crm_project.core.amounts import exact
from crm_project.core.audit.choices import Action
from crm_project.core.audit.services import difference, record, snapshot
from crm_project.core.problems import InputProblem
from crm_project.core.text import tidy, tidy_kana
from menus.choices import DietAnswer
from menus.models import BasePreparation, Dish, DishBase, DishDiet, DishFamily, DishFood, Food
from menus.refusals import MenuChangedMeanwhile
from menus.search_index import search_key
from menus.services.proposing import propose
from menus.services.stated import Presences, write_presences
from menus.services.taken import unless_taken

DISH_FIELDS = (
    "name",
    "kana",
    "position",
    "family",
    "season",
    "is_signature",
    "name_en",
    "description_en",
    "price",
    "cost",
    "is_active",
)


@dataclass(frozen=True, slots=True)
class Portion:
    """A food of a recipe as it is written: `quantity` 35 or 小4～6 280, `unit` g."""

    food: str
    quantity: str = ""
    unit: str = ""


@transaction.atomic
def create_dish(
    *,
    by: User,
    name: str,
    kana: str = "",
    presences: Presences | None = None,
    bases: Iterable[BasePreparation] = (),
    diets: Mapping[str, str] | None = None,
    foods: Sequence[Portion] = (),
    **values: Any,
) -> Dish:
    """Put a dish on the menu: `values` of DISH_FIELDS, `family` by its name, price and cost per head in yen without tax.

    An allergen that `presences`, or a rule that `diets` leaves out is not checked. Raises InputProblem.
    """
    dish = Dish()
    _fill(dish, by, values)
    _name(dish, name, kana)
    with unless_taken(_taken(dish)):
        dish.save(force_insert=True)
    changes = write_presences(dish, presences or {})
    changes |= _write_bases(dish, bases)
    changes |= _write_diets(dish, diets or {})
    changes |= _write_foods(dish, foods)
    propose([dish.pk])
    record(by=by, action=Action.CREATED, subject=dish, changes=changes)
    return dish


@transaction.atomic
def change_dish(
    *,
    dish: Dish,
    by: User,
    version: int | None = None,
    presences: Presences | None = None,
    bases: Iterable[BasePreparation] | None = None,
    diets: Mapping[str, str] | None = None,
    foods: Sequence[Portion] | None = None,
    **values: Any,
) -> Dish:
    """Change a dish; presences, bases, diets and foods, when given, each say everything that is known of their kind.

    `version` is the one the person saw. Raises MenuChangedMeanwhile when it has passed, else InputProblem.
    """
    dish = Dish.objects.select_for_update().get(pk=dish.pk)
    if version is not None and dish.version != version:
        raise MenuChangedMeanwhile
    before = snapshot(dish, DISH_FIELDS)
    _name(dish, values.pop("name", dish.name), values.pop("kana", dish.kana))
    _fill(dish, by, values)
    changes = difference(before, snapshot(dish, DISH_FIELDS))
    if presences is not None:
        changes |= write_presences(dish, presences)
    if bases is not None:
        changes |= _write_bases(dish, bases)
    if diets is not None:
        changes |= _write_diets(dish, diets)
    if foods is not None:
        changes |= _write_foods(dish, foods)
    if changes:
        propose([dish.pk])
        dish.version += 1
        with unless_taken(_taken(dish)):
            dish.save(update_fields=[*DISH_FIELDS, "search_key", "version"])
        record(by=by, action=Action.CHANGED, subject=dish, changes=changes)
    return dish


def family_named(name: str, by: User) -> DishFamily | None:
    """The family of that name, made when it is new; None for no name."""
    name = tidy(name)
    if not name:
        return None
    if len(name) > 60:
        raise InputProblem(_("The name of a family has 60 characters at most."))
    family, made = DishFamily.objects.get_or_create(name=name)
    if made:
        record(by=by, action=Action.CREATED, subject=family)
    return family


def _fill(dish: Dish, by: User, values: Mapping[str, Any]) -> None:
    for field, value in values.items():
        if field == "family":
            dish.family = family_named(value, by) if isinstance(value, str) else value
        elif field in ("price", "cost"):
            setattr(dish, field, None if value is None else exact(value))
        elif field in ("name_en", "description_en"):
            setattr(dish, field, tidy(value))
        elif field in DISH_FIELDS:
            setattr(dish, field, value)
        else:
            raise TypeError(f"A dish has no field {field}.")


def _name(dish: Dish, name: str, kana: str) -> None:
    dish.name, dish.kana = tidy(name), tidy_kana(kana)
    if not dish.name:
        raise InputProblem(_("Write the name."))
    dish.search_key = search_key(dish.name, dish.kana)
    if Dish.objects.exclude(pk=dish.pk).filter(name=dish.name).exists():
        raise _taken(dish)


def _taken(dish: Dish) -> InputProblem:
    return InputProblem(_("There is already a dish “%(name)s”."), {"name": dish.name})


def _write_bases(dish: Dish, bases: Iterable[BasePreparation]) -> dict[str, Any]:
    wanted = {base.pk: base for base in bases}
    held = {base.pk: base for base in dish.bases.all()}
    if wanted.keys() == held.keys():
        return {}
    dish.dish_bases.exclude(base__in=wanted).delete()
    DishBase.objects.bulk_create(DishBase(dish=dish, base=base) for pk, base in wanted.items() if pk not in held)
    return {"bases": [_joined(held.values()), _joined(wanted.values())]}


def _write_diets(dish: Dish, diets: Mapping[str, str]) -> dict[str, Any]:
    wanted = {str(rule): str(answer) for rule, answer in diets.items() if answer and answer != DietAnswer.UNCHECKED}
    held = dict(dish.diets.values_list("rule", "answer"))
    if wanted == held:
        return {}
    dish.diets.exclude(rule__in=wanted).delete()
    DishDiet.objects.bulk_create(
        (DishDiet(dish=dish, rule=rule, answer=answer) for rule, answer in wanted.items()),
        update_conflicts=True,
        unique_fields=["dish", "rule"],
        update_fields=["answer"],
    )
    rules = held.keys() | wanted.keys()
    return difference({rule: held.get(rule) for rule in rules}, {rule: wanted.get(rule) for rule in rules})


def _write_foods(dish: Dish, foods: Sequence[Portion]) -> dict[str, Any]:
    wanted = list(dict.fromkeys(Portion(tidy(one.food), tidy(one.quantity), tidy(one.unit)) for one in foods))
    rows = {Portion(row.food.name, row.quantity, row.unit): row for row in dish.dish_foods.select_related("food").all()}
    if wanted == list(rows):
        return {}
    names = {one.food for one in wanted}
    Food.objects.bulk_create((Food(name=name) for name in sorted(names)), ignore_conflicts=True)
    ids = dict(Food.objects.filter(name__in=names).values_list("name", "pk"))
    # Written anew in the order of the recipe.
    dish.dish_foods.all().delete()
    DishFood.objects.bulk_create(
        DishFood(dish=dish, food_id=ids[one.food], quantity=one.quantity, unit=one.unit) for one in wanted
    )
    return {"foods": [_recipe(rows), _recipe(wanted)]}


def _joined(rows: Iterable[BasePreparation]) -> str:
    return "、".join(row.name for row in rows)


def _recipe(portions: Iterable[Portion]) -> str:
    return "、".join(f"{one.food} {one.quantity}{one.unit}".strip() for one in portions)
