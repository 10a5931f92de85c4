"""The whole card of a guest, filled in on a phone."""

from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from customers.models import Attribute, Customer, PostalCode
from tests.e2e.house import DESKTOP, open_house, window
from tests.e2e.page_checks import faults_of
from tests.factories.customers import CustomerFactory

pytestmark = pytest.mark.e2e


@pytest.fixture
def house(live_server: Any) -> str:
    """Opened; the address of the site."""
    open_house()
    Attribute.objects.create(name="車", purpose="お車を玄関に回すため")
    return str(live_server.url)


def save(page: Page) -> None:
    """Press the button of the form."""
    page.get_by_role("button", name="保存する").click()


def compose(page: Page, selector: str, kana: str, kanji: str) -> None:
    """Type by an input method: the kana grow letter by letter, the space bar turns them into kanji, Enter confirms."""
    page.locator(selector).focus()
    keyboard = page.context.new_cdp_session(page)
    for end in range(1, len(kana) + 1):
        keyboard.send("Input.imeSetComposition", {"text": kana[:end], "selectionStart": end, "selectionEnd": end})
    keyboard.send("Input.imeSetComposition", {"text": kanji, "selectionStart": len(kanji), "selectionEnd": len(kanji)})
    keyboard.send("Input.insertText", {"text": kanji})


def test_a_guest_is_entered_on_a_phone_with_everything(browser: Browser, house: str) -> None:
    with window(browser, house, "floor") as page:
        page.goto(f"{house}/guests/new/")
        assert faults_of(page) == []
        compose(page, "[name=name]", "たかはし", "髙橋")
        page.keyboard.type(" ")
        compose(page, "[name=name]", "みほ", "美穂")
        expect(page.locator("[name=kana]")).to_have_value("タカハシ ミホ")
        page.fill("[name=birthday]", "S36.4.1")
        page.locator("[name=birthday]").blur()
        expect(page.locator("#id_birthday_kept")).to_contain_text("1961年（昭和36年）4月1日")
        page.fill("[name=phone_0]", "０９０００００１４８２")
        page.fill("[name=phone_1]", "075-000-0100")
        expect(page.locator("#id_phone_0_kept")).to_contain_text("090-0000-1482")
        page.select_option("[name=phone_1_label]", "secretary")
        page.locator("[data-add-row]").click()
        expect(page.locator("[name=phone_2]")).to_be_focused()
        page.fill("[name=phone_2]", "03-0000-0001")
        page.locator("details:has(#part-addresses) > summary").click()
        page.fill("[name=office_postal_code]", "600-8001")
        page.fill("[name=office_address]", "京都市下京区１－２")
        page.fill("[name=office_care_of]", "秘書室")
        page.locator("details:has(#part-consents) > summary").click()
        page.select_option("[name=consent_phone_state]", "refused")
        page.locator("[name=diet_halal]").check()
        page.fill("[name^=attribute_]", "黒のワゴン")
        assert faults_of(page) == []
        save(page)
        page.wait_for_url("**/guests/*/")
        guest = Customer.objects.get()
        assert (guest.name, guest.kana, guest.birthday and guest.birthday.isoformat()) == (
            "髙橋 美穂",
            "タカハシ ミホ",
            "1961-04-01",
        )
        assert [(phone.label, phone.written) for phone in guest.phones.all()] == [
            ("mobile", "090-0000-1482"),
            ("secretary", "075-000-0100"),
            ("mobile", "03-0000-0001"),
        ]
        assert [(each.label, each.postal_code, each.text, each.care_of) for each in guest.addresses.all()] == [
            ("office", "6008001", "京都市下京区1-2", "秘書室")
        ]
        assert [(each.channel, each.state) for each in guest.consents.all()] == [("phone", "refused")]
        assert [each.rule for each in guest.diets.all()] == ["halal"]
        assert [each.text for each in guest.attribute_values.all()] == ["黒のワゴン"]


def test_the_reading_a_person_wrote_is_left_alone(browser: Browser, house: str) -> None:
    with window(browser, house, "floor", size=DESKTOP) as page:
        page.goto(f"{house}/guests/new/")
        page.fill("[name=kana]", "コウノ")
        compose(page, "[name=name]", "かわの", "河野")
        expect(page.locator("[name=name]")).to_have_value("河野")
        expect(page.locator("[name=kana]")).to_have_value("コウノ")


def test_an_honorific_is_shown_while_typing_and_saved_at_once(browser: Browser, house: str) -> None:
    with window(browser, house, "floor") as page:
        page.goto(f"{house}/guests/new/")
        page.fill("[name=name]", "田中 先生")
        page.locator("[name=name]").blur()
        expect(page.locator("#id_name_kept")).to_contain_text("先生")
        page.fill("[name=kana]", "タナカ")
        save(page)
        page.wait_for_url("**/guests/*/")
    guest = Customer.objects.get()
    assert (guest.name, guest.honorific) == ("田中", "先生")


