"""Importing ledgers: what each row does, twice the same, nothing half-written, a kill in the middle."""

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.utils import translation

from crm_project.core.accounts.models import User
from crm_project.core.allergens.choices import AllergyState
from crm_project.core.audit.choices import Action
from crm_project.core.audit.models import AuditEntry
from crm_project.core.jobs.services import LeaseLost
from crm_project.core.problems import InputProblem
from crm_project.core.text import fold
from customers.choices import AskedHow
from customers.models import Address, Allergy, Company, Customer, Phone
from integrations.choices import LedgerState, RowOutcome
from integrations.ledgers import ledger_file, services
from integrations.ledgers.candidates import candidate_names, told
from integrations.ledgers.planning import PlannedRow, Planner
from integrations.ledgers.services import check_ledger, import_file
from integrations.ledgers.target_imports import no_progress
from integrations.models import LedgerImport, LedgerRow
from tests.factories.customers import CompanyFactory, CustomerFactory, RankFactory
from tests.integrations.ledgers.files import MAP, csv_file, encrypted, ledger, row, workbook, zip_bomb

pytestmark = pytest.mark.django_db

GUESTS = [
    row("1", "山田　太郎", "やまだ たろう", "㈱北辰電機", "075-000-1234  ", "架空町１－２", "S36.12.9", "海老、ドリアン", "静かな席"),
    row(2, "髙橋 美穂", "ﾀｶﾊｼ ﾐﾎ", "株式会社北辰電機", 9000001482, "", "", "なし", ""),
    row(),
    row("", "北村 健", "", "", "090-0000-0003", "架空町3"),
]  # fmt: skip


def counts(outcome: services.LedgerOutcome) -> tuple[int, int, int, int]:
    """Created, updated, unchanged, errors."""
    counted = outcome.counts
    return counted.created, counted.updated, counted.unchanged, counted.errors


def imported(path: Path, map_text: str = MAP) -> services.LedgerOutcome:
    """Import as the command line does, in English."""
    with translation.override("en"):
        return import_file(file=ledger(path, map_text), by=User.objects.system())[1]


def errors() -> list[tuple[int, str]]:
    """Rows set aside by the last import, and why."""
    rows = LedgerRow.objects.filter(ledger_import=LedgerImport.objects.latest("pk"), outcome=RowOutcome.ERROR)
    names = candidate_names((one.messages for one in rows), user=None)
    return [(one.row_number, told(one.messages[0], names)) for one in rows.order_by("row_number")]


def test_a_ledger_becomes_guests(tmp_path: Path) -> None:
    outcome = imported(workbook(tmp_path / "guests.xlsx", GUESTS))
    assert counts(outcome) == (3, 0, 0, 0)
    assert (outcome.counts.rows, outcome.blank_rows, outcome.customers_total) == (3, 1, 3)

    yamada = Customer.objects.get(code="1")
    assert (yamada.name, yamada.kana, yamada.note) == ("山田 太郎", "ヤマダ タロウ", "静かな席")
    assert yamada.birthday == date(1961, 12, 9)
    assert list(Phone.objects.filter(customer=yamada).values_list("digits", "written", "tail")) == [
        ("0750001234", "075-000-1234", "1234")
    ]
    assert Address.objects.get(customer=yamada).text == "架空町1-2"
    assert (yamada.allergy_state, yamada.allergy_note) == (AllergyState.LISTED, "ドリアン")
    assert yamada.allergy_asked_how == AskedHow.LEDGER
    assert [allergy.allergen.code for allergy in Allergy.objects.filter(customer=yamada)] == ["shrimp"]

    takahashi = Customer.objects.get(code="2")
    assert takahashi.kana == "タカハシ ミホ"
    assert takahashi.phones.get().digits == "09000001482"
    assert takahashi.allergy_state == AllergyState.NONE
    assert takahashi.company == yamada.company
    assert Company.objects.get().name == "㈱北辰電機"
    assert Customer.objects.get(name="北村 健").code is None
    assert not Address.objects.filter(customer=takahashi).exists()


@pytest.mark.parametrize("query", ["たかはし", "高橋", "1482", "北辰"])
def test_imported_guests_are_found(tmp_path: Path, query: str) -> None:
    imported(workbook(tmp_path / "guests.xlsx", GUESTS[:2]))
    assert Customer.objects.filter(grams__finds=fold(query), code="2").exists()


