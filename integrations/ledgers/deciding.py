"""Rows that wait for a person: whom each is about is said once, and the row is written as the import would have written it."""

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Final

from django.db import IntegrityError, transaction
from django.db.models import F, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from crm_project.core.accounts.models import User
from crm_project.core.audit.choices import Action
from crm_project.core.audit.services import record
from crm_project.core.column_map import ColumnMap, MapError, Resolver
from crm_project.core.problems import InputProblem
from customers.models import Customer
from integrations.choices import LedgerState, LedgerTarget, RowDecision, RowOutcome
from integrations.ledgers.cells_kept import cells_from
from integrations.ledgers.corrections import OPEN
from integrations.ledgers.entries import ERROR, EntryReader, LedgerEntry
from integrations.ledgers.guests_of_file import Answer
from integrations.ledgers.kinds import KINDS, MAP_KINDS
from integrations.ledgers.known_guests import last_guest_id
from integrations.ledgers.marked_rows import with_kept_marks
from integrations.ledgers.match_rules import rule_of
from integrations.ledgers.planning import Planner
from integrations.ledgers.target_imports import changes_of, sorted_messages
from integrations.ledgers.vocabulary import Vocabulary
from integrations.ledgers.writing import BatchWriter, row_values
from integrations.models import LedgerImport, LedgerRow

DECIDED: Final = ("waits", "decision", "decided_by")
COUNTED = {RowOutcome.CREATED: "created", RowOutcome.UPDATED: "updated", RowOutcome.UNCHANGED: "unchanged"}


class DecisionRefused(InputProblem):
    """The row cannot be decided so."""


def waiting_rows(ledger_import: LedgerImport) -> QuerySet[LedgerRow]:
    """Rows of an import that wait for a person, in the order of the file."""
    return LedgerRow.objects.filter(OPEN, ledger_import=ledger_import, waits=True).order_by("row_number")


def rows_of_answer(row: LedgerRow) -> QuerySet[LedgerRow]:
    """The rows that one answer is for: of visits and inquiries all that wait for the same person, in the order of the file."""
    waiting = waiting_rows(row.ledger_import)
    return waiting.filter(pk=row.pk) if row.same_as is None else waiting.filter(same_as=row.same_as)


def resolver_of(ledger_import: LedgerImport, rows: Sequence[LedgerRow]) -> tuple[ColumnMap, Resolver]:
    """The map of rows that were kept, and where its fields stand in them. Raises DecisionRefused for rows of former versions."""
    if ledger_import.headings is None or any(row.cells is None for row in rows):
        raise DecisionRefused(gettext_lazy("The cells of this row are not kept: import it from a corrected file."))
    maps = MAP_KINDS[ledger_import.target]
    try:
        column_map = maps.load(ledger_import.map_text)
        resolver = column_map.resolve(ledger_import.headings, sheet=ledger_import.sheet)
    except MapError as error:
        raise DecisionRefused(str(error)) from error
    return column_map, with_kept_marks(ledger_import.headings, resolver, maps.marked(column_map))


@transaction.atomic
def decide_row(*, row: LedgerRow, decision: RowDecision, by: User, guest: Customer | None = None) -> LedgerRow:
    """Say whom a row is about: a guest, somebody new, or leave it out. Written with images and trail, counted anew.

    Of visits and inquiries the answer is for all rows that wait for the same person. Raises DecisionRefused when somebody
    else was faster, or when the row cannot be written so.
    """
    current_import = LedgerImport.objects.select_for_update(of=("self",)).get(pk=row.ledger_import_id)
    current = LedgerRow.objects.select_for_update(of=("self",)).select_related("ledger_import").get(pk=row.pk)
    if current_import.state != LedgerState.APPLIED:
        raise DecisionRefused(gettext_lazy("The ledger has to be imported first."))
    if not current.waits or current.decision or not waiting_rows(current_import).filter(pk=row.pk).exists():
        raise DecisionRefused(gettext_lazy("Somebody has decided about this row already."))
    rows = list(rows_of_answer(current).select_for_update(of=("self",)))
    for one in rows:
        one.ledger_import = current_import
        one.waits, one.decision, one.decided_by = False, decision, by
    if decision == RowDecision.SKIP:
        LedgerRow.objects.bulk_update(rows, DECIDED)
    else:
        chosen = guest if decision == RowDecision.GUEST else None
        write = _write_guest if current_import.target == LedgerTarget.CUSTOMERS else _write_beside
        written = write(current_import, rows, by, chosen)
        LedgerRow.objects.bulk_update(rows, (*DECIDED, "customer", "outcome", "changes", "messages"))
        LedgerImport.objects.filter(pk=current_import.pk).update(
            errors=F("errors") - written.total(), **{name: F(name) + count for name, count in written.items()}
        )
    changes: dict[str, Any] = {"row": [None, row.row_number], "decision": [None, str(RowDecision(decision).value)]}
    if len(rows) > 1:
        changes["rows"] = [None, len(rows)]
    record(by=by, action=Action.CHANGED, subject=current_import, changes=changes)
    return next(one for one in rows if one.pk == row.pk)


