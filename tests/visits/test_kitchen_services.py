"""Answers before the evening, decisions for seats, tonight's menu and the sheet that is ready."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.utils import timezone

from crm_project.core.accounts.models import User, Venue
from crm_project.core.allergens.legal_lists import ALLERGENS
from crm_project.core.audit.models import AuditEntry
from crm_project.core.comments.models import Thread
from customers.conflicts import VersionConflict
from customers.models import Customer
from customers.services import AllergyInput, allergy_statement
from menus.models import CourseDish, Dish
from tests.factories.accounts import VenueFactory, person
from tests.factories.customers import CustomerFactory
from tests.factories.menus import CourseFactory, DishFactory
from tests.factories.visits import RoomFactory, VisitFactory
from visits.choices import ExceptionKind
from visits.evening import evening_of, evenings_of
from visits.gate import SheetState
from visits.group_answers import allergen_words, read_group_answer
from visits.models import (
    Attendance,
    Complaint,
    NoteCategory,
    SeatException,
    SheetRevision,
    TableNotice,
    TonightChange,
    Visit,
)
from visits.refusals import RecordingRefused
from visits.services import (
    answer_for_group,
    answer_for_guest,
    change_complaint,
    change_tonight,
    decide_for_seat,
    mark_ready,
    read_sheets,
    report_served_allergen,
    see_notices,
    take_back_tonight,
    undo_for_seat,
)
from visits.services.allergy_answers import AnsweredMeanwhile
from visits.services.kitchen import NotReady, SheetChangedMeanwhile

pytestmark = pytest.mark.django_db

WORDS = allergen_words({code: [ja, en, *other] for code, (ja, en, other) in ALLERGENS.items()})


@pytest.fixture
def venue() -> Venue:
    """The house."""
    return VenueFactory.create()


@pytest.fixture
def cook(venue: Venue) -> User:
    """板場."""
    return person("kitchen", venue)


@pytest.fixture
def floor(venue: Venue) -> User:
    """仲居."""
    return person("floor", venue)


@pytest.fixture
def shinjo() -> Dish:
    """A dish with shrimp."""
    return DishFactory.create(name="海老真薯", presences={"shrimp": "contains", "buckwheat": "free"})


@pytest.fixture
def tofu() -> Dish:
    """A dish without."""
    return DishFactory.create(name="胡麻豆腐", presences={"shrimp": "free", "buckwheat": "free"})


@pytest.fixture
def guest() -> Customer:
    """Severely allergic to shrimp."""
    return CustomerFactory.create(name="渡邉 健一", allergic_to=["shrimp"], allergy_state="listed")


@pytest.fixture
def visit(venue: Venue, guest: Customer, shinjo: Dish, floor: User) -> Visit:
    """渡邉 様, tonight."""
    return tonight(venue, guests=[guest], course=CourseFactory.create(of=[shinjo]), staff=floor)


def tonight(venue: Venue, **values: Any) -> Visit:
    """A booking of this evening."""
    return VisitFactory.create(
        venue=venue, room=RoomFactory.create(venue=venue), starts_at=timezone.now(), status="reserved", **values
    )


def ref_of(visit: Visit) -> str:
    """The first seat."""
    return f"a{visit.attendances.earliest('pk').pk}"


def group_answer(visit: Visit, by: User, line: str, version: int = 0, source: str = "arranger") -> Any:
    """The arranger answers."""
    return answer_for_group(
        visit=visit,
        by=by,
        version=version,
        source=source,
        said_on=visit.business_date,
        understood=read_group_answer(line, WORDS),
        text=line,
    )


class TestAnswers:
    """Who answered before the evening."""

    def test_a_group_answer_counts_for_unnamed_and_unasked_seats(self, venue, floor):
        guest = CustomerFactory.create()
        visit = tonight(venue, guests=[guest], party_size=60)
        assert evening_of(visit).gate.unasked == 60

        group_answer(visit, floor, "60名中 えび1名・そば1名、他なし")

        evening = evening_of(visit)
        assert evening.gate.unasked == 0
        assert [(count.allergen.code, count.count) for count in evening.group_counts] == [
            ("shrimp", 1),
            ("buckwheat", 1),
        ]

    def test_without_others_none_the_rest_stays_unasked(self, venue, floor):
        visit = tonight(venue, guests=[CustomerFactory.create()], party_size=4)

        group_answer(visit, floor, "えび1名")

        assert evening_of(visit).gate.unasked == 4

    def test_the_guest_of_honour_is_not_asked_when_the_arranger_answered(self, venue, floor):
        visit = tonight(venue, party_size=2)
        host = Attendance.objects.create(visit=visit, customer=CustomerFactory.create(), role="host")
        honoured = Attendance.objects.create(visit=visit, customer=CustomerFactory.create(), role="guest_of_honour")

        group_answer(visit, floor, "なし", source="secretary")

        excused = {seat.attendance.pk: seat.is_excused for seat in evening_of(visit).seats if seat.attendance}
        assert excused == {host.pk: False, honoured.pk: True}
        assert evening_of(visit).gate.unchecked == 1

    def test_the_group_is_judged_against_the_dishes(self, venue, floor, shinjo):
        visit = tonight(venue, guests=[CustomerFactory.create()], party_size=4, served=[shinjo])

        group_answer(visit, floor, "4名中えび1名、他なし")

        conflict = evening_of(visit).gate.open[0]
        assert (conflict.ref[0], conflict.dish_id) == ("g", shinjo.pk)

    @pytest.mark.parametrize("line", ["ほや1名、他なし", "えび9名、他なし", ""])
    def test_what_is_not_understood_or_too_much_is_refused(self, visit, floor, line):
        with pytest.raises(RecordingRefused):
            group_answer(visit, floor, line)
        assert not visit.advance_answers.exists()

    def test_a_count_that_stays_keeps_what_was_decided(self, venue, floor, shinjo):
        visit = tonight(venue, guests=[CustomerFactory.create()], party_size=4, served=[shinjo])
        answer = group_answer(visit, floor, "えび1名、他なし")
        ref = f"g{answer.allergies.get().pk}"
        decide_for_seat(visit=visit, ref=ref, dish=shinjo, kind="left_out", by=floor)

        group_answer(visit, floor, "えび1名・乳1名、他なし", version=1)

        assert SeatException.objects.get().dish == shinjo

    def test_the_second_one_sees_the_firsts_answer(self, visit, floor):
        group_answer(visit, floor, "えび1名、他なし")

        with pytest.raises(AnsweredMeanwhile) as refused:
            group_answer(visit, floor, "なし", version=0)

        assert str(getattr(refused.value.answer, "text", "")) == "えび1名、他なし"
        assert visit.advance_answers.get().text == "えび1名、他なし"

    def test_a_guests_answer_stands_on_the_card_with_who_asked(self, venue, floor):
        guest = CustomerFactory.create()
        visit = tonight(venue, guests=[guest])
        seat = visit.attendances.get()
        base, version = allergy_statement(guest), guest.version
        values: dict[str, Any] = {
            "attendance": seat,
            "by": floor,
            "source": "family",
            "said_on": visit.business_date,
            "version": version,
            "base": base,
        }

        answer = answer_for_guest(state="none", how="phone", **values)

        guest.refresh_from_db()
        assert (guest.allergy_state, guest.allergy_answered_by, guest.allergy_asked_how) == ("none", "ご家族", "phone")
        assert (answer.asked_by, answer.source) == (floor, "family")
        shrimp = [AllergyInput(DishFactory.create(presences={"shrimp": "free"}).allergens.get().allergen)]
        with pytest.raises(VersionConflict):
            answer_for_guest(state="listed", items=shrimp, **values)

    def test_who_serves_nothing_there_writes_no_answers(self, visit, cook):
        with pytest.raises(PermissionDenied):
            group_answer(visit, cook, "なし")
        with pytest.raises(PermissionDenied):
            group_answer(visit, person("floor", VenueFactory.create()), "なし")


class TestSeats:
    """What a seat has differently."""

    def test_replaced_by_the_floor(self, visit, floor, shinjo, tofu):
        decide_for_seat(visit=visit, ref=ref_of(visit), dish=shinjo, kind="replaced", replacement=tofu, by=floor)

        evening: Any = evening_of(visit)
        assert evening.gate.may_be_ready
        assert [(line.dish, line.decision.replacement_name) for line in evening.decided_lines] == [(shinjo, "胡麻豆腐")]

    def test_a_cooks_answer_is_the_kitchens_by_name(self, visit, floor, cook, shinjo):
        with pytest.raises(PermissionDenied):
            decide_for_seat(visit=visit, ref=ref_of(visit), dish=shinjo, kind="accepted", by=floor)

        decide_for_seat(visit=visit, ref=ref_of(visit), dish=shinjo, kind="accepted", note="別鍋で", by=cook)

        line: Any = evening_of(visit).decided_lines[0]
        assert (line.decision.made_by, line.decision.note) == (str(cook), "別鍋で")

    def test_another_decision_takes_the_place_of_the_first(self, visit, cook, shinjo):
        for kind in ("accepted", "refused", "left_out"):
            decide_for_seat(visit=visit, ref=ref_of(visit), dish=shinjo, kind=kind, by=cook)

        assert [one.kind for one in SeatException.objects.all()] == ["left_out"]
        undo_for_seat(exception=SeatException.objects.get(), by=cook)
        assert len(evening_of(visit).gate.open) == 1

    def test_seconds_and_what_was_left_stand_beside(self, visit, floor, shinjo):
        for kind in (ExceptionKind.SECONDS, ExceptionKind.LEFT_OVER, ExceptionKind.LEFT_OUT):
            decide_for_seat(visit=visit, ref=ref_of(visit), dish=shinjo, kind=kind, by=floor)

        assert SeatException.objects.count() == 3

    @pytest.mark.parametrize("kind", ["", "accepted", "replaced", "x"])
    def test_what_makes_no_sense_is_refused(self, venue, cook, tofu, kind):
        visit = tonight(venue, guests=[CustomerFactory.create(allergy_state="none")], served=[tofu])

        with pytest.raises(RecordingRefused):
            decide_for_seat(visit=visit, ref=ref_of(visit), dish=tofu, kind=kind, by=cook)
        with pytest.raises(RecordingRefused):
            decide_for_seat(visit=visit, ref="a0", dish=tofu, kind="left_out", by=cook)


class TestReady:
    """献立確定, and what makes it stale."""

    def ready(self, visit, cook, **values):
        """Say that it is ready, as it stands."""
        return mark_ready(visit=visit, by=cook, seen=evening_of(visit).digest, **values)

    def test_not_while_something_is_open(self, visit, cook, shinjo):
        with pytest.raises(NotReady):
            self.ready(visit, cook)

        decide_for_seat(visit=visit, ref=ref_of(visit), dish=shinjo, kind="left_out", by=cook)
        self.ready(visit, cook)

        assert evening_of(visit).state == SheetState.READY

    def test_not_while_somebody_was_not_asked(self, venue, cook):
        with pytest.raises(NotReady) as refused:
            self.ready(tonight(venue, guests=[CustomerFactory.create()], party_size=3), cook)
        assert refused.value.unasked == 3

    def test_an_override_has_a_name_and_a_reason_in_the_audit(self, visit, cook):
        self.ready(visit, cook, override_reason="お席で確認する")

        evening: Any = evening_of(visit)
        assert evening.is_overridden
        assert (evening.ready.made_by, evening.ready.override_reason) == (str(cook), "お席で確認する")
        assert AuditEntry.objects.about(visit).latest("pk").changes["override_reason"] == ["", "お席で確認する"]

    def test_not_by_the_floor_and_not_unseen(self, visit, cook, floor):
        with pytest.raises(PermissionDenied):
            self.ready(visit, floor, override_reason="x")
        with pytest.raises(SheetChangedMeanwhile):
            mark_ready(visit=visit, by=cook, seen="something older", override_reason="x")
        assert not SheetRevision.objects.exists()

    @pytest.mark.parametrize("what", ["course", "dish", "seat", "allergy", "presence", "answer", "room", "tonight"])
    def test_any_later_change_makes_it_stale(self, what, venue, visit, guest, cook, floor, shinjo, tofu):
        decide_for_seat(visit=visit, ref=ref_of(visit), dish=shinjo, kind="left_out", by=cook)
        self.ready(visit, cook)
        if what == "course":
            Visit.objects.filter(pk=visit.pk).update(course=CourseFactory.create(of=[tofu]))
        elif what == "dish":
            CourseDish.objects.create(course=visit.course, dish=tofu, position=5)
        elif what == "seat":
            Attendance.objects.create(visit=visit, customer=CustomerFactory.create(allergy_state="none"))
        elif what == "allergy":
            guest.allergies.update(severity="moderate")
        elif what == "presence":
            shinjo.allergens.filter(allergen__code="shrimp").update(presence="may_contain")
        elif what == "answer":
            group_answer(visit, floor, "そば1名、他なし")
        elif what == "room":
            Visit.objects.filter(pk=visit.pk).update(room=RoomFactory.create(venue=venue))
        else:
            change_tonight(venue=venue, day=visit.business_date, dish=shinjo, replacement=tofu, by=cook)

        evening = evening_of(visit)

        assert evening.state == SheetState.CHANGED
        assert evening.has_unread_change

    def test_what_was_read_is_counted_up_and_not_twice(self, venue, visit, cook, floor):
        assert read_sheets(venue=venue, day=visit.business_date, by=cook) == 1
        assert read_sheets(venue=venue, day=visit.business_date, by=cook) == 0
        group_answer(visit, floor, "そば1名、他なし")
        assert read_sheets(venue=venue, day=visit.business_date, by=cook) == 1
        assert [row.number for row in SheetRevision.objects.all()] == [1, 2]
        with pytest.raises(PermissionDenied):
            read_sheets(venue=venue, day=visit.business_date, by=floor)


class TestTonight:
    """本日の差し替え."""

    def test_all_tables_are_judged_anew_and_their_staff_is_told(self, venue, visit, guest, cook, floor, shinjo, tofu):
        other = tonight(venue, guests=[CustomerFactory.create(allergy_state="none")], served=[tofu])

        done = change_tonight(venue=venue, day=visit.business_date, dish=tofu, replacement=shinjo, by=cook)
        assert [table.evening.visit.pk for table in done.touched] == [other.pk]
        done = change_tonight(venue=venue, day=visit.business_date, dish=shinjo, by=cook)

        assert {table.evening.visit.pk for table in done.touched} == {visit.pk, other.pk}
        assert not evening_of(visit).gate.open
        assert [(notice.user, notice.visit) for notice in TableNotice.objects.all()] == [(floor, visit)]
        assert visit.course.course_dishes.get().dish == shinjo

    def test_new_conflicts_are_named_and_it_can_be_taken_back(self, venue, guest, cook, floor, shinjo, tofu):
        visit = tonight(venue, guests=[guest], served=[tofu])

        done = change_tonight(venue=venue, day=visit.business_date, dish=tofu, replacement=shinjo, by=cook)
        assert [(table.evening.visit, table.new_conflicts) for table in done.with_conflicts] == [(visit, 1)]

        take_back_tonight(change=done.changes[0], by=cook)
        take_back_tonight(change=done.changes[0], by=cook)
        assert evening_of(visit).gate.may_be_ready
        assert TonightChange.objects.get().taken_back_by == cook

    def test_only_with_chosen_courses(self, venue, visit, cook, shinjo, tofu):
        other = tonight(venue, course=CourseFactory.create(of=[shinjo]))

        change_tonight(
            venue=venue, day=visit.business_date, dish=shinjo, replacement=tofu, courses=[visit.course], by=cook
        )

        assert [evening_of(one).dishes for one in (visit, other)] == [[tofu], [shinjo]]

    def test_once_and_not_yesterday_and_by_the_kitchen_alone(self, venue, visit, cook, floor, shinjo, tofu):
        day = visit.business_date
        change_tonight(venue=venue, day=day, dish=shinjo, by=cook)
        with pytest.raises(RecordingRefused):
            change_tonight(venue=venue, day=day, dish=shinjo, replacement=tofu, by=cook)
        with pytest.raises(RecordingRefused):
            change_tonight(venue=venue, day=day - timedelta(days=2), dish=tofu, by=cook)
        with pytest.raises(RecordingRefused):
            change_tonight(venue=venue, day=day, dish=tofu, replacement=tofu, by=cook)
        with pytest.raises(PermissionDenied):
            change_tonight(venue=venue, day=day, dish=tofu, by=floor)

    @pytest.mark.parametrize("tables", [1, 3])
    def test_the_same_queries_whatever_the_tables(self, venue, cook, shinjo, tofu, tables, django_assert_num_queries):
        visits = [tonight(venue, guests=[CustomerFactory.create()], served=[shinjo]) for _ in range(tables)]
        found = list(
            Visit.objects.filter(pk__in=[visit.pk for visit in visits])
            .select_related("venue", "room", "course")
            .prefetch_related("attendances__customer")
        )
        with django_assert_num_queries(2):
            evenings_of(found, venue, visits[0].business_date)

    def test_a_notice_is_seen_by_whom_it_was_for(self, venue, visit, cook, floor, shinjo):
        change_tonight(venue=venue, day=visit.business_date, dish=shinjo, by=cook)
        notice = TableNotice.objects.get()

        assert see_notices(user=cook, notice_ids=[notice.pk]) == 0
        assert see_notices(user=floor, notice_ids=[notice.pk]) == 1
        assert see_notices(user=floor, notice_ids=[notice.pk]) == 0


def test_an_allergen_that_was_served_is_reported_to_the_managers(venue, visit, guest, floor):
    manager = person("manager", venue)

    first = report_served_allergen(
        visit=visit, by=floor, text="海老真薯を一口。119へ。", attendance=visit.attendances.get()
    )

    assert (first.visit, first.customer, first.state, first.reported_by) == (visit, guest, "open", floor)
    assert "119へ" in first.what
    assert "渡邉 健一" in first.place
    thread = Thread.objects.awaiting_reply(manager).get()
    assert (thread.is_urgent, thread.excerpt) == (True, first.what)
    assert set(TableNotice.objects.values_list("user", "is_urgent")) == {(manager.pk, True)}
    assert AuditEntry.objects.filter(subject_type="visits.complaint", action="created").count() == 1
    # Whatever was told before is settled or not, and whatever the check sheet asks for.
    change_complaint(complaint=first, by=manager, version=1, state="settled")
    NoteCategory.objects.update(is_active=False)
    again = report_served_allergen(visit=visit, by=floor, text="救急車が着きました。")
    assert list(Complaint.objects.unsettled()) == [again]
    assert again.customer == guest
    with pytest.raises(RecordingRefused):
        report_served_allergen(visit=visit, by=floor, text=" ")
    with pytest.raises(PermissionDenied):
        report_served_allergen(visit=visit, by=person("kitchen", venue), text="x")
