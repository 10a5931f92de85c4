"""A search that names a room answers who sits there; what a person may not know is absent."""

from datetime import timedelta

import pytest
from django.urls import reverse

from crm_project.core.audit.choices import Action
from crm_project.core.audit.models import AuditEntry
from tests.factories.accounts import UserFactory, VenueFactory, person
from tests.factories.customers import CustomerFactory
from tests.factories.visits import RoomFactory, VisitFactory
from visits.choices import VisitStatus
from visits.day import today_of
from visits.models import Attendance
from visits.room_search import seats_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def venue():
    """The venue of the room."""
    return VenueFactory.create(name="松風 本店")


@pytest.fixture
def room(venue):
    """The room that is asked for."""
    return RoomFactory.create(venue=venue, name="桐の間")


def sits(room, guest, *, days_ago=0, **values):
    """A visit of the guest in the room."""
    values.setdefault("status", VisitStatus.COMPLETED)
    visit = VisitFactory.create(
        venue=room.venue, room=room, business_date=today_of(room.venue) - timedelta(days=days_ago), **values
    )
    Attendance.objects.create(visit=visit, customer=guest)
    return visit


def named(user, query):
    """Names of who is said to sit there."""
    return [seat.guest.name for seat in seats_in(user, query)]


@pytest.mark.parametrize("query", ["桐の間", "桐", "松風 桐の間", "本店桐の間"])
def test_room_is_found_as_it_is_spoken_of(room, query):
    """With the venue before it or without."""
    sits(room, CustomerFactory.create(name="渡邉 健一"), status=VisitStatus.RESERVED)
    assert named(person("floor", room.venue), query) == ["渡邉 健一"]


@pytest.mark.parametrize("query", ["間", "桐山", "別館 桐の間", "桐の間の客", ""])
def test_other_words_name_no_room(room, query):
    """Half a name, a longer one, another house."""
    sits(room, CustomerFactory.create(name="渡邉 健一"))
    assert named(person("floor", room.venue), query) == []


def test_who_sits_there_today_comes_before_who_sat_there_lately(room):
    """Each guest once, the newest first, nobody from long ago and nobody who cancelled."""
    floor = person("floor", room.venue)
    today, lately, before = (CustomerFactory.create(name=name) for name in ("今日 一", "先日 二", "以前 三"))
    sits(room, before, days_ago=20)
    sits(room, lately, days_ago=3)
    sits(room, lately, days_ago=9)
    sits(room, today, status=VisitStatus.SEATED)
    sits(room, CustomerFactory.create(name="昔 四"), days_ago=200)
    sits(room, CustomerFactory.create(name="取消 五"), status=VisitStatus.CANCELLED)
    assert named(floor, "桐の間") == ["今日 一", "先日 二", "以前 三"]
    said = [seat.said for seat in seats_in(floor, "桐の間")]
    assert "桐の間" in said[0]
    assert said[0] != said[1]


def test_colleague_of_another_venue_and_stranger_learn_nothing(room):
    """Rooms are those of one's own venues."""
    sits(room, CustomerFactory.create(name="渡邉 健一"))
    assert named(person("floor"), "桐の間") == []
    assert named(UserFactory.create(), "桐の間") == []


def test_confidential_visit_and_confidential_guest_are_absent(room):
    """お忍び."""
    sits(room, CustomerFactory.create(name="忍 一"), is_confidential=True)
    sits(room, CustomerFactory.create(name="忍 二", is_confidential=True))
    sits(room, CustomerFactory.create(name="渡邉 健一"))
    assert named(person("floor", room.venue), "桐の間") == ["渡邉 健一"]


def test_list_and_box_show_the_seats_and_note_the_search(client, room):
    """The room's name is no guest's name; what was shown is in the trail."""
    sits(room, CustomerFactory.create(name="渡邉 健一"))
    client.force_login(person("floor", room.venue))
    box = {"HX-Request": "true", "HX-Target": "search-results"}
    for headers in ({}, box):
        page = client.get(reverse("customers:list"), {"q": "桐の間"}, headers=headers).content.decode()
        assert "渡邉" in page
        assert "見つかりません" not in page
    assert AuditEntry.objects.filter(action=Action.SEARCHED, subject_name="桐の間").count() == 2


@pytest.mark.parametrize("count", [1, 3])
def test_queries_do_not_grow(room, django_assert_num_queries, count):
    """With one or three guests."""
    floor = person("floor", room.venue)
    for _number in range(count):
        sits(room, CustomerFactory.create(allergic_to=["egg"]))
    floor.has_right("view_notes")
    with django_assert_num_queries(5):
        assert len(seats_in(floor, "桐の間")) == count
    with django_assert_num_queries(1):
        assert seats_in(floor, "渡辺") == []
