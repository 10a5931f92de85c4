import json
from pathlib import Path

import pytest

from crm_project.core.allergens.choices import Presence
from crm_project.core.allergens.legal_lists import ALLERGENS, LISTS
from menus.proposals import lexicon, proposed, proposed_for_dish

ALIASES = {code: [name, *aliases] for code, (name, _english, aliases) in ALLERGENS.items()}
EVERYTHING, INGREDIENTS = lexicon(ALIASES), lexicon(ALIASES, composed=False)
LEGAL = {code for lists in LISTS.values() for codes in lists for code in codes} - {"matsutake"}


def of(name):
    """The legal allergens a name suggests: `egg` contains, `egg?` may contain."""
    found = proposed(name, EVERYTHING)
    return {code + ("" if found[code] == Presence.CONTAINS else "?") for code in found if code in LEGAL}


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("ボンレスハム　短冊　卵抜き", "pork milk? soybean?"),
        ("チキンコンソメ　乳・卵抜き", "chicken wheat? soybean?"),
        ("だし削り節　鯖抜き", ""),
        ("（袋）おかかふりかけ（２７品目フリー）", ""),
        ("アレルゲンフリーのカレールウ", ""),
        ("特定原材料２８品目不使用ハンバーグ", ""),
        ("小麦不使用しょうゆ", "soybean"),
        ("グルテンフリーパスタ", ""),
        ("ノンエッグマヨネーズ", "soybean?"),
        ("卵を使わないケーキ", "wheat milk? soybean?"),
        ("食パン（卵・乳不使用）", "wheat soybean?"),
        ("型抜きかまぼこ（星）", "egg? wheat? shrimp? crab?"),
        ("骨抜きさば", "mackerel"),
        ("卵フリーズドライ", "egg"),
        ("鶏ナシゴレン", "chicken"),
        ("りんご・なし", "apple"),
        ("小麦アレルギー対応うどん", ""),
        ("ハム（卵・乳たんぱく不使用）", "pork soybean?"),
        ("卵・乳・小麦・えび・かに抜きコロッケ", "soybean?"),
        ("卵乳不使用ウインナー", "pork soybean? wheat?"),
        ("えびは使用していません", ""),
        ("牛乳 卵不使用", "milk"),
        ("豆腐・卵抜き", "soybean"),
    ],
)
def test_what_a_name_denies_is_not_proposed(name, said):
    assert of(name) == set(said.split())


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("豆乳", "soybean"),
        ("米粉", ""),
        ("ココナッツミルク", ""),
        ("アーモンドミルク", "almond"),
        ("卵豆腐", "egg wheat? soybean?"),
        ("ごま豆腐", "sesame"),
        ("牛蒡", ""),
        ("牛乳", "milk"),
        ("馬鈴薯", ""),
        ("いかなご", ""),
        ("中華蕎麦", "wheat"),
        ("かき氷", ""),
        ("フルーツパンチ", ""),
        ("スパイシーチキン", "chicken"),
        ("プルーン", ""),
        ("いちごまるごと", ""),
        ("海老を柔らかに煮て", "shrimp"),
        ("まぐろの角煮", "wheat soybean"),
        ("かにと帆立の茶碗むし", "crab egg"),
        ("とんかつ", "pork wheat egg? milk? soybean?"),
        ("海鮮かき揚げ", "wheat egg? shrimp? crab? squid?"),
        ("すいか", ""),
        ("ドライカレー", "wheat milk? soybean? beef? chicken? pork? apple?"),
        ("そばかす", ""),
        ("焼きそば", "wheat"),
        ("中華そば", "wheat"),
        ("そば粉", "buckwheat"),
        ("ざるそば", "buckwheat wheat?"),
        ("ピーナッツかぼちゃ", ""),
        ("バターナッツかぼちゃ", ""),
        ("バターピーナッツ", "peanut milk?"),
        ("カカオバター", ""),
        ("えびいも", ""),
        ("海老芋の含め煮", "wheat? soybean?"),
        ("かにかま", "crab? egg? wheat? shrimp?"),
        ("胡桃", "walnut"),
        ("鶏卵", "egg"),
        ("うずら卵", "egg"),
        ("鶏もも肉", "chicken"),
        ("鶏肉　もも・皮なし　カット", "chicken"),
        ("牛もも", "beef"),
        ("白桃（缶）", "peach"),
        ("（個）ももゼリー　国産", "peach gelatin?"),
        ("すもも", ""),
        ("清酒", ""),
        ("塩さけ", "salmon"),
        ("さば味噌煮", "mackerel soybean wheat?"),
        ("ごまさば", "mackerel"),
        ("ごまめ", ""),
        ("長芋", "yam"),
        ("とろろ昆布", ""),
        ("りんご酢", "apple"),
        ("大豆油", "soybean"),
        ("豚肉ミンチ", "pork"),
        ("合いびき肉", "beef pork"),
        ("さつまいも（スライス天ぷら用）", ""),
        ("バター風味", "milk?"),
        ("シャインマスカット", ""),
        ("パイナップル", ""),
        ("ビーフン", ""),
        ("栗", ""),
        ("乳化剤", ""),
    ],
)
def test_a_word_inside_another_word_is_not_that_word(name, said):
    assert of(name) == set(said.split())


