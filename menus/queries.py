"""Reads of the menu shared by its screens and the visit form."""

from datetime import date

from django.db.models import Count, Prefetch, Q, QuerySet

from crm_project.core.allergens.choices import AllergenClass, Presence
from crm_project.core.allergens.models import Allergen, AllergenList, AllergenListItem
from crm_project.core.text import compare_key, fold, kana_from_romaji, reading_key
from menus.choices import ProposalState
from menus.models import (
    BaseAllergen,
    BasePreparation,
    Course,
    CourseDish,
    Dish,
    DishAllergen,
    DishBase,
    ProposedAllergen,
)

TYPED_AT_LEAST = 2
KANA_LETTERS = ("ぁ", "ヿ")


def allergens_by_name() -> dict[str, Allergen]:
    """Every word by which an allergen of our list is called -> the allergen: code, Japanese, English, other words."""
    return {
        allergen_key(word): allergen
        for allergen in Allergen.objects.order_by("-position")
        for word in (*allergen.aliases, allergen.name_en, allergen.name_ja, allergen.code)
    }


def allergen_key(word: str) -> str:
    """What a written name of an allergen is looked up by."""
    return compare_key(word).lower()


def dishes_with_allergens() -> QuerySet[Dish]:
    """Dishes with what the kitchen says of their allergens and of those of their bases: four queries at most."""
    return Dish.objects.prefetch_related(*allergens_of_dishes())


def allergens_of_dishes(path: str = "") -> list[Prefetch]:
    """What `Dish.presences` reads, to be prefetched; `path` leads to the dishes ("dish__")."""
    own = DishAllergen.objects.select_related("allergen").order_by("allergen__position")
    of_bases = BaseAllergen.objects.select_related("allergen").order_by("allergen__position")
    return [
        Prefetch(f"{path}allergens", own),
        Prefetch(f"{path}bases", BasePreparation.objects.order_by("kana", "name")),
        Prefetch(f"{path}bases__allergens", of_bases),
    ]


def not_fully_checked(day: date) -> QuerySet[Dish]:
    """Dishes of which somebody has yet to say something of a mandatory allergen of the day, or of one of their bases."""
    items = AllergenListItem.objects.filter(
        list=AllergenList.objects.in_force(day), allergen_class=AllergenClass.MANDATORY
    )
    mandatory = list(items.values_list("allergen_id", flat=True))
    said = Count("allergens", filter=Q(allergens__allergen__in=mandatory) & ~Q(allergens__presence=Presence.UNCHECKED))
    open_bases = BasePreparation.objects.annotate(said=said).filter(said__lt=len(mandatory))
    of_open_bases = DishBase.objects.filter(base__in=open_bases.values("pk"))
    return Dish.objects.annotate(said=said).filter(Q(said__lt=len(mandatory)) | Q(pk__in=of_open_bases.values("dish")))


def open_proposals(dish: Dish) -> QuerySet[ProposedAllergen]:
    """What the foods of a dish suggest and nobody has decided, in the order of the list."""
    return dish.proposals.filter(state=ProposalState.OPEN).select_related("allergen").order_by("allergen__position")


def with_proposals() -> QuerySet[Dish]:
    """Dishes that wait for somebody to confirm what their foods suggest."""
    return Dish.objects.filter(pk__in=ProposedAllergen.objects.filter(state=ProposalState.OPEN).values("dish"))


def courses_with_dishes() -> QuerySet[Course]:
    """Courses with their dishes in order: two queries whatever their number."""
    return Course.objects.prefetch_related(Prefetch("course_dishes", CourseDish.objects.select_related("dish")))


def enough_typed(query: str) -> bool:
    """Two characters, or one kanji: a single kana or letter would list half the menu."""
    folded = fold(query)
    first, last = KANA_LETTERS
    return len(folded) >= TYPED_AT_LEAST or any(not (letter.isascii() or first <= letter <= last) for letter in folded)


def typed(query: str) -> Q:
    """Rows whose name or reading contains what was typed, in kanji, kana of any width, or romaji."""
    found = Q(search_key__contains=fold(query))
    if kana_from_romaji(query):
        found |= Q(search_key__contains=reading_key(query))
    return found


def find_dishes(query: str) -> QuerySet[Dish]:
    """Dishes on the menu by typed characters; none before enough was typed."""
    return Dish.objects.filter(typed(query), is_active=True) if enough_typed(query) else Dish.objects.none()


def on_menu_of(day: date) -> Q:
    """What courses are on the menu of a day."""
    return Q(is_active=True) & (Q(valid_from=None) | Q(valid_from__lte=day)) & (Q(valid_to=None) | Q(valid_to__gte=day))


def find_courses(query: str, day: date) -> QuerySet[Course]:
    """Courses on the menu of a day by typed characters; none before enough was typed."""
    if not enough_typed(query):
        return Course.objects.none()
    return Course.objects.filter(typed(query), on_menu_of(day))
