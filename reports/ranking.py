"""Who holds which rank: set-based SQL, the same statements on both databases.

A visit is a distinct business day with a completed visit or a posted document with net > 0; a confidential evening counts
by its bill alone, as nobody may read from a rank that it was. Sales are the net of posted
documents in the policy's currency. The first rule that a guest meets, in order, gives the rank.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import chain
from typing import Any

from django.db import connection

from crm_project.core.amounts import scaled, unscaled
from crm_project.core.dates import add_months
from reports.models import RankRule

# Stands for a day given as a parameter: PostgreSQL wants its type, SQLite would turn CAST(... AS date) into a number.
_DAY = "<day>"
FIGURES = "rank_figures"
MONTHS = "rank_months"
# So many workers sort the guests' documents, each those of its guests.
HALVES = 2
MORE_THAN_ANY_TABLE = "5TB"


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
    """Fill the work table of figures: customer, sales, visits, last day and the rank they give."""
    # PostgreSQL cannot count distinct days with several workers, but it can give each half of the guests to one.
    guests = (
        [f"{{guest}} %% {HALVES} = {half}" for half in range(HALVES)] if _is_postgresql() else ["{guest} IS NOT NULL"]
    )
    selects, params = zip(*(_figures(which, window, currency, rules) for which in guests), strict=True)
    with _workers_per_part():
        _create(FIGURES, " UNION ALL ".join(selects), list(chain.from_iterable(params)))
    _run(f"CREATE UNIQUE INDEX {FIGURES}_customer ON {FIGURES} (customer_id)")
    if _is_postgresql():
        # Without knowing how few ranks there are, no several workers would sum the months.
        _run(f"ANALYZE {FIGURES} (customer_id, rank_id)")


@dataclass(frozen=True)
class GuestFigures:
    """One guest's figures: sales (tax excluded, in the policy's currency) and visits in the window, last day, rank id."""

    sales: Decimal
    visits: int
    last_on: date | None
    rank_id: int | None


def figures_of(customer_id: int, *, window: Window, currency: str, rules: Sequence[RankRule]) -> GuestFigures:
    """The figures behind one guest's rank, by the very statement that ranks everybody."""
    select, params = _figures(f"{{guest}} = {int(customer_id)}", window, currency, rules)
    with connection.cursor() as cursor:
        cursor.execute(_with_days(select), params)
        row = cursor.fetchone()
    if row is None:
        return GuestFigures(Decimal(0), 0, None, None)
    _, sales, visits, last_on, rank_id = row
    if connection.vendor == "sqlite":
        sales = unscaled(sales)
        last_on = date.fromisoformat(last_on) if last_on else None
    return GuestFigures(sales, visits, last_on, rank_id)


def compute_months() -> None:
    """Fill the work table of sales per month, venue, bucket, rank and currency over all posted documents."""
    if _is_postgresql():
        # As a moment, not a date: eight bytes are grouped fastest.
        key, month = "date_trunc('month', document.posting_date::timestamp)", "month::date"
    else:
        key, month = "substr(document.posting_date, 1, 7)", "month || '-01'"
    _create(
        MONTHS,
        f"""
        SELECT {month} AS month, venue_id,
               CASE WHEN NOT is_customer THEN 'not_a_customer' WHEN is_nobody THEN 'unmatched' ELSE 'guests' END AS bucket,
               rank_id, currency, documents, lines, sales, costed_sales, cost
        FROM (
            SELECT {key} AS month, document.venue_id, document.is_customer, document.customer_id IS NULL AS is_nobody,
                   figures.rank_id, document.currency, COUNT(*) AS documents, SUM(document.line_count) AS lines,
                   SUM(document.net_amount) AS sales, SUM(document.costed_net_amount) AS costed_sales,
                   SUM(document.cost_amount) AS cost
            FROM integrations_actualdocument document LEFT JOIN {FIGURES} figures ON figures.customer_id = document.customer_id
            WHERE document.status = 'posted'
            GROUP BY 1, 2, 3, 4, 5, 6
        ) months
        """,
        [],
    )


