"""お品書き: menus for the guests' places, of a table, of the evening or of a course."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone

from crm_project.core.accounts.active_venue import venues_of
from crm_project.core.accounts.models import House, as_user
from crm_project.core.audit.choices import Action
from crm_project.core.audit.services import build, record_many
from crm_project.core.ui.htmx import render_page
from menus.models import Course
from visits.choices import VisitStatus
from visits.menu_sheet import (
    ENGLISH,
    JAPANESE,
    TableMenus,
    day_in_english,
    day_in_kanji,
    menu_of_course,
    menus_of,
    without_english,
)
from visits.models import Visit
from visits.views.day import day_asked, venue_asked

LANDSCAPE, PORTRAIT = "landscape", "portrait"
NOT_SERVED = (VisitStatus.CANCELLED, VisitStatus.NO_SHOW)


def menus(request: HttpRequest) -> HttpResponse:
    """The menus of a day, or of one table of it (`visit`); sealed evenings are absent for all but the named staff."""
    user, venue = as_user(request.user), venue_asked(request)
    if venue is None:
        return render_page(request, "visits/menus.html", {"venue": None, "tables": [], **_asked(request)})
    day, _problem = day_asked(request, venue)
    rows = Visit.objects.visible_to(user).filter(venue=venue, business_date=day).exclude(status__in=NOT_SERVED)
    visits = list(
        rows.select_related("room", "course", "venue")
        .prefetch_related("attendances__customer")
        .order_by("starts_at", "pk")
    )
    return _page(request, visits, venue, day)


def menus_of_visit(request: HttpRequest, pk: int) -> HttpResponse:
    """The menus of one table."""
    rows = Visit.objects.visible_to(as_user(request.user)).select_related("room", "course", "venue")
    visit = get_object_or_404(rows.prefetch_related("attendances__customer"), pk=pk)
    return _page(request, [visit], visit.venue, visit.business_date)


def menu_of(request: HttpRequest, pk: int) -> HttpResponse:
    """The menu of a course, without tonight's changes and without a day."""
    if not venues_of(request):
        raise Http404
    course = get_object_or_404(Course, pk=pk)
    dishes = [row.dish for row in course.course_dishes.select_related("dish").order_by("position")]
    asked = _asked(request)
    sheet = menu_of_course(course, dishes, language=asked["language"], with_price=asked["with_price"])
    context = {
        "course": course,
        "tables": [],
        "sheets": [sheet],
        "without_english": without_english(dishes) if asked["language"] == ENGLISH else [],
        "house_name": House.current().name,
        **asked,
    }
    return render_page(request, "visits/menus.html", context)


def _page(request: HttpRequest, visits: list[Visit], venue: Any, day: Any) -> HttpResponse:
    user, asked = as_user(request.user), _asked(request)
    with timezone.override(venue.zone):
        tables = menus_of(
            visits,
            venue,
            day,
            language=asked["language"],
            each_seat=asked["each_seat"],
            with_price=asked["with_price"],
        )
        record_many(build(by=user, action=Action.VIEWED, subject=table.visit) for table in tables)
        context = {
            "venue": venue,
            "day": day,
            "day_words": day_in_kanji(day) if asked["language"] == JAPANESE else day_in_english(day),
            "tables": tables,
            "one": visits[0] if len(visits) == 1 else None,
            "without_english": _told_once(tables),
            "undecided": [table for table in tables if table.is_undecided],
            "house_name": House.current().name,
            **asked,
        }
        return render_page(request, "visits/menus.html", context)


def _asked(request: HttpRequest) -> dict[str, Any]:
    """Language, paper, and what was chosen to be printed beside the dishes; nothing unless chosen."""
    language = ENGLISH if request.GET.get("language") == ENGLISH else JAPANESE
    paper = request.GET.get("paper", "")
    if paper not in (LANDSCAPE, PORTRAIT):
        paper = LANDSCAPE if language == JAPANESE else PORTRAIT
    return {
        "language": language,
        "paper": paper,
        "each_seat": request.GET.get("seats", "each") == "each",
        "with_names": request.GET.get("names") == "1",
        "with_price": request.GET.get("price") == "1",
    }


def _told_once(tables: list[TableMenus]) -> list[Any]:
    return list({dish.pk: dish for table in tables for dish in table.without_english}.values())
