"""板場: the tables of the day, tonight's changes of the menu, the sheet to print."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from crm_project.core.accounts.active_venue import active_venue
from crm_project.core.accounts.guards import right_required
from crm_project.core.accounts.models import User, Venue, as_user
from crm_project.core.problems import InputProblem
from crm_project.core.text import tidy
from crm_project.core.ui.htmx import render_page
from menus.choices import is_out_of_season
from menus.models import Dish
from menus.queries import dishes_with_allergens, find_dishes
from visits import services
from visits.day import Table, day_of, today_of
from visits.evening_forms import TonightForm
from visits.gate import Seat
from visits.models import TonightChange
from visits.offers import Offer, Verdict, offers
from visits.queries import dish_facts
from visits.services.kitchen import KITCHEN, Tonight
from visits.sheet_changes import changes_of

CANDIDATES_SHOWN = 24


def kitchen(request: HttpRequest) -> HttpResponse:
    """Dishes, allergies and seats of the day, what is open and what changed. No money, no notes."""
    user, venue = as_user(request.user), active_venue(request)
    if venue is None:
        return render_page(request, "visits/kitchen.html", {"venue": None})
    with timezone.override(venue.zone):
        return render_page(request, "visits/kitchen.html", _context(user, venue))


def sheet(request: HttpRequest) -> HttpResponse:
    """The kitchen sheet of the day as it is printed: A4, by time, signs and words where the screen has colours."""
    user, venue = as_user(request.user), active_venue(request)
    if venue is None:
        return redirect("visits:kitchen")
    with timezone.override(venue.zone):
        return render_page(request, "visits/kitchen_sheet.html", _context(user, venue))


def _context(user: User, venue: Venue) -> dict[str, Any]:
    day = day_of(venue, today_of(venue), user)
    tables = [table for table in day.tables if table.is_open]
    changes = changes_of(table.evening for table in tables)
    return {
        "venue": venue,
        "day": day.day,
        "tables": tables,
        "lines": [(table, changes.get(table.visit.pk, [])) for table in tables],
        "changed": [(table, changes[table.visit.pk]) for table in tables if table.visit.pk in changes],
        "guests": sum(table.visit.party_size for table in tables),
        "ready": sum(table.evening.is_ready for table in tables),
        "tonight": day.tonight,
        "dishes": _dishes_of(tables),
        "is_cook": user.has_right(KITCHEN, venue),
    }


def _dishes_of(tables: list[Table]) -> list[tuple[Dish, int]]:
    """Every dish of the day with how many have it."""
    count: dict[int, int] = {}
    dishes: dict[int, Dish] = {}
    for table in tables:
        for dish, plates in table.evening.plates:
            dishes[dish.pk] = dish
            count[dish.pk] = count.get(dish.pk, 0) + plates
    return [(dish, count[pk]) for pk, dish in dishes.items()]


@right_required(KITCHEN)
def tonight(request: HttpRequest, pk: int) -> HttpResponse:
    """What comes instead of a dish tonight: one tap on another one of its place, or it is left out.

    What is refused, or looked for, keeps what was typed and ticked.
    """
    user, venue = as_user(request.user), active_venue(request)
    if venue is None or not user.has_right(KITCHEN, venue):
        return redirect("visits:kitchen")
    dish = get_object_or_404(Dish, pk=pk)
    posted = request.method == "POST"
    looks = not posted or request.POST.get("op") == "find"
    form = TonightForm(request.POST if posted else {"q": request.GET.get("q", "")})
    if not looks and form.is_valid() and (done := _changed(form, venue, dish, user)) is not None:
        _tell(request, done)
        return redirect("visits:kitchen")
    day = day_of(venue, today_of(venue), user)
    tables = [table for table in day.tables if table.is_open and dish in table.dishes]
    query = tidy(form.data.get("q", ""))[:80]
    context = {
        "venue": venue,
        "dish": dish,
        "form": form,
        "tables": tables,
        "courses": {table.visit.course_id: table.visit.course for table in tables if table.visit.course}.values(),
        "candidates": _candidates(dish, tables, query),
        "q": query,
    }
    with timezone.override(venue.zone):
        return render_page(request, "visits/tonight.html", context, status=200 if looks else 422)


def _changed(form: TonightForm, venue: Venue, dish: Dish, user: User) -> Tonight | None:
    """Change the dish; None where it was refused, which the form says."""
    values = form.cleaned_data
    try:
        return services.change_tonight(
            venue=venue,
            day=today_of(venue),
            dish=dish,
            replacement=values["replacement"],
            courses=list(values["course"]),
            reason=values["reason"],
            by=user,
        )
    except InputProblem as problem:
        form.add_error(None, str(problem))
        return None


def _candidates(dish: Dish, tables: list[Table], query: str) -> list[tuple[Dish, Offer]]:
    """Dishes that may come instead, those that touch nobody first."""
    seats = [
        Seat(ref=f"{table.visit.pk} {seat.ref}", allergies={one.code: severity for one, severity in seat.allergies})
        for table in tables
        for seat in table.evening.seats
    ]
    menu = dishes_with_allergens().filter(is_active=True).exclude(pk=dish.pk)
    menu = menu.filter(pk__in=find_dishes(query).values("pk")) if query else menu.filter(position=dish.position)
    found = list(menu[: CANDIDATES_SHOWN * 4])
    offered = offers([dish_facts(one) for one in found], seats)
    order = [Verdict.PROPOSED, Verdict.UNCHECKED, Verdict.EXCLUDED]
    day = today_of(tables[0].visit.venue) if tables else timezone.localdate()
    found.sort(
        key=lambda one: (
            order.index(offered[one.pk].verdict),
            is_out_of_season(one.season, day),
            len(offered[one.pk].touched),
        )
    )
    return [(one, offered[one.pk]) for one in found[:CANDIDATES_SHOWN]]


@right_required(KITCHEN)
@require_POST
def tonight_back(request: HttpRequest, pk: int) -> HttpResponse:
    """The dish is served after all."""
    user = as_user(request.user)
    change = get_object_or_404(
        TonightChange.objects.filter(venue__in=user.venues_with(KITCHEN)).select_related("venue"), pk=pk
    )
    try:
        _tell(request, services.take_back_tonight(change=change, by=user))
    except InputProblem as problem:
        messages.warning(request, str(problem))
    return redirect("visits:kitchen")


def _tell(request: HttpRequest, done: Tonight) -> None:
    """Name the rooms: those with something new to decide first."""
    harmed = done.with_conflicts
    if harmed:
        rooms = "、".join(_place(table.evening.visit) for table in harmed)
        messages.warning(request, _("To be decided anew: %(rooms)s") % {"rooms": rooms})
    reached = ngettext(
        "%(count)s table is concerned: %(rooms)s", "%(count)s tables are concerned: %(rooms)s", len(done.touched)
    )
    rooms = "、".join(_place(table.evening.visit) for table in done.touched) or "—"
    messages.success(request, reached % {"count": len(done.touched), "rooms": rooms})


def _place(visit: Any) -> str:
    at = visit.starts_at.astimezone(visit.venue.zone)
    return f"{at:%H:%M} {visit.room.name if visit.room else '—'}"


@right_required(KITCHEN)
@require_POST
def read(request: HttpRequest) -> HttpResponse:
    """The kitchen has read what changed, of one table or of all; the sheet has a new number where something did."""
    user, venue = as_user(request.user), active_venue(request)
    if venue is None:
        return redirect("visits:kitchen")
    only = request.POST.get("visit", "")
    services.read_sheets(
        venue=venue,
        day=today_of(venue),
        by=user,
        only=int(only) if only.isascii() and only.isdecimal() and len(only) < 16 else None,
    )
    if request.POST.get("then") == "sheet":
        return redirect("visits:kitchen_sheet")
    messages.success(request, _("Noted."))
    return redirect("visits:kitchen")


@require_POST
def notices_seen(request: HttpRequest) -> HttpResponse:
    """The person has seen what the kitchen changed."""
    ids = [int(pk) for pk in request.POST.getlist("notice") if pk.isascii() and pk.isdecimal() and len(pk) < 16]
    services.see_notices(user=as_user(request.user), notice_ids=ids)
    return redirect("visits:today")
