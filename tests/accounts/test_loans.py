"""A colleague lent for one evening: the rights of a role at another venue, which end with it."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from crm_project.core.accounts.models import Loan, Role, User
from crm_project.core.rights import Right
from tests.factories.accounts import VenueFactory, person
from visits.queries import people_of

pytestmark = pytest.mark.django_db


def lend(user, venue, *, begins=-1, ends=5, role="floor"):
    """Lent from so many hours from now until so many hours from now."""
    now = timezone.now()
    return Loan.objects.create(
        user=user,
        venue=venue,
        role=Role.objects.get(code=role),
        business_date=now.date(),
        starts_at=now + timedelta(hours=begins),
        ends_at=now + timedelta(hours=ends),
        lent_by=User.objects.system(),
    )


def fresh(user):
    return User.objects.get(pk=user.pk)


def test_while_it_lasts_the_colleague_works_there():
    user, venue = person("desk"), VenueFactory.create()
    assert not user.has_right(Right.LOG_VISITS, venue)
    lend(user, venue)
    lent = fresh(user)
    assert lent.has_right(Right.LOG_VISITS, venue)
    assert not lent.has_right(Right.TAKE_BOOKINGS, venue)
    assert venue.pk in lent.venue_ids
    assert list(people_of(venue)) == [user]


@pytest.mark.parametrize(("begins", "ends"), [(-5, -1), (1, 5)])
def test_before_and_after_it_there_are_no_rights(begins, ends):
    user, venue = person("floor"), VenueFactory.create()
    lend(user, venue, begins=begins, ends=ends)
    user = fresh(user)
    assert not user.has_right(Right.LOG_VISITS, venue)
    assert venue.pk not in user.venue_ids
    assert not people_of(venue).exists()


def test_it_costs_no_query_where_nobody_is_lent(django_assert_num_queries):
    user = fresh(person("floor"))
    with django_assert_num_queries(1):
        assert user.has_right(Right.LOG_VISITS)
        assert user.has_right(Right.VIEW_NOTES)


def test_the_other_venue_can_be_chosen_while_it_lasts(client):
    user, venue = person("floor"), VenueFactory.create(name="松風 別館")
    loan = lend(user, venue)
    client.force_login(user)
    assert "松風 別館" in client.get(reverse("visits:today")).content.decode()
    Loan.objects.filter(pk=loan.pk).update(ends_at=timezone.now() - timedelta(minutes=1))
    assert "松風 別館" not in client.get(reverse("visits:today")).content.decode()
