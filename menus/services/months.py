"""A month's courses: copied from the month before, and written cell by cell."""

import calendar
from collections.abc import Sequence
from datetime import date

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext_lazy as _

from crm_project.core.accounts.models import User
from crm_project.core.audit.choices import Action
from crm_project.core.audit.services import record
from crm_project.core.problems import InputProblem
from crm_project.core.text import nfkc, tidy
from menus.choices import DishPosition
from menus.models import Course, CourseDish, Dish
from menus.queries import courses_with_dishes, find_dishes
from menus.refusals import CourseRenewed, MenuChangedMeanwhile
from menus.search_index import search_key
from menus.services.courses import change_course, renewed
from menus.services.taken import unless_taken

OLD_MONTHS = ("睦月", "如月", "弥生", "卯月", "皐月", "水無月", "文月", "葉月", "長月", "神無月", "霜月", "師走")
OLD_MONTHS_KANA = (
    "ムツキ",
    "キサラギ",
    "ヤヨイ",
    "ウヅキ",
    "サツキ",
    "ミナヅキ",
    "フミヅキ",
    "ハヅキ",
    "ナガツキ",
    "カンナヅキ",
    "シモツキ",
    "シワス",
)
KAISEKI_ORDER = {position: place for place, position in enumerate(DishPosition.values)}


def month_before(month: date) -> date:
    """The first day of the month before."""
    return date(month.year - (month.month == 1), 12 if month.month == 1 else month.month - 1, 1)


def last_day(month: date) -> date:
    """The last day of a month."""
    return date(month.year, month.month, calendar.monthrange(month.year, month.month)[1])


def name_in_month(name: str, old: date, new: date) -> str:
    """A course's name (or reading) with the month in it changed: 霜月の会席 松 -> 師走の会席 松, 11月 -> 12月."""
    pairs = [
        (OLD_MONTHS[old.month - 1], OLD_MONTHS[new.month - 1]),
        (OLD_MONTHS_KANA[old.month - 1], OLD_MONTHS_KANA[new.month - 1]),
        (f"{old.month}月", f"{new.month}月"),
    ]
    written = nfkc(name)
    for before, after in pairs:
        at = written.find(before)
        # 1月 is not the 1月 of 11月.
        if at >= 0 and not (before[0].isdigit() and at and written[at - 1].isdigit()):
            return written[:at] + after + written[at + len(before) :]
    return name


@transaction.atomic
def copy_courses(*, month: date, by: User, courses: Sequence[int] | None = None) -> list[Course]:
    """Copy the courses that end within the month before to `month` (its first day); those given, or all. Returns the copies.

    A copy has the dishes and the price of its course and the days of the new month. One whose name says the month gets the
    new month's; where a course of that name exists it becomes its next version. A course that the month already has is left
    out. Raises InputProblem when there is nothing to copy.
    """
    before = month_before(month)
    wanted = courses_with_dishes().filter(
        is_active=True, valid_from__gte=before, valid_from__lte=last_day(before), valid_to__lte=last_day(before)
    )
    if courses is not None:
        wanted = wanted.filter(pk__in=courses)
    made = []
    for course in wanted.order_by("name", "version"):
        name = name_in_month(course.name, before, month)
        of_name = Course.objects.filter(name=name)
        if of_name.filter(valid_from__lte=last_day(month), valid_to__gte=month).exists():
            continue
        kana = name_in_month(course.kana, before, month)
        copy = Course(
            name=name,
            kana=kana,
            search_key=search_key(name, kana),
            version=(of_name.aggregate(newest=Max("version"))["newest"] or 0) + 1,
            price=course.price,
            valid_from=month,
            valid_to=last_day(month),
        )
        with unless_taken(MenuChangedMeanwhile()):
            copy.save(force_insert=True)
        CourseDish.objects.bulk_create(
            CourseDish(course=copy, dish_id=row.dish_id, position=row.position) for row in course.course_dishes.all()
        )
        changes = {"copied_from": [None, f"{course.name} {course.version}"]}
        record(by=by, action=Action.CREATED, subject=copy, changes=changes)
        made.append(copy)
    if not made:
        raise InputProblem(_("There is nothing to copy: the month before has no dated course that this month lacks."))
    return made


@transaction.atomic
def change_cell(*, course: Course, position: str, names: str, seen: Sequence[int], by: User) -> Course:
    """Write the dishes of one place of a course, named with 、 between them; returns the course (a served one's new version).

    `seen` are the ids of the dishes the person saw there. Raises MenuChangedMeanwhile when others stand there now, else
    InputProblem with the name that is not on the menu.
    """
    course = Course.objects.select_for_update().get(pk=course.pk)
    if renewed(course) is not None:
        # Somebody's change of another cell has made a new version: written here it would be lost to that one.
        raise CourseRenewed
    now = [row.dish for row in course.course_dishes.select_related("dish")]
    if [dish.pk for dish in now if dish.position == position] != list(seen):
        raise MenuChangedMeanwhile
    wanted = [dish_named(name, position) for name in names_in(names)]
    place = KAISEKI_ORDER[position]
    # Where the place's first dish stood; else before the first dish of a later place.
    at = next(
        (index for index, dish in enumerate(now) if dish.position == position),
        next((index for index, dish in enumerate(now) if KAISEKI_ORDER[dish.position] > place), len(now)),
    )
    front = [dish for dish in now[:at] if dish.position != position]
    back = [dish for dish in now[at:] if dish.position != position]
    return change_course(course=course, by=by, dishes=[*front, *wanted, *back])


def names_in(text: str) -> list[str]:
    """The names of a cell."""
    for separator in (",", "，", "､", "\n"):
        text = text.replace(separator, "、")
    return [name for name in map(tidy, text.split("、")) if name]


def dish_named(name: str, position: str) -> Dish:
    """The dish of that name, else the only one of the place that is found by it. Raises InputProblem."""
    dish = Dish.objects.filter(name=name).first()
    if dish is None:
        found = list(find_dishes(name).filter(position=position)[:2])
        if len(found) != 1:
            raise InputProblem(
                _("“%(name)s” means several dishes: write the whole name.")
                if found
                else _("There is no dish “%(name)s” on the menu."),
                {"name": name},
            )
        dish = found[0]
    if dish.position != position:
        raise InputProblem(
            _("“%(name)s” is a dish of another place: %(place)s."),
            {"name": dish.name, "place": dish.get_position_display()},
        )
    return dish
