import pytest
import tablib

from tests.factories.accounts import VenueFactory
from visits.admin import RoomResource
from visits.models import Room

pytestmark = pytest.mark.django_db


def test_rooms_come_in_by_the_code_of_their_venue_and_twice_is_once():
    venue = VenueFactory.create(code="hon")
    rows = tablib.Dataset().load("venue,name,capacity,position\nhon,桔梗,6,1\nhon,大広間,40,2\n", format="csv")

    for _ in range(2):
        assert not RoomResource().import_data(rows).has_errors()

    assert list(Room.objects.values_list("venue", "name", "capacity")) == [
        (venue.pk, "桔梗", 6),
        (venue.pk, "大広間", 40),
    ]
