"""Form fields that accept what people type in Japan and hand on what is stored."""

from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from crm_project.core import text
from crm_project.core.dates import DateError, parse_date

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


class KanaField(TidyField):
    """A reading in kana of any width, stored as full-width katakana."""

    def to_python(self, value: Any) -> str:
        """The reading; Latin letters become kana when they are romaji."""
        written = super().to_python(value)
        return text.tidy_kana(text.kana_from_romaji(written) or written)


class CodeField(TidyField):
    """A code: full-width letters and digits narrowed."""

    def to_python(self, value: Any) -> str:
        """The code."""
        return text.code_text(super().to_python(value))


class PhoneField(TidyField):
    """One phone number as people write it."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("widget", forms.TextInput(attrs={"inputmode": "tel", "autocomplete": "off"}))
        kwargs.setdefault("max_length", 60)
        super().__init__(**kwargs)

    def to_python(self, value: Any) -> str:
        """The number as written, in one width."""
        return text.nfkc(super().to_python(value))

    def validate(self, value: str) -> None:
        """Refuse what has no digits, or more than a number can have."""
        super().validate(value)
        if value and not 4 <= len(text.phone_digits(value)) <= LONGEST_NUMBER:
            raise ValidationError(_("Write one phone number, such as 090-1234-5678."))


class PostalCodeField(TidyField):
    """A Japanese postal code of any width, stored as seven digits."""

    def to_python(self, value: Any) -> str:
        """Seven digits; raises ValidationError for anything else."""
        written = super().to_python(value)
        digits = text.postal_code(written)
        if written and not digits:
            raise ValidationError(_("Write seven digits, such as 600-8001."))
        return digits


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
