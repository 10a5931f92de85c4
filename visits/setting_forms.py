"""The input boundary of what the house decides about rooms and bookings."""

from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext_lazy as _

from crm_project.core.accounts.models import Venue
from crm_project.core.ui.row_fields import RowsField
from visits.models import BookingSource, BookingTerms, CancellationTerm, ClosedDay, FollowUpRule, Room

if TYPE_CHECKING:
    SettingModelForm = forms.ModelForm[Any]
else:
    SettingModelForm = forms.ModelForm

FEE = "fee"
FEWEST_FEE_ROWS = 3
# Of the number of a row that was sent; more are no row of ours.
LONGEST_NUMBER = 4


class SettingForm(SettingModelForm):
    """A setting with the version the person saw."""

    use_required_attribute = False

    version = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial["version"] = self.instance.version

    def values(self) -> dict[str, Any]:
        """What the services take; only after `is_valid()`."""
        values = {name: self.cleaned_data[name] for name in self.fields}
        if self.instance.pk is None:
            del values["version"]
        return values


class RoomForm(SettingForm):
    """A room, a counter, a hall; or a joined room with its parts."""

    parts = RowsField(
        label=_("Joined from"),
        queryset=Room.objects.none(),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Only for rooms that become one (襖を外す): who has the joined room has all of these."),
    )

    class Meta:
        model = Room
        fields = (
            "name",
            "kind",
            "capacity",
            "seating",
            "has_stairs",
            "view",
            "has_alcove",
            "view_is_upper",
            "clearing_minutes",
            "seats_are_shared",
            "parts",
            "position",
            "is_active",
        )
        help_texts = {
            "seats_are_shared": _(
                "A counter or hall: several parties sit there at the same time, each on its own seats."
            ),
            "clearing_minutes": _("From when a party leaves until the room can be given again."),
            "view": _("The garden, the river ..."),
            "has_alcove": _("The seat of honour is in front of it; in a room without one farthest from the door."),
            "view_is_upper": _("The guests look at the garden: the seat of honour turns round."),
        }

    def __init__(self, *args: Any, venue: Venue, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        rooms = venue.rooms.filter(parts=None).exclude(pk=self.instance.pk)
        field: Any = self.fields["parts"]
        field.queryset = rooms
        if self.instance.pk is not None:
            self.initial["parts"] = [part.room_id for part in self.instance.parts.all()]
        if not rooms:
            del self.fields["parts"]


class TermsForm(SettingForm):
    """A venue's terms of booking, with the fees of a cancellation in rows."""

    closed_weekdays = forms.TypedMultipleChoiceField(
        label=_("closed on"),
        coerce=int,
        choices=list(WEEKDAYS.items()),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )

    class Meta:
        model = BookingTerms
        fields = (
            *("lunch_minutes", "dinner_minutes", "tentative_days", "late_after_minutes"),
            *("opens_at_hour", "closed_weekdays"),
        )

    def __init__(self, *args: Any, fees: list[CancellationTerm], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fees: dict[int, int] = {}
        self.numbers = self._numbers(len(fees))
        for number in self.numbers:
            known = fees[number] if number < len(fees) else None
            for part, label, most, initial in (
                ("days", _("days before"), 365, known.days_before if known else None),
                ("percent", _("fee in %"), 100, known.percent if known else None),
            ):
                self.fields[f"{FEE}{number}_{part}"] = forms.IntegerField(
                    label=label,
                    min_value=0,
                    max_value=most,
                    required=False,
                    initial=initial,
                    widget=forms.NumberInput(attrs={"inputmode": "numeric"}),
                )

    def _numbers(self, known: int) -> range:
        sent = [int(name[len(FEE) :].partition("_")[0]) for name in self.data if _is_fee(name)]
        return range(min(max([known + 1, FEWEST_FEE_ROWS, *(number + 1 for number in sent)]), 40))

    def basics(self) -> list[forms.BoundField]:
        """The fields beside the fees."""
        return [self[name] for name in self._meta.fields or ()]

    def rows(self) -> list[tuple[forms.BoundField, forms.BoundField]]:
        """Days and per cent of each fee."""
        return [(self[f"{FEE}{number}_days"], self[f"{FEE}{number}_percent"]) for number in self.numbers]

    def clean(self) -> dict[str, Any]:
        """Read the fees: both or neither of a row, no day twice."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        for number in self.numbers:
            names = (f"{FEE}{number}_days", f"{FEE}{number}_percent")
            days, percent = (cleaned.get(name) for name in names)
            if any(name in self.errors for name in names) or (days is None and percent is None):
                continue
            if days is None or percent is None:
                self.add_error(names[days is not None], _("Write both, or neither."))
            elif days in self.fees:
                self.add_error(names[0], _("This day stands there already."))
            else:
                self.fees[days] = percent
        return cleaned

    def values(self) -> dict[str, Any]:
        """What `change_terms` takes."""
        names = ("version", *(self._meta.fields or ()))
        return {name: self.cleaned_data[name] for name in names} | {"fees": self.fees}


def _is_fee(name: str) -> bool:
    number = name.removeprefix(FEE).partition("_")[0]
    return name.startswith(FEE) and number.isdecimal() and len(number) < LONGEST_NUMBER


class ClosedDayForm(SettingForm):
    """A day on which the venue is closed, or open after all."""

    class Meta:
        model = ClosedDay
        fields = ("on", "reason", "is_open")
        widgets = {"on": forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")}
        help_texts = {"is_open": _("For a day of the week on which the house is closed otherwise.")}


class SourceForm(SettingForm):
    """Where bookings come from."""

    class Meta:
        model = BookingSource
        fields = ("name", "position", "is_active")


class RuleForm(SettingForm):
    """What the house does before or after an evening."""

    class Meta:
        model = FollowUpRule
        fields = ("name", "kind", "moment", "days", "responsible", "is_active")
        widgets = {"moment": forms.RadioSelect, "kind": forms.RadioSelect}
