"""Rows typed from a notebook go in as those of a ledger do: reader, trail, counts, undo; what a card says stays."""

import uuid
from datetime import date, timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.core.management import call_command
from django.utils import timezone, translation

from crm_project.core.accounts.models import User, Venue
from crm_project.core.allergens.choices import AllergyState
from crm_project.core.audit.choices import Action
from crm_project.core.audit.models import AuditEntry
from crm_project.core.problems import InputProblem
from customers.models import Customer
from integrations.choices import RowDecision, RowOutcome
from integrations.ledgers.undo import redo_ledger, undo_ledger
from integrations.models import LedgerImport, LedgerRow, Notebook, NotebookPage, NotebookRow
from integrations.notebooks.services import (
    LATER,
    NEW,
    NotebookTakenBack,
    RowRefused,
    keep_draft,
    leave_out,
    save_row,
    take_row_back,
)
from tests.factories.accounts import VenueFactory, person
from tests.factories.customers import CustomerFactory
from tests.integrations.notebooks.books import first_page, notebook, save, typed
from visits.choices import VisitStatus
from visits.models import Visit

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def english():
    with translation.override("en"):
        yield


@pytest.fixture
def venue() -> Venue:
    return VenueFactory.create()


@pytest.fixture
def leader(venue: Venue) -> User:
    return person("admin", venue)


@pytest.fixture
def page(leader: User, venue: Venue) -> NotebookPage:
    return first_page(notebook(leader, venue, pages=2))


def the_import(page: NotebookPage) -> LedgerImport:
    found = Notebook.objects.get(pk=page.notebook_id).ledger_import
    assert found is not None
    assert found.rows == found.created + found.updated + found.unchanged + found.errors
    return found


def test_a_row_becomes_a_guest_with_a_visit(page: NotebookPage, leader: User, venue: Venue) -> None:
    saved = save(
        page,
        leader,
        name="山田 太郎様",
        kana="やまだ たろう",
        phone="090 0000 0001",
        company="㈱架空商事",
        date="H29.9.4",
        note="鰻がお好き",
        allergies="えび、そば",
    )
    assert (saved.row.line, saved.outcome, saved.waits) == (1, RowOutcome.CREATED, False)
    guest = Customer.objects.get()
    assert (guest.name, guest.kana, guest.note) == ("山田 太郎", "ヤマダ タロウ", "鰻がお好き")
    assert guest.company is not None
    assert [phone.digits for phone in guest.phones.all()] == ["09000000001"]
    assert guest.allergy_state == AllergyState.LISTED
    visit = Visit.objects.get()
    assert (visit.business_date, visit.venue, visit.status) == (date(2017, 9, 4), venue, VisitStatus.COMPLETED)
    assert guest.last_visit_on == date(2017, 9, 4)
    found = the_import(page)
    assert (found.rows, found.created) == (1, 1)
    row = LedgerRow.objects.get()
    assert row.row_number == 1001
    assert row.written["date"] == "H29.9.4"
    assert AuditEntry.objects.filter(action=Action.CREATED, subject_type="customers.customer").count() == 1
    assert AuditEntry.objects.filter(action=Action.CREATED, subject_type="visits.visit").count() == 1


def test_a_row_without_a_day_has_no_visit(page: NotebookPage, leader: User) -> None:
    save(page, leader, name="小川 翔", year="2017")
    assert Customer.objects.get().name == "小川 翔"
    assert not Visit.objects.exists()


def test_the_year_of_the_page_completes_a_day(page: NotebookPage, leader: User) -> None:
    save(page, leader, name="小川 翔", date="9/4", year="H29")
    assert Visit.objects.get().business_date == date(2017, 9, 4)


def test_the_same_form_sent_twice_is_one_row(page: NotebookPage, leader: User) -> None:
    token = uuid.uuid4()
    for _time in range(2):
        saved = save_row(page=page, token=token, typed=typed(name="小川 翔"), who="", by=leader)
    assert (saved.row.line, saved.outcome) == (1, RowOutcome.CREATED)
    assert Customer.objects.count() == 1
    assert the_import(page).rows == 1


