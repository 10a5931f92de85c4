"""What a ledger's import must still do beside its rates: a CSV of a million rows, an undo of half updates, a house on SQLite.

Each part in a process and a database of its own, so that its memory is its own. PostgreSQL for the first two.

`csv`: read, mapped, normalised and planned, then imported; both under 1 GB. `undo`: 100,000 rows, half of them new, half changes,
taken back to business tables that are the same to the last column, and done again. `sqlite`: new guests with trail, images and
rows, at least 3,000 rows/s.
"""

import argparse
import csv
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import django

from bench.ledger import HEADINGS, MAP, MEGABYTES, _peak_megabytes, fingerprint, guest, own_database, write_workbook

SQLITE_ROWS_A_SECOND = 3_000
# All that are mapped: with all twenty a million rows are more than the 200 MB that a file may have.
CSV_COLUMNS = 15
ROWS = {"csv": 1_000_000, "undo": 100_000, "sqlite": 20_000}


def write_csv(path: Path, rows: Iterator[list[object]], *, columns: int = len(HEADINGS)) -> None:
    """The rows under their headings."""
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerow(HEADINGS[:columns])
        csv.writer(file).writerows(row[:columns] for row in rows)


def new_and_changed(rows: int) -> Iterator[list[object]]:
    """One row about a guest of the first so many, changed, and one about somebody new, in turn."""
    for row in range(rows):
        yield guest(row // 2, changed=True) if row % 2 else guest(rows + row)


def a_million_rows(rows: int, folder: Path) -> bool:
    """A CSV of new guests, planned and then imported."""
    from crm_project.core.jobs.services import system_user
    from integrations.ledgers.fields import ledger_map
    from integrations.ledgers.ledger_file import LedgerFile
    from integrations.ledgers.services import check_ledger, import_file

    path = folder / "ledger.csv"
    write_csv(path, (guest(number) for number in range(rows)), columns=CSV_COLUMNS)
    ledger = LedgerFile(path, path.name, column_map=ledger_map(MAP))
    size = path.stat().st_size / 1024**2
    started = time.monotonic()
    counts = check_ledger(ledger).counts
    seconds, planned = time.monotonic() - started, _peak_megabytes()
    print(
        f"CSV, {counts.rows:,} rows x {CSV_COLUMNS}, {size:,.0f} MB: planned in {seconds:.0f} s = "
        f"{rows / seconds:,.0f} rows/s, peak memory {planned:,.0f} MB (under {MEGABYTES:,})",
        flush=True,
    )
    started = time.monotonic()
    _import, outcome = import_file(file=ledger, by=system_user())
    seconds, peak = time.monotonic() - started, _peak_megabytes()
    print(f"imported in {seconds:.0f} s = {rows / seconds:,.0f} rows/s, peak memory {peak:,.0f} MB")
    return peak < MEGABYTES and outcome.counts.created == rows


def half_updates(rows: int, folder: Path) -> bool:
    """An import of which half the rows change guests, taken back and done again."""
    from crm_project.core.jobs.services import system_user
    from integrations.ledgers.fields import ledger_map
    from integrations.ledgers.ledger_file import LedgerFile
    from integrations.ledgers.services import import_file
    from integrations.ledgers.undo import redo_ledger, undo_ledger

    column_map = ledger_map(MAP)
    known, path = folder / "known.csv", folder / "ledger.xlsx"
    write_csv(known, (guest(number) for number in range(rows)))
    write_workbook(path, new_and_changed(rows))
    import_file(file=LedgerFile(known, "known.csv", column_map=column_map), by=system_user())
    before = fingerprint()
    started = time.monotonic()
    ledger_import, outcome = import_file(file=LedgerFile(path, path.name, column_map=column_map), by=system_user())
    counts = outcome.counts
    print(f"{counts.created:,} new and {counts.updated:,} changed in {time.monotonic() - started:.1f} s", flush=True)
    after = fingerprint()
    same = []
    for verb, function, wanted in (("taken back", undo_ledger, before), ("done again", redo_ledger, after)):
        ledger_import.refresh_from_db()
        started = time.monotonic()
        function(ledger_import=ledger_import, by=system_user())
        seconds = time.monotonic() - started
        same.append(fingerprint() == wanted)
        print(f"{verb} in {seconds:.1f} s: {'every table as it was' if same[-1] else 'NOT AS IT WAS'}", flush=True)
    return all(same) and counts.updated == rows // 2 == counts.created


def a_house_on_sqlite(rows: int, folder: Path) -> bool:
    """New guests into the file that a small house has for a database."""
    from crm_project.core.jobs.services import system_user
    from integrations.ledgers.fields import ledger_map
    from integrations.ledgers.ledger_file import LedgerFile
    from integrations.ledgers.services import import_file

    path = folder / "ledger.csv"
    write_csv(path, (guest(number) for number in range(rows)))
    started, processor = time.monotonic(), time.process_time()
    import_file(file=LedgerFile(path, path.name, column_map=ledger_map(MAP)), by=system_user())
    by_clock, by_processor = (rows / spent for spent in (time.monotonic() - started, time.process_time() - processor))
    print(
        f"SQLite, {rows:,} new: {by_clock:,.0f} rows/s, {by_processor:,.0f} of processor time (at least {SQLITE_ROWS_A_SECOND:,})"
    )
    return by_clock >= SQLITE_ROWS_A_SECOND


PARTS = {"csv": a_million_rows, "undo": half_updates, "sqlite": a_house_on_sqlite}


def run(part: str, rows: int) -> bool:
    """One part, in this process."""
    with tempfile.TemporaryDirectory(prefix="okami-bench-") as folder:
        if part != "sqlite":
            with own_database():
                return PARTS[part](rows, Path(folder))
        os.environ["DATABASE_URL"] = f"sqlite:///{folder}/house.sqlite3"
        django.setup()
        from django.core.management import call_command

        call_command("migrate", verbosity=0)
        return PARTS[part](rows, Path(folder))


def main() -> int:
    """Measure and print; 1 when a limit is missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--part", choices=PARTS, action="append", help="all, unless named")
    parser.add_argument("--rows", type=int, help="of a part that is named alone")
    parser.add_argument("--here", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.here:
        return 0 if run(options.part[0], options.rows) else 1
    kept = True
    for part in options.part or PARTS:
        rows = options.rows or ROWS[part]
        command = [sys.executable, "-m", "bench.ledger_limits", "--here", "--part", part, "--rows", str(rows)]
        kept &= subprocess.run(command, check=False).returncode == 0
    return 0 if kept else 1


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "crm_project.settings")
    sys.exit(main())
