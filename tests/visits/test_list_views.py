"""The lists around bookings on the screen: who waits, what belongs together, what is still to be done."""

import re
from datetime import datetime, time, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from crm_project.core.accounts.models import User
from crm_project.core.audit.models import AuditEntry
from tests.factories.accounts import UserFactory, VenueFactory, person
from tests.factories.customers import CompanyFactory, CustomerFactory
from tests.factories.visits import TOKYO, RoomFactory, VisitFactory
from visits import services
from visits.choices import FollowUpKind, FollowUpMoment, FollowUpState, Responsible, VisitStatus, WaitingState
from visits.day import today_of
from visits.discretion import seal_visit
from visits.entries import AttendanceEntry, BookingEntry
from visits.models import FollowUp, FollowUpRule, Occasion, Visit, WaitingParty

pytestmark = pytest.mark.django_db

HTMX = {"HTTP_HX_REQUEST": "true"}


def evening(hour=18, minute=0, days=7):
    day = timezone.now().astimezone(TOKYO).date() + timedelta(days=days)
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=TOKYO)


@pytest.fixture
def venue():
    return VenueFactory.create(name="本店")


@pytest.fixture
def desk(venue):
    return person("desk", venue)


@pytest.fixture
def signed(client, desk):
    client.force_login(desk)
    return client


@pytest.fixture
def guest():
    return CustomerFactory.create(name="渡邉 健一", company=CompanyFactory.create(name="北辰電機"))


def text(response):
    return response.content.decode()


def main(response):
    return text(response).partition("<main")[2].partition("</main>")[0]


def book(desk, venue, room=None, **values):
    values = {"starts_at": evening(), "attendances": [AttendanceEntry(customer=CustomerFactory.create())]} | values
    return services.take_booking(by=desk, venue=venue, booking=BookingEntry(room=room, **values))


def wait(desk, venue, **values):
    values = {"business_date": evening().date(), "from_time": time(18), "party_size": 4, "name": "佐伯"} | values
    return services.add_waiting(by=desk, venue=venue, **values)


def reserved(venue, *guests, **values):
    values = {"starts_at": evening(), "status": VisitStatus.RESERVED} | values
    return VisitFactory.create(venue=venue, guests=guests, **values)


