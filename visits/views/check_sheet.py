"""The check sheet's settings: which lines there are, and why the house wants to know."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _

from crm_project.core.accounts.guards import right_required
from crm_project.core.accounts.models import as_user
from crm_project.core.rights import Right
from crm_project.core.ui.htmx import render_page
from visits import services
from visits.forms import NoteCategoryForm
from visits.models import NoteCategory


@right_required(Right.MANAGE_HOUSE)
def categories(request: HttpRequest) -> HttpResponse:
    """All lines of the check sheet."""
    return render_page(request, "visits/categories.html", {"categories": NoteCategory.objects.all()})


@right_required(Right.MANAGE_HOUSE)
def create_category(request: HttpRequest) -> HttpResponse:
    """A new line."""
    form = NoteCategoryForm(request.POST or None, initial={"position": NoteCategory.objects.count()})
    if request.method == "POST" and form.is_valid():
        services.create_category(by=as_user(request.user), **form.cleaned_data)
        messages.success(request, _("Saved."))
        return redirect("visits:categories")
    return render_page(request, "visits/category_form.html", {"form": form}, status=422 if form.errors else 200)


@right_required(Right.MANAGE_HOUSE)
def category(request: HttpRequest, pk: int) -> HttpResponse:
    """Change a line; one that is no longer in use keeps its notes."""
    found = get_object_or_404(NoteCategory, pk=pk)
    form = NoteCategoryForm(request.POST or None, instance=found)
    if request.method == "POST" and form.is_valid():
        services.change_category(category=found, by=as_user(request.user), **form.cleaned_data)
        messages.success(request, _("Saved."))
        return redirect("visits:categories")
    context = {"form": form, "category": NoteCategory.objects.get(pk=pk)}
    return render_page(request, "visits/category_form.html", context, status=422 if form.errors else 200)
