"""Bad news first: told in two fields, listed and completed by who answers; one tap for a question asked twice."""

import uuid
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Case, IntegerField, QuerySet, When
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from crm_project.core.accounts.active_venue import active_venue
from crm_project.core.accounts.guards import right_required
from crm_project.core.accounts.models import User, Venue, as_user
from crm_project.core.audit.choices import Action
from crm_project.core.audit.history import history_of
from crm_project.core.audit.services import record
from crm_project.core.comments.queries import threads_about
from crm_project.core.comments.services import mark_threads_read
from crm_project.core.problems import InputProblem
from crm_project.core.rights import Right
from crm_project.core.ui.htmx import render_page
from crm_project.core.ui.paging import numbered_page
from customers.models import Customer
from visits import services
from visits.check_sheet_forms import ComplaintForm, ReportForm
from visits.choices import ComplaintState
from visits.complaint_figures import asked_again_by_month, causes, known_causes
from visits.day import today_of
from visits.models import Complaint, Visit, VisitDraft
from visits.refusals import SettingChangedMeanwhile
from visits.services.complaints import may_complete
from visits.table_data import whole_number
from visits.views.check_sheet import back_to
from visits.views.conflicts import what_stands

# Cards are tall: more of them are a page that nobody scrolls to its end on a phone.
SHOWN = 12


@right_required(Right.LOG_VISITS)
def report(request: HttpRequest) -> HttpResponse:
    """Something went wrong: what, and to whom or where. Saved at once."""
    user = as_user(request.user)
    given = request.POST if request.method == "POST" else request.GET
    visit = _visit(user, given.get("visit", ""))
    venue = visit.venue if visit is not None else _venue(request, user, given.get("venue", ""))
    guest = _guest(user, visit, given.get("customer", ""))
    token = _token(given.get("draft", ""))
    form = ReportForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        try:
            services.report_complaint(
                by=user, venue=venue, visit=visit, customer=guest, form_token=token, **form.cleaned_data
            )
        except InputProblem as problem:
            form.add_error("what", str(problem))
        else:
            messages.success(request, _("Thank you for telling. Whoever answers for the venue knows now."))
            return redirect(_after(request, user, visit, token))
    context = {"form": form, "visit": visit, "venue": venue, "guest": guest, "given": given, "token": token}
    return render_page(request, "visits/report.html", context, status=422 if form.is_bound else 200)


@right_required(Right.ANSWER_NOTES)
@require_GET
def complaints(request: HttpRequest) -> HttpResponse:
    """What went wrong at the venues one answers for: open first, by state and cause; how often something was asked twice."""
    user = as_user(request.user)
    venues = user.venues_with(Right.ANSWER_NOTES)
    state = request.GET.get("state", "")
    state = state if state in ComplaintState.values else ""
    cause = request.GET.get("cause", "")[:80]
    rows = _listed(user).filter(venue__in=venues)
    if state:
        rows = rows.filter(state=state)
    if cause:
        rows = rows.filter(cause=cause)
    page = numbered_page(rows, request.GET.get("page", 1), size=SHOWN)
    context = {
        "page": page,
        "state": state,
        "states": ComplaintState.choices,
        "cause": cause,
        "causes": causes(user, venues),
        "months": asked_again_by_month(venues),
    }
    return render_page(request, "visits/complaints.html", context)


