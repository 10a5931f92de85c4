"""The booking screen while it is being filled: its fields as they were sent, and what a pressed button does to them.

As in `table_data`, all of it lives in the fields, so that every button also works as a plain submit without scripts.
"""

from datetime import date, datetime, time
from decimal import Decimal
from typing import Any, Final

from django.http import QueryDict
from django.utils.translation import gettext as _

from crm_project.core.accounts.models import Venue
from crm_project.core.money import plain
from crm_project.core.text import format_phone
from customers.models import Customer
from visits.entries import BriefingEntry
from visits.models import Briefing, Visit, WaitingParty
from visits.spoken_time import clock, written_day
from visits.table_data import people_in, seat_companion, seat_guest
from visits.terms import stay_of, terms_at_hand

# Says in a draft which form it belongs to; the log form's drafts have no such field.
BOOKING: Final = "booking"
ANSWERS: Final = tuple(BriefingEntry.__dataclass_fields__)
NAMING: Final = "naming"


def press(data: QueryDict) -> None:
    """Do what a pressed button asks of the seats (guests are added by the view, which knows whom the person may see)."""
    if (ref := data.get("remove_person", "")) in people_in(data):
        data.setlist("person", [other for other in people_in(data) if other != ref])
    if data.get("op") == "add_companion":
        seat_companion(data)
    if (seat := data.get("name_seat", "")) in people_in(data):
        data[NAMING] = seat
    if data.get(NAMING, "") not in people_in(data):
        data[NAMING] = ""


def seat(data: QueryDict, customer: Customer) -> None:
    """Put a guest at the table: on the seat that is being named, else behind the others."""
    place, ref = data.get(NAMING, ""), f"c{customer.pk}"
    people = people_in(data)
    if place in people and ref not in people:
        data[f"role_{ref}"] = data.get(f"role_{place}", "")
        data.setlist("person", [ref if other == place else other for other in people])
    else:
        seat_guest(data, customer)
    data[NAMING] = ""


def from_booking(visit: Visit) -> QueryDict:
    """The fields of a booking that is to be changed (its people and answers fetched)."""
    data = QueryDict(mutable=True)
    zone, day = visit.venue.zone, visit.business_date
    data["visit"], data["version"] = str(visit.pk), str(visit.version)
    data["day"] = written_day(day)
    data["time"] = clock(visit.starts_at, day, zone)
    # An end that nobody named is not written down: it goes along when the party comes at another time.
    usual = visit.starts_at + stay_of(terms_at_hand(visit.venue), visit.starts_at, visit.venue)
    data["until"] = clock(visit.ends_at, day, zone) if visit.ends_at and visit.ends_at != usual else ""
    data["party"], data["purpose"] = str(visit.party_size), visit.purpose
    data["room"], data["whole"] = str(visit.room_id or ""), "on" if visit.takes_whole_room else ""
    data["course"], data["staff"] = str(visit.course_id or ""), str(visit.staff_id or "")
    data["source"], data["contact"] = str(visit.source_id or ""), str(visit.contact_id or "")
    data["contact_phone"] = format_phone(visit.contact_phone)
    if visit.held_until_day:
        data["hold_until"] = written_day(visit.held_until_day)
    people = []
    for number, row in enumerate(visit.attendances.all(), start=1):
        ref = f"c{row.customer_id}" if row.customer_id else f"x{number}"
        people.append(ref)
        data[f"role_{ref}"], data[f"label_{ref}"], data[f"count_{ref}"] = row.role, row.label, str(row.headcount)
    data.setlist("person", people)
    briefing: Briefing | None = getattr(visit, "briefing", None)
    for name in ANSWERS:
        data[name] = _written(getattr(briefing, name)) if briefing else ""
    return data


def from_waiting(party: WaitingParty) -> QueryDict:
    """The fields of a booking for somebody on the waiting list."""
    data = QueryDict(mutable=True)
    data["waiting"] = str(party.pk)
    data["day"] = written_day(party.business_date)
    data["time"] = f"{party.from_time:%H:%M}"
    data["party"], data["room"] = str(party.party_size), str(party.room_id or "")
    data["contact_phone"], data["wishes"] = party.phone, party.wishes
    if party.customer is not None:
        seat_guest(data, party.customer)
    else:
        data.setlist("person", ["x1"])
        data["label_x1"], data["role_x1"] = party.name[:40], "host"
    return data


def blank(venue: Venue) -> QueryDict:
    """The fields of a new booking."""
    data = QueryDict(mutable=True)
    data["venue"], data["purpose"] = str(venue.pk), "private"
    return data


def at_the_door(venue: Venue, day: date, now: datetime) -> QueryDict:
    """The fields for a party that has come without a booking: today, now."""
    data = blank(venue)
    data["walk_in"], data["day"], data["time"] = "1", written_day(day), clock(now, day, venue.zone)
    return data


def seat_unnamed(data: QueryDict) -> None:
    """Nobody asked the name of who came without a booking: a seat is kept that can be named later."""
    data.setlist("person", ["x1"])
    data["label_x1"], data["role_x1"] = _("Walk-in guest"), "host"


def _written(value: Any) -> str:
    if value is None or value is False:
        return ""
    if value is True:
        return "on"
    if isinstance(value, Decimal):
        return plain(value)
    if isinstance(value, date):
        return written_day(value)
    return f"{value:%H:%M}" if isinstance(value, time) else str(value)
