"""本日 and the days around it: who sees what, what a tap does, what is late, who is free."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from crm_project.core.accounts.models import Loan, Role, User
from crm_project.core.audit.models import AuditEntry
from customers.models import KeepApart
from tests.factories.accounts import VenueFactory, person
from tests.factories.customers import CompanyFactory, CustomerFactory
from tests.factories.menus import CourseFactory, DishFactory
from tests.factories.visits import TOKYO, NoteFactory, RoomFactory, VisitFactory
from visits.choices import Duty
from visits.day import day_of, today_of
from visits.discretion import seal_visit
from visits.models import BookingTerms, ClosedDay, Promise, RoomPart, TableDuty, VisitDraft, WaitingParty

pytestmark = pytest.mark.django_db

TODAY = "/visits/"
QUERIES_OF_A_DAY = 12
DAY = date(2026, 11, 30)


@pytest.fixture
def venue():
    return VenueFactory.create()


@pytest.fixture
def floor(venue):
    return person("floor", venue)


@pytest.fixture
def signed(client, floor):
    client.force_login(floor)
    return client


def booked(venue, *guests, on=DAY, hour=18, minute=0, **values):
    """A reservation at this hour on the venue's clock."""
    starts_at = datetime.combine(on, time(0), tzinfo=venue.zone) + timedelta(hours=hour, minutes=minute)
    values = {"status": "reserved", "ends_at": starts_at + timedelta(hours=2)} | values
    return VisitFactory.create(venue=venue, starts_at=starts_at, guests=guests, **values)


def tables(response):
    return [table.visit for table in response.context["tables"]]


class TestDays:
    def test_another_day_with_the_ones_around_it(self, signed, venue):
        evening = booked(venue)
        booked(venue, on=DAY - timedelta(days=1))

        page = signed.get(f"{TODAY}?day=2026-11-30")

        assert tables(page) == [evening]
        assert (page.context["previous_day"], page.context["next_day"]) == (date(2026, 11, 29), date(2026, 12, 1))
        assert "11月30日" in page.content.decode()

    def test_japanese_dates_are_read_and_nonsense_is_answered(self, signed):
        assert signed.get(f"{TODAY}?day=R8.11.30").context["day"] == DAY

        page = signed.get(f"{TODAY}?day=yesterday")

        assert page.context["is_today"]
        assert "yesterday" in page.context["day_problem"]

    def test_after_midnight_it_is_still_the_day_before(self, venue, floor):
        late_show = booked(venue, hour=25)

        assert (late_show.starts_at.astimezone(TOKYO).date(), late_show.business_date) == (date(2026, 12, 1), DAY)
        [table] = day_of(venue, DAY, floor).tables
        assert (table.visit, table.meal) == (late_show, "dinner")

    def test_a_venue_on_another_clock_shows_its_own_hours(self, client, floor):
        honolulu = VenueFactory.create(timezone="Pacific/Honolulu")
        client.force_login(person("floor", honolulu))
        evening = booked(honolulu, hour=18)

        page = client.get(f"{TODAY}?day=2026-11-30")

        assert tables(page) == [evening]
        assert "18:00" in page.content.decode()
        assert evening.starts_at.astimezone(UTC).date() == date(2026, 12, 1)

    def test_another_of_ones_venues_by_the_address_and_no_strangers(self, client, venue):
        other = VenueFactory.create(timezone="Pacific/Honolulu")
        somebody = person("floor", venue)
        Role.objects.get(code="floor").memberships.create(user=somebody, venue=other)
        client.force_login(somebody)
        there = booked(other, hour=18)

        page = client.get(f"{TODAY}?day=2026-11-30&venue={other.pk}")

        assert tables(page) == [there]
        assert "18:00" in page.content.decode()
        assert client.get(f"{TODAY}?venue={VenueFactory.create().pk}").status_code == 404
        assert client.get(f"{TODAY}?venue=x").status_code == 404

    def test_a_closed_day_says_why(self, signed, venue):
        BookingTerms.objects.create(venue=venue, closed_weekdays=[DAY.weekday()])
        assert signed.get(f"{TODAY}?day=2026-11-30").context["why_closed"] == ""

        ClosedDay.objects.create(venue=venue, on=DAY, is_open=True)
        assert signed.get(f"{TODAY}?day=2026-11-30").context["why_closed"] is None

        ClosedDay.objects.create(venue=venue, on=DAY + timedelta(days=1), reason="棚卸し")
        assert "棚卸し" in signed.get(f"{TODAY}?day=2026-12-01").content.decode()

    def test_how_many_wait_for_the_day(self, signed, venue, floor):
        for on in (DAY, DAY, DAY + timedelta(days=1)):
            WaitingParty.objects.create(
                venue=venue, business_date=on, from_time=time(18), party_size=2, name="高橋 様", taken_by=floor
            )
        assert signed.get(f"{TODAY}?day=2026-11-30").context["waiting"] == 2

    def test_seats_of_joined_rooms_count_once(self, signed, venue):
        one, two = RoomFactory.create_batch(2, venue=venue, capacity=6)
        joined = RoomFactory.create(venue=venue, capacity=12)
        for room in (one, two):
            RoomPart.objects.create(joined=joined, room=room)

        assert signed.get(TODAY).context["seats"] == 12


