"""The values of a guest in words: for the history of a card, for conflicts and for what a merge puts side by side."""

from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from crm_project.core.allergens.choices import DietRule, Severity
from crm_project.core.audit.history import in_words_of
from crm_project.core.dates import japanese_date
from crm_project.core.ui.display_dates import format_date, in_japanese
from customers.choices import AddressLabel, AttributeKind, Channel, ConsentState, PhoneLabel, YesNo
from customers.guest_values import ADDRESS_PREFIXES, CONSENTS, attribute_of, attribute_value
from customers.models import Attribute, Customer

JOINED = "、"
CONFIRMED = "_confirmed"
# What stands as a code inside the lists of the trail.
CODED: dict[str, Any] = {
    str(value): label for choices in (PhoneLabel, ConsentState, DietRule, Severity) for value, label in choices.choices
}


class Labels(dict[str, str]):
    """Words by name; those of the house's items are fetched when the first of them is asked for."""

    def __contains__(self, name: object) -> bool:
        if (
            isinstance(name, str)
            and attribute_of(name.removesuffix(CONFIRMED)) is not None
            and not super().__contains__(name)
        ):
            for attribute in Attribute.objects.all():
                value = attribute_value(attribute.pk)
                self |= {value: attribute.name, value + CONFIRMED: _("%(item)s, confirmed") % {"item": attribute.name}}
        return super().__contains__(name)


def labels() -> Labels:
    """Words for the values of a guest that are no fields of its table."""
    address = {"postal_code": _("postcode"), "address": _("address"), "care_of": _("care of")}
    found = Labels(
        {
            "phones": _("phones"),
            "company_name": _("company"),
            "allergies": _("listed allergies"),
            "absorbed": _("merged card"),
            "absorbed_by": _("merged into the card"),
            "another_person": _("another person"),
            "diets": _("diet rules"),
            "relations": _("relations"),
            "special_days": _("special days"),
            "successor": _("Successor"),
            "birthday": _("birthday"),
            "birthday_month_day": _("birthday"),
        }
    )
    for label, prefix in ADDRESS_PREFIXES.items():
        for part, word in address.items():
            found[f"{prefix}{part}"] = word if label == AddressLabel.HOME else f"{AddressLabel(label).label}: {word}"
    for name, channel in CONSENTS.items():
        found[name] = _("consent: %(channel)s") % {"channel": Channel(channel).label}
    return found


def company_labels() -> dict[str, str]:
    """Words for what the trail says of a company beside the fields of its table."""
    return {"special_days": _("special days")}


def readable(name: str, value: object) -> object:
    """Lists and codes of such values as one line; what the table itself explains as it is."""
    if name == "phones" and isinstance(value, list):
        return JOINED.join(f"{PhoneLabel(label).label} {number}" for label, number in value)
    if name == "allergies" and isinstance(value, list):
        return JOINED.join(" ".join(filter(None, [what, str(Severity(how).label), note])) for what, how, note in value)
    if name == "diets" and isinstance(value, list):
        return JOINED.join(" ".join(filter(None, [str(DietRule(rule).label), note])) for rule, note in value)
    if name in CONSENTS and isinstance(value, list):
        state, day, note = value
        parts = [str(ConsentState(state).label), format_date(date.fromisoformat(day)) if day else "", note]
        return " ".join(filter(None, parts))
    if name == "birthday_month_day" and isinstance(value, str) and value:
        return month_day_in_words(value)
    if name.endswith("postal_code") and isinstance(value, str) and len(value) == 7:
        return f"{value[:3]}-{value[3:]}"
    if name.endswith(CONFIRMED) and isinstance(value, str) and value:
        return format_date(date.fromisoformat(value))
    return value


def month_day_in_words(month_day: str) -> str:
    """4月1日 or 1 Apr, of "04-01"."""
    day = date(2000, int(month_day[:2]), int(month_day[3:]))
    return format_date(day, "short").split("（")[0].split(" (")[0]


def birthday_in_words(customer: Customer) -> str:
    """The birthday in both calendars, or month and day alone; "" when it is not known."""
    if customer.birthday:
        return japanese_date(customer.birthday, weekday=False) if in_japanese() else format_date(customer.birthday)
    return month_day_in_words(customer.birthday_month_day) if customer.birthday_month_day else ""


def answer_in_words(attribute: Attribute, value: str) -> str:
    """What is known under an item, as people read it."""
    if attribute.kind == AttributeKind.YES_NO and value in YesNo.values:
        return str(YesNo(value).label)
    if attribute.kind == AttributeKind.DATE and value:
        return format_date(date.fromisoformat(value))
    return value


def value_in_words(name: str, value: Any) -> tuple[str, str]:
    """Label and one line of a value in the shape of `queries.values_of`, for a page that shows few of them."""
    label, line = in_words_of(Customer, name, readable(name, value))
    pk = attribute_of(name)
    attribute = Attribute.objects.filter(pk=pk).first() if pk is not None else None
    return label, answer_in_words(attribute, str(value or "")) if attribute else line
