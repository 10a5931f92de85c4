"""A ledger of dishes or foods taken back: what it brought goes, what it changed is put back, what people did since stays."""

import json
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.db import models
from django.test import Client
from django.urls import reverse
from python_calamine import CalamineWorkbook

from crm_project.core.allergens.choices import Presence
from crm_project.core.jobs import services as jobs
from crm_project.core.jobs.choices import JobState
from crm_project.core.jobs.models import Job
from crm_project.core.jobs.services import system_user
from integrations import bulk
from integrations.choices import LedgerState
from integrations.dish_ledgers.foods import import_foods, opened_foods
from integrations.dish_ledgers.importing import import_dishes
from integrations.dish_ledgers.reading import opened_dishes
from integrations.ledgers.undo import redo_ledger, undo_ledger
from integrations.models import LedgerImport
from menus.models import Dish, DishAllergen, DishFamily, DishFood, Food, ProposedAllergen
from menus.services import decide
from tests.factories.accounts import UserFactory, VenueFactory, person
from tests.factories.menus import DishFactory
from tests.integrations.ledgers.files import workbook

pytestmark = pytest.mark.django_db
TABLES: tuple[type[models.Model], ...] = (Dish, DishFamily, Food, DishFood, DishAllergen, ProposedAllergen)
BEFORE = "料理,食材,分量,系統,卵,乳\n卵サラダ,レタス,12,,×,\n牛乳,牛乳,206,,,○\n"
AFTER = "料理,食材,分量,系統,卵,乳\n,人参,10,,,\n卵サラダ,鶏卵,50,サラダ,○,\n鯛の刺身,鯛,80,鯛,×,×\n牛乳,牛乳,206,,,○\n"


def bring_in(tmp_path: Path, text: str) -> LedgerImport:
    """Import a ledger of dishes as the command line does."""
    path = tmp_path / "献立.csv"
    path.write_text(text, encoding="utf-8")
    with opened_dishes(path, path.name) as ledger:
        outcome = import_dishes(ledger, by=system_user())
    assert outcome.import_id
    return LedgerImport.objects.get(pk=outcome.import_id)


def menu() -> dict[str, Any]:
    """Every row of the menu to its last column, but for the version of a dish that has moved on."""
    return {
        model.__name__: bulk.read(model, list(model._base_manager.values_list("pk", flat=True))) for model in TABLES
    }


def test_an_import_is_taken_back_and_done_again(tmp_path: Path) -> None:
    bring_in(tmp_path, BEFORE)
    before = menu()
    found = bring_in(tmp_path, AFTER)
    after = menu()
    assert after != before
    assert (found.created, found.updated, found.unchanged, found.errors, found.rows) == (1, 1, 1, 1, 4)

    turned = undo_ledger(ledger_import=found, by=system_user()).turned

    assert menu() == before
    assert (turned.removed, turned.restored, turned.kept) == (1, 1, 0)
    found.refresh_from_db()
    redo_ledger(ledger_import=found, by=system_user())
    assert menu() == after


def test_what_people_did_since_stays(tmp_path: Path) -> None:
    found = bring_in(tmp_path, AFTER)
    salad = Dish.objects.get(name="卵サラダ")
    DishAllergen.objects.filter(dish=salad, presence=Presence.CONTAINS).update(presence=Presence.MAY_CONTAIN)
    sashimi = Dish.objects.get(name="鯛の刺身")
    other = DishFactory.create(name="鯛茶漬け")
    DishFood.objects.create(dish=other, food=Food.objects.get(name="鯛"))

    outcome = undo_ledger(ledger_import=found, by=system_user())

    assert Dish.objects.filter(pk=salad.pk).exists()
    assert not Dish.objects.filter(pk=sashimi.pk).exists()
    assert Food.objects.filter(name="鯛").exists()
    assert {kept.model for kept in outcome.kept} == {"menus.dishallergen", "menus.dish"}


def test_a_proposal_that_somebody_confirmed_keeps_its_dish(tmp_path: Path) -> None:
    found = bring_in(tmp_path, "料理,食材\nプリン,牛乳\n")
    proposal = ProposedAllergen.objects.earliest("pk")
    decide(dish=proposal.dish, by=person("kitchen", VenueFactory.create()), confirmed=[proposal.pk])

    assert undo_ledger(ledger_import=found, by=system_user()).turned.kept == 1
    assert Dish.objects.filter(name="プリン").exists()


