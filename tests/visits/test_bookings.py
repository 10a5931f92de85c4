"""Bookings: nothing is given twice, what changes stays in the history, what is cancelled has a reason."""

import uuid
from datetime import datetime, timedelta
from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.utils import timezone

from crm_project.core.accounts.models import User
from crm_project.core.audit.models import AuditEntry
from crm_project.core.dates import business_date
from customers.models import KeepApart
from tests.factories.accounts import VenueFactory, person
from tests.factories.customers import CustomerFactory
from tests.factories.visits import TOKYO, RoomFactory
from tests.simultaneous import at_once, beginning_before
from visits import services
from visits.booking_warnings import must_not_meet, no_shows
from visits.choices import CancelReason, FollowUpKind, FollowUpMoment, FollowUpState, Responsible, VisitStatus
from visits.discretion import seal_visit
from visits.entries import AttendanceEntry, BookingEntry, BriefingEntry, NoteEntry
from visits.models import (
    Briefing,
    CancellationTerm,
    ClosedDay,
    FollowUp,
    FollowUpRule,
    Occupancy,
    RoomPart,
    Visit,
)
from visits.occupancy import begins
from visits.refusals import RecordingRefused, RoomTaken, UnconfirmedBooking, VisitChangedMeanwhile

pytestmark = pytest.mark.django_db


def evening(hour=18, minute=0, days=7):
    """So many days from now at this hour in Tokyo."""
    day = timezone.now().astimezone(TOKYO).date() + timedelta(days=days)
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=TOKYO)


@pytest.fixture
def desk():
    return person("desk")


@pytest.fixture
def venue(desk):
    return desk.memberships.get().venue


@pytest.fixture
def kikyo(venue):
    return RoomFactory.create(venue=venue, name="桔梗", capacity=8)


def book(desk, venue, room=None, *, guest=None, accepted=(), **values):
    guest = guest or CustomerFactory.create()
    values.setdefault("starts_at", evening())
    values.setdefault("attendances", [AttendanceEntry(customer=guest)])
    return services.take_booking(by=desk, venue=venue, booking=BookingEntry(room=room, **values), accepted=accepted)


def test_a_booking_takes_its_room_until_it_is_cleared(desk, venue, kikyo):
    visit = book(desk, venue, kikyo, party_size=4)
    assert (visit.status, visit.business_date) == (VisitStatus.RESERVED, evening().date())
    assert visit.ends_at == evening(20, 30)
    with pytest.raises(RoomTaken, match="桔梗"):
        book(desk, venue, kikyo, starts_at=evening(20, 45))
    book(desk, venue, kikyo, starts_at=evening(21))
    with pytest.raises(RoomTaken):
        book(desk, venue, kikyo, starts_at=evening(15, 30))
    assert Visit.objects.count() == 2


def test_the_table_itself_refuses_to_give_a_room_twice(desk, venue, kikyo):
    row = Occupancy.objects.filter(visit=book(desk, venue, kikyo)).earliest("quarter")
    other = book(desk, venue)
    with pytest.raises(IntegrityError), transaction.atomic():
        Occupancy.objects.create(room=kikyo, seat=0, quarter=row.quarter, visit=other)


def test_who_has_joined_rooms_has_every_part(desk, venue, kikyo):
    hagi = RoomFactory.create(venue=venue, name="萩")
    joined = RoomFactory.create(venue=venue, name="桔梗＋萩", capacity=14)
    RoomPart.objects.create(joined=joined, room=kikyo)
    RoomPart.objects.create(joined=joined, room=hagi)
    book(desk, venue, hagi)
    with pytest.raises(RoomTaken):
        book(desk, venue, joined, party_size=12)
    book(desk, venue, joined, party_size=12, starts_at=evening(days=8))
    with pytest.raises(RoomTaken):
        book(desk, venue, kikyo, starts_at=evening(days=8))


