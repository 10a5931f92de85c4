"""Amounts as they stand in files and on screens."""

from decimal import Decimal

import pytest
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from crm_project.core.money import (
    AmountError,
    currency_digits,
    exact_sum,
    format_amount,
    parse_amount,
    parse_currency,
    plain,
    rounded,
)


@pytest.fixture(autouse=True)
def _english():
    with translation.override("en"):
        yield


@pytest.mark.parametrize(
    ("written", "amount"),
    [
        ("1,234", "1234"), ("1234.50", "1234.50"), ("１，２３４", "1234"), ("1,234円", "1234"), ("¥1,234", "1234"), ("￥1,234", "1234"),
        ("\\1,234", "1234"), (" 1,234　", "1234"), ("+5", "5"), (".5", "0.5"), ("1.50000", "1.5"), ("0", "0"), ("-0", "0"),
        ("-1,234", "-1234"), ("−１，２３４", "-1234"), ("△1,234", "-1234"), ("▲ 1,234", "-1234"), ("(1,234)", "-1234"),
        ("（1,234）", "-1234"), ("(¥1,234)", "-1234"), ("△¥5", "-5"), ("¥-5", "-5"), ("1,234-", "-1234"), ("￥1,234-", "1234"), ("1,234円-", "1234"), ("△¥5-", "-5"),
        ("12345678901234.5678", "12345678901234.5678"),
        (1234, "1234"), (-5.0, "-5"), (6.95, "6.95"), (0.1 + 0.2, "0.3"), (1000 / 3, "333.3333"), (9539484.634, "9539484.634"),
        ("ー5", "-5"), ("(0)", "0"), ("△0", "0"), (Decimal("-0"), "0"), (-0.0, "0"), (0.00001, "0"), (0.00005, "0"), (0.00015, "0.0002"),
        (0.00025, "0.0002"), (123456789012.2345, "123456789012.234"), (1e13, "10000000000000"), (99999999999999, "99999999999999"),
        (12345678901.25, "12345678901.25"), (1e5, "100000"), (Decimal("1E+3"), "1000"), (Decimal("1.2300"), "1.23"),
    ],
)  # fmt: skip
def test_amounts_as_people_and_spreadsheets_write_them(written, amount):
    found = parse_amount(written)
    assert found is not None
    assert found == Decimal(amount)
    assert "E" not in str(found)
    assert str(found).startswith("-") == (found < 0)
    assert -4 <= int(found.as_tuple().exponent) <= 0


def test_a_factor_may_have_more_decimals_than_an_amount():
    longest = "12345678901234.0123456789"
    assert parse_amount(longest, decimals=10) == Decimal(longest)
    assert parse_amount(0.0123456789, decimals=10) == Decimal("0.0123456789")
    assert parse_amount(0.00000000005, decimals=10) == 0
    with pytest.raises(AmountError, match="more than 10 decimals"):
        parse_amount("0.01234567891", decimals=10)


@pytest.mark.parametrize("blank", [None, "", " ", "　"])
def test_a_blank_is_no_amount(blank):
    assert parse_amount(blank) is None


@pytest.mark.parametrize(
    ("written", "reason"),
    [
        ("一万円", "“一万円” is not an amount: write digits, such as 10000"),
        ("1万円", "write digits, such as 10000"),
        ("５千円", "write digits, such as 10000"),
        ("一 万", "write digits, such as 10000"), ("壱万弐千参", "write digits, such as 10000"),
        ("一万円くらい", "write a number"), ("X万円", "write a number"), ("+(5)", "is not an amount"), ("(-5)", "is not an amount"),
        (1e14, "at most 14 digits"), (10**14, "at most 14 digits"), (-(10**14), "at most 14 digits"), (1e30, "at most 14 digits"),
        ("NaN", "is not an amount"), ("inf", "is not an amount"), ("1e5", "is not an amount"), ("1,23", "is not an amount"),
        ("12,34,567", "is not an amount"), ("1.234,50", "is not an amount"), ("(1,234", "is not an amount"), ("1)", "is not an amount"),
        ("-(5)", "is not an amount"), ("--5", "is not an amount"), ("-", "is not an amount"), ("円", "is not an amount"),
        ("$5", "is not an amount"), ("1 234", "is not an amount"), ("5%", "is not an amount"), ("abc", "is not an amount"),
        ("٣", "is not an amount"), (True, "is not an amount"), (float("nan"), "is not an amount"), (float("inf"), "is not an amount"),
        (Decimal("NaN"), "is not an amount"), ([], "is not an amount"),
        ("123456789012345", "at most 14 digits"), (1e15, "at most 14 digits"), (Decimal("1E+30"), "at most 14 digits"),
        ("1.23456", "more than 4 decimals"), (Decimal("0.00001"), "more than 4 decimals"),
    ],
)  # fmt: skip
def test_what_is_not_an_amount_says_why(written, reason):
    with pytest.raises(AmountError) as problem:
        parse_amount(written)
    assert reason in str(problem.value)


