"""The seats of a visit: its people as the rules of seating see them, and the plan as people see it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from customers.models import Customer
from visits.choices import AttendanceRole, Purpose, RoomKind
from visits.companions import called, next_numbers
from visits.models import Attendance, Room, SeatingPlan, Visit
from visits.seating_order import Person, Places, RoomRules, Upper, adapt, fingerprint, order_of, propose

# Evenings at which two families or firms sit opposite each other.
TWO_SIDES = (Purpose.HOSTING, Purpose.ENGAGEMENT)
# Whoever is more than these has no place of their own on a plan: a hall is seated by its tables.
MOST_SEATS = 40

UPPER_LABELS: dict[Upper, str | Promise] = {
    Upper.ALCOVE: gettext_lazy("In front of the alcove (床の間)"),
    Upper.VIEW: gettext_lazy("Facing the view"),
    Upper.FAR: gettext_lazy("Far end (奥)"),
}


@dataclass(frozen=True, slots=True)
class Sitter:
    """Somebody with a place: a known guest, somebody with a name only, or one of a group."""

    person: Person
    label: str
    guest: Customer | None = None

    @property
    def person_role(self) -> str:
        """The role at the table in words; that a companion is one says the name already."""
        if self.guest is None and self.person.role == AttendanceRole.COMPANION:
            return ""
        return str(AttendanceRole(self.person.role).label)

    @property
    def name(self) -> str:
        """What the place card says."""
        return f"{self.guest.name} {self.guest.honorific}" if self.guest is not None else self.label


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """Who sits where, from the far end to the door; None is a free place."""

    upper: list[Sitter | None]
    lower: list[Sitter | None]
    is_confirmed: bool
    # Somebody has placed the guests, though not for the people or the room of now.
    is_outdated: bool
    upper_label: str | Promise
    is_counter: bool
    decided_by: str = ""
    decided_at: datetime | None = None
    version: int = 0

    @property
    def order(self) -> list[Sitter]:
        """Everybody in the order of precedence, for the house's eyes alone."""
        by_ref = {one.person.ref: one for one in (*self.upper, *self.lower) if one is not None}
        return [by_ref[ref] for ref in order_of(self.places)]

    @property
    def places(self) -> Places:
        """The plan as references."""
        return Places(
            tuple(one.person.ref if one else "" for one in self.upper),
            tuple(one.person.ref if one else "" for one in self.lower),
        )


def sitters_of(visit: Visit) -> list[Sitter]:
    """Everybody at a table (people fetched with their guests), each member of a group, and who has no name yet."""
    found = []
    for row in visit.attendances.all():
        firm = row.customer.company_id if row.customer is not None else None
        for number in range(1, row.headcount + 1):
            ref = str(row.pk) if row.headcount == 1 else f"{row.pk}.{number}"
            found.append(Sitter(Person(ref, row.role, firm), _label(row), row.customer))
    unnamed = max(visit.party_size - len(found), 0)
    # Nobody is called as somebody who has a name already.
    labels = [sitter.label for sitter in found if sitter.guest is None]
    for place, number in zip(range(1, unnamed + 1), next_numbers(labels), strict=False):
        label = _("Companion") if unnamed == 1 and not labels else called(number)
        found.append(Sitter(Person(f"x{place}", AttendanceRole.COMPANION), label))
    return found


def _label(row: Attendance) -> str:
    return row.label or str(row.customer or "")


def rules_of(room: Room | None) -> RoomRules:
    """What of a room decides where its seat of honour is; a table without a room is a table."""
    if room is None:
        return RoomRules()
    return RoomRules(
        has_alcove=room.has_alcove, view_is_upper=room.view_is_upper, is_counter=room.kind == RoomKind.COUNTER
    )


def plan_of(visit: Visit, saved: SeatingPlan | None) -> Plan | None:
    """The plan of a visit (room and people fetched): what was decided, else the proposal; None for a table too large."""
    sitters = sitters_of(visit)
    if not sitters or len(sitters) > MOST_SEATS:
        return None
    rules = rules_of(visit.room)
    people = [one.person for one in sitters]
    proposed = propose(people, rules, is_hosting=visit.purpose in TWO_SIDES)
    is_of_now = saved is not None and saved.confirmed_for == fingerprint(people, visit.room_id)
    places = proposed if saved is None else adapt(saved.places, proposed)
    by_ref = {one.person.ref: one for one in sitters}
    return Plan(
        upper=_row(places.upper, by_ref),
        lower=_row(places.lower, by_ref),
        is_confirmed=saved is not None and saved.is_confirmed and is_of_now,
        is_outdated=saved is not None and not is_of_now,
        upper_label=UPPER_LABELS[rules.upper],
        is_counter=rules.is_counter,
        decided_by=str(saved.decided_by) if saved is not None else "",
        decided_at=saved.decided_at if saved is not None else None,
        version=saved.version if saved is not None else 0,
    )


def _row(refs: Sequence[str], sitters: dict[str, Sitter]) -> list[Sitter | None]:
    return [sitters.get(ref) for ref in refs]
