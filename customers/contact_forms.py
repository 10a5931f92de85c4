"""The input boundary of contacts."""

import uuid
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from crm_project.core.accounts.models import User, Venue
from customers.choices import Channel, Direction
from customers.fields import PhoneField, TidyField


class ContactForm(forms.Form):
    """What was asked, by which way, and whether it is answered already."""

    use_required_attribute = False

    channel = forms.ChoiceField(label=_("By"), choices=Channel.choices, initial=Channel.PHONE, widget=forms.RadioSelect)
    direction = forms.ChoiceField(
        label=_("Who began"), choices=Direction.choices, initial=Direction.IN, widget=forms.RadioSelect
    )
    caller = TidyField(label=pgettext_lazy("caller", "Who"), max_length=120, required=False)
    phone = PhoneField(label=_("Phone"), required=False)
    asked = TidyField(label=_("What it was about"), lines=True, required=False)
    answer = TidyField(label=_("Answer"), lines=True, required=False)
    is_answered = forms.BooleanField(label=_("Answered, nothing left to do"), required=False)
    assigned_to = forms.ModelChoiceField(
        label=_("To be answered by"), queryset=User.objects.none(), required=False, empty_label=_("anybody")
    )
    form_token = forms.UUIDField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, venue: Venue, is_known: bool, **kwargs: Any) -> None:
        kwargs.setdefault("initial", {}).setdefault("form_token", uuid.uuid4())
        super().__init__(*args, **kwargs)
        self.fields["assigned_to"].queryset = User.objects.working_at(venue)  # type: ignore[attr-defined]
        if is_known:
            del self.fields["caller"], self.fields["phone"]


class AnswerContactForm(forms.Form):
    """What was answered, in the list of open contacts."""

    answer = TidyField(label=_("Answer"), max_length=2000, required=False)
