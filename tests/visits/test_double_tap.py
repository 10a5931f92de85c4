"""Two taps at the same moment on what records a visit."""

import uuid
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from crm_project.core.accounts.models import User, Venue
from crm_project.core.audit.models import AuditEntry
from customers.models import Customer
from tests.factories.accounts import VenueFactory, person
from tests.factories.customers import CustomerFactory
from tests.factories.visits import TOKYO
from tests.simultaneous import at_once
from visits.entries import AttendanceEntry, NoteEntry
from visits.models import Visit
from visits.refusals import VisitChangedMeanwhile
from visits.services import change_visit, record_visit

pytestmark = pytest.mark.django_db(transaction=True)

NEW_GUEST = {"guest-new-name": "高橋 美穂", "guest-new-kana": "たかはし みほ", "guest-new-phone": "090-1111-2222"}


@pytest.fixture
def venue() -> Venue:
    """Where the guest comes."""
    return VenueFactory.create()


@pytest.fixture
def floor(venue: Venue) -> User:
    """Who taps."""
    return person("floor", venue)


@pytest.fixture
def guest() -> Customer:
    """Who came."""
    return CustomerFactory.create()


def written(guest: Customer, **values: Any) -> dict[str, Any]:
    """A whole visit, as the form hands it on."""
    usual: dict[str, Any] = {
        "starts_at": datetime(2025, 11, 21, 17, 30, tzinfo=TOKYO),
        "attendances": [AttendanceEntry(customer=guest)],
        "notes": {"complaint": NoteEntry()},
    }
    return usual | values


def trail() -> list[str]:
    """What was done to visits."""
    return list(AuditEntry.objects.filter(subject_type="visits.visit").order_by("pk").values_list("action", flat=True))


def test_two_taps_at_the_same_moment_are_one_visit(floor: User, venue: Venue, guest: Customer) -> None:
    values = written(guest, form_token=uuid.uuid4())

    first, second = at_once(*[lambda: record_visit(by=floor, venue=venue, **values)] * 2)

    assert first == second == Visit.objects.get()
    assert trail() == ["created"]


def test_two_taps_with_a_new_guest_are_one_guest_and_one_visit(floor: User, venue: Venue) -> None:
    starts_at = timezone.now() + timedelta(days=3)
    form = {
        "form_token": str(uuid.uuid4()),
        "venue": venue.pk,
        "starts_at": starts_at.strftime("%Y-%m-%dT18:00"),
        "party_size": "2",
        "purpose": "private",
        "op": "reserve",
        "guest-new-form_token": str(uuid.uuid4()),
    }
    first_hand, second_hand = Client(), Client()
    for hand in (first_hand, second_hand):
        hand.force_login(floor)

    first, second = at_once(
        lambda: first_hand.post("/visits/log/", form | NEW_GUEST),
        lambda: second_hand.post("/visits/log/", form | NEW_GUEST),
    )

    assert first["Location"] == second["Location"]
    assert [row.customer for row in Visit.objects.get().attendances.all()] == [Customer.objects.get()]
    assert trail() == ["created"]


def test_two_taps_on_a_change_are_one_change(floor: User, venue: Venue, guest: Customer) -> None:
    visit = record_visit(by=floor, venue=venue, **written(guest))
    values = written(guest, party_size=3, purpose="private", version=visit.version, form_token=uuid.uuid4())

    first, second = at_once(*[lambda: change_visit(visit=visit, by=floor, **values)] * 2)

    assert (first.version, second.version) == (2, 2)
    assert trail() == ["created", "changed"]


def test_of_two_people_who_change_a_visit_at_the_same_moment_one_is_told(
    floor: User, venue: Venue, guest: Customer
) -> None:
    visit = record_visit(by=floor, venue=venue, **written(guest))

    def change_to(party_size: int) -> int | None:
        values = written(guest, party_size=party_size, purpose="private", version=visit.version)
        try:
            return change_visit(visit=visit, by=floor, form_token=uuid.uuid4(), **values).party_size
        except VisitChangedMeanwhile:
            return None

    saved = at_once(lambda: change_to(3), lambda: change_to(4))

    visit.refresh_from_db()
    assert (set(saved), visit.version) == ({None, visit.party_size}, 2)
    assert trail() == ["created", "changed"]
