"""What the visits add to the menu, to the settings and to the guest's card."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any
from urllib.parse import urlencode

from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from crm_project.core.accounts.models import User, as_user
from crm_project.core.audit.scopes import register_scope
from crm_project.core.comments.retelling import register_retelling
from crm_project.core.rights import Right
from crm_project.core.sealed import register_sealed
from crm_project.core.ui.registry import place_pages, register_action, register_nav, register_panel
from customers.coming import Coming, register_coming, register_interval
from customers.models import Customer
from customers.whereabouts import register_seats
from visits.choices import EXPECTED, HOLDS_THE_ROOM
from visits.day import today_of
from visits.models import Note, Promise, Visit
from visits.queries import last_gifts, open_promises, recently_served, standing_notes, usual_interval
from visits.room_search import seats_in
from visits.story import retell_note, table_line

COMING_SHOWN = 5


def works_somewhere(user: Any) -> bool:
    """Whether the person works at a venue at all."""
    return bool(user.rights_by_venue)


def this_evening(request: HttpRequest, customer: Customer) -> Mapping[str, Any] | None:
    """The guest's next visit at one's venues that is not yet recorded, from today on."""
    user = as_user(request.user)
    visit = (
        Visit.objects.visible_to(user)
        .filter(attendances__customer=customer, status__in=HOLDS_THE_ROOM)
        .filter(starts_at__gte=timezone.now() - timedelta(days=1))
        .select_related("venue", "room", "course", "staff")
        .order_by("starts_at")
        .first()
    )
    if visit is None or visit.business_date < today_of(visit.venue):
        return None
    return {
        "visit": visit,
        "is_today": visit.business_date == today_of(visit.venue),
        "can_log": user.has_right(Right.LOG_VISITS, visit.venue_id),
    }


def reservations_ahead(user: User, customer: Customer, today: date) -> list[Coming]:
    """Reservations at one's venues that lie ahead."""
    visits = (
        Visit.objects.visible_to(user)
        .filter(attendances__customer=customer, status__in=EXPECTED, business_date__gt=today)
        .select_related("room")
        .order_by("starts_at")[:COMING_SHOWN]
    )
    return [
        Coming(
            visit.business_date,
            f"{visit.get_purpose_display()} {table_line(visit)}",
            reverse("visits:detail", args=[visit.pk]),
        )
        for visit in visits
    ]


def before_serving(request: HttpRequest, customer: Customer) -> Mapping[str, Any] | None:
    """What was served lately, for everybody; standing wishes and open promises for who reads check sheets."""
    user = as_user(request.user)
    served = recently_served(customer, user=user, before=timezone.now())
    notes = standing_notes([customer.pk], user).get(customer.pk, [])
    promises = open_promises([customer.pk], user).get(customer.pk, [])
    gift = last_gifts([customer.pk], user, timezone.now()).get(customer.pk)
    if not (served or notes or promises or gift):
        return None
    return {
        "served": served,
        "standing": notes,
        "promises": promises,
        "gift": gift,
        "may_write": user.has_right(Right.LOG_VISITS),
    }


def promises_panel(request: HttpRequest, customer: Customer) -> Mapping[str, Any] | None:
    """Open promises, and where a new one is written; None for who reads no check sheets."""
    user = as_user(request.user)
    if not user.has_right(Right.VIEW_NOTES):
        return None
    promises = open_promises([customer.pk], user).get(customer.pk, [])
    may_write = user.has_right(Right.LOG_VISITS)
    return {"promises": promises, "may_write": may_write} if promises or may_write else None


SETTINGS_PAGES = (
    *("categories", "category_create", "category", "evening_terms", "terms"),
    *("rooms", "room_create", "room", "sources", "source_create", "source", "rules", "rule_create", "rule"),
    *("closed_days", "closed_day_create", "closed_day"),
)
BOOKING_PAGES = ("occasion", "occasion_change", "occasion_choose")


