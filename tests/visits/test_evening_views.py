"""The pages of the evening: who sees what, what one tap does, what a stranger gets."""

import re
import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from crm_project.core.accounts.confidential import seal
from crm_project.core.accounts.models import User, Venue
from crm_project.core.audit.models import AuditEntry
from customers.models import Customer
from menus.choices import season_of
from menus.models import Dish, DishFamily, Food
from tests.factories.accounts import VenueFactory, person
from tests.factories.customers import CustomerFactory
from tests.factories.menus import BaseFactory, CourseFactory, DishFactory
from tests.factories.visits import RoomFactory, VisitFactory
from visits.eaten import had_lately
from visits.evening import evening_of
from visits.gate import SheetState
from visits.models import (
    AdvanceAnswer,
    Attendance,
    ConfirmedWarning,
    EveningTerms,
    SeatException,
    TableNotice,
    TonightChange,
    Visit,
)
from visits.services import decide_for_seat

pytestmark = pytest.mark.django_db

EVENING_QUERIES, OFFER_QUERIES = 16, 17


@pytest.fixture
def venue() -> Venue:
    """The house."""
    return VenueFactory.create()


@pytest.fixture
def shinjo() -> Dish:
    """With shrimp."""
    return DishFactory.create(name="海老真薯", presences={"shrimp": "contains"})


@pytest.fixture
def tofu() -> Dish:
    """Without."""
    return DishFactory.create(name="胡麻豆腐", presences={"shrimp": "free"})


@pytest.fixture
def guest() -> Customer:
    """Severely allergic to shrimp."""
    return CustomerFactory.create(
        name="渡邉 健一", allergic_to=["shrimp"], allergy_state="listed", phones=["090-1234-5678"]
    )


def tonight(venue: Venue, **values: Any) -> Visit:
    """A booking of this evening."""
    room = RoomFactory.create(venue=venue, name=values.pop("room_name", f"桔梗{Visit.objects.count()}"))
    return VisitFactory.create(venue=venue, room=room, starts_at=timezone.now(), status="reserved", **values)


@pytest.fixture
def visit(venue: Venue, guest: Customer, shinjo: Dish) -> Visit:
    """渡邉 様, tonight."""
    return tonight(venue, guests=[guest], course=CourseFactory.create(name="霜月の会席 松", of=[shinjo]))


def enter(client: Client, role: str, venue: Venue) -> User:
    """Somebody of the role signs in."""
    user = person(role, venue)
    client.force_login(user)
    return user


def page(client: Client, name: str, *args: Any) -> str:
    """The page's words."""
    answer = client.get(reverse(f"visits:{name}", args=args))
    assert answer.status_code == 200
    return answer.content.decode()


class TestWhoSees:
    """Owner, colleague, stranger; and お忍び."""

    @pytest.mark.parametrize("name", ["evening", "emergency", "offer"])
    @pytest.mark.parametrize(("role", "status"), [("floor", 200), ("kitchen", 200), ("desk", 200)])
    def test_who_works_there(self, client, venue, visit, name, role, status):
        enter(client, role, venue)
        assert client.get(reverse(f"visits:{name}", args=[visit.pk])).status_code == status

    @pytest.mark.parametrize("name", ["evening", "emergency", "offer"])
    def test_a_stranger_finds_nothing(self, client, visit, name):
        enter(client, "okami", VenueFactory.create())
        assert client.get(reverse(f"visits:{name}", args=[visit.pk])).status_code == 404

    @pytest.mark.parametrize("name", ["group_answer", "decide", "ready", "same_on_purpose"])
    def test_a_stranger_changes_nothing(self, client, visit, shinjo, name):
        enter(client, "okami", VenueFactory.create())
        answer = client.post(reverse(f"visits:{name}", args=[visit.pk]), {"dish": shinjo.pk})
        assert answer.status_code == 404

    def test_a_sealed_evening_is_the_kitchens_without_names(self, client, venue, visit):
        seal(record=visit, by=User.objects.system(), people=[person("okami", venue)])
        enter(client, "floor", venue)
        assert client.get(reverse("visits:evening", args=[visit.pk])).status_code == 404
        enter(client, "kitchen", venue)
        words = page(client, "evening", visit.pk)
        assert "渡邉" not in words
        assert "えび" in words

    def test_the_settings_are_the_managers_of_the_house(self, client, venue):
        enter(client, "floor", venue)
        assert client.get(reverse("visits:evening_terms")).status_code == 403
        enter(client, "admin", venue)
        values = {
            "version": 1,
            "advance_hours": 24,
            "same_dish_months": 6,
            "emergency_number": "119",
            "emergency_address": "東京都台東区1-2-3",
            "in_charge": "女将",
            "in_charge_phone": "03-1234-5678",
        }
        assert client.post(reverse("visits:evening_terms"), values).status_code == 302
        assert EveningTerms.objects.get().emergency_address == "東京都台東区1-2-3"
        assert client.post(reverse("visits:evening_terms"), values | {"advance_hours": 9999}).status_code == 422


