import json

import pytest
import xlsxwriter
from django.core.management import CommandError, call_command
from django.utils.translation import override

from crm_project.core.audit.models import AuditEntry
from menus.models import Dish, DishFamily, Food, ProposedAllergen
from menus.services import decide
from tests.factories.accounts import UserFactory
from tests.factories.menus import BaseFactory, DishFactory

pytestmark = pytest.mark.django_db
LUNCHES = """#property,lunchDay,menuName,foodName,quantity
1,5/1,卵サラダ,ボンレスハム　卵抜き,12
2,5/1,卵サラダ,ボンレスハム　卵抜き,15
3,5/1,卵サラダ,（個）マヨネーズ,小　5
4,5/2,牛乳,牛乳,206
5,5/3,牛乳　,牛乳,206.0
6,5/27,親子どんぶり,,
7,,,,
8,,,人参,10
"""


@pytest.fixture
def write(tmp_path):
    def _write(text, name="lunches.csv"):
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        return str(path)

    return _write


def run(capsys, *arguments, code=0):
    if code == 1:
        with pytest.raises(SystemExit):
            call_command(*arguments, "--json")
    else:
        call_command(*arguments, "--json")
    return json.loads(capsys.readouterr().out)


def test_menus_with_their_foods_come_in_and_the_same_file_changes_nothing(write, capsys):
    file = write(LUNCHES)

    first = run(capsys, "import_ledger", file, "--target", "dishes", code=1)
    assert first["rows"] == first["created"] + first["updated"] + first["unchanged"] + first["errors"] == 8
    assert (first["created"], first["unchanged"], first["errors"]) == (5, 2, 1)
    assert (first["dishes_total"], first["foods_total"]) == (3, 3)
    dish = Dish.objects.get(name="卵サラダ")
    assert [str(row) for row in dish.dish_foods.select_related("food")] == [
        "ボンレスハム 卵抜き 12",
        "ボンレスハム 卵抜き 15",
        "（個）マヨネーズ 小 5",
    ]
    entries = AuditEntry.objects.filter(subject_type__startswith="menus.").count()

    second = run(capsys, "import_ledger", file, "--target", "dishes", code=1)
    assert (second["created"], second["updated"], second["unchanged"], second["errors"]) == (0, 0, 7, 1)
    assert AuditEntry.objects.filter(subject_type__startswith="menus.").count() == entries


def test_a_dry_run_writes_nothing(write, capsys):
    answer = run(capsys, "import_ledger", write(LUNCHES), "--target", "dishes", "--dry-run", code=1)

    assert answer["created"] == 5
    assert not Dish.objects.exists()
    assert not Food.objects.exists()


def test_a_ham_without_egg_does_not_make_a_dish_one_with_egg(write, capsys):
    run(capsys, "import_ledger", write("料理,食材\nハムサラダ,ロースハム　卵抜き\n"), "--target", "dishes")

    proposals = ProposedAllergen.objects.filter(dish__name="ハムサラダ")
    assert set(proposals.values_list("allergen__code", flat=True)) == {"pork", "milk", "soybean"}


KITCHEN = """[columns]
dish = "お料理"
[allergens]
卵 = "たまご"
milk = "乳製品"
"""


def test_one_column_per_allergen_comes_in_and_dishes_are_sorted_by_it(write, capsys):
    table = "お料理,たまご,乳製品\nだし巻き,○,×\n蒲鉾,△,0\n冷や奴,なし,×\n白和え,,×\nプリン,1,含む\n"
    column_map = write(KITCHEN, "kitchen.toml")

    answer = run(capsys, "import_ledger", write(table), "--target", "dishes", "--map", column_map)
    assert (answer["created"], answer["errors"]) == (5, 0)
    found = run(capsys, "dish_conflicts", "--allergens", "たまご,乳")

    assert found == {
        "conflict": ["だし巻き", "プリン"],
        "may": ["蒲鉾"],
        "unchecked": ["白和え"],
        "free": ["冷や奴"],
    }
    again = run(capsys, "import_ledger", write(table), "--target", "dishes", "--map", column_map)
    assert again["unchanged"] == 5


def test_a_cell_that_says_nothing_known_is_an_error_of_its_row_and_column(write, capsys):
    column_map = write(KITCHEN, "kitchen.toml")
    table = "お料理,たまご,乳製品\nだし巻き,？,×\n冷や奴,×,×\n冷や奴,○,\n"
    with override("en"), pytest.raises(SystemExit):
        call_command("import_ledger", write(table), "--target", "dishes", "--map", column_map, "--json")
    said = capsys.readouterr()

    assert "2: column “たまご”: “？” is none of" in said.err
    assert "4: egg: row 3 of the file says something else" in said.err
    assert list(Dish.objects.values_list("name", flat=True)) == ["冷や奴"]


@pytest.mark.parametrize(
    ("column_map", "sentence"),
    [
        ('[columns]\ndish = "料理"\n[allergens]\nまつぼっくり = "松"\n', "not an allergen"),
        ('[columns]\ndish = "料理"\n[allergens]\n卵 = 3\n', "must be a heading"),
        ('[columns]\nfood = "食材"\n', "names no column"),
        ('[columns]\ndish = "お品"\n', "has no heading"),
        ('[columns]\ndish = "料理"\n[allergens]\n卵 = "玉子"\n', "has no heading"),
    ],
)
def test_a_map_that_does_not_fit_writes_nothing(write, column_map, sentence):
    with override("en"), pytest.raises(CommandError, match=sentence):
        call_command(
            "import_ledger",
            write("料理,食材\n冷や奴,豆腐\n"),
            "--target",
            "dishes",
            "--map",
            write(column_map, "m.toml"),
        )

    assert not Dish.objects.exists()


