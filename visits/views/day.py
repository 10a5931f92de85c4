"""Today (本日) and the kitchen's page (板場)."""

from typing import Any

from django.http import HttpRequest, HttpResponse

from crm_project.core.accounts.active_venue import active_venue
from crm_project.core.accounts.models import as_user
from crm_project.core.rights import Right
from crm_project.core.ui.htmx import render_page
from visits.choices import DINNER, LUNCH
from visits.day import tables_of_day, today_of
from visits.queries import open_drafts
from visits.terms import meal_of


def today(request: HttpRequest) -> HttpResponse:
    """The tables of the business day: mine or all, lunch or dinner; what touches an allergy on top."""
    user, venue = as_user(request.user), active_venue(request)
    if venue is None:
        return render_page(request, "visits/today.html", {"venue": None})
    day = today_of(venue)
    meal = request.GET.get("meal", "")
    mine = request.GET.get("who") == "mine"
    everything = tables_of_day(venue, day, user)
    tables = [
        table
        for table in everything
        if (meal not in (LUNCH, DINNER) or meal_of(table.visit.starts_at, venue) == meal)
        and (table.is_mine or not mine)
    ]
    can_log = user.has_right(Right.LOG_VISITS, venue)
    context: dict[str, Any] = {
        "venue": venue,
        "day": day,
        "meal": meal,
        "mine": mine,
        "tables": tables,
        "parties": len(tables),
        "guests": sum(table.visit.party_size for table in tables),
        "my_tables": sum(1 for table in everything if table.is_mine),
        "unrecorded": sum(1 for table in everything if table.is_open),
        "drafts": open_drafts(user, venue) if can_log else [],
        "can_log": can_log,
    }
    return render_page(request, "visits/today.html", context)


def kitchen(request: HttpRequest) -> HttpResponse:
    """Dishes, allergies and seats of the day. No money, no notes."""
    user, venue = as_user(request.user), active_venue(request)
    if venue is None:
        return render_page(request, "visits/kitchen.html", {"venue": None})
    day = today_of(venue)
    tables = [table for table in tables_of_day(venue, day, user) if table.is_open]
    context = {
        "venue": venue,
        "day": day,
        "tables": tables,
        "guests": sum(table.visit.party_size for table in tables),
    }
    return render_page(request, "visits/kitchen.html", context)
