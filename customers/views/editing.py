"""Entering and changing a guest."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _

from crm_project.core.accounts.active_venue import active_venue
from crm_project.core.accounts.guards import right_required
from crm_project.core.accounts.models import as_user
from crm_project.core.rights import Right
from crm_project.core.ui.htmx import render_page
from customers.conflicts import VersionConflict
from customers.entry import enter_customer
from customers.forms import CustomerForm
from customers.history import last_change
from customers.models import Customer
from customers.services import change_customer, plain_values


@right_required(Right.EDIT_GUESTS)
def create(request: HttpRequest) -> HttpResponse:
    """A new guest."""
    user = as_user(request.user)
    initial = {"name": request.GET.get("name", ""), "phone_0": request.GET.get("phone", "")}
    form = CustomerForm(request.POST or None, user=user, initial=initial)
    if request.method == "POST" and form.is_valid():
        customer = enter_customer(by=user, token=form.entry_token, venue=active_venue(request), **form.guest_values())
        messages.success(request, _("%(name)s has a card now. Ask about allergies next.") % {"name": customer.name})
        return redirect("customers:card", customer.pk)
    return render_page(request, "customers/form.html", {"form": form}, status=422 if form.errors else 200)


@right_required(Right.EDIT_GUESTS)
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Change a guest. When two people changed the same, both writings are shown and the typing is kept."""
    user = as_user(request.user)
    customer = get_object_or_404(Customer.objects.visible_to(user).select_related("company"), pk=pk)
    options: dict[str, Any] = {"user": user, "sees_contacts": user.has_right(Right.VIEW_CONTACTS)}
    form = CustomerForm(request.POST or None, customer=customer, **options)
    context: dict[str, Any] = {"customer": customer}
    if request.method == "POST" and form.is_valid():
        values = form.guest_values()
        try:
            change_customer(
                customer=customer,
                by=user,
                version=form.cleaned_data["version"] or 0,
                base=form.base(),
                **_touched(form, values),
            )
        except VersionConflict as conflict:
            fresh = CustomerForm(customer=Customer.objects.get(pk=pk), **options)
            data = _with_theirs(request.POST, form, fresh)
            form = CustomerForm(data, customer=fresh.customer, **options)
            context |= {"conflicts": _conflict_lines(form, conflict), "other": last_change(customer)}
        else:
            messages.success(request, _("Saved."))
            return redirect("customers:card", pk)
    return render_page(request, "customers/form.html", context | {"form": form}, status=422 if form.is_bound else 200)


def _touched(form: CustomerForm, values: dict[str, Any]) -> dict[str, Any]:
    """The values the person changed; all of them when what was seen is not known."""
    base = form.base()
    if base is None:
        return values
    plain = plain_values(values)
    return {name: value for name, value in values.items() if base.get(name) != plain[name]}


def _with_theirs(sent: QueryDict, form: CustomerForm, fresh: CustomerForm) -> QueryDict:
    """The form as sent, with what stands now in the fields the person did not touch."""
    touched = _touched(form, form.guest_values())
    data = sent.copy()
    for name in fresh.fields:
        value_name = "phones" if name.startswith("phone_") else name
        if name in ("version", "opened_with") or (value_name in form.guest_values() and value_name not in touched):
            value = fresh[name].value()
            data[name] = "" if value is None else str(value)
    return data


def _conflict_lines(form: CustomerForm, conflict: VersionConflict) -> list[dict[str, Any]]:
    """Label, their writing and mine of each field that both changed."""
    return [
        {
            "label": _("Phone") if line.field == "phones" else form.fields[line.field].label,
            "theirs": _shown(form, line.field, line.theirs),
            "mine": _shown(form, line.field, line.mine),
        }
        for line in conflict.conflicts
    ]


def _shown(form: CustomerForm, field: str, value: Any) -> str:
    if field == "phones":
        return "、".join(number for _label, number in value)
    if field == "staff":
        return str(form.fields["staff"].queryset.filter(pk=value).first() or "")  # type: ignore[attr-defined]
    return str(value or "")
