"""Exact money in both databases.

PostgreSQL keeps numeric(18, 4). SQLite has no exact decimal and its SUM of decimals is a float, so the amount is kept there
as a whole number of ten-thousandths: SUM of whole numbers is exact up to 9.2 * 10^14 currency units.
"""

from decimal import Decimal
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from django.core import exceptions, validators
from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models.expressions import Combinable
from django.utils.translation import gettext_lazy as _

MAX_DIGITS = 18
DECIMAL_PLACES = 4
SCALE = 10**DECIMAL_PLACES
QUANTUM = Decimal(1).scaleb(-DECIMAL_PLACES)
LIMIT = Decimal(10) ** (MAX_DIGITS - DECIMAL_PLACES)

SetType = TypeVar("SetType", contravariant=True)
GetType = TypeVar("GetType", covariant=True)

if TYPE_CHECKING:

    class AmountBase(models.Field[SetType, GetType]):
        """What django-stubs needs to know, to make the type optional where the column is."""

        _pyi_private_set_type: Decimal | int | str | Combinable
        _pyi_private_get_type: Decimal
else:

    class AmountBase(models.Field, Generic[SetType, GetType]):
        """The plain field at run time."""


class AmountField(AmountBase[SetType, GetType]):
    """An amount with four decimals, in the currency its row names."""

    description = _("Exact amount")
    empty_strings_allowed = False

    def db_type(self, connection: BaseDatabaseWrapper) -> str:
        """numeric(18, 4), or bigint on SQLite."""
        return "bigint" if connection.vendor == "sqlite" else f"numeric({MAX_DIGITS}, {DECIMAL_PLACES})"

    def get_internal_type(self) -> str:
        """Not DecimalField: Django would cast sums to floats on SQLite."""
        return "AmountField"

    def to_python(self, value: Any) -> Decimal | None:
        """Return a Decimal. Raises ValidationError."""
        if value is None or isinstance(value, Decimal):
            return value
        try:
            return Decimal(str(value))
        except ArithmeticError as error:
            raise exceptions.ValidationError(_("Write the amount in digits."), code="invalid") from error

    def get_prep_value(self, value: Any) -> Decimal | None:
        """Return the value as a Decimal."""
        return self.to_python(super().get_prep_value(value))

    def get_db_prep_value(self, value: Any, connection: BaseDatabaseWrapper, prepared: bool = False) -> Any:
        """Scale for SQLite. Raises ValueError beyond four decimals or 14 digits before the point."""
        if not prepared:
            value = self.get_prep_value(value)
        if not isinstance(value, Decimal):
            return value
        return scaled(value) if connection.vendor == "sqlite" else exact(value)

    def from_db_value(self, value: Any, expression: Any, connection: BaseDatabaseWrapper) -> Decimal | None:
        """Undo the scaling."""
        if value is None or connection.vendor != "sqlite":
            return value  # type: ignore[no-any-return]
        return unscaled(value)

    def formfield(self, **kwargs: Any) -> Any:
        """A decimal input of the form."""
        from django import forms

        defaults: dict[str, Any] = {
            "form_class": forms.DecimalField,
            "max_digits": MAX_DIGITS,
            "decimal_places": DECIMAL_PLACES,
        }
        return super().formfield(**(defaults | kwargs))

    @property
    def validators(self) -> list[Any]:
        """Digits and decimals that fit."""
        return [*super().validators, validators.DecimalValidator(MAX_DIGITS, DECIMAL_PLACES)]

    def value_to_string(self, obj: models.Model) -> str:
        """For serializers."""
        value = self.value_from_object(obj)
        return "" if value is None else format(value, "f")


def exact(value: Decimal) -> Decimal:
    """Return the amount with four decimals. Raises ValueError when it does not fit exactly."""
    if not value.is_finite() or abs(value) >= LIMIT:
        raise ValueError(f"{value} does not fit an amount of {MAX_DIGITS} digits.")
    quantized = value.quantize(QUANTUM)
    if quantized != value:
        raise ValueError(f"{value} has more than {DECIMAL_PLACES} decimals.")
    return quantized


def scaled(value: Decimal) -> int:
    """Return the amount as ten-thousandths, the form SQLite keeps."""
    return int(exact(value) * SCALE)


def unscaled(value: int) -> Decimal:
    """Return the amount that `scaled` was given."""
    return Decimal(value).scaleb(-DECIMAL_PLACES)
