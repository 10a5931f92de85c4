"""Words of the menu."""

from datetime import date

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class DishPosition(TextChoices):
    """The place of a dish in a kaiseki, in the order of the courses."""

    SAKIZUKE = "sakizuke", _("Starter (先付)")
    HASSUN = "hassun", _("Hassun (八寸)")
    WANMONO = "wanmono", _("Soup (椀物)")
    MUKOZUKE = "mukozuke", _("Sashimi (向付)")
    YAKIMONO = "yakimono", _("Grilled (焼物)")
    NIMONO = "nimono", _("Simmered (煮物・炊合せ)")
    AGEMONO = "agemono", _("Fried (揚物)")
    MUSHIMONO = "mushimono", _("Steamed (蒸物)")
    SUNOMONO = "sunomono", _("Vinegared (酢の物)")
    SHIIZAKANA = "shiizakana", _("Main side dish (強肴)")
    NIKU = "niku", _("Meat (肉料理)")
    NABE = "nabe", _("Hot pot (鍋)")
    SHOKUJI = "shokuji", _("Rice, soup and pickles (御飯・止椀・香の物)")
    MIZUMONO = "mizumono", _("Sweet (水物)")
    DRINK = "drink", _("Drink")
    OTHER = "other", _("Other")


class Season(TextChoices):
    """When a dish is served."""

    ALL_YEAR = "all_year", _("all year")
    SPRING = "spring", _("spring")
    SUMMER = "summer", _("summer")
    AUTUMN = "autumn", _("autumn")
    WINTER = "winter", _("winter")


def season_of(day: date) -> Season:
    """The season of a day, as the kitchen's months go: spring is March to May."""
    return (Season.WINTER, Season.SPRING, Season.SUMMER, Season.AUTUMN)[day.month % 12 // 3]


def is_out_of_season(season: str, day: date) -> bool:
    """Whether a dish of that season is not the day's."""
    return season not in (Season.ALL_YEAR, season_of(day))


class DietAnswer(TextChoices):
    """Whether a dish meets a diet rule. No answer is never shown as suitable."""

    SUITS = "suits", _("suits")
    DOES_NOT = "does_not", _("does not suit")
    UNCHECKED = "unchecked", _("not checked")


class ProposalState(TextChoices):
    """What became of an allergen proposed from the name of a food."""

    OPEN = "open", _("to confirm")
    CONFIRMED = "confirmed", _("confirmed")
    DISMISSED = "dismissed", _("dismissed")
