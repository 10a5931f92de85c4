import uuid
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.utils import timezone

from crm_project.core.allergens.choices import AllergyState
from crm_project.core.audit.models import AuditEntry
from crm_project.core.comments.models import Thread
from crm_project.core.timeline.models import TimelineEntry
from tests.factories.accounts import VenueFactory, person
from tests.factories.customers import CustomerFactory
from tests.factories.menus import CourseFactory, DishFactory
from tests.factories.visits import TOKYO, RoomFactory, VisitFactory
from visits.entries import AttendanceEntry, Confirmation, NoteEntry
from visits.models import ConfirmedWarning, Note, NoteCategory, SeatException, Visit, VisitDraft
from visits.queries import past_servings, recently_served
from visits.refusals import RecordingRefused, UnconfirmedWarnings, VisitChangedMeanwhile
from visits.services import (
    advance_visit,
    change_visit,
    check_at_table,
    keep_draft,
    record_visit,
)
from visits.table_warnings import house_words, table_warnings

pytestmark = pytest.mark.django_db

NOVEMBER = datetime(2025, 11, 21, 17, 30, tzinfo=TOKYO)
NO_COMPLAINT = {"complaint": NoteEntry()}


@pytest.fixture
def venue():
    return VenueFactory.create()


@pytest.fixture
def floor(venue):
    return person("floor", venue)


@pytest.fixture
def guest():
    return CustomerFactory.create(name="渡邉 健一", allergy_state=AllergyState.NONE)


def trail():
    return AuditEntry.objects.filter(subject_type="visits.visit")


def recorded(by, venue, *guests, **values):
    usual: dict[str, Any] = {
        "starts_at": NOVEMBER,
        "attendances": [AttendanceEntry(customer=guest) for guest in guests],
        "notes": NO_COMPLAINT,
    }
    return record_visit(by=by, venue=venue, **(usual | values))


def changed(visit, by, *guests, **values):
    usual: dict[str, Any] = {
        "version": visit.version,
        "starts_at": visit.starts_at,
        "attendances": [AttendanceEntry(customer=guest) for guest in guests],
        "party_size": visit.party_size,
        "purpose": visit.purpose,
        "notes": NO_COMPLAINT,
    }
    return change_visit(visit=visit, by=by, **(usual | values))


def test_a_visit_is_recorded_whole(floor, venue, guest):
    room, dish = RoomFactory.create(venue=venue, name="桔梗"), DishFactory.create(name="海老真薯")

    visit = recorded(
        floor,
        venue,
        room=room,
        party_size=4,
        purpose="hosting",
        staff=floor,
        dishes=[dish],
        attendances=[
            AttendanceEntry(customer=guest, seated_check="unchanged"),
            AttendanceEntry(label="お連れ様①", role="companion"),
        ],
        notes=NO_COMPLAINT | {"requests": NoteEntry(text="次回は椅子席を。", is_standing=True)},
    )

    assert visit.business_date == date(2025, 11, 21)
    assert [(str(row), row.role, row.seated_check, row.checked_by) for row in visit.attendances.all()] == [
        ("渡邉 健一", "host", "unchanged", floor),
        ("お連れ様①", "companion", "not_yet", None),
    ]
    assert [row.dish for row in visit.served_dishes.all()] == [dish]
    assert list(visit.notes.values_list("category__code", "text", "is_standing", "customer")) == [
        ("requests", "次回は椅子席を。", True, guest.pk)
    ]
    guest.refresh_from_db()
    assert (guest.last_visit_on, guest.visit_count, list(guest.known_at.all())) == (date(2025, 11, 21), 1, [venue])


def test_one_audit_entry_per_visit(floor, venue, guest):
    visit = recorded(
        floor, venue, guest, dishes=[DishFactory.create()], notes=NO_COMPLAINT | {"talk": NoteEntry(text="初孫")}
    )

    entry = trail().get()
    assert (entry.action, entry.subject_type, entry.subject_id) == ("created", "visits.visit", str(visit.pk))
    assert entry.changes["notes"] == [None, [["ご様子・会話", "初孫"]]]


