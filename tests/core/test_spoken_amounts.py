"""Amounts as they are said on the phone and written into ledgers."""

from decimal import Decimal

import pytest

from crm_project.core.problems import InputProblem
from crm_project.core.spoken_amounts import read_amount


@pytest.mark.parametrize(
    ("written", "amount"),
    [
        *(("25000", 25000), ("25,000円", 25000), ("¥25,000", 25000), ("0", 0)),
        *(
            ("2万5千", 25000),
            ("２万５千円", 25000),
            ("2.5万", 25000),
            ("2万5,500", 25500),
            ("3万", 30000),
            ("12万", 120000),
        ),
        *(("8千", 8000), ("8千5百", None), ("三万", 30000), ("一万五千円", 15000), ("二千", 2000), ("5千500円", 5500)),
        *(("50万円", 500000), ("120千円", 120000), ("１．５万", 15000), ("3万2500円", 32500), ("￥12万-", 120000)),
        *(("△3,000", -3000), (8000.0, 8000)),
        *(("時価", None), ("@12,000円", None), ("10万円くらい", None), ("10万円（税込）", None), ("5万〜6万", None)),
        *(("万", None), ("2億", None), ("円", None), ("たくさん", None), ("9" * 30 + "万", None), ("2.5千万", None)),
    ],
)
def test_amounts_as_they_are_said(written, amount):
    if amount is None:
        with pytest.raises(InputProblem):
            read_amount(written)
    else:
        assert read_amount(written) == Decimal(amount)


@pytest.mark.parametrize("written", ["", " ", "　"])
def test_a_blank_is_no_amount(written):
    assert read_amount(written) is None
