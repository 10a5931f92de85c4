"""Form fields for rows that are chosen from a list."""

from collections.abc import Iterator
from typing import Any

from django import forms
from django.forms.models import ModelChoiceIterator


class RowsField(forms.ModelMultipleChoiceField):
    """Several rows; a number no table can hold is none of them, whatever the database says of it."""

    def clean(self, value: Any) -> Any:
        """Raises ValidationError for a row that is not among the choices."""
        try:
            return super().clean(value)
        except OverflowError:
            raise forms.ValidationError(self.error_messages["invalid_pk_value"] % {"pk": "–"}) from None


class _KeptRows(ModelChoiceIterator):
    """The choices of rows that the queryset has kept."""

    def __iter__(self) -> Iterator[tuple[Any, Any]]:
        if self.field.empty_label is not None:
            yield ("", self.field.empty_label)
        for row in self.queryset:
            yield self.choice(row)


class RowField(forms.ModelChoiceField):
    """One row of a short list that is shown anyway: the list is read once, and what was chosen is looked up in it."""

    iterator = _KeptRows

    def to_python(self, value: Any) -> Any:
        """The chosen row, None for nothing chosen. Raises ValidationError for a row that is not among the choices."""
        if value in self.empty_values:
            return None
        if self.queryset is None:
            return super().to_python(value)
        written = str(getattr(value, "pk", value))
        row = next((row for row in self.queryset if str(row.pk) == written), None)
        if row is None:
            raise forms.ValidationError(
                self.error_messages["invalid_choice"], code="invalid_choice", params={"value": value}
            )
        return row
