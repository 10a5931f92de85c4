"""What may be served to a party: dishes nobody at the table is allergic to and nobody had lately; the others with the reason.

Pure but for the rows it is handed. What nobody checked is never proposed: it is listed apart, for the kitchen to check.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from crm_project.core.allergens.choices import Presence
from menus.choices import DietAnswer
from visits.allergy_check import Conflict, Diner, DishFacts, conflicts
from visits.gate import Seat, needs_a_decision


class Verdict(StrEnum):
    """What becomes of a dish for a party."""

    PROPOSED = "proposed"
    UNCHECKED = "unchecked"
    EXCLUDED = "excluded"


@dataclass(frozen=True, slots=True)
class Had:
    """A guest had the dish, or one of its family: the first day of the month."""

    customer_id: int
    dish_id: int
    year: int
    month: int
    same_family_only: bool = False


@dataclass(frozen=True, slots=True)
class Offer:
    """A dish, what speaks against it, and what becomes of it."""

    dish_id: int
    touched: tuple[tuple[str, Conflict], ...] = ()
    had: tuple[Had, ...] = ()
    # (seat, rule, answer) of the diets that the dish does not meet, or that nobody checked.
    diets: tuple[tuple[str, str, DietAnswer], ...] = ()

    @property
    def verdict(self) -> Verdict:
        """A touched allergy, a diet that is not met, or a dish that was had excludes it; what is not checked stands apart."""
        if self.had or any(one.presence != Presence.UNCHECKED for _ref, one in self.touched):
            return Verdict.EXCLUDED
        if any(answer == DietAnswer.DOES_NOT for _ref, _rule, answer in self.diets):
            return Verdict.EXCLUDED
        return Verdict.UNCHECKED if self.touched or self.diets else Verdict.PROPOSED


def offers(
    dishes: Iterable[DishFacts],
    seats: Sequence[Seat],
    had: Iterable[Had] = (),
    diets: Mapping[tuple[int, str], str] | None = None,
) -> dict[int, Offer]:
    """Every dish with what speaks against it, by id. `diets`: (dish, rule) -> whether it suits; an absent one is not checked."""
    eaten: dict[int, list[Had]] = {}
    for one in had:
        eaten.setdefault(one.dish_id, []).append(one)
    harmed = [seat for seat in seats if seat.allergies]
    diners = [Diner(number, seat.allergies) for number, seat in enumerate(harmed)]
    found = {}
    for dish in dishes:
        touched = tuple(
            (harmed[one.customer_id].ref, one) for one in conflicts(diners, [dish]) if needs_a_decision(one)
        )
        kept = tuple(
            (seat.ref, rule, answer)
            for seat in seats
            for rule in sorted(seat.diets)
            if (answer := DietAnswer((diets or {}).get((dish.dish_id, rule), DietAnswer.UNCHECKED))) != DietAnswer.SUITS
        )
        found[dish.dish_id] = Offer(dish.dish_id, touched, tuple(eaten.get(dish.dish_id, ())), kept)
    return found


def of_course(dish_ids: Iterable[int], offered: Mapping[int, Offer]) -> Verdict:
    """What becomes of a course: the worst of its dishes."""
    verdicts = {offered[pk].verdict for pk in dish_ids if pk in offered}
    if Verdict.EXCLUDED in verdicts:
        return Verdict.EXCLUDED
    return Verdict.UNCHECKED if Verdict.UNCHECKED in verdicts else Verdict.PROPOSED
