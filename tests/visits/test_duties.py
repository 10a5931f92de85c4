"""係, 補佐 and 記録担当: who is named, by whom, and what is refused."""

from datetime import date, datetime, timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.urls import reverse

from crm_project.core.accounts.models import Loan, Role
from crm_project.core.audit.models import AuditEntry
from tests.factories.accounts import VenueFactory, person
from tests.factories.customers import CustomerFactory
from tests.factories.visits import TOKYO, VisitFactory
from visits import services
from visits.choices import Duty, FollowUpKind, FollowUpMoment, Responsible
from visits.models import FollowUp, FollowUpRule, TableDuty
from visits.refusals import RecordingRefused, VisitChangedMeanwhile

pytestmark = pytest.mark.django_db

DAY = date(2027, 1, 15)


@pytest.fixture
def venue():
    return VenueFactory.create()


@pytest.fixture
def floor(venue):
    return person("floor", venue, display_name="小林 さくら")


@pytest.fixture
def helper(venue):
    return person("floor", venue, display_name="井上 葵")


@pytest.fixture
def visit(venue):
    starts_at = datetime(2027, 1, 15, 18, tzinfo=TOKYO)
    return VisitFactory.create(
        venue=venue,
        status="reserved",
        starts_at=starts_at,
        ends_at=starts_at + timedelta(hours=2),
        guests=[CustomerFactory.create()],
    )


def trail():
    return AuditEntry.objects.filter(subject_type="visits.visit")


def duties(visit):
    return set(visit.duties.values_list("user", "duty"))


def test_they_are_named_together_with_one_line_in_the_trail(visit, floor, helper):
    set_to = services.set_duties(visit=visit, by=floor, version=1, staff=floor, assistants=[helper], recorder=helper)

    assert (set_to.staff, set_to.version) == (floor, 2)
    assert duties(visit) == {(helper.pk, Duty.ASSISTANT), (helper.pk, Duty.RECORDER)}
    assert trail().get().changes == {
        "staff": [None, "小林 さくら"],
        "assistants": [[], ["井上 葵"]],
        "recorder": [None, "井上 葵"],
    }


def test_the_same_again_writes_nothing_and_another_recorder_takes_the_place(visit, floor, helper):
    services.set_duties(visit=visit, by=floor, version=1, staff=None, recorder=helper)

    again = services.set_duties(visit=visit, by=floor, version=2, staff=None, recorder=helper)
    assert (again.version, trail().count()) == (2, 1)

    services.set_duties(visit=visit, by=floor, version=2, staff=None, recorder=floor)
    assert duties(visit) == {(floor.pk, Duty.RECORDER)}


def test_the_database_knows_one_recorder(visit, floor, helper):
    TableDuty.objects.create(visit=visit, user=floor, duty=Duty.RECORDER)

    with pytest.raises(IntegrityError), transaction.atomic():
        TableDuty.objects.create(visit=visit, user=helper, duty=Duty.RECORDER)


def test_what_somebody_else_changed_is_not_overwritten(visit, floor, helper):
    services.set_duties(visit=visit, by=floor, version=1, staff=floor)

    with pytest.raises(VisitChangedMeanwhile):
        services.set_duties(visit=visit, by=helper, version=1, staff=helper)


def test_only_people_of_that_day_attend(visit, floor):
    elsewhere = person("floor")
    with pytest.raises(RecordingRefused):
        services.set_duties(visit=visit, by=floor, version=1, staff=elsewhere)

    start = datetime(2027, 1, 15, 15, tzinfo=TOKYO)
    Loan.objects.create(
        user=elsewhere, venue=visit.venue, role=Role.objects.get(code="floor"), business_date=DAY,
        starts_at=start, ends_at=start + timedelta(hours=10), lent_by=floor,
    )  # fmt: skip

    assert services.set_duties(visit=visit, by=floor, version=1, staff=elsewhere).staff == elsewhere


