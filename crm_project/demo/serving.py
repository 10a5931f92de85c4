"""What is put on the tables: the course of the day, with the warnings that the visit form would have shown.

Every warning that wants a confirmation has one, or the dish was replaced before, by the very rules of the form.
"""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from random import Random
from typing import Final

from crm_project.core.allergens.choices import AllergyState
from crm_project.demo.guests import HABITS
from crm_project.demo.house import CASUAL, RYOKAN
from crm_project.demo.menu import Menu
from crm_project.demo.menu_words import BANQUET_COURSE, INN_COURSE
from crm_project.demo.note_words import ALLERGY_REASONS, SAME_DISH_REASONS
from crm_project.demo.tables import BANQUET_FROM, Table
from customers.models import Customer
from menus.choices import DishPosition
from menus.models import Course, Dish
from visits.choices import Purpose, WarningKind
from visits.queries import guests_with_allergies
from visits.served import NEVER_THE_SAME, VISITS_BACK, Serving, same_dishes
from visits.table_warnings import TableWarning, table_warnings

A_LA_CARTE: Final = (
    DishPosition.OTHER,
    DishPosition.AGEMONO,
    DishPosition.YAKIMONO,
    DishPosition.NIMONO,
    DishPosition.NIKU,
)

EVENING_FROM: Final = 16
# How often somebody is knowingly served what they had lately.
AGAIN: Final = 0.12


@dataclass
class Served:
    """The dishes of a table, those that were replaced in time, and the warnings that were confirmed with their reasons."""

    course: Course | None
    dishes: list[Dish] = field(default_factory=list)
    replaced: set[int] = field(default_factory=set)
    confirmed: list[tuple[TableWarning, str]] = field(default_factory=list)


def course_of(rng: Random, menu: Menu, table: Table) -> Course | None:
    """What such a party orders; None for single dishes."""
    if table.party_size >= BANQUET_FROM:
        return menu.season_course(table.day, BANQUET_COURSE[0])
    if table.venue == CASUAL:
        if table.starts_at.hour < EVENING_FROM:
            return menu.course("まつかぜ膳", table.day)
        return menu.course("おまかせ五品", table.day) if rng.random() < 0.45 else None
    if table.venue == RYOKAN:
        return menu.season_course(table.day, INN_COURSE[0])
    generous = 0.75 if HABITS[table.host.habit].hosts_often or table.purpose == Purpose.HOSTING else 0.3
    feast = rng.random() < generous and table.starts_at.hour >= EVENING_FROM
    return menu.month_course(table.day, "松" if feast else "竹")


class Kitchen:
    """Serves the tables in the order of their days and remembers what everybody had."""

    def __init__(self, rng: Random, menu: Menu) -> None:
        self._rng = rng
        self._menu = menu
        self._past: dict[int, deque[tuple[date, frozenset[int]]]] = {}
        listed = guests_with_allergies().filter(allergy_state=AllergyState.LISTED)
        self._allergic: dict[int, Customer] = {customer.pk: customer for customer in listed}

    def serve(self, table: Table) -> Served:
        """Serve a table. Dishes that a story names come to the table as they are."""
        served = Served(table.course or (None if table.dishes else course_of(self._rng, self._menu, table)))
        customers = [self._allergic.get(guest.row.pk, guest.row) for guest in table.guests]
        wanted = list(table.dishes) or self._wanted(table, served.course)
        past = self._past_of(customers)
        open_warnings: dict[int, list[TableWarning]] = {}
        for warning in self._warnings(customers, wanted, past):
            open_warnings.setdefault(warning.dish.pk, []).append(warning)
        for dish in wanted:
            if dish.pk in open_warnings:
                self._answer(served, table, dish, open_warnings[dish.pk], customers, past, wanted)
            else:
                served.dishes.append(dish)
        self._remember(table, served)
        return served

    def _wanted(self, table: Table, course: Course | None) -> list[Dish]:
        rng, menu = self._rng, self._menu
        if course is not None:
            dishes = list(menu.course_dishes[course.pk])
        else:
            pool = [dish for position in A_LA_CARTE for dish in menu.in_season(position, table.day.month)]
            dishes = rng.sample(pool, rng.randint(3, 5))
        drinks = menu.in_season(DishPosition.DRINK, table.day.month)
        return [*dishes, *rng.sample(drinks, rng.choice((0, 1, 1, 2)))]

    def _answer(
        self,
        served: Served,
        table: Table,
        dish: Dish,
        warnings: list[TableWarning],
        customers: list[Customer],
        past: list[Serving],
        wanted: list[Dish],
    ) -> None:
        """Replace the dish beforehand or at the table, or serve it knowingly again; an allergy is never served."""
        rng = self._rng
        is_allergy = any(warning.kind == WarningKind.ALLERGY for warning in warnings)
        if not is_allergy and (table.dishes or rng.random() < AGAIN):
            reason = rng.choice(SAME_DISH_REASONS)
            served.dishes.append(dish)
            served.confirmed += [(warning, reason) for warning in warnings]
            return
        pool = [
            other
            for other in self._menu.in_season(dish.position, table.day.month)
            if other not in wanted and other not in served.dishes
        ]
        harmful = {warning.dish.pk for warning in self._warnings(customers, pool, past)}
        fitting = [other for other in pool if other.pk not in harmful]
        instead = rng.choice(fitting) if fitting else None
        if is_allergy and instead is not None and rng.random() < 0.25:
            reason = rng.choice(ALLERGY_REASONS).format(dish=instead.name)
            served.dishes.append(dish)
            served.replaced.add(dish.pk)
            served.confirmed += [(warning, reason) for warning in warnings]
        if instead is not None:
            served.dishes.append(instead)

    def _warnings(
        self, customers: list[Customer], dishes: Sequence[Dish], past: Sequence[Serving]
    ) -> list[TableWarning]:
        """The warnings that somebody answers. Most tables have none, which is found out without asking anybody."""
        allergic = [customer for customer in customers if customer.pk in self._allergic]
        had_before = same_dishes((dish.pk for dish in dishes), past)
        if not allergic and not had_before:
            return []
        again = {serving.customer_id for serving in had_before} - {customer.pk for customer in allergic}
        fed_up = [customer for customer in customers if customer.pk in again]
        found = table_warnings(allergic, dishes, past) if allergic else []
        for customer in fed_up:
            found += [
                TableWarning(
                    kind=WarningKind.SAME_DISH,
                    customer=customer,
                    dish=next(dish for dish in dishes if dish.pk == serving.dish_id),
                    serving=serving,
                )
                for serving in had_before
                if serving.customer_id == customer.pk
            ]
        return [warning for warning in found if not warning.is_hint]

    def _past_of(self, customers: Sequence[Customer]) -> list[Serving]:
        return [
            Serving(customer.pk, dish_id, day.replace(day=1), ago)
            for customer in customers
            for ago, (day, dishes) in enumerate(self._past.get(customer.pk, ()), start=1)
            for dish_id in sorted(dishes)
        ]

    def _remember(self, table: Table, served: Served) -> None:
        had = frozenset(
            dish.pk
            for dish in served.dishes
            if dish.pk not in served.replaced and dish.position not in NEVER_THE_SAME and not dish.is_signature
        )
        for guest in table.guests:
            self._past.setdefault(guest.row.pk, deque(maxlen=VISITS_BACK)).appendleft((table.day, had))
