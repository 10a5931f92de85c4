"""The screens of a ledger: who may, what each step shows, every bad file in one sentence."""

import io
import re
from pathlib import Path
from typing import Any

import pytest
import python_calamine
import xlsxwriter
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from crm_project.core.accounts.choices import GuestScope
from crm_project.core.accounts.models import House, User
from crm_project.core.audit.choices import Action
from crm_project.core.audit.models import AuditEntry
from crm_project.core.jobs import services as jobs
from crm_project.core.jobs.choices import JobState
from crm_project.core.jobs.models import Job
from customers.models import Customer
from integrations.choices import LedgerState
from integrations.ledgers.rows_shown import left_out_rows
from integrations.models import LedgerImport, LedgerRow
from tests.factories.accounts import UserFactory, VenueFactory, person
from tests.factories.customers import CustomerFactory
from tests.integrations.ledgers.files import HEADINGS, encrypted, row, workbook, zip_bomb

pytestmark = pytest.mark.django_db

GUESTS = [
    row("1", "山田 太郎", phone="075-000-1234", birthday="令和9年13月1日"),
    row("2", ""),
    row("3", "小川 翔", phone=9000001482, note="=1+1"),
]
PLACES = {
    "code": "0",
    "name": "1",
    "kana": "2",
    "company": "3",
    "phone": "4",
    "address": "5",
    "birthday": "6",
    "allergies": "7",
    "note": "8",
}
HTMX = {"HX-Request": "true"}


@pytest.fixture
def admin(settings: Any, tmp_path: Path) -> User:
    """Somebody who may import; uploads go to a folder of the test."""
    settings.MEDIA_ROOT = tmp_path / "media"
    return person("admin", VenueFactory.create())


@pytest.fixture
def desk(admin: User, client: Client) -> Client:
    """The administrator's browser, in English."""
    client.force_login(admin)
    client.cookies["django_language"] = "en"
    return client


def upload(desk: Client, path: Path) -> Any:
    """Send a file."""
    file = SimpleUploadedFile(path.name, path.read_bytes())
    return desk.post(reverse("integrations:ledgers"), {"file": file})


def received(desk: Client, tmp_path: Path, rows: list[list[Any]] = GUESTS, name: str = "guests.xlsx") -> LedgerImport:
    """An uploaded ledger."""
    response = upload(desk, workbook(tmp_path / name, rows))
    assert response.status_code == 302, response.context["form"].errors
    return LedgerImport.objects.latest("pk")


def checked(desk: Client, tmp_path: Path, **kwargs: Any) -> LedgerImport:
    """A ledger whose preview is ready."""
    ledger = received(desk, tmp_path, **kwargs)
    desk.post(reverse("integrations:ledger_columns", args=[ledger.pk]), PLACES)
    work()
    ledger.refresh_from_db()
    assert ledger.state == LedgerState.PLANNED
    return ledger


def work() -> Job:
    """Run the job that waits, as a worker does."""
    job = jobs.run(Job.objects.get(state=JobState.QUEUED).pk)
    assert job is not None
    return job


PAGES = ["ledgers", "ledger", "ledger_columns", "ledger_errors"]
ACTIONS = ["ledger_import", "ledger_drop", "ledger_unlock"]


@pytest.mark.parametrize("name", [*PAGES, *ACTIONS])
def test_only_who_imports_ledgers_gets_in(desk: Client, tmp_path: Path, name: str) -> None:
    ledger = received(desk, tmp_path)
    address = reverse(f"integrations:{name}", args=[] if name == "ledgers" else [ledger.pk])
    for stranger in (person("floor"), person("okami"), person("kitchen"), UserFactory.create()):
        desk.force_login(stranger)
        response = desk.post(address) if name in ACTIONS else desk.get(address)
        assert response.status_code == 403
    desk.logout()
    response = desk.get(address)
    assert response.status_code == 302
    assert reverse("account_login") in response["Location"]
    assert LedgerImport.objects.get() == ledger