def complaint(request: HttpRequest, pk: int) -> HttpResponse:
    """One of them: read by who reads check sheets, completed by who answers for the venue and by whoever told it."""
    user = as_user(request.user)
    found = get_object_or_404(
        Complaint.objects.visible_to(user).select_related("venue", "visit__room", "customer", "reported_by", "note"),
        pk=pk,
    )
    completes = may_complete(found, user)
    if request.method == "POST" and not completes:
        raise PermissionDenied
    form = ComplaintForm(request.POST or None, instance=Complaint.objects.get(pk=pk))
    standing: list[tuple[str, str]] = []
    if request.method == "POST" and form.is_valid():
        values = form.values()
        version = values.pop("version") or 0
        try:
            services.change_complaint(complaint=found, by=user, version=version, **values)
        except SettingChangedMeanwhile as conflict:
            form.add_error(None, str(conflict))
            standing = what_stands(form, found)
        except ValidationError as refused:
            form.add_error(None, refused.messages)
        else:
            messages.success(request, _("Saved."))
            return redirect("visits:complaint", pk)
    parent = found.note or found
    threads = threads_about(parents=[parent], user=user)
    mark_threads_read(threads=list(threads.values()), by=user)
    record(by=user, action=Action.VIEWED, subject=found)
    context = {
        "complaint": found,
        "form": form if completes else None,
        "standing": standing,
        "thread": threads.get(parent.pk),
        "known_causes": known_causes(user, [found.venue_id]) if completes else [],
        "answers_here": user.has_right(Right.ANSWER_NOTES, found.venue_id),
        "opens_visit": found.visit_id is not None and Visit.objects.visible_to(user).filter(pk=found.visit_id).exists(),
        "history": history_of(found),
    }
    return render_page(request, "visits/complaint.html", context, status=422 if form.is_bound else 200)


@right_required(Right.LOG_VISITS, Right.TAKE_BOOKINGS)
@require_POST
def asked_again(request: HttpRequest, pk: int) -> HttpResponse:
    """The guest was asked something the house knew: counted for the venue and the day, without names."""
    user = as_user(request.user)
    venues = {*user.venues_with(Right.LOG_VISITS), *user.venues_with(Right.TAKE_BOOKINGS)}
    visit = get_object_or_404(Visit.objects.visible_to(user).filter(venue__in=venues).select_related("venue"), pk=pk)
    services.ask_again(by=user, venue=visit.venue, on=today_of(visit.venue))
    messages.success(request, _("Counted, without names. Thank you."))
    return redirect(back_to(request, reverse("visits:detail", args=[visit.pk])))


def _listed(user: User) -> QuerySet[Complaint]:
    first = {ComplaintState.OPEN: 0, ComplaintState.HANDLED: 1, ComplaintState.SETTLED: 2}
    place = Case(*(When(state=state, then=rank) for state, rank in first.items()), output_field=IntegerField())
    rows = Complaint.objects.visible_to(user).select_related("venue", "visit__room", "customer", "reported_by")
    return rows.annotate(place_in_list=place).order_by("place_in_list", "-reported_at", "-pk")


def _visit(user: User, given: str) -> Visit | None:
    visit_id = whole_number(given)
    if visit_id is None:
        return None
    visits = Visit.objects.visible_to(user).filter(venue__in=user.venues_with(Right.LOG_VISITS))
    return get_object_or_404(visits.select_related("venue", "room"), pk=visit_id)


def _venue(request: HttpRequest, user: User, given: str) -> Venue:
    allowed = user.venues_with(Right.LOG_VISITS)
    if (wanted := whole_number(given)) is not None:
        return get_object_or_404(Venue, pk=wanted, pk__in=allowed)
    active = active_venue(request)
    return active if active is not None and active.pk in allowed else Venue.objects.get(pk=allowed[0])


def _guest(user: User, visit: Visit | None, given: str) -> Customer | None:
    """The guest that was named, else the visit's first one."""
    if (customer_id := whole_number(given)) is not None:
        return get_object_or_404(Customer.objects.visible_to(user), pk=customer_id)
    if visit is None:
        return None
    seat = visit.attendances.exclude(customer=None).select_related("customer").order_by("position", "pk").first()
    return seat.customer if seat is not None else None


def _token(given: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(given)
    except ValueError:
        return None


def _after(request: HttpRequest, user: User, visit: Visit | None, token: uuid.UUID | None) -> Any:
    """Back to the form it was told from, else to the visit, else to today."""
    if token is not None and VisitDraft.objects.filter(pk=token, user=user).exists():
        return f"{reverse('visits:log')}?draft={token}"
    return back_to(request, reverse("visits:detail", args=[visit.pk]) if visit is not None else reverse("visits:today"))
