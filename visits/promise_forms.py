"""The input boundary of promises: what was promised and by when, and why the guest released the house from it."""

from datetime import date

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from crm_project.core.dates import DateError, refuse_far_ahead
from customers.fields import AnyDateField
from visits.text_fields import WholeTextField


class PromiseForm(forms.Form):
    """A promise to a guest."""

    use_required_attribute = False

    text = WholeTextField(
        label=_("What was promised"),
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": _("Write what was promised.")},
    )
    due_on = AnyDateField(label=_("Due on"), required=False)

    def clean_due_on(self) -> date | None:
        """A day that somebody can mean."""
        day: date | None = self.cleaned_data["due_on"]
        if day is not None:
            try:
                refuse_far_ahead(day, timezone.localdate())
            except DateError as problem:
                raise ValidationError(str(problem)) from problem
        return day


class ReleaseForm(forms.Form):
    """Why a promise is released."""

    use_required_attribute = False

    reason = WholeTextField(
        label=_("Why released"),
        max_length=200,
        error_messages={"required": _("Write why the promise is released, in a few words.")},
    )
