"""What the figures add to pages they do not own: the menu, the settings, the guest's card."""

from datetime import date
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from crm_project.core.accounts.models import User, as_user
from crm_project.core.rights import Right
from crm_project.core.ui.registry import register_action, register_nav, register_panel
from customers.models import Customer
from reports.dashboard import MoneyScope
from reports.models import RankRun
from reports.services import explain_rank
from visits.models import Visit


def register() -> None:
    """Called once, when the app is ready."""
    register_nav(
        key="figures",
        label=_("Figures"),
        url_name="reports:dashboard",
        icon="chart",
        order=70,
        visible=lambda user: user.has_right(Right.VIEW_MONEY),
    )
    register_action(
        "settings",
        key="ranks",
        order=50,
        label=_("Rank rules"),
        url=lambda subject: reverse("reports:ranks"),
        visible=lambda user, subject: user.has_right(Right.MANAGE_RANKS),
    )
    register_panel("customer_side", key="rank", order=60, template="reports/_rank_panel.html", context=rank_panel)


def rank_panel(request: HttpRequest, customer: Customer) -> dict[str, Any] | None:
    """Why this rank; absent without the money right. Its sales are those of all venues, so they need the right at all."""
    user = as_user(request.user)
    if not user.has_right(Right.VIEW_MONEY):
        return None
    run = RankRun.objects.select_related("policy").first()
    if run is None:
        return None
    rules = list(run.policy.rules.select_related("rank"))
    figures = explain_rank(customer)
    return {
        "run": run,
        "figures": figures,
        "last_on": customer.last_visit_on if _is_secret(user, customer, figures.last_on) else figures.last_on,
        "may_see_sales": MoneyScope.of(user).venues is None,
        "rule": next((rule for rule in rules if rule.rank_id == customer.rank_id), None),
        "changes": customer.rank_changes.select_related("run", "from_rank", "to_rank").order_by("-pk")[:5],
    }


def _is_secret(user: User, customer: Customer, day: date | None) -> bool:
    """Whether the guest was in the house on the day for an evening that is sealed from the person: its bill gave the day away."""
    if day is None or day == customer.last_visit_on:
        return False
    return Visit.objects.sealed_from(user).filter(attendances__customer=customer, business_date=day).exists()
