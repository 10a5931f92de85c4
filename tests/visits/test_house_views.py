"""The settings of a venue on the screen: who opens them, what they say, what two people do at once."""

import re
from datetime import datetime, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from crm_project.core.accounts.models import Role, User
from crm_project.core.accounts.services import assign_role
from tests.factories.accounts import UserFactory, VenueFactory, person
from tests.factories.customers import CustomerFactory
from tests.factories.visits import TOKYO, RoomFactory, VisitFactory
from visits import services
from visits.choices import FollowUpKind, FollowUpMoment, Responsible
from visits.day import today_of
from visits.entries import AttendanceEntry, BookingEntry
from visits.models import BookingSource, BookingTerms, ClosedDay, FollowUpRule, Room

pytestmark = pytest.mark.django_db

LISTS = ("rooms", "terms", "closed_days", "sources", "rules")


def evening(days=7, hour=18):
    day = timezone.now().astimezone(TOKYO).date() + timedelta(days=days)
    return datetime(day.year, day.month, day.day, hour, tzinfo=TOKYO)


@pytest.fixture
def venue():
    return VenueFactory.create(name="本店")


@pytest.fixture
def admin(venue):
    return person("admin", venue)


@pytest.fixture
def signed(client, admin):
    client.force_login(admin)
    return client


def sent(row, **values):
    """What the form of a room sends."""
    told = {
        name: getattr(row, name)
        for name in ("name", "kind", "capacity", "seating", "view", "clearing_minutes", "position", "version")
    }
    told |= {name: "on" for name in ("has_stairs", "seats_are_shared", "is_active") if getattr(row, name)}
    return told | values


def text(response):
    return response.content.decode()


@pytest.mark.parametrize("name", [*LISTS, "room_create", "source_create", "evening_terms", "categories"])
def test_the_menu_marks_the_settings(signed, name):
    page = text(signed.get(reverse(f"visits:{name}")))
    assert set(re.findall(r'<a href="([^"]*)" aria-current="page"', page)) == {"/settings/"}


@pytest.mark.parametrize("name", ["complaints", "waiting", "follow_ups", "kitchen", "bookings", "today"])
def test_the_menu_marks_a_list_by_its_own_entry(client, venue, name):
    client.force_login(person("okami", venue))
    url = reverse(f"visits:{name}")
    assert set(re.findall(r'<a href="([^"]*)" aria-current="page"', text(client.get(url)))) == {url}


class TestRights:
    @pytest.mark.parametrize("name", LISTS)
    def test_colleagues_and_strangers(self, client, venue, name):
        for user in (person("manager", venue), person("floor", venue), UserFactory.create()):
            client.force_login(user)
            assert client.get(reverse(f"visits:{name}")).status_code == 403

    def test_another_venue_is_nowhere(self, client, venue, signed):
        room = RoomFactory.create(venue=venue)
        rule = FollowUpRule.objects.create(
            venue=venue, name="礼状", kind="letter", moment="after", days=3, responsible="desk"
        )
        day = ClosedDay.objects.create(venue=venue, on=evening().date())
        client.force_login(person("admin"))
        for name, row in (("room", room), ("rule", rule), ("closed_day", day)):
            assert client.get(reverse(f"visits:{name}", args=[row.pk])).status_code == 404
        assert client.post(reverse("visits:closed_day_remove", args=[day.pk])).status_code == 404
        assert client.get(reverse("visits:rooms"), {"venue": venue.pk}).status_code == 404
        assert client.get(reverse("visits:rooms"), {"venue": "x"}).status_code == 404

    def test_who_works_here_but_manages_there_sets_up_there(self, client, venue):
        user = person("floor", venue)
        other = VenueFactory.create(name="別館")

        assign_role(user=user, venue=other, role=Role.objects.get(code="admin"), by=User.objects.system())
        client.force_login(User.objects.get(pk=user.pk))
        page = text(client.get(reverse("visits:rooms")))
        assert "別館" in page.partition("<main")[2]

    def test_they_stand_on_the_settings(self, client, venue, signed):
        page = text(signed.get(reverse("accounts:settings")))
        assert all(reverse(f"visits:{name}") in page for name in LISTS)
        client.force_login(person("manager", venue))
        assert reverse("visits:rooms") not in text(client.get(reverse("accounts:settings")))


