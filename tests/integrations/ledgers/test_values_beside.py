"""What the cells of visits, inquiries, dishes and foods became; marks, items of the house and readings of their guests."""

import csv
import json
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from crm_project.core.accounts.models import Venue
from customers.models import Attribute, AttributeValue, Customer, Rank
from deals.models import Deal
from integrations.models import LedgerImport, LedgerRow
from tests.factories.accounts import VenueFactory
from tests.factories.visits import RoomFactory
from tests.integrations.ledgers.commands import counts, run
from tests.integrations.ledgers.test_marked_rows import ledger as marked_ledger
from visits.models import Visit

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english")]

visits, deals = partial(run, "visits"), partial(run, "deals")


@pytest.fixture
def venue() -> Venue:
    """The only venue, with a room."""
    found: Venue = VenueFactory.create(code="HON", name="本店")
    RoomFactory.create(venue=found, name="桔梗")
    return found


def reported(path: Path) -> list[tuple[str, ...]]:
    """(row, column, field, kind, before, after) of a report."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    return [tuple(row[name] for name in ("row", "column", "field", "kind", "before", "after")) for row in rows]


def test_every_changed_value_of_a_visit_is_reported(write: Any, tmp_path: Path, venue: Venue) -> None:
    text = (
        "来店日,時間,氏名,人数,部屋,料理,金額,備考\n"
        "R1.5.10,昼,山田 太郎様,4名,桔梗の間,鯛の刺身、松茸,48000,\n2024-06-01,18:30,小川 翔,数名,松の間,,時価,　窓側\n"
    )
    report = tmp_path / "report.csv"
    for extra in (["--dry-run"], []):
        code, answer, _said = visits(write(text), "--report", str(report), *extra)
        assert (code, counts(answer)) == (0, [2, 2, 0, 0, 0])
        told = reported(report)
        assert ("2", "A", "date", "form", "R1.5.10", "2019-05-10") in told
        assert ("2", "B", "time", "form", "昼", "12:00") in told
        assert ("2", "C", "name", "honorific", "山田 太郎様", "山田 太郎") in told
        assert ("2", "D", "people", "form", "4名", "4") in told
        assert ("3", "D", "people", "unread", "数名", "") in told
        assert ("3", "E", "room", "unread", "松の間", "") in told
        assert ("3", "G", "amount", "unread", "時価", "") in told
        assert ("3", "H", "visit_note", "spaces", "　窓側", "窓側") in told
        assert [row for row, *_rest in told] == sorted(row for row, *_rest in told)
        assert answer["changed_values"] + answer["unread_values"] == len(told)
        assert answer["unread_values"] == 3
    found = LedgerImport.objects.get()
    assert found.reading["unread_values"] == 3
    assert {"column": "人数 (D)", "before": "数名"}.items() <= LedgerRow.objects.get(row_number=3).messages[0].items()


def test_visits_of_one_row_are_told_apart_in_the_report(write: Any, tmp_path: Path, venue: Venue) -> None:
    text = "氏名,来店日1,人数1,来店日2,人数2\n山田 太郎,2023/4/1,4名,H30.4.1,2\n"
    report = tmp_path / "report.jsonl"
    visits(write(text), "--report", str(report))
    told = [json.loads(line) for line in report.read_text(encoding="utf-8").splitlines()]
    assert [(one["column"], one["field"], one["before"], one["after"]) for one in told] == [
        ("B", "date 1", "2023/4/1", "2023-04-01"),
        ("C", "people 1", "4名", "4"),
        ("D", "date 2", "H30.4.1", "2018-04-01"),
    ]


def test_every_changed_value_of_an_inquiry_is_reported(write: Any, tmp_path: Path, venue: Venue) -> None:
    text = (
        "会社名,宴会名,開催日,人数,見積金額,状況,連絡日,連絡内容\n"
        "㈱三松商事,忘年会,2026/12/11,80名,時価,山場,R8.9.1, お電話\n,,,,,,そのうち,下見\n"
    )
    report = tmp_path / "report.csv"
    code, answer, _said = deals(write(text), "--report", str(report))
    assert (code, counts(answer)) == (0, [2, 2, 0, 0, 0])
    told = reported(report)
    for wanted in (
        ("2", "C", "date", "form", "2026/12/11", "2026-12-11"),
        ("2", "D", "people", "form", "80名", "80"),
        ("2", "E", "amount", "unread", "時価", ""),
        ("2", "F", "stage", "unread", "山場", ""),
        ("2", "G", "log_date", "form", "R8.9.1", "2026-09-01"),
        ("2", "H", "log_what", "spaces", " お電話", "お電話"),
        ("3", "G", "log_date", "unread", "そのうち", ""),
    ):
        assert wanted in told, wanted
    assert answer["changed_values"] + answer["unread_values"] == len(told)


def test_dishes_and_foods_have_their_report_too(write: Any, tmp_path: Path) -> None:
    report = tmp_path / "report.csv"
    text = "料理名,食材,卵\n だし巻き,鶏卵　,○\n冷や奴,豆腐,たぶん\n"
    _code, answer, _said = run("dishes", write(text), "--report", str(report))
    assert counts(answer) == [2, 1, 0, 0, 1]
    assert [line[1:] for line in reported(report)] == [
        ("A", "dish", "spaces", " だし巻き", "だし巻き"),
        ("B", "food", "spaces", "鶏卵　", "鶏卵"),
        ("C", "egg", "form", "○", "contains"),
        ("C", "egg", "unread", "たぶん", ""),
    ]
    assert (answer["changed_values"], answer["unread_values"]) == (3, 1)
    _code, answer, _said = run("foods", write("食材名\n人参　\n"), "--report", str(report))
    assert [line[2:] for line in reported(report)] == [("food", "spaces", "人参　", "人参")]


def test_readings_colours_and_hidden_rows_count_when_a_row_names_a_guest(tmp_path: Path, venue: Venue) -> None:
    rank = Rank.objects.get_or_create(name="特別", defaults={"position": 90})[0]
    path = marked_ledger(tmp_path / "guests.xlsx")
    map_file = tmp_path / "map.toml"
    text = (
        '[columns]\ncode = "番号"\nname = "氏名"\nphone = "電話"\nvisit_note = "備考"\n[constants]\ndate = 2024-05-01\n'
    )
    map_file.write_text(text, encoding="utf-8")
    code, answer, said = visits(str(path), "--map", str(map_file), "--dry-run")
    assert (code, answer["left_out"]) == (0, {"hidden": 1})
    assert "struck through" in said
    map_file.write_text(text + '[legend]\n"fill:FFFF00" = "rank:特別"\nstrike = "cancelled"\n', encoding="utf-8")
    code, answer, said = visits(str(path), "--map", str(map_file))
    assert (code, said, counts(answer)) == (0, "", [3, 3, 0, 0, 0])
    assert Customer.objects.get(code="1").kana == "ハナヤマ イチロウ"
    assert Customer.objects.get(code="2").rank == rank
    assert Visit.objects.get(attendances__customer__code="3").status == "cancelled"
    note = Visit.objects.get(attendances__customer__code="1").notes.get()
    assert note.text.split() == ["甘党", "窓際を好む", "電話：昼のみ"]
    assert counts(visits(str(path), "--map", str(map_file))[1]) == [3, 0, 0, 3, 0]
    map_file.write_text(text.replace("2024-05-01", "2024-05-02") + "[options]\nwith_hidden = true\n", encoding="utf-8")
    assert visits(str(path), "--map", str(map_file))[1]["customers_created"] == 1


def test_a_colour_may_say_that_an_inquiry_was_lost(tmp_path: Path, venue: Venue) -> None:
    path = marked_ledger(tmp_path / "guests.xlsx")
    map_file = tmp_path / "map.toml"
    text = '[columns]\nname = "氏名"\nphone = "電話"\n[legend]\n"fill:FFFF00" = "left"\nstrike = "cancelled"\n'
    map_file.write_text(text, encoding="utf-8")
    code, _answer, said = deals(str(path), "--map", str(map_file))
    assert (code, said) == (0, "")
    assert list(Deal.objects.order_by("pk").values_list("stage", flat=True)) == ["inquiry", "inquiry", "lost"]
    assert Deal.objects.earliest("pk").note == "窓際を好む\n電話：昼のみ"
    assert Customer.objects.get(name="月野 二郎").contact_stopped


def test_items_of_the_house_come_with_visits_and_inquiries(write: Any, tmp_path: Path, venue: Venue) -> None:
    Attribute.objects.create(name="茶道の流派")
    map_file = tmp_path / "map.toml"
    map_file.write_text(
        '[columns]\nname = "氏名"\ndate = "日"\n[attributes]\n茶道の流派 = "流派"\n'.replace(
            "茶道の流派 =", '"茶道の流派" ='
        ),
        encoding="utf-8",
    )
    text = "日,氏名,流派\n2024-05-01,山田 太郎,裏千家\n2024-06-01,小川 翔,\n"
    code, answer, said = visits(write(text), "--map", str(map_file))
    assert (code, said, counts(answer)) == (0, "", [2, 2, 0, 0, 0])
    assert AttributeValue.objects.get().text == "裏千家"
    code, answer, said = deals(write(text.replace("2024", "2027")), "--map", str(map_file))
    assert (code, said, counts(answer)) == (0, "", [2, 2, 0, 0, 0])
    map_file.write_text(
        '[columns]\nname = "氏名"\n[groups.visits]\ncolumns = {date = "日", "attributes.x" = "流派"}\n',
        encoding="utf-8",
    )
    assert visits(write(text), "--map", str(map_file))[0] == 2
