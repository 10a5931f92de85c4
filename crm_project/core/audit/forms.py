"""Narrowing the trail."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Any

from django import forms
from django.contrib.auth import get_user_model
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from crm_project.core.audit.choices import Action
from crm_project.core.audit.models import AuditQuerySet


class AuditFilterForm(forms.Form):
    """By person, record, action and day."""

    who: forms.ModelChoiceField[Any] = forms.ModelChoiceField(
        label=_("Who"), queryset=None, required=False, empty_label=_("everybody")
    )
    action = forms.ChoiceField(label=_("What"), choices=[("", _("everything")), *Action.choices], required=False)
    about = forms.CharField(label=pgettext_lazy("audit", "About"), max_length=120, required=False)
    day = forms.DateField(
        label=_("Day"), required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    # Set by links of a record's page: "customers.customer" and its id.
    kind = forms.CharField(required=False, widget=forms.HiddenInput)
    id = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["who"].queryset = get_user_model().objects.order_by("display_name", "pk")  # type: ignore[attr-defined]

    def filter(self, entries: AuditQuerySet) -> AuditQuerySet:
        """Narrow the entries; a value nobody offers narrows to nothing."""
        if not self.is_valid():
            return entries.none()
        chosen = self.cleaned_data
        conditions = Q()
        if chosen["who"]:
            conditions &= Q(actor=chosen["who"])
        if chosen["action"]:
            conditions &= Q(action=chosen["action"])
        if chosen["about"]:
            conditions &= Q(subject_name__icontains=chosen["about"])
        if chosen["kind"]:
            conditions &= Q(subject_type=chosen["kind"])
        if chosen["id"]:
            conditions &= Q(subject_id=chosen["id"])
        if chosen["day"]:
            start = timezone.make_aware(datetime.combine(chosen["day"], time.min))
            conditions &= Q(at__gte=start, at__lt=start + timedelta(days=1))
        return entries.filter(conditions)
