"""Where a person lands, the venue worked at, and the house's settings."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import Count, Prefetch
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from crm_project.core.accounts import services
from crm_project.core.accounts.active_venue import choose_venue
from crm_project.core.accounts.choices import StartPage
from crm_project.core.accounts.forms import (
    HouseForm,
    MembershipForm,
    NewPersonForm,
    PasswordForm,
    PersonForm,
    RoleForm,
    VenueForm,
)
from crm_project.core.accounts.guards import right_required
from crm_project.core.accounts.models import House, Membership, Role, User, Venue, as_user
from crm_project.core.accounts.screen_lock import UnlockForm, is_locked, lock_screen, unlock_screen
from crm_project.core.audit.history import history_of
from crm_project.core.problems import InputProblem
from crm_project.core.rights import Right
from crm_project.core.ui.htmx import render_page
from crm_project.core.ui.paging import numbered_page

get_or_post = require_http_methods(["GET", "POST"])
manages_house = right_required(Right.MANAGE_HOUSE)

START_URLS: dict[str, str] = {
    StartPage.TODAY: "visits:today",
    StartPage.UNANSWERED: "comments:unanswered",
    StartPage.KITCHEN: "visits:kitchen",
    StartPage.GUESTS: "customers:list",
    StartPage.DEALS: "deals:board",
    StartPage.SETTINGS: "accounts:settings",
    StartPage.DASHBOARD: "reports:dashboard",
}


def home(request: HttpRequest) -> HttpResponse:
    """Go to the start page of the person's role."""
    return redirect(START_URLS[as_user(request.user).start_page])


@require_POST
def switch_venue(request: HttpRequest) -> HttpResponse:
    """Work at another venue; back to the start page, whose list is that venue's."""
    venue_id = request.POST.get("venue", "")
    if venue_id.isdecimal():
        choose_venue(request, int(venue_id))
    return redirect("home")


@require_GET
def settings(request: HttpRequest) -> HttpResponse:
    """What this person may set up: every app adds its own entries (page "settings" of the action registry)."""
    return render_page(request, "accounts/settings.html")


@get_or_post
@manages_house
def house(request: HttpRequest) -> HttpResponse:
    """The house's name and decisions."""
    current = House.current()
    form = HouseForm(request.POST or None, instance=current)
    if form.is_valid() and _done(request, form, lambda: services.change_house(by=request.user, **_values(form))):
        return redirect("accounts:house")
    return _form_page(request, form, _("House"), history=current)


@require_GET
@manages_house
def venues(request: HttpRequest) -> HttpResponse:
    """All venues."""
    rows = Venue.objects.annotate(people=Count("memberships__user", distinct=True))
    return render_page(request, "accounts/venues.html", {"venues": rows})


@get_or_post
@manages_house
def create_venue(request: HttpRequest) -> HttpResponse:
    """Open a venue."""
    form = VenueForm(request.POST or None)
    user = as_user(request.user)
    if form.is_valid() and _done(request, form, lambda: services.create_venue(by=user, **_values(form))):
        return redirect("accounts:venues")
    return _form_page(request, form, _("New venue"))


@get_or_post
@manages_house
def venue(request: HttpRequest, pk: int) -> HttpResponse:
    """Change a venue."""
    found = get_object_or_404(Venue, pk=pk)
    form = VenueForm(request.POST or None, instance=found)
    if form.is_valid() and _done(
        request, form, lambda: services.change_venue(venue=Venue.objects.get(pk=pk), by=request.user, **_values(form))
    ):
        return redirect("accounts:venues")
    return _form_page(request, form, Venue.objects.get(pk=pk).name, history=found)


@require_GET
@manages_house
def people(request: HttpRequest) -> HttpResponse:
    """Everybody, with their roles; those without access at the end."""
    working = Membership.objects.select_related("venue", "role").order_by("venue__position", "role__position")
    rows = User.objects.people().prefetch_related(Prefetch("memberships", working))
    page = numbered_page(rows.order_by("-is_active", "kana", "pk"), request.GET.get("page", 1))
    return render_page(request, "accounts/people.html", {"page": page})