def test_the_menu_shows_ledgers_to_who_may(desk: Client) -> None:
    address = reverse("integrations:ledgers")
    assert f'href="{address}"' in desk.get(address).content.decode()


def test_the_first_ledger_is_asked_for(desk: Client) -> None:
    page = desk.get(reverse("integrations:ledgers")).content.decode()
    assert "No ledger has been imported yet" in page
    assert "Up to 200 MB" in page


def test_an_upload_is_kept_where_only_okami_reads_it(desk: Client, tmp_path: Path) -> None:
    ledger = received(desk, tmp_path)
    assert (ledger.file_name, ledger.sheet, ledger.state) == ("guests.xlsx", "名簿", LedgerState.UPLOADED)
    assert ledger.stored_as.startswith("ledgers/")
    assert Path(default_storage.path(ledger.stored_as)).stat().st_mode & 0o077 == 0
    assert AuditEntry.objects.filter(action=Action.CREATED, subject_name="guests.xlsx").exists()


BAD_UPLOADS = {
    "text.xlsx": lambda path: path.write_text("氏名,電話\n山田,075"),
    "empty.xlsx": lambda path: workbook(path, [], headings=[]),
    "nothing.csv": lambda path: path.write_bytes(b""),
    "bomb.xlsx": zip_bomb,
    "picture.csv": lambda path: path.write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(100)),
}


@pytest.mark.parametrize("name", BAD_UPLOADS)
def test_a_bad_file_gets_one_sentence_and_is_thrown_away(desk: Client, tmp_path: Path, name: str) -> None:
    BAD_UPLOADS[name](tmp_path / name)
    response = upload(desk, tmp_path / name)
    assert response.status_code == 422
    [sentence] = response.context["form"].errors["file"]
    assert name in sentence
    assert not LedgerImport.objects.exists()
    folder = tmp_path / "media" / "ledgers"
    assert not folder.exists() or not list(folder.iterdir())


def stored_files(tmp_path: Path) -> list[Path]:
    """What lies in the folder of uploads."""
    return list((tmp_path / "media" / "ledgers").iterdir())


def test_a_protected_workbook_with_its_password_is_kept_without(desk: Client, tmp_path: Path) -> None:
    path = encrypted(tmp_path / "locked.xlsx")
    file = SimpleUploadedFile(path.name, path.read_bytes())
    response = desk.post(reverse("integrations:ledgers"), {"file": file, "password": "himitsu"})
    assert response.status_code == 302
    assert LedgerImport.objects.get().sheet == "名簿"
    [stored] = stored_files(tmp_path)
    assert stored.read_bytes().startswith(b"PK")
    assert desk.get(response["Location"]).context["table"].headings == tuple(HEADINGS)


def test_a_protected_workbook_asks_for_its_password(
    desk: Client, tmp_path: Path, django_capture_on_commit_callbacks: Any
) -> None:
    assert upload(desk, encrypted(tmp_path / "locked.xlsx")).status_code == 302
    ledger = LedgerImport.objects.get()
    columns = reverse("integrations:ledger_columns", args=[ledger.pk])
    page = desk.get(columns)
    assert page.status_code == 422
    assert 'type="password"' in page.content.decode()
    unlock = reverse("integrations:ledger_unlock", args=[ledger.pk])
    for password, sentence in (("", "Type the password"), ("himtsu", "does not open with this password")):
        page = desk.post(unlock, {"password": password})
        assert (page.status_code, sentence in page.content.decode()) == (422, True)
        assert (password or "himitsu") not in page.content.decode()
    with django_capture_on_commit_callbacks(execute=True):
        assert desk.post(unlock, {"password": "himitsu"})["Location"] == columns
    assert desk.get(columns).status_code == 200
    [stored] = stored_files(tmp_path)
    assert stored.read_bytes().startswith(b"PK")
    assert "himitsu" not in str(list(AuditEntry.objects.values()))


