"""A ledger through the screens: receive, match the columns, look what it does, import, see what it did."""

from typing import Any

from django.contrib import messages
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.http import content_disposition_header
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_POST

from crm_project.core.accounts.guards import right_required
from crm_project.core.accounts.models import as_user
from crm_project.core.audit.choices import Action
from crm_project.core.audit.services import record
from crm_project.core.column_map import MapError, dump_map
from crm_project.core.jobs.choices import JobState
from crm_project.core.problems import InputProblem
from crm_project.core.rights import Right
from crm_project.core.tables import PasswordNeeded
from crm_project.core.ui.htmx import is_fragment, render_page
from crm_project.core.ui.paging import numbered_page
from crm_project.core.ui.uploads import is_over_limit
from integrations.choices import IMPORTED, LedgerState
from integrations.ledgers.columns_screen import Chosen
from integrations.ledgers.corrections import settled_rows
from integrations.ledgers.deciding import waiting_rows
from integrations.ledgers.error_workbook import error_workbook, error_workbook_name, open_rows
from integrations.ledgers.forms import PasswordForm, UploadForm
from integrations.ledgers.gone_shown import gone_lines
from integrations.ledgers.rows_shown import FILTERS, changed_columns, left_out_rows, rows_to_look_at, shown_rows
from integrations.ledgers.services import (
    ImportHasBegun,
    choose_columns,
    drop_ledger,
    receive_ledger,
    start_import,
    unlock_ledger,
)
from integrations.ledgers.targets import TARGET_CHOICES
from integrations.ledgers.undo import is_undoable
from integrations.ledgers.write_rights import check_rights, check_rights_to
from integrations.models import LedgerImport

PAGE = 30
ROWS_PAGE = 50


@sensitive_post_parameters("password")
@right_required(Right.IMPORT_LEDGERS)
def ledgers(request: HttpRequest) -> HttpResponse:
    """Former imports, and the form that takes a new file."""
    sent = request.method == "POST"
    form = UploadForm(
        request.POST if sent else None, request.FILES if sent else None, over_limit=is_over_limit(request)
    )
    if sent and form.is_valid():
        upload = form.cleaned_data["file"]
        try:
            ledger_import = receive_ledger(
                upload=upload, name=upload.name, by=as_user(request.user), password=form.cleaned_data["password"]
            )
        except InputProblem as problem:
            form.add_error("file", str(problem))
        else:
            address = "integrations:ledger" if ledger_import.corrects_id else "integrations:ledger_columns"
            return redirect(address, ledger_import.pk)
    page = numbered_page(
        LedgerImport.objects.of_guests().select_related("started_by"), request.GET.get("page"), size=PAGE
    )
    status = 422 if form.errors else 200
    can_edit_menus = as_user(request.user).has_right(Right.EDIT_MENUS)
    context = {"form": form, "page": page, "can_edit_menus": can_edit_menus}
    return render_page(request, "ledgers/list.html", context, status=status)


@right_required(Right.IMPORT_LEDGERS)
def ledger_columns(request: HttpRequest, pk: int) -> HttpResponse:
    """Say what the rows are, which sheet is meant and which column fills which field."""
    ledger_import = get_object_or_404(LedgerImport.objects.of_guests(), pk=pk)
    if ledger_import.applied_to_row is not None or not ledger_import.stored_as:
        return redirect("integrations:ledger", pk)
    chosen = Chosen(request, ledger_import)
    if chosen.problem is not None:
        context = {
            "ledger": ledger_import,
            "problem": str(chosen.problem),
            "sheets": chosen.sheets,
            "sheet": chosen.sheet,
            "target": chosen.target.key.value,
            "targets": TARGET_CHOICES,
            "password_form": PasswordForm() if isinstance(chosen.problem, PasswordNeeded) else None,
        }
        return render_page(request, "ledgers/columns.html", context, status=422)
    if request.GET.get("as") == "toml":
        return _map_file(ledger_import, chosen)
    form, map_form = chosen.forms(request)
    sent = map_form if "use_text" in request.POST else form
    if request.method == "POST" and sent.is_valid():
        by, column_map = as_user(request.user), sent.cleaned_data["column_map"]
        try:
            check_rights(chosen.target.key, column_map, by)
            choose_columns(
                ledger_import=ledger_import, by=by, sheet=chosen.sheet, column_map=column_map, target=chosen.target.key
            )
        except ImportHasBegun as problem:
            messages.warning(request, str(problem))
            return redirect("integrations:ledger", pk)
        except InputProblem as problem:
            sent.add_error(None, str(problem))
        else:
            return redirect("integrations:ledger", pk)
    context = chosen.context() | {"ledger": ledger_import, "form": form, "map_form": map_form}
    return render_page(request, "ledgers/columns.html", context, status=422 if form.errors or map_form.errors else 200)


