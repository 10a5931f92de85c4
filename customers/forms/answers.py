"""Fields for the house's own items, by their kind; and the forms that define items and say what fields are for."""

from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from crm_project.core.audit.history import in_words_of
from crm_project.core.problems import InputProblem
from customers.attribute_values import LONGEST, read_answer
from customers.choices import AttributeKind, AttributeUse, YesNo
from customers.fields import AnyDateField, NormalisedField
from customers.models import Attribute, Customer, FieldPurpose
from customers.purposes import SHIPPED
from customers.wording import labels

BLANK = ("", "—")
GROUPS = {"consent": _("Consent")}


class NumberAnswerField(NormalisedField):
    """A number of an item, kept as people read it."""

    def __init__(self, *, attribute: Attribute, **kwargs: Any) -> None:
        self.attribute = attribute
        super().__init__(widget=forms.TextInput(attrs={"inputmode": "decimal"}), **kwargs)

    def to_python(self, value: Any) -> str:
        """The number; raises ValidationError for what is none."""
        try:
            return read_answer(self.attribute, super().to_python(value)).text
        except InputProblem as problem:
            raise ValidationError(str(problem)) from problem


def answer_field(attribute: Attribute, known: str) -> forms.Field:
    """The field of an item, filled with what is known; its help is what the house wants to know it for."""
    common: dict[str, Any] = {
        "label": attribute.name,
        "required": False,
        "initial": known,
        "help_text": attribute.purpose,
    }
    if attribute.kind == AttributeKind.NUMBER:
        return NumberAnswerField(attribute=attribute, **common)
    if attribute.kind == AttributeKind.DATE:
        return AnyDateField(**common | {"initial": date.fromisoformat(known) if known else None})
    if attribute.kind == AttributeKind.YES_NO:
        return forms.ChoiceField(choices=[BLANK, *YesNo.choices], **common)
    if attribute.kind == AttributeKind.CHOICE:
        # An answer that was taken off the list stays until somebody chooses another one.
        gone = [(known, known)] if known and known not in attribute.choices else []
        return forms.ChoiceField(choices=[BLANK, *((answer, answer) for answer in attribute.choices), *gone], **common)
    return NormalisedField(max_length=LONGEST, **common)


def plain_answer(value: Any) -> str:
    """The cleaned value of such a field as the services take it."""
    return value.isoformat() if isinstance(value, date) else str(value or "")


class AttributeForm(forms.Form):
    """An item of the house: what is asked, of what kind, and when it is asked again."""

    use_required_attribute = False

    name = NormalisedField(label=_("Name of the item"), max_length=40)
    purpose = NormalisedField(
        label=_("What and why"),
        max_length=200,
        required=False,
        help_text=_("Stands at the label, for those who ask the guest."),
    )
    kind = forms.ChoiceField(label=_("Kind"), choices=AttributeKind.choices)
    choices = forms.CharField(
        label=_("Answers to choose from"),
        widget=forms.Textarea(attrs={"rows": 4}),
        required=False,
        help_text=_("For the kind “choice”: one on each line."),
    )
    term_months = forms.IntegerField(
        label=_("Ask again after (months)"),
        min_value=1,
        max_value=600,
        required=False,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
        help_text=_("Blank: it never changes."),
    )
    use = forms.ChoiceField(
        label=_("Shown"),
        choices=AttributeUse.choices,
        required=False,
        help_text=_("Chair or tatami, the car, topics to avoid: what the room has to know before the guest arrives."),
    )
    is_active = forms.BooleanField(
        label=_("In use"),
        required=False,
        initial=True,
        help_text=_("A retired item keeps what is known and asks nobody."),
    )

    def __init__(self, *args: Any, attribute: Attribute | None = None, **kwargs: Any) -> None:
        if attribute is not None:
            kwargs["initial"] = {
                name: getattr(attribute, name)
                for name in ("name", "purpose", "kind", "term_months", "use", "is_active")
            } | {"choices": "\n".join(attribute.choices)}
        super().__init__(*args, **kwargs)

    def clean_choices(self) -> list[str]:
        """One answer a line."""
        return [line for line in self.cleaned_data["choices"].splitlines() if line.strip()]


class PurposesForm(forms.Form):
    """The line "what and why" of every built-in field; blank brings back the shipped one."""

    use_required_attribute = False

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        own = dict(FieldPurpose.objects.values_list("field", "text"))
        names = labels()
        for name, line in SHIPPED.items():
            self.fields[name] = NormalisedField(
                label=names.get(name) or GROUPS.get(name) or in_words_of(Customer, name, None)[0],
                max_length=200,
                required=False,
                initial=own.get(name, ""),
                widget=forms.TextInput(attrs={"placeholder": line, "autocomplete": "off"}),
            )