def test_parties_share_a_counter_seat_by_seat(desk, venue):
    counter = RoomFactory.create(venue=venue, name="カウンター", capacity=5, seats_are_shared=True, clearing_minutes=0)
    book(desk, venue, counter, party_size=3)
    with pytest.raises(RoomTaken, match="2"):
        book(desk, venue, counter, party_size=3)
    book(desk, venue, counter, party_size=2)
    with pytest.raises(RoomTaken):
        book(desk, venue, counter, party_size=1, takes_whole_room=True)


def test_a_hall_given_to_one_party_is_nobody_elses(desk, venue):
    hall = RoomFactory.create(venue=venue, name="大広間", capacity=60, seats_are_shared=True)
    book(desk, venue, hall, party_size=20, takes_whole_room=True)
    with pytest.raises(RoomTaken):
        book(desk, venue, hall, party_size=1)


def test_the_same_hour_on_another_clock_is_no_change(desk, venue):
    visit = book(desk, venue, party_size=4)
    seats = [AttendanceEntry(customer=visit.attendances.get().customer)]
    entry = BookingEntry(starts_at=visit.starts_at.astimezone(TOKYO), party_size=5, attendances=seats)
    services.change_booking(visit=visit, by=desk, version=visit.version, booking=entry)
    assert AuditEntry.objects.about(visit).changes()[0].changes == {"party_size": [4, 5]}


def test_a_refused_booking_leaves_nothing(desk, venue, kikyo):
    book(desk, venue, kikyo)
    entries = AuditEntry.objects.count()
    with pytest.raises(RoomTaken):
        book(desk, venue, kikyo, briefing=BriefingEntry(gifts="4つ"))
    assert (Visit.objects.count(), Briefing.objects.count(), AuditEntry.objects.count()) == (1, 0, entries)


@pytest.mark.django_db(transaction=True)
def test_of_two_at_once_one_has_the_room(desk, venue, kikyo):
    def take():
        try:
            return services.take_booking(
                by=User.objects.get(pk=desk.pk),
                venue=venue,
                booking=BookingEntry(starts_at=evening(), room=kikyo, attendances=[AttendanceEntry(label="お連れ様①")]),
            )
        except RoomTaken as taken:
            return taken

    outcomes = sorted(type(outcome).__name__ for outcome in at_once(take, take))
    assert outcomes == ["RoomTaken", "Visit"]
    assert Visit.objects.count() == 1


TAKES_ANEW = r"DELETE FROM .visits_occupancy."
LOCKS_OR_TAKES = r"SELECT.*visits_room.*FOR NO KEY UPDATE|DELETE FROM .visits_occupancy."


