"""When guests come: more in December, less in February, rather at the end of the week."""

from datetime import date, timedelta
from random import Random
from typing import Final

from crm_project.demo.guests import HABITS, Guest

# How busy the months are, January first.
BUSY: Final = (0.95, 0.72, 1.02, 1.15, 0.95, 0.85, 0.95, 0.8, 0.9, 1.1, 1.2, 1.5)
BUSIEST: Final = max(BUSY)
LAPSED: Final = 0.12
YEAR_END: Final = 0.3
FRIDAY: Final = 4


def visit_days(rng: Random, guest: Guest, *, first_day: date, today: date, last_day: date) -> list[date]:
    """The business days on which a guest comes, until `last_day` in the coming weeks."""
    habit = HABITS[guest.habit]
    start = max(first_day, guest.row.since or first_day)
    if guest.habit == "never":
        return []
    if habit.days_between is None:
        return _rare_days(rng, guest.row.since, start, today, last_day)
    year_ends = _year_end_days(rng, start, last_day) if guest.company else []
    stops = last_day if rng.random() > LAPSED else today - timedelta(days=rng.randint(60, 1000))
    days = year_ends
    day = start + timedelta(days=rng.uniform(0, habit.days_between) if start == first_day else 0)
    while day <= min(stops, last_day):
        days.append(_rather_weekend(rng, day))
        step = max(6.0, rng.gauss(habit.days_between, habit.days_between * 0.3))
        # Friends of the house come a little sooner in busy months.
        day += timedelta(days=step / BUSY[day.month - 1])
    return [day for day in sorted(dict.fromkeys(days)) if start <= day <= min(stops, last_day)]


def _year_end_days(rng: Random, start: date, last_day: date) -> list[date]:
    """The parties before New Year that companies give."""
    return [
        _rather_weekend(rng, date(year, 12, rng.randint(3, 24)))
        for year in range(start.year, last_day.year + 1)
        if rng.random() < YEAR_END
    ]


def _rare_days(rng: Random, since: date | None, start: date, today: date, last_day: date) -> list[date]:
    """The first visit on the day they became guests, perhaps one more; a few come for the first time in the next weeks."""
    span = max(0, (today - start).days)
    days = [start] if start == since and start < today else []
    for _again in range(rng.choices((0, 1, 2), (66, 27, 7))[0]):
        day = start + timedelta(days=int(rng.triangular(0, span, span * 0.7)))
        if rng.random() < BUSY[day.month - 1] / BUSIEST:
            days.append(day)
    if rng.random() < 0.04:
        days.append(today + timedelta(days=rng.randint(0, max(0, (last_day - today).days))))
    return sorted(dict.fromkeys(_rather_weekend(rng, day) for day in days))


def _rather_weekend(rng: Random, day: date) -> date:
    """Half of those who would come on another day wait for Friday or Saturday."""
    if day.weekday() in (FRIDAY, FRIDAY + 1) or rng.random() < 0.55:
        return day
    return day + timedelta(days=(FRIDAY - day.weekday()) % 7 + rng.randint(0, 1))
