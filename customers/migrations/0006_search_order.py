from typing import Any, ClassVar

from django.db import migrations, models
from django.db.models.functions import Left


def by_code_point(apps: Any, schema_editor: Any) -> None:
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute('ALTER TABLE customers_customer ALTER COLUMN sort_key TYPE varchar(200) COLLATE "C"')


def by_the_database(apps: Any, schema_editor: Any) -> None:
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute('ALTER TABLE customers_customer ALTER COLUMN sort_key TYPE varchar(200) COLLATE "default"')


class Migration(migrations.Migration):
    """Names that begin with what is typed come from an index in the order of their readings.

    Readings are compared by code point, as on SQLite: then one index serves the order and the beginning, whatever the
    language of the database.
    """

    dependencies: ClassVar = [("customers", "0005_entry_token")]
    operations: ClassVar = [
        migrations.AlterField("customer", "sort_key", models.CharField(editable=False, max_length=200)),
        migrations.RunPython(by_code_point, by_the_database),
        migrations.AddIndex("customer", models.Index(fields=["sort_key", "id"], name="customer_reading")),
        migrations.AddIndex("customer", models.Index(Left("search_key", 1), "sort_key", "id", name="customer_begins_1")),
        migrations.AddIndex("customer", models.Index(Left("search_key", 2), "sort_key", "id", name="customer_begins_2")),
    ]
