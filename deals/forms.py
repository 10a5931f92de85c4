"""What is typed about an inquiry."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from django import forms
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from crm_project.core.accounts.models import User, Venue
from crm_project.core.money import parse_amount
from crm_project.core.problems import InputProblem
from crm_project.core.rights import Right
from deals.choices import OPEN_STAGES, LossReason, Stage
from deals.models import Deal, DealQuerySet, StageLabel
from deals.queries import StageWords, quiet

if TYPE_CHECKING:
    DealModelForm = forms.ModelForm[Deal]
else:
    DealModelForm = forms.ModelForm

DATE = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")

FIELDS = (
    "title",
    "event_date",
    "event_date_text",
    "party_size",
    "amount",
    "contact_text",
    "note",
    "next_step",
    "next_step_on",
    "owner",
    "venue",
)


class AmountInput(forms.CharField):
    """An amount as people write it: 1,200,000 or ¥1200000."""

    def clean(self, value: Any) -> Any:
        """Return a Decimal, or None for a blank."""
        try:
            amount = parse_amount(super().clean(value))
        except InputProblem as problem:
            raise forms.ValidationError(str(problem)) from problem
        if amount is not None and amount < 0:
            raise forms.ValidationError(_("The amount is not below zero."))
        return amount

    def prepare_value(self, value: Any) -> Any:
        """Whole yen without decimals."""
        return f"{value:f}".rstrip("0").rstrip(".") if hasattr(value, "as_tuple") and "." in f"{value:f}" else value


class DealForm(DealModelForm):
    """The inquiry. Who asked is a guest (the picker beside this form), a company, or a name that was left."""

    company_name = forms.CharField(
        label=_("Company"), max_length=200, required=False, help_text=_("A new company is entered by its name.")
    )
    amount = AmountInput(
        label=_("Expected amount"), required=False, help_text=_("Without tax and service."), max_length=30
    )
    form_token = forms.UUIDField(widget=forms.HiddenInput, initial=uuid4)
    version = forms.IntegerField(widget=forms.HiddenInput, required=False)

    class Meta:
        model = Deal
        fields = FIELDS
        widgets = {
            "event_date": DATE,
            "next_step_on": DATE,
            "note": forms.Textarea(attrs={"rows": 4}),
            "party_size": forms.NumberInput(attrs={"inputmode": "numeric", "min": 1}),
        }
        help_texts = {
            "title": _("Year-end party, 60th birthday, wedding ..."),
            "event_date_text": _("When the day is open: “next spring”."),
            "contact_text": _("When the guest is not on file yet."),
        }

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        venues = Venue.objects.filter(pk__in=user.venues_with(Right.EDIT_DEALS))
        self.fields["venue"].queryset = venues  # type: ignore[attr-defined]
        self.fields["venue"].empty_label = None  # type: ignore[attr-defined]
        people = User.objects.people().filter(
            Q(is_active=True, memberships__venue__in=user.venues_with(Right.VIEW_DEALS)) | Q(pk=user.pk)
        )
        if self.instance.owner_id:
            people = people | User.objects.filter(pk=self.instance.owner_id)
        self.fields["owner"].queryset = people.distinct().order_by("kana", "pk")  # type: ignore[attr-defined]
        self.fields["owner"].empty_label = None  # type: ignore[attr-defined]
        if self.instance.pk:
            self.fields["version"].initial = self.instance.version
            if self.instance.company is not None:
                self.fields["company_name"].initial = self.instance.company.name
        else:
            self.fields["owner"].initial = user.pk

    def clean_party_size(self) -> int | None:
        """A party has somebody in it."""
        size: int | None = self.cleaned_data["party_size"]
        if size == 0:
            raise forms.ValidationError(_("A party has at least one guest."))
        return size

    def values(self) -> dict[str, Any]:
        """The names of `services.create_deal`, without the guest."""
        return {name: self.cleaned_data[name] for name in (*FIELDS, "company_name")}

    def _post_clean(self) -> None:
        """Leave the instance alone: the service writes, and compares with what stands in the database."""


class LossForm(forms.Form):
    """Why an inquiry was lost: nobody closes one without saying so."""

    reason = forms.ChoiceField(label=_("Why lost"), choices=LossReason.choices, widget=forms.RadioSelect)
    lost_to = forms.CharField(label=_("Who won"), max_length=120, required=False)
    detail = forms.CharField(
        label=_("What we learnt"), max_length=4000, required=False, widget=forms.Textarea(attrs={"rows": 3})
    )


class ActivityForm(forms.Form):
    """What happened, and what comes next."""

    text = forms.CharField(label=_("What happened"), max_length=4000, widget=forms.Textarea(attrs={"rows": 3}))
    next_step = forms.CharField(label=_("Next step"), max_length=120, required=False)
    next_step_on = forms.DateField(label=_("Next step on"), required=False, widget=DATE)


class StageLabelForm(forms.Form):
    """The house's own word for a stage."""

    label = forms.CharField(max_length=40)
    probability = forms.IntegerField(
        min_value=0, max_value=100, widget=forms.NumberInput(attrs={"inputmode": "numeric"})
    )

    def __init__(self, data: Mapping[str, Any] | None = None, *, stage_label: StageLabel) -> None:
        super().__init__(data, prefix=stage_label.stage)
        self.stage_label = stage_label
        self.fields["label"].label = stage_label.get_stage_display()
        self.fields["probability"].label = _("Chance in %")
        self.initial = {"label": stage_label.label, "probability": stage_label.probability}


class DealFilterForm(forms.Form):
    """Which inquiries the board and the table show."""

    venue = forms.ModelChoiceField(label=_("Venue"), queryset=Venue.objects.none(), required=False)
    stage = forms.ChoiceField(label=_("Stage"), required=False)
    whose = forms.ChoiceField(
        label=_("In charge"),
        required=False,
        choices=[("", _("everybody")), ("mine", _("me")), ("quiet", _("quiet too long"))],
    )

    def __init__(self, *args: Any, user: User, words: Mapping[str, StageWords], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user
        venues = Venue.objects.filter(pk__in=user.venues_with(Right.VIEW_DEALS))
        self.fields["venue"].queryset = venues  # type: ignore[attr-defined]
        self.fields["venue"].empty_label = _("All venues")  # type: ignore[attr-defined]
        if len(user.venues_with(Right.VIEW_DEALS)) < 2:
            del self.fields["venue"]
        self.fields["stage"].choices = [  # type: ignore[attr-defined]
            ("", _("All stages")),
            ("open", _("Open")),
            *((stage, words[stage].label) for stage in Stage.values),
        ]

    def filter(self, deals: DealQuerySet) -> DealQuerySet:
        """Narrow the inquiries; a value nobody offers narrows to nothing."""
        if not self.is_valid():
            return deals.none()
        chosen = self.cleaned_data
        if chosen.get("venue"):
            deals = deals.filter(venue=chosen["venue"])
        if chosen["stage"] == "open":
            deals = deals.filter(stage__in=OPEN_STAGES)
        elif chosen["stage"]:
            deals = deals.filter(stage=chosen["stage"])
        if chosen["whose"] == "mine":
            deals = deals.filter(owner=self.user)
        elif chosen["whose"] == "quiet":
            deals = deals.filter(quiet(timezone.now()))
        return deals
