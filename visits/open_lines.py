"""Required lines of the check sheet that nobody has answered yet: counted, shown, completed later."""

from collections.abc import Collection

from django.db.models import Prefetch, Q, QuerySet

from crm_project.core.accounts.models import User
from crm_project.core.rights import Right
from visits.models import Attendance, SheetLine, Visit


def visits_to_complete(user: User, *, mine: bool) -> QuerySet[Visit]:
    """Visits with open lines, the oldest first: those one attended or recorded, else all of the venues one answers for."""
    lines = SheetLine.objects.still_open().visible_to(user)
    guests = Attendance.objects.select_related("customer")
    visits = (
        Visit.objects.visible_to(user)
        .filter(pk__in=lines.values("visit"))
        .select_related("venue", "room", "staff")
        .prefetch_related(
            Prefetch("sheet_lines", SheetLine.objects.still_open(), to_attr="open_lines"),
            Prefetch("attendances", guests),
        )
        .order_by("starts_at", "pk")
    )
    if mine:
        return visits.filter(of_person(user))
    return visits.filter(venue__in=user.venues_with(Right.ANSWER_NOTES))


def of_person(user: User) -> Q:
    """Visits whose sheet a person completes: of the table's attendant; of who recorded it where nobody attended."""
    return Q(staff=user) | Q(staff=None, recorded_by=user)


def count_to_complete(user: User) -> int:
    """How many of one's own visits have open lines. One query."""
    lines = SheetLine.objects.still_open().visible_to(user)
    return (
        lines.filter(Q(visit__staff=user) | Q(visit__staff=None, visit__recorded_by=user))
        .values("visit")
        .distinct()
        .count()
    )


def open_counts(visit_ids: Collection[int], user: User) -> dict[int, int]:
    """How many required lines are open, by visit, for who reads check sheets. One query."""
    found: dict[int, int] = {}
    lines = SheetLine.objects.still_open().visible_to(user).filter(visit__in=visit_ids)
    for visit_id in lines.values_list("visit_id", flat=True):
        found[visit_id] = found.get(visit_id, 0) + 1
    return found
