"""The guest list, the guest's card and its forms, and what other forms fetch to choose a guest."""

import re
from typing import Any

from django.contrib import messages
from django.core.exceptions import BadRequest
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, QueryDict, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from crm_project.core.accounts.active_venue import active_venue
from crm_project.core.accounts.guards import right_required
from crm_project.core.accounts.models import as_user
from crm_project.core.audit.choices import Action
from crm_project.core.audit.models import AuditEntry
from crm_project.core.audit.services import record
from crm_project.core.rights import Right
from crm_project.core.timeline.panel import timeline_fragment
from crm_project.core.ui.htmx import is_fragment, render_page
from crm_project.core.ui.paging import numbered_page
from customers.conflicts import VersionConflict
from customers.entry import enter_customer
from customers.exports import as_csv, guest_rows
from customers.forms import AllergyForm, CustomerForm, QuickGuestForm, SearchForm
from customers.history import changes_of, reads_of
from customers.models import Company, Customer
from customers.navigation import may_edit
from customers.picker import CHOICES
from customers.queries import for_card, for_lists, guests_of
from customers.search import COUNTED_GUESTS, KANA_ROWS, find_customers, find_known_elsewhere, in_kana_row
from customers.services import change_customer, plain_values, set_allergies

PAGE = 30
ELSEWHERE = 5
PICKER_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,40}")


def guest_list(request: HttpRequest) -> HttpResponse:
    """Guests found by what was typed, a row of the kana table and a rank; the header's box gets the first ones alone."""
    user = as_user(request.user)
    query, guests = _narrowed(request)
    in_header = is_fragment(request) and request.headers.get("HX-Target") == "search-results"
    page = numbered_page(
        for_lists(guests), request.GET.get("page"), size=CHOICES if in_header else PAGE, counted=COUNTED_GUESTS
    )
    elsewhere = list(for_lists(find_known_elsewhere(user, query))[:ELSEWHERE]) if query else []
    if page.rows or elsewhere:
        record(by=user, action=Action.SEARCHED, subject_type=Customer._meta.label_lower, subject_name=query)
    context = {
        "query": query,
        "page": page,
        "elsewhere": elsewhere,
        "form": SearchForm(request.GET),
        "kana_rows": list(KANA_ROWS),
        "row": request.GET.get("row", ""),
        "may_edit": may_edit(user),
        "may_export": user.has_right(Right.EXPORT_DATA),
    }
    if in_header:
        return render(request, "customers/_search_results.html", context)
    return render_page(request, "customers/list.html", context, fragment="rows")


@right_required(Right.EXPORT_DATA)
@require_GET
def export(request: HttpRequest) -> StreamingHttpResponse:
    """The guests of the list as CSV."""
    user = as_user(request.user)
    query, guests = _narrowed(request)
    changes = {"rows": guests.count()}
    record(
        by=user, action=Action.EXPORTED, subject_type=Customer._meta.label_lower, subject_name=query, changes=changes
    )
    day = timezone.localdate().isoformat()
    headers = {"Content-Disposition": f'attachment; filename="guests-{day}.csv"'}
    return StreamingHttpResponse(
        as_csv(guest_rows(guests, user)), content_type="text/csv; charset=utf-8", headers=headers
    )


def _narrowed(request: HttpRequest) -> tuple[str, QuerySet[Customer]]:
    form = SearchForm(request.GET)
    form.is_valid()
    query = form.cleaned_data.get("q", "")
    guests = in_kana_row(find_customers(as_user(request.user), query), form.cleaned_data.get("row", ""))
    rank = form.cleaned_data.get("rank")
    return query, guests.filter(rank=rank) if rank else guests


def card(request: HttpRequest, pk: int) -> HttpResponse:
    """The guest's card; every look at it is noted."""
    user = as_user(request.user)
    customer = get_object_or_404(for_card(user), pk=pk)
    record(by=user, action=Action.VIEWED, subject=customer)
    if (fragment := timeline_fragment(request, customer)) is not None:
        return fragment
    context = {
        "customer": customer,
        "sees_contacts": user.has_right(Right.VIEW_CONTACTS),
        "may_edit": may_edit(user),
        "changes": changes_of(customer, user),
        "reads": reads_of(customer, user),
    }
    return render_page(request, "customers/card.html", context)


def company(request: HttpRequest, pk: int) -> HttpResponse:
    """A company and its guests."""
    user = as_user(request.user)
    found = get_object_or_404(Company.objects.visible_to(user), pk=pk)
    record(by=user, action=Action.VIEWED, subject=found)
    if (fragment := timeline_fragment(request, found)) is not None:
        return fragment
    page = numbered_page(guests_of(found, user), request.GET.get("page"), size=PAGE)
    context = {"company": found, "page": page, "sees_contacts": user.has_right(Right.VIEW_CONTACTS)}
    return render_page(request, "customers/company.html", context)


@right_required(Right.EDIT_GUESTS)
def create(request: HttpRequest) -> HttpResponse:
    """A new guest."""
    user = as_user(request.user)
    initial = {"name": request.GET.get("name", "")}
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
            context |= {"conflicts": _conflict_lines(form, conflict), "other": _last_change(customer)}
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


def _last_change(customer: Customer) -> AuditEntry | None:
    return AuditEntry.objects.about(customer).changes().first()


@right_required(Right.EDIT_GUESTS)
def allergies(request: HttpRequest, pk: int) -> HttpResponse:
    """What is known of a guest's allergies."""
    user = as_user(request.user)
    customer = get_object_or_404(Customer.objects.visible_to(user), pk=pk)
    form = AllergyForm(request.POST or None, customer=customer)
    context: dict[str, Any] = {"customer": customer}
    if request.method == "POST" and form.is_valid():
        try:
            set_allergies(customer=customer, by=user, version=form.cleaned_data["version"], **form.allergy_values())
        except VersionConflict as conflict:
            data = request.POST.copy()
            data["version"] = str(conflict.version)
            form = AllergyForm(data, customer=customer)
            context |= {"other": _last_change(customer), "stands": for_card(user).get(pk=pk)}
        else:
            messages.success(request, _("Saved."))
            return redirect("customers:card", pk)
    return render_page(
        request, "customers/allergies.html", context | {"form": form}, status=422 if form.is_bound else 200
    )


@right_required(Right.EDIT_GUESTS, Right.LOG_VISITS, Right.EDIT_DEALS, Right.MANAGE_SOURCES)
@require_GET
def pick(request: HttpRequest) -> HttpResponse:
    """Radio buttons of the guests a picker's text finds (`name` of the picker, its text as `<name>-q` or `q`)."""
    user = as_user(request.user)
    name = _picker_name(request)
    query = request.GET.get(f"{name}-q", request.GET.get("q", "")).strip()
    guests = list(for_lists(find_customers(user, query))[:CHOICES]) if query else []
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
