"""What the trail of a booking tells to whom."""

from datetime import datetime, timedelta

import pytest
from django.utils import timezone

from crm_project.core.accounts.confidential import seal
from crm_project.core.audit.choices import Action
from crm_project.core.audit.services import record
from tests.factories.accounts import VenueFactory, person
from tests.factories.customers import CustomerFactory
from visits import services
from visits.entries import AttendanceEntry, BookingEntry
from visits.history import changes_for

pytestmark = pytest.mark.django_db


@pytest.fixture
def venue():
    return VenueFactory.create()


def told(visit, user):
    return str([(change.before, change.after) for line in changes_for(visit, user) for change in line.changes])


def test_a_sealed_guest_who_was_taken_off_is_named_to_nobody_but_the_named(venue):
    okami, desk = person("okami", venue), person("desk", venue)
    hidden, other = CustomerFactory.create(name="御影 忍"), CustomerFactory.create(name="渡邉 健一")
    at: datetime = timezone.now() + timedelta(days=7)

    def entry(guest):
        return BookingEntry(starts_at=at, attendances=[AttendanceEntry(customer=guest)], party_size=2)

    visit = services.take_booking(by=okami, venue=venue, booking=entry(hidden))
    services.change_booking(visit=visit, by=okami, version=visit.version, booking=entry(other))
    assert "御影" in told(visit, desk)
    seal(record=hidden, by=okami, people=[okami])
    okami.forget_rights()
    desk.forget_rights()
    assert "御影" in told(visit, okami)
    assert "御影" not in told(visit, desk)


def test_an_amount_is_told_to_who_may_see_money_alone(venue):
    okami, desk = person("okami", venue), person("desk", venue)
    at = timezone.now() + timedelta(days=7)
    guest = CustomerFactory.create()
    seats = [AttendanceEntry(customer=guest)]
    visit = services.take_booking(by=okami, venue=venue, booking=BookingEntry(starts_at=at, attendances=seats))
    record(by=okami, action=Action.CHANGED, subject=visit, changes={"amount": [None, "123456"]})
    assert "123" in told(visit, okami)
    assert "123" not in told(visit, desk)
