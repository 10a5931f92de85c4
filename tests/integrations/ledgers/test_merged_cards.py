"""A ledger that still knows two cards of a guest, after people made them one."""

from pathlib import Path

import pytest

from crm_project.core.accounts.models import User
from customers.models import Customer
from customers.services import merge_guests, undo_merge
from tests.factories.accounts import person
from tests.integrations.ledgers.files import row, workbook
from tests.integrations.ledgers.test_import import counts, imported

pytestmark = pytest.mark.django_db

FIRST = row("1", "渡邉 健一", "ワタナベ ケンイチ", "", "090-0000-1482", "架空町1")
SECOND = row("2", "渡辺 健一", "", "", "03-0000-7777", "架空町2", "1961/12/9")


@pytest.fixture
def by() -> User:
    return person("okami")


@pytest.fixture
def guest(tmp_path: Path, by: User) -> Customer:
    """Entered twice by a ledger, then made one."""
    imported(workbook(tmp_path / "guests.xlsx", [FIRST, SECOND]))
    one, other = Customer.objects.get(code="1"), Customer.objects.get(code="2")
    merge_guests(keep=one, absorb=other, choices={}, by=by)
    return Customer.objects.get(pk=one.pk)


def numbers(guest: Customer) -> set[str]:
    return {phone.digits for phone in guest.phones.all()}


def test_the_same_file_changes_nothing_and_enters_nobody(tmp_path: Path, guest: Customer) -> None:
    for rows in ([FIRST, SECOND], [SECOND, FIRST], [SECOND]):
        outcome = imported(workbook(tmp_path / "guests.xlsx", rows))
        assert counts(outcome) == (0, 0, len(rows), 0)
        assert outcome.customers_total == 1
    assert numbers(guest) == {"09000001482", "0300007777"}


def test_the_row_of_the_merged_card_adds_and_never_overwrites(tmp_path: Path, guest: Customer) -> None:
    changed = row("2", "渡部 健吾", "", "北辰電機", "06-0000-1111", "架空町9", "", "えび", "椅子席")
    assert counts(imported(workbook(tmp_path / "guests.xlsx", [changed]))) == (0, 1, 0, 0)
    guest.refresh_from_db()
    assert (guest.name, guest.note) == ("渡邉 健一", "椅子席")
    assert str(guest.company) == "北辰電機"
    assert numbers(guest) == {"09000001482", "0300007777", "0600001111"}
    assert [allergy.allergen.code for allergy in guest.allergies.all()] == ["shrimp"]
    assert "架空町9" not in {address.text for address in guest.addresses.all()}
    assert counts(imported(workbook(tmp_path / "guests.xlsx", [changed]))) == (0, 0, 1, 0)


def test_a_new_number_in_the_guests_own_row_leaves_those_of_the_merged_card(tmp_path: Path, guest: Customer) -> None:
    moved = row("1", "渡邉 健一", "ワタナベ ケンイチ", "", "090-0000-9999", "架空町1")
    imported(workbook(tmp_path / "guests.xlsx", [moved, SECOND]))
    assert numbers(guest) == {"09000009999", "0300007777"}


def test_a_row_without_a_code_finds_the_guest_by_the_merged_cards_name(tmp_path: Path, guest: Customer) -> None:
    Customer.objects.filter(pk=guest.merges.get().absorbed_id).update(name="三浦 健一", search_key="三浦健一")
    outcome = imported(workbook(tmp_path / "others.xlsx", [row("", "三浦 健一", "", "", "03-0000-7777")]))
    assert outcome.counts.created == 0


def test_after_the_undoing_each_row_is_its_own_guests_again(tmp_path: Path, guest: Customer, by: User) -> None:
    undo_merge(merge=guest.merges.get(), by=by)
    assert counts(imported(workbook(tmp_path / "guests.xlsx", [FIRST, SECOND]))) == (0, 0, 2, 0)
