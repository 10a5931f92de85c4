"""manage.py import_ledger: the contract of the command line."""

import csv
import io
import json
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter
from django.core.management import CommandError, call_command
from django.utils import translation

from customers.models import Customer
from integrations.models import LedgerImport
from tests.integrations.ledgers.files import HEADINGS, MAP, csv_file, encrypted, row, workbook

pytestmark = pytest.mark.django_db

GUESTS = [row("1", "山田 太郎", phone="075-000-1234"), row("2", "小川 翔"), row(), row("3", "北村 健")]


@pytest.fixture
def map_file(tmp_path: Path) -> str:
    """The map beside the ledgers."""
    path = tmp_path / "map.toml"
    path.write_text(MAP, encoding="utf-8")
    return str(path)


def run(path: Path | str, *arguments: Any) -> tuple[int, str, str]:
    """Exit code, standard output and error output of the command, in English."""
    out, err = io.StringIO(), io.StringIO()
    try:
        with translation.override("en"):
            call_command("import_ledger", str(path), *arguments, stdout=out, stderr=err)
    except CommandError as error:
        return error.returncode, out.getvalue(), str(error)
    except SystemExit as end:
        return int(str(end.code)), out.getvalue(), err.getvalue()
    return 0, out.getvalue(), err.getvalue()


def test_json_is_one_object_and_nothing_else(tmp_path: Path, map_file: str) -> None:
    path = workbook(tmp_path / "guests.xlsx", GUESTS)
    code, out, err = run(path, "--map", map_file, "--json")
    assert (code, err) == (0, "")
    assert json.loads(out) == {
        "rows": 3,
        "blank_rows": 1,
        "created": 3,
        "updated": 0,
        "unchanged": 0,
        "errors": 0,
        "warnings": 0,
        "changed_values": 0,
        "unread_values": 0,
        "gone": 0,
        "gone_codes": [],
        "customers_total": 3,
        "left_out": {},
        "left_out_rows": [],
        "columns_not_taken": [],
        "import_id": LedgerImport.objects.get().pk,
    }


MESSY = [
    row("1", "山田太郎（やまだたろう）", company=" 架空 ", phone="０７５－０００－１２３４", birthday="S36.12.9"),
    row("2", "小川 翔", company="〃", phone="お持ちでない", birthday="=1+1"),
]


@pytest.mark.parametrize("dry_run", [True, False])
def test_every_changed_value_is_reported(tmp_path: Path, map_file: str, dry_run: bool) -> None:
    path, report = workbook(tmp_path / "guests.xlsx", MESSY), tmp_path / "report.csv"
    options = ["--map", map_file, "--json", "--report", str(report), *(["--dry-run"] if dry_run else [])]
    code, out, _err = run(path, *options)
    assert code == 0
    answer = json.loads(out)
    assert (answer["changed_values"], answer["unread_values"]) == (5, 2)
    with report.open(encoding="utf-8-sig", newline="") as file:
        lines = list(csv.DictReader(file))
    assert [tuple(line.values()) for line in lines] == [
        ("名簿", "2", "D", "会社名", "company", "spaces", " 架空 ", "架空"),
        ("名簿", "2", "E", "電話番号", "phone", "width", "０７５－０００－１２３４", "075-000-1234"),
        ("名簿", "2", "G", "生年月日", "birthday", "form", "S36.12.9", "1961-12-09"),
        ("名簿", "2", "B", "氏名", "name", "reading", "山田太郎（やまだたろう）", "山田太郎"),
        ("名簿", "3", "D", "会社名", "company", "above", "〃", "架空"),
        ("名簿", "3", "E", "電話番号", "phone", "unread", "お持ちでない", ""),
        ("名簿", "3", "G", "生年月日", "birthday", "unread", "'=1+1", ""),
    ]


def test_a_report_of_lines_names_the_sheet_of_each_row(tmp_path: Path, map_file: str) -> None:
    path, report = tmp_path / "guests.xlsx", tmp_path / "report.jsonl"
    with xlsxwriter.Workbook(str(path)) as book:
        for name in ("2025", "2026"):
            sheet = book.add_worksheet(name)
            for number, cells in enumerate([HEADINGS, row(name, f"山田 {name}", birthday="S36.12.9")]):
                sheet.write_row(number, 0, cells)
    assert run(path, "--map", map_file, "--sheet", "*", "--dry-run", "--report", str(report))[0] == 0
    lines = [json.loads(line) for line in report.read_text(encoding="utf-8").splitlines()]
    assert [(line["sheet"], line["row"], line["after"]) for line in lines] == [
        ("2025", 2, "1961-12-09"),
        ("2026", 2, "1961-12-09"),
    ]


