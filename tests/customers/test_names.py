"""Which two ways of writing are one legal name."""

import pytest

from customers.names import company_identity


@pytest.mark.parametrize("written", ["丸紅株式会社", "丸紅㈱", "丸紅（株）", "丸紅 (株)", "丸紅　株式会社"])
def test_the_same_legal_name(written):
    """Width, spaces and abbreviations."""
    assert company_identity(written) == "丸紅株式会社"


@pytest.mark.parametrize(
    ("one", "other"), [("丸紅㈱", "㈱丸紅"), ("丸紅", "丸紅㈱"), ("丸紅㈲", "丸紅㈱"), ("ABC㈱", "ABD㈱")]
)
def test_different_legal_names(one, other):
    """Front and back are kept apart: 株式会社丸紅 may be somebody else."""
    assert company_identity(one) != company_identity(other)


@pytest.mark.parametrize(
    ("written", "identity"),
    [("丸紅㈲", "丸紅有限会社"), ("（一社）丸紅", "一般社団法人丸紅"), ("丸紅(弁)", "丸紅弁護士法人")],
)
def test_an_abbreviated_form_is_written_out(written, identity):
    """In front or behind, of one character or two."""
    assert company_identity(written) == identity


def test_a_name_that_is_too_long_is_cut_to_the_column():
    """The column is indexed."""
    assert company_identity("丸" * 300) == "丸" * 200


def test_case_and_width_of_letters_are_one():
    """ＡＢＣ and abc."""
    assert company_identity("ＡＢＣ㈱") == company_identity("abc株式会社")
