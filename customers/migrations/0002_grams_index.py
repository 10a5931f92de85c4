from typing import Any, ClassVar

from django.db import migrations


def create(apps: Any, schema_editor: Any) -> None:
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(
            "CREATE INDEX customer_grams ON customers_customer USING gin (string_to_array(grams, ' '))"
        )


def drop(apps: Any, schema_editor: Any) -> None:
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute("DROP INDEX customer_grams")


class Migration(migrations.Migration):
    """The index behind `grams__finds` on PostgreSQL; SQLite scans the folded text."""

    dependencies: ClassVar = [("customers", "0001_initial")]
    operations: ClassVar = [migrations.RunPython(create, drop)]