def test_an_upload_over_the_limit_gets_a_sentence(desk: Client, tmp_path: Path, settings: Any) -> None:
    settings.UPLOAD_LIMIT_BYTES = 1024**2
    (tmp_path / "big.csv").write_bytes(b"x" * (3 * 1024**2))
    response = upload(desk, tmp_path / "big.csv")
    assert response.status_code == 422
    assert response.context["form"].errors["file"] == [
        "The file is too large: the limit is 1 MB. Split it, or save it as CSV."
    ]
    settings.UPLOAD_LIMIT_BYTES = 2 * 1024**2 + 1
    (tmp_path / "big.csv").write_bytes(b"x" * (2 * 1024**2 + 2))
    assert "2 MB" in upload(desk, tmp_path / "big.csv").context["form"].errors["file"][0]
    assert not LedgerImport.objects.exists()


def test_no_file_chosen(desk: Client) -> None:
    response = desk.post(reverse("integrations:ledgers"))
    assert response.status_code == 422
    assert "file" in response.context["form"].errors


def test_columns_are_suggested_with_their_first_words(desk: Client, tmp_path: Path) -> None:
    ledger = received(desk, tmp_path)
    response = desk.get(reverse("integrations:ledger_columns", args=[ledger.pk]))
    form = response.context["form"]
    assert {name: form[name].value() for name in PLACES} == PLACES
    assert dict(form.fields["name"].choices)["1"] == "氏名　（山田 太郎 / 小川 翔）"
    assert form["email"].value() == ""


def test_the_name_must_be_chosen(desk: Client, tmp_path: Path) -> None:
    ledger = received(desk, tmp_path)
    address = reverse("integrations:ledger_columns", args=[ledger.pk])
    response = desk.post(address, {**PLACES, "name": ""})
    assert response.status_code == 422
    assert response.context["form"].errors == {"name": ["Choose the column that holds the name."]}
    assert not Job.objects.exists()


def test_two_columns_make_one_name(desk: Client, tmp_path: Path) -> None:
    workbook(tmp_path / "guests.xlsx", [["山田", "太郎"]], headings=["姓", "名"])
    upload(desk, tmp_path / "guests.xlsx")
    ledger = LedgerImport.objects.get()
    address = reverse("integrations:ledger_columns", args=[ledger.pk])
    form = desk.get(address).context["form"]
    assert (form["name"].value(), form["name_and"].value()) == ("0", "1")
    desk.post(address, {"name": "0", "name_and": "1"})
    ledger.refresh_from_db()
    assert ledger.map_text == '[columns]\nname = {join = ["姓", "名"]}\n'


def test_an_empty_sheet_is_told_and_another_can_be_chosen(desk: Client, tmp_path: Path) -> None:
    import xlsxwriter

    with xlsxwriter.Workbook(str(tmp_path / "guests.xlsx")) as book:
        page = book.add_worksheet("名簿")
        page.write_row(0, 0, HEADINGS)
        page.write_row(1, 0, GUESTS[0])
        book.add_worksheet("空")
    upload(desk, tmp_path / "guests.xlsx")
    address = reverse("integrations:ledger_columns", args=[LedgerImport.objects.get().pk])
    response = desk.get(address, {"sheet": "空"})
    assert response.status_code == 422
    assert "空" in response.context["problem"]
    assert "名簿" in response.context["problem"]
    assert desk.get(address, {"sheet": "名簿"}).status_code == 200


def test_hidden_sheets_and_pictures_are_named_and_a_hidden_sheet_can_be_chosen(desk: Client, tmp_path: Path) -> None:
    """Nothing hidden comes in unseen, and nothing is left out unsaid."""
    path = tmp_path / "a.xlsx"
    with xlsxwriter.Workbook(path) as book:
        for name, guest in (("名簿", "山田 太郎"), ("旧名簿", "小川 翔")):
            sheet = book.add_worksheet(name)
            sheet.write_row(0, 0, HEADINGS[:2])
            sheet.write_row(1, 0, ["1", guest])
            if name == "名簿":
                sheet.insert_textbox(3, 3, "済")
            else:
                sheet.hide()
    upload(desk, path)
    ledger = LedgerImport.objects.latest("pk")
    address = reverse("integrations:ledger_columns", args=[ledger.pk])
    page = desk.get(address).content.decode()
    assert "Hidden sheets come in only when they are chosen: 旧名簿." in page
    assert "Pictures, stamps and charts of the sheet are not taken." in page
    assert "小川 翔" not in page
    hidden = desk.get(address, {"sheet": "旧名簿"}).content.decode()
    assert '<option value="旧名簿" selected>旧名簿 (hidden)</option>' in hidden
    assert "小川 翔" in hidden
    assert "Pictures" not in hidden


