"""One business day of a venue, table by table: who comes, what must not reach whom, what is known of them."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.utils import timezone

from crm_project.core.accounts.models import User, Venue
from crm_project.core.dates import business_date, business_day_bounds
from customers.models import Customer
from menus.models import Dish
from visits.choices import SeatedCheck, VisitStatus
from visits.discretion import mask_sealed
from visits.models import Attendance, Note, Promise, Visit
from visits.queries import dishes_of, open_promises, past_servings, standing_notes, visits_of_day
from visits.served import Serving
from visits.table_warnings import TableWarning, table_warnings


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """One visit of the day with everything its card shows."""

    visit: Visit
    people: list[Attendance]
    dishes: list[Dish]
    warnings: list[TableWarning]
    standing: list[Note]
    promises: list[Promise]
    is_mine: bool

    @property
    def guests(self) -> list[Customer]:
        """The known guests, the host first."""
        return [row.customer for row in self.people if row.customer is not None]

    @property
    def companions(self) -> int:
        """How many at the table nobody has asked about allergies."""
        asked = sum(row.customer is None for row in self.seated_checks)
        return max(self.visit.party_size - len(self.guests) - asked, 0)

    @property
    def conflicts(self) -> list[TableWarning]:
        """What must not reach a guest as it is."""
        return [warning for warning in self.warnings if warning.is_allergy]

    @property
    def unchecked(self) -> list[TableWarning]:
        """Dishes the kitchen has to be asked about."""
        return [warning for warning in self.warnings if not warning.must_be_confirmed]

    @property
    def same_dishes(self) -> list[TableWarning]:
        """Dishes a guest had lately."""
        return [warning for warning in self.warnings if warning.serving is not None]

    @property
    def seated_checks(self) -> list[Attendance]:
        """People who were asked at the table."""
        return [row for row in self.people if row.seated_check != SeatedCheck.NOT_YET]

    @property
    def answers_at_the_table(self) -> list[tuple[SeatedCheck, int]]:
        """What was answered at the table and by how many, changes first."""
        answers = Counter(SeatedCheck(row.seated_check) for row in self.seated_checks)
        return sorted(answers.items(), key=lambda answer: answer[0] != SeatedCheck.CHANGED)

    @property
    def is_new(self) -> bool:
        """Whether none of the known guests has been here before."""
        return bool(self.guests) and all(guest.visit_count == 0 for guest in self.guests)

    @property
    def is_open(self) -> bool:
        """Whether the visit still has to be recorded."""
        return self.visit.status != VisitStatus.COMPLETED


def today_of(venue: Venue) -> date:
    """The venue's business day at this moment."""
    return business_date(timezone.now(), venue.closing_hour, venue.zone)


def tables_of_day(venue: Venue, day: date, user: User) -> list[Table]:
    """The tables of a day in the order of their times: a fixed number of queries, however many tables."""
    visits = list(visits_of_day(venue, day))
    mask_sealed(visits, user)
    guests = [row.customer for visit in visits for row in visit.attendances.all() if row.customer is not None]
    ids = {guest.pk for guest in guests if not guest.is_sealed}
    day_start, _next_day = business_day_bounds(day, venue.closing_hour, venue.zone)
    past = past_servings(ids, user=user, before=day_start)
    notes = standing_notes(ids, user)
    promises = open_promises(ids, user)
    return [_table(visit, past, notes, promises, user) for visit in visits]


def _table(
    visit: Visit,
    past: Sequence[Serving],
    notes: dict[int, list[Note]],
    promises: dict[int, list[Promise]],
    user: User,
) -> Table:
    people = list(visit.attendances.all())
    guests = [row.customer for row in people if row.customer is not None]
    dishes = dishes_of(visit)
    return Table(
        visit=visit,
        people=people,
        dishes=dishes,
        warnings=table_warnings(guests, dishes, past),
        standing=[note for guest in guests for note in notes.get(guest.pk, [])],
        promises=[promise for guest in guests for promise in promises.get(guest.pk, [])],
        is_mine=visit.staff_id == user.pk,
    )