@right_required(Right.IMPORT_LEDGERS)
@require_POST
def ledger_sample(request: HttpRequest, pk: int) -> HttpResponse:
    """What the first rows would become with the columns as they are chosen at this moment; nothing is written."""
    ledger_import = get_object_or_404(LedgerImport.objects.of_guests(), pk=pk, applied_to_row=None)
    if not ledger_import.stored_as:
        return redirect("integrations:ledger", pk)
    chosen = Chosen(request, ledger_import)
    context: dict[str, Any] = {"ledger": ledger_import}
    if chosen.problem is not None:
        return render_page(request, "ledgers/_sample.html", context | {"problem": str(chosen.problem)})
    form, _map_form = chosen.forms(request)
    if not form.is_valid():
        problem = " ".join(str(message) for errors in form.errors.values() for message in errors)
        return render_page(request, "ledgers/_sample.html", context | {"problem": problem})
    return render_page(
        request, "ledgers/_sample.html", context | chosen.sample(form.cleaned_data["column_map"], as_user(request.user))
    )


def _map_file(ledger_import: LedgerImport, chosen: Chosen) -> HttpResponse:
    """The map as a file, to be kept beside the ledger; it holds no guests."""
    name = slugify(ledger_import.file_name.rpartition(".")[0], allow_unicode=True) or "ledger"
    response = HttpResponse(dump_map(chosen.suggested), content_type="application/toml; charset=utf-8")
    response["Content-Disposition"] = content_disposition_header(True, f"{name}.toml") or "attachment"
    return response


@sensitive_post_parameters("password")
@right_required(Right.IMPORT_LEDGERS)
@require_POST
def ledger_unlock(request: HttpRequest, pk: int) -> HttpResponse:
    """Open a protected workbook with its password, once."""
    ledger_import = get_object_or_404(LedgerImport.objects.of_guests(), pk=pk, applied_to_row=None)
    if not ledger_import.stored_as:
        return redirect("integrations:ledger", pk)
    form = PasswordForm(request.POST)
    if form.is_valid():
        try:
            unlock_ledger(ledger_import=ledger_import, password=form.cleaned_data["password"], by=as_user(request.user))
        except PasswordNeeded as problem:
            form.add_error("password", str(problem))
        except InputProblem as problem:
            messages.warning(request, str(problem))
            return redirect("integrations:ledger_columns", pk)
        else:
            return redirect("integrations:ledger_columns", pk)
    return render_page(request, "ledgers/columns.html", {"ledger": ledger_import, "password_form": form}, status=422)


