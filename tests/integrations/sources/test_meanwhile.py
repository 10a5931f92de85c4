"""What happens while a pull is under way: a decision about a partner, another file, an upload, a file that is refused."""

import os

import pytest
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from crm_project.core.jobs.models import Job
from crm_project.core.jobs.services import LeaseLost, system_user
from crm_project.core.problems import InputProblem
from integrations.choices import RunState
from integrations.models import ActualDocument, PartnerLink, SyncRun
from integrations.sources import pull, services
from integrations.sources.services import link_partner, pull_given_file, pull_source
from integrations.sources.upsert import upsert_documents
from tests.factories.accounts import VenueFactory, person
from tests.factories.customers import CustomerFactory
from tests.integrations.sources.files import csv_text, good_rows, mapped_source, row, write_csv

pytestmark = pytest.mark.django_db


@pytest.fixture
def drop(settings, tmp_path):
    """Puts a file where accounting leaves its files."""
    settings.ACTUALS_DIR = tmp_path
    (tmp_path / "sales").mkdir()

    def drop(name, rows, at=1000):
        path = write_csv(tmp_path / "sales" / name, rows)
        os.utime(path, (at, at))
        return path

    return drop


def test_a_decision_in_the_middle_holds_for_the_pages_behind_it(tmp_path, monkeypatch):
    source, guest = mapped_source(), CustomerFactory.create()
    monkeypatch.setattr(pull, "PAGE_LINES", 2)

    def decide_first(**arguments):
        partner = PartnerLink.objects.get(key="C1")
        if partner.customer_id is None:
            link_partner(partner=partner, customer=guest, by=system_user())
        return upsert_documents(**arguments)

    monkeypatch.setattr(pull, "upsert_documents", decide_first)
    path = write_csv(tmp_path / "a.csv", [row(f"B-{number}") for number in range(6)])
    pull_given_file(source=source, path=path, by=system_user())
    assert set(ActualDocument.objects.values_list("customer", flat=True)) == {guest.pk}


def test_the_former_file_is_read_again_after_another_one_was_written_in_part(drop, monkeypatch):
    source = mapped_source(location="sales/1.csv")
    drop("1.csv", [row("A", price="1")])
    pull_source(source=source, by=system_user())
    drop("1.csv", [row("A", price="2")])

    def stop(*arguments):
        raise SystemExit

    with monkeypatch.context() as patch:
        patch.setattr(pull, "_finish", stop)
        with pytest.raises(SystemExit):
            pull_source(source=source, by=system_user())
    drop("1.csv", [row("A", price="1")])
    [result] = pull_source(source=source, by=system_user())
    assert (result.same_file, result.updated) == (False, 1)
    assert ActualDocument.objects.get().net_amount == 2


def test_what_came_before_a_refused_file_is_ranked(drop):
    source = mapped_source(location="sales")
    drop("1.csv", good_rows(3), 1000)
    drop("2.csv", [row("X", price="?")], 2000)
    with pytest.raises(InputProblem):
        pull_source(source=source, by=system_user())
    assert ActualDocument.objects.count() == 3
    assert list(SyncRun.objects.order_by("pk").values_list("state", flat=True)) == [RunState.DONE, RunState.FAILED]
    assert Job.objects.filter(name="recompute_ranks").exists()


def test_ranks_follow_a_pull_that_another_worker_takes_over(drop):
    """The other one finds everything written, and so nothing changed."""
    source = mapped_source(location="sales/1.csv")
    drop("1.csv", good_rows(3))

    def lose_the_lease(done, total, text):
        if ActualDocument.objects.exists():
            raise LeaseLost

    with pytest.raises(LeaseLost):
        pull_source(source=source, by=system_user(), progress=lose_the_lease)
    assert Job.objects.filter(name="recompute_ranks").count() == 1


@pytest.mark.parametrize("is_finished", [False, True])
def test_ranks_follow_a_pull_whose_worker_was_killed_before_it_asked_for_them(drop, monkeypatch, is_finished):
    source = mapped_source(location="sales/1.csv")
    drop("1.csv", good_rows(3))

    def die(*arguments, **named):
        raise SystemExit

    with monkeypatch.context() as patch:
        patch.setattr(services, "start_recompute", die)
        if not is_finished:
            patch.setattr(pull, "_finish", die)
        with pytest.raises(SystemExit):
            pull_source(source=source, by=system_user())
    assert ActualDocument.objects.count() == 3
    assert not Job.objects.exists()
    [result] = pull_source(source=source, by=system_user())
    assert (result.same_file, result.unchanged) == (is_finished, 3)
    assert Job.objects.filter(name="recompute_ranks").count() == 1
    pull_source(source=source, by=system_user())
    assert not SyncRun.objects.filter(ranks_due=True).exists()


def test_an_upload_during_a_pull_is_refused_in_words(client, drop):
    venue = VenueFactory.create()
    source = mapped_source(default_venue=venue, location="sales/1.csv")
    drop("1.csv", [row("A")])
    client.force_login(person("admin", venue))
    client.post(reverse("integrations:source_pull", args=[source.pk]))
    upload = SimpleUploadedFile("a.csv", csv_text([row("B")]).encode())
    answer = client.post(reverse("integrations:source_upload", args=[source.pk]), {"file": upload}, follow=True)
    assert source.name in str(next(iter(answer.context["messages"])))
    assert Job.objects.filter(name="pull_source").count() == 1
    kept = default_storage.listdir("actuals")[1] if default_storage.exists("actuals") else []
    assert [name for name in kept if name.startswith(f"{source.pk}-")] == []
