"""Ledgers of visits and inquiries through the screens: what the rows are, sample rows, the map as text, import, undo."""

from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from crm_project.core.accounts.models import User
from customers.models import Customer
from deals.models import Deal
from integrations.choices import LedgerState
from integrations.models import LedgerImport, LedgerRow
from tests.factories.accounts import VenueFactory, person
from tests.factories.customers import CustomerFactory
from tests.integrations.ledgers.files import row, workbook
from tests.integrations.ledgers.test_views import HTMX, PLACES, upload, work
from visits.models import Visit

pytestmark = pytest.mark.django_db

HEADINGS = ["来店日", "顧客番号", "氏名", "人数", "料理", "金額"]
ROWS = [
    ["2024-05-01", "1", "山田 太郎", 4, "鯛の刺身", 48000],
    ["2024-06-01", "2", "小川 翔", 2, "", ""],
    ["いつか", "3", "北村 健", 2, "", ""],
]


@pytest.fixture
def manager(settings: Any, tmp_path: Path) -> User:
    """Somebody who may import, write visits and see money at the only venue."""
    settings.MEDIA_ROOT = tmp_path / "media"
    user = person("admin", VenueFactory.create(code="HON", name="本店"))
    user.is_superuser = True
    user.save()
    return user


@pytest.fixture
def desk(manager: User, client: Client) -> Client:
    """The person's browser, in English."""
    client.force_login(manager)
    client.cookies["django_language"] = "en"
    return client


def received(desk: Client, path: Path) -> LedgerImport:
    assert upload(desk, path).status_code == 302
    return LedgerImport.objects.latest("pk")


def address(ledger: LedgerImport, target: str, name: str = "ledger_columns") -> str:
    return reverse(f"integrations:{name}", args=[ledger.pk]) + f"?target={target}"


def test_visits_are_matched_checked_and_imported(desk: Client, tmp_path: Path) -> None:
    ledger = received(desk, workbook(tmp_path / "visits.xlsx", ROWS, headings=HEADINGS))
    page = desk.get(address(ledger, "visits"))
    form = page.context["form"]
    assert {name: form[name].initial for name in ("date", "code", "name", "people", "dishes", "amount")} == {
        "date": "0", "code": "1", "name": "2", "people": "3", "dishes": "4", "amount": "5",
    }  # fmt: skip
    chosen = {"date": "0", "code": "1", "name": "2", "people": "3", "dishes": "4", "amount": "5"}
    assert desk.post(address(ledger, "visits"), chosen).status_code == 302
    work()
    ledger.refresh_from_db()
    assert (ledger.state, ledger.target, ledger.created, ledger.errors) == (LedgerState.PLANNED, "visits", 2, 1)
    told = desk.get(reverse("integrations:ledger", args=[ledger.pk])).content.decode()
    assert "4名・鯛の刺身" in told
    assert "いつか" in told
    assert not Visit.objects.exists()

    desk.post(reverse("integrations:ledger_import", args=[ledger.pk]))
    work()
    ledger.refresh_from_db()
    assert (ledger.state, ledger.created, ledger.errors, ledger.stored_as) == (LedgerState.APPLIED, 2, 1, "")
    assert (Visit.objects.count(), Customer.objects.count()) == (2, 2)
    assert desk.get(reverse("integrations:ledger", args=[ledger.pk])).status_code == 200
    assert desk.get(reverse("integrations:ledger_errors", args=[ledger.pk])).status_code == 200


def test_a_second_click_imports_nothing_twice(desk: Client, tmp_path: Path) -> None:
    ledger = received(desk, workbook(tmp_path / "visits.xlsx", ROWS, headings=HEADINGS))
    desk.post(address(ledger, "visits"), {"date": "0", "code": "1", "name": "2"})
    work()
    for _click in range(2):
        desk.post(reverse("integrations:ledger_import", args=[ledger.pk]))
    work()
    desk.post(reverse("integrations:ledger_import", args=[ledger.pk]))
    assert Visit.objects.count() == 2


def test_next_months_file_is_matched_as_the_last_one(desk: Client, tmp_path: Path) -> None:
    ledger = received(desk, workbook(tmp_path / "visits_1.xlsx", ROWS, headings=HEADINGS))
    desk.post(address(ledger, "visits"), {"date": "0", "code": "1", "name": "2"})
    work()
    desk.post(reverse("integrations:ledger_import", args=[ledger.pk]))
    work()
    newer = received(desk, workbook(tmp_path / "visits_2.xlsx", ROWS, headings=HEADINGS))
    page = desk.get(address(newer, "visits"))
    assert page.context["is_known"]
    assert page.context["form"]["people"].initial == ""