def test_the_map_of_the_former_copy_is_remembered(desk: Client, tmp_path: Path) -> None:
    ledger = received(desk, tmp_path, name="guests_2025.xlsx")
    desk.post(reverse("integrations:ledger_columns", args=[ledger.pk]), {"name": "1", "note": "3"})
    work()
    desk.post(reverse("integrations:ledger_import", args=[ledger.pk]))
    work()
    newer = received(desk, tmp_path, name="guests_2026.xlsx")
    response = desk.get(reverse("integrations:ledger_columns", args=[newer.pk]))
    form = response.context["form"]
    assert (form["name"].value(), form["note"].value(), form["code"].value()) == ("1", "3", "")
    assert "matched as they were last time" in response.content.decode()


def test_the_check_shows_its_progress_then_the_preview(desk: Client, tmp_path: Path) -> None:
    ledger = received(desk, tmp_path)
    response = desk.post(reverse("integrations:ledger_columns", args=[ledger.pk]), PLACES)
    address = reverse("integrations:ledger", args=[ledger.pk])
    assert response["Location"] == address
    waiting = desk.get(address, headers=HTMX)
    assert f'hx-get="{address}"' in waiting.content.decode()
    assert "<html" not in waiting.content.decode()
    work()
    assert desk.get(address, headers=HTMX)["HX-Refresh"] == "true"

    page = desk.get(address)
    assert [shown.row.row_number for shown in page.context["rows"]] == [3, 2, 4]
    assert not Customer.objects.exists()
    text = page.content.decode()
    assert "the name is blank" in text
    assert "month 13 does not exist" in text
    assert "the 0 in front was put back" in text
    assert "090-0000-1482" in text
    assert "3 rows = new 2 + updated 0 + the same 0 + set aside 1" in text


@pytest.mark.parametrize(
    ("show", "numbers"),
    [
        ("error", [3]),
        ("not_read", [2]),
        ("changed", [4]),
        ("created", [2, 4]),
        ("updated", []),
        ("nonsense", [3, 2, 4]),
    ],
)
def test_rows_can_be_narrowed(desk: Client, tmp_path: Path, show: str, numbers: list[int]) -> None:
    ledger = checked(desk, tmp_path)
    page = desk.get(reverse("integrations:ledger", args=[ledger.pk]), {"show": show})
    assert [shown.row.row_number for shown in page.context["rows"]] == numbers


def test_what_values_became_is_told_by_column_and_kind(desk: Client, tmp_path: Path) -> None:
    ledger = checked(desk, tmp_path)
    address = reverse("integrations:ledger", args=[ledger.pk])
    for _state in ("planned", "applied"):
        page = desk.get(address)
        groups = [(one.column, one.kind, one.count, one.examples) for one in page.context["changed_columns"]]
        assert groups == [
            ("生年月日 (G)", "could not be read", 1, [[2, "令和9年13月1日", ""]]),
            ("電話番号 (E)", "the 0 in front put back", 1, [[4, "9000001482", "090-0000-1482"]]),
        ]
        text = " ".join(page.content.decode().split())
        assert "Values changed on the way in: 1・not read: 1" in text
        assert "電話番号 (E): 9000001482 → 090-0000-1482" in text
        desk.post(reverse("integrations:ledger_import", args=[ledger.pk]))
        if _state == "planned":
            work()