@pytest.mark.parametrize(
    ("name", "foods", "said"),
    [
        ("ハムサラダ", ["ロースハム　卵抜き"], "pork milk? soybean?"),
        ("マヨネーズあえ", ["卵不使用マヨネーズ"], "soybean?"),
        ("ごまあえ", ["人参"], "sesame"),
        ("カレーライス", ["米粉", "カレー粉"], ""),
        ("カレーライス", [], "wheat milk? soybean? beef? chicken? pork? apple?"),
        ("卵抜きサラダ", ["鶏卵"], "egg"),
    ],
)
def test_a_recipe_says_more_than_the_name_of_the_dish(name, foods, said):
    found = proposed_for_dish(name, foods, EVERYTHING, INGREDIENTS)

    marked = {code + ("" if presence == Presence.CONTAINS else "?") for code, (presence, _why) in found.items()}
    assert marked == set(said.split())


def test_the_houses_own_words_count():
    known = lexicon({"tomato": ["トマト", "桃太郎"], "mango": ["マンゴー"]})

    assert proposed("完熟マンゴー", known) == {"mango": Presence.CONTAINS}
    assert proposed("マンゴー抜き", known) == {}


@pytest.mark.parametrize(
    "name", ["", " ", "抜き", "フリー", "卵" * 120, "\x00", "\ud800", "🍣", "１" * 120 + "品目フリー"]
)
def test_any_text_is_read(name):
    proposed(name, EVERYTHING)


def test_two_hundred_dishes_read_by_hand():
    """Menus of Takamatsu's school kitchens (CC BY 4.0, Takamatsu City); what their foods hold was decided by a person."""
    dishes = json.loads((Path(__file__).parent / "data" / "kondate_200.json").read_text(encoding="utf-8"))
    certain = flagged = said_contains = right = possible = possible_flagged = 0
    for dish in dishes:
        suggested = proposed_for_dish(dish["dish"], dish["foods"], EVERYTHING, INGREDIENTS)
        found = {code: presence for code, (presence, _why) in suggested.items() if code in LEGAL}
        certain += len(dish["contains"])
        flagged += sum(code in found for code in dish["contains"])
        possible += len(dish["may_contain"])
        possible_flagged += sum(code in found for code in dish["may_contain"])
        said = {code for code, presence in found.items() if presence == Presence.CONTAINS}
        said_contains += len(said)
        right += len(said & set(dish["contains"]))

    assert (len(dishes), certain, flagged) == (200, 473, 473)
    assert (possible, possible_flagged) == (313, 303)
    assert right / said_contains > 0.99
