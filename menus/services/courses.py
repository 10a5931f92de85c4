"""Writing courses with their versions."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import F, Max, Q
from django.utils.translation import gettext_lazy as _

from crm_project.core.accounts.models import User
from crm_project.core.amounts import exact
from crm_project.core.audit.choices import Action
from crm_project.core.audit.services import difference, record, snapshot
from crm_project.core.problems import InputProblem
from crm_project.core.text import tidy, tidy_kana
from menus.models import Course, CourseDish, Dish
from menus.queries import on_menu_of
from menus.refusals import MenuChangedMeanwhile
from menus.search_index import search_key
from menus.services.taken import unless_taken

COURSE_FIELDS = ("name", "kana", "price", "valid_from", "valid_to", "is_active")


@transaction.atomic
def create_course(
    *,
    by: User,
    name: str,
    kana: str = "",
    price: Decimal | None = None,
    valid_from: date | None = None,
    valid_to: date | None = None,
    is_active: bool = True,
    dishes: Sequence[Dish] = (),
) -> Course:
    """Put a course on the menu, its dishes in the order given; price per head in yen without tax. Raises InputProblem."""
    course = Course(price=price, valid_from=valid_from, valid_to=valid_to, is_active=is_active)
    _tidy_values(course)
    _name(course, name, kana)
    if Course.objects.filter(name=course.name).exists():
        raise _taken(course)
    with unless_taken(_taken(course)):
        course.save(force_insert=True)
    _write_dishes(course, dishes)
    record(by=by, action=Action.CREATED, subject=course, changes={"dishes": [None, _names(dishes)]})
    return course


@transaction.atomic
def change_course(
    *, course: Course, by: User, dishes: Sequence[Dish] | None = None, revision: int | None = None, **values: Any
) -> Course:
    """Change a course and return it; of a served one a new version, which takes its place on the menu.

    What guests were served stays as it was. `revision` is the one the person saw. Raises MenuChangedMeanwhile when it has
    passed, else InputProblem.
    """
    course = Course.objects.select_for_update().get(pk=course.pk)
    if revision is not None and course.revision != revision:
        raise MenuChangedMeanwhile
    before = snapshot(course, COURSE_FIELDS)
    old_dishes = [row.dish for row in course.course_dishes.select_related("dish")]
    new_dishes = list(old_dishes if dishes is None else dishes)
    for field in values.keys() - {"name", "kana"}:
        setattr(course, field, values[field])
    _tidy_values(course)
    _name(course, values.get("name", course.name), values.get("kana", course.kana))
    changes: dict[str, Any] = difference(before, snapshot(course, COURSE_FIELDS))
    if new_dishes != old_dishes:
        changes["dishes"] = [_names(old_dishes), _names(new_dishes)]
    if not changes:
        return course
    if course.name != before["name"] and Course.objects.filter(name=course.name).exists():
        raise _taken(course)
    # Taking a served course off the menu changes nothing that was served.
    if set(changes) != {"is_active"} and is_served(course):
        return _new_version(course, by=by, dishes=new_dishes, changes=changes)
    course.revision += 1
    with unless_taken(_taken(course)):
        course.save(update_fields=[*COURSE_FIELDS, "search_key", "revision"])
    _write_dishes(course, new_dishes)
    record(by=by, action=Action.CHANGED, subject=course, changes=changes)
    return course


def is_served(course: Course) -> bool:
    """Whether a visit points at the course: then it is history and no longer edited."""
    return course.visits.exists()


def _new_version(course: Course, *, by: User, dishes: Sequence[Dish], changes: dict[str, Any]) -> Course:
    """Write the changed values as the next version and take the served one off the menu."""
    served_pk, served_version = course.pk, course.version
    newest = Course.objects.filter(name=course.name).aggregate(newest=Max("version"))["newest"] or 0
    course.pk = None
    course.version, course.revision = newest + 1, 1
    with unless_taken(MenuChangedMeanwhile()):
        course.save(force_insert=True)
    _write_dishes(course, dishes)
    Course.objects.filter(pk=served_pk).update(is_active=False, revision=F("revision") + 1)
    record(
        by=by,
        action=Action.CREATED,
        subject=course,
        changes=changes | {"version": [served_version, course.version]},
    )
    return course


def renewed(course: Course) -> Course | None:
    """The version that has taken a course's place on the menu; None where the course is still on it.

    The next month's version of the same name has other days, and takes no place of this one.
    """
    if course.is_active:
        return None
    newer = Course.objects.filter(name=course.name, version__gt=course.version, is_active=True)
    if course.valid_to is not None:
        newer = newer.filter(Q(valid_from=None) | Q(valid_from__lte=course.valid_to))
    if course.valid_from is not None:
        newer = newer.filter(Q(valid_to=None) | Q(valid_to__gte=course.valid_from))
    return newer.order_by("-version").first()


def newer_version(course: Course, day: date) -> Course | None:
    """The newest later version that is on the menu of a day; None where the course is the newest."""
    later = Course.objects.filter(on_menu_of(day), name=course.name, version__gt=course.version)
    return later.order_by("-version").first()


def _taken(course: Course) -> InputProblem:
    return InputProblem(_("There is already a course “%(name)s”."), {"name": course.name})


def _name(row: Course, name: str, kana: str) -> None:
    row.name, row.kana = tidy(name), tidy_kana(kana)
    if not row.name:
        raise InputProblem(_("Write the name."))
    row.search_key = search_key(row.name, row.kana)


def _tidy_values(course: Course) -> None:
    if course.price is not None:
        course.price = exact(course.price)
    if course.valid_from and course.valid_to and course.valid_to < course.valid_from:
        raise InputProblem(_("The last day is before the first day."))


def _names(dishes: Sequence[Dish]) -> str:
    return "、".join(dish.name for dish in dishes)


def _write_dishes(course: Course, dishes: Sequence[Dish]) -> None:
    if len({dish.pk for dish in dishes}) != len(dishes):
        raise InputProblem(_("A dish stands twice in the course."))
    CourseDish.objects.filter(course=course).delete()
    CourseDish.objects.bulk_create(
        CourseDish(course=course, dish=dish, position=position) for position, dish in enumerate(dishes)
    )
