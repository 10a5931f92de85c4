"""Base preparations: everybody of the house reads them; EDIT_MENUS changes them."""

from django.contrib import messages
from django.db.models import Count, Prefetch
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _

from crm_project.core.accounts.guards import right_required
from crm_project.core.accounts.models import as_user
from crm_project.core.problems import InputProblem
from crm_project.core.rights import Right
from crm_project.core.ui.htmx import render_page
from crm_project.core.ui.paging import numbered_page
from menus import services
from menus.forms import BaseForm
from menus.models import BaseAllergen, BasePreparation
from menus.refusals import MenuChangedMeanwhile
from menus.views import today_of


def bases(request: HttpRequest) -> HttpResponse:
    """All base preparations with what is known of their allergens."""
    said = Prefetch("allergens", BaseAllergen.objects.select_related("allergen").order_by("allergen__position"))
    found = BasePreparation.objects.annotate(in_dishes=Count("dish_bases")).prefetch_related(said)
    page = numbered_page(found.order_by("kana", "name"), request.GET.get("page"))
    context = {"page": page, "can_edit": as_user(request.user).has_right(Right.EDIT_MENUS)}
    return render_page(request, "menus/base_list.html", context)


@right_required(Right.EDIT_MENUS)
def create_base(request: HttpRequest) -> HttpResponse:
    """A new base preparation."""
    return _form(request, None)


@right_required(Right.EDIT_MENUS)
def edit_base(request: HttpRequest, pk: int) -> HttpResponse:
    """Change a base preparation; every dish made with it says so at once."""
    return _form(request, get_object_or_404(BasePreparation, pk=pk))


def _form(request: HttpRequest, base: BasePreparation | None) -> HttpResponse:
    form = BaseForm(request.POST or None, instance=base, day=today_of(request))
    standing: list[tuple[str, str]] = []
    if request.method == "POST" and form.is_valid():
        by = as_user(request.user)
        try:
            if base is None:
                services.create_base(by=by, **form.values())
            else:
                version = form.cleaned_data["version"] or 0
                services.change_base(base=base, by=by, version=version, **form.values())
        except MenuChangedMeanwhile as problem:
            assert base is not None
            now = BaseForm(instance=BasePreparation.objects.get(pk=base.pk), day=today_of(request))
            standing = form.stored_otherwise(now)
            form.add_error(None, str(problem))
        except InputProblem as problem:
            form.add_error(None, str(problem))
        else:
            messages.success(request, _("Saved."))
            return redirect("menus:bases")
    dishes = base.dishes.filter(is_active=True) if base else []
    context = {"form": form, "base": base, "dishes": dishes, "standing": standing}
    return render_page(request, "menus/base_form.html", context, status=422 if form.errors else 200)
