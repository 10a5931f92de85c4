"""`{% inline customer "likes" %}`: a value of the card, with a pencil that turns it into its field."""

from typing import Any

from django import template

from crm_project.core.accounts.models import as_user
from customers.forms import CustomerForm
from customers.forms.inline import may_see, value_of
from customers.models import Customer
from customers.navigation import may_edit
from customers.wording import value_in_words

register = template.Library()


@register.inclusion_tag("customers/_inline.html", takes_context=True)
def inline(context: dict[str, Any], customer: Customer, value: str, *, is_focused: bool = False) -> dict[str, Any]:
    """The value as people read it; the pencil is for who may edit. Nothing for who may not see it."""
    user = as_user(context["request"].user)
    field = CustomerForm.base_fields.get(value)
    return {
        "customer": customer,
        "value": value,
        "label": field.label if field else value_in_words(value, None)[0],
        "sees": may_see(user, value),
        "known": value_of(customer, value) if may_see(user, value) else None,
        "may_edit": may_edit(user),
        "is_focused": is_focused,
    }