class TestWaitingList:
    URL = "/visits/waiting/"

    @pytest.mark.parametrize("count", [1, 3])
    def test_it_does_not_grow_in_queries(self, signed, desk, venue, guest, django_assert_num_queries, count):
        RoomFactory.create_batch(count, venue=venue)
        for number in range(count):
            wait(desk, venue, customer=guest, party_size=number + 1, business_date=evening(days=7 + number).date())
        signed.get(self.URL)
        with django_assert_num_queries(12):
            signed.get(self.URL)

    def test_what_is_free_now_is_offered(self, signed, desk, venue):
        room = RoomFactory.create(venue=venue, name="桔梗", capacity=6)
        RoomFactory.create(venue=venue, name="小間", capacity=2)
        taken = book(desk, venue, room, starts_at=evening(17))
        party = wait(desk, venue, until_time=time(19))
        other = wait(desk, venue, name="森", until_time=time(20, 30))
        page = signed.get(self.URL)
        offers = {wish.party: wish.offer for _day, wishes in page.context["days"] for wish in wishes}
        assert offers[party] is None
        assert (offers[other].starts_at, offers[other].rooms) == (evening(20), [room])
        services.cancel_booking(visit=taken, by=desk, reason="plans")
        page = signed.get(self.URL)
        offers = {wish.party: wish.offer for _day, wishes in page.context["days"] for wish in wishes}
        assert offers[party].starts_at == evening(18)
        assert page.context["fitting"] == 2

    def test_the_wished_room_and_counter_seats(self, signed, desk, venue):
        counter = RoomFactory.create(venue=venue, name="カウンター", capacity=5, seats_are_shared=True)
        kikyo = RoomFactory.create(venue=venue, name="桔梗", capacity=6)
        book(desk, venue, kikyo, starts_at=evening(18))
        book(desk, venue, counter, party_size=3)
        for name, size, room in (("一", 2, counter), ("二", 3, counter), ("三", 2, kikyo)):
            wait(desk, venue, name=name, party_size=size, room=room, until_time=time(18, 30))
        page = signed.get(self.URL)
        fits = {wish.party.name: wish.offer is not None for _day, wishes in page.context["days"] for wish in wishes}
        assert fits == {"一": True, "二": False, "三": False}

    def test_lists_are_by_day_and_forget_days_that_are_over(self, signed, desk, venue):
        wait(desk, venue)
        wait(desk, venue, name="森", business_date=evening(days=9).date())
        WaitingParty.objects.create(
            venue=venue,
            business_date=evening(days=-2).date(),
            from_time=time(18),
            party_size=2,
            name="昨日",
            taken_by=desk,
        )
        days = [day for day, _wishes in signed.get(self.URL).context["days"]]
        assert days == [evening().date(), evening(days=9).date()]
        one = signed.get(self.URL, {"day": evening(days=9).date().isoformat()})
        assert [day for day, _wishes in one.context["days"]] == [evening(days=9).date()]
        assert signed.get(self.URL, {"day": "2026-13-40"}).status_code == 200

    def test_somebody_is_put_on_the_list(self, signed, venue, guest):
        values = {
            "business_date": evening().date().isoformat(),
            "from_time": "18:30",
            "party_size": 3,
            "guest": guest.pk,
        }
        answer = signed.post(reverse("visits:waiting_create"), values | {"wishes": "お誕生日"})
        assert answer.url == f"{self.URL}?day={evening().date().isoformat()}"
        party = WaitingParty.objects.get()
        assert (party.customer, party.from_time, party.wishes) == (guest, time(18, 30), "お誕生日")
        assert "渡邉" in main(signed.get(self.URL))

    def test_nobody_and_days_that_are_over_are_refused(self, signed, venue):
        values = {"business_date": evening().date().isoformat(), "from_time": "18:30", "party_size": 3}
        assert signed.post(reverse("visits:waiting_create"), values).status_code == 422
        values |= {"name": "森", "business_date": evening(days=-3).date().isoformat()}
        assert signed.post(reverse("visits:waiting_create"), values).status_code == 422
        assert not WaitingParty.objects.exists()

    def test_two_edit_at_once(self, signed, desk, venue):
        party = wait(desk, venue)
        url = reverse("visits:waiting_change", args=[party.pk])
        values = {"business_date": evening().date().isoformat(), "from_time": "18:00", "name": "佐伯", "party_size": 6}
        assert signed.post(url, values | {"version": 1}).status_code == 302
        answer = signed.post(url, values | {"version": 1, "party_size": 2})
        assert answer.status_code == 422
        assert answer.context["form"]["version"].value() == "2"
        party.refresh_from_db()
        assert party.party_size == 6

    def test_given_up_and_taken_back_in_one_tap(self, signed, desk, venue):
        party = wait(desk, venue)
        answer = signed.post(reverse("visits:waiting_give_up", args=[party.pk]), **HTMX)
        assert "<main" not in text(answer)
        assert reverse("visits:waiting_again", args=[party.pk]) in text(answer)
        assert signed.post(reverse("visits:waiting_again", args=[party.pk])).url == self.URL
        party.refresh_from_db()
        assert party.state == WaitingState.WAITING

    def test_one_that_was_booked_meanwhile_says_so(self, signed, desk, venue, guest):
        party = wait(desk, venue)
        services.book_waiting(waiting=party, visit=reserved(venue, guest), by=desk)
        answer = signed.post(reverse("visits:waiting_give_up", args=[party.pk]), follow=True)
        assert len(answer.context["messages"]) == 1
        party.refresh_from_db()
        assert party.state == WaitingState.BOOKED

    def test_strangers_colleagues_and_sealed_guests(self, client, desk, venue, guest):
        party = wait(desk, venue, customer=guest, name="")
        for user in (person("floor", venue), UserFactory.create()):
            client.force_login(user)
            assert client.get(self.URL).status_code == 403
        client.force_login(person("desk"))
        assert "渡邉" not in main(client.get(self.URL))
        assert client.get(reverse("visits:waiting_change", args=[party.pk])).status_code == 404
        assert client.post(reverse("visits:waiting_give_up", args=[party.pk])).status_code == 404
        guest.is_confidential = True
        guest.save(update_fields=["is_confidential"])
        client.force_login(desk)
        assert "渡邉" not in main(client.get(self.URL))
        assert client.get(reverse("visits:waiting_change", args=[party.pk])).status_code == 404


