from typing import Any, ClassVar

from django.db import migrations

from crm_project.core.audit.append_only import create_guard, drop_guard


def create(apps: Any, schema_editor: Any) -> None:
    create_guard(schema_editor.connection)


def drop(apps: Any, schema_editor: Any) -> None:
    drop_guard(schema_editor.connection)


class Migration(migrations.Migration):
    """The database itself refuses to change or delete what was audited."""

    dependencies: ClassVar = [("audit", "0001_initial")]
    operations: ClassVar = [migrations.RunPython(create, drop)]
