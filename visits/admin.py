"""Rooms as master data, as a table in and out."""

from django.contrib import admin
from import_export import fields, resources, widgets
from import_export.admin import ImportExportModelAdmin

from crm_project.core.accounts.models import Venue
from visits.models import Room


class RoomResource(resources.ModelResource):
    """venue (its code), name, capacity, position."""

    venue = fields.Field(column_name="venue", attribute="venue", widget=widgets.ForeignKeyWidget(Venue, "code"))

    class Meta:
        model = Room
        import_id_fields = ("venue", "name")
        fields = ("venue", "name", "capacity", "position")
        skip_unchanged = True


@admin.register(Room)
class RoomAdmin(ImportExportModelAdmin):
    """Rooms of the venues."""

    resource_classes = [RoomResource]
    list_display = ["venue", "name", "capacity", "position"]
    list_filter = ["venue"]
