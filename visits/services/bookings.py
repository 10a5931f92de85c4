"""Taking, changing, confirming and cancelling bookings. A booking and its visit are one record."""

import uuid
from collections.abc import Collection
from dataclasses import asdict
from datetime import date
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from crm_project.core.accounts.models import User, Venue
from crm_project.core.audit.choices import Action
from crm_project.core.audit.services import difference, record
from crm_project.core.dates import business_date
from crm_project.core.rights import Right
from crm_project.core.text import phone_digits, tidy
from menus.models import Dish
from visits.booking_warnings import to_confirm
from visits.choices import EXPECTED, CancelReason, VisitStatus
from visits.entries import BookingEntry, BriefingEntry
from visits.models import Briefing, Visit, VisitDraft
from visits.refusals import RecordingRefused, UnconfirmedBooking, VisitChangedMeanwhile
from visits.services.follow_ups import plan_follow_ups, waive_follow_ups
from visits.services.occupancy import lock_rooms, occupy
from visits.services.writing import (
    after_writing,
    checked_values,
    customer_ids,
    recorded_with,
    set_values,
    told_of,
    write_parts,
)
from visits.terms import fee_percent


def take_booking(
    *,
    by: User,
    venue: Venue,
    booking: BookingEntry,
    accepted: Collection[str] = (),
    form_token: uuid.UUID | None = None,
) -> Visit:
    """Take a booking, firm or tentative, and return its visit; the same `form_token` twice is one booking.

    `accepted` are keys of `UnconfirmedBooking.warnings` that somebody confirmed. Raises PermissionDenied without
    TAKE_BOOKINGS at the venue, RoomTaken, UnconfirmedBooking or another RecordingRefused; then nothing is written.
    """
    if not by.has_right(Right.TAKE_BOOKINGS, venue):
        raise PermissionDenied
    token = form_token or uuid.uuid4()
    if (taken := recorded_with(token, by, Right.TAKE_BOOKINGS)) is not None:
        return taken
    try:
        with transaction.atomic():
            visit = Visit(venue=venue, recorded_by=by, form_token=token)
            _write(visit, by, booking, accepted, {})
            VisitDraft.objects.filter(pk=token, user=by).delete()
            return visit
    except IntegrityError:
        # The other of two simultaneous taps was first; or the booking came in from elsewhere before.
        taken = recorded_with(token, by, Right.TAKE_BOOKINGS)
        if taken is None:
            if booking.outside_id and Visit.objects.filter(outside_id=booking.outside_id).exists():
                raise RecordingRefused(
                    _("The booking %(number)s is in the book already."), {"number": booking.outside_id}
                ) from None
            raise
        return taken


@transaction.atomic
def change_booking(
    *,
    visit: Visit,
    by: User,
    version: int,
    booking: BookingEntry,
    accepted: Collection[str] = (),
    form_token: uuid.UUID | None = None,
) -> Visit:
    """Write a booking anew as long as nobody has arrived; what it was stays in its history.

    `version` is the one the person saw: VisitChangedMeanwhile when it has passed. Raises what `take_booking` raises.
    """
    if not by.has_right(Right.TAKE_BOOKINGS, visit.venue_id):
        raise PermissionDenied
    visit = Visit.objects.select_for_update(of=("self",), no_key=True).select_related("venue").get(pk=visit.pk)
    if form_token is not None and visit.form_token == form_token:
        return visit
    if visit.version != version:
        raise VisitChangedMeanwhile
    if visit.status not in EXPECTED:
        raise RecordingRefused(_("Only a booking that is still expected can be changed."))
    before = told_of(visit)
    visit.version += 1
    visit.form_token = form_token or visit.form_token
    _write(visit, by, booking, accepted, before)
    if form_token is not None:
        VisitDraft.objects.filter(pk=form_token, user=by).delete()
    return visit


@transaction.atomic
def confirm_booking(*, visit: Visit, by: User) -> Visit:
    """Make a tentative booking firm; one that is firm already stays so. Raises RecordingRefused when it has lapsed."""
    visit = _locked(visit, by)
    if visit.status == VisitStatus.RESERVED:
        return visit
    if visit.status != VisitStatus.TENTATIVE:
        raise RecordingRefused(_("This booking is not a tentative one (any more)."))
    visit.status, visit.tentative_until = VisitStatus.RESERVED, None
    visit.version += 1
    visit.save(update_fields=["status", "tentative_until", "version"])
    occupy(visit)
    plan_follow_ups(visit)
    _record_status(visit, by, VisitStatus.TENTATIVE)
    return visit


@transaction.atomic
def cancel_booking(*, visit: Visit, by: User, reason: str, detail: str = "", percent: int | None = None) -> Visit:
    """Cancel a booking with a reason; its room is free at once. `percent` is the fee that was agreed, None for the terms'.

    Raises PermissionDenied without TAKE_BOOKINGS or LOG_VISITS at the venue, RecordingRefused without a reason or when the
    party has arrived.
    """
    visit = _locked(visit, by)
    if visit.status not in EXPECTED:
        raise RecordingRefused(_("Only a booking that is still expected can be cancelled."))
    if reason not in CancelReason.values:
        raise RecordingRefused(_("Choose why it is cancelled."))
    if percent is not None and not 0 <= percent <= 100:
        raise RecordingRefused(_("A fee is between 0 and 100 %."))
    before = visit.status
    visit.cancel_percent = fee_of(visit) if percent is None else percent
    visit.status, visit.tentative_until = VisitStatus.CANCELLED, None
    visit.cancel_reason, visit.cancel_detail, visit.cancelled_at = reason, tidy(detail)[:300], timezone.now()
    visit.version += 1
    visit.save()
    occupy(visit)
    waive_follow_ups(visit, by)
    _record_status(visit, by, before, cancel_reason=str(reason), cancel_detail=visit.cancel_detail)
    return visit


