"""What the house decides: rooms, terms, closed days, sources, follow-up rules; bookings ahead keep their place or say no."""

from datetime import datetime, timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.utils import timezone

from crm_project.core.audit.models import AuditEntry
from crm_project.core.problems import InputProblem
from tests.factories.accounts import VenueFactory, person
from tests.factories.customers import CustomerFactory
from tests.factories.visits import TOKYO, RoomFactory
from visits import services
from visits.choices import FollowUpKind, FollowUpMoment, FollowUpState, Responsible, VisitStatus
from visits.entries import AttendanceEntry, BookingEntry
from visits.models import BookingSource, ClosedDay, FollowUp, Occupancy, Room, RoomPart, Visit
from visits.occupancy import quarters
from visits.refusals import NoLongerFits, SettingChangedMeanwhile

pytestmark = pytest.mark.django_db


def evening(hour=18, minute=0, days=7):
    """So many days from now at this hour in Tokyo."""
    day = timezone.now().astimezone(TOKYO).date() + timedelta(days=days)
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=TOKYO)


@pytest.fixture
def venue():
    return VenueFactory.create()


@pytest.fixture
def admin(venue):
    return person("admin", venue)


@pytest.fixture
def kikyo(venue):
    return RoomFactory.create(venue=venue, name="桔梗", capacity=8)


@pytest.fixture
def hagi(venue):
    return RoomFactory.create(venue=venue, name="萩", capacity=6)


def book(by, room, **values):
    values.setdefault("starts_at", evening())
    values.setdefault("attendances", [AttendanceEntry(customer=CustomerFactory.create())])
    return services.take_booking(by=by, venue=room.venue, booking=BookingEntry(room=room, **values))


def taken(visit):
    return set(Occupancy.objects.filter(visit=visit).values_list("room_id", "seat", "quarter"))


def change(room, by, **values):
    parts = values.pop("parts", [part.room for part in room.parts.all()])
    return services.change_room(room=room, by=by, version=room.version, parts=parts, **values)


