"""Settings of a venue: rooms, terms of booking, closed days, sources of bookings, follow-up rules."""

from collections.abc import Callable
from datetime import date
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import Prefetch
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext
from django.views.decorators.http import require_POST

from crm_project.core.accounts.active_venue import active_venue, venues_of
from crm_project.core.accounts.guards import right_required
from crm_project.core.accounts.models import Venue, as_user
from crm_project.core.audit.history import history_of, in_words_of
from crm_project.core.audit.services import snapshot
from crm_project.core.problems import InputProblem
from crm_project.core.rights import Right
from crm_project.core.ui.htmx import render_page
from visits import services
from visits.day import today_of
from visits.evening_forms import EveningTermsForm
from visits.models import BookingSource, ClosedDay, EveningTerms, FollowUpRule, Room, RoomPart
from visits.refusals import SettingChangedMeanwhile
from visits.services.house import bookings_on, crowded_ahead
from visits.setting_forms import ClosedDayForm, RoomForm, RuleForm, SettingForm, SourceForm, TermsForm
from visits.table_data import whole_number
from visits.terms import terms_of

manages_house = right_required(Right.MANAGE_HOUSE)


@manages_house
def rooms(request: HttpRequest) -> HttpResponse:
    """The rooms of a venue, those not in use at the end."""
    venue = _venue(request)
    parts = Prefetch("parts", RoomPart.objects.select_related("room").order_by("room__position", "room_id"))
    rows = venue.rooms.prefetch_related(parts).order_by("-is_active", "position", "pk")
    return _list(request, "visits/rooms.html", venue, {"rooms": rows})


@manages_house
def create_room(request: HttpRequest) -> HttpResponse:
    """A new room, or a joined one."""
    venue = _venue(request)
    last = venue.rooms.order_by("position").last()
    blank = Room(venue=venue, seating="", view="", position=last.position + 1 if last else 0)
    form = RoomForm(request.POST or None, instance=blank, venue=venue)
    return _form(request, form, _("New room"), "visits:rooms", venue, services.create_room, venue=venue)


@manages_house
def room(request: HttpRequest, pk: int) -> HttpResponse:
    """Change a room; what bookings ahead have of it is taken anew, or the change is refused."""
    found = _managed(request, Room, pk)
    form = RoomForm(request.POST or None, instance=_again(found), venue=found.venue)

    def change(**values: Any) -> None:
        changed = services.change_room(room=found, **values)
        crowded = crowded_ahead(changed)
        if crowded:
            told = ngettext(
                "%(count)s booking ahead has more guests than %(room)s has seats.",
                "%(count)s bookings ahead have more guests than %(room)s has seats.",
                crowded,
            )
            messages.warning(request, told % {"count": crowded, "room": changed})

    return _form(request, form, found.name, "visits:rooms", found.venue, change, row=found)


@manages_house
def terms(request: HttpRequest) -> HttpResponse:
    """How long one stays, when the venue is closed every week, what a cancellation costs."""
    venue = _venue(request)
    row = terms_of(venue)
    fees = list(venue.cancellation_terms.all())
    form = TermsForm(request.POST or None, instance=terms_of(venue), fees=fees)
    return _form(
        request,
        form,
        _("Terms of booking"),
        "visits:terms",
        venue,
        services.change_terms,
        row=row,
        template="visits/terms_form.html",
        venue=venue,
    )


@manages_house
def evening_terms(request: HttpRequest) -> HttpResponse:
    """By when allergies are asked, how long no dish comes twice, whom one calls in an emergency."""
    venue = _venue(request)
    row = EveningTerms.objects.filter(venue=venue).first() or EveningTerms(venue=venue)
    if request.method == "POST":
        row, _made = EveningTerms.objects.get_or_create(venue=venue)
    form = EveningTermsForm(request.POST or None, instance=_again(row) if row.pk else row)
    title = _("Evening and emergency")
    return _form(request, form, title, "visits:terms", venue, services.change_evening_terms, row=row, venue=venue)


