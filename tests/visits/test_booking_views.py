"""The booking screen: what is sent is taken once, what is refused loses nothing, who may and who may not."""

import html
import re
import uuid
from datetime import datetime, time, timedelta
from decimal import Decimal

import pytest
from django.urls import reverse
from django.utils import timezone

from crm_project.core.accounts.confidential import seal
from crm_project.core.accounts.models import Loan, Role, User
from crm_project.core.accounts.services import assign_role
from crm_project.core.allergens.choices import AllergyState
from crm_project.core.allergens.models import Allergen
from crm_project.core.audit.models import AuditEntry
from crm_project.core.ui.display_dates import format_date
from customers.models import Allergy, Customer, KeepApart
from tests.factories.accounts import UserFactory, VenueFactory, person
from tests.factories.customers import CompanyFactory, CustomerFactory
from tests.factories.menus import CourseFactory, DishFactory
from tests.factories.visits import NoteFactory, RoomFactory, VisitFactory
from visits import services
from visits.choices import AttendanceRole, SeatedCheck, VisitStatus
from visits.day import today_of
from visits.discretion import seal_visit
from visits.entries import AttendanceEntry, BookingEntry, BriefingEntry
from visits.evening import evening_of
from visits.models import (
    AdvanceAnswer,
    BookingSource,
    BookingTerms,
    Briefing,
    CancellationTerm,
    ClosedDay,
    EveningTerms,
    FollowUpRule,
    Occasion,
    Occupancy,
    Promise,
    Room,
    RoomPart,
    ServedDish,
    Visit,
    VisitDraft,
    WaitingParty,
)

pytestmark = pytest.mark.django_db

BOOK = "/visits/bookings/new/"
LIVE = "/visits/bookings/live/"
QUERIES_BLANK = 8
# Of these five every page asks; two are guests and the trail.
QUERIES_FILLED = 11
QUERIES_OF_CHANGE = 12
QUERIES_OF_LIST = 11
# With its follow-ups and the bookings of its occasion (two); five are of every page.
QUERIES_OF_A_BOOKING = 18


@pytest.fixture
def venue():
    return VenueFactory.create()


@pytest.fixture
def desk(venue):
    return person("desk", venue)


@pytest.fixture
def signed(client, desk):
    client.force_login(desk)
    return client


@pytest.fixture
def guest():
    return CustomerFactory.create(name="渡邉 健一", kana="ワタナベ ケンイチ")


@pytest.fixture
def kikyo(venue):
    return RoomFactory.create(venue=venue, name="桔梗", capacity=8)


def in_days(venue, days=7):
    return today_of(venue) + timedelta(days=days)


def moment(venue, hour=18, minute=0, days=7):
    return datetime.combine(in_days(venue, days), time(hour, minute), tzinfo=venue.zone)


def filled(venue, *guests, **values):
    """The fields of a screen that is ready to be sent."""
    fields = {
        "form_token": str(uuid.uuid4()),
        "venue": venue.pk,
        "person": [f"c{guest.pk}" for guest in guests],
        "day": in_days(venue).isoformat(),
        "time": "18",
        "party": "4",
        "purpose": "hosting",
        "op": "take",
        **{f"role_c{guest.pk}": "companion" if number else "host" for number, guest in enumerate(guests)},
    }
    return fields | values


def booked(venue, desk, *guests, accepted=(), **values):
    values.setdefault("starts_at", moment(venue))
    booking = BookingEntry(attendances=[AttendanceEntry(customer=guest) for guest in guests], **values)
    return services.take_booking(by=desk, venue=venue, booking=booking, accepted=accepted)


def change(visit, guest, **values):
    """The fields of the screen on which a booking is changed."""
    fields = filled(visit.venue, guest, visit=visit.pk, version=visit.version, seen="0")
    return fields | {"room": str(visit.room_id or ""), "party": str(visit.party_size)} | values


def text_of(response):
    return html.unescape(response.content.decode())


class TestTaking:
    def test_a_booking_is_taken_and_its_page_opened(self, signed, venue, guest, kikyo, desk):
        source = BookingSource.objects.get(name="お電話")
        course = CourseFactory.create()
        answer = signed.post(
            BOOK,
            filled(
                venue,
                guest,
                room=kikyo.pk,
                staff=desk.pk,
                source=source.pk,
                course=course.pk,
                contact_phone="075-000-0100",
                budget_per_head="25,000円",
                with_drinks="on",
                guests_of_honour="東和精密 取締役 佐々木様",
                closing_time="20:45",
                deposit="50000",
                allergies_guests_by=in_days(venue, 3).isoformat(),
            ),
        )
        visit = Visit.objects.get()
        assert answer.url == reverse("visits:detail", args=[visit.pk])
        assert (visit.status, visit.starts_at, visit.party_size) == (VisitStatus.RESERVED, moment(venue), 4)
        assert (visit.room, visit.staff, visit.source, visit.course) == (kikyo, desk, source, course)
        assert (visit.purpose, visit.contact_phone) == ("hosting", "0750000100")
        assert visit.attendances.get().customer == guest
        briefing = visit.briefing
        assert briefing.budget_per_head == 25_000
        assert briefing.deposit == 50_000
        assert briefing.with_drinks
        assert (briefing.closing_time, briefing.allergies_guests_by) == (time(20, 45), in_days(venue, 3))

    def test_a_double_tap_is_one_booking(self, signed, venue, guest):
        sent = filled(venue, guest)
        answers = [signed.post(BOOK, sent) for _tap in range(2)]
        assert answers[0].url == answers[1].url
        assert Visit.objects.count() == 1

    def test_a_tentative_one_is_held_to_the_end_of_its_day(self, signed, venue, guest):
        signed.post(BOOK, filled(venue, guest, op="tentative", hold_until=in_days(venue, 2).isoformat()))
        visit = Visit.objects.get()
        assert visit.status == VisitStatus.TENTATIVE
        end_of_day = datetime.combine(in_days(venue, 3), time(2), tzinfo=venue.zone)
        assert visit.tentative_until == end_of_day
        assert (
            signed.get(f"/visits/bookings/{visit.pk}/")
            .context["data"]["hold_until"]
            .startswith(f"{in_days(venue, 2).year}年{in_days(venue, 2).month}月{in_days(venue, 2).day}日")
        )

    def test_nobody_said_until_when(self, signed, venue, guest):
        signed.post(BOOK, filled(venue, guest, op="tentative"))
        until = Visit.objects.get().tentative_until
        assert until is not None
        # Three days are the house's terms; the third one ends at two in the morning.
        assert until.astimezone(venue.zone).date() == in_days(venue, 4)

    @pytest.mark.parametrize(
        ("missing", "said"), [("day", "Write the day."), ("time", "Write the time."), ("party", "Write how many come.")]
    )
    def test_what_is_missing_is_said_at_its_field(self, signed, venue, guest, missing, said):
        answer = signed.post(BOOK, filled(venue, guest, **{missing: ""}), headers={"accept-language": "en"})
        assert answer.status_code == 422
        assert answer.context["form"].errors[missing] == [said]
        assert not Visit.objects.exists()

    def test_nobody_is_named(self, signed, venue):
        answer = signed.post(BOOK, filled(venue))
        assert answer.status_code == 422
        assert answer.context["form"].non_field_errors()

    def test_more_are_named_than_come(self, signed, venue, guest):
        other = CustomerFactory.create()
        answer = signed.post(BOOK, filled(venue, guest, other, party="1"))
        assert "party" in answer.context["form"].errors

    def test_after_midnight_belongs_to_the_night(self, signed, venue, guest):
        signed.post(BOOK, filled(venue, guest, time="25:00", until="26:00"))
        visit = Visit.objects.get()
        assert visit.business_date == in_days(venue)
        assert visit.starts_at == moment(venue, 1, days=8)
        assert visit.ends_at == moment(venue, 2, days=8)

    def test_the_end_of_a_long_evening_is_tomorrow(self, signed, venue, guest):
        signed.post(BOOK, filled(venue, guest, time="22:00", until="0:30"))
        assert Visit.objects.get().ends_at == moment(venue, 0, 30, days=8)

    def test_the_venues_clock_decides(self, client, guest):
        venue = VenueFactory.create(timezone="America/New_York")
        client.force_login(person("desk", venue))
        client.post(BOOK, filled(venue, guest))
        visit = Visit.objects.get()
        assert visit.starts_at.astimezone(venue.zone).hour == 18
        assert visit.business_date == in_days(venue)
        page = client.get(f"/visits/bookings/{visit.pk}/")
        assert page.context["data"]["time"] == "18:00"

    def test_what_has_to_be_confirmed_is_ticked(self, signed, venue, guest, kikyo):
        ClosedDay.objects.create(venue=venue, on=in_days(venue), reason="改装")
        sent = filled(venue, guest, room=kikyo.pk, party="9")
        answer = signed.post(BOOK, sent)
        assert answer.status_code == 422
        assert set(answer.context["warnings"]) == {"closed", "crowded"}
        assert answer.content.count(b'name="accepted"') == 2
        assert signed.post(BOOK, sent | {"accepted": ["closed"]}).status_code == 422
        assert signed.post(BOOK, sent | {"accepted": ["closed", "crowded"]}).status_code == 302
        assert Visit.objects.get().room == kikyo

    def test_a_taken_room_is_said_and_free_ones_are_offered(self, signed, venue, guest, desk, kikyo):
        hagi = RoomFactory.create(venue=venue, name="萩", capacity=6)
        booked(venue, desk, CustomerFactory.create(), room=kikyo)
        answer = signed.post(BOOK, filled(venue, guest, room=kikyo.pk))
        assert answer.status_code == 422
        assert "桔梗" in answer.context["form"].errors["room"][0]
        assert [state.room for state in answer.context["rooms"] if state.is_free] == [hagi]
        assert Visit.objects.count() == 1

    def test_a_room_of_another_venue_is_not_given(self, signed, venue, guest):
        answer = signed.post(BOOK, filled(venue, guest, room=RoomFactory.create().pk))
        assert answer.status_code == 422

    def test_a_counter_is_given_as_a_whole(self, signed, venue, guest, kikyo):
        counter = RoomFactory.create(venue=venue, name="カウンター", seats_are_shared=True)
        signed.post(BOOK, filled(venue, guest, room=counter.pk, whole="on"))
        assert Visit.objects.get().takes_whole_room
        # A private room is one's own anyway.
        signed.post(BOOK, filled(venue, CustomerFactory.create(), room=kikyo.pk, whole="on"))
        assert not Visit.objects.latest("pk").takes_whole_room