def audited_visits(user: Any) -> QuerySet[Visit] | None:
    """Visits whose trail the person may read; None for all."""
    if user.has_right_everywhere(Right.VIEW_AUDIT):
        return None
    return Visit.objects.filter(venue__in=user.venues_with(Right.VIEW_AUDIT))


def audited_notes(user: Any) -> QuerySet[Note] | None:
    """Notes of those visits."""
    visits = audited_visits(user)
    return None if visits is None else Note.objects.filter(visit__in=visits)


def register() -> None:
    """Called once, when the app is ready."""
    register_scope("visits.visit", audited_visits)
    register_retelling("visits.note", retell_note)
    register_scope("visits.note", audited_notes)
    register_seats(key="rooms", order=10, find=seats_in)
    register_sealed("visits.visit", lambda user: Visit.objects.sealed_from(user).values("pk"))
    register_sealed(
        "visits.note",
        lambda user: Note.objects.filter(visit__in=Visit.objects.sealed_from(user).values("pk")).values("pk"),
        has_threads=True,
    )
    register_nav(
        key="today",
        label=_("Today"),
        url_name="visits:today",
        icon="calendar",
        order=10,
        visible=works_somewhere,
        on_phone=True,
    )
    register_nav(
        key="kitchen",
        label=_("Kitchen"),
        url_name="visits:kitchen",
        icon="dish",
        # Behind the answers: the tab bar of who records visits has no room for it, that of the kitchen has.
        order=63,
        visible=works_somewhere,
        on_phone=True,
    )
    register_nav(
        key="bookings",
        label=pgettext_lazy("list", "Bookings"),
        url_name="visits:bookings",
        icon="phone",
        order=25,
        visible=works_somewhere,
        on_phone=True,
    )
    register_nav(
        key="log",
        label=_("Record a visit"),
        url_name="visits:log",
        icon="pencil",
        order=30,
        visible=lambda user: user.has_right(Right.LOG_VISITS),
        on_phone=True,
        phone_label=pgettext_lazy("tab bar", "Record"),
    )
    place_pages("settings", (f"visits:{name}" for name in SETTINGS_PAGES))
    place_pages("bookings", (f"visits:{name}" for name in BOOKING_PAGES))
    register_action(
        "settings",
        key="check_sheet",
        order=50,
        label=_("Check sheet"),
        icon="pencil",
        url=lambda subject: reverse("visits:categories"),
        visible=lambda user, subject: user.has_right(Right.MANAGE_HOUSE),
    )
    register_action(
        "customer",
        key="log",
        order=10,
        label=_("Record a visit"),
        icon="pencil",
        primary=True,
        url=lambda customer: f"{reverse('visits:log')}?customer={customer.pk}",
        visible=lambda user, customer: user.has_right(Right.LOG_VISITS),
    )
    register_action(
        "customer",
        key="book",
        order=15,
        label=_("Take a booking"),
        icon="phone",
        url=lambda customer: f"{reverse('visits:book')}?customer={customer.pk}",
        visible=lambda user, customer: user.has_right(Right.TAKE_BOOKINGS),
    )
    register_action(
        "caller",
        key="book",
        order=10,
        label=_("Take a booking"),
        icon="phone",
        url=lambda phone: f"{reverse('visits:book')}?{urlencode({'phone': phone})}",
        visible=lambda user, phone: user.has_right(Right.TAKE_BOOKINGS),
    )
    register_interval(usual_interval)
    register_coming(key="reservations", order=10, find=reservations_ahead)
    register_panel("customer", key="this_evening", order=10, template="visits/_evening.html", context=this_evening)
    register_panel("customer_side", key="promises", order=45, template="visits/_promises.html", context=promises_panel)
    register_sealed("visits.promise", lambda user: Promise.objects.sealed_from(user).values("pk"))
    register_panel("customer", key="before_serving", order=15, template="visits/_served.html", context=before_serving)
