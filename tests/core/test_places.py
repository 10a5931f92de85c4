"""Addresses in their parts."""

import pytest
from django.utils import translation
from hypothesis import example, given
from hypothesis import strategies as st

from crm_project.core.places import AddressError, municipality, prefectures, split_address


@pytest.fixture(autouse=True)
def _english():
    with translation.override("en"):
        yield


def parts(written, lookup=None):
    found = split_address(written, lookup)
    return found.prefecture, found.city, found.rest


@pytest.mark.parametrize(
    ("written", "prefecture", "city", "rest"),
    [
        ("東京都港区六本木1-1", "東京都", "港区", "六本木1-1"),
        ("東京都 港区 六本木 1-1", "東京都", "港区", "六本木 1-1"),
        ("東京 港区六本木1-1", "東京都", "港区", "六本木1-1"),
        ("大阪市北区梅田1-1", "大阪府", "大阪市北区", "梅田1-1"),
        ("大阪府大阪市梅田1-1", "大阪府", "大阪市", "梅田1-1"),
        ("神奈川県港北区日吉1", "神奈川県", "横浜市港北区", "日吉1"),
        ("千葉市川市八幡1-1", "千葉県", "市川市", "八幡1-1"),
        ("千葉市中央区中央1-1", "千葉県", "千葉市中央区", "中央1-1"),
        ("福島石川郡石川町", "福島県", "石川郡石川町", ""),
        ("串本町串本1", "和歌山県", "東牟婁郡串本町", "串本1"),
        ("香川県まんのう町造田1", "香川県", "仲多度郡まんのう町", "造田1"),
        ("鎌が谷市中央1", "千葉県", "鎌ケ谷市", "中央1"),
        ("竜ヶ崎市1", "茨城県", "龍ケ崎市", "1"),
        ("塩釜市港町1", "宮城県", "塩竈市", "港町1"),
        ("四条畷市1", "大阪府", "四條畷市", "1"),
        ("千葉県巿川巿", "千葉県", "市川市", ""),
        ("四日市市", "三重県", "四日市市", ""),
        ("兵庫県", "兵庫県", "", ""),
        ("東京", "東京都", "", ""),
        ("東京都八丈島八丈町大賀郷1", "東京都", "八丈町", "大賀郷1"),
        ("東京都三宅村神着1", "東京都", "三宅村", "神着1"),
        ("日本、京都府京都市中京区架空町1", "京都府", "京都市中京区", "架空町1"),
        ("住所:京都市中京区架空町1", "京都府", "京都市中京区", "架空町1"),
    ],
)
def test_prefecture_municipality_and_the_rest(written, prefecture, city, rest):
    assert parts(written) == (prefecture, city, rest)
    assert split_address(written).remark is None


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("〒604-8571 京都府京都市中京区架空町1", "6048571"),
        ("〒6048571京都府京都市中京区架空町1", "6048571"),
        ("6048571 京都府京都市中京区架空町1", "6048571"),
        ("604-8571京都府京都市中京区架空町1", "6048571"),
        ("京都府京都市中京区架空町1 (〒604-8571)", "6048571"),
        ("日本、〒604-8571 京都府京都市中京区架空町1", "6048571"),
        ("京都府京都市中京区架空町1", ""),
    ],
)
def test_a_postcode_is_no_part_of_the_town(written, code):
    assert split_address(written).postal_code == code
    assert parts(written) == ("京都府", "京都市中京区", "架空町1")


@pytest.mark.parametrize(
    ("written", "city", "rest", "remark"),
    [
        ("埼玉県浦和市常盤1", "浦和市", "常盤1", "浦和市 belongs to さいたま市 today: kept as written"),
        ("田無市", "田無市", "", "田無市 belongs to 西東京市 today: kept as written"),
        ("浜松市中区1-1", "浜松市中区", "1-1", "浜松市中区 belongs to 浜松市中央区 today: kept as written"),
        ("兵庫県篠山市北新町1", "丹波篠山市", "北新町1", "篠山市 is called 丹波篠山市 today"),
        ("兵庫県篠山市", "篠山市", "", "篠山市 is called 丹波篠山市 today"),
        ("石川郡野々市町本町3", "野々市市", "本町3", "石川郡野々市町 is called 野々市市 today"),
        (
            "三重県一志郡嬉野町1",
            "一志郡嬉野町",
            "1",
            "一志郡嬉野町 is on no list of today's municipalities: kept as written",
        ),
        ("東京都世田屋区1", "", "世田屋区1", "no municipality of 東京都 is called as “世田屋区1” begins"),
        (
            "大阪府北区梅田1",
            "",
            "北区梅田1",
            "“梅田1” may be in any of 大阪府堺市北区、大阪府大阪市北区: write the prefecture",
        ),
    ],
)
def test_what_is_not_called_so_today_is_said(written, city, rest, remark):
    found = split_address(written)
    assert (found.city, found.rest, str(found.remark)) == (city, rest, remark)


@pytest.mark.parametrize("written", ["府中市", "中央区銀座1", "アメリカ合衆国", "昭和町3-2", "3-2", "", "架空町1"])
def test_what_cannot_be_told_is_not_guessed(written):
    with pytest.raises(AddressError):
        split_address(written)


def test_a_postcode_alone_is_kept():
    found = split_address("〒604-8571")
    assert (found.postal_code, found.prefecture, str(found.remark)) == ("6048571", "", "there is a postcode alone")
    assert parts("〒604-8571", lambda code, rest: {("京都府", "京都市中京区")}) == ("京都府", "京都市中京区", "")


def test_known_towns_decide():
    def lookup(code, rest):
        return {("東京都", "府中市")} if rest.startswith("宮西町") or code == "1830022" else set()

    assert parts("府中市宮西町2", lookup) == ("東京都", "府中市", "宮西町2")
    assert parts("宮西町2", lookup) == ("東京都", "府中市", "宮西町2")
    assert str(split_address("宮西町2", lookup).remark) == "府中市 was found by its town or postcode"
    assert parts("〒183-0022 府中市", lookup) == ("東京都", "府中市", "")
    with pytest.raises(AddressError):
        split_address("府中市架空町1", lookup)


def test_an_island_is_no_part_of_its_municipality():
    assert [municipality(city) for city in ("八丈島八丈町", "三宅島三宅村", "港区")] == ["八丈町", "三宅村", "港区"]


def test_every_municipality_is_found_again():
    for prefecture, cities in prefectures().items():
        for city in cities:
            assert parts(f"{prefecture}{city}架空一丁目1") == (prefecture, city, "架空一丁目1")


@given(st.text() | st.text("東京都港区京都市千葉県府中〒0123456789-番地ヶ ", max_size=20))
@example("6048571")
def test_no_text_stops_a_ledger(written):
    try:
        found = split_address(written)
    except AddressError:
        return
    if not found.prefecture:  # a postcode alone
        assert found.postal_code
        return
    assert found.prefecture in prefectures()
    assert parts(f"{found.prefecture}{found.city}{found.rest}")[0] == found.prefecture