class TestOrder:
    def test_my_rooms_first_then_the_others_by_time(self, signed, venue, floor):
        first, mine, helped = booked(venue, hour=17), booked(venue, hour=18, staff=floor), booked(venue, hour=19)
        TableDuty.objects.create(visit=helped, user=floor, duty=Duty.RECORDER)

        groups = signed.get(f"{TODAY}?day=2026-11-30").context["groups"]

        assert [[table.visit for table in group.tables] for group in groups] == [[mine, helped], [first]]

    def test_by_room_in_the_houses_order_the_undecided_last(self, signed, venue):
        hagi, kikyo = RoomFactory.create(venue=venue, position=2), RoomFactory.create(venue=venue, position=1)
        undecided, in_hagi, in_kikyo = booked(venue, hour=17), booked(venue, room=hagi), booked(venue, room=kikyo)

        page = signed.get(f"{TODAY}?day=2026-11-30&by=room")

        assert [[table.visit for table in group.tables] for group in page.context["groups"]] == [
            [in_kikyo, in_hagi, undecided],
        ]
        assert [table.visit for table in page.context["without_room"]] == [undecided]

    def test_load_follows_the_meal(self, signed, venue):
        booked(venue, hour=12, party_size=3)
        booked(venue, hour=18, party_size=4)

        load = signed.get(f"{TODAY}?day=2026-11-30&meal=dinner").context["load"]

        assert {half.guests for half in load} == {4}
        assert len(load) == 4


