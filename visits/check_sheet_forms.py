"""The input boundary of the check sheet's settings and of what went wrong."""

from typing import Any, Final

from django import forms
from django.utils.translation import gettext_lazy as _

from customers.fields import TidyField
from visits.choices import ComplaintState, Purpose
from visits.models import Complaint, NoteCategory
from visits.setting_forms import SettingForm

MOST_CHOICES: Final = 20
LONGEST_CHOICE: Final = 40


class ChoicesField(forms.CharField):
    """Choices as one writes them: one per line; blank lines and repetitions do not count."""

    widget = forms.Textarea(attrs={"rows": 4})

    def prepare_value(self, value: Any) -> Any:
        """The choices one below the other."""
        return "\n".join(value) if isinstance(value, list) else value

    def clean(self, value: Any) -> list[str]:
        """The choices in their order."""
        words = [" ".join(line.split()) for line in str(super().clean(value) or "").splitlines()]
        choices = [*dict.fromkeys(word for word in words if word)]
        if len(choices) > MOST_CHOICES:
            raise forms.ValidationError(
                _("At most %(count)s choices fit on the sheet."), params={"count": MOST_CHOICES}
            )
        if too_long := next((choice for choice in choices if len(choice) > LONGEST_CHOICE), None):
            raise forms.ValidationError(
                _("“%(choice)s” is too long: at most %(count)s characters."),
                params={"choice": too_long, "count": LONGEST_CHOICE},
            )
        return choices


class NoteCategoryForm(SettingForm):
    """A line of the check sheet."""

    choices = ChoicesField(
        label=_("choices"),
        required=False,
        max_length=2000,
        help_text=_(
            "One per line; for a line that is answered by choosing. Notes keep the words they were written with."
        ),
    )
    purposes = forms.MultipleChoiceField(
        label=_("asked for"),
        required=False,
        choices=Purpose.choices,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Nothing chosen: after every visit."),
    )

    class Meta:
        model = NoteCategory
        fields = [
            "name",
            "purpose",
            "entry",
            "choices",
            "purposes",
            "is_required",
            "is_bad_news",
            "is_table_talk",
            "is_active",
            "active_from",
            "active_until",
            "position",
        ]
        widgets = {
            "active_from": forms.DateInput(attrs={"type": "date"}),
            "active_until": forms.DateInput(attrs={"type": "date"}),
        }
        help_texts = {"is_table_talk": _("Shown on the host's own card alone. Decided when the line is made.")}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk is not None:
            # Notes are already told by it.
            del self.fields["is_table_talk"]


class ReportForm(forms.Form):
    """Something went wrong: two fields, the second may stay blank."""

    what = forms.CharField(
        label=_("What happened"),
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 3, "autofocus": True}),
        error_messages={"required": _("Write what happened; a few words are enough.")},
    )
    place = TidyField(label=_("To whom, where"), max_length=120, required=False)


class ComplaintForm(SettingForm):
    """What is known of it by now."""

    class Meta:
        model = Complaint
        fields = ["what", "place", "cause", "countermeasure", "told_to", "state"]
        widgets = {
            "what": forms.Textarea(attrs={"rows": 3}),
            "countermeasure": forms.Textarea(attrs={"rows": 3}),
            "cause": forms.TextInput(attrs={"list": "known-causes", "autocomplete": "off"}),
            "state": forms.RadioSelect(choices=ComplaintState.choices),
        }
        help_texts = {
            "cause": _("What led to it, in a few words; the same words for the same cause, so that they are counted."),
            "told_to": _("The guest, the kitchen, the manager: whoever knows of it."),
        }
