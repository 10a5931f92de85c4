"""A booking keeps the course it was made with; that the kitchen has renewed it is said, and taken by one tap."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from crm_project.core.accounts.models import Venue
from crm_project.core.audit.models import AuditEntry
from menus.models import Course, Dish
from menus.services import change_course, newer_version
from tests.factories.accounts import VenueFactory, person
from tests.factories.customers import CustomerFactory
from tests.factories.menus import CourseFactory, DishFactory
from tests.factories.visits import RoomFactory, VisitFactory
from visits.evening import evening_of
from visits.models import ServedDish, TableNotice, Visit

pytestmark = pytest.mark.django_db


@pytest.fixture
def venue() -> Venue:
    """The house."""
    return VenueFactory.create()


@pytest.fixture
def dishes() -> list[Dish]:
    """椀, 焼物, and what comes later instead of the 焼物."""
    return [DishFactory.create(name=name) for name in ("蟹真薯", "銀鱈の西京焼", "鰆の幽庵焼", "お祝いの鯛")]


@pytest.fixture
def booking(venue: Venue, dishes: list[Dish]) -> Visit:
    """Booked with the first version, which the kitchen has renewed since."""
    old = CourseFactory.create(name="師走の会席 松", of=dishes[:2])
    visit = VisitFactory.create(
        venue=venue,
        room=RoomFactory.create(venue=venue, name="桔梗"),
        starts_at=timezone.now() + timedelta(minutes=1),
        status="reserved",
        guests=[CustomerFactory.create()],
        course=old,
        staff=person("floor", venue),
    )
    change_course(course=old, by=person("kitchen", venue), dishes=[dishes[0], dishes[2]])
    return visit


def test_it_is_said_on_the_pages_of_table_kitchen_and_booking_and_nothing_changes_by_itself(client, venue, booking):
    client.force_login(person("floor", venue))
    for name, args in (("evening", [booking.pk]), ("kitchen", []), ("detail", [booking.pk])):
        page = client.get(reverse(f"visits:{name}", args=args)).content.decode()
        assert "新しい版" in page, name
        assert "銀鱈の西京焼" in page, name
    assert Visit.objects.filter(pk=booking.pk, course__version=1).exists()


def test_one_tap_takes_it_and_keeps_what_was_put_beside_the_course(client, venue, booking, dishes):
    client.force_login(person("floor", venue))
    for dish in (*dishes[:2], dishes[3]):
        ServedDish.objects.create(visit=booking, dish=dish)
    client.post(reverse("visits:newer_course", args=[booking.pk]), {"course": booking.course_id})
    evening = evening_of(booking)
    assert [dish.name for dish in evening.dishes] == ["蟹真薯", "鰆の幽庵焼", "お祝いの鯛"]
    assert evening.newer_course is None
    assert AuditEntry.objects.filter(subject_id=str(booking.pk), changes__has_key="course_version").exists()
    assert "新しい版" in TableNotice.objects.get(user=booking.staff).text


def test_a_tap_on_what_has_changed_since_is_refused_and_a_stranger_finds_nothing(client, venue, booking):
    client.force_login(person("floor", venue))
    address = reverse("visits:newer_course", args=[booking.pk])
    assert "もう一度" in client.post(address, {"course": booking.course_id + 99}, follow=True).content.decode()
    client.force_login(person("okami", VenueFactory.create()))
    assert client.post(address, {"course": booking.course_id}).status_code == 404
    assert Visit.objects.filter(pk=booking.pk, course__version=1).exists()


def test_a_version_of_another_month_is_no_newer_one(booking):
    Course.objects.filter(version=2).update(valid_from=booking.business_date + timedelta(days=40))
    assert newer_version(booking.course, booking.business_date) is None
    assert evening_of(booking).newer_course is None