def test_columns_that_are_not_taken_are_named(desk: Client, tmp_path: Path) -> None:
    """In the preview, and after the import."""
    ledger = received(desk, tmp_path)
    desk.post(reverse("integrations:ledger_columns", args=[ledger.pk]), PLACES | {"note": "", "birthday": ""})
    work()
    page = desk.get(reverse("integrations:ledger", args=[ledger.pk])).content.decode()
    assert "2 columns of the file are not taken" in page
    assert f"<p>{HEADINGS[6]}、{HEADINGS[8]}</p>" in page
    desk.post(reverse("integrations:ledger_import", args=[ledger.pk]))
    work()
    assert "2 columns of the file are not taken" in desk.get(page_of(ledger)).content.decode()


def page_of(ledger: LedgerImport) -> str:
    """The import's page."""
    return reverse("integrations:ledger", args=[ledger.pk])


def test_changes_are_shown_before_and_after(desk: Client, tmp_path: Path) -> None:
    CustomerFactory.create(code="1", name="山田 一郎", kana="ヤマダ", phones=["075-000-0009"])
    ledger = checked(desk, tmp_path)
    [shown] = desk.get(reverse("integrations:ledger", args=[ledger.pk]), {"show": "updated"}).context["rows"]
    changes = [(before, after) for _label, before, after in shown.changes]
    assert changes[0] == ("山田 一郎", "山田 太郎")
    assert changes[1] == ("", "birthday: 令和9年13月1日") or changes[2] == ("", "birthday: 令和9年13月1日")
    assert ("075-000-0009", "075-000-1234、075-000-0009") in changes


def test_the_import_writes_and_tells_what_it_did(desk: Client, tmp_path: Path) -> None:
    CustomerFactory.create(code="9", name="前からのお客様")
    ledger = checked(desk, tmp_path)
    stored = Path(default_storage.path(ledger.stored_as))
    address = reverse("integrations:ledger", args=[ledger.pk])
    response = desk.post(reverse("integrations:ledger_import", args=[ledger.pk]))
    assert response["Location"] == address
    job = work()
    assert job.result is not None
    assert (job.state, job.result["created"], job.result["errors"]) == (JobState.DONE, 2, 1)
    page = desk.get(address)
    assert page.context["is_applied"]
    assert page.context["ledger"].created == 2
    assert set(Customer.objects.values_list("code", flat=True)) == {"9", "1", "3"}
    guest = Customer.objects.get(code="3")
    assert reverse("customers:card", args=[guest.pk]) in page.content.decode()
    assert not stored.exists()
    assert AuditEntry.objects.get(action=Action.IMPORTED).actor_id == job.created_by_id


def test_the_same_import_is_not_done_twice(desk: Client, tmp_path: Path) -> None:
    ledger = checked(desk, tmp_path)
    address = reverse("integrations:ledger_import", args=[ledger.pk])
    desk.post(address)
    desk.post(address)
    work()
    desk.post(address)
    assert Job.objects.filter(name="apply_ledger").count() == 1
    assert Customer.objects.count() == 2


def test_nothing_is_imported_before_it_was_looked_at(desk: Client, tmp_path: Path) -> None:
    ledger = received(desk, tmp_path)
    desk.post(reverse("integrations:ledger_import", args=[ledger.pk]))
    assert not Job.objects.exists()


def test_gone_guests_are_named_and_stay(desk: Client, tmp_path: Path) -> None:
    ledger = checked(desk, tmp_path)
    desk.post(reverse("integrations:ledger_import", args=[ledger.pk]))
    work()
    newer = checked(desk, tmp_path, rows=GUESTS[2:], name="guests2.xlsx")
    page = desk.get(reverse("integrations:ledger", args=[newer.pk]))
    assert [(line.mark, line.words) for line in page.context["gone"]] == [("1", "山田 太郎 様")]


