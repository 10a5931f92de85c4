"""A month's courses as a sheet. Everybody of the house reads it; EDIT_MENUS writes its cells and copies the month before."""

import re
from datetime import date

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from crm_project.core.accounts.guards import right_required
from crm_project.core.accounts.models import as_user
from crm_project.core.problems import InputProblem
from crm_project.core.rights import Right
from crm_project.core.ui.htmx import is_fragment, render_page
from menus import services
from menus.choices import DishPosition
from menus.models import Course
from menus.month_sheet import Cell, Row, cell_of, courses_of, sheet_rows
from menus.queries import courses_with_dishes
from menus.services.months import month_before
from menus.views import ids_in, today_of

_MONTH = re.compile(r"(\d{4})-(\d{2})")


def month_of(request: HttpRequest, text: str) -> date:
    """The first day of a month written 2026-11; the present month for anything else."""
    found = _MONTH.fullmatch(text)
    today = today_of(request)
    if found and text.isascii() and 2000 <= int(found[1]) < 2200 and 1 <= int(found[2]) <= 12:
        return date(int(found[1]), int(found[2]), 1)
    return today.replace(day=1)


def month(request: HttpRequest) -> HttpResponse:
    """The sheet; a plain submit writes every cell that was changed."""
    shown = month_of(request, request.GET.get("month", ""))
    only = next(iter(ids_in([request.GET.get("course", "")])), None)
    user = as_user(request.user)
    can_edit = user.has_right(Right.EDIT_MENUS)
    everything = courses_of(shown)
    courses = [course for course in everything if course.pk == only] if only else everything
    rows = sheet_rows(courses)
    if request.method == "POST":
        if not can_edit:
            return HttpResponse(status=403)
        refused, latest = _write_sheet(request, rows)
        if only is not None and only in latest:
            # A served course goes on under its new version.
            only = latest[only].pk
        if not refused:
            messages.success(request, _("Saved."))
            shown_next = f"{reverse('menus:month')}?month={shown:%Y-%m}"
            return redirect(f"{shown_next}&course={only}" if only is not None else shown_next)
        everything = courses_of(shown)
        courses = [course for course in everything if course.pk == only] if only else everything
        rows = [
            Row(row.position, row.label, [refused.get(cell.name, cell) for cell in row.cells], row.choices)
            for row in sheet_rows(courses)
        ]
    after = date(shown.year + (shown.month == 12), shown.month % 12 + 1, 1)
    context = {
        "month": shown,
        "before": month_before(shown),
        "after": after,
        "courses": courses,
        "everything": everything,
        "only": only,
        "rows": rows,
        "can_edit": can_edit,
    }
    return render_page(request, "menus/month.html", context, status=422 if request.method == "POST" else 200)


def _write_sheet(request: HttpRequest, rows: list[Row]) -> tuple[dict[str, Cell], dict[int, Course]]:
    """Write the changed cells; those that were refused by the name of their field, and the courses as they are now."""
    refused: list[tuple[Cell, str, str]] = []
    latest: dict[int, Course] = {}
    for row in rows:
        for cell in row.cells:
            text = request.POST.get(cell.name)
            if text is None or text == request.POST.get(f"was-{cell.name}", cell.shown):
                continue
            try:
                latest[cell.course.pk] = services.change_cell(
                    course=latest.get(cell.course.pk, cell.course),
                    position=cell.position,
                    names=text,
                    seen=ids_in(request.POST.get(f"seen-{cell.name}", "").split()),
                    by=as_user(request.user),
                )
            except InputProblem as problem:
                refused.append((cell, text, str(problem)))
    # Only now it is known under which version each course goes on.
    now: dict[int, Course] = {}
    stand: dict[str, Cell] = {}
    for cell, text, why in refused:
        course = latest.get(cell.course.pk, cell.course)
        if cell.course.pk not in now:
            now[cell.course.pk] = _as_it_stands(courses_with_dishes().get(pk=course.pk))
        shown = cell_of(now[cell.course.pk], cell.position, text=text, problem=why)
        stand[shown.name] = shown
    return stand, latest | now


def _as_it_stands(course: Course) -> Course:
    """The version of a course that is on the menu now (dishes prefetched)."""
    newest = services.renewed(course)
    return courses_with_dishes().get(pk=newest.pk) if newest is not None else course


@right_required(Right.EDIT_MENUS)
@require_POST
def cell(request: HttpRequest, pk: int, position: str) -> HttpResponse:
    """Write one cell as soon as it is left, and show it as it then stands."""
    course = get_object_or_404(courses_with_dishes(), pk=pk)
    if position not in DishPosition.values:
        return HttpResponse(status=404)
    name = cell_of(course, position).name
    text = request.POST.get(name, "")
    seen = ids_in(request.POST.get(f"seen-{name}", "").split())
    try:
        saved = services.change_cell(course=course, position=position, names=text, seen=seen, by=as_user(request.user))
    except InputProblem as problem:
        # Of a course that somebody renewed meanwhile the cell goes on with the new version, as it was typed.
        shown = cell_of(_as_it_stands(course), position, text=text, problem=str(problem))
        context = {"cell": shown, "can_edit": True, "label": DishPosition(position).label}
        return render_page(request, "menus/_month_cell.html", context, status=422)
    if saved.pk != course.pk:
        # A served course got a new version: the whole column is another one.
        messages.info(
            request,
            _("The course has been served: your change is version %(version)s, the served one stays on file.")
            % {"version": saved.version},
        )
        if is_fragment(request):
            return HttpResponse(headers={"HX-Refresh": "true"})
        in_month = (saved.valid_from or today_of(request)).strftime("%Y-%m")
        return redirect(f"{reverse('menus:month')}?month={in_month}")
    shown = cell_of(courses_with_dishes().get(pk=saved.pk), position)
    return render_page(
        request,
        "menus/_month_cell.html",
        {"cell": shown, "can_edit": True, "label": DishPosition(position).label, "saved": True},
    )


@right_required(Right.EDIT_MENUS)
@require_POST
def copy(request: HttpRequest) -> HttpResponse:
    """Copy the courses of the month before, all or one."""
    to = month_of(request, request.POST.get("month", ""))
    chosen = ids_in(request.POST.getlist("course"))
    try:
        made = services.copy_courses(month=to, by=as_user(request.user), courses=chosen or None)
    except InputProblem as problem:
        messages.warning(request, str(problem))
    else:
        names = "、".join(course.name for course in made)
        messages.success(
            request,
            ngettext("%(count)s course copied: %(names)s", "%(count)s courses copied: %(names)s", len(made))
            % {"count": len(made), "names": names},
        )
    return redirect(f"{reverse('menus:month')}?month={to:%Y-%m}")
