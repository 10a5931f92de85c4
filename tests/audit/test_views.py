"""The trail on its screen."""

from datetime import datetime, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from crm_project.core.accounts.services import change_role
from crm_project.core.audit.choices import Action
from crm_project.core.audit.models import AuditEntry
from crm_project.core.audit.services import record, record_many
from tests.factories.accounts import UserFactory, VenueFactory, person
from tests.factories.customers import CustomerFactory
from tests.factories.deals import DealFactory
from tests.factories.integrations import SourceFactory
from tests.factories.visits import NoteFactory, VisitFactory

pytestmark = pytest.mark.django_db

TRAIL = reverse("audit:list")


@pytest.fixture
def venue():
    return VenueFactory.create()


@pytest.fixture
def okami(venue, client):
    user = person("okami", venue)
    client.force_login(user)
    return user


def subjects(client, **query) -> list[str]:
    return [line.subject for line in client.get(TRAIL, query).context["lines"]]


def entry_at(at: datetime, **fields) -> None:
    """An entry of that moment, which only its making can give it."""
    field = AuditEntry._meta.get_field("at")
    field.auto_now_add = False
    try:
        AuditEntry.objects.create(at=at, actor_name="", action=Action.VIEWED, **fields)
    finally:
        field.auto_now_add = True


@pytest.mark.parametrize(
    ("role", "status"), [("floor", 403), ("manager", 403), ("okami", 200), ("president", 200), ("admin", 200)]
)
def test_who_may_see_the_trail(client, venue, role, status):
    client.force_login(person(role, venue))
    assert client.get(TRAIL).status_code == status


def test_by_person_record_action_and_words(client, okami, venue):
    guest, other = CustomerFactory.create(name="森本 勇"), CustomerFactory.create(name="渡邉 健一")
    colleague = person("floor", venue)
    record(by=colleague, action=Action.VIEWED, subject=guest)
    record(by=okami, action=Action.CHANGED, subject=guest, changes={"note": ["", "掘りごたつ"]})
    record(by=colleague, action=Action.CHANGED, subject=other)
    assert subjects(client, who=colleague.pk) == ["渡邉 健一", "森本 勇"]
    assert subjects(client, kind="customers.customer", id=guest.pk) == ["森本 勇", "森本 勇"]
    assert subjects(client, action="changed", kind="customers.customer") == ["渡邉 健一", "森本 勇"]
    assert subjects(client, about="渡邉") == ["渡邉 健一"]
    assert "掘りごたつ" in client.get(TRAIL).content.decode()


def test_a_day_is_a_day_of_the_venue(client, okami):
    midnight = timezone.make_aware(datetime(2026, 11, 20))
    for name, at in [
        ("前日", midnight - timedelta(seconds=1)),
        ("朝", midnight),
        ("夜", midnight + timedelta(hours=23, minutes=59)),
        ("翌日", midnight + timedelta(days=1)),
    ]:
        entry_at(at, subject_name=name)
    assert subjects(client, day="2026-11-20") == ["夜", "朝"]


@pytest.mark.parametrize("query", [{"who": "nobody"}, {"action": "juggled"}, {"day": "yesterday"}])
def test_a_value_nobody_offers_finds_nothing(client, okami, query):
    record(by=okami, action=Action.VIEWED, subject=okami)
    assert subjects(client, **query) == []


def test_the_pages_follow_each_other(client, okami):
    record_many(AuditEntry(action=Action.VIEWED, subject_name=str(number)) for number in range(120))
    first = client.get(TRAIL, {"action": "viewed"}).context["page"]
    second = client.get(TRAIL, {"action": "viewed", "after": first.next_cursor}).context["page"]
    third = client.get(TRAIL, {"action": "viewed", "after": second.next_cursor}).context["page"]
    names = [row.subject_name for page in (first, second, third) for row in page.rows]
    assert names == [str(number) for number in reversed(range(120))]
    assert third.next_cursor == ""


def test_the_trail_of_another_venue_is_not_told(client, okami, venue):
    """Notes, inquiries and pulls of a venue where one may not read the trail; the house's own entries stay."""
    elsewhere = VenueFactory.create()
    for at, name in ((venue, "ここ"), (elsewhere, "よそ")):
        visit = VisitFactory.create(venue=at)
        note = NoteFactory.create(visit=visit)
        deal = DealFactory.create(venue=at)
        source = SourceFactory.create(default_venue=at)
        for subject in (visit, note, deal, source, at):
            record(by=okami, action=Action.CHANGED, subject=subject, subject_name=f"{name} {subject._meta.model_name}")
    record(by=okami, action=Action.SEARCHED, subject_type="visits.visit", subject_name="探した")
    told = {name for name in subjects(client, action="changed") if name.startswith(("ここ", "よそ"))}
    assert told == {"よそ venue", *(f"ここ {kind}" for kind in ("visit", "note", "deal", "source", "venue"))}
    assert subjects(client, action="searched") == ["探した"]
    client.force_login(UserFactory.create(is_superuser=True))
    assert "よそ note" in subjects(client, action="changed")


def test_amounts_are_for_who_sees_money(client, okami, venue):
    record(
        by=okami, action=Action.CHANGED, subject=DealFactory.create(venue=venue), changes={"amount": ["1", "987654"]}
    )
    assert "987,654" in client.get(TRAIL).content.decode()
    role = okami.memberships.get().role
    change_role(role=role, by=okami, rights=[right for right in role.rights if right != "view_money"])
    assert "987,654" not in client.get(TRAIL).content.decode()


@pytest.mark.parametrize("count", [1, 3])
def test_queries_of_the_trail(client, okami, django_assert_num_queries, count):
    for guest in CustomerFactory.create_batch(count):
        record(by=okami, action=Action.CHANGED, subject=guest, changes={"staff": [None, okami.pk]})
    with django_assert_num_queries(11):
        client.get(TRAIL)
