"""What the house's settings and lists around bookings add to the menu, to the settings, to visits and to the guest's card."""

from collections.abc import Mapping
from functools import partial
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from crm_project.core.accounts.models import User, as_user
from crm_project.core.audit.scopes import register_scope
from crm_project.core.rights import Right
from crm_project.core.ui.registry import register_action, register_nav, register_panel
from customers.models import Customer
from visits.booking_warnings import no_shows
from visits.day import today_of
from visits.follow_up_list import closing_venues, follow_ups_of, tasks_of, with_guests
from visits.models import FollowUp, Visit, WaitingParty
from visits.occasions import bookings_of, occasions_for, totals_of


def follows_up(user: Any) -> bool:
    """Whether the person does what the house wants done about bookings."""
    return bool(user.has_right(Right.LOG_VISITS) or user.has_right(Right.TAKE_BOOKINGS))


def follow_ups_of_visit(request: HttpRequest, visit: Visit) -> Mapping[str, Any] | None:
    """What follows the visit, done or not; None where there is nothing, or for who does no such things there."""
    user = as_user(request.user)
    if visit.venue_id not in closing_venues(user):
        return None
    tasks = tasks_of(follow_ups_of(visit, user), user, today_of(visit.venue))
    return {"tasks": tasks} if tasks else None


def follow_ups_of_guest(request: HttpRequest, customer: Customer) -> Mapping[str, Any] | None:
    """What is still to be done about the guest's bookings and evenings."""
    user = as_user(request.user)
    if not follows_up(user):
        return None
    rows = FollowUp.objects.visible_to(user).still_open().filter(visit__venue__in=closing_venues(user))
    found = list(with_guests(rows.filter(visit__attendances__customer=customer), user))
    tasks = tasks_of(found, user, today_of(found[0].visit.venue)) if found else []
    return {"tasks": tasks} if tasks else None


def no_shows_of_guest(request: HttpRequest, customer: Customer) -> Mapping[str, Any] | None:
    """How often the guest did not come without a word, for who takes or records bookings."""
    count = no_shows([customer.pk], as_user(request.user)).get(customer.pk, 0)
    return {"no_shows": count} if count else None


def occasion_of_visit(request: HttpRequest, visit: Visit) -> Mapping[str, Any] | None:
    """The occasion the booking belongs to, with its totals; else where one is begun, for who books."""
    user = as_user(request.user)
    if visit.occasion is None:
        return {"occasion": None} if visit.venue_id in closing_venues(user) else None
    return {"occasion": visit.occasion, "totals": totals_of(bookings_of(visit.occasion, user))}


def audited_waiting(user: User) -> Any:
    """Waiting parties whose trail the person may read."""
    return WaitingParty.objects.visible_to(user)


def _address(name: str, subject: object) -> str:
    return reverse(f"visits:{name}")


def register() -> None:
    """Called once, when the app is ready."""
    register_scope("visits.waitingparty", audited_waiting)
    register_scope("visits.occasion", occasions_for)
    register_nav(
        key="waiting",
        label=_("Waiting list"),
        url_name="visits:waiting",
        icon="clock",
        order=26,
        visible=lambda user: user.has_right(Right.TAKE_BOOKINGS),
    )
    register_nav(
        key="follow_ups",
        label=_("Follow-ups"),
        url_name="visits:follow_ups",
        icon="thanks",
        order=32,
        visible=follows_up,
    )
    register_panel(
        "visit_side",
        key="follow_ups",
        order=10,
        template="visits/_follow_ups_panel.html",
        context=follow_ups_of_visit,
    )
    register_panel("visit_side", key="occasion", order=20, template="visits/_occasion.html", context=occasion_of_visit)
    register_panel("customer", key="no_shows", order=5, template="visits/_no_shows.html", context=no_shows_of_guest)
    register_panel(
        "customer_side",
        key="follow_ups",
        order=42,
        template="visits/_follow_ups_panel.html",
        context=follow_ups_of_guest,
    )
    for key, order, label, icon in (
        ("rooms", 42, _("Rooms"), "room"),
        ("terms", 43, _("Terms of booking"), "clock"),
        ("evening_terms", 47, _("Evening and emergency"), "alert"),
        ("closed_days", 44, _("Closed days"), "calendar"),
        ("sources", 45, _("Sources of bookings"), "phone"),
        ("rules", 46, _("Follow-up rules"), "thanks"),
    ):
        register_action(
            "settings",
            key=key,
            order=order,
            label=label,
            icon=icon,
            url=partial(_address, key),
            visible=lambda user, subject: user.has_right(Right.MANAGE_HOUSE),
        )
