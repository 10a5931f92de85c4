"""The input boundary of a photo."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from customers.fields import TidyField
from visits.choices import PhotoKind


class PhotoForm(forms.Form):
    """A photo, what it shows, and for people who consented and when."""

    file = forms.FileField(
        label=_("Photo"),
        help_text=_("JPEG, PNG or WebP, at most 15 MB. Place and device are taken out of it."),
        widget=forms.ClearableFileInput(attrs={"accept": "image/jpeg,image/png,image/webp"}),
        error_messages={
            "required": _("Choose a photo of at most 15 MB."),
            "empty": _("The photo is empty. Choose another one."),
        },
    )
    kind = forms.ChoiceField(
        label=_("What it shows"), choices=PhotoKind.choices, widget=forms.RadioSelect, initial=PhotoKind.DISH
    )
    caption = TidyField(label=_("Words"), max_length=80, required=False)
    consent_by = TidyField(label=_("Who consented (photos of people)"), max_length=80, required=False)
    consent_on = forms.DateField(
        label=_("Consented on (photos of people)"), required=False, widget=forms.DateInput(attrs={"type": "date"})
    )

    def clean(self) -> dict[str, Any]:
        """People are shown with their consent alone."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if cleaned.get("kind") == PhotoKind.PEOPLE:
            if not cleaned.get("consent_by"):
                self.add_error("consent_by", _("Write who consented to the photo."))
            if not cleaned.get("consent_on") and "consent_on" not in self.errors:
                self.add_error("consent_on", _("Write on which day they consented."))
        return cleaned
