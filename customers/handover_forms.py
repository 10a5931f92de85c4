"""The input boundary of a handover."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from crm_project.core.accounts.models import User
from crm_project.core.rights import Right
from crm_project.core.ui.row_fields import RowsField
from customers.choices import HandoverReason
from customers.fields import AnyDateField
from customers.models import Handover

THE_REST, CHOSEN = "rest", "chosen"
NOTE_LENGTH = 2000


def colleagues_led_by(by: User) -> QuerySet[User]:
    """Who works where one may hand over, and who works nowhere any more for who may everywhere."""
    people = User.objects.people().filter(memberships__venue__in=by.venues_with(Right.HAND_OVER))
    return User.objects.filter(pk__in=people.order_by().values("pk")).order_by("kana", "display_name", "pk")


class PersonField(forms.ModelChoiceField):
    """A colleague; a number no table can hold is nobody."""

    def clean(self, value: Any) -> Any:
        """Raises ValidationError for somebody who is not among the choices."""
        try:
            return super().clean(value)
        except OverflowError:
            raise ValidationError(self.error_messages["invalid_choice"]) from None


class HandoverForm(forms.Form):
    """Who hands over, why and until when."""

    use_required_attribute = False

    from_user = PersonField(label=_("Who hands over"), queryset=User.objects.none())
    reason = forms.ChoiceField(label=_("Why"), choices=HandoverReason.choices, widget=forms.RadioSelect)
    last_day = AnyDateField(label=_("Last day"), required=False)
    note = forms.CharField(
        label=_("What the successors should know"),
        max_length=NOTE_LENGTH,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    def __init__(self, *args: Any, by: User, **kwargs: Any) -> None:
        kwargs.setdefault("initial", {}).setdefault("reason", HandoverReason.CHANGES)
        super().__init__(*args, **kwargs)
        self.fields["from_user"].queryset = colleagues_led_by(by)  # type: ignore[attr-defined]


class AssignForm(forms.Form):
    """To whom, which guests, and what goes along."""

    use_required_attribute = False

    version = forms.IntegerField(widget=forms.HiddenInput, max_value=2**31 - 1)
    successors = RowsField(
        label=_("Who takes over"),
        queryset=User.objects.none(),
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Several take turns in the order of the list."),
        error_messages={"required": _("Choose who takes over.")},
    )
    which = forms.ChoiceField(
        label=_("Which guests"),
        choices=[(THE_REST, _("All without a successor")), (CHOSEN, _("Those ticked below"))],
        widget=forms.RadioSelect,
        initial=THE_REST,
    )
    with_the_rest = forms.BooleanField(
        label=_("Open work about other guests goes to the first of them"), required=False, initial=True
    )
    close_access = forms.BooleanField(label=_("Close the access now"), required=False)

    def __init__(self, *args: Any, handover: Handover, may_close: bool, **kwargs: Any) -> None:
        kwargs.setdefault("initial", {})["version"] = handover.version
        super().__init__(*args, **kwargs)
        people = User.objects.people().filter(is_active=True, memberships__isnull=False)
        field: Any = self.fields["successors"]
        field.queryset = (
            User.objects.filter(pk__in=people.order_by().values("pk"))
            .exclude(pk=handover.from_user_id)
            .order_by("kana", "display_name", "pk")
        )
        if may_close:
            self.fields["close_access"].help_text = _(
                "Roles, PIN and sessions of %(name)s end at once; what was written stays."
            ) % {"name": handover.from_user}
        else:
            del self.fields["close_access"]
