"""Two people at the same moment: the same question answered, tonight's menu changed while a sheet is settled."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from crm_project.core.accounts.models import User, Venue
from crm_project.core.allergens.legal_lists import ALLERGENS
from tests.factories.accounts import VenueFactory, person
from tests.factories.customers import CustomerFactory
from tests.factories.menus import DishFactory
from tests.factories.visits import RoomFactory, VisitFactory
from tests.simultaneous import at_once, meanwhile
from visits.evening import evening_of
from visits.gate import SheetState
from visits.group_answers import allergen_words, read_group_answer
from visits.models import AdvanceAnswer, SheetRevision, TonightChange, Visit
from visits.refusals import RecordingRefused
from visits.services import answer_for_group, change_tonight, mark_ready
from visits.services.allergy_answers import AnsweredMeanwhile
from visits.services.kitchen import NotReady, SheetChangedMeanwhile

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
        except (AnsweredMeanwhile, SheetChangedMeanwhile, NotReady, RecordingRefused) as refused:
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
