"""Writing the menu."""

from menus.services.bases import BASE_FIELDS, change_base, create_base
from menus.services.courses import COURSE_FIELDS, change_course, create_course, is_served, newer_version, renewed
from menus.services.dishes import DISH_FIELDS, change_dish, create_dish
from menus.services.months import change_cell, copy_courses
from menus.services.proposing import decide, propose

__all__ = [
    "BASE_FIELDS",
    "COURSE_FIELDS",
    "DISH_FIELDS",
    "change_base",
    "change_cell",
    "change_course",
    "change_dish",
    "copy_courses",
    "create_base",
    "create_course",
    "create_dish",
    "decide",
    "is_served",
    "newer_version",
    "propose",
    "renewed",
]
