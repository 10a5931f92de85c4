"""The figures on screen: who sees them, and that they are the books' own."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from crm_project.core.accounts.choices import GuestScope
from crm_project.core.accounts.models import House, User, Venue
from crm_project.core.audit.models import AuditEntry
from crm_project.core.jobs.models import Job
from customers.models import Rank
from reports.models import RankPolicy
from reports.services import recompute_ranks
from reports.tasks import recompute_every_night
from tests.factories.accounts import VenueFactory, person
from tests.factories.customers import CustomerFactory
from tests.factories.integrations import DocumentFactory

pytestmark = pytest.mark.django_db
DASHBOARD_QUERIES = 24


@pytest.fixture
def venue() -> Venue:
    return VenueFactory.create(code="honten", name="本店")


def signed_in(role: str, venue: Venue) -> Client:
    client = Client()
    client.force_login(person(role, venue))
    return client


def recompute() -> None:
    recompute_ranks(by=User.objects.system(), as_of=date(2026, 10, 31))


def test_the_president_sees_sales_per_rank_equal_to_the_books(venue: Venue) -> None:
    guest = CustomerFactory.create()
    DocumentFactory.create(
        customer=guest,
        venue=venue,
        net_amount=Decimal(123_456),
        cost_amount=Decimal(3_456),
        costed_net_amount=Decimal(123_456),
    )
    DocumentFactory.create(net_amount=Decimal(7_000))
    recompute()
    page = signed_in("president", venue).get(reverse("reports:dashboard"), {"month": "2026-10"}).content.decode()
    assert "123,456円" in page
    assert "120,000円" in page
    assert "130,456円" in page
    assert "差" in page or "Difference" in page


@pytest.mark.parametrize("role", ["floor", "kitchen", "desk", "sales"])
def test_money_is_absent_for_roles_without_the_right(role: str, venue: Venue) -> None:
    client = signed_in(role, venue)
    assert client.get(reverse("reports:dashboard")).status_code == 403
    assert reverse("reports:dashboard") not in client.get(reverse("visits:today")).content.decode()


def test_a_manager_sees_the_money_of_their_own_venue_only(venue: Venue) -> None:
    other = VenueFactory.create(code="bekkan", name="別館")
    DocumentFactory.create(venue=venue, net_amount=Decimal(1_111))
    DocumentFactory.create(venue=other, net_amount=Decimal(2_222))
    DocumentFactory.create(net_amount=Decimal(4_444))
    recompute()
    client = signed_in("manager", venue)
    for query in ({"month": "2026-10"}, {"month": "2026-10", "venue": "bekkan"}):
        page = client.get(reverse("reports:dashboard"), query).content.decode()
        assert "1,111円" in page
        assert "2,222円" not in page
        assert "3,333円" not in page
        assert "7,777円" not in page


@pytest.mark.parametrize("count", [1, 3])
def test_more_guests_ask_no_more_queries(
    count: int, venue: Venue, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for guest in CustomerFactory.create_batch(count):
        DocumentFactory.create(customer=guest, venue=venue)
    recompute()
    client = signed_in("president", venue)
    client.get(reverse("reports:dashboard"))
    with django_assert_num_queries(DASHBOARD_QUERIES):
        client.get(reverse("reports:dashboard"), {"month": "2026-10"})


def test_recompute_now_starts_one_job_however_often_it_is_pressed(venue: Venue) -> None:
    client = signed_in("admin", venue)
    first = client.post(reverse("reports:recompute"))
    second = client.post(reverse("reports:recompute"))
    assert first.status_code == 302
    assert first["Location"] == second["Location"]
    assert Job.objects.get().name == "recompute_ranks"
    assert signed_in("floor", venue).post(reverse("reports:recompute")).status_code == 403


def rules_data(*rules: tuple[str, str, str, str], existing: int = 0) -> dict[str, str]:
    data = {
        "window_months": "12",
        "currency": "",
        "rules-TOTAL_FORMS": str(len(rules)),
        "rules-INITIAL_FORMS": str(existing),
        "rules-MIN_NUM_FORMS": "0",
        "rules-MAX_NUM_FORMS": "1000",
    }
    for number, (name, sales, visits, days) in enumerate(rules):
        data |= {
            f"rules-{number}-name": name,
            f"rules-{number}-min_sales": sales,
            f"rules-{number}-min_visits": visits,
            f"rules-{number}-max_days_since": days,
        }
    return data


def test_changed_rules_are_a_new_version(venue: Venue) -> None:
    client = signed_in("admin", venue)
    answer = client.post(reverse("reports:ranks"), rules_data(("極", "900000", "", ""), ("並", "", "1", "")))
    assert answer.status_code == 302
    policy = RankPolicy.objects.get(is_current=True)
    assert (policy.version, policy.window_months) == (2, 12)
    assert [(rule.rank.name, rule.min_sales, rule.min_visits) for rule in policy.rules.all()] == [
        ("極", Decimal(900_000), None),
        ("並", None, 1),
    ]
    assert AuditEntry.objects.filter(subject_type="customers.rank", subject_name="極").exists()


def test_a_rank_twice_is_refused_and_nothing_is_saved(venue: Venue) -> None:
    client = signed_in("admin", venue)
    answer = client.post(reverse("reports:ranks"), rules_data(("極", "9", "", ""), ("極", "", "1", "")))
    assert answer.status_code == 422
    assert "極" in answer.content.decode()
    assert RankPolicy.objects.get(is_current=True).version == 1
    assert not Rank.objects.filter(name="極").exists()


def test_the_card_explains_the_rank_to_those_who_may_see_money(venue: Venue) -> None:
    guest = CustomerFactory.create(known_at=[venue])
    DocumentFactory.create(customer=guest, venue=venue, net_amount=Decimal(54_321), posting_date=date(2026, 10, 3))
    DocumentFactory.create(customer=guest, venue=venue, net_amount=Decimal(1), posting_date=date(2026, 10, 4))
    recompute()
    url = reverse("customers:card", args=[guest.pk])
    assert "54,322円" in signed_in("president", venue).get(url).content.decode()
    assert "54,322" not in signed_in("floor", venue).get(url).content.decode()


def test_a_month_that_is_none_shows_the_newest_one(venue: Venue) -> None:
    assert signed_in("president", venue).get(reverse("reports:dashboard"), {"month": "2026-13"}).status_code == 200


def test_the_running_month_is_one_step_away_and_not_the_first_one_shown(venue: Venue) -> None:
    this_month = timezone.localdate().replace(day=1)
    DocumentFactory.create(posting_date=this_month)
    client = signed_in("president", venue)
    recompute()
    assert client.get(reverse("reports:dashboard")).context["month"] == this_month
    DocumentFactory.create(posting_date=this_month - timedelta(days=40))
    recompute()
    page = client.get(reverse("reports:dashboard"))
    assert page.context["month"] == (this_month - timedelta(days=40)).replace(day=1)
    assert page.context["next_month"] is not None


def test_ranks_are_recomputed_every_night_also_without_news() -> None:
    recompute_every_night()
    recompute_every_night()
    assert Job.objects.get().name == "recompute_ranks"


@pytest.mark.parametrize(("scope", "seen"), [(GuestScope.GROUP, 2), (GuestScope.VENUE, 1)])
def test_a_narrowed_house_counts_the_guests_of_ones_own_venues(venue: Venue, scope: str, seen: int) -> None:
    """Holders of a rank, moves and regulars gone quiet; the money follows its own right."""
    other = VenueFactory.create(code="bekkan", name="別館")
    for known_at in (venue, other):
        guest = CustomerFactory.create(known_at=[known_at], visit_count=5, last_visit_on=date(2026, 4, 15))
        DocumentFactory.create(customer=guest, venue=venue, net_amount=Decimal(900_000))
    recompute()
    House.objects.update_or_create(pk=1, defaults={"guest_scope": scope})

    context = signed_in("manager", venue).get(reverse("reports:dashboard"), {"month": "2026-10"}).context

    assert context["quiet"] == seen
    assert sum(moves.risen for _row, moves in context["rows"] if moves) == seen
    assert sum(row.customers for row in context["report"].ranks) == seen
    assert context["report"].total.sales == Decimal(1_800_000)