def test_after_midnight_belongs_to_the_day_before(floor, venue, guest):
    visit = recorded(floor, venue, guest, starts_at=datetime(2025, 11, 22, 1, 30, tzinfo=TOKYO))

    assert visit.business_date == date(2025, 11, 21)


def test_the_same_form_twice_is_one_visit(floor, venue, guest):
    token = uuid.uuid4()

    first = recorded(floor, venue, guest, form_token=token)
    second = recorded(floor, venue, guest, form_token=token)

    assert first == second
    assert (Visit.objects.count(), trail().count()) == (1, 1)


def test_a_course_serves_its_dishes(floor, venue, guest):
    dishes = DishFactory.create_batch(2)

    visit = recorded(floor, venue, guest, course=CourseFactory.create(of=dishes))

    assert [row.dish for row in visit.served_dishes.order_by("pk")] == dishes


@pytest.mark.parametrize("role", ["kitchen", "president"])
def test_who_may_not_record_is_refused(venue, guest, role):
    with pytest.raises(PermissionDenied):
        recorded(person(role, venue), venue, guest)


def test_another_venues_floor_is_refused(venue, guest):
    with pytest.raises(PermissionDenied):
        recorded(person("floor"), venue, guest)


def test_an_amount_needs_the_right_to_see_money(floor, venue, guest):
    with pytest.raises(PermissionDenied):
        recorded(floor, venue, guest, amount=Decimal("48000"))

    assert recorded(person("manager", venue), venue, guest, amount=Decimal("48000")).amount == Decimal("48000")


def open_lines(visit):
    return list(visit.sheet_lines.still_open().values_list("category__code", flat=True))


def test_required_lines_without_an_answer_are_left_open_and_keep_nobody_from_recording(floor, venue, guest):
    visit = recorded(floor, venue, guest, notes={})

    assert open_lines(visit) == ["allergy_check", "complaint"]


def test_a_required_text_cannot_be_answered_with_nothing(floor, venue, guest):
    NoteCategory.objects.filter(code="talk").update(is_required=True)

    visit = recorded(floor, venue, guest, notes=NO_COMPLAINT | {"talk": NoteEntry(text=" ")})
    assert open_lines(visit) == ["allergy_check", "talk"]


def test_a_line_no_longer_in_use_is_not_required(floor, venue, guest):
    NoteCategory.objects.filter(code="complaint").update(is_active=False)

    assert open_lines(recorded(floor, venue, guest, notes={})) == ["allergy_check"]


def test_nobody_at_the_table_is_refused(floor, venue):
    with pytest.raises(RecordingRefused):
        recorded(floor, venue)
    with pytest.raises(RecordingRefused):
        recorded(floor, venue, attendances=[AttendanceEntry(label="お連れ様①")])


def test_somebody_twice_is_refused(floor, venue, guest):
    with pytest.raises(RecordingRefused):
        recorded(floor, venue, guest, guest)


def test_a_room_of_another_venue_is_refused(floor, venue, guest):
    with pytest.raises(RecordingRefused):
        recorded(floor, venue, guest, room=RoomFactory.create())


def test_a_visit_to_come_can_only_be_reserved(floor, venue, guest):
    tomorrow = timezone.now() + timedelta(days=1)

    with pytest.raises(RecordingRefused):
        recorded(floor, venue, guest, starts_at=tomorrow)
    assert recorded(floor, venue, guest, starts_at=tomorrow, status="reserved", notes={}).status == "reserved"


