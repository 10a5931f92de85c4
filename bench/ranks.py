"""Ranks: the whole recompute beside plain SQL that sums per customer and writes one row each, in the same run.

PostgreSQL. `--customers 300000 --documents 3000000` is the size of the target: at most 2.5 times the plain SQL.
"""

import argparse
import statistics
import sys
import time
from collections.abc import Callable
from datetime import date

import django
from django.db import connection

LIMIT = 2.5
AS_OF = date(2026, 9, 30)


def fill(customers: int, documents: int) -> None:
    """Make guests and documents of 33 months at five venues, few guests with many documents, by SQL alone."""
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")  # rows made here refer to each other correctly
        cursor.execute("""
            INSERT INTO accounts_venue (id, code, name, timezone, closing_hour, position)
            SELECT 9000 + n, 'bench' || n, 'bench ' || n, 'Asia/Tokyo', 26, n FROM generate_series(1, 5) n""")
        cursor.execute("""
            INSERT INTO integrations_source (id, name, location, map_text, is_active) VALUES (9000, 'bench', '', '', FALSE)
            """)
        cursor.execute(
            """
            INSERT INTO customers_customer (id, name, kana, honorific, department, title, email, likes, dislikes, note,
                unread, allergy_state, allergy_note, allergy_asked_how, allergy_answered_by, visit_count, search_key, grams,
                sort_key, version)
            SELECT n, 'guest ' || n, '', '様', '', '', '', '', '', '', '{}', 'not_asked', '', '', '', 0, 'g' || n, 'g', 'g', 1
            FROM generate_series(1, %s) n""",
            [customers],
        )
        cursor.execute(
            """
            INSERT INTO integrations_actualdocument (source_id, source_doc_id, doc_no, status, posting_date, venue_id,
                customer_id, is_customer, currency, net_amount, cost_amount, costed_net_amount, line_count, content_hash)
            SELECT 9000, n::text, n::text, 'posted', DATE '2024-01-01' + (hashint4(n) & 1023) * 1000 / 1023,
                9001 + n %% 5, CASE WHEN n %% 50 = 0 THEN NULL ELSE 1 + floor(%s * power(random(), 2))::int END, TRUE, 'JPY',
                (5000 + (hashint4(n + 7) & 65535)), 2000, 5000, 3, n::text
            FROM generate_series(1, %s) n""",
            [customers - 1, documents],
        )
        cursor.execute("SET session_replication_role = origin")
        cursor.execute("ANALYZE")


def timed(work: Callable[[], object]) -> float:
    """Seconds one call takes."""
    started = time.monotonic()
    work()
    return time.monotonic() - started


def plain() -> None:
    """The limit of the run: sum per customer, one row each."""
    with connection.cursor() as cursor:
        cursor.execute("SET work_mem = '256MB'")
        cursor.execute("DROP TABLE IF EXISTS bench_plain")
        cursor.execute("CREATE TABLE bench_plain (customer_id bigint, sales numeric(18, 4))")
        cursor.execute("""
            INSERT INTO bench_plain SELECT customer_id, SUM(net_amount) FROM integrations_actualdocument
            WHERE customer_id IS NOT NULL GROUP BY customer_id""")


def main() -> int:
    """Fill, measure, print; 1 when the limit is missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--customers", type=int, default=300_000)
    parser.add_argument("--documents", type=int, default=3_000_000)
    parser.add_argument("--repeats", type=int, default=3)
    options = parser.parse_args()
    django.setup()
    if connection.vendor != "postgresql":
        print("Set DATABASE_URL to PostgreSQL (or: make bench).")
        return 2
    from django.core.management import call_command

    from crm_project.core.accounts.models import User
    from reports.services import recompute_ranks

    call_command("migrate", verbosity=0)
    by = User.objects.system()
    filled = timed(lambda: fill(options.customers, options.documents))
    print(f"filled {options.customers:,} guests, {options.documents:,} documents in {filled:.0f} s")
    first = timed(lambda: recompute_ranks(by=by, as_of=date(2025, 12, 31)))
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE customers_customer")
    plains, ranks = [], []
    for repeat in range(options.repeats):
        plains.append(timed(plain))
        as_of = date(2026, 1, 10 + 10 * repeat)
        started = time.monotonic()
        run = recompute_ranks(by=by, as_of=as_of)
        ranks.append(time.monotonic() - started)
        print(
            f"  as of {as_of}: {run.changed:,} of {run.customers:,} guests moved, {ranks[-1]:.2f} s; plain {plains[-1]:.2f} s"
        )
    ratio = statistics.median(ranks) / statistics.median(plains)
    print(f"first run, everybody gets a rank: {first:.2f} s = {first / statistics.median(plains):.2f} times plain")
    print(f"plain SQL (median): {statistics.median(plains):.2f} s")
    print(f"recompute (median): {statistics.median(ranks):.2f} s = {ratio:.2f} times plain (limit {LIMIT})")
    return 0 if ratio <= LIMIT else 1


if __name__ == "__main__":
    import os

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "crm_project.settings")
    sys.exit(main())
