"""Bookings on the phone: one screen while one talks, the list of those that come, and what is done with one of them.

As on the log form, every button sends the whole form; only "take" and "tentative" write a booking.
"""

import uuid
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from urllib.parse import urlencode

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Exists, OuterRef, Prefetch, Subquery
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from crm_project.core import text
from crm_project.core.accounts.active_venue import active_venue, venues_of
from crm_project.core.accounts.guards import right_required
from crm_project.core.accounts.models import User, Venue, as_user
from crm_project.core.audit.choices import Action
from crm_project.core.audit.history import HistoryLine
from crm_project.core.audit.models import AuditEntry
from crm_project.core.audit.services import record
from crm_project.core.problems import InputProblem
from crm_project.core.rights import Right
from crm_project.core.ui.htmx import is_fragment, render_page
from crm_project.core.ui.paging import numbered_page
from customers.forms import QuickGuestForm
from customers.models import Customer
from customers.picker import GuestPicker, read_picker
from visits import booking_data, services, table_data
from visits.booking_facts import BookingFacts, facts_of, usual_ids
from visits.booking_form import BookingForm
from visits.coming_bookings import (
    OVERDUE_SHOWN,
    ComingBookingsForm,
    by_day,
    coming_bookings,
    fetch_people,
    not_asked_in_time,
)
from visits.day import today_of
from visits.entries import BookingEntry
from visits.history import changes_for
from visits.models import Attendance, Visit, VisitDraft, WaitingParty
from visits.queries import (
    draft_among,
    drafts_of,
    guests_of_drafts,
    guests_to_book,
    is_booking_draft,
    newest_drafts,
    open_drafts,
    told_drafts,
)
from visits.refusals import RoomTaken, UnconfirmedBooking, VisitChangedMeanwhile
from visits.services.waiting import WaitingClosed
from visits.spoken_time import written_day
from visits.views.seating import (
    NEW_GUEST,
    enter_guest,
    form_token,
    guest_of_button,
    guests_found,
    note_reads,
    typed_guest,
)

TAKE, TENTATIVE = "take", "tentative"
CONTACT = "contact"
BOOKINGS_ON_A_PAGE = 40


@dataclass
class Screen:
    """A booking screen on its way: what was sent, and what came of it."""

    user: User
    venue: Venue
    visit: Visit | None
    data: QueryDict
    picker: GuestPicker
    new_guest: QuickGuestForm
    found: Sequence[Customer] = ()
    unconfirmed: dict[str, str] | None = None
    changes: Sequence[HistoryLine] = ()
    tentative: bool = False
    opening: "Opening | None" = None


@dataclass
class Opening:
    """A screen that is opened: its fields, and what was read for it."""

    data: QueryDict
    # All of the person's drafts.
    own: Sequence[VisitDraft]
    # Guests the person may open, by their ids.
    known: dict[int, Customer] = field(default_factory=dict)


def bookings(request: HttpRequest) -> HttpResponse:
    """The bookings that come, from the venue's business day on; those sealed from the person are not there."""
    user, venue = as_user(request.user), active_venue(request)
    if venue is None:
        return render_page(request, "visits/bookings.html", {"venue": None})
    form = ComingBookingsForm(request.GET)
    coming = coming_bookings(user, venue, today_of(venue))
    found = form.filter(coming, user, venue) if form.is_valid() else coming.none()
    page = numbered_page(found, request.GET.get("page"), size=BOOKINGS_ON_A_PAGE)
    if query := request.GET.get("q", "").strip():
        record(by=user, action=Action.SEARCHED, subject_type=Visit._meta.label_lower, subject_name=query[:80])
    may_book = user.has_right(Right.TAKE_BOOKINGS, venue)
    rows, overdue = list(page.rows), []
    # What waits for somebody stands above the whole list; who looks for one booking is not kept from it.
    is_whole = not form.errors and not form.chosen and not is_fragment(request)
    if rows and is_whole and (may_book or user.has_right(Right.LOG_VISITS, venue)):
        overdue = list(not_asked_in_time(coming, rows[0].venue, timezone.now())[: OVERDUE_SHOWN + 1])
    fetch_people(rows, overdue)
    with timezone.override(venue.zone):
        return render_page(
            request,
            "visits/bookings.html",
            {
                "venue": venue,
                "form": form,
                "page": page,
                "days": by_day(rows),
                "overdue": overdue[:OVERDUE_SHOWN],
                "more_overdue": len(overdue) > OVERDUE_SHOWN,
                "may_book": may_book,
                "drafts": [open for open in open_drafts(user, venue) if open.is_booking]
                if may_book and is_whole
                else [],
            },
            fragment="coming",
        )


