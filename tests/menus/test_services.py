from datetime import date
from decimal import Decimal

import pytest
from django.db.models import QuerySet

from crm_project.core.allergens.models import Allergen
from crm_project.core.audit.models import AuditEntry
from crm_project.core.problems import InputProblem
from menus.models import Course, Dish, DishAllergen, DishFamily
from menus.queries import dishes_with_allergens
from menus.refusals import CourseRenewed, MenuChangedMeanwhile
from menus.services import (
    change_base,
    change_cell,
    change_course,
    change_dish,
    copy_courses,
    create_base,
    create_course,
    create_dish,
    decide,
    renewed,
)
from menus.services.dishes import Portion
from tests.factories.accounts import UserFactory
from tests.factories.menus import BaseFactory, CourseFactory, DishFactory
from tests.factories.visits import VisitFactory

pytestmark = pytest.mark.django_db


def allergen(code):
    return Allergen.objects.get(code=code)


def test_create_dish_writes_what_is_known_and_one_audit_entry():
    dish = create_dish(
        by=UserFactory.create(),
        name="海老 真薯",
        kana="えびしんじょ",
        presences={allergen("shrimp"): "contains", allergen("egg"): "may_contain", allergen("milk"): "unchecked"},
    )

    assert dish.kana == "エビシンジョ"
    assert set(dish.allergens.values_list("allergen__code", "presence")) == {
        ("shrimp", "contains"),
        ("egg", "may_contain"),
    }
    assert AuditEntry.objects.filter(subject_type="menus.dish").count() == 1


def test_two_dishes_of_one_name_are_refused():
    DishFactory.create(name="土瓶蒸し")

    with pytest.raises(InputProblem, match="土瓶蒸し"):
        create_dish(by=UserFactory.create(), name=" 土瓶蒸し ")


def test_change_dish_tells_the_allergens_that_changed():
    dish = DishFactory.create(presences={"shrimp": "contains", "egg": "free"})

    change_dish(dish=dish, by=UserFactory.create(), presences={allergen("shrimp"): "free", allergen("egg"): "free"})

    assert AuditEntry.objects.get(subject_type="menus.dish").changes == {"shrimp": ["contains", "free"]}


def test_change_dish_that_changes_nothing_writes_nothing():
    dish = DishFactory.create(presences={"shrimp": "contains"})

    change_dish(dish=dish, by=UserFactory.create(), name=dish.name, presences={allergen("shrimp"): "contains"})

    assert not AuditEntry.objects.filter(subject_type="menus.dish").exists()


def test_a_dish_back_to_unchecked_has_no_row():
    dish = DishFactory.create(presences={"shrimp": "free"})

    change_dish(dish=dish, by=UserFactory.create(), presences={allergen("shrimp"): "unchecked"})

    assert not DishAllergen.objects.filter(dish=dish).exists()


def test_create_course_keeps_the_order_of_its_dishes():
    first, second = DishFactory.create_batch(2)

    course = create_course(
        by=UserFactory.create(), name="霜月の会席 松", price=Decimal("18000"), dishes=[second, first]
    )

    assert [row.dish for row in course.course_dishes.all()] == [second, first]


def test_a_course_not_yet_served_is_changed_in_place():
    course = CourseFactory.create(of=DishFactory.create_batch(2))
    dish = DishFactory.create()

    changed = change_course(course=course, by=UserFactory.create(), dishes=[dish])

    assert changed.pk == course.pk
    assert [row.dish for row in changed.course_dishes.all()] == [dish]


def test_a_served_course_is_never_edited_but_gets_a_new_version():
    old_dish, new_dish = DishFactory.create_batch(2)
    course = CourseFactory.create(of=[old_dish], price=Decimal("15000"))
    VisitFactory.create(course=course)

    changed = change_course(course=course, by=UserFactory.create(), dishes=[new_dish], price=Decimal("16000"))

    served = Course.objects.get(pk=course.pk)
    assert (served.price, served.is_active, [row.dish for row in served.course_dishes.all()]) == (
        Decimal("15000"),
        False,
        [old_dish],
    )
    assert (changed.version, changed.name, changed.price, changed.is_active) == (2, course.name, Decimal("16000"), True)
    assert [row.dish for row in changed.course_dishes.all()] == [new_dish]


def test_a_served_course_can_be_taken_off_the_menu():
    course = CourseFactory.create()
    VisitFactory.create(course=course)

    assert change_course(course=course, by=UserFactory.create(), is_active=False).pk == course.pk
    assert Course.objects.count() == 1


def test_the_same_price_is_no_change():
    course = CourseFactory.create(price=Decimal("15000"))

    change_course(course=course, by=UserFactory.create(), price=Decimal("15000"))

    assert not AuditEntry.objects.filter(subject_type="menus.course").exists()


def test_days_the_wrong_way_round_are_refused():
    with pytest.raises(InputProblem):
        create_course(by=UserFactory.create(), name="霜月", valid_from=date(2026, 11, 30), valid_to=date(2026, 11, 1))


def test_a_dish_says_what_its_bases_contain():
    soy = BaseFactory.create(presences={"wheat": "contains", "egg": "free"})
    stock = BaseFactory.create()
    DishFactory.create(presences={"wheat": "free", "egg": "free", "milk": "free"}, made_with=[soy, stock])

    dish = dishes_with_allergens().get()

    assert {code: presence.value for code, presence in dish.presences.items()} == {"wheat": "contains"}


