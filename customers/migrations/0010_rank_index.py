from typing import Any, ClassVar

import django.db.models.deletion
from django.db import migrations, models

NAME = "customers_customer_rank_id_7a1ad7ca"


def drop(apps: Any, schema_editor: Any) -> None:
    # By its name: AlterField would build the table anew on SQLite, and its triggers would be gone.
    schema_editor.execute(f"DROP INDEX IF EXISTS {NAME}")


def create(apps: Any, schema_editor: Any) -> None:
    schema_editor.execute(f"CREATE INDEX {NAME} ON customers_customer (rank_id)")


class Migration(migrations.Migration):
    """One index less to write for every guest: the one by rank and reading serves rank alone, too."""

    dependencies: ClassVar = [("customers", "0009_confidential_index")]
    operations: ClassVar = [
        migrations.SeparateDatabaseAndState(
            database_operations=[migrations.RunPython(drop, create)],
            state_operations=[
                migrations.AlterField(
                    model_name="customer",
                    name="rank",
                    field=models.ForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="customers",
                        to="customers.rank",
                        verbose_name="rank",
                    ),
                )
            ],
        )
    ]
