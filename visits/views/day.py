"""Today (本日) and the days around it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from urllib.parse import quote

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from crm_project.core.accounts.active_venue import active_venue, venues_of
from crm_project.core.accounts.models import User, Venue, as_user
from crm_project.core.dates import DateError, parse_date
from crm_project.core.rights import Right
from crm_project.core.ui.display_dates import format_date
from crm_project.core.ui.htmx import render_page
from visits.choices import DINNER, LUNCH
from visits.day import Day, Table, day_of, load_of_tables, open_drafts_of, today_of
from visits.day_alerts import alerts_of
from visits.load import busiest
from visits.roster import Colleague

BY_TIME, BY_ROOM = "time", "room"
# What stays as it is when another day is shown.
KEPT = ("meal", "who", "by", "span", "venue")


@dataclass(frozen=True, slots=True)
class Group:
    """Tables under one heading."""

    title: str
    tables: list[Table]

    @property
    def unrecorded(self) -> int:
        """How many still have to be recorded."""
        return sum(table.is_open for table in self.tables)


@dataclass(frozen=True, slots=True)
class Free:
    """A colleague as the panel of who is free shows one."""

    colleague: Colleague
    # Until when at a table now, from when at the next one; of another day how many tables.
    busy: Any = None
    following: Any = None
    tables: int = 0


def today(request: HttpRequest) -> HttpResponse:
    """The tables of a business day: mine first, lunch or dinner, by time or room; what touches an allergy on top."""
    user = as_user(request.user)
    venue = venue_asked(request)
    if venue is None:
        return render_page(request, "visits/today.html", {"venue": None})
    day, problem = day_asked(request, venue)
    with timezone.override(venue.zone):
        context = _day_context(request, user, venue, day_of(venue, day, user)) | {"day_problem": problem}
        return render_page(request, "visits/today.html", context, fragment="day")


def venue_asked(request: HttpRequest) -> Venue | None:
    """The venue of the address, else the one worked at. Raises Http404 for a venue where the person does not work."""
    asked = request.GET.get("venue", "")
    if not asked:
        return active_venue(request)
    found = next((venue for venue in venues_of(request) if str(venue.pk) == asked), None)
    if found is None:
        raise Http404
    return found


def day_asked(request: HttpRequest, venue: Venue) -> tuple[date, str]:
    """The day of the address, else today; and what is wrong with what was written there ("" for nothing)."""
    try:
        return parse_date(request.GET.get("day", "")) or today_of(venue), ""
    except DateError as wrong:
        return today_of(venue), str(wrong)


def _day_context(request: HttpRequest, user: User, venue: Venue, day: Day) -> dict[str, Any]:
    meal = request.GET.get("meal", "")
    meal = meal if meal in (LUNCH, DINNER) else ""
    mine = request.GET.get("who") == "mine"
    by = BY_ROOM if request.GET.get("by") == BY_ROOM else BY_TIME
    now_there = day.day == today_of(venue)
    at_meal = [table for table in day.tables if not meal or table.meal == meal]
    tables = [table for table in at_meal if table.is_mine or not mine]
    load = load_of_tables(at_meal, venue)
    can_log = user.has_right(Right.LOG_VISITS, venue)
    may_book = user.has_right(Right.TAKE_BOOKINGS, venue)
    to_look_at: dict[str, Sequence[Any]] = {
        "overdue": [table for table in tables if table.evening.overdue],
        "late": [table for table in tables if table.late_minutes],
        "without_room": [table for table in tables if table.visit.room_id is None and table.visit.holds_its_room],
        "tonight": day.tonight,
        "drafts": open_drafts_of(day, user),
    }
    return {
        "venue": venue,
        **days_around(request, venue, day.day),
        "heading": _("Today") if now_there else format_date(day.day),
        "is_today": now_there,
        "why_closed": day.why_closed,
        "meal": meal,
        "mine": mine,
        "by": by,
        "tables": tables,
        "groups": _grouped(tables, by),
        **to_look_at,
        "to_look_at": sum(len(rows) for rows in to_look_at.values()),
        # Whose rooms are shown does not decide what may be overlooked: the alerts of the others are counted too.
        "alerts": alerts_of(at_meal),
        "notices": sorted(day.notices, key=lambda notice: not notice.more),
        "more_notices": len(day.notices) - 1,
        "missed": [table for table in day.missed if not meal or table.meal == meal],
        "parties": len(tables),
        "guests": sum(table.visit.party_size for table in tables),
        "load": load,
        "peak": busiest(load),
        "seats": day.facts.seats,
        "waiting": day.facts.waiting,
        "follow_ups_due": day.follow_ups_due,
        "to_complete": day.to_complete,
        "colleagues": _who_is_free(day, at_meal, now_there),
        "urls": addresses(request),
        "can_log": can_log,
        "can_move": can_log or may_book,
        "may_book": may_book,
        "may_walk_in": may_book and now_there,
    }


def addresses(request: HttpRequest) -> dict[str, str]:
    """What a card leads to, made once for all cards: addresses with %d for the row (`of_row`), and the page itself."""
    names = {
        "detail": "visits:detail",
        "evening": "visits:evening",
        "emergency": "visits:emergency",
        "advance": "visits:advance",
        "duties": "visits:duties",
        "asked_again": "visits:asked_again",
        "guest": "customers:card",
        "menus": "visits:menus_of_visit",
    }
    here = request.get_full_path()
    return {
        **{name: reverse(view, args=[0]).replace("%", "%%").replace("/0/", "/%d/") for name, view in names.items()},
        "anchor": "visit-%d",
        "log": reverse("visits:log"),
        "log_visit": f"{reverse('visits:log')}?visit=%d",
        "briefing": reverse("visits:briefing"),
        "report_visit": f"{reverse('visits:report')}?visit=%d",
        "here": here,
        "here_quoted": quote(here, safe=""),
    }


def days_around(request: HttpRequest, venue: Venue, day: date, step: int = 1) -> dict[str, Any]:
    """What the line with the days needs: the day, the ones before and after it, and what else the address says."""
    previous_day, next_day = day - timedelta(days=step), day + timedelta(days=step)
    return {
        "venue_asked": request.GET.get("venue", ""),
        "day": day,
        "today": today_of(venue),
        "previous_day": previous_day,
        "next_day": next_day,
        "kept_in_form": [(name, request.GET[name]) for name in KEPT if request.GET.get(name)],
    }


def _grouped(tables: Sequence[Table], by: str) -> list[Group]:
    """My rooms first; in either group the order of the times, or of the house's rooms with the undecided ones last."""
    ordered = sorted(tables, key=_place) if by == BY_ROOM else tables
    mine = [table for table in ordered if table.is_mine]
    others = [table for table in ordered if not table.is_mine]
    groups = [Group(_("My rooms"), mine)] if mine else []
    return groups + ([Group(_("Other rooms") if mine else _("All rooms"), others)] if others else [])


def _place(table: Table) -> tuple[bool, int, int]:
    room = table.visit.room
    return room is None, room.position if room else 0, room.pk if room else 0


def _who_is_free(day: Day, at_meal: Sequence[Table], now_there: bool) -> list[Free]:
    """The free ones first: today who has no table at this hour, of another day (or meal) who has none at all."""
    shown = {table.visit.pk for table in at_meal}
    now = timezone.now()
    found = []
    for colleague in day.colleagues:
        busy = colleague.at_table(now) if now_there else None
        following = colleague.next_table(now) if now_there else None
        count = sum(1 for visit in colleague.visits if visit.pk in shown)
        found.append(Free(colleague, busy, following, count))
    return sorted(found, key=lambda free: (free.busy is not None, free.tables))
