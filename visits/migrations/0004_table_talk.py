from typing import Any, ClassVar

from django.db import migrations
from django.db.models import Exists, OuterRef

TABLE_TALK = ("talk", "next_banquet")


def mark(apps: Any, schema_editor: Any) -> None:
    """Mark the shipped categories, and take what was said at a host's table off all cards but the host's."""
    category = apps.get_model("visits", "NoteCategory")
    category.objects.filter(code__in=TABLE_TALK).update(is_table_talk=True)
    names = list(category.objects.filter(is_table_talk=True).values_list("name", flat=True))
    hosted = apps.get_model("visits", "Attendance").objects.filter(
        visit=OuterRef("parent_id"), customer=OuterRef("subject_id"), role="host"
    )
    entries = apps.get_model("timeline", "TimelineEntry").objects.filter(kind="note", parent_type="visits.visit")
    entries.filter(~Exists(hosted), title__in=names).delete()
    for name in category.objects.values_list("name", flat=True):
        entries.filter(title=name, category="").update(category=name)


class Migration(migrations.Migration):
    dependencies: ClassVar = [
        ("visits", "0003_confidential_index"),
        ("timeline", "0002_categories_and_confidential"),
    ]
    operations: ClassVar = [migrations.RunPython(mark, migrations.RunPython.noop)]