def test_nobody_attends_and_helps_and_no_evening_that_is_over(visit, floor):
    with pytest.raises(RecordingRefused):
        services.set_duties(visit=visit, by=floor, version=1, staff=floor, assistants=[floor])

    type(visit).objects.filter(pk=visit.pk).update(status="completed")
    with pytest.raises(RecordingRefused):
        services.set_duties(visit=visit, by=floor, version=1, staff=floor)


def test_who_may(visit, floor, venue):
    for stranger in (person("kitchen", venue), person("floor")):
        with pytest.raises(PermissionDenied):
            services.set_duties(visit=visit, by=stranger, version=1, staff=floor)

    assert services.set_duties(visit=visit, by=person("desk", venue), version=1, staff=floor).staff == floor


def test_what_is_to_be_done_after_the_evening_goes_to_the_attendant(visit, floor, venue):
    FollowUpRule.objects.create(
        venue=venue, name="前日のお電話", kind=FollowUpKind.CALL, moment=FollowUpMoment.BEFORE, days=1,
        responsible=Responsible.ATTENDANT,
    )  # fmt: skip

    services.set_duties(visit=visit, by=floor, version=1, staff=floor)

    assert FollowUp.objects.get().assigned_to == floor


class TestPage:
    @pytest.fixture
    def url(self, visit):
        return reverse("visits:duties", args=[visit.pk])

    def test_named_on_the_card_and_back_on_the_day(self, client, visit, url, floor, helper):
        client.force_login(floor)
        day = f"/visits/?day={DAY:%Y-%m-%d}"
        part = client.get(f"{url}?next={day}", headers={"HX-Request": "true"}).content.decode()
        assert part.lstrip().startswith("<form")

        answer = client.post(
            url, {"version": 1, "staff": floor.pk, "assistants": [helper.pk], "recorder": helper.pk, "next": day}
        )

        assert answer.url == day
        page = client.get(day)
        assert [table.assistants for table in page.context["tables"]] == [["井上 葵"]]
        assert [table.recorder for table in page.context["tables"]] == ["井上 葵"]
        assert "井上 葵" in client.get(reverse("visits:detail", args=[visit.pk])).content.decode()

    def test_what_was_changed_meanwhile_is_shown(self, client, visit, url, floor, helper):
        services.set_duties(visit=visit, by=helper, version=1, staff=helper)
        client.force_login(floor)

        answer = client.post(url, {"version": 1, "staff": floor.pk})

        assert answer.status_code == 422
        assert answer.context["form"]["staff"].value() == helper.pk
        assert answer.context["form"]["version"].value() == 2
        visit.refresh_from_db()
        assert visit.staff == helper

    def test_who_has_left_can_be_kept(self, client, visit, url, floor, helper):
        services.set_duties(visit=visit, by=floor, version=1, staff=helper)
        helper.memberships.all().delete()
        client.force_login(floor)

        client.post(url, {"version": 2, "staff": helper.pk, "recorder": floor.pk})

        assert duties(visit) == {(floor.pk, Duty.RECORDER)}

    def test_a_refusal_is_said_at_the_form(self, client, visit, url, floor):
        client.force_login(floor)

        answer = client.post(url, {"version": 1, "staff": floor.pk, "assistants": [floor.pk]})

        assert answer.status_code == 422
        assert "小林 さくら" in str(answer.context["form"].non_field_errors())

    def test_owner_colleague_and_stranger(self, client, visit, url, venue):
        for role, at, status in (("desk", venue, 200), ("kitchen", venue, 403), ("floor", VenueFactory.create(), 404)):
            client.force_login(person(role, at))
            assert client.get(url).status_code == status
            assert client.post(url, {"version": 1}).status_code == (302 if status == 200 else status)

    @pytest.mark.parametrize("count", [1, 3])
    def test_it_does_not_grow_in_queries(self, client, visit, url, venue, floor, django_assert_num_queries, count):
        for _ in range(count):
            TableDuty.objects.create(visit=visit, user=person("floor", venue), duty=Duty.ASSISTANT)
        client.force_login(floor)
        client.get(url)

        with django_assert_num_queries(10):
            client.get(url)
