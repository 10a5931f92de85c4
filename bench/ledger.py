"""Ledger import: planning beside the bare reader, writing beside COPY + upsert, undo beside the import, in the same run.

PostgreSQL. 100,000 rows x 20 columns against 300,000 guests: half of the rows new, three in ten changed, the rest the same.
Planning must reach a third of the reader; writing (guests, phones, addresses, allergies, trail, images, rows of the import)
a third of COPY + upsert of the same rows. Printed beside: the limit of the guests alone. Taken back, every table is as it was.
"""

import argparse
import csv
import json
import os
import random
import resource
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Any

import django
import python_calamine as calamine
import xlsxwriter

LIMIT = 1 / 3
SECONDS = 40
MEGABYTES = 1024
HEADINGS = [
    "顧客番号", "氏名", "フリガナ", "会社名", "部署", "役職", "電話番号", "メールアドレス", "郵便番号", "住所", "生年月日",
    "アレルギー", "備考", "登録日", "ランク", "担当", "来店回数", "累計", "紹介者", "区分",
]  # fmt: skip
MAP = """[columns]
code = "顧客番号"
name = "氏名"
kana = "フリガナ"
company = "会社名"
department = "部署"
title = "役職"
phone = "電話番号"
email = "メールアドレス"
postal_code = "郵便番号"
address = "住所"
birthday = "生年月日"
allergies = "アレルギー"
note = "備考"
since = "登録日"
"""
FAMILY = [
    ("青木", "アオキ"), ("石田", "イシダ"), ("上野", "ウエノ"), ("遠藤", "エンドウ"), ("岡本", "オカモト"),
    ("川口", "カワグチ"), ("北村", "キタムラ"), ("久保", "クボ"), ("小山", "コヤマ"), ("酒井", "サカイ"),
    ("髙橋", "タカハシ"), ("渡邊", "ワタナベ"),
]  # fmt: skip
GIVEN = [
    ("一郎", "イチロウ"), ("恵子", "ケイコ"), ("健", "ケン"), ("幸子", "サチコ"), ("翔", "ショウ"),
    ("直美", "ナオミ"), ("誠", "マコト"), ("優", "ユウ"), ("陽子", "ヨウコ"), ("隆", "タカシ"),
]  # fmt: skip
NOTES = ["", "", "静かなお席をご希望", "奥様とご一緒のことが多い。お祝いの折は花をご用意する", "左利き"]
ALLERGIES = ["", "", "", "", "えび、かに", "そば", "なし", "卵"]


def guest(number: int, *, changed: bool = False) -> list[object]:
    """One row of the ledger; a changed one has moved and has another number."""
    pick = random.Random(number)
    family, given = pick.choice(FAMILY), pick.choice(GIVEN)
    now = number + 5_000_000 if changed else number
    return [
        f"K{number:07d}", f"{family[0]} {given[0]}", f"{family[1]} {given[1]}",
        f"株式会社架空商事{number % 20_000}" if number % 3 else "",
        "営業部" if number % 3 else "", "課長" if number % 6 == 1 else "",
        f"090-{now // 10_000 % 10_000:04d}-{now % 10_000:04d}", f"guest{number}@example.jp", f"{6_000_000 + number % 90_000}",
        f"京都市中京区架空町{now % 900 + 1}番地{number % 30}",
        f"S{pick.randint(20, 63)}.{pick.randint(1, 12)}.{pick.randint(1, 28)}",
        pick.choice(ALLERGIES), pick.choice(NOTES), f"{2000 + number % 26}-0{number % 9 + 1}-15", "", "",
        number % 40, number * 7 % 900_000, "", "個人" if number % 3 == 0 else "法人",
    ]  # fmt: skip


def ledger_rows(rows: int, customers: int) -> Iterator[list[object]]:
    """Half of the rows new, three in ten changed, two in ten the same."""
    for row in range(rows):
        if row % 10 < 5:
            yield guest(customers + row)
        else:
            yield guest(row, changed=row % 10 < 8)


def write_workbook(path: Path, rows: Iterator[list[object]]) -> None:
    """The rows under their headings."""
    with xlsxwriter.Workbook(str(path), {"constant_memory": True}) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, HEADINGS)
        for number, row in enumerate(rows, start=1):
            sheet.write_row(number, 0, row)


