"""Rows of visits and inquiries whose guest may be several: they wait, and one answer is for all rows of the same person."""

from functools import partial
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from crm_project.core.accounts.models import User, Venue
from crm_project.core.audit.models import AuditEntry
from customers.models import Customer
from deals.models import Activity, Deal
from integrations.choices import RowDecision
from integrations.deal_ledgers.importing import DEAL_LEDGERS
from integrations.ledgers.deciding import DecisionRefused, decide_row, waiting_rows
from integrations.ledgers.target_imports import apply_target, import_target
from integrations.ledgers.undo import redo_ledger, undo_ledger
from integrations.models import LedgerImport, LedgerRow
from integrations.visit_ledgers.importing import VISIT_LEDGERS
from tests.factories.accounts import UserFactory, VenueFactory, person
from tests.factories.customers import CustomerFactory
from tests.integrations.ledgers.commands import counts, run
from visits.models import Visit

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english")]

visits, deals = partial(run, "visits"), partial(run, "deals")
VISITS = """来店日,顧客番号,氏名,電話番号,人数
2024-05-01,,山田 太郎,090-0000-0001,2
2024-05-02,9,小川 翔,,4
2024-06-01,,山田　太郎,090-0000-0001,3
いつか,,山田 太郎,090-0000-0001,3
"""
DEALS = """氏名,電話番号,宴会名,開催日,連絡日,連絡内容
山田 太郎,090-0000-0001,還暦のお祝い,2027-05-01,2026-11-01,お電話
,,,,2026-11-02,見積りを送付
小川 翔,090-0000-0009,結納,2027-06-01,2026-11-03,ご来店
,,,,2026-11-04,下見
山田 太郎,090-0000-0001,法要,2027-07-01,,
"""


@pytest.fixture
def venue() -> Venue:
    """The only venue."""
    found: Venue = VenueFactory.create(code="HON", name="本店")
    return found


@pytest.fixture
def namesakes() -> list[Customer]:
    """Two guests of one name and number."""
    return [CustomerFactory.create(code=code, name="山田 太郎", phones=["090-0000-0001"]) for code in ("1", "2")]


def counted(found: LedgerImport) -> tuple[int, ...]:
    """Rows, created, updated, unchanged, errors, as the import keeps them."""
    found.refresh_from_db()
    assert found.rows == found.created + found.updated + found.unchanged + found.errors
    return found.rows, found.created, found.updated, found.unchanged, found.errors


def test_one_answer_is_for_all_visits_of_the_person(write: Any, venue: Venue, namesakes: list[Customer]) -> None:
    file = write(VISITS)
    code, answer, said = visits(file)
    assert (code, counts(answer)) == (1, [4, 1, 0, 0, 3])
    assert said.count("may be any of 2 guests") == 2
    assert (Visit.objects.count(), Customer.objects.count()) == (1, 3)
    found = LedgerImport.objects.get()
    first, second = waiting_rows(found)
    assert (first.row_number, second.row_number, first.same_as, second.same_as) == (2, 4, 2, 2)
    assert [one["guest"] for one in first.candidates or ()] == [one["guest"] for one in second.candidates or ()]
    by = UserFactory.create()
    decide_row(row=second, decision=RowDecision.GUEST, by=by, guest=namesakes[1])
    assert counted(found) == (4, 3, 0, 0, 1)
    assert not waiting_rows(found).exists()
    seen = Visit.objects.filter(attendances__customer=namesakes[1]).order_by("starts_at")
    assert list(seen.values_list("party_size", flat=True)) == [2, 3]
    assert {row.decision for row in LedgerRow.objects.filter(row_number__in=[2, 4])} == {"guest"}
    trail = AuditEntry.objects.filter(subject_type="integrations.ledgerimport", action="changed").get()
    assert trail.changes == {"row": [None, 4], "decision": [None, "guest"], "rows": [None, 2]}
    with pytest.raises(DecisionRefused):
        decide_row(row=first, decision=RowDecision.NEW, by=by)
    # What was decided is taken back and done again with the rest.
    undo_ledger(ledger_import=found, by=by)
    assert (Visit.objects.count(), Customer.objects.count()) == (0, 2)
    redo_ledger(ledger_import=found, by=by)
    assert Visit.objects.filter(attendances__customer=namesakes[1]).count() == 2


