"""Bookings of one occasion: begun from a booking, seen together with their totals, more added and taken out."""

from datetime import date
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from crm_project.core.accounts.guards import right_required
from crm_project.core.accounts.models import User, as_user
from crm_project.core.audit.choices import Action
from crm_project.core.audit.history import history_of
from crm_project.core.audit.services import record
from crm_project.core.problems import InputProblem
from crm_project.core.rights import Right
from crm_project.core.ui.htmx import render_page
from visits import services
from visits.day import today_of
from visits.models import Occasion, Visit
from visits.occasions import bookings_of, may_be_added, occasions_for, totals_of, with_people
from visits.refusals import SettingChangedMeanwhile
from visits.table_data import whole_number
from visits.waiting_forms import OccasionForm

books = right_required(Right.TAKE_BOOKINGS, Right.LOG_VISITS)
OFFERED = 30


def occasion(request: HttpRequest, pk: int) -> HttpResponse:
    """The bookings of an occasion the person may know of; who books changes it."""
    user = as_user(request.user)
    found = get_object_or_404(occasions_for(user).select_related("venue", "made_by"), pk=pk)
    return _page(request, found, OccasionForm(initial=_values(found)))


@books
@require_POST
def change(request: HttpRequest, pk: int) -> HttpResponse:
    """Change name and note."""
    user = as_user(request.user)
    found = _changeable(user, pk)
    form = OccasionForm(request.POST)
    if form.is_valid():
        values = form.cleaned_data | {"version": form.cleaned_data["version"] or 0}
        try:
            services.change_occasion(occasion=found, by=user, **values)
        except SettingChangedMeanwhile as conflict:
            form.add_error(None, f"{conflict} {found.name}: {found.note}")
            data: Any = form.data.copy()  # type: ignore[attr-defined]
            data["version"] = str(found.version)
            form.data = data
        else:
            messages.success(request, _("Saved."))
            return redirect("visits:occasion", pk)
    return _page(request, found, form, status=422)


@books
def choose(request: HttpRequest, visit_pk: int) -> HttpResponse:
    """Begin an occasion with a booking, or let the booking belong to one that is there."""
    user = as_user(request.user)
    visit = _booking(user, visit_pk)
    form = OccasionForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            begun = services.create_occasion(
                by=user,
                venue=visit.venue,
                name=form.cleaned_data["name"],
                note=form.cleaned_data["note"],
                visit=visit,
            )
        except InputProblem as problem:
            form.add_error(None, str(problem))
        else:
            return redirect("visits:occasion", begun.pk)
    there = occasions_for(user).filter(venue=visit.venue_id).order_by("-made_at", "-pk")[:OFFERED]
    context = {"visit": visit, "form": form, "there": there}
    with timezone.override(visit.venue.zone):
        return render_page(request, "visits/occasion_choose.html", context, status=422 if form.is_bound else 200)


@books
@require_POST
def add(request: HttpRequest, pk: int) -> HttpResponse:
    """A booking belongs to the occasion."""
    user = as_user(request.user)
    found = _changeable(user, pk)
    visit = _booking(user, whole_number(request.POST.get("visit")) or 0)
    try:
        services.add_to_occasion(occasion=found, visit=visit, by=user)
    except InputProblem as problem:
        messages.warning(request, str(problem))
    return redirect("visits:occasion", pk)


@books
@require_POST
def take_out(request: HttpRequest, visit_pk: int) -> HttpResponse:
    """The booking stands alone again."""
    user = as_user(request.user)
    visit = _booking(user, visit_pk)
    before = visit.occasion_id
    services.take_out_of_occasion(visit=visit, by=user)
    messages.success(request, _("The booking stands alone again."))
    there = before is not None and occasions_for(user).filter(pk=before).exists()
    return redirect("visits:occasion", before) if there else redirect("visits:detail", visit_pk)


def _page(request: HttpRequest, found: Occasion, form: OccasionForm, status: int = 200) -> HttpResponse:
    user = as_user(request.user)
    visits = bookings_of(found, user)
    may_change = _may(user, found.venue_id)
    day = _day(request.GET.get("day", "")) or (visits[0].business_date if visits else today_of(found.venue))
    record(by=user, action=Action.VIEWED, subject=found)
    context: dict[str, Any] = {
        "occasion": found,
        "visits": visits,
        "totals": totals_of(visits),
        "form": form,
        "day": day,
        "may_change": may_change,
        "candidates": [],
        "history": history_of(found),
    }
    if may_change:
        on_the_day = with_people(may_be_added(user, found).filter(business_date=day)).order_by("starts_at", "pk")
        context["candidates"] = list(on_the_day[:OFFERED])
    with timezone.override(found.venue.zone):
        return render_page(request, "visits/occasion.html", context, status=status)


def _values(found: Occasion) -> dict[str, Any]:
    return {"name": found.name, "note": found.note, "version": found.version}


def _may(user: User, venue_id: int) -> bool:
    return user.has_right(Right.TAKE_BOOKINGS, venue_id) or user.has_right(Right.LOG_VISITS, venue_id)


def _changeable(user: User, pk: int) -> Occasion:
    found = get_object_or_404(occasions_for(user).select_related("venue", "made_by"), pk=pk)
    if not _may(user, found.venue_id):
        raise PermissionDenied
    return found


def _booking(user: User, pk: int) -> Visit:
    visit = get_object_or_404(Visit.objects.visible_to(user).select_related("venue", "room", "occasion"), pk=pk)
    if not _may(user, visit.venue_id):
        raise PermissionDenied
    return visit


def _day(written: str) -> date | None:
    try:
        return parse_date(written)
    except ValueError:
        return None
