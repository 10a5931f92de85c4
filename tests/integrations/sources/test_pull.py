"""A pull writes whole documents once, replaces what changed, and adds up to the last decimal."""

import json
import os
from decimal import Decimal

import pytest
from django.db.models import Sum

from crm_project.core.accounts.models import House
from crm_project.core.audit.models import AuditEntry
from crm_project.core.jobs.models import Job
from crm_project.core.jobs.services import system_user
from crm_project.core.problems import InputProblem
from customers.models import Customer
from integrations.choices import MatchMethod, PartnerStatus, RunState
from integrations.models import ActualDocument, ActualLine, ActualRevision, PartnerLink, RunProblem, SyncRun
from integrations.sources import pull
from integrations.sources.partners import Partner, create_customers_of
from integrations.sources.queries import reconciliation
from integrations.sources.services import pull_given_file, pull_source
from integrations.sources.upsert import upsert_documents
from integrations.tasks import pull_active_sources
from tests.factories.accounts import VenueFactory
from tests.factories.customers import CustomerFactory
from tests.integrations.sources.files import MAP, good_rows, mapped_source, row, write_csv

pytestmark = pytest.mark.django_db
CREATING = f"{MAP}[options]\ncreate_customers = true\n"


@pytest.fixture
def take(tmp_path):
    def take(source, rows, name="file.csv"):
        path = write_csv(tmp_path / name, rows)
        return pull_given_file(source=source, path=path, by=system_user())

    return take


def test_documents_with_their_lines(take):
    venue = VenueFactory.create()
    source = mapped_source(default_venue=venue)
    result = take(source, [row("A", price="100"), row("B"), row("A", quantity="0.5", price="301")])
    assert result.as_json() == {
        "source": source.name,
        "documents": 2,
        "lines": 3,
        "created": 2,
        "updated": 0,
        "unchanged": 0,
        "errors": 0,
        "amount_total": "16350.5",
        "unmatched_partners": 1,
    }
    document = ActualDocument.objects.get(source_doc_id="A")
    assert (document.net_amount, document.currency, document.venue, document.line_count) == (
        Decimal("350.5"),
        "JPY",
        venue,
        2,
    )
    assert document.partner is not None
    assert (document.partner.key, document.partner.status) == ("C1", PartnerStatus.UNMATCHED)
    assert [line.net_amount for line in document.lines.order_by("pk")] == [Decimal(200), Decimal("150.5")]
    assert (document.cost_amount, document.first_run, document.last_run) == (
        None,
        SyncRun.objects.get(),
        SyncRun.objects.get(),
    )


def test_second_pull_writes_nothing(take):
    source = mapped_source()
    rows = good_rows(30)
    take(source, rows)
    before = list(ActualDocument.objects.order_by("pk").values_list())
    result = take(source, rows[::-1])
    assert (result.created, result.updated, result.unchanged) == (0, 0, 30)
    assert list(ActualDocument.objects.order_by("pk").values_list()) == before
    assert not ActualRevision.objects.exists()


def test_changed_document_is_replaced_whole_and_remembered(take):
    source = mapped_source()
    take(source, [row("A"), row("A", price="500"), row("B")])
    pk = ActualDocument.objects.get(source_doc_id="A").pk
    result = take(source, [row("A", price="9000"), row("B")])
    assert (result.created, result.updated, result.unchanged) == (0, 1, 1)
    document = ActualDocument.objects.get(source_doc_id="A")
    assert (document.pk, document.net_amount, document.lines.count()) == (pk, Decimal(18000), 1)
    first, second = SyncRun.objects.order_by("pk")
    assert (document.first_run, document.last_run) == (first, second)
    [revision] = document.revisions.all()
    assert revision.net_amount == 17000
    assert [line["unit_price"] for line in revision.content["lines"]] == ["8000", "500"]


def test_document_that_is_missing_in_a_later_file_stays(take):
    source = mapped_source()
    take(source, [row("A"), row("B")])
    take(source, [row("B")])
    assert set(ActualDocument.objects.values_list("source_doc_id", flat=True)) == {"A", "B"}
    [month] = reconciliation(SyncRun.objects.order_by("-pk")[0])
    assert (month.file_net, month.our_net, month.difference) == (Decimal(16000), Decimal(32000), Decimal(-16000))


def test_the_same_number_in_two_sources_is_two_documents(take):
    take(mapped_source(), [row("A")])
    take(mapped_source(), [row("A")])
    assert ActualDocument.objects.count() == 2


def test_sums_are_exact_beyond_ten_to_the_twelfth(take):
    source = mapped_source()
    result = take(source, [row("A", quantity=1, price="1000000000000.0001"), row("B", quantity=1, price="0.0002")])
    assert result.as_json()["amount_total"] == "1000000000000.0003"
    assert ActualDocument.objects.aggregate(net=Sum("net_amount"))["net"] == Decimal("1000000000000.0003")
    assert ActualLine.objects.aggregate(net=Sum("net_amount"))["net"] == Decimal("1000000000000.0003")


