"""Import and export of the menu. Dishes and courses are changed on their own screens."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from import_export.admin import ImportExportModelAdmin

from menus.models import Course, Dish
from menus.resources import CourseResource, DishResource


class ReadAndImportAdmin(ImportExportModelAdmin):
    """A list to look at, a table in and a table out: every write goes through the services."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        """On the screen of the menu."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """On the screen of the menu."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """What was served stays on file."""
        return False

    def has_import_permission(self, request: HttpRequest) -> bool:
        """For administrators of the system."""
        return bool(request.user.is_superuser)


@admin.register(Dish)
class DishAdmin(ReadAndImportAdmin):
    """Dishes."""

    resource_classes = [DishResource]
    list_display = ["name", "position", "family", "season", "is_active"]
    search_fields = ["name", "kana"]


@admin.register(Course)
class CourseAdmin(ReadAndImportAdmin):
    """Courses."""

    resource_classes = [CourseResource]
    list_display = ["name", "version", "price", "is_active"]
    search_fields = ["name", "kana"]
