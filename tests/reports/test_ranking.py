"""Who holds which rank, and that sales per rank add up to accounting's total."""

import itertools
import json
from datetime import date, timedelta
from decimal import Decimal
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from crm_project.core.accounts.models import User
from crm_project.core.timeline.models import TimelineEntry
from customers.models import Customer, Rank
from integrations.models import ActualDocument
from reports import ranking
from reports.models import RankChange, RankMonth, RankPolicy, RankRule, RankRun
from reports.navigation import rank_panel
from reports.rank_figures import rank_report
from reports.services import change_policy, explain_rank, recompute_ranks
from tests.factories.accounts import VenueFactory, person
from tests.factories.customers import CustomerFactory
from tests.factories.integrations import DocumentFactory
from tests.simultaneous import at_once
from visits.choices import CancelReason, VisitStatus
from visits.discretion import seal_visit
from visits.models import Attendance, Visit

pytestmark = pytest.mark.django_db

AS_OF = date(2026, 10, 31)


def recompute(as_of: date = AS_OF) -> RankRun:
    return recompute_ranks(by=User.objects.system(), as_of=as_of)


def rank_of(customer: Customer) -> str | None:
    customer.refresh_from_db()
    return customer.rank.name if customer.rank else None


def visit(customer: Customer, day: date, status: VisitStatus = VisitStatus.COMPLETED) -> None:
    made = Visit.objects.create(
        venue=VenueFactory.create(),
        starts_at=timezone.now(),
        business_date=day,
        status=status,
        cancel_reason=CancelReason.PLANS if status == VisitStatus.CANCELLED else "",
        recorded_by=User.objects.system(),
    )
    Attendance.objects.create(visit=made, customer=customer)


def test_a_new_house_has_a_policy_with_four_ranks() -> None:
    policy = RankPolicy.objects.get()
    assert [rule.rank.name for rule in policy.rules.all()] == ["特別", "上得意", "常連", "ご新規・一般"]


def test_the_first_rule_met_gives_the_rank() -> None:
    regular, new, nobody = CustomerFactory.create_batch(3)
    DocumentFactory.create(customer=regular, net_amount=Decimal(60_000))
    DocumentFactory.create(customer=regular, posting_date=date(2026, 9, 1))
    DocumentFactory.create(customer=new)
    run = recompute()
    assert (rank_of(regular), rank_of(new), rank_of(nobody)) == ("常連", "ご新規・一般", None)
    assert (run.customers, run.changed) == (3, 2)


def test_a_visit_is_a_distinct_day_with_a_completed_visit_or_a_positive_document() -> None:
    guest = CustomerFactory.create()
    day = date(2026, 10, 3)
    DocumentFactory.create_batch(2, customer=guest, posting_date=day)
    visit(guest, day)
    visit(guest, date(2026, 10, 5))
    visit(guest, date(2026, 10, 6), VisitStatus.CANCELLED)
    DocumentFactory.create(customer=guest, posting_date=date(2026, 10, 7), net_amount=Decimal(-500))
    recompute()
    figures = explain_rank(guest)
    assert (figures.visits, figures.last_on, figures.sales) == (2, date(2026, 10, 5), Decimal(19_500))


def test_days_outside_the_window_count_for_the_last_visit_only() -> None:
    guest = CustomerFactory.create()
    DocumentFactory.create(customer=guest, posting_date=date(2020, 5, 1))
    DocumentFactory.create(customer=guest, posting_date=AS_OF + timedelta(days=1))
    recompute()
    figures = explain_rank(guest)
    assert (figures.sales, figures.visits, figures.last_on) == (Decimal(0), 0, date(2020, 5, 1))
    assert rank_of(guest) is None


def test_drafts_and_other_currencies_give_no_sales() -> None:
    guest = CustomerFactory.create()
    DocumentFactory.create(customer=guest)
    DocumentFactory.create(customer=guest, status="draft", net_amount=Decimal(900_000))
    DocumentFactory.create(customer=guest, currency="USD", net_amount=Decimal(800))
    recompute()
    assert explain_rank(guest).sales == Decimal(10_000)


def test_the_sql_agrees_with_the_rule_at_every_limit() -> None:
    rule_values = itertools.product([None, Decimal("100.5")], [None, 2], [None, 10])
    ranks = [Rank.objects.create(name=f"R{number}", position=number) for number in range(8)]
    sales_values = [Decimal("100.4999"), Decimal("100.5"), Decimal(500)]
    guests = {}
    for sales, days, ago in itertools.product(sales_values, [1, 2], [9, 10, 11]):
        guest = CustomerFactory.create()
        last = AS_OF - timedelta(days=ago)
        for number in range(days):
            amount = sales - 1 if number == 0 and days == 2 else (Decimal(1) if number else sales)
            DocumentFactory.create(customer=guest, posting_date=last - timedelta(days=number), net_amount=amount)
        guests[guest.pk] = (sales, days, ago)
    for rank, (min_sales, min_visits, max_days) in zip(ranks, rule_values, strict=True):
        change_policy(
            by=User.objects.system(),
            window_months=12,
            rules=[{"name": rank.name, "min_sales": min_sales, "min_visits": min_visits, "max_days_since": max_days}],
        )
        rule = RankRule.objects.get(policy__is_current=True)
        recompute()
        held = set(Customer.objects.filter(rank=rank).values_list("pk", flat=True))
        expected = {
            pk
            for pk, (sales, days, ago) in guests.items()
            if ranking.meets(rule, sales=sales, visits=days, days_since=ago)
        }
        assert held == expected


