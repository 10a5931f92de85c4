"""What other forms fetch to choose a guest."""

import re

from django.contrib import messages
from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from crm_project.core.accounts.active_venue import active_venue
from crm_project.core.accounts.guards import right_required
from crm_project.core.accounts.models import as_user
from crm_project.core.audit.choices import Action
from crm_project.core.audit.services import record
from crm_project.core.rights import Right
from crm_project.core.ui.htmx import is_fragment, render_page
from customers.entry import enter_customer
from customers.forms import QuickGuestForm
from customers.models import Customer
from customers.picker import CHOICES
from customers.search import find_first

PICKER_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,40}")


@right_required(Right.EDIT_GUESTS, Right.LOG_VISITS, Right.EDIT_DEALS, Right.MANAGE_SOURCES)
@require_GET
def pick(request: HttpRequest) -> HttpResponse:
    """Radio buttons of the guests a picker's text finds (`name` of the picker, its text as `<name>-q` or `q`)."""
    user = as_user(request.user)
    name = _picker_name(request)
    query = request.GET.get(f"{name}-q", request.GET.get("q", "")).strip()
    guests = find_first(user, query, CHOICES)
    if guests:
        record(by=user, action=Action.SEARCHED, subject_type=Customer._meta.label_lower, subject_name=query)
    return render(request, "customers/_choices.html", {"name": name, "guests": guests, "query": query})


@right_required(Right.EDIT_GUESTS)
def quick_create(request: HttpRequest) -> HttpResponse:
    """A new guest with name, kana and phone: inside a picker by htmx, on a page of its own without."""
    user = as_user(request.user)
    name = _picker_name(request)
    form = QuickGuestForm(request.POST or None, prefix=f"{name}-new", user=user)
    if request.method == "POST" and form.is_valid():
        guest = enter_customer(by=user, token=form.entry_token, venue=active_venue(request), **form.guest_values())
        if is_fragment(request):
            context = {"name": name, "chosen": guest, "entered": True, "form": QuickGuestForm(prefix=form.prefix)}
            return render(request, "customers/_choices.html", context)
        messages.success(request, _("%(name)s has a card now. Ask about allergies next.") % {"name": guest.name})
        return redirect("customers:card", guest.pk)
    context = {"form": form, "name": name}
    if is_fragment(request):
        response = render(request, "customers/_quick_form.html", context, status=422)
        response["HX-Retarget"], response["HX-Reswap"] = f"#{name}-quick", "outerHTML"
        return response
    return render_page(request, "customers/quick_create.html", context, status=422 if form.errors else 200)


def _picker_name(request: HttpRequest) -> str:
    name = request.GET.get("name", "guest")
    if not PICKER_NAME.fullmatch(name):
        raise BadRequest("This form is not known.")
    return name