@given(st.decimals(min_value=-(10**13), max_value=10**13, places=4))
def test_every_stored_amount_survives_json_and_files(amount):
    assert parse_amount(plain(amount)) == amount
    assert parse_amount(f"{amount:,f}") == amount
    assert Decimal(plain(amount)) == amount
    assert "E" not in plain(amount)


@given(st.integers(-(10**9), 10**9))
def test_cents_in_a_number_cell_are_exact(cents):
    assert parse_amount(cents / 100) == Decimal(cents) / 100


@given(st.text("0123456789,.-△()（）¥円 　eE+万", max_size=10))
def test_no_text_breaks_the_reader(text):
    try:
        found = parse_amount(text)
    except AmountError:
        return
    assert found is None or found.is_finite()


def test_yen_are_shown_in_the_language_of_the_screen():
    for language in ("ja-jp", None):
        with translation.override(language):
            assert format_amount(Decimal(1000)) == "1,000円"
    with translation.override("ja"):
        assert format_amount(Decimal("1234567.4999")) == "1,234,567円"
        assert format_amount(Decimal("-1234567.5")) == "-1,234,568円"
        assert format_amount(Decimal("1234.5"), "GBP") == "£1,234.50"
    assert format_amount(Decimal("1234567")) == "¥1,234,567"
    assert format_amount(Decimal("-0.4")) == "¥0"
    assert format_amount(Decimal("-1234.5"), "GBP") == "-£1,234.50"
    assert format_amount(Decimal("1234.5"), "CHF") == "CHF 1,234.50"
    assert format_amount(Decimal("1.2345"), "KWD") == "KWD 1.235"


def test_currencies():
    assert [currency_digits(code) for code in ("JPY", "GBP", "KWD", "CLF", "XXX")] == [0, 2, 3, 4, 2]
    assert [currency_digits(code) for code in ("BIF", "XPF", "BHD", "TND", "UYW")] == [0, 0, 3, 3, 4]
    assert rounded(Decimal("0.5")) == 1
    assert rounded(Decimal("1E+40")) == Decimal("1E+40")
    assert [parse_currency(code) for code in ("gbp", "ＪＰＹ", "円", "￥", "usd　", " ")] == [
        "GBP",
        "JPY",
        "JPY",
        "JPY",
        "USD",
        "",
    ]
    with pytest.raises(AmountError, match="three letters"):
        parse_currency("pound")


@pytest.mark.parametrize(
    ("amount", "text"),
    [
        ("9539484.6340", "9539484.634"),
        ("0.0000", "0"),
        ("-0.00", "0"),
        ("100", "100"),
        ("1E+3", "1000"),
        ("1E-4", "0.0001"),
    ],
)
def test_amounts_in_json_have_no_exponent(amount, text):
    assert plain(Decimal(amount)) == text


def test_sums_are_exact_beyond_the_usual_precision():
    million = [Decimal("99999999999999.9999")] * 1000 + [Decimal("0.0001")] * 1000
    assert exact_sum(million) == Decimal("100000000000000000")
    assert exact_sum([Decimal(1).scaleb(30), Decimal("0.0001")]) == Decimal("1000000000000000000000000000000.0001")
    assert exact_sum([None, 2, "0.1"]) == Decimal("2.1")
    assert exact_sum([]) == 0
