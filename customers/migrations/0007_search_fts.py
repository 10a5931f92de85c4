from typing import Any, ClassVar

from django.db import migrations

from customers import search_tables


def create(apps: Any, schema_editor: Any) -> None:
    search_tables.ensure(schema_editor.connection)


def drop(apps: Any, schema_editor: Any) -> None:
    search_tables.drop(schema_editor.connection)


class Migration(migrations.Migration):
    """The full-text table behind `grams__finds` on SQLite, and its triggers."""

    dependencies: ClassVar = [("customers", "0006_search_order")]
    operations: ClassVar = [migrations.RunPython(create, drop)]