def test_a_likely_guest_has_to_be_decided_about(page: NotebookPage, leader: User) -> None:
    known = CustomerFactory.create(name="山田 太郎", kana="ヤマダ タロウ")
    with pytest.raises(RowRefused) as refused:
        save(page, leader, name="山田 太郎")
    assert list(refused.value.wrong) == ["who"]
    assert not LedgerImport.objects.exists()
    assert not NotebookRow.objects.exists()
    save(page, leader, NEW, name="山田 太郎")
    assert Customer.objects.exclude(pk=known.pk).get().name == "山田 太郎"


def test_a_card_keeps_what_it_says_and_takes_what_is_new(page: NotebookPage, leader: User) -> None:
    known = CustomerFactory.create(
        name="山田 太郎", kana="ヤマダ タロウ", phones=["090-0000-0009"], note="窓の席", code="7"
    )
    saved = save(
        page,
        leader,
        str(known.pk),
        name="山田 太郎",
        kana="ヤマタ タロウ",
        phone="075-000-0001",
        company="架空商事",
        note="鰻がお好き",
    )
    assert saved.outcome == RowOutcome.UPDATED
    known.refresh_from_db()
    assert (known.kana, known.note) == ("ヤマダ タロウ", "窓の席\n鰻がお好き")
    assert sorted(phone.digits for phone in known.phones.all()) == ["0750000001", "09000000009"]
    row = LedgerRow.objects.get()
    assert [one["field"] for one in row.messages] == ["kana"]
    assert "ヤマタ タロウ" in row.messages[0]["message"]
    assert row.changes["note"] == ["窓の席", "窓の席\n鰻がお好き"]
    assert the_import(page).warnings == 1


def test_what_the_card_says_already_changes_nothing(page: NotebookPage, leader: User) -> None:
    known = CustomerFactory.create(name="山田 太郎", kana="ヤマダ タロウ", note="窓の席。鰻がお好き")
    saved = save(page, leader, str(known.pk), name="山田 太郎", note="鰻がお好き")
    assert saved.outcome == RowOutcome.UNCHANGED
    assert the_import(page).unchanged == 1


def test_a_guessed_reading_says_that_it_is_one(page: NotebookPage, leader: User) -> None:
    save(page, leader, name="小川 翔", kana="オガワ ショウ", guessed="オガワ ショウ")
    assert [one["field"] for one in LedgerRow.objects.get().messages] == ["kana"]
    save(page, leader, name="中川 翔", kana="ナカガワ ショウ", guessed="ナカガワ カケル")
    assert LedgerRow.objects.get(row_number=1002).messages == []


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"name": ""}, "name"),
        ({"name": "不明"}, "name"),
        ({"name": "小川 翔", "date": "いつか"}, "date"),
        ({"name": "小川 翔", "date": "9999-12-31"}, "date"),
        ({"name": "小川 翔", "date": "1899-12-31"}, "date"),
        ({"name": "あ" * 201}, "name"),
    ],
)
def test_what_cannot_be_saved_is_refused_whole(
    page: NotebookPage, leader: User, values: dict[str, str], field: str
) -> None:
    with pytest.raises(RowRefused) as refused:
        save(page, leader, **values)
    assert field in refused.value.wrong
    assert not Customer.objects.exists()
    assert not LedgerImport.objects.exists()


def test_a_day_that_lies_ahead_is_no_visit_of_a_notebook(page: NotebookPage, leader: User) -> None:
    ahead = timezone.localdate() + timedelta(days=2)
    with pytest.raises(RowRefused) as refused:
        save(page, leader, name="小川 翔", date=ahead.isoformat())
    assert list(refused.value.wrong) == ["date"]