class TestRooms:
    def test_a_new_room_is_in_the_trail(self, admin, venue):
        room = services.create_room(by=admin, venue=venue, name="藤", capacity=6)
        entry = AuditEntry.objects.get(subject_type="visits.room", action="created")
        assert (room.venue, entry.changes["name"], entry.actor_name) == (venue, [None, "藤"], str(admin))

    def test_two_rooms_of_a_venue_have_two_names(self, admin, venue, kikyo):
        with pytest.raises(ValidationError):
            services.create_room(by=admin, venue=venue, name="桔梗", capacity=6)
        other = VenueFactory.create()
        assert services.create_room(by=person("admin", other), venue=other, name="桔梗", capacity=6).pk

    def test_who_manages_another_venue_changes_nothing(self, venue, kikyo):
        stranger = person("admin")
        with pytest.raises(PermissionDenied):
            services.create_room(by=stranger, venue=venue, name="藤")
        with pytest.raises(PermissionDenied):
            change(kikyo, stranger, capacity=2)
        with pytest.raises(PermissionDenied):
            change(kikyo, person("manager", venue), capacity=2)

    def test_what_somebody_changed_meanwhile_is_not_overwritten(self, admin, kikyo):
        services.change_room(room=kikyo, by=admin, version=1, capacity=10)
        with pytest.raises(SettingChangedMeanwhile):
            services.change_room(room=kikyo, by=admin, version=1, capacity=12)
        kikyo.refresh_from_db()
        assert (kikyo.capacity, kikyo.version) == (10, 2)

    def test_longer_clearing_is_taken_by_the_bookings_ahead(self, admin, kikyo):
        visit = book(admin, kikyo)
        change(kikyo, admin, clearing_minutes=60)
        when = quarters(visit.starts_at, visit.ends_at, timedelta(minutes=60))
        assert taken(visit) == {(kikyo.pk, 0, quarter) for quarter in when}

    def test_clearing_that_runs_into_the_next_party_is_refused(self, admin, kikyo):
        book(admin, kikyo)
        later = book(admin, kikyo, starts_at=evening(21))
        before = taken(later)
        with pytest.raises(NoLongerFits, match="21:00"):
            change(kikyo, admin, clearing_minutes=60)
        kikyo.refresh_from_db()
        assert kikyo.clearing_minutes == 30
        assert taken(later) == before

    def test_a_counter_with_fewer_seats_than_are_booked_is_refused(self, admin, venue):
        counter = RoomFactory.create(venue=venue, name="カウンター", capacity=6, seats_are_shared=True)
        book(admin, counter, party_size=3)
        book(admin, counter, party_size=2)
        with pytest.raises(NoLongerFits):
            change(counter, admin, capacity=4)
        counter.refresh_from_db()
        change(counter, admin, capacity=5)
        assert len({seat for _room, seat, _quarter in _all_taken(counter)}) == 5

    def test_a_counter_given_to_one_party_alone_no_longer_holds_two(self, admin, venue):
        counter = RoomFactory.create(venue=venue, name="カウンター", capacity=6, seats_are_shared=True)
        one = book(admin, counter, party_size=3)
        two = book(admin, counter, party_size=2)
        with pytest.raises(NoLongerFits):
            change(counter, admin, seats_are_shared=False)
        services.cancel_booking(visit=two, by=admin, reason="plans")
        counter.refresh_from_db()
        change(counter, admin, seats_are_shared=False)
        assert {seat for _room, seat, _quarter in taken(one)} == {Occupancy.WHOLE_ROOM}

    def test_another_part_is_taken_by_the_bookings_of_the_joined_room(self, admin, venue, kikyo, hagi):
        joined = services.create_room(by=admin, venue=venue, name="桔梗＋萩", capacity=14, parts=[kikyo, hagi])
        visit = book(admin, joined, party_size=12)
        fuji = RoomFactory.create(venue=venue, name="藤")
        change(joined, admin, parts=[kikyo, hagi, fuji])
        assert {room for room, _seat, _quarter in taken(visit)} == {kikyo.pk, hagi.pk, fuji.pk}
        change(Room.objects.get(pk=joined.pk), admin, parts=[kikyo, fuji])
        assert {room for room, _seat, _quarter in taken(visit)} == {kikyo.pk, fuji.pk}
        assert AuditEntry.objects.filter(subject_type="visits.room", changes__parts__1=["桔梗", "藤"]).exists()

    def test_a_part_that_somebody_has_alone_is_refused(self, admin, venue, kikyo, hagi):
        fuji = RoomFactory.create(venue=venue, name="藤")
        joined = services.create_room(by=admin, venue=venue, name="桔梗＋萩", capacity=14, parts=[kikyo, hagi])
        book(admin, joined, party_size=12)
        book(admin, fuji)
        with pytest.raises(NoLongerFits):
            change(joined, admin, parts=[kikyo, fuji])
        assert set(joined.parts.values_list("room", flat=True)) == {kikyo.pk, hagi.pk}

    def test_longer_clearing_of_a_part_counts_for_the_joined_room(self, admin, venue, kikyo, hagi):
        joined = services.create_room(by=admin, venue=venue, name="桔梗＋萩", capacity=14, parts=[kikyo, hagi])
        visit = book(admin, joined, party_size=12)
        change(kikyo, admin, clearing_minutes=90)
        when = quarters(visit.starts_at, visit.ends_at, timedelta(minutes=90))
        assert taken(visit) == {(room.pk, 0, quarter) for room in (kikyo, hagi) for quarter in when}

    def test_a_tentative_booking_whose_term_is_over_stands_in_nobodys_way(self, admin, kikyo):
        book(admin, kikyo)
        stale = book(admin, kikyo, starts_at=evening(21), tentative_until=timezone.now() + timedelta(hours=1))
        Visit.objects.filter(pk=stale.pk).update(tentative_until=timezone.now() - timedelta(minutes=1))
        change(kikyo, admin, clearing_minutes=60)
        stale.refresh_from_db()
        assert (stale.status, taken(stale)) == (VisitStatus.CANCELLED, set())

    @pytest.mark.parametrize("count", [1, 3])
    def test_rewriting_takes_as_many_queries_for_three_bookings(self, admin, kikyo, django_assert_num_queries, count):
        for days in range(count):
            book(admin, kikyo, starts_at=evening(days=7 + days))
        with django_assert_num_queries(23):
            change(kikyo, admin, clearing_minutes=45)

    def test_parts_make_sense(self, admin, venue, kikyo, hagi):
        joined = services.create_room(by=admin, venue=venue, name="桔梗＋萩", capacity=14, parts=[kikyo, hagi])
        elsewhere = RoomFactory.create()
        for wrong in ([kikyo], [kikyo, joined], [kikyo, elsewhere], [kikyo, hagi, joined]):
            with pytest.raises(InputProblem):
                services.create_room(by=admin, venue=venue, name="大", capacity=20, parts=wrong)
        with pytest.raises(InputProblem):
            change(kikyo, admin, parts=[hagi, RoomFactory.create(venue=venue)])
        with pytest.raises(InputProblem):
            services.create_room(by=admin, venue=venue, name="大", seats_are_shared=True, parts=[kikyo, hagi])
        assert RoomPart.objects.count() == 2

    def test_a_room_that_is_booked_stays_in_use(self, admin, venue, kikyo, hagi):
        joined = services.create_room(by=admin, venue=venue, name="桔梗＋萩", capacity=14, parts=[kikyo, hagi])
        visit = book(admin, joined, party_size=12)
        with pytest.raises(InputProblem, match="1"):
            change(kikyo, admin, is_active=False)
        services.cancel_booking(visit=visit, by=admin, reason="plans")
        kikyo.refresh_from_db()
        assert not change(kikyo, admin, is_active=False).is_active


