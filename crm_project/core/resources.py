"""Tables that go in and out through the administration."""

from typing import Any

from django.core.exceptions import ValidationError
from import_export import resources

from crm_project.core.accounts.models import User
from crm_project.core.formulas import as_meant, harmless
from crm_project.core.problems import InputProblem


class WrittenByServices(resources.ModelResource):
    """A resource whose rows go through the services: same rules, same trail as on the screens."""

    def write(self, instance: Any, is_create: bool, row: dict[str, Any], by: User) -> Any:
        """Call the service and return what it wrote."""
        raise NotImplementedError

    def before_import_row(self, row: dict[str, Any], **kwargs: Any) -> None:
        """Our own exports come back as they were before they were made harmless."""
        for name, value in row.items():
            if isinstance(value, str):
                row[name] = as_meant(value)

    def save_instance(self, instance: Any, is_create: bool, row: dict[str, Any], **kwargs: Any) -> None:
        """Write the row; the preview runs in a transaction that is rolled back."""
        try:
            saved = self.write(instance, is_create, row, kwargs["user"])
        except InputProblem as problem:
            raise ValidationError(str(problem)) from problem
        instance.pk = saved.pk

    def save_m2m(self, instance: Any, row: dict[str, Any], **kwargs: Any) -> None:
        """Done by the services."""

    def export_field(self, field: Any, instance: Any, **kwargs: Any) -> Any:
        """Cells that a spreadsheet shows and never runs."""
        value = super().export_field(field, instance, **kwargs)
        return harmless(value) if isinstance(value, str) else value