class TestWhoComes:
    def test_a_new_guest_is_entered_with_the_number(self, signed, venue):
        page = signed.get(f"{BOOK}?phone=090-0000-1234")
        assert 'value="090-0000-1234"' in text_of(page)
        new = {"guest-new-name": "髙橋 美穂", "guest-new-kana": "たかはし みほ", "guest-new-phone": "090-0000-1234"}
        signed.post(BOOK, filled(venue) | new)
        entered = Customer.objects.get()
        assert (entered.kana, entered.phones.get().digits) == ("タカハシ ミホ", "09000001234")
        assert Visit.objects.get().attendances.get().customer == entered

    def test_a_number_that_lost_its_zero_is_shown_before_it_is_kept(self, signed, venue):
        new = {"guest-new-name": "髙橋 美穂", "guest-new-kana": "たかはし みほ", "guest-new-phone": "9000001234"}
        shown = signed.post(BOOK, filled(venue) | new)
        assert (shown.status_code, list(shown.context["new_guest"].errors)) == (422, ["phone"])
        assert signed.post(BOOK, filled(venue) | new | {"guest-new-seen": shown.context["new_guest"].shown}).url
        assert Customer.objects.get().phones.get().digits == "09000001234"
        assert Visit.objects.get().attendances.get().customer == Customer.objects.get()

    def test_who_looks_like_somebody_known_is_asked_about(self, signed, venue, guest):
        new = {"guest-new-name": "渡邉 健一", "guest-new-kana": "わたなべ けんいち", "guest-new-phone": ""}
        answer = signed.post(BOOK, filled(venue) | new)
        assert answer.status_code == 422
        assert guest in answer.context["new_guest"].same
        assert signed.post(BOOK, filled(venue) | new | {"guest-new-is_another_person": "on"}).status_code == 302

    def test_the_caller_with_that_number_is_the_guest(self, signed):
        guest = CustomerFactory.create(phones=["090-0000-5678"])
        page = signed.get(f"{BOOK}?phone=090-0000-5678")
        assert page.context["form"].customers == [guest]
        assert page.context["data"]["contact_phone"] == "090-0000-5678"

    def test_the_only_one_found_is_chosen_by_enter(self, signed, venue, guest):
        sent = filled(venue, op="find", guest_q="わたなべ")
        assert signed.post(BOOK, sent).context["form"].customers == [guest]
        CustomerFactory.create(name="渡辺 花子", kana="ワタナベ ハナコ")
        page = signed.post(BOOK, sent | {"form_token": str(uuid.uuid4())})
        assert page.context["form"].customers == []
        assert len(page.context["found_guests"]) == 2

    @pytest.mark.parametrize(("typed", "field"), [("佐々木", "name"), ("ささき", "kana"), ("075-000-0100", "phone")])
    def test_who_is_not_found_is_offered_to_be_entered(self, signed, venue, typed, field):
        page = signed.post(BOOK, filled(venue, op="find", guest_q=typed))
        assert page.context["new_guest"].initial[field] == typed

    def test_an_unnamed_seat_is_named_later(self, signed, venue, guest):
        other = CustomerFactory.create(name="佐々木 誠")
        sent = filled(venue, guest) | {
            "person": [f"c{guest.pk}", "x1"],
            "label_x1": "お連れ様①",
            "role_x1": "guest_of_honour",
        }
        page = signed.post(BOOK, sent | {"op": "", "name_seat": "x1"})
        assert page.context["naming"] == "x1"
        page = signed.post(BOOK, sent | {"op": "", "naming": "x1", "add_guest": other.pk})
        assert page.context["data"].getlist("person") == [f"c{guest.pk}", f"c{other.pk}"]
        assert page.context["data"][f"role_c{other.pk}"] == "guest_of_honour"

    def test_counted_groups(self, signed, venue, guest):
        signed.post(BOOK, filled(venue, guest, party="大人18 子ども2"))
        visit = Visit.objects.get()
        assert visit.party_size == 20
        rows = list(visit.attendances.values_list("customer", "label", "headcount"))
        assert rows == [(guest.pk, "", 1), (None, "大人", 17), (None, "子ども", 2)]
        # Opened again and sent as it stands, it is the same party.
        page = signed.get(f"/visits/bookings/{visit.pk}/").context["data"]
        sent = {name: page.getlist(name) for name in page} | {"op": "take"}
        assert signed.post(f"/visits/bookings/{visit.pk}/", sent).status_code == 302
        assert list(visit.attendances.values_list("customer", "label", "headcount")) == rows

    def test_somebody_else_rang(self, signed, venue, guest):
        secretary = CustomerFactory.create(name="佐藤 恵")
        signed.post(BOOK, filled(venue, guest, contact=secretary.pk))
        visit = Visit.objects.get()
        assert (visit.contact, visit.attendances.get().customer) == (secretary, guest)
        assert signed.get(f"/visits/bookings/{visit.pk}/").context["picker"].chosen == secretary

    def test_a_merged_card_is_followed(self, signed, venue, guest):
        old = CustomerFactory.create(merged_into=guest)
        signed.post(BOOK, filled(venue, old))
        assert Visit.objects.get().attendances.get().customer == guest

    def test_the_page_of_a_number_leads_to_a_booking_with_it(self, signed):
        assert f"{BOOK}?phone=075-000-0100" in text_of(signed.get("/phone/0750000100/"))

    def test_a_guests_card_leads_to_a_booking(self, signed, guest):
        assert f"{BOOK}?customer={guest.pk}" in text_of(signed.get(f"/guests/{guest.pk}/"))


