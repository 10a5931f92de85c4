"""The screens of notebooks: photos that are clean, the plain form without scripts, who may, progress on the plan."""

import io
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from PIL import Image

from crm_project.core.accounts.models import User, Venue
from crm_project.core.audit.choices import Action
from crm_project.core.audit.models import AuditEntry
from crm_project.core.rights import Right
from customers.models import Customer
from integrations.models import LedgerRow, Notebook, NotebookPage, NotebookRow
from integrations.notebooks.services import LATER
from tests.factories.accounts import VenueFactory, person
from tests.factories.customers import CustomerFactory
from tests.integrations.notebooks.books import first_page, notebook, photo, save
from visits.models import Visit

pytestmark = pytest.mark.django_db
LIST = reverse("integrations:notebooks")


@pytest.fixture
def venue() -> Venue:
    return VenueFactory.create()


@pytest.fixture
def leader(venue: Venue) -> User:
    return person("admin", venue)


@pytest.fixture
def signed(client: Client, leader: User) -> Client:
    client.force_login(leader)
    client.cookies["django_language"] = "en"
    return client


@pytest.fixture
def page(leader: User, venue: Venue) -> NotebookPage:
    return first_page(notebook(leader, venue, pages=2))


def address(page: NotebookPage, name: str = "notebook_page") -> str:
    return reverse(f"integrations:{name}", args=[page.pk])


def sent(**values: Any) -> dict[str, Any]:
    return {"do": "save", "token": "", "name": "", "kana": "", "phone": "", "note": "", "allergies": ""} | values


def kept_files() -> list[Path]:
    folder = Path(settings.MEDIA_ROOT) / "notebook-pages"
    return sorted(folder.iterdir()) if folder.exists() else []


class TestPhotos:
    def test_pages_are_kept_clean_and_in_order(self, signed: Client, venue: Venue) -> None:
        uploads = [photo("b.jpg", size=(3000, 2000)), photo("a.png", form="PNG")]
        answer = signed.post(LIST, {"name": "常連帳", "venue": venue.pk, "photos": uploads})
        book = Notebook.objects.get()
        assert answer["Location"] == reverse("integrations:notebook", args=[book.pk])
        first, second = book.pages.all()
        with Image.open(first.file.path) as image:
            assert (image.format, max(image.size), dict(image.getexif())) == ("JPEG", 2600, {})
        assert b"SecretPhone" not in Path(first.file.path).read_bytes()
        assert (first.number, second.number) == (1, 2)
        assert AuditEntry.objects.filter(action=Action.CREATED, subject_type="integrations.notebook").count() == 1

    @pytest.mark.parametrize(
        "bad",
        [
            SimpleUploadedFile("x.jpg", b"MZ no photo"),
            SimpleUploadedFile("x.jpg", b"<svg onload=alert(1)>"),
            SimpleUploadedFile("x.pdf", b"%PDF-1.4"),
        ],
    )
    def test_one_that_is_no_photo_keeps_nothing(self, signed: Client, venue: Venue, bad: SimpleUploadedFile) -> None:
        before = kept_files()
        bad.seek(0)
        answer = signed.post(LIST, {"name": "常連帳", "venue": venue.pk, "photos": [photo(), bad]})
        assert answer.status_code == 422
        assert str(bad.name) in answer.content.decode()
        assert not Notebook.objects.exists()
        assert kept_files() == before

    def test_a_name_tells_notebooks_apart(self, signed: Client, page: NotebookPage, venue: Venue) -> None:
        before = kept_files()
        answer = signed.post(LIST, {"name": page.notebook.name, "venue": venue.pk, "photos": [photo()]})
        assert answer.status_code == 422
        assert kept_files() == before
        assert signed.post(LIST, {"name": "別帳", "venue": venue.pk}).status_code == 422
        assert (
            signed.post(LIST, {"name": "別帳", "venue": "99999999999999999999", "photos": [photo()]}).status_code == 422
        )

    def test_further_pages_stand_behind(self, signed: Client, page: NotebookPage) -> None:
        signed.post(reverse("integrations:notebook", args=[page.notebook_id]), {"photos": [photo()]})
        assert [one.number for one in page.notebook.pages.all()] == [1, 2, 3]

    def test_a_photo_is_shown_turned_and_each_look_is_in_the_trail(self, signed: Client, page: NotebookPage) -> None:
        def shown() -> tuple[int, int]:
            answer = signed.get(address(page, "notebook_photo"))
            assert "no-store" in answer.headers["Cache-Control"]
            with Image.open(io.BytesIO(answer.content)) as image:
                return image.size

        assert shown() == (60, 40)
        for _quarter in range(3):
            signed.post(address(page, "notebook_state"), {"do": "turn"})
        assert shown() == (40, 60)
        signed.post(address(page, "notebook_state"), {"do": "turn"})
        page.refresh_from_db()
        assert page.quarter_turns == 0
        seen = AuditEntry.objects.filter(action=Action.VIEWED, subject_type="integrations.notebookpage")
        assert seen.count() == 2

    def test_a_page_goes_with_its_photo(
        self, signed: Client, page: NotebookPage, django_capture_on_commit_callbacks: Any
    ) -> None:
        path = Path(page.file.path)
        with django_capture_on_commit_callbacks(execute=True):
            signed.post(address(page, "notebook_state"), {"do": "remove"})
        assert not path.exists()
        assert signed.get(address(page, "notebook_photo")).status_code == 404

    def test_a_page_with_rows_stays(self, signed: Client, page: NotebookPage, leader: User) -> None:
        save(page, leader, name="小川 翔")
        signed.post(address(page, "notebook_state"), {"do": "remove"})
        assert NotebookPage.objects.filter(pk=page.pk).exists()

    def test_photos_are_thrown_away_when_all_is_typed(
        self, signed: Client, page: NotebookPage, leader: User, django_capture_on_commit_callbacks: Any
    ) -> None:
        save(page, leader, name="小川 翔")
        path, book = Path(page.file.path), reverse("integrations:notebook", args=[page.notebook_id])
        signed.post(book, {"do": "forget"})
        assert path.exists()
        for one in page.notebook.pages.all():
            signed.post(address(one, "notebook_state"), {"do": "done"})
        with django_capture_on_commit_callbacks(execute=True):
            signed.post(book, {"do": "forget"})
        assert not path.exists()
        assert signed.get(address(page)).status_code == 200
        assert LedgerRow.objects.count() == 1


