"""Rows that wait for a person, one at a time: as written, whom it may be about and why, one key for each answer."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from crm_project.core.accounts.guards import right_required
from crm_project.core.accounts.models import User, as_user
from crm_project.core.audit.choices import Action
from crm_project.core.audit.services import build, record_many
from crm_project.core.problems import InputProblem
from crm_project.core.rights import Right
from crm_project.core.ui.htmx import render_page
from customers.match_reasons import reason_text
from customers.models import Customer
from customers.picker import GuestPicker, read_picker
from customers.queries import for_lists
from integrations.choices import LedgerState, RowDecision
from integrations.ledgers.deciding import decide_row, rows_of_answer, waiting_rows
from integrations.ledgers.rows_shown import remarks_of, written_of
from integrations.ledgers.write_rights import check_rights_to
from integrations.models import LedgerImport, LedgerRow
from integrations.notebooks.waiting import waiting_address

ABOUT_CONTACTS: Final = ("phone_", "email_", "birth_", "postal_", "place_", "lot_")
ANOTHER: Final = "another"
BEYOND_NUMBERS: Final = 9


@dataclass(frozen=True, slots=True)
class ShownCandidate:
    """A guest whom the row may be about, the key that chooses, why, and how sure (per cent)."""

    guest: Customer
    key: str
    reasons: Sequence[str]
    percent: int


@right_required(Right.IMPORT_LEDGERS)
def ledger_waiting(request: HttpRequest, pk: int) -> HttpResponse:
    """The next row that waits, or the one that is asked for; then the decision about it."""
    ledger_import = get_object_or_404(LedgerImport.objects.of_guests(), pk=pk, state=LedgerState.APPLIED)
    user = as_user(request.user)
    rows = waiting_rows(ledger_import)
    asked = request.POST.get("row") or request.GET.get("row", "")
    row = _row(rows, asked)
    if request.method == "POST":
        if row is None:
            messages.info(request, _("Somebody has decided about this row already."))
            return redirect("integrations:ledger_waiting", pk)
        picker, refusal = _decide(request, user, row)
        if not refusal and picker is None:
            return redirect(_after(ledger_import, row))
        return _page(request, ledger_import, row, user, picker=picker, refusal=refusal, status=422)
    if asked and row is None:
        return redirect("integrations:ledger_waiting", pk)
    row = row or rows.first()
    if row is not None and (address := waiting_address(row)) is not None:
        return redirect(address)
    return _page(request, ledger_import, row, user)


def _row(rows: Any, asked: str) -> LedgerRow | None:
    found: LedgerRow | None = None
    if asked.isascii() and asked.isdecimal() and len(asked) < 10:
        found = rows.filter(row_number=int(asked)).select_related("ledger_import").first()
    return found


def _decide(request: HttpRequest, user: User, row: LedgerRow) -> tuple[GuestPicker | None, str | Promise]:
    """A picker that is not answered yet, or why the row could not be written; (None, "") when it is decided."""
    answer = request.POST.get("decision", "")
    guest: Customer | None = None
    if answer == ANOTHER:
        picker = _picker(request.POST, user)
        if picker.chosen is None:
            return picker, ""
        decision, guest = RowDecision.GUEST, picker.chosen
    elif answer in (RowDecision.NEW, RowDecision.SKIP):
        decision = RowDecision(answer)
    else:
        decision = RowDecision.GUEST
        guest = next((one.guest for one in _candidates(row, user) if str(one.guest.pk) == answer), None)
        if guest is None:
            return None, _("Choose one of these guests.")
    try:
        check_rights_to(row.ledger_import, user)
        decide_row(row=row, decision=decision, by=user, guest=guest)
    except InputProblem as problem:
        return None, str(problem)
    return None, ""


def _picker(data: Any, user: User) -> GuestPicker:
    picker = read_picker(data, user=user, name="other", label=_("Another guest"))
    picker.new_guest = None
    return picker


def _after(ledger_import: LedgerImport, row: LedgerRow) -> str:
    """The next row behind this one, else the first, else the page of the import."""
    rows = waiting_rows(ledger_import)
    following = rows.filter(row_number__gt=row.row_number).first() or rows.first()
    if following is None:
        return reverse("integrations:ledger", args=[ledger_import.pk])
    return f"{reverse('integrations:ledger_waiting', args=[ledger_import.pk])}?row={following.row_number}"


def _page(
    request: HttpRequest,
    ledger_import: LedgerImport,
    row: LedgerRow | None,
    user: User,
    *,
    picker: GuestPicker | None = None,
    refusal: str | Promise = "",
    status: int = 200,
) -> HttpResponse:
    candidates = _candidates(row, user) if row else []
    record_many(build(by=user, action=Action.VIEWED, subject=one.guest) for one in candidates)
    context = {
        "ledger": ledger_import,
        "row": row,
        "left": waiting_rows(ledger_import).count(),
        "written": written_of(row, user) if row else [],
        "together": rows_of_answer(row).count() if row and row.same_as is not None else 1,
        "remarks": [(one.level, one.sentence) for one in remarks_of(row, user)] if row else [],
        "candidates": candidates,
        "hidden": len(row.candidates or ()) - len(candidates) if row else 0,
        "picker": picker or _picker(None, user),
        "refusal": refusal,
        "sees_contacts": user.has_right(Right.VIEW_CONTACTS),
    }
    return render_page(request, "ledgers/waiting.html", context, status=status)


def _candidates(row: LedgerRow, user: User) -> list[ShownCandidate]:
    """The guests whom the person may open, with the reasons the person may know."""
    told = {one["guest"]: one for one in row.candidates or ()}
    visible = for_lists(Customer.objects.visible_to(user).filter(pk__in=told)).prefetch_related("phones", "addresses")
    guests = {guest.pk: guest for guest in visible}
    hidden = () if user.has_right(Right.VIEW_CONTACTS) else ABOUT_CONTACTS
    present = [(guests[pk], one) for pk, one in told.items() if pk in guests]
    return [
        ShownCandidate(
            guest=guest,
            key=str(number) if number <= BEYOND_NUMBERS else "",
            reasons=[reason_text(code) for code in one["reasons"] if not code.startswith(hidden)],
            percent=min(99, int(100 * one["probability"])),
        )
        for number, (guest, one) in enumerate(present, start=1)
    ]