@right_required(Right.TAKE_BOOKINGS)
def book(request: HttpRequest) -> HttpResponse:
    """Take a booking."""
    user = as_user(request.user)
    if request.method == "POST":
        data = request.POST.copy()
        return _posted(request, user, _venue(request, user, data), None, data)
    opening = _begin(request, user)
    venue = _venue(request, user, opening.data)
    visit = _visit(user, venue, table_data.whole_number(opening.data.get("visit")))
    return _opened(request, user, venue, visit, opening)


@right_required(Right.TAKE_BOOKINGS)
def book_change(request: HttpRequest, pk: int) -> HttpResponse:
    """Change a booking that is still expected."""
    user = as_user(request.user)
    if request.method == "POST":
        visit = _booking(user, pk)
        return _posted(request, user, visit.venue, visit, request.POST.copy())
    visit = _booking(user, pk, to_open=True)
    if not visit.is_expected:
        messages.warning(request, _("Only a booking that is still expected can be changed."))
        return redirect("visits:detail", visit.pk)
    own = drafts_of(user)
    known = {row.customer.pk: row.customer for row in visit.attendances.all() if row.customer and row.may_open}  # type: ignore[attr-defined]
    if visit.contact is not None and visit.may_open_contact:  # type: ignore[attr-defined]
        known[visit.contact.pk] = visit.contact
    if begun := draft_among(own, visit, booking=True):
        opening = _restored(user, begun, own, known)
    else:
        opening = Opening(booking_data.from_booking(visit), own, known)
        opening.data["venue"], opening.data["form_token"] = str(visit.venue_id), str(uuid.uuid4())
        opening.data["seen"] = str(visit.last_change or 0)  # type: ignore[attr-defined]
    return _opened(request, user, visit.venue, visit, opening)


@right_required(Right.TAKE_BOOKINGS)
@require_POST
def book_live(request: HttpRequest) -> HttpResponse:
    """Keep what has been typed, and answer what follows from it: the day in words, free rooms, 復唱, what is known."""
    user, data = as_user(request.user), request.POST.copy()
    venue = _venue(request, user, data)
    visit = _visit(user, venue, table_data.whole_number(data.get("visit")))
    screen = _screen(user, venue, visit, data)
    token = form_token(data)
    kept = services.keep_draft(by=user, venue=venue, form_token=token, values=table_data.kept(_named(data)))
    context = _context(request, screen, _form(screen, quiet=True)) | {"draft": kept, "live": True}
    with timezone.override(venue.zone):
        response = render(request, "visits/_booking_live.html", context)
    if kept is not None:
        response["HX-Replace-Url"] = f"{reverse('visits:book')}?draft={token}"
        response["HX-Trigger"] = "okami:saved"
    return response


@right_required(Right.TAKE_BOOKINGS)
@require_GET
def book_guests(request: HttpRequest) -> HttpResponse:
    """Guests by typed characters, as buttons of the screen around them."""
    query, visit = request.GET.get("guest_q", ""), table_data.whole_number(request.GET.get("visit"))
    context = {
        "query": query,
        "found_guests": guests_found(as_user(request.user), query),
        "form_url": _form_url(visit),
    }
    return render(request, "visits/_guest_options.html", context)


@require_POST
def confirm(request: HttpRequest, pk: int) -> HttpResponse:
    """Make a tentative booking firm, in one tap."""
    user = as_user(request.user)
    visit = get_object_or_404(Visit.objects.visible_to(user), pk=pk)
    try:
        services.confirm_booking(visit=visit, by=user)
    except InputProblem as problem:
        messages.warning(request, str(problem))
    else:
        messages.success(request, _("The booking is firm now."))
    return redirect("visits:detail", visit.pk)


# --- what is sent -----------------------------------------------------------------------------------------------------


