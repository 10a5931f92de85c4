"""What must not be overlooked on 本日: whom a dish would harm, and who said at the table that something has changed."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from crm_project.core.allergens.choices import Presence, Severity
from visits.day import Table
from visits.evening import ConflictLine, SeatLine

# As many stand open where there are no more, all of one's own rooms or none of them; beyond that the worst one alone does,
# so that the first table stays in sight.
SHOWN_TOGETHER = 2
DISHES_SHOWN = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class DayAlert:
    """A seat of the day that would be harmed, with its dishes, the most dangerous first; without dishes nobody knows by what."""

    table: Table
    seat: SeatLine
    lines: Sequence[ConflictLine] = ()

    @property
    def first_lines(self) -> Sequence[ConflictLine]:
        """The dishes that are named at once."""
        return self.lines[:DISHES_SHOWN]

    @property
    def more_dishes(self) -> int:
        """How many more there are."""
        return len(self.lines) - len(self.first_lines)


@dataclass(frozen=True, slots=True, kw_only=True)
class DayAlerts:
    """The alerts of a day as its page shows them."""

    shown: Sequence[DayAlert] = ()
    # Behind a line that says how many they are.
    folded: Sequence[DayAlert] = ()

    @property
    def mine_folded(self) -> int:
        """How many of those behind the line are of one's own rooms."""
        return sum(alert.table.is_mine for alert in self.folded)


def alerts_of(tables: Iterable[Table]) -> DayAlerts:
    """What is open at these tables: own rooms first, the most severe first, then as they come."""
    found = [
        alert
        for table in tables
        if table.is_open
        for alert in [
            *(DayAlert(table=table, seat=seat) for seat in table.evening.unwritten_changes),
            *(
                DayAlert(table=table, seat=seat, lines=sorted(lines, key=_danger))
                for seat, lines in table.evening.harmed
            ),
        ]
    ]
    found.sort(key=lambda alert: (not alert.table.is_mine, _worst(alert), alert.table.visit.starts_at))
    # Who has a room that is touched looks at it first: other rooms are counted.
    is_of_one_kind = len({alert.table.is_mine for alert in found}) == 1
    shown = len(found) if len(found) <= SHOWN_TOGETHER and is_of_one_kind else 1
    return DayAlerts(shown=found[:shown], folded=found[shown:])


def _worst(alert: DayAlert) -> tuple[bool, bool]:
    """What nobody wrote down may be anything: it counts as the worst."""
    return _danger(alert.lines[0]) if alert.lines else (False, False)


def _danger(line: ConflictLine) -> tuple[bool, bool]:
    """Severe allergies first, among them what is known to be in the dish."""
    touched = [one for one in line.conflict.touched if one.must_be_confirmed]
    severe = [one for one in touched if one.severity == Severity.SEVERE]
    return not severe, not any(one.presence == Presence.CONTAINS for one in severe or touched)
