"""The house's own items: what is asked, why, in which order; and what is known of a guest, confirmed with one tap."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from crm_project.core.accounts.guards import right_required
from crm_project.core.accounts.models import as_user
from crm_project.core.audit.history import history_of
from crm_project.core.rights import Right
from crm_project.core.ui.htmx import is_fragment, render_page
from customers.forms import AttributeForm, PurposesForm
from customers.models import Attribute, Customer
from customers.navigation import items_panel
from customers.services import confirm_attribute, move_attribute, write_attribute, write_purposes

manages_house = right_required(Right.MANAGE_HOUSE)
get_or_post = require_http_methods(["GET", "POST"])


@manages_house
@require_GET
def attribute_list(request: HttpRequest) -> HttpResponse:
    """All items in their order; retired ones too."""
    return render_page(request, "customers/items.html", {"items": Attribute.objects.all()})


@manages_house
@get_or_post
def attribute(request: HttpRequest, pk: int | None = None) -> HttpResponse:
    """Define an item, or change it. What guests have under it stays."""
    found = get_object_or_404(Attribute, pk=pk) if pk else None
    form = AttributeForm(request.POST or None, attribute=found)
    if request.method == "POST" and form.is_valid():
        try:
            write_attribute(by=as_user(request.user), attribute=found, **form.cleaned_data)
        except ValidationError as refusal:
            form.add_error(None, refusal)
        else:
            messages.success(request, _("Saved."))
            return redirect("customers:items")
    context = {"form": form, "item": found, "history": history_of(found) if found else None}
    return render_page(request, "customers/item.html", context, status=422 if form.errors else 200)


@manages_house
@require_POST
def move(request: HttpRequest, pk: int) -> HttpResponse:
    """One place up or down."""
    found = get_object_or_404(Attribute, pk=pk)
    move_attribute(attribute=found, by=as_user(request.user), up=request.POST.get("to") == "up")
    return redirect("customers:items")


@manages_house
@get_or_post
def purposes(request: HttpRequest) -> HttpResponse:
    """The line at the label of every built-in field."""
    form = PurposesForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        write_purposes(by=as_user(request.user), purposes=form.cleaned_data)
        messages.success(request, _("Saved."))
        return redirect("customers:purposes")
    return render_page(request, "customers/purposes.html", {"form": form}, status=422 if form.errors else 200)


@right_required(Right.EDIT_GUESTS)
@require_POST
def confirm(request: HttpRequest, pk: int, attribute_pk: int) -> HttpResponse:
    """What is known still holds: 変わりなし."""
    user = as_user(request.user)
    customer = get_object_or_404(Customer.objects.visible_to(user), pk=pk)
    confirm_attribute(customer=customer, by=user, attribute=get_object_or_404(Attribute, pk=attribute_pk))
    if is_fragment(request):
        return render_page(
            request, "customers/_items.html", {"subject": customer, **(items_panel(request, customer) or {})}
        )
    messages.success(request, _("Confirmed."))
    return redirect("customers:card", pk)
