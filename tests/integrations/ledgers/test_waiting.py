"""Rows without a code: whom they may be about and why, and what becomes of them when a person says so."""

from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import translation

from crm_project.core.accounts.models import User
from crm_project.core.audit.models import AuditEntry
from crm_project.core.column_map import MapError
from customers.models import Customer, Phone
from integrations.choices import LedgerTarget, RowDecision, RowOutcome
from integrations.ledgers.deciding import DecisionRefused, decide_row, waiting_rows
from integrations.ledgers.fields import ledger_map
from integrations.ledgers.forms import ColumnsForm
from integrations.ledgers.services import check_ledger, import_file
from integrations.ledgers.targets import TARGETS
from integrations.ledgers.undo import undo_ledger
from integrations.models import LedgerImport, LedgerRow
from tests.factories.accounts import UserFactory, VenueFactory, person
from tests.factories.customers import CustomerFactory
from tests.integrations.ledgers.files import MAP, ledger, row, workbook

pytestmark = pytest.mark.django_db

WITH_RULE = '\n[options]\nmatch = "{}"\n'


@pytest.fixture
def watanabe() -> Customer:
    """A guest the house knows."""
    guest: Customer = CustomerFactory.create(
        code="7", name="渡邉 健一", kana="ワタナベ ケンイチ", phones=["090-0000-0007"], note="右の席"
    )
    return guest


def imported(path: Path, map_text: str = MAP) -> LedgerImport:
    """The import of a file, as the command line does it."""
    with translation.override("en"):
        return import_file(file=ledger(path, map_text), by=User.objects.system())[0]


def counts(found: LedgerImport) -> tuple[int, int, int, int, int]:
    """Rows, created, updated, unchanged, errors."""
    found.refresh_from_db()
    assert found.rows == found.created + found.updated + found.unchanged + found.errors
    return found.rows, found.created, found.updated, found.unchanged, found.errors


LIKELY = row("", "渡邊 健一", "ワタナベ ケンイテ", phone="090-0000-0007", note="窓の席")


def test_a_likely_guest_waits_with_reasons(tmp_path: Path, watanabe: Customer) -> None:
    found = imported(workbook(tmp_path / "a.xlsx", [LIKELY, row("", "小川 翔", phone="090-0000-0001")]))
    assert counts(found) == (2, 1, 0, 0, 1)
    [waiting] = waiting_rows(found)
    assert waiting.row_number == 2
    assert waiting.messages[0]["message"] == "is likely a guest whom the house knows: say who it is."
    [candidate] = waiting.candidates or []
    assert candidate["guest"] == watanabe.pk
    assert candidate["probability"] > 0.5
    assert {"phone_same", "family_same"} <= set(candidate["reasons"])


def test_a_row_that_waits_keeps_what_was_filled_from_above(tmp_path: Path, watanabe: Customer) -> None:
    first = row("", "小川 翔", company="架空商事", phone="090-0000-0001")
    likely = row("", "渡邊 健一", "ワタナベ ケンイテ", company="〃", phone="090-0000-0007")
    found = imported(workbook(tmp_path / "a.xlsx", [first, likely]))
    waiting = waiting_rows(found).get()
    assert waiting.written["company"] == "架空商事"
    decide_row(row=waiting, decision=RowDecision.GUEST, by=UserFactory.create(), guest=watanabe)
    watanabe.refresh_from_db()
    assert str(watanabe.company) == "架空商事"


def test_this_guest(tmp_path: Path, watanabe: Customer) -> None:
    by = UserFactory.create()
    found = imported(workbook(tmp_path / "a.xlsx", [LIKELY]))
    decide_row(row=waiting_rows(found).get(), decision=RowDecision.GUEST, by=by, guest=watanabe)
    assert counts(found) == (1, 0, 1, 0, 0)
    watanabe.refresh_from_db()
    assert (watanabe.name, watanabe.note) == ("渡邊 健一", "窓の席")
    decided = LedgerRow.objects.get()
    assert (decided.outcome, decided.decision, decided.decided_by) == (RowOutcome.UPDATED, RowDecision.GUEST, by)
    assert decided.changes["note"] == ["右の席", "窓の席"]
    assert AuditEntry.objects.filter(actor_id=by.pk, subject_type="customers.customer").exists()
    undo_ledger(ledger_import=found, by=by)
    watanabe.refresh_from_db()
    assert (watanabe.name, watanabe.note) == ("渡邉 健一", "右の席")


