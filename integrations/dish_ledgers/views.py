"""A ledger of dishes through the screens: receive it, see what it would do, import it. EDIT_MENUS: it holds nothing of guests."""

from contextlib import ExitStack
from pathlib import Path
from typing import Final

from django.contrib import messages
from django.core.files.base import File
from django.core.files.storage import default_storage
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.crypto import get_random_string
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters

from crm_project.core.accounts.guards import right_required
from crm_project.core.accounts.models import as_user
from crm_project.core.problems import InputProblem
from crm_project.core.rights import Right
from crm_project.core.tables import PasswordNeeded, decrypted
from crm_project.core.ui.htmx import render_page
from crm_project.core.ui.uploads import is_over_limit
from integrations.dish_ledgers.importing import FOLDER, Outcome, import_dishes
from integrations.dish_ledgers.reading import opened_dishes
from integrations.ledgers.forms import UploadForm

HELD: Final = "dish_ledger"
PROBLEMS_SHOWN: Final = 100


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
    return render_page(request, "ledgers/dishes_upload.html", {"form": form}, status=422 if form.errors else 200)


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
    context = {
        "name": held["name"],
        "outcome": outcome.as_json(),
        "problems": outcome.problems[:PROBLEMS_SHOWN],
        "more": max(0, len(outcome.problems) - PROBLEMS_SHOWN),
        "is_imported": request.method == "POST",
    }
    return render_page(request, "ledgers/dishes.html", context)


def _run(request: HttpRequest, *, dry_run: bool) -> Outcome:
    held = request.session[HELD]
    with opened_dishes(Path(default_storage.path(held["stored_as"])), held["name"]) as ledger:
        return import_dishes(ledger, by=as_user(request.user), dry_run=dry_run)


def _forget(request: HttpRequest) -> None:
    held = request.session.pop(HELD, None)
    if held:
        default_storage.delete(held["stored_as"])