class TestTyping:
    def test_a_row_is_taken_back_by_its_button(self, signed: Client, page: NotebookPage, leader: User) -> None:
        saved = save(page, leader, name="小川 翔")
        assert f'name="row" value="{saved.row.pk}"' in signed.get(address(page)).content.decode()
        for row in ("", "x", "9" * 20, str(saved.row.pk + 1)):
            answer = signed.post(address(page, "notebook_state"), {"do": "take_back", "row": row}, follow=True)
            assert "This row was taken back already." in answer.content.decode()
        answer = signed.post(address(page, "notebook_state"), {"do": "take_back", "row": saved.row.pk}, follow=True)
        shown = answer.content.decode()
        assert "The row is taken back; its words stand in the form." in shown
        assert 'value="小川 翔"' in shown
        assert not Customer.objects.exists()

    def test_the_plain_form_saves_a_row_and_gives_a_blank_one(self, signed: Client, page: NotebookPage) -> None:
        answer = signed.post(address(page), sent(name="小川 翔", date="H29.9.4", year="H29"), follow=True)
        assert answer.redirect_chain == [(address(page), 302)]
        text = answer.content.decode()
        assert "Row 1 is saved: 小川 翔 (new)" in text
        assert Customer.objects.get().name == "小川 翔"
        assert Visit.objects.count() == 1
        form = answer.context["form"]
        assert (form["name"].value(), form["year"].value()) == ("", "H29")

    def test_enter_of_a_plain_form_only_looks_up(self, signed: Client, page: NotebookPage) -> None:
        text = signed.get(address(page)).content.decode()
        form = text[text.index('id="row-form"') :]
        assert form.index('value="look"') < form.index('value="save"')
        CustomerFactory.create(name="小川 翔", kana="オガワ ショウ")
        answer = signed.post(address(page), sent(do="look", name="小川 翔"))
        text = answer.content.decode()
        assert answer.status_code == 200
        assert "same family name" in text
        assert "オガワ ショウ" in text
        assert "1 of 1 guests of that name read it so" in text
        assert Customer.objects.count() == 1
        answer = signed.post(address(page), sent(do="kana", name="小川 翔"))
        assert answer.context["form"]["kana"].value() == "オガワ ショウ"
        assert answer.context["guessed"] == "オガワ ショウ"

    def test_whom_it_is_about_has_to_be_said(self, signed: Client, page: NotebookPage) -> None:
        known = CustomerFactory.create(name="小川 翔")
        answer = signed.post(address(page), sent(name="小川 翔", note="窓の席"))
        assert answer.status_code == 422
        assert "Say who it is" in answer.content.decode()
        assert answer.context["form"]["note"].value() == "窓の席"
        for wrong in ("99999999999999999999", "-1", "x", str(known.pk + 1)):
            assert signed.post(address(page), sent(name="小川 翔", who=wrong)).status_code == 422
        signed.post(address(page), sent(name="小川 翔", note="窓の席", who=str(known.pk)))
        known.refresh_from_db()
        assert known.note == "窓の席"

    def test_another_guest_is_searched_for(self, signed: Client, page: NotebookPage) -> None:
        known = CustomerFactory.create(name="大川 桃子", kana="オオカワ モモコ")
        answer = signed.post(address(page), {**sent(do="look", name="小川 翔"), "who-q": "大川"})
        assert f'value="{known.pk}"' in answer.content.decode()
        signed.post(address(page), sent(name="小川 翔", who=str(known.pk), note="窓の席"))
        known.refresh_from_db()
        assert (known.name, known.note) == ("大川 桃子", "窓の席")

    def test_a_closed_tab_loses_nothing(self, signed: Client, page: NotebookPage) -> None:
        token = "0" * 32
        answer = signed.post(address(page, "notebook_draft"), sent(token=token, name="小川 翔", note="窓"))
        assert answer.headers["HX-Trigger"] == "okami:saved"
        opened = signed.get(address(page))
        assert (opened.context["form"]["name"].value(), opened.context["token"].hex) == ("小川 翔", token)
        assert not Customer.objects.exists()
        # The page is not done while a row is typed and not saved.
        signed.post(address(page, "notebook_state"), {"do": "done"})
        page.refresh_from_db()
        assert page.done_at is None
        signed.post(address(page), sent(token=token, name="小川 翔", note="窓"))
        assert signed.get(address(page)).context["form"]["name"].value() == ""

    def test_the_sign_for_the_same_as_above(self, signed: Client, page: NotebookPage) -> None:
        signed.post(address(page), sent(name="小川 翔", company="架空商事", date="2017-09-04"))
        signed.post(address(page), sent(name="大川 桃子", company="〃", date="同上"))
        second = Customer.objects.get(name="大川 桃子")
        assert second.company is not None
        assert second.company.name == "架空商事"
        assert Visit.objects.filter(business_date="2017-09-04").count() == 2

    def test_guests_who_are_shown_are_in_the_trail_once(self, signed: Client, page: NotebookPage) -> None:
        known = CustomerFactory.create(name="小川 翔")
        for name in ("小川 翔", "小川 翔 "):
            signed.post(address(page, "notebook_draft"), sent(token="0" * 32, name=name))
        seen = AuditEntry.objects.filter(action=Action.VIEWED, subject_type="customers.customer")
        assert list(seen.values_list("subject_id", flat=True)) == [str(known.pk)]

    def test_confidential_guests_are_shown_to_nobody(self, signed: Client, page: NotebookPage) -> None:
        CustomerFactory.create(name="九十九 隠", kana="ツクモ カクレ", is_confidential=True)
        answer = signed.post(address(page), sent(do="look", name="九十九 隠"))
        assert "ツクモ" not in answer.content.decode()
        assert answer.context["candidates"] == []

    def test_a_row_that_waits_is_decided_on_the_same_screen(self, signed: Client, page: NotebookPage) -> None:
        known = CustomerFactory.create(name="小川 翔")
        signed.post(address(page), sent(name="小川 翔", date="2017-09-04", who=LATER))
        row = NotebookRow.objects.get()
        here = f"{address(page)}?row={row.pk}"
        waiting = reverse("integrations:ledger_waiting", args=[page.notebook.__class__.objects.get().ledger_import_id])
        assert signed.get(waiting)["Location"] == here
        opened = signed.get(here)
        assert opened.context["form"]["name"].value() == "小川 翔"
        values = sent(name="小川 翔", date="2017-09-04", row=row.pk, token=row.token, who=str(known.pk))
        answer = signed.post(address(page), values)
        assert answer["Location"] == reverse("integrations:notebook", args=[page.notebook_id])
        assert Visit.objects.count() == 1
        # Decided about already: the row is a row of the page like any other.
        assert signed.get(here)["Location"] == address(page)

    @pytest.mark.parametrize("name", ["\0", "\ud800", "😀", "あ" * 5000, "1" * 20])
    def test_odd_signs_are_answered(self, signed: Client, page: NotebookPage, name: str) -> None:
        values = dict.fromkeys(("name", "kana", "phone", "company", "date", "year", "note", "allergies"), name)
        for do in ("look", "save"):
            body = "&".join(f"{key}=" + _quoted(value) for key, value in {**values, "do": do}.items())
            answer = signed.post(address(page), body, content_type="application/x-www-form-urlencoded")
            assert answer.status_code in (200, 302, 422)
        body = "&".join(f"{key}=" + _quoted(value) for key, value in values.items())
        answer = signed.post(address(page, "notebook_draft"), body, content_type="application/x-www-form-urlencoded")
        assert answer.status_code == 200

    @pytest.mark.parametrize("rows", [1, 3])
    def test_queries_do_not_grow(self, signed: Client, page: NotebookPage, leader: User, rows: int) -> None:
        for number in range(rows):
            save(page, leader, name=f"小川 {number}")
        signed.get(address(page))
        with CaptureQueriesContext(connection) as queries:
            signed.get(address(page))
        assert len(queries) == 12, "\n".join(one["sql"][:160] for one in queries.captured_queries)