def test_texts_with_backslashes_and_quotes(take):
    map_text = MAP.replace('quantity = "数量"', 'quantity = "数量"\ndescription = "得意先名"')
    take(mapped_source(map_text), [row("A\\N", code="\\.", name='会席 "松" \\t 100%')])
    [line] = ActualLine.objects.all()
    assert (line.description, line.document.doc_no) == ('会席 "松" \\t 100%', "A\\N")


def test_several_currencies_are_not_added(take):
    House.current()
    map_text = MAP.replace('partner_name = "得意先名"', 'currency = "得意先名"')
    result = take(mapped_source(map_text), [row("A", name="GBP"), row("B", name="")])
    assert result.as_json()["amount_total"] is None
    assert result.as_json()["amounts"] == {"GBP": "16000", "JPY": "16000"}


def test_problems_are_kept_with_their_rows(take):
    source = mapped_source()
    result = take(source, [*good_rows(20), row("X", price="一万円")])
    assert (result.errors, result.documents, result.created) == (1, 21, 20)
    [problem] = RunProblem.objects.all()
    assert (problem.row_number, problem.document) == (22, "X")
    assert SyncRun.objects.get().state == RunState.WITH_ERRORS


def test_refused_file_writes_nothing_but_the_reason(take):
    source = mapped_source()
    with pytest.raises(InputProblem):
        take(source, [row("X", price="一万円")])
    assert not ActualDocument.objects.exists()
    assert not PartnerLink.objects.exists()
    run = SyncRun.objects.get()
    assert run.state == RunState.FAILED
    assert "一万円" in run.message


def test_refused_file_makes_no_source(take):
    source = mapped_source()
    source.delete()
    source.pk = None
    with pytest.raises(InputProblem):
        take(source, [row("X", price="一万円")])
    assert not type(source).objects.exists()


def test_pull_is_audited_and_starts_the_ranks(take):
    source = mapped_source()
    take(source, [row("A")])
    take(source, [row("A")])
    entries = AuditEntry.objects.filter(action="pulled", subject_id=str(source.pk))
    assert [entry.changes["created"] for entry in entries.order_by("pk")] == [[None, 1], [None, 0]]
    assert Job.objects.filter(name="recompute_ranks").count() == 1


# --- partners in a pull -----------------------------------------------------------------------------------------------


def test_partner_with_exactly_the_guest_s_code(take):
    guest = CustomerFactory.create(code="C1", name="別の名前")
    take(mapped_source(), [row("A"), row("B", code="C1 0", name="別の名前")])
    assert dict(ActualDocument.objects.values_list("source_doc_id", "customer")) == {"A": guest.pk, "B": None}
    assert PartnerLink.objects.get(key="C1").method == MatchMethod.CODE


def test_a_name_alone_is_never_matched(take):
    CustomerFactory.create(code=None, name="株式会社青葉商事")
    result = take(mapped_source(), [row("A", code=""), row("B", code="", name="")])
    assert result.unmatched_partners == 1
    assert not ActualDocument.objects.exclude(customer=None).exists()
    assert ActualDocument.objects.get(source_doc_id="B").partner is None


def test_create_customers_makes_one_per_unknown_code(take):
    known = CustomerFactory.create(code="C2")
    venue = VenueFactory.create()
    rows = [row("A"), row("B"), row("C", code="C2"), row("D", code="C3", name=""), row("E", code="")]
    result = take(mapped_source(CREATING, default_venue=venue), rows)
    assert result.unmatched_partners == 1
    made = Customer.objects.exclude(pk=known.pk).order_by("code")
    assert [(guest.code, guest.name) for guest in made] == [("C1", "株式会社青葉商事"), ("C3", "C3")]
    assert list(made[0].known_at.all()) == [venue]
    assert Customer.objects.filter(grams__finds="青葉").count() == 1
    assert AuditEntry.objects.filter(action="created", subject_type="customers.customer").count() == 2
    assert PartnerLink.objects.get(key="C1").method == MatchMethod.CREATED
    assert PartnerLink.objects.get(key="C2").method == MatchMethod.CODE


def test_guest_who_gets_the_code_later_gets_the_documents(take):
    source = mapped_source()
    rows = [row("A"), row("B", code="C2")]
    take(source, rows)
    guest = CustomerFactory.create(code="C1")
    Job.objects.all().delete()
    assert take(source, rows).unchanged == 2
    assert Job.objects.filter(name="recompute_ranks").exists()
    assert ActualDocument.objects.get(customer=guest).source_doc_id == "A"


def test_new_name_of_a_partner_is_taken_over(take):
    source = mapped_source()
    take(source, [row("A")])
    result = take(source, [row("A", name="青葉ホールディングス")])
    assert result.unchanged == 1
    assert PartnerLink.objects.get().name == "青葉ホールディングス"