class TestWhatIsSaid:
    def live(self, client, venue, *guests, **values):
        sent = filled(venue, *guests) | values
        del sent["op"]
        return client.post(LIVE, sent, headers={"hx-request": "true"})

    def test_the_sentence_the_day_and_the_rooms(self, signed, venue, guest, kikyo):
        answer = self.live(signed, venue, guest, room=kikyo.pk, budget_per_head="25000", day="2026-12-04")
        said = text_of(answer)
        assert "十二月四日 金曜日、夕方六時より、四名様、桔梗のお部屋で承りました。お一人様二万五千円" in said
        assert "2026年12月4日（金）大安" in said
        assert "18:00–20:30" in said
        assert 'id="booking-rooms" hx-swap-oob="true"' in said

    def test_why_it_is_no_day_stands_under_the_day(self, signed, venue, guest):
        assert "11/31" in self.live(signed, venue, guest, day="11/31").context["form"].day_words
        assert "30:00" in self.live(signed, venue, guest, time="30:00").context["form"].time_words

    def test_what_is_known_of_the_guest(self, signed, venue, guest, kikyo, desk):
        dish = DishFactory.create(name="松茸土瓶蒸し")
        past = [
            VisitFactory.create(
                venue=venue, room=kikyo, starts_at=timezone.now() - timedelta(days=days), guests=[guest], served=[dish]
            )
            for days in (30, 60)
        ]
        missed = VisitFactory.create(
            venue=venue, starts_at=timezone.now() - timedelta(days=90), guests=[guest], status="no_show"
        )
        NoteFactory.create(visit=missed, customer=guest, text="冷たいお茶を", is_standing=True)
        Briefing.objects.create(visit=past[1], gifts="羊羹")
        closed = ClosedDay.objects.create(venue=venue, on=in_days(venue), is_open=False, reason="畳替え")
        Promise.objects.create(customer=guest, venue=venue, text="次は椅子のお席を", made_by=desk)
        CancellationTerm.objects.create(venue=venue, days_before=3, percent=50)
        answer = self.live(signed, venue, guest)
        facts = answer.context["facts"]
        known = facts.guests[0]
        months = {visit.business_date.replace(day=1) for visit in past}
        assert [(item.dish, set(item.months)) for item in known.served] == [("松茸土瓶蒸し", months)]
        assert [promise.text for promise in known.promises] == ["次は椅子のお席を"]
        assert [note.text for note in known.standing] == ["冷たいお茶を"]
        assert known.no_shows == 1
        assert known.gift == (past[1].business_date, "羊羹")
        assert closed.reason in facts.warnings["closed"]
        assert [(room.name, room.times) for room in facts.usual] == [("桔梗", 2)]
        assert "50 %" in text_of(answer)

    def test_what_was_served_stands_under_its_newest_month_each_dish_once_the_others_folded(self, signed, venue, guest):
        dishes = [DishFactory.create(name=f"お料理{number}") for number in range(8)]
        for days, served in ((100, [dishes[7], dishes[0]]), (65, dishes[2:6]), (30, dishes[:2])):
            at = timezone.now() - timedelta(days=days)
            VisitFactory.create(venue=venue, starts_at=at, guests=[guest], served=served)
        answer = self.live(signed, venue, guest)
        known = answer.context["facts"].guests[0]
        shown = [[dish.dish for dish in group.dishes] for group in known.served_first]
        assert [sorted(names) for names in shown] == [
            ["お料理0", "お料理1"],
            ["お料理2", "お料理3", "お料理4", "お料理5"],
        ]
        assert [[dish.dish for dish in group.dishes] for group in known.served_besides] == [["お料理7"]]
        again = next(dish for dish in known.served_first[0].dishes if dish.dish == "お料理0")
        assert again.earlier == [(timezone.localdate() - timedelta(days=100)).replace(day=1)]
        assert "ほか1品" in text_of(answer)

    def test_a_sealed_evening_is_told_to_nobody_else(self, signed, venue, guest, kikyo, desk):
        okami = person("okami", venue)
        for days in (30, 60):
            visit = VisitFactory.create(
                venue=venue,
                room=kikyo,
                starts_at=timezone.now() - timedelta(days=days),
                guests=[guest],
                served=[DishFactory.create()],
            )
            seal_visit(visit=visit, by=okami, people=[okami])
        ahead = booked(venue, okami, guest)
        seal_visit(visit=ahead, by=okami, people=[okami])
        facts = self.live(signed, venue, guest).context["facts"]
        assert (facts.usual, facts.guests[0].served, facts.warnings) == ([], [], {})
        signed.force_login(User.objects.get(pk=okami.pk))
        facts = self.live(signed, venue, guest).context["facts"]
        assert len(facts.guests[0].served) == 2
        assert set(facts.warnings) == {"same_day"}

    def test_who_must_not_meet_is_told_to_the_entitled(self, client, venue, guest, desk):
        other = CustomerFactory.create(company=CompanyFactory.create())
        booked(venue, desk, other, starts_at=moment(venue, 19))
        KeepApart.objects.create(customer=guest, other_company=other.company, noted_by=desk)
        client.force_login(desk)
        answer = self.live(client, venue, guest)
        assert [met[:2] for met in answer.context["facts"].apart] == [(guest, other)]
        assert f"{other.name} 様" in text_of(answer)

    def test_what_is_typed_is_kept_and_comes_back(self, signed, venue, guest, desk):
        answer = self.live(signed, venue, guest, wishes="お子様椅子", accepted=["closed"])
        draft = VisitDraft.objects.get()
        assert answer.headers["HX-Replace-Url"] == f"{BOOK}?draft={draft.pk}"
        assert "accepted" not in draft.values
        page = signed.get(f"{BOOK}?draft={draft.pk}")
        assert page.context["form"].customers == [guest]
        assert 'value="お子様椅子"' in text_of(page)
        assert f"{BOOK}?draft={draft.pk}" in text_of(signed.get("/visits/bookings/"))
        # 本日 lists it among the unrecorded visits; the log form leads on to the screen on which it was begun.
        assert f"?draft={draft.pk}" in text_of(signed.get("/visits/"))
        assert signed.get(f"/visits/log/?draft={draft.pk}").url == f"{BOOK}?draft={draft.pk}"
        sent = {name: draft.values[name] for name in draft.values} | {"op": "take"}
        assert signed.post(BOOK, sent).status_code == 302
        assert not VisitDraft.objects.exists()

    def test_a_draft_says_what_it_is_about(self, signed, venue, guest, kikyo):
        """On 本日 and on the list: guest or label, day, time and room, as far as they are known."""
        signed.post(LIVE, filled(venue, guest, day="12/4", time="18時半", room=kikyo.pk))
        unnamed = filled(venue, guest, person=["x1"], day="12/5", time="", room="9" * 20) | {"label_x1": "佐伯様"}
        signed.post(LIVE, unnamed)
        for page in ("/visits/", "/visits/bookings/"):
            said = re.sub(r"<[^>]+>|\s+", " ", text_of(signed.get(page)))
            said = re.sub(r" +", " ", said)
            assert "渡邉 健一 様 12/4 18時半 桔梗 ご予約の下書き" in said, page
            assert "佐伯様 12/5 ご予約の下書き" in said, page

    def test_a_draft_is_ones_own(self, client, signed, venue, guest):
        self.live(signed, venue, guest)
        client.force_login(person("desk", venue))
        assert client.get(f"{BOOK}?draft={VisitDraft.objects.get().pk}").status_code == 404

    def test_a_draft_can_be_thrown_away_by_who_records_no_visits(self, client, venue, guest):
        client.force_login(person("sales", venue))
        self.live(client, venue, guest)
        client.post("/visits/log/discard/", {"form_token": VisitDraft.objects.get().pk})
        assert not VisitDraft.objects.exists()

    def test_a_search_leaves_a_trail(self, signed, guest):
        answer = signed.get("/visits/bookings/guests/?guest_q=わたなべ")
        assert guest.name.split()[0][0] in text_of(answer)
        assert AuditEntry.objects.filter(action="searched", subject_name="わたなべ").count() == 1

    def test_buttons_work_without_scripts(self, signed, venue, guest, kikyo):
        page = signed.post(BOOK, filled(venue, guest, op="look"))
        assert [state.room for state in page.context["rooms"]] == [kikyo]
        page = signed.post(BOOK, filled(venue, guest, op="add_companion"))
        assert page.context["data"].getlist("person") == [f"c{guest.pk}", "x1"]
        page = signed.post(BOOK, filled(venue, guest, op="", remove_person=f"c{guest.pk}"))
        assert page.context["data"].getlist("person") == []
        assert not Visit.objects.exists()


