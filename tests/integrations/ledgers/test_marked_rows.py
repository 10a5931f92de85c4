"""What people do beside writing values in a ledger, and what becomes of it: readings, comments, colours, hidden rows."""

import zipfile
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter
from django.utils import translation

from crm_project.core.column_map import MapError, dump_map
from crm_project.core.jobs.services import system_user
from customers.models import Customer, Rank
from integrations.ledgers.fields import ledger_map
from integrations.ledgers.ledger_file import LedgerFile
from integrations.ledgers.services import LedgerOutcome, import_file

pytestmark = pytest.mark.django_db

MAP = """[columns]
code = "番号"
name = "氏名"
phone = "電話"
note = "備考"
"""
READING = '<rPh sb="0" eb="2"><t>ハナヤマ</t></rPh><rPh sb="3" eb="5"><t>イチロウ</t></rPh>'


@pytest.fixture(autouse=True)
def _english() -> Any:
    with translation.override("en"):
        yield


def ledger(path: Path) -> Path:
    """Four guests: one with a reading and comments, one yellow, one struck through, one hidden."""
    with xlsxwriter.Workbook(str(path)) as book:
        sheet = book.add_worksheet("名簿")
        yellow, struck = book.add_format({"bg_color": "#FFFF00"}), book.add_format({"font_strikeout": True})
        sheet.write_row(0, 0, ["番号", "氏名", "電話", "備考"])
        sheet.write_row(1, 0, ["1", "花山 一郎", "075-000-0001", "甘党"])
        sheet.write_row(2, 0, ["2", "月野 二郎", "075-000-0002", ""], yellow)
        sheet.write_row(3, 0, ["3", "星川 三郎", "075-000-0003", ""], struck)
        sheet.write_row(4, 0, ["4", "雪村 四郎", "075-000-0004", ""])
        sheet.set_row(4, None, None, {"hidden": True})
        sheet.write_comment("B2", "窓際を好む")
        sheet.write_comment("C2", "昼のみ")
    with zipfile.ZipFile(path) as package:
        parts = {name: package.read(name) for name in package.namelist()}
    strings = parts["xl/sharedStrings.xml"].decode()
    parts["xl/sharedStrings.xml"] = strings.replace("<t>花山 一郎</t>", f"<t>花山 一郎</t>{READING}").encode()
    with zipfile.ZipFile(path, "w") as package:
        for name, content in parts.items():
            package.writestr(name, content)
    return path


def imported(path: Path, legend: str = "", **options: Any) -> LedgerOutcome:
    """The ledger with its map, taken in."""
    file = LedgerFile(path, path.name, column_map=ledger_map(MAP + legend), **options)
    return import_file(file=file, by=system_user())[1]


def test_the_reading_of_the_cell_is_the_kana_and_comments_are_notes(tmp_path: Path) -> None:
    imported(ledger(tmp_path / "guests.xlsx"))
    guest = Customer.objects.get(code="1")
    assert (guest.name, guest.kana) == ("花山 一郎", "ハナヤマ イチロウ")
    assert guest.note.split() == ["甘党", "窓際を好む", "電話：昼のみ"]
    assert Customer.objects.get(code="2").kana == ""


def test_the_same_file_twice_changes_nothing(tmp_path: Path) -> None:
    path = ledger(tmp_path / "guests.xlsx")
    imported(path)
    again = imported(path)
    assert (again.counts.unchanged, again.counts.updated, again.counts.created) == (3, 0, 0)


def test_a_column_of_kana_counts_more_than_the_cell(tmp_path: Path) -> None:
    path = ledger(tmp_path / "guests.xlsx")
    file = LedgerFile(path, path.name, column_map=ledger_map(MAP.replace('note = "備考"', 'kana = "備考"')))
    import_file(file=file, by=system_user())
    assert "ハナヤマ" not in Customer.objects.get(code="1").kana


def test_what_is_hidden_is_named_and_left_out_until_somebody_wishes_it(tmp_path: Path) -> None:
    path = ledger(tmp_path / "guests.xlsx")
    outcome = imported(path)
    assert (outcome.counts.rows, outcome.left_out) == (3, {"hidden": 1})
    assert [one.row for one in outcome.left_out_rows] == [5]
    assert not Customer.objects.filter(code="4").exists()
    outcome = imported(path, with_hidden=True)
    assert (outcome.counts.created, outcome.left_out) == (1, {})
    assert "with_hidden = true" in outcome.map_text
    assert ledger_map(outcome.map_text).options == {"with_hidden": True}


def test_a_hidden_column_that_the_map_needs_is_said(tmp_path: Path) -> None:
    path = tmp_path / "guests.xlsx"
    with xlsxwriter.Workbook(str(path)) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ["番号", "氏名", "電話", "備考"])
        sheet.write_row(1, 0, ["1", "花山 一郎", "075-000-0001", "甘党"])
        sheet.set_column("C:C", None, None, {"hidden": True})
    with pytest.raises(MapError, match="the column “電話” is hidden in the file"):
        imported(path)
    assert imported(path, with_hidden=True).counts.created == 1


def test_struck_rows_are_named_until_the_legend_says_what_they_mean(tmp_path: Path) -> None:
    path = ledger(tmp_path / "guests.xlsx")
    outcome = imported(path)
    assert (outcome.counts.created, outcome.counts.warnings, outcome.counts.errors) == (3, 1, 0)
    Customer.objects.all().delete()
    outcome = imported(path, '[legend]\nstrike = "left"\n')
    assert outcome.counts.warnings == 0
    guest = Customer.objects.get(code="3")
    assert (guest.contact_stopped, guest.contact_stop_reason) == (True, "marked in the ledger as a guest who has left")
    assert not Customer.objects.get(code="1").contact_stopped


def test_a_colour_is_a_rank_when_the_legend_says_so(tmp_path: Path) -> None:
    rank = (
        Rank.objects.create(name="特別室", position=99)
        if not Rank.objects.exists()
        else Rank.objects.order_by("pk").last()
    )
    assert rank is not None
    path = ledger(tmp_path / "guests.xlsx")
    imported(path, f'[legend]\n"fill:FFFF00" = "rank:{rank.name}"\nstrike = "ignore"\n')
    assert dict(Customer.objects.values_list("code", "rank__name")) == {"1": None, "2": rank.name, "3": None}


def test_the_stop_of_a_known_guest_is_set_and_taken_back(tmp_path: Path) -> None:
    path = ledger(tmp_path / "guests.xlsx")
    imported(path, '[legend]\nstrike = "ignore"\n')
    outcome = imported(path, '[legend]\nstrike = "stop"\n')
    assert (outcome.counts.updated, outcome.counts.unchanged) == (1, 2)
    assert Customer.objects.get(code="3").contact_stop_reason == "marked in the ledger: do not contact"


def test_a_legend_is_kept_with_the_map_and_checked() -> None:
    column_map = ledger_map(MAP + '[legend]\n"fill:ffff00" = "rank:特別"\n"font:#FF0000" = "stop"\nstrike = "left"\n')
    assert column_map.legend == {"fill:FFFF00": "rank:特別", "font:FF0000": "stop", "strike": "left"}
    assert ledger_map(dump_map(column_map)) == column_map
    for legend in ('"fill:yellow" = "left"', 'strike = "gone"', "strike = 1", '"border" = "left"'):
        with pytest.raises(MapError, match="legend"):
            ledger_map(MAP + f"[legend]\n{legend}\n")
