"""Form fields that accept what people type in Japan and hand on what is stored: see `normalising`."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import EmailValidator
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from crm_project.core import text
from crm_project.core.dates import DateError, parse_date, parse_month_day
from customers import normalising

LONGEST_NUMBER = 15


class TidyField(forms.CharField):
    """Text without outer blanks, control and invisible characters; `lines=True` for text of several lines."""

    def __init__(self, *, lines: bool = False, **kwargs: Any) -> None:
        self.lines = lines
        if lines:
            kwargs.setdefault("widget", forms.Textarea(attrs={"rows": 3}))
        super().__init__(**kwargs)

    def to_python(self, value: Any) -> str:
        """The tidy text."""
        return text.tidy(super().to_python(value) or "", lines=self.lines)


class NormalisedField(TidyField):
    """A short text that goes through one of the normalisers."""

    normalise: Callable[[str], normalising.Normalised] = staticmethod(normalising.plain)

    def to_python(self, value: Any) -> str:
        """The value that is kept."""
        return type(self).normalise(super().to_python(value)).value


class NameField(NormalisedField):
    """A guest's name; an honorific behind it is no part of it."""

    normalise = staticmethod(normalising.name)


class KanaField(NormalisedField):
    """A reading in kana of any width, stored as full-width katakana; Latin letters become kana when they are romaji."""

    normalise = staticmethod(normalising.kana)


class CodeField(NormalisedField):
    """A code: full-width letters and digits narrowed."""

    normalise = staticmethod(normalising.code)


class AddressField(NormalisedField):
    """An address: digits narrow, one kind of hyphen between them."""

    normalise = staticmethod(normalising.address)


class EmailField(NormalisedField):
    """An e-mail address of any width. A plain text input: browsers refuse full-width letters before anybody sees them."""

    normalise = staticmethod(normalising.email)
    default_validators = [EmailValidator()]

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("widget", forms.TextInput(attrs={"inputmode": "email", "autocomplete": "off"}))
        super().__init__(**kwargs)


class PhoneField(NormalisedField):
    """One phone number as people write it."""

    normalise = staticmethod(normalising.phone)

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("widget", forms.TextInput(attrs={"inputmode": "tel", "autocomplete": "off"}))
        kwargs.setdefault("max_length", 60)
        super().__init__(**kwargs)

    def validate(self, value: str) -> None:
        """Refuse what has no digits, or more than a number can have."""
        super().validate(value)
        if value and not 4 <= len(text.phone_digits(value)) <= LONGEST_NUMBER:
            raise ValidationError(_("Write one phone number, such as 090-1234-5678."))


class CompanyPhoneField(NormalisedField):
    """A company's number, which may say more than digits: 代表, 内線."""

    normalise = staticmethod(normalising.phone)


class PostalCodeField(TidyField):
    """A Japanese postal code of any width, stored as seven digits."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("widget", forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}))
        super().__init__(**kwargs)

    def to_python(self, value: Any) -> str:
        """Seven digits; raises ValidationError for anything else."""
        written = super().to_python(value)
        digits = normalising.postal_code(written).value
        if written and not digits:
            raise ValidationError(_("Write seven digits, such as 600-8001."))
        return digits

    def prepare_value(self, value: Any) -> Any:
        """Seven digits as people write them."""
        is_digits = isinstance(value, str) and len(value) == 7 and value.isascii() and value.isdecimal()
        return f"{value[:3]}-{value[3:]}" if is_digits else value


class AnyDateField(forms.Field):
    """A day as people write it: 1961/4/1, 昭和36年4月1日, S36.4.1."""

    widget = forms.TextInput

    def to_python(self, value: Any) -> date | None:
        """The day; raises ValidationError for what is no day."""
        try:
            return parse_date(value)
        except DateError as error:
            raise ValidationError(str(error)) from error

    def prepare_value(self, value: Any) -> Any:
        """Days as 1961/4/1 in the input."""
        return f"{value.year}/{value.month}/{value.day}" if isinstance(value, date) else value


@dataclass(frozen=True, slots=True)
class Birthday:
    """A birthday: the day, or "MM-DD" when nobody knows the year; neither when nothing is known."""

    day: date | None = None
    month_day: str = ""


class BirthdayField(AnyDateField):
    """A birthday with or without its year: S36.4.1, 4月1日, 4/1; none that lies ahead (R36 for S36)."""

    def to_python(self, value: Any) -> Any:
        """A Birthday; raises ValidationError for what is no day."""
        try:
            month_day = parse_month_day(value)
        except DateError as error:
            raise ValidationError(str(error)) from error
        if month_day is not None:
            return Birthday(month_day=f"{month_day[0]:02d}-{month_day[1]:02d}")
        day = super().to_python(value)
        if day is not None and day > timezone.localdate():
            raise ValidationError(
                _("Nobody is born on a day to come. Write the year of birth, such as 1961/4/1 or S36.4.1.")
            )
        return Birthday(day=day)

    def prepare_value(self, value: Any) -> Any:
        """1961/4/1, or 4/1 when the year is not known."""
        if isinstance(value, Birthday):
            if value.month_day:
                return f"{int(value.month_day[:2])}/{int(value.month_day[3:])}"
            return super().prepare_value(value.day) if value.day else ""
        return super().prepare_value(value)