def fee_of(visit: Visit, on: date | None = None) -> int:
    """Per cent of the budget that a cancellation on a business day (today) costs by the venue's terms. One query."""
    today = on or business_date(timezone.now(), visit.venue.closing_hour, visit.venue.zone)
    if visit.status == VisitStatus.TENTATIVE:
        return 0
    return fee_percent(visit.venue.cancellation_terms.all(), (visit.business_date - today).days)


def _locked(visit: Visit, by: User) -> Visit:
    # Who writes visits down may reserve on that form, and so may also confirm and cancel.
    if not (by.has_right(Right.TAKE_BOOKINGS, visit.venue_id) or by.has_right(Right.LOG_VISITS, visit.venue_id)):
        raise PermissionDenied
    return Visit.objects.select_for_update(of=("self",), no_key=True).select_related("venue", "room").get(pk=visit.pk)


def _record_status(visit: Visit, by: User, before: str, **told: str) -> None:
    changes = {"status": [str(before), str(visit.status)]} | {
        name: [None, value] for name, value in told.items() if value
    }
    record(by=by, action=Action.CHANGED, subject=visit, changes=changes)


def _write(visit: Visit, by: User, booking: BookingEntry, accepted: Collection[str], before: dict[str, Any]) -> None:
    """Write a booking with all its parts, one audit entry, its room and its follow-ups."""
    is_new = visit.pk is None
    if booking.tentative_until is not None and booking.tentative_until <= timezone.now():
        raise RecordingRefused(_("A tentative booking is held until a time that is still to come."))
    if booking.contact is not None and booking.contact.merged_into_id is not None:
        raise RecordingRefused(_("Choose who rang again: that card was merged."))
    status = VisitStatus.RESERVED if booking.tentative_until is None else VisitStatus.TENTATIVE
    if booking.has_arrived:
        status = _walk_in(visit, booking)
    course_before = visit.course_id
    values = checked_values(
        visit,
        by=by,
        starts_at=booking.starts_at,
        ends_at=booking.ends_at,
        room=booking.room,
        takes_whole_room=booking.takes_whole_room,
        party_size=booking.party_size,
        purpose=booking.purpose,
        status=status,
        tentative_until=booking.tentative_until,
        course=booking.course,
        staff=booking.staff,
        amount=visit.amount,
        source=booking.source,
        contact=booking.contact,
        contact_phone=phone_digits(booking.contact_phone),
        occasion=booking.occasion,
        outside_system=booking.outside_system,
        outside_id=booking.outside_id,
    )
    set_values(visit, values)
    guests = [entry.customer for entry in booking.attendances if entry.customer is not None]
    open_warnings = {key: text for key, text in to_confirm(visit, guests, by).items() if key not in accepted}
    if open_warnings:
        raise UnconfirmedBooking(open_warnings)
    guests_before = set() if is_new else customer_ids(visit)
    # What was put on the menu of this table one by one stays, as long as the course is the same.
    dishes = [] if is_new or visit.course_id != course_before else _dishes_of_table(visit)
    if not is_new:
        lock_rooms(visit)
    visit.save(force_insert=is_new)
    write_parts(visit, by, booking.attendances, dishes, {}, {})
    _write_briefing(visit, booking.briefing)
    changes = difference(before, told_of(visit))
    if changes:
        record(by=by, action=Action.CREATED if is_new else Action.CHANGED, subject=visit, changes=changes)
    after_writing(visit, guests_before | customer_ids(visit))


def _walk_in(visit: Visit, booking: BookingEntry) -> VisitStatus:
    """The state of a party that is at the door. Raises RecordingRefused for a booking that stands, or another day's time."""
    closing_hour, zone = visit.venue.closing_hour, visit.venue.zone
    came = business_date(booking.starts_at, closing_hour, zone) == business_date(timezone.now(), closing_hour, zone)
    if visit.pk is not None or booking.tentative_until is not None or not came:
        raise RecordingRefused(_("Who is at the door has come today: write today's day and time."))
    return VisitStatus.ARRIVED


def _dishes_of_table(visit: Visit) -> list[Dish]:
    served = visit.served_dishes.filter(attendance=None, was_replaced=False).select_related("dish")
    return [row.dish for row in served.order_by("pk")]


def _write_briefing(visit: Visit, entry: BriefingEntry) -> None:
    values = {name: tidy(value) if isinstance(value, str) else value for name, value in asdict(entry).items()}
    values["deposit"] = values["deposit"] or None  # 0 yen is none
    if values["no_board"] and values["board_name"]:
        raise RecordingRefused(_("Either a name on the board, or none."))
    if values["deposit_received_on"] and values["deposit"] is None:
        raise RecordingRefused(_("Write the amount of the deposit that was received."))
    if not any(values.values()):
        Briefing.objects.filter(visit=visit).delete()
    else:
        Briefing.objects.update_or_create(visit=visit, defaults=values)
