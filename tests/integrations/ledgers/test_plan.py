"""The plan of the ledgers: who writes it, who reads it, and what it counts."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from crm_project.core.audit.models import AuditEntry
from integrations.ledger_plan.progress import phases
from integrations.models import LedgerPlan
from tests.factories.accounts import VenueFactory, person
from tests.factories.customers import CustomerFactory
from tests.factories.deals import DealFactory
from tests.factories.visits import VisitFactory

pytestmark = pytest.mark.django_db
ADDRESS = reverse("integrations:ledger_plan")


@pytest.fixture
def leader(client: Client) -> Client:
    client.force_login(person("admin", VenueFactory.create()))
    client.cookies["django_language"] = "en"
    return client


def values(**more: Any) -> dict[str, Any]:
    return {
        "note": "名簿は月末まで",
        "guests": "2",
        "guests_by": "",
        "visits": "",
        "visits_by": "",
        "deals": "",
        "deals_by": "",
        "version": "1",
    } | more


def test_what_the_leader_publishes_everybody_reads(leader: Client) -> None:
    colleague = Client()
    colleague.force_login(person("floor"))
    assert colleague.get(ADDRESS).status_code == 403
    assert leader.post(ADDRESS, values(do="save")).status_code == 302
    assert colleague.get(ADDRESS).status_code == 403
    assert leader.post(ADDRESS, values(do="publish")).status_code == 302
    page = colleague.get(ADDRESS)
    assert page.status_code == 200
    assert "名簿は月末まで" in page.content.decode()
    assert "<form" not in page.content.decode().partition("<main")[2]
    assert colleague.post(ADDRESS, values(do="withdraw", version="2")).status_code == 403
    assert leader.post(ADDRESS, values(do="withdraw", version="2")).status_code == 302
    assert colleague.get(ADDRESS).status_code == 403
    assert AuditEntry.objects.filter(subject_type="integrations.ledgerplan").count() == 3


def test_two_leaders_do_not_write_over_each_other_unseen(leader: Client) -> None:
    leader.post(ADDRESS, values())
    leader.post(ADDRESS, values(guests="500"))
    response = leader.post(ADDRESS, values(guests="900"))
    assert response.status_code == 422
    assert LedgerPlan.objects.get().guests == 500
    assert response.context["form"]["guests"].value() == "900"
    assert (
        leader.post(ADDRESS, values(guests="900", version=response.context["form"]["version"].value())).status_code
        == 302
    )
    assert LedgerPlan.objects.get().guests == 900


@pytest.mark.parametrize(
    "wrong",
    [
        {"guests": "-1"},
        {"guests": "9" * 20},
        {"guests_by": "31.2.2026"},
        {"note": "長" * 2001},
        {"version": "x"},
        {"note": "\x00"},
    ],
)
def test_bad_input_is_said(leader: Client, wrong: dict[str, str]) -> None:
    assert leader.post(ADDRESS, values(**wrong)).status_code == 422
    assert not LedgerPlan.objects.exists()


def test_progress_counts_guests_visits_and_inquiries(django_assert_num_queries: Any) -> None:
    today = timezone.localdate()
    venue = VenueFactory.create()
    known = CustomerFactory.create(kana="ヤマダ")
    old = CustomerFactory.create(kana="")
    VisitFactory.create(venue=venue, guests=[known], starts_at=timezone.now() - timedelta(days=100))
    VisitFactory.create(venue=venue, guests=[old], starts_at=timezone.now() - timedelta(days=3000))
    DealFactory.create(venue=venue)
    plan = LedgerPlan(guests=2, guests_by=today - timedelta(days=1), visits=2)
    with django_assert_num_queries(4):
        basic, purchases, relations = phases(plan, today)
    assert (basic.reached, basic.percent, basic.is_late(today)) == (1, 50, True)
    assert [(one.count, one.of) for one in basic.missing][:2] == [(1, 2), (2, 2)]
    assert (purchases.reached, purchases.percent, purchases.is_late(today)) == (2, 100, False)
    assert (relations.reached, relations.percent) == (1, None)
