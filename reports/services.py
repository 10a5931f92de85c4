"""Recomputing ranks and changing the policy."""

import time
from datetime import date
from decimal import Decimal
from typing import Any, TypedDict

from django.db import connection, transaction
from django.utils import timezone

from crm_project.core.accounts.models import House
from crm_project.core.audit.choices import Action
from crm_project.core.audit.services import record
from crm_project.core.jobs.models import Job
from customers.models import Customer, Rank
from customers.services import write_rank
from integrations.models import ActualDocument
from reports import ranking
from reports.models import RankPolicy, RankRule, RankRun

# Between two ranks on a timeline: 常連 → 上得意.
FROM_TO = " → "


class RuleInput(TypedDict):
    """One rule of a new policy: the rank's name and its limits (None asks nothing); sales net of tax in the policy's currency."""

    name: str
    min_sales: Decimal | None
    min_visits: int | None
    max_days_since: int | None


def currency_of(policy: RankPolicy) -> str:
    """The currency in which the policy counts: its own, else the only one of the books, else the house's."""
    if policy.currency:
        return policy.currency
    books = list(ActualDocument.objects.order_by().values_list("currency", flat=True).distinct()[:2])
    return books[0] if len(books) == 1 else House.current().currency


def recompute_ranks(*, by: Any, as_of: date | None = None, job: Job | None = None) -> RankRun:
    """Give every guest the rank that the current policy says, as of a day (default: today).

    Writes history, ranks and sales per rank and month. One transaction, and one recompute at a time; on SQLite, where a
    writer shuts out all others, the long reads come before it.
    """
    started = time.monotonic()
    policy = RankPolicy.objects.prefetch_related("rules").get(is_current=True)
    rules = list(policy.rules.all())
    run = RankRun(
        policy=policy,
        as_of=as_of or timezone.localdate(),
        currency=currency_of(policy),
        started_at=timezone.now(),
        job=job,
        asked_by=by,
    )
    if connection.vendor == "sqlite":
        with ranking.work_tables():
            _compute(run, rules)
            with transaction.atomic():
                _write(run, by=by, started=started)
    else:
        with transaction.atomic():
            ranking.one_at_a_time()
            ranking.allow_large_sorts()
            with ranking.work_tables():
                _compute(run, rules)
                _write(run, by=by, started=started)
    return run


def _compute(run: RankRun, rules: list[RankRule]) -> None:
    window = ranking.Window.ending(run.as_of, run.policy.window_months)
    ranking.compute_figures(window=window, currency=run.currency, rules=rules)
    ranking.compute_months()


def _write(run: RankRun, *, by: Any, started: float) -> None:
    run.save()
    run.changed = ranking.write_ranks(run_id=run.pk, tell_from=FROM_TO)
    ranking.write_months()
    run.customers = Customer.objects.present().count()
    run.seconds = round(time.monotonic() - started, 3)
    run.save()
    record(
        by=by,
        action=Action.RECOMPUTED,
        subject=run,
        changes={"customers": [None, run.customers], "changed": [None, run.changed]},
    )


def explain_rank(customer: Customer) -> ranking.GuestFigures:
    """Why a guest holds a rank: the figures as of the latest run, or of today before the first."""
    run = RankRun.objects.select_related("policy").first()
    policy = run.policy if run else RankPolicy.objects.get(is_current=True)
    return ranking.figures_of(
        customer.pk,
        window=ranking.Window.ending(run.as_of if run else timezone.localdate(), policy.window_months),
        currency=run.currency if run else currency_of(policy),
        rules=list(policy.rules.all()),
    )


@transaction.atomic
def change_policy(*, by: Any, window_months: int, rules: list[RuleInput], currency: str = "") -> RankPolicy:
    """Make a new version of the policy; the former one stays, so that former ranks can still be explained.

    Ranks of new names are made; the order of the rules is the order of the ranks. Two people who save at once make two
    versions, one after the other.
    """
    House.objects.select_for_update().get(pk=House.current().pk)
    former = RankPolicy.objects.get(is_current=True)
    former.is_current = False
    former.save(update_fields=["is_current"])
    policy = RankPolicy.objects.create(
        version=former.version + 1, window_months=window_months, currency=currency, made_by=by
    )
    RankRule.objects.bulk_create(
        RankRule(
            policy=policy,
            rank=_rank_at(rule["name"], position, by=by),
            position=position,
            min_sales=rule["min_sales"],
            min_visits=rule["min_visits"],
            max_days_since=rule["max_days_since"],
        )
        for position, rule in enumerate(rules)
    )
    record(by=by, action=Action.CHANGED, subject=policy, changes={"version": [former.version, policy.version]})
    return policy


def _rank_at(name: str, position: int, *, by: Any) -> Rank:
    rank = Rank.objects.filter(name=name).first() or Rank()
    return rank if rank.pk and rank.position == position else write_rank(rank=rank, by=by, name=name, position=position)
