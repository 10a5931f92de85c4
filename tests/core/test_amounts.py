"""Amounts as the databases keep them: exact, or refused."""

from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest
from django.core.exceptions import ValidationError

from crm_project.core.amounts import AmountField, exact, scaled, unscaled

SQLITE: Any = SimpleNamespace(vendor="sqlite")
POSTGRESQL: Any = SimpleNamespace(vendor="postgresql")
LARGEST = Decimal("99999999999999.9999")


@pytest.mark.parametrize("amount", [LARGEST, -LARGEST, Decimal("0.0001"), Decimal(0), Decimal("9539484.634")])
def test_an_amount_comes_back_from_sqlite_as_it_went(amount):
    assert scaled(amount) == amount * 10_000
    assert isinstance(scaled(amount), int)
    assert unscaled(scaled(amount)) == amount


def test_an_exact_amount_has_four_decimals():
    assert str(exact(Decimal("1.5"))) == "1.5000"
    assert str(exact(Decimal("1.50000"))) == "1.5000"
    assert str(exact(LARGEST)) == "99999999999999.9999"


@pytest.mark.parametrize(
    ("amount", "reason"),
    [
        (Decimal("1.23456"), "1.23456 has more than 4 decimals."),
        (Decimal(10) ** 14, "does not fit an amount of 18 digits."),
        (-(Decimal(10) ** 14), "does not fit an amount of 18 digits."),
        (Decimal("NaN"), "NaN does not fit"),
        (Decimal("Infinity"), "Infinity does not fit"),
    ],
)
def test_what_a_column_cannot_keep_exactly_is_refused(amount, reason):
    for keep in (exact, scaled):
        with pytest.raises(ValueError, match=reason):
            keep(amount)


@pytest.mark.parametrize(
    ("value", "amount"), [(None, None), (Decimal("1.5"), Decimal("1.5")), (2, Decimal(2)), ("3.5", Decimal("3.5"))]
)
def test_a_field_reads_digits(value, amount):
    assert AmountField().to_python(value) == amount


def test_an_exact_amount_is_kept_as_it_is():
    amount = Decimal("1.50")
    assert AmountField().to_python(amount) is amount


def test_a_float_is_read_as_it_is_written():
    assert AmountField().to_python(0.1) == Decimal("0.1")


def test_a_field_refuses_words():
    with pytest.raises(ValidationError, match=r"\w") as refused:
        AmountField().to_python("一万円")
    assert refused.value.code == "invalid"


def test_each_database_gets_its_own_form():
    field = AmountField()
    assert field.get_db_prep_value("1.5", SQLITE) == 15_000
    assert str(field.get_db_prep_value("1.5", POSTGRESQL)) == "1.5000"
    assert field.get_db_prep_value(1.5, SQLITE, False) == 15_000
    assert field.get_db_prep_value(None, SQLITE) is None
    assert field.get_db_prep_value(Decimal("1.5"), SQLITE, prepared=True) == 15_000
    # What is prepared already is not read again.
    assert field.get_db_prep_value("1.5", SQLITE, prepared=True) == "1.5"
    assert field.from_db_value(15_000, None, SQLITE) == Decimal("1.5")
    assert field.from_db_value(Decimal("1.5"), None, POSTGRESQL) == Decimal("1.5")
    assert field.from_db_value(None, None, SQLITE) is None