def test_a_report_that_cannot_be_written_stops_the_import(tmp_path: Path, map_file: str) -> None:
    path = workbook(tmp_path / "guests.xlsx", GUESTS)
    code, _out, err = run(path, "--map", map_file, "--report", str(tmp_path / "no folder" / "report.csv"))
    assert (code, Customer.objects.count()) == (2, 0)
    assert "“report.csv” cannot be written" in err


def test_gone_is_what_the_former_copy_held(tmp_path: Path, map_file: str) -> None:
    run(workbook(tmp_path / "guests_2025-09.xlsx", GUESTS), "--map", map_file)
    _code, out, _err = run(
        workbook(tmp_path / "guests_2025-10.xlsx", GUESTS[1:]), "--map", map_file, "--dry-run", "--json"
    )
    told = json.loads(out)
    assert (told["gone"], told["gone_codes"], told["customers_total"]) == (1, ["1"], 3)
    assert Customer.objects.count() == 3


def test_another_ledger_has_nobody_gone(tmp_path: Path, map_file: str) -> None:
    run(workbook(tmp_path / "guests.xlsx", GUESTS), "--map", map_file)
    other = workbook(tmp_path / "banquets.xlsx", [row("9", "別の人"), row("8", "もう一人")])
    assert json.loads(run(other, "--map", map_file, "--json")[1])["gone"] == 0


def test_a_renamed_copy_is_known_by_its_map_and_codes(tmp_path: Path, map_file: str) -> None:
    run(workbook(tmp_path / "guests.xlsx", GUESTS), "--map", map_file)
    renamed = workbook(tmp_path / "新しい名簿.xlsx", GUESTS[1:])
    assert json.loads(run(renamed, "--map", map_file, "--json")[1])["gone_codes"] == ["1"]
    assert set(LedgerImport.objects.values_list("ledger_key", flat=True)) == {"guests"}


def test_bad_rows_end_with_one_and_are_named(tmp_path: Path, map_file: str) -> None:
    path = workbook(tmp_path / "guests.xlsx", [*GUESTS, row("4", ""), row("5", "小山 優", birthday="令和9年13月1日")])
    code, out, err = run(path, "--map", map_file, "--json")
    assert code == 1
    assert (json.loads(out)["created"], json.loads(out)["errors"], json.loads(out)["warnings"]) == (4, 1, 1)
    assert err.splitlines()[0] == "6: the name is blank"
    assert err.splitlines()[1].startswith("7: “令和9年13月1日”: month 13")


def test_rows_that_are_no_guests_are_named_and_count_for_nothing(tmp_path: Path, map_file: str) -> None:
    path = workbook(tmp_path / "guests.xlsx", [*GUESTS, row(name="合計", phone="3名"), row(name="※ 四月現在")])
    code, out, err = run(path, "--map", map_file, "--json")
    told = json.loads(out)
    assert (code, err, told["rows"], told["created"], told["blank_rows"]) == (0, "", 3, 3, 1)
    assert told["left_out"] == {"subtotal": 1, "remark": 1}
    assert told["left_out_rows"] == [
        {"row": 6, "kind": "subtotal", "text": "合計 | 3名"},
        {"row": 7, "kind": "remark", "text": "※ 四月現在"},
    ]
    assert LedgerImport.objects.get().left_out["counts"] == told["left_out"]


def test_many_bad_rows_are_counted_not_listed(tmp_path: Path, map_file: str) -> None:
    path = workbook(tmp_path / "guests.xlsx", [row(str(number), "") for number in range(30)])
    _code, _out, err = run(path, "--map", map_file)
    assert len(err.splitlines()) == 21
    assert err.splitlines()[-1] == "... +10"


def test_warnings_alone_end_well(tmp_path: Path, map_file: str) -> None:
    path = workbook(tmp_path / "guests.xlsx", [row("5", "小山 優", birthday="いつか")])
    assert run(path, "--map", map_file, "--json")[0] == 0


