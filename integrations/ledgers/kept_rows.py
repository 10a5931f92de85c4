"""What an undo kept, in the words of the house: which row, whose, which field, what stays, and why."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from crm_project.core.accounts.models import User
from crm_project.core.audit.history import in_words_of, kind_of
from customers.models import Customer
from integrations.choices import KeptReason
from integrations.ledgers.images import model_of
from integrations.models import KeptRow


@dataclass(frozen=True, slots=True)
class Kept:
    """One line. `guest` is the name, "" for a guest whom the reader may not open; `customer` leads to the card."""

    row: int
    guest: str
    customer: Customer | None
    field: str
    stays: str
    instead_of: str
    reason: str

    def as_json(self) -> dict[str, Any]:
        """The line for a program."""
        return {
            "row": self.row,
            "guest": self.guest,
            "field": self.field,
            "stays": self.stays,
            "instead_of": self.instead_of,
            "reason": self.reason,
        }


def in_words(rows: Sequence[KeptRow], user: User | None) -> list[Kept]:
    """The rows in words, with what the person may know (None: a shell, which may know all). The queries do not grow."""
    wanted = {row.customer_id for row in rows if row.customer_id}
    guests = Customer.objects.filter(pk__any_of=wanted)
    found = {guest.pk: guest for guest in (guests if user is None else guests & Customer.objects.visible_to(user))}
    return [_line(row, found.get(row.customer_id or 0), everything=user is None) for row in rows]


def _line(row: KeptRow, guest: Customer | None, *, everything: bool) -> Kept:
    model = model_of(row.model)
    label, stays, instead_of = kind_of(row.model), "", ""
    may_know = everything or guest is not None or row.customer_id is None
    if row.field and model is not None:
        name = next((one.name for one in model._meta.concrete_fields if one.attname == row.field), row.field)
        label, stays = in_words_of(model, name, _value(row.stays))
        instead_of = in_words_of(model, name, _value(row.instead_of))[1]
    elif isinstance(row.stays, dict):
        stays = "、".join(f"{kind_of(kind)} ({count})" for kind, count in row.stays.items())
    return Kept(
        row=row.row_number,
        guest=guest.name if guest else "",
        customer=guest,
        field=label,
        stays=stays if may_know else "",
        instead_of=instead_of if may_know else "",
        reason=str(KeptReason(row.reason).label),
    )


def _value(value: Any) -> Any:
    """A value as the trail has it; JSON columns are kept as text."""
    if isinstance(value, str) and value[:1] in "{[":
        try:
            return json.loads(value)
        except ValueError:
            return value
    return value