def test_proposals_do_not_count_until_a_person_confirms_them(write, capsys):
    run(capsys, "import_ledger", write("料理,食材\n茶碗蒸し,鶏卵\n"), "--target", "dishes")
    assert run(capsys, "dish_conflicts", "--allergens", "egg")["unchecked"] == ["茶碗蒸し"]

    dish = Dish.objects.get()
    decide(dish=dish, by=UserFactory.create(), confirmed=list(dish.proposals.values_list("pk", flat=True)))

    assert run(capsys, "dish_conflicts", "--allergens", "egg")["conflict"] == ["茶碗蒸し"]


def test_base_preparations_count(capsys):
    soy = BaseFactory.create(presences={"wheat": "contains"})
    DishFactory.create(name="鯛の刺身", presences={"wheat": "free"}, made_with=[soy])

    assert run(capsys, "dish_conflicts", "--allergens", "小麦")["conflict"] == ["鯛の刺身"]


@pytest.mark.parametrize("words", ["まつぼっくり", "卵,まつぼっくり", " , "])
def test_an_unknown_allergen_is_a_clear_error(words):
    with pytest.raises(CommandError) as raised:
        call_command("dish_conflicts", "--allergens", words, "--json")

    assert raised.value.returncode == 2


def test_a_family_comes_in_by_its_name(write, capsys):
    run(capsys, "import_ledger", write("料理,系統\n鯛の刺身,鯛\n鯛の昆布締め,鯛\n"), "--target", "dishes")

    assert DishFamily.objects.get().dishes.count() == 2


def test_tables_of_inns_and_schools_are_read_as_they_are_written(write, capsys):
    """Marks of several kinds, a dish written once above its foods, all foods in one cell, allergens named in one cell."""
    marks = "お料理名,卵（鶏卵）,乳,アレルゲン 小麦,えび\n海老真薯,１,×,-,海老\nお浸し,含まない,不使用,含有,X\n湯豆腐,0,△,,コンタミ\n"
    run(capsys, "import_ledger", write(marks), "--target", "dishes")
    once = "献立名,使用食材,分量(g)\n豚汁,豚バラ肉,20\n,木綿豆腐,30\nきんぴら,ごぼう、ごま油（ごま、菜種）、しょうゆ,\n"
    counted = run(capsys, "import_ledger", write(once), "--target", "dishes")
    assert (counted["dishes"], counted["foods"], counted["dishes_total"], counted["foods_total"]) == (2, 3, 5, 5)
    listed = "メニュー名,アレルギー物質,コンタミネーション\n海老フライ,えび・卵・小麦,乳\n白ご飯,なし,\n"
    run(capsys, "import_ledger", write(listed), "--target", "dishes")

    said = {word: run(capsys, "dish_conflicts", "--allergens", word) for word in ("卵", "乳", "小麦", "えび")}
    assert said["卵"]["conflict"] == ["海老フライ", "海老真薯"]
    assert said["卵"]["free"] == ["お浸し", "湯豆腐"]
    assert (said["乳"]["may"], said["乳"]["free"]) == (["海老フライ", "湯豆腐"], ["お浸し", "海老真薯"])
    assert (said["小麦"]["conflict"], said["小麦"]["free"]) == (["お浸し", "海老フライ"], [])
    assert (said["えび"]["conflict"], said["えび"]["may"]) == (["海老フライ", "海老真薯"], ["湯豆腐"])
    assert "白ご飯" in said["卵"]["unchecked"]
    assert {food.name for food in Dish.objects.get(name="豚汁").foods.all()} == {"豚バラ肉", "木綿豆腐"}
    assert {food.name for food in Dish.objects.get(name="きんぴら").foods.all()} == {
        "ごぼう",
        "ごま油（ごま、菜種）",
        "しょうゆ",
    }


def test_a_sheet_for_each_month_and_marks_under_headings_of_two_rows(tmp_path, capsys):
    file = tmp_path / "一覧.xlsx"
    book = xlsxwriter.Workbook(file)
    for month, dish in (("4月", "筍ご飯"), ("5月", "鶏の照焼")):
        sheet = book.add_worksheet(month)
        sheet.merge_range(0, 2, 0, 3, "特定原材料")
        for row, cells in enumerate((["区分", "メニュー"], [None, None, "卵", "小麦"], ["御飯", dish, "×", "●"])):
            sheet.write_row(row, 0, cells)
    sheet.write_row(3, 0, ["御飯", "謎", "？", "●"])
    book.add_worksheet("注意").write_column(0, 0, ["この表について", "仕入れで変わります"])
    book.close()

    with override("en"), pytest.raises(SystemExit):
        call_command("import_ledger", str(file), "--target", "dishes", "--json")

    said = capsys.readouterr()
    assert json.loads(said.out)["dishes_total"] == 2
    assert "4: 5月: column “特定原材料 / 卵”: “？” is none of" in said.err
    found = run(capsys, "dish_conflicts", "--allergens", "小麦")
    assert (found["conflict"], run(capsys, "dish_conflicts", "--allergens", "卵")["free"]) == (
        ["筍ご飯", "鶏の照焼"],
    ) * 2
