"""The check sheet's settings, what is still to be completed on it, and standing wishes (いつも)."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from crm_project.core.accounts.guards import right_required
from crm_project.core.accounts.models import as_user
from crm_project.core.audit.history import history_of
from crm_project.core.problems import InputProblem
from crm_project.core.rights import Right
from crm_project.core.ui.htmx import render_page
from crm_project.core.ui.paging import numbered_page
from visits import services
from visits.check_sheet_forms import NoteCategoryForm
from visits.choices import Purpose
from visits.models import Note, NoteCategory
from visits.open_lines import visits_to_complete
from visits.refusals import SettingChangedMeanwhile
from visits.views.conflicts import what_stands


@right_required(Right.MANAGE_HOUSE)
def categories(request: HttpRequest) -> HttpResponse:
    """All lines of the check sheet."""
    words = {str(value): label for value, label in Purpose.choices}
    rows = [
        (line, [words[purpose] for purpose in line.purposes if purpose in words])
        for line in NoteCategory.objects.order_by("-is_active", "position", "pk")
    ]
    return render_page(request, "visits/categories.html", {"categories": rows})


@right_required(Right.MANAGE_HOUSE)
def create_category(request: HttpRequest) -> HttpResponse:
    """A new line."""
    blank = NoteCategory(position=NoteCategory.objects.count())
    form = NoteCategoryForm(request.POST or None, instance=blank)
    if request.method == "POST" and form.is_valid():
        values = form.values()
        values.pop("version", None)
        services.create_category(by=as_user(request.user), **values)
        messages.success(request, _("Saved."))
        return redirect("visits:categories")
    return render_page(request, "visits/category_form.html", {"form": form}, status=422 if form.is_bound else 200)


@right_required(Right.MANAGE_HOUSE)
def category(request: HttpRequest, pk: int) -> HttpResponse:
    """Change a line; its notes keep their wording, one that is no longer in use keeps its notes."""
    found = get_object_or_404(NoteCategory, pk=pk)
    form = NoteCategoryForm(request.POST or None, instance=NoteCategory.objects.get(pk=pk))
    standing: list[tuple[str, str]] = []
    if request.method == "POST" and form.is_valid():
        values = form.values()
        version = values.pop("version") or 0
        try:
            services.change_category(category=found, by=as_user(request.user), version=version, **values)
        except SettingChangedMeanwhile as conflict:
            form.add_error(None, str(conflict))
            standing = what_stands(form, found)
        except ValidationError as refused:
            form.add_error(None, refused.messages)
        else:
            messages.success(request, _("Saved."))
            return redirect("visits:categories")
    context = {"form": form, "category": found, "standing": standing, "history": history_of(found)}
    return render_page(request, "visits/category_form.html", context, status=422 if form.is_bound else 200)


@right_required(Right.LOG_VISITS, Right.ANSWER_NOTES)
@require_GET
def to_complete(request: HttpRequest) -> HttpResponse:
    """Visits with required lines still open: one's own first; all of the venues one answers for."""
    user = as_user(request.user)
    mine = request.GET.get("who") != "all" or not user.has_right(Right.ANSWER_NOTES)
    page = numbered_page(visits_to_complete(user, mine=mine), request.GET.get("page", 1))
    context = {"page": page, "mine": mine, "may_see_all": user.has_right(Right.ANSWER_NOTES)}
    return render_page(request, "visits/to_complete.html", context)


@right_required(Right.LOG_VISITS)
@require_POST
def standing(request: HttpRequest, pk: int) -> HttpResponse:
    """A standing wish still holds, or holds no longer: one tap."""
    user = as_user(request.user)
    note = get_object_or_404(Note.objects.visible_to(user).select_related("visit"), pk=pk)
    change = services.end_standing if request.POST.get("op") == "end" else services.confirm_standing
    try:
        change(note=note, by=user)
    except InputProblem as problem:
        messages.warning(request, str(problem))
    else:
        messages.success(request, _("Noted."))
    return redirect(back_to(request, f"{reverse('visits:detail', args=[note.visit_id])}#note-{note.pk}"))


def back_to(request: HttpRequest, otherwise: str) -> str:
    """The page the button stood on, when it is one of ours."""
    target = request.POST.get("next", "") or request.GET.get("next", "")
    safe = url_has_allowed_host_and_scheme(target, {request.get_host()}, require_https=request.is_secure())
    return target if safe else otherwise