class TestChanging:
    def test_it_opens_as_it_was_taken(self, signed, venue, guest, kikyo, desk):
        visit = booked(venue, desk, guest, room=kikyo, party_size=4, ends_at=moment(venue, 21))
        data = signed.get(f"/visits/bookings/{visit.pk}/").context["data"]
        assert (data["time"], data["until"], data["party"], data["room"]) == ("18:00", "21:00", "4", str(kikyo.pk))

    def test_a_change_keeps_what_the_screen_does_not_show(self, signed, venue, guest, desk):
        dish = DishFactory.create()
        visit = booked(venue, desk, guest, outside_system="予約台帳", outside_id="A-1", course=CourseFactory.create())
        ServedDish.objects.create(visit=visit, dish=dish)
        visit.attendances.update(seated_check=SeatedCheck.CHANGED, checked_by=desk, checked_at=timezone.now())
        answer = signed.post(f"/visits/bookings/{visit.pk}/", change(visit, guest, time="19", course=visit.course_id))
        assert answer.status_code == 302
        visit.refresh_from_db()
        assert visit.starts_at == moment(venue, 19)
        assert (visit.outside_system, visit.outside_id) == ("予約台帳", "A-1")
        assert [row.dish for row in visit.served_dishes.all()] == [dish]
        assert visit.attendances.get().seated_check == SeatedCheck.CHANGED

    def test_somebody_else_was_faster_and_nothing_is_lost(self, signed, venue, guest, desk, kikyo):
        visit = booked(venue, desk, guest, party_size=4)
        page = signed.get(f"/visits/bookings/{visit.pk}/").context["data"]
        sent = {name: page.getlist(name) for name in page} | {"op": "take", "wishes": "お子様椅子"}
        services.change_booking(
            visit=visit,
            by=person("manager", venue, display_name="店長 松本"),
            version=visit.version,
            booking=BookingEntry(starts_at=moment(venue), party_size=5, attendances=[AttendanceEntry(customer=guest)]),
        )
        answer = signed.post(f"/visits/bookings/{visit.pk}/", sent)
        assert answer.status_code == 422
        said = text_of(answer)
        assert 'value="お子様椅子"' in said
        [line] = answer.context["changes"]
        assert line.who == "店長 松本"
        assert ("4", "5") in [(one.before, one.after) for one in line.changes]
        visit.refresh_from_db()
        assert visit.party_size == 5
        # Sent once more, it is what counts.
        again = sent | {"version": answer.context["data"]["version"], "seen": answer.context["data"]["seen"]}
        assert signed.post(f"/visits/bookings/{visit.pk}/", again).status_code == 302
        visit.refresh_from_db()
        assert (visit.party_size, visit.briefing.wishes) == (4, "お子様椅子")

    def test_a_tentative_one_becomes_firm_in_one_tap(self, signed, venue, guest, desk):
        visit = booked(venue, desk, guest, tentative_until=timezone.now() + timedelta(days=1))
        assert f"/visits/{visit.pk}/confirm/" in text_of(signed.get(f"/visits/{visit.pk}/"))
        signed.post(f"/visits/{visit.pk}/confirm/")
        visit.refresh_from_db()
        assert visit.status == VisitStatus.RESERVED

    def test_who_has_arrived_is_not_changed_any_more(self, signed, venue, guest, desk):
        visit = booked(venue, desk, guest)
        services.advance_visit(visit=visit, by=desk, status=VisitStatus.ARRIVED)
        assert signed.get(f"/visits/bookings/{visit.pk}/").url == f"/visits/{visit.pk}/"

    def test_the_change_stands_in_the_history_of_its_page(self, signed, venue, guest, desk):
        visit = booked(venue, desk, guest)
        signed.post(f"/visits/bookings/{visit.pk}/", change(visit, guest, budget_per_head="25000"))
        history = signed.get(f"/visits/{visit.pk}/").context["history"]
        labels = {(one.label, one.after) for one in history[0].changes}
        assert ("お一人様のご予算", "25000") in labels


class TestWhatABookingHasAlready:
    def lent(self, venue, day, desk):
        """Somebody of another venue who helps here on that business day."""
        helper = person("floor", display_name="応援 千代")
        starts_at = datetime.combine(day, time(16), tzinfo=venue.zone)
        Loan.objects.create(
            user=helper,
            venue=venue,
            role=Role.objects.get(code="floor"),
            business_date=day,
            starts_at=starts_at,
            ends_at=starts_at + timedelta(hours=8),
            lent_by=desk,
        )
        return helper

    def test_who_is_lent_for_that_day_can_attend_and_stays(self, signed, venue, guest, desk):
        helper = self.lent(venue, in_days(venue), desk)
        answer = signed.post(BOOK, filled(venue, guest, staff=helper.pk))
        visit = Visit.objects.get()
        assert (answer.status_code, visit.staff) == (302, helper)
        page = signed.get(f"/visits/bookings/{visit.pk}/").context["data"]
        sent = {name: page.getlist(name) for name in page} | {"op": "take", "party": "5"}
        assert signed.post(f"/visits/bookings/{visit.pk}/", sent).status_code == 302
        visit.refresh_from_db()
        assert (visit.staff, visit.party_size) == (helper, 5)

    def test_who_is_lent_for_another_day_is_not_there(self, signed, venue, guest, desk):
        helper = self.lent(venue, in_days(venue, 8), desk)
        answer = signed.post(BOOK, filled(venue, guest, staff=helper.pk))
        assert (answer.status_code, Visit.objects.count()) == (422, 0)
        assert "その日にこの店で働く人をお選びください。" in text_of(answer)

    def test_the_attendant_who_left_the_house_is_kept(self, signed, venue, guest, desk):
        gone = person("floor", venue)
        visit = booked(venue, desk, guest, staff=gone, party_size=4)
        User.objects.filter(pk=gone.pk).update(is_active=False)
        page = signed.get(f"/visits/bookings/{visit.pk}/")
        assert f'<option value="{gone.pk}" selected>' in text_of(page)
        answer = signed.post(f"/visits/bookings/{visit.pk}/", change(visit, guest, staff=gone.pk))
        visit.refresh_from_db()
        assert (answer.status_code, visit.staff) == (302, gone)

    def test_the_room_that_is_no_longer_in_use_is_shown_and_kept(self, signed, venue, guest, desk, kikyo):
        visit = booked(venue, desk, guest, room=kikyo, party_size=4)
        other = RoomFactory.create(venue=venue, name="旧館", is_active=False)
        Room.objects.filter(pk=kikyo.pk).update(is_active=False)
        page = signed.get(f"/visits/bookings/{visit.pk}/")
        assert [state.room for state in page.context["rooms"]] == [kikyo]
        assert f'value="{kikyo.pk}" id="room-{kikyo.pk}" checked' in text_of(page)
        assert signed.post(f"/visits/bookings/{visit.pk}/", change(visit, guest, time="19")).status_code == 302
        visit.refresh_from_db()
        assert visit.room == kikyo
        refused = signed.post(f"/visits/bookings/{visit.pk}/", change(visit, guest, room=other.pk))
        assert "そのお部屋は使えません。" in text_of(refused)

    def test_the_log_form_keeps_them_too(self, client, venue, guest, desk, kikyo):
        today = today_of(venue)
        client.force_login(person("floor", venue))
        helper = self.lent(venue, today - timedelta(days=1), desk)
        visit = VisitFactory.create(
            venue=venue,
            room=kikyo,
            staff=helper,
            starts_at=moment(venue, 12, days=0),
            status="reserved",
            guests=[guest],
        )
        Room.objects.filter(pk=kikyo.pk).update(is_active=False)
        page = client.get(f"/visits/log/?visit={visit.pk}").context["data"]
        sent = {name: page.getlist(name) for name in page} | {"op": "reserve", "party_size": "3"}
        assert client.post("/visits/log/", sent).status_code == 302
        visit.refresh_from_db()
        assert (visit.staff, visit.room, visit.party_size) == (helper, kikyo, 3)

    def test_the_log_form_offers_the_people_of_the_evening(self, client, venue, guest, desk):
        client.force_login(person("floor", venue))
        helper = self.lent(venue, today_of(venue) - timedelta(days=1), desk)
        sent = {
            "form_token": str(uuid.uuid4()),
            "venue": venue.pk,
            "person": f"c{guest.pk}",
            f"role_c{guest.pk}": "host",
            f"check_c{guest.pk}": "changed",
            "party_size": "2",
            "purpose": "private",
            "has_complaint": "no",
            "staff": helper.pk,
            "op": "record",
        }
        of_today = client.post("/visits/log/", sent | {"starts_at": f"{moment(venue, 12, days=0):%Y-%m-%dT%H:%M}"})
        assert "その日にこの店で働く人をお選びください。" in text_of(of_today)
        client.post("/visits/log/", sent | {"starts_at": f"{moment(venue, 18, days=-1):%Y-%m-%dT%H:%M}"})
        assert Visit.objects.get().staff == helper

    @pytest.mark.parametrize("starts_at", ["0001-01-01T00:00", "9999-12-31T23:59"])
    def test_a_year_nobody_writes_down_is_answered(self, client, venue, guest, starts_at):
        client.force_login(person("floor", venue))
        sent = {"form_token": str(uuid.uuid4()), "venue": venue.pk, "person": f"c{guest.pk}", "starts_at": starts_at}
        assert client.post("/visits/log/", sent | {"op": "find"}).status_code == 200


class TestWhatIsFarOff:
    @pytest.mark.parametrize("field", ["day", "hold_until", "allergies_guests_by"])
    def test_a_mistyped_year_is_said_at_its_field(self, signed, venue, guest, field):
        answer = signed.post(BOOK, filled(venue, guest) | {field: "2200-12-31"})
        assert (answer.status_code, Visit.objects.count()) == (422, 0)
        assert "2200-12-31は10年より先" in "".join(answer.context["form"].errors[field])

    def test_the_log_form_says_it_too(self, client, venue, guest):
        client.force_login(person("floor", venue))
        sent = {"form_token": str(uuid.uuid4()), "venue": venue.pk, "person": f"c{guest.pk}", "op": "reserve"}
        sent |= {f"role_c{guest.pk}": "host", "party_size": "2", "purpose": "private"}
        for starts_at in ("9999-12-31T18:00", "0001-01-01T18:00"):
            answer = client.post("/visits/log/", sent | {"starts_at": starts_at})
            assert (answer.status_code, list(answer.context["form"].errors)) == (422, ["starts_at"])

    def test_the_hundredth_companion(self, signed, venue, guest):
        people = [f"x{number}" for number in range(1, 100)]
        page = signed.post(BOOK, filled(venue, guest, person=people, op="add_companion"))
        assert page.context["form"].seats[-1].called == "お連れ様100"
        everybody = [f"x{number}" for number in range(1, 1000)]
        page = signed.post(BOOK, filled(venue, guest, person=everybody, op="add_companion"))
        assert len(page.context["form"].seats) == 999
        assert "これ以上はお名前を増やせません" in text_of(page)

    def test_a_draft_about_a_number_nobody_has(self, signed, venue, guest):
        signed.post(LIVE, filled(venue, guest, person=["c" + "9" * 20]))
        assert signed.get("/visits/").status_code == 200
        assert signed.get("/visits/bookings/").status_code == 200


