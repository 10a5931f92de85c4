from datetime import date

import pytest

from crm_project.core.allergens.legal_lists import COVERS, ensure_legal_lists
from crm_project.core.allergens.models import Allergen, AllergenList

pytestmark = pytest.mark.django_db

RECOMMENDED_IN_ALL = {
    *"アーモンド あわび いか いくら オレンジ キウイフルーツ 牛肉 ごま さけ さば 大豆 鶏肉 バナナ 豚肉 もも やまいも りんご ゼラチン".split()
}
MANDATORY_IN_ALL = {"えび", "かに", "くるみ", "小麦", "そば", "卵", "乳", "落花生（ピーナッツ）"}


@pytest.mark.parametrize(
    ("day", "mandatory", "recommended"),
    [
        (
            date(2026, 4, 1),
            MANDATORY_IN_ALL | {"カシューナッツ"},
            RECOMMENDED_IN_ALL | {"ピスタチオ", "マカダミアナッツ"},
        ),
        (date(2026, 3, 31), MANDATORY_IN_ALL, RECOMMENDED_IN_ALL | {"カシューナッツ", "マカダミアナッツ"}),
        (date(2024, 3, 28), MANDATORY_IN_ALL, RECOMMENDED_IN_ALL | {"カシューナッツ", "マカダミアナッツ"}),
        (date(2024, 3, 27), MANDATORY_IN_ALL, RECOMMENDED_IN_ALL | {"カシューナッツ", "まつたけ"}),
        (date(2023, 3, 9), MANDATORY_IN_ALL, RECOMMENDED_IN_ALL | {"カシューナッツ", "まつたけ"}),
    ],
)
def test_list_in_force_on_a_day(day, mandatory, recommended):
    items = AllergenList.objects.in_force(day).items.select_related("allergen")

    assert {item.allergen.name_ja for item in items if item.allergen_class == "mandatory"} == mandatory
    assert {item.allergen.name_ja for item in items if item.allergen_class == "recommended"} == recommended


def test_lists_are_8_and_20_then_9_and_20():
    sizes = {
        legal_list.valid_from.isoformat(): (
            legal_list.items.filter(allergen_class="mandatory").count(),
            legal_list.items.filter(allergen_class="recommended").count(),
        )
        for legal_list in AllergenList.objects.all()
    }

    assert sizes == {"2023-03-09": (8, 20), "2024-03-28": (8, 20), "2026-04-01": (9, 20)}


def test_the_days_of_the_lists_leave_no_gap():
    days = list(AllergenList.objects.values_list("valid_from", "valid_to"))

    assert days == [
        (date(2023, 3, 9), date(2024, 3, 27)),
        (date(2024, 3, 28), date(2026, 3, 31)),
        (date(2026, 4, 1), None),
    ]


def test_house_items_cover_known_legal_ones():
    codes = {code for covered in COVERS.items() for code in (covered[0], *covered[1])}

    assert codes == set(Allergen.objects.filter(code__in=codes).values_list("code", flat=True))


def test_running_again_changes_nothing_and_keeps_what_the_house_renamed():
    Allergen.objects.filter(code="shrimp").update(name_ja="海老")
    before = Allergen.objects.count(), AllergenList.objects.count()

    ensure_legal_lists()

    assert (Allergen.objects.count(), AllergenList.objects.count()) == before
    assert Allergen.objects.get(code="shrimp").name_ja == "海老"