def test_the_first_rows_are_shown_as_they_would_become(desk: Client, tmp_path: Path) -> None:
    CustomerFactory.create(code="1", name="山田 太郎", kana="")
    guests = received(
        desk, workbook(tmp_path / "guests.xlsx", [row("1", "山田 太郎", kana="ヤマダ"), row("2", "小川 翔")])
    )
    sample = address(guests, "customers", "ledger_sample")
    shown = desk.post(sample, PLACES, headers=HTMX).content.decode()
    assert "ヤマダ" in shown
    assert "小川 翔" in shown
    assert "Choose the column" in desk.post(sample, PLACES | {"name": ""}, headers=HTMX).content.decode()
    visits = received(desk, workbook(tmp_path / "visits.xlsx", ROWS, headings=HEADINGS))
    sample = address(visits, "visits", "ledger_sample")
    shown = desk.post(sample, {"date": "0", "code": "1", "name": "2", "people": "3"}, headers=HTMX).content.decode()
    assert "4名" in shown
    assert "いつか" in shown
    assert "the map names no column for date" in desk.post(sample, {"name": "2"}, headers=HTMX).content.decode()
    assert not LedgerRow.objects.exists()
    assert not Visit.objects.exists()


def test_a_map_is_kept_and_brought_back_as_text(desk: Client, tmp_path: Path) -> None:
    headings = ["氏名", "来店日1", "人数1", "来店日2", "人数2"]
    path = workbook(tmp_path / "visits.xlsx", [["山田 太郎", "2023-04-01", 2, "2024-04-01", 4]], headings=headings)
    ledger = received(desk, path)
    text = desk.get(address(ledger, "visits") + "&as=toml")
    assert text["Content-Disposition"] == 'attachment; filename="visits.toml"'
    kept = text.content.decode()
    assert "[groups.visits]" in kept
    broken = desk.post(address(ledger, "visits"), {"use_text": "1", "map_text": kept.replace("people", "peoples")})
    assert broken.status_code == 422
    assert "[groups.visits.columns] of the map has an unknown field “peoples”" in broken.content.decode()
    assert "peoples" in broken.context["map_form"]["map_text"].value()
    assert desk.post(address(ledger, "visits"), {"use_text": "1", "map_text": kept}).status_code == 302
    work()
    desk.post(reverse("integrations:ledger_import", args=[ledger.pk]))
    work()
    assert list(Visit.objects.order_by("starts_at").values_list("party_size", flat=True)) == [2, 4]


def test_inquiries_come_through_the_screens_too(desk: Client, tmp_path: Path) -> None:
    headings = ["会社名", "宴会名", "開催日", "連絡日", "連絡内容"]
    ledger = received(
        desk,
        workbook(
            tmp_path / "deals.xlsx", [["三松商事", "忘年会", "2027-12-11", "2026-10-01", "お電話"]], headings=headings
        ),
    )
    page = desk.get(address(ledger, "deals"))
    values = {name: page.context["form"][name].initial for name in ("company", "title", "date", "log_date", "log_what")}
    assert set(values.values()) == {"0", "1", "2", "3", "4"}
    assert desk.post(address(ledger, "deals"), values).status_code == 302
    work()
    assert "忘年会" in desk.get(reverse("integrations:ledger", args=[ledger.pk])).content.decode()
    desk.post(reverse("integrations:ledger_import", args=[ledger.pk]))
    work()
    assert Deal.objects.get().activities.count() == 1


def test_who_may_not_write_visits_or_see_amounts_is_told(tmp_path: Path, client: Client, settings: Any) -> None:
    settings.MEDIA_ROOT = tmp_path / "media"
    client.force_login(person("admin", VenueFactory.create(name="本店")))
    VenueFactory.create(name="別館")
    client.cookies["django_language"] = "en"
    ledger = received(client, workbook(tmp_path / "visits.xlsx", ROWS, headings=HEADINGS))
    response = client.post(address(ledger, "visits"), {"date": "0", "code": "1", "name": "2", "amount": "5"})
    assert response.status_code == 422
    assert "You may not write this at 別館" in response.content.decode()
    assert not Visit.objects.exists()
