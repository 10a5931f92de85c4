"""A ledger of dishes through the screens: receive it, see what it would do, import it, take it back.

EDIT_MENUS: it holds nothing of guests.
"""

from contextlib import ExitStack
from pathlib import Path
from typing import Final

from django.contrib import messages
from django.core.files.base import File
from django.core.files.storage import default_storage
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.crypto import get_random_string
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_POST

from crm_project.core.accounts.guards import right_required
from crm_project.core.accounts.models import as_user
from crm_project.core.audit.choices import Action
from crm_project.core.audit.services import record
from crm_project.core.jobs.choices import JobState
from crm_project.core.problems import InputProblem
from crm_project.core.rights import Right
from crm_project.core.tables import PasswordNeeded, decrypted, row_place
from crm_project.core.ui.htmx import is_fragment, render_page
from crm_project.core.ui.paging import numbered_page
from crm_project.core.ui.uploads import is_over_limit
from integrations.choices import LedgerState
from integrations.dish_ledgers.importing import FOLDER, Outcome, import_dishes
from integrations.dish_ledgers.reading import opened_dishes
from integrations.ledgers.error_workbook import error_workbook, error_workbook_name, open_rows
from integrations.ledgers.forms import UploadForm
from integrations.ledgers.kept_rows import in_words
from integrations.ledgers.undo import is_undoable, newer_imports, start_redo, start_undo
from integrations.models import KeptRow, LedgerImport, LedgerImportQuerySet, LedgerRow

HELD: Final = "dish_ledger"
PROBLEMS_SHOWN: Final = 100
PAGE: Final = 25


@sensitive_post_parameters("password")
@right_required(Right.EDIT_MENUS)
def upload_dishes(request: HttpRequest) -> HttpResponse:
    """Take a file and say what it would do; nothing is written yet."""
    sent = request.method == "POST"
    form = UploadForm(
        request.POST if sent else None, request.FILES if sent else None, over_limit=is_over_limit(request)
    )
    if sent and form.is_valid():
        upload = form.cleaned_data["file"]
        _forget(request)
        try:
            with ExitStack() as resources:
                content = decrypted(upload, upload.name, form.cleaned_data["password"], resources)
                stored_as = default_storage.save(
                    f"{FOLDER}/{get_random_string(24)}{Path(upload.name).suffix[-8:]}", File(content)
                )
            request.session[HELD] = {"stored_as": stored_as, "name": upload.name[-200:]}
            _run(request, dry_run=True)
        except PasswordNeeded as problem:
            form.add_error("password", str(problem))
        except InputProblem as problem:
            _forget(request)
            form.add_error("file", str(problem))
        else:
            return redirect("integrations:dish_ledger")
    imports = LedgerImport.objects.of_the_kitchen().select_related("started_by")
    page = numbered_page(imports, request.GET.get("page"), size=PAGE)
    status = 422 if form.errors else 200
    return render_page(request, "ledgers/dishes_upload.html", {"form": form, "page": page}, status=status)


@right_required(Right.EDIT_MENUS)
def dish_ledger(request: HttpRequest) -> HttpResponse:
    """What the uploaded file would do; a POST imports it, or throws it away."""
    held = request.session.get(HELD)
    if not held or not default_storage.exists(held["stored_as"]):
        messages.info(request, _("Choose the file again."))
        return redirect("integrations:dish_ledgers")
    if request.method == "POST" and "drop" in request.POST:
        _forget(request)
        messages.success(request, _("The upload is thrown away; nothing was written."))
        return redirect("integrations:dish_ledgers")
    try:
        outcome = _run(request, dry_run=request.method != "POST")
    except InputProblem as problem:
        messages.warning(request, str(problem))
        return redirect("integrations:dish_ledgers")
    if request.method == "POST":
        _forget(request)
        return redirect("integrations:dish_import", outcome.import_id)
    context = {
        "name": held["name"],
        "outcome": outcome.as_json(),
        "taken": outcome.taken,
        "left": outcome.left,
        "problems": [(row_place(number)[1], problem) for number, problem in outcome.problems[:PROBLEMS_SHOWN]],
        "more": max(0, len(outcome.problems) - PROBLEMS_SHOWN),
    }
    return render_page(request, "ledgers/dishes.html", context)


@right_required(Right.EDIT_MENUS)
@require_GET
def dish_import(request: HttpRequest, pk: int) -> HttpResponse:
    """What an import of dishes or foods did, how far its undo is, and what that left as people had changed it since."""
    found = get_object_or_404(_imports().select_related("job", "started_by", "undone_by"), pk=pk)
    job = found.job
    working = job is not None and not job.is_finished
    if is_fragment(request) and not working:
        # The bar has come to its end: the page shows what has become of it.
        return HttpResponse(headers={"HX-Refresh": "true"})
    aside = LedgerRow.objects.filter(ledger_import=found).order_by("row_number")
    kept = KeptRow.objects.filter(ledger_import=found)
    context = {
        "ledger": found,
        "job": job,
        "working": working,
        "has_failed": job is not None and job.state == JobState.FAILED,
        "is_undoable": is_undoable(found),
        "is_undone": found.state in (LedgerState.UNDONE, LedgerState.REDOING),
        "aside": [] if working else aside[:PROBLEMS_SHOWN],
        "more": max(0, found.errors - PROBLEMS_SHOWN),
        "kept": [] if working else in_words(list(kept[:PROBLEMS_SHOWN]), as_user(request.user)),
        "newer": newer_imports(found) if found.state == LedgerState.APPLIED else [],
    }
    return render_page(request, "ledgers/dish_import.html", context, fragment="progress")


@right_required(Right.EDIT_MENUS)
@require_POST
def turn_dish_import(request: HttpRequest, pk: int) -> HttpResponse:
    """Take an import back, or do it again as it was (`redo`)."""
    found = get_object_or_404(_imports(), pk=pk)
    start = start_redo if "redo" in request.POST else start_undo
    try:
        start(ledger_import=found, by=as_user(request.user))
    except InputProblem as problem:
        messages.warning(request, str(problem))
    return redirect("integrations:dish_import", pk)


@right_required(Right.EDIT_MENUS)
@require_GET
def dish_import_rows(request: HttpRequest, pk: int) -> FileResponse:
    """Rows that were set aside, as a workbook to be put right and imported again."""
    found = get_object_or_404(_imports(), pk=pk)
    user = as_user(request.user)
    record(by=user, action=Action.EXPORTED, subject=found, changes={"rows": open_rows(found)})
    return FileResponse(error_workbook(found, user), as_attachment=True, filename=error_workbook_name(found, user))


def _imports() -> LedgerImportQuerySet:
    return LedgerImport.objects.of_the_kitchen()


def _run(request: HttpRequest, *, dry_run: bool) -> Outcome:
    held = request.session[HELD]
    with opened_dishes(Path(default_storage.path(held["stored_as"])), held["name"]) as ledger:
        return import_dishes(ledger, by=as_user(request.user), dry_run=dry_run)


def _forget(request: HttpRequest) -> None:
    held = request.session.pop(HELD, None)
    if held:
        default_storage.delete(held["stored_as"])
