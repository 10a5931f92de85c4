"""The one normaliser."""

import pytest

from customers.normalising import Beyond, is_latin, kept, needs_kana, normaliser_of, phone_number


@pytest.mark.parametrize(
    ("field", "written", "value"),
    [
        ("name", "　渡邉　　健一 ", "渡邉 健一"),
        ("name", "ＪＯＨＮ　Ｓｍｉｔｈ", "JOHN Smith"),
        ("name", "神﨑 羽生", "神﨑 羽生"),
        ("kana", "ﾀｶﾊｼ みほ", "タカハシ ミホ"),
        ("company_name", "丸紅㈱", "丸紅㈱"),
        ("title", "ＣＥＯ（代表）", "CEO（代表）"),
        ("phone_4", "０９０ー１２３４ー５６７８", "090-1234-5678"),
        ("phone_0", "+81 90-1234-5678", "090-1234-5678"),
        ("phone_0", "03-1234-5678 内線12", "03-1234-5678 内線12"),
        ("phone_0", "+44 20 7946 0018", "+44 20 7946 0018"),
        ("postal_code", "〒６００ー８００１", "6008001"),
        ("office_address", "港区１−２−３　Ａ棟", "港区1-2-3 A棟"),
        ("address", "デパートー１階", "デパートー1階"),
        ("email", " ｙａｍａｄａ＠EXAMPLE.com", "yamada@example.com"),
        ("code", "13085.0", "13085"),
        ("note", "一行目\r\n二行目 ", "一行目\n二行目"),
    ],
)
def test_what_is_kept(field, written, value):
    """One width and one kind of hyphen; kanji as written; the same again when it is read again."""
    assert kept(field, written) == value
    assert kept(field, value) == value
    assert normaliser_of(field)(written).beyond == ()


@pytest.mark.parametrize(
    ("field", "written", "value", "beyond"),
    [
        ("name", "渡邉健一様", "渡邉健一", Beyond.HONORIFIC),
        ("name", "田中 先生", "田中", Beyond.HONORIFIC),
        ("kana", "watanabe", "ワタナベ", Beyond.ROMAJI),
        ("phone_0", "9012345678", "090-1234-5678", Beyond.ZERO),
    ],
)
def test_what_is_more_than_looks(field, written, value, beyond):
    """Named, so that a person is shown it."""
    found = normaliser_of(field)(written)
    assert (found.value, found.beyond) == (value, (beyond,))


@pytest.mark.parametrize("name", ["王様", "先生", "鈴木先生", "小殿"])
def test_names_that_only_look_like_honorifics_stay(name):
    """Two characters with 様, or 先生 without a blank."""
    assert kept("name", name) == name


def test_words_are_no_number():
    """No digits, no number."""
    assert phone_number("不明").digits == ""


def test_who_needs_kana():
    """Japanese names do; Latin letters and other languages do not."""
    assert is_latin("José Núñez-O’Brien")
    assert not is_latin("")
    assert needs_kana("渡邉 健一")
    assert not needs_kana("王 小明", "zh")