class TestOccasions:
    @pytest.mark.parametrize("count", [1, 3])
    def test_it_does_not_grow_in_queries(self, signed, desk, venue, django_assert_num_queries, count):
        occasion = services.create_occasion(by=desk, venue=venue, name="ご結婚披露宴")
        for _number in range(count):
            visit = reserved(venue, CustomerFactory.create(), room=RoomFactory.create(venue=venue))
            services.add_to_occasion(occasion=occasion, visit=visit, by=desk)
            reserved(venue, CustomerFactory.create(), room=RoomFactory.create(venue=venue))
        url = reverse("visits:occasion", args=[occasion.pk])
        signed.get(url)
        with django_assert_num_queries(12):
            signed.get(url)

    def test_begun_from_a_booking_with_totals(self, signed, venue, guest):
        visit = reserved(venue, guest, party_size=12)
        more = reserved(venue, CustomerFactory.create(name="森 一郎"), party_size=30)
        gone = reserved(venue, CustomerFactory.create(), party_size=8, status=VisitStatus.CANCELLED)
        detail = main(signed.get(reverse("visits:detail", args=[visit.pk])))
        assert reverse("visits:occasion_choose", args=[visit.pk]) in detail
        answer = signed.post(reverse("visits:occasion_choose", args=[visit.pk]), {"name": "ご結婚披露宴"})
        occasion = Occasion.objects.get()
        assert answer.url == reverse("visits:occasion", args=[occasion.pk])
        page = signed.get(answer.url)
        assert "森 一郎" in main(page)
        assert [one.pk for one in page.context["candidates"]] == [more.pk]
        for one in (more, gone):
            Visit.objects.filter(pk=one.pk).update(occasion=None)
            signed.post(reverse("visits:occasion_add", args=[occasion.pk]), {"visit": one.pk})
        totals = signed.get(answer.url).context["totals"]
        assert (totals.parties, totals.heads) == (2, 42)
        assert "ご結婚披露宴" in main(signed.get(reverse("visits:detail", args=[more.pk])))
        signed.post(reverse("visits:occasion_take_out", args=[more.pk]))
        more.refresh_from_db()
        assert more.occasion is None
        assert AuditEntry.objects.filter(subject_type="visits.occasion", action="viewed").exists()

    def test_its_name_is_changed_by_one_at_a_time(self, signed, desk, venue):
        occasion = services.create_occasion(by=desk, venue=venue, name="ご法要")
        url = reverse("visits:occasion_change", args=[occasion.pk])
        assert signed.post(url, {"name": "一周忌", "version": 1}).status_code == 302
        answer = signed.post(url, {"name": "三回忌", "version": 1})
        assert answer.status_code == 422
        assert answer.context["form"]["version"].value() == "2"
        assert signed.post(url, {"name": "", "version": 2}).status_code == 422
        occasion.refresh_from_db()
        assert occasion.name == "一周忌"

    def test_colleagues_look_strangers_do_not(self, client, desk, venue, guest):
        visit = reserved(venue, guest)
        occasion = services.create_occasion(by=desk, venue=venue, name="ご法要", visit=visit)
        url = reverse("visits:occasion", args=[occasion.pk])
        client.force_login(person("kitchen", venue))
        page = client.get(url)
        assert page.status_code == 200
        assert reverse("visits:occasion_take_out", args=[visit.pk]) not in main(page)
        assert client.post(reverse("visits:occasion_take_out", args=[visit.pk])).status_code == 403
        client.force_login(person("desk"))
        assert client.get(url).status_code == 404
        assert client.post(reverse("visits:occasion_add", args=[occasion.pk]), {"visit": visit.pk}).status_code == 404

    def test_a_sealed_booking_is_not_told(self, client, desk, venue, guest):
        hidden, open_one = reserved(venue, guest, party_size=9), reserved(venue, CustomerFactory.create(), party_size=2)
        occasion = services.create_occasion(by=desk, venue=venue, name="渡邉家", visit=hidden)
        seal_visit(visit=hidden, by=desk, people=[desk])
        client.force_login(person("okami", venue))
        url = reverse("visits:occasion", args=[occasion.pk])
        assert client.get(url).status_code == 404
        services.add_to_occasion(occasion=occasion, visit=open_one, by=desk)
        page = client.get(url)
        assert (page.context["totals"].parties, page.context["totals"].heads) == (1, 2)
        assert "渡邉 健一" not in main(page)
        client.force_login(User.objects.get(pk=desk.pk))
        assert client.get(url).context["totals"].heads == 11


