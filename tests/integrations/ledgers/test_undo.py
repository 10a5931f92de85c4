"""Taking an import back: the database as it was before, what people wrote since kept and named, and done again as it was."""

import json
from collections.abc import Iterable
from datetime import date
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.core.management import CommandError, call_command
from django.db import connection, models
from django.utils import translation

from crm_project.core.accounts.models import User
from crm_project.core.audit.choices import Action
from crm_project.core.audit.models import AuditEntry
from crm_project.core.jobs.services import LeaseLost
from crm_project.core.problems import InputProblem
from customers.models import Allergy, Company, Customer, Phone
from customers.services import PhoneInput, change_customer, merge_guests
from integrations import bulk
from integrations.choices import KeptReason, LedgerState
from integrations.ledgers import undo as undo_module
from integrations.ledgers.images import ImageBook
from integrations.ledgers.kept_rows import in_words
from integrations.ledgers.services import import_file
from integrations.ledgers.undo import redo_ledger, undo_ledger
from integrations.models import KeptRow, LedgerImage, LedgerImport, LedgerRow
from tests.factories.accounts import UserFactory
from tests.factories.customers import CompanyFactory, CustomerFactory
from tests.factories.visits import AttendanceFactory
from tests.integrations.ledgers.files import ledger, row, workbook
from visits.models import Attendance

pytestmark = pytest.mark.django_db

BUSINESS = ("customers", "visits", "deals", "reports", "menus", "timeline", "comments")


def dump() -> dict[str, list[Any]]:
    """Every column of every row of every business table, in the database's own words."""
    tables: list[type[models.Model]] = []
    for label in BUSINESS:
        tables += apps.get_app_config(label).get_models(include_auto_created=True)
    found = {}
    with connection.cursor() as cursor:
        for model in tables:
            table = connection.ops.quote_name(model._meta.db_table)
            columns = [str(f.column) for f in model._meta.concrete_fields]
            as_text = "::text" if connection.vendor == "postgresql" else " || ''"
            listed = ", ".join(f"{connection.ops.quote_name(str(name))}{as_text}" for name in columns)
            cursor.execute(
                f"SELECT {listed} FROM {table} ORDER BY {connection.ops.quote_name(str(model._meta.pk.column))}"
            )
            found[model._meta.label_lower] = cursor.fetchall()
    return found


def imported(path: Path) -> LedgerImport:
    """The import of a file, as the command line does it."""
    with translation.override("en"):
        return import_file(file=ledger(path), by=User.objects.system())[0]


def undone(ledger_import: LedgerImport, **options: Any) -> undo_module.UndoOutcome:
    """The import taken back by the system."""
    ledger_import.refresh_from_db()
    return undo_ledger(ledger_import=ledger_import, by=User.objects.system(), **options)


def redone(ledger_import: LedgerImport) -> undo_module.UndoOutcome:
    """The import done again."""
    ledger_import.refresh_from_db()
    return redo_ledger(ledger_import=ledger_import, by=User.objects.system())


def kept(rows: Iterable[KeptRow]) -> list[tuple[int, str, str, str, str]]:
    """Row, guest, field, what stays and why."""
    with translation.override("en"):
        return [(one.row, one.guest, one.field, one.stays, one.reason) for one in in_words(list(rows), user=None)]


def many(numbers: Iterable[int], *, moved: bool = False) -> list[list[Any]]:
    """Guests with everything a ledger may say; some of them moved."""
    return [
        row(
            f"K{n}", f"架空 {n}郎", "カクウ タロウ", f"株式会社北辰{n % 7 + (3 if moved else 0)}",
            f"090-{n:04d}-{'9999' if moved else '0001'}", f"架空町{n}{'の2' if moved else ''}", "S36.12.9",
            ("えび、そば", "かに", "なし", "", "いわし")[(n + moved) % 5], "右の席" if moved and n % 3 else "",
        )
        for n in numbers
    ]  # fmt: skip


@pytest.fixture(autouse=True)
def small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    """So that a few hundred rows are several batches."""
    monkeypatch.setattr(undo_module, "BATCH_IMAGES", {})
    monkeypatch.setattr(undo_module, "OTHER_BATCH_IMAGES", 170)