class TestAnswers:
    """The group's answer is read, shown, saved."""

    def values(self, **more: Any) -> dict[str, Any]:
        """What the desk types."""
        usual = {"source": "arranger", "said_on": "2026-11-19", "text": "4名中 えび1名、他なし", "version": "0"}
        return usual | more

    def test_what_was_understood_is_shown_first(self, client, venue, visit):
        Visit.objects.filter(pk=visit.pk).update(party_size=4)
        enter(client, "desk", venue)
        address = reverse("visits:group_answer", args=[visit.pk])

        shown = client.post(address, self.values())
        assert shown.status_code == 200
        assert "読み取り" in shown.content.decode()
        assert not AdvanceAnswer.objects.exists()

        assert client.post(address, self.values(seen="4名中 えび1名、他なし")).status_code == 302
        assert AdvanceAnswer.objects.get().allergies.get().allergen.code == "shrimp"
        assert "4名中 えび1名、他なし" in page(client, "today")

    def test_what_is_not_understood_is_not_saved(self, client, venue, visit):
        enter(client, "desk", venue)
        line = "ほや1名、他なし"

        answer = client.post(reverse("visits:group_answer", args=[visit.pk]), self.values(text=line, seen=line))

        assert answer.status_code == 422
        assert "ほや1名" in answer.content.decode()
        assert not AdvanceAnswer.objects.exists()

    def test_the_second_one_sees_the_first(self, client, venue, visit):
        enter(client, "desk", venue)
        address = reverse("visits:group_answer", args=[visit.pk])
        client.post(address, self.values(text="えび1名、他なし", seen="えび1名、他なし"))

        answer = client.post(address, self.values(text="なし", seen="なし"))

        assert answer.status_code == 422
        assert "えび1名、他なし" in answer.content.decode()
        assert AdvanceAnswer.objects.get().text == "えび1名、他なし"

    @pytest.mark.parametrize(
        "bad",
        [
            {"text": "\x00"},
            {"text": "え" * 600},
            {"version": "99999999999999999999"},
            {"said_on": "9999-99-99"},
            {"source": "🦐"},
            {"how": "x"},
        ],
    )
    def test_bad_input_is_told_and_nothing_lost(self, client, venue, visit, bad):
        enter(client, "desk", venue)
        answer = client.post(reverse("visits:group_answer", args=[visit.pk]), self.values(**bad))
        assert answer.status_code == 422
        assert not AdvanceAnswer.objects.exists()

    def test_a_guests_answer_stands_on_the_card(self, client, venue):
        guest = CustomerFactory.create(name="高橋 美穂")
        visit = tonight(venue, guests=[guest])
        enter(client, "desk", venue)
        address = reverse("visits:guest_answer", args=[visit.attendances.get().pk])
        assert client.get(address).status_code == 200
        assert AuditEntry.objects.filter(
            action="viewed", subject_type="customers.customer", subject_id=str(guest.pk)
        ).exists()

        values = {
            "state": "none",
            "source": "secretary",
            "answered_by": "石井",
            "asked_on": "2026-11-20",
            "asked_how": "phone",
        }
        assert client.post(address, values | {"version": guest.version}).status_code == 302

        guest.refresh_from_db()
        assert (guest.allergy_state, guest.allergy_answered_by) == ("none", "石井")
        assert AdvanceAnswer.objects.get().source == "secretary"
        enter(client, "kitchen", venue)
        assert client.get(address).status_code == 403
        enter(client, "desk", VenueFactory.create())
        assert client.get(address).status_code == 404


