"""Dishes and courses, findable as every write path leaves them."""

from collections.abc import Iterable, Mapping
from typing import Any

from factory.declarations import Sequence
from factory.django import DjangoModelFactory

from crm_project.core.allergens.models import Allergen
from menus.models import BaseAllergen, BasePreparation, Course, CourseDish, Dish, DishAllergen, DishBase
from menus.search_index import search_key


class BaseFactory(DjangoModelFactory[BasePreparation]):
    """A base preparation; `presences={"wheat": "contains"}` says what is known of its allergens."""

    class Meta:
        model = BasePreparation
        skip_postgeneration_save = True

    name = Sequence(lambda number: f"割り醤油 {number}")
    kana = "ワリジョウユ"

    @classmethod
    def _create(cls, model_class: type[BasePreparation], *args: Any, **kwargs: Any) -> BasePreparation:
        presences: Mapping[str, str] = kwargs.pop("presences", {})
        base = super()._create(model_class, *args, **kwargs)
        for code, presence in presences.items():
            BaseAllergen.objects.create(base=base, allergen=Allergen.objects.get(code=code), presence=presence)
        return base


class DishFactory(DjangoModelFactory[Dish]):
    """A dish; `presences={"shrimp": "contains"}` says what is known of its allergens, `made_with=[base]` its bases."""

    class Meta:
        model = Dish
        skip_postgeneration_save = True

    name = Sequence(lambda number: f"季節の一皿 {number}")
    kana = "キセツノヒトサラ"

    @classmethod
    def _create(cls, model_class: type[Dish], *args: Any, **kwargs: Any) -> Dish:
        presences: Mapping[str, str] = kwargs.pop("presences", {})
        bases: Iterable[BasePreparation] = kwargs.pop("made_with", ())
        kwargs["search_key"] = search_key(kwargs["name"], kwargs["kana"])
        dish = super()._create(model_class, *args, **kwargs)
        for code, presence in presences.items():
            DishAllergen.objects.create(dish=dish, allergen=Allergen.objects.get(code=code), presence=presence)
        for base in bases:
            DishBase.objects.create(dish=dish, base=base)
        return dish


class CourseFactory(DjangoModelFactory[Course]):
    """A course; `of=[dish, ...]` gives its dishes."""

    class Meta:
        model = Course
        skip_postgeneration_save = True

    name = Sequence(lambda number: f"霜月の会席 {number}")
    kana = "シモツキノカイセキ"

    @classmethod
    def _create(cls, model_class: type[Course], *args: Any, **kwargs: Any) -> Course:
        dishes: Iterable[Dish] = kwargs.pop("of", ())
        kwargs["search_key"] = search_key(kwargs["name"], kwargs["kana"])
        course = super()._create(model_class, *args, **kwargs)
        for position, dish in enumerate(dishes):
            CourseDish.objects.create(course=course, dish=dish, position=position)
        return course
