"""Phone numbers of a cell."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_project.core.phones import exchange_is_possible, international, read_phones, says_no_number
from crm_project.core.text import format_phone


def found(cell):
    return [(phone.digits, phone.label, phone.words) for phone in read_phones(cell)]


@pytest.mark.parametrize(
    ("cell", "numbers"),
    [
        ("03-5253-2111", [("0352532111", "", "")]),
        ("０３（５２５３）２１１１", [("0352532111", "", "")]),
        ("+81 (0)90-1111-2222", [("09011112222", "", "")]),
        ("0081-90-1111-2222", [("09011112222", "", "")]),
        ("010-81-3-5253-2111", [("0352532111", "", "")]),
        ("tel:+81-3-5253-2111", [("0352532111", "", "")]),
        ("☎ 〇九〇-一二三四-五六七八", [("09012345678", "", "")]),
        ("携帯: 090-1111-2222 自宅 03-1111-2222", [("09011112222", "mobile", ""), ("0311112222", "home", "")]),
        ("携帯090-1111-2222自宅03-1111-2222", [("09011112222", "mobile", ""), ("0311112222", "home", "")]),
        ("090-1111-2222（携帯）\n03-3333-4444（会社）", [("09011112222", "mobile", ""), ("0333334444", "work", "")]),
        ("090-1111-2222携帯 03-1111-2222自宅", [("09011112222", "mobile", ""), ("0311112222", "home", "")]),
        (
            "会社 03-1111-2222 内線123 / 携帯 080-1111-2222",
            [("0311112222", "work", "内線123"), ("08011112222", "mobile", "")],
        ),
        (
            "03-1111-2222（代表）内線205 FAX 03-1111-2223",
            [("0311112222", "work", "代表 内線205"), ("0311112223", "fax", "FAX")],
        ),
        ('="03-1111-2222"', [("0311112222", "", "")]),
        ("(秘)03-1111-2222", [("0311112222", "secretary", "秘")]),
        ("03-1111-2222(秘書 田中)", [("0311112222", "secretary", "秘書 田中")]),
        ("TEL.03-1111-2222 FAX.03-1111-2223", [("0311112222", "", ""), ("0311112223", "fax", "FAX")]),
        ("M:090-1111-2222 H:03-1111-2222", [("09011112222", "mobile", ""), ("0311112222", "home", "")]),
        ("03-1111-2222（代表）03-1111-2223（夜間）", [("0311112222", "work", "代表"), ("0311112223", "", "夜間")]),
        ("03-1111-2222（４５６号室呼出）", [("0311112222", "", "456号室呼出")]),
        ("03-1111-2222、3", [("0311112222", "", "、3")]),
        ("03-1111-2222～3", [("0311112222", "", "~3")]),
        ("03-1111-2222 090-1111-2222", [("0311112222", "", ""), ("09011112222", "", "")]),
        ("090-1111-2222 奥様 090-1111-3333", [("09011112222", "", ""), ("09011113333", "", "奥様")]),
        ("03-1111-2222 / 03-1111-2222", [("0311112222", "", "")]),
        ("+44 20 7946 0018", [("442079460018", "", "")]),
        ("010-44-20-7946-0018", [("442079460018", "", "")]),
        ("+1 (212) 555-0100, 090-1111-2222", [("12125550100", "", ""), ("09011112222", "", "")]),
        ("352532111", [("0352532111", "", "")]),
        ("9011112222、352532111", [("09011112222", "", ""), ("0352532111", "", "")]),
        ("5253-2111", [("52532111", "", "")]),
        ("お持ちでない", []),
        ("", []),
    ],
)
def test_numbers_are_told_apart_with_their_words(cell, numbers):
    assert found(cell) == numbers


def test_a_zero_that_was_put_back_is_said_of_its_number():
    assert [phone.zero_is_back for phone in read_phones("9011112222、03-1111-2222")] == [True, False]


@pytest.mark.parametrize(
    "cell",
    [
        "なし",
        "無",
        "不明",
        "非公開",
        "－",
        "000-0000-0000",
        "0000000000",
        "９９９９９９９９９９",
        "電話なし",
        "番号不明",
        "×",
        "",
    ],
)
def test_a_cell_that_says_there_is_none(cell):
    assert says_no_number(cell)


@pytest.mark.parametrize("cell", ["03-1111-2222", "お持ちでない", "0", "111-1111-1111"])
def test_other_words_are_not_that(cell):
    assert not says_no_number(cell)


@pytest.mark.parametrize(
    ("digits", "number"),
    [
        ("0352532111", "0352532111"),
        ("442079460018", "+442079460018"),
        ("00442079460018", "+442079460018"),
        ("001398765432", "001398765432"),
        ("00", "00"),
        ("52532111", "52532111"),
        ("", ""),
    ],
)
def test_a_number_abroad_gets_its_plus(digits, number):
    assert international(digits) == number


def test_an_exchange_begins_with_two_to_nine():
    assert exchange_is_possible("0352532111")
    assert exchange_is_possible("0120123456")
    assert exchange_is_possible("09012345678")
    assert not exchange_is_possible("0312345678")


@given(st.text())
def test_no_text_stops_a_ledger(cell):
    for phone in read_phones(cell):
        assert phone.digits.isascii()
        assert phone.digits.isdigit()
        assert phone.number
    assert isinstance(says_no_number(cell), bool)


@given(
    st.lists(st.from_regex(r"0[789]0[1-9][0-9]{7}", fullmatch=True), min_size=1, max_size=3, unique=True),
    st.sampled_from(["、", " / ", "\n", "　", "・"]),
)
def test_numbers_that_are_shown_are_read_again(numbers, between):
    assert [phone.digits for phone in read_phones(between.join(map(format_phone, numbers)))] == numbers