def test_an_import_of_a_thousand_rows_is_taken_back_and_done_again_to_the_last_digit(tmp_path: Path) -> None:
    imported(workbook(tmp_path / "first.xlsx", many(range(600))))
    undone_guest = Customer.objects.get(code="K599")
    Phone.objects.create(customer=undone_guest, written="075-000-0000", digits="0750000000", tail="0000", position=3)
    before = dump()
    second = imported(workbook(tmp_path / "second.xlsx", many(range(100, 600), moved=True) + many(range(600, 1100))))
    assert (second.created, second.updated, second.errors) == (500, 500, 0)
    after = dump()
    assert after != before

    looked_at = undone(second, looking=True)
    assert (looked_at.turned.restored, looked_at.turned.removed, looked_at.turned.kept) == (500, 500, 0)
    assert dump() == after

    outcome = undone(second)
    assert (outcome.turned.restored, outcome.turned.removed, outcome.kept) == (500, 500, [])
    assert dump() == before
    second.refresh_from_db()
    assert second.state == LedgerState.UNDONE

    redone(second)
    assert dump() == after
    second.refresh_from_db()
    assert second.state == LedgerState.APPLIED
    assert set(LedgerRow.objects.filter(ledger_import=second).values_list("customer__code", flat=True)) == {
        f"K{n}" for n in range(100, 1100)
    }
    undone(second)
    assert dump() == before


def test_what_people_changed_since_is_kept_and_named(tmp_path: Path) -> None:
    by = User.objects.system()
    imported(workbook(tmp_path / "a.xlsx", [row("1", "山田 太郎", phone="090-0000-0001", note="右の席")]))
    second = imported(
        workbook(
            tmp_path / "b.xlsx", [row("1", "山田 太朗", phone="090-0000-0002", note="左の席"), row("2", "小川 翔")]
        )
    )
    yamada = Customer.objects.get(code="1")
    change_customer(customer=yamada, by=by, version=yamada.version, note="窓の席")
    outcome = undone(second)
    assert (outcome.turned.restored, outcome.turned.removed, outcome.turned.kept) == (1, 1, 1)
    assert kept(outcome.kept) == [(2, "山田 太郎", "note", "窓の席", "changed since")]
    yamada.refresh_from_db()
    assert (yamada.name, yamada.note) == ("山田 太郎", "窓の席")
    assert [phone.digits for phone in yamada.phones.all()] == ["09000000001"]
    assert "窓" not in yamada.search_key
    assert "09000000001" in yamada.search_key
    assert "09000000002" not in yamada.search_key
    assert not Customer.objects.filter(code="2").exists()
    assert redone(second).turned.kept == 1
    yamada.refresh_from_db()
    assert (yamada.name, yamada.note) == ("山田 太朗", "窓の席")
    assert Customer.objects.filter(code="2").exists()


def test_a_new_guest_whom_people_use_stays_whole(tmp_path: Path) -> None:
    by = User.objects.system()
    rows = [
        row("1", "山田 太郎", company="株式会社北辰", phone="090-0000-0001", allergies="えび"),
        row("2", "小川 翔", company="株式会社北辰", phone="090-0000-0002"),
        row("3", "北村 健", company="南天堂", phone="090-0000-0003"),
        row("4", "上野 誠", phone="090-0000-0004"),
        row("5", "上野 眞", phone="090-0000-0004"),
    ]
    only = imported(workbook(tmp_path / "a.xlsx", rows))
    AttendanceFactory.create(customer=Customer.objects.get(code="1"))
    ogawa = Customer.objects.get(code="2")
    change_customer(customer=ogawa, by=by, version=ogawa.version, called="若旦那")
    merge_guests(
        keep=Customer.objects.get(code="4"),
        absorb=Customer.objects.get(code="5"),
        choices={},
        by=UserFactory.create(is_superuser=True),
    )
    outcome = undone(only)
    assert (outcome.turned.restored, outcome.turned.removed, outcome.turned.kept) == (0, 1, 4)
    said = kept(outcome.kept)
    assert (2, "山田 太郎", "guest", "attendance (1)", "in use since") in said
    assert (3, "小川 翔", "called", "若旦那", "changed since") in said
    assert {line[0] for line in said} == {2, 3, 5, 6}
    assert set(Customer.objects.values_list("code", flat=True)) == {"1", "2", "4", "5"}
    assert Allergy.objects.filter(customer__code="1").exists()
    assert Phone.objects.filter(customer__code="1").exists()
    assert list(Company.objects.values_list("name", flat=True)) == ["株式会社北辰"]
    assert Attendance.objects.count() == 1


def test_a_number_that_somebody_put_right_keeps_its_guest(tmp_path: Path) -> None:
    only = imported(workbook(tmp_path / "a.xlsx", [row("1", "山田 太郎", phone="090-0000-0001")]))
    guest = Customer.objects.get()
    phones = [PhoneInput("090-0000-0009")]
    change_customer(customer=guest, by=User.objects.system(), version=1, phones=phones)
    outcome = undone(only)
    assert outcome.turned.kept == 1
    assert [phone.digits for phone in Customer.objects.get().phones.all()] == ["09000000009"]


