"""Who waits for a table (キャンセル待ち), and whether there is one now."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from django.db.models import Prefetch, Q
from django.utils import timezone

from crm_project.core.accounts.models import Venue
from crm_project.core.dates import business_day_bounds
from visits.choices import DINNER, LUNCH, VisitStatus
from visits.free_rooms import RoomState, Stay, in_offer, states_of
from visits.models import BookingTerms, Occupancy, Room, RoomPart, WaitingParty
from visits.occupancy import Slot, quarters
from visits.spoken_time import NoSuchTime, moment_of
from visits.terms import CLEARING_AT_MOST, meal_of, stay_of, terms_of

# Until when a party that would come at any time of a meal may still begin.
LAST_BEGIN = {LUNCH: time(14, 0), DINNER: time(20, 30)}
STEP = timedelta(minutes=30)
OFFERED = 3


@dataclass(frozen=True, slots=True)
class Offer:
    """What a waiting party could have now: when, and the rooms, the best one first."""

    starts_at: datetime
    rooms: Sequence[Room]


@dataclass(frozen=True, slots=True)
class Wish:
    """A party on the list, and what it could have; None while nothing fits."""

    party: WaitingParty
    offer: Offer | None


def wishes_of(venue: Venue, parties: Iterable[WaitingParty]) -> list[Wish]:
    """The parties of a venue with what they could have at this moment. Four queries, however many parties."""
    waiting = list(parties)
    if not waiting:
        return []
    terms = terms_of(venue)
    parts = Prefetch("parts", RoomPart.objects.select_related("room"))
    rooms = list(venue.rooms.filter(is_active=True).prefetch_related(parts))
    begins = {party.pk: _begins(party, venue) for party in waiting}
    taken = _taken(venue, terms, [at for times in begins.values() for at in times])
    return [Wish(party, _offer(party, venue, terms, rooms, begins[party.pk], taken)) for party in waiting]


def _begins(party: WaitingParty, venue: Venue) -> list[datetime]:
    """When the party could begin, in half hours, from now on."""

    def on_the_clock(at: time) -> datetime:
        minutes = at.hour * 60 + at.minute
        return moment_of(party.business_date, minutes, closing_hour=venue.closing_hour, zone=venue.zone)

    try:
        first = on_the_clock(party.from_time)
        last = on_the_clock(party.until_time or LAST_BEGIN[meal_of(first, venue)])
        day_starts, day_ends = business_day_bounds(party.business_date, venue.closing_hour, venue.zone)
        # Until the very hour at which the house closes is until the day ends.
        last = day_ends if last == day_starts else last
    except NoSuchTime:
        return []
    now = timezone.now()
    found = []
    at = first
    while at <= max(first, last):
        if at > now:
            found.append(at)
        at += STEP
    return found


def _taken(venue: Venue, terms: BookingTerms, begins: Sequence[datetime]) -> list[Slot]:
    """What others have of the venue's rooms on the days in question. One query."""
    if not begins:
        return []
    longest = timedelta(minutes=max(terms.lunch_minutes, terms.dinner_minutes))
    windows = Q()
    for first, last in _by_day(begins):
        when = quarters(first, last + longest, CLEARING_AT_MOST)
        windows |= Q(quarter__range=(when.start, when.stop - 1))
    stale = Q(visit__status=VisitStatus.TENTATIVE, visit__tentative_until__lte=timezone.now())
    rows = Occupancy.objects.filter(windows, room__venue=venue).exclude(stale)
    return [Slot(*row) for row in rows.values_list("room_id", "seat", "quarter")]


def _by_day(begins: Sequence[datetime]) -> list[tuple[datetime, datetime]]:
    """The first and the last of the times of each day."""
    days: dict[object, tuple[datetime, datetime]] = {}
    for at in sorted(begins):
        first, _last = days.get(at.date(), (at, at))
        days[at.date()] = (first, at)
    return list(days.values())


def _offer(
    party: WaitingParty,
    venue: Venue,
    terms: BookingTerms,
    rooms: Sequence[Room],
    begins: Sequence[datetime],
    taken: Sequence[Slot],
) -> Offer | None:
    wanted = [room for room in rooms if party.room_id in (None, room.pk)]
    for at in begins:
        stay = Stay(at, at + stay_of(terms, at, venue), party.party_size)
        when = quarters(stay.starts_at, stay.ends_at, CLEARING_AT_MOST)
        there = [slot for slot in taken if slot.quarter in when]
        fitting: list[RoomState] = [state for state in in_offer(states_of(wanted, stay, there)) if state.fits]
        if fitting:
            return Offer(at, [state.room for state in fitting[:OFFERED]])
    return None
