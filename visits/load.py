"""How full the house is: parties and guests that are present in each half hour. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo

HALF_HOUR = timedelta(minutes=30)


@dataclass(frozen=True, slots=True)
class Stay:
    """One party from its arrival until it leaves (aware moments), and how many guests it is."""

    starts_at: datetime
    ends_at: datetime
    guests: int


@dataclass(frozen=True, slots=True)
class HalfHour:
    """Who is present at some time of the half hour that begins at `at`."""

    at: datetime
    parties: int
    guests: int


def half_hour_of(at: datetime, zone: tzinfo) -> datetime:
    """When the half hour of a moment begins on the clock of the zone."""
    local = at.astimezone(zone)
    since = timedelta(minutes=local.minute % 30, seconds=local.second, microseconds=local.microsecond)
    return (at.astimezone(UTC) - since).astimezone(zone)


def half_hours(first: datetime, end: datetime, zone: tzinfo) -> list[datetime]:
    """The half hours from the one of `first` until `end`, aware, on the clock of the zone; a clock put back repeats one."""
    # Steps are taken in UTC: an hour that the clock leaves out or repeats is an hour all the same.
    at = half_hour_of(first, zone).astimezone(UTC)
    found = []
    while at < end:
        found.append(at.astimezone(zone))
        at += HALF_HOUR
    return found


def load_of(stays: Iterable[Stay], zone: tzinfo) -> list[HalfHour]:
    """Parties and guests per half hour, from the first arrival until the last party has left; empty for no stays."""
    there = list(stays)
    if not there:
        return []
    first, end = min(stay.starts_at for stay in there), max(stay.ends_at for stay in there)
    found = []
    for at in half_hours(first, end, zone):
        present = [stay for stay in there if stay.starts_at < _after(at) and stay.ends_at > at]
        found.append(HalfHour(at, len(present), sum(stay.guests for stay in present)))
    return found


def _after(at: datetime) -> datetime:
    return at.astimezone(UTC) + HALF_HOUR


def busiest(load: Iterable[HalfHour]) -> HalfHour | None:
    """The half hour with the most guests, the first of equals; None for an empty house."""
    return max(load, key=lambda half_hour: half_hour.guests, default=None)
