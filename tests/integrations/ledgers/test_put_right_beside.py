"""Rows of visits and inquiries that were set aside come back, put right, in the workbook that Okami gave out."""

from functools import partial
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from crm_project.core.accounts.models import User, Venue
from crm_project.core.jobs import services as jobs
from deals.models import Activity, Deal
from integrations.choices import LedgerState
from integrations.ledgers.corrections import settled_rows
from integrations.ledgers.error_workbook import error_workbook
from integrations.ledgers.undo import undo_ledger
from integrations.models import LedgerImport
from tests.factories.accounts import VenueFactory, person
from tests.factories.customers import CustomerFactory
from tests.integrations.ledgers.commands import counts, run
from tests.integrations.ledgers.test_error_workbook import put_right, sheets
from visits.models import Visit

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english")]

visits, deals = partial(run, "visits"), partial(run, "deals")
VISITS = """来店日,顧客番号,氏名,電話番号,人数
いつか,1,山田 太郎,,2
2024-05-02,9,小川 翔,,4
2024-05-03,,北村 健,090-0000-0001,3
2024-05-04,9,小川 翔,,数名
"""
DEALS = """店舗,会社名,宴会名,開催日,連絡日,連絡内容
本店,三松商事,忘年会,2026-12-11,2026-10-01,お電話
支店,,,,2026-10-02,見積りを送付
どこか,東和精密,祝賀会,2027-03-20,2026-10-03,ご来店
本店,,,,2026-10-04,下見
"""


@pytest.fixture
def venue() -> Venue:
    """The only venue."""
    found: Venue = VenueFactory.create(code="HON", name="本店")
    return found


def given_out() -> bytes:
    """The workbook of the newest import."""
    return error_workbook(LedgerImport.objects.latest("pk"), User.objects.system()).read()


def test_visits_put_right_are_taken_and_nothing_else(write: Any, tmp_path: Path, venue: Venue) -> None:
    for number in ("1", "2"):
        CustomerFactory.create(code=number, name="北村 健", phones=["090-0000-0001"])
    assert counts(visits(write(VISITS))[1]) == [4, 2, 0, 0, 2]
    original = LedgerImport.objects.get()
    content = given_out()
    cells, _about = sheets(content)
    assert [line[-1] for line in cells[1:]] == [2, 4, 5]
    path = put_right(
        tmp_path / "right.xlsx", content, A2="2024-05-01", B2="7", B3="2", E4="5", A5="2024-06-01", C5="別人"
    )
    code, answer, said = visits(str(path))
    assert (code, counts(answer)) == (1, [4, 2, 1, 0, 1])
    assert "is no row that was set aside" in said
    found = LedgerImport.objects.latest("pk")
    assert (found.corrects, found.ledger_key, found.gone) == (original, "", [])
    assert Visit.objects.filter(attendances__customer__code="2", party_size=3).exists()
    assert Visit.objects.get(attendances__customer__code="9", business_date="2024-05-04").party_size == 5
    assert settled_rows(original) == 2
    assert [line[-1] for line in sheets(error_workbook(original, User.objects.system()).read())[0][1:]] == [5]
    undo_ledger(ledger_import=found, by=User.objects.system())
    assert settled_rows(original) == 0
    assert Visit.objects.count() == 2


def test_a_contact_put_right_goes_on_with_the_inquiry_that_stood_above_it(
    write: Any, tmp_path: Path, venue: Venue
) -> None:
    VenueFactory.create(code="BEK", name="別館")
    assert counts(deals(write(DEALS))[1]) == [4, 1, 0, 0, 3]
    content = given_out()
    path = put_right(tmp_path / "right.xlsx", content, A2="別館", A3="別館")
    code, answer, said = deals(str(path))
    assert (code, said, counts(answer)) == (0, "", [3, 2, 1, 0, 0])
    log = Activity.objects.order_by("deal", "at").values_list("deal__title", "text")
    assert list(log) == [("忘年会", "お電話"), ("忘年会", "見積りを送付"), ("祝賀会", "ご来店"), ("祝賀会", "下見")]
    assert Deal.objects.count() == 2


def test_a_contact_whose_inquiry_is_not_there_is_not_given_to_another(write: Any, tmp_path: Path, venue: Venue) -> None:
    VenueFactory.create(code="BEK", name="別館")
    deals(write(DEALS))
    cells, _about = sheets(given_out())
    from tests.integrations.ledgers.files import workbook

    # Somebody has deleted the line of the inquiry itself.
    path = workbook(tmp_path / "right.xlsx", [cells[3]], headings=cells[0])
    code, _answer, said = deals(str(path))
    assert code == 1
    assert "the inquiry above this row is not in the file" in said
    assert Activity.objects.count() == 1


def test_the_screen_checks_the_workbook_at_once_for_who_may_write_visits(
    write: Any, tmp_path: Path, venue: Venue, client: Client, settings: Any
) -> None:
    settings.MEDIA_ROOT = tmp_path / "media"
    visits(write(VISITS))
    path = put_right(tmp_path / "right.xlsx", given_out(), A2="2024-05-01", E3="5")
    clerk = person("admin", venue)
    other = VenueFactory.create(name="別館")
    client.force_login(clerk)
    client.cookies["django_language"] = "en"
    address = reverse("integrations:ledgers")
    with path.open("rb") as file:
        refused = client.post(address, {"file": file})
    assert refused.status_code == 422
    assert "You may not write this at" in refused.content.decode()
    assert LedgerImport.objects.count() == 1
    other.delete()
    clerk.is_superuser = True
    clerk.save()
    with path.open("rb") as file:
        response = client.post(address, {"file": file})
    found = LedgerImport.objects.latest("pk")
    assert (found.target, response.status_code) == ("visits", 302)
    assert found.job is not None
    assert jobs.run(found.job.pk)
    client.post(reverse("integrations:ledger_import", args=[found.pk]))
    found.refresh_from_db()
    assert found.job is not None
    assert jobs.run(found.job.pk)
    found.refresh_from_db()
    assert (found.state, found.rows, found.errors) == (LedgerState.APPLIED, 2, 0)
    assert found.rows == found.created + found.updated + found.unchanged + found.errors
