"""The log form. Every button sends the whole form; only "record" and "reserve" write a visit."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import MAXYEAR, UTC, date, datetime
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.db.models import Prefetch, QuerySet
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_POST

from crm_project.core.accounts.active_venue import active_venue, venues_of
from crm_project.core.accounts.guards import right_required
from crm_project.core.accounts.models import User, Venue, as_user
from crm_project.core.dates import business_date
from crm_project.core.problems import InputProblem
from crm_project.core.rights import Right
from crm_project.core.ui.htmx import is_fragment, render_page
from customers.forms import QuickGuestForm
from customers.models import Customer
from menus.models import Course
from menus.picked import chosen_ids
from menus.queries import enough_typed, find_courses, find_dishes
from visits import services, table_data
from visits.at_hand import AtHand, read_for_log
from visits.choices import Purpose, VisitStatus
from visits.day import today_of
from visits.forms import OLDEST_YEAR, VisitForm, left_words
from visits.models import Attendance, NoteCategory, Visit, VisitDraft
from visits.queries import dishes_of_course, draft_among, is_booking_draft, open_drafts, tonight_of
from visits.views.seating import (
    NEW_GUEST,
    OPTIONS,
    enter_guest,
    form_token,
    guest_of_button,
    guests_found,
    own_draft,
    typed_guest,
)

MINUTES_STEP = 15
# The end of the year 9998.
LATEST_MILLISECONDS = 253_370_764_800_000
IN_THE_HOUSE = (VisitStatus.RESERVED, VisitStatus.ARRIVED, VisitStatus.SEATED)


@dataclass
class Found:
    """What the typed texts found, where no script shows it while one types."""

    guests: list[Customer] = field(default_factory=list)
    dishes: list[Any] = field(default_factory=list)
    courses: list[Any] = field(default_factory=list)


@dataclass
class Begun:
    """A form that is opened, with what was read for it."""

    data: QueryDict
    draft: VisitDraft | None = None
    visit: Visit | None = None
    sheet: tuple[date, Sequence[NoteCategory]] | None = None
    table: AtHand | None = None


@right_required(Right.LOG_VISITS)
def log(request: HttpRequest) -> HttpResponse:
    """Record a visit, write on a reservation, or take one."""
    user = as_user(request.user)
    if request.method == "POST":
        return _posted(request, user, request.POST.copy())
    token = request.GET.get("draft")
    kept = own_draft(user, token) if token else None
    if kept is not None and is_booking_draft(kept):
        return redirect(f"{reverse('visits:book')}?draft={token}")
    begun = _begin(request, user, kept)
    data = begun.data
    venue = _venue(request, user, data)
    read, table = begun.visit, begun.table
    if read is None or read.venue_id != venue.pk or str(read.pk) != data.get("visit"):
        read, table = _visit(user, venue, data), None
    form = _form(data, user, venue, read, quiet=True, asked=begun.sheet, table=table)
    return _page(request, form, QuickGuestForm(prefix=NEW_GUEST), Found(), begun)


@right_required(Right.LOG_VISITS)
@require_POST
def draft(request: HttpRequest) -> HttpResponse:
    """Keep what has been typed; answers the line at the foot of the form."""
    user, data = as_user(request.user), request.POST.copy()
    venue = _venue(request, user, data)
    token = form_token(data)
    if services.is_newer_draft(by=user, form_token=token, than=_kept_at(data), values=table_data.kept(data)):
        # Words that waited on a device, and the draft was written on elsewhere meanwhile: both are kept.
        token = uuid.uuid4()
        data["form_token"] = str(token)
    kept = services.keep_draft(by=user, venue=venue, form_token=token, values=table_data.kept(data))
    form = _form(data, user, venue, _visit(user, venue, data), quiet=True)
    form.is_valid()
    response = render(request, "visits/_draft_note.html", {"draft": kept, "left": left_words(form.left)})
    if kept is not None:
        response["HX-Replace-Url"] = f"{reverse('visits:log')}?draft={token}"
        response["HX-Trigger"] = "okami:saved"
        response["Okami-Draft"] = str(token)
    return response


def _kept_at(data: QueryDict) -> datetime | None:
    """When a device kept the words it sends now (milliseconds since 1970); None for words sent as they are typed."""
    milliseconds = table_data.whole_number(data.get("kept_at"))
    if milliseconds is None or milliseconds > LATEST_MILLISECONDS:
        return None
    return datetime.fromtimestamp(milliseconds / 1000, tz=UTC)


@right_required(Right.LOG_VISITS, Right.TAKE_BOOKINGS)
@require_POST
def discard(request: HttpRequest) -> HttpResponse:
    """Throw a draft away."""
    services.discard_draft(by=as_user(request.user), form_token=form_token(request.POST))
    messages.success(request, _("The draft is gone."))
    return redirect("visits:today")


@right_required(Right.LOG_VISITS)
@require_GET
def pick_guest(request: HttpRequest) -> HttpResponse:
    """Guests by typed characters, as buttons of the form around them."""
    query = request.GET.get("guest_q", "")
    return render(
        request,
        "visits/_guest_options.html",
        {"query": query, "found_guests": guests_found(as_user(request.user), query)},
    )


def _posted(request: HttpRequest, user: User, data: QueryDict) -> HttpResponse:
    venue = _venue(request, user, data)
    visit = _visit(user, venue, data)
    table_data.follow_merges(data)
    op = data.get("op", "")
    saving = op in ("record", "reserve")
    if saving and (saved := Visit.objects.visible_to(user).filter(form_token=form_token(data), venue=venue).first()):
        return _saved(request, saved)
    if op == "urgent":
        return _tell_first(request, user, venue, visit, data)
    found = _find(user, venue, data) if op == "find" else Found()
    _press(data, user, venue, visit)
    new_guest = QuickGuestForm(data, prefix=NEW_GUEST, user=user)
    entering = op == "new_guest" or (saving and new_guest.is_begun())
    incomplete = entering and not new_guest.is_valid()
    if entering and not incomplete:
        table_data.seat_guest(data, enter_guest(user, venue, new_guest))
    form = _form(data, user, venue, visit, quiet=not saving)
    if op == "add_companion" and table_data.is_full(data):
        form.add_error(None, _("Nobody more can be named: count them as a group."))
    if saving and incomplete:
        form.add_error(None, _("Complete the new guest."))
    if saving and form.is_valid():
        try:
            return _saved(request, _save(form, user, venue, visit, data))
        except InputProblem as problem:
            form.add_error(None, str(problem))
    if not incomplete:
        begun = not entering and new_guest.is_begun()
        new_guest = QuickGuestForm(prefix=NEW_GUEST, initial=typed_guest(data) if begun else None)
    services.keep_draft(by=user, venue=venue, form_token=form_token(data), values=table_data.kept(data))
    return _page(request, form, new_guest, found, status=422 if saving or incomplete else 200)


def _tell_first(request: HttpRequest, user: User, venue: Venue, visit: Visit | None, data: QueryDict) -> HttpResponse:
    """困った: what was typed is kept as a draft, and the two fields of what went wrong come first."""
    token = form_token(data)
    services.keep_draft(by=user, venue=venue, form_token=token, values=table_data.kept(data))
    guests = Customer.objects.visible_to(user).filter(pk__in=table_data.customer_ids_in(data)[:1])
    asked = {"venue": venue.pk, "draft": token}
    if visit is not None:
        asked["visit"] = visit.pk
    if (guest := guests.first()) is not None:
        asked["customer"] = guest.pk
    address = f"{reverse('visits:report')}?{urlencode(asked)}"
    if is_fragment(request):
        return HttpResponse(status=204, headers={"HX-Redirect": address})
    return redirect(address)


def _saved(request: HttpRequest, visit: Visit) -> HttpResponse:
    messages.success(request, _saved_words(visit))
    if left := visit.sheet_lines.still_open().count():
        messages.warning(
            request,
            ngettext(
                "%(count)s required line is still open. It can be completed later.",
                "%(count)s required lines are still open. They can be completed later.",
                left,
            )
            % {"count": left},
        )
    if unwritten := visit.attendances.filter(has_unwritten_change=True).count():
        messages.warning(
            request,
            ngettext(
                "%(count)s guest has said something new about allergies: write down what it is.",
                "%(count)s guests have said something new about allergies: write down what it is.",
                unwritten,
            )
            % {"count": unwritten},
        )
    return redirect("visits:detail", visit.pk)


def _press(data: QueryDict, user: User, venue: Venue, visit: Visit | None) -> None:
    """Do what the button asks; the text that was searched with goes once something is chosen."""
    table_data.press(data)
    if guest := guest_of_button(user, data):
        table_data.seat_guest(data, guest)
        data["guest_q"] = ""
    if (course_id := table_data.whole_number(data.get("set_course"))) and (
        course := Course.objects.filter(pk=course_id).first()
    ):
        table_data.set_course(data, course_id, _dishes_served(course, venue, visit, data))
    if data.get("add_dish") or data.get("set_course"):
        data["dish_q"] = ""
    if data.get("op") == "tonight" and visit is not None:
        chosen = table_data.whole_number(data.get("course"))
        changed = tonight_of(venue=venue.pk, day=visit.business_date, course=chosen, dish_ids=chosen_ids(data))
        data.setlist("dish", [str(pk) for pk in changed])


def _changed_tonight(form: VisitForm, data: QueryDict) -> tuple[list[str], list[str]] | None:
    """Names of what the kitchen took out of the form's dishes tonight, and of what came instead; None for nothing.

    A draft that was begun before the change still holds the dishes as they were.
    """
    visit = form.visit
    if visit is None or not visit.holds_its_room or not form.dishes:
        return None
    there = {dish.pk: dish.name for dish in form.dishes}
    wanted = form.table.as_tonight(list(there), table_data.whole_number(data.get("course")))
    if {*wanted} == {*there}:
        return None
    comes = [form.table.name_of(pk) for pk in wanted if pk not in there]
    return [name for pk, name in there.items() if pk not in wanted], comes


def _dishes_served(course: Course, venue: Venue, visit: Visit | None, data: QueryDict) -> list[int]:
    """Ids of a course's dishes; once the evening has begun, with what the kitchen changed for it."""
    dishes, begins = dishes_of_course(course), visit.starts_at if visit is not None else _typed_start(data, venue)
    is_here = visit is not None and visit.status in (VisitStatus.ARRIVED, VisitStatus.SEATED)
    if begins > timezone.now() and not is_here:
        return dishes
    day = business_date(begins, venue.closing_hour, venue.zone)
    return tonight_of(venue=venue.pk, day=day, course=course.pk, dish_ids=dishes)


