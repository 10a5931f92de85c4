"""Typing a notebook in the browser, by keyboard alone: the photo beside the row, guests who are likely, drafts, done."""

from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from playwright.sync_api import Browser, Page, expect

from customers.models import Customer
from integrations.models import LedgerRow, Notebook, NotebookPage, NotebookRow
from tests.e2e.house import DESKTOP, PHONE, listening, open_house, user, window
from tests.e2e.page_checks import axe_faults_of, faults_of
from tests.factories.customers import CustomerFactory
from tests.integrations.notebooks.books import first_page, notebook, photo
from visits.models import Visit

pytestmark = pytest.mark.e2e


@pytest.fixture
def book() -> Notebook:
    venue = open_house()
    CustomerFactory.create(name="長谷川 一", kana="ハセガワ ハジメ", phones=["075-000-0001"], note="窓の席")
    return notebook(user("admin"), venue, pages=2)


def open_page(page: Page, address: str, of: NotebookPage) -> None:
    page.goto(f"{address}/incoming/ledgers/notebooks/pages/{of.pk}/")
    expect(page.locator("#id_name")).to_be_focused()
    listening(page)


def confirmed(page: Page, kana: str, kanji: str) -> None:
    """Type a word as an input method does: kana, then kanji, confirmed by Enter."""
    keyboard = page.context.new_cdp_session(page)
    for text in (kana, kanji):
        keyboard.send("Input.imeSetComposition", {"text": text, "selectionStart": len(text), "selectionEnd": len(text)})
    keyboard.send("Input.insertText", {"text": kanji})


def test_a_page_is_typed_without_a_mouse(browser: Browser, live_server: Any, book: Notebook) -> None:
    with window(browser, live_server.url, "admin", size=DESKTOP) as page:
        open_page(page, live_server.url, first_page(book))
        keyboard = page.keyboard
        # Enter goes on from field to field and saves nothing.
        confirmed(page, "おがわ しょう", "小川 翔")
        keyboard.press("Enter")
        expect(page.locator("#id_kana")).to_be_focused()
        expect(page.locator("#id_kana")).to_have_value("オガワ ショウ")
        keyboard.press("Enter")
        keyboard.type("0900000001")
        keyboard.press("Enter")
        keyboard.type("架空商事")
        keyboard.press("Enter")
        keyboard.type("9/4")
        keyboard.press("Enter")
        keyboard.type("H29")
        expect(page.locator("#who")).to_contain_text("2017年")
        keyboard.press("Enter")
        keyboard.type("鰻がお好き")
        keyboard.press("Tab")
        keyboard.type("えび")
        keyboard.press("Enter")
        assert not NotebookRow.objects.filter(line__isnull=False).exists()
        keyboard.press("Control+Enter")
        expect(page.locator("#typing [role=status]")).to_contain_text("小川 翔")
        expect(page.locator("#id_name")).to_be_focused()
        expect(page.locator("#id_name")).to_have_value("")
        expect(page.locator("#id_year")).to_have_value("H29")
        assert Visit.objects.get().business_date.isoformat() == "2017-09-04"
        listening(page)
        # A guest whom the house knows: the reading is guessed and taken by a key, the guest chosen by another.
        keyboard.type("長谷川 一")
        who = page.locator("#who")
        expect(who).to_contain_text("ハセガワ ハジメ")
        listening(page)
        keyboard.press("Alt+k")
        expect(page.locator("#id_kana")).to_have_value("ハセガワ ハジメ")
        expect(who).to_contain_text("推定")
        page.locator("#id_note").focus()
        keyboard.type("鰻がお好き")
        listening(page)
        keyboard.press("Control+Enter")
        expect(page.locator("#who .field-errors")).to_be_visible()
        assert Customer.objects.count() == 2
        listening(page)
        keyboard.press("Alt+1")
        listening(page)
        keyboard.press("Control+Enter")
        expect(page.locator("#typing [role=status]")).to_contain_text("長谷川 一")
        known = Customer.objects.get(name="長谷川 一")
        assert known.note == "窓の席\n鰻がお好き"
        listening(page)
        # Put off by a key, then the page is done.
        keyboard.type("長谷川 一")
        expect(page.locator("#who-later")).to_be_visible()
        listening(page)
        keyboard.press("Alt+l")
        listening(page)
        keyboard.press("Control+Enter")
        expect(page.locator("#typing .lines li").first.locator("a", has_text="確認待ち")).to_be_visible()
        assert LedgerRow.objects.get(row_number=1003).waits
        keyboard.press("Alt+p")
        page.wait_for_url(f"**/pages/{book.pages.get(number=2).pk}/")
        assert book.pages.filter(done_at__isnull=False).count() == 1


