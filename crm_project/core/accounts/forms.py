"""What an administrator types about the house, its venues, people and roles."""

from typing import TYPE_CHECKING, Any
from zoneinfo import available_timezones

from django import forms
from django.contrib.auth.password_validation import password_validators_help_text_html
from django.utils.text import slugify
from django.utils.translation import gettext_lazy as _

from crm_project.core.accounts.choices import StartPage
from crm_project.core.accounts.models import House, Membership, Role, User, Venue
from crm_project.core.money import parse_currency
from crm_project.core.problems import InputProblem
from crm_project.core.rights import Right

if TYPE_CHECKING:
    HouseModelForm = forms.ModelForm[House]
    VenueModelForm = forms.ModelForm[Venue]
    PersonModelForm = forms.ModelForm[User]
    RoleModelForm = forms.ModelForm[Role]
    MembershipModelForm = forms.ModelForm[Membership]
else:
    HouseModelForm = VenueModelForm = PersonModelForm = RoleModelForm = MembershipModelForm = forms.ModelForm

# A start page nobody with this role could open would greet them with a refusal every morning.
START_RIGHTS: dict[str, Right] = {
    StartPage.UNANSWERED: Right.ANSWER_NOTES,
    StartPage.DEALS: Right.VIEW_DEALS,
    StartPage.DASHBOARD: Right.VIEW_MONEY,
}
PASSWORD = forms.PasswordInput(attrs={"autocomplete": "new-password"})


class HouseForm(HouseModelForm):
    """The house and its decisions."""

    class Meta:
        model = House
        fields = ("name", "guest_scope", "currency", "went_live_on")
        widgets = {
            "guest_scope": forms.RadioSelect,
            "went_live_on": forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        }
        help_texts = {
            "went_live_on": _("Figures before and after this day are compared."),
            "currency": _("Three letters, JPY for yen."),
        }

    def clean_currency(self) -> str:
        """Three letters that are a currency."""
        try:
            return parse_currency(self.cleaned_data["currency"])
        except InputProblem as problem:
            raise forms.ValidationError(str(problem)) from problem


class VenueForm(VenueModelForm):
    """A venue."""

    timezone = forms.ChoiceField(label=_("time zone"))

    class Meta:
        model = Venue
        fields = ("name", "code", "closing_hour", "dinner_from_hour", "timezone", "position")
        help_texts = {"code": _("Short and lasting: files of accounting may name the venue by it.")}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        zones = sorted(zone for zone in available_timezones() if "/" in zone or zone == "UTC")
        self.fields["timezone"].choices = [(zone, zone) for zone in zones]  # type: ignore[attr-defined]
        if not self.instance.pk:
            self.initial.setdefault("timezone", "Asia/Tokyo")


class PersonForm(PersonModelForm):
    """A person of the house; one ID per person."""

    class Meta:
        model = User
        fields = ("display_name", "kana", "username", "email")
        labels = {"username": _("sign-in name")}
        help_texts = {"username": _("Letters, digits and @ . + - _; one per person, never shared.")}


class NewPersonForm(PersonForm):
    """Somebody new, with the first password and the first role."""

    password = forms.CharField(label=_("Initial password"), strip=False, widget=PASSWORD)
    venue = forms.ModelChoiceField(label=_("Venue"), queryset=Venue.objects.none(), empty_label=None)
    role = forms.ModelChoiceField(label=_("Role"), queryset=Role.objects.all(), empty_label=None)

    def __init__(self, *args: Any, managed: list[int], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["password"].help_text = password_validators_help_text_html()
        self.fields["venue"].queryset = Venue.objects.filter(pk__in=managed)  # type: ignore[attr-defined]


class PasswordForm(forms.Form):
    """A new initial password."""

    password = forms.CharField(label=_("Initial password"), strip=False, widget=PASSWORD)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["password"].help_text = password_validators_help_text_html()


class MembershipForm(MembershipModelForm):
    """One more role at a venue."""

    class Meta:
        model = Membership
        fields = ("venue", "role")

    def __init__(self, *args: Any, managed: list[int], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["venue"].queryset = Venue.objects.filter(pk__in=managed)  # type: ignore[attr-defined]
        for name in ("venue", "role"):
            self.fields[name].empty_label = None  # type: ignore[attr-defined]


class RoleForm(RoleModelForm):
    """A role under the house's own name."""

    rights = forms.MultipleChoiceField(
        label=_("rights"), choices=Right.choices, widget=forms.CheckboxSelectMultiple, required=False
    )

    class Meta:
        model = Role
        fields = ("name", "start_page", "rights")

    def clean(self) -> dict[str, Any]:
        """Refuse a start page that the role may not open."""
        values = super().clean() or {}
        needed = START_RIGHTS.get(values.get("start_page", ""))
        if needed is not None and needed not in values.get("rights", []):
            self.add_error("start_page", _("This page needs the right “%(right)s”.") % {"right": needed.label})
        return values

    def new_code(self) -> str:
        """A code for a role that is new: from the name where it is in Latin letters."""
        wanted = slugify(self.cleaned_data["name"])[:24] or "role"
        taken = set(Role.objects.filter(code__startswith=wanted).values_list("code", flat=True))
        return next(
            code for code in (wanted, *(f"{wanted}-{number}" for number in range(2, 1000))) if code not in taken
        )
