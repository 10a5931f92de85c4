"""What the check sheet adds to the menu and to a visit's page: open lines, promises, photos, what went wrong."""

from collections.abc import Mapping
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from crm_project.core.accounts.models import as_user
from crm_project.core.audit.scopes import register_scope
from crm_project.core.rights import Right
from crm_project.core.sealed import register_sealed
from crm_project.core.ui.registry import register_nav, register_panel
from customers.models import Customer
from visits.beside_sheet import BesideSheet, beside_sheet
from visits.choices import VisitStatus
from visits.models import Complaint, Visit
from visits.queries import open_promises


def beside(request: HttpRequest, visit: Visit) -> BesideSheet:
    """What stands beside the visit's check sheet, read once for all panels of the page."""
    kept: dict[int, BesideSheet] = request.__dict__.setdefault("_beside_sheets", {})
    if visit.pk not in kept:
        kept[visit.pk] = beside_sheet(visit, as_user(request.user))
    return kept[visit.pk]


def open_lines_of(request: HttpRequest, visit: Visit) -> Mapping[str, Any] | None:
    """Required lines that are still to be completed."""
    user = as_user(request.user)
    if visit.status != VisitStatus.COMPLETED:
        return None
    lines = beside(request, visit).lines
    return {"lines": lines, "can_log": user.has_right(Right.LOG_VISITS, visit.venue_id)} if lines else None


def promises_of_visit(request: HttpRequest, visit: Visit) -> Mapping[str, Any] | None:
    """What the guests at the table were promised and the house has not kept yet."""
    user = as_user(request.user)
    ids = [row.customer_id for row in visit.attendances.all() if row.customer_id]
    promises = [promise for kept in open_promises(ids, user).values() for promise in kept]
    return {"promises": promises, "may_write": user.has_right(Right.LOG_VISITS)} if promises else None


def photos_of(request: HttpRequest, visit: Visit) -> Mapping[str, Any] | None:
    """Its photos, for who reads its check sheet; where one is added."""
    user = as_user(request.user)
    if not user.has_right(Right.VIEW_NOTES, visit.venue_id):
        return None
    can_log = user.has_right(Right.LOG_VISITS, visit.venue_id)
    photos = beside(request, visit).photos
    return {"photos": photos, "can_log": can_log} if photos or can_log else None


def telling_of(request: HttpRequest, visit: Visit) -> Mapping[str, Any] | None:
    """Where something that went wrong is told in one tap, and what was told."""
    user = as_user(request.user)
    if not user.has_right(Right.LOG_VISITS, visit.venue_id):
        return None
    return {"complaints": beside(request, visit).complaints}


def audited_complaints(user: Any) -> QuerySet[Complaint] | None:
    """Complaints whose trail the person may read; None for all."""
    if user.has_right_everywhere(Right.VIEW_AUDIT):
        return None
    return Complaint.objects.filter(venue__in=user.venues_with(Right.VIEW_AUDIT))


def sealed_complaints(user: Any) -> QuerySet[Any, Any]:
    """Complaints of visits and guests that are sealed from the person."""
    of_visits = Complaint.objects.filter(visit__in=Visit.objects.sealed_from(user).values("pk"))
    of_guests = Complaint.objects.filter(customer__in=Customer.objects.sealed_from(user).values("pk"))
    return (of_visits | of_guests).values("pk")


def register() -> None:
    """Called once, when the app is ready."""
    register_scope("visits.complaint", audited_complaints)
    register_sealed("visits.complaint", sealed_complaints, has_threads=True)
    register_nav(
        key="to_complete",
        label=_("To be completed"),
        url_name="visits:to_complete",
        icon="pencil",
        order=31,
        visible=lambda user: user.has_right(Right.LOG_VISITS) or user.has_right(Right.ANSWER_NOTES),
    )
    register_nav(
        key="complaints",
        label=pgettext_lazy("menu", "Complaints"),
        url_name="visits:complaints",
        icon="alert",
        order=62,
        visible=lambda user: user.has_right(Right.ANSWER_NOTES),
    )
    for key, order, template, context in (
        ("open_lines", 1, "visits/_open_lines.html", open_lines_of),
        ("promises", 2, "visits/_visit_promises.html", promises_of_visit),
        ("tell", 5, "visits/_tell.html", telling_of),
        ("photos", 8, "visits/_photos.html", photos_of),
    ):
        register_panel("visit_side", key=key, order=order, template=template, context=context)