@manages_house
def closed_days(request: HttpRequest) -> HttpResponse:
    """The closed days of a year, with the bookings that stand on them all the same."""
    venue = _venue(request)
    today = today_of(venue)
    year = whole_number(request.GET.get("year"))
    shown = year if year is not None and 1 < year < 9999 else today.year
    days = list(venue.closed_days.filter(on__range=(date(shown, 1, 1), date(shown, 12, 31))))
    booked = bookings_on(venue, [day.on for day in days if not day.is_open and day.on >= today])
    context = {
        "year": shown,
        "days": [(day, booked.get(day.on, 0)) for day in days],
        "weekdays": [WEEKDAYS[number] for number in sorted(terms_of(venue).closed_weekdays)],
    }
    return _list(request, "visits/closed_days.html", venue, context)


@manages_house
def create_closed_day(request: HttpRequest) -> HttpResponse:
    """Close the venue on one more day; bookings on it are told."""
    venue = _venue(request)
    form = ClosedDayForm(request.POST or None, instance=ClosedDay(venue=venue))

    def create(**values: Any) -> None:
        _tell_of_bookings(request, services.create_closed_day(**values))

    return _form(request, form, _("New closed day"), "visits:closed_days", venue, create, venue=venue)


@manages_house
def closed_day(request: HttpRequest, pk: int) -> HttpResponse:
    """Change a closed day."""
    found = _managed(request, ClosedDay, pk)
    form = ClosedDayForm(request.POST or None, instance=_again(found))

    def change(**values: Any) -> None:
        _tell_of_bookings(request, services.change_closed_day(closed_day=found, **values))

    return _form(request, form, _("Closed day"), "visits:closed_days", found.venue, change, row=found)


@manages_house
@require_POST
def remove_closed_day(request: HttpRequest, pk: int) -> HttpResponse:
    """The day is like every other one again."""
    found = _managed(request, ClosedDay, pk)
    services.remove_closed_day(closed_day=found, by=as_user(request.user))
    messages.success(request, _("Saved."))
    return redirect(f"{_back('visits:closed_days', found.venue)}&year={found.on.year}")


def _tell_of_bookings(request: HttpRequest, day: ClosedDay) -> None:
    booked = 0 if day.is_open else bookings_on(day.venue, [day.on]).get(day.on, 0)
    if booked:
        told = ngettext(
            "%(count)s booking stands on that day: ring the guest.",
            "%(count)s bookings stand on that day: ring the guests.",
            booked,
        )
        messages.warning(request, told % {"count": booked})


@manages_house
def sources(request: HttpRequest) -> HttpResponse:
    """Where bookings come from; the same for every venue."""
    rows = BookingSource.objects.order_by("-is_active", "position", "pk")
    return render_page(request, "visits/sources.html", {"sources": rows})


@manages_house
def create_source(request: HttpRequest) -> HttpResponse:
    """One more source."""
    blank = BookingSource(position=BookingSource.objects.count())
    form = SourceForm(request.POST or None, instance=blank)
    return _form(request, form, pgettext("booking", "New source"), "visits:sources", None, services.create_source)


@manages_house
def source(request: HttpRequest, pk: int) -> HttpResponse:
    """Change a source."""
    found = get_object_or_404(BookingSource, pk=pk)
    form = SourceForm(request.POST or None, instance=_again(found))

    def change(**values: Any) -> None:
        services.change_source(source=found, **values)

    return _form(request, form, found.name, "visits:sources", None, change, row=found)


@manages_house
def rules(request: HttpRequest) -> HttpResponse:
    """What the venue does before and after an evening."""
    venue = _venue(request)
    rows = venue.follow_up_rules.order_by("-is_active", "-moment", "days", "pk")
    return _list(request, "visits/rules.html", venue, {"rules": rows})


@manages_house
def create_rule(request: HttpRequest) -> HttpResponse:
    """One more rule."""
    venue = _venue(request)
    form = RuleForm(request.POST or None, instance=FollowUpRule(venue=venue))
    return _form(request, form, _("New rule"), "visits:rules", venue, services.create_rule, venue=venue)