def test_a_move_is_kept_and_told_but_a_first_rank_is_not_told() -> None:
    guest = CustomerFactory.create()
    DocumentFactory.create(customer=guest)
    recompute()
    DocumentFactory.create(customer=guest, net_amount=Decimal(90_000), posting_date=date(2026, 10, 9))
    assert recompute().changed == 1
    assert recompute().changed == 0
    moves = [
        (change.from_rank.name if change.from_rank else None, change.to_rank.name if change.to_rank else None)
        for change in RankChange.objects.order_by("pk")
    ]
    assert moves == [(None, "ご新規・一般"), ("ご新規・一般", "常連")]
    assert [entry.title for entry in TimelineEntry.objects.about(guest)] == ["ご新規・一般 → 常連"]


def test_a_rank_nobody_earns_any_more_is_taken_away() -> None:
    guest = CustomerFactory.create(rank=Rank.objects.get(name="特別"))
    recompute()
    assert rank_of(guest) is None


def test_ranks_unmatched_and_not_a_guest_add_up_to_the_total_exactly() -> None:
    guest = CustomerFactory.create()
    large = Decimal("1000000000000.0001")
    DocumentFactory.create(customer=guest, net_amount=large)
    DocumentFactory.create(customer=guest, net_amount=large, posting_date=date(2026, 9, 3))
    DocumentFactory.create(net_amount=Decimal("0.1"))
    DocumentFactory.create(net_amount=Decimal("0.2"), is_customer=False)
    recompute()
    for report in (rank_report(), rank_report(from_books=True)):
        assert report.total.sales == Decimal("2000000000000.3002")
        parts = [*report.ranks, report.unmatched, report.not_a_customer]
        assert sum(part.sales for part in parts) == report.total.sales
        assert (report.unmatched.sales, report.not_a_customer.sales) == (Decimal("0.1"), Decimal("0.2"))


def test_profit_counts_known_costs_only() -> None:
    guest = CustomerFactory.create()
    DocumentFactory.create(customer=guest, cost_amount=Decimal(4_000), costed_net_amount=Decimal(10_000))
    DocumentFactory.create(customer=guest, net_amount=Decimal(30_000))
    recompute()
    row = next(row for row in rank_report().ranks if row.customers and row.rank)
    assert (row.sales, row.profit, row.cost_covered) == (Decimal(40_000), Decimal(6_000), Decimal("0.25"))


def test_the_report_of_some_months_and_one_venue() -> None:
    venue = VenueFactory.create(code="honten")
    DocumentFactory.create(posting_date=date(2026, 9, 30), venue=venue)
    DocumentFactory.create(posting_date=date(2026, 10, 1), venue=venue, net_amount=Decimal(7))
    DocumentFactory.create(posting_date=date(2026, 10, 31), net_amount=Decimal(5))
    recompute()
    october = date(2026, 10, 1)
    for from_books in (False, True):
        assert rank_report(first=october, last=october, from_books=from_books).total.sales == Decimal(12)
        at_venue = rank_report(first=october, last=october, venues=[venue], from_books=from_books)
        assert at_venue.total.sales == Decimal(7)
        assert rank_report(from_books=from_books).total.sales == Decimal(10_012)


def test_no_two_currencies_are_added() -> None:
    DocumentFactory.create(currency="GBP", net_amount=Decimal("3.5"))
    DocumentFactory.create(net_amount=Decimal(8))
    recompute()
    assert (rank_report().currency, rank_report().total.sales) == ("JPY", Decimal(8))
    assert rank_report(currency="GBP").total.sales == Decimal("3.5")
    ActualDocument.objects.filter(currency="JPY").delete()
    recompute()
    assert (rank_report().currency, rank_report().total.sales) == ("GBP", Decimal("3.5"))