def _all_taken(room):
    return set(Occupancy.objects.filter(room=room).values_list("room_id", "seat", "quarter"))


class TestTerms:
    VALUES = {"lunch_minutes": 90, "dinner_minutes": 180, "tentative_days": 5, "late_after_minutes": 20}

    def test_terms_and_fees_are_written_together(self, admin, venue):
        services.change_terms(
            venue=venue, by=admin, version=1, fees={7: 30, 0: 100}, closed_weekdays=[0], **self.VALUES
        )
        venue.refresh_from_db()
        assert (venue.booking_terms.dinner_minutes, venue.booking_terms.closed_weekdays) == (180, [0])
        assert list(venue.cancellation_terms.values_list("days_before", "percent")) == [(7, 30), (0, 100)]
        services.change_terms(venue=venue, by=admin, version=2, fees={3: 50})
        assert list(venue.cancellation_terms.values_list("days_before", "percent")) == [(3, 50)]
        entry = AuditEntry.objects.filter(subject_type="visits.bookingterms").latest("pk")
        assert entry.changes == {"fees": [["7: 30 %", "0: 100 %"], ["3: 50 %"]]}

    def test_two_at_once(self, admin, venue):
        services.change_terms(venue=venue, by=admin, version=1, fees={3: 50})
        with pytest.raises(SettingChangedMeanwhile):
            services.change_terms(venue=venue, by=admin, version=1, fees={})
        assert venue.cancellation_terms.count() == 1

    def test_what_makes_no_sense_is_refused(self, admin, venue):
        for wrong in ({"fees": {0: 101}}, {"fees": {}, "closed_weekdays": [7]}):
            with pytest.raises(InputProblem):
                services.change_terms(venue=venue, by=admin, version=1, **wrong)
        with pytest.raises(ValidationError):
            services.change_terms(venue=venue, by=admin, version=1, fees={}, dinner_minutes=5)
        with pytest.raises(PermissionDenied):
            services.change_terms(venue=venue, by=person("admin"), version=1, fees={})