@get_or_post
@manages_house
def create_person(request: HttpRequest) -> HttpResponse:
    """Add somebody with a first password and a first role."""
    user = as_user(request.user)
    form = NewPersonForm(request.POST or None, managed=user.venues_with(Right.MANAGE_HOUSE))
    if form.is_valid() and _done(request, form, lambda: _add_person(user, form.cleaned_data)):
        return redirect("accounts:people")
    return _form_page(request, form, _("New person"))


@get_or_post
@manages_house
def person(request: HttpRequest, pk: int) -> HttpResponse:
    """One person: name, roles, access."""
    found = _person(pk)
    if request.method == "POST":
        _require_all_venues_of(found, request)
    form = PersonForm(request.POST or None, instance=found)
    if form.is_valid() and _done(
        request, form, lambda: services.change_person(user=_person(pk), by=request.user, **_values(form))
    ):
        return redirect("accounts:person", pk)
    return _person_page(request, pk, {"form": form}, status=422 if form.is_bound else 200)


@require_POST
@manages_house
def add_role(request: HttpRequest, pk: int) -> HttpResponse:
    """Let somebody work at one of the venues this administrator manages."""
    found, managed = _person(pk), as_user(request.user).venues_with(Right.MANAGE_HOUSE)
    form = MembershipForm(request.POST, managed=managed)
    if form.is_valid() and _done(
        request, form, lambda: services.assign_role(user=found, by=request.user, **form.cleaned_data)
    ):
        return redirect("accounts:person", pk)
    return _person_page(request, pk, {"role_form": form}, status=422)