def test_a_guest_of_a_later_ledger_stays_until_that_one_is_taken_back(tmp_path: Path) -> None:
    first = imported(workbook(tmp_path / "guests_1.xlsx", [row("1", "山田 太郎"), row("2", "小川 翔")]))
    second = imported(workbook(tmp_path / "guests_2.xlsx", [row("1", "山田 太郎", note="右の席")]))
    outcome = undone(first)
    assert [(line[1], line[4]) for line in kept(outcome.kept)] == [
        ("山田 太郎", "changed since"),
        ("山田 太郎", "in use since"),
    ] or [line[1] for line in kept(outcome.kept)] == ["山田 太郎"]
    assert Customer.objects.get().note == "右の席"
    redone(first)
    undone(second)
    assert undone(first).turned.removed == 2
    assert not Customer.objects.exists()


def test_a_later_ledger_that_found_nothing_new_keeps_nobody(tmp_path: Path) -> None:
    first = imported(workbook(tmp_path / "guests_1.xlsx", [row("1", "山田 太郎"), row("2", "小川 翔")]))
    second = imported(workbook(tmp_path / "guests_2.xlsx", [row("1", "山田 太郎"), row("2", "小川 翔", note="窓")]))
    assert (second.unchanged, second.updated) == (1, 1)
    outcome = undone(first)
    assert outcome.turned.removed == 1
    assert Customer.objects.get().name == "小川 翔"
    redone(first)
    assert set(Customer.objects.values_list("name", flat=True)) == {"山田 太郎", "小川 翔"}


def test_a_code_that_was_given_away_since_is_named_when_the_import_is_done_again(tmp_path: Path) -> None:
    only = imported(workbook(tmp_path / "a.xlsx", [row("1", "山田 太郎", phone="090-0000-0001"), row("2", "小川 翔")]))
    undone(only)
    CustomerFactory.create(code="1", name="別の 人")
    outcome = redone(only)
    assert (outcome.turned.removed, outcome.turned.kept) == (1, 1)
    assert [(one.row_number, one.reason) for one in outcome.kept] == [(2, KeptReason.TAKEN)]
    assert set(Customer.objects.values_list("name", flat=True)) == {"別の 人", "小川 翔"}
    assert not Phone.objects.exists()


def test_what_a_changed_row_pointed_to_may_be_gone(tmp_path: Path) -> None:
    imported(workbook(tmp_path / "a.xlsx", [row("1", "山田 太郎", company="南天堂")]))
    second = imported(workbook(tmp_path / "b.xlsx", [row("1", "山田 太郎", company="北辰")]))
    Company.objects.get(name="南天堂").delete()
    outcome = undone(second)
    assert kept(outcome.kept) == [(2, "山田 太郎", "company", "北辰", "deleted since")]
    assert str(Customer.objects.get().company) == "北辰"


def test_each_guest_and_the_import_are_in_the_trail(tmp_path: Path) -> None:
    imported(workbook(tmp_path / "a.xlsx", [row("1", "山田 太郎", note="右の席")]))
    second = imported(workbook(tmp_path / "b.xlsx", [row("1", "山田 太郎", note="左の席"), row("2", "小川 翔")]))
    last = AuditEntry.objects.latest("pk").pk
    undone(second)
    entries = {(entry.subject_type, entry.action): entry for entry in AuditEntry.objects.filter(pk__gt=last)}
    assert len(entries) == 3
    assert entries["customers.customer", Action.CHANGED].changes == {"ledger": "b.xlsx", "note": ["左の席", "右の席"]}
    assert entries["customers.customer", Action.DELETED].subject_name == "小川 翔"
    assert entries["integrations.ledgerimport", Action.CHANGED].changes["state"] == ["applied", "undone"]


def test_a_version_never_comes_twice(tmp_path: Path) -> None:
    by = User.objects.system()
    guest = CustomerFactory.create(code="1", name="山田 太郎", version=7)
    second = imported(workbook(tmp_path / "b.xlsx", [row("1", "山田 太郎", note="左の席")]))
    guest.refresh_from_db()
    seen_meanwhile = guest.version
    undone(second)
    for note in ("右", "左"):
        guest.refresh_from_db()
        assert guest.version != seen_meanwhile
        change_customer(customer=guest, by=by, version=guest.version, note=note)


def test_it_goes_on_behind_the_last_batch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = dump()
    only = imported(workbook(tmp_path / "a.xlsx", many(range(400))))
    after = dump()

    class Killed(Exception):
        """As a power cut."""

    def stop(done: int, total: int | None, text: str) -> None:
        assert total == 400
        raise Killed

    with pytest.raises(Killed):
        undone(only, progress=stop)
    only.refresh_from_db()
    assert only.state == LedgerState.UNDOING
    assert Customer.objects.count() == 400 - 170
    outcome = undone(only)
    assert outcome.turned.removed == 400
    assert dump() == before
    redone(only)
    assert dump() == after


