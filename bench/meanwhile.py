"""What an import costs those who work: p95 of their pages before and while 100,000 rows of guests go in.

PostgreSQL, 300,000 guests. Twenty people ask for a page every two seconds each; the import runs in a process of its own, with
the priority of the worker of `make run`. Their p95 may at most double.
"""

import argparse
import json
import os
import secrets
import subprocess
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "crm_project.settings")
os.environ.setdefault("SECRET_KEY", secrets.token_hex(32))

LIMIT = 2.0
USERS, THINK_SECONDS = 20, 2.0
PATHS = ["/guests/?q=%E9%AB%98%E6%A9%8B", "/guests/", "/visits/"]
CARDS = 4


def write_ledger(path: Path, rows: int) -> None:
    """A ledger of new guests and of codes that come again."""
    from bench.ledger import ledger_rows, write_workbook

    write_workbook(path, ledger_rows(rows, rows))


def import_it(path: Path, times: int) -> None:
    """In the process that stands for a worker: the ledger, and then what else it has until it is stopped."""
    django.setup()
    from bench.ledger import MAP
    from crm_project.core.jobs.services import system_user
    from integrations.ledgers.fields import ledger_map
    from integrations.ledgers.ledger_file import LedgerFile
    from integrations.ledgers.services import import_file
    from integrations.ledgers.undo import undo_ledger

    for _time in range(times):
        started = time.monotonic()
        found, outcome = import_file(file=LedgerFile(path, path.name, column_map=ledger_map(MAP)), by=system_user())
        counts = outcome.counts
        print(f"{counts.rows:,} rows: {counts.created:,} new in {time.monotonic() - started:.0f} s", flush=True)
        started = time.monotonic()
        undo_ledger(ledger_import=found, by=system_user())
        print(f"taken back in {time.monotonic() - started:.0f} s", flush=True)


def p95_of_pages(port: int, headers: dict[str, str], seconds: float) -> tuple[float, float, list[str]]:
    """Median and p95 in ms of twenty people's pages for so long, and what failed."""
    from bench.web import load, percentile

    requests = int(seconds / THINK_SECONDS) * USERS
    sent = ["--port", str(port), "--headers", json.dumps(headers), "--paths", json.dumps(PATHS)]
    sent += ["--users", str(USERS), "--requests", str(requests), "--every", str(THINK_SECONDS)]
    told = json.loads(load(sent))
    return percentile(told["latencies"], 50), percentile(told["latencies"], 95), told["failed"]


def main() -> int:
    """Fill, ask before and during, print; 1 when p95 more than doubles or a request fails."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--guests", type=int, default=300_000)
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument(
        "--seconds", type=float, default=24.0, help="of asking before, and at most while the rows go in"
    )
    parser.add_argument("--import", dest="path", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.path:
        import_it(options.path, 1)
        return 0
    url = os.environ.get("DATABASE_URL", "")
    if not url.startswith("postgres"):
        print("Set DATABASE_URL to PostgreSQL (or: make bench).")
        return 2
    django.setup()
    from bench.search import prepare
    from bench.web import web_server

    headers = prepare(options.guests)
    from customers.models import Customer

    PATHS.extend(f"/guests/{pk}/" for pk in Customer.objects.order_by("pk").values_list("pk", flat=True)[:CARDS])
    with TemporaryDirectory(prefix="okami-bench-") as folder, web_server(url) as web:
        path = Path(folder, "ledger.xlsx")
        write_ledger(path, options.rows)
        p95_of_pages(web.port, headers, 4)
        median, before, failed = p95_of_pages(web.port, headers, options.seconds)
        worker = subprocess.Popen(
            ["nice", "-n", "10", sys.executable, "-m", "bench.meanwhile", "--import", str(path)],
            env={**os.environ, "DATABASE_URL": url},
        )
        time.sleep(3)
        median_then, during, failed_then = p95_of_pages(web.port, headers, options.seconds)
        was_working = worker.poll() is None
        print(f"before   p50 {median:6.1f} ms  p95 {before:6.1f} ms")
        times = f"{during / before:.2f} times (at most {LIMIT})"
        print(f"during   p50 {median_then:6.1f} ms  p95 {during:6.1f} ms = {times}", flush=True)
        worker.wait()
    for problem in [*failed, *failed_then]:
        print(f"MISSED: {problem}")
    if not was_working:
        print("the import ended before the asking did: take more rows")
    return 0 if during <= LIMIT * before and not failed and not failed_then and worker.returncode == 0 else 1


if __name__ == "__main__":
    sys.exit(main())
