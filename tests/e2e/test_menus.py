"""A dish from its foods to its confirmed allergens, and the month's courses by keyboard: what the kitchen does most."""

from datetime import date
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Browser, expect

from menus.models import Course, Dish
from tests.e2e.house import DESKTOP, PHONE, listening, open_house, window
from tests.e2e.page_checks import axe_faults_of, faults_of
from tests.factories.menus import BaseFactory, CourseFactory, DishFactory

pytestmark = pytest.mark.e2e


@pytest.fixture
def course(live_server: Any) -> Course:
    """Two courses of the present month, and dishes to choose from."""
    open_house()
    BaseFactory.create(name="割り醤油", presences={"wheat": "contains", "soybean": "contains"})
    starter = DishFactory.create(name="胡麻豆腐", kana="ゴマドウフ", position="sakizuke")
    DishFactory.create(name="海老真薯", kana="エビシンジョ", position="wanmono")
    first: date = timezone.localdate().replace(day=1)
    CourseFactory.create(name="今月の会席 竹", valid_from=first, valid_to=first.replace(day=28))
    return CourseFactory.create(name="今月の会席 松", valid_from=first, valid_to=first.replace(day=28), of=[starter])


def test_the_allergens_of_a_dish_are_proposed_and_confirmed(browser: Browser, live_server: Any, course: Course) -> None:
    with window(browser, live_server.url, "kitchen") as page:
        page.goto(f"{live_server.url}/menus/dishes/new/")
        page.locator("[name=name]").fill("鯛の胡麻醤油和え")
        page.locator("[name=position]").select_option("mukozuke")
        page.locator("[name=family]").fill("鯛")
        page.get_by_label("割り醤油").check()
        page.locator("[name=foods]").fill("鯛：60g\n白ごま：5g\nハム　卵抜き：10g")
        page.get_by_role("button", name="保存").click()

        proposals = page.locator("#proposals, section:has(form[action*=proposals])").first
        expect(proposals).to_contain_text("ごま")
        expect(proposals).not_to_contain_text("卵 含む")
        assert not faults_of(page)
        page.locator("[name=all]").click()
        expect(page.locator("[name=all]")).to_have_count(0)

    dish = Dish.objects.get(name="鯛の胡麻醤油和え")
    said = dict(dish.allergens.values_list("allergen__code", "presence"))
    assert said["sesame"] == "contains"
    assert "egg" not in said


def test_the_months_sheet_is_written_by_keyboard(browser: Browser, live_server: Any, course: Course) -> None:
    with window(browser, live_server.url, "kitchen", size=DESKTOP) as page:
        page.goto(f"{live_server.url}/menus/month/")
        page.locator(f"#cell-{course.pk}-hassun").focus()
        page.keyboard.press("Enter")
        expect(page.locator(f"#cell-{course.pk}-wanmono")).to_be_focused()
        page.keyboard.type("えびしん")
        page.keyboard.press("Enter")
        expect(page.locator(f"#cell-{course.pk}-mukozuke")).to_be_focused()
        expect(page.locator(f"#cell-{course.pk}-wanmono")).to_have_value("海老真薯")
        listening(page)
        page.keyboard.type("まぼろし")
        page.keyboard.press("Tab")
        expect(page.get_by_role("alert")).to_contain_text("まぼろし")
        assert not axe_faults_of(page)

    assert [row.dish.name for row in course.course_dishes.select_related("dish")] == ["胡麻豆腐", "海老真薯"]


def test_cells_of_a_spreadsheet_are_pasted_into_the_months_sheet(
    browser: Browser, live_server: Any, course: Course
) -> None:
    DishFactory.create(name="鯛の昆布締め", position="mukozuke")
    other = Course.objects.get(name="今月の会席 竹")
    with window(browser, live_server.url, "kitchen", size=DESKTOP) as page:
        page.goto(f"{live_server.url}/menus/month/")
        page.evaluate(
            """([id, text]) => {
                const data = new DataTransfer();
                data.setData("text/plain", text);
                const cell = document.getElementById(id);
                cell.dispatchEvent(new ClipboardEvent("paste", {clipboardData: data, bubbles: true, cancelable: true}));
            }""",
            [f"cell-{course.pk}-wanmono", "海老真薯\t海老真薯\r\n鯛の昆布締め\t\r\n"],
        )
        expect(page.locator(f"#cell-{course.pk}-mukozuke")).to_have_value("鯛の昆布締め")
        expect(page.locator(f"#cell-{other.pk}-wanmono")).to_have_value("海老真薯")
    names = [[row.dish.name for row in one.course_dishes.select_related("dish")] for one in (course, other)]
    assert names == [["胡麻豆腐", "海老真薯", "鯛の昆布締め"], ["海老真薯"]]


def test_on_a_phone_the_sheet_shows_one_course_at_a_time(browser: Browser, live_server: Any, course: Course) -> None:
    with window(browser, live_server.url, "kitchen", size=PHONE) as page:
        page.goto(f"{live_server.url}/menus/month/")
        expect(page.locator("[data-grid-cell]:visible")).to_have_count(16)
        page.get_by_role("link", name="今月の会席 竹").first.click()
        expect(page.locator("[data-grid-cell]:visible")).to_have_count(16)
        assert not faults_of(page)


def test_many_courses_scroll_within_the_sheet(browser: Browser, live_server: Any, course: Course) -> None:
    assert course.valid_from
    for number in range(9):
        CourseFactory.create(name=f"霜月の会席 {number}", valid_from=course.valid_from, valid_to=course.valid_to)
    with window(browser, live_server.url, "manager", size=DESKTOP) as page:
        page.goto(f"{live_server.url}/menus/month/?month={course.valid_from:%Y-%m}")
        expect(page.locator(".month-grid thead th")).to_have_count(12)
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
        assert page.locator(".table-scroll").evaluate("one => one.scrollWidth > one.clientWidth")
