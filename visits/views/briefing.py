"""本日の心得 on a phone and on paper, and who sits where."""

from datetime import date
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from crm_project.core.accounts.active_venue import active_venue, venues_of
from crm_project.core.accounts.guards import right_required
from crm_project.core.accounts.models import User, Venue, as_user
from crm_project.core.audit.choices import Action
from crm_project.core.audit.services import record
from crm_project.core.dates import DateError, parse_date
from crm_project.core.problems import InputProblem
from crm_project.core.rights import Right
from crm_project.core.ui.htmx import render_page
from visits.briefing import RoomBriefing, briefings_of, note_reads
from visits.day import today_of
from visits.models import SeatingPlan, Visit
from visits.refusals import SeatingChangedMeanwhile
from visits.seating import MOST_SEATS, plan_of
from visits.seating_form import SeatingForm
from visits.services.briefings import keep_printed, note_change
from visits.services.seating import forget_seating, set_seating
from visits.views.day import BY_ROOM, BY_TIME, day_asked, venue_asked

MOST_DIGITS = 18
PRINTS = (Right.LOG_VISITS, Right.TAKE_BOOKINGS, Right.EDIT_MENUS)


def briefing(request: HttpRequest) -> HttpResponse:
    """The evening's tables one may know of, by time or by room; every guest's file on it is a look at it."""
    user = as_user(request.user)
    venue = venue_asked(request)
    if venue is None:
        return render_page(request, "visits/briefing.html", {"venue": None})
    day, problem = day_asked(request, venue)
    by = BY_ROOM if request.GET.get("by") == BY_ROOM else BY_TIME
    with timezone.override(venue.zone):
        rooms = _in_order(briefings_of(venue, day, user, _one(request.GET.get("visit", ""))), by)
        note_reads(rooms, user)
        context = _context(request, user, venue, day, rooms) | {"by": by, "day_problem": problem}
        return render_page(request, "visits/briefing.html", context)


@right_required(*PRINTS)
@require_POST
def print_briefing(request: HttpRequest) -> HttpResponse:
    """Keep what is printed as a version, and show the sheet as it is printed."""
    user = as_user(request.user)
    venue, day = _venue_and_day(request)
    if not _may_print(user, venue):
        raise PermissionDenied
    rooms = briefings_of(venue, day, user, _one(request.POST.get("visit", "")))
    kept = keep_printed(rooms=rooms, by=user)
    if kept:
        words = ngettext("%(count)s new version kept.", "%(count)s new versions kept.", kept)
        messages.success(request, words % {"count": kept})
    query = {"day": day.isoformat(), "venue": venue.pk, "by": request.POST.get("by", ""), "print": 1}
    if visit := request.POST.get("visit", ""):
        query["visit"] = visit
    return redirect(f"{reverse('visits:briefing')}?{urlencode(query)}")


@right_required(Right.LOG_VISITS, Right.EDIT_MENUS)
@require_POST
def noted(request: HttpRequest, pk: int) -> HttpResponse:
    """What changed since the sheet was printed has been read."""
    user = as_user(request.user)
    visit = get_object_or_404(Visit.objects.visible_to(user).select_related("venue"), pk=pk)
    found = briefings_of(visit.venue, visit.business_date, user, {visit.pk})
    if not found:
        raise Http404
    if note_change(room=found[0], by=user, digest=request.POST.get("digest", "")):
        messages.success(request, _("Noted."))
    else:
        messages.warning(request, _("Something else changed meanwhile. Please read it again."))
    query = urlencode({"day": visit.business_date.isoformat(), "venue": visit.venue_id})
    return redirect(f"{reverse('visits:briefing')}?{query}#visit-{visit.pk}")


