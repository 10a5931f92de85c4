"""The input boundary of relations, posts and special days."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from crm_project.core.dates import DateError, parse_date, parse_month_day
from customers.choices import RelationKind
from customers.fields import AnyDateField, PhoneField, TidyField
from customers.models import Company, Customer
from customers.services.relations import day_kinds_of


class RelationForm(forms.Form):
    """Who somebody is to the guest; the guest itself is chosen by a picker beside it."""

    use_required_attribute = False

    kind = forms.ChoiceField(label=_("Relation"), choices=RelationKind.choices)
    other_name = TidyField(
        label=_("Name, without a card"),
        max_length=80,
        required=False,
        help_text=_("A secretary known by name only ..."),
    )
    other_phone = PhoneField(label=_("Phone"), required=False)
    note = TidyField(label=_("Note"), max_length=200, required=False)


class TransferForm(forms.Form):
    """Where a guest goes, and from when; blank: the guest leaves the company."""

    use_required_attribute = False

    on = AnyDateField(label=_("From"))
    company_name = TidyField(label=_("Company"), max_length=200, required=False)
    department = TidyField(label=_("Department"), max_length=120, required=False)
    title = TidyField(label=_("Post"), max_length=120, required=False)
    note = TidyField(label=_("Note"), max_length=200, required=False)

    def __init__(self, *args: Any, customer: Customer, **kwargs: Any) -> None:
        kwargs.setdefault(
            "initial",
            {
                "on": timezone.localdate(),
                "company_name": customer.company.name if customer.company else "",
                "department": customer.department,
                "title": customer.title,
            },
        )
        super().__init__(*args, **kwargs)


class SpecialDayForm(forms.Form):
    """A day of the year, with or without its year."""

    use_required_attribute = False

    kind = forms.ChoiceField(label=_("Occasion"))
    date = forms.CharField(label=_("Day"), max_length=40, help_text=_("4/1, 2001/4/1 or H13.4.1"))
    note = TidyField(label=_("Note"), max_length=200, required=False)

    def __init__(self, *args: Any, subject: Customer | Company, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["kind"].choices = [(kind.value, kind.label) for kind in day_kinds_of(subject)]  # type: ignore[attr-defined]

    def clean_date(self) -> dict[str, int | None]:
        """Month, day and year (None when it is not written)."""
        written = self.cleaned_data["date"]
        try:
            if without_year := parse_month_day(written):
                return {"month": without_year[0], "day": without_year[1], "year": None}
            day = parse_date(written)
        except DateError as error:
            raise ValidationError(str(error)) from error
        if day is None:
            raise ValidationError(_("Write a day, such as 4/1 or 2001/4/1."))
        return {"month": day.month, "day": day.day, "year": day.year}