class TestWarnings:
    @pytest.fixture
    def allergic(self):
        return CustomerFactory.create(name="渡邉 健一", allergic_to=["crustaceans"])

    @pytest.fixture
    def dish(self):
        return DishFactory.create(name="海老真薯", presences={"shrimp": "contains"})

    def test_an_unconfirmed_allergy_is_refused(self, floor, venue, allergic, dish):
        with pytest.raises(UnconfirmedWarnings, match="海老真薯") as refused:
            recorded(floor, venue, allergic, dishes=[dish])

        assert [warning.key for warning in refused.value.warnings] == [f"allergy-{allergic.pk}-{dish.pk}"]
        assert not Visit.objects.exists()

    def test_a_confirmation_without_a_reason_is_none(self, floor, venue, allergic, dish):
        with pytest.raises(UnconfirmedWarnings):
            recorded(
                floor,
                venue,
                allergic,
                dishes=[dish],
                confirmations={f"allergy-{allergic.pk}-{dish.pk}": Confirmation(reason=" ")},
            )

    def test_a_replaced_dish_stays_on_file_and_does_not_count_as_served(self, floor, venue, allergic, dish):
        visit = recorded(
            floor,
            venue,
            allergic,
            dishes=[dish],
            confirmations={f"allergy-{allergic.pk}-{dish.pk}": Confirmation(reason="差し替えた", was_replaced=True)},
        )

        gone = SeatException.objects.get(visit=visit)
        assert gone.attendance == visit.attendances.get(customer=allergic)
        assert (gone.dish, gone.kind, gone.note) == (dish, "left_out", "差し替えた")
        confirmed = ConfirmedWarning.objects.get()
        assert (confirmed.kind, confirmed.customer, confirmed.dish, confirmed.reason, confirmed.confirmed_by) == (
            "allergy",
            allergic,
            dish,
            "差し替えた",
            floor,
        )
        assert "甲殻類" in confirmed.detail
        row = TimelineEntry.objects.get(kind="visit")
        assert not row.is_urgent
        assert not any(text == "海老真薯" for _label, text in row.details)

    def test_a_dish_that_was_served_all_the_same_is_urgent_on_the_timeline(self, floor, venue, allergic, dish):
        recorded(
            floor,
            venue,
            allergic,
            dishes=[dish],
            confirmations={f"allergy-{allergic.pk}-{dish.pk}": Confirmation(reason="お出ししてしまった")},
        )

        assert TimelineEntry.objects.get(kind="visit").is_urgent

    def test_what_nobody_checked_is_a_hint_not_a_refusal(self, floor, venue, allergic):
        assert recorded(floor, venue, allergic, dishes=[DishFactory.create()])

    def test_the_same_dish_as_last_time_is_advice_and_its_reason_is_kept_where_one_is_given(self, floor, venue, guest):
        dish = DishFactory.create()
        VisitFactory.create(guests=[guest], served=[dish], starts_at=NOVEMBER - timedelta(days=90))

        visit = recorded(floor, venue, guest, dishes=[dish])
        assert not ConfirmedWarning.objects.exists()
        changed(
            visit,
            floor,
            guest,
            dishes=[dish],
            confirmations={f"same_dish-{guest.pk}-{dish.pk}": Confirmation(reason="お好物")},
        )

        kept = ConfirmedWarning.objects.get()
        assert (kept.kind, kept.reason, kept.detail) == ("same_dish", "お好物", "前回お出し 2025年8月")

    @pytest.mark.parametrize("kind", ["replaced", "left_out", "left_over"])
    def test_a_seat_had_what_it_had_instead_and_not_what_was_left_out(self, floor, venue, guest, kind):
        dish, other = DishFactory.create(), CustomerFactory.create()
        instead = DishFactory.create() if kind == "replaced" else None
        past = VisitFactory.create(guests=[guest, other], served=[dish], starts_at=NOVEMBER - timedelta(days=90))
        SeatException.objects.create(
            visit=past,
            attendance=past.attendances.get(customer=guest),
            dish=dish,
            kind=kind,
            replacement=instead,
            made_by=floor,
        )

        servings = past_servings([guest.pk, other.pk], user=floor, before=NOVEMBER)
        names = recently_served(guest, user=floor, before=NOVEMBER)

        had = {(serving.customer_id, serving.dish_id) for serving in servings}
        own = {"replaced": instead, "left_out": None, "left_over": dish}[kind]
        assert had == {(other.pk, dish.pk), *([(guest.pk, own.pk)] if own else [])}
        assert names == ([(date(2025, 8, 1), [own.name])] if own else [])
        assert recently_served(other, user=floor, before=NOVEMBER) == [(date(2025, 8, 1), [dish.name])]

    def test_the_warning_tells_the_month_and_never_the_day(self, floor, venue, guest):
        dish, room = DishFactory.create(), RoomFactory.create(name="萩の間")
        for days in (90, 120):
            VisitFactory.create(
                guests=[CustomerFactory.create(name="別 太郎"), guest],
                served=[dish],
                room=room,
                venue=room.venue,
                starts_at=NOVEMBER - timedelta(days=days),
            )

        past = past_servings([guest.pk], user=floor, before=NOVEMBER)
        (warning,) = table_warnings([guest], [dish], past)

        assert (warning.is_advice, warning.is_allergy) == (True, False)
        assert house_words(warning) == "前回お出し 2025年8月"

    @pytest.mark.parametrize("guests", [1, 3])
    def test_two_queries_however_many_guests(self, floor, guests, django_assert_num_queries):
        people = [CustomerFactory.create() for _number in range(guests)]
        dish = DishFactory.create()
        VisitFactory.create(guests=people, served=[dish], starts_at=NOVEMBER - timedelta(days=90))
        past_servings([people[0].pk], user=floor, before=NOVEMBER)  # what the person may do is asked once
        with django_assert_num_queries(2):
            assert len(past_servings([one.pk for one in people], user=floor, before=NOVEMBER)) == guests

    def test_the_same_sake_is_no_warning(self, floor, venue, guest):
        sake = DishFactory.create(position="drink")
        VisitFactory.create(guests=[guest], served=[sake], starts_at=NOVEMBER - timedelta(days=90))

        assert recorded(floor, venue, guest, dishes=[sake])

    def test_four_visits_ago_is_forgotten(self, floor, venue, guest):
        dish = DishFactory.create()
        VisitFactory.create(guests=[guest], served=[dish], starts_at=NOVEMBER - timedelta(days=90))
        for days in (60, 40, 20):
            VisitFactory.create(guests=[guest], starts_at=NOVEMBER - timedelta(days=days))

        assert recorded(floor, venue, guest, dishes=[dish])

    def test_a_reservation_keeps_its_warnings_open(self, floor, venue, allergic, dish):
        visit = recorded(floor, venue, allergic, dishes=[dish], status="reserved", notes={})

        with pytest.raises(UnconfirmedWarnings):
            changed(visit, floor, allergic, dishes=[dish])

    def test_a_warning_on_file_is_not_asked_again(self, floor, venue, allergic, dish):
        confirmations = {f"allergy-{allergic.pk}-{dish.pk}": Confirmation(reason="差し替えた", was_replaced=True)}
        visit = recorded(floor, venue, allergic, dishes=[dish], confirmations=confirmations)

        changed(visit, floor, allergic, dishes=[dish], party_size=3)

        assert SeatException.objects.get(visit=visit).kind == "left_out"
        assert ConfirmedWarning.objects.count() == 1