@right_required(Right.IMPORT_LEDGERS)
@require_GET
def ledger(request: HttpRequest, pk: int) -> HttpResponse:
    """One import: how far it is, what it would do, or what it did."""
    ledger_import = get_object_or_404(
        LedgerImport.objects.of_guests().select_related("job", "started_by", "undone_by", "corrects"), pk=pk
    )
    job = ledger_import.job
    working = job is not None and not job.is_finished
    if is_fragment(request) and request.headers.get("HX-Target", "") == "" and not working:
        # The bar has come to its end: the page shows what has become of it.
        return HttpResponse(headers={"HX-Refresh": "true"})
    if ledger_import.state == LedgerState.UPLOADED and job is None:
        return redirect("integrations:ledger_columns", pk)
    context: dict[str, Any] = {
        "ledger": ledger_import,
        "job": job,
        "working": working,
        "has_failed": job is not None and job.state == JobState.FAILED,
        "is_applied": ledger_import.state in IMPORTED,
        "is_undoable": is_undoable(ledger_import),
        "is_undone": ledger_import.state in (LedgerState.UNDONE, LedgerState.REDOING),
        "has_begun": ledger_import.applied_to_row is not None,
    }
    if not working and ledger_import.state in (LedgerState.PLANNED, *IMPORTED):
        shown = request.GET.get("show", "")
        page = numbered_page(rows_to_look_at(ledger_import, shown), request.GET.get("page"), size=ROWS_PAGE)
        context |= {
            "waiting": waiting_rows(ledger_import).count() if ledger_import.errors else 0,
            "settled": settled_rows(ledger_import) if ledger_import.errors else 0,
            "may_export": as_user(request.user).has_right(Right.EXPORT_DATA),
            "page": page,
            "rows": shown_rows(page.rows, as_user(request.user)),
            "show": shown if shown in FILTERS else "",
            "filters": list(FILTERS.items()),
            "left_out": left_out_rows(ledger_import, as_user(request.user)),
            "changed_columns": changed_columns(ledger_import, as_user(request.user)),
            "gone": (gone := gone_lines(ledger_import, as_user(request.user))),
            "gone_more": len(ledger_import.gone) - len(gone),
        }
    fragment = "progress" if working and request.headers.get("HX-Target", "") == "" else "rows"
    return render_page(request, "ledgers/ledger.html", context, fragment=fragment)


@right_required(Right.IMPORT_LEDGERS)
@require_POST
def ledger_import(request: HttpRequest, pk: int) -> HttpResponse:
    """Import what was looked at, or go on with an import that stopped."""
    found = get_object_or_404(LedgerImport.objects.of_guests(), pk=pk)
    if found.state in IMPORTED:
        messages.info(request, _("This ledger has been imported already."))
    elif found.state != LedgerState.PLANNED and found.applied_to_row is None:
        messages.warning(request, _("Check what the ledger does before you import it."))
    else:
        try:
            check_rights_to(found, as_user(request.user))
            start_import(ledger_import=found, by=as_user(request.user))
        except InputProblem as problem:
            messages.warning(request, str(problem))
    return redirect("integrations:ledger", pk)


@right_required(Right.IMPORT_LEDGERS)
@require_POST
def ledger_drop(request: HttpRequest, pk: int) -> HttpResponse:
    """Throw an upload away that was not imported."""
    found = get_object_or_404(LedgerImport.objects.of_guests(), pk=pk, applied_to_row=None)
    try:
        drop_ledger(ledger_import=found, by=as_user(request.user))
    except InputProblem as problem:
        messages.warning(request, str(problem))
        return redirect("integrations:ledger", pk)
    messages.success(request, _("The upload is thrown away; nothing was written."))
    return redirect("integrations:ledgers")


@right_required(Right.IMPORT_LEDGERS)
@right_required(Right.EXPORT_DATA)
@require_GET
def ledger_errors(request: HttpRequest, pk: int) -> FileResponse | HttpResponse:
    """Rows that were set aside or read in part, as a workbook."""
    found = get_object_or_404(LedgerImport.objects.of_guests(), pk=pk)
    user = as_user(request.user)
    try:
        check_rights_to(found, user)
    except MapError:
        pass  # a line of the check sheet that it names is gone: the rows can still be put right by hand
    except InputProblem as problem:
        messages.warning(request, str(problem))
        return redirect("integrations:ledger", pk)
    record(by=user, action=Action.EXPORTED, subject=found, changes={"rows": open_rows(found)})
    return FileResponse(error_workbook(found, user), as_attachment=True, filename=error_workbook_name(found, user))
