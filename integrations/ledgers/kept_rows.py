"""What an undo kept, in the words of the house: which row, whose, which field, what stays, and why."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from crm_project.core.accounts.models import User
from crm_project.core.audit.history import in_words_of, kind_of
from crm_project.core.rights import Right
from customers.models import Customer
from integrations.choices import KeptReason
from integrations.ledgers.images import model_of
from integrations.ledgers.kinds import KINDS
from integrations.models import KeptRow, LedgerImport, LedgerRow

# What a row of a ledger brings beside its guest; of it, what stands on the check sheet.
BESIDE_APPS: Final = ("visits", "deals")
OF_THE_SHEET: Final = ("visits.note", "visits.complaint")


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


class _Owners:
    """Whose a visit or an inquiry is of which a part stayed, and what of it the reader may not know."""

    def __init__(self, rows: Sequence[KeptRow], user: User | None) -> None:
        self._user = user
        wanted = {row.row_number for row in rows} if any(map(_is_beside, rows)) else set()
        self._guests: dict[int, int | None] = {}
        self._hidden: set[int] = set()
        if not wanted:
            return
        [ledger_import] = LedgerImport.objects.filter(pk__in={row.ledger_import_id for row in rows})
        kind = KINDS[ledger_import.target]
        written = LedgerRow.objects.filter(ledger_import=ledger_import, row_number__any_of=wanted)
        records: dict[int, list[int]] = {}
        for number, customer_id, changes in written.values_list("row_number", "customer_id", "changes"):
            self._guests[number], records[number] = customer_id, kind.records(changes)
        if user is not None:
            hidden = kind.hidden_from(user, {pk for ids in records.values() for pk in ids})
            self._hidden = {number for number, ids in records.items() if hidden.intersection(ids)}
            self._sees_money = user.has_right_everywhere(Right.VIEW_MONEY)
            self._sees_notes = user.has_right_everywhere(Right.VIEW_NOTES)

    def guest_of(self, row: KeptRow) -> int | None:
        """The id of the guest whom the row is about."""
        return row.customer_id or (self._guests.get(row.row_number) if _is_beside(row) else None)

    def may_know(self, row: KeptRow) -> bool:
        """Whether the reader may know what stands in the row, if the guest may be known."""
        if row.row_number in self._hidden:
            return False
        if self._user is None or not _is_beside(row):
            return True
        if row.field == "amount" and not self._sees_money:
            return False
        return self._sees_notes or row.model not in OF_THE_SHEET


def _is_beside(row: KeptRow) -> bool:
    return row.model.partition(".")[0] in BESIDE_APPS


def in_words(rows: Sequence[KeptRow], user: User | None) -> list[Kept]:
    """The rows of one import in words, with what the person may know (None: a shell, which may know all).

    The queries do not grow.
    """
    owners = _Owners(rows, user)
    wanted = {owner for row in rows if (owner := owners.guest_of(row))}
    guests = Customer.objects.filter(pk__any_of=wanted)
    found = {guest.pk: guest for guest in (guests if user is None else guests & Customer.objects.visible_to(user))}
    lines = []
    for row in rows:
        owner = owners.guest_of(row)
        guest = found.get(owner or 0)
        may_know = user is None or ((guest is not None or owner is None) and owners.may_know(row))
        lines.append(_line(row, guest if owners.may_know(row) else None, may_know=may_know))
    return lines


def _line(row: KeptRow, guest: Customer | None, *, may_know: bool) -> Kept:
    model = model_of(row.model)
    kind = label = kind_of(row.model)
    stays, instead_of = "", ""
    if row.field and model is not None:
        name = next((one.name for one in model._meta.concrete_fields if one.attname == row.field), row.field)
        label, stays = in_words_of(model, name, _value(row.stays))
        instead_of = in_words_of(model, name, _value(row.instead_of))[1]
        if _is_beside(row):
            label = f"{kind}: {label}"
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
