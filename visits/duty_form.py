"""The form that says who attends a table."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from crm_project.core.accounts.models import User
from crm_project.core.ui.row_fields import RowsField
from visits.choices import Duty
from visits.models import Visit
from visits.queries import choices_of_staff


class DutiesForm(forms.Form):
    """Attendant (係), assistants (補佐) and who writes it down (記録担当), of the people of the visit's day."""

    version = forms.IntegerField(widget=forms.HiddenInput)
    staff = forms.ModelChoiceField(User.objects.none(), label=_("attendant (係)"), required=False, empty_label="—")
    assistants = RowsField(
        User.objects.none(), label=_("assistants (補佐)"), required=False, widget=forms.CheckboxSelectMultiple
    )
    recorder = forms.ModelChoiceField(
        User.objects.none(), label=_("who writes it down (記録担当)"), required=False, empty_label="—"
    )

    def __init__(self, data: Any, *, visit: Visit) -> None:
        duties = list(visit.duties.all())
        initial = {
            "version": visit.version,
            "staff": visit.staff_id,
            "assistants": [duty.user_id for duty in duties if duty.duty == Duty.ASSISTANT],
            "recorder": next((duty.user_id for duty in duties if duty.duty == Duty.RECORDER), None),
        }
        # Several of these forms stand on one page.
        super().__init__(data, initial=initial, auto_id=f"duties-{visit.pk}-%s")
        named = (visit.staff_id, *(duty.user_id for duty in duties))
        people = choices_of_staff(visit.venue, visit.business_date, *named)
        for name in ("staff", "assistants", "recorder"):
            field = self.fields[name]
            assert isinstance(field, forms.ModelChoiceField)
            field.queryset = people