def test_every_guest_has_a_trail(tmp_path: Path) -> None:
    imported(workbook(tmp_path / "guests.xlsx", GUESTS))
    subjects = AuditEntry.objects.filter(action=Action.CREATED).values_list("subject_type", flat=True)
    assert sorted(subjects) == ["customers.company", *["customers.customer"] * 3]
    entry = AuditEntry.objects.get(action=Action.IMPORTED)
    assert (entry.actor_name, entry.subject_name) == ("Okami", "guests.xlsx")
    assert entry.changes["created"] == [None, 3]


def test_the_same_file_twice_changes_nothing(tmp_path: Path) -> None:
    path = workbook(tmp_path / "guests.xlsx", GUESTS)
    imported(path)
    before = list(Customer.objects.order_by("pk").values())
    entries = AuditEntry.objects.count()
    outcome = imported(path)
    assert counts(outcome) == (0, 0, 3, 0)
    assert outcome.gone == []
    assert list(Customer.objects.order_by("pk").values()) == before
    assert AuditEntry.objects.count() == entries + 1


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp932"])
def test_a_csv_of_any_encoding_says_the_same(tmp_path: Path, encoding: str) -> None:
    imported(workbook(tmp_path / "guests.xlsx", GUESTS))
    assert counts(imported(csv_file(tmp_path / "guests.csv", GUESTS, encoding=encoding))) == (0, 0, 3, 0)


def test_width_and_spaces_are_no_change(tmp_path: Path) -> None:
    imported(workbook(tmp_path / "guests.xlsx", GUESTS))
    again = [
        row(
            "１",
            "山田太郎",
            "ヤマダタロウ",
            "（株）北辰電機",
            "075(000)1234",
            "架空町1-2",
            "昭和36年12月9日",
            "エビ",
            "静かな 席",
        )
    ]
    assert counts(imported(workbook(tmp_path / "guests.xlsx", again))) == (0, 0, 1, 0)


def test_a_newer_copy_updates_what_it_says_and_nothing_else(tmp_path: Path) -> None:
    imported(workbook(tmp_path / "guests_2025.xlsx", GUESTS))
    newer = [row("1", "山田 太朗", phone="075-000-9999", address="架空町9", company="南天堂"), row("3", "小川 翔")]
    outcome = imported(workbook(tmp_path / "guests_2026.xlsx", newer))
    assert counts(outcome) == (1, 1, 0, 0)
    assert outcome.gone == ["2"]
    assert Customer.objects.filter(code="2").exists()

    yamada = Customer.objects.get(code="1")
    assert (yamada.name, yamada.kana, yamada.note, yamada.version) == ("山田 太朗", "ヤマダ タロウ", "静かな席", 1_001)
    assert yamada.company is not None
    assert yamada.company.name == "南天堂"
    assert yamada.birthday == date(1961, 12, 9)
    assert [phone.digits for phone in yamada.phones.all()] == ["0750009999"]
    assert yamada.addresses.get().text == "架空町9"
    assert "0750009999" in yamada.search_key
    assert "0750001234" not in yamada.search_key
    entry = AuditEntry.objects.get(action=Action.CHANGED)
    assert entry.changes == {
        "name": ["山田 太郎", "山田 太朗"],
        "company_name": ["㈱北辰電機", "南天堂"],
        "address": ["架空町1-2", "架空町9"],
        "phones": [["0750001234"], ["0750009999"]],
    }
    assert LedgerRow.objects.get(outcome=RowOutcome.UPDATED).changes["name"] == ["山田 太郎", "山田 太朗"]


def test_a_number_that_people_entered_stays(tmp_path: Path) -> None:
    imported(workbook(tmp_path / "guests.xlsx", [row("1", "山田 太郎", phone="075-000-1234")]))
    yamada = Customer.objects.get()
    Phone.objects.create(customer=yamada, written="090-0000-0001", digits="09000000001", tail="0001", position=5)
    imported(workbook(tmp_path / "guests.xlsx", [row("1", "山田 太郎", phone="075-000-9999")]))
    assert {phone.digits for phone in yamada.phones.all()} == {"0750009999", "09000000001"}