def test_a_row_waits_and_is_decided_later(page: NotebookPage, leader: User) -> None:
    known = CustomerFactory.create(name="山田 太郎", kana="ヤマダ タロウ")
    saved = save(page, leader, LATER, name="山田 太郎", date="2017-09-04", phone="075-000-0001")
    assert saved.waits
    assert not Visit.objects.exists()
    found = the_import(page)
    assert (found.rows, found.errors) == (1, 1)
    waiting = LedgerRow.objects.get()
    assert (waiting.waits, waiting.row_number) == (True, 1001)
    assert [one["guest"] for one in waiting.candidates or ()] == [known.pk]
    decided = save_row(
        page=page, token=saved.row.token, typed=saved.row.typed, who=str(known.pk), by=leader, row=saved.row
    )
    assert (decided.outcome, decided.waits) == (RowOutcome.CREATED, False)
    found = the_import(page)
    assert (found.rows, found.errors, found.created) == (1, 0, 1)
    row = LedgerRow.objects.get()
    assert (row.row_number, row.decision, row.decided_by, row.customer) == (1001, RowDecision.GUEST, leader, known)
    assert Visit.objects.get().business_date == date(2017, 9, 4)
    assert Customer.objects.count() == 1


def test_a_row_that_waits_is_left_out(page: NotebookPage, leader: User) -> None:
    CustomerFactory.create(name="山田 太郎")
    saved = save(page, leader, LATER, name="山田 太郎")
    leave_out(row=saved.row, by=leader)
    assert LedgerRow.objects.get().decision == RowDecision.SKIP
    assert the_import(page).errors == 1


def test_a_notebook_is_taken_back_and_typed_again(page: NotebookPage, leader: User, venue: Venue) -> None:
    known = CustomerFactory.create(name="山田 太郎", kana="ヤマダ タロウ", note="窓の席")
    before = Customer.objects.filter(pk=known.pk).values().get()
    save(page, leader, str(known.pk), name="山田 太郎", date="2017-09-04", note="鰻がお好き")
    save(page, leader, name="小川 翔", date="2017-09-05", phone="075-000-0002")
    assert Visit.objects.count() == 2
    undo_ledger(ledger_import=the_import(page), by=leader)
    assert not Visit.objects.exists()
    assert Customer.objects.filter(pk=known.pk).values().get() == before
    assert Customer.objects.count() == 1
    with pytest.raises(NotebookTakenBack):
        save(page, leader, name="中川 翔")
    redo_ledger(ledger_import=the_import(page), by=leader)
    assert Visit.objects.count() == 2
    assert save(page, leader, name="中川 翔").row.line == 3


def test_lines_are_counted_on_each_page(page: NotebookPage, leader: User) -> None:
    other = page.notebook.pages.get(number=2)
    save(page, leader, name="小川 翔")
    save(other, leader, name="中川 翔")
    save(page, leader, name="大川 翔")
    assert list(LedgerRow.objects.order_by("pk").values_list("row_number", flat=True)) == [1001, 2001, 1002]
    assert the_import(page).applied_to_row == 2001


def test_a_draft_is_one_for_each_page_and_person(page: NotebookPage, leader: User, venue: Venue) -> None:
    token, colleague = uuid.uuid4(), person("admin", venue)
    keep_draft(page=page, token=token, typed=typed(name="山"), by=leader)
    keep_draft(page=page, token=token, typed=typed(name="山田\0 太\ud800"), by=leader)
    keep_draft(page=page, token=uuid.uuid4(), typed=typed(name="川"), by=colleague)
    assert {row.typed["name"] for row in NotebookRow.objects.all()} == {"山田 太?", "川"}
    keep_draft(page=page, token=uuid.uuid4(), typed=typed(name="森"), by=leader)
    assert {row.typed["name"] for row in NotebookRow.objects.all()} == {"森", "川"}
    # Nobody writes on the draft of a colleague.
    assert (
        keep_draft(page=page, token=NotebookRow.objects.get(typed_by=colleague).token, typed=typed(name="x"), by=leader)
        is None
    )
    keep_draft(page=page, token=uuid.uuid4(), typed=typed(year="H29"), by=leader)
    assert [row.typed["name"] for row in NotebookRow.objects.all()] == ["川"]