def test_a_new_guest_and_a_row_that_is_left_out(tmp_path: Path, watanabe: Customer) -> None:
    by = UserFactory.create()
    found = imported(
        workbook(tmp_path / "a.xlsx", [LIKELY, row("", "渡辺 健市", "ワタナベ ケンイチ", phone="090-0000-0007")])
    )
    assert counts(found) == (2, 0, 0, 0, 2)
    first, second = waiting_rows(found)
    decide_row(row=first, decision=RowDecision.NEW, by=by)
    decide_row(row=second, decision=RowDecision.SKIP, by=by)
    assert counts(found) == (2, 1, 0, 0, 1)
    assert not waiting_rows(found).exists()
    assert Phone.objects.filter(digits="09000000007").count() == 2
    for again in (first, second):
        with pytest.raises(DecisionRefused):
            decide_row(row=again, decision=RowDecision.NEW, by=by)
    undo_ledger(ledger_import=found, by=by)
    assert Customer.objects.get() == watanabe
    with pytest.raises(DecisionRefused):
        decide_row(row=first, decision=RowDecision.NEW, by=by)


def test_several_guests_of_one_name_and_number_wait(tmp_path: Path) -> None:
    for code in ("1", "2"):
        CustomerFactory.create(code=code, name="山田 太郎", phones=["090-0000-0001"])
    found = imported(workbook(tmp_path / "a.xlsx", [row("", "山田 太郎", phone="090-0000-0001")]))
    [waiting] = waiting_rows(found)
    assert waiting.messages[0]["message"] == "may be any of 2 guests: write the code into the row."
    first, _second = waiting.candidates or []
    assert first["reasons"][0] == "phone_same"


def test_namesakes_do_not_wait(tmp_path: Path, watanabe: Customer) -> None:
    found = imported(workbook(tmp_path / "a.xlsx", [row("", "渡邉 健一", "ワタナベ ケンイチ", phone="080-1111-2222")]))
    assert counts(found)[1] + counts(found)[4] == 1


def test_the_rule_phone_and_kana(tmp_path: Path) -> None:
    nobody = CustomerFactory.create(code=None, name="渡邉 健一", kana="ワタナベ ケンイチ", phones=["090-0000-0007"])
    CustomerFactory.create(code="8", name="渡邉 恵子", kana="ワタナベ ケイコ", phones=["090-0000-0007"])
    rows = [
        row("K1", "渡辺 健市", "わたなべ けんいち", phone="090-0000-0007"),
        row("K2", "渡辺 恵子", "ワタナベ ケイコ", phone="090-0000-0007"),
        row("K3", "小川 翔", "オガワ ショウ", phone="090-0000-0003"),
    ]
    found = imported(workbook(tmp_path / "a.xlsx", rows), MAP + WITH_RULE.format("phone+kana"))
    assert counts(found) == (3, 1, 1, 0, 1)
    nobody.refresh_from_db()
    assert (nobody.code, nobody.name) == ("K1", "渡辺 健市")
    assert "k1" in nobody.search_key
    [waiting] = waiting_rows(found)
    assert (waiting.code, waiting.messages[0]["message"]) == ("K2", "is a guest who has another code: say who it is.")
    again = imported(workbook(tmp_path / "a.xlsx", rows), MAP + WITH_RULE.format("phone+kana"))
    assert counts(again) == (3, 0, 0, 2, 1)
    undo_ledger(ledger_import=found, by=User.objects.system())
    nobody.refresh_from_db()
    assert (nobody.code, nobody.name) == (None, "渡邉 健一")