def test_a_ledger_never_takes_an_allergy_away(tmp_path: Path) -> None:
    guest = CustomerFactory.create(code="1", name="山田 太郎", allergic_to=["shrimp"])
    outcome = imported(
        workbook(tmp_path / "guests.xlsx", [row("1", "山田 太郎", kana="ワタナベ ケン", allergies="なし")])
    )
    assert counts(outcome) == (0, 0, 1, 0)
    assert outcome.counts.warnings == 1
    imported(workbook(tmp_path / "guests.xlsx", [row("1", "山田 太郎", kana="ワタナベ ケン", allergies="そば")]))
    guest.refresh_from_db()
    assert guest.allergy_state == AllergyState.LISTED
    assert {allergy.allergen.code for allergy in guest.allergies.all()} == {"shrimp", "buckwheat"}


def test_unread_words_stay_until_they_can_be_read(tmp_path: Path) -> None:
    path = tmp_path / "guests.xlsx"
    outcome = imported(workbook(path, [row("1", "山田 太郎", birthday="令和9年13月1日")]))
    assert counts(outcome) == (1, 0, 0, 0)
    assert outcome.counts.warnings == 1
    assert Customer.objects.get().unread == {"birthday": "令和9年13月1日"}
    assert counts(imported(path)) == (0, 0, 1, 0)
    imported(workbook(path, [row("1", "山田 太郎", birthday="S36.12.9")]))
    guest = Customer.objects.get()
    assert (guest.unread, guest.birthday) == ({}, date(1961, 12, 9))


def test_a_rank_is_set_only_if_the_ledger_says_so(tmp_path: Path) -> None:
    gold, silver = RankFactory.create(name="特別"), RankFactory.create(name="常連")
    CustomerFactory.create(code="1", name="山田 太郎", kana="", rank=gold)
    headings = ["コード", "氏名", "ランク"]
    map_text = '[columns]\ncode = "コード"\nname = "氏名"\nrank = "ランク"'
    path = tmp_path / "ranks.xlsx"
    assert counts(imported(workbook(path, [["1", "山田 太郎", ""]], headings=headings), map_text)) == (0, 0, 1, 0)
    assert Customer.objects.get().rank == gold
    assert counts(imported(workbook(path, [["1", "山田 太郎", "常連"]], headings=headings), map_text)) == (0, 1, 0, 0)
    assert Customer.objects.get().rank == silver


def test_bad_rows_are_set_aside_whole_and_the_rest_is_written(tmp_path: Path) -> None:
    rows = [
        row("1", "山田 太郎"),
        row("2", "　"),
        row("1", "山田 太朗"),
        row("1", "山田　太郎"),
        row("3", "小川 翔"),
    ]
    outcome = imported(workbook(tmp_path / "guests.xlsx", rows))
    assert counts(outcome) == (2, 0, 1, 2)
    assert errors() == [(3, "the name is blank"), (4, "rows 2 and 4 have the code “1” but differ")]
    assert set(Customer.objects.values_list("code", "name")) == {("1", "山田 太郎"), ("3", "小川 翔")}
    assert LedgerImport.objects.get().state == LedgerState.APPLIED


def test_codes_are_never_merged_by_likeness(tmp_path: Path) -> None:
    CustomerFactory.create(name="山田 太郎", phones=["075-000-1234"])
    rows = [row("1", "山田 太郎", phone="075-000-1234"), row("2", "山田 太郎", phone="075-000-1234")]
    assert counts(imported(workbook(tmp_path / "guests.xlsx", rows))) == (2, 0, 0, 0)


def test_a_code_that_became_a_float_is_the_code(tmp_path: Path) -> None:
    imported(workbook(tmp_path / "guests.xlsx", [row("13085", "山田 太郎")]))
    assert counts(imported(workbook(tmp_path / "guests.xlsx", [row(13085.0, "山田 太郎")]))) == (0, 0, 1, 0)
    assert counts(imported(csv_file(tmp_path / "guests.csv", [row("13085.0", "山田 太郎")]))) == (0, 0, 1, 0)


WITHOUT_CODES = [
    row("", "山田 太郎", phone="075-000-1234", address="架空町1"),
    row("", "山田 太郎", phone="075-000-5678", address="架空町2"),
    row("", "山田 太郎", address="架空町3"),
    row("", "小川 翔"),
]


