"""Form fields for rows that are chosen from a list."""

from typing import Any

from django import forms


class RowsField(forms.ModelMultipleChoiceField):
    """Several rows; a number no table can hold is none of them, whatever the database says of it."""

    def clean(self, value: Any) -> Any:
        """Raises ValidationError for a row that is not among the choices."""
        try:
            return super().clean(value)
        except OverflowError:
            raise forms.ValidationError(self.error_messages["invalid_pk_value"] % {"pk": "–"}) from None