def _posted(request: HttpRequest, user: User, venue: Venue, visit: Visit | None, data: QueryDict) -> HttpResponse:
    table_data.follow_merges(data)
    op = data.get("op", "")
    saving = op in (TAKE, TENTATIVE)
    taken = Visit.objects.visible_to(user).filter(form_token=form_token(data), venue=venue).first() if saving else None
    if taken is not None:
        return _taken(request, taken)
    booking_data.press(data)
    if (
        saving
        and data.get("walk_in")
        and visit is None
        and not table_data.people_in(data)
        and not _names_somebody(data)
    ):
        booking_data.seat_unnamed(data)
    screen = _screen(user, venue, visit, data)
    _seat(screen, op)
    entering = op == "new_guest" or (saving and screen.new_guest.is_begun())
    incomplete = entering and not screen.new_guest.is_valid()
    if entering and not incomplete:
        booking_data.seat(data, enter_guest(user, venue, screen.new_guest))
        data["guest_q"] = ""
    screen.tentative = op == TENTATIVE
    form = _form(screen, quiet=not saving)
    if op == "add_companion" and table_data.is_full(data):
        form.add_error(None, _("Nobody more can be named: count them as a group."))
    if saving:
        if incomplete:
            form.add_error(None, _("Complete the new guest."))
        if not screen.picker.is_valid():
            form.add_error(None, f"{screen.picker.label}: {screen.picker.error}")
        if form.is_valid() and (saved := _save(screen, form)):
            return _taken(request, saved, changed=visit is not None)
    if not incomplete and op != "begin_guest" and not (op == "find" and screen.new_guest.initial):
        begun = not entering and screen.new_guest.is_begun()
        screen.new_guest = QuickGuestForm(prefix=NEW_GUEST, initial=typed_guest(data) if begun else None)
    services.keep_draft(by=user, venue=venue, form_token=form_token(data), values=table_data.kept(_named(data)))
    return _page(request, screen, form, status=422 if saving or incomplete else 200)


def _seat(screen: Screen, op: str) -> None:
    """Seat the guest whose button was pressed, or the only one that the typed text finds; offer to enter who is not found."""
    user, data = screen.user, screen.data
    query = data.get("guest_q", "").strip()
    guest = guest_of_button(user, data)
    if guest is None and op == "find" and query:
        screen.found = guests_found(user, query)
        guest = screen.found[0] if len(screen.found) == 1 else None
    if guest is not None:
        booking_data.seat(data, guest)
        note_reads(user, [guest])
        data["guest_q"], screen.found = "", ()
    elif (op == "begin_guest" or (op == "find" and query and not screen.found)) and not screen.new_guest.is_begun():
        screen.new_guest = QuickGuestForm(prefix=NEW_GUEST, initial=_guess(query, data.get("contact_phone", "")))
        data["guest_q"] = ""


def _guess(query: str, phone: str) -> dict[str, str]:
    """The fields of a new guest as the text that found nobody fills them: a number, a reading, a name."""
    if text.phone_digits(query) and not any(letter.isalpha() for letter in query):
        return {"phone": query}
    is_reading = bool(query) and text.to_katakana(query) == text.tidy_kana(query) and not query.isascii()
    kana = all("ァ" <= letter <= "ヿ" or letter in " 　" for letter in text.to_katakana(query)) and is_reading
    return {"kana" if kana else "name": query, "phone": phone}


def _save(screen: Screen, form: BookingForm) -> Visit | None:
    """Write the booking; None when it was refused: then the form says why, and nothing is lost."""
    data, user = screen.data, screen.user
    accepted, token = data.getlist("accepted"), form_token(data)
    try:
        form.contact = screen.picker.save(by=user, venue=screen.venue) or _kept_contact(screen)
        booking = form.booking(tentative=screen.tentative)
        if screen.visit is None:
            return _take(screen, booking, accepted, token)
        version = table_data.whole_number(data.get("version")) or 0
        return services.change_booking(
            visit=screen.visit, by=user, version=version, booking=booking, accepted=accepted, form_token=token
        )
    except UnconfirmedBooking as problem:
        screen.unconfirmed = problem.warnings
        form.add_error(None, _("Confirm what stands beside the buttons, or change the booking."))
    except RoomTaken as problem:
        form.add_error("room", str(problem))
    except VisitChangedMeanwhile as problem:
        _tell_changes(screen, form, problem)
    except WaitingClosed as problem:
        # Sent once more it is a booking of its own.
        data["waiting"] = ""
        without = _("Taken once more, the booking stands without the waiting list.")
        form.add_error(None, f"{problem} {without}")
    except InputProblem as problem:
        form.add_error(None, str(problem))
    if form.contact is not None:
        # Entered already: it is not entered once more with the next try.
        data[CONTACT] = str(form.contact.pk)
        screen.picker = _picker(data, user)
    return None


