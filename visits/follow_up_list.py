"""What is to be done about bookings and after evenings, for whom, by when."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from django.db.models import Count, Prefetch, Q, QuerySet, Subquery

from crm_project.core.accounts.models import User
from crm_project.core.rights import Right
from customers.models import Customer, Phone
from visits.choices import FollowUpState
from visits.day_lines import have_at_hand
from visits.models import Attendance, FollowUp, Visit

MINE, DESK, ALL = "mine", "desk", "all"
AHEAD = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Task:
    """A follow-up as the list shows it, with the guest it is about."""

    row: FollowUp
    guest: Customer | None
    phones: Sequence[Phone]
    is_late: bool
    is_today: bool
    may_close: bool


@dataclass(frozen=True, slots=True)
class Counts:
    """How many are due (today or before): one's own, the desk's, everybody's."""

    mine: int = 0
    desk: int = 0
    all: int = 0


@dataclass(slots=True)
class Due:
    """The tasks of a list by how urgent they are."""

    late: list[Task] = field(default_factory=list)
    today: list[Task] = field(default_factory=list)
    coming: list[Task] = field(default_factory=list)

    def groups(self) -> list[tuple[str, list[Task]]]:
        """Those that have something, the late ones first."""
        found = (("late", self.late), ("today", self.today), ("coming", self.coming))
        return [(name, tasks) for name, tasks in found if tasks]


def closing_venues(user: User) -> set[int]:
    """Ids of the venues where the person closes follow-ups."""
    return {*user.venues_with(Right.LOG_VISITS), *user.venues_with(Right.TAKE_BOOKINGS)}


def open_for(user: User, whose: str) -> QuerySet[FollowUp]:
    """What is still to be done at the venues where the person does such things: one's own, the desk's, or all."""
    rows = FollowUp.objects.visible_to(user).still_open().filter(visit__venue__in=closing_venues(user))
    if whose == MINE:
        return rows.filter(assigned_to=user)
    return rows.filter(assigned_to=None) if whose == DESK else rows


def due_counts(user: User, today: date) -> Counts:
    """How many are due. One query."""
    due = open_for(user, ALL).filter(due_on__lte=today)
    counted = due.aggregate(
        mine=Count("pk", filter=Q(assigned_to=user)), desk=Count("pk", filter=Q(assigned_to=None)), all=Count("pk")
    )
    return Counts(**counted)


def with_guests(rows: QuerySet[FollowUp], user: User) -> QuerySet[FollowUp]:
    """The rows with visit, people and (for who sees contacts) phones: three queries."""
    people = Attendance.objects.exclude(customer=None).select_related("customer__company")
    if user.has_right(Right.VIEW_CONTACTS):
        people = people.prefetch_related("customer__phones")
    return rows.select_related("assigned_to", "closed_by", "visit__venue", "visit__room").prefetch_related(
        Prefetch("visit__attendances", people, to_attr="known_people")
    )


def follow_ups_of(visit: Visit, user: User) -> Sequence[FollowUp]:
    """The same of one visit whose people were fetched. One query, with the phone of its guest for who sees contacts."""
    people = [row for row in visit.attendances.all() if row.customer is not None]
    host = people[0].customer if people else None
    first = Phone.objects.filter(customer=host).order_by("position", "pk") if host else Phone.objects.none()
    rows = list(
        FollowUp.objects.visible_to(user)
        .filter(visit=visit)
        .select_related("assigned_to", "closed_by")
        .annotate(written=Subquery(first.values("written")[:1]), digits=Subquery(first.values("digits")[:1]))
    )
    visit.known_people = people  # type: ignore[attr-defined]
    for row in rows:
        row.visit = visit
    if host is not None and rows:
        phone = rows[0]
        have_at_hand(host, "phones", [Phone(written=phone.written, digits=phone.digits)] if phone.digits else [])
    return rows


def tasks_of(rows: Iterable[FollowUp], user: User, today: date) -> list[Task]:
    """The rows (of `with_guests`) as the list shows them."""
    sees, closing = user.has_right(Right.VIEW_CONTACTS), closing_venues(user)
    tasks = []
    for row in rows:
        guest = next((person.customer for person in row.visit.known_people), None)  # type: ignore[attr-defined]
        stopped = guest is None or guest.contact_stopped
        phones = list(guest.phones.all())[:1] if sees and guest is not None and not stopped else []
        is_open = row.state == FollowUpState.OPEN
        tasks.append(
            Task(
                row=row,
                guest=guest,
                phones=phones,
                is_late=is_open and row.due_on < today,
                is_today=is_open and row.due_on == today,
                may_close=row.visit.venue_id in closing,
            )
        )
    return tasks


def by_urgency(tasks: Iterable[Task]) -> Due:
    """Late, due today, coming."""
    due = Due()
    for task in tasks:
        (due.late if task.is_late else due.today if task.is_today else due.coming).append(task)
    return due