def _write_guest(
    ledger_import: LedgerImport, rows: Sequence[LedgerRow], by: User, guest: Customer | None
) -> Counter[str]:
    """Write the guest of a row; what it did."""
    [row] = rows
    vocabulary = Vocabulary()
    column_map, resolver = resolver_of(ledger_import, rows)
    reader = EntryReader(resolver, vocabulary)
    [entry] = reader.read([(row.row_number, cells_from(row.cells or []))])
    takes_code = _refuse_what_cannot_be_written([entry], guest)
    planner = Planner(
        fields=reader.fields, vocabulary=vocabulary, last_guest_id=last_guest_id(), rule=rule_of(column_map)
    )
    planned = planner.decided(entry, guest.pk if guest else None, takes_code=takes_code)
    if guest is not None and planned.guest is None:
        raise DecisionRefused(gettext_lazy("This guest is not there any more."))
    with _refusing_what_somebody_else_entered():
        [row.customer_id] = BatchWriter(ledger_import=ledger_import, by=by).write_cards([planned])
    row.outcome = planned.outcome
    row.changes, row.messages = row_values(planned)
    return Counter([COUNTED[planned.outcome]])


def _write_beside(
    ledger_import: LedgerImport, rows: Sequence[LedgerRow], by: User, guest: Customer | None
) -> Counter[str]:
    """Write the guest of all of the rows with the visits or inquiries of each; what the rows did.

    A row that cannot be written for another reason stays set aside, to be put right.
    """
    kind = KINDS[ledger_import.target]
    column_map, resolver = resolver_of(ledger_import, rows)
    try:
        reader = kind.reader(column_map, resolver, headings=ledger_import.headings or ())
    except MapError as error:
        raise DecisionRefused(str(error)) from error
    read = reader.read([(row.row_number, cells_from(row.cells or [])) for row in rows])
    takes_code = _refuse_what_cannot_be_written([one.guest for one in read], guest)
    answer = Answer(guest.pk if guest else None, takes_code)
    guests = kind.guests(reader, column_map, last_guest_id(), answer=answer)
    with _refusing_what_somebody_else_entered():
        planned, plans = kind.planner(reader, guests).plan(read, lock=True)
        if guest is not None and all(plan.guest is None for plan in plans):
            raise DecisionRefused(gettext_lazy("This guest is not there any more."))
        if all(one.outcome is RowOutcome.ERROR for one in planned):
            raise DecisionRefused(_sentences(one.entry for one in planned))
        kind.writer(ledger_import, by, reader).write(planned, plans)
    for row, one in zip(rows, planned, strict=True):
        row.outcome, row.customer_id = one.outcome, max(one.guest.pk or 0, 0) or None
        row.changes = json.loads(json.dumps(changes_of(kind, one, reader, preview=False)))
        row.messages = sorted_messages(one.entry)
        if one.outcome is RowOutcome.ERROR:
            row.decision = ""
    return Counter(COUNTED[one.outcome] for one in planned if one.outcome is not RowOutcome.ERROR)


def _refuse_what_cannot_be_written(entries: Sequence[LedgerEntry], guest: Customer | None) -> bool:
    """Raise DecisionRefused for rows that cannot be read; whether the guest may take their code."""
    if all(entry.is_error for entry in entries):
        raise DecisionRefused(_sentences(entries))
    code = next((entry.code for entry in entries if entry.code), "")
    taken = Customer.objects.filter(code=code).first() if code else None
    if guest is None and taken is not None:
        raise DecisionRefused(_("The code %(code)s is that of a guest by now: choose that guest.") % {"code": code})
    return taken is None


def _sentences(entries: Iterable[LedgerEntry]) -> str:
    said = (message["message"] for entry in entries for message in entry.messages if message["level"] == ERROR)
    return "; ".join(dict.fromkeys(said))


@contextmanager
def _refusing_what_somebody_else_entered() -> Iterator[None]:
    try:
        with transaction.atomic():
            yield
    except IntegrityError as error:
        raise DecisionRefused(gettext_lazy("Somebody entered the same a moment ago: look at the row again.")) from error