def _kept_contact(screen: Screen) -> Customer | None:
    """Who rang stays, also where that card is sealed from whoever changes the booking."""
    before = screen.visit.contact if screen.visit else None
    return before if before is not None and screen.data.get(CONTACT) == str(before.pk) else None


@transaction.atomic
def _take(screen: Screen, booking: BookingEntry, accepted: Collection[str], token: uuid.UUID) -> Visit:
    """Take a new booking; whoever waited for it waits no more."""
    by, venue = screen.user, screen.venue
    visit = services.take_booking(by=by, venue=venue, booking=booking, accepted=accepted, form_token=token)
    if waiting := table_data.whole_number(screen.data.get("waiting")):
        party = WaitingParty.objects.visible_to(by).filter(pk=waiting).first()
        if party is None:
            raise WaitingClosed
        services.book_waiting(waiting=party, visit=visit, by=by)
    return visit


def _tell_changes(screen: Screen, form: BookingForm, problem: InputProblem) -> None:
    """Say what others made of the booking meanwhile; what was typed stays, and sent once more it is what counts."""
    assert screen.visit is not None
    seen = table_data.whole_number(screen.data.get("seen")) or 0
    screen.changes = changes_for(screen.visit, screen.user, after=seen)
    now = Visit.objects.only("version").get(pk=screen.visit.pk)
    screen.data["version"], screen.data["seen"] = str(now.version), str(_last_change(screen.visit))
    form.add_error(None, str(problem))


def _names_somebody(data: QueryDict) -> bool:
    """Whether a name is being searched, or somebody new entered."""
    return bool(data.get("guest_q", "").strip()) or any(typed_guest(data).values())


def _taken(request: HttpRequest, visit: Visit, *, changed: bool = False) -> HttpResponse:
    if visit.arrived_at is not None:
        said = _("They are here: the table stands on today's page.")
    elif visit.tentative_until:
        said = _("The booking is held.")
    else:
        said = _("The booking is changed.") if changed else _("The booking is taken. Thank you.")
    messages.success(request, said)
    return redirect("visits:detail", visit.pk)


# --- how it opens -----------------------------------------------------------------------------------------------------


def _begin(request: HttpRequest, user: User) -> Opening:
    """The fields of a screen that is opened: from a draft, the waiting list, or blank for a guest, a number, a day, a room."""
    asked, own = request.GET, drafts_of(user)
    if token := asked.get("draft"):
        draft = next((draft for draft in own if str(draft.pk) == token.lower()), None)
        if draft is None:
            raise Http404
        return _restored(user, draft, own)
    opening = Opening(QueryDict(mutable=True), own)
    if waiting := table_data.whole_number(asked.get("waiting")):
        waits = WaitingParty.objects.visible_to(user).still_waiting().select_related("customer", "venue")
        party = get_object_or_404(waits, pk=waiting)
        opening.data = data = booking_data.from_waiting(party)
        data["venue"], data["purpose"] = str(party.venue_id), "private"
        # The table that the list has just offered.
        for name in ("time", "room"):
            data[name] = asked.get(name, "") or str(data[name])
    elif asked.get("walk_in"):
        venue = _venue(request, user, asked)
        opening.data = data = booking_data.at_the_door(venue, today_of(venue), timezone.now())
        data["party"], data["room"] = asked.get("party", ""), asked.get("room", "")
    else:
        opening.data = data = booking_data.blank(_venue(request, user, asked))
        for name in ("time", "party", "room"):
            data[name] = asked.get(name, "")
        data["day"] = _in_words(asked.get("day", ""))
    if guest_id := table_data.whole_number(asked.get("customer")):
        guest = get_object_or_404(guests_to_book(user).standing_for(guest_id))
        opening.known[guest.pk] = guest
        booking_data.seat(data, guest)
    if phone := asked.get("phone", ""):
        data["contact_phone"] = data["guest_q"] = phone
    data["form_token"] = str(uuid.uuid4())
    return opening


def _in_words(day: str) -> str:
    """A day of an address as one reads it; what is none is left as it is, and said of it what is wrong."""
    try:
        found = parse_date(day)
    except ValueError:
        return day
    return written_day(found) if found else day


