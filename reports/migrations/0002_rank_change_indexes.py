from typing import ClassVar

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    """Four indexes less to write when everybody gets a rank."""

    dependencies: ClassVar = [("customers", "0001_initial"), ("reports", "0001_initial")]
    operations: ClassVar = [
        migrations.AlterField(
            model_name="rankchange",
            name="run",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="changes",
                to="reports.rankrun",
            ),
        ),
        migrations.AlterField(
            model_name="rankchange",
            name="customer",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="rank_changes",
                to="customers.customer",
            ),
        ),
        migrations.AlterField(
            model_name="rankchange",
            name="from_rank",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="customers.rank",
            ),
        ),
        migrations.AlterField(
            model_name="rankchange",
            name="to_rank",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="customers.rank",
            ),
        ),
    ]
