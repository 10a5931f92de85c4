import uuid
from typing import ClassVar

from django.db import migrations, models


class Migration(migrations.Migration):
    """A contact is noted once however often the button is tapped; the table is empty until this release."""

    dependencies: ClassVar = [("customers", "0010_rank_index")]
    operations: ClassVar = [
        migrations.AddField(
            model_name="contact",
            name="form_token",
            field=models.UUIDField(default=uuid.uuid4, editable=False, unique=True),
        )
    ]
