"""Addresses of guests' cards in lists."""

from django import template

from customers import queries

register = template.Library()


@register.filter
def card_url(pk: int) -> str:
    """The address of the card of the guest with this id."""
    return queries.card_url(pk)
