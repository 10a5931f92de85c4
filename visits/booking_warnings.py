"""What whoever takes a booking has to know before it is taken: most of it can be confirmed, none of it is hidden."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from crm_project.core.accounts.models import User, Venue
from crm_project.core.rights import Right
from crm_project.core.ui.display_dates import format_moment
from customers.models import Customer, KeepApart
from visits.choices import HOLDS_THE_ROOM, VisitStatus
from visits.models import Attendance, BookingTerms, ClosedDay, Visit
from visits.terms import stay_of, terms_of, why_closed_on

NO_SHOWS_TOLD = 1
# Longer than any meal: an end was mistyped, or the house is taken for the day.
LONG_STAY = timedelta(hours=8)
NO_SHOW_YEARS = timedelta(days=3 * 365)


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """Another booking of a guest on the same day: at which venue, and when."""

    customer_id: int
    starts_at: datetime
    venue: Venue


def to_confirm(visit: Visit, guests: Iterable[Customer], user: User) -> dict[str, str]:
    """Sentences by key that somebody confirms before the booking (its values set, saved or not) is taken: see
    `sentences`. Three queries.
    """
    there = list(guests)
    others = other_bookings(visit, [guest.pk for guest in there], user).select_related("visit__venue")
    elsewhere = [Elsewhere(row.customer_id or 0, row.visit.starts_at, row.visit.venue) for row in others]
    exception = ClosedDay.objects.filter(venue=visit.venue_id, on=visit.business_date).first()
    return sentences(visit, there, terms=terms_of(visit.venue), exception=exception, elsewhere=elsewhere)


def sentences(
    visit: Visit,
    guests: Iterable[Customer],
    *,
    terms: BookingTerms,
    exception: ClosedDay | None,
    elsewhere: Iterable[Elsewhere],
) -> dict[str, str]:
    """What is to be confirmed, by key; no query.

    closed: the day; crowded: more guests than seats; long: nobody stays so long, as with an end before the beginning;
    past: it is over; same_day: a guest has another booking that day, not sealed from the person.
    """
    venue = visit.venue
    found: dict[str, str] = {}
    reason = why_closed_on(terms, exception, visit.business_date)
    if reason is not None:
        closed = _("The house is closed on that day.")
        found["closed"] = f"{closed} {reason}".strip()
    room = visit.room
    # Seats of a shared room that are not there are refused; taken as a whole it is a room like others.
    taken_whole = room is not None and (visit.takes_whole_room or not room.seats_are_shared)
    if room is not None and taken_whole and visit.party_size > room.capacity:
        found["crowded"] = ngettext(
            "%(room)s seats %(count)s guest.", "%(room)s seats %(count)s guests.", room.capacity
        ) % {"room": room.name, "count": room.capacity}
    if visit.ends_at is not None:
        stays = visit.ends_at - visit.starts_at
        if stays > max(LONG_STAY, stay_of(terms, visit.starts_at, venue)):
            found["long"] = _("They would stay until %(until)s: %(hours)s hours.") % {
                "until": format_moment(visit.ends_at.astimezone(venue.zone), "short"),
                "hours": round(stays.total_seconds() / 3600),
            }
    if visit.starts_at < timezone.now() - timedelta(hours=1):
        found["past"] = _("That time is over.")
    named = {guest.pk: guest for guest in guests}
    for other in sorted(elsewhere, key=lambda other: other.starts_at)[:1]:
        guest = named[other.customer_id]
        found["same_day"] = _("%(name)s has another booking on that day: %(time)s, %(venue)s.") % {
            "name": f"{guest.name} {guest.honorific}",
            "time": format_moment(other.starts_at.astimezone(other.venue.zone), "time"),
            "venue": other.venue,
        }
    return found


def other_bookings(visit: Visit, customer_ids: Iterable[int], user: User) -> QuerySet[Attendance]:
    """Where else guests are expected or in the house on the business day of a booking; not what is sealed."""
    others = Attendance.objects.filter(
        customer__in=list(customer_ids),
        visit__business_date=visit.business_date,
        visit__status__in=HOLDS_THE_ROOM,
    ).exclude(visit=visit.pk)
    return others.exclude(visit__in=Visit.objects.sealed_from(user).values("pk"))


def no_shows(customer_ids: Iterable[int], user: User) -> dict[int, int]:
    """How often guests did not come without a word in the last three years, by guest. One query.

    For who takes or records bookings, else nothing; visits that are sealed from the person are not counted.
    """
    rows = no_show_rows(customer_ids, user)
    if rows is None:
        return {}
    counted: dict[int, int] = {}
    for customer_id, _visit_id in set(rows.values_list("customer_id", "visit_id")):
        if customer_id is not None:
            counted[customer_id] = counted.get(customer_id, 0) + 1
    return {pk: count for pk, count in counted.items() if count >= NO_SHOWS_TOLD}


def no_show_rows(customer_ids: Iterable[int], user: User) -> QuerySet[Attendance] | None:
    """The seats of guests who did not come in the last three years; None for who may not know of it."""
    if not (user.has_right(Right.TAKE_BOOKINGS) or user.has_right(Right.LOG_VISITS)):
        return None
    return Attendance.objects.filter(
        customer__in=list(customer_ids),
        visit__status=VisitStatus.NO_SHOW,
        visit__starts_at__gte=timezone.now() - NO_SHOW_YEARS,
    ).exclude(visit__in=Visit.objects.sealed_from(user).values("pk"))


def pairs_naming(customer_ids: Iterable[int], company_ids: Iterable[int]) -> QuerySet[KeepApart]:
    """Pairs in force that name one of the guests or firms."""
    ids, firms = list(customer_ids), list(company_ids)
    return KeepApart.objects.in_force().filter(
        Q(customer__in=ids) | Q(company__in=firms) | Q(other_customer__in=ids) | Q(other_company__in=firms)
    )


def must_not_meet(visit: Visit, guests: Iterable[Customer], user: User) -> list[tuple[Customer, Customer, Visit]]:
    """Whom of the booking's guests somebody in the house in the same hours must not meet (鉢合わせ), and that visit:
    see `met_by`.

    For who holds KEEP_APART at the venue alone, else nothing. Two queries.
    """
    if not user.has_right(Right.KEEP_APART, visit.venue_id):
        return []
    there = list(guests)
    firms = {guest.company_id for guest in there if guest.company_id}
    pairs = list(pairs_naming({guest.pk for guest in there}, firms))
    seats = seats_in_the_hours(visit, user).select_related("customer", "visit__room", "visit__venue")
    return met_by(pairs, [(row.customer, row.visit) for row in seats if row.customer is not None], there)


def seats_in_the_hours(visit: Visit, user: User) -> QuerySet[Attendance]:
    """The seats of known guests who are in the house while a booking's party is; not of visits sealed from the person."""
    return (
        Attendance.objects.filter(
            customer__isnull=False,
            visit__in=Visit.objects.visible_to(user).filter(venue=visit.venue_id, status__in=HOLDS_THE_ROOM),
            visit__starts_at__lt=visit.ends_at,
            visit__ends_at__gt=visit.starts_at,
        )
        .exclude(visit=visit.pk)
        .order_by("visit__starts_at", "pk")
    )