class TestClosedDays:
    def test_a_day_is_closed_changed_and_open_again(self, admin, venue):
        day = services.create_closed_day(by=admin, venue=venue, on=evening().date(), reason="設備点検")
        services.change_closed_day(closed_day=day, by=admin, version=1, reason="夏季休業")
        with pytest.raises(SettingChangedMeanwhile):
            services.change_closed_day(closed_day=day, by=admin, version=1, reason="休み")
        with pytest.raises(ValidationError):
            services.create_closed_day(by=admin, venue=venue, on=evening().date())
        services.remove_closed_day(closed_day=day, by=admin)
        services.remove_closed_day(closed_day=day, by=admin)
        assert not ClosedDay.objects.exists()
        actions = AuditEntry.objects.filter(subject_type="visits.closedday").order_by("pk")
        assert list(actions.values_list("action", flat=True)) == ["created", "changed", "deleted"]
        with pytest.raises(PermissionDenied):
            services.create_closed_day(by=person("admin"), venue=venue, on=evening().date())


class TestSourcesAndRules:
    def test_sources(self, admin):
        source = services.create_source(by=admin, name="ご紹介のホテル")
        services.change_source(source=source, by=admin, version=1, is_active=False)
        with pytest.raises(SettingChangedMeanwhile):
            services.change_source(source=source, by=admin, version=1, name="宿")
        assert not BookingSource.objects.get(pk=source.pk).is_active
        with pytest.raises(PermissionDenied):
            services.create_source(by=person("manager"), name="宿")

    def rule(self, admin, venue, **values):
        values = {
            "name": "前日のご確認",
            "kind": FollowUpKind.CALL,
            "moment": FollowUpMoment.BEFORE,
            "days": 1,
        } | values
        return services.create_rule(by=admin, venue=venue, responsible=Responsible.BOOKED_BY, **values)

    def test_a_new_rule_counts_for_the_bookings_ahead(self, admin, venue, kikyo):
        visit = book(admin, kikyo)
        self.rule(admin, venue)
        planned = visit.follow_ups.get()
        assert (planned.due_on, planned.assigned_to) == (visit.business_date - timedelta(days=1), admin)

    def test_a_changed_rule_moves_what_is_not_yet_done(self, admin, venue, kikyo, hagi):
        rule = self.rule(admin, venue)
        visit, done = book(admin, kikyo), book(admin, hagi)
        services.close_follow_up(follow_up=done.follow_ups.get(), by=admin, state=FollowUpState.DONE)
        services.change_rule(rule=rule, by=admin, version=1, days=3, responsible=Responsible.DESK)
        assert visit.follow_ups.get().due_on == visit.business_date - timedelta(days=3)
        assert visit.follow_ups.get().assigned_to is None
        assert done.follow_ups.get().due_on == done.business_date - timedelta(days=1)

    def test_a_rule_no_longer_in_use_takes_back_what_it_planned(self, admin, venue, kikyo):
        rule = self.rule(admin, venue)
        book(admin, kikyo)
        services.change_rule(rule=rule, by=admin, version=1, is_active=False)
        assert not FollowUp.objects.exists()
        with pytest.raises(PermissionDenied):
            services.change_rule(rule=rule, by=person("admin"), version=2, days=2)

    def test_a_reminder_that_becomes_thanks_waits_for_the_evening(self, admin, venue, kikyo):
        rule = self.rule(admin, venue)
        book(admin, kikyo)
        services.change_rule(rule=rule, by=admin, version=1, moment=FollowUpMoment.AFTER)
        assert not FollowUp.objects.exists()

    @pytest.mark.parametrize("count", [1, 3])
    def test_a_rule_takes_as_many_queries_for_three_bookings(
        self, admin, venue, kikyo, django_assert_num_queries, count
    ):
        rule = self.rule(admin, venue)
        for days in range(count):
            book(admin, kikyo, starts_at=evening(days=7 + days))
        with django_assert_num_queries(11):
            services.change_rule(rule=rule, by=admin, version=1, days=2)
