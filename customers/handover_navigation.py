"""What handovers and gifts add to the menu, to the people's page and to the guest's card."""

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
from customers.handover import held_by
from customers.models import Customer, Gift, Handover, HandoverGuest

GIFTS_SHOWN = 5


def hands_over(user: Any) -> bool:
    """Whether the person leads handovers, or may be one of the two."""
    return any(user.has_right(right) for right in (Right.HAND_OVER, Right.LOG_VISITS, Right.EDIT_DEALS))


def held_panel(request: HttpRequest, customer: Customer) -> dict[str, Any] | None:
    """Who looked after the guest before; None while nobody has changed."""
    held = held_by(customer)
    return {"held": held} if held else None


def gifts_panel(request: HttpRequest, customer: Customer) -> dict[str, Any] | None:
    """The last gifts, and where one is noted; None for who reads no check sheets."""
    user = as_user(request.user)
    if not user.has_right(Right.VIEW_NOTES):
        return None
    gifts = list(Gift.objects.visible_to(user).filter(customer=customer).select_related("noted_by")[:GIFTS_SHOWN])
    may_write = user.has_right(Right.LOG_VISITS)
    return {"gifts": gifts, "may_write": may_write, "today": timezone.localdate()} if gifts or may_write else None


def audited_handovers(user: Any) -> QuerySet[Handover]:
    """Handovers whose trail the person may read."""
    return Handover.objects.visible_to(user)


def register() -> None:
    """Called once, when the app is ready."""
    register_scope("customers.handover", audited_handovers)
    register_sealed(
        "customers.handoverguest",
        lambda user: HandoverGuest.objects.filter(customer__in=Customer.objects.sealed_from(user).values("pk")).values(
            "pk"
        ),
    )
    register_sealed(
        "customers.gift",
        lambda user: Gift.objects.filter(customer__in=Customer.objects.sealed_from(user).values("pk")).values("pk"),
    )
    register_nav(
        key="handovers",
        label=_("Handovers"),
        url_name="customers:handovers",
        icon="people",
        order=68,
        visible=hands_over,
    )
    register_action(
        "person",
        key="handover",
        order=10,
        label=_("Hand over guests (引き継ぎ)"),
        icon="people",
        url=lambda person: f"{reverse('customers:handover_start')}?person={person.pk}",
        visible=_may_start,
    )
    register_panel("customer_side", key="gifts", order=46, template="customers/_gifts.html", context=gifts_panel)
    register_panel("customer_side", key="held", order=48, template="customers/_held.html", context=held_panel)


def _may_start(user: User, person: Any) -> bool:
    return user.has_right(Right.HAND_OVER)
