"""Entering and changing a guest."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _

from crm_project.core.accounts.active_venue import active_venue
from crm_project.core.accounts.guards import right_required
from crm_project.core.accounts.models import User, as_user
from crm_project.core.rights import Right
from crm_project.core.ui.htmx import render_page
from customers.conflicts import VersionConflict
from customers.entry import enter_customer
from customers.forms import CustomerForm
from customers.history import last_change
from customers.models import Customer
from customers.services import change_customer, plain_values
from customers.views.postcodes import FILL, fill_address
from customers.wording import value_in_words


@right_required(Right.EDIT_GUESTS)
def create(request: HttpRequest) -> HttpResponse:
    """A new guest."""
    user = as_user(request.user)
    initial = {"name": request.GET.get("name", ""), "phone_0": request.GET.get("phone", "")}
    if request.method == "POST" and FILL in request.POST:
        return _filled(request, user)
    form = CustomerForm(request.POST or None, user=user, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            customer = enter_customer(
                by=user, token=form.entry_token, venue=active_venue(request), **form.guest_values()
            )
        except ValidationError as refusal:
            _refuse(form, refusal)
        else:
            messages.success(request, _("%(name)s has a card now. Ask about allergies next.") % {"name": customer.name})
            return redirect("customers:card", customer.pk)
    return render_page(request, "customers/form.html", {"form": form}, status=422 if form.errors else 200)


@right_required(Right.EDIT_GUESTS)
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Change a guest. When two people changed the same, both writings are shown and the typing is kept."""
    user = as_user(request.user)
    customer = get_object_or_404(Customer.objects.visible_to(user).select_related("company"), pk=pk)
    options: dict[str, Any] = {"user": user, "sees_contacts": user.has_right(Right.VIEW_CONTACTS)}
    if request.method == "POST" and FILL in request.POST:
        return _filled(request, user, customer)
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
            context |= {"conflicts": _conflict_lines(conflict), "other": last_change(customer)}
        except ValidationError as refusal:
            _refuse(form, refusal)
        else:
            messages.success(request, _("Saved."))
            return redirect("customers:card", pk)
    return render_page(request, "customers/form.html", context | {"form": form}, status=422 if form.is_bound else 200)


def _filled(request: HttpRequest, user: User, customer: Customer | None = None) -> HttpResponse:
    """The page as it stands with the address of a postcode filled in; nothing is saved and nothing is checked yet."""
    if not user.has_right(Right.VIEW_CONTACTS):
        raise PermissionDenied
    fill = fill_address(request.POST)
    form = CustomerForm(user=user, customer=customer, typed=fill.data)
    return render_page(request, "customers/form.html", {"form": form, "customer": customer, "fill": fill})


def _touched(form: CustomerForm, values: dict[str, Any]) -> dict[str, Any]:
    """The values the person changed; all of them when what was seen is not known."""
    base = form.base()
    if base is None:
        return values
    plain = plain_values(values)
    return {name: value for name, value in values.items() if base.get(name) != plain[name]}


def _refuse(form: CustomerForm, refusal: ValidationError) -> None:
    """Show at its field what a service refused: something another write has changed since the form was checked."""
    if not hasattr(refusal, "error_dict"):
        form.add_error(None, refusal)
        return
    for name, errors in refusal.error_dict.items():
        form.add_error(name if name in form.fields else None, errors)


def _with_theirs(sent: QueryDict, form: CustomerForm, fresh: CustomerForm) -> QueryDict:
    """The form as sent, with what stands now in the fields the person did not touch."""
    mine = form.guest_values()
    touched = _touched(form, mine)
    data = sent.copy()
    for name in fresh.fields:
        values = form.values_of_field(name)
        untouched = any(value in mine for value in values) and not any(value in touched for value in values)
        if name in ("version", "opened_with") or untouched:
            value = fresh[name].value()
            data[name] = "" if value is None else str(value)
    return data


def _conflict_lines(conflict: VersionConflict) -> list[dict[str, str]]:
    """Label, their writing and mine of each value that both changed."""
    lines = []
    for line in conflict.conflicts:
        label, theirs = value_in_words(line.field, line.theirs)
        lines.append({"label": label, "theirs": theirs, "mine": value_in_words(line.field, line.mine)[1]})
    return lines