def seating(request: HttpRequest, pk: int) -> HttpResponse:
    """Who sits where at one table: everybody of the venue sees it, who serves or books changes it."""
    user = as_user(request.user)
    rows = Visit.objects.visible_to(user).select_related("room", "venue", "staff")
    visit = get_object_or_404(rows.prefetch_related("attendances__customer__company"), pk=pk)
    may_change = user.has_right(Right.LOG_VISITS, visit.venue_id) or user.has_right(Right.TAKE_BOOKINGS, visit.venue_id)
    saved = SeatingPlan.objects.select_related("decided_by").filter(visit=visit).first()
    plan = plan_of(visit, saved)
    form = SeatingForm(request.POST or None, plan=plan) if plan is not None and may_change else None
    if request.method == "POST":
        if not may_change or form is None:
            raise Http404
        if (answer := _placed(request, user, visit, form)) is not None:
            return answer
        # What stands now is shown below what was chosen.
        saved = SeatingPlan.objects.select_related("decided_by").filter(visit=visit).first()
        plan = plan_of(visit, saved)
    context = {
        "visit": visit,
        "plan": plan,
        "form": form,
        "most": MOST_SEATS,
        "people": [row.customer for row in visit.attendances.all() if row.customer is not None],
    }
    status = 422 if request.method == "POST" else 200
    if request.method == "GET":
        record(by=user, action=Action.VIEWED, subject=visit)
    return render_page(request, "visits/seating.html", context, status=status)


def _placed(request: HttpRequest, user: User, visit: Visit, form: SeatingForm) -> HttpResponse | None:
    """Save what was chosen; None when it is refused."""
    if "forget" in request.POST:
        try:
            forget_seating(visit=visit, by=user, version=form.seen_version())
        except SeatingChangedMeanwhile as problem:
            messages.warning(request, str(problem))
        else:
            messages.success(request, _("The proposal of the rules stands again."))
        return redirect("visits:seating", visit.pk)
    if not form.is_valid():
        return None
    try:
        set_seating(visit=visit, by=user, confirm="confirm" in request.POST, **form.placed())
    except SeatingChangedMeanwhile as problem:
        messages.warning(request, str(problem))
        return redirect("visits:seating", visit.pk)
    except InputProblem as problem:
        form.add_error(None, str(problem))
        return None
    messages.success(request, _("Saved."))
    return redirect("visits:seating", visit.pk)


def _context(request: HttpRequest, user: User, venue: Venue, day: date, rooms: list[RoomBriefing]) -> dict[str, Any]:
    return {
        "venue": venue,
        "venue_asked": request.GET.get("venue", ""),
        "day": day,
        "is_today": day == today_of(venue),
        "rooms": rooms,
        "guests": sum(room.visit.party_size for room in rooms),
        "changed": [room for room in rooms if room.has_changed],
        "visit_asked": request.GET.get("visit", ""),
        "is_printed": request.GET.get("print") == "1",
        "sees_notes": user.has_right(Right.VIEW_NOTES, venue),
        "may_print": _may_print(user, venue),
        "may_note": user.has_right(Right.LOG_VISITS, venue) or user.has_right(Right.EDIT_MENUS, venue),
        "may_seat": user.has_right(Right.LOG_VISITS, venue) or user.has_right(Right.TAKE_BOOKINGS, venue),
        "now": timezone.now(),
        "reader": user,
    }


def _may_print(user: User, venue: Venue) -> bool:
    """Whether the person keeps versions of the venue's briefing: who serves, books or cooks there."""
    return any(user.has_right(right, venue) for right in PRINTS)


def _in_order(rooms: list[RoomBriefing], by: str) -> list[RoomBriefing]:
    if by != BY_ROOM:
        return rooms
    return sorted(
        rooms,
        key=lambda room: (
            room.visit.room is None,
            room.visit.room.position if room.visit.room else 0,
            room.visit.room_id or 0,
        ),
    )


def _one(written: str) -> set[int] | None:
    """The one visit that was asked for; None for all of the day."""
    if not written:
        return None
    return {int(written)} if written.isdecimal() and len(written) <= MOST_DIGITS else set()


def _venue_and_day(request: HttpRequest) -> tuple[Venue, date]:
    """What the form says; the venue must be one of one's own. Raises Http404."""
    asked = request.POST.get("venue", "")
    venue = next((venue for venue in venues_of(request) if str(venue.pk) == asked), None) or (
        active_venue(request) if not asked else None
    )
    if venue is None:
        raise Http404
    try:
        return venue, parse_date(request.POST.get("day", "")) or today_of(venue)
    except DateError:
        raise Http404 from None