class TestGate:
    """Decided by one button, settled by the kitchen."""

    def test_replace_settle_change_confirm(self, client, venue, visit, shinjo, tofu):
        enter(client, "floor", venue)
        words = page(client, "evening", visit.pk)
        assert "海老真薯" in words
        assert "胡麻豆腐" in words
        assert 'value="accepted"' not in words
        ref = f"a{visit.attendances.get().pk}"
        client.post(
            reverse("visits:decide", args=[visit.pk]),
            {"ref": ref, "dish": shinjo.pk, "kind": "replaced", "replacement": tofu.pk},
        )
        assert SeatException.objects.get().replacement == tofu

        enter(client, "kitchen", venue)
        client.post(reverse("visits:ready", args=[visit.pk]), {"seen": evening_of(visit).digest})
        assert evening_of(visit).state == SheetState.READY
        client.post(reverse("visits:undo_exception", args=[SeatException.objects.get().pk]))
        assert evening_of(visit).state == SheetState.CHANGED
        words = page(client, "kitchen")
        assert "確定後に変更" in words
        client.post(reverse("visits:kitchen_read"), {"visit": visit.pk})
        assert not evening_of(visit).has_unread_change

    def test_not_settled_without_a_reason_and_by_the_kitchen_alone(self, client, venue, visit):
        enter(client, "kitchen", venue)
        address = reverse("visits:ready", args=[visit.pk])
        seen = evening_of(visit).digest
        client.post(address, {"seen": seen})
        assert evening_of(visit).state == SheetState.PREPARING
        client.post(address, {"seen": seen, "override_reason": "お席で確認します"})
        assert "お席で確認します" in page(client, "kitchen_sheet")
        # Settled is settled: no field is left that no button sends.
        assert 'name="override_reason"' not in page(client, "evening", visit.pk)
        enter(client, "floor", venue)
        assert client.post(address, {"seen": seen}).status_code == 403

    def test_a_refused_reason_and_note_stay_where_they_were_typed(self, client, venue, visit, shinjo):
        enter(client, "kitchen", venue)
        refused = client.post(
            reverse("visits:ready", args=[visit.pk]), {"seen": "of an hour ago", "override_reason": "お席で確認します"}
        )
        assert refused.status_code == 422
        words = refused.content.decode()
        assert 'value="お席で確認します"' in words
        assert evening_of(visit).digest in words
        ref = f"a{visit.attendances.get().pk}"
        refused = client.post(
            reverse("visits:decide", args=[visit.pk]),
            {"ref": ref, "dish": shinjo.pk, "kind": "replaced", "note": "別鍋で", "replacement": "x"},
        )
        assert refused.status_code == 422
        assert 'value="別鍋で"' in refused.content.decode()

    def test_a_decision_that_nobody_saw_is_not_overwritten(self, client, venue, visit, shinjo, tofu):
        address, ref = reverse("visits:decide", args=[visit.pk]), f"a{visit.attendances.get().pk}"
        usual = {"ref": ref, "dish": shinjo.pk, "seen": 0}
        cook = enter(client, "kitchen", venue)
        client.post(address, usual | {"kind": "refused", "note": "鍋が足りない"})
        refused = SeatException.objects.get()
        assert f'name="seen" value="{refused.pk}"' in page(client, "evening", visit.pk)

        enter(client, "floor", venue)
        answer = client.post(address, usual | {"kind": "left_out"})
        assert answer.status_code == 422
        assert str(cook) in answer.content.decode()
        assert SeatException.objects.get() == refused

        client.post(address, usual | {"kind": "left_out", "seen": refused.pk})
        left_out = SeatException.objects.get()
        assert left_out.kind == "left_out"
        # The second tap of the same finger is the same decision.
        assert client.post(address, usual | {"kind": "left_out", "seen": refused.pk}).status_code == 302
        assert SeatException.objects.get() == left_out

    @pytest.mark.parametrize(
        "bad",
        [
            {"dish": "99999999999999999999"},
            {"dish": "x"},
            {"ref": "\x00", "kind": "left_out"},
            {"kind": "🦐"},
            {"kind": "replaced", "replacement": "99999999999999999999"},
            {"kind": "replaced"},
        ],
    )
    def test_bad_input(self, client, venue, visit, shinjo, bad):
        enter(client, "kitchen", venue)
        usual = {"ref": f"a{visit.attendances.get().pk}", "dish": shinjo.pk, "kind": "left_out"}
        answer = client.post(reverse("visits:decide", args=[visit.pk]), usual | bad)
        assert answer.status_code in (404, 422)
        assert not SeatException.objects.exists()


