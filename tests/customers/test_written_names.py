"""People of a cell."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from customers.written_names import read_names, says_no_name, without_deceased


def people(cell):
    found = read_names(cell)
    return [(one.name, one.kana, one.honorific) for one in (found.first, *found.others)]


@pytest.mark.parametrize(
    ("cell", "name", "kana", "honorific"),
    [
        ("山田　太郎", "山田 太郎", "", ""),
        ("山田太郎（やまだたろう）", "山田太郎", "ヤマダタロウ", ""),
        ("山田 太郎(ﾔﾏﾀﾞ ﾀﾛｳ)", "山田 太郎", "ヤマダ タロウ", ""),
        ("山田太郎（やまだたろう）様", "山田太郎", "ヤマダタロウ", "様"),
        ("山田太郎様（ヤマダタロウ）", "山田太郎", "ヤマダタロウ", "様"),
        ("山田太郎【ヤマダタロウ】", "山田太郎", "ヤマダタロウ", ""),
        ("ヤマダタロウ\n山田太郎", "山田太郎", "ヤマダタロウ", ""),
        ("山田太郎\nやまだたろう", "山田太郎", "ヤマダタロウ", ""),
        ("やまだたろう（山田太郎）", "山田太郎", "ヤマダタロウ", ""),
        ("山田 太郎 ヤマダ タロウ", "山田 太郎", "ヤマダ タロウ", ""),
        ("山田太郎 様", "山田太郎", "", "様"),
        ("鈴木先生", "鈴木", "", "先生"),
        ("山田太郎殿", "山田太郎", "", "殿"),
        ("山田さん", "山田", "", "さん"),
        ("㈱山田商店 御中", "㈱山田商店", "", "御中"),
        ("株式会社　ハルビン", "株式会社 ハルビン", "", ""),
        ("（株）すゞらん", "（株）すゞらん", "", ""),
        ("株式会社サン", "株式会社サン", "", ""),
        ("株式会社花（カブシキガイシャハナ）", "株式会社花", "カブシキガイシャハナ", ""),
        ("中華料理 ハルビン", "中華料理 ハルビン", "", ""),
        ("喫茶太陽サン", "喫茶太陽サン", "", ""),
        ("王様", "王様", "", ""),
        ("小殿", "小殿", "", ""),
        ("おかあさん", "おかあさん", "", ""),
        ("山田 さくら", "山田 さくら", "", ""),
        ("山田太郎〈やまだたろう〉", "山田太郎", "ヤマダタロウ", ""),
        ("山田（やまだ） 太郎（たろう）様", "山田 太郎", "ヤマダ タロウ", "様"),
        ("山田(やまだ)太郎(たろう)", "山田太郎", "ヤマダ タロウ", ""),
        ("山田太郎／ヤマダタロウ", "山田太郎", "ヤマダタロウ", ""),
        ("山田太郎　やまだたろう", "山田太郎", "ヤマダタロウ", ""),
        ("郷土料理 サヌキウドンテン", "郷土料理 サヌキウドンテン", "", ""),
        ("山田太郎 君", "山田太郎", "", "君"),
        ("山田花子ちゃん", "山田花子", "", "ちゃん"),
        ("食堂大ちゃん", "食堂大ちゃん", "", ""),
        ("Mr. John Smith", "John Smith", "", "Mr."),
        ("MISS IVY", "MISS IVY", "", ""),
        ("①山田太郎", "山田太郎", "", ""),
        ("・山田太郎、", "山田太郎", "", ""),
        ("みかづき。", "みかづき。", "", ""),
        ("山田太郎（たろちゃん）", "山田太郎（たろちゃん）", "", ""),
        ("ジョン・スミス", "ジョン・スミス", "", ""),
        ("株式会社山田・佐藤", "株式会社山田・佐藤", "", ""),
        ("山田商店・本店", "山田商店・本店", "", ""),
        ("お好み焼・鉄板焼 はな", "お好み焼・鉄板焼 はな", "", ""),
        ("とんかつ＆カレー 花家", "とんかつ＆カレー 花家", "", ""),
        ("木戸 旬の菜と旨い酒", "木戸 旬の菜と旨い酒", "", ""),
        ("回転寿司・骨付鳥 はな", "回転寿司・骨付鳥 はな", "", ""),
        ("山田脳外科・内科クリニック", "山田脳外科・内科クリニック", "", ""),
        ("すみれ歯科・矯正歯科", "すみれ歯科・矯正歯科", "", ""),
        ("ＪＯＨＮ　Ｓｍｉｔｈ", "JOHN Smith", "", ""),
        ("山田様　奥様", "山田", "", "様"),
        ("様", "様", "", ""),
        ("", "", "", ""),
    ],
)
def test_a_name_never_carries_its_furigana_nor_its_honorific(cell, name, kana, honorific):
    assert people(cell) == [(name, kana, honorific)]


@pytest.mark.parametrize(
    ("cell", "first", "other"),
    [
        ("山田太郎・花子", "山田太郎", "山田花子"),
        ("山田 太郎・花子", "山田 太郎", "山田 花子"),
        ("山田太郎 花子ご夫妻", "山田太郎", "山田花子"),
        ("山田 太郎 花子 ご夫妻様", "山田 太郎", "山田 花子"),
        ("山田太郎、佐藤次郎", "山田太郎", "佐藤次郎"),
        ("山田太郎様、佐藤次郎様", "山田太郎", "佐藤次郎"),
        ("山田様・佐藤様", "山田", "佐藤"),
        ("山田太郎（夫）・花子（妻）", "山田太郎", "山田花子"),
        ("山田太郎\n山田花子", "山田太郎", "山田花子"),
        ("山田太郎と花子", "山田太郎", "山田花子"),
        ("佐々木健・美穂", "佐々木健", "佐々木美穂"),
        ("林健太郎・花子", "林健太郎", "林花子"),
        ("井ノ上 健・さくら", "井ノ上 健", "井ノ上 さくら"),
        ("勅使河原健・花子", "勅使河原健", "勅使河原花子"),
    ],
)
def test_two_people_of_one_cell(cell, first, other):
    assert [name for name, _kana, _honorific in people(cell)] == [first, other]


def test_the_honorific_behind_is_everybodys():
    assert people("山田 太郎・花子 様") == [("山田 太郎", "", "様"), ("山田 花子", "", "様")]


@pytest.mark.parametrize(
    ("cell", "name", "word"),
    [
        ("山田ご夫妻", "山田", "ご夫妻"),
        ("山田太郎様 他3名", "山田太郎", "他3名"),
        ("山田太郎ご家族様", "山田太郎", "ご家族"),
    ],
)
def test_others_who_are_not_named(cell, name, word):
    found = read_names(cell)
    assert (found.first.name, found.others, found.together) == (name, (), word)


@pytest.mark.parametrize("cell", ["不明", "匿名", "－", "非公開", "（空欄）", "未定", "匿名希望"])
def test_nobody(cell):
    assert says_no_name(cell)
    assert not says_no_name("　")


@given(st.text("山田太郎花子やまたろ・、 \n（）()様ご夫妻先生ｱｲ㈱", max_size=16) | st.text())
def test_no_text_stops_a_ledger_and_a_name_that_was_read_stays(cell):
    found = read_names(cell)
    again = read_names(found.first.name)
    if not found.others:
        assert "\n" not in found.first.name or again.others
    for one in found.others:
        assert one.name


@pytest.mark.parametrize(
    "cell",
    [
        "山田花子（旧姓佐藤）",
        "山田花子(旧姓：佐藤)",
        "山田（旧姓・佐藤）花子",
        "山田花子 旧姓佐藤",
        "山田花子（旧：佐藤）",
    ],
)
def test_a_former_name_is_none_of_the_name(cell):
    first = read_names(cell).first
    assert (first.name, first.former) == ("山田花子", "佐藤")


def test_people_who_are_addressed_one_by_one():
    assert people("山田様 佐藤様") == [("山田", "", "様"), ("佐藤", "", "様")]
    assert people("山田太郎／はなこ") == [("山田太郎", "", ""), ("山田はなこ", "", "")]
    assert read_names("山田太郎様 奥様").together == "奥様"
    assert read_names("山田太郎ほか").together == "ほか"


@pytest.mark.parametrize("cell", ["故 山田太郎", "故山田太郎", "(故)山田太郎", "山田太郎（逝去）", "山田太郎（故人）"])
def test_who_is_dead(cell):
    assert without_deceased(cell) == ("山田太郎", True)
    assert without_deceased("故郷庵") == ("故郷庵", False)
