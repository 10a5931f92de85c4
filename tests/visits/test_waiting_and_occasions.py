"""The waiting list, bookings of one occasion, and follow-ups that are taken back."""

from datetime import datetime, time, timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.utils import timezone

from crm_project.core.audit.models import AuditEntry
from crm_project.core.problems import InputProblem
from tests.factories.accounts import VenueFactory, person
from tests.factories.customers import CustomerFactory
from tests.factories.visits import TOKYO, RoomFactory, VisitFactory
from tests.simultaneous import at_once
from visits import services
from visits.choices import FollowUpKind, FollowUpMoment, FollowUpState, Responsible, VisitStatus, WaitingState
from visits.models import FollowUp, FollowUpRule, WaitingParty
from visits.refusals import SettingChangedMeanwhile
from visits.services.waiting import WaitingChangedMeanwhile, WaitingClosed

pytestmark = pytest.mark.django_db


def evening(hour=18, days=7):
    day = timezone.now().astimezone(TOKYO).date() + timedelta(days=days)
    return datetime(day.year, day.month, day.day, hour, tzinfo=TOKYO)


@pytest.fixture
def venue():
    return VenueFactory.create()


@pytest.fixture
def desk(venue):
    return person("desk", venue)


@pytest.fixture
def guest():
    return CustomerFactory.create(name="渡邉 健一")


def wait(desk, venue, **values):
    values = {"business_date": evening().date(), "from_time": time(18), "party_size": 4, "name": "佐伯"} | values
    return services.add_waiting(by=desk, venue=venue, **values)


def reserved(venue, *guests, **values):
    values = {"starts_at": evening(), "status": VisitStatus.RESERVED} | values
    return VisitFactory.create(venue=venue, guests=guests, **values)


class TestWaitingList:
    def test_a_party_waits_and_gets_its_table(self, desk, venue, guest):
        waiting = wait(desk, venue, customer=guest, name="", phone="090-0000-1482", wishes=" 座敷を ")
        assert (waiting.phone, waiting.wishes, waiting.taken_by) == ("09000001482", "座敷を", desk)
        visit = reserved(venue, guest)
        for _twice in range(2):
            waiting = services.book_waiting(waiting=waiting, visit=visit, by=desk)
        assert (waiting.state, waiting.visit, waiting.closed_by) == (WaitingState.BOOKED, visit, desk)
        trail = AuditEntry.objects.filter(subject_type="visits.waitingparty").order_by("pk")
        assert [entry.action for entry in trail] == ["created", "changed"]

    def test_the_same_wish_is_written_once(self, desk, venue):
        assert wait(desk, venue) == wait(desk, venue)
        wait(desk, venue, party_size=5)
        assert WaitingParty.objects.count() == 2

    def test_who_gave_up_can_wait_again_but_is_not_booked_meanwhile(self, desk, venue, guest):
        waiting = services.give_up_waiting(waiting=wait(desk, venue), by=desk)
        services.give_up_waiting(waiting=waiting, by=desk)
        with pytest.raises(WaitingClosed):
            services.book_waiting(waiting=waiting, visit=reserved(venue, guest), by=desk)
        waiting = services.wait_again(waiting=waiting, by=desk)
        assert (waiting.state, waiting.closed_by, waiting.closed_at) == (WaitingState.WAITING, None, None)
        services.book_waiting(waiting=waiting, visit=reserved(venue, guest), by=desk)
        for verb in (services.give_up_waiting, services.wait_again):
            with pytest.raises(WaitingClosed):
                verb(waiting=waiting, by=desk)
        with pytest.raises(WaitingClosed):
            services.book_waiting(waiting=waiting, visit=reserved(venue, guest), by=desk)

    def test_two_edit_at_once(self, desk, venue):
        waiting = wait(desk, venue)
        values = {
            name: getattr(waiting, name)
            for name in ("business_date", "from_time", "until_time", "customer", "name", "phone", "room", "wishes")
        }
        services.change_waiting(waiting=waiting, by=desk, version=1, **values, party_size=6)
        with pytest.raises(WaitingChangedMeanwhile):
            services.change_waiting(waiting=waiting, by=desk, version=1, **values, party_size=3)
        waiting.refresh_from_db()
        assert (waiting.party_size, waiting.version) == (6, 2)

    def test_what_makes_no_sense(self, desk, venue):
        for wrong in ({"name": " "}, {"party_size": 0}, {"room": RoomFactory.create()}):
            with pytest.raises(InputProblem):
                wait(desk, venue, **wrong)
        with pytest.raises(InputProblem):
            services.book_waiting(waiting=wait(desk, venue), visit=reserved(VenueFactory.create()), by=desk)

    def test_strangers_and_colleagues_without_the_right(self, desk, venue, guest):
        waiting = wait(desk, venue)
        for by in (person("desk"), person("floor", venue)):
            with pytest.raises(PermissionDenied):
                wait(by, venue)
            with pytest.raises(PermissionDenied):
                services.give_up_waiting(waiting=waiting, by=by)
            with pytest.raises(PermissionDenied):
                services.book_waiting(waiting=waiting, visit=reserved(venue, guest), by=by)

    @pytest.mark.django_db(transaction=True)
    def test_of_two_who_book_the_same_party_one_does(self, desk, venue, guest):
        waiting = wait(desk, venue)

        def book(visit):
            try:
                return services.book_waiting(waiting=waiting, visit=visit, by=desk).state
            except WaitingClosed:
                return "closed"

        one, two = reserved(venue, guest), reserved(venue, guest)
        assert sorted(at_once(lambda: book(one), lambda: book(two))) == ["booked", "closed"]