def test_guests_of_other_venues_are_codes_in_a_narrowed_house(desk: Client, tmp_path: Path) -> None:
    elsewhere = VenueFactory.create()
    CustomerFactory.create(code="1", name="東山 花子", phones=["075-000-0009"]).known_at.add(elsewhere)
    first = checked(desk, tmp_path, rows=[row("1", "東山 花子"), row("5", "西川 茂")])
    desk.post(reverse("integrations:ledger_import", args=[first.pk]))
    work()
    Customer.objects.get(code="5").known_at.add(elsewhere)
    newer = checked(desk, tmp_path, name="guests2.xlsx", rows=[row("1", "東山 花", note="席"), row("7", "小川 翔")])
    address = reverse("integrations:ledger", args=[newer.pk])
    assert "西川 茂" in desk.get(address).content.decode()

    House.objects.update_or_create(pk=1, defaults={"guest_scope": GuestScope.VENUE})
    page = desk.get(address)
    text = page.content.decode()
    assert [(line.mark, line.words, line.url) for line in page.context["gone"]] == [("5", "", "")]
    assert "西川 茂" not in text
    assert "東山 花子" not in text
    [shown] = desk.get(address, {"show": "updated"}).context["rows"]
    assert (shown.guest, shown.hidden_code, shown.written, shown.remarks) == (None, "1", "", [])
    assert [(before, after) for _label, before, after in shown.changes] == [("", "")] * 2
    assert reverse("customers:card", args=[shown.row.customer_id]) not in text


@pytest.mark.parametrize(
    ("scope", "named"),
    [
        (GuestScope.GROUP, {"山田 太郎 (A-1)", "山田 太郎 (A-2)", "山田 太郎 (B-9)"}),
        (GuestScope.VENUE, {"山田 太郎 (A-1)", "山田 太郎 (A-2)"}),
    ],
)
def test_a_row_that_may_be_several_guests_names_those_the_reader_may_open(
    desk: Client, tmp_path: Path, scope: str, named: set[str]
) -> None:
    elsewhere = VenueFactory.create()
    for code in ("A-1", "A-2", "B-9"):
        guest = CustomerFactory.create(code=code, name="山田 太郎", phones=["075-000-0100"])
        if code == "B-9":
            guest.known_at.add(elsewhere)
    ledger = checked(desk, tmp_path, rows=[row("", "山田 太郎", phone="075-000-0100")])
    House.objects.update_or_create(pk=1, defaults={"guest_scope": scope})

    page = desk.get(reverse("integrations:ledger", args=[ledger.pk])).content.decode()
    response: Any = desk.get(reverse("integrations:ledger_errors", args=[ledger.pk]))
    book = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(b"".join(response.streaming_content)))

    sheet = str(book.get_sheet_by_index(0).to_python())
    for text in (page, sheet):
        assert set(re.findall(r"山田 太郎 \([AB]-\d\)", text)) == named
        assert ("B-9" in text) == (scope == GuestScope.GROUP)


def test_bad_rows_come_as_a_workbook_without_formulas(desk: Client, tmp_path: Path) -> None:
    ledger = checked(desk, tmp_path, rows=[row("1", "", note="=HYPERLINK(1)"), row("2", "小川 翔", birthday="いつか")])
    response: Any = desk.get(reverse("integrations:ledger_errors", args=[ledger.pk]))
    content = b"".join(response.streaming_content)
    assert b"<f>" not in content
    book = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(content))
    heading, *rows = book.get_sheet_by_index(0).to_python()
    assert heading[:-1] == [*HEADINGS, "What to do"]
    assert rows[0][0] == "1"
    assert rows[0][8:] == ["=HYPERLINK(1)", "the name is blank", 2.0]
    assert rows[1][1] == "小川 翔"
    assert AuditEntry.objects.filter(action=Action.EXPORTED).exists()


def test_an_upload_can_be_thrown_away(desk: Client, tmp_path: Path, django_capture_on_commit_callbacks: Any) -> None:
    ledger = checked(desk, tmp_path)
    stored = Path(default_storage.path(ledger.stored_as))
    with django_capture_on_commit_callbacks(execute=True):
        desk.post(reverse("integrations:ledger_drop", args=[ledger.pk]))
    assert not LedgerImport.objects.exists()
    assert not LedgerRow.objects.exists()
    assert not stored.exists()


