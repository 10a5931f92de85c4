"""The set-based ranking against the plain reading of its rule, guest by guest, over random houses. Both databases."""

import random
from collections import defaultdict
from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from crm_project.core.accounts.models import User
from customers.models import Customer
from integrations.choices import DocumentStatus
from integrations.models import ActualDocument
from reports.models import RankRule
from reports.ranking import Window, meets
from reports.services import RuleInput, change_policy, recompute_ranks
from tests.factories.accounts import VenueFactory
from tests.factories.customers import CustomerFactory
from tests.factories.integrations import DocumentFactory, SourceFactory
from tests.factories.visits import VisitFactory
from visits.choices import VisitStatus
from visits.models import Attendance

pytestmark = [pytest.mark.django_db, pytest.mark.long]

AS_OF = date(2026, 10, 31)
MONTHS = 12
# Days on both sides of what the window and the rules ask for.
DAYS_AGO = (-1, 0, 1, 29, 30, 31, 89, 90, 91, 364, 365, 366, 367, 700)
AMOUNTS = [
    Decimal(amount) for amount in ("-500", "0", "0.0001", "99.9999", "100", "100.0001", "2500", "99999999999.9999")
]


def furnish(chance: random.Random) -> None:
    """Guests with documents of every kind and visits that took place or did not, and some documents of nobody."""
    guests = CustomerFactory.create_batch(60)
    source, venue, system = SourceFactory.create(), VenueFactory.create(), User.objects.system()
    ActualDocument.objects.bulk_create(
        DocumentFactory.build(
            source=source,
            venue=venue,
            customer=chance.choice([*guests, None]),
            posting_date=AS_OF - timedelta(days=chance.choice(DAYS_AGO)),
            net_amount=chance.choice(AMOUNTS),
            currency=chance.choice(["JPY", "JPY", "JPY", "USD"]),
            status=chance.choice([*[DocumentStatus.POSTED] * 5, *DocumentStatus]),
        )
        for _number in range(400)
    )
    for _number in range(120):
        VisitFactory.create(
            venue=venue,
            starts_at=timezone.now(),
            business_date=AS_OF - timedelta(days=chance.choice(DAYS_AGO)),
            status=chance.choice([VisitStatus.COMPLETED, *VisitStatus]),
            recorded_by=system,
            guests=chance.sample(guests, k=2),
        )


def some_rules(chance: random.Random) -> list[RuleInput]:
    """Four rules, each with limits or without."""
    return [
        RuleInput(
            name=f"R{number}",
            min_sales=chance.choice([None, Decimal(100), Decimal("2599.9999"), Decimal(-1)]),
            min_visits=chance.choice([None, 1, 2, 4]),
            max_days_since=chance.choice([None, 30, 90, 365]),
        )
        for number in range(4)
    ]


def plain_ranks() -> dict[int, str | None]:
    """The rank of every guest, read from the rows one by one."""
    start = Window.ending(AS_OF, MONTHS).start
    sales: dict[int, Decimal] = defaultdict(Decimal)
    came: dict[int, set[date]] = defaultdict(set)
    for document in ActualDocument.objects.filter(status="posted", customer__isnull=False):
        if document.posting_date <= AS_OF and document.customer_id:
            if document.currency == "JPY" and document.posting_date > start:
                sales[document.customer_id] += document.net_amount
            if document.net_amount > 0:
                came[document.customer_id].add(document.posting_date)
    for place in Attendance.objects.filter(visit__status="completed", customer__isnull=False).select_related("visit"):
        if place.visit.business_date <= AS_OF and place.customer_id:
            came[place.customer_id].add(place.visit.business_date)
    known = {
        *Attendance.objects.filter(visit__status="completed", visit__business_date__lte=AS_OF).values_list(
            "customer", flat=True
        ),
        *ActualDocument.objects.filter(status="posted", posting_date__lte=AS_OF).values_list("customer", flat=True),
    }
    rules = list(RankRule.objects.filter(policy__is_current=True).select_related("rank"))

    def rank(guest: int) -> str | None:
        if guest not in known:
            return None
        visits = len([day for day in came[guest] if day > start])
        days_since = (AS_OF - max(came[guest])).days if came[guest] else None
        met = (rule for rule in rules if meets(rule, sales=sales[guest], visits=visits, days_since=days_since))
        return next((rule.rank.name for rule in met), None)

    return {guest: rank(guest) for guest in Customer.objects.values_list("pk", flat=True)}


@pytest.mark.parametrize("seed", range(20))
def test_everybody_holds_the_rank_of_the_first_rule_they_meet(seed):
    chance = random.Random(seed)
    furnish(chance)
    given: set[str | None] = set()
    for _policy in range(4):
        change_policy(by=User.objects.system(), window_months=MONTHS, rules=some_rules(chance), currency="JPY")
        recompute_ranks(by=User.objects.system(), as_of=AS_OF)
        held = dict(Customer.objects.values_list("pk", "rank__name"))
        assert held == plain_ranks()
        given.update(held.values())
    assert len(given) > 2