class TestHowLong:
    def test_an_end_before_the_beginning_is_asked_about(self, signed, venue, guest):
        sent = filled(venue, guest, time="18:00", until="17:00")
        answer = signed.post(BOOK, sent)
        assert (answer.status_code, Visit.objects.count()) == (422, 0)
        assert "23時間" in answer.context["warnings"]["long"]
        signed.post(BOOK, sent | {"accepted": ["long"]})
        visit = Visit.objects.get()
        assert visit.ends_at == visit.starts_at + timedelta(hours=23)

    def test_a_long_stay_opens_and_is_saved_as_it_was(self, signed, venue, guest, desk):
        visit = booked(venue, desk, guest, party_size=4, ends_at=moment(venue, 7, days=8), accepted=["long"])
        page = signed.get(f"/visits/bookings/{visit.pk}/").context["data"]
        assert page["until"] == "31:00"
        sent = {name: page.getlist(name) for name in page} | {"op": "take", "party": "5", "accepted": ["long"]}
        assert signed.post(f"/visits/bookings/{visit.pk}/", sent).status_code == 302
        visit.refresh_from_db()
        assert (visit.ends_at, visit.party_size) == (moment(venue, 7, days=8), 5)

    def test_a_counter_taken_whole_by_too_many_is_asked_about(self, signed, venue, guest):
        counter = RoomFactory.create(venue=venue, name="カウンター", capacity=6, seats_are_shared=True)
        sent = filled(venue, guest, party="8", room=counter.pk, whole="on")
        looked = signed.post(BOOK, sent | {"op": "look"})
        assert [state.is_free for state in looked.context["rooms"]] == [True]
        assert "残りNone" not in text_of(looked)
        answer = signed.post(BOOK, sent)
        assert list(answer.context["warnings"]) == ["crowded"]
        assert signed.post(BOOK, sent | {"accepted": ["crowded"]}).status_code == 302
        assert Visit.objects.get().takes_whole_room


class TestWaiting:
    def waiting(self, venue, desk, **values):
        return WaitingParty.objects.create(
            venue=venue, business_date=in_days(venue), from_time=time(18), party_size=3, taken_by=desk, **values
        )

    def test_who_waited_waits_no_more(self, signed, venue, guest, desk):
        party = self.waiting(venue, desk, customer=guest, wishes="個室で")
        page = signed.get(f"{BOOK}?waiting={party.pk}").context["data"]
        assert (page["time"], page["party"], page["wishes"]) == ("18:00", "3", "個室で")
        sent = {name: page.getlist(name) for name in page} | {"op": "take"}
        signed.post(BOOK, sent)
        party.refresh_from_db()
        assert (party.state, party.visit) == ("booked", Visit.objects.get())

    def test_the_table_that_the_list_offers_is_the_one_that_is_booked(self, signed, venue, desk, kikyo):
        RoomFactory.create(venue=venue, name="広すぎる間", capacity=80)
        booked(venue, desk, CustomerFactory.create(), room=kikyo, starts_at=moment(venue, 16), party_size=4)
        party = WaitingParty.objects.create(
            venue=venue,
            business_date=in_days(venue),
            from_time=time(16),
            until_time=time(21),
            party_size=4,
            room=kikyo,
            name="佐伯 様",
            taken_by=desk,
        )
        link = re.search(
            rf'href="(/visits/bookings/new/\?waiting={party.pk}[^"]*)"', text_of(signed.get("/visits/waiting/"))
        )
        assert link
        data = signed.get(link[1]).context["data"]
        assert data["room"] == str(kikyo.pk)
        sent = {name: data.getlist(name) for name in data} | {"op": "take", "form_token": str(uuid.uuid4())}
        assert signed.post(BOOK, sent).status_code == 302
        party.refresh_from_db()
        assert party.visit is not None
        assert party.visit.room == kikyo
        assert party.visit.starts_at > moment(venue, 17)

    @pytest.mark.parametrize("gone", ["given_up", "deleted"])
    def test_who_waits_no_more_is_said_and_the_booking_stands_without(self, signed, venue, guest, desk, gone):
        party = self.waiting(venue, desk, customer=guest)
        page = signed.get(f"{BOOK}?waiting={party.pk}").context["data"]
        sent = {name: page.getlist(name) for name in page} | {"op": "take", "wishes": "お子様椅子"}
        if gone == "deleted":
            party.delete()
        else:
            services.give_up_waiting(waiting=party, by=desk)
        answer = signed.post(BOOK, sent)
        assert (answer.status_code, Visit.objects.count()) == (422, 0)
        assert "もうお待ちではありません" in text_of(answer)
        assert 'value="お子様椅子"' in text_of(answer)
        again = answer.context["data"]
        assert signed.post(BOOK, {name: again.getlist(name) for name in again} | {"op": "take"}).status_code == 302
        assert Visit.objects.get().briefing.wishes == "お子様椅子"

    def test_a_name_is_a_seat_to_be_named_later(self, signed, venue, desk):
        party = self.waiting(venue, desk, name="山田様", phone="09000001111")
        page = signed.get(f"{BOOK}?waiting={party.pk}")
        assert [seat.called for seat in page.context["form"].seats] == ["山田様"]


class TestOnThePhone:
    """What a front desk stumbles over."""

    def test_another_time_moves_the_end_that_nobody_named(self, signed, venue, guest, kikyo, desk):
        BookingTerms.objects.create(venue=venue, dinner_minutes=120)
        visit = booked(venue, desk, guest, room=kikyo)
        page = signed.get(f"/visits/bookings/{visit.pk}/")
        assert page.context["data"]["until"] == ""
        answer = signed.post(f"/visits/bookings/{visit.pk}/", change(visit, guest, time="19"), follow=True)
        assert "ご予約を変更しました。" in text_of(answer)
        visit.refresh_from_db()
        assert (visit.starts_at, visit.ends_at) == (moment(venue, 19), moment(venue, 21))
        named = booked(venue, desk, guest, starts_at=moment(venue, days=8), ends_at=moment(venue, 22, days=8))
        assert signed.get(f"/visits/bookings/{named.pk}/").context["data"]["until"] == "22:00"

    def test_a_full_house_leads_to_the_waiting_list_with_what_was_said(self, signed, venue, guest, kikyo, desk):
        booked(venue, desk, CustomerFactory.create(), room=kikyo)
        asked = filled(venue, guest, party="6", contact_phone="090-1111-2222", wishes="椅子")
        page = signed.post(LIVE, asked)
        [url] = re.findall(r'href="(/visits/waiting/new/[^"]+)"', text_of(page))
        form = signed.get(url)
        assert form.context["picker"].chosen == guest
        values = {name: form.context["form"][name].value() for name in ("business_date", "from_time", "party_size")}
        assert values == {"business_date": in_days(venue), "from_time": "18:00", "party_size": 6}
        kept = {"phone": "09011112222", "wishes": "椅子", "guest": guest.pk}
        signed.post(url, {**values, "business_date": in_days(venue).isoformat(), **kept})
        party = WaitingParty.objects.get()
        assert (party.customer, party.party_size, party.phone, party.wishes) == (guest, 6, "09011112222", "椅子")
        # The booking that could not be is no unfinished one.
        assert not VisitDraft.objects.exists()
        RoomFactory.create(venue=venue, capacity=6)
        assert 'id="to-waiting"' not in text_of(signed.post(LIVE, asked))

    @pytest.mark.parametrize("query", ["?time=99:99&party=x&day=2026-13-01&draft=x&venue=x", "?time=25:00&party=0"])
    def test_whatever_the_address_says_the_waiting_list_opens(self, signed, venue, query):
        page = signed.get(f"/visits/waiting/new/{query}")
        assert page.context["form"]["from_time"].value() == "18:00"

    def test_seats_that_are_left_are_told_also_where_they_are_too_few(self, signed, venue, guest, desk):
        counter = RoomFactory.create(venue=venue, name="カウンター", capacity=8, seats_are_shared=True)
        booked(venue, desk, CustomerFactory.create(), room=counter, party_size=5)
        [label] = re.findall(r"カウンター [^<]+", text_of(signed.post(LIVE, filled(venue, guest, party="4"))))
        assert label.strip() == "カウンター 残り3席"

    def test_an_amount_is_read_as_it_is_said(self, signed, venue, guest):
        page = signed.post(LIVE, filled(venue, guest, budget_per_head="2万5千", deposit="三万円"))
        assert "お一人様二万五千円" in page.context["read_back"]
        assert "お預かり金は三万円" in page.context["read_back"]

    def test_drafts_that_are_many_are_folded(self, signed, venue):
        for number in range(3):
            signed.post(LIVE, filled(venue, CustomerFactory.create(), form_token=str(uuid.uuid4())))
            page = text_of(signed.get(BOOK))
            assert ('<details class="alert alert-ask day-fold"><summary><b>まだの記録' in page) == (number == 2)

    def test_a_day_of_the_calendar_stands_in_the_field_as_one_reads_it(self, signed):
        assert signed.get(f"{BOOK}?day=2026-12-18").context["data"]["day"] == "2026年12月18日（金）"
        for odd in ("2026-13-45", "明日", "x" * 50):
            assert signed.get(f"{BOOK}?day={odd}").context["data"]["day"] == odd

    def test_a_cancellation_says_what_was_agreed_and_who_waits(self, signed, venue, guest, kikyo, desk):
        CancellationTerm.objects.create(venue=venue, days_before=30, percent=50)
        visit = booked(venue, desk, guest, room=kikyo, outside_system="予約サイト", outside_id="A-1024")
        assert "A-1024" in text_of(signed.get(f"/visits/{visit.pk}/"))
        WaitingParty.objects.create(
            venue=venue, name="佐伯", business_date=visit.business_date, from_time=time(18), party_size=2, taken_by=desk
        )
        for percent in ("101", "-1", "x"):
            answer = signed.post(f"/visits/{visit.pk}/cancel/", {"reason": "illness", "percent": percent})
            assert answer.status_code == 422
        page = signed.post(f"/visits/{visit.pk}/cancel/", {"reason": "illness", "percent": "0"}, follow=True)
        visit.refresh_from_db()
        assert (visit.status, visit.cancel_percent) == ("cancelled", 0)
        assert f"/visits/waiting/?day={visit.business_date}" in text_of(page)
        assert "ご予約に戻す" in text_of(page)
        other = booked(venue, desk, guest, room=kikyo)
        signed.post(f"/visits/{other.pk}/cancel/", {"reason": "plans", "percent": ""})
        other.refresh_from_db()
        assert other.cancel_percent == 50