def _typed_start(data: QueryDict, venue: Venue) -> datetime:
    """When the evening begins as it is typed; now for anything that is no time, about which the form tells."""
    try:
        at = datetime.fromisoformat(data.get("starts_at", "")).replace(tzinfo=venue.zone)
    except ValueError:
        return timezone.now()
    return at if OLDEST_YEAR <= at.year < MAXYEAR else timezone.now()


def _find(user: User, venue: Venue, data: QueryDict) -> Found:
    guest_query, dish_query = (data.get(name, "") for name in table_data.TYPED_FOR_SEARCH)
    return Found(
        guests=guests_found(user, guest_query),
        dishes=list(find_dishes(dish_query)[:OPTIONS]),
        courses=list(find_courses(dish_query, today_of(venue))[:OPTIONS]),
    )


def _save(form: VisitForm, user: User, venue: Venue, visit: Visit | None, data: QueryDict) -> Visit:
    if visit is None:
        return services.record_visit(by=user, venue=venue, form_token=form_token(data), **form.arguments())
    version = table_data.whole_number(data.get("version")) or 0
    return services.change_visit(visit=visit, by=user, version=version, form_token=form_token(data), **form.arguments())


def _saved_words(visit: Visit) -> str:
    if visit.status == VisitStatus.COMPLETED:
        return _("Recorded. Thank you.")
    return _("The reservation is kept.")


