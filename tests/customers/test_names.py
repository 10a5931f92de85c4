"""Which two ways of writing are one legal name."""

from importlib import import_module

import pytest

from crm_project.core.text import compare_key
from customers.names import company_identity, legal_form


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
    [
        ("丸紅㈲", "丸紅有限会社"),
        ("（一社）丸紅", "一般社団法人丸紅"),
        ("丸紅(弁)", "丸紅弁護士法人"),
        ("【株】丸紅", "株式会社丸紅"),
        ("[有]丸紅", "有限会社丸紅"),
        ("（株式会社）丸紅", "株式会社丸紅"),
        ("株）丸紅", "株式会社丸紅"),
        ("丸紅（株", "丸紅株式会社"),
        ("(社福)丸紅", "社会福祉法人丸紅"),
        ("（医社）丸紅", "医療法人社団丸紅"),
        ("(独)丸紅", "独立行政法人丸紅"),
        ("丸紅(独)", "丸紅(独)"),
    ],
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


@pytest.mark.parametrize(
    ("written", "form"),
    [
        ("株式 会社 花", "株式会社"),
        ("花(株)京都支店", "株式会社"),
        ("花株式会社 京都支店", "株式会社"),
        ("花監査法人京都事務所", "監査法人"),
        ("（医社）花会", "医療法人社団"),
        ("特定医療法人社団花会", "特定医療法人社団"),
        ("認定NPO法人花", "認定NPO法人"),
        ("花漁業協同組合", "漁業協同組合"),
        ("(農)花", "農事組合法人"),
        ("Hana KK", "K.K."),
        ("株式投資の会", ""),
        ("山田太郎(企)", ""),
    ],
)
def test_the_legal_form(written, form):
    assert legal_form(written) == form


def test_keys_of_before_get_their_form_in_full():
    """The migration does to a key what the house does to a name today."""
    key_with_form = import_module("customers.migrations.0021_company_keys_by_form").key_with_form
    for name in ("(社福)花会", "株)花", "花(株", "[有]花", "(独)花", "花(独)", "花㈱"):
        assert key_with_form(compare_key(name).casefold()) == company_identity(name)