class Stopwatch:
    """Seconds spent inside wrapped functions."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def around(self, function: Callable[..., Any]) -> Callable[..., Any]:
        """The function, timed."""

        def timed(*args: Any, **kwargs: Any) -> Any:
            started = time.monotonic()
            try:
                return function(*args, **kwargs)
            finally:
                self.seconds += time.monotonic() - started

        return timed


LAST_IMPORT = "(SELECT max(id) FROM integrations_ledgerimport)"
OF_LAST_IMPORT = f"FROM integrations_ledgerrow WHERE ledger_import_id = {LAST_IMPORT}"
CREATED = f"SELECT code {OF_LAST_IMPORT} AND outcome = 'created'"
WRITTEN = f"SELECT code {OF_LAST_IMPORT} AND outcome IN ('created', 'updated')"
BUSINESS = ("customers", "visits", "deals", "reports", "menus", "timeline", "comments")


def copy_and_upsert(first_audit: int) -> tuple[int, float, float]:
    """The limit of writing, ready made, into like tables: guests by COPY and INSERT ... ON CONFLICT, what else came by COPY.

    Returns the rows of the ledger that wrote something, the seconds for the guests alone, and those for everything.
    """
    from django.db import connection

    from integrations.ledgers.writing import CUSTOMER_FIELDS

    columns = [field if field not in ("company", "staff", "rank") else f"{field}_id" for field in CUSTOMER_FIELDS]
    listed = ", ".join(columns)
    guests_written = f"SELECT id FROM customers_customer WHERE code IN ({WRITTEN})"
    beside = {
        "customers_phone": f"customer_id IN ({guests_written})",
        "customers_address": f"customer_id IN ({guests_written})",
        "customers_allergy": f"customer_id IN ({guests_written})",
        "audit_auditentry": f"id > {first_audit}",
        "integrations_ledgerimage": f"ledger_import_id = {LAST_IMPORT}",
        "integrations_ledgerrow": f"ledger_import_id = {LAST_IMPORT}",
    }
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE bench_customer (LIKE customers_customer INCLUDING ALL)")
        cursor.execute(f"INSERT INTO bench_customer SELECT * FROM customers_customer WHERE code NOT IN ({CREATED})")
        cursor.execute(f"SELECT {listed} FROM customers_customer WHERE code IN ({WRITTEN})")
        rows = [
            tuple(json.dumps(cell) if isinstance(cell, dict) else cell for cell in row) for row in cursor.fetchall()
        ]
        others = {}
        for table, condition in beside.items():
            like = f"bench_{table}"
            cursor.execute(f"CREATE TABLE {like} (LIKE {table} INCLUDING ALL)")
            cursor.execute(f"INSERT INTO {like} SELECT * FROM {table} WHERE NOT ({condition})")
            cursor.execute(f"SELECT * FROM {table} WHERE {condition}")
            others[like] = [
                tuple(json.dumps(cell, ensure_ascii=False) if isinstance(cell, dict | list) else cell for cell in row)
                for row in cursor.fetchall()
            ]
            cursor.execute(f"VACUUM ANALYZE {like}")
        cursor.execute("VACUUM ANALYZE bench_customer")
        started = time.monotonic()
        cursor.execute(f"CREATE TEMPORARY TABLE stage AS SELECT {listed} FROM bench_customer WITH NO DATA")
        with cursor.copy(f"COPY stage ({listed}) FROM STDIN") as copy:
            for row in rows:
                copy.write_row(row)
        assignments = ", ".join(f"{column} = EXCLUDED.{column}" for column in columns if column not in ("id", "code"))
        cursor.execute(
            f"INSERT INTO bench_customer ({listed}) SELECT {listed} FROM stage ON CONFLICT (code) DO UPDATE SET {assignments}"
        )
        guests = time.monotonic() - started
        for like, cells in others.items():
            with cursor.copy(f"COPY {like} FROM STDIN") as copy:
                for row in cells:
                    copy.write_row(row)
        everything = time.monotonic() - started
        for like in ("bench_customer", "stage", *others):
            cursor.execute(f"DROP TABLE {like}")
    return len(rows), guests, everything


def fingerprint() -> dict[str, Any]:
    """Of every business table how many rows it has and the sum of their hashes, every column included."""
    from django.apps import apps
    from django.db import connection

    found = {}
    with connection.cursor() as cursor:
        for label in BUSINESS:
            for model in apps.get_app_config(label).get_models(include_auto_created=True):
                table = model._meta.db_table
                cursor.execute(f"SELECT count(*), sum(hashtextextended(t::text, 0)::numeric) FROM {table} t")
                found[table] = cursor.fetchone()
    return found


def measure(rows: int, customers: int, folder: Path) -> bool:
    """Fill, plan, write; whether both limits are kept."""
    from django.core.files.base import File

    from crm_project.core.audit.models import AuditEntry
    from crm_project.core.jobs.services import system_user
    from integrations.ledgers import planning, services
    from integrations.ledgers.fields import ledger_map
    from integrations.ledgers.ledger_file import LedgerFile
    from integrations.ledgers.undo import redo_ledger, undo_ledger

    column_map = ledger_map(MAP)
    started = time.monotonic()
    known = folder / "known.csv"
    with known.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerow(HEADINGS)
        csv.writer(file).writerows(guest(number) for number in range(customers))
    services.import_file(file=LedgerFile(known, "known.csv", column_map=column_map), by=system_user())
    print(f"{customers:,} guests entered in {time.monotonic() - started:.0f} s", flush=True)
    _vacuum()

    workbook = folder / "ledger.xlsx"
    write_workbook(workbook, ledger_rows(rows, customers))
    started, processor = time.monotonic(), time.process_time()
    with workbook.open("rb") as file:
        read = sum(1 for _row in calamine.CalamineWorkbook.from_filelike(file).get_sheet_by_index(0).iter_rows()) - 1
    bare, bare_processor = read / (time.monotonic() - started), time.process_time() - processor

    ledger = LedgerFile(workbook, "ledger.xlsx", column_map=column_map)
    started, processor = time.monotonic(), time.process_time()
    outcome = services.check_ledger(ledger)
    seconds, plan_processor = time.monotonic() - started, time.process_time() - processor
    planned, counts = outcome.counts.rows / seconds, outcome.counts

    before = fingerprint()
    last_audit = AuditEntry.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
    batches, plans = Stopwatch(), Stopwatch()
    services._write_batch = batches.around(services._write_batch)
    planning.Planner.plan = plans.around(planning.Planner.plan)  # type: ignore[method-assign]
    started = time.monotonic()
    with workbook.open("rb") as upload:
        received = services.receive_ledger(upload=File(upload), name="ledger.xlsx", by=system_user())
    services.choose_columns(ledger_import=received, by=system_user(), sheet=received.sheet, column_map=column_map)
    received.refresh_from_db()
    services.plan_for_preview(ledger_import=received)
    previewed = time.monotonic() - started
    plans.seconds = 0.0
    received.refresh_from_db()
    services.apply_ledger(ledger_import=received, by=system_user())
    whole = time.monotonic() - started
    peak = _peak_megabytes()
    written = (counts.created + counts.updated) / (batches.seconds - plans.seconds)
    after = fingerprint()
    _vacuum()
    limit_rows, guest_seconds, all_seconds = copy_and_upsert(last_audit)
    guests_alone, limit = limit_rows / guest_seconds, limit_rows / all_seconds

    received.refresh_from_db()
    started = time.monotonic()
    turned = undo_ledger(ledger_import=received, by=system_user()).turned
    undone = time.monotonic() - started
    is_as_before = fingerprint() == before
    received.refresh_from_db()
    started = time.monotonic()
    redo_ledger(ledger_import=received, by=system_user())
    redone = time.monotonic() - started
    is_as_after = fingerprint() == after

    print(
        f"{counts.created:,} new, {counts.updated:,} changed, {counts.unchanged:,} the same, {counts.errors:,} errors"
    )
    print(f"bare reader                {bare:10,.0f} rows/s")
    print(
        f"read and planned           {planned:10,.0f} rows/s = {planned / bare:.2f} of the reader (at least {LIMIT:.2f}); "
        f"{bare_processor / plan_processor:.2f} by processor time of this process"
    )
    print(f"COPY + upsert, all tables  {limit:10,.0f} rows/s; of the guests alone {guests_alone:,.0f}")
    print(
        f"written                    {written:10,.0f} rows/s = {written / limit:.2f} of all tables (at least {LIMIT:.2f}), "
        f"{written / guests_alone:.2f} of the guests alone"
    )
    print(f"upload to preview          {previewed:10.1f} s")
    print(
        f"upload to done             {whole:10.1f} s (under {SECONDS}), peak memory at most {peak:,.0f} MB (under {MEGABYTES:,})"
    )
    print(
        f"taken back                 {undone:10.1f} s, {turned.restored:,} put back, {turned.removed:,} removed, "
        f"{'every table as before' if is_as_before else 'NOT AS BEFORE'}"
    )
    print(f"done again                 {redone:10.1f} s, {'every table as after' if is_as_after else 'NOT AS AFTER'}")
    kept = is_as_before and is_as_after and whole < SECONDS and peak < MEGABYTES
    return kept and planned >= LIMIT * bare and written >= LIMIT * limit


def _vacuum() -> None:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")


def _peak_megabytes() -> float:
    """Of this process and the one that reads for it; what both share is counted twice."""
    both = (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    return sum(resource.getrusage(who).ru_maxrss for who in both) / 1024


@contextmanager
def own_database() -> Iterator[None]:
    """A new database on the server of DATABASE_URL, dropped afterwards."""
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "scripts"))
    import servers

    given = os.environ.get("DATABASE_URL")
    with nullcontext(given) if given else servers.postgres(durable=True) as url, servers.fresh_database(url) as fresh:
        os.environ["DATABASE_URL"] = fresh
        try:
            django.setup()
            from django.core.management import call_command

            call_command("migrate", verbosity=0)
            yield
        finally:
            from django.db import connection

            connection.close()
            connection.close_pool()  # type: ignore[attr-defined]


def main() -> int:
    """Measure and print; 1 when a limit is missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--customers", type=int, default=300_000)
    options = parser.parse_args()
    if not os.environ.get("DATABASE_URL", "postgres").startswith("postgres"):
        print("Set DATABASE_URL to PostgreSQL (or: make bench).")
        return 2
    with own_database(), tempfile.TemporaryDirectory() as folder:
        return 0 if measure(options.rows, options.customers, Path(folder)) else 1


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "crm_project.settings")
    sys.exit(main())