class TestSteps:
    def now(self, venue, **values):
        return booked(
            venue, CustomerFactory.create(), on=today_of(venue), starts_at=timezone.now(), ends_at=None, **values
        )

    @pytest.fixture
    def visit(self, venue):
        at = timezone.now() - timedelta(minutes=20)
        return VisitFactory.create(venue=venue, starts_at=at, status="reserved", guests=[CustomerFactory.create()])

    def tap(self, client, visit, status):
        return client.post(
            reverse("visits:advance", args=[visit.pk]),
            {"status": status, "next": f"{TODAY}?day={visit.business_date:%Y-%m-%d}"},
            headers={"HX-Request": "true"},
            follow=True,
        )

    def test_one_tap_answers_the_day_anew(self, signed, visit):
        page = self.tap(signed, visit, "arrived").content.decode()

        visit.refresh_from_db()
        assert visit.status == "arrived"
        assert page.lstrip().startswith('<div id="day">')
        assert "</html>" not in page

    def test_no_show_frees_the_table_and_can_be_taken_back(self, signed, visit):
        answer = self.tap(signed, visit, "no_show")
        assert tables(answer) == []
        assert [table.visit for table in answer.context["missed"]] == [visit]

        assert tables(self.tap(signed, visit, "reserved")) == [visit]

    def test_a_step_that_does_not_follow_is_said(self, signed, visit):
        type(visit).objects.filter(pk=visit.pk).update(status="completed")

        assert 'class="toast' in self.tap(signed, visit, "arrived").content.decode()

    @pytest.mark.parametrize(("minutes", "late"), [(5, 0), (20, 20)])
    def test_late_by_the_houses_patience(self, venue, floor, minutes, late):
        now = datetime(2026, 11, 30, 18, tzinfo=TOKYO) + timedelta(minutes=minutes)
        booked(venue)
        booked(venue, status="arrived", hour=17)

        found = day_of(venue, DAY, floor, now=now).tables

        assert [table.late_minutes for table in found] == [0, late]

    def test_the_house_says_how_patient_it_is(self, venue, floor):
        BookingTerms.objects.create(venue=venue, late_after_minutes=0)
        booked(venue)

        [table] = day_of(venue, DAY, floor, now=datetime(2026, 11, 30, 18, 3, tzinfo=TOKYO)).tables

        assert table.late_minutes == 3

    def test_tentative_says_until_when(self, signed, venue):
        booked(venue, status="tentative", tentative_until=datetime(2026, 11, 25, 18, tzinfo=TOKYO))

        assert "11月25日" in signed.get(f"{TODAY}?day=2026-11-30").content.decode()

    def test_who_takes_bookings_moves_them_and_the_kitchen_does_not(self, client, venue, visit):
        client.force_login(person("kitchen", venue))
        assert self.tap(client, visit, "arrived").status_code == 403
        assert f"visit-{visit.pk}-arrived" not in client.get(TODAY).content.decode()

        client.force_login(person("desk", venue))
        self.tap(client, visit, "arrived")
        visit.refresh_from_db()
        assert visit.status == "arrived"

    def test_a_stranger_finds_nothing(self, client, visit):
        client.force_login(person("floor"))

        assert self.tap(client, visit, "arrived").status_code == 404


class TestAlerts:
    """What must not be overlooked stands first, the worst of it open, the rest counted."""

    @pytest.fixture
    def menu(self):
        return DishFactory.create(name="海老真薯", presences={"shrimp": "contains", "crab": "may_contain"})

    def table(self, venue, menu, allergic_to, severity, **values):
        guest = CustomerFactory.create(allergic_to=[allergic_to])
        guest.allergies.update(severity=severity)
        return booked(venue, guest, served=[menu], **values)

    def test_own_rooms_first_then_the_most_severe_and_the_rest_is_counted(self, signed, venue, floor, menu):
        may = self.table(venue, menu, "crab", "severe", hour=17)
        avoided = self.table(venue, menu, "shrimp", "moderate", hour=16)
        severe = self.table(venue, menu, "shrimp", "severe", hour=20)
        mine = self.table(venue, menu, "shrimp", "moderate", hour=19, staff=floor)

        for narrowed in ("", "&who=mine"):
            page = signed.get(f"{TODAY}?day=2026-11-30{narrowed}")

            alerts = page.context["alerts"]
            assert [alert.table.visit for alert in alerts.shown] == [mine]
            assert [alert.table.visit for alert in alerts.folded] == [severe, may, avoided]
            assert alerts.mine_folded == 0
            assert "アレルギー ほか3件" in page.content.decode()

    def test_two_stand_open_and_a_recorded_table_warns_no_more(self, signed, venue, menu):
        one, two = (self.table(venue, menu, "shrimp", "moderate", hour=hour) for hour in (18, 17))
        self.table(venue, menu, "shrimp", "severe", status="completed")

        alerts = signed.get(f"{TODAY}?day=2026-11-30").context["alerts"]

        assert ([alert.table.visit for alert in alerts.shown], alerts.folded) == ([two, one], [])

    def test_who_has_a_touched_room_sees_it_alone_and_the_other_rooms_counted(self, signed, venue, floor, menu):
        other = self.table(venue, menu, "shrimp", "severe", hour=17)
        mine = self.table(venue, menu, "shrimp", "moderate", hour=18, staff=floor)

        alerts = signed.get(f"{TODAY}?day=2026-11-30").context["alerts"]

        assert [alert.table.visit for alert in alerts.shown] == [mine]
        assert [alert.table.visit for alert in alerts.folded] == [other]

    def test_the_worst_dishes_are_named_and_the_others_counted(self, signed, venue, menu):
        guest = CustomerFactory.create(allergic_to=["shrimp"])
        guest.allergies.update(severity="severe")
        possibly = [DishFactory.create(presences={"shrimp": "may_contain"}) for _number in range(2)]
        booked(venue, guest, served=[*possibly, menu, DishFactory.create(presences={"shrimp": "contains"})])

        page = signed.get(f"{TODAY}?day=2026-11-30")

        [alert] = page.context["alerts"].shown
        assert [line.dish for line in alert.lines[:1]] == [menu]
        assert (len(alert.first_lines), alert.more_dishes) == (2, 2)
        assert "ほか2品" in page.content.decode()


