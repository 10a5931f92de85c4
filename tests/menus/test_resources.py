import pytest
import tablib
from django.utils.translation import override

from crm_project.core.audit.models import AuditEntry
from menus.models import Course, Dish
from menus.resources import CourseResource, DishResource
from tests.factories.accounts import UserFactory
from tests.factories.menus import CourseFactory, DishFactory
from tests.factories.visits import VisitFactory

pytestmark = pytest.mark.django_db


def imported(resource, rows, **options):
    return resource.import_data(tablib.Dataset().load(rows, format="csv"), user=UserFactory.create(), **options)


def test_dishes_come_in_with_kana_search_and_allergens():
    result = imported(
        DishResource(),
        "name,kana,position,season,is_active,contains,may_contain,free\n海老真薯,えびしんじょ,wanmono,autumn,1,えび、卵,小麦,かに\n",
    )

    dish = Dish.objects.get(name="海老真薯")
    assert [error.error for row in result.rows for error in row.errors] == []
    assert result.invalid_rows == []
    assert "エビ" in dish.search_key
    assert set(dish.allergens.values_list("allergen__code", "presence")) == {
        ("shrimp", "contains"),
        ("egg", "contains"),
        ("wheat", "may_contain"),
        ("crab", "free"),
    }
    assert AuditEntry.objects.get(subject_type="menus.dish").action == "created"


def test_what_goes_out_comes_in_unchanged():
    DishFactory.create(presences={"shrimp": "contains", "egg": "free"})
    exported = DishResource().export().csv

    imported(DishResource(), exported)

    assert not AuditEntry.objects.filter(subject_type="menus.dish").exists()
    assert DishResource().export().csv == exported


def test_a_preview_writes_nothing():
    imported(DishResource(), "name,kana\n土瓶蒸し,\n", dry_run=True)

    assert not Dish.objects.exists()


def test_an_unknown_allergen_is_an_error_of_its_row():
    with override("en"):
        result = imported(DishResource(), "name,contains\n土瓶蒸し,まつぼっくり\n")

    assert [row.error.messages for row in result.invalid_rows] == [["“まつぼっくり” is not an allergen of our list."]]
    assert not Dish.objects.exists()


def test_a_cell_like_a_formula_goes_out_defused_and_comes_back_as_it_was():
    DishFactory.create(name="=1+1")
    exported = DishResource().export()

    imported(DishResource(), exported.csv)

    assert exported["name"] == ["'=1+1"]
    assert [dish.name for dish in Dish.objects.all()] == ["=1+1"]


def test_an_import_that_changes_a_served_course_makes_a_new_version():
    dish = DishFactory.create(name="土瓶蒸し")
    course = CourseFactory.create(of=[dish])
    DishFactory.create(name="松茸ご飯")
    VisitFactory.create(course=course)

    imported(CourseResource(), f"name,price,dishes\n{course.name},18000,土瓶蒸し、松茸ご飯\n")

    assert sorted(Course.objects.values_list("version", "is_active")) == [(1, False), (2, True)]