def test_the_photo_is_turned_and_magnified_by_keys(browser: Browser, live_server: Any, book: Notebook) -> None:
    with window(browser, live_server.url, "admin", size=DESKTOP) as page:
        open_page(page, live_server.url, first_page(book))
        width = page.locator("[data-photo]").evaluate("photo => photo.getBoundingClientRect().width")
        page.keyboard.type("小川")
        for _time in range(4):
            page.keyboard.press("Alt+i")
        larger = page.locator("[data-photo]").evaluate("photo => photo.getBoundingClientRect().width")
        assert larger > 2 * width
        page.keyboard.press("Alt+ArrowRight")
        assert page.locator("[data-photo-frame]").evaluate("frame => frame.scrollLeft") > 0
        page.keyboard.press("Alt+r")
        expect(page.locator("[data-photo]")).to_have_attribute(
            "src", f"/incoming/ledgers/notebooks/pages/{first_page(book).pk}/photo/?turn=1"
        )
        # What was typed stands, and the photo is as large as before.
        expect(page.locator("#id_name")).to_have_value("小川")
        page.locator("[data-photo]").evaluate("photo => photo.decode()")
        page.keyboard.press("Alt+o")
        page.keyboard.press("Alt+w")
        assert page.locator("[data-photo]").evaluate("photo => photo.getBoundingClientRect().width") <= width


def test_what_is_typed_outlives_the_tab(browser: Browser, live_server: Any, book: Notebook) -> None:
    with window(browser, live_server.url, "admin", size=DESKTOP) as page:
        open_page(page, live_server.url, first_page(book))
        page.keyboard.type("小川 翔")
        page.keyboard.press("Enter")
        page.keyboard.type("オガワ")
        expect(page.locator("#who")).to_contain_text("下書き")
        page.close()
    with window(browser, live_server.url, "admin", size=PHONE) as page:
        open_page(page, live_server.url, first_page(book))
        expect(page.locator("#id_name")).to_have_value("小川 翔")
        expect(page.locator("#id_kana")).to_have_value("オガワ")
    assert not Customer.objects.filter(name="小川 翔").exists()


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=["phone", "desktop"])
def test_the_screens_are_in_order(browser: Browser, live_server: Any, book: Notebook, size: Any, dark: bool) -> None:
    with window(browser, live_server.url, "admin", size=size, dark=dark) as page:
        open_page(page, live_server.url, first_page(book))
        page.fill("#id_name", "長谷川 一")
        expect(page.locator("#who-later")).to_be_visible()
        listening(page)
        photo_at, form_at = (page.locator(one).bounding_box() for one in ("#page-photo", "#row-form"))
        assert photo_at is not None
        assert form_at is not None
        if size == PHONE:
            assert photo_at["y"] + photo_at["height"] <= form_at["y"]
        else:
            assert photo_at["x"] + photo_at["width"] <= form_at["x"]
        for one in page.locator("main summary").all():
            one.click()
        assert not faults_of(page)
        assert not axe_faults_of(page)


def test_a_notebook_is_taken_in_without_scripts(
    browser: Browser, live_server: Any, tmp_path: Path, book: Notebook
) -> None:
    path = tmp_path / "頁.jpg"
    path.write_bytes(photo().read())
    with window(browser, live_server.url, "admin", scripts=False) as page:
        page.goto(f"{live_server.url}/incoming/ledgers/notebooks/")
        page.fill("[name=name]", "別帳")
        page.set_input_files("[name=photos]", [path, path])
        page.locator("form", has=page.locator("[name=photos]")).locator("button").click()
        page.wait_for_url("**/notebooks/*/")
        made = Notebook.objects.get(name="別帳")
        assert made.pages.count() == 2
        page.goto(f"{live_server.url}/incoming/ledgers/notebooks/pages/{first_page(made).pk}/")
        page.fill("[name=name]", "小川 翔")
        page.press("[name=name]", "Enter")
        assert not Customer.objects.filter(name="小川 翔").exists()
        assert page.input_value("[name=name]") == "小川 翔"
        page.click("button[value=save]")
        expect(page.locator("main")).to_contain_text("小川 翔")
        assert Customer.objects.filter(name="小川 翔").count() == 1
    with Image.open(made.pages.get(number=1).file.path) as image:
        assert image.format == "JPEG"
