from typing import ClassVar

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    """Which form entered a guest, so that a double tap enters nobody twice."""

    dependencies: ClassVar = [("customers", "0004_people_and_houses")]
    operations: ClassVar = [
        migrations.CreateModel(
            name="CustomerEntry",
            fields=[
                ("token", models.UUIDField(primary_key=True, serialize=False)),
                (
                    "customer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="entries",
                        to="customers.customer",
                    ),
                ),
            ],
            options={"verbose_name": "entry of a guest", "verbose_name_plural": "entries of guests"},
        )
    ]
