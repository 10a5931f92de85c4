"""What recording a visit and taking a booking share: values that make sense together, the parts, what follows."""

import uuid
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.core.exceptions import PermissionDenied
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from crm_project.core import money
from crm_project.core.accounts.models import User, Venue
from crm_project.core.amounts import exact
from crm_project.core.audit.services import plain
from crm_project.core.dates import business_date
from crm_project.core.rights import Right
from customers.services import note_known_at
from menus.models import Dish
from visits.choices import IN_THE_HOUSE, VisitStatus
from visits.entries import AttendanceEntry, BriefingEntry, Confirmation, NoteEntry
from visits.models import Attendance, Briefing, Visit
from visits.queries import dishes_of_course
from visits.refusals import RecordingRefused
from visits.services.check_sheet import write_notes
from visits.services.figures import refresh_visit_figures
from visits.services.follow_ups import plan_follow_ups
from visits.services.occupancy import occupy
from visits.services.table import write_attendances, write_dishes, write_warnings
from visits.story import retell
from visits.terms import stay_of, terms_of

# What the arranger answered, as the audit tells it: each answer beside the fields of the visit.
ANSWERS = tuple(BriefingEntry.__dataclass_fields__)
ANSWER = "briefing_"


def recorded_with(token: uuid.UUID, by: User, right: Right) -> Visit | None:
    """The visit that the same form has already written. Raises PermissionDenied where it is none of the person's."""
    visit = Visit.objects.select_related("venue").filter(form_token=token).first()
    if visit is not None and not by.has_right(right, visit.venue_id):
        raise PermissionDenied
    return visit


def checked_values(visit: Visit, *, by: User, **values: Any) -> dict[str, Any]:
    """The values once they make sense together. Raises PermissionDenied or RecordingRefused."""
    venue: Venue = visit.venue
    if values["amount"] is not None:
        values["amount"] = exact(values["amount"])
        if values["amount"] != visit.amount and not by.has_right(Right.VIEW_MONEY, venue):
            raise PermissionDenied
    if values["room"] is not None and values["room"].venue_id != venue.pk:
        raise RecordingRefused(_("That room is in another venue."))
    if values["ends_at"] is None:
        values["ends_at"] = values["starts_at"] + _stay(visit, values["starts_at"])
    if values["ends_at"] <= values["starts_at"]:
        raise RecordingRefused(_("The end must be later than the beginning."))
    values.setdefault("tentative_until", None)
    now = timezone.now()
    if values["status"] in IN_THE_HOUSE:
        values["arrived_at"] = visit.arrived_at or now
    if values["status"] == VisitStatus.SEATED:
        values["seated_at"] = visit.seated_at or now
    values["business_date"] = business_date(values["starts_at"], venue.closing_hour, venue.zone)
    today = business_date(now, venue.closing_hour, venue.zone)
    if values["status"] == VisitStatus.COMPLETED and values["business_date"] > today:
        raise RecordingRefused(_("A visit that is still to come is kept as a reservation."))
    return values


def _stay(visit: Visit, starts_at: datetime) -> timedelta:
    """As long as it was going to be before, else what the venue's terms say."""
    if visit.ends_at is not None and visit.pk is not None:
        return visit.ends_at - visit.starts_at
    return stay_of(terms_of(visit.venue), starts_at, visit.venue)


def set_values(visit: Visit, values: Mapping[str, Any]) -> None:
    """Give the visit its values, unsaved."""
    for field, value in values.items():
        setattr(visit, field, value)


def customer_ids(visit: Visit) -> set[int]:
    """Ids of the known guests."""
    return set(visit.attendances.exclude(customer=None).values_list("customer_id", flat=True))


def write_parts(
    visit: Visit,
    by: User,
    attendances: Sequence[AttendanceEntry],
    dishes: Sequence[Dish],
    notes: Mapping[str, NoteEntry],
    confirmations: Mapping[str, Confirmation],
    *,
    takes_place: bool = False,
) -> None:
    """Write people, dishes, confirmed warnings and notes of a visit that is already saved.

    With `takes_place` it is recorded just now: required lines of the check sheet without an answer are left open.
    """
    if not attendances:
        raise RecordingRefused(_("Choose the guest, or enter a new one."))
    written = write_attendances(visit, attendances, by)
    if not dishes and visit.course is not None:
        found = Dish.objects.in_bulk(dishes_of_course(visit.course))
        dishes = [found[pk] for pk in dishes_of_course(visit.course)]
    replaced = write_warnings(visit, by, written, dishes, confirmations)
    write_dishes(visit, dishes, replaced)
    write_notes(visit, by, written, notes, takes_place=takes_place)


def told_of(visit: Visit) -> dict[str, Any]:
    """What the audit says of a visit: JSON values."""
    told: dict[str, Any] = {
        "venue": str(visit.venue),
        "starts_at": _moment(visit.starts_at),
        "ends_at": _moment(visit.ends_at),
        "room": str(visit.room) if visit.room else None,
        "party_size": visit.party_size,
        "purpose": str(visit.purpose),
        "status": str(visit.status),
        "tentative_until": _moment(visit.tentative_until),
        "takes_whole_room": visit.takes_whole_room or None,
        "source": str(visit.source) if visit.source else None,
        "contact": str(visit.contact) if visit.contact else None,
        "occasion": str(visit.occasion) if visit.occasion else None,
        "course": str(visit.course) if visit.course else None,
        "staff": str(visit.staff) if visit.staff else None,
        "attendances": [
            [_seat(row), str(row.role), str(row.seated_check)]
            for row in visit.attendances.select_related("customer").order_by("position", "pk")
        ],
        "dishes": sorted(visit.served_dishes.filter(was_replaced=False).values_list("dish__name", flat=True)),
        "notes": [list(row) for row in visit.notes.order_by("pk").values_list("asked_as", "text")],
        "confirmed_warnings": [
            list(row) for row in visit.confirmed_warnings.order_by("pk").values_list("dish__name", "detail", "reason")
        ],
    }
    briefing = Briefing.objects.filter(visit=visit).first()
    if briefing is not None:
        told |= {f"{ANSWER}{name}": _answer(value) for name in ANSWERS if (value := getattr(briefing, name))}
    if visit.amount is not None:
        told["amount"] = format(visit.amount.normalize(), "f")
    return {name: value for name, value in told.items() if value not in (None, [], "")}


def _moment(at: datetime | None) -> str | None:
    """The same moment is told alike on whatever clock it was handed over: else it would count as a change."""
    return at.astimezone(UTC).isoformat() if at else None


def answer_labels() -> dict[str, str]:
    """The names of the answers by field, in the reader's language."""
    return {field.name: str(field.verbose_name) for field in Briefing._meta.fields if field.name in ANSWERS}


def _answer(value: Any) -> Any:
    return money.plain(value) if isinstance(value, Decimal) else plain(value)


def _seat(row: Attendance) -> str:
    return f"{row} ×{row.headcount}" if row.headcount > 1 else str(row)


def after_writing(visit: Visit, guest_ids: set[int]) -> None:
    """What follows from a written visit: its room is taken or free, the guests' figures, follow-ups, the timeline.

    Raises RoomTaken.
    """
    occupy(visit)
    note_known_at(customer_ids=sorted(guest_ids), venue=visit.venue)
    refresh_visit_figures(customer_ids=guest_ids)
    plan_follow_ups(visit)
    retell(visit)