@require_POST
@manages_house
def remove_role(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a role away, at one of the venues this administrator manages."""
    membership = get_object_or_404(Membership.objects.select_related("user", "venue", "role"), pk=pk)
    if not as_user(request.user).has_right(Right.MANAGE_HOUSE, membership.venue_id):
        raise PermissionDenied
    _done(request, None, lambda: services.remove_role(membership=membership, by=request.user))
    return redirect("accounts:person", membership.user_id)


@require_POST
@manages_house
def set_access(request: HttpRequest, pk: int) -> HttpResponse:
    """Close or open somebody's access."""
    found = _person(pk)
    _require_all_venues_of(found, request)
    change = services.reactivate_person if request.POST.get("access") == "open" else services.deactivate_person
    _done(request, None, lambda: change(user=found, by=request.user))
    return redirect("accounts:person", pk)


@get_or_post
@manages_house
def password(request: HttpRequest, pk: int) -> HttpResponse:
    """Give somebody a new initial password."""
    found = _person(pk)
    _require_all_venues_of(found, request)
    form = PasswordForm(request.POST or None)
    if form.is_valid() and _done(
        request, form, lambda: services.set_initial_password(user=found, by=request.user, **form.cleaned_data)
    ):
        return redirect("accounts:person", pk)
    return _form_page(request, form, str(found))


@require_GET
@manages_house
def roles(request: HttpRequest) -> HttpResponse:
    """All roles and what they may do."""
    rows = list(Role.objects.annotate(people=Count("memberships__user", distinct=True)))
    labels = dict(Right.choices)
    shown = [(role, [labels[right] for right in Right.values if right in role.rights]) for role in rows]
    return render_page(request, "accounts/roles.html", {"roles": shown})


@get_or_post
@manages_house
def create_role(request: HttpRequest) -> HttpResponse:
    """Add a role of the house's own."""
    form = RoleForm(request.POST or None)
    if form.is_valid() and _done(
        request, form, lambda: services.create_role(code=form.new_code(), by=request.user, **_values(form))
    ):
        return redirect("accounts:roles")
    return _form_page(request, form, _("New role"))


@get_or_post
@manages_house
def role(request: HttpRequest, pk: int) -> HttpResponse:
    """Change what a role is called and what it may do; read only for who does not manage every venue it counts at."""
    found = get_object_or_404(Role, pk=pk)
    may_change = as_user(request.user).has_right_everywhere(Right.MANAGE_HOUSE)
    if request.method == "POST" and not may_change:
        raise PermissionDenied
    form = RoleForm(request.POST or None, instance=found)
    if form.is_valid() and _done(
        request, form, lambda: services.change_role(role=Role.objects.get(pk=pk), by=request.user, **_values(form))
    ):
        return redirect("accounts:roles")
    return _form_page(request, form, Role.objects.get(pk=pk).name, history=found, may_change=may_change)


def _person(pk: int) -> User:
    return get_object_or_404(User.objects.people(), pk=pk)


def _require_all_venues_of(person: User, request: HttpRequest) -> None:
    """Sign-in name, address, password and access open every venue where the person works: manage them all, or 403."""
    if not services.manages_all_venues_of(as_user(request.user), person):
        raise PermissionDenied


@transaction.atomic
def _add_person(by: User, values: dict[str, Any]) -> None:
    venue, role = values.pop("venue"), values.pop("role")
    services.assign_role(user=services.create_person(by=by, **values), venue=venue, role=role, by=by)


def _values(form: forms.BaseForm) -> dict[str, Any]:
    return {name: form.cleaned_data[name] for name in form.fields}


def _done(request: HttpRequest, form: forms.BaseForm | None, change: Callable[[], object]) -> bool:
    """Do it and say so; what is refused stands at its field, or where there is no form, in a message."""
    try:
        change()
    except InputProblem as problem:
        if form is None:
            messages.error(request, str(problem))
        else:
            form.add_error(None, str(problem))
        return False
    except ValidationError as refused:
        assert form is not None
        known = {field: errors for field, errors in _by_field(refused).items() if field in form.fields}
        form.add_error(None, known or refused.messages)
        return False
    messages.success(request, _("Saved."))
    return True


def _by_field(refused: ValidationError) -> dict[str, list[ValidationError]]:
    return refused.error_dict if hasattr(refused, "error_dict") else {}


def _form_page(
    request: HttpRequest,
    form: forms.BaseForm,
    title: str,
    history: House | Venue | Role | None = None,
    may_change: bool = True,
) -> HttpResponse:
    for field in form.fields.values():
        field.disabled = not may_change
    context = {
        "form": form,
        "title": title,
        "history": history_of(history) if history is not None else None,
        "may_change": may_change,
    }
    return render_page(request, "accounts/form.html", context, status=422 if form.is_bound else 200)


def _person_page(request: HttpRequest, pk: int, given: dict[str, Any], status: int) -> HttpResponse:
    found, managed = _person(pk), as_user(request.user).venues_with(Right.MANAGE_HOUSE)
    context = {
        "person": found,
        "form": PersonForm(instance=found),
        "role_form": MembershipForm(managed=managed),
        "memberships": found.memberships.select_related("venue", "role").order_by("venue__position", "role__position"),
        "managed": managed,
        "is_managed": services.manages_all_venues_of(as_user(request.user), found),
        "history": history_of(found),
    }
    return render_page(request, "accounts/person.html", context | given, status=status)


@get_or_post
def lock(request: HttpRequest) -> HttpResponse:
    """Lock the screen, and open it again with one's own password."""
    user = as_user(request.user)
    if request.method == "POST" and not is_locked(request):
        lock_screen(request, page=request.POST.get("next", ""))
        return redirect("lock")
    if not is_locked(request):
        return redirect("home")
    form = UnlockForm(request.POST if "password" in request.POST else None, request=request, user=user)
    if form.is_bound and form.is_valid():
        return redirect(unlock_screen(request))
    context = {"form": form, "is_locked": True}
    return render_page(request, "accounts/lock.html", context, status=422 if form.is_bound else 200)