class TestStory:
    def test_timeline_has_a_row_per_guest_and_one_per_note(self, floor, venue, guest):
        companion, dish = CustomerFactory.create(), DishFactory.create(name="土瓶蒸し")
        visit = recorded(
            floor,
            venue,
            guest,
            companion,
            dishes=[dish],
            notes=NO_COMPLAINT | {"talk": NoteEntry(text="初孫", customer=companion)},
        )

        rows = TimelineEntry.objects.order_by("kind", "subject_id")
        assert [(row.kind, row.subject_id, row.read_right, row.venue) for row in rows] == [
            ("note", guest.pk, "view_notes", venue),  # said at the host's table
            ("visit", guest.pk, "", venue),
            ("visit", companion.pk, "", venue),
        ]
        assert all("初孫" not in str(row.details) for row in rows if row.kind == "visit")
        assert all("土瓶蒸し" in str(row.details) for row in rows if row.kind == "visit")
        assert {row.url for row in rows} == {f"/visits/{visit.pk}/"}

    def test_a_complaint_opens_an_urgent_thread(self, floor, venue, guest):
        recorded(
            floor,
            venue,
            guest,
            notes={"complaint": NoteEntry(text="椀物がぬるい"), "talk": NoteEntry(text="初孫")},
        )

        threads = {
            thread.label: (thread.is_urgent, thread.title, thread.excerpt, thread.read_right, thread.author)
            for thread in Thread.objects.all()
        }
        assert threads == {
            "お叱り・不手際": (True, "渡邉 健一 様", "椀物がぬるい", "view_notes", floor),
            "ご様子・会話": (False, "渡邉 健一 様", "初孫", "view_notes", floor),
        }

    def test_a_reservation_is_not_told_and_does_not_count(self, floor, venue, guest):
        recorded(floor, venue, guest, status="reserved", notes={})

        guest.refresh_from_db()
        assert (guest.visit_count, guest.last_visit_on, TimelineEntry.objects.count()) == (0, None, 0)


