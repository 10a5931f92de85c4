"""One field of a guest changed on the card itself."""

from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods

from crm_project.core.accounts.guards import right_required
from crm_project.core.accounts.models import as_user
from crm_project.core.audit.choices import Action
from crm_project.core.audit.services import record
from crm_project.core.rights import Right
from crm_project.core.ui.htmx import is_fragment
from customers.conflicts import VersionConflict
from customers.forms import CustomerForm, InlineForm
from customers.forms.inline import INLINE, may_see
from customers.models import Customer
from customers.views.choosing import as_chosen
from customers.views.editing import answer_conflict, refuse, save_changes


@right_required(Right.EDIT_GUESTS)
@require_http_methods(["GET", "POST"])
def inline(request: HttpRequest, pk: int, value: str) -> HttpResponse:
    """The field in place of its value (`?close` gives the value again); without htmx the form of the whole card."""
    user = as_user(request.user)
    if value not in INLINE:
        raise Http404
    if not may_see(user, value):
        raise PermissionDenied
    customer = get_object_or_404(Customer.objects.visible_to(user).select_related("company"), pk=pk)
    if not is_fragment(request):
        return redirect("customers:edit", pk)
    if "close" in request.GET:
        return _value(request, customer, value)
    options: dict[str, Any] = {"user": user, "value": value}
    fresh = InlineForm(customer=customer, **options)
    form: CustomerForm = fresh
    context: dict[str, Any] = {"customer": customer, "value": value}
    if request.method == "POST":
        form = InlineForm(as_chosen(request.POST, fresh), customer=customer, **options)
        if form.is_valid():
            try:
                save_changes(form, customer=customer, by=user)
            except VersionConflict as conflict:
                form, context["conflict"] = answer_conflict(
                    conflict, form, customer, lambda guest, data: InlineForm(data, customer=guest, **options)
                )
            except ValidationError as refusal:
                refuse(form, refusal)
            else:
                return _value(request, Customer.objects.select_related("company").get(pk=pk), value)
    else:
        record(by=user, action=Action.VIEWED, subject=customer)
    status = 422 if form.is_bound else 200
    return render(request, "customers/_inline_form.html", context | {"form": form}, status=status)


def _value(request: HttpRequest, customer: Customer, value: str) -> HttpResponse:
    return render(request, "customers/_inline_value.html", {"customer": customer, "value": value})