def _quoted(value: str) -> str:
    from urllib.parse import quote_from_bytes

    return quote_from_bytes(value.encode("utf-8", "surrogatepass"))


class TestWhoMay:
    @pytest.mark.parametrize("role", ["floor", "manager", "okami", "kitchen", "desk", "sales", "president"])
    def test_only_who_imports_ledgers(self, client: Client, page: NotebookPage, venue: Venue, role: str) -> None:
        somebody = person(role, venue)
        client.force_login(somebody)
        expected = 200 if somebody.has_right(Right.IMPORT_LEDGERS) else 403
        assert client.get(LIST).status_code == expected
        for name in ("notebook_page", "notebook_photo"):
            assert client.get(address(page, name)).status_code == expected
        assert client.get(reverse("integrations:notebook", args=[page.notebook_id])).status_code == expected
        if expected == 403:
            for name in ("notebook_page", "notebook_draft", "notebook_state"):
                assert client.post(address(page, name), sent(name="小川 翔")).status_code == 403
            assert not NotebookRow.objects.exists()

    def test_a_stranger_signs_in_first(self, client: Client, page: NotebookPage) -> None:
        for name in ("notebook_page", "notebook_photo"):
            assert client.get(address(page, name)).status_code == 302

    def test_drafts_are_each_persons_own(self, signed: Client, page: NotebookPage, venue: Venue) -> None:
        signed.post(address(page, "notebook_draft"), sent(name="小川 翔"))
        colleague = Client()
        colleague.force_login(person("admin", venue))
        assert colleague.get(address(page)).context["form"]["name"].value() == ""