class TestWithoutABooking:
    """A walk-in starts at arrived."""

    def opened(self, signed, venue):
        assert f"{BOOK}?walk_in=1&venue={venue.pk}" in text_of(signed.get("/visits/"))
        page = signed.get(f"{BOOK}?walk_in=1&venue={venue.pk}")
        assert "仮で承る" not in text_of(page)
        data = page.context["data"]
        return {name: data.getlist(name) for name in data} | {"party": "2", "op": "take"}

    def test_they_stand_on_the_day_as_arrived_and_have_the_room(self, signed, venue, guest, kikyo):
        sent = self.opened(signed, venue) | {"room": kikyo.pk, "person": [f"c{guest.pk}"], f"role_c{guest.pk}": "host"}
        assert signed.post(BOOK, sent).status_code == 302
        visit = Visit.objects.get()
        assert (visit.status, visit.room, visit.business_date) == ("arrived", kikyo, today_of(venue))
        assert visit.arrived_at is not None
        assert Occupancy.objects.filter(visit=visit, room=kikyo).exists()
        # Sent twice it is one party.
        signed.post(BOOK, sent)
        assert Visit.objects.count() == 1

    def test_whose_name_nobody_asked_has_a_seat_that_can_be_named_later(self, signed, venue):
        signed.post(BOOK, self.opened(signed, venue))
        seat = Visit.objects.get().attendances.get()
        assert (seat.customer, seat.label, seat.role) == (None, "ご予約なしのお客様", "host")

    @pytest.mark.parametrize("days", [-1, 1])
    def test_who_is_at_the_door_has_come_today(self, signed, venue, days):
        answer = signed.post(BOOK, self.opened(signed, venue) | {"day": in_days(venue, days).isoformat()})
        assert answer.status_code == 422
        assert "本日の日時をご入力ください" in text_of(answer)
        assert not Visit.objects.exists()

    def test_on_other_days_and_for_who_takes_no_bookings_there_is_no_such_way(self, client, signed, venue):
        assert 'id="walk-in"' not in text_of(signed.get(f"/visits/?day={in_days(venue, 1)}"))
        client.force_login(person("floor", venue))
        assert 'id="walk-in"' not in text_of(client.get("/visits/"))


class TestWhoMay:
    def test_the_floor_takes_no_bookings(self, client, venue, guest, desk):
        visit = booked(venue, desk, guest)
        client.force_login(person("floor", venue))
        assert client.get(BOOK).status_code == 403
        assert client.post(BOOK, filled(venue, guest)).status_code == 403
        assert client.get(f"/visits/bookings/{visit.pk}/").status_code == 403
        assert client.post(LIVE, filled(venue, guest)).status_code == 403
        assert client.get("/visits/bookings/guests/?guest_q=わたなべ").status_code == 403

    def test_the_desk_of_another_venue_finds_nothing(self, client, venue, guest, desk):
        visit = booked(venue, desk, guest)
        client.force_login(person("desk"))
        assert client.post(BOOK, filled(venue, guest)).status_code == 404
        assert client.get(f"/visits/bookings/{visit.pk}/").status_code == 404
        assert client.post(f"/visits/{visit.pk}/confirm/").status_code == 404
        assert Visit.objects.count() == 1

    def test_a_right_at_one_venue_is_none_at_the_other(self, client, venue, guest, desk):
        visit = booked(venue, desk, guest)
        both = person("desk")
        assign_role(user=both, venue=venue, role=Role.objects.get(code="kitchen"), by=User.objects.system())
        client.force_login(User.objects.get(pk=both.pk))
        assert client.get(f"/visits/bookings/{visit.pk}/").status_code == 403
        assert client.post(f"/visits/{visit.pk}/confirm/").status_code == 403

    def test_a_sealed_booking_is_not_there(self, client, venue, guest, desk):
        okami = person("okami", venue)
        visit = booked(venue, okami, guest)
        seal_visit(visit=visit, by=okami, people=[okami])
        client.force_login(desk)
        assert client.get(f"/visits/bookings/{visit.pk}/").status_code == 404

    def test_a_stranger_gets_nothing(self, client):
        client.force_login(UserFactory.create())
        assert client.get(BOOK).status_code == 403

    def test_a_form_without_a_token_is_refused(self, signed, venue, guest):
        assert signed.post(BOOK, filled(venue, guest, form_token="")).status_code == 400

    @pytest.mark.parametrize("count", [1, 3])
    def test_the_blank_screen_does_not_grow_in_queries(self, signed, venue, django_assert_num_queries, count):
        for _number in range(count):
            RoomFactory.create(venue=venue)
            CourseFactory.create()
        signed.get(BOOK)
        with django_assert_num_queries(QUERIES_BLANK):
            signed.get(BOOK)

    @pytest.mark.parametrize("count", [1, 3])
    def test_the_screen_with_guest_day_and_time_does_not_grow(
        self, signed, venue, guest, kikyo, desk, django_assert_num_queries, count
    ):
        """Everything that is known stands there: served, promised, always, missed, gift, usual room, day, terms."""
        for number in range(count):
            for days in (30, 60):
                VisitFactory.create(
                    venue=venue,
                    room=kikyo,
                    starts_at=timezone.now() - timedelta(days=days + number),
                    guests=[guest],
                    served=[DishFactory.create()],
                )
            missed = VisitFactory.create(
                venue=venue, starts_at=timezone.now() - timedelta(days=90), guests=[guest], status="no_show"
            )
            NoteFactory.create(visit=missed, customer=guest, is_standing=True)
            Promise.objects.create(customer=guest, venue=venue, text="次は椅子のお席を", made_by=desk)
            CancellationTerm.objects.create(venue=venue, days_before=number, percent=50)
            self.crowd(signed, venue, guest, desk)
        guest.allergy_state = AllergyState.LISTED
        guest.save()
        Allergy.objects.create(customer=guest, allergen=Allergen.objects.get(code="shrimp"))
        url = f"{BOOK}?customer={guest.pk}&day={in_days(venue)}&time=18:00&party=4"
        signed.get(url)
        with django_assert_num_queries(QUERIES_FILLED):
            page = signed.get(url)
        facts = page.context["facts"]
        assert [len(facts.guests[0].promises), facts.guests[0].no_shows, len(facts.terms)] == [count] * 3
        assert {str(promise.made_by) for promise in facts.guests[0].promises} == {str(desk)}
        assert [len(facts.guests[0].served), len(facts.apart), len(page.context["other_drafts"])] == [
            min(2 * count, 3),
            count,
            count,
        ]
        assert all(open.about and open.room for open in page.context["other_drafts"])
        assert not next(state for state in page.context["rooms"] if state.room.name == "桔梗＋萩1").is_free
        [tag] = re.findall(r'class="tag allergy">([^<]+)', text_of(page))
        assert tag.split()[0] in page.context["read_back"]

    def crowd(self, signed, venue, guest, desk):
        """One more joined room, a booking that takes a part of it and must not meet the guest, and a draft of another one."""
        other, number = CustomerFactory.create(), Room.objects.filter(parts=None).count()
        part = RoomFactory.create(venue=venue, name=f"萩{number}")
        joined = RoomFactory.create(venue=venue, name=f"桔梗＋萩{number}", capacity=12)
        RoomPart.objects.create(joined=joined, room=part)
        booked(venue, desk, other, room=part)
        KeepApart.objects.create(customer=guest, other_customer=other, noted_by=desk)
        signed.post(LIVE, filled(venue, other, room=part.pk, form_token=str(uuid.uuid4())))

    @pytest.mark.parametrize("count", [1, 3])
    def test_the_screen_of_a_change_does_not_grow(
        self, signed, venue, guest, kikyo, desk, django_assert_num_queries, count
    ):
        """Whoever rang, whatever was answered, with drafts of others and guests who must not meet."""
        others = [CustomerFactory.create() for _number in range(count - 1)]
        rang, answers = CustomerFactory.create(), BriefingEntry(gifts="羊羹")
        visit = booked(venue, desk, guest, *others, room=kikyo, contact=rang, briefing=answers, party_size=4)
        for _number in range(count):
            self.crowd(signed, venue, guest, desk)
        url = f"/visits/bookings/{visit.pk}/"
        signed.get(url)
        with django_assert_num_queries(QUERIES_OF_CHANGE):
            page = signed.get(url)
        facts = page.context["facts"]
        assert [len(facts.guests), len(facts.apart), len(page.context["other_drafts"])] == [count] * 3
        assert f"{rang.name} 様" in text_of(page)
        assert 'value="羊羹"' in text_of(page)
        # What was typed and not yet sent is read no dearer.
        signed.post(LIVE, {name: page.context["data"].getlist(name) for name in page.context["data"]})
        with django_assert_num_queries(QUERIES_OF_CHANGE):
            assert signed.get(url).context["draft"] is not None

    def test_a_look_at_what_is_known_of_a_guest_stands_in_the_trail(self, signed, venue, guest, desk):
        """When the screen opens with the guest, and when the guest is seated; not with every letter that is typed."""
        seen = AuditEntry.objects.about(guest).filter(action="viewed", actor=desk)
        signed.get(f"{BOOK}?customer={guest.pk}")
        assert seen.count() == 1
        signed.post(BOOK, filled(venue, guest, person="", op="", add_guest=guest.pk))
        signed.post(LIVE, filled(venue, guest))
        assert seen.count() == 2