@pytest.mark.parametrize("rule", ["phone+name", "name+birthday", "email", "kana", "address+name"])
def test_other_rules(tmp_path: Path, rule: str) -> None:
    text = MAP + 'email = "メール"\n' + WITH_RULE.format(rule)
    headings = [
        "顧客番号",
        "氏名",
        "フリガナ",
        "会社名",
        "電話番号",
        "住所",
        "生年月日",
        "アレルギー",
        "備考",
        "メール",
    ]
    guest = [*row("", "山田 太郎", "ヤマダ タロウ", "", "090-0000-0001", "架空町1", "1961-12-09"), "a@example.jp"]
    first = workbook(tmp_path / "a.xlsx", [guest], headings=headings)
    assert counts(imported(first, text)) == (1, 1, 0, 0, 0)
    assert counts(imported(first, text)) == (1, 0, 0, 1, 0)


def test_the_code_alone(tmp_path: Path) -> None:
    found = imported(
        workbook(tmp_path / "a.xlsx", [row("1", "山田 太郎"), row("", "小川 翔")]), MAP + WITH_RULE.format("code")
    )
    assert counts(found) == (2, 1, 0, 0, 1)
    decide_row(row=waiting_rows(found).get(), decision=RowDecision.NEW, by=User.objects.system())
    assert counts(found) == (2, 2, 0, 0, 0)


@pytest.mark.parametrize("rule", ["nonsense", "code+phone", "phone+", "+"])
def test_a_rule_that_does_not_exist_is_one_sentence(rule: str) -> None:
    with pytest.raises(MapError):
        ledger_map(MAP + WITH_RULE.format(rule))


def test_a_dry_run_counts_what_waits(tmp_path: Path, watanabe: Customer) -> None:
    outcome = check_ledger(ledger(workbook(tmp_path / "a.xlsx", [LIKELY])))
    assert (outcome.counts.errors, outcome.counts.created) == (1, 0)


def test_the_rule_is_chosen_beside_the_columns() -> None:
    headings = ["氏名", "フリガナ", "電話番号"]
    suggested = ledger_map('[columns]\nname = "氏名"\n[options]\nmatch = "name+email"\n')
    about: dict[str, Any] = {
        "target": TARGETS[LedgerTarget.CUSTOMERS],
        "headings": headings,
        "sheet": "",
        "samples": {},
    }
    form = ColumnsForm({"name": "0", "match": "phone+kana"}, suggested=suggested, **about)
    assert form["match"].initial == "name+email"
    assert form.is_valid(), form.errors
    assert form.cleaned_data["column_map"].options == {"match": "phone+kana"}
    usual = ColumnsForm({"name": "0", "match": ""}, suggested=suggested, **about)
    assert usual.is_valid()
    assert usual.cleaned_data["column_map"].options == {}
    assert not ColumnsForm({"name": "0", "match": "x"}, suggested=suggested, **about).is_valid()


# --- the screen ------------------------------------------------------------------------------------------------------


@pytest.fixture
def admin() -> User:
    """Somebody who may import."""
    return person("admin", VenueFactory.create())


@pytest.fixture
def desk(admin: User, client: Client) -> Client:
    """The administrator's browser, in English."""
    client.force_login(admin)
    client.cookies["django_language"] = "en"
    return client


def address(found: LedgerImport) -> str:
    """The page of the rows that wait."""
    return reverse("integrations:ledger_waiting", args=[found.pk])


def answer(desk: Client, found: LedgerImport, decision: str, number: int = 2, **more: str) -> Any:
    """Decide about a row."""
    return desk.post(address(found), {"row": str(number), "decision": decision, **more})


def test_only_who_imports_ledgers_decides(desk: Client, tmp_path: Path, watanabe: Customer) -> None:
    found = imported(workbook(tmp_path / "a.xlsx", [LIKELY]))
    for stranger in (person("floor"), person("okami"), person("kitchen"), UserFactory.create()):
        desk.force_login(stranger)
        assert desk.get(address(found)).status_code == 403
        assert answer(desk, found, "new").status_code == 403
    desk.logout()
    assert desk.get(address(found)).status_code == 302
    assert waiting_rows(found).count() == 1