class TestKitchen:
    """板場: tonight's changes, the sheet."""

    def test_the_visits_own_page_tells_it_too(self, client, venue, visit, shinjo, tofu):
        enter(client, "kitchen", venue)
        assert "海老真薯" in page(client, "detail", visit.pk)
        client.post(reverse("visits:tonight", args=[shinjo.pk]), {"replacement": tofu.pk})

        planned = client.get(reverse("visits:detail", args=[visit.pk])).context["planned"]
        assert [(row.dish.name, row.instead_of) for row in planned] == [("胡麻豆腐", "海老真薯")]
        assert "海老真薯" in page(client, "detail", visit.pk)

        client.post(reverse("visits:tonight_back", args=[TonightChange.objects.get().pk]))
        client.post(reverse("visits:tonight", args=[shinjo.pk]), {"replacement": ""})
        planned = client.get(reverse("visits:detail", args=[visit.pk])).context["planned"]
        assert [(row.dish.name, row.is_left_out) for row in planned] == [("海老真薯", True)]

    def test_two_changes_stand_apart_on_today(self, client, venue, visit, shinjo, tofu):
        other = DishFactory.create(name="鯛の昆布締め")
        tonight(venue, guests=[], served=[other], room_name="萩")
        enter(client, "kitchen", venue)
        client.post(reverse("visits:tonight", args=[shinjo.pk]), {"replacement": tofu.pk})
        client.post(reverse("visits:tonight", args=[other.pk]), {"replacement": ""})
        lines = re.findall(r"<li>(?:(?!</li>).)*<del>(.*?)</del>", page(client, "today"))
        assert lines == ["海老真薯", "鯛の昆布締め"]

    def test_another_days_visit_is_not_touched_by_it(self, client, venue, guest, shinjo, tofu):
        later = VisitFactory.create(
            venue=venue,
            guests=[guest],
            status="reserved",
            starts_at=timezone.now() + timedelta(days=2),
            served=[shinjo],
        )
        enter(client, "kitchen", venue)
        client.post(reverse("visits:tonight", args=[shinjo.pk]), {"replacement": tofu.pk})
        planned = client.get(reverse("visits:detail", args=[later.pk])).context["planned"]
        assert [row.dish.name for row in planned] == ["海老真薯"]

    @pytest.mark.parametrize(
        "wrong", [{"reason": "入荷なし" + "。" * 200}, {"replacement": "99999999999999999999"}, {"replacement": "\x00"}]
    )
    def test_a_refused_change_keeps_its_reason_and_courses(self, client, venue, visit, shinjo, tofu, wrong):
        tonight(venue, guests=[], course=CourseFactory.create(name="雪の会席", of=[shinjo]), room_name="萩")
        enter(client, "kitchen", venue)
        typed = {"reason": "本日入荷なし", "replacement": tofu.pk, "course": visit.course_id} | wrong

        answer = client.post(reverse("visits:tonight", args=[shinjo.pk]), typed)

        words = answer.content.decode()
        assert answer.status_code == 422
        assert f'value="{typed["reason"]}"' in words
        assert f'name="course" value="{visit.course_id}" checked' in words
        assert not TonightChange.objects.exists()

    def test_looking_for_another_dish_keeps_the_reason(self, client, venue, visit, shinjo, tofu):
        enter(client, "kitchen", venue)
        typed = {"reason": "本日入荷なし", "q": "胡麻豆腐", "op": "find"}
        answer = client.post(reverse("visits:tonight", args=[shinjo.pk]), typed)
        assert answer.status_code == 200
        assert 'value="本日入荷なし"' in answer.content.decode()
        assert not TonightChange.objects.exists()

    def test_the_second_cook_keeps_what_was_typed(self, client, venue, visit, shinjo, tofu):
        enter(client, "kitchen", venue)
        url = reverse("visits:tonight", args=[shinjo.pk])
        client.post(url, {"replacement": tofu.pk})
        answer = client.post(url, {"replacement": "", "reason": "傷みのため"})
        assert answer.status_code == 422
        assert 'value="傷みのため"' in answer.content.decode()
        assert TonightChange.objects.count() == 1

    def test_notes_too_long_are_refused_and_kept(self, client, venue, visit, shinjo):
        enter(client, "kitchen", venue)
        note = "別鍋で" + "。" * 200
        values = {"ref": f"a{visit.attendances.get().pk}", "dish": shinjo.pk, "kind": "left_out", "seen": "0"}
        answer = client.post(reverse("visits:decide", args=[visit.pk]), values | {"note": note})
        assert answer.status_code == 422
        assert note in answer.content.decode()
        assert not SeatException.objects.exists()
        reason = "板長の判断" + "。" * 300
        seen = evening_of(visit).digest
        answer = client.post(reverse("visits:ready", args=[visit.pk]), {"seen": seen, "override_reason": reason})
        assert answer.status_code == 422
        assert reason in answer.content.decode()

    def test_a_dish_is_replaced_in_two_taps_and_taken_back(self, client, venue, visit, shinjo, tofu):
        floor = person("floor", venue)
        Visit.objects.filter(pk=visit.pk).update(staff=floor)
        enter(client, "kitchen", venue)
        assert f"/kitchen/tonight/{shinjo.pk}/" in page(client, "kitchen")
        assert "胡麻豆腐" in page(client, "tonight", shinjo.pk)

        answer = client.post(reverse("visits:tonight", args=[shinjo.pk]), {"replacement": tofu.pk}, follow=True)

        assert "胡麻豆腐" in answer.content.decode()
        assert not evening_of(visit).gate.open
        client.force_login(floor)
        assert "本日の差し替え" in page(client, "today")
        client.post(reverse("visits:notices_seen"), {"notice": [TableNotice.objects.get().pk, "x"]})
        assert TableNotice.objects.get().seen_at

        enter(client, "kitchen", venue)
        client.post(reverse("visits:tonight_back", args=[TonightChange.objects.get().pk]))
        assert evening_of(visit).gate.open

    def test_rooms_with_new_conflicts_are_named(self, client, venue, guest, shinjo, tofu):
        tonight(venue, guests=[guest], served=[tofu], room_name="萩")
        enter(client, "kitchen", venue)

        answer = client.post(reverse("visits:tonight", args=[tofu.pk]), {"replacement": shinjo.pk}, follow=True)

        assert next(str(message) for message in answer.context["messages"]).endswith("萩")

    def test_the_floor_and_strangers_change_nothing(self, client, venue, visit, shinjo):
        enter(client, "floor", venue)
        assert client.get(reverse("visits:tonight", args=[shinjo.pk])).status_code == 403
        assert client.post(reverse("visits:kitchen_read")).status_code == 403
        change = TonightChange.objects.create(
            venue=venue, business_date=visit.business_date, dish=shinjo, made_by=User.objects.system()
        )
        enter(client, "kitchen", VenueFactory.create())
        assert client.post(reverse("visits:tonight_back", args=[change.pk])).status_code == 404

    def test_the_sheet_has_signs_and_no_money(self, client, venue, visit, shinjo):
        Visit.objects.filter(pk=visit.pk).update(amount=123456)
        enter(client, "kitchen", venue)
        client.post(
            reverse("visits:decide", args=[visit.pk]),
            {
                "ref": f"a{visit.attendances.get().pk}",
                "dish": shinjo.pk,
                "kind": "left_out",
            },
        )
        words = page(client, "kitchen_sheet")
        assert "✕" in words
        assert "123,456" not in words
        assert "混入" in words

    @pytest.mark.parametrize("tables", [1, 3])
    def test_the_same_queries_whatever_the_tables(self, client, venue, shinjo, tables, django_assert_num_queries):
        for _ in range(tables):
            tonight(venue, guests=[CustomerFactory.create()], served=[shinjo])
        enter(client, "kitchen", venue)
        page(client, "kitchen")
        with django_assert_num_queries(10):
            page(client, "kitchen")