def _venue(request: HttpRequest, user: User, data: QueryDict) -> Venue:
    """The venue the form was opened for, one where the person records visits. 404 for any other."""
    wanted = table_data.whole_number(data.get("venue"))
    allowed = user.venues_with(Right.LOG_VISITS)
    venue = next((venue for venue in venues_of(request) if venue.pk == wanted and venue.pk in allowed), None)
    return venue or get_object_or_404(Venue, pk=wanted, pk__in=allowed)


def _visit(user: User, venue: Venue, data: QueryDict) -> Visit | None:
    """The visit the form writes on; 404 for one of another venue."""
    visit_id = table_data.whole_number(data.get("visit"))
    if visit_id is None:
        return None
    return get_object_or_404(_visits_to_write(user), pk=visit_id, venue=venue)


def _visits_to_write(user: User) -> QuerySet[Visit]:
    people = Attendance.objects.select_related("customer__company").order_by("position", "pk")
    visits = Visit.objects.visible_to(user).select_related("venue", "room", "course")
    return visits.prefetch_related(Prefetch("attendances", people))


def _form(
    data: QueryDict,
    user: User,
    venue: Venue,
    visit: Visit | None,
    *,
    quiet: bool,
    asked: tuple[date, Sequence[NoteCategory]] | None = None,
    table: AtHand | None = None,
) -> VisitForm:
    status: str = VisitStatus.COMPLETED
    if data.get("op") == "reserve":
        status = visit.status if visit is not None and visit.status in IN_THE_HOUSE else VisitStatus.RESERVED
    return VisitForm(data, user=user, venue=venue, visit=visit, status=status, quiet=quiet, asked=asked, table=table)