class TestRooms:
    @pytest.mark.parametrize("count", [1, 3])
    def test_the_list_does_not_grow_in_queries(self, signed, venue, django_assert_num_queries, count):
        rooms = RoomFactory.create_batch(count, venue=venue)
        services.create_room(
            by=person("admin", venue), venue=venue, name="大", parts=[*rooms, RoomFactory.create(venue=venue)]
        )
        signed.get(reverse("visits:rooms"))
        with django_assert_num_queries(8):
            signed.get(reverse("visits:rooms"))

    def test_a_room_is_entered_joined_and_taken_out_of_use(self, signed, venue):
        kikyo, hagi = RoomFactory.create(venue=venue, name="桔梗"), RoomFactory.create(venue=venue, name="萩")
        answer = signed.post(
            f"{reverse('visits:room_create')}?venue={venue.pk}",
            sent(Room(name="桔梗＋萩", capacity=14, seating="", view=""), parts=[kikyo.pk, hagi.pk]),
        )
        assert answer.url == f"{reverse('visits:rooms')}?venue={venue.pk}"
        joined = Room.objects.get(name="桔梗＋萩")
        assert [part.room for part in joined.parts.all()] == [kikyo, hagi]
        page = text(signed.get(reverse("visits:rooms")))
        assert "桔梗＋萩" in page
        values = sent(joined, parts=[kikyo.pk, hagi.pk])
        del values["is_active"]
        signed.post(reverse("visits:room", args=[joined.pk]), values)
        joined.refresh_from_db()
        assert not joined.is_active

    def test_a_new_form_is_blank(self, signed):
        form = signed.get(reverse("visits:room_create")).context["form"]
        assert [form[name].value() for name in ("name", "seating", "view", "capacity")] == ["", "", "", 4]

    def test_a_name_that_is_taken_is_said_on_the_form(self, signed, venue):
        RoomFactory.create(venue=venue, name="桔梗")
        answer = signed.post(reverse("visits:room_create"), sent(Room(name="桔梗", seating="", view="")))
        assert answer.status_code == 422
        assert Room.objects.count() == 1

    def test_bookings_ahead_that_would_collide_are_said(self, signed, admin, venue):
        room = RoomFactory.create(venue=venue, name="桔梗")
        for hour in (18, 21):
            entry = BookingEntry(
                starts_at=evening(hour=hour),
                room=room,
                attendances=[AttendanceEntry(customer=CustomerFactory.create())],
            )
            services.take_booking(by=admin, venue=venue, booking=entry)
        answer = signed.post(reverse("visits:room", args=[room.pk]), sent(room, clearing_minutes=90))
        assert answer.status_code == 422
        assert "21:00" in text(answer)
        room.refresh_from_db()
        assert room.clearing_minutes == 30

    def test_fewer_seats_than_guests_are_told(self, signed, admin, venue):
        room = RoomFactory.create(venue=venue, name="桔梗", capacity=8)
        VisitFactory.create(venue=venue, room=room, status="reserved", starts_at=evening(), party_size=7)
        answer = signed.post(reverse("visits:room", args=[room.pk]), sent(room, capacity=6), follow=True)
        assert "1" in next(str(message) for message in answer.context["messages"] if "桔梗" in str(message))

    def test_what_somebody_else_wrote_meanwhile_is_shown(self, signed, admin, venue):
        room = RoomFactory.create(venue=venue, name="桔梗", capacity=8, view="中庭")
        services.change_room(room=room, by=admin, version=1, capacity=10, view="坪庭")
        answer = signed.post(reverse("visits:room", args=[room.pk]), sent(room, capacity=12, version=1))
        assert answer.status_code == 422
        page = text(answer)
        assert "<dd>10</dd>" in page
        assert "<dd>坪庭</dd>" in page
        assert 'value="12"' in page
        again = {"version": answer.context["form"]["version"].value()}
        signed.post(reverse("visits:room", args=[room.pk]), sent(room, capacity=12) | again)
        room.refresh_from_db()
        assert (room.capacity, room.view) == (12, "中庭")


