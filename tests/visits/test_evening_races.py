"""Two people at the same moment: the same question answered, tonight's menu changed while a sheet is settled."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from crm_project.core.accounts.models import User, Venue
from crm_project.core.allergens.legal_lists import ALLERGENS
from crm_project.core.audit.models import AuditEntry
from tests.factories.accounts import VenueFactory, person
from tests.factories.customers import CustomerFactory
from tests.factories.menus import CourseFactory, DishFactory
from tests.factories.visits import RoomFactory, VisitFactory
from tests.simultaneous import at_once, meanwhile
from visits.evening import evening_of
from visits.gate import SheetState
from visits.group_answers import allergen_words, read_group_answer
from visits.models import AdvanceAnswer, SeatException, SheetRevision, TonightChange, Visit
from visits.refusals import RecordingRefused
from visits.services import answer_for_group, change_tonight, decide_for_seat, kitchen, mark_ready, undo_for_seat
from visits.services.allergy_answers import AnsweredMeanwhile
from visits.services.kitchen import DecidedMeanwhile, NotReady, SheetChangedMeanwhile

pytestmark = pytest.mark.django_db(transaction=True)

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
def dishes() -> dict[str, Any]:
    """A dish with shrimp and one without."""
    return {
        "shinjo": DishFactory.create(name="海老真薯", presences={"shrimp": "contains"}),
        "tofu": DishFactory.create(name="胡麻豆腐", presences={"shrimp": "free"}),
    }


@pytest.fixture
def visit(venue: Venue, dishes: dict[str, Any]) -> Visit:
    """Tonight, for a guest who must not have shrimp: as it is planned nothing is open."""
    return VisitFactory.create(
        venue=venue,
        room=RoomFactory.create(venue=venue),
        starts_at=timezone.now() + timedelta(minutes=1),
        status="reserved",
        guests=[CustomerFactory.create(allergic_to=["shrimp"], allergy_state="listed")],
        served=[dishes["tofu"]],
    )


def tried(act: Any) -> Any:
    """What the act returned, or why it was refused."""

    def run() -> Any:
        try:
            return act()
        except (AnsweredMeanwhile, SheetChangedMeanwhile, NotReady, DecidedMeanwhile, RecordingRefused) as refused:
            return refused

    return run


def test_two_answers_to_the_same_question(venue, visit):
    people = [person("floor", venue), person("desk", venue)]

    def answer(by: User, line: str) -> Any:
        return tried(
            lambda: answer_for_group(
                visit=visit,
                by=by,
                version=0,
                source="arranger",
                said_on=visit.business_date,
                understood=read_group_answer(line, WORDS),
                text=line,
            )
        )

    done = at_once(answer(people[0], "えび1名、他なし"), answer(people[1], "なし"))

    written = AdvanceAnswer.objects.get()
    refused = [one for one in done if isinstance(one, AnsweredMeanwhile)]
    assert [isinstance(one, AdvanceAnswer) for one in done].count(True) == 1
    assert [one.answer for one in refused] == [written]


def test_the_menu_changes_while_the_sheet_is_settled(venue, visit, cook, dishes):
    seen = evening_of(visit).digest

    done = at_once(
        tried(lambda: mark_ready(visit=visit, by=cook, seen=seen)),
        tried(
            lambda: change_tonight(
                venue=venue, day=visit.business_date, dish=dishes["tofu"], replacement=dishes["shinjo"], by=cook
            )
        ),
    )

    evening = evening_of(visit)
    assert TonightChange.objects.count() == 1
    assert evening.gate.open
    assert evening.state in (SheetState.CHANGED, SheetState.PREPARING)
    assert evening.state == (SheetState.CHANGED if SheetRevision.objects.exists() else SheetState.PREPARING), done


def test_the_menu_changed_just_before_the_sheet_was_settled(venue, visit, cook, dishes):
    seen = evening_of(visit).digest

    def change() -> None:
        change_tonight(venue=venue, day=visit.business_date, dish=dishes["tofu"], replacement=dishes["shinjo"], by=cook)

    with meanwhile(change), pytest.raises(SheetChangedMeanwhile):
        mark_ready(visit=visit, by=cook, seen=seen)

    assert not SheetRevision.objects.exists()


def test_two_cooks_settle_one_sheet(visit, cook):
    seen = evening_of(visit).digest

    at_once(*(tried(lambda: mark_ready(visit=visit, by=cook, seen=seen)) for _ in range(2)))

    assert SheetRevision.objects.get().number == 1


def test_two_cooks_replace_the_same_dish(venue, visit, cook, dishes):
    def change() -> Any:
        return change_tonight(
            venue=venue, day=visit.business_date, dish=dishes["tofu"], replacement=dishes["shinjo"], by=cook
        )

    done = at_once(tried(change), tried(change))

    assert TonightChange.objects.count() == 1
    assert [isinstance(one, RecordingRefused) for one in done].count(True) == 1


def test_a_table_is_booked_while_the_menu_changes(venue, visit, cook, dishes, monkeypatch):
    """Read between the two looks at the day: the new table has never had another menu, and the change stands."""
    look, looks = kitchen._evenings, []

    def and_a_booking(*args: Any) -> Any:
        looks.append(look(*args))
        if len(looks) == 1:
            VisitFactory.create(
                venue=venue,
                room=RoomFactory.create(venue=venue),
                starts_at=visit.starts_at,
                status="reserved",
                served=[dishes["tofu"]],
            )
        return looks[-1]

    monkeypatch.setattr(kitchen, "_evenings", and_a_booking)
    done = change_tonight(
        venue=venue, day=visit.business_date, dish=dishes["tofu"], replacement=dishes["shinjo"], by=cook
    )

    assert [len(look) for look in looks] == [1, 2]
    assert [table.evening.visit for table in done.touched] == [visit]
    assert TonightChange.objects.count() == 1


def test_two_people_decide_about_one_dish(venue, visit, cook, dishes):
    plate = CourseFactory.create(of=[dishes["shinjo"]])
    Visit.objects.filter(pk=visit.pk).update(course=plate)
    visit.served_dishes.all().delete()
    ref = f"a{visit.attendances.get().pk}"

    def decide(by: User, kind: str) -> Any:
        return tried(lambda: decide_for_seat(visit=visit, ref=ref, dish=dishes["shinjo"], kind=kind, by=by, seen=0))

    done = at_once(decide(cook, "refused"), decide(person("floor", venue), "left_out"))

    assert SeatException.objects.get() in done
    assert [isinstance(one, DecidedMeanwhile) for one in done].count(True) == 1


def test_two_people_undo_one_decision(venue, visit, cook, dishes):
    made = decide_for_seat(
        visit=visit, ref=f"a{visit.attendances.get().pk}", dish=dishes["tofu"], kind="left_out", by=cook
    )

    at_once(*(lambda: undo_for_seat(exception=SeatException.objects.get(pk=made.pk), by=cook) for _ in range(2)))

    assert not SeatException.objects.exists()
    told = AuditEntry.objects.filter(subject_type="visits.visit", subject_id=str(visit.pk), action="changed")
    assert [entry.changes["seat_exception"][1][2] for entry in told.order_by("pk")] == [["left_out", "", ""], None]
