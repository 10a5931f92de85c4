"""Who holds which rank: set-based SQL, the same statements on both databases.

A visit is a distinct business day with a completed visit or a posted document with net > 0. Sales are the net of posted
documents in the policy's currency. The first rule that a guest meets, in order, gives the rank.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db import connection

from crm_project.core.amounts import scaled
from crm_project.core.dates import add_months
from reports.models import RankRule

# Stands for a day given as a parameter: PostgreSQL wants its type, SQLite would turn CAST(... AS date) into a number.
_DAY = "<day>"
FIGURES = "rank_figures"
MONTHS = "rank_months"


@dataclass(frozen=True)
class Window:
    """The days that count: after `start`, up to and including `as_of`."""

    start: date
    as_of: date

    @classmethod
    def ending(cls, as_of: date, months: int) -> "Window":
        """The window of so many months that ends on the day."""
        return cls(add_months(as_of, -months), as_of)


def meets(rule: RankRule, *, sales: Decimal, visits: int, days_since: int | None) -> bool:
    """Whether figures meet a rule; the SQL below says the same (a test compares them)."""
    return (
        (rule.min_sales is None or sales >= rule.min_sales)
        and (rule.min_visits is None or visits >= rule.min_visits)
        and (rule.max_days_since is None or (days_since is not None and days_since <= rule.max_days_since))
    )


def compute_figures(*, window: Window, currency: str, rules: Sequence[RankRule]) -> None:
    """Fill the temporary table of figures: customer, sales, visits, last day and the rank they give."""
    rank_case, rank_params = _rank_case(rules, window)
    days = f"""
        SELECT customer_id, posting_date AS day,
               CASE WHEN currency = %s AND posting_date > {_DAY} THEN net_amount ELSE 0 END AS sales,
               CASE WHEN net_amount > 0 THEN 1 ELSE 0 END AS came
        FROM integrations_actualdocument
        WHERE status = 'posted' AND customer_id IS NOT NULL AND posting_date <= {_DAY}
        UNION ALL
        SELECT attendance.customer_id, visit.business_date, 0, 1
        FROM visits_attendance attendance JOIN visits_visit visit ON visit.id = attendance.visit_id
        WHERE visit.status = 'completed' AND attendance.customer_id IS NOT NULL AND visit.business_date <= {_DAY}
    """
    per_customer = f"""
        SELECT customer_id, SUM(sales) AS sales, SUM(CASE WHEN came = 1 AND day > {_DAY} THEN 1 ELSE 0 END) AS visits,
               MAX(CASE WHEN came = 1 THEN day END) AS last_on
        FROM (SELECT customer_id, day, SUM(sales) AS sales, MAX(came) AS came FROM ({days}) told GROUP BY customer_id, day) daily
        GROUP BY customer_id
    """
    _create(
        FIGURES,
        f"SELECT customer_id, sales, visits, last_on, {rank_case} AS rank_id FROM ({per_customer}) figures",
        [*rank_params, window.start, currency, window.start, window.as_of, window.as_of],
    )
    _run(f"CREATE UNIQUE INDEX {FIGURES}_customer ON {FIGURES} (customer_id)")


def compute_months(*, from_figures: bool) -> None:
    """Fill the temporary table of sales per month, venue, bucket, rank and currency over all posted documents.

    The rank comes from the figures, or from the guests when they have been updated in this transaction: PostgreSQL reads
    a permanent table with several workers, a temporary one with a single one.
    """
    month = (
        "date_trunc('month', document.posting_date::timestamp)::date"
        if connection.vendor == "postgresql"
        else "substr(document.posting_date, 1, 7) || '-01'"
    )
    holder, key = (FIGURES, "customer_id") if from_figures else ("customers_customer", "id")
    _create(
        MONTHS,
        f"""
        SELECT {month} AS month, document.venue_id,
               CASE WHEN NOT document.is_customer THEN 'not_a_customer'
                    WHEN document.customer_id IS NULL THEN 'unmatched' ELSE 'guests' END AS bucket,
               holder.rank_id, document.currency, COUNT(*) AS documents, SUM(document.line_count) AS lines,
               SUM(document.net_amount) AS sales, SUM(document.costed_net_amount) AS costed_sales,
               SUM(document.cost_amount) AS cost
        FROM integrations_actualdocument document LEFT JOIN {holder} holder ON holder.{key} = document.customer_id
        WHERE document.status = 'posted'
        GROUP BY 1, document.venue_id, 3, holder.rank_id, document.currency
        """,
        [],
    )


def write_ranks(*, run_id: int, tell_from: str) -> int:
    """Write history, ranks and standings from the figures. Returns how many guests moved.

    `tell_from` is the word for "from ... to" between two ranks on the timeline; a first rank is not told.
    """
    _run(
        f"""
        INSERT INTO reports_rankchange (run_id, customer_id, from_rank_id, to_rank_id, sales, visits, last_on)
        SELECT %s, customer.id, customer.rank_id, figures.rank_id, COALESCE(figures.sales, 0), COALESCE(figures.visits, 0),
               figures.last_on
        FROM customers_customer customer LEFT JOIN {FIGURES} figures ON figures.customer_id = customer.id
        WHERE COALESCE(customer.rank_id, 0) <> COALESCE(figures.rank_id, 0)
        """,
        [run_id],
    )
    changed = _run(
        """
        UPDATE customers_customer SET rank_id = moved.to_rank_id
        FROM reports_rankchange moved WHERE moved.run_id = %s AND moved.customer_id = customers_customer.id
        """,
        [run_id],
    )
    _run(
        """
        INSERT INTO timeline_timelineentry
            (subject_type, subject_id, at, kind, venue_id, read_right, parent_type, parent_id, title, aside, details,
             is_urgent, url)
        SELECT 'customers.customer', moved.customer_id, run.started_at, 'rank', NULL, '', 'reports.rankchange', moved.id,
               former.name || %s || COALESCE(latter.name, '–'), '', '[]', FALSE, ''
        FROM reports_rankchange moved JOIN reports_rankrun run ON run.id = moved.run_id
        JOIN customers_rank former ON former.id = moved.from_rank_id
        LEFT JOIN customers_rank latter ON latter.id = moved.to_rank_id
        WHERE moved.run_id = %s
        """,
        [tell_from, run_id],
    )
    _run(f"DELETE FROM reports_standing WHERE customer_id NOT IN (SELECT customer_id FROM {FIGURES})")
    # "WHERE TRUE" tells SQLite's parser that ON CONFLICT is not a join condition.
    _run(
        f"""
        INSERT INTO reports_standing AS held (customer_id, sales, visits, last_on, rank_id)
        SELECT customer_id, sales, visits, last_on, rank_id FROM {FIGURES} WHERE TRUE
        ON CONFLICT (customer_id) DO UPDATE SET
            sales = excluded.sales, visits = excluded.visits, last_on = excluded.last_on, rank_id = excluded.rank_id
        WHERE held.sales <> excluded.sales OR held.visits <> excluded.visits
           OR COALESCE(held.rank_id, 0) <> COALESCE(excluded.rank_id, 0)
           OR held.last_on IS NULL OR excluded.last_on IS NULL OR held.last_on <> excluded.last_on
        """
    )
    return changed


def write_months() -> None:
    """Replace the summary by the temporary one."""
    _run("DELETE FROM reports_rankmonth")
    _run(
        f"""
        INSERT INTO reports_rankmonth
            (month, venue_id, bucket, rank_id, currency, documents, lines, sales, costed_sales, cost)
        SELECT month, venue_id, bucket, rank_id, currency, documents, lines, sales, costed_sales, cost FROM {MONTHS}
        """
    )


@contextmanager
def work_tables() -> Iterator[None]:
    """Leave no temporary table behind: the connection goes back to a pool."""
    _drop()
    try:
        yield
    finally:
        _drop()


def allow_large_sorts() -> None:
    """Let PostgreSQL group in memory in this transaction."""
    if connection.vendor == "postgresql":
        _run("SET LOCAL work_mem = '256MB'")


def _rank_case(rules: Sequence[RankRule], window: Window) -> tuple[str, list[Any]]:
    whens: list[str] = []
    params: list[Any] = []
    for rule in rules:
        limits = ["1 = 1"]
        if rule.min_sales is not None:
            limits.append("sales >= %s")
            params.append(scaled(rule.min_sales) if connection.vendor == "sqlite" else rule.min_sales)
        if rule.min_visits is not None:
            limits.append("visits >= %s")
            params.append(rule.min_visits)
        if rule.max_days_since is not None:
            limits.append(f"last_on >= {_DAY}")
            params.append(date.fromordinal(window.as_of.toordinal() - rule.max_days_since))
        whens.append(f"WHEN {' AND '.join(limits)} THEN {int(rule.rank_id)}")
    return (f"CASE {' '.join(whens)} END" if whens else "CAST(NULL AS bigint)"), params


def _create(table: str, select: str, params: list[Any]) -> None:
    _run(f"CREATE TEMPORARY TABLE {table} AS {select}", params)


def _drop() -> None:
    for table in (FIGURES, MONTHS):
        _run(f"DROP TABLE IF EXISTS {table}")


def _run(sql: str, params: Sequence[Any] = ()) -> int:
    sql = sql.replace(_DAY, "%s::date" if connection.vendor == "postgresql" else "%s")
    with connection.cursor() as cursor:
        cursor.execute(sql, list(params) or None)
        return int(cursor.rowcount)
