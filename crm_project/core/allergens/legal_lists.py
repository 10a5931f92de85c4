"""The legal lists of Japan: 9 + 20 since 2026-04-01, and the two before it (7 + 21 shapes are older than any ledger entry kept).

Source: Food Labelling Standards and the notices of the Consumer Affairs Agency; walnut became mandatory on 2023-03-09,
macadamia replaced matsutake on 2024-03-28, cashew became mandatory and pistachio recommended on 2026-04-01.
"""

from datetime import date, timedelta

from django.db import transaction

from crm_project.core.allergens.choices import AllergenClass
from crm_project.core.allergens.models import Allergen, AllergenList, AllergenListItem

# code: (Japanese, English, other words)
ALLERGENS: dict[str, tuple[str, str, list[str]]] = {
    "shrimp": ("えび", "shrimp / prawn", ["エビ", "海老", "車海老", "伊勢海老"]),
    "crab": ("かに", "crab", ["カニ", "蟹"]),
    "cashew": ("カシューナッツ", "cashew nut", ["カシュー"]),
    "walnut": ("くるみ", "walnut", ["クルミ", "胡桃"]),
    "wheat": ("小麦", "wheat", ["コムギ", "こむぎ", "グルテン"]),
    "buckwheat": ("そば", "buckwheat", ["ソバ", "蕎麦"]),
    "egg": ("卵", "egg", ["玉子", "たまご", "鶏卵"]),
    "milk": ("乳", "milk", ["牛乳", "乳製品", "ミルク"]),
    "peanut": ("落花生（ピーナッツ）", "peanut", ["ピーナッツ", "落花生"]),
    "almond": ("アーモンド", "almond", []),
    "abalone": ("あわび", "abalone", ["アワビ", "鮑"]),
    "squid": ("いか", "squid", ["イカ", "烏賊"]),
    "salmon_roe": ("いくら", "salmon roe", ["イクラ"]),
    "orange": ("オレンジ", "orange", []),
    "kiwifruit": ("キウイフルーツ", "kiwifruit", ["キウイ"]),
    "beef": ("牛肉", "beef", ["和牛", "牛"]),
    "sesame": ("ごま", "sesame", ["ゴマ", "胡麻"]),
    "salmon": ("さけ", "salmon", ["サケ", "鮭", "サーモン"]),
    "mackerel": ("さば", "mackerel", ["サバ", "鯖"]),
    "soybean": ("大豆", "soybean", ["ダイズ"]),
    "chicken": ("鶏肉", "chicken", ["鶏", "とり肉"]),
    "banana": ("バナナ", "banana", []),
    "pistachio": ("ピスタチオ", "pistachio", []),
    "pork": ("豚肉", "pork", ["豚"]),
    "macadamia": ("マカダミアナッツ", "macadamia nut", ["マカデミア"]),
    "peach": ("もも", "peach", ["モモ", "桃"]),
    "yam": ("やまいも", "Japanese yam", ["山芋", "長芋", "とろろ"]),
    "apple": ("りんご", "apple", ["リンゴ", "林檎"]),
    "gelatin": ("ゼラチン", "gelatin", []),
    "matsutake": ("まつたけ", "matsutake mushroom", ["マツタケ", "松茸"]),
    # House items in daily use, on no legal list.
    "crustaceans": ("甲殻類", "crustaceans", []),
    "shellfish": ("貝類", "shellfish", ["貝"]),
    "oyster": ("牡蠣", "oyster", ["カキ", "かき"]),
    "blue_fish": ("青魚", "blue-backed fish", ["光り物"]),
    "raw_fish": ("生もの", "raw fish", ["生魚"]),
    "tree_nuts": ("ナッツ類", "tree nuts", ["ナッツ全般", "ナッツ"]),
    "tomato": ("トマト", "tomato", []),
    "alcohol": ("アルコール", "alcohol", ["酒"]),
}
# A house item that stands for several legal ones: an allergy to 甲殻類 is one to えび and かに.
COVERS: dict[str, tuple[str, ...]] = {
    "crustaceans": ("shrimp", "crab"),
    "tree_nuts": ("cashew", "walnut", "almond", "pistachio", "macadamia"),
    "shellfish": ("abalone", "oyster"),
    "blue_fish": ("mackerel",),
}
RECOMMENDED_COMMON = (
    "almond abalone squid salmon_roe orange kiwifruit beef sesame salmon mackerel soybean chicken banana pork peach yam "
    "apple gelatin"
).split()
MANDATORY_8 = "shrimp crab walnut wheat buckwheat egg milk peanut".split()
# first day in force: (mandatory, recommended)
LISTS: dict[date, tuple[list[str], list[str]]] = {
    date(2023, 3, 9): (MANDATORY_8, [*RECOMMENDED_COMMON, "cashew", "matsutake"]),
    date(2024, 3, 28): (MANDATORY_8, [*RECOMMENDED_COMMON, "cashew", "macadamia"]),
    date(2026, 4, 1): ([*MANDATORY_8, "cashew"], [*RECOMMENDED_COMMON, "pistachio", "macadamia"]),
}


@transaction.atomic
def ensure_legal_lists() -> None:
    """Make allergens and lists that are missing; what the house has changed stays."""
    for position, (code, (name_ja, name_en, aliases)) in enumerate(ALLERGENS.items()):
        Allergen.objects.get_or_create(
            code=code, defaults={"name_ja": name_ja, "name_en": name_en, "aliases": aliases, "position": position}
        )
    by_code = {allergen.code: allergen for allergen in Allergen.objects.filter(code__in=ALLERGENS)}
    starts = sorted(LISTS)
    for start, following in zip(starts, [*starts[1:], None], strict=True):
        valid_to = following - timedelta(days=1) if following else None
        legal_list, made = AllergenList.objects.get_or_create(valid_from=start, defaults={"valid_to": valid_to})
        if not made:
            continue
        mandatory, recommended = LISTS[start]
        classes = [(AllergenClass.MANDATORY, mandatory), (AllergenClass.RECOMMENDED, recommended)]
        AllergenListItem.objects.bulk_create(
            AllergenListItem(list=legal_list, allergen=by_code[code], allergen_class=allergen_class, position=position)
            for allergen_class, codes in classes
            for position, code in enumerate(codes)
        )
