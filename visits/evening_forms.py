"""The input boundary of the evening: answers before it, decisions for seats, tonight's menu, the report of a mishap."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from crm_project.core.text import tidy
from customers.choices import AskedHow
from customers.fields import AnyDateField, TidyField
from customers.forms import AllergyForm
from menus.models import Course, Dish
from visits.choices import AnsweredBy
from visits.models import Attendance, EveningTerms
from visits.setting_forms import SettingForm
from visits.text_fields import WholeTextField

HOW = [("", "—"), *((value, label) for value, label in AskedHow.choices if value != AskedHow.LEDGER)]


class GroupAnswerForm(forms.Form):
    """What the arranger says of the whole group, in one line. It is saved once what was understood has been shown."""

    use_required_attribute = False

    source = forms.ChoiceField(label=_("Answered by"), choices=AnsweredBy.choices, widget=forms.RadioSelect)
    said_by = TidyField(label=_("Name of who answered"), max_length=80, required=False)
    how = forms.ChoiceField(label=_("Asked how"), choices=HOW, required=False)
    said_on = AnyDateField(label=_("Answered on"))
    text = TidyField(
        label=_("Allergies of the group"),
        max_length=500,
        help_text=_("As it was said: 60名中 えび1名・そば1名（重い）、他なし. A severity nobody names is severe."),
    )
    version = forms.IntegerField(widget=forms.HiddenInput, min_value=0, max_value=1_000_000)
    # The line whose understanding was shown.
    seen = forms.CharField(widget=forms.HiddenInput, required=False)

    @property
    def was_seen(self) -> bool:
        """Whether what is about to be saved is what was shown."""
        return bool(self.cleaned_data["text"]) and tidy(self.cleaned_data["seen"]) == self.cleaned_data["text"]


class CompanionAnswerForm(GroupAnswerForm):
    """What somebody without a card answers, in one line; saved once what was understood has been shown."""

    text = TidyField(
        label=_("Allergies"),
        max_length=500,
        help_text=_("For example えび（重い）、そば, or なし. A severity nobody names is severe."),
    )


class GuestAnswerForm(AllergyForm):
    """What a known guest answers before the evening: the guest's allergies, and who said so."""

    source = forms.ChoiceField(label=_("Answered by"), choices=AnsweredBy.choices, widget=forms.RadioSelect)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["answered_by"].label = _("Name of who answered")
        self.fields["asked_on"].required = True


class TonightForm(forms.Form):
    """What comes instead of a dish tonight, blank is left out; with some courses alone, where any are ticked."""

    use_required_attribute = False

    q = TidyField(label=_("Another dish"), required=False)
    course = forms.ModelMultipleChoiceField(
        Course.objects.all(), label=_("Only with"), required=False, widget=forms.CheckboxSelectMultiple
    )
    reason = WholeTextField(label=_("Reason"), max_length=200, required=False)
    replacement = forms.ModelChoiceField(
        Dish.objects.filter(is_active=True),
        required=False,
        error_messages={"invalid_choice": _("Choose the dish that comes instead.")},
    )

    @property
    def ticked(self) -> list[str]:
        """The keys of the courses as they were ticked, also where something is wrong."""
        return [str(value) for value in self["course"].value() or ()]


class SeatField(forms.ModelChoiceField):
    """Somebody at the table, a guest with 様."""

    def label_from_instance(self, obj: Any) -> str:
        """As the guest is addressed, or what the companion is called."""
        return f"{obj.customer.name} {obj.customer.honorific}" if obj.customer is not None else str(obj)


class ReportForm(forms.Form):
    """What was served to whom, and how the guest is."""

    use_required_attribute = False

    attendance = SeatField(Attendance.objects.none(), label=_("Guest"), required=False, empty_label=_("Not known"))
    text = TidyField(
        label=_("What happened"),
        lines=True,
        max_length=2000,
        help_text=_("The dish, how much was eaten, how the guest is, what was done."),
    )

    def __init__(self, *args: Any, people: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["attendance"]
        field.queryset = people


class EveningTermsForm(SettingForm):
    """A venue's terms of the evening."""

    class Meta:
        model = EveningTerms
        fields = (
            "advance_hours",
            "same_dish_months",
            "emergency_number",
            "emergency_address",
            "emergency_way",
            "in_charge",
            "in_charge_phone",
        )
        help_texts = {
            "advance_hours": _("Whoever has not been asked by then stands on today's page; 48 is two days."),
            "emergency_way": _("The lane, the gate, where somebody waits for the ambulance."),
        }

    def values(self) -> dict[str, Any]:
        """What `change_evening_terms` takes, with the version also where nothing was written yet."""
        return {name: self.cleaned_data[name] for name in self.fields}
