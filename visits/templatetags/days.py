"""Template tags of the page of a day."""

from django import template

register = template.Library()


@register.filter
def of_row(address: str, pk: int) -> str:
    """The address of a row: `views.day.addresses` made it once for all of the page."""
    return address % pk
