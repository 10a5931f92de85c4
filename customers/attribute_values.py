"""What is written under an item of the house, read by its kind; and when it is old enough to be asked again. Pure functions."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Final

from django.utils.translation import gettext_lazy as _

from crm_project.core import text
from crm_project.core.dates import add_months, parse_date
from crm_project.core.problems import InputProblem
from customers.choices import AttributeKind, YesNo
from customers.normalising import one_width

if TYPE_CHECKING:
    from customers.models import Attribute

LONGEST: Final = 500
LARGEST: Final = Decimal(10) ** 14


@dataclass(frozen=True, slots=True)
class Answer:
    """A value as it is kept: always as text, numbers and days also as such. A blank text erases the value."""

    text: str
    number: Decimal | None = None
    day: date | None = None


def read_answer(attribute: "Attribute", written: str) -> Answer:
    """The answer in what was written. Raises InputProblem with a sentence that names the item."""
    tidy = one_width(text.tidy(str(written)))
    if not tidy:
        return Answer("")
    if len(tidy) > LONGEST:
        raise InputProblem(_("%(item)s: at most %(limit)s characters."), {"item": attribute.name, "limit": LONGEST})
    if attribute.kind == AttributeKind.NUMBER:
        number = _number(attribute, tidy)
        return Answer(f"{number:f}", number=number)
    if attribute.kind == AttributeKind.DATE:
        day = parse_date(tidy)
        return Answer(day.isoformat() if day else "", day=day)
    if attribute.kind == AttributeKind.CHOICE and tidy not in attribute.choices:
        raise InputProblem(_("%(item)s: “%(value)s” is not one of the answers."), _named(attribute, tidy))
    if attribute.kind == AttributeKind.YES_NO and tidy not in YesNo.values:
        raise InputProblem(_("%(item)s: answer yes or no."), _named(attribute, tidy))
    return Answer(tidy)


def _number(attribute: "Attribute", tidy: str) -> Decimal:
    try:
        number = Decimal(text.nfkc(tidy).replace(",", ""))
    except InvalidOperation as error:
        raise InputProblem(_("%(item)s: “%(value)s” is not a number."), _named(attribute, tidy)) from error
    if not number.is_finite() or abs(number) >= LARGEST or number != round(number, 4):
        raise InputProblem(
            _("%(item)s: “%(value)s” is too large, or has more than four decimals."), _named(attribute, tidy)
        )
    number = number.normalize()
    return number.quantize(Decimal(1)) if number == number.to_integral_value() else number


def _named(attribute: "Attribute", value: str) -> dict[str, object]:
    return {"item": attribute.name, "value": value}


def is_stale(attribute: "Attribute", confirmed_on: date, today: date) -> bool:
    """Whether an ageing value is older than its term, so that it asks to be confirmed."""
    return attribute.term_months is not None and add_months(confirmed_on, attribute.term_months) <= today
