"""Sealing a guest, and what a manager sees of the sealed ones: that they are there, and who is named."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _

from crm_project.core.accounts.confidential import ConfidentialForm, seal, unseal
from crm_project.core.accounts.guards import right_required
from crm_project.core.accounts.models import User, as_user
from crm_project.core.audit.choices import Action
from crm_project.core.audit.services import record
from crm_project.core.rights import Right
from crm_project.core.sealed import named_staff_of
from crm_project.core.ui.htmx import render_page
from crm_project.core.ui.paging import numbered_page
from customers.models import Customer

PAGE = 30


@right_required(Right.EDIT_GUESTS)
def confidential(request: HttpRequest, pk: int) -> HttpResponse:
    """Make a guest confidential, or everybody's again; who seals a guest is named."""
    user = as_user(request.user)
    customer = get_object_or_404(Customer.objects.visible_to(user), pk=pk)
    form = ConfidentialForm(request.POST if request.method == "POST" else None, record=customer, by=user)
    if request.method == "POST" and form.is_valid():
        if form.cleaned_data["is_confidential"]:
            seal(record=customer, by=user, people=form.cleaned_data["people"])
        else:
            unseal(record=customer, by=user)
        messages.success(request, _("Saved."))
        still_there = Customer.objects.visible_to(user).filter(pk=pk).exists()
        return redirect("customers:card", pk) if still_there else redirect("customers:list")
    if request.method == "GET":
        record(by=user, action=Action.VIEWED, subject=customer)
    back = reverse("customers:card", args=[pk])
    context = {"form": form, "customer": customer, "title": _("Confidential"), "back": back}
    return render_page(request, "customers/confidential.html", context, status=422 if form.is_bound else 200)


@right_required(Right.MANAGE_HOUSE)
def sealed_guests(request: HttpRequest) -> HttpResponse:
    """The confidential guests by code, without names: so that the house does not lose one when the named staff leave."""
    _manages_every_venue(request)
    page = numbered_page(
        Customer.objects.present().filter(is_confidential=True).order_by("pk"), request.GET.get("page"), size=PAGE
    )
    named = named_staff_of(page.rows)
    people = User.objects.in_bulk({pk for ids in named.values() for pk in ids})
    lines = [(guest, [people[pk] for pk in named[guest.pk]]) for guest in page.rows]
    return render_page(request, "customers/sealed_guests.html", {"page": page, "lines": lines})


@right_required(Right.MANAGE_HOUSE)
def name_for_sealed(request: HttpRequest, pk: int) -> HttpResponse:
    """Name other staff for a confidential guest without opening the card. It is noted in the trail."""
    _manages_every_venue(request)
    customer = get_object_or_404(Customer.objects.present().filter(is_confidential=True), pk=pk)
    user = as_user(request.user)
    form = ConfidentialForm(request.POST if request.method == "POST" else None, record=customer, by=user)
    del form.fields["is_confidential"]
    if request.method == "POST" and form.is_valid():
        seal(record=customer, by=user, people=form.cleaned_data["people"])
        messages.success(request, _("Saved."))
        return redirect("customers:sealed")
    context = {"form": form, "title": customer.code or f"#{customer.pk}", "back": reverse("customers:sealed")}
    return render_page(request, "customers/confidential.html", context, status=422 if form.is_bound else 200)


def _manages_every_venue(request: HttpRequest) -> None:
    if not as_user(request.user).has_right_everywhere(Right.MANAGE_HOUSE):
        raise PermissionDenied