@pytest.mark.django_db(transaction=True)
class TestWhileARoomIsChanged:
    """On SQLite one of the two waits for the other from the beginning; on PostgreSQL they are in the middle of it."""

    def rooms_of(self, visit):
        return set(Occupancy.objects.filter(visit=visit).values_list("room", flat=True))

    def enlarge(self, room, admin):
        services.change_room(room=room, by=admin, version=room.version, clearing_minutes=60)

    def test_what_is_cancelled_is_not_taken_anew(self, desk, venue, kikyo):
        visit = book(desk, venue, kikyo)
        with beginning_before(
            TAKES_ANEW, lambda: services.cancel_booking(visit=visit, by=desk, reason=CancelReason.PLANS)
        ):
            self.enlarge(kikyo, person("admin", venue))
        visit.refresh_from_db()
        assert (visit.status, self.rooms_of(visit)) == (VisitStatus.CANCELLED, set())

    def test_what_lapses_is_not_taken_anew(self, desk, venue, kikyo):
        until = timezone.now() + timedelta(days=1)
        visit = book(desk, venue, kikyo, tentative_until=until)
        with beginning_before(TAKES_ANEW, lambda: services.lapse_tentative(now=until)):
            self.enlarge(kikyo, person("admin", venue))
        visit.refresh_from_db()
        assert (visit.status, self.rooms_of(visit)) == (VisitStatus.CANCELLED, set())

    def test_a_booking_can_be_changed_meanwhile(self, desk, venue, kikyo):
        visit = book(desk, venue, kikyo)
        entry = BookingEntry(starts_at=evening(19), room=kikyo, attendances=[AttendanceEntry(label="お連れ様①")])

        def change():
            services.change_booking(visit=visit, by=desk, version=visit.version, booking=entry, form_token=uuid.uuid4())

        with beginning_before(TAKES_ANEW, change):
            self.enlarge(kikyo, person("admin", venue))
        visit.refresh_from_db()
        first = Occupancy.objects.filter(visit=visit).order_by("quarter").values_list("quarter", flat=True)
        assert (visit.starts_at, begins(first[0])) == (evening(19), evening(19))
        # Two hours and a half at the table, an hour until the room is cleared.
        assert len(first) == 14

    def test_the_parts_are_those_that_stand_when_they_are_taken(self, desk, venue, kikyo):
        admin = person("admin", venue)
        hagi, fuji = RoomFactory.create(venue=venue, name="萩"), RoomFactory.create(venue=venue, name="藤")
        joined = services.create_room(by=admin, venue=venue, name="大広間", capacity=20, parts=[kikyo, hagi])

        def join_others():
            services.change_room(room=joined, by=admin, version=joined.version, parts=[kikyo, fuji])

        with beginning_before(LOCKS_OR_TAKES, join_others):
            visit = book(desk, venue, joined)
        assert self.rooms_of(visit) == {kikyo.pk, fuji.pk}


def test_a_tentative_booking_holds_the_room_until_its_term(desk, venue, kikyo):
    held = book(desk, venue, kikyo, tentative_until=timezone.now() + timedelta(days=3))
    assert held.status == VisitStatus.TENTATIVE
    with pytest.raises(RoomTaken):
        book(desk, venue, kikyo)
    Visit.objects.filter(pk=held.pk).update(tentative_until=timezone.now() - timedelta(minutes=1))
    book(desk, venue, kikyo)
    held.refresh_from_db()
    assert (held.status, held.cancel_reason) == (VisitStatus.CANCELLED, CancelReason.LAPSED)


def test_tentative_bookings_lapse_by_themselves(desk, venue, kikyo):
    held = book(desk, venue, kikyo, tentative_until=timezone.now() + timedelta(days=1))
    assert services.lapse_tentative() == 0
    assert services.lapse_tentative(now=timezone.now() + timedelta(days=2)) == 1
    assert not Occupancy.objects.filter(visit=held).exists()
    with pytest.raises(RecordingRefused):
        services.confirm_booking(visit=held, by=desk)


def test_a_confirmed_booking_does_not_lapse(desk, venue, kikyo):
    held = book(desk, venue, kikyo, tentative_until=timezone.now() + timedelta(days=1))
    firm = services.confirm_booking(visit=held, by=desk)
    assert firm.status == VisitStatus.RESERVED
    assert services.lapse_tentative(now=timezone.now() + timedelta(days=2)) == 0
    assert Occupancy.objects.filter(visit=held).exists()


def test_a_change_moves_the_room_and_stays_in_the_history(desk, venue, kikyo):
    hagi = RoomFactory.create(venue=venue, name="萩")
    guest = CustomerFactory.create()
    visit = book(desk, venue, kikyo, guest=guest)
    entry = BookingEntry(starts_at=evening(19), room=hagi, attendances=[AttendanceEntry(customer=guest)])
    changed = services.change_booking(visit=visit, by=desk, version=visit.version, booking=entry)
    assert set(Occupancy.objects.values_list("room", flat=True)) == {hagi.pk}
    last = AuditEntry.objects.latest("pk")
    assert last.changes["room"] == ["桔梗", "萩"]
    with pytest.raises(VisitChangedMeanwhile):
        services.change_booking(visit=changed, by=desk, version=visit.version, booking=entry)


