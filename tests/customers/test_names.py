"""Which two ways of writing are one legal name."""

from importlib import import_module

import pytest

from crm_project.core.text import compare_key
from customers.names import company_identity, company_name, has_legal_form, legal_form


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
        ("(農業協同組合)丸紅", "農業協同組合丸紅"),
        ("丸紅(株京都", "丸紅(株京都"),
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
        ("特別医療法人花会", "特別医療法人"),
        ("認定特定非営利活動法人花", "認定特定非営利活動法人"),
        ("土地家屋調査士法人花", "土地家屋調査士法人"),
        ("職業訓練法人花", "職業訓練法人"),
        ("花森林組合", "森林組合"),
        ("特定目的会社花", "特定目的会社"),
        ("農業協同組合花", "農業協同組合"),
        ("花農業協同組合", "農業協同組合"),
        ("花農業協同組合京都支店", "農業協同組合"),
        ("医療法人社団花会", "医療法人社団"),
        ("花医療法人社団", "医療法人社団"),
        ("ｶ)ﾊﾅ", "株式会社"),
        ("(ユ)ハナ", "有限会社"),
        ("ハナ(ド", "合同会社"),
        ("ハナ（メ）", "合名会社"),
        ("ハナ(シ)キョウトシテン", "合資会社"),
        ("X)花", ""),
        ("花(X", ""),
        ("花(X)京都支店", ""),
        ("カブシキガイシャハナ", "株式会社"),
        ("ハナユウゲンガイシャ", "有限会社"),
        (" Hana Inc. ", "INC."),
        ("Hana Inc Tokyo", ""),
        ("花学校法人事務局", ""),
        ("花株式会社支店長会", ""),
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


def test_a_company_as_it_is_printed():
    """Without the word that addresses it; no other word is taken off."""
    found = company_name("㈱花　　京都  御中")
    assert (found.name, found.kind, found.key) == ("㈱花 京都", "株式会社", "株式会社花京都")
    assert company_name("花山様式会").name == "花山様式会"


def test_a_legal_form_anywhere_tells_that_it_is_no_person():
    for written in ("花学校法人事務局", "花（株）山田", "（株）花", "Hana Inc."):
        assert has_legal_form(written) is True
    for written in ("山田太郎", "山田（花子）", ""):
        assert has_legal_form(written) is False