def test_rows_without_codes_are_told_apart_by_phone_and_address(tmp_path: Path) -> None:
    path = workbook(tmp_path / "guests.xlsx", WITHOUT_CODES)
    assert counts(imported(path)) == (4, 0, 0, 0)
    assert counts(imported(path)) == (0, 0, 4, 0)


def test_a_row_without_a_code_updates_its_guest(tmp_path: Path) -> None:
    imported(workbook(tmp_path / "guests.xlsx", WITHOUT_CODES))
    moved = [row("", "山田　太郎", phone="０７５０００１２３４", address="架空町9", note="左利き")]
    assert counts(imported(workbook(tmp_path / "guests.xlsx", moved))) == (0, 1, 0, 0)
    assert Customer.objects.get(phones__digits="0750001234").note == "左利き"


def test_a_second_row_of_the_same_guest_without_code_must_say_the_same(tmp_path: Path) -> None:
    rows = [
        row("", "山田 太郎", phone="075-000-1234", note="左利き"),
        row("", "山田 太郎", phone="075-000-1234", note="左利き"),
        row("", "山田 太郎", phone="075-000-1234", note="右利き"),
    ]
    assert counts(imported(workbook(tmp_path / "guests.xlsx", rows))) == (1, 0, 1, 1)
    assert errors() == [(4, "rows 2 and 4 are the same guest but differ")]


def test_several_guests_that_fit_are_named(tmp_path: Path) -> None:
    CustomerFactory.create(code="A1", name="山田 太郎", phones=["075-000-1234"])
    CustomerFactory.create(code="A2", name="山田 太郎", phones=["075-000-1234"])
    assert counts(imported(workbook(tmp_path / "guests.xlsx", [row("", "山田 太郎", phone="075-000-1234")]))) == (
        0,
        0,
        0,
        1,
    )
    [(_number, sentence)] = errors()
    assert sentence.endswith("山田 太郎 (A1)、山田 太郎 (A2)")


def test_two_rows_that_turn_out_to_be_one_guest_are_refused(tmp_path: Path) -> None:
    CustomerFactory.create(name="山田 太郎", kana="", phones=["075-000-1234", "090-0000-0001"])
    rows = [row("", "山田 太郎", phone="075-000-1234"), row("", "山田 太郎", phone="090-0000-0001", note="左利き")]
    assert counts(imported(workbook(tmp_path / "guests.xlsx", rows))) == (0, 0, 1, 1)
    assert Customer.objects.get().note == ""


def test_a_name_alone_fits_no_guest_who_has_a_code(tmp_path: Path) -> None:
    CustomerFactory.create(code="A1", name="小川 翔")
    assert counts(imported(workbook(tmp_path / "guests.xlsx", [row("", "小川 翔")]))) == (1, 0, 0, 0)


def test_a_dry_run_counts_the_same_and_writes_nothing(tmp_path: Path) -> None:
    imported(workbook(tmp_path / "guests.xlsx", GUESTS))
    tables = (Customer, Phone, Address, Allergy, Company, AuditEntry, LedgerImport, LedgerRow, User)
    newer = workbook(tmp_path / "guests2.xlsx", [*GUESTS[1:], row("9", "小川 翔"), row("9", "別の人"), row("8", "")])
    before = [list(table.objects.order_by("pk").values()) for table in tables]
    dry = check_ledger(ledger(newer))
    assert [list(table.objects.order_by("pk").values()) for table in tables] == before
    done = imported(newer).as_json()
    assert dry.as_json() == {**done, "import_id": None}
    assert dry.gone == ["1"]


def test_batches_say_the_same_as_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ledger_file, "BATCH_ROWS", {})
    monkeypatch.setattr(ledger_file, "OTHER_BATCH_ROWS", 2)
    rows = [
        *GUESTS,
        row("1", "別の人"),
        row("", "北村 健", phone="090-0000-0003", address="架空町3"),
        row("4", "小川 翔"),
    ]
    path = workbook(tmp_path / "guests.xlsx", rows)
    assert counts(imported(path)) == (4, 0, 1, 1)
    assert counts(imported(path)) == (0, 0, 5, 1)