def test_without_a_map_the_headings_say_it(tmp_path: Path) -> None:
    code, out, _err = run(workbook(tmp_path / "guests.xlsx", GUESTS))
    assert code == 0
    assert 'name = "氏名"' in out
    assert "created: 3" in out
    assert Customer.objects.get(code="1").phones.count() == 1


def test_a_sheet_is_chosen_by_name(tmp_path: Path, map_file: str) -> None:
    path = workbook(tmp_path / "guests.xlsx", GUESTS, sheet="お客様")
    assert run(path, "--map", map_file, "--sheet", "お客様")[0] == 0
    code, out, err = run(path, "--map", map_file, "--sheet", "宴会")
    assert (code, out) == (2, "")
    assert "お客様" in err


def test_a_text_file_has_no_sheets(tmp_path: Path, map_file: str) -> None:
    path = csv_file(tmp_path / "guests.csv", GUESTS)
    code, out, err = run(path, "--map", map_file, "--sheet", "名簿", "--json")
    assert (code, out, err) == (2, "", "“guests.csv” is a text file: it has no sheet “名簿”")


@pytest.mark.parametrize("rows", [[], [row(), row()]], ids=["none", "blank"])
@pytest.mark.parametrize("options", [[], ["--dry-run"]], ids=["import", "dry run"])
def test_headings_alone_write_nothing(tmp_path: Path, map_file: str, rows: list[list[Any]], options: list[str]) -> None:
    """Or every guest of the former copy would be gone."""
    run(workbook(tmp_path / "guests.xlsx", GUESTS), "--map", map_file)
    for path in (workbook(tmp_path / "guests.xlsx", rows), csv_file(tmp_path / "guests.csv", rows)):
        code, out, err = run(path, "--map", map_file, "--json", *options)
        assert (code, out, err) == (2, "", f"“{path.name}” has headings but no rows: nothing was written")
    assert LedgerImport.objects.count() == 1


def test_blank_rows_below_the_headings_are_counted(tmp_path: Path, map_file: str) -> None:
    for path in (
        workbook(tmp_path / "a.xlsx", [row(), row(), *GUESTS]),
        csv_file(tmp_path / "a.csv", [row(), row(), *GUESTS]),
    ):
        _code, out, _err = run(path, "--map", map_file, "--json", "--dry-run")
        assert (json.loads(out)["rows"], json.loads(out)["blank_rows"]) == (3, 3)


@pytest.mark.parametrize(
    ("map_text", "named"),
    [
        (MAP.replace('name = "氏名"\n', ""), "name"),
        (MAP.replace("氏名", "お名前"), "お名前"),
        (MAP + 'shoe_size = "靴"\n', "shoe_size"),
        ("[columns", "TOML"),
        (MAP + "[options]\ncreate_customers = true\n", "create_customers"),
    ],
)
def test_a_map_that_does_not_fit_writes_nothing(tmp_path: Path, map_text: str, named: str) -> None:
    path = workbook(tmp_path / "guests.xlsx", GUESTS)
    (tmp_path / "map.toml").write_text(map_text, encoding="utf-8")
    code, out, err = run(path, "--map", tmp_path / "map.toml", "--json")
    assert (code, out) == (2, "")
    assert named in err
    assert len(err.splitlines()) == 1
    assert not Customer.objects.exists()
    assert not LedgerImport.objects.exists()


def test_a_constant_serves_every_row(tmp_path: Path) -> None:
    (tmp_path / "map.toml").write_text(
        '[columns]\nname = "氏名"\ncode = "顧客番号"\n[constants]\nnote = "本店の台帳"\n'
    )
    run(workbook(tmp_path / "guests.xlsx", GUESTS), "--map", tmp_path / "map.toml")
    assert set(Customer.objects.values_list("note", flat=True)) == {"本店の台帳"}


def test_joined_cells(tmp_path: Path) -> None:
    (tmp_path / "map.toml").write_text('[columns]\nname = {join = ["姓", "名"]}\n')
    path = workbook(tmp_path / "guests.xlsx", [["山田", "太郎"], ["小川", ""]], headings=["姓", "名"])
    run(path, "--map", tmp_path / "map.toml")
    assert set(Customer.objects.values_list("name", flat=True)) == {"山田 太郎", "小川"}


