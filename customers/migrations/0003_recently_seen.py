from typing import Any, ClassVar

from django.db import migrations


def create(apps: Any, schema_editor: Any) -> None:
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(
            "CREATE INDEX customer_recently_seen ON customers_customer (last_visit_on DESC NULLS LAST, id DESC)"
        )


def drop(apps: Any, schema_editor: Any) -> None:
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute("DROP INDEX customer_recently_seen")


class Migration(migrations.Migration):
    """The order of the guest list on PostgreSQL, where guests who never came would be first; SQLite has them last."""

    dependencies: ClassVar = [("customers", "0002_grams_index")]
    operations: ClassVar = [migrations.RunPython(create, drop)]