def met_by(
    pairs: Iterable[KeepApart], seats: Iterable[tuple[Customer, Visit]], guests: Iterable[Customer]
) -> list[tuple[Customer, Customer, Visit]]:
    """A guest, whom that guest must not meet, and where the other one sits, of the seats taken in the same hours. Pure."""
    kept, there = list(pairs), list(guests)
    return [
        (guest, other, visit)
        for other, visit in seats
        for guest in there
        if any(_apart(pair, guest, other) for pair in kept)
    ]


def meetings(
    pairs: Iterable[KeepApart], tables: Iterable[tuple[Visit, Sequence[Customer]]]
) -> dict[int, list[tuple[Customer, Customer, Visit]]]:
    """Who meets whom although they must not (鉢合わせ), by visit: its guest, the other one, the other one's visit. Pure.

    `tables` are visits that hold their rooms, with an end, and the known guests of each.
    """
    kept = list(pairs)
    there = [
        (visit, guest)
        for visit, guests in tables
        for guest in guests
        if any(_named(pair, guest) for pair in kept) and visit.ends_at is not None
    ]
    found: dict[int, list[tuple[Customer, Customer, Visit]]] = {}
    for visit, guest in there:
        for other_visit, other in there:
            at_once = visit.pk != other_visit.pk and _overlap(visit, other_visit)
            if at_once and any(_apart(pair, guest, other) for pair in kept):
                found.setdefault(visit.pk, []).append((guest, other, other_visit))
    return found


def _overlap(visit: Visit, other: Visit) -> bool:
    assert visit.ends_at is not None
    assert other.ends_at is not None
    return visit.starts_at < other.ends_at and other.starts_at < visit.ends_at


def _named(pair: KeepApart, guest: Customer) -> bool:
    return _is(guest, (pair.customer_id, pair.company_id)) or _is(
        guest, (pair.other_customer_id, pair.other_company_id)
    )


def _apart(pair: KeepApart, guest: Customer, other: Customer) -> bool:
    one = (pair.customer_id, pair.company_id)
    two = (pair.other_customer_id, pair.other_company_id)
    return (_is(guest, one) and _is(other, two)) or (_is(guest, two) and _is(other, one))


def _is(guest: Customer, who: tuple[int | None, int | None]) -> bool:
    customer_id, company_id = who
    return guest.pk == customer_id if customer_id else guest.company_id == company_id
