"""One month's courses as a sheet: a row for each place of the kaiseki, a column for each course valid in the month."""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date

from django.db.models import F, Q

from menus.choices import DishPosition
from menus.models import Course, Dish
from menus.queries import courses_with_dishes
from menus.services.months import last_day


@dataclass(frozen=True)
class Cell:
    """The dishes of one place in one course; `text` and `problem` are what was typed and could not be written."""

    course: Course
    position: str
    dishes: list[Dish]
    text: str = ""
    problem: str = ""

    @property
    def name(self) -> str:
        """The field's name."""
        return f"cell-{self.course.pk}-{self.position}"

    @property
    def shown(self) -> str:
        """What stands in the field."""
        return self.text if self.problem else "、".join(dish.name for dish in self.dishes)

    @property
    def seen(self) -> str:
        """The ids that stand there, for the check of other people's edits."""
        return " ".join(str(dish.pk) for dish in self.dishes)


@dataclass(frozen=True)
class Row:
    """A place of the kaiseki, its cells and the dishes to choose from."""

    position: str
    label: str
    cells: list[Cell]
    choices: list[str] = field(default_factory=list)


def courses_of(month: date, only: int | None = None) -> list[Course]:
    """Courses on the menu on any day of the month, the dated ones first. Two queries."""
    found = courses_with_dishes().filter(
        Q(valid_from=None) | Q(valid_from__lte=last_day(month)),
        Q(valid_to=None) | Q(valid_to__gte=month),
        is_active=True,
    )
    if only is not None:
        found = found.filter(pk=only)
    return list(found.order_by(F("valid_from").asc(nulls_last=True), "name", "-version"))


def cell_of(course: Course, position: str, *, text: str = "", problem: str = "") -> Cell:
    """One cell (dishes of the course prefetched)."""
    dishes = [row.dish for row in course.course_dishes.all() if row.dish.position == position]
    return Cell(course, position, dishes, text, problem)


def sheet_rows(courses: list[Course]) -> list[Row]:
    """The rows in the order of the kaiseki. One query."""
    choices = defaultdict(list)
    for position, name in Dish.objects.filter(is_active=True).order_by("name").values_list("position", "name"):
        choices[position].append(name)
    return [
        Row(value, str(label), [cell_of(course, value) for course in courses], choices[value])
        for value, label in DishPosition.choices
    ]
