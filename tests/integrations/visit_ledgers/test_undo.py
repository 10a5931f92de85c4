"""Taking an import of visits or inquiries back: the database as it was before; done again, as it was after."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from deals.models import Deal
from integrations.ledgers.kept_rows import in_words
from integrations.ledgers.undo import redo_ledger, undo_ledger
from integrations.models import KeptRow, LedgerImport
from tests.factories.accounts import UserFactory, VenueFactory, person
from tests.factories.visits import RoomFactory
from tests.integrations.deal_ledgers.test_command import HEADINGS as DEAL_HEADINGS
from tests.integrations.deal_ledgers.test_command import ROWS as DEAL_ROWS
from tests.integrations.deal_ledgers.test_command import run as run_deals
from tests.integrations.ledgers.test_undo import dump
from tests.integrations.visit_ledgers.test_command import HEADINGS, ROWS, run
from visits.models import Visit

pytestmark = pytest.mark.django_db


def business():
    """Every row of every business table; the timeline, which is told anew, without its keys."""
    tables = dump()
    tables["timeline.timelineentry"] = sorted(row[1:] for row in tables["timeline.timelineentry"])
    return tables


def turn(way):
    found = LedgerImport.objects.latest("pk")
    outcome = way(ledger_import=found, by=UserFactory.create())
    return outcome


def differing(one, other):
    return {name: [row for row in rows if row not in other[name]] for name, rows in one.items() if rows != other[name]}


@pytest.fixture
def venue():
    UserFactory.create(display_name="桐山 葵")
    made = VenueFactory.create(code="HON", name="本店")
    RoomFactory.create(venue=made, name="桔梗")
    return made


def test_an_import_of_visits_is_taken_back_and_done_again(venue, tmp_path):
    day = timezone.localdate() + timedelta(days=20)
    ahead = f"{day},18:00,1,山田 太郎,,,4,桔梗,接待,,,\n"
    path = tmp_path / "visits.csv"
    path.write_text(f"{HEADINGS}\n{ROWS}{ahead}", encoding="utf-8")
    assert run(str(path))[0] == 0
    first = business()

    changed = (
        ROWS.replace("4名", "5名").replace("床の間を背に", "床の間を背に、静かに").replace("松茸土瓶蒸し", "栗ご飯")
    )
    path.write_text(
        f"{HEADINGS}\n{changed}{ahead.replace('18:00', '17:00')}2025/1/5,,9,北村 健,,三松商事,2,,,蟹,,\n",
        encoding="utf-8",
    )
    code, answer, _said = run(str(path))
    assert (code, answer["created"], answer["updated"]) == (0, 2, 1)
    second = business()

    turned = turn(undo_ledger).turned
    assert turned.kept == 0
    assert differing(business(), first) == {}
    assert turn(redo_ledger).turned.kept == 0
    assert differing(business(), second) == {}
    turn(undo_ledger)
    assert differing(business(), first) == {}


def test_a_first_import_of_visits_leaves_nothing_behind(venue, tmp_path):
    empty = business()
    path = tmp_path / "visits.csv"
    path.write_text(f"{HEADINGS}\n{ROWS}", encoding="utf-8")
    run(str(path))
    turn(undo_ledger)
    assert differing(business(), empty) == {}


def test_a_visit_that_people_changed_since_stays(venue, tmp_path):
    path = tmp_path / "visits.csv"
    path.write_text(f"{HEADINGS}\n{ROWS}", encoding="utf-8")
    run(str(path))
    Visit.objects.filter(party_size=2).update(purpose="memorial")
    assert turn(undo_ledger).turned.kept >= 1
    assert [visit.purpose for visit in Visit.objects.all()] == ["memorial"]


def test_an_import_of_inquiries_is_taken_back_and_done_again(venue, tmp_path):
    empty = business()
    path = tmp_path / "deals.csv"
    path.write_text(f"{DEAL_HEADINGS}\n{DEAL_ROWS}", encoding="utf-8")
    assert run_deals(str(path))[0] == 0
    first = business()
    path.write_text(
        f"{DEAL_HEADINGS}\n{DEAL_ROWS.replace('見積提出', '成約').replace('80名', '90名')}", encoding="utf-8"
    )
    assert run_deals(str(path))[1]["updated"] == 1
    second = business()
    assert turn(undo_ledger).turned.kept == 0
    assert differing(business(), first) == {}
    turn(redo_ledger)
    assert differing(business(), second) == {}
    turn(undo_ledger)
    undo_ledger(ledger_import=LedgerImport.objects.earliest("pk"), by=UserFactory.create())
    assert differing(business(), empty) == {}
    assert not Deal.objects.exists()


def test_what_stayed_of_visits_is_named_for_who_may_know_it(venue, tmp_path, client):
    path = tmp_path / "visits.csv"
    path.write_text(f"{HEADINGS}\n{ROWS}", encoding="utf-8")
    run(str(path))
    Visit.objects.filter(party_size=2).update(purpose="memorial", amount=33000)
    found = LedgerImport.objects.get()
    turn(undo_ledger)
    client.cookies["django_language"] = "en"
    address = reverse("integrations:ledger_kept", args=[found.pk])
    client.force_login(person("admin", venue))
    page = client.get(address).content.decode()
    assert page.count("山田 太郎") == 3  # the guest is kept for the visit, of which two words are
    assert "visit: purpose" in page
    assert "33,000" not in page
    Visit.objects.update(is_confidential=True)
    page = client.get(address).content.decode()
    assert page.count("山田 太郎") == 1
    assert "visit: purpose" in page
    [line] = in_words(list(KeptRow.objects.filter(field="purpose")), None)
    assert (line.guest, line.field) == ("山田 太郎", "visit: purpose")


def test_the_page_of_an_import_is_silent_about_a_confidential_visit(venue, tmp_path, client):
    path = tmp_path / "visits.csv"
    path.write_text(f"{HEADINGS}\n{ROWS}2024-12-01,,3,森 茂,,,数名,,,,,窓側に\n", encoding="utf-8")
    run(str(path))
    address = reverse("integrations:ledger", args=[LedgerImport.objects.get().pk])
    client.force_login(person("admin", venue))
    assert "窓側に" in client.get(address).content.decode()
    Visit.objects.filter(attendances__customer__code="3").update(is_confidential=True)
    page = client.get(address).content.decode()
    assert "窓側に" not in page
    assert "森 茂" not in page
    assert "数名" not in page