class TestProgress:
    def test_pages_and_rows_stand_on_the_plan(self, signed: Client, page: NotebookPage, leader: User) -> None:
        CustomerFactory.create(name="小川 翔")
        save(page, leader, name="大川 桃子")
        save(page, leader, LATER, name="小川 翔")
        signed.post(address(page, "notebook_state"), {"do": "done"})
        text = signed.get(reverse("integrations:ledger_plan")).content.decode()
        assert "1 of 2 pages done, 2 rows" in text
        assert "1 waits" in text
        assert "大川" not in text
        listed = signed.get(LIST).content.decode()
        assert "1 / 2" in listed

    def test_done_leads_to_the_next_page_that_is_open(self, signed: Client, page: NotebookPage) -> None:
        other = page.notebook.pages.get(number=2)
        assert signed.post(address(page, "notebook_state"), {"do": "done"})["Location"] == address(other)
        book = reverse("integrations:notebook", args=[page.notebook_id])
        assert signed.post(address(other, "notebook_state"), {"do": "done"})["Location"] == book
        signed.post(address(page, "notebook_state"), {"do": "open"})
        page.refresh_from_db()
        assert (page.done_at, page.done_by) == (None, None)

    @pytest.mark.parametrize("books", [1, 3])
    def test_one_query_for_all_notebooks(self, leader: User, venue: Venue, books: int) -> None:
        from integrations.notebooks.progress import notebooks_in_figures

        for number in range(books):
            notebook(leader, venue, name=f"帳 {number}")
        with CaptureQueriesContext(connection) as queries:
            assert len(notebooks_in_figures()) == books
        assert len(queries) == 1