def test_one_row_after_the_other(desk: Client, tmp_path: Path, watanabe: Customer) -> None:
    rows = [
        LIKELY,
        row("", "渡辺 健市", "ワタナベ ケンイチ", phone="090-0000-0007"),
        row("", "渡部 健一", "ワタナベ ケンイチ", phone="090-0000-0007"),
    ]
    found = imported(workbook(tmp_path / "a.xlsx", rows))
    page = desk.get(reverse("integrations:ledger", args=[found.pk])).content.decode()
    assert "3 rows wait until somebody says whom they are about." in page
    page = desk.get(address(found)).content.decode()
    assert "same phone" in page
    assert 'href="tel:09000000007"' in page
    assert 'data-key="1"' in page
    assert 'data-key="n"' in page
    assert 'data-key="s"' in page
    assert answer(desk, found, str(watanabe.pk))["Location"] == f"{address(found)}?row=3"
    assert answer(desk, found, "skip", 3)["Location"] == f"{address(found)}?row=4"
    assert answer(desk, found, "new", 4)["Location"] == reverse("integrations:ledger", args=[found.pk])
    assert counts(found) == (3, 1, 1, 0, 1)
    assert answer(desk, found, "new").status_code == 302
    assert counts(found) == (3, 1, 1, 0, 1)
    assert "No row waits for you" in desk.get(address(found)).content.decode()


def test_another_guest_is_searched_for(desk: Client, tmp_path: Path, watanabe: Customer) -> None:
    other = CustomerFactory.create(code="8", name="小川 翔", kana="オガワ ショウ")
    found = imported(workbook(tmp_path / "a.xlsx", [LIKELY]))
    response = desk.post(address(found), {"row": "2", "decision": "another", "other-q": "小川"})
    assert response.status_code == 422
    assert f'value="{other.pk}"' in response.content.decode()
    assert answer(desk, found, "another", other=str(other.pk)).status_code == 302
    other.refresh_from_db()
    assert other.note == "窓の席"


@pytest.mark.parametrize("decision", ["", "9" * 30, "x", "-1"])
def test_an_answer_that_is_none_changes_nothing(
    desk: Client, tmp_path: Path, watanabe: Customer, decision: str
) -> None:
    found = imported(workbook(tmp_path / "a.xlsx", [LIKELY]))
    assert answer(desk, found, decision).status_code == 422
    assert waiting_rows(found).count() == 1
    for asked in ("9" * 30, "x", "99"):
        assert desk.get(address(found), {"row": asked}).status_code == 302


def test_a_confidential_guest_is_not_shown(desk: Client, tmp_path: Path, watanabe: Customer) -> None:
    found = imported(workbook(tmp_path / "a.xlsx", [LIKELY]))
    Customer.objects.update(is_confidential=True)
    page = desk.get(address(found)).content.decode()
    assert "1 more guest fits whom you may not open" in page
    assert "右の席" not in page
    assert answer(desk, found, str(watanabe.pk)).status_code == 422


def test_the_page_does_not_grow_in_queries(desk: Client, tmp_path: Path) -> None:
    for number in range(3):
        CustomerFactory.create(code=str(number), name="山田 太郎", kana="ヤマダ タロウ", phones=["090-0000-0001"])
    found = imported(workbook(tmp_path / "a.xlsx", [row("", "山田 太郎", "ヤマダ タロウ", phone="090-0000-0001")]))
    desk.get(address(found))
    with CaptureQueriesContext(connection) as three:
        desk.get(address(found))
    LedgerRow.objects.update(candidates=(LedgerRow.objects.get().candidates or [])[:1])
    with CaptureQueriesContext(connection) as one:
        desk.get(address(found))
    assert len(one) == len(three) <= 16