def test_saving_makes_a_row_of_the_draft(page: NotebookPage, leader: User) -> None:
    token = uuid.uuid4()
    keep_draft(page=page, token=token, typed=typed(name="小川"), by=leader)
    save_row(page=page, token=token, typed=typed(name="小川 翔"), who="", by=leader)
    row = NotebookRow.objects.get()
    assert (row.line, row.typed["name"]) == (1, "小川 翔")
    assert keep_draft(page=page, token=token, typed=typed(name="大川"), by=leader) is None
    assert NotebookRow.objects.get().typed["name"] == "小川 翔"


def test_a_visit_wants_the_right_at_the_venue(page: NotebookPage, leader: User) -> None:
    elsewhere = person("admin", VenueFactory.create())
    with pytest.raises(RowRefused) as refused:
        save(page, elsewhere, name="小川 翔", date="2017-09-04")
    assert list(refused.value.wrong) == ["date"]
    save(page, elsewhere, name="小川 翔")


def test_who_may_not_import_ledgers_types_nothing(page: NotebookPage, venue: Venue) -> None:
    with pytest.raises(PermissionDenied):
        save(page, person("floor", venue), name="小川 翔")


def test_an_import_of_a_notebook_is_taken_back_by_the_command_line(page: NotebookPage, leader: User) -> None:
    save(page, leader, name="小川 翔")
    call_command("undo_ledger", str(the_import(page).pk))
    assert not Customer.objects.exists()


def test_a_row_is_taken_back_alone_and_its_words_stand_in_the_form(page: NotebookPage, leader: User) -> None:
    save(page, leader, name="山田 太郎")
    before = the_import(page)
    counted = (before.rows, before.created, before.warnings)
    saved = save(page, leader, name="小川 翔", phone="090-0000-0002", date="R5.4.1", note="鰻")
    take_row_back(row=saved.row, by=leader)
    assert list(Customer.objects.values_list("name", flat=True)) == ["山田 太郎"]
    assert not Visit.objects.exists()
    after = the_import(page)
    assert (after.rows, after.created, after.warnings) == counted
    draft = NotebookRow.objects.get(line=None)
    assert (draft.typed["name"], draft.typed["date"], draft.typed_by) == ("小川 翔", "R5.4.1", leader)
    with pytest.raises(InputProblem, match="taken back already"):
        take_row_back(row=saved.row, by=leader)
    again = save_row(page=page, token=draft.token, typed=typed(name="小川 昇", date="R5.4.1"), who="", by=leader)
    assert (again.row.line, the_import(page).rows, Visit.objects.count()) == (2, 2, 1)
    undo_ledger(ledger_import=the_import(page), by=leader)
    assert not Customer.objects.exists()


def test_a_row_that_waits_is_taken_back_too(page: NotebookPage, leader: User) -> None:
    saved = save(page, leader, who=LATER, name="小川 翔")
    take_row_back(row=saved.row, by=leader)
    found = the_import(page)
    assert (found.rows, found.errors, LedgerRow.objects.count()) == (0, 0, 0)


def test_a_row_that_somebody_has_worked_with_stays(page: NotebookPage, leader: User) -> None:
    """A card that was changed since, the same guest in a later row, another row in the form."""
    first = save(page, leader, name="山田 太郎", phone="090-0000-0001", note="鰻")
    guest = Customer.objects.get()
    later = save(page, leader, who=str(guest.pk), name="山田 太郎", note="鮎", date="R5.4.1")
    with pytest.raises(InputProblem, match="changed or used since"):
        take_row_back(row=first.row, by=leader)
    keep_draft(page=page, token=uuid.uuid4(), typed=typed(name="書きかけ"), by=leader)
    with pytest.raises(InputProblem, match="typed and not saved"):
        take_row_back(row=later.row, by=leader)
    NotebookRow.objects.filter(line=None).delete()
    take_row_back(row=later.row, by=leader)
    NotebookRow.objects.filter(line=None).delete()
    guest.refresh_from_db()
    assert (guest.note, the_import(page).rows) == ("鰻", 1)
    take_row_back(row=first.row, by=leader)
    assert not Customer.objects.exists()
    stranger = person("floor", page.notebook.venue)
    with pytest.raises(PermissionDenied):
        take_row_back(row=first.row, by=stranger)
