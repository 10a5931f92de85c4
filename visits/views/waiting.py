"""The waiting list (キャンセル待ち): who waits for which day, whether something fits now, booked or given up in one tap."""

from collections.abc import Callable
from datetime import date, time
from itertools import groupby
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_date, parse_time
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from crm_project.core.accounts.active_venue import active_venue, venues_of
from crm_project.core.accounts.guards import right_required
from crm_project.core.accounts.models import Venue, as_user
from crm_project.core.problems import InputProblem
from crm_project.core.rights import Right
from crm_project.core.ui.htmx import is_fragment, render_page
from crm_project.core.ui.paging import numbered_page
from customers.models import Customer
from customers.picker import read_picker
from visits import services
from visits.choices import WaitingState
from visits.day import today_of
from visits.models import WaitingParty
from visits.services.waiting import WaitingChangedMeanwhile
from visits.table_data import token_of, whole_number
from visits.waiting import wishes_of
from visits.waiting_forms import WaitingForm

takes_bookings = right_required(Right.TAKE_BOOKINGS)
PAGE = 50
CLOSED_SHOWN = 20
BEGINS_USUALLY = time(18)


@takes_bookings
def waiting(request: HttpRequest) -> HttpResponse:
    """Who waits, day by day from today on, or on one day; what was booked or given up is folded below."""
    return _page(request, _venue(request), _day(request.GET.get("day", "")))


@takes_bookings
def create(request: HttpRequest) -> HttpResponse:
    """Put somebody on the list."""
    user, venue = as_user(request.user), _venue(request)
    posted = request.POST if request.method == "POST" else None
    guest = whole_number(request.GET.get("customer"))
    asked = Customer.objects.visible_to(user).filter(pk=guest).first() if guest else None
    day = _day(request.GET.get("day", "")) or today_of(venue)
    begun: dict[str, Any] = {name: request.GET.get(name, "") for name in ("name", "phone", "wishes")}
    begun |= {
        "from_time": _time(request.GET.get("time", "")),
        "party_size": whole_number(request.GET.get("party")) or 2,
    }
    form = WaitingForm(posted, venue=venue, initial={"business_date": day, **begun})
    picker = read_picker(posted, user=user, required=False, initial=asked)

    def save(**values: Any) -> WaitingParty:
        party = services.add_waiting(by=user, venue=venue, **values)
        if (draft := token_of(request.GET.get("draft", ""))) is not None:
            # They could have no table: the booking that was begun has become this.
            services.discard_draft(by=user, form_token=draft)
        return party

    return _form(request, form, picker, venue, save)


@takes_bookings
def change(request: HttpRequest, pk: int) -> HttpResponse:
    """Change what a party waits for."""
    user, found = as_user(request.user), _found(request, pk)
    posted = request.POST if request.method == "POST" else None
    names = ("business_date", "from_time", "until_time", "party_size", "name", "phone", "room", "wishes", "version")
    form = WaitingForm(posted, venue=found.venue, initial={name: getattr(found, name) for name in names})
    picker = read_picker(posted, user=user, required=False, initial=found.customer)

    def save(**values: Any) -> WaitingParty:
        version = form.cleaned_data["version"] or 0
        return services.change_waiting(waiting=found, by=user, version=version, **values)

    return _form(request, form, picker, found.venue, save, party=found)


@takes_bookings
@require_POST
def give_up(request: HttpRequest, pk: int) -> HttpResponse:
    """The party does not wait any more; taken back below the list."""
    return _move(request, pk, services.give_up_waiting)


@takes_bookings
@require_POST
def again(request: HttpRequest, pk: int) -> HttpResponse:
    """The party waits after all."""
    return _move(request, pk, services.wait_again)


def _move(request: HttpRequest, pk: int, verb: Callable[..., WaitingParty]) -> HttpResponse:
    party = _found(request, pk)
    try:
        verb(waiting=party, by=as_user(request.user))
    except InputProblem as problem:
        messages.warning(request, str(problem))
    day = _day(request.POST.get("day", ""))
    if is_fragment(request):
        return _page(request, party.venue, day)
    return redirect(_address(day))


def _form(
    request: HttpRequest,
    form: WaitingForm,
    picker: Any,
    venue: Venue,
    save: Callable[..., WaitingParty],
    party: WaitingParty | None = None,
) -> HttpResponse:
    user = as_user(request.user)
    if request.method == "POST" and form.is_valid() and picker.is_valid():
        try:
            saved = save(customer=picker.save(by=user, venue=venue), **form.values())
        except WaitingChangedMeanwhile as conflict:
            form.add_error(None, str(conflict))
            party = WaitingParty.objects.select_related("customer", "room").get(pk=party.pk) if party else None
            data: Any = form.data.copy()  # type: ignore[attr-defined]
            data["version"] = str(party.version if party else "")
            form.data = data
        except InputProblem as problem:
            form.add_error(None, str(problem))
        else:
            messages.success(request, _("Saved."))
            return redirect(_address(saved.business_date))
    context = {"form": form, "picker": picker, "venue": venue, "party": party, "back": _address(None)}
    refused = request.method == "POST"
    return render_page(request, "visits/waiting_form.html", context, status=422 if refused else 200)


def _page(request: HttpRequest, venue: Venue, day: date | None) -> HttpResponse:
    user = as_user(request.user)
    today = today_of(venue)
    parties = (
        WaitingParty.objects.visible_to(user)
        .filter(venue=venue, business_date__gte=today)
        .select_related("customer__company", "room", "taken_by", "closed_by")
    )
    if day is not None:
        parties = parties.filter(business_date=day)
    page = numbered_page(parties.still_waiting(), request.GET.get("page"), size=PAGE)
    wishes = wishes_of(venue, page.rows)
    context = {
        "venue": venue,
        "day": day,
        "page": page,
        "days": [(on, list(rows)) for on, rows in groupby(wishes, key=lambda wish: wish.party.business_date)],
        "fitting": sum(wish.offer is not None for wish in wishes),
        "closed": list(parties.exclude(state=WaitingState.WAITING).order_by("-closed_at")[:CLOSED_SHOWN]),
    }
    with timezone.override(venue.zone):
        return render_page(request, "visits/waiting.html", context, fragment="waiting")


def _venue(request: HttpRequest) -> Venue:
    """The venue that is asked for, else the one the person works at, where bookings may be taken there; else the first."""
    allowed = as_user(request.user).venues_with(Right.TAKE_BOOKINGS)
    asked = whole_number(request.GET.get("venue"))
    active = next((venue for venue in venues_of(request) if venue.pk == asked), None) or active_venue(request)
    if active is not None and active.pk in allowed:
        return active
    return next(venue for venue in venues_of(request) if venue.pk in allowed)


def _found(request: HttpRequest, pk: int) -> WaitingParty:
    user = as_user(request.user)
    rows = WaitingParty.objects.visible_to(user).filter(venue__in=user.venues_with(Right.TAKE_BOOKINGS))
    return get_object_or_404(rows.select_related("venue", "customer", "room"), pk=pk)


def _day(written: str) -> date | None:
    try:
        return parse_date(written)
    except ValueError:
        return None


def _time(written: str) -> str:
    """An hour of the day as the field shows it; six in the evening where none was named."""
    try:
        return f"{parse_time(written) or BEGINS_USUALLY:%H:%M}"
    except ValueError:
        return f"{BEGINS_USUALLY:%H:%M}"


def _address(day: date | None) -> str:
    return reverse("visits:waiting") + (f"?day={day:%Y-%m-%d}" if day else "")
