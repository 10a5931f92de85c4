"""Recording a visit and changing it: one transaction, one audit entry, the timeline, the guests' figures."""

import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from types import EllipsisType
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from crm_project.core.accounts.models import User, Venue
from crm_project.core.amounts import exact
from crm_project.core.audit.choices import Action
from crm_project.core.audit.services import difference, record
from crm_project.core.dates import business_date
from crm_project.core.rights import Right
from customers.services import note_known_at
from menus.models import Course, Dish
from visits.choices import Purpose, VisitStatus
from visits.entries import AttendanceEntry, Confirmation, NoteEntry
from visits.models import Room, Visit, VisitDraft
from visits.queries import dishes_of_course
from visits.refusals import RecordingRefused, VisitChangedMeanwhile
from visits.services.check_sheet import write_notes
from visits.services.figures import refresh_visit_figures
from visits.services.table import write_attendances, write_dishes, write_warnings
from visits.story import retell


def record_visit(
    *,
    by: User,
    venue: Venue,
    starts_at: datetime,
    attendances: Sequence[AttendanceEntry],
    party_size: int = 1,
    purpose: str = Purpose.PRIVATE,
    room: Room | None = None,
    status: str = VisitStatus.COMPLETED,
    course: Course | None = None,
    dishes: Sequence[Dish] = (),
    notes: Mapping[str, NoteEntry] | None = None,
    confirmations: Mapping[str, Confirmation] | None = None,
    amount: Decimal | None = None,
    staff: User | None = None,
    form_token: uuid.UUID | None = None,
) -> Visit:
    """Record a visit, or a reservation (`status`), and return it; the same `form_token` twice is one visit.

    `notes` answers the check sheet by category code, `confirmations` the warnings by `TableWarning.key`; `amount` is in
    yen without tax. A course without `dishes` serves its own. Raises PermissionDenied without LOG_VISITS at the venue (or
    an amount without VIEW_MONEY), UnconfirmedWarnings, MissingCategories or another RecordingRefused. Writes the
    timeline, opens one thread per note, brings the guests' last visit and count up to date, drops the draft.
    """
    if not by.has_right(Right.LOG_VISITS, venue):
        raise PermissionDenied
    token = form_token or uuid.uuid4()
    if (recorded := _recorded_with(token, by)) is not None:
        return recorded
    try:
        with transaction.atomic():
            visit = Visit(venue=venue, recorded_by=by, form_token=token)
            values = _checked_values(
                visit,
                by=by,
                starts_at=starts_at,
                room=room,
                party_size=party_size,
                purpose=purpose,
                status=status,
                course=course,
                staff=staff,
                amount=amount,
            )
            _set(visit, values)
            visit.save(force_insert=True)
            _write_parts(visit, by, attendances, dishes, notes or {}, confirmations or {})
            record(by=by, action=Action.CREATED, subject=visit, changes=difference({}, _told(visit)))
            _after(visit, {*_customer_ids(visit)})
            VisitDraft.objects.filter(pk=token, user=by).delete()
            return visit
    except IntegrityError:
        # The other of two simultaneous taps was first; anything else is a fault of ours.
        recorded = _recorded_with(token, by)
        if recorded is None:
            raise
        return recorded


def change_visit(
    *,
    visit: Visit,
    by: User,
    version: int,
    starts_at: datetime,
    attendances: Sequence[AttendanceEntry],
    party_size: int,
    purpose: str,
    room: Room | None = None,
    status: str = VisitStatus.COMPLETED,
    course: Course | None = None,
    dishes: Sequence[Dish] = (),
    notes: Mapping[str, NoteEntry] | None = None,
    confirmations: Mapping[str, Confirmation] | None = None,
    amount: Decimal | EllipsisType | None = ...,
    staff: User | None = None,
    form_token: uuid.UUID | None = None,
) -> Visit:
    """Write a reservation or visit anew; the arguments are those of `record_visit`, `...` keeps the amount.

    `version` is the one the person saw: VisitChangedMeanwhile when it has passed. Notes once written can be reworded, not
    taken away (they may have been answered); confirmed warnings stay on file. The same `form_token` twice is one change.
    """
    if not by.has_right(Right.LOG_VISITS, visit.venue_id):
        raise PermissionDenied
    if form_token is not None and (recorded := _recorded_with(form_token, by)) is not None:
        return recorded
    with transaction.atomic():
        visit = Visit.objects.select_for_update(of=("self",)).select_related("venue").get(pk=visit.pk)
        if form_token is not None and visit.form_token == form_token:
            return visit  # the other of two simultaneous taps was first
        if visit.version != version:
            raise VisitChangedMeanwhile
        if visit.status == VisitStatus.COMPLETED and status != VisitStatus.COMPLETED:
            raise RecordingRefused(_("A recorded visit does not become a reservation again."))
        before, guests_before = _told(visit), _customer_ids(visit)
        values = _checked_values(
            visit,
            by=by,
            starts_at=starts_at,
            room=room,
            party_size=party_size,
            purpose=purpose,
            status=status,
            course=course,
            staff=staff,
            amount=visit.amount if isinstance(amount, EllipsisType) else amount,
        )
        _set(visit, values)
        visit.version += 1
        visit.form_token = form_token or visit.form_token
        visit.save()
        _write_parts(visit, by, attendances, dishes, notes or {}, confirmations or {})
        changes = difference(before, _told(visit))
        if changes:
            record(by=by, action=Action.CHANGED, subject=visit, changes=changes)
        _after(visit, guests_before | _customer_ids(visit))
        if form_token is not None:
            VisitDraft.objects.filter(pk=form_token, user=by).delete()
        return visit