class Killed(BaseException):
    """A worker that is gone."""


def test_a_killed_import_goes_on_behind_what_is_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ledger_file, "BATCH_ROWS", {})
    monkeypatch.setattr(ledger_file, "OTHER_BATCH_ROWS", 2)
    rows = [*GUESTS, row("1", "別の人"), row("1", "山田 太郎", *GUESTS[0][2:]), row("5", "小川 翔")]
    path = workbook(tmp_path / "guests.xlsx", rows)

    def kill(done: int, total: int | None, text: str) -> None:
        if done >= 5:
            raise Killed

    with pytest.raises(Killed):
        import_file(file=ledger(path), by=User.objects.system(), progress=kill)
    unfinished = LedgerImport.objects.get()
    assert (unfinished.applied_to_row, unfinished.created, unfinished.state) == (6, 3, LedgerState.MAPPED)

    with ledger(path).opened_whole() as opened:
        outcome = services._apply(unfinished, path.name, opened, by=User.objects.system(), progress=no_progress)
    assert counts(outcome) == (4, 0, 1, 1)
    assert Customer.objects.count() == 4
    assert LedgerRow.objects.count() == 6
    assert sorted(LedgerRow.objects.values_list("row_number", flat=True)) == [2, 3, 5, 6, 7, 8]


def resumed_after_the_first_row(
    path: Path, monkeypatch: pytest.MonkeyPatch, meanwhile: Callable[[], object]
) -> services.LedgerOutcome:
    """Import a row per batch, be killed after the first one, let something happen, go on."""
    monkeypatch.setattr(ledger_file, "BATCH_ROWS", {})
    monkeypatch.setattr(ledger_file, "OTHER_BATCH_ROWS", 1)

    def kill(done: int, total: int | None, text: str) -> None:
        raise Killed

    with pytest.raises(Killed):
        import_file(file=ledger(path), by=User.objects.system(), progress=kill)
    meanwhile()
    unfinished = LedgerImport.objects.get()
    assert unfinished.applied_to_row == 2
    with translation.override("en"), ledger(path).opened_whole() as opened:
        return services._apply(unfinished, path.name, opened, by=User.objects.system(), progress=no_progress)


