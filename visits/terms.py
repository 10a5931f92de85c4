"""The house's terms of booking: how long a party stays, when the house is closed, what a cancellation costs."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta

from crm_project.core.accounts.models import Venue
from visits.choices import DINNER, LUNCH
from visits.models import BookingTerms, CancellationTerm, ClosedDay, Room

CLEARING_AT_MOST = timedelta(minutes=240)


def terms_of(venue: Venue) -> BookingTerms:
    """The terms of a venue; the defaults where it has written none. One query."""
    return BookingTerms.objects.filter(venue=venue).first() or BookingTerms(venue=venue)


def terms_beside(rooms: Sequence[Room], venue: Venue) -> BookingTerms:
    """The terms of a venue that were read with its rooms; a query only where there is no room."""
    if not rooms:
        return terms_of(venue)
    return terms_at_hand(rooms[0].venue)


def terms_at_hand(venue: Venue) -> BookingTerms:
    """The terms of a venue that were read with it; the defaults where it has written none."""
    return getattr(venue, "booking_terms", None) or BookingTerms(venue=venue)


def meal_of(at: datetime, venue: Venue) -> str:
    """Lunch (昼) or dinner (夜) on the venue's clock, parted by the venue's hour; what begins after midnight is dinner of the day
    before.
    """
    hour = at.astimezone(venue.zone).hour
    return LUNCH if venue.closing_hour - 24 <= hour < venue.dinner_from_hour else DINNER


def stay_of(terms: BookingTerms, starts_at: datetime, venue: Venue) -> timedelta:
    """How long a party that begins then is expected to stay."""
    minutes = terms.lunch_minutes if meal_of(starts_at, venue) == LUNCH else terms.dinner_minutes
    return timedelta(minutes=minutes)


def why_closed(venue: Venue, terms: BookingTerms, day: date) -> str | None:
    """The reason why the venue is closed on a business day ("" for a weekly one), None when it is open. One query."""
    return why_closed_on(terms, ClosedDay.objects.filter(venue=venue, on=day).first(), day)


def why_closed_on(terms: BookingTerms, exception: ClosedDay | None, day: date) -> str | None:
    """The same where it is known already whether an exception is written for the day. Pure."""
    if exception is not None:
        return None if exception.is_open else exception.reason
    return "" if day.weekday() in terms.closed_weekdays else None


def fee_percent(terms: Iterable[CancellationTerm], days_before: int) -> int:
    """The fee for a cancellation so many days before the day (negative: after it): of the terms reached, the nearest one.

    Per cent of the budget; 0 where no term is reached.
    """
    reached = [term for term in terms if days_before <= term.days_before]
    return min(reached, key=lambda term: term.days_before).percent if reached else 0
