"""What keeping apart adds to cards, firms' pages and settings: absent for who does not hold the right."""

from functools import partial
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from crm_project.core.accounts.models import as_user
from crm_project.core.audit.scopes import register_scope
from crm_project.core.rights import Right
from crm_project.core.ui.registry import register_action, register_panel
from customers.apart import apart_from
from customers.models import Company, Customer, KeepApart


def apart_panel(request: HttpRequest, subject: Customer | Company) -> dict[str, Any] | None:
    """Whom the guest or the firm must not meet; None for who may not know, or when there is nobody."""
    user = as_user(request.user)
    if not user.has_right(Right.KEEP_APART):
        return None
    pairs = apart_from(subject, user)
    return {"pairs": pairs} if pairs else None


def audited_pairs(user: Any) -> QuerySet[KeepApart]:
    """Pairs whose trail the person may read: those the person may know of."""
    return KeepApart.objects.visible_to(user)


def _address(name: str, subject: Customer | Company) -> str:
    return reverse(f"customers:{name}", args=[subject.pk])


def register() -> None:
    """Called once, when the app is ready."""
    register_scope("customers.keepapart", audited_pairs)
    for page, panel, address in (("customer", "customer_side", "keep_apart"), ("company", "company", "company_apart")):
        register_panel(panel, key="apart", order=5, template="customers/_apart.html", context=apart_panel)
        register_action(
            page,
            key="apart",
            order=96,
            label=_("Must not meet"),
            icon="people",
            url=partial(_address, address),
            visible=lambda user, subject: user.has_right(Right.KEEP_APART),
            folded=True,
        )
    register_action(
        "settings",
        key="apart",
        order=62,
        label=_("Who must not meet"),
        icon="people",
        url=lambda subject: reverse("customers:apart"),
        visible=lambda user, subject: user.has_right(Right.KEEP_APART),
    )