def test_a_file_that_is_not_there(tmp_path: Path, map_file: str) -> None:
    code, out, err = run(tmp_path / "missing.xlsx", "--map", map_file, "--json")
    assert (code, out) == (2, "")
    assert "missing.xlsx" in err
    code, out, err = run(workbook(tmp_path / "guests.xlsx", GUESTS), "--map", tmp_path / "no.toml", "--json")
    assert (code, out) == (2, "")
    assert "no.toml" in err
    (tmp_path / "sjis.toml").write_text(MAP, encoding="cp932")
    code, out, err = run(tmp_path / "guests.xlsx", "--map", tmp_path / "sjis.toml", "--json")
    assert (code, out) == (2, "")
    assert err == f"the map “{tmp_path / 'sjis.toml'}” cannot be read: it is not text in UTF-8"


def test_without_a_name_among_the_headings_a_map_is_asked_for(tmp_path: Path) -> None:
    path = workbook(tmp_path / "guests.xlsx", [["1", "x"]], headings=["番号", "品目"])
    code, out, err = run(path)
    assert (code, out) == (2, "")
    assert "品目" in err


def test_the_headings_of_the_test_are_known() -> None:
    assert len(HEADINGS) == len(row())


def inspect(path: Path | str, *arguments: Any) -> dict[str, Any]:
    """The answer of inspect_ledger."""
    out = io.StringIO()
    call_command("inspect_ledger", str(path), *arguments, "--json", stdout=out)
    answer: dict[str, Any] = json.loads(out.getvalue())
    return answer


def test_a_file_is_inspected_before_it_is_imported(tmp_path: Path) -> None:
    path = workbook(
        tmp_path / "guests.xlsx", [*GUESTS, row("４", "髙橋　一", birthday="S63.4.1", note="　"), row(name="合計")]
    )
    found = inspect(path)
    assert (found["file"], found["kind"], found["same_headings"]) == ("guests.xlsx", "xlsx", [])
    assert found["sheets"] == [{"sheet": "名簿", "hidden": False, "sample": False, "tables": 1}]
    (table,) = found["tables"]
    assert (table["range"], table["heading_rows"], table["first_data_row"]) == ("A1:I6", [1, 1], 2)
    assert (table["data_rows"], table["blank_rows"], table["left_out_counts"]) == (4, 1, {"subtotal": 1})
    columns = {column["heading"]: column for column in table["columns"]}
    assert (columns["氏名"]["filled"], columns["氏名"]["ideographic_space"], columns["備考"]["only_spaces"]) == (
        4,
        1,
        1,
    )
    assert columns["顧客番号"]["full_width_digits"] == 1
    assert columns["氏名"]["kanji_outside_JISX0208"] == [["髙", 1]]
    assert columns["生年月日"]["kinds"] == {"era_date": 1}
    assert not Customer.objects.exists()


def test_inspection_for_people(tmp_path: Path) -> None:
    out = io.StringIO()
    call_command("inspect_ledger", str(workbook(tmp_path / "guests.xlsx", [*GUESTS, row(name="合計")])), stdout=out)
    assert "名簿 A1:I5: headings in rows 1-1, 3 rows (2-5), 1 blank" in out.getvalue()
    assert "left out, subtotal (1): 6: 合計" in out.getvalue()
    assert "B 氏名: 3 filled, 3 different" in out.getvalue()


def test_what_cannot_be_inspected_says_why(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(b"")
    with translation.override("en"), pytest.raises(CommandError, match="is empty") as caught:
        call_command("inspect_ledger", str(path))
    assert caught.value.returncode == 2


def test_the_password_of_a_workbook_comes_as_an_argument_by_pipe_or_from_the_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = encrypted(tmp_path / "locked.xlsx")
    code, _out, err = run(path)
    assert (code, err) == (2, "“locked.xlsx” is protected by a password: type the password too")
    assert "does not open with this password" in run(path, "--password", "wrong")[2]
    assert inspect(path, "--password", "himitsu")["protected"] is True
    monkeypatch.setattr("sys.stdin", io.StringIO("himitsu\n"))
    assert inspect(path, "--password")["tables"][0]["data_rows"] == 1
    monkeypatch.setenv("OKAMI_LEDGER_PASSWORD", "himitsu")
    assert run(path, "--json")[0] == 0
    assert Customer.objects.get().name == "山田 太郎"
