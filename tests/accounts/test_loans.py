"""A colleague lent for one evening: the rights of a role at another venue, which end with it."""

from datetime import time, timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.urls import reverse
from django.utils import timezone

from crm_project.core.accounts import lending
from crm_project.core.accounts.models import Loan, Role, User
from crm_project.core.audit.models import AuditEntry
from crm_project.core.dates import business_date
from crm_project.core.rights import Right
from tests.factories.accounts import VenueFactory, person

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
    assert list(User.objects.working_at(venue)) == [user]


@pytest.mark.parametrize(("begins", "ends"), [(-5, -1), (1, 5)])
def test_before_and_after_it_there_are_no_rights(begins, ends):
    user, venue = person("floor"), VenueFactory.create()
    lend(user, venue, begins=begins, ends=ends)
    user = fresh(user)
    assert not user.has_right(Right.LOG_VISITS, venue)
    assert venue.pk not in user.venue_ids
    assert not User.objects.working_at(venue).exists()


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


class TestLending:
    """On the screen: who manages a venue lends colleagues to it."""

    @pytest.fixture
    def venue(self):
        return VenueFactory.create(name="別館")

    @pytest.fixture
    def admin(self, venue):
        return person("admin", venue)

    @pytest.fixture
    def signed(self, client, admin):
        client.force_login(admin)
        return client

    def values(self, helper, venue, **more):
        floor = Role.objects.get(code="floor")
        tomorrow = timezone.localdate() + timedelta(days=1)
        return {
            "user": helper.pk,
            "venue": venue.pk,
            "role": floor.pk,
            "on": tomorrow.isoformat(),
            "from_time": "17:00",
        } | more

    def test_lent_until_the_business_day_ends(self, signed, venue):
        helper = person("floor")
        assert signed.post("/settings/loans/", self.values(helper, venue)).status_code == 302
        loan = Loan.objects.get()
        begins, ends = (at.astimezone(venue.zone) for at in (loan.starts_at, loan.ends_at))
        assert (begins.hour, ends.hour, (ends.date() - begins.date()).days) == (17, 2, 1)
        assert str(helper) in signed.get("/settings/loans/").content.decode()
        told = AuditEntry.objects.filter(subject_type="accounts.user", subject_id=str(helper.pk)).latest("pk")
        assert "別館" in told.changes["loan"][1]
        assert "別館" in signed.get(reverse("accounts:person", args=[helper.pk])).content.decode()

    def test_hours_past_midnight_belong_to_the_evening(self, signed, venue):
        signed.post("/settings/loans/", self.values(person("floor"), venue, from_time="23:00", until_time="01:00"))
        loan = Loan.objects.get()
        assert loan.ends_at - loan.starts_at == timedelta(hours=2)

    def test_until_the_house_closes(self, signed, venue):
        """The closing hour is two in the morning."""
        signed.post("/settings/loans/", self.values(person("floor"), venue, from_time="18:00", until_time="02:00"))
        loan = Loan.objects.get()
        assert loan.ends_at - loan.starts_at == timedelta(hours=8)

    def test_a_day_far_off_is_said_at_its_field(self, signed, venue):
        answer = signed.post("/settings/loans/", self.values(person("floor"), venue, on="9999-12-31"))
        assert (answer.status_code, list(answer.context["form"].errors)) == (422, ["on"])

    def test_what_makes_no_sense_is_said(self, signed, venue, admin):
        helper = person("floor")
        own, gone = person("floor", venue), person("floor", is_active=False)
        yesterday = (timezone.localdate() - timedelta(days=2)).isoformat()
        for wrong in (
            self.values(helper, venue, on=yesterday),
            self.values(helper, venue, until_time="16:00"),
            self.values(helper, VenueFactory.create()),
            self.values(own, venue),
            self.values(gone, venue),
            self.values(helper, venue) | {"user": ""},
        ):
            assert signed.post("/settings/loans/", wrong).status_code == 422
        assert not Loan.objects.exists()

    def test_once_a_day_and_again_when_it_was_ended(self, signed, venue):
        helper = person("floor")
        on = business_date(timezone.now(), venue.closing_hour, venue.zone)
        lend(helper, venue)
        Loan.objects.update(business_date=on)
        today = self.values(helper, venue, on=on.isoformat(), from_time="03:00")
        assert signed.post("/settings/loans/", today).status_code == 422
        loan = Loan.objects.get()
        signed.post(reverse("accounts:end_loan", args=[loan.pk]))
        with pytest.raises(PermissionDenied):
            lending.lend(by=helper, user=helper, venue=venue, role=loan.role, on=loan.business_date, from_time=time(3))
        again = lending.lend(
            by=User.objects.get(memberships__venue=venue),
            user=helper,
            venue=venue,
            role=loan.role,
            on=loan.business_date,
            from_time=time(3),
        )
        assert again.pk == loan.pk

    def test_ended_early_the_rights_go_at_once(self, signed, venue):
        helper = person("floor")
        loan = lend(helper, venue)
        assert fresh(helper).has_right(Right.LOG_VISITS, venue)
        for _twice in range(2):
            signed.post(reverse("accounts:end_loan", args=[loan.pk]))
        assert not fresh(helper).has_right(Right.LOG_VISITS, venue)
        assert AuditEntry.objects.filter(changes__has_key="loan").count() == 1

    def test_one_that_has_not_begun_is_taken_back(self, signed, venue):
        loan = lend(person("floor"), venue, begins=5, ends=9)
        signed.post(reverse("accounts:end_loan", args=[loan.pk]))
        assert not Loan.objects.exists()

    def test_who_manages_another_venue_ends_nothing(self, client, venue):
        loan = lend(person("floor"), venue)
        client.force_login(person("admin"))
        assert str(loan.user) not in client.get("/settings/loans/").content.decode().partition('class="lines"')[2]
        assert client.post(reverse("accounts:end_loan", args=[loan.pk])).status_code == 404
        client.force_login(person("manager", venue))
        assert client.get("/settings/loans/").status_code == 403
        assert client.post(reverse("accounts:end_loan", args=[loan.pk])).status_code == 403
        loan.refresh_from_db()
        assert loan.ends_at > timezone.now()

    @pytest.mark.parametrize("count", [1, 3])
    def test_the_page_does_not_grow_in_queries(self, signed, venue, django_assert_num_queries, count):
        for _number in range(count):
            lend(person("floor"), venue)
        signed.get("/settings/loans/")
        with django_assert_num_queries(12):
            signed.get("/settings/loans/")