def test_next_months_copy_asks_nobody_again(write: Any, venue: Venue, namesakes: list[Customer]) -> None:
    visits(write(VISITS, "visits_10.csv"))
    by = UserFactory.create()
    decide_row(row=waiting_rows(LedgerImport.objects.get())[0], decision=RowDecision.GUEST, by=by, guest=namesakes[1])
    text = VISITS + "2024-07-01,,山田 太郎,090-0000-0001,5\n"
    _code, answer, _said = visits(write(text, "visits_11.csv"))
    assert counts(answer) == [5, 1, 0, 3, 1]
    assert Visit.objects.filter(attendances__customer=namesakes[1]).count() == 3


def test_somebody_new_and_left_out(write: Any, venue: Venue, namesakes: list[Customer]) -> None:
    other = "2024-05-03,,山田 太郎,090-0000-0001,2\n2024-05-04,,山田 花子,090-0000-0002,2\n"
    for number in ("3", "4"):
        CustomerFactory.create(code=number, name="山田 花子", phones=["090-0000-0002"])
    visits(write(VISITS.splitlines()[0] + "\n" + other))
    found = LedgerImport.objects.get()
    assert counted(found) == (2, 0, 0, 0, 2)
    first, second = waiting_rows(found)
    by = UserFactory.create()
    decide_row(row=first, decision=RowDecision.NEW, by=by)
    decide_row(row=second, decision=RowDecision.SKIP, by=by)
    assert counted(found) == (2, 1, 0, 0, 1)
    assert Customer.objects.filter(name="山田 太郎").count() == 3
    assert Visit.objects.count() == 1
    assert not waiting_rows(found).exists()


def test_who_is_likely_known_is_asked_about(write: Any, venue: Venue) -> None:
    CustomerFactory.create(code="7", name="渡邉 健一", kana="ワタナベ ケンイチ", phones=["090-0000-0007"])
    text = "来店日,氏名,フリガナ,電話番号\n2024-05-01,渡邊 健一,ワタナベ ケンイテ,090-0000-0007\n"
    code, answer, said = visits(write(text))
    assert (code, counts(answer)) == (1, [1, 0, 0, 0, 1])
    assert "is likely a guest whom the house knows" in said
    [row] = waiting_rows(LedgerImport.objects.get())
    decide_row(row=row, decision=RowDecision.GUEST, by=UserFactory.create(), guest=Customer.objects.get())
    assert (Customer.objects.count(), Visit.objects.count()) == (1, 1)


def test_what_goes_on_with_an_inquiry_waits_with_it(write: Any, venue: Venue, namesakes: list[Customer]) -> None:
    code, answer, _said = deals(write(DEALS))
    assert (code, counts(answer)) == (1, [5, 2, 0, 0, 3])
    found = LedgerImport.objects.get()
    assert list(waiting_rows(found).values_list("row_number", "same_as")) == [(2, 2), (3, 2), (6, 2)]
    assert list(Activity.objects.values_list("text", flat=True).order_by("pk")) == ["ご来店", "下見"]
    decide_row(row=waiting_rows(found)[1], decision=RowDecision.GUEST, by=UserFactory.create(), guest=namesakes[0])
    assert counted(found) == (5, 5, 0, 0, 0)
    asked = Deal.objects.filter(customer=namesakes[0]).order_by("event_date")
    assert [(deal.title, deal.activities.count()) for deal in asked] == [("還暦のお祝い", 2), ("法要", 0)]
    assert counts(deals(write(DEALS))[1]) == [5, 0, 0, 5, 0]
    undo_ledger(ledger_import=found, by=UserFactory.create())
    assert not Deal.objects.exists()


