"""The input boundary of a seating plan: a person for each place, from the far end to the door."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from visits.seating import Plan, Sitter
from visits.seating_order import EMPTY

UPPER, LOWER = "upper", "lower"
MOST_DIGITS = 10


class SeatingForm(forms.Form):
    """One field per place of either row. The rows have a free place more than there are people, for who changes sides."""

    use_required_attribute = False

    version = forms.IntegerField(widget=forms.HiddenInput, max_value=2**31 - 1)

    def __init__(self, *args: Any, plan: Plan, **kwargs: Any) -> None:
        kwargs["initial"] = {"version": plan.version}
        super().__init__(*args, **kwargs)
        people = [one for one in (*plan.upper, *plan.lower) if one is not None]
        self.choices = [(EMPTY, "—"), *((one.person.ref, _called(one)) for one in people)]
        rows = [(UPPER, plan.upper)] if plan.is_counter else [(UPPER, plan.upper), (LOWER, plan.lower)]
        self.rows: list[tuple[str, list[str]]] = []
        for row, sitters in rows:
            names = []
            for place, sitter in enumerate([*sitters, *([] if plan.is_counter else [None])]):
                name = f"{row}-{place}"
                self.fields[name] = forms.ChoiceField(
                    label=_place_label(row, place, is_counter=plan.is_counter),
                    choices=self.choices,
                    required=False,
                    initial=sitter.person.ref if sitter else EMPTY,
                )
                names.append(name)
            self.rows.append((row, names))

    @property
    def upper_fields(self) -> list[forms.BoundField]:
        """The places of the upper row."""
        return self._fields_of(UPPER)

    @property
    def lower_fields(self) -> list[forms.BoundField]:
        """The places of the lower row."""
        return self._fields_of(LOWER)

    def placed(self) -> dict[str, Any]:
        """What the service takes; only after `is_valid()`."""
        rows = {row: [self.cleaned_data[name] for name in names] for row, names in self.rows}
        return {"version": self.cleaned_data["version"], UPPER: rows[UPPER], LOWER: rows.get(LOWER, [])}

    def seen_version(self) -> int:
        """The version of the plan that was shown, whatever else the form says; 0 for anything that is none."""
        form_says = self.data.get("version", "")
        return int(form_says) if form_says.isascii() and form_says.isdecimal() and len(form_says) <= MOST_DIGITS else 0

    def _fields_of(self, wanted: str) -> list[forms.BoundField]:
        return [self[name] for row, names in self.rows if row == wanted for name in names]


def _called(sitter: Sitter) -> str:
    return f"{sitter.name}（{sitter.person_role}）" if sitter.person_role else sitter.name


def _place_label(row: str, place: int, *, is_counter: bool) -> Any:
    if is_counter:
        return _("Place %(number)s from the far end") % {"number": place + 1}
    if row == UPPER:
        return _("Upper side, place %(number)s from the far end") % {"number": place + 1}
    return _("Lower side, place %(number)s from the far end") % {"number": place + 1}