# --- locations --------------------------------------------------------------------------------------------------------


@pytest.fixture
def drop(settings, tmp_path):
    settings.ACTUALS_DIR = tmp_path
    (tmp_path / "sales").mkdir()

    def drop(name, rows, seconds):
        path = write_csv(tmp_path / "sales" / name, rows)
        os.utime(path, (seconds, seconds))
        return path

    return drop


def pulled(source):
    return [
        (result.created, result.updated, result.same_file) for result in pull_source(source=source, by=system_user())
    ]


def test_folder_is_pulled_in_order_and_each_file_once(drop):
    source = mapped_source(location="sales")
    drop("2.csv", [row("A", price="2")], 2000)
    drop("1.csv", [row("A", price="1")], 1000)
    drop(".3.csv", [row("A", price="3")], 3000)
    assert pulled(source) == [(1, 0, False), (0, 1, False)]
    assert ActualDocument.objects.get().net_amount == 4
    assert pulled(source) == [(0, 0, True)]
    drop("4.csv", [row("A", price="4")], 4000)
    assert pulled(source) == [(0, 1, False)]


def test_file_that_is_refused_is_not_overtaken(drop):
    source = mapped_source(location="sales")
    drop("1.csv", [row("A", price="?")], 1000)
    drop("2.csv", [row("A")], 2000)
    with pytest.raises(InputProblem):
        pulled(source)
    assert not ActualDocument.objects.exists()


def test_single_file_is_read_again_when_something_was_set_aside(drop):
    source = mapped_source(location="sales/1.csv")
    drop("1.csv", [*good_rows(20), row("X", price="?")], 1000)
    assert pulled(source) == [(20, 0, False)]
    assert pulled(source) == [(0, 0, False)]
    drop("1.csv", good_rows(20), 2000)
    assert pulled(source) == [(0, 0, False)]
    assert pulled(source) == [(0, 0, True)]
    assert SyncRun.objects.order_by("-pk")[0].message


def test_same_file_under_another_map_is_read_again(drop):
    source = mapped_source(location="sales/1.csv")
    drop("1.csv", [row("A")], 1000)
    assert pulled(source) == [(1, 0, False)]
    source.map_text = CREATING
    source.save()
    assert pulled(source) == [(0, 0, False)]
    assert Customer.objects.filter(code="C1").exists()


def test_same_file_still_matches_guests_with_new_codes(drop):
    source = mapped_source(location="sales/1.csv")
    drop("1.csv", [row("A")], 1000)
    pulled(source)
    guest = CustomerFactory.create(code="C1")
    assert pulled(source) == [(0, 0, True)]
    assert ActualDocument.objects.get().customer == guest


@pytest.mark.parametrize("location", ["", "nowhere", "sales"])
def test_place_without_a_file_is_refused(drop, location):
    with pytest.raises(InputProblem):
        pulled(mapped_source(location=location))


def test_night_starts_a_job_per_active_source(drop):
    active = mapped_source(location="sales")
    mapped_source(location="sales", is_active=False)
    mapped_source(location="")
    pull_active_sources()
    pull_active_sources()
    [job] = Job.objects.filter(name="pull_source")
    assert job.arguments["source_id"] == active.pk
    assert job.lock_key == f"pull:{active.pk}"


def test_a_pull_stopped_in_the_middle_is_finished_by_the_next(take, monkeypatch):
    source = mapped_source()
    monkeypatch.setattr(pull, "PAGE_LINES", 4)
    rows = good_rows(20)
    written = upsert_documents
    calls = []

    def stop_at_third(**arguments):
        calls.append(1)
        if len(calls) == 3:
            raise SystemExit
        return written(**arguments)

    monkeypatch.setattr(pull, "upsert_documents", stop_at_third)
    with pytest.raises(SystemExit):
        take(source, rows)
    assert ActualDocument.objects.count() == 8
    assert SyncRun.objects.get().created == 8
    monkeypatch.setattr(pull, "upsert_documents", written)
    result = take(source, rows)
    assert (result.created, result.unchanged) == (12, 8)
    assert ActualDocument.objects.aggregate(net=Sum("net_amount"))["net"] == Decimal(320000)
    assert list(SyncRun.objects.order_by("pk").values_list("state", flat=True)) == [RunState.FAILED, RunState.DONE]


def test_result_is_json(take):
    assert json.loads(json.dumps(take(mapped_source(), [row("A")]).as_json()))["documents"] == 1


def test_code_that_somebody_enters_meanwhile_is_left_to_that_guest():
    CustomerFactory.create(code="C1")
    partners = [Partner("C1", "C1", "青葉", None), Partner("C9", "C9", "紅葉", None)]
    assert create_customers_of(source=mapped_source(), partners=partners, by=system_user()) == {"C9"}
    assert Customer.objects.get(code="C9").name == "紅葉"
    assert Customer.objects.filter(code="C1").count() == 1