class TestEmergency:
    """お出ししてしまった."""

    def test_the_card_has_what_one_tells_119(self, client, venue, visit):
        EveningTerms.objects.create(
            venue=venue, emergency_address="東京都台東区1-2-3", in_charge="女将", in_charge_phone="03-1234-5678"
        )
        enter(client, "floor", venue)
        shinjo = visit.course.course_dishes.get().dish
        shinjo.bases.add(BaseFactory.create(name="一番出汁"))
        shinjo.dish_foods.create(food=Food.objects.create(name="車海老"))
        words = page(client, "emergency", visit.pk)
        assert "材料: 一番出汁、車海老" in words
        for told in ("tel:119", "tel:0312345678", "東京都台東区1-2-3", "海老真薯", "えび", "tel:09012345678"):
            assert told in words
        for name in ("today", "detail"):
            Visit.objects.filter(pk=visit.pk).update(status="seated")
            args = [visit.pk] if name == "detail" else []
            assert reverse("visits:emergency", args=[visit.pk]) in page(client, name, *args)
        log = client.get(reverse("visits:log"), {"visit": visit.pk}).content.decode()
        assert reverse("visits:emergency", args=[visit.pk]) in log

    def test_the_card_says_what_a_seat_had_instead(self, client, venue, visit, shinjo, tofu):
        seat = visit.attendances.get()
        by = enter(client, "floor", venue)
        SeatException.objects.create(
            visit=visit, attendance=seat, dish=shinjo, kind="replaced", replacement=tofu, note="別鍋", made_by=by
        )
        words = page(client, "emergency", visit.pk)
        assert "→ 胡麻豆腐（別鍋）" in words
        assert "海老真薯 の代わり" in words

    def test_who_has_no_telephone_is_told_so_and_is_named_with_sama(self, client, venue, visit, guest):
        guest.phones.all().delete()
        enter(client, "floor", venue)
        words = page(client, "emergency", visit.pk)
        assert "電話番号の登録なし" in words
        assert ">渡邉 健一 様</option>" in words

    def test_phones_for_who_may_see_them_and_the_report(self, client, venue, visit):
        enter(client, "kitchen", venue)
        assert "09012345678" not in page(client, "emergency", visit.pk)
        enter(client, "floor", venue)
        address = reverse("visits:emergency", args=[visit.pk])
        assert client.post(address, {"text": " "}).status_code == 422
        assert client.post(address, {"text": "海老真薯を一口", "attendance": "99999999999999999999"}).status_code == 422
        assert client.post(address, {"text": "海老真薯を一口"}).status_code == 302
        assert "海老真薯を一口" in visit.complaints.get().what
        told = client.get(reverse("visits:complaint", args=[visit.complaints.get().pk])).content.decode()
        assert "海老真薯を一口" in told