@manages_house
def rule(request: HttpRequest, pk: int) -> HttpResponse:
    """Change a rule; what it planned and is not yet done follows."""
    found = _managed(request, FollowUpRule, pk)
    form = RuleForm(request.POST or None, instance=_again(found))

    def change(**values: Any) -> None:
        services.change_rule(rule=found, **values)

    return _form(request, form, found.name, "visits:rules", found.venue, change, row=found)


def _managed_venues(request: HttpRequest) -> list[Venue]:
    managed = as_user(request.user).venues_with(Right.MANAGE_HOUSE)
    return [venue for venue in venues_of(request) if venue.pk in managed]


def _venue(request: HttpRequest) -> Venue:
    """The venue the address names, else the one the person works at, else the first one the person manages."""
    managed = {venue.pk: venue for venue in _managed_venues(request)}
    asked = request.GET.get("venue", "")
    if asked:
        found = managed.get(whole_number(asked) or 0)
        if found is None:
            raise Http404
        return found
    active = active_venue(request)
    return managed[active.pk] if active is not None and active.pk in managed else next(iter(managed.values()))


def _managed(request: HttpRequest, model: Any, pk: int) -> Any:
    managed = as_user(request.user).venues_with(Right.MANAGE_HOUSE)
    return get_object_or_404(model.objects.select_related("venue").filter(venue__in=managed), pk=pk)


def _again(row: Any) -> Any:
    """The row once more: a form writes into its own."""
    return type(row).objects.get(pk=row.pk)


def _back(name: str, venue: Venue | None) -> str:
    return f"{reverse(name)}?venue={venue.pk}" if venue is not None else reverse(name)


def _list(request: HttpRequest, template: str, venue: Venue, context: dict[str, Any]) -> HttpResponse:
    managed = _managed_venues(request)
    return render_page(request, template, {"venue": venue, "managed": managed if len(managed) > 1 else []} | context)


def _form(
    request: HttpRequest,
    form: SettingForm,
    title: str,
    back: str,
    of: Venue | None,
    save: Callable[..., object],
    *,
    row: Any = None,
    template: str = "visits/setting_form.html",
    **known: Any,
) -> HttpResponse:
    """The page of a form: save and go back, or say at its field what is wrong, or what somebody else wrote meanwhile."""
    standing: list[tuple[str, str]] = []
    if request.method == "POST" and form.is_valid():
        try:
            save(by=as_user(request.user), **form.values(), **known)
        except SettingChangedMeanwhile as conflict:
            form.add_error(None, str(conflict))
            standing = _standing(form, row)
        except InputProblem as problem:
            form.add_error(None, str(problem))
        except ValidationError as refused:
            form.add_error(None, _known(refused, form))
        else:
            messages.success(request, _("Saved."))
            return redirect(_back(back, of))
    context = {
        "form": form,
        "title": title,
        "back": _back(back, of) if back != "visits:terms" else reverse("accounts:settings"),
        "venue": of,
        "managed": _managed_venues(request) if back == "visits:terms" else [],
        "standing": standing,
        "history": history_of(row) if row is not None and row.pk is not None else None,
    }
    return render_page(request, template, context, status=422 if form.is_bound else 200)


def _known(refused: ValidationError, form: SettingForm) -> Any:
    """The service's words beside their fields, or on top where the form has no such field."""
    by_field: dict[str, Any] = refused.error_dict if hasattr(refused, "error_dict") else {}
    known = {field: errors for field, errors in by_field.items() if field in form.fields}
    return known if known and len(known) == len(by_field) else refused.messages


def _standing(form: SettingForm, row: Any) -> list[tuple[str, str]]:
    """What stands now where it differs from what was typed: (label, words). Sending the form again writes over it."""
    now = _again(row)
    names = [name for name in form._meta.fields or () if name != "parts"]
    typed, stands = snapshot(form.instance, names), snapshot(now, names)
    found = [in_words_of(type(row), name, stands[name]) for name in names if typed[name] != stands[name]]
    data: Any = form.data.copy()  # type: ignore[attr-defined]
    data["version"] = str(now.version)
    form.data = data
    return found
