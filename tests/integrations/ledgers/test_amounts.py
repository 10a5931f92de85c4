"""Sums in ledgers. Pure."""

from decimal import Decimal

import pytest

from crm_project.core.money import AmountError
from integrations.ledgers.amounts import names_a_sum, written_amount


@pytest.mark.parametrize(
    ("written", "amount"),
    [
        ("50万円", 500_000), ("1万5千円", 15_000), ("120千円", 120_000), ("１．５万", 15_000), ("3万2500円", 32_500), ("￥12万-", 120_000),
        ("12,000円", 12_000), ("△3,000", -3000), (8000.0, 8000),
    ],
)  # fmt: skip
def test_sums_in_the_units_people_count_in(written, amount):
    assert written_amount(written) == Decimal(amount)


@pytest.mark.parametrize("written", ["時価", "万", "@12,000円", "一万円", "10万円くらい", "10万円（税込）", "5万〜6万"])
def test_words_that_are_no_sum_are_said(written):
    with pytest.raises(AmountError):
        written_amount(written)


@pytest.mark.parametrize(
    ("written", "tells"), [("時価", False), ("不明", False), ("@12,000円", True), ("一万円", True), ("約５万", True)]
)
def test_words_that_tell_a_sum_are_known(written, tells):
    assert names_a_sum(written) is tells
