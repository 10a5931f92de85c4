"""What the figures are asked for, and the rules of the ranks."""

import re
from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from crm_project.core.accounts.models import User, Venue
from crm_project.core.money import parse_currency, plain
from crm_project.core.problems import InputProblem
from crm_project.core.rights import Right
from reports.models import RankPolicy, RankRule
from reports.services import RuleInput


class PeriodForm(forms.Form):
    """One month and one venue (blank: all)."""

    month = forms.CharField(label=_("Month"), required=False, max_length=7)
    venue = forms.ModelChoiceField(
        label=_("Venue"), queryset=Venue.objects.none(), required=False, to_field_name="code"
    )

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        venues = self.fields["venue"]
        assert isinstance(venues, forms.ModelChoiceField)
        venues.queryset = Venue.objects.filter(pk__in=user.venues_with(Right.VIEW_MONEY))

    def clean_month(self) -> date | None:
        """The first day of the month."""
        written = self.cleaned_data["month"]
        if not written:
            return None
        match = re.fullmatch(r"([12]\d{3})-(0[1-9]|1[0-2])", written)
        if match is None:
            raise ValidationError(_("Write the month as 2026-03."))
        return date(int(match[1]), int(match[2]), 1)


class PolicyForm(forms.Form):
    """The window of the policy and the currency it counts in."""

    window_months = forms.IntegerField(
        label=_("Window in months"),
        min_value=1,
        max_value=120,
        help_text=_("Sales and visits of so many months count."),
    )
    currency = forms.CharField(
        label=_("Currency"), max_length=3, required=False, help_text=_("Blank: the currency of the books.")
    )

    def clean_currency(self) -> str:
        """An ISO code, or blank."""
        written = self.cleaned_data["currency"]
        if not written:
            return ""
        try:
            return parse_currency(written)
        except InputProblem as problem:
            raise ValidationError(str(problem)) from problem


class RuleForm(forms.ModelForm):
    """A rank's name and what it takes."""

    name = forms.CharField(label=_("Rank"), max_length=40)

    class Meta:
        model = RankRule
        fields = ("min_sales", "min_visits", "max_days_since")

    field_order = ("name", "min_sales", "min_visits", "max_days_since")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["min_sales"].min_value = 0  # type: ignore[attr-defined]
        if self.instance.pk:
            self.fields["name"].initial = self.instance.rank.name
            if self.instance.min_sales is not None:
                self.initial["min_sales"] = plain(self.instance.min_sales)


BaseRules = forms.modelformset_factory(RankRule, form=RuleForm, extra=1, can_delete=True)


class RulesFormSet(BaseRules):  # type: ignore[misc,valid-type]
    """The rules in their order, best rank first; the last, empty row adds one."""

    def clean(self) -> None:
        """Every rank once, at least one rank."""
        super().clean()
        names = [form.cleaned_data["name"] for form in self.kept_forms()]
        if not names:
            raise ValidationError(_("Keep at least one rank."))
        twice = {name for name in names if names.count(name) > 1}
        if twice:
            raise ValidationError(
                _("%(name)s stands there twice: every rank has one rule."), params={"name": twice.pop()}
            )

    def kept_forms(self) -> list[RuleForm]:
        """Forms that are filled in and not removed."""
        return [
            form
            for form in self.forms
            if form.cleaned_data.get("name") and not (self.can_delete and form.cleaned_data.get("DELETE"))
        ]

    def rules(self) -> list[RuleInput]:
        """What `change_policy` takes."""
        return [
            RuleInput(
                name=form.cleaned_data["name"],
                min_sales=form.cleaned_data["min_sales"],
                min_visits=form.cleaned_data["min_visits"],
                max_days_since=form.cleaned_data["max_days_since"],
            )
            for form in self.kept_forms()
        ]


def rules_formset(policy: RankPolicy, data: Any = None) -> RulesFormSet:
    """The formset of a policy's rules."""
    return RulesFormSet(data, queryset=policy.rules.select_related("rank"), prefix="rules")
