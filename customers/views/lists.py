"""The guest list and its export."""

from itertools import chain
from typing import Any

from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_GET

from crm_project.core.accounts.guards import right_required
from crm_project.core.accounts.models import as_user
from crm_project.core.audit.choices import Action
from crm_project.core.audit.services import record
from crm_project.core.rights import Right
from crm_project.core.ui.htmx import is_fragment, render_page
from crm_project.core.ui.paging import NumberedPage
from customers.exports import as_csv, file_name, guest_rows, made_by
from customers.forms import SearchForm
from customers.models import Customer
from customers.navigation import may_edit
from customers.picker import CHOICES
from customers.queries import GuestLine
from customers.search import KANA_ROWS, Glance, find_customers, find_page, first_known_elsewhere, glance
from customers.whereabouts import seats_named

PAGE = 50
ELSEWHERE = 5


def guest_list(request: HttpRequest) -> HttpResponse:
    """Guests found by what was typed, a row of the kana table and a rank; the header's box gets the first ones alone."""
    user = as_user(request.user)
    in_header = is_fragment(request) and request.headers.get("HX-Target") == "search-results"
    if in_header:
        query = _typed(request)
        found: Glance[GuestLine] | NumberedPage[GuestLine] = glance(user, query, CHOICES)
    else:
        asked = _asked(request)
        query = asked["query"]
        found = find_page(user, number=request.GET.get("page"), size=PAGE, **asked)
    elsewhere = first_known_elsewhere(user, query, ELSEWHERE)
    seats = seats_named(user, query)
    if found.rows or elsewhere or seats:
        record(by=user, action=Action.SEARCHED, subject_type=Customer._meta.label_lower, subject_name=query)
    context = {
        "query": query,
        "page": found,
        "elsewhere": elsewhere,
        "seats": seats,
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
    """The guests of the list as CSV, with who made it and when; it goes to the reader and is kept nowhere."""
    user = as_user(request.user)
    asked = _asked(request)
    guests = find_customers(user, **asked)
    record(
        by=user,
        action=Action.EXPORTED,
        subject_type=Customer._meta.label_lower,
        subject_name=asked["query"],
        changes={"rows": guests.count()},
    )
    now = timezone.now()
    rows = chain(guest_rows(guests, user), [made_by(user, now)])
    headers = {"Content-Disposition": content_disposition_header(True, file_name(user, now)) or "attachment"}
    return StreamingHttpResponse(as_csv(rows), content_type="text/csv; charset=utf-8", headers=headers)


def _typed(request: HttpRequest) -> str:
    """What stands in the header's box, which asks at every key; blank when it is nothing to search for."""
    try:
        typed: str = SearchForm.base_fields["q"].clean(request.GET.get("q"))
    except ValidationError:
        return ""
    return typed


def _asked(request: HttpRequest) -> dict[str, Any]:
    """What the list is narrowed by, as `search.find_page` and `find_customers` take it."""
    form = SearchForm(request.GET)
    form.is_valid()
    read = form.cleaned_data
    return {"query": read.get("q", ""), "row": read.get("row", ""), "rank": read.get("rank")}
