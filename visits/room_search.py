"""Guests found by their room: a search for 桐の間 answers who sits there today and who sat there lately."""

import re
from collections.abc import Sequence
from datetime import date, timedelta

from django.db import connection
from django.utils.translation import gettext as _

from crm_project.core.accounts.models import User
from crm_project.core.text import fold
from crm_project.core.ui.display_dates import format_date, format_moment
from customers.models import Customer
from customers.queries import for_lists
from customers.whereabouts import Seat
from visits.choices import VisitStatus
from visits.day import today_of
from visits.models import Attendance, Room, Visit

LATELY = timedelta(days=30)
SEATS_SHOWN = 8
HERE_OR_WAS_HERE = (VisitStatus.RESERVED, VisitStatus.ARRIVED, VisitStatus.SEATED, VisitStatus.COMPLETED)
# 桐の間, 桐 and 201号室, 201 are the same room.
_ROOM_WORD = re.compile(r"(?<=.)(?:ノ間|ノマ|間|号室|室)$")


def rooms_named(user: User, query: str) -> list[Room]:
    """Rooms of the person's venues that the query names, with the venue's name before it or without.

    One query where no room is named, as in most searches; else two.
    """
    wanted = fold(query)
    if not wanted:
        return []
    named = [pk for pk, room, venue in _names_of_rooms(user.venue_ids) if _is_named(wanted, room, venue)]
    return list(Room.objects.filter(pk__in=named).select_related("venue")) if named else []


def _names_of_rooms(venue_ids: Sequence[int]) -> list[tuple[int, str, str]]:
    """Id, name and venue's name of every room; written out, for every search asks it while somebody types."""
    if not venue_ids:
        return []
    marks = ", ".join(["%s"] * len(venue_ids))
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT room.id, room.name, venue.name FROM visits_room room"
            f" JOIN accounts_venue venue ON venue.id = room.venue_id WHERE venue.id IN ({marks})",
            venue_ids,
        )
        rows: list[tuple[int, str, str]] = cursor.fetchall()
    return rows


def _is_named(wanted: str, room: str, venue: str) -> bool:
    whole = fold(room)
    for name in filter(None, {whole, _ROOM_WORD.sub("", whole)}):
        before = wanted.removesuffix(name)
        if before != wanted and (not before or (len(before) > 1 and before in fold(venue))):
            return True
    return False


def seats_in(user: User, query: str) -> list[Seat]:
    """Who has the named room today, then who had it lately, newest first: guests and visits the person may see.

    A guest who sat there more than once is named once. Five queries when a room is named, else one.
    """
    rooms = rooms_named(user, query)
    if not rooms:
        return []
    today = {room.venue_id: today_of(room.venue) for room in rooms}
    visits = Visit.objects.visible_to(user).filter(
        room__in=rooms,
        status__in=HERE_OR_WAS_HERE,
        business_date__range=(min(today.values()) - LATELY, max(today.values())),
    )
    rows = (
        Attendance.objects.filter(visit__in=visits, customer__in=Customer.objects.visible_to(user).values("pk"))
        .select_related("visit__room")
        .order_by("-visit__business_date", "visit__starts_at", "pk")
    )
    seat_of: dict[int, Visit] = {}
    for row in rows[: SEATS_SHOWN * 4]:
        if row.customer_id is not None:
            seat_of.setdefault(row.customer_id, row.visit)
    shown = list(seat_of)[:SEATS_SHOWN]
    guests = {guest.pk: guest for guest in for_lists(Customer.objects.filter(pk__in=shown))}
    return [Seat(guests[pk], _said(seat_of[pk], today)) for pk in shown if pk in guests]


def _said(visit: Visit, today: dict[int, date]) -> str:
    if visit.business_date == today[visit.venue_id]:
        return _("Today %(time)s, %(room)s") % {"time": format_moment(visit.starts_at, "time"), "room": visit.room}
    return _("%(day)s, %(room)s") % {"day": format_date(visit.business_date, "short"), "room": visit.room}