class TestAtTheTable:
    """着席時確認: "no change" is said of an answer, the card's or one given for this evening."""

    @pytest.mark.parametrize(
        ("answer", "may"),
        [("others none", True), ("counts alone", False), ("own", True), ("another's", False), ("", False)],
    )
    def test_no_change_where_an_answer_covers_the_guest(self, client, venue, answer, may):
        unasked, beside = CustomerFactory.create(), CustomerFactory.create()
        visit = tonight(venue, guests=[unasked, beside])
        by = enter(client, "floor", venue)
        seat, other = visit.attendances.order_by("position")
        if answer:
            AdvanceAnswer.objects.create(
                visit=visit,
                attendance={"own": seat, "another's": other}.get(answer),
                source="arranger",
                said_on=visit.business_date,
                others_none=answer == "others none",
                asked_by=by,
            )

        form = client.get(reverse("visits:log"), {"visit": visit.pk}).context["form"]
        offered = [value for value, _label in form.fields[f"check_c{unasked.pk}"].choices]
        assert ("unchanged" in offered) == may
        assert ('value="unchanged"' in page(client, "detail", visit.pk)) == (may or answer == "another's")
        client.post(reverse("visits:check", args=[seat.pk]), {"seated_check": "unchanged"})
        seat.refresh_from_db()
        assert (seat.seated_check == "unchanged") == may

        if may:
            Attendance.objects.update(seated_check="not_yet", checked_by=None, checked_at=None)
            sent = {
                "visit": visit.pk,
                "version": visit.version,
                "form_token": str(uuid.uuid4()),
                "venue": venue.pk,
                "starts_at": f"{visit.starts_at.astimezone(venue.zone):%Y-%m-%dT%H:%M}",
                "party_size": "2",
                "purpose": "private",
                "person": [f"c{unasked.pk}", f"c{beside.pk}"],
                f"role_c{unasked.pk}": "host",
                f"role_c{beside.pk}": "companion",
                f"check_c{unasked.pk}": "unchanged",
                "has_complaint": "no",
                "op": "record",
            }
            client.post(reverse("visits:log"), sent)
            seat.refresh_from_db()
            visit.refresh_from_db()
            assert (visit.status, seat.seated_check) == ("completed", "unchanged")


class TestSameDish:
    """Never the same dish twice."""

    def eat(self, venue: Venue, guest: Customer, dish: Dish, months: int = 1, **values: Any) -> Visit:
        """The guest had the dish so many months ago."""
        at = timezone.now() - timedelta(days=31 * months)
        return VisitFactory.create(venue=venue, starts_at=at, guests=[guest], served=[dish], **values)

    def test_guest_by_guest_the_month_alone(self, client, venue, tofu):
        here, never = CustomerFactory.create(name="渡邉 健一"), CustomerFactory.create(name="高橋 美穂")
        past = self.eat(venue, here, tofu)
        visit = tonight(venue, guests=[here, never], served=[tofu])
        enter(client, "floor", venue)

        words = page(client, "evening", visit.pk)

        assert f"{past.business_date.year}/{past.business_date.month}" in words
        assert "なし" in words
        client.post(reverse("visits:same_on_purpose", args=[visit.pk]), {"dish": tofu.pk, "reason": "ご希望"})
        assert ConfirmedWarning.objects.get().customer == here
        assert "ご希望" in page(client, "evening", visit.pk)

    @pytest.mark.parametrize("case", ["family", "signature", "long ago", "left out", "sealed"])
    def test_what_counts_as_the_same(self, client, venue, tofu, case):
        guest = CustomerFactory.create()
        family = DishFamily.objects.create(name="豆腐")
        Dish.objects.filter(pk=tofu.pk).update(family=family)
        other = DishFactory.create(family=family)
        past = self.eat(venue, guest, other if case == "family" else tofu, months=15 if case == "long ago" else 2)
        if case == "signature":
            Dish.objects.update(is_signature=True)
        elif case == "left out":
            SeatException.objects.create(
                visit=past, attendance=past.attendances.get(), dish=tofu, kind="left_out", made_by=past.recorded_by
            )
        elif case == "sealed":
            seal(record=past, by=User.objects.system(), people=[person("okami", venue)])
        visit = tonight(venue, guests=[guest], served=[tofu])
        enter(client, "floor", venue)

        shown = client.get(reverse("visits:evening", args=[visit.pk])).context["same_dishes"]

        assert [same.dish for same in shown] == ([tofu] if case == "family" else [])


