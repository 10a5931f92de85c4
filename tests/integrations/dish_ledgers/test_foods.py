"""manage.py import_ledger --target foods: a row for each food."""

import io
import json

import pytest
from django.core.management import CommandError, call_command
from django.utils.translation import override

from crm_project.core.audit.models import AuditEntry
from integrations.dish_ledgers.fields import guessed_map
from menus.models import Dish, Food

pytestmark = pytest.mark.django_db


def run(path, *arguments):
    out, err = io.StringIO(), io.StringIO()
    try:
        with override("en"):
            call_command("import_ledger", str(path), "--target", "foods", "--json", *arguments, stdout=out, stderr=err)
    except CommandError as error:
        return error.returncode, None, str(error)
    except SystemExit as end:
        return int(str(end.code)), json.loads(out.getvalue()), err.getvalue()
    return 0, json.loads(out.getvalue()), err.getvalue()


def test_foods_come_in_once(tmp_path):
    path = tmp_path / "foods.csv"
    path.write_text(
        f"食材名,仕入先\n人参,八百屋\n乳・卵抜きハム,\n人参　,\n,八百屋\n{'長' * 121},\n,\n", encoding="utf-8"
    )
    Food.objects.create(name="人参")

    code, dry, _said = run(path, "--dry-run")
    assert (code, Food.objects.count(), dry["foods_total"]) == (1, 1, 2)
    code, answer, said = run(path)
    assert dry | {"import_id": answer["import_id"]} == answer
    assert [answer[name] for name in ("rows", "created", "updated", "unchanged", "errors")] == [5, 1, 0, 2, 2]
    assert (answer["blank_rows"], answer["foods_total"]) == (1, 2)
    assert answer["map"] == '[columns]\nfood = "食材名"\n'
    assert said.splitlines() == [
        "5: the row names no food",
        "6: the name of the food has more than 120 characters: shorten it",
    ]
    assert AuditEntry.objects.filter(subject_type="menus.food", action="created").count() == 1
    assert run(path)[1]["unchanged"] == 3
    assert not Dish.objects.exists()


def test_a_map_names_the_column(tmp_path):
    path = tmp_path / "foods.csv"
    path.write_text("もの\n鱧\n", encoding="utf-8")
    assert run(path)[0] == 2
    assert "with food as one of: もの" in run(path)[2]
    (tmp_path / "map.toml").write_text('[columns]\nname = "もの"\n', encoding="utf-8")
    code, answer, _said = run(path, "--map", str(tmp_path / "map.toml"))
    assert (code, answer["created"]) == (0, 1)
    assert "map" not in answer


def test_headings_with_their_unit_are_known():
    columns = guessed_map(["日", "献立名", "使用食品", "分量(g)"]).columns.columns
    assert {name: column.headings[0] for name, column in columns.items()} == {
        "dish": "献立名", "food": "使用食品", "quantity": "分量(g)", "day": "日",
    }  # fmt: skip