def test_a_base_that_is_checked_anew_counts_in_every_dish_at_once():
    by = UserFactory.create()
    base = create_base(by=by, name="割り醤油", kana="わりじょうゆ", presences={allergen("wheat"): "contains"})
    dish = create_dish(by=by, name="鯛の刺身", bases=[base], presences={allergen("wheat"): "free"})

    change_base(base=base, by=by, version=1, name="割り醤油", presences={allergen("wheat"): "free"})

    assert dishes_with_allergens().get(pk=dish.pk).presences == {"wheat": "free"}
    assert AuditEntry.objects.filter(subject_type="menus.basepreparation").count() == 2
    with pytest.raises(MenuChangedMeanwhile):
        change_base(base=base, by=by, version=1, name="割り下")


def test_a_dish_is_written_with_family_bases_diets_and_foods():
    base = BaseFactory.create()
    dish = create_dish(
        by=UserFactory.create(),
        name="鯛の昆布締め",
        family=" 鯛 ",
        position="mukozuke",
        is_signature=True,
        name_en="Kelp-cured sea bream",
        price=Decimal("2400"),
        cost=Decimal("900"),
        bases=[base],
        diets={"halal": "suits", "vegan": "does_not", "kosher": "unchecked"},
        foods=[Portion("鯛", "60", "g"), Portion("昆布"), Portion("鯛", "60", "g")],
    )

    assert (str(dish.family), list(dish.bases.all())) == ("鯛", [base])
    assert dict(dish.diets.values_list("rule", "answer")) == {"halal": "suits", "vegan": "does_not"}
    assert [str(row) for row in dish.dish_foods.select_related("food")] == ["鯛 60g", "昆布"]
    assert AuditEntry.objects.filter(subject_type="menus.dish").count() == 1


def test_dishes_of_one_family_share_it():
    by = UserFactory.create()
    for name in ("鯛の刺身", "鯛の昆布締め"):
        create_dish(by=by, name=name, family="鯛")

    assert DishFamily.objects.get().dishes.count() == 2


def test_two_edits_of_a_dish_are_told_apart():
    by = UserFactory.create()
    dish = create_dish(by=by, name="土瓶蒸し")
    change_dish(dish=dish, by=by, version=1, season="autumn")

    with pytest.raises(MenuChangedMeanwhile):
        change_dish(dish=dish, by=by, version=1, season="winter")

    assert Dish.objects.get().season == "autumn"


def test_two_edits_of_a_course_are_told_apart():
    by = UserFactory.create()
    course = CourseFactory.create()
    change_course(course=course, by=by, revision=1, price=Decimal("18000"))

    with pytest.raises(MenuChangedMeanwhile):
        change_course(course=course, by=by, revision=1, price=Decimal("20000"))


def test_a_name_taken_in_the_same_moment_is_told(monkeypatch):
    """Somebody else's row comes between the look and the writing: the database says no, the person reads why."""
    by = UserFactory.create()
    DishFactory.create(name="胡麻豆腐")
    BaseFactory.create(name="出汁")
    CourseFactory.create(name="霜月の会席 松")
    monkeypatch.setattr(QuerySet, "exists", lambda rows: False)
    for write, name in ((create_dish, "胡麻豆腐"), (create_base, "出汁"), (create_course, "霜月の会席 松")):
        with pytest.raises(InputProblem, match=name):
            write(by=by, name=name)
    assert (Dish.objects.count(), Course.objects.count()) == (1, 1)


def test_a_proposal_never_makes_milder_what_the_kitchen_said_meanwhile():
    by = UserFactory.create()
    dish = create_dish(by=by, name="海老真薯", foods=[Portion("蒲鉾")])
    DishAllergen.objects.all().delete()
    shrimp = allergen("shrimp")
    dish.proposals.all().delete()
    proposal = dish.proposals.create(allergen=shrimp, presence="may_contain", because_of="蒲鉾")
    DishAllergen.objects.create(dish=dish, allergen=shrimp, presence="contains")

    assert decide(dish=dish, by=by, confirmed=[proposal.pk]) == 1

    assert DishAllergen.objects.get(dish=dish, allergen=shrimp).presence == "contains"
    proposal.refresh_from_db()
    assert proposal.state == "confirmed"


def test_a_cell_of_a_course_that_was_renewed_is_not_written():
    by = UserFactory.create()
    first, second = DishFactory.create(position="yakimono"), DishFactory.create(name="胡麻豆腐", position="sakizuke")
    course = CourseFactory.create(of=[first])
    VisitFactory.create(course=course)
    newest = change_course(course=course, by=by, dishes=[])

    with pytest.raises(CourseRenewed):
        change_cell(course=course, position="sakizuke", names=second.name, seen=[], by=by)

    assert list(Course.objects.filter(is_active=True)) == [newest]


def test_another_months_version_takes_no_renewed_courses_place():
    """霜月 is renewed while 師走 has been copied already: the next cell is written into the newer 霜月."""
    by, dish = UserFactory.create(), DishFactory.create()
    november = CourseFactory.create(name="会席 松", valid_from=date(2026, 11, 1), valid_to=date(2026, 11, 30))
    VisitFactory.create(course=november)
    copy_courses(month=date(2026, 12, 1), by=by)
    newer = change_course(course=november, by=by, dishes=[dish])
    december = Course.objects.get(name="会席 松", valid_from=date(2026, 12, 1))
    november.refresh_from_db()
    assert (december.version, newer.version) == (2, 3)
    assert renewed(november) == newer
    Course.objects.filter(pk=newer.pk).update(version=4)
    Course.objects.filter(pk=december.pk).update(version=5)
    assert renewed(november) == Course.objects.get(pk=newer.pk)
