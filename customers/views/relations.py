"""Relations, posts and special days of a guest or company."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from crm_project.core.accounts.active_venue import active_venue
from crm_project.core.accounts.guards import right_required
from crm_project.core.accounts.models import User, as_user
from crm_project.core.audit.choices import Action
from crm_project.core.audit.services import record
from crm_project.core.rights import Right
from crm_project.core.ui.htmx import render_page
from customers.family import posts_of
from customers.models import Company, Customer, Relation, SpecialDay
from customers.picker import read_picker
from customers.relation_forms import RelationForm, SpecialDayForm, TransferForm
from customers.services.posts import transfer
from customers.services.relations import add_special_day, end_relation, relate, remove_special_day

edits_guests = right_required(Right.EDIT_GUESTS)


def _guest(request: HttpRequest, pk: int) -> tuple[User, Customer]:
    user = as_user(request.user)
    return user, get_object_or_404(Customer.objects.visible_to(user).select_related("company"), pk=pk)


def _refused(form: Any, error: ValidationError) -> None:
    """Put the service's words beside their fields, or on top where the form has no such field."""
    by_field: Any = error.error_dict if hasattr(error, "error_dict") else {None: error.error_list}
    for field, words in by_field.items():
        form.add_error(field if field in form.fields else None, words)


def _page(request: HttpRequest, template: str, **context: Any) -> HttpResponse:
    return render_page(request, template, context, status=422 if request.method == "POST" else 200)


@edits_guests
def add_relation(request: HttpRequest, pk: int) -> HttpResponse:
    """Say who somebody is to the guest: another guest, one entered now, or a name with a number."""
    user, customer = _guest(request, pk)
    posted = request.POST if request.method == "POST" else None
    form = RelationForm(posted)
    picker = read_picker(posted, user=user, name="other", required=False)
    if posted is not None and form.is_valid() and picker.is_valid():
        values = form.cleaned_data
        try:
            relate(customer=customer, by=user, other=picker.save(by=user, venue=active_venue(request)), **values)
        except ValidationError as error:
            _refused(form, error)
        else:
            messages.success(request, _("Saved."))
            return redirect("customers:card", pk)
    return _page(request, "customers/relation_form.html", customer=customer, form=form, picker=picker)


@edits_guests
@require_POST
def remove_relation(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a relation off; `back` is the card it was seen on."""
    user = as_user(request.user)
    mine = Customer.objects.visible_to(user).values("pk")
    shown = Relation.objects.filter(Q(other=None) | Q(other__in=mine), customer__in=mine)
    relation = get_object_or_404(shown, pk=pk)
    back = relation.other_id if request.POST.get("back") == str(relation.other_id) else relation.customer_id
    end_relation(relation=relation, by=user)
    messages.success(request, _("Saved."))
    return redirect("customers:card", back)


@edits_guests
def move(request: HttpRequest, pk: int) -> HttpResponse:
    """Move a guest to another post; the past stays, a successor takes over."""
    user, customer = _guest(request, pk)
    posted = request.POST if request.method == "POST" else None
    form = TransferForm(posted, customer=customer)
    picker = read_picker(posted, user=user, name="successor", label=_("Successor in the former post"), required=False)
    if posted is not None and form.is_valid() and picker.is_valid():
        try:
            successor = picker.save(by=user, venue=active_venue(request))
            transfer(customer=customer, by=user, successor=successor, **form.cleaned_data)
        except ValidationError as error:
            _refused(form, error)
        else:
            messages.success(request, _("Saved."))
            return redirect("customers:card", pk)
    if posted is None:
        record(by=user, action=Action.VIEWED, subject=customer)
    return _page(
        request,
        "customers/transfer_form.html",
        customer=customer,
        form=form,
        picker=picker,
        posts=posts_of(customer, user),
    )


@edits_guests
def add_day(request: HttpRequest, pk: int) -> HttpResponse:
    """A special day of a guest."""
    _user, customer = _guest(request, pk)
    return _add_day(request, customer, "customers:card")


@edits_guests
def add_company_day(request: HttpRequest, pk: int) -> HttpResponse:
    """A special day of a company."""
    company = get_object_or_404(Company.objects.visible_to(as_user(request.user)), pk=pk)
    return _add_day(request, company, "customers:company")


def _add_day(request: HttpRequest, subject: Customer | Company, back: str) -> HttpResponse:
    form = SpecialDayForm(request.POST if request.method == "POST" else None, subject=subject)
    if form.is_bound and form.is_valid():
        whose: dict[str, Any] = {"company" if isinstance(subject, Company) else "customer": subject}
        values = form.cleaned_data
        add_special_day(by=as_user(request.user), kind=values["kind"], note=values["note"], **values["date"], **whose)
        messages.success(request, _("Saved."))
        return redirect(back, subject.pk)
    guest = subject if isinstance(subject, Customer) else None
    return _page(request, "customers/special_day_form.html", form=form, customer=guest, subject=subject)


@edits_guests
@require_POST
def remove_day(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a special day off."""
    user = as_user(request.user)
    theirs = Q(customer__in=Customer.objects.visible_to(user)) | Q(company__in=Company.objects.visible_to(user))
    special = get_object_or_404(SpecialDay.objects.filter(theirs), pk=pk)
    remove_special_day(special=special, by=user)
    messages.success(request, _("Saved."))
    if special.customer_id:
        return redirect("customers:card", special.customer_id)
    return redirect("customers:company", special.company_id)