def _begin(request: HttpRequest, user: User, kept: VisitDraft | None) -> Begun:
    """The fields of a form that is opened: from a draft, from a visit, or blank for a guest."""
    if kept is not None:
        return Begun(table_data.restored(kept.values), draft=kept)
    guest_id = table_data.whole_number(request.GET.get("customer"))
    visit_id = table_data.whole_number(request.GET.get("visit")) or _expected_today(request, user, guest_id)
    if visit_id:
        visit = get_object_or_404(_visits_to_write(user), pk=visit_id)
        table = read_for_log(user=user, venue=visit.venue, visit=visit, day=visit.business_date, token=None)
        if kept := draft_among(table.drafts, visit):
            return Begun(table_data.restored(kept.values), draft=kept, visit=visit, table=table)
        lines = list(NoteCategory.objects.in_use(visit.business_date))
        data = table_data.from_visit(visit, lines, _as_served(visit, table))
        begun = Begun(data, visit=visit, sheet=(visit.business_date, lines), table=table)
        if visit.amount is not None and user.has_right(Right.VIEW_MONEY, visit.venue_id):
            begun.data["amount"] = format(visit.amount.normalize(), "f")
        venue = visit.venue
    else:
        venue = _venue_to_log(request, user)
        begun = Begun(_blank(venue, user))
    if guest_id:
        guest = get_object_or_404(Customer.objects.visible_to(user).standing_for(guest_id))
        table_data.seat_guest(begun.data, guest)
    begun.data["venue"], begun.data["form_token"] = str(venue.pk), str(uuid.uuid4())
    return begun


def _as_served(visit: Visit, table: AtHand) -> list[int]:
    """Ids of the dishes a form begins with; once the evening has begun, with what the kitchen changed for it."""
    is_here = visit.status in (VisitStatus.ARRIVED, VisitStatus.SEATED)
    if is_here or (visit.holds_its_room and visit.starts_at <= timezone.now()):
        return table.as_tonight(table.dishes, visit.course_id)
    return table.dishes


def _expected_today(request: HttpRequest, user: User, guest_id: int | None) -> int | None:
    """The visit the guest is in the house for, or expected for, today: it is written on instead of a second one."""
    venue = _venue_to_log(request, user)
    expected = Visit.objects.filter(
        attendances__customer=guest_id, venue=venue, business_date=today_of(venue), status__in=IN_THE_HOUSE
    )
    return expected.order_by("starts_at").values_list("pk", flat=True).first() if guest_id else None


def _venue_to_log(request: HttpRequest, user: User) -> Venue:
    allowed = user.venues_with(Right.LOG_VISITS)
    venue = active_venue(request)
    if venue is not None and venue.pk in allowed:
        return venue
    return next(venue for venue in venues_of(request) if venue.pk in allowed)


def _blank(venue: Venue, user: User) -> QueryDict:
    data = QueryDict(mutable=True)
    now = timezone.now().astimezone(venue.zone)
    now = now.replace(minute=now.minute - now.minute % MINUTES_STEP)
    data["starts_at"], data["party_size"] = now.strftime("%Y-%m-%dT%H:%M"), "2"
    data["purpose"], data["staff"] = Purpose.PRIVATE, str(user.pk)
    return data


def _page(
    request: HttpRequest,
    form: VisitForm,
    new_guest: QuickGuestForm,
    found: Found,
    begun: Begun | None = None,
    status: int = 200,
) -> HttpResponse:
    data = form.sent
    form.is_valid()
    token, focus = data.get("form_token", ""), _focus(data)
    kept = begun.draft if begun is not None else VisitDraft.objects.filter(pk=token, user=form.user).first()
    context = {
        "form": form,
        "data": data,
        "visit": form.visit,
        "venue": form.venue,
        "new_guest": new_guest if form.user.has_right(Right.EDIT_GUESTS) else None,
        "found": found.dishes,
        "found_courses": found.courses,
        "found_guests": found.guests,
        "guest_query": data.get("guest_q", ""),
        "query": data.get("dish_q", ""),
        "enough": enough_typed(data.get("dish_q", "")),
        "left": left_words(form.left),
        "changed_tonight": _changed_tonight(form, data),
        "draft": kept,
        "other_drafts": []
        if is_fragment(request)
        else open_drafts(form.user, form.venue, but=token, own=form.table.drafts),
        "focus": focus,
        # Folded once they are settled: on a phone the form starts where the work is.
        "open_people": not (form.visit and form.customers)
        or focus == "guest"
        or bool(found.guests)
        or new_guest.is_bound,
        "open_basics": form.visit is None or any(field.errors for field in form.basics()),
    }
    return render_page(request, "visits/log.html", context, fragment="form", status=status)


def _focus(data: QueryDict) -> str:
    """Where the keyboard goes on after a button."""
    if data.get("add_dish") or data.get("set_course") or data.get("remove_dish"):
        return "dish"
    if data.get("add_guest") or data.get("remove_person") or data.get("op") == "add_companion":
        return "guest"
    return ""
