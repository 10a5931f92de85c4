from typing import Any, ClassVar

from django.db import migrations
from django.db.models import F, Value
from django.db.models.functions import Replace


def fold_again(apps: Any, schema_editor: Any) -> None:
    guests = apps.get_model("customers", "Customer").objects.filter(search_key__contains="書")
    guests.update(
        **{name: Replace(F(name), Value("書"), Value("昼")) for name in ("search_key", "grams", "sort_key")}
    )


class Migration(migrations.Migration):
    """書 and 昼 have one search key, as in the official tables of variants."""

    dependencies: ClassVar = [("customers", "0013_postal_codes")]
    operations: ClassVar = [migrations.RunPython(fold_again, migrations.RunPython.noop)]
