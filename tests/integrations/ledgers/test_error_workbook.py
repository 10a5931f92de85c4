"""The workbook of rows that were set aside: as they stood, who made it, harmless, and taken back in by itself."""

import io
import zipfile
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
import python_calamine
from django.core.files.base import ContentFile
from django.test import Client
from django.urls import reverse
from django.utils import translation

from crm_project.core.accounts.models import Role, User
from crm_project.core.accounts.services import assign_role
from crm_project.core.audit.choices import Action
from crm_project.core.audit.models import AuditEntry
from crm_project.core.jobs import services as jobs
from crm_project.core.rights import Right
from crm_project.core.tables import Cell
from customers.models import Customer
from integrations.choices import LedgerState
from integrations.ledgers.cells_kept import cells_from, kept_cells
from integrations.ledgers.error_workbook import error_workbook
from integrations.ledgers.services import import_file, receive_ledger, start_import
from integrations.ledgers.undo import undo_ledger
from integrations.models import LedgerImport
from tests.factories.accounts import UserFactory, VenueFactory, person
from tests.integrations.ledgers.files import HEADINGS, ledger, row, workbook

pytestmark = pytest.mark.django_db

WIDE = [*HEADINGS, "", "来店回数", "初回"]
ROWS = [
    [*row("1", "山田 太郎"), "x", 3, "2020-01-02"],
    [*row("2", "", phone="090-0000-0002", note="=1+1"), "私", 12, "2021-03-04"],
    [*row("", "小川 翔", birthday="令和9年13月1日"), "", "", ""],
    [*row("2", "", note="二つ目"), "", 5.5, ""],
]


@pytest.fixture
def admin(settings: Any, tmp_path: Path) -> User:
    """Somebody who may import; uploads go to a folder of the test."""
    settings.MEDIA_ROOT = tmp_path / "media"
    return person("admin", VenueFactory.create())


def imported(path: Path) -> LedgerImport:
    """The import of a file, as the command line does it."""
    with translation.override("en"):
        return import_file(file=ledger(path), by=User.objects.system())[0]


def given_out(found: LedgerImport, by: User) -> bytes:
    """The workbook of the import."""
    with translation.override("en"):
        return error_workbook(found, by).read()


def sheets(content: bytes) -> list[list[list[Any]]]:
    """The cells of both sheets."""
    book = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(content))
    return [book.get_sheet_by_index(number).to_python() for number in (0, 1)]


def put_right(path: Path, content: bytes, **changes: Any) -> Path:
    """The workbook with other cells: B2=... as a person types them."""
    cells = sheets(content)[0]
    for place, value in changes.items():
        line, column = int(place[1:]) - 1, ord(place[0]) - ord("A")
        while len(cells) <= line:
            cells.append([""] * len(cells[0]))
        cells[line][column] = value
    return workbook(path, cells[1:], headings=cells[0])


def part(content: bytes, name: str) -> str:
    """A part of the workbook's package."""
    with zipfile.ZipFile(io.BytesIO(content)) as package:
        return package.read(name).decode()


def test_rows_stand_as_they_were(tmp_path: Path, admin: User) -> None:
    found = imported(workbook(tmp_path / "a.xlsx", ROWS, headings=WIDE))
    assert (found.rows, found.created, found.errors) == (4, 2, 2)
    cells, about = sheets(given_out(found, admin))
    assert cells[0][: len(WIDE)] == WIDE
    assert cells[0][len(WIDE)] == "What to do"
    assert cells[0][len(WIDE) + 1].startswith(f"okami:{found.pk}:")
    assert cells[1][: len(WIDE)] == [*ROWS[1]]
    assert cells[2][: len(WIDE)] == [*ROWS[3]]
    assert cells[3][: len(WIDE)] == [*ROWS[2]]
    assert [line[len(WIDE) + 1] for line in cells[1:]] == [3, 5, 4]
    assert "the name is blank" in cells[1][len(WIDE)]
    assert about[0] == ["a.xlsx"]
    assert str(admin) in about[1][0]
    content = given_out(found, admin)
    assert f"<dc:creator>{admin}</dc:creator>" in part(content, "docProps/core.xml")
    assert "<f>" not in part(content, "xl/worksheets/sheet1.xml")


def test_only_the_rows_that_were_set_aside_are_taken(tmp_path: Path, admin: User) -> None:
    found = imported(workbook(tmp_path / "a.xlsx", ROWS, headings=WIDE))
    content = given_out(found, admin)
    # The name of the first row is written, the second stays wrong; a row of another file is below.
    path = put_right(tmp_path / "b.xlsx", content, B2="北村 健", A5="77", B5="よその 人")
    with translation.override("en"):
        corrected = receive_ledger(upload=ContentFile(path.read_bytes()), name="直した.xlsx", by=admin)
        assert corrected.corrects == found
        assert corrected.job is not None
        jobs.run(corrected.job.pk)
        corrected.refresh_from_db()
        assert corrected.state == LedgerState.PLANNED
        assert (corrected.rows, corrected.created, corrected.updated, corrected.unchanged, corrected.errors) == (
            4,
            1,
            0,
            1,
            2,
        )
        assert jobs.run(start_import(ledger_import=corrected, by=admin).pk)
    corrected.refresh_from_db()
    assert (corrected.state, corrected.rows, corrected.created) == (LedgerState.APPLIED, 4, 1)
    assert corrected.rows == corrected.created + corrected.updated + corrected.unchanged + corrected.errors
    assert Customer.objects.get(code="2").name == "北村 健"
    assert not Customer.objects.filter(code="77").exists()
    left, _about = sheets(given_out(found, admin))
    assert [line[len(WIDE) + 1] for line in left[1:]] == [5, 4]
    again, _about = sheets(given_out(corrected, admin))
    assert again[0][: len(WIDE)] == WIDE
    assert again[0][len(WIDE)] == "What to do"
    assert len(again[0]) == len(WIDE) + 2

    undo_ledger(ledger_import=corrected, by=admin)
    left, _about = sheets(given_out(found, admin))
    assert [line[len(WIDE) + 1] for line in left[1:]] == [3, 5, 4]


