"""What a party pays and what it cost, net of tax; the accounting system knows the cost of food and drink only."""

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from random import Random
from typing import Final

from crm_project.demo.guests import HABITS
from crm_project.demo.house import CASUAL, RYOKAN
from crm_project.demo.tables import Table
from menus.models import Course
from visits.choices import Purpose

YEN: Final = Decimal(1)
TAX: Final = Decimal("0.10")
SERVICE: Final = Decimal("0.10")
COST_UNKNOWN: Final = 0.015
DISCOUNT: Final = 0.012


@dataclass(frozen=True)
class BillLine:
    """A line of a bill: net yen; cost None where nobody knows it."""

    item: str
    description: str
    quantity: int
    unit_price: Decimal
    net: Decimal
    cost: Decimal | None

    @property
    def tax(self) -> Decimal:
        """Consumption tax in yen."""
        return (self.net * TAX).quantize(YEN, ROUND_HALF_UP)


def bill_of(rng: Random, table: Table, course: Course | None) -> list[BillLine]:
    """The lines of a party's bill."""
    spends = Decimal(str(HABITS[table.host.habit].spends))
    heads = table.party_size
    lines = [_food(rng, table, course, spends)]
    sake, soft = _drinks(rng, table)
    lines.append(_line(rng, "D10", "日本酒・ワイン", heads, sake * spends, 0.27, 0.34))
    lines.append(_line(rng, "D20", "麦酒・ソフトドリンク", heads, soft, 0.22, 0.30))
    if rng.random() < 0.6:
        extra = Decimal(rng.randrange(800, 3200, 100))
        lines.append(_line(rng, "F30", "別注料理", rng.randint(1, max(1, heads // 2)), extra, 0.30, 0.42))
    eaten = sum((line.net for line in lines), Decimal(0))
    if table.venue != CASUAL:
        service = (eaten * SERVICE).quantize(YEN, ROUND_HALF_UP)
        lines.append(BillLine("S10", "奉仕料", 1, service, service, None))
    if table.venue == RYOKAN and table.starts_at.hour > 16 and rng.random() < 0.45:
        lines.append(_line(rng, "R10", "ご宿泊料", heads, Decimal(rng.randrange(14000, 26000, 1000)), None, None))
    if rng.random() < DISCOUNT:
        back = -(eaten * Decimal("0.05")).quantize(YEN, ROUND_HALF_UP)
        lines.append(BillLine("Z90", "お値引き", 1, back, back, None))
    return lines


def _food(rng: Random, table: Table, course: Course | None, spends: Decimal) -> BillLine:
    if course is not None and course.price is not None:
        return _line(rng, "F10", course.name, table.party_size, course.price, 0.29, 0.38)
    a_la_carte = Decimal(rng.randrange(3200, 6800, 100)) * spends
    return _line(rng, "F20", "一品料理", table.party_size, a_la_carte, 0.29, 0.38)


def _drinks(rng: Random, table: Table) -> tuple[Decimal, Decimal]:
    """Per head: stronger drinks, others."""
    if table.starts_at.hour < 16:
        return Decimal(rng.randrange(0, 900, 50)), Decimal(rng.randrange(300, 1100, 50))
    if table.purpose in (Purpose.HOSTING, Purpose.YEAR_END):
        return Decimal(rng.randrange(1800, 6500, 100)), Decimal(rng.randrange(800, 2600, 100))
    return Decimal(rng.randrange(600, 3800, 100)), Decimal(rng.randrange(500, 1800, 100))


def _line(
    rng: Random,
    item: str,
    description: str,
    quantity: int,
    unit_price: Decimal,
    least_cost: float | None,
    most_cost: float | None,
) -> BillLine:
    """A line whose cost is a share between two bounds; now and then it was not entered."""
    price = unit_price.quantize(YEN, ROUND_HALF_UP)
    net = price * quantity
    share = (
        None if least_cost is None or most_cost is None else Decimal(str(round(rng.uniform(least_cost, most_cost), 3)))
    )
    if share is None or rng.random() < COST_UNKNOWN:
        return BillLine(item, description, quantity, price, net, None)
    return BillLine(item, description, quantity, price, net, (net * share).quantize(YEN, ROUND_HALF_UP))
