"""Rows of an import as a person looks through them: as written, what it becomes, what is to be said about it."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

from django.db.models import Case, IntegerField, Q, QuerySet, Value, When
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from crm_project.core.allergens.choices import AllergyState
from crm_project.core.text import format_phone
from integrations.choices import RowOutcome
from integrations.ledgers.fields import FIELD_LABELS
from integrations.models import LedgerImport, LedgerRow

REMARKS: Final = "remarks"
FILTERS: Final[dict[str, str | Promise]] = {
    "": _("All"),
    RowOutcome.ERROR.value: _("Set aside"),
    REMARKS: _("With remarks"),
    RowOutcome.CREATED.value: _("New"),
    RowOutcome.UPDATED.value: _("Updated"),
    RowOutcome.UNCHANGED.value: _("The same"),
}
TONES: Final = {RowOutcome.ERROR: "ask", RowOutcome.CREATED: "ok", RowOutcome.UPDATED: "info"}


@dataclass(frozen=True)
class ShownRow:
    """One line of the table."""

    row: LedgerRow
    written: str
    becomes: list[tuple[str | Promise, str, str]]
    tone: str

    @property
    def sentences(self) -> list[dict[str, str]]:
        """What is to be said about the row, the worst first."""
        order = {"error": 0, "warning": 1, "note": 2}
        return sorted(self.row.messages, key=lambda message: order[message["level"]])


def rows_to_look_at(ledger_import: LedgerImport, shown: str) -> QuerySet[LedgerRow]:
    """Rows of the import: those set aside first, then those with remarks, then the others, in the order of the file."""
    rows = LedgerRow.objects.filter(ledger_import=ledger_import)
    if shown == REMARKS:
        rows = rows.exclude(messages=[]).exclude(outcome=RowOutcome.ERROR)
    elif shown in RowOutcome.values:
        rows = rows.filter(outcome=shown)
    urgency = Case(
        When(outcome=RowOutcome.ERROR, then=Value(0)),
        When(~Q(messages=[]), then=Value(1)),
        default=Value(2),
        output_field=IntegerField(),
    )
    return rows.select_related("customer").order_by(urgency, "row_number")


def shown_rows(rows: Iterable[LedgerRow]) -> list[ShownRow]:
    """The rows in the words of the house."""
    return [
        ShownRow(row, "　".join(row.written.values()), _becomes(row), TONES.get(RowOutcome(row.outcome), "plain"))
        for row in rows
    ]


def _becomes(row: LedgerRow) -> list[tuple[str | Promise, str, str]]:
    if row.outcome not in (RowOutcome.CREATED, RowOutcome.UPDATED):
        return []
    return [
        (FIELD_LABELS.get(name, _("as written in the ledger")), _words(name, before), _words(name, after))
        for name, (before, after) in row.changes.items()
        if not (name == "phone" and row.customer_id and row.outcome == RowOutcome.CREATED)
    ]


def _words(name: str, value: Any) -> str:
    if not value:
        return ""
    if name == "phone":
        return "、".join(map(format_phone, value))
    if name == "unread":
        return "、".join(f"{FIELD_LABELS.get(field, field)}: {text}" for field, text in value.items())
    if name == "allergies" and value in AllergyState.values:
        return str(AllergyState(value).label)
    return str(value)
