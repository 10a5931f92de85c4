"""Dishes with their allergens and the courses of every month, written as the services of the menu write them."""

import calendar
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Final

from django.db.models import Prefetch

from crm_project.core.allergens.choices import Presence
from crm_project.core.allergens.legal_lists import COVERS
from crm_project.core.allergens.models import Allergen
from crm_project.core.text import tidy_kana
from crm_project.demo.menu_words import (
    ALL_YEAR_COURSES,
    BANQUET_COURSE,
    BANQUET_FAMILIES,
    BASES,
    DISHES,
    ENGLISH,
    FAMILIES,
    INN_COURSE,
    INN_FAMILIES,
    MONTHLY_COURSES,
    MONTHS,
    SEASONS_JA,
    SHORTHAND,
    SIGNATURES,
)
from menus.choices import DishPosition, Season
from menus.models import BaseAllergen, BasePreparation, Course, CourseDish, Dish, DishAllergen, DishBase, DishFamily
from menus.queries import dishes_with_allergens
from menus.search_index import search_key

# Of these nobody can say more than what is written on the label: no "free of" for what was not asked.
NEVER_SAID_FREE: Final = frozenset({"alcohol"})
CRUSTACEANS: Final = frozenset({"shrimp", "crab"})
YEARLY_RAISE: Final = 500
SIGNATURE_SOUP: Final = "海老真薯"