def test_a_row_that_cannot_be_written_for_another_reason_stays(
    write: Any, venue: Venue, namesakes: list[Customer]
) -> None:
    first = "来店日,時間,顧客番号,氏名\n2024-05-01,昼,1,山田 太郎\n2024-05-01,夜,1,山田 太郎\n"
    visits(write(first, "one.csv"))
    visits(write("来店日,氏名,電話番号\n2024-05-01,山田 太郎,090-0000-0001\n", "two.csv"))
    found = LedgerImport.objects.latest("pk")
    with pytest.raises(DecisionRefused, match="the guest has 2 visits on that day"):
        decide_row(
            row=waiting_rows(found).get(), decision=RowDecision.GUEST, by=UserFactory.create(), guest=namesakes[0]
        )
    assert waiting_rows(found).count() == 1


@pytest.mark.parametrize("name", ["visits", "deals"])
def test_after_a_kill_the_rows_wait_for_one_answer_all_the_same(
    tmp_path: Path, venue: Venue, namesakes: list[Customer], monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    kind: Any = {"visits": VISIT_LEDGERS, "deals": DEAL_LEDGERS}[name]
    monkeypatch.setattr(type(kind), "batch_rows", 1)
    path = tmp_path / "ledger.csv"
    path.write_text({"visits": VISITS, "deals": DEALS}[name], encoding="utf-8")
    by = User.objects.system()
    file = kind.file(path, path.name)

    def die(_planned: Any, _reader: Any) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        import_target(kind, file=file, by=by, on_batch=die)
    found = LedgerImport.objects.get()
    with file.opened_whole() as ledger:
        apply_target(kind, found, file.name, ledger, by=by)
    waiting = list(waiting_rows(found).values_list("row_number", "same_as"))
    assert waiting == {"visits": [(2, 2), (4, 2)], "deals": [(2, 2), (3, 2), (6, 2)]}[name]
    assert all(row.candidates for row in waiting_rows(found))


# --- the screen ------------------------------------------------------------------------------------------------------


def test_the_page_says_for_how_many_rows_the_answer_is(
    write: Any, venue: Venue, namesakes: list[Customer], client: Client
) -> None:
    visits(write(VISITS))
    found = LedgerImport.objects.get()
    clerk = person("admin", venue)
    client.force_login(clerk)
    client.cookies["django_language"] = "en"
    address = reverse("integrations:ledger_waiting", args=[found.pk])
    page = client.get(address).content.decode()
    assert "2 rows of the ledger are about this person" in page
    assert 'data-key="1"' in page
    # Who may import but not write visits is told so, and nothing is written.
    other = VenueFactory.create(name="別館")
    refused = client.post(address, {"row": "2", "decision": str(namesakes[0].pk)})
    assert refused.status_code == 422
    assert "You may not write this at" in refused.content.decode()
    assert waiting_rows(found).count() == 2
    other.delete()
    clerk.is_superuser = True
    clerk.save()
    assert client.post(address, {"row": "2", "decision": str(namesakes[0].pk)}).status_code == 302
    assert counted(found) == (4, 3, 0, 0, 1)
    client.cookies["django_language"] = "ja"
    assert client.get(address).status_code == 200
    assert client.get(reverse("integrations:ledger", args=[found.pk])).status_code == 200


def test_the_page_does_not_grow_with_its_rows(
    write: Any, venue: Venue, namesakes: list[Customer], client: Client
) -> None:
    client.force_login(person("admin", venue))
    head = VISITS.splitlines()[0] + "\n"
    line = "2024-05-0{},,山田 太郎,090-0000-0001,2\n"
    queries = []
    for rows in (1, 3):
        visits(write(head + "".join(line.format(day) for day in range(1, rows + 1)), f"rows{'x' * rows}.csv"))
        address = reverse("integrations:ledger_waiting", args=[LedgerImport.objects.latest("pk").pk])
        client.get(address)
        with CaptureQueriesContext(connection) as captured:
            assert client.get(address).status_code == 200
        queries.append(len(captured))
    assert queries[0] == queries[1] <= 17