def test_a_resumed_import_says_the_same_of_two_rows_without_code(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = [row("", "北村 健", phone="090-0000-0003"), row("", "北村 健", phone="090-0000-0003", note="静かな席")]
    path = workbook(tmp_path / "guests.xlsx", rows)
    outcome = resumed_after_the_first_row(path, monkeypatch, lambda: None)
    assert counts(outcome) == (1, 0, 0, 1)
    assert errors() == [(3, "rows 2 and 3 are the same guest but differ")]
    assert Customer.objects.get().note == ""


def test_a_resumed_import_takes_no_guest_of_its_first_half_for_a_known_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = workbook(
        tmp_path / "guests.xlsx",
        [row("", "北村 健", phone="090-0000-0003"), row("", "北村 健", phone="090-0000-0004", note="静かな席")],
    )
    before = CustomerFactory.create()

    def enter_the_other_number() -> None:
        first = Customer.objects.latest("pk")
        Phone.objects.create(customer=first, written="090-0000-0004", digits="09000000004", tail="0004", position=1)

    outcome = resumed_after_the_first_row(path, monkeypatch, enter_the_other_number)
    assert counts(outcome) == (2, 0, 0, 0)
    assert LedgerImport.objects.get().last_guest_id == before.pk


def test_a_resumed_import_knows_whom_its_first_half_was_about(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    CustomerFactory.create(name="北村 健", phones=["090-0000-0003", "090-0000-0004"])
    rows = [
        row("", "北村 健", phone="090-0000-0003", note="窓側"),
        row("", "北村 健", phone="090-0000-0004", note="静かな席"),
    ]
    outcome = resumed_after_the_first_row(workbook(tmp_path / "guests.xlsx", rows), monkeypatch, lambda: None)
    assert counts(outcome) == (0, 1, 0, 1)
    assert Customer.objects.get().note == "窓側"


def test_a_worker_whose_place_was_taken_writes_nothing_more(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ledger_file, "BATCH_ROWS", {})
    monkeypatch.setattr(ledger_file, "OTHER_BATCH_ROWS", 1)

    def other_worker(done: int, total: int | None, text: str) -> None:
        LedgerImport.objects.update(applied_to_row=3)

    with pytest.raises(LeaseLost):
        import_file(
            file=ledger(workbook(tmp_path / "guests.xlsx", GUESTS)), by=User.objects.system(), progress=other_worker
        )
    assert Customer.objects.count() == 1


def test_a_code_entered_at_the_same_moment_is_planned_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    CustomerFactory.create(code="1", name="山田 太郎")
    plan, calls = Planner.plan, []

    def plan_before_somebody_entered_it(self: Planner, entries: Any, *, lock: bool = False) -> list[PlannedRow]:
        planned = plan(self, entries, lock=lock)
        calls.append(entries)
        if len(calls) == 1:
            planned = [PlannedRow(row.entry, RowOutcome.CREATED) for row in planned]
        return planned

    monkeypatch.setattr(Planner, "plan", plan_before_somebody_entered_it)
    assert counts(imported(workbook(tmp_path / "guests.xlsx", [row("1", "山田 太郎")]))) == (0, 0, 1, 0)
    assert len(calls) == 2


BAD_FILES = {
    "text.xlsx": lambda path: path.write_text("氏名,電話\n山田,075"),
    "empty.xlsx": lambda path: workbook(path, [], headings=[]),
    "nothing.csv": lambda path: path.write_bytes(b""),
    "other.xlsx": lambda path: workbook(path, [["1", "x"]], headings=["番号", "品名"]),
    "quote.csv": lambda path: csv_file(path, [*GUESTS, ['"']]).open("ab").write(b'1,"a"b\n'),
    "bomb.xlsx": zip_bomb,
    "locked.xlsx": encrypted,
}


@pytest.mark.parametrize("name", BAD_FILES)
def test_a_file_that_cannot_be_used_writes_nothing(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    BAD_FILES[name](path)
    with pytest.raises(InputProblem) as refusal:
        imported(path)
    assert name in str(refusal.value) or "顧客番号" in str(refusal.value)
    assert "\n" not in str(refusal.value)
    assert not Customer.objects.exists()
    assert not LedgerImport.objects.exists()


def test_damage_further_down_is_found_before_anything_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ledger_file, "OTHER_BATCH_ROWS", 1)
    path = csv_file(tmp_path / "guests.csv", GUESTS)
    path.write_bytes(path.read_bytes() + b'5,"a"b\r\n')
    with pytest.raises(InputProblem):
        imported(path)
    assert not Customer.objects.exists()


def test_a_file_over_the_limit_is_refused(tmp_path: Path, settings: Any) -> None:
    settings.UPLOAD_LIMIT_BYTES = 100
    with pytest.raises(InputProblem) as refusal, translation.override("en"):
        imported(workbook(tmp_path / "guests.xlsx", GUESTS))
    assert refusal.value.params["name"] == "guests.xlsx"
    assert not Customer.objects.exists()


def test_a_company_of_another_spelling_is_the_same_company(tmp_path: Path) -> None:
    company = CompanyFactory.create(name="北辰電機株式会社")
    imported(workbook(tmp_path / "guests.xlsx", [row("1", "山田 太郎", company="北辰電機㈱")]))
    assert Customer.objects.get().company == company


def test_two_ledgers_without_codes_share_a_guest(tmp_path: Path) -> None:
    imported(workbook(tmp_path / "guests.xlsx", [row("", "山田 太郎", phone="075-000-1234")]))
    other = workbook(tmp_path / "members.xlsx", [row("", "山田 太郎", phone="075-000-1234")])
    assert counts(imported(other)) == (0, 0, 1, 0)


def test_a_guest_whom_the_ledger_calls_dead_gets_no_mail(tmp_path: Path) -> None:
    CustomerFactory.create(code="1", name="青木 一郎")
    rows = [row("1", "故 青木 一郎"), row("2", "石田 花子（逝去）様")]
    import_file(file=ledger(workbook(tmp_path / "guests.xlsx", rows)), by=User.objects.system())
    stopped = Customer.objects.order_by("code").values_list("name", "contact_stopped", "contact_stop_reason")
    assert list(stopped) == [("青木 一郎", True, "故人"), ("石田 花子", True, "故人")]
