"""What accounting adds to the menu and to the guest's card."""

from collections.abc import Mapping
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from crm_project.core.accounts.models import as_user
from crm_project.core.audit.scopes import register_scope
from crm_project.core.rights import Right
from crm_project.core.ui.registry import register_nav, register_panel
from customers.models import Customer
from integrations.models import ActualDocument, Source

BILLS_SHOWN = 8


def bills_of(request: HttpRequest, customer: Customer) -> Mapping[str, Any] | None:
    """The newest documents of a guest; None for those who may see no money, and where there is none."""
    user = as_user(request.user)
    if not user.has_right(Right.VIEW_MONEY):
        return None
    bills = (
        ActualDocument.objects.posted()
        .money_visible_to(user)
        .filter(customer=customer)
        .select_related("venue")
        .order_by("-posting_date", "-pk")
    )
    shown = list(bills[: BILLS_SHOWN + 1])
    return {"bills": shown[:BILLS_SHOWN], "has_more_bills": len(shown) > BILLS_SHOWN} if shown else None


def audited_sources(user: Any) -> QuerySet[Source] | None:
    """Sources whose trail, with the totals of their pulls, the person may read; None for all."""
    if user.has_right_everywhere(Right.VIEW_AUDIT):
        return None
    return Source.objects.filter(default_venue__in=user.venues_with(Right.VIEW_AUDIT))


def register() -> None:
    """Called once, when the app is ready."""
    register_scope("integrations.source", audited_sources)
    register_nav(
        key="accounting",
        label=_("Accounting"),
        url_name="integrations:sources",
        icon="yen",
        order=80,
        visible=lambda user: user.has_right(Right.MANAGE_SOURCES),
    )
    register_panel("customer", key="bills", order=50, template="sources/_bills.html", context=bills_of)