class TestQueries:
    """However many seats, however long the menu."""

    def party(self, venue: Venue, shinjo: Dish, tofu: Dish, seats: int) -> Visit:
        """So many seats with an open conflict, each with a past."""
        guests = [
            CustomerFactory.create(allergic_to=["shrimp"], allergy_state="listed", phones=["090-1234-5678"])
            for _seat in range(seats)
        ]
        for guest in guests:
            at = timezone.now() - timedelta(days=40)
            VisitFactory.create(venue=venue, starts_at=at, guests=[guest], served=[tofu])
        visit = tonight(venue, guests=guests, course=CourseFactory.create(of=[shinjo, tofu]))
        Visit.objects.filter(pk=visit.pk).update(party_size=seats)
        return visit

    @pytest.mark.parametrize("seats", [1, 3])
    @pytest.mark.parametrize(("name", "queries"), [("evening", EVENING_QUERIES), ("offer", OFFER_QUERIES)])
    def test_the_same_queries_whatever_the_seats(
        self, client, venue, shinjo, tofu, seats, name, queries, django_assert_num_queries
    ):
        visit = self.party(venue, shinjo, tofu, seats)
        enter(client, "kitchen", venue)
        shown = client.get(reverse(f"visits:{name}", args=[visit.pk])).context
        assert len(shown["evening"].open_lines) == seats
        with django_assert_num_queries(queries):
            page(client, name, visit.pk)

    def test_three_queries_for_twenty_guests(self, venue, tofu, django_assert_num_queries):
        guests = [CustomerFactory.create() for _seat in range(20)]
        for number, guest in enumerate(guests[:19]):
            at = timezone.now() - timedelta(days=31 * (number % 3 + 1))
            past = VisitFactory.create(venue=venue, starts_at=at, guests=[guest], served=[tofu])
            if number == 0:
                SeatException.objects.create(
                    visit=past, attendance=past.attendances.get(), dish=tofu, kind="left_out", made_by=past.recorded_by
                )
        visit = tonight(venue, guests=guests, served=[tofu])
        asked: dict[str, Any] = {"user": person("floor", venue), "before": visit.business_date, "months": 12}
        had_lately([guests[0].pk], [tofu.pk], **asked)  # what the person may do is asked once

        with django_assert_num_queries(3):
            found = had_lately([guest.pk for guest in guests], [tofu.pk], **asked)

        assert {one.customer_id for one in found} == {guest.pk for guest in guests[1:19]}

    @pytest.mark.parametrize("case", ["dish", "family", "season", "sealed", "drink"])
    def test_what_a_seat_had_instead_was_had(self, venue, shinjo, tofu, guest, case):
        family = DishFamily.objects.create(name="鯛")
        Dish.objects.filter(pk=tofu.pk).update(family=family)
        dried = DishFactory.create(name="鯛の一夜干し", family=family)
        past = VisitFactory.create(
            venue=venue, starts_at=timezone.now() - timedelta(days=40), guests=[guest], served=[shinjo]
        )
        SeatException.objects.create(
            visit=past,
            attendance=past.attendances.get(),
            dish=shinjo,
            kind="replaced",
            replacement=dried if case == "family" else tofu,
            made_by=past.recorded_by,
        )
        if case == "sealed":
            Visit.objects.filter(pk=past.pk).update(is_confidential=True)
        if case == "season":
            Dish.objects.filter(pk=tofu.pk).update(is_signature=True)
        if case == "drink":
            Dish.objects.filter(pk=tofu.pk).update(position="drink")

        found = had_lately(
            [guest.pk], [tofu.pk, shinjo.pk], user=person("floor", venue), before=timezone.localdate(), months=12
        )

        assert [(one.dish_id, one.same_family_only) for one in found] == (
            {"dish": [(tofu.pk, False)], "family": [(tofu.pk, True)]}.get(case, [])
        )

    def test_only_dishes_of_the_place_are_read(self, client, venue, shinjo, tofu):
        visit = self.party(venue, shinjo, tofu, 1)
        Dish.objects.filter(pk=shinjo.pk).update(position="wanmono")
        free = {"shrimp": "free"}
        bowl = DishFactory.create(name="鱧の吸い物", position="wanmono", presences=free)
        gone = DishFactory.create(name="昔の椀", position="wanmono", presences=free, is_active=False)
        sweet = DishFactory.create(name="水羊羹", position="mizumono", presences=free)
        enter(client, "kitchen", venue)
        address = reverse("visits:evening", args=[visit.pk])

        _line, replacements = client.get(address).context["open"][0]
        assert replacements == [bowl]
        assert f"{address}?menu=whole" in client.get(address).content.decode()
        _line, replacements = client.get(address, {"menu": "whole"}).context["open"][0]
        assert replacements == [bowl, sweet]
        assert gone not in replacements