def _restored(
    user: User, draft: VisitDraft, own: Sequence[VisitDraft], known: Mapping[int, Customer] | None = None
) -> Opening:
    """The fields of a draft, with its guests as their cards stand now; `known` are those that were read already."""
    data, found = table_data.fields_of(draft.values), dict(known or {})
    ids = {*table_data.customer_ids_in(data), table_data.whole_number(data.get(CONTACT)) or 0} - {0} - found.keys()
    if ids:
        read = guests_to_book(user).in_bulk(ids)
        found |= read
        if len(read) < len(ids):
            table_data.follow_merges(data)
    return Opening(data, own, found)


def _opened(request: HttpRequest, user: User, venue: Venue, visit: Visit | None, opening: Opening) -> HttpResponse:
    data = opening.data
    screen = _screen(user, venue, visit, data, opening)
    if data.get("guest_q"):
        _seat(screen, "find")
    elif screen.new_guest.is_begun():
        screen.new_guest = QuickGuestForm(prefix=NEW_GUEST, initial=typed_guest(data))
    else:
        screen.new_guest = QuickGuestForm(prefix=NEW_GUEST)
    form = _form(screen, quiet=True)
    page = _page(request, screen, form)
    note_reads(user, form.customers)
    return page


def _venue(request: HttpRequest, user: User, data: QueryDict) -> Venue:
    """The venue the screen was opened for, one where the person takes bookings (404 for any other); else the active one."""
    allowed = {venue.pk: venue for venue in venues_of(request) if user.has_right(Right.TAKE_BOOKINGS, venue)}
    wanted = table_data.whole_number(data.get("venue"))
    if wanted is not None:
        return allowed[wanted] if wanted in allowed else get_object_or_404(Venue.objects.none(), pk=wanted)
    active = active_venue(request)
    return active if active is not None and active.pk in allowed else next(iter(allowed.values()))


def _visit(user: User, venue: Venue, pk: int | None) -> Visit | None:
    """The booking a draft or a form is about; 404 for one of another venue."""
    if pk is None:
        return None
    visit = _booking(user, pk)
    return visit if visit.venue_id == venue.pk else get_object_or_404(Visit.objects.none(), pk=pk)


def _booking(user: User, pk: int, *, to_open: bool = False) -> Visit:
    """A booking the person may change: 404 for one that is invisible, 403 without the right at its venue.

    `to_open` reads with it what the screen opens with: people and whether the person may open them, answers, the last change.
    """
    visits = Visit.objects.visible_to(user).select_related(
        "venue__booking_terms", "room", "occasion", "contact__company"
    )
    if to_open:
        may_open = Customer.objects.visible_to(user)
        seats = Attendance.objects.select_related("customer__company").annotate(
            may_open=Exists(may_open.filter(pk=OuterRef("customer")))
        )
        visits = (
            visits.select_related("briefing")
            .prefetch_related(Prefetch("attendances", seats))
            .annotate(
                may_open_contact=Exists(may_open.filter(pk=OuterRef("contact"))),
                last_change=Subquery(AuditEntry.objects.about(Visit(pk=pk)).changes().values("pk")[:1]),
            )
        )
    visit = get_object_or_404(visits, pk=pk)
    if not user.has_right(Right.TAKE_BOOKINGS, visit.venue_id):
        raise PermissionDenied
    return visit


def _last_change(visit: Visit) -> int:
    """The number of the newest entry in the trail of the booking: what comes behind it was not seen."""
    return AuditEntry.objects.about(visit).changes().values_list("pk", flat=True).first() or 0


def _named(data: QueryDict) -> QueryDict:
    """The fields with the name of this screen, by which its drafts are told from those of the log form."""
    data["form"] = booking_data.BOOKING
    return data


# --- what is shown ----------------------------------------------------------------------------------------------------


def _screen(user: User, venue: Venue, visit: Visit | None, data: QueryDict, opening: Opening | None = None) -> Screen:
    picker = _picker(data, user, opening.known if opening else {})
    new_guest = QuickGuestForm(data, prefix=NEW_GUEST, user=user)
    return Screen(user, venue, visit, data, picker, new_guest, opening=opening)


