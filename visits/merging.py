"""What becomes of visits when two cards are made one, and two again."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.db import models

from crm_project.core.timeline.services import replace_rows
from customers.merging.later import register_follower, register_kind, register_refresh, register_reteller
from customers.merging.pointers import register_key
from customers.merging.rows import register_fold
from visits.choices import SeatedCheck
from visits.models import Complaint, Promise, Visit, WaitingParty
from visits.services import refresh_visit_figures
from visits.story import timeline_rows


def one_seat(kept: Mapping[str, Any], other: Mapping[str, Any]) -> dict[str, Any]:
    """Both cards sat at one table: it was one seat; an answer about allergies counts, whichever card it was given for."""
    answered = other if kept["seated_check"] == SeatedCheck.NOT_YET else kept
    return {name: answered[name] for name in ("seated_check", "checked_by_id", "checked_at", "has_unwritten_change")}


def served_to_either(kept: Mapping[str, Any], other: Mapping[str, Any]) -> dict[str, Any]:
    """A dish was replaced when it was served to neither."""
    return {"was_replaced": kept["was_replaced"] and other["was_replaced"]}


def tell_again(visit_ids: Iterable[int]) -> None:
    """Write the timeline rows of visits anew."""
    for visit in Visit.objects.filter(pk__in=list(visit_ids)).select_related("venue", "room", "course"):
        replace_rows(parent=visit, rows=timeline_rows(visit))


def seats_seen(user: Any, rows: models.QuerySet[Any]) -> models.QuerySet[Any]:
    """Seats at visits of the person's venues."""
    return rows.filter(visit__in=Visit.objects.visible_to(user)).select_related("visit__venue")


def promises_seen(user: Any, rows: models.QuerySet[Any]) -> models.QuerySet[Any]:
    """Promises the person may read."""
    return rows.filter(pk__in=Promise.objects.visible_to(user))


def complaints_seen(user: Any, rows: models.QuerySet[Any]) -> models.QuerySet[Any]:
    """Complaints of no visit yet that the person may read; those of a visit follow the guest's seat there."""
    return rows.filter(pk__in=Complaint.objects.visible_to(user), visit=None)


def waiting_seen(user: Any, rows: models.QuerySet[Any]) -> models.QuerySet[Any]:
    """Waiting parties of the person's venues."""
    return rows.filter(pk__in=WaitingParty.objects.visible_to(user)).select_related("venue")


def rung_for(user: Any, rows: models.QuerySet[Any]) -> models.QuerySet[Any]:
    """Bookings the guest rang for, as far as the person may know of them."""
    return rows.filter(pk__in=Visit.objects.visible_to(user)).select_related("venue")


def register() -> None:
    """Called once, when the app is ready."""
    register_fold("visits.attendance", one_seat)
    # Its constraint is on an expression: a dish of the whole table has no seat.
    register_key("visits.serveddish", "attendance_id", "visit_id", "dish_id")
    register_fold("visits.serveddish", served_to_either)
    register_refresh(lambda ids: refresh_visit_figures(customer_ids=set(ids)))
    register_reteller("visits.visit", tell_again)
    register_kind("visits.attendance", visible=seats_seen, words=lambda seat: str(seat.visit))
    register_kind("visits.promise", visible=promises_seen)
    register_kind("visits.complaint", visible=complaints_seen)
    register_kind("visits.waitingparty", visible=waiting_seen, words=lambda row: f"{row.business_date} {row.venue}")
    register_kind("visits.visit", visible=rung_for)
    for model in ("visits.note", "visits.confirmedwarning", "visits.complaint"):
        register_follower(model, leader="visits.attendance", through="visit_id")
