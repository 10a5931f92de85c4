from typing import ClassVar

from django.db import migrations, models


class Migration(migrations.Migration):
    """Pulls note that the ranks have to follow, so that a killed worker cannot forget it."""

    dependencies: ClassVar = [("integrations", "0005_newest_guest_before_a_ledger")]
    operations: ClassVar = [migrations.AddField("syncrun", "ranks_due", models.BooleanField(default=False))]
