"""The box of the guest list."""

from django import forms
from django.db.models import BigAutoField
from django.utils.translation import gettext_lazy as _


class SearchForm(forms.Form):
    """The box and the narrowing of the guest list."""

    q = forms.CharField(label=_("Search guests"), required=False, max_length=80, strip=True)
    row = forms.CharField(required=False, max_length=1, widget=forms.HiddenInput)
    rank = forms.IntegerField(required=False, min_value=1, max_value=BigAutoField.MAX_BIGINT, widget=forms.HiddenInput)