class TestChange:
    def test_a_reservation_becomes_a_visit(self, floor, venue, guest):
        visit = recorded(floor, venue, guest, status="reserved", notes={})

        after = changed(visit, floor, guest)

        assert (after.pk, after.status, after.version) == (visit.pk, "completed", 2)
        guest.refresh_from_db()
        assert guest.visit_count == 1

    def test_a_second_tap_on_the_change_is_the_same_change(self, floor, venue, guest):
        visit, token = recorded(floor, venue, guest), uuid.uuid4()

        changed(visit, floor, guest, party_size=3, form_token=token)
        again = changed(visit, floor, guest, party_size=3, form_token=token)

        assert again.version == 2
        assert trail().filter(action="changed").count() == 1

    def test_an_old_form_is_refused(self, floor, venue, guest):
        visit = recorded(floor, venue, guest)
        changed(visit, floor, guest, party_size=3)

        with pytest.raises(VisitChangedMeanwhile):
            changed(visit, floor, guest, party_size=5)
        assert Visit.objects.get().party_size == 3

    def test_a_guest_who_was_not_there_after_all_loses_the_visit(self, floor, venue, guest):
        other = CustomerFactory.create()
        visit = recorded(floor, venue, guest, other)

        changed(visit, floor, guest)

        other.refresh_from_db()
        assert (other.visit_count, other.last_visit_on) == (0, None)
        assert not TimelineEntry.objects.filter(subject_id=other.pk).exists()

    def test_who_asked_at_the_table_is_kept(self, floor, venue, guest):
        visit = recorded(floor, venue, attendances=[AttendanceEntry(customer=guest, seated_check="unchanged")])

        changed(visit, person("floor", venue), attendances=[AttendanceEntry(customer=guest, seated_check="unchanged")])

        assert visit.attendances.get().checked_by == floor

    def test_a_note_is_reworded_and_keeps_its_thread(self, floor, venue, guest):
        visit = recorded(floor, venue, guest, notes=NO_COMPLAINT | {"talk": NoteEntry(text="初孫")})

        changed(visit, floor, guest, notes=NO_COMPLAINT | {"talk": NoteEntry(text="二人目の孫")})

        assert Note.objects.get().text == "二人目の孫"
        assert Thread.objects.get().excerpt == "二人目の孫"

    def test_a_note_once_written_is_not_taken_away(self, floor, venue, guest):
        visit = recorded(floor, venue, guest, notes={"complaint": NoteEntry(text="椀物がぬるい")})

        with pytest.raises(RecordingRefused):
            changed(visit, floor, guest, notes=NO_COMPLAINT)

    def test_the_amount_stays_when_the_form_did_not_show_it(self, floor, venue, guest):
        visit = recorded(person("manager", venue), venue, guest, amount=Decimal("48000"))

        assert changed(visit, floor, guest).amount == Decimal("48000")
        with pytest.raises(PermissionDenied):
            changed(Visit.objects.get(), floor, guest, amount=Decimal("1"))

    def test_a_recorded_visit_is_no_reservation_again(self, floor, venue, guest):
        with pytest.raises(RecordingRefused):
            changed(recorded(floor, venue, guest), floor, guest, status="reserved")