class TestTerms:
    def values(self, **more):
        return {
            "lunch_minutes": 90,
            "dinner_minutes": 180,
            "tentative_days": 3,
            "late_after_minutes": 15,
            "opens_at_hour": 17,
            "closed_weekdays": ["0", "1"],
            "fee0_days": 7,
            "fee0_percent": 30,
            "fee1_days": 0,
            "fee1_percent": 100,
            "fee2_days": "",
            "fee2_percent": "",
            "version": 1,
        } | more

    def test_terms_and_fees(self, signed, venue):
        assert signed.post(reverse("visits:terms"), self.values()).status_code == 302
        terms = BookingTerms.objects.get(venue=venue)
        assert (terms.dinner_minutes, terms.opens_at_hour, terms.closed_weekdays) == (180, 17, [0, 1])
        assert dict(venue.cancellation_terms.values_list("days_before", "percent")) == {7: 30, 0: 100}
        page = text(signed.get(reverse("visits:terms")))
        assert 'name="fee0_percent" value="30"' in page

    @pytest.mark.parametrize("wrong", [{"fee2_days": 3}, {"fee2_percent": 3}, {"fee2_days": 7, "fee2_percent": 1}])
    def test_a_row_that_makes_no_sense(self, signed, venue, wrong):
        answer = signed.post(reverse("visits:terms"), self.values(**wrong))
        assert answer.status_code == 422
        assert not BookingTerms.objects.exists()

    def test_somebody_else_was_faster(self, signed, admin, venue):
        services.change_terms(venue=venue, by=admin, version=1, fees={3: 50}, dinner_minutes=200)
        answer = signed.post(reverse("visits:terms"), self.values())
        assert answer.status_code == 422
        assert "<dd>200</dd>" in text(answer)
        assert dict(venue.cancellation_terms.values_list("days_before", "percent")) == {3: 50}


class TestClosedDays:
    @pytest.mark.parametrize("count", [1, 3])
    def test_the_list_does_not_grow_in_queries(self, signed, venue, django_assert_num_queries, count):
        for days in range(count):
            ClosedDay.objects.create(venue=venue, on=today_of(venue).replace(month=12, day=29 + days))
        signed.get(reverse("visits:closed_days"))
        with django_assert_num_queries(9):
            signed.get(reverse("visits:closed_days"))

    def test_bookings_on_the_day_are_told(self, signed, venue):
        VisitFactory.create(venue=venue, status="reserved", starts_at=evening())
        day = evening().date()
        answer = signed.post(
            reverse("visits:closed_day_create"), {"on": day.isoformat(), "reason": "設備点検"}, follow=True
        )
        assert len(answer.context["messages"]) == 2
        page = text(signed.get(reverse("visits:closed_days"), {"year": day.year}))
        assert "設備点検" in page
        assert f"?day={day.isoformat()}" in page

    def test_a_day_stands_once_and_is_taken_away(self, signed, venue):
        for status in (302, 422):
            answer = signed.post(reverse("visits:closed_day_create"), {"on": evening().date().isoformat()})
            assert answer.status_code == status
        day = ClosedDay.objects.get()
        signed.post(
            reverse("visits:closed_day", args=[day.pk]), {"on": day.on.isoformat(), "is_open": "on", "version": 1}
        )
        day.refresh_from_db()
        assert day.is_open
        signed.post(reverse("visits:closed_day_remove", args=[day.pk]))
        assert not ClosedDay.objects.exists()

    def test_a_year_that_is_none(self, signed):
        for year in ("x", "0", "99999"):
            assert signed.get(reverse("visits:closed_days"), {"year": year}).status_code == 200


class TestSourcesAndRules:
    @pytest.mark.parametrize("count", [1, 3])
    def test_the_lists_do_not_grow_in_queries(self, signed, venue, django_assert_num_queries, count):
        for number in range(count):
            BookingSource.objects.create(name=f"宿 {number}")
            FollowUpRule.objects.create(
                venue=venue, name=f"礼状 {number}", kind="letter", moment="after", days=3, responsible="desk"
            )
        for name, queries in (("sources", 7), ("rules", 7)):
            signed.get(reverse(f"visits:{name}"))
            with django_assert_num_queries(queries):
                signed.get(reverse(f"visits:{name}"))

    def test_a_source(self, signed):
        signed.post(reverse("visits:source_create"), {"name": "駅前の宿", "position": 20, "is_active": "on"})
        source = BookingSource.objects.get(name="駅前の宿")
        assert (
            signed.post(
                reverse("visits:source", args=[source.pk]), {"name": "駅前の宿", "position": 20, "version": 1}
            ).status_code
            == 302
        )
        source.refresh_from_db()
        assert not source.is_active

    def test_a_rule(self, signed, venue):
        values = {
            "name": "お礼状",
            "kind": FollowUpKind.LETTER.value,
            "moment": FollowUpMoment.AFTER.value,
            "days": 3,
            "responsible": Responsible.GUEST_STAFF.value,
            "is_active": "on",
        }
        signed.post(reverse("visits:rule_create"), values)
        rule = FollowUpRule.objects.get(venue=venue)
        answer = signed.post(reverse("visits:rule", args=[rule.pk]), values | {"days": "many", "version": 1})
        assert answer.status_code == 422
        signed.post(reverse("visits:rule", args=[rule.pk]), values | {"days": 5, "version": 1})
        rule.refresh_from_db()
        assert rule.days == 5