class TestConfidence:
    def test_a_sealed_booking_is_a_taken_room_that_nobody_moves(self, client, venue, floor):
        okami = person("okami", venue)
        visit = booked(
            venue, CustomerFactory.create(name="嵯峨 忍"), on=today_of(venue), room=RoomFactory.create(venue=venue)
        )
        seal_visit(visit=visit, by=okami, people=[okami])

        client.force_login(floor)
        page = client.get(TODAY)
        assert "嵯峨" not in page.content.decode()
        assert visit.room.name in page.content.decode()
        step = client.post(reverse("visits:advance", args=[visit.pk]), {"status": "arrived"})
        assert step.status_code == 404

        client.force_login(User.objects.get(pk=okami.pk))
        assert "嵯峨" in client.get(TODAY).content.decode()

    def test_who_must_not_meet_is_told_to_the_entitled_alone(self, client, venue, floor):
        okami = person("okami", venue)
        firm = CompanyFactory.create()
        one, other = CustomerFactory.create(name="渡邉 健一"), CustomerFactory.create(name="高橋 美穂", company=firm)
        KeepApart.objects.create(customer=one, other_company=firm, noted_by=okami)
        booked(venue, one)
        booked(venue, other, hour=19)
        booked(venue, other, hour=20, minute=30)

        client.force_login(okami)
        shown = client.get(f"{TODAY}?day=2026-11-30")
        assert [
            [(guest, at_table) for guest, at_table, _visit in table.meets] for table in shown.context["tables"]
        ] == [
            [(one, other)],
            [(other, one)],
            [],
        ]

        client.force_login(floor)
        assert not any(table.meets for table in client.get(f"{TODAY}?day=2026-11-30").context["tables"])

    def test_a_confidential_guest_is_no_meeting_for_who_is_not_named(self, client, venue):
        okami, named = person("okami", venue), person("okami", venue)
        one, other = CustomerFactory.create_batch(2)
        KeepApart.objects.create(customer=one, other_customer=other, noted_by=okami)
        booked(venue, one)
        seal_visit(visit=booked(venue, other), by=named, people=[named])

        client.force_login(okami)

        assert not any(table.meets for table in client.get(f"{TODAY}?day=2026-11-30").context["tables"])


