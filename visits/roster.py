"""Who attends which table of a day, and who is free (手が空いている). Pure."""

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from datetime import datetime

from visits.day_lines import LENT_AWAY, ON_LOAN_HERE, Line
from visits.models import Visit
from visits.services.occupancy import expected_end


@dataclass(frozen=True, slots=True)
class Colleague:
    """Somebody who may attend tables, and the visits of the day he or she attends, in the order of their times."""

    user_id: int
    name: str
    is_on_loan: bool
    visits: list[Visit] = field(default_factory=list)

    def at_table(self, at: datetime) -> Visit | None:
        """The visit attended at the moment: it holds its room, has begun and is not yet expected to be over."""
        return next(
            (visit for visit in self.visits if visit.holds_its_room and visit.starts_at <= at < expected_end(visit)),
            None,
        )

    def next_table(self, at: datetime) -> Visit | None:
        """The next visit to attend after the moment."""
        return next((visit for visit in self.visits if visit.holds_its_room and visit.starts_at > at), None)


def roster_of(lines: Sequence[Line], attending: Sequence[tuple[Visit, AbstractSet[int]]]) -> list[Colleague]:
    """Colleagues by reading, each once, with the visits they attend. Who is lent to another venue is not there."""
    here = {line.of: line for line in lines if line.more != LENT_AWAY}
    here |= {line.of: line for line in lines if line.more == ON_LOAN_HERE}
    ordered = sorted(here.values(), key=lambda line: (line.extra, line.words, line.of))
    return [
        Colleague(
            line.of,
            line.words,
            line.more == ON_LOAN_HERE,
            [visit for visit, people in attending if line.of in people],
        )
        for line in ordered
    ]
