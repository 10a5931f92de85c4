"""Bookings of one occasion, side by side with their totals."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Exists, OuterRef, Prefetch, Q, QuerySet

from crm_project.core.accounts.models import User
from visits.choices import HOLDS_THE_ROOM, VisitStatus
from visits.models import Attendance, Occasion, Visit

COUNTED = (*HOLDS_THE_ROOM, VisitStatus.COMPLETED)


@dataclass(frozen=True, slots=True)
class Totals:
    """How many parties and heads an occasion brings; what is cancelled or did not come is not counted."""

    parties: int
    heads: int


def totals_of(visits: Iterable[Visit]) -> Totals:
    """Parties and heads."""
    counted = [visit for visit in visits if visit.status in COUNTED]
    return Totals(len(counted), sum(visit.party_size for visit in counted))


def occasions_for(user: User) -> QuerySet[Occasion]:
    """Occasions of the person's venues. One whose bookings are all sealed from the person is not there: its name tells.

    Nor is one that has none (any more), which may have been sealed: it is there for who made it alone.
    """
    bookings = Visit.objects.filter(occasion=OuterRef("pk"))
    theirs = bookings.filter(pk__in=Visit.objects.visible_to(user).values("pk"))
    return Occasion.objects.filter(Exists(theirs) | (~Exists(bookings) & Q(made_by=user)), venue__in=user.venue_ids)


def with_people(visits: QuerySet[Visit]) -> QuerySet[Visit]:
    """Visits with what a line of a list shows. Two queries."""
    people = Attendance.objects.select_related("customer")
    return visits.select_related("venue", "room").prefetch_related(Prefetch("attendances", people))


def bookings_of(occasion: Occasion, user: User) -> list[Visit]:
    """The bookings of an occasion the person may know of, in the order of their times. Two queries."""
    return list(with_people(Visit.objects.visible_to(user).filter(occasion=occasion)).order_by("starts_at", "pk"))


def may_be_added(user: User, occasion: Occasion) -> QuerySet[Visit]:
    """Bookings of the venue that belong to no occasion yet."""
    standing = Q(status__in=COUNTED, occasion=None)
    return Visit.objects.visible_to(user).filter(standing, venue=occasion.venue_id)
