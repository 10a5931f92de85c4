"""The input boundary of the menu."""

import re
from collections.abc import Iterable
from datetime import date
from typing import Any

from django import forms
from django.core.validators import MinValueValidator
from django.forms import BoundField
from django.utils.translation import gettext_lazy as _

from crm_project.core.allergens.choices import AllergenClass, DietRule, Presence
from crm_project.core.allergens.models import Allergen
from crm_project.core.text import nfkc, tidy
from menus.allergen_sheet import Group, groups_on
from menus.choices import DietAnswer, DishPosition, Season
from menus.models import BasePreparation, Course, Dish, DishFamily, DishFood
from menus.services.dishes import Portion

# The hidden fields by which two people's edits are told apart.
READ_BY = ("version", "revision")
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
    state = forms.ChoiceField(
        label=_("allergens"),
        required=False,
        choices=[("", _("All")), ("unchecked", _("not fully checked")), ("proposed", _("to confirm"))],
    )


class PresencesForm(forms.ModelForm):
    """A field for what the kitchen says of every allergen of a dish or of a base preparation."""

    def __init__(self, *args: Any, day: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._groups: list[Group] = groups_on(day)
        known = dict(self.instance.allergens.values_list("allergen_id", "presence")) if self.instance.pk else {}
        for group in self._groups:
            for allergen in group.allergens:
                self.fields[field_name(allergen)] = forms.ChoiceField(
                    label=allergen.name,
                    choices=[(value, Presence(value).label) for value in reversed(Presence.values)],
                    initial=known.get(allergen.pk, Presence.UNCHECKED),
                    required=False,
                )

    def allergen_groups(self) -> list[tuple[str, list[BoundField]]]:
        """Title and fields of each class of allergens."""
        return [
            (str(GROUP_TITLES[group.allergen_class]), [self[field_name(allergen)] for allergen in group.allergens])
            for group in self._groups
            if group.allergens
        ]

    def stored_otherwise(self, now: "PresencesForm") -> list[tuple[str, str]]:
        """(label, words) of what is stored differently from what was typed, `now` being the form of what is stored."""
        return stored_otherwise(self, now)

    def presences(self) -> dict[Allergen, str]:
        """What was said of each allergen."""
        return {
            allergen: self.cleaned_data[field_name(allergen)] or Presence.UNCHECKED
            for group in self._groups
            for allergen in group.allergens
        }


def stored_otherwise(typed: forms.BaseForm, now: forms.BaseForm) -> list[tuple[str, str]]:
    """(label, words) of every field of a sent form that is stored differently; the sent form then knows what was read.

    `now` is the unbound form of what is stored.
    """
    found = []
    for name, field in typed.fields.items():
        stored = now.get_initial_for_field(now.fields[name], name)
        sent = typed[name].data
        if name in READ_BY:
            data: Any = typed.data.copy()  # type: ignore[attr-defined]
            data[name] = str(stored)
            typed.data = data
        elif (isinstance(sent, str) and isinstance(stored, str) and sent.splitlines() == stored.splitlines()) or (
            not sent and stored == Presence.UNCHECKED
        ):
            continue
        elif field.has_changed(stored, sent):
            found.append((str(field.label or name), _in_words(now.fields[name], stored)))
    return found


def _in_words(field: forms.Field, stored: Any) -> str:
    if isinstance(field, forms.BooleanField):
        return str(_("Yes") if stored else _("No"))
    if isinstance(field, forms.ChoiceField):
        chosen = {str(one) for one in (stored if isinstance(stored, list | tuple) else [stored])}
        labels: Any = field.choices
        return "、".join(str(label) for value, label in labels if str(value) in chosen) or "—"
    return str(stored) if stored not in (None, "") else "—"


class BasesField(forms.ModelMultipleChoiceField):
    """Base preparations by their ids; a number no database holds is none of them."""

    def clean(self, value: Any) -> Any:
        """Raise ValidationError for what is no id."""
        for one in value or ():
            if not (str(one).isascii() and str(one).isdecimal() and len(str(one)) < 16):
                raise forms.ValidationError(self.error_messages["invalid_choice"], params={"value": one})
        return super().clean(value)


class DishForm(PresencesForm):
    """A dish: what it is, what it is made of, and what the kitchen says of every allergen in it."""

    family = forms.CharField(
        label=_("family"),
        required=False,
        max_length=60,
        help_text=_("What it is kin to (鯛). Type a new one to add it."),
        widget=forms.TextInput(attrs={"list": "dish-families", "autocomplete": "off"}),
    )
    bases = BasesField(
        label=_("base preparations"),
        required=False,
        queryset=BasePreparation.objects.all(),
        widget=forms.CheckboxSelectMultiple,
    )
    foods = forms.CharField(
        label=_("foods"),
        required=False,
        max_length=20_000,
        help_text=_("One a line, the quantity behind a colon: 鯛：60g. Allergens are proposed from their names."),
        widget=forms.Textarea(attrs={"rows": 6}),
    )
    version = forms.IntegerField(required=False, min_value=1, max_value=2**31 - 1, widget=forms.HiddenInput)

    class Meta:
        model = Dish
        fields = [
            "name",
            "kana",
            "position",
            "family",
            "season",
            "is_signature",
            "is_active",
            "price",
            "cost",
            "name_en",
            "description_en",
        ]
        widgets = {
            "price": forms.NumberInput(attrs={"inputmode": "numeric", "step": "any"}),
            "cost": forms.NumberInput(attrs={"inputmode": "numeric", "step": "any"}),
            "description_en": forms.Textarea(attrs={"rows": 2}),
        }

    field_order = [*Meta.fields, "bases", "foods"]

    def __init__(self, *args: Any, sees_money: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        dish = self.instance
        if not sees_money:
            del self.fields["cost"]
        for name in ("price", "cost"):
            if name in self.fields:
                self.fields[name].validators.append(MinValueValidator(0))
                if (amount := getattr(dish, name)) is not None:
                    self.initial[name] = format(amount.normalize(), "f")
        answers = dict(dish.diets.values_list("rule", "answer")) if dish.pk else {}
        for rule, label in DietRule.choices:
            self.fields[f"diet_{rule}"] = forms.ChoiceField(
                label=label,
                required=False,
                choices=[(DietAnswer.UNCHECKED.value, DietAnswer.UNCHECKED.label), *DietAnswer.choices[:2]],
                initial=answers.get(rule, DietAnswer.UNCHECKED),
            )
        self.families = list(DishFamily.objects.values_list("name", flat=True))
        if dish.pk:
            self.initial["family"] = dish.family.name if dish.family else ""
            self.initial["bases"] = list(dish.bases.values_list("pk", flat=True))
            self.initial["foods"] = food_lines(dish.dish_foods.select_related("food"))
            self.initial["version"] = dish.version

    def main_fields(self) -> list[BoundField]:
        """What the dish is."""
        return [self[name] for name in DishForm.Meta.fields if name in self.fields]

    def diet_fields(self) -> list[BoundField]:
        """Which rules it meets."""
        return [self[f"diet_{rule}"] for rule in DietRule.values]

    def clean_foods(self) -> list[Portion]:
        """The portions of the recipe."""
        portions = []
        for number, line in enumerate(self.cleaned_data["foods"].splitlines(), start=1):
            portion = portion_of(line)
            if portion is None:
                continue
            if len(portion.food) > 120 or len(portion.quantity) > 40 or not portion.food:
                raise forms.ValidationError(
                    _("Line %(line)s: write a food of up to 120 characters, then a colon and the quantity (up to 40)."),
                    params={"line": number},
                )
            portions.append(portion)
        return portions

    def _post_clean(self) -> None:
        """The services write; the instance stays as it is on file."""

    def values(self) -> dict[str, Any]:
        """What the services take."""
        return {name: self.cleaned_data[name] for name in DishForm.Meta.fields if name in self.fields} | {
            "presences": self.presences(),
            "bases": self.cleaned_data["bases"],
            "foods": self.cleaned_data["foods"],
            "diets": {rule: self.cleaned_data[f"diet_{rule}"] for rule in DietRule.values},
        }


class BaseForm(PresencesForm):
    """A base preparation and what the kitchen says of every allergen in it."""

    version = forms.IntegerField(required=False, min_value=1, max_value=2**31 - 1, widget=forms.HiddenInput)

    class Meta:
        model = BasePreparation
        fields = ["name", "kana"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            self.initial["version"] = self.instance.version

    def main_fields(self) -> list[BoundField]:
        """What it is."""
        return [self["name"], self["kana"]]

    def _post_clean(self) -> None:
        """The services write; the instance stays as it is on file."""

    def values(self) -> dict[str, Any]:
        """What the services take."""
        return {name: self.cleaned_data[name] for name in BaseForm.Meta.fields} | {"presences": self.presences()}


_MEASURED = re.compile(r"([0-9０-９]+(?:[.．][0-9０-９]+)?)\s*([^\d\s]{1,10})")


def portion_of(line: str) -> Portion | None:
    """鯛：60g as a portion; None for an empty line."""
    food, colon, quantity = tidy(line).replace(":", "：").rpartition("：")
    if not colon:
        food, quantity = quantity, ""
    if not food and not quantity:
        return None
    measured = _MEASURED.fullmatch(quantity.strip())
    if measured:
        return Portion(food.strip(), nfkc(measured[1]), measured[2])
    return Portion(food.strip(), quantity.strip())


def food_lines(rows: Iterable[DishFood]) -> str:
    """The recipe as it is typed (foods selected)."""
    return "\n".join(
        f"{row.food.name}：{row.quantity}{row.unit}"
        if row.quantity or row.unit or "：" in row.food.name
        else row.food.name
        for row in rows
    )


def field_name(allergen: Allergen) -> str:
    """The name of an allergen's field."""
    return f"allergen_{allergen.code}"


class CourseForm(forms.ModelForm):
    """A course. Its dishes are chosen one by one (`menus.picked`)."""

    revision = forms.IntegerField(required=False, min_value=1, max_value=2**31 - 1, widget=forms.HiddenInput)

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
        if self.instance.pk:
            self.initial.setdefault("revision", self.instance.revision)
        self.fields["price"].validators.append(MinValueValidator(0))
        if "price" not in (kwargs.get("initial") or {}) and self.instance.price is not None:
            self.initial["price"] = format(self.instance.price.normalize(), "f")

    def stored_otherwise(self, now: "CourseForm") -> list[tuple[str, str]]:
        """(label, words) of what is stored differently from what was typed, `now` being the form of what is stored."""
        return stored_otherwise(self, now)

    def validate_unique(self) -> None:
        """Name and version are the service's business: a changed name may be a new version."""

    def values(self) -> dict[str, Any]:
        """What the services take."""
        return {name: self.cleaned_data[name] for name in CourseForm.Meta.fields}