def test_steps_of_a_reservation(floor, venue, guest):
    visit = recorded(floor, venue, guest, status="reserved", notes={})

    advance_visit(visit=visit, by=floor, status="arrived")
    advance_visit(visit=visit, by=floor, status="arrived")
    visit = advance_visit(visit=visit, by=floor, status="seated")

    assert (visit.status, visit.version) == ("seated", 3)
    with pytest.raises(RecordingRefused):
        advance_visit(visit=visit, by=floor, status="completed")
    with pytest.raises(PermissionDenied):
        advance_visit(visit=visit, by=person("kitchen", venue), status="arrived")


def test_the_answer_at_the_table_is_noted_with_its_name(floor, venue, guest):
    visit = recorded(floor, venue, guest, status="reserved", notes={})

    check_at_table(attendance=visit.attendances.get(), by=floor, seated_check="changed")

    row = visit.attendances.get()
    assert (row.seated_check, row.checked_by) == ("changed", floor)


def test_nothing_is_unchanged_where_nobody_ever_asked(floor, venue):
    guest = CustomerFactory.create(name="渡邉 健一")
    visit = recorded(floor, venue, guest, status="reserved", notes={})

    with pytest.raises(RecordingRefused, match="渡邉 健一様にはまだアレルギーをうかがっていません"):
        check_at_table(attendance=visit.attendances.get(), by=floor, seated_check="unchanged")
    with pytest.raises(RecordingRefused, match="渡邉 健一様にはまだアレルギーをうかがっていません"):
        recorded(floor, venue, attendances=[AttendanceEntry(customer=guest, seated_check="unchanged")])

    assert visit.attendances.get().checked_by is None
    assert Visit.objects.count() == 1


def test_what_was_unchanged_stays_so_when_the_answer_is_taken_off_the_card(floor, venue, guest):
    visit = recorded(floor, venue, attendances=[AttendanceEntry(customer=guest, seated_check="unchanged")])
    guest.allergy_state = AllergyState.NOT_ASKED
    guest.save(update_fields=["allergy_state"])

    changed(visit, floor, attendances=[AttendanceEntry(customer=guest, seated_check="unchanged")], party_size=3)

    visit.refresh_from_db()
    assert (visit.party_size, visit.attendances.get().seated_check) == (3, "unchanged")


class TestDraft:
    def test_a_draft_is_kept_once_and_goes_when_the_visit_is_recorded(self, floor, venue, guest):
        token = uuid.uuid4()
        keep_draft(by=floor, venue=venue, form_token=token, values={"note_talk": ["初"]})
        keep_draft(by=floor, venue=venue, form_token=token, values={"note_talk": ["初孫"]})
        assert VisitDraft.objects.get().values == {"note_talk": ["初孫"]}

        recorded(floor, venue, guest, form_token=token)

        assert not VisitDraft.objects.exists()

    def test_a_late_draft_of_a_recorded_visit_is_not_kept(self, floor, venue, guest):
        visit = recorded(floor, venue, guest)

        assert keep_draft(by=floor, venue=venue, form_token=visit.form_token, values={}) is None
        assert not VisitDraft.objects.exists()

    def test_nobody_writes_on_somebody_elses_draft(self, floor, venue):
        token = uuid.uuid4()
        keep_draft(by=floor, venue=venue, form_token=token, values={"note_talk": ["初孫"]})

        assert keep_draft(by=person("floor", venue), venue=venue, form_token=token, values={}) is None
        assert VisitDraft.objects.get().values == {"note_talk": ["初孫"]}
