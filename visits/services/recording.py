"""Recording a visit and changing it: one transaction, one audit entry, the timeline, the guests' figures."""

import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from types import EllipsisType

from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from crm_project.core.accounts.models import User, Venue
from crm_project.core.audit.choices import Action
from crm_project.core.audit.services import difference, record
from crm_project.core.rights import Right
from menus.models import Course, Dish
from visits.choices import Purpose, VisitStatus
from visits.entries import AttendanceEntry, Confirmation, NoteEntry
from visits.models import Room, Visit, VisitDraft
from visits.refusals import RecordingRefused, VisitChangedMeanwhile
from visits.services.complaints import join_visit
from visits.services.follow_ups import want_again
from visits.services.occupancy import lock_rooms
from visits.services.promises import make_promise
from visits.services.writing import (
    after_writing,
    checked_values,
    customer_ids,
    recorded_with,
    set_values,
    told_of,
    write_parts,
)


def record_visit(
    *,
    by: User,
    venue: Venue,
    starts_at: datetime,
    ends_at: datetime | None = None,
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
    promise: str = "",
    form_token: uuid.UUID | None = None,
) -> Visit:
    """Record a visit, or a reservation (`status`), and return it; the same `form_token` twice is one visit.

    `ends_at` None is as the venue's terms say. `notes` answers the check sheet by category code, `confirmations` the
    warnings by `TableWarning.key`; `amount` is in yen without tax. A course without `dishes` serves its own. Raises
    PermissionDenied without LOG_VISITS at the venue (or an amount without VIEW_MONEY), UnconfirmedWarnings, RoomTaken or
    another RecordingRefused. Required lines of the check sheet without an answer are left open (`Visit.sheet_lines`): they
    keep nobody from recording what has happened. Takes or frees the room, writes the timeline, opens one thread per note,
    makes the promise of `promise` to the first guest, brings the guests' last visit and count up to date, drops the draft.
    """
    if not by.has_right(Right.LOG_VISITS, venue):
        raise PermissionDenied
    token = form_token or uuid.uuid4()
    if (recorded := recorded_with(token, by, Right.LOG_VISITS)) is not None:
        return recorded
    try:
        with transaction.atomic():
            visit = Visit(venue=venue, recorded_by=by, form_token=token)
            values = checked_values(
                visit,
                by=by,
                starts_at=starts_at,
                ends_at=ends_at,
                room=room,
                party_size=party_size,
                purpose=purpose,
                status=status,
                course=course,
                staff=staff,
                amount=amount,
            )
            set_values(visit, values)
            visit.save(force_insert=True)
            join_visit(visit=visit, by=by, form_token=token)
            write_parts(
                visit,
                by,
                attendances,
                dishes,
                notes or {},
                confirmations or {},
                takes_place=status == VisitStatus.COMPLETED,
            )
            record(by=by, action=Action.CREATED, subject=visit, changes=difference({}, told_of(visit)))
            _promise(visit, by, attendances, promise)
            after_writing(visit, {*customer_ids(visit)})
            VisitDraft.objects.filter(pk=token, user=by).delete()
            return visit
    except IntegrityError:
        # The other of two simultaneous taps was first; anything else is a fault of ours.
        recorded = recorded_with(token, by, Right.LOG_VISITS)
        if recorded is None:
            raise
        return recorded


def change_visit(
    *,
    visit: Visit,
    by: User,
    version: int,
    starts_at: datetime,
    ends_at: datetime | None = None,
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
    promise: str = "",
    form_token: uuid.UUID | None = None,
) -> Visit:
    """Write a reservation or visit anew; the arguments are those of `record_visit`, `...` keeps the amount.

    `version` is the one the person saw: VisitChangedMeanwhile when it has passed. Notes once written can be reworded, not
    taken away (they may have been answered); confirmed warnings stay on file. The same `form_token` twice is one change.
    """
    if not by.has_right(Right.LOG_VISITS, visit.venue_id):
        raise PermissionDenied
    if form_token is not None and (recorded := recorded_with(form_token, by, Right.LOG_VISITS)) is not None:
        return recorded
    with transaction.atomic():
        visit = Visit.objects.select_for_update(of=("self",), no_key=True).select_related("venue").get(pk=visit.pk)
        if form_token is not None and visit.form_token == form_token:
            return visit  # the other of two simultaneous taps was first
        if visit.version != version:
            raise VisitChangedMeanwhile
        if visit.status == VisitStatus.COMPLETED and status != VisitStatus.COMPLETED:
            raise RecordingRefused(_("A recorded visit does not become a reservation again."))
        before, guests_before = told_of(visit), customer_ids(visit)
        was_recorded = visit.status == VisitStatus.COMPLETED
        # Kept as a reservation a tentative booking (仮) stays one: firm it is made by a decision of its own.
        stays_tentative = visit.status == VisitStatus.TENTATIVE and status == VisitStatus.RESERVED
        values = checked_values(
            visit,
            by=by,
            starts_at=starts_at,
            ends_at=ends_at,
            room=room,
            party_size=party_size,
            purpose=purpose,
            status=VisitStatus.TENTATIVE if stays_tentative else status,
            tentative_until=visit.tentative_until if stays_tentative else None,
            course=course,
            staff=staff,
            amount=visit.amount if isinstance(amount, EllipsisType) else amount,
        )
        set_values(visit, values)
        if visit.status != VisitStatus.CANCELLED:
            want_again(visit, visit.cancelled_at)
            visit.cancel_reason, visit.cancel_detail, visit.cancelled_at, visit.cancel_percent = "", "", None, None
        visit.version += 1
        visit.form_token = form_token or visit.form_token
        lock_rooms(visit)
        visit.save()
        join_visit(visit=visit, by=by, form_token=form_token)
        write_parts(
            visit,
            by,
            attendances,
            dishes,
            notes or {},
            confirmations or {},
            takes_place=status == VisitStatus.COMPLETED and not was_recorded,
        )
        changes = difference(before, told_of(visit))
        if changes:
            record(by=by, action=Action.CHANGED, subject=visit, changes=changes)
        _promise(visit, by, attendances, promise)
        after_writing(visit, guests_before | customer_ids(visit))
        if form_token is not None:
            VisitDraft.objects.filter(pk=form_token, user=by).delete()
        return visit


def _promise(visit: Visit, by: User, attendances: Sequence[AttendanceEntry], text: str) -> None:
    """What was promised at the table, to the first guest who is known."""
    host = next((entry.customer for entry in attendances if entry.customer is not None), None)
    if text.strip() and host is not None:
        make_promise(customer=host, venue=visit.venue, by=by, text=text, visit=visit)