class TestFollowUps:
    URL = "/visits/follow-ups/"

    @pytest.fixture
    def rule(self, venue):
        return FollowUpRule.objects.create(
            venue=venue,
            name="お礼状",
            kind=FollowUpKind.LETTER,
            moment=FollowUpMoment.AFTER,
            days=3,
            responsible=Responsible.ATTENDANT,
        )

    def thanks(self, rule, guest, staff=None, days_ago=3):
        # Of business days: after midnight it is still yesterday's evening.
        day = today_of(rule.venue) - timedelta(days=days_ago)
        starts_at = datetime.combine(day, time(18), tzinfo=TOKYO)
        visit = VisitFactory.create(venue=rule.venue, guests=[guest], staff=staff, starts_at=starts_at)
        services.plan_follow_ups(visit)
        return visit.follow_ups.get()

    @pytest.mark.parametrize("count", [1, 3])
    def test_it_does_not_grow_in_queries(self, signed, desk, rule, django_assert_num_queries, count):
        for number in range(count):
            guest = CustomerFactory.create(phones=["090-0000-1482"], company=CompanyFactory.create())
            self.thanks(rule, guest, desk, days_ago=2 + number)
        signed.get(self.URL)
        with django_assert_num_queries(10):
            signed.get(self.URL)

    def test_mine_the_desks_and_all_late_ones_first(self, signed, desk, venue, rule, guest):
        late = self.thanks(rule, guest, desk, days_ago=5)
        today = self.thanks(rule, CustomerFactory.create(), desk)
        coming = self.thanks(rule, CustomerFactory.create(), desk, days_ago=1)
        nobodys = self.thanks(rule, CustomerFactory.create())
        others = self.thanks(rule, CustomerFactory.create(), person("floor", venue))

        def shown(who):
            page = signed.get(self.URL, {"who": who})
            return {name: [task.row for task in tasks] for name, _title, tasks in page.context["groups"]}

        assert shown("mine") == {"late": [late], "today": [today], "coming": [coming]}
        assert shown("desk") == {"today": [nobodys]}
        assert sum(map(len, shown("all").values())) == 5
        assert others in shown("all")["today"]
        chips = {key: count for key, _label, count in signed.get(self.URL).context["chips"]}
        assert chips == {"mine": 2, "desk": 1, "all": 4}

    def test_today_says_how_many_are_due(self, client, signed, desk, venue, rule, guest):
        self.thanks(rule, guest, desk, days_ago=5)
        self.thanks(rule, CustomerFactory.create())
        self.thanks(rule, CustomerFactory.create(), desk, days_ago=1)
        self.thanks(rule, CustomerFactory.create(), person("floor", venue))
        today = signed.get(reverse("visits:today"))
        assert today.context["follow_ups_due"] == 2
        assert self.URL in main(today)
        assert signed.get(reverse("visits:today"), {"day": "2026-01-05"}).context["follow_ups_due"] == 0
        client.force_login(person("kitchen", venue))
        assert self.URL not in main(client.get(reverse("visits:today")))

    def test_done_in_one_tap_and_taken_back(self, signed, desk, rule, guest):
        row = self.thanks(rule, guest, desk)
        answer = signed.post(reverse("visits:close_follow_up", args=[row.pk]), {"state": "done"}, **HTMX)
        assert "<main" not in text(answer)
        assert reverse("visits:reopen_follow_up", args=[row.pk]) in text(answer)
        row.refresh_from_db()
        assert (row.state, row.closed_by) == (FollowUpState.DONE, desk)
        again = signed.post(reverse("visits:close_follow_up", args=[row.pk]), {"state": "not_needed"}, **HTMX)
        assert 'role="alert"' in text(again)
        signed.post(reverse("visits:reopen_follow_up", args=[row.pk]), **HTMX)
        row.refresh_from_db()
        assert row.state == FollowUpState.OPEN

    def test_without_scripts_it_leads_back_and_never_out_of_the_house(self, signed, desk, rule, guest):
        row = self.thanks(rule, guest, desk)
        url = reverse("visits:close_follow_up", args=[row.pk])
        assert (
            signed.post(url, {"state": "not_needed", "next": "/visits/follow-ups/?who=all"}).url
            == f"{self.URL}?who=all"
        )
        assert signed.post(url, {"state": "done", "next": "https://example.com/"}).url == self.URL

    def test_an_evening_that_is_sealed_has_none(self, client, signed, desk, rule, guest):
        row = self.thanks(rule, guest, desk)
        assert "お礼状" in main(signed.get(self.URL))
        card = reverse("customers:card", args=[guest.pk])
        detail = reverse("visits:detail", args=[row.visit_id])
        assert "お礼状" in main(signed.get(card))
        assert "お礼状" in main(signed.get(detail))
        seal_visit(visit=row.visit, by=desk, people=[desk])
        client.force_login(User.objects.get(pk=desk.pk))
        for url in (self.URL, card, detail):
            assert reverse("visits:close_follow_up", args=[row.pk]) not in main(client.get(url))
        assert client.post(reverse("visits:close_follow_up", args=[row.pk]), {"state": "done"}).status_code == 404
        assert not FollowUp.objects.exists()

    def test_strangers_and_the_kitchen(self, client, desk, venue, rule, guest):
        row = self.thanks(rule, guest, desk)
        url = reverse("visits:close_follow_up", args=[row.pk])
        client.force_login(person("kitchen", venue))
        assert client.get(self.URL).status_code == 403
        assert client.post(url, {"state": "done"}).status_code == 403
        assert "お礼状" not in main(client.get(reverse("customers:card", args=[guest.pk])))
        client.force_login(person("desk"))
        assert "お礼状" not in main(client.get(self.URL, {"who": "all"}))
        assert client.post(url, {"state": "done"}).status_code == 404
        row.refresh_from_db()
        assert row.state == FollowUpState.OPEN

    def test_the_phone_of_who_wants_no_calls_is_not_offered(self, signed, desk, rule):
        guest = CustomerFactory.create(phones=["090-0000-1482"])
        self.thanks(rule, guest, desk)
        assert "090-0000-1482" in main(signed.get(self.URL))
        guest.contact_stopped, guest.contact_stop_reason = True, "お電話はご遠慮"
        guest.save(update_fields=["contact_stopped", "contact_stop_reason"])
        assert "090-0000-1482" not in main(signed.get(self.URL))


class TestNoShows:
    def test_they_stand_on_the_card_for_those_who_take_bookings(self, client, desk, venue, guest):
        reserved(venue, guest, status=VisitStatus.NO_SHOW, starts_at=evening(days=-20))
        hidden = reserved(venue, guest, status=VisitStatus.NO_SHOW, starts_at=evening(days=-40))
        url = reverse("customers:card", args=[guest.pk])

        def told(user):
            client.force_login(User.objects.get(pk=user.pk))
            client.cookies.load({"django_language": "en"})
            found = re.search(r"Did not come (\d) times? in three years", main(client.get(url)))
            return found and found[1]

        assert told(desk) == "2"
        seal_visit(visit=hidden, by=desk, people=[desk])
        assert told(desk) == "2"
        assert told(person("okami", venue)) == "1"
        assert told(person("kitchen", venue)) is None
