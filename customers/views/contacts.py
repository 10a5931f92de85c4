"""Contacts outside a visit: noted, found and answered; a number that rings leads to whoever it belongs to."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from crm_project.core import text
from crm_project.core.accounts.active_venue import active_venue
from crm_project.core.accounts.guards import right_required
from crm_project.core.accounts.models import User, as_user
from crm_project.core.audit.choices import Action
from crm_project.core.audit.services import record
from crm_project.core.problems import InputProblem
from crm_project.core.rights import Right
from crm_project.core.ui.htmx import render_page
from crm_project.core.ui.paging import numbered_page
from customers.contact_forms import AnswerContactForm, ContactForm
from customers.family import people_beside
from customers.models import Company, Contact, Customer, Phone
from customers.navigation import may_edit
from customers.picker import read_picker
from customers.queries import GuestLine, guest_lines
from customers.services.contacts import (
    answer_contact,
    assign_contact,
    may_note_contacts,
    note_contact,
    open_contacts,
    reopen_contact,
)

PAGE = 30
WHO_SHARES = 20


@right_required(Right.VIEW_CONTACTS)
@require_GET
def contact_list(request: HttpRequest) -> HttpResponse:
    """What waits for an answer at the venue: one's own first, then the oldest."""
    return _list(request)


def _list(request: HttpRequest, problem: dict[str, Any] | None = None, status: int = 200) -> HttpResponse:
    user, venue = as_user(request.user), active_venue(request)
    page = numbered_page(open_contacts(user, venue), request.GET.get("page"), size=PAGE)
    context = {"page": page, "may_note": may_note_contacts(user, venue), **(problem or {})}
    return render_page(request, "customers/contacts.html", context, status=status)


@right_required(Right.VIEW_CONTACTS)
def note(request: HttpRequest) -> HttpResponse:
    """Note a contact with a guest, a company, or somebody nobody knows yet (`customer`, `company`, `phone` in the address)."""
    user, venue = as_user(request.user), active_venue(request)
    if venue is None or not may_note_contacts(user, venue):
        raise PermissionDenied
    customer = _chosen(Customer.objects.visible_to(user), request.GET.get("customer"))
    company = _chosen(Company.objects.visible_to(user), request.GET.get("company"))
    form = ContactForm(
        request.POST if request.method == "POST" else None,
        venue=venue,
        is_known=bool(customer or company),
        initial={"phone": text.format_phone(text.phone_digits(request.GET.get("phone", "")))},
    )
    if form.is_bound and form.is_valid():
        try:
            contact = note_contact(by=user, venue=venue, customer=customer, company=company, **form.cleaned_data)
        except ValidationError as error:
            form.add_error(None, error) if not hasattr(error, "error_dict") else _add(form, error)
        else:
            messages.success(request, _("Noted."))
            return redirect(_after(contact, customer, company))
    context = {"form": form, "customer": customer, "company": company}
    return render_page(request, "customers/contact_form.html", context, status=422 if form.is_bound else 200)


def _add(form: ContactForm, error: ValidationError) -> None:
    for field, messages_of_field in error.message_dict.items():
        for message in messages_of_field:
            form.add_error(field if field in form.fields else None, message)


def _after(contact: Contact, customer: Customer | None, company: Company | None) -> str:
    if customer is not None:
        return f"{reverse('customers:card', args=[customer.pk])}#timeline"
    if company is not None:
        return f"{reverse('customers:company', args=[company.pk])}#timeline"
    return reverse("customers:contact", args=[contact.pk])


@right_required(Right.VIEW_CONTACTS)
def contact(request: HttpRequest, pk: int) -> HttpResponse:
    """One contact: what was asked and answered; whose it was can be said later."""
    user = as_user(request.user)
    found = _readable(user, pk)
    may_note = may_note_contacts(user, found.venue_id)
    if request.method == "POST":
        if not may_note:
            raise PermissionDenied
        picker = read_picker(request.POST, user=user, required=False)
        if picker.is_valid():
            guest = picker.save(by=user, venue=found.venue)
            assign_contact(contact=found, by=user, customer=guest or found.customer, assigned_to=found.assigned_to)
            messages.success(request, _("Saved."))
            return redirect("customers:contact", pk)
    else:
        picker = read_picker(None, user=user, required=False, initial=found.customer)
        record(by=user, action=Action.VIEWED, subject=found)
    written = text.format_phone(found.phone_digits)
    title = found.caller or written or str(found.company or "")
    context = {"contact": found, "may_note": may_note, "picker": picker, "phone": written, "title": title}
    return render_page(request, "customers/contact.html", context, status=422 if request.method == "POST" else 200)


@right_required(Right.VIEW_CONTACTS)
@require_POST
def answer(request: HttpRequest, pk: int) -> HttpResponse:
    """Close an open contact from the list or its own page; `reopen` takes that back."""
    user = as_user(request.user)
    found = _readable(user, pk)
    form = AnswerContactForm(request.POST)
    form.is_valid()
    try:
        if request.POST.get("reopen"):
            reopen_contact(contact=found, by=user)
        else:
            answer_contact(contact=found, by=user, answer=form.cleaned_data.get("answer", ""))
    except InputProblem as problem:
        messages.warning(request, str(problem))
    else:
        messages.success(request, _("Saved."))
    return redirect("customers:contacts" if request.POST.get("list") else found_url(found))


def found_url(contact: Contact) -> str:
    """The contact's own page."""
    return reverse("customers:contact", args=[contact.pk])


@right_required(Right.VIEW_CONTACTS)
@require_GET
def phone(request: HttpRequest, number: str) -> HttpResponse:
    """Who rings: the card of the one guest with that number, the choice among several, or somebody new.

    A secretary or relative without a card rings for the guests on whose cards the number stands.
    """
    user = as_user(request.user)
    digits = text.phone_digits(number)
    guests = _guests_with(user, digits)
    repaired = text.phone_digits(text.repair_phone(number)[0])
    if not guests and repaired != digits and (found := _guests_with(user, repaired)):
        # 9012345678: a spreadsheet or a telephone exchange took the 0.
        guests, digits = found, repaired
    record(by=user, action=Action.SEARCHED, subject_type=Customer._meta.label_lower, subject_name=digits)
    if len(guests) == 1:
        return redirect("customers:card", guests[0].pk)
    written = text.format_phone(digits)
    beside = people_beside(user, {digits, written}, WHO_SHARES) if digits else []
    companies = (
        list(Company.objects.visible_to(user).filter(phone__in={digits, written})[:WHO_SHARES]) if digits else []
    )
    context = {
        "guests": guests,
        "companies": companies,
        "beside": beside,
        "phone": written or number,
        "dialled": text.dialled(digits),
        "query": urlencode({"phone": written}) if digits else "",
        "may_edit": may_edit(user),
        "may_note": may_note_contacts(user, active_venue(request)),
    }
    return render(request, "customers/phone.html", context)


def _guests_with(user: User, digits: str) -> list[GuestLine]:
    held = Phone.objects.filter(digits=digits).values("customer_id")
    guests = Customer.objects.visible_to(user).filter(pk__in=held).order_by("sort_key", "pk")
    return guest_lines(guests[:WHO_SHARES]) if digits else []


def _readable(user: User, pk: int) -> Contact:
    contacts = Contact.objects.visible_to(user).select_related(
        "customer", "company", "venue", "recorded_by", "answered_by", "assigned_to"
    )
    return get_object_or_404(contacts, pk=pk)


def _chosen(among: Any, pk: str | None) -> Any:
    return get_object_or_404(among, pk=int(pk)) if pk and pk.isascii() and pk.isdecimal() else None
