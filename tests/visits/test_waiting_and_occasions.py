"""The waiting list, bookings of one occasion, and follow-ups that are taken back."""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.core.exceptions import PermissionDenied
from django.urls import reverse
from django.utils import timezone

from crm_project.core.accounts.models import Role, User
from crm_project.core.accounts.services import assign_role
from crm_project.core.audit.models import AuditEntry
from crm_project.core.problems import InputProblem
from tests.factories.accounts import VenueFactory, person
from tests.factories.customers import CustomerFactory
from tests.factories.visits import TOKYO, RoomFactory, VisitFactory
from tests.simultaneous import at_once
from visits import services
from visits.choices import (
    CancelReason,
    FollowUpKind,
    FollowUpMoment,
    FollowUpState,
    Responsible,
    VisitStatus,
    WaitingState,
)
from visits.discretion import seal_visit
from visits.entries import AttendanceEntry, BookingEntry
from visits.models import FollowUp, FollowUpRule, WaitingParty
from visits.refusals import SettingChangedMeanwhile
from visits.services.waiting import WaitingChangedMeanwhile, WaitingClosed
from visits.waiting import wishes_of

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


class TestWhatIsTypedWrong:
    def test_a_day_far_off_is_said_and_nothing_is_kept(self, client, desk, venue):
        client.force_login(desk)
        sent = {"business_date": "9999-12-31", "from_time": "18:00", "party_size": "4", "name": "佐伯"}
        answer = client.post("/visits/waiting/new/", sent)
        assert (answer.status_code, list(answer.context["form"].errors)) == (422, ["business_date"])
        assert client.get("/visits/waiting/").status_code == 200
        with pytest.raises(InputProblem):
            wait(desk, venue, business_date=date(9999, 12, 31))

    def test_until_the_house_closes(self, desk, venue):
        """The closing hour is two in the morning: until 2:00 is until then, not before the beginning."""
        room = RoomFactory.create(venue=venue, capacity=8)
        reserved(venue, room=room, ends_at=evening(20))
        services.advance_visit(visit=reserved(venue, room=room, status="no_show"), by=desk, status="reserved")
        party = wait(desk, venue, from_time=time(18), until_time=time(2))
        [wish] = wishes_of(venue, [party])
        assert wish.offer is not None
        assert wish.offer.starts_at > evening(19)

    @pytest.mark.parametrize("number", ["9" * 20, "9" * 5000, "²"])
    def test_a_number_no_table_holds_is_unknown(self, client, desk, venue, guest, number):
        visit = reserved(venue, guest)
        occasion = services.create_occasion(by=desk, venue=venue, name="ご法要", visit=visit)
        client.force_login(desk)
        assert client.post(f"/visits/occasions/{occasion.pk}/add/", {"visit": number}).status_code == 404
        assert client.get(f"/visits/waiting/new/?customer={number}").status_code == 200
        duties = {"version": visit.version, "assistants": [number]}
        answer = client.post(f"/visits/{visit.pk}/duties/", duties)
        assert (answer.status_code, list(answer.context["form"].errors)) == (422, ["assistants"])
        client.force_login(person("admin", venue))
        room = RoomFactory.create(venue=venue)
        RoomFactory.create(venue=venue)
        answer = client.post(reverse("visits:room", args=[room.pk]), {"name": "桔梗", "parts": [number]})
        assert answer.status_code == 422
        assert "parts" in answer.context["form"].errors
        assert client.get(f"{reverse('visits:closed_days')}?year={number}").status_code == 200
        assert client.get(f"{reverse('visits:closed_days')}?venue={number}").status_code == 404


class TestTheVenuesClock:
    def test_visit_and_occasion_are_told_on_the_clock_of_their_venue(self, client, desk, venue, guest):
        """Somebody who works in Kyoto looks at an evening in Paris: it began there at six."""
        paris = VenueFactory.create(timezone="Europe/Paris", position=99)
        assign_role(user=desk, venue=paris, role=Role.objects.get(code="desk"), by=User.objects.system())
        starts_at = datetime.combine(evening().date(), time(18), tzinfo=ZoneInfo("Europe/Paris"))
        visit = reserved(paris, guest, starts_at=starts_at)
        occasion = services.create_occasion(by=User.objects.get(pk=desk.pk), venue=paris, name="ご法要", visit=visit)
        client.force_login(desk)
        for page in (f"/visits/{visit.pk}/", f"/visits/occasions/{occasion.pk}/"):
            said = client.get(page).content.decode()
            assert "18:00" in said, page
            assert "2:00" not in said.replace("12:00", "").replace("22:00", ""), page


class TestOccasions:
    def test_one_without_bookings_is_there_for_who_made_it_alone(self, client, desk, venue, guest):
        """Its only booking may have been a confidential one."""
        visit, colleague = reserved(venue, guest), person("desk", venue)
        occasion = services.create_occasion(by=desk, venue=venue, name="大臣ご会食", visit=visit)
        seal_visit(visit=visit, by=desk, people=[desk])
        services.take_out_of_occasion(visit=visit, by=desk)
        other = reserved(venue, CustomerFactory.create())
        for who, status in ((desk, 200), (colleague, 404)):
            client.force_login(who)
            assert client.get(f"/visits/occasions/{occasion.pk}/").status_code == status
            choices = client.get(f"/visits/{other.pk}/occasion/").content.decode()
            assert ("大臣ご会食" in choices) == (status == 200)

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
    def test_a_cancellation_taken_back_plans_anew_what_it_waived(self, desk, venue, guest):
        rules = [
            FollowUpRule.objects.create(
                venue=venue,
                name=name,
                kind=FollowUpKind.CALL,
                moment=FollowUpMoment.BEFORE,
                days=days,
                responsible=Responsible.DESK,
            )
            for name, days in (("前日のご確認", 1), ("お車の手配", 2))
        ]
        visit = services.take_booking(
            by=desk,
            venue=venue,
            booking=BookingEntry(starts_at=evening(), attendances=[AttendanceEntry(customer=guest)]),
        )
        by_hand = FollowUp.objects.get(visit=visit, rule=rules[1])
        services.close_follow_up(follow_up=by_hand, by=desk, state=FollowUpState.NOT_NEEDED)
        services.cancel_booking(visit=visit, by=desk, reason=CancelReason.PLANS)
        assert not FollowUp.objects.still_open().exists()
        services.advance_visit(visit=visit, by=desk, status=VisitStatus.RESERVED)
        assert [row.name for row in FollowUp.objects.still_open()] == ["前日のご確認"]
        by_hand.refresh_from_db()
        assert by_hand.state == FollowUpState.NOT_NEEDED

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
