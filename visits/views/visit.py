"""One visit: who sat there, what was served, what was noticed and answered; the buttons that move it on."""

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from crm_project.core.accounts.guards import right_required
from crm_project.core.accounts.models import User, as_user
from crm_project.core.audit.choices import Action
from crm_project.core.audit.history import HISTORY_LENGTH
from crm_project.core.audit.services import record
from crm_project.core.comments.queries import threads_about
from crm_project.core.comments.services import mark_threads_read
from crm_project.core.dates import business_date
from crm_project.core.problems import InputProblem
from crm_project.core.rights import Right
from crm_project.core.ui.htmx import render_page
from customers.models import Customer
from menus.models import Course
from menus.services import newer_version
from visits import services
from visits.at_hand import read_for_page
from visits.briefing_words import answers_in_words
from visits.choices import VisitStatus
from visits.duty_form import DutiesForm
from visits.forms import CancelBookingForm
from visits.history import changes_for
from visits.models import Attendance, Note, Visit, WaitingParty
from visits.queries import visits_with_people
from visits.refusals import VisitChangedMeanwhile


def detail(request: HttpRequest, pk: int) -> HttpResponse:
    """The page of a visit. Notes, money and the history are absent for who may not read them."""
    visit = get_object_or_404(_opened(as_user(request.user)), pk=pk)
    return _detail(request, visit, CancelBookingForm())


def _detail(request: HttpRequest, visit: Visit, cancelling: CancelBookingForm, status: int = 200) -> HttpResponse:
    user = as_user(request.user)
    sees_notes = user.has_right(Right.VIEW_NOTES, visit.venue_id)
    sees_money = user.has_right(Right.VIEW_MONEY, visit.venue_id)
    notes: list[Note] = []
    if sees_notes:
        notes = list(visit.notes.select_related("category", "author", "customer"))
    threads = threads_about(parents=notes, user=user)
    mark_threads_read(threads=list(threads.values()), by=user)
    record(by=user, action=Action.VIEWED, subject=visit)
    people = list(visit.attendances.all())
    unasked = [row for row in people if row.is_never_asked]
    table = read_for_page(visit)
    context = {
        "visit": visit,
        "people": people,
        "told": table.words_of_companions,
        # Neither the card nor anybody's answer for this evening says anything: "no change" would be of nothing.
        "unanswered": [row.pk for row in unasked if not table.answered.covers(row.customer_id)],
        "served": table.served,
        "differently": table.differently,
        "newer": _newer_course(visit),
        "planned": table.planned if visit.holds_its_room else None,
        "notes": [(note, threads.get(note.pk)) for note in notes],
        "sees_notes": sees_notes,
        "sees_money": sees_money,
        "confirmed": table.filed,
        "history": changes_for(visit, user, at_most=HISTORY_LENGTH) if sees_notes else None,
        "contact": _contact(visit, user),
        "sees_contacts": user.has_right(Right.VIEW_CONTACTS, visit.venue_id),
        "answers": answers_in_words(visit),
        "can_log": user.has_right(Right.LOG_VISITS, visit.venue_id),
        "may_book": _may_cancel(user, visit),
        # An evening of the day before by the calendar's hours: 1:00 at night.
        "is_after_midnight": visit.starts_at.astimezone(visit.venue.zone).date() != visit.business_date,
        "takes_bookings": user.has_right(Right.TAKE_BOOKINGS, visit.venue_id),
        "duties": table.duties,
        "steps": _steps(visit),
        "is_recorded": visit.status == VisitStatus.COMPLETED,
        "cancelling": cancelling if visit.is_expected and _may_cancel(user, visit) else None,
        "waiting": _waiting(visit, user),
        "fee": services.fee_of(visit) if visit.is_expected else visit.cancel_percent,
    }
    with timezone.override(visit.venue.zone):
        return render_page(request, "visits/detail.html", context, status=status)


def _steps(visit: Visit) -> list[VisitStatus]:
    """What may come next: a tentative booking is made firm by a button of its own, and nobody is missed before the time."""
    left_out = {VisitStatus.RESERVED} if visit.status == VisitStatus.TENTATIVE else set()
    if visit.starts_at > timezone.now():
        left_out |= {VisitStatus.NO_SHOW}
    return [step for step in VisitStatus if step in services.STEPS[visit.status] and step not in left_out]


def _waiting(visit: Visit, user: User) -> int:
    """How many parties wait for the day of a booking that was cancelled: its table may be theirs. A query only then."""
    today = business_date(timezone.now(), visit.venue.closing_hour, visit.venue.zone)
    if visit.status != VisitStatus.CANCELLED or visit.business_date < today:
        return 0
    if not user.has_right(Right.TAKE_BOOKINGS, visit.venue_id):
        return 0
    waits = WaitingParty.objects.visible_to(user).still_waiting()
    return waits.filter(venue=visit.venue_id, business_date=visit.business_date).count()


def _newer_course(visit: Visit) -> Course | None:
    """The version of the course that has taken the booked one's place on the menu. No query where it is still on it."""
    course = visit.course
    if course is None or not visit.holds_its_room or (course.is_active and course.is_on(visit.business_date)):
        return None
    return newer_version(course, visit.business_date)