class TestColleagues:
    def names(self, page):
        return [free.colleague.name for free in page.context["colleagues"]]

    def test_who_has_no_table_that_meal_comes_first(self, client, venue):
        busy, free = (person("floor", venue, display_name=name, kana=name) for name in ("あおき", "いのうえ"))
        person("kitchen", venue)
        booked(venue, staff=busy)
        client.force_login(free)

        page = client.get(f"{TODAY}?day=2026-11-30&meal=dinner")
        assert [(each.colleague.name, each.tables) for each in page.context["colleagues"]] == [
            ("いのうえ", 0),
            ("あおき", 1),
        ]
        assert {each.tables for each in client.get(f"{TODAY}?day=2026-11-30&meal=lunch").context["colleagues"]} == {0}

    def test_who_is_lent_counts_where_they_are_that_day(self, signed, venue, floor):
        elsewhere = person("floor", display_name="応援 様")
        start = datetime(2026, 11, 30, 15, tzinfo=TOKYO)
        loan = {"starts_at": start, "ends_at": start + timedelta(hours=10), "business_date": DAY, "lent_by": floor}
        role = Role.objects.get(code="floor")
        Loan.objects.create(user=elsewhere, venue=venue, role=role, **loan)
        Loan.objects.create(user=floor, venue=VenueFactory.create(), role=role, **loan)

        assert self.names(signed.get(f"{TODAY}?day=2026-11-30")) == ["応援 様"]
        assert self.names(signed.get(f"{TODAY}?day=2026-12-01")) == [floor.display_name]

    def test_today_it_is_the_hour_that_counts(self, venue, floor):
        at = datetime(2026, 11, 30, 18, tzinfo=TOKYO)
        now, later = booked(venue, staff=floor, status="seated"), booked(venue, staff=floor, hour=21)

        [colleague] = day_of(venue, DAY, floor, now=at).colleagues

        assert colleague.at_table(at + timedelta(hours=1)) == now
        assert colleague.at_table(at + timedelta(hours=2)) is None
        assert colleague.next_table(at + timedelta(hours=2)) == later


class TestQueries:
    @pytest.mark.parametrize("count", [1, 3])
    @pytest.mark.parametrize("role", ["floor", "okami"])
    def test_twelve_however_many_tables(self, client, venue, django_assert_num_queries, count, role):
        somebody = person(role, venue)
        client.force_login(somebody)
        for hour in range(count):
            guest = CustomerFactory.create(allergic_to=["shrimp"], company=CompanyFactory.create())
            dish = DishFactory.create(presences={"shrimp": "contains"})
            past = VisitFactory.create(venue=venue, guests=[guest], served=[dish])
            NoteFactory.create(visit=past, customer=guest, is_standing=True, text="ぬる燗")
            Promise.objects.create(customer=guest, venue=venue, text="次は椅子席を", made_by=somebody)
            visit = booked(
                venue,
                guest,
                on=today_of(venue),
                hour=17 + hour,
                staff=somebody,
                room=RoomFactory.create(venue=venue),
                course=CourseFactory.create(of=[dish, DishFactory.create()]),
            )
            TableDuty.objects.create(visit=visit, user=person("floor", venue), duty=Duty.ASSISTANT)
            KeepApart.objects.create(customer=guest, other_customer=CustomerFactory.create(), noted_by=somebody)
            VisitDraft.objects.create(
                form_token=f"11111111-1111-4111-8111-11111111111{hour}",
                user=somebody,
                venue=venue,
                values={"person": [f"c{guest.pk}"]},
            )
        client.get(TODAY)

        with django_assert_num_queries(QUERIES_OF_A_DAY - (role == "floor")):
            page = client.get(TODAY)

        assert len(page.context["tables"]) == count
        for table in page.context["tables"]:
            assert (table.standing, table.promises) == (["ぬる燗"], ["次は椅子席を"])
            assert table.conflicts
            assert table.same_dishes
            assert len(table.dishes) == 2
            assert len(table.assistants) == 1
        assert len(page.context["drafts"]) == count
        assert all(draft.about for draft in page.context["drafts"])

    def test_a_day_is_read_without_a_line_in_the_trail_as_ever(self, signed, venue):
        booked(venue, CustomerFactory.create(), on=today_of(venue))
        before = AuditEntry.objects.count()

        signed.get(TODAY)

        assert AuditEntry.objects.count() == before
