"""Template tags of the page of a day."""

from functools import lru_cache

from django import template
from django.utils.translation import get_language, ngettext

register = template.Library()


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
