"""An import taken back, and done again, through the screens: first what it means, then the job."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect

from crm_project.core.accounts.guards import right_required
from crm_project.core.accounts.models import as_user
from crm_project.core.problems import InputProblem
from crm_project.core.rights import Right
from crm_project.core.ui.htmx import render_page
from crm_project.core.ui.paging import numbered_page
from integrations.ledgers.kept_rows import in_words
from integrations.ledgers.undo import (
    newer_imports,
    require_redoable,
    require_undoable,
    start_redo,
    start_undo,
)
from integrations.models import KeptRow, LedgerImport

KEPT_PAGE = 50


@right_required(Right.IMPORT_LEDGERS)
def ledger_undo(request: HttpRequest, pk: int) -> HttpResponse:
    """What taking the import back means; then take it back."""
    found = get_object_or_404(LedgerImport.objects.of_guests().select_related("started_by"), pk=pk)
    try:
        if request.method == "POST":
            start_undo(ledger_import=found, by=as_user(request.user))
            return redirect("integrations:ledger", pk)
        require_undoable(found)
    except InputProblem as problem:
        messages.warning(request, str(problem))
        return redirect("integrations:ledger", pk)
    return render_page(request, "ledgers/undo.html", {"ledger": found, "newer": newer_imports(found), "back": True})


@right_required(Right.IMPORT_LEDGERS)
def ledger_redo(request: HttpRequest, pk: int) -> HttpResponse:
    """What doing the import again means; then do it again."""
    found = get_object_or_404(LedgerImport.objects.of_guests().select_related("started_by", "undone_by"), pk=pk)
    try:
        if request.method == "POST":
            start_redo(ledger_import=found, by=as_user(request.user))
            return redirect("integrations:ledger", pk)
        require_redoable(found)
    except InputProblem as problem:
        messages.warning(request, str(problem))
        return redirect("integrations:ledger", pk)
    return render_page(request, "ledgers/undo.html", {"ledger": found, "newer": [], "back": False})


@right_required(Right.IMPORT_LEDGERS)
def ledger_kept(request: HttpRequest, pk: int) -> HttpResponse:
    """What an undo left as people had changed it since."""
    found = get_object_or_404(LedgerImport.objects.of_guests(), pk=pk)
    rows = KeptRow.objects.filter(ledger_import=found).order_by("row_number", "pk")
    page = numbered_page(rows, request.GET.get("page"), size=KEPT_PAGE)
    context = {"ledger": found, "page": page, "lines": in_words(page.rows, as_user(request.user))}
    return render_page(request, "ledgers/kept.html", context)