def test_a_cancellation_asks_why_and_frees_the_room(desk, venue, kikyo):
    CancellationTerm.objects.create(venue=venue, days_before=7, percent=30)
    CancellationTerm.objects.create(venue=venue, days_before=1, percent=100)
    visit = book(desk, venue, kikyo, starts_at=evening(days=5))
    with pytest.raises(RecordingRefused):
        services.cancel_booking(visit=visit, by=desk, reason="")
    gone = services.cancel_booking(visit=visit, by=desk, reason=CancelReason.ILLNESS, detail=" ご発熱 ")
    assert (gone.status, gone.cancel_percent, gone.cancel_detail) == (VisitStatus.CANCELLED, 30, "ご発熱")
    book(desk, venue, kikyo, starts_at=evening(days=5))
    with pytest.raises(RecordingRefused):
        services.cancel_booking(visit=visit, by=desk, reason=CancelReason.OTHER)


def test_a_cancelled_booking_comes_back_only_into_a_free_room(desk, venue, kikyo):
    visit = book(desk, venue, kikyo)
    gone = services.cancel_booking(visit=visit, by=desk, reason=CancelReason.PLANS)
    other = book(desk, venue, kikyo)
    with pytest.raises(RoomTaken):
        services.advance_visit(visit=gone, by=desk, status=VisitStatus.RESERVED)
    services.cancel_booking(visit=other, by=desk, reason=CancelReason.PLANS)
    back = services.advance_visit(visit=gone, by=desk, status=VisitStatus.RESERVED)
    assert (back.status, back.cancel_reason) == (VisitStatus.RESERVED, "")


def test_arrived_and_seated_are_timed(desk, venue, kikyo):
    visit = book(desk, venue, kikyo, starts_at=timezone.now() - timedelta(minutes=5))
    visit = services.advance_visit(visit=visit, by=desk, status=VisitStatus.ARRIVED)
    assert visit.arrived_at is not None
    assert visit.seated_at is None
    visit = services.advance_visit(visit=visit, by=desk, status=VisitStatus.SEATED)
    assert visit.seated_at is not None


def test_what_has_to_be_confirmed_is_asked_once(desk, venue, kikyo):
    ClosedDay.objects.create(venue=venue, on=evening().date(), reason="設備点検")
    guest = CustomerFactory.create(name="渡邉 健一")
    book(desk, venue, guest=guest, starts_at=evening(12), accepted={"closed"})
    with pytest.raises(UnconfirmedBooking) as asked:
        book(desk, venue, kikyo, guest=guest, party_size=9)
    assert set(asked.value.warnings) == {"closed", "crowded", "same_day"}
    assert "設備点検" in asked.value.warnings["closed"]
    assert book(desk, venue, kikyo, guest=guest, party_size=9, accepted=asked.value.warnings.keys()).pk


def test_repeated_no_shows_are_counted(desk, venue):
    guest = CustomerFactory.create()
    for days in (1, 2):
        visit = book(desk, venue, guest=guest, starts_at=evening(days=days))
        services.advance_visit(visit=visit, by=desk, status=VisitStatus.NO_SHOW)
    assert no_shows([guest.pk], desk) == {guest.pk: 2}
    assert no_shows([guest.pk], person("kitchen", venue)) == {}
    seal_visit(visit=visit, by=desk, people=[desk])
    assert no_shows([guest.pk], User.objects.get(pk=desk.pk)) == {guest.pk: 2}
    assert no_shows([guest.pk], person("okami", venue)) == {guest.pk: 1}


def test_only_the_entitled_hear_who_must_not_meet(desk, venue, kikyo):
    one, other = CustomerFactory.create(), CustomerFactory.create()
    KeepApart.objects.create(customer=one, other_customer=other, noted_by=desk)
    there = book(desk, venue, kikyo, guest=one)
    visit = book(desk, venue, guest=other, starts_at=evening(20))
    assert must_not_meet(visit, [other], desk) == [(other, one, there)]
    floor = person("floor", venue=venue)
    assert must_not_meet(visit, [other], floor) == []
    later = book(desk, venue, guest=other, starts_at=evening(days=9))
    assert must_not_meet(later, [other], desk) == []