class TestList:
    def rows(self, client, query=""):
        page = client.get(f"/visits/bookings/{query}")
        assert page.status_code == 200
        return [visit.pk for visit in page.context["page"].rows]

    def test_bookings_stand_by_day_from_today_on(self, signed, venue, guest, desk):
        later = booked(venue, desk, guest, starts_at=moment(venue, days=8), party_size=3)
        sooner = booked(venue, desk, CustomerFactory.create(), starts_at=moment(venue, days=2))
        gone = booked(venue, desk, CustomerFactory.create(), starts_at=moment(venue, days=3))
        services.cancel_booking(visit=gone, by=desk, reason="plans")
        VisitFactory.create(venue=venue, starts_at=moment(venue, days=-2), status="reserved")
        page = signed.get("/visits/bookings/")
        assert [(group.day, group.guests) for group in page.context["days"]] == [
            (in_days(venue, 2), 1),
            (in_days(venue, 8), 3),
        ]
        assert self.rows(signed) == [sooner.pk, later.pk]

    @pytest.mark.parametrize("case", ["due", "later", "asked", "others none", "at the table", "uncounted", "term"])
    def test_allergies_not_asked_in_time_stand_above(self, signed, venue, desk, case):
        EveningTerms.objects.create(venue=venue, advance_hours=24 if case == "term" else 48)
        guest = CustomerFactory.create(
            name="佐伯 直子", allergy_state="none" if case in ("asked", "uncounted") else "not_asked"
        )
        visit = booked(venue, desk, guest, starts_at=timezone.now() + timedelta(hours=60 if case == "later" else 36))
        Visit.objects.filter(pk=visit.pk).update(party_size=4 if case == "uncounted" else 1)
        if case == "others none":
            AdvanceAnswer.objects.create(
                visit=visit, source="arranger", said_on=visit.business_date, others_none=True, asked_by=desk
            )
        elif case == "at the table":
            visit.attendances.update(seated_check="changed", checked_by=desk, checked_at=timezone.now())

        page = signed.get("/visits/bookings/")

        is_due = case in ("due", "uncounted")
        told = [(found.pk, found.unasked) for found in page.context["overdue"]]
        assert told == ([(visit.pk, 3 if case == "uncounted" else 1)] if is_due else [])
        evening = evening_of(visit)
        assert evening.overdue == is_due
        assert not is_due or evening.gate.unasked == told[0][1]
        assert self.rows(signed, "?state=overdue") == ([visit.pk] if is_due else [])
        assert (reverse("visits:evening", args=[visit.pk]) in text_of(page)) == is_due

    @pytest.mark.parametrize("count", [1, 3])
    def test_the_overdue_do_not_grow_in_queries(self, signed, venue, desk, count, django_assert_num_queries):
        for _number in range(count):
            soon = timezone.now() + timedelta(hours=3)
            booked(venue, desk, CustomerFactory.create(allergy_state="not_asked"), starts_at=soon)
        assert len(signed.get("/visits/bookings/").context["overdue"]) == count
        with django_assert_num_queries(QUERIES_OF_LIST):
            signed.get("/visits/bookings/")

    def test_the_overdue_of_a_sealed_evening_or_another_house_are_absent(self, signed, client, venue, desk):
        soon = timezone.now() + timedelta(hours=3)
        visit = booked(venue, desk, CustomerFactory.create(allergy_state="not_asked"), starts_at=soon)
        client.force_login(person("desk", VenueFactory.create()))
        assert client.get("/visits/bookings/").context["overdue"] == []
        client.force_login(person("kitchen", venue))
        assert client.get("/visits/bookings/").context["overdue"] == []
        okami = person("okami", venue)
        seal_visit(visit=visit, by=okami, people=[okami])
        client.force_login(desk)
        assert client.get("/visits/bookings/").context["overdue"] == []

    def test_it_is_narrowed_to_what_is_still_to_be_decided(self, signed, venue, desk, kikyo):
        source = BookingSource.objects.get(name="予約サイト")
        held = booked(
            venue, desk, CustomerFactory.create(), tentative_until=timezone.now() + timedelta(days=1), room=kikyo
        )
        asked = booked(
            venue,
            desk,
            CustomerFactory.create(),
            room=RoomFactory.create(venue=venue),
            source=source,
            briefing=BriefingEntry(allergies_guests_by=in_days(venue, 2)),
        )
        answered = BriefingEntry(allergies_guests_by=in_days(venue, 2), allergies_guests="なし")
        loose = booked(venue, desk, CustomerFactory.create(), briefing=answered)
        assert self.rows(signed) == [held.pk, asked.pk, loose.pk]
        assert self.rows(signed, "?state=tentative") == [held.pk]
        assert self.rows(signed, "?state=to_ask") == [asked.pk]
        assert self.rows(signed, "?state=no_room") == [loose.pk]
        assert self.rows(signed, f"?source={source.pk}") == [asked.pk]
        assert self.rows(signed, f"?day={in_days(venue, 8)}") == []

    def test_what_was_chosen_stands_above_the_list_though_the_fields_are_folded(self, signed):
        source = BookingSource.objects.get(name="予約サイト")
        assert signed.get("/visits/bookings/").context["form"].chosen == []
        narrowed = f"/visits/bookings/?q=山田&state=no_room&source={source.pk}&day=2026-12-05"
        chosen = ["山田", "お部屋未定", "予約サイト", "2026年12月5日（土）から"]
        assert signed.get(narrowed).context["form"].chosen == chosen
        fragment = signed.get(narrowed, headers={"HX-Request": "true"}).content.decode()
        assert all(f'<span class="tag info">{words}</span>' in fragment for words in chosen)

    def test_a_guest_a_caller_and_a_name_are_found(self, signed, venue, guest, desk):
        secretary = CustomerFactory.create(name="佐藤 恵", kana="サトウ メグミ")
        one = booked(venue, desk, guest, contact=secretary)
        seats = BookingEntry(
            starts_at=moment(venue, 19), attendances=[AttendanceEntry(label="山田様ご一行", headcount=3)]
        )
        two = services.take_booking(by=desk, venue=venue, booking=seats)
        assert self.rows(signed, "?q=わたなべ") == [one.pk]
        assert self.rows(signed, "?q=さとう") == [one.pk]
        assert self.rows(signed, "?q=山田") == [two.pk]
        assert self.rows(signed, "?q=ささき") == []
        assert AuditEntry.objects.filter(action="searched", subject_type="visits.visit").count() == 4

    def test_what_is_nonsense_is_said(self, signed):
        page = signed.get("/visits/bookings/?state=lost")
        assert page.context["form"].errors
        assert list(page.context["page"].rows) == []

    def test_a_sealed_booking_and_another_house_are_not_there(self, client, venue, guest, desk):
        okami = person("okami", venue)
        visit = booked(venue, okami, guest)
        seal_visit(visit=visit, by=okami, people=[okami])
        client.force_login(desk)
        assert self.rows(client) == []
        client.force_login(person("desk"))
        assert self.rows(client) == []
        client.force_login(User.objects.get(pk=okami.pk))
        assert self.rows(client) == [visit.pk]

    def test_who_works_nowhere_is_told_so(self, client):
        client.force_login(UserFactory.create())
        assert client.get("/visits/bookings/").context["venue"] is None

    @pytest.mark.parametrize("count", [1, 3])
    def test_it_does_not_grow_in_queries(self, signed, venue, desk, django_assert_num_queries, count):
        for number in range(count):
            booked(venue, desk, CustomerFactory.create(), starts_at=moment(venue, days=2 + number))
        signed.get("/visits/bookings/")
        with django_assert_num_queries(QUERIES_OF_LIST):
            signed.get("/visits/bookings/")


