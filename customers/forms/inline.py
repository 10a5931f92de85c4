"""One field of a guest's card, changed in place."""

import json
from typing import Any, Final

from crm_project.core.accounts.models import User
from crm_project.core.rights import Right
from customers.forms.guest import CustomerForm
from customers.guest_values import CONTACTS
from customers.models import Customer

INLINE: Final = (
    *("called", "company_name", "department", "title"),
    *("phones", "email", "likes", "dislikes", "note"),
)


class InlineForm(CustomerForm):
    """The form of the whole card with the fields of one value: the same fields, normalisers and warnings.

    Raises KeyError for a value that is not changed in place.
    """

    def __init__(self, *args: Any, value: str, **kwargs: Any) -> None:
        if value not in INLINE:
            raise KeyError(value)
        super().__init__(*args, auto_id=f"inline_{value}_%s", **kwargs)
        self.value = value
        kept = ("version", "opened_with", "is_another_person")
        for name in [name for name in self.fields if name not in kept and value not in self.values_of_field(name)]:
            del self.fields[name]
        self.initial["opened_with"] = json.dumps({value: self.values[value]}, ensure_ascii=False)
        first = next(field for name, field in self.fields.items() if name not in kept)
        first.widget.attrs["autofocus"] = True

    def single_field(self) -> Any:
        """The field of the value; None for phones, which are several."""
        return self[self.value] if self.value in self.fields else None

    def guest_values(self) -> dict[str, Any]:
        """The one value, for the service."""
        return {self.value: self.cleaned_data[self.value]}


def may_see(user: User, value: str) -> bool:
    """Whether the person may see the value: contacts and the note are not for everybody."""
    if value in CONTACTS:
        return user.has_right(Right.VIEW_CONTACTS)
    return value != "note" or user.has_right(Right.VIEW_NOTES)


def value_of(customer: Customer, value: str) -> Any:
    """What the card shows of the value."""
    if value == "phones":
        return list(customer.phones.all())
    return customer.company if value == "company_name" else getattr(customer, value)