def season_of(month: int) -> str:
    """The season in which a month's dishes are served."""
    return (Season.WINTER, Season.SPRING, Season.SUMMER, Season.AUTUMN)[month % 12 // 3]


@dataclass
class Menu:
    """Everything that can be ordered."""

    dishes: dict[str, Dish] = field(default_factory=dict)
    courses: dict[str, list[Course]] = field(default_factory=dict)
    course_dishes: dict[int, list[Dish]] = field(default_factory=dict)

    def in_season(self, position: str, month: int) -> list[Dish]:
        """The dishes of a place that are served in a month, those of the season first."""
        season = season_of(month)
        found = [dish for dish in self.dishes.values() if dish.position == position]
        return [dish for dish in found if dish.season == season] + [
            dish for dish in found if dish.season == Season.ALL_YEAR
        ]

    def course_pool(self, position: str, month: int) -> list[Dish]:
        """What a course may take: the dishes of the season, where there is a choice of them."""
        found = self.in_season(position, month)
        seasonal = [dish for dish in found if dish.season != Season.ALL_YEAR]
        return seasonal if len(seasonal) > 2 or position == DishPosition.HASSUN else found

    def course(self, name: str, day: date) -> Course:
        """The course of that name as it is on a day: the version of the day, else the nearest one."""
        versions = self.courses[name]
        for version in versions:
            if version.valid_from is None or version.valid_from <= day <= (version.valid_to or day):
                return version
        return versions[-1]

    def month_course(self, day: date, tier: str) -> Course:
        """霜月の会席 松 and its like."""
        return self.course(f"{MONTHS[day.month - 1][0]}の会席 {tier}", day)

    def season_course(self, day: date, name: str) -> Course:
        """秋の宴会料理 and its like."""
        return self.course(f"{SEASONS_JA[season_of(day.month)][0]}の{name}", day)


def write_menu(*, first_day: date, last_day: date) -> Menu:
    """Enter the dishes and the courses between two days; a name that is already on the menu keeps its dish."""
    menu = Menu()
    contents = _write_dishes()
    menu.dishes = {dish.name: dish for dish in dishes_with_allergens().filter(name__in=contents).order_by("pk")}
    _write_courses(menu, contents, first_day, last_day)
    return menu


def _write_dishes() -> dict[str, frozenset[str]]:
    """Write the dishes; returns what each contains."""
    codes = dict(Allergen.objects.order_by("position").values_list("code", "pk"))
    already = set(Dish.objects.values_list("name", flat=True))
    entries = [line.split("|") for line in DISHES.strip().splitlines()]
    Dish.objects.bulk_create(
        Dish(
            position=position,
            season=season,
            name=name,
            kana=tidy_kana(kana),
            search_key=search_key(name, tidy_kana(kana)),
        )
        for position, season, name, kana, _contains, _may in entries
        if name not in already
    )
    ids = dict(Dish.objects.values_list("name", "pk"))
    rows = []
    contents = {}
    for _position, _season, name, _kana, contains, may in entries:
        contents[name] = frozenset(_spelled_out(contains))
        if contains == "?" or name in already:
            continue
        rows += [
            DishAllergen(dish_id=ids[name], allergen_id=codes[code], presence=presence)
            for code, presence in presences(contents[name], _spelled_out(may), codes).items()
        ]
    DishAllergen.objects.bulk_create(rows, batch_size=2000)
    _write_depth({name: pk for name, pk in ids.items() if name in contents and name not in already}, codes)
    return contents


def _write_depth(ids: dict[str, int], codes: dict[str, int]) -> None:
    """Families, specialities, English names and base preparations of the dishes (name -> pk)."""
    dishes = {dish.name: dish for dish in Dish.objects.filter(pk__in=ids.values())}
    for line in FAMILIES.strip().splitlines():
        name, kana, words = line.split("|")
        family, _made = DishFamily.objects.get_or_create(name=name, defaults={"kana": tidy_kana(kana)})
        for dish in dishes.values():
            if dish.family_id is None and any(word in dish.name for word in words.split()):
                dish.family = family
    for line in ENGLISH.strip().splitlines():
        name, name_en, description = line.split("|")
        if name in dishes:
            dishes[name].name_en, dishes[name].description_en = name_en, description
    for dish in dishes.values():
        dish.is_signature = dish.name in SIGNATURES
    Dish.objects.bulk_update(dishes.values(), ["family", "is_signature", "name_en", "description_en"], batch_size=200)
    for line in BASES.strip().splitlines():
        name, kana, contains, may, where = line.split("|")
        base, made = BasePreparation.objects.get_or_create(name=name, defaults={"kana": tidy_kana(kana)})
        if made:
            said = presences(_spelled_out(contains), _spelled_out(may), codes)
            BaseAllergen.objects.bulk_create(
                BaseAllergen(base=base, allergen_id=codes[code], presence=presence) for code, presence in said.items()
            )
        # A dish takes over nothing new from its base: what is in it was written of the dish already.
        DishBase.objects.bulk_create(
            DishBase(dish=dish, base=base)
            for dish in dishes.values()
            if _made_with(dish, where)
            and set(_spelled_out(contains))
            <= set(dish.allergens.filter(presence=Presence.CONTAINS).values_list("allergen__code", flat=True))
        )


def _made_with(dish: Dish, where: str) -> bool:
    return dish.position == where[1:] if where.startswith("@") else where in dish.name


def _spelled_out(words: str) -> list[str]:
    return [code for word in words.split() if word != "?" for code in SHORTHAND.get(word, (word,))]


def presences(contains: Iterable[str], may_contain: Iterable[str], codes: Iterable[str]) -> dict[str, Presence]:
    """What the kitchen says of every allergen in a dish that it has checked; 甲殻類 follows from えび and かに."""
    has, may = set(contains), set(may_contain)
    for wide, narrow in COVERS.items():
        if has & set(narrow):
            has.add(wide)
        elif may & set(narrow):
            may.add(wide)
    return {
        code: Presence.CONTAINS if code in has else Presence.MAY_CONTAIN if code in may else Presence.FREE
        for code in codes
        if code in has or code in may or code not in NEVER_SAID_FREE
    }


@dataclass(frozen=True)
class _Planned:
    course: Course
    dishes: Sequence[Dish]


def _write_courses(menu: Menu, contents: dict[str, frozenset[str]], first_day: date, last_day: date) -> None:
    planned = [*_monthly(menu, contents, first_day, last_day), *_of_seasons(menu), *_of_all_year(menu)]
    taken = set(Course.objects.values_list("name", flat=True))
    planned = [one for one in planned if one.course.name not in taken]
    newest = {one.course.name: one.course.version for one in planned}
    for one in planned:
        one.course.is_active = one.course.version == newest[one.course.name]
        one.course.search_key = search_key(one.course.name, one.course.kana)
    Course.objects.bulk_create(one.course for one in planned)
    CourseDish.objects.bulk_create(
        (
            CourseDish(course=one.course, dish=dish, position=position)
            for one in planned
            for position, dish in enumerate(one.dishes)
        ),
        batch_size=2000,
    )
    courses = Course.objects.prefetch_related(
        Prefetch("course_dishes", CourseDish.objects.select_related("dish").order_by("position"))
    )
    for course in courses.order_by("name", "version"):
        menu.courses.setdefault(course.name, []).append(course)
        by_name = [menu.dishes.get(row.dish.name, row.dish) for row in course.course_dishes.all()]
        menu.course_dishes[course.pk] = by_name


def _monthly(menu: Menu, contents: dict[str, frozenset[str]], first_day: date, last_day: date) -> list[_Planned]:
    """Two courses a month; the same month of the next year is the next version of its course. A whole year at least."""
    found = []
    versions: dict[str, int] = {}
    year, month = first_day.year, first_day.month
    if (last_day.year - year) * 12 + last_day.month - month < 11:
        year, month = last_day.year - 1, last_day.month + 1
        year, month = (year + 1, 1) if month == 13 else (year, month)
    while (year, month) <= (last_day.year, last_day.month):
        month_name, month_kana = MONTHS[month - 1]
        for tier_number, (tier, tier_kana, price, places) in enumerate(MONTHLY_COURSES):
            name = f"{month_name}の会席 {tier}"
            versions[name] = versions.get(name, 0) + 1
            turn = month % 3 + year + tier_number
            dishes = [
                pool[(turn + place) % len(pool)]
                for place, position in enumerate(places)
                if (pool := menu.course_pool(position, month))
            ]
            if tier_number == 0:
                dishes = _with_crustaceans(menu, contents, dishes)
            course = Course(
                name=name,
                kana=tidy_kana(f"{month_kana}のかいせき {tier_kana}"),
                version=versions[name],
                price=Decimal(price - YEARLY_RAISE * (last_day.year - year)),
                valid_from=date(year, month, 1),
                valid_to=date(year, month, calendar.monthrange(year, month)[1]),
            )
            found.append(_Planned(course, dishes))
        year, month = (year + 1, 1) if month == 12 else (year, month + 1)
    return found


def _with_crustaceans(menu: Menu, contents: dict[str, frozenset[str]], dishes: list[Dish]) -> list[Dish]:
    """A feast has shrimp or crab in it: where the turn brought none, the soup is the one the house is known for."""
    if any(contents[dish.name] & CRUSTACEANS for dish in dishes):
        return dishes
    soup = menu.dishes[SIGNATURE_SOUP]
    return [soup if dish.position == DishPosition.WANMONO else dish for dish in dishes]


def _of_seasons(menu: Menu) -> list[_Planned]:
    found = []
    for turn, (season, (season_name, season_kana)) in enumerate(SEASONS_JA.items()):
        month = {"spring": 4, "summer": 7, "autumn": 10, "winter": 1}[season]
        for (name, kana, price), places in ((INN_COURSE, INN_FAMILIES), (BANQUET_COURSE, BANQUET_FAMILIES)):
            dishes = [
                pool[(turn + place) % len(pool)]
                for place, position in enumerate(places)
                if (pool := menu.course_pool(position, month))
            ]
            course = Course(
                name=f"{season_name}の{name}", kana=tidy_kana(f"{season_kana}の{kana}"), price=Decimal(price)
            )
            found.append(_Planned(course, dishes))
    return found


def _of_all_year(menu: Menu) -> list[_Planned]:
    return [
        _Planned(Course(name=name, kana=tidy_kana(kana), price=Decimal(price)), [menu.dishes[dish] for dish in dishes])
        for name, kana, price, dishes in ALL_YEAR_COURSES
    ]