def test_foods_are_taken_back_but_for_those_that_are_used(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "食材.csv"
    path.write_text("食材\n鯛\n鮑\n", encoding="utf-8")
    with opened_foods(path, path.name) as (table, columns):
        outcome = import_foods(table, columns, by=system_user())
    DishFood.objects.create(dish=DishFactory.create(), food=Food.objects.get(name="鮑"))

    with pytest.raises(SystemExit):
        call_command("undo_ledger", str(outcome.import_id), "--json")

    told = json.loads(capsys.readouterr().out)
    assert (told["removed"], told["kept"]) == (1, 1)
    assert list(Food.objects.values_list("name", flat=True)) == ["鮑"]


@pytest.fixture
def kitchen(client: Client, settings: Any, tmp_path: Path) -> Client:
    """The browser of somebody who edits menus."""
    settings.MEDIA_ROOT = tmp_path
    client.force_login(person("kitchen", VenueFactory.create()))
    return client


def upload(client: Client, name: str, content: bytes) -> int:
    """Upload a file and import it; the number of the import."""
    client.post(reverse("integrations:dish_ledgers"), {"file": SimpleUploadedFile(name, content)})
    page = client.post(reverse("integrations:dish_ledger"), {"import": "1"}, follow=True)
    return int(page.context["ledger"].pk)


def test_an_import_is_taken_back_through_the_screens(kitchen: Client) -> None:
    pk = upload(kitchen, "献立.csv", AFTER.encode())
    assert "献立.csv" in kitchen.get(reverse("integrations:dish_ledgers")).content.decode()

    working = kitchen.post(reverse("integrations:turn_dish_import", args=[pk]), {"undo": "1"}, follow=True)
    assert working.context["working"]
    job = jobs.run(Job.objects.get(state=JobState.QUEUED).pk)
    assert job is not None
    assert job.state == JobState.DONE

    page = kitchen.get(reverse("integrations:dish_import", args=[pk]))
    assert page.context["ledger"].state == LedgerState.UNDONE
    assert not Dish.objects.exists()
    again = kitchen.post(reverse("integrations:turn_dish_import", args=[pk]), {"undo": "1"}, follow=True)
    assert not again.context["working"]
    kitchen.post(reverse("integrations:turn_dish_import", args=[pk]), {"redo": "1"})
    jobs.run(Job.objects.get(state=JobState.QUEUED).pk)
    assert Dish.objects.count() == 3


def test_rows_that_were_set_aside_come_back_put_right(kitchen: Client, tmp_path: Path) -> None:
    pk = upload(kitchen, "献立.csv", AFTER.encode())
    file = tmp_path / "rows.xlsx"
    response = kitchen.get(reverse("integrations:dish_import_rows", args=[pk]))
    file.write_bytes(b"".join(response))
    headings, row = CalamineWorkbook.from_path(str(file)).get_sheet_by_index(0).to_python()
    assert headings[:6] == ["料理", "食材", "分量", "系統", "卵", "乳"]
    assert row[:2] == ["", "人参"]
    assert "料理" in str(row[6])
    workbook(file, [["人参の白和え", *row[1:]]], headings=[str(heading) for heading in headings])

    second = upload(kitchen, "rows.xlsx", file.read_bytes())

    assert LedgerImport.objects.get(pk=second).created == 1
    assert Dish.objects.filter(name="人参の白和え").exists()


def test_imports_of_the_kitchen_are_nobody_elses(client: Client, tmp_path: Path) -> None:
    pk = bring_in(tmp_path, AFTER).pk
    house = VenueFactory.create()
    for user in (UserFactory.create(), person("floor", house)):
        client.force_login(user)
        for name in ("dish_import", "dish_import_rows"):
            assert client.get(reverse(f"integrations:{name}", args=[pk])).status_code == 403
        assert client.post(reverse("integrations:turn_dish_import", args=[pk])).status_code == 403
    client.force_login(person("admin", house))
    assert client.get(reverse("integrations:ledger", args=[pk])).status_code == 404
    assert client.get(reverse("integrations:ledger_undo", args=[pk])).status_code == 404
    assert "献立.csv" not in client.get(reverse("integrations:ledgers")).content.decode()
