"""The input boundary of the menu."""

from datetime import date
from typing import Any

from django import forms
from django.forms import BoundField
from django.utils.translation import gettext_lazy as _

from crm_project.core.allergens.choices import AllergenClass, Presence
from crm_project.core.allergens.models import Allergen
from menus.allergen_sheet import Group, groups_on
from menus.choices import DishPosition, Season
from menus.models import Course, Dish, DishAllergen

GROUP_TITLES: dict[str, Any] = {
    AllergenClass.MANDATORY: _("Specified ingredients (mandatory)"),
    AllergenClass.RECOMMENDED: _("Equivalent to specified (recommended)"),
    "": _("The house's own items"),
}


class DishSearchForm(forms.Form):
    """The filter of the dish list."""

    q = forms.CharField(label=_("Name or reading"), required=False, max_length=60)
    position = forms.ChoiceField(
        label=_("place in the kaiseki"), required=False, choices=[("", _("All")), *DishPosition.choices]
    )
    season = forms.ChoiceField(label=_("season"), required=False, choices=[("", _("All")), *Season.choices])


class DishForm(forms.ModelForm):
    """A dish and what the kitchen says of every allergen in it."""

    class Meta:
        model = Dish
        fields = ["name", "kana", "position", "season", "is_active"]

    def __init__(self, *args: Any, day: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._groups: list[Group] = groups_on(day)
        known = (
            dict(DishAllergen.objects.filter(dish=self.instance).values_list("allergen_id", "presence"))
            if self.instance.pk
            else {}
        )
        for group in self._groups:
            for allergen in group.allergens:
                self.fields[field_name(allergen)] = forms.ChoiceField(
                    label=allergen.name,
                    choices=[(value, Presence(value).label) for value in reversed(Presence.values)],
                    initial=known.get(allergen.pk, Presence.UNCHECKED),
                    required=False,
                )

    def main_fields(self) -> list[BoundField]:
        """What the dish is."""
        return [self[name] for name in DishForm.Meta.fields]

    def allergen_groups(self) -> list[tuple[str, list[BoundField]]]:
        """Title and fields of each class of allergens."""
        return [
            (str(GROUP_TITLES[group.allergen_class]), [self[field_name(allergen)] for allergen in group.allergens])
            for group in self._groups
            if group.allergens
        ]

    def values(self) -> dict[str, Any]:
        """What the services take."""
        return {name: self.cleaned_data[name] for name in DishForm.Meta.fields} | {"presences": self.presences()}

    def presences(self) -> dict[Allergen, str]:
        """What was said of each allergen."""
        return {
            allergen: self.cleaned_data[field_name(allergen)] or Presence.UNCHECKED
            for group in self._groups
            for allergen in group.allergens
        }


def field_name(allergen: Allergen) -> str:
    """The name of an allergen's field."""
    return f"allergen_{allergen.code}"


class CourseForm(forms.ModelForm):
    """A course. Its dishes are chosen one by one (`menus.picked`)."""

    class Meta:
        model = Course
        fields = ["name", "kana", "price", "valid_from", "valid_to", "is_active"]
        widgets = {
            "valid_from": forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
            "valid_to": forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
            "price": forms.NumberInput(attrs={"inputmode": "numeric", "step": "any"}),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.price is not None:
            self.initial["price"] = format(self.instance.price.normalize(), "f")

    def validate_unique(self) -> None:
        """Name and version are the service's business: a changed name may be a new version."""

    def values(self) -> dict[str, Any]:
        """What the services take."""
        return {name: self.cleaned_data[name] for name in CourseForm.Meta.fields}