def test_an_imported_ledger_cannot_be_thrown_away(desk: Client, tmp_path: Path) -> None:
    ledger = checked(desk, tmp_path)
    desk.post(reverse("integrations:ledger_import", args=[ledger.pk]))
    work()
    assert desk.post(reverse("integrations:ledger_drop", args=[ledger.pk])).status_code == 404
    assert desk.get(reverse("integrations:ledger_columns", args=[ledger.pk])).status_code == 302
    assert LedgerImport.objects.exists()


def test_a_file_that_is_gone_is_told_and_nothing_is_written(desk: Client, tmp_path: Path) -> None:
    ledger = checked(desk, tmp_path)
    default_storage.delete(ledger.stored_as)
    desk.post(reverse("integrations:ledger_import", args=[ledger.pk]))
    job = work()
    assert job.state == JobState.FAILED
    page = desk.get(reverse("integrations:ledger", args=[ledger.pk])).content.decode()
    assert "guests.xlsx" in job.error
    assert "Nothing is written." in page
    assert not Customer.objects.exists()


@pytest.mark.parametrize("count", [1, 3])
def test_the_list_asks_the_same_queries_for_any_number(
    desk: Client, tmp_path: Path, django_assert_num_queries: Any, count: int
) -> None:
    for number in range(count):
        received(desk, tmp_path, name=f"guests{number}.xlsx")
    desk.get(reverse("integrations:ledgers"))
    with django_assert_num_queries(LIST_QUERIES):
        desk.get(reverse("integrations:ledgers"))


@pytest.mark.parametrize("count", [1, 3])
def test_the_rows_ask_the_same_queries_for_any_number(
    desk: Client, tmp_path: Path, django_assert_num_queries: Any, count: int
) -> None:
    for number in range(3):
        CustomerFactory.create(code=str(number), name=f"客 {number}", kana="")
    ledger = checked(desk, tmp_path, rows=[row(str(number), f"客人 {number}") for number in range(count)])
    with django_assert_num_queries(ROWS_QUERIES):
        desk.get(reverse("integrations:ledger", args=[ledger.pk]))


# session, person, house, venues, rights, memberships of the menu, its badges; then the page's own: count and rows.
LIST_QUERIES = 8
# and who knows a guest, whom of the guests the person may open
ROWS_QUERIES = 10


def test_the_screen_asks_what_colours_mean_and_remembers_it(desk: Client, tmp_path: Path) -> None:
    path = tmp_path / "guests.xlsx"
    with xlsxwriter.Workbook(str(path)) as book:
        sheet, header = book.add_worksheet("名簿"), book.add_format({"bg_color": "#DDDDDD"})
        sheet.write_row(0, 0, HEADINGS, header)
        for at, name in enumerate(["花山 一郎", "月野 二郎", "星川 三郎", "雪村 四郎"], start=1):
            struck = book.add_format({"font_strikeout": True}) if at == 2 else None
            sheet.write_row(at, 0, row(str(at), name), struck)
    upload(desk, path)
    ledger = LedgerImport.objects.get()
    columns = reverse("integrations:ledger_columns", args=[ledger.pk])
    form = desk.get(columns).context["form"]
    assert form.marks == {"mark_0": "strike"}  # the colour of the headings says nothing of a guest
    desk.post(columns, PLACES | {"mark_0": "left"})
    ledger.refresh_from_db()
    assert 'strike = "left"' in ledger.map_text
    assert desk.get(columns).context["form"].fields["mark_0"].initial == "left"


def test_sums_among_visits_are_told_to_who_may_see_money() -> None:
    venue = VenueFactory.create()
    rows = [{"row": 9, "kind": "subtotal", "text": "合計 | 36,000"}, {"row": 10, "kind": "section", "text": "か行"}]
    visits = LedgerImport(target="visits", left_out={"rows": rows})
    assert [text for _row, _kind, text in left_out_rows(visits, person("floor", venue))] == ["", "か行"]
    assert [text for _row, _kind, text in left_out_rows(visits, person("admin", venue))] == ["合計 | 36,000", "か行"]