@right_required(Right.LOG_VISITS, Right.TAKE_BOOKINGS)
@require_POST
def advance(request: HttpRequest, pk: int) -> HttpResponse:
    """Firm, arrived, seated, no-show, or one step back; by htmx the answer is the part of the page it came from."""
    user = as_user(request.user)
    visit = get_object_or_404(_visits_moved_by(user), pk=pk)
    try:
        services.advance_visit(visit=visit, by=user, status=request.POST.get("status", ""))
    except InputProblem as problem:
        messages.warning(request, str(problem))
    return _back(request, visit)


@right_required(Right.LOG_VISITS, Right.TAKE_BOOKINGS)
def duties(request: HttpRequest, pk: int) -> HttpResponse:
    """Who attends the table, who helps, who writes it down: a form of its own, or by htmx a part of the card."""
    user = as_user(request.user)
    visit = get_object_or_404(_visits_moved_by(user).select_related("venue", "room", "staff"), pk=pk)
    form = DutiesForm(request.POST or None, visit=visit)
    if request.method == "POST" and form.is_valid():
        try:
            services.set_duties(visit=visit, by=user, **form.cleaned_data)
            return _back(request, visit)
        except VisitChangedMeanwhile as problem:
            # What stands now is shown, to be changed knowingly.
            form = DutiesForm(None, visit=visit)
            messages.warning(request, str(problem))
        except InputProblem as problem:
            form.add_error(None, str(problem))
    context = {"visit": visit, "form": form, "next": request.POST.get("next") or request.GET.get("next", "")}
    status = 422 if request.method == "POST" else 200
    return render_page(request, "visits/duties.html", context, fragment="duties", status=status)


@require_POST
def cancel(request: HttpRequest, pk: int) -> HttpResponse:
    """Cancel a booking with its reason; the page stays where the form stands, with what was typed, until there is one."""
    user = as_user(request.user)
    visit = get_object_or_404(_visits_booked_by(user), pk=pk)
    form = CancelBookingForm(request.POST)
    if not form.is_valid():
        return _detail(request, visit, form, status=422)
    try:
        services.cancel_booking(
            visit=visit,
            by=user,
            reason=form.cleaned_data["reason"],
            detail=form.cleaned_data["detail"],
            percent=form.cleaned_data["percent"],
        )
    except InputProblem as problem:
        messages.warning(request, str(problem))
    else:
        messages.success(request, _("The booking is cancelled; the room is free."))
    return redirect("visits:detail", visit.pk)


@right_required(Right.LOG_VISITS)
@require_POST
def check(request: HttpRequest, pk: int) -> HttpResponse:
    """The answer to the allergy question at the table."""
    user = as_user(request.user)
    attendance = get_object_or_404(
        Attendance.objects.select_related("visit").filter(visit__in=_visits_logged_by(user)), pk=pk
    )
    try:
        checked = services.check_at_table(
            attendance=attendance, by=user, seated_check=request.POST.get("seated_check", "")
        )
    except InputProblem as problem:
        messages.warning(request, str(problem))
    else:
        messages.success(request, _("Noted."))
        may_write = attendance.customer_id is None or user.has_right(Right.EDIT_GUESTS, attendance.visit.venue_id)
        if checked.has_unwritten_change and may_write:
            # What has changed is written down at once, while the guest is speaking of it.
            return redirect("visits:guest_answer", attendance.pk)
    return _back(request, attendance.visit)


def _opened(user: User) -> QuerySet[Visit]:
    visits = visits_with_people().select_related("briefing", "source", "contact", "occasion")
    return visits.filter(pk__in=Visit.objects.visible_to(user).values("pk"))


def _visits_logged_by(user: User) -> QuerySet[Visit]:
    return Visit.objects.visible_to(user).filter(venue__in=user.venues_with(Right.LOG_VISITS))


def _visits_moved_by(user: User) -> QuerySet[Visit]:
    venues = {*user.venues_with(Right.LOG_VISITS), *user.venues_with(Right.TAKE_BOOKINGS)}
    return Visit.objects.visible_to(user).filter(venue__in=venues)


def _visits_booked_by(user: User) -> QuerySet[Visit]:
    return _opened(user).filter(pk__in=_visits_moved_by(user).values("pk"))


def _may_cancel(user: User, visit: Visit) -> bool:
    return user.has_right(Right.TAKE_BOOKINGS, visit.venue_id) or user.has_right(Right.LOG_VISITS, visit.venue_id)


def _back(request: HttpRequest, visit: Visit) -> HttpResponse:
    """To the page the button stood on, when it is one of ours."""
    target = request.POST.get("next", "")
    if url_has_allowed_host_and_scheme(target, {request.get_host()}, require_https=request.is_secure()):
        return redirect(target)
    return redirect("visits:detail", visit.pk)


def _contact(visit: Visit, user: User) -> Customer | None:
    """Who rang, unless that card is sealed from the person."""
    contact = visit.contact
    if contact is None or not contact.is_confidential:
        return contact
    return Customer.objects.visible_to(user).filter(pk=contact.pk).first()
