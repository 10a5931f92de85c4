"""Rows that wait for a person: whom each is about is said once, and the row is written as the import would have written it."""

from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import F, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from crm_project.core.accounts.models import User
from crm_project.core.audit.choices import Action
from crm_project.core.audit.services import record
from crm_project.core.column_map import MapError
from crm_project.core.problems import InputProblem
from customers.models import Customer
from integrations.choices import LedgerState, RowDecision, RowOutcome
from integrations.ledgers.cells_kept import cells_from
from integrations.ledgers.corrections import OPEN
from integrations.ledgers.entries import EntryReader, LedgerEntry
from integrations.ledgers.fields import ledger_map
from integrations.ledgers.known_guests import last_guest_id
from integrations.ledgers.match_rules import rule_of
from integrations.ledgers.planning import Planner
from integrations.ledgers.vocabulary import Vocabulary
from integrations.ledgers.writing import BatchWriter, row_values
from integrations.models import LedgerImport, LedgerRow

COUNTED = {RowOutcome.CREATED: "created", RowOutcome.UPDATED: "updated", RowOutcome.UNCHANGED: "unchanged"}


class DecisionRefused(InputProblem):
    """The row cannot be decided so."""


def waiting_rows(ledger_import: LedgerImport) -> QuerySet[LedgerRow]:
    """Rows of an import that wait for a person, in the order of the file."""
    return LedgerRow.objects.filter(OPEN, ledger_import=ledger_import, waits=True).order_by("row_number")


def entry_of(row: LedgerRow, vocabulary: Vocabulary) -> tuple[LedgerEntry, EntryReader]:
    """The row, read again from its cells, and its reader. Raises DecisionRefused for rows of former versions."""
    ledger_import = row.ledger_import
    if row.cells is None or ledger_import.headings is None:
        raise DecisionRefused(gettext_lazy("The cells of this row are not kept: import it from a corrected file."))
    try:
        resolver = ledger_map(ledger_import.map_text).resolve(ledger_import.headings)
    except MapError as error:
        raise DecisionRefused(str(error)) from error
    reader = EntryReader(resolver, vocabulary)
    return reader.read([(row.row_number, cells_from(row.cells))])[0], reader


@transaction.atomic
def decide_row(*, row: LedgerRow, decision: RowDecision, by: User, guest: Customer | None = None) -> LedgerRow:
    """Say whom a row is about: a guest, somebody new, or leave it out. Written with images and trail, counted anew.

    Raises DecisionRefused when somebody else was faster, or when the row cannot be written so.
    """
    current_import = LedgerImport.objects.select_for_update(of=("self",)).get(pk=row.ledger_import_id)
    current = LedgerRow.objects.select_for_update(of=("self",)).select_related("ledger_import").get(pk=row.pk)
    if current_import.state != LedgerState.APPLIED:
        raise DecisionRefused(gettext_lazy("The ledger has to be imported first."))
    if not current.waits or current.decision or not waiting_rows(current_import).filter(pk=row.pk).exists():
        raise DecisionRefused(gettext_lazy("Somebody has decided about this row already."))
    current.waits, current.decision, current.decided_by = False, decision, by
    if decision == RowDecision.SKIP:
        current.save(update_fields=["waits", "decision", "decided_by"])
    else:
        _write(current, by, guest if decision == RowDecision.GUEST else None)
    changes: dict[str, Any] = {"row": [None, row.row_number], "decision": [None, str(RowDecision(decision).value)]}
    record(by=by, action=Action.CHANGED, subject=current_import, changes=changes)
    return current


def _write(row: LedgerRow, by: User, guest: Customer | None) -> None:
    vocabulary = Vocabulary()
    entry, reader = entry_of(row, vocabulary)
    if entry.is_error:
        raise DecisionRefused("; ".join(message["message"] for message in entry.messages))
    taken = Customer.objects.filter(code=entry.code).first() if entry.code else None
    if guest is None and taken is not None:
        raise DecisionRefused(
            _("The code %(code)s is that of a guest by now: choose that guest.") % {"code": entry.code}
        )
    rule = rule_of(ledger_map(row.ledger_import.map_text))
    planner = Planner(fields=reader.fields, vocabulary=vocabulary, last_guest_id=last_guest_id(), rule=rule)
    planned = planner.decided(entry, guest.pk if guest else None, takes_code=taken is None)
    if guest is not None and planned.guest is None:
        raise DecisionRefused(gettext_lazy("This guest is not there any more."))
    writer = BatchWriter(ledger_import=row.ledger_import, by=by)
    try:
        with transaction.atomic():
            [row.customer_id] = writer.write_cards([planned])
    except IntegrityError as error:
        raise DecisionRefused(gettext_lazy("Somebody entered the same a moment ago: look at the row again.")) from error
    row.outcome = planned.outcome
    row.changes, row.messages = row_values(planned)
    row.save(update_fields=["waits", "decision", "decided_by", "customer", "outcome", "changes", "messages"])
    LedgerImport.objects.filter(pk=row.ledger_import_id).update(
        errors=F("errors") - 1, **{COUNTED[planned.outcome]: F(COUNTED[planned.outcome]) + 1}
    )
