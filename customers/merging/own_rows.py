"""What this app tells of the rows that point to a guest: their rules, and how they are listed when a merge is undone."""

from collections.abc import Mapping
from typing import Any

from django.db import models

from crm_project.core.rights import Right
from customers.merging import pointers, rows
from customers.merging.later import register_kind


def _with_right(right: Right) -> Any:
    def visible(user: Any, found: models.QuerySet[Any]) -> models.QuerySet[Any]:
        return found if user.has_right(right) else found.none()

    return visible


def _visible(user: Any, found: Any) -> models.QuerySet[Any]:
    return found.visible_to(user)  # type: ignore[no-any-return]


def as_what(kept: Mapping[str, Any], other: Mapping[str, Any]) -> dict[str, Any]:
    """Both cards were handed over: the one guest was looked after as either."""
    return {name: kept[name] or other[name] for name in ("was_staff", "was_sales")}


def register() -> None:
    """Called once, when the app is ready."""
    pointers.register()
    rows.register()
    for model in ("customers.phone", "customers.address", "customers.contactconsent"):
        register_kind(model, visible=_with_right(Right.VIEW_CONTACTS))
    register_kind("customers.contact", visible=_visible, words=lambda row: f"{row.at:%Y-%m-%d} {row.asked}".strip())
    register_kind("customers.allergy", visible=lambda user, found: found.select_related("allergen"))
    register_kind("customers.attributevalue", visible=lambda user, found: found.select_related("attribute"))
    register_kind("customers.post", visible=lambda user, found: found.select_related("company"))
    register_kind("customers.relation", visible=lambda user, found: found.select_related("other"))
    register_kind("customers.keepapart", visible=_visible)
    register_kind("customers.gift", visible=_visible)
    register_kind("customers.handoverguest", visible=_visible, words=lambda row: str(row.handover))
    rows.register_fold("customers.handoverguest", as_what)
    for model in ("customers.guestdiet", "customers.specialday"):
        register_kind(model)
