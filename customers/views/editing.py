"""Entering and changing a guest."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _

from crm_project.core.accounts.active_venue import active_venue
from crm_project.core.accounts.guards import right_required
from crm_project.core.accounts.models import User, as_user
from crm_project.core.audit.choices import Action
from crm_project.core.audit.services import record
from crm_project.core.rights import Right
from crm_project.core.ui.htmx import render_page
from customers.conflicts import VersionConflict
from customers.entry import enter_customer
from customers.forms import CustomerForm
from customers.history import last_change
from customers.models import Customer
from customers.presence import LiveState, opened
from customers.services import announce_open, change_customer, forget_open
from customers.views.choosing import Conflict, as_chosen, conflict_page, with_theirs
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
            refuse(form, refusal)
        else:
            messages.success(request, _("%(name)s has a card now. Ask about allergies next.") % {"name": customer.name})
            return redirect("customers:card", customer.pk)
    return render_page(request, "customers/form.html", {"form": form}, status=422 if form.errors else 200)


@right_required(Right.EDIT_GUESTS)
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Change a guest. When two people changed the same, before, theirs and mine are shown and the typing is kept."""
    user = as_user(request.user)
    customer = get_object_or_404(Customer.objects.visible_to(user).select_related("company"), pk=pk)
    options: dict[str, Any] = {
        "user": user,
        "sees_contacts": user.has_right(Right.VIEW_CONTACTS),
        "sees_notes": user.has_right(Right.VIEW_NOTES),
    }
    if request.method == "POST" and FILL in request.POST:
        return _filled(request, user, customer)
    fresh = CustomerForm(customer=customer, **options)
    form = fresh
    context: dict[str, Any] = {"customer": customer}
    if request.method == "POST":
        form = CustomerForm(as_chosen(request.POST, fresh), customer=customer, **options)
        if form.is_valid():
            try:
                save_changes(form, customer=customer, by=user)
            except VersionConflict as conflict:
                form, context["conflict"] = answer_conflict(
                    conflict, form, customer, lambda guest, data: CustomerForm(data, customer=guest, **options)
                )
            except ValidationError as refusal:
                refuse(form, refusal)
            else:
                forget_open(customer=customer, by=user)
                messages.success(request, _("Saved."))
                return redirect("customers:card", pk)
    context |= {"form": form, "live": live_form(request, customer, form, context.get("conflict"))}
    return render_page(request, "customers/form.html", context, status=422 if form.is_bound else 200)


def _filled(request: HttpRequest, user: User, customer: Customer | None = None) -> HttpResponse:
    """The page as it stands with the address of a postcode filled in; nothing is saved and nothing is checked yet."""
    if not user.has_right(Right.VIEW_CONTACTS):
        raise PermissionDenied
    fill = fill_address(request.POST)
    form = CustomerForm(user=user, customer=customer, sees_notes=user.has_right(Right.VIEW_NOTES), typed=fill.data)
    context: dict[str, Any] = {"form": form, "customer": customer, "fill": fill}
    if customer is not None:
        mark, version = (whole_number(request.POST.get(name)) for name in ("mark", "version"))
        context["live"] = opened(customer, user, mark=mark, version=version, is_form=True)
    return render_page(request, "customers/form.html", context)


def save_changes(form: CustomerForm, *, customer: Customer, by: User) -> None:
    """Write what the person changed. Raises what `change_customer` raises."""
    change_customer(
        customer=customer,
        by=by,
        version=form.cleaned_data["version"] or 0,
        base=form.base(),
        **form.touched_values(),
    )


def answer_conflict(
    conflict: VersionConflict,
    form: CustomerForm,
    customer: Customer,
    build: Callable[[Customer, QueryDict | None], CustomerForm],
) -> tuple[CustomerForm, Conflict]:
    """The form again, on what stands now and with the person's typing; and what the page says of the difference."""
    current = Customer.objects.select_related("company").get(pk=customer.pk)
    fresh = build(current, None)
    touched = form.touched_values().keys()
    data = with_theirs(form.data, fresh, touched)
    page = conflict_page(
        conflict.conflicts,
        data=data,
        fresh=fresh,
        touched=touched,
        other=last_change(current),
        in_words=value_in_words,
    )
    return build(current, data), page


def live_form(request: HttpRequest, customer: Customer, form: Any, conflict: Conflict | None) -> LiveState:
    """Tell others that the form is open, note the look, and find who else has it open."""
    user = as_user(request.user)
    announce_open(customer=customer, by=user)
    if not form.is_bound:
        return opened(customer, user, mark=record(by=user, action=Action.VIEWED, subject=customer).pk, is_form=True)
    mark = conflict.other.pk if conflict and conflict.other else whole_number(request.POST.get("mark"))
    return opened(customer, user, mark=mark, is_form=True, version=whole_number(form["version"].value()))


def whole_number(sent: object) -> int:
    """A number that travelled along; 0 for anything else."""
    written = str(sent)
    return int(written) if written.isascii() and written.isdecimal() and len(written) < 19 else 0


def refuse(form: forms.Form, refusal: ValidationError) -> None:
    """Show at its field what a service refused: something another write has changed since the form was checked."""
    if not hasattr(refusal, "error_dict"):
        form.add_error(None, refusal)
        return
    for name, errors in refusal.error_dict.items():
        form.add_error(name if name in form.fields else None, errors)
