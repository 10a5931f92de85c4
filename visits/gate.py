"""The allergy gate: what must be decided before a table's dishes leave the kitchen. Pure; no database, no request.

Every allergy that a dish touches, may touch, or that nobody checked, is open until the dish is replaced or left out for that
seat, or a cook has answered for it. A sheet is ready while it is word for word what was ready (`digest`): nobody has to
remember to take the readiness back.
"""

import hashlib
import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from crm_project.core.allergens.choices import Presence, Severity
from visits.allergy_check import Conflict, Diner, DishFacts, conflicts
from visits.choices import DECIDES, ExceptionKind


class SheetState(StrEnum):
    """How far a table's kitchen sheet is."""

    PREPARING = "preparing"
    READY = "ready"
    # Something is not any more as it was ready.
    CHANGED = "changed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Seat:
    """A seat, or several people counted together: allergen code -> severity."""

    ref: str
    allergies: Mapping[str, str] = field(default_factory=dict)
    people: int = 1
    is_asked: bool = True
    # Asked at the table, or excused from it because the arranger has answered.
    is_checked: bool = True
    # Rules of faith, conviction or health (DietRule): they say what is proposed, and close no gate.
    diets: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Decision:
    """What was decided about a dish for a seat; a cook's answer counts for what it `covers` alone."""

    ref: str
    dish_id: int
    kind: str
    replacement_id: int | None = None
    covers: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class SeatConflict:
    """A dish that does not go with a seat, why, and what was decided about it."""

    ref: str
    dish_id: int
    touched: tuple[Conflict, ...]
    decision: Decision | None = None
    # The dish it came in the place of, for this seat.
    instead_of: int | None = None

    @property
    def covers(self) -> frozenset[str]:
        """What a cook's answer is given for."""
        return frozenset(f"{one.allergen} {one.severity.value} {one.presence.value}" for one in self.touched)

    @property
    def is_open(self) -> bool:
        """Whether it still has to be decided."""
        if self.decision is None or self.decision.kind == ExceptionKind.REFUSED:
            return True
        return self.decision.kind == ExceptionKind.ACCEPTED and not self.covers <= self.decision.covers

    @property
    def is_severe(self) -> bool:
        """Whether somebody is severely allergic: a cook answers for it by name."""
        return any(one.severity == Severity.SEVERE for one in self.touched)

    @property
    def contains(self) -> bool:
        """Whether something is known to be in it, not only possibly."""
        return any(one.presence == Presence.CONTAINS for one in self.touched)


@dataclass(frozen=True, slots=True)
class Gate:
    """What stands between a table and its kitchen."""

    conflicts: tuple[SeatConflict, ...] = ()
    # People nobody has asked about allergies, before the evening and at the table.
    unasked: int = 0
    unchecked: int = 0

    @property
    def open(self) -> tuple[SeatConflict, ...]:
        """What still has to be decided."""
        return tuple(conflict for conflict in self.conflicts if conflict.is_open)

    @property
    def decided(self) -> tuple[SeatConflict, ...]:
        """What was decided."""
        return tuple(conflict for conflict in self.conflicts if not conflict.is_open)

    @property
    def may_be_ready(self) -> bool:
        """Whether nothing stands against it."""
        return not self.open and not self.unasked

    @property
    def service_is_open(self) -> bool:
        """Whether the food may come out: everybody was asked at the table too."""
        return self.may_be_ready and not self.unchecked


def needs_a_decision(conflict: Conflict) -> bool:
    """Contained; possibly contained where traces harm; or not checked, which is never taken for free."""
    if conflict.presence == Presence.MAY_CONTAIN:
        return conflict.severity != Severity.TRACE_OK
    return conflict.presence != Presence.FREE


def judge(
    seats: Sequence[Seat],
    dishes: Sequence[DishFacts],
    decisions: Iterable[Decision] = (),
    others: Collection[DishFacts] = (),
) -> Gate:
    """Judge the seats against the dishes of the table, and against what single seats have instead (`others`)."""
    facts = {dish.dish_id: dish for dish in (*others, *dishes)}
    decided = {(one.ref, one.dish_id): one for one in decisions if one.kind in DECIDES}
    harmed = [seat for seat in seats if seat.allergies]
    found = []
    for seat in harmed:
        for dish in dishes:
            found += _of_plate(seat, dish.dish_id, facts, decided)
    found.sort(key=lambda one: (not one.is_open, not one.contains, not one.is_severe))
    return Gate(
        tuple(found),
        unasked=sum(seat.people for seat in seats if not seat.is_asked),
        unchecked=sum(seat.people for seat in seats if not seat.is_checked),
    )


def _of_plate(
    seat: Seat, dish_id: int, facts: Mapping[int, DishFacts], decided: Mapping[tuple[str, int], Decision]
) -> list[SeatConflict]:
    """The conflicts of one dish for one seat, and of whatever comes in its place."""
    found: list[SeatConflict] = []
    instead_of: int | None = None
    seen: set[int] = set()
    now: int | None = dish_id
    while now is not None and now not in seen:
        seen.add(now)
        decision = decided.get((seat.ref, now))
        dish = facts.get(now, DishFacts(now, {}))
        touched = tuple(one for one in conflicts([Diner(0, seat.allergies)], [dish]) if needs_a_decision(one))
        if touched:
            found.append(SeatConflict(seat.ref, now, touched, decision, instead_of))
        instead_of = now
        now = decision.replacement_id if decision is not None and decision.kind == ExceptionKind.REPLACED else None
    return found


def digest(content: Mapping[str, Any]) -> str:
    """The fingerprint of a sheet; names are for reading and do not count."""
    told = {key: value for key, value in content.items() if key != "names"}
    return hashlib.sha256(json.dumps(told, sort_keys=True, ensure_ascii=True).encode()).hexdigest()


def state_of(ready_digest: str | None, now: str) -> SheetState:
    """How far a sheet is: what was ready last beside what it is now."""
    if ready_digest is None:
        return SheetState.PREPARING
    return SheetState.READY if ready_digest == now else SheetState.CHANGED


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that differs between two versions of a sheet: `what` of WHAT_CHANGED, of whom, before and now."""

    what: str
    of: str = ""
    before: Any = None
    now: Any = None


def differences(before: Mapping[str, Any], now: Mapping[str, Any]) -> list[Difference]:
    """What differs, in the order in which a cook asks: when and where, how many, dishes, seats, conflicts, exceptions."""
    found = [
        Difference(what, "", before.get(what), now.get(what))
        for what in ("when", "room", "course", "party", "unasked")
        if before.get(what) != now.get(what)
    ]
    old, new = before.get("dishes", []), now.get("dishes", [])
    found += [Difference("dish_gone", f"d{dish}") for dish in old if dish not in new]
    found += [Difference("dish_new", f"d{dish}") for dish in new if dish not in old]
    if old != new and sorted(old) == sorted(new):
        found.append(Difference("order"))
    for what in ("seats", "exceptions"):
        was, holds = before.get(what, {}), now.get(what, {})
        found += [
            Difference(what, ref, was.get(ref), holds.get(ref))
            for ref in sorted({*was, *holds})
            if was.get(ref) != holds.get(ref)
        ]
    was_touched, touched = set(before.get("conflicts", [])), set(now.get("conflicts", []))
    found += [Difference("conflict_new", one) for one in sorted(touched - was_touched)]
    found += [Difference("conflict_gone", one) for one in sorted(was_touched - touched)]
    return found
