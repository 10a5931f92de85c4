"""Template tags of the page of a day."""

from functools import lru_cache

from django import template
from django.utils.translation import get_language, gettext, ngettext

register = template.Library()

LONG_LATE_MINUTES = 120


@register.filter
def of_row(address: str, pk: int) -> str:
    """The address of a row: `views.day.addresses` made it once for all of the page."""
    return address % pk


@register.filter
def guest_count(guests: int) -> str:
    """How many guests, in words. The page of a day says it at every table."""
    return _guest_count(guests, get_language())


@lru_cache(maxsize=512)
def _guest_count(guests: int, language: str | None) -> str:
    return ngettext("%(guests)s guest", "%(guests)s guests", guests) % {"guests": guests}


@register.filter
def lateness(minutes: int) -> str:
    """How late a party is, in words."""
    return _lateness(minutes, get_language())


@lru_cache(maxsize=512)
def _lateness(minutes: int, language: str | None) -> str:
    if minutes >= LONG_LATE_MINUTES:
        return gettext("late by more than two hours")
    return gettext("late by %(minutes)s minutes") % {"minutes": minutes}


@register.filter
def companions_not_asked(companions: int) -> str:
    """How many people nobody knows have not been asked about allergies, in words."""
    return _companions_not_asked(companions, get_language())


@lru_cache(maxsize=512)
def _companions_not_asked(companions: int, language: str | None) -> str:
    words = ngettext("%(companions)s companion not asked", "%(companions)s companions not asked", companions)
    return words % {"companions": companions}