class TestOccasions:
    def test_bookings_come_and_go(self, desk, venue, guest):
        first, second = reserved(venue, guest), reserved(venue, CustomerFactory.create())
        occasion = services.create_occasion(by=desk, venue=venue, name=" ご結婚披露宴 ", visit=first)
        for _twice in range(2):
            services.add_to_occasion(occasion=occasion, visit=second, by=desk)
        assert set(occasion.visits.all()) == {first, second}
        second.refresh_from_db()
        assert (occasion.name, second.version) == ("ご結婚披露宴", 2)
        other = services.create_occasion(by=desk, venue=venue, name="ご法要")
        with pytest.raises(InputProblem, match="披露宴"):
            services.add_to_occasion(occasion=other, visit=second, by=desk)
        services.take_out_of_occasion(visit=second, by=desk)
        services.add_to_occasion(occasion=other, visit=second, by=desk)
        assert list(occasion.visits.all()) == [first]
        told = AuditEntry.objects.filter(subject_type="visits.visit", subject_id=str(second.pk)).order_by("pk")
        assert [entry.changes["occasion"] for entry in told] == [
            [None, "ご結婚披露宴"],
            ["ご結婚披露宴", None],
            [None, "ご法要"],
        ]

    def test_two_edit_at_once(self, desk, venue):
        occasion = services.create_occasion(by=desk, venue=venue, name="ご法要")
        services.change_occasion(occasion=occasion, by=desk, version=1, name="一周忌", note="")
        with pytest.raises(SettingChangedMeanwhile):
            services.change_occasion(occasion=occasion, by=desk, version=1, name="三回忌", note="")
        with pytest.raises(InputProblem):
            services.change_occasion(occasion=occasion, by=desk, version=2, name=" ", note="")

    def test_strangers_and_other_venues(self, desk, venue, guest):
        visit = reserved(venue, guest)
        occasion = services.create_occasion(by=desk, venue=venue, name="ご法要")
        for by in (person("desk"), person("kitchen", venue)):
            with pytest.raises(PermissionDenied):
                services.add_to_occasion(occasion=occasion, visit=visit, by=by)
            with pytest.raises(PermissionDenied):
                services.create_occasion(by=by, venue=venue, name="ご法要")
        other = reserved(VenueFactory.create(), guest)
        with pytest.raises(PermissionDenied):
            services.add_to_occasion(occasion=occasion, visit=other, by=desk)


class TestFollowUpsTakenBack:
    def test_it_is_to_do_again(self, desk, venue, guest):
        visit = reserved(venue, guest)
        FollowUpRule.objects.create(
            venue=venue,
            name="前日のご確認",
            kind=FollowUpKind.CALL,
            moment=FollowUpMoment.BEFORE,
            days=1,
            responsible=Responsible.DESK,
        )
        services.plan_follow_ups(visit)
        row = services.close_follow_up(follow_up=FollowUp.objects.get(), by=desk, state=FollowUpState.DONE)
        with pytest.raises(PermissionDenied):
            services.reopen_follow_up(follow_up=row, by=person("desk"))
        for _twice in range(2):
            row = services.reopen_follow_up(follow_up=row, by=desk)
        assert (row.state, row.closed_by, row.closed_at) == (FollowUpState.OPEN, None, None)
        services.cancel_booking(visit=visit, by=desk, reason="plans")
        with pytest.raises(InputProblem):
            services.reopen_follow_up(follow_up=row, by=desk)