class TestPageOfABooking:
    def test_what_was_asked_in_advance_stands_there(self, signed, venue, guest, desk):
        briefing = BriefingEntry(
            budget_per_head=Decimal(25_000),
            with_drinks=True,
            closing_time=time(20, 45),
            deposit=Decimal(50_000),
            no_board=True,
            allergies_guests_by=in_days(venue, 2),
        )
        contact = CustomerFactory.create(name="佐藤 恵")
        visit = booked(venue, desk, guest, briefing=briefing, contact=contact, contact_phone="075-000-0100")
        page = signed.get(f"/visits/{visit.pk}/")
        answers = dict(page.context["answers"])
        assert answers["お一人様のご予算"].startswith("25,000円、")
        assert answers["お開きの時刻"] == "20:45"
        assert "佐藤 恵" in text_of(page)
        assert "075-000-0100" in text_of(page)

    def test_who_rang_and_is_sealed_is_not_named_and_not_lost(self, client, venue, guest, desk):
        okami = person("okami", venue)
        secretary = CustomerFactory.create(name="佐藤 恵")
        visit = booked(venue, okami, guest, contact=secretary)
        seal(record=secretary, by=okami, people=[okami])
        client.force_login(desk)
        assert "佐藤" not in text_of(client.get(f"/visits/{visit.pk}/"))
        opened = client.get(f"/visits/bookings/{visit.pk}/")
        assert "佐藤" not in text_of(opened)
        page = opened.context["data"]
        sent = {name: page.getlist(name) for name in page} | {"op": "take", "time": "19"}
        assert client.post(f"/visits/bookings/{visit.pk}/", sent).status_code == 302
        visit.refresh_from_db()
        assert visit.contact == secretary

    @pytest.mark.parametrize("count", [1, 3])
    def test_it_does_not_grow_in_queries(self, signed, venue, desk, kikyo, django_assert_num_queries, count):
        rule = {"venue": venue, "kind": "call", "moment": "before", "responsible": "desk"}
        for number in range(count):
            FollowUpRule.objects.create(name=f"ご確認{number}", days=number, **rule)
            CancellationTerm.objects.create(venue=venue, days_before=10 + number, percent=50)
        guests = [
            CustomerFactory.create(phones=[f"090-0000-010{number}"], allergic_to=["shrimp"]) for number in range(count)
        ]
        visit = booked(venue, desk, *guests, room=kikyo, contact=CustomerFactory.create())
        visit.occasion = Occasion.objects.create(venue=venue, name="お祝いの会", made_by=desk)
        visit.save()
        url = f"/visits/{visit.pk}/"
        signed.get(url)
        with django_assert_num_queries(QUERIES_OF_A_BOOKING):
            page = text_of(signed.get(url))
        assert page.count("ご確認") >= count
        assert "090-0000-0100" in page
        assert "50%" in page


class TestWhatAStrangerFound:
    def test_a_deposit_of_nothing_is_none(self, signed, venue, guest):
        signed.post(BOOK, filled(venue, guest, deposit="0", wishes="窓側のお席"))
        assert Visit.objects.get().briefing.deposit is None

    def test_a_booking_made_firm_on_today_gets_its_reminder(self, venue, desk, guest):
        FollowUpRule.objects.create(
            venue=venue, name="前日のご確認", kind="call", moment="before", days=1, responsible="desk"
        )
        visit = booked(venue, desk, guest, tentative_until=timezone.now() + timedelta(days=2))
        assert not visit.follow_ups.exists()
        services.advance_visit(visit=visit, by=desk, status=VisitStatus.RESERVED)
        assert visit.follow_ups.get().name == "前日のご確認"

    def test_who_books_for_tonight_needs_no_reminder_of_the_day_before(self, venue, desk, guest):
        rule = {"venue": venue, "kind": "call", "moment": "before", "responsible": "desk"}
        for days in (0, 1):
            FollowUpRule.objects.create(name=f"{days}日前のご確認", days=days, **rule)
        tonight = booked(venue, desk, guest, starts_at=timezone.now())
        assert [row.name for row in tonight.follow_ups.all()] == ["0日前のご確認"]
        ahead = booked(venue, desk, CustomerFactory.create(), starts_at=moment(venue, days=3))
        assert ahead.follow_ups.count() == 2
        ahead.follow_ups.update(due_on=in_days(venue, -1))
        Visit.objects.filter(pk=ahead.pk).update(business_date=in_days(venue, 0))
        ahead.refresh_from_db()
        services.plan_follow_ups(ahead)
        assert ahead.follow_ups.count() == 2

    def test_nobody_is_missed_or_harmed_before_the_evening_begins(self, signed, venue, desk, guest):
        visit = booked(venue, desk, guest)
        emergency = f"/visits/{visit.pk}/emergency/"
        page = signed.get(f"/visits/{visit.pk}/")
        assert VisitStatus.NO_SHOW not in page.context["steps"]
        assert emergency not in text_of(page)
        Visit.objects.filter(pk=visit.pk).update(starts_at=timezone.now() - timedelta(minutes=1))
        assert VisitStatus.NO_SHOW in signed.get(f"/visits/{visit.pk}/").context["steps"]
        services.advance_visit(visit=visit, by=desk, status=VisitStatus.SEATED)
        assert emergency in text_of(signed.get(f"/visits/{visit.pk}/"))

    def test_one_at_night_is_the_night_of_the_day_before(self, signed, venue, desk, guest):
        night = moment(venue, 1, days=3)
        visit = booked(venue, desk, guest, starts_at=night)
        assert visit.business_date == in_days(venue, 2)
        assert f"{format_date(visit.business_date, 'short')}の夜" in text_of(signed.get(f"/visits/{visit.pk}/"))

    def test_a_counted_group_stays_counted_when_nobody_counts_anew(self, venue, desk, guest):
        group = AttendanceEntry(label="大人", headcount=17, role=AttendanceRole.COMPANION)
        seats = [AttendanceEntry(customer=guest), group]
        visit = services.take_booking(
            by=desk, venue=venue, booking=BookingEntry(starts_at=moment(venue), attendances=seats, party_size=18)
        )
        services.change_booking(
            visit=visit,
            by=desk,
            version=visit.version,
            booking=BookingEntry(
                starts_at=moment(venue),
                attendances=[
                    AttendanceEntry(customer=guest),
                    AttendanceEntry(label="大人", role=AttendanceRole.COMPANION),
                ],
                party_size=18,
            ),
        )
        assert visit.attendances.get(label="大人").headcount == 17

    def test_the_log_form_keeps_a_tentative_booking_tentative(self, venue, guest):
        okami = person("okami", venue)
        until = timezone.now() + timedelta(days=2)
        visit = booked(venue, okami, guest, tentative_until=until)
        values = {"starts_at": visit.starts_at, "attendances": [AttendanceEntry(customer=guest)], "purpose": "private"}
        changed = services.change_visit(
            visit=visit, by=okami, version=visit.version, party_size=3, status=VisitStatus.RESERVED, **values
        )
        assert (changed.status, changed.tentative_until) == (VisitStatus.TENTATIVE, until)
        cancelled = services.cancel_booking(visit=changed, by=okami, reason="plans")
        back = services.change_visit(
            visit=cancelled, by=okami, version=cancelled.version, party_size=3, status=VisitStatus.RESERVED, **values
        )
        assert (back.status, back.cancel_reason, back.cancel_percent) == (VisitStatus.RESERVED, "", None)