def _recorded_with(token: uuid.UUID, by: User) -> Visit | None:
    visit = Visit.objects.select_related("venue").filter(form_token=token).first()
    if visit is not None and not by.has_right(Right.LOG_VISITS, visit.venue_id):
        raise PermissionDenied
    return visit


def _checked_values(visit: Visit, *, by: User, **values: Any) -> dict[str, Any]:
    """The values once they make sense together. Raises PermissionDenied or RecordingRefused."""
    venue: Venue = visit.venue
    if values["amount"] is not None:
        values["amount"] = exact(values["amount"])
        if values["amount"] != visit.amount and not by.has_right(Right.VIEW_MONEY, venue):
            raise PermissionDenied
    if values["room"] is not None and values["room"].venue_id != venue.pk:
        raise RecordingRefused(_("That room is in another venue."))
    values["business_date"] = business_date(values["starts_at"], venue.closing_hour, venue.zone)
    today = business_date(timezone.now(), venue.closing_hour, venue.zone)
    if values["status"] == VisitStatus.COMPLETED and values["business_date"] > today:
        raise RecordingRefused(_("A visit that is still to come is kept as a reservation."))
    return values


def _set(visit: Visit, values: Mapping[str, Any]) -> None:
    for field, value in values.items():
        setattr(visit, field, value)


def _customer_ids(visit: Visit) -> set[int]:
    return set(visit.attendances.exclude(customer=None).values_list("customer_id", flat=True))


def _write_parts(
    visit: Visit,
    by: User,
    attendances: Sequence[AttendanceEntry],
    dishes: Sequence[Dish],
    notes: Mapping[str, NoteEntry],
    confirmations: Mapping[str, Confirmation],
) -> None:
    """Write people, dishes, confirmed warnings and notes of a visit that is already saved."""
    if not attendances:
        raise RecordingRefused(_("Choose the guest, or enter a new one."))
    written = write_attendances(visit, attendances, by)
    if not dishes and visit.course is not None:
        found = Dish.objects.in_bulk(dishes_of_course(visit.course))
        dishes = [found[pk] for pk in dishes_of_course(visit.course)]
    replaced = write_warnings(visit, by, written, dishes, confirmations)
    write_dishes(visit, dishes, replaced)
    write_notes(visit, by, written, notes)


def _told(visit: Visit) -> dict[str, Any]:
    """What the audit says of a visit: JSON values."""
    told: dict[str, Any] = {
        "venue": str(visit.venue),
        "starts_at": visit.starts_at.isoformat(),
        "room": str(visit.room) if visit.room else None,
        "party_size": visit.party_size,
        "purpose": str(visit.purpose),
        "status": str(visit.status),
        "course": str(visit.course) if visit.course else None,
        "staff": str(visit.staff) if visit.staff else None,
        "attendances": [
            [str(row), str(row.role), str(row.seated_check)]
            for row in visit.attendances.select_related("customer").order_by("position", "pk")
        ],
        "dishes": sorted(visit.served_dishes.filter(was_replaced=False).values_list("dish__name", flat=True)),
        "notes": [list(row) for row in visit.notes.order_by("pk").values_list("category__name", "text")],
        "confirmed_warnings": [
            list(row) for row in visit.confirmed_warnings.order_by("pk").values_list("dish__name", "detail", "reason")
        ],
    }
    if visit.amount is not None:
        told["amount"] = format(visit.amount.normalize(), "f")
    return {name: value for name, value in told.items() if value not in (None, [], "")}


def _after(visit: Visit, customer_ids: set[int]) -> None:
    """What follows from a written visit: where the guests are known, their figures, the timeline."""
    note_known_at(customer_ids=sorted(customer_ids), venue=visit.venue)
    refresh_visit_figures(customer_ids=customer_ids)
    retell(visit)
