"""The room calendar: a day by half hours, a week by meals."""

from datetime import date, timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from crm_project.core.accounts.models import as_user
from crm_project.core.rights import Right
from crm_project.core.ui.display_dates import format_date
from crm_project.core.ui.htmx import render_page
from visits.day import today_of
from visits.room_calendar import DAYS_OF_A_WEEK, day_of_rooms, week_of_rooms
from visits.views.day import addresses, day_asked, days_around, venue_asked


def calendar(request: HttpRequest) -> HttpResponse:
    """The rooms of a venue by day or by week. Everybody who works there sees it; sealed bookings have no name."""
    user, venue = as_user(request.user), venue_asked(request)
    if venue is None:
        return render_page(request, "visits/calendar.html", {"venue": None})
    day, problem = day_asked(request, venue)
    meal = request.GET.get("meal", "")
    by_week = request.GET.get("span") == "week"
    context: dict[str, Any] = {
        "venue": venue,
        "day_problem": problem,
        "by_week": by_week,
        "meal": meal,
        "detail_url": addresses(request)["detail"],
        "book_url": f"{reverse('visits:book')}?venue={venue.pk}" if user.has_right(Right.TAKE_BOOKINGS, venue) else "",
    }
    with timezone.override(venue.zone):
        if by_week:
            context |= days_around(request, venue, day, step=DAYS_OF_A_WEEK)
            context |= {"week": week_of_rooms(venue, day, user, today_of(venue)), "heading": _week_heading(day)}
        else:
            context |= days_around(request, venue, day)
            context |= {"rooms": day_of_rooms(venue, day, user, meal), "heading": format_date(day)}
        return render_page(request, "visits/calendar.html", context)


def _week_heading(first: date) -> str:
    last = first + timedelta(days=DAYS_OF_A_WEEK - 1)
    return _("%(first)s to %(last)s") % {"first": format_date(first, "short"), "last": format_date(last, "short")}