def write_ranks(*, run_id: int, tell_from: str) -> int:
    """Write history and ranks from the figures. Returns how many guests moved.

    `tell_from` is the word for "from ... to" between two ranks on the timeline; a first rank is not told.
    """
    _run(
        f"""
        INSERT INTO reports_rankchange (run_id, customer_id, from_rank_id, to_rank_id, sales, visits, last_on)
        SELECT %s, customer.id, customer.rank_id, figures.rank_id, COALESCE(figures.sales, 0), COALESCE(figures.visits, 0),
               figures.last_on
        FROM customers_customer customer LEFT JOIN {FIGURES} figures ON figures.customer_id = customer.id
        WHERE customer.merged_into_id IS NULL AND COALESCE(customer.rank_id, 0) <> COALESCE(figures.rank_id, 0)
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
    return changed


def write_months() -> None:
    """Replace the summary by the computed one."""
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
    """Leave no work table behind. On PostgreSQL inside a transaction: one that fails takes its tables along."""
    _drop()
    try:
        yield
    except BaseException:
        if not _is_postgresql():
            _drop()
        raise
    _drop()


def one_at_a_time() -> None:
    """Wait until no other recompute runs on PostgreSQL; the second one then sees what the first has written.

    Who reads the months is not held up. On SQLite there is one writer anyway.
    """
    if _is_postgresql():
        _run("LOCK TABLE reports_rankmonth IN SHARE ROW EXCLUSIVE MODE")


def allow_large_sorts() -> None:
    """Let PostgreSQL sort and group in memory in this transaction; compiling these queries costs more than it gains."""
    if _is_postgresql():
        _run("SET LOCAL work_mem = '256MB'")
        _run("SET LOCAL jit = off")


def _is_postgresql() -> bool:
    return connection.vendor == "postgresql"


@contextmanager
def _workers_per_part() -> Iterator[None]:
    """Let PostgreSQL give whole parts of a UNION ALL to workers instead of sharing out each table inside every part."""
    if _is_postgresql():
        _run(f"SET LOCAL min_parallel_table_scan_size = '{MORE_THAN_ANY_TABLE}'")
    yield
    if _is_postgresql():
        _run("SET LOCAL min_parallel_table_scan_size TO DEFAULT")


def _figures(which: str, window: Window, currency: str, rules: Sequence[RankRule]) -> tuple[str, list[Any]]:
    """The statement of some guests' figures; `which` is a condition on {guest}."""
    rank_case, rank_params = _rank_case(rules, window)
    # COUNT(DISTINCT) over sorted rows beats grouping by guest and day first: there are nearly as many days as documents.
    select = f"""
        SELECT customer_id, sales, visits, last_on, {rank_case} AS rank_id
        FROM (
            SELECT customer_id, SUM(sales) AS sales, COUNT(DISTINCT CASE WHEN came = 1 AND day > {_DAY} THEN day END) AS visits,
                   MAX(CASE WHEN came = 1 THEN day END) AS last_on
            FROM ({_days(which)}) days
            GROUP BY customer_id
        ) figures
        """
    return select, [*rank_params, window.start, currency, window.start, window.as_of, window.as_of]


def _days(which: str) -> str:
    """One row per document and per completed visit that is no secret: guest, day, sales in the window, whether somebody came."""
    return f"""
        SELECT customer_id, posting_date AS day,
               CASE WHEN currency = %s AND posting_date > {_DAY} THEN net_amount ELSE 0 END AS sales,
               CASE WHEN net_amount > 0 THEN 1 ELSE 0 END AS came
        FROM integrations_actualdocument
        WHERE status = 'posted' AND {which.format(guest="customer_id")} AND posting_date <= {_DAY}
        UNION ALL
        SELECT attendance.customer_id, visit.business_date, 0, 1
        FROM visits_attendance attendance JOIN visits_visit visit ON visit.id = attendance.visit_id
        WHERE visit.status = 'completed' AND NOT visit.is_confidential AND visit.business_date <= {_DAY}
              AND {which.format(guest="attendance.customer_id")}
    """


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
    # PostgreSQL reads a temporary table with a single worker. An unlogged one lives only inside the transaction that also
    # drops it: nobody else ever sees it, and a backend that is killed leaves nothing.
    kind = "UNLOGGED" if _is_postgresql() else "TEMPORARY"
    _run(f"CREATE {kind} TABLE {table} AS {select}", params)


def _drop() -> None:
    for table in (FIGURES, MONTHS):
        _run(f"DROP TABLE IF EXISTS {table}")


def _run(sql: str, params: Sequence[Any] = ()) -> int:
    with connection.cursor() as cursor:
        cursor.execute(_with_days(sql), list(params) or None)
        return int(cursor.rowcount)


def _with_days(sql: str) -> str:
    return sql.replace(_DAY, "%s::date" if _is_postgresql() else "%s")
