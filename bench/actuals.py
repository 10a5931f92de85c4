"""Actuals: the pull of a file beside bare CSV reading and COPY of the same lines, in the same run.

PostgreSQL. At least 20,000 lines a second, under 1 GB of memory. `--file` and `--map` take a real file; without them one of
the size of a wholesaler's year is made: 525,000 lines of 28,800 documents whose lines do not stand together.
"""

import argparse
import csv
import lzma
import os
import random
import resource
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO, TypeVar

import django

Result = TypeVar("Result")

LIMIT = 20_000  # lines a second
MEMORY_LIMIT = 1024**3
LINES, DOCUMENTS, PARTNERS = 525_000, 28_800, 4_400
MAP = """[columns]
document = "伝票番号"
date = "売上日"
partner_code = "得意先コード"
quantity = "数量"
unit_price = "単価"
description = "品名"
[options]
create_customers = true
"""
DISHES = [
    f"{name}{kind}" for name in ("会席", "御膳", "折詰", "鍋", "点心") for kind in ("松", "竹", "梅", "雪", "月", "花")
]


def make_file(path: Path, lines: int, documents: int) -> None:
    """Write a file of so many lines, the same ones every time; a fifth of them name no partner."""
    pick = random.Random(20260401)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["伝票番号", "品目", "品名", "数量", "売上日", "単価", "得意先コード", "担当"])
        for line in range(lines):
            number = (line * documents // lines + pick.randint(0, 40)) % documents
            partner = "" if number % 5 == 0 else f"{10_000 + number * 7 % PARTNERS}.0"
            day = f"2026-{number * 12 // documents + 1:02d}-{number % 28 + 1:02d} 19:30:00"
            price = f"{pick.randint(100, 30_000) / 100:.2f}"
            writer.writerow(
                [f"B{number}", f"D{line % 900}", pick.choice(DISHES), pick.randint(-2, 40), day, price, partner, "係"]
            )


def opened(path: Path) -> IO[str]:
    """The text of the file, compressed or not."""
    if path.suffix == ".xz":
        return lzma.open(path, "rt", encoding="utf-8-sig", newline="")
    return path.open(encoding="utf-8-sig", newline="")


def read_bare(path: Path) -> int:
    """Read every row and keep nothing; the number of lines."""
    with opened(path) as file:
        return sum(1 for _row in csv.reader(file)) - 1


def copy_bare(path: Path) -> None:
    """COPY the file as it is into a table of texts without an index."""
    from django.db import connection

    with opened(path) as file, connection.cursor() as cursor:
        columns = ", ".join(f"c{place} text" for place in range(len(next(csv.reader(file)))))
        cursor.execute("DROP TABLE IF EXISTS bench_lines")
        cursor.execute(f"CREATE TABLE bench_lines ({columns})")
        with cursor.copy("COPY bench_lines FROM STDIN (FORMAT csv)") as copy:
            for block in blocks(file):
                copy.write(block)


def blocks(file: IO[str]) -> Iterator[str]:
    """The rest of a text file in pieces."""
    while block := file.read(1024**2):
        yield block


def timed(work: Callable[[], Result]) -> tuple[float, Result]:
    """Seconds one call takes, and what it answered."""
    started = time.monotonic()
    result = work()
    return time.monotonic() - started, result


def main() -> int:
    """Pull, pull again, measure the limits, print; 1 when a limit is missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--file", type=Path)
    parser.add_argument("--map", type=Path)
    parser.add_argument("--lines", type=int, default=LINES)
    options = parser.parse_args()
    django.setup()
    from django.core.management import call_command
    from django.db import connection

    if connection.vendor != "postgresql":
        print("Set DATABASE_URL to PostgreSQL (or: make bench).")
        return 2
    call_command("migrate", verbosity=0)
    with tempfile.TemporaryDirectory() as folder:
        path = options.file
        if path is None:
            path = Path(folder, "actuals.csv")
            make_file(path, options.lines, max(options.lines * DOCUMENTS // LINES, 1))
        map_text = options.map.read_text(encoding="utf-8-sig") if options.map else MAP
        return measure(path, map_text)


def measure(path: Path, map_text: str) -> int:
    """The figures of one file."""
    from crm_project.core.jobs.services import system_user
    from integrations.models import Source
    from integrations.sources.services import pull_given_file

    source = Source(name=f"bench {time.time():.0f}", map_text=map_text)
    first, result = timed(lambda: pull_given_file(source=source, path=path, by=system_user()))
    again, second = timed(lambda: pull_given_file(source=source, path=path, by=system_user()))
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    reading, lines = timed(lambda: read_bare(path))
    copying, _nothing = timed(lambda: copy_bare(path))
    rate = result.lines / first
    print(f"{result.lines:,} lines, {result.documents:,} documents, net {result.as_json()['amount_total']}")
    print(f"pulled:          {first:6.1f} s  {rate:10,.0f} lines/s (limit {LIMIT:,})")
    print(f"pulled again:    {again:6.1f} s  {second.lines / again:10,.0f} lines/s, {second.unchanged:,} unchanged")
    print(f"bare csv + COPY: {reading + copying:6.1f} s  {lines / (reading + copying):10,.0f} lines/s")
    print(f"                 the pull takes {first / (reading + copying):.1f} times as long")
    print(f"peak memory:     {memory / 1024**2:6.0f} MB (limit {MEMORY_LIMIT // 1024**2} MB)")
    right = second.unchanged == result.created == result.documents and lines == result.lines
    return 0 if right and rate >= LIMIT and memory < MEMORY_LIMIT else 1


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "crm_project.settings")
    sys.exit(main())