def test_two_workers_do_not_take_back_the_same_batch(tmp_path: Path) -> None:
    only = imported(workbook(tmp_path / "a.xlsx", many(range(400))))

    def overtaken(done: int, total: int | None, text: str) -> None:
        LedgerImport.objects.filter(pk=only.pk).update(turned_to=1)

    with pytest.raises(LeaseLost):
        undone(only, progress=overtaken)


def test_what_cannot_be_taken_back_says_why(tmp_path: Path) -> None:
    only = imported(workbook(tmp_path / "a.xlsx", [row("1", "山田 太郎")]))
    with pytest.raises(InputProblem):
        redone(only)
    LedgerImport.objects.update(keeps_images=False)
    with pytest.raises(InputProblem, match=r"older|以前|前の"):
        undone(only)
    assert Customer.objects.exists()


def test_images_of_any_model_are_recorded_by_other_writers(tmp_path: Path) -> None:
    only = imported(workbook(tmp_path / "a.xlsx", [row("1", "山田 太郎")]))
    company = CompanyFactory.create(name="旧社名", key="旧社名")
    gone = CompanyFactory.create(name="消える", key="消える")
    book = ImageBook(only)
    book.changed(9, Company, company.pk, before={"name": "旧社名"}, after={"name": "新社名"})
    Company.objects.filter(pk=company.pk).update(name="新社名")
    book.deleted(9, Company, gone.pk)
    bulk.delete(Company, [gone.pk])
    seat = AttendanceFactory.create()
    book.created(10, Attendance, seat.pk)
    book.write()
    assert LedgerImage.objects.filter(ledger_import=only, row_number__in=(9, 10)).count() == 2
    undone(only)
    assert set(Company.objects.values_list("name", flat=True)) >= {"旧社名", "消える"}
    assert not Attendance.objects.exists()
    redone(only)
    assert Attendance.objects.get().pk == seat.pk
    assert set(Company.objects.values_list("name", flat=True)) >= {"新社名"}
    assert not Company.objects.filter(name="消える").exists()


def test_a_birthday_stays_a_birthday(tmp_path: Path) -> None:
    CustomerFactory.create(code="1", name="山田 太郎", birthday=date(1950, 1, 2), unread={"since": "昔"})
    before = dump()
    second = imported(workbook(tmp_path / "b.xlsx", [row("1", "山田 太郎", birthday="S36.12.9", phone="なし")]))
    assert Customer.objects.get().birthday == date(1961, 12, 9)
    undone(second)
    assert dump() == before


def run(*arguments: str) -> tuple[int, str, str]:
    """Exit code, stdout and stderr of the command, in English."""
    out, err = StringIO(), StringIO()
    try:
        with translation.override("en"):
            call_command("undo_ledger", *arguments, stdout=out, stderr=err)
    except SystemExit as end:
        return int(end.code or 0), out.getvalue(), err.getvalue()
    except CommandError as error:
        return error.returncode, out.getvalue(), str(error)
    return 0, out.getvalue(), err.getvalue()


def test_the_command_says_what_it_did(tmp_path: Path) -> None:
    by = User.objects.system()
    imported(workbook(tmp_path / "a.xlsx", [row("1", "山田 太郎", note="右の席")]))
    second = imported(workbook(tmp_path / "b.xlsx", [row("1", "山田 太朗", note="左の席"), row("2", "小川 翔")]))
    yamada = Customer.objects.get(code="1")
    change_customer(customer=yamada, by=by, version=yamada.version, note="窓の席")
    conflict = {
        "row": 2, "guest": "山田 太郎", "field": "note", "stays": "窓の席", "instead_of": "右の席", "reason": "changed since",
    }  # fmt: skip
    told = {"restored": 1, "removed": 1, "kept": 1, "conflicts": [{**conflict, "guest": "山田 太朗"}]}
    code, out, _err = run(str(second.pk), "--dry-run", "--json")
    assert (code, json.loads(out)) == (1, told)
    assert Customer.objects.filter(code="2").exists()
    code, out, _err = run(str(second.pk), "--json")
    assert (code, json.loads(out)) == (1, {**told, "conflicts": [conflict]})
    code, out, err = run(str(second.pk), "--redo")
    assert (code, out) == (1, "updated: 1\ncreated: 1\nkept: 1\n")
    assert "窓の席" in err


@pytest.mark.parametrize("number", ["1", "0", "-1", "9" * 20])
def test_an_import_that_is_not_there_is_one_sentence(number: str) -> None:
    assert run("--json", "--", number) == (2, "", f"There is no import {int(number)}.")
