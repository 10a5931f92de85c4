"""Several people in the name's cell of a ledger: each is a guest, and a family stays one."""

from pathlib import Path
from typing import Any

import pytest
from django.utils import translation

from crm_project.core.jobs.services import system_user
from customers.models import Customer, Relation
from integrations.ledgers.services import LedgerOutcome, check_ledger, import_file
from integrations.ledgers.undo import redo_ledger, undo_ledger
from integrations.models import LedgerImport, LedgerRow
from tests.factories.customers import CustomerFactory
from tests.integrations.ledgers.files import ledger as ledger_of
from tests.integrations.ledgers.files import row, workbook

pytestmark = pytest.mark.django_db

COUPLE = row(
    "1",
    "山田 太郎・花子ご夫妻",
    kana="ヤマダ タロウ・ハナコ",
    phone="自宅 075-000-1234、携帯 090-0000-1482",
    address="京都市中京区架空町1",
)


def imported(tmp_path: Path, *rows: list[Any]) -> tuple[LedgerImport, LedgerOutcome]:
    """A ledger of these rows, written; in English."""
    with translation.override("en"):
        return import_file(file=ledger_of(workbook(tmp_path / "guests.xlsx", rows)), by=system_user())


def guest(name: str) -> Customer:
    return Customer.objects.get(name=name)


def test_husband_and_wife_are_two_guests_of_one_row(tmp_path: Path) -> None:
    _ledger, outcome = imported(tmp_path, COUPLE)
    assert (outcome.counts.rows, outcome.counts.created, outcome.customers_total) == (1, 1, 2)
    husband, wife = guest("山田 太郎"), guest("山田 花子")
    assert (husband.kana, wife.kana, wife.code) == ("ヤマダ タロウ", "ヤマダ ハナコ", None)
    assert [phone.digits for phone in husband.phones.all()] == ["0750001234", "09000001482"]
    assert [phone.digits for phone in wife.phones.all()] == ["0750001234"]
    assert [address.text for address in wife.addresses.all()] == ["京都市中京区架空町1"]
    [relation] = Relation.objects.all()
    assert (relation.customer, relation.other, relation.kind) == (husband, wife, "spouse")
    [written] = LedgerRow.objects.all()
    assert (written.customer, written.outcome) == (husband, "created")
    assert written.messages[0]["message"] == "山田 花子: a guest of their own, in the same cell"


def test_the_same_ledger_again_changes_nothing(tmp_path: Path) -> None:
    imported(tmp_path, COUPLE)
    _ledger, outcome = imported(tmp_path, COUPLE)
    assert (outcome.counts.unchanged, outcome.customers_total) == (1, 2)
    assert Relation.objects.count() == 1


def test_a_wife_who_is_written_in_later_comes_to_the_guest(tmp_path: Path) -> None:
    imported(tmp_path, row("1", "山田 太郎", phone="075-000-1234"))
    ledger, outcome = imported(tmp_path, row("1", "山田 太郎・花子", phone="075-000-1234"))
    assert (outcome.counts.updated, outcome.customers_total) == (1, 2)
    assert ledger.ledger_rows.get().changes == {"people": ["", "山田 花子"]}
    assert Relation.objects.get().kind == "family"


def test_a_wife_the_house_knows_is_found(tmp_path: Path) -> None:
    known = CustomerFactory.create(name="山田 花子", phones=["075-000-1234"])
    _ledger, outcome = imported(tmp_path, row("1", "山田 太郎・花子", phone="075-000-1234"))
    assert outcome.customers_total == 2
    assert Relation.objects.get().other == known


def test_who_may_be_several_guests_is_left_out_and_told(tmp_path: Path) -> None:
    for _number in range(2):
        CustomerFactory.create(name="山田 花子", phones=["075-000-1234"])
    ledger, outcome = imported(tmp_path, row("1", "山田 太郎・花子", phone="075-000-1234"))
    assert (outcome.counts.warnings, outcome.customers_total) == (1, 3)
    assert ledger.ledger_rows.get().messages[0]["message"] == "山田 花子 may be any of 2 guests: left out"
    assert not Relation.objects.exists()


def test_two_who_share_no_family_name_are_no_family(tmp_path: Path) -> None:
    imported(tmp_path, row("1", "山田太郎、佐藤次郎", phone="075-000-1234", address="京都市中京区架空町1"))
    other = guest("佐藤次郎")
    assert (other.phones.count(), other.addresses.count(), Relation.objects.count()) == (0, 0, 0)


def test_a_row_that_is_set_aside_brings_nobody(tmp_path: Path) -> None:
    imported(tmp_path, row("1" * 65, "山田 太郎・花子"))
    assert not Customer.objects.exists()


def test_an_import_that_is_taken_back_takes_them_along(tmp_path: Path) -> None:
    ledger, _outcome = imported(tmp_path, COUPLE)
    undo_ledger(ledger_import=ledger, by=system_user())
    assert not Customer.objects.exists()
    assert not Relation.objects.exists()
    ledger.refresh_from_db()
    redo_ledger(ledger_import=ledger, by=system_user())
    assert Customer.objects.count() == 2
    assert Relation.objects.get().other == guest("山田 花子")


def test_the_preview_counts_them(tmp_path: Path) -> None:
    outcome = check_ledger(ledger_of(workbook(tmp_path / "guests.xlsx", [COUPLE])))
    assert (outcome.counts.created, outcome.customers_total) == (1, 2)


def test_a_former_name_stands_in_its_field_and_is_looked_for(tmp_path: Path) -> None:
    """旧姓 beside the name; a later copy says another one."""
    _ledger, outcome = imported(tmp_path, row("1", "山田花子（旧姓佐藤）"))
    known = guest("山田花子")
    assert (known.former_name, "佐藤" in known.search_key) == ("佐藤", True)
    assert imported(tmp_path, row("1", "山田花子（旧姓佐藤）"))[1].counts.unchanged == 1
    ledger, outcome = imported(tmp_path, row("1", "山田花子（旧姓：鈴木）"))
    known.refresh_from_db()
    assert (outcome.counts.updated, known.former_name, "鈴木" in known.search_key) == (1, "鈴木", True)
    undo_ledger(ledger_import=ledger, by=system_user())
    known.refresh_from_db()
    assert known.former_name == "佐藤"
