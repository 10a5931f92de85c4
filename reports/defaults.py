"""The policy a new house starts with: four ranks. Afterwards it is data of the house."""

from decimal import Decimal

from django.db import transaction

from customers.models import Rank
from reports.models import RankPolicy, RankRule

# name, sales in the window (yen, tax excluded), visits in the window, days since the last visit at most
SHIPPED_RULES: tuple[tuple[str, int | None, int | None, int | None], ...] = (
    ("特別", 500_000, 6, 365),
    ("上得意", 200_000, 3, 540),
    ("常連", 50_000, 2, None),
    ("ご新規・一般", None, 1, None),
)


@transaction.atomic
def ensure_rank_policy() -> None:
    """Make the shipped policy while the house has none."""
    if RankPolicy.objects.exists():
        return
    policy = RankPolicy.objects.create(version=1, window_months=24)
    for position, (name, min_sales, min_visits, max_days_since) in enumerate(SHIPPED_RULES):
        rank = Rank.objects.get_or_create(name=name, defaults={"position": position})[0]
        RankRule.objects.create(
            policy=policy,
            rank=rank,
            position=position,
            min_sales=None if min_sales is None else Decimal(min_sales),
            min_visits=min_visits,
            max_days_since=max_days_since,
        )
