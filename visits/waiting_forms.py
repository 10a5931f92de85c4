"""The input boundary of the waiting list and of occasions."""

from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from crm_project.core.accounts.models import Venue
from crm_project.core.dates import DateError, refuse_far_ahead
from customers.fields import PhoneField, TidyField
from visits.day import today_of
from visits.models import Room


class WaitingForm(forms.Form):
    """Who waits, for when, with how many; the guest is chosen by a picker beside it."""

    use_required_attribute = False

    business_date = forms.DateField(label=_("Day"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))
    from_time = forms.TimeField(label=_("from"), widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"))
    until_time = forms.TimeField(
        label=_("until"),
        required=False,
        widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
        help_text=_("Blank: any time of that meal."),
    )
    party_size = forms.IntegerField(
        label=pgettext_lazy("party size", "guests"),
        min_value=1,
        max_value=2000,
        widget=forms.NumberInput(attrs={"inputmode": "numeric"}),
    )
    name = TidyField(label=_("Name, without a card"), max_length=80, required=False)
    phone = PhoneField(label=_("Phone"), required=False)
    room = forms.ModelChoiceField(
        label=_("wished room"), queryset=Room.objects.none(), required=False, empty_label=_("any")
    )
    wishes = TidyField(label=_("wishes"), max_length=300, required=False)
    version = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, venue: Venue, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.venue = venue
        self.fields["room"].queryset = venue.rooms.filter(is_active=True)  # type: ignore[attr-defined]

    def clean_business_date(self) -> date:
        """A day that is not over."""
        day: date = self.cleaned_data["business_date"]
        if day < today_of(self.venue):
            raise ValidationError(_("That day is over."))
        try:
            refuse_far_ahead(day, today_of(self.venue))
        except DateError as problem:
            raise ValidationError(str(problem)) from problem
        return day

    def values(self) -> dict[str, Any]:
        """What the services take beside the guest; only after `is_valid()`."""
        return {name: self.cleaned_data[name] for name in self.fields if name != "version"}


class OccasionForm(forms.Form):
    """What an occasion is called."""

    use_required_attribute = False

    name = TidyField(label=_("occasion"), max_length=120)
    note = TidyField(label=_("note"), max_length=300, required=False)
    version = forms.IntegerField(widget=forms.HiddenInput, required=False)
