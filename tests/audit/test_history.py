"""The trail in words."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from django.utils.translation import override

from crm_project.core.accounts.models import Role
from crm_project.core.accounts.services import change_role
from crm_project.core.allergens.models import Allergen
from crm_project.core.audit.choices import Action
from crm_project.core.audit.history import history_of, in_words, in_words_of, kind_of
from crm_project.core.audit.models import AuditEntry
from crm_project.core.audit.services import record
from crm_project.core.rights import Right
from deals.models import Deal
from deals.services import change_deal, move_stage
from menus.services import create_course, create_dish
from tests.factories.accounts import VenueFactory, person
from tests.factories.customers import CustomerFactory
from tests.factories.deals import DealFactory
from tests.factories.visits import VisitFactory
from visits.entries import AttendanceEntry, NoteEntry
from visits.services import check_at_table, record_visit

pytestmark = pytest.mark.django_db


@pytest.fixture
def venue():
    return VenueFactory.create()


@pytest.fixture
def sales(venue):
    return person("sales", venue, display_name="大野")


@pytest.fixture
def deal(venue, sales):
    return DealFactory.create(venue=venue, owner=sales, title="忘年会")


def told(line):
    return [(change.label, change.before, change.after) for change in line.changes]


def test_names_and_choices_are_told_in_words(deal, sales):
    guest = CustomerFactory.create(name="森本 勇")
    change_deal(deal=deal, by=sales, version=1, customer=guest, party_size=14)
    move_stage(deal=deal, by=sales, stage="proposal")
    moved, changed = history_of(deal)
    labels = {name: in_words_of(Deal, name, None)[0] for name in ("customer", "party_size", "stage")}
    stages = dict(Deal._meta.get_field("stage").flatchoices)
    assert told(moved) == [(labels["stage"], str(stages["inquiry"]), str(stages["proposal"]))]
    assert set(told(changed)) == {(labels["customer"], "", "森本 勇"), (labels["party_size"], "", "14")}
    assert (changed.who, changed.subject) == ("大野", "忘年会")


def test_reads_are_no_history(deal, sales):
    record(by=sales, action=Action.VIEWED, subject=deal)
    assert history_of(deal) == []


def test_what_is_gone_is_told_as_it_was_written():
    entry = record(
        by=None,
        action=Action.CHANGED,
        subject_type="old.thing",
        subject_id=1,
        changes={"colour": ["red", None], "rows": 3, "many": [None, ["a", "b"]], "flag": [False, True]},
    )
    (line,) = in_words([entry])
    assert told(line) == [("colour", "red", ""), ("rows", "", "3"), ("many", "", "a、b"), ("flag", "–", "✓")]
    assert (line.who, line.kind) == ("–", "old.thing")
    assert kind_of("") == ""


def test_a_row_that_is_gone_keeps_its_number(deal, sales):
    record(by=sales, action=Action.CHANGED, subject=deal, changes={"customer": [None, 987654]})
    assert told(history_of(deal)[0])[0][2] == "987654"


def test_one_value_in_words():
    assert in_words_of(Deal, "loss_reason", "price")[1] == str(
        dict(Deal._meta.get_field("loss_reason").flatchoices)["price"]
    )


def test_rights_are_told_in_words():
    role = Role.objects.get(code="kitchen")
    change_role(role=role, by=None, rights=["edit_menus", "view_notes"])
    menus, notes = str(Right.EDIT_MENUS.label), str(Right.VIEW_NOTES.label)
    assert told(history_of(role)[0])[0][1:] == (menus, f"{menus}、{notes}")


@pytest.mark.parametrize("count", [1, 3])
def test_queries_of_a_history(deal, sales, django_assert_num_queries, count):
    for version, guest in enumerate(CustomerFactory.create_batch(count), start=1):
        change_deal(deal=deal, by=sales, version=version, customer=guest)
    entries = list(AuditEntry.objects.about(deal))
    assert len(entries) == count
    with django_assert_num_queries(2):
        history_of(deal)


def test_days_and_amounts_are_told_as_people_write_them():
    assert in_words_of(Deal, "amount", "3600000.0000")[1] == "3,600,000"
    assert in_words_of(Deal, "event_date", "2027-01-08")[1] == "2027年1月8日（金）"
    assert in_words_of(Deal, "event_date", "来春")[1] == "来春"


def test_what_services_write_beside_the_fields_is_told_in_the_words_of_their_app(venue, sales):
    okami = person("okami", venue)
    dish = create_dish(by=okami, name="海老真薯", presences={Allergen.objects.get(code="shrimp"): "contains"})
    course = create_course(by=okami, name="霜月の会席", dishes=[dish])
    visit = VisitFactory.create(venue=venue, guests=[CustomerFactory.create(name="森本 勇", allergy_state="none")])
    check_at_table(attendance=visit.attendances.get(), by=okami, seated_check="unchanged")
    with override("ja"):
        lines = [told(history_of(subject)[0]) for subject in (dish, course, visit)]
    assert lines == [
        [("えび", "", "含む")],
        [("料理", "", "海老真薯")],
        [("着席時のアレルギー確認", "まだ", "森本 勇、変わりなし")],
    ]


def test_the_rows_of_a_record_are_told_by_their_own_name(venue):
    okami = person("okami", venue)
    guest = CustomerFactory.create(name="森本 勇")
    visit = record_visit(
        by=okami,
        venue=venue,
        starts_at=datetime(2026, 10, 3, 18, tzinfo=ZoneInfo("Asia/Tokyo")),
        attendances=[AttendanceEntry(customer=guest, seated_check="changed")],
        notes={"talk": NoteEntry(text="初孫"), "complaint": NoteEntry()},
    )
    with override("ja"):
        words = {label: after for label, _before, after in told(history_of(visit)[0])}
    assert words["ご同席"] == "森本 勇、主催、変わりあり"
    assert words["記録"] == "ご様子・会話、初孫"
    assert words["日時"] == "2026年10月3日（土）18:00"