def test_a_counted_group_is_one_line(desk, venue):
    host = CustomerFactory.create()
    visit = book(
        desk,
        venue,
        party_size=4,
        attendances=[AttendanceEntry(customer=host), AttendanceEntry(label="東和精密 ご一行", headcount=3)],
    )
    assert list(visit.attendances.values_list("label", "headcount")) == [("", 1), ("東和精密 ご一行", 3)]


def test_what_the_arranger_answered_is_kept(desk, venue):
    visit = book(desk, venue, briefing=BriefingEntry(budget_per_head=Decimal(25000), gifts="4つ", cars="20:45 に2台"))
    assert visit.briefing.budget_per_head == 25000
    with pytest.raises(RecordingRefused):
        book(desk, venue, briefing=BriefingEntry(no_board=True, board_name="北辰電機様"))


def test_the_same_booking_from_outside_comes_once(desk, venue):
    book(desk, venue, outside_system="予約サイト", outside_id="A-1")
    with pytest.raises(RecordingRefused, match="A-1"):
        book(desk, venue, outside_system="予約サイト", outside_id="A-1")


def test_who_may_not_take_bookings_takes_none(desk, venue):
    with pytest.raises(PermissionDenied):
        book(person("kitchen", venue=venue), venue)
    with pytest.raises(PermissionDenied):
        book(person("desk"), VenueFactory.create())


def rule(venue, moment, days, responsible=Responsible.ATTENDANT):
    return FollowUpRule.objects.create(
        venue=venue, name=f"{moment} {days}", kind=FollowUpKind.CALL, moment=moment, days=days, responsible=responsible
    )


def test_follow_ups_follow_the_rules_and_the_day(desk, venue):
    rule(venue, FollowUpMoment.BEFORE, 1, Responsible.BOOKED_BY)
    rule(venue, FollowUpMoment.AFTER, 3)
    guest = CustomerFactory.create()
    visit = book(desk, venue, guest=guest)
    before = visit.follow_ups.get()
    assert (before.due_on, before.assigned_to) == (visit.business_date - timedelta(days=1), desk)
    entry = BookingEntry(starts_at=evening(days=10), attendances=[AttendanceEntry(customer=guest)])
    services.change_booking(visit=visit, by=desk, version=visit.version, booking=entry)
    assert visit.follow_ups.get().due_on == evening(days=9).date()
    services.close_follow_up(follow_up=before, by=desk, state=FollowUpState.NOT_NEEDED)
    with pytest.raises(ValueError, match=r".+"):
        services.close_follow_up(follow_up=before, by=desk, state=FollowUpState.DONE)


def test_thanks_are_planned_once_the_evening_took_place(desk, venue):
    rule(venue, FollowUpMoment.AFTER, 3)
    visit = services.record_visit(
        by=desk,
        venue=venue,
        starts_at=timezone.now() - timedelta(hours=3),
        attendances=[AttendanceEntry(customer=CustomerFactory.create())],
        notes={"complaint": NoteEntry()},
        staff=desk,
    )
    thanks = visit.follow_ups.get()
    assert (thanks.due_on, thanks.assigned_to) == (visit.business_date + timedelta(days=3), desk)


def test_a_confidential_evening_has_no_follow_ups(desk, venue):
    rule(venue, FollowUpMoment.BEFORE, 1)
    visit = book(desk, venue)
    assert FollowUp.objects.exists()
    seal_visit(visit=visit, by=desk, people=[desk])
    assert not FollowUp.objects.exists()


def test_the_business_day_of_a_late_booking_is_the_day_before(desk, venue):
    after_midnight = evening(0, 30, days=8)
    visit = book(desk, venue, starts_at=after_midnight)
    assert visit.business_date == business_date(after_midnight, venue.closing_hour, TOKYO) == evening(days=7).date()