def _picker(data: QueryDict, user: User, known: Mapping[int, Customer] | None = None) -> GuestPicker:
    """Who rang, where it is not the guest; the fields of somebody new stay blank until something is typed there."""
    label = _("Who rang")
    chosen = (known or {}).get(table_data.whole_number(data.get(CONTACT)) or 0)
    if chosen is not None:
        return read_picker(None, user=user, name=CONTACT, label=label, required=False, initial=chosen)
    picker = read_picker(data, user=user, name=CONTACT, label=label, required=False)
    if picker.new_guest is not None and not picker.new_guest.is_begun():
        picker.new_guest = QuickGuestForm(prefix=picker.new_guest.prefix)
    return picker


def _form(screen: Screen, *, quiet: bool) -> BookingForm:
    return BookingForm(
        screen.data,
        user=screen.user,
        venue=screen.venue,
        visit=screen.visit,
        contact=screen.picker.chosen,
        quiet=quiet,
        known=screen.opening.known if screen.opening else None,
    )


def _page(request: HttpRequest, screen: Screen, form: BookingForm, status: int = 200) -> HttpResponse:
    context = _context(request, screen, form)
    with timezone.override(screen.venue.zone):
        return render_page(request, "visits/booking.html", context, fragment="form", status=status)


def _context(request: HttpRequest, screen: Screen, form: BookingForm) -> dict[str, object]:
    data, user, visit = screen.data, screen.user, screen.visit
    token = data.get("form_token", "")
    own = [] if is_fragment(request) else screen.opening.own if screen.opening else drafts_of(user)
    others = [draft for draft in newest_drafts(own, screen.venue, but=token) if is_booking_draft(draft)]
    facts: BookingFacts = facts_of(
        form.preview(),
        form.customers,
        venue=screen.venue,
        user=user,
        terms=form.terms,
        rang=screen.picker.chosen,
        named=guests_of_drafts(others),
    )
    focus = _focus(screen, form)
    if focus == "day":
        form.fields["day"].widget.attrs["autofocus"] = True
    elif focus == "new":
        blank = next((name for name in ("name", "kana") if not screen.new_guest.initial.get(name)), "phone")
        screen.new_guest.fields[blank].widget.attrs["autofocus"] = True
    rooms = form.rooms_in_offer(facts.taken, usual_ids(facts.usual))
    # Nothing that seats them all is free: who wants to may wait for it.
    is_full = form.stay is not None and bool(rooms) and not any(state.fits for state in rooms)
    waits = {"venue": str(screen.venue.pk), "draft": token} | form.waits_for()
    warnings = facts.warnings if screen.unconfirmed is None else screen.unconfirmed | facts.warnings
    return {
        "form": form,
        "data": data,
        "visit": visit,
        "venue": screen.venue,
        "form_url": _form_url(visit.pk if visit else None),
        "picker": screen.picker,
        "new_guest": screen.new_guest if user.has_right(Right.EDIT_GUESTS) else None,
        "found_guests": screen.found,
        "guest_query": data.get("guest_q", ""),
        "rooms": rooms,
        "waiting_url": f"{reverse('visits:waiting_create')}?{urlencode(waits)}" if is_full and visit is None else "",
        "usual": usual_ids(facts.usual),
        "facts": facts,
        "warnings": warnings,
        "accepted": data.getlist("accepted"),
        "read_back": form.read_back(tentative=screen.tentative or bool(visit and visit.tentative_until)),
        "changes": screen.changes,
        "draft": next((draft for draft in own if str(draft.pk) == token), None)
        or (VisitDraft.objects.filter(pk=token, user=user).first() if is_fragment(request) else None),
        "other_drafts": told_drafts(others, facts.named, form.room_names),
        "focus": focus,
        "naming": data.get(booking_data.NAMING, ""),
        "phone": data.get("contact_phone", ""),
    }


def _form_url(visit_id: int | None) -> str:
    """Where the screen is sent to."""
    return reverse("visits:book_change", args=[visit_id]) if visit_id else reverse("visits:book")


def _focus(screen: Screen, form: BookingForm) -> str:
    """Where the keyboard goes on after a button, or when the screen opens."""
    data = screen.data
    if screen.found:
        return "found"
    if screen.new_guest.initial and not form.errors:
        return "new"
    if data.get("name_seat") or data.get("op") == "add_companion" or data.get("remove_person"):
        return "guest"
    if not form.customers and not form.seats:
        return "guest"
    return "" if data.get("day") else "day"