def test_what_can_be_served(client, venue, guest, shinjo, tofu):
    unchecked = DishFactory.create(name="季節の椀")
    had = DishFactory.create(name="鯛の昆布締め", presences={"shrimp": "free"})
    VisitFactory.create(venue=venue, starts_at=timezone.now() - timedelta(days=40), guests=[guest], served=[had])
    visit = tonight(venue, guests=[guest])
    good, bad = CourseFactory.create(of=[tofu]), CourseFactory.create(of=[tofu, shinjo])
    enter(client, "desk", venue)

    context = client.get(reverse("visits:offer", args=[visit.pk])).context

    names = {part: [line["dish"] for line in context[part]] for part in ("unchecked", "excluded")}
    assert [dish for _place, dishes, late in context["places"] for dish in (*dishes, *late)] == [tofu]
    assert names["unchecked"] == [unchecked]
    assert set(names["excluded"]) == {shinjo, had}
    assert {course: (verdict, against) for course, verdict, against in context["courses"]} == {
        good: ("proposed", []),
        bad: ("excluded", [shinjo]),
    }


def test_dishes_of_another_season_stand_apart_in_the_order_of_the_kaiseki(client, venue, guest):
    season = season_of(timezone.localdate())
    other = "summer" if season != "summer" else "winter"
    sweet = DishFactory.create(position="mizumono", presences={"shrimp": "free"})
    late, now = (
        DishFactory.create(position="wanmono", season=one, presences={"shrimp": "free"}) for one in (other, season)
    )
    visit = tonight(venue, guests=[guest])
    enter(client, "floor", venue)
    places = client.get(reverse("visits:offer", args=[visit.pk])).context["places"]
    assert [(dishes, away) for _place, dishes, away in places] == [([now], [late]), ([sweet], [])]


def test_a_sealed_evening_is_reported_by_those_named_on_it(client, venue, visit):
    seal(record=visit, by=User.objects.system(), people=[person("okami", venue)])
    enter(client, "admin", venue)
    url = reverse("visits:emergency", args=[visit.pk])
    assert client.get(url).status_code == 200
    assert client.post(url, {"text": "海老をお出しした"}).status_code == 403
    assert not visit.notes.exists()


def test_a_diet_stands_on_the_kitchens_sheets_and_its_dishes_are_not_proposed(client, venue, guest, tofu):
    """A vegetarian is no allergic guest: nothing is held, and no beef is offered."""
    guest.diets.create(rule="vegetarian", note="出汁も不可")
    beef, greens = (DishFactory.create(name=name, presences={"shrimp": "free"}) for name in ("和牛ロース", "おひたし"))
    for dish, answer in ((beef, "does_not"), (greens, "suits")):
        dish.diets.create(rule="vegetarian", answer=answer)
    visit = tonight(venue, guests=[guest], course=CourseFactory.create(of=[greens]))
    enter(client, "kitchen", venue)
    for name, args in (("kitchen", []), ("kitchen_sheet", []), ("evening", [visit.pk])):
        assert "ベジタリアン" in page(client, name, *args), name
        assert "出汁も不可" in page(client, name, *args), name
    context = client.get(reverse("visits:offer", args=[visit.pk])).context
    assert [dish for _place, dishes, late in context["places"] for dish in (*dishes, *late)] == [greens]
    assert [line["dish"] for line in context["unchecked"]] == [tofu]
    assert [line["dish"] for line in context["excluded"]] == [beef]


def test_the_sheet_counts_the_plates_that_leave_the_kitchen(client, venue, visit, shinjo, tofu):
    """Two come, one of them has something else."""
    Visit.objects.filter(pk=visit.pk).update(party_size=2)
    seat = visit.attendances.get()
    cook = enter(client, "kitchen", venue)
    decide_for_seat(visit=visit, ref=f"a{seat.pk}", dish=shinjo, kind="replaced", replacement=tofu, by=cook)
    assert evening_of(visit).plates == [(shinjo, 1)]
