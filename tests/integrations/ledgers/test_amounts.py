"""Sums in words that are no amount. Pure."""

import pytest

from integrations.ledgers.amounts import names_a_sum


@pytest.mark.parametrize(
    ("written", "tells"),
    [("時価", False), ("不明", False), ("@12,000円", True), ("一万円くらい", True), ("約５万", True)],
)
def test_words_that_tell_a_sum_are_known(written, tells):
    assert names_a_sum(written) is tells
