"""Where banquets stand on other pages: the menu, the cards of guests and companies, the settings."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from crm_project.core.accounts.models import User, as_user
from crm_project.core.audit.scopes import register_scope
from crm_project.core.rights import Right
from crm_project.core.sealed import register_sealed
from crm_project.core.ui.registry import register_action, register_nav, register_panel
from customers.coming import Coming, register_coming
from customers.models import Company, Customer
from deals.choices import Stage
from deals.models import Deal
from deals.queries import quiet_since, stage_words
from deals.story import address_of

PANEL_LENGTH = 5
COMING_SHOWN = 5


def deals_of(request: HttpRequest, subject: Customer | Company) -> Mapping[str, Any] | None:
    """The newest inquiries of a guest or company; None for those who may not see banquets."""
    user = as_user(request.user)
    if not user.has_right(Right.VIEW_DEALS):
        return None
    about = {"customer": subject} if isinstance(subject, Customer) else {"company": subject}
    found = (
        Deal.objects.visible_to(user).filter(**about).select_related("owner", "venue").order_by("-created_at", "-pk")
    )
    return {
        "deals": list(found[:PANEL_LENGTH]),
        "stage_words": stage_words(),
        "quiet_since": quiet_since(timezone.now()),
        "new_url": _new_inquiry(subject) if user.has_right(Right.EDIT_DEALS) else "",
    }


def _new_inquiry(subject: Any) -> str:
    return f"{reverse('deals:create')}?{subject._meta.model_name}={subject.pk}"


def audited_deals(user: Any) -> QuerySet[Deal] | None:
    """Inquiries whose trail the person may read; None for all."""
    if user.has_right_everywhere(Right.VIEW_AUDIT):
        return None
    return Deal.objects.filter(venue__in=user.venues_with(Right.VIEW_AUDIT))


def events_ahead(user: User, customer: Customer, today: date) -> list[Coming]:
    """Banquets that are not lost and lie ahead."""
    deals = (
        Deal.objects.visible_to(user)
        .filter(customer=customer, event_date__gte=today)
        .exclude(stage=Stage.LOST)
        .order_by("event_date")[:COMING_SHOWN]
    )
    return [Coming(deal.event_date, deal.title, address_of(deal)) for deal in deals if deal.event_date]


def register() -> None:
    """Called once, when the app is ready."""
    register_scope("deals.deal", audited_deals)
    register_coming(key="banquets", order=20, find=events_ahead)
    register_sealed(
        "deals.deal",
        lambda user: Deal.objects.filter(customer__in=Customer.objects.sealed_from(user).values("pk")).values("pk"),
        has_threads=True,
    )
    register_nav(
        key="deals",
        label=_("Banquets"),
        url_name="deals:board",
        icon="banquet",
        order=50,
        visible=lambda user: user.has_right(Right.VIEW_DEALS),
    )
    for page in ("customer", "company"):
        register_panel(page, key="deals", order=60, template="deals/_panel.html", context=deals_of)
    register_action(
        "customer",
        key="new_inquiry",
        order=40,
        label=_("New inquiry"),
        icon="banquet",
        url=_new_inquiry,
        visible=lambda user, subject: user.has_right(Right.EDIT_DEALS),
    )
    register_action(
        "settings",
        key="stages",
        order=50,
        label=_("Banquet stages"),
        icon="banquet",
        url=lambda subject: reverse("deals:stages"),
        visible=lambda user, subject: user.has_right(Right.MANAGE_HOUSE),
    )