def test_a_likely_twin_is_told_while_typing(browser: Browser, house: str) -> None:
    """Before anything is sent; whoever says that it is somebody else saves once."""
    CustomerFactory.create(name="渡邉 健一", kana="ワタナベ ケンイチ", phones=["090-0000-1482"])
    CustomerFactory.create(name="森 一郎", kana="モリ イチロウ", phones=["075-000-0100"])
    with window(browser, house, "floor") as page:
        page.goto(f"{house}/guests/new/")
        page.fill("[name=name]", "渡辺 健一")
        page.fill("[name=kana]", "わたなべ けんいち")
        told = page.locator("[aria-live]", has=page.get_by_role("link", name="渡邉"))
        expect(told).to_be_visible()
        assert faults_of(page) == []
        told.get_by_role("checkbox").check()
        page.fill("[name=phone_0]", "090-0000-1482")
        page.wait_for_timeout(1_500)
        expect(told.get_by_role("checkbox")).to_be_checked()
        save(page)
        expect(page).to_have_url(f"{house}/guests/{Customer.objects.latest('pk').pk}/")
        # A guest whose card stands is asked about by what is new on it, also in a row that was added.
        page.goto(f"{house}/guests/{Customer.objects.latest('pk').pk}/edit/")
        told = page.locator("[aria-live]", has=page.get_by_role("link", name="森"))
        page.fill("[name=title]", "会長")
        page.fill("[name=phone_1]", "075-000-0001")
        page.locator("[data-add-row]").click()
        page.fill("[name=phone_2]", "0750000100")
        expect(told).to_be_visible()
        expect(page.get_by_role("link", name="渡邉")).to_have_count(0)
        told.get_by_role("checkbox").check()
        save(page)
        page.wait_for_url(f"{house}/guests/{Customer.objects.latest('pk').pk}/")
    assert Customer.objects.count() == 3


def test_without_scripts_it_is_shown_once_before_it_is_kept(browser: Browser, house: str) -> None:
    guest = CustomerFactory.create(name="田中 実", kana="タナカ ミノル")
    with window(browser, house, "floor", scripts=False) as page:
        page.goto(f"{house}/guests/{guest.pk}/edit/")
        page.fill("[name=name]", "田中　実　様")
        page.fill("[name=phone_0]", "０７５０００１２３４")
        save(page)
        expect(page.locator(".field-errors")).to_have_count(1)
        expect(page.locator("[name=name]")).to_have_value("田中 実")
        save(page)
        page.wait_for_url(f"**/guests/{guest.pk}/")
    guest.refresh_from_db()
    assert (guest.name, [phone.written for phone in guest.phones.all()]) == ("田中 実", ["075-000-1234"])


def test_a_postcode_fills_in_the_address(browser: Browser, house: str) -> None:
    for town in ("葵", "藤"):
        PostalCode.objects.create(code="9990003", prefecture="架空県", city="松風市", town=town)
    with window(browser, house, "floor") as page:
        page.goto(f"{house}/guests/new/")
        page.locator("details:has(#part-addresses) > summary").click()
        page.fill("[name=office_postal_code]", "999-0003")
        page.locator("#address-office_ button").click()
        page.get_by_role("button", name="松風市藤").click()
        expect(page.locator("[name=office_address]")).to_have_value("架空県松風市藤")
        expect(page.locator("[name=address]")).to_have_value("")
        assert faults_of(page) == []
        # Enter saves; it does not press the first button of the page.
        page.fill("[name=name]", "林 花")
        page.fill("[name=kana]", "ハヤシ ハナ")
        page.press("[name=kana]", "Enter")
        page.wait_for_url("**/guests/*/")
    assert Customer.objects.get().addresses.get().text == "架空県松風市藤"


def test_a_guest_points_at_the_card(browser: Browser, house: str) -> None:
    guest = CustomerFactory.create(name="John Smith", kana="", language="en")
    with window(browser, house, "floor") as page:
        page.goto(f"{house}/guests/{guest.pk}/")
        page.locator(f"a[href='/guests/{guest.pk}/pointing/']").click()
        assert faults_of(page) == []
        page.get_by_text("shrimp / prawn").click()
        page.locator("[name=diet_halal]").check()
        page.locator(".save-bar button").click()
        page.wait_for_url(f"**/guests/{guest.pk}/")
        expect(page.locator(".alert-danger").first).to_contain_text("えび")
    assert [diet.rule for diet in guest.diets.all()] == ["halal"]
