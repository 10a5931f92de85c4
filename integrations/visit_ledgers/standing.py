"""Which visits a file speaks of: those of its former copy that it does not speak of any more are named, and stay."""

import datetime
from collections.abc import Collection, Iterable
from typing import Any

from crm_project.core.text import compare_key
from integrations.ledgers import many_values  # noqa: F401 - registers the lookup any_of
from integrations.visit_ledgers.reading import VisitRow
from visits.choices import VisitStatus
from visits.models import Attendance, Visit

# Who called it off has left the ledger for a reason that the house knows.
CALLED_OFF = (VisitStatus.CANCELLED, VisitStatus.NO_SHOW)


class StandingVisits:
    """The visits of one file, row by row."""

    def __init__(self) -> None:
        self.ids: set[int] = set()
        self._first: datetime.date | None = None
        self._last: datetime.date | None = None
        # Of rows that were set aside: code, name, and their days (none: any day). They may be about any visit of that guest.
        self._aside: list[tuple[str, str, frozenset[datetime.date]]] = []

    def take(self, row: VisitRow, ids: Iterable[int | None], *, is_aside: bool) -> None:
        """A row of the file and the visits that it is about."""
        self.ids.update(pk for pk in ids if pk is not None)
        days = frozenset(visit.day for visit in row.visits)
        for day in days:
            self._first = min(day, self._first or day)
            self._last = max(day, self._last or day)
        if is_aside:
            self._aside.append((row.guest.code, compare_key(row.guest.name), days))

    def gone(self, former: Collection[int]) -> list[int]:
        """Visits of the former copy between the first and the last day of this file which it does not hold, by their day."""
        missing = set(former) - self.ids
        if not missing or self._first is None:
            return []
        visits = Visit.objects.filter(id__any_of=missing, business_date__range=(self._first, self._last))
        days = dict(visits.exclude(status__in=CALLED_OFF).values_list("pk", "business_date"))
        if self._aside and days:
            sat = Attendance.objects.filter(visit__id__any_of=set(days), customer__isnull=False).order_by()
            for pk, code, name in sat.values_list("visit_id", "customer__code", "customer__name"):
                if pk in days and self._may_be_aside(code, name, days[pk]):
                    del days[pk]
        return sorted(days, key=lambda pk: (days[pk], pk))

    def _may_be_aside(self, code: str | None, name: Any, day: datetime.date) -> bool:
        key = compare_key(name)
        return any(
            (code_aside and code_aside == code) or (name_aside and name_aside == key)
            for code_aside, name_aside, days in self._aside
            if not days or day in days
        )