def test_cells_right_of_the_last_heading_are_kept(tmp_path: Path, admin: User) -> None:
    rows = [[*row("1", "山田 太郎")], [*row("2", ""), "口頭で", "", 7], [*row("3", ""), "", "追記"]]
    found = imported(workbook(tmp_path / "a.xlsx", rows, headings=HEADINGS))
    content = given_out(found, admin)
    cells, _about = sheets(content)
    end = len(HEADINGS)
    assert [line[end : end + 3] for line in cells] == [["", "", ""], ["口頭で", "", 7], ["", "追記", ""]]
    assert cells[0][end + 3] == "What to do"
    corrected = imported(put_right(tmp_path / "b.xlsx", content, B2="北村 健"))
    assert (corrected.corrects, corrected.created, corrected.errors) == (found, 1, 1)
    again, _about = sheets(given_out(corrected, admin))
    assert again[1][end : end + 2] == ["", "追記"]
    assert again[0][end + 3 : end + 5] == ["What to do", f"okami:{corrected.pk}:{corrected.sha256[:8]}"]


def test_a_workbook_that_comes_back_twice_finds_its_rows_taken(tmp_path: Path, admin: User) -> None:
    rows = [
        row("1", ""),
        row("", "小川 翔", phone="090-0000-0009", birthday="令和9年13月1日"),
        row("", "", phone="090-0000-0007"),
        row("", ""),
    ]
    found = imported(workbook(tmp_path / "a.xlsx", rows))
    content = given_out(found, admin)
    path = put_right(tmp_path / "b.xlsx", content, B2="北村 健", B3="森 さくら", B4="林 一", I5="1980-04-01")
    first = imported(path)
    guests = Customer.objects.count()
    second = imported(path)
    assert (second.corrects, second.created, second.errors) == (found, 0, first.errors)
    assert (second.unchanged, Customer.objects.count()) == (first.created + first.updated + first.unchanged, guests)


def test_the_command_line_knows_the_workbook_too(tmp_path: Path, admin: User) -> None:
    found = imported(workbook(tmp_path / "a.xlsx", ROWS, headings=WIDE))
    path = put_right(tmp_path / "b.xlsx", given_out(found, admin), B2="北村 健", B3="北村 健")
    corrected = imported(path)
    assert corrected.corrects == found
    assert corrected.ledger_key == ""
    newer = imported(workbook(tmp_path / "a2.xlsx", [row("1", "山田 太郎")]))
    assert newer.gone == ["2"]


def test_a_heading_that_somebody_made_up_is_an_ordinary_file(tmp_path: Path) -> None:
    found = imported(workbook(tmp_path / "a.xlsx", ROWS, headings=WIDE))
    for mark in (f"okami:{found.pk}:00000000", "okami:999999999999999999:00000000", "okami:x:y"):
        other = imported(workbook(tmp_path / "b.xlsx", [[*row("9", "別の 人"), "", 2]], headings=[*HEADINGS, "", mark]))
        assert other.corrects is None


def test_cells_come_back_as_they_were() -> None:
    cells: list[Cell] = [
        "a",
        "",
        1,
        1.5,
        True,
        date(2026, 1, 2),
        datetime(2026, 1, 2, 3, 4, 5),
        float("inf"),
        "\ud800\0",
    ]
    assert cells_from(kept_cells(cells)) == [*cells[:7], "inf", "?"]


def test_the_workbook_is_a_right_of_its_own(tmp_path: Path, admin: User, client: Client) -> None:
    found = imported(workbook(tmp_path / "a.xlsx", ROWS, headings=WIDE))
    client.force_login(admin)
    address = reverse("integrations:ledger_errors", args=[found.pk])
    response = client.get(address)
    assert response.status_code == 200
    assert "a-rows-" in response["Content-Disposition"]
    assert AuditEntry.objects.filter(action=Action.EXPORTED).get().changes == {"rows": 3}
    importer = Role.objects.create(code="importer", name="台帳係", rights=[Right.IMPORT_LEDGERS.value])
    clerk = UserFactory.create()
    assign_role(user=clerk, venue=VenueFactory.create(), role=importer, by=admin)
    client.force_login(clerk)
    page = client.get(reverse("integrations:ledger", args=[found.pk]))
    assert page.status_code == 200
    assert address not in page.content.decode()
    assert client.get(address).status_code == 403