def test_the_commands_print_one_json_object() -> None:
    guest = CustomerFactory.create()
    DocumentFactory.create(customer=guest, net_amount=Decimal("1234.5600"))
    out = StringIO()
    call_command("recompute_ranks", "--as-of", "2026-10-31", "--json", stdout=out)
    answer = json.loads(out.getvalue())
    assert answer["customers"] == 1
    assert answer["changed"] == 1
    assert answer["ranks"] == {"特別": 0, "上得意": 0, "常連": 0, "ご新規・一般": 1}
    out = StringIO()
    call_command("rank_report", "--from", "2026-10", "--to", "2026-10", "--json", stdout=out)
    report = json.loads(out.getvalue())
    assert report["total"] == {"sales": "1234.56", "profit": None}
    assert [row["rank"] for row in report["ranks"]][-1] is None
    assert report["ranks"][3] == {
        "rank": "ご新規・一般",
        "customers": 1,
        "sales": "1234.56",
        "profit": None,
        "cost_covered": "0",
    }


@pytest.mark.parametrize(
    ("command", "arguments"),
    [
        ("rank_report", ["--from", "2026-10", "--to", "2026-09"]),
        ("rank_report", ["--from", "2026-13"]),
        ("rank_report", ["--to", "202610"]),
        ("rank_report", ["--venue", "nowhere"]),
        ("rank_report", ["--currency", "yen?"]),
        ("recompute_ranks", ["--as-of", "2026-02-30"]),
        ("recompute_ranks", ["--as-of", "20261031"]),
        ("recompute_ranks", ["--as-of", "2026-W44-6"]),
    ],
)
def test_what_a_command_cannot_use_is_one_sentence_and_nothing_on_stdout(command: str, arguments: list[str]) -> None:
    out = StringIO()
    with pytest.raises(CommandError) as refused:
        call_command(command, *arguments, "--json", stdout=out)
    assert (refused.value.returncode, out.getvalue()) == (2, "")
    assert len(str(refused.value).splitlines()) == 1
    assert not RankRun.objects.exists()


def test_the_months_are_replaced_not_added() -> None:
    DocumentFactory.create()
    recompute()
    recompute()
    assert RankMonth.objects.count() == 1


def test_no_work_table_is_left_behind() -> None:
    DocumentFactory.create()
    recompute()
    assert not {ranking.FIGURES, ranking.MONTHS} & set(connection.introspection.table_names())


@pytest.mark.django_db(transaction=True)
def test_two_recomputes_at_once_tell_a_move_once() -> None:
    guest = CustomerFactory.create()
    DocumentFactory.create(customer=guest)
    by = User.objects.system()
    runs = at_once(*[lambda: recompute_ranks(by=by, as_of=AS_OF)] * 2)
    assert sorted(run.changed for run in runs) == [0, 1]
    assert RankChange.objects.count() == 1
    assert [month.sales for month in RankMonth.objects.all()] == [Decimal(10_000)]


def test_a_confidential_evening_counts_by_its_bill_alone() -> None:
    """It lifts no rank and is no last day by itself; what accounting posted is money like any other."""
    quiet, open_to_all = CustomerFactory.create_batch(2)
    for guest in (quiet, open_to_all):
        for months in range(3):
            visit(guest, AS_OF - timedelta(days=30 * months))
    Visit.objects.filter(attendances__customer=quiet, business_date=AS_OF).update(is_confidential=True)
    run = recompute()
    assert [(explain_rank(guest).visits, explain_rank(guest).last_on) for guest in (quiet, open_to_all)] == [
        (2, AS_OF - timedelta(days=30)),
        (3, AS_OF),
    ]
    changes = {change.customer_id: change.visits for change in run.changes.all()}
    assert (changes[quiet.pk], changes[open_to_all.pk]) == (2, 3)
    DocumentFactory.create(customer=quiet, posting_date=AS_OF)
    assert (explain_rank(quiet).visits, explain_rank(quiet).last_on) == (3, AS_OF)


def test_the_bill_of_a_confidential_evening_tells_its_day_to_the_named_alone() -> None:
    """Neither the timeline nor the rank panel of others; the bill of another evening stays."""
    venue = VenueFactory.create()
    named, other = person("okami", venue), person("president", venue)
    guest = CustomerFactory.create()
    for day in (AS_OF, AS_OF - timedelta(days=30)):
        visit(guest, day)
        DocumentFactory.create(customer=guest, venue=venue, posting_date=day, doc_no=f"H-{day:%m%d}")
    recompute()
    secret = Visit.objects.get(attendances__customer=guest, business_date=AS_OF)
    seal_visit(visit=secret, by=named, people=[named])
    for user, bills, last_on in (
        (named, ["H-1031", "H-1001"], AS_OF),
        (other, ["H-1001"], AS_OF - timedelta(days=30)),
    ):
        client = Client()
        client.force_login(user)
        page = client.get(reverse("customers:card", args=[guest.pk]))
        html = page.content.decode()
        assert [number for number in ("H-1031", "H-1001") if number in html] == bills
        request = page.wsgi_request
        panel = rank_panel(request, Customer.objects.get(pk=guest.pk))
        assert panel is not None
        assert panel["last_on"] == last_on
