"""What was decided for single seats beside what the table had: it answers warnings, and what came instead has its own."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from customers.models import Customer
from menus.models import Dish
from menus.queries import dishes_with_allergens
from visits.choices import DECIDES, NOT_EATEN, ExceptionKind
from visits.evening import SeatRemark, remark_of
from visits.models import SeatException, Visit
from visits.table_warnings import TableWarning, table_warnings


@dataclass(frozen=True, slots=True)
class SeatDecisions:
    """The decisions of a table by known guest and dish."""

    by_plate: dict[tuple[int, int], SeatRemark]

    def settling(self, warning: TableWarning) -> SeatRemark | None:
        """What answers a warning: the seat did not have the dish, or a cook has answered for just these allergies."""
        made = self.by_plate.get((warning.customer.pk, warning.dish.pk))
        if made is None or made.kind in NOT_EATEN:
            return made
        asked = {f"{one.allergen} {one.severity.value} {one.presence.value}" for _allergen, one in warning.conflicts}
        return made if made.kind == ExceptionKind.ACCEPTED and asked and asked <= {*made.covers} else None

    def instead(self, customers: Iterable[Customer], dishes: Collection[Dish]) -> list[tuple[Customer, int]]:
        """Who has which dish (its id) in the place of one of the table's."""
        there = {dish.pk for dish in dishes}
        people = {customer.pk: customer for customer in customers}
        return [
            (people[customer_id], made.replacement_id)
            for (customer_id, dish_id), made in self.by_plate.items()
            if made.replacement_id is not None and customer_id in people and dish_id in there
        ]


def warnings_instead(
    decided: SeatDecisions,
    customers: Sequence[Customer],
    dishes: Collection[Dish],
    known: Mapping[int, Dish] | None = None,
) -> list[TableWarning]:
    """What harms single guests in what they have instead of the table's dishes.

    `known` are dishes whose allergens are at hand already; else a query, none where nobody has anything else.
    """
    wanted = decided.instead(customers, dishes)
    if not wanted:
        return []
    there = {dish.pk for dish in dishes}
    menu = dishes_with_allergens().in_bulk({dish_id for _customer, dish_id in wanted}) if known is None else known
    return [
        warning
        for customer, dish_id in wanted
        if dish_id not in there
        for warning in table_warnings([customer], [menu[dish_id]], ())
    ]


def decisions_of(visit: Visit | None) -> SeatDecisions:
    """The decisions for known guests of a visit; none of a visit that is not written down yet. One query."""
    if visit is None or visit.pk is None:
        return SeatDecisions({})
    made = SeatException.objects.filter(visit=visit, attendance__customer__isnull=False, kind__in=DECIDES)
    rows = made.select_related("attendance", "dish", "replacement", "made_by")
    return SeatDecisions({(_guest_of(row), row.dish_id): remark_of(row) for row in rows})


def _guest_of(row: SeatException) -> int:
    assert row.attendance is not None
    assert row.attendance.customer_id is not None
    return row.attendance.customer_id
