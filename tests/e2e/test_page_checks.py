"""The checks of a page find what they look for: a sweep that finds nothing would praise every page."""

import pytest
from playwright.sync_api import Page

from tests.e2e.page_checks import faults_of

pytestmark = pytest.mark.e2e

PAGE = """<!doctype html><html lang="{lang}"><head><title>本日</title><style>
body {{ margin: 0 }} a.tall, button, input {{ display: inline-block; min-height: 44px }}</style></head>
<body><main>{content}</main></body></html>"""
SOUND = '<h1>本日</h1><p>お客様は<a href="/guests/">こちら</a>です</p><label>お名前 <input name="name"></label>'


def faults(page: Page, content: str, lang: str = "ja") -> str:
    """What is said of a page with this content."""
    page.set_content(PAGE.format(lang=lang, content=content))
    return "\n".join(faults_of(page))


def test_a_sound_page_has_no_faults(page: Page) -> None:
    assert faults(page, SOUND) == ""


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("<p>本日</p>", "0 main headings"),
        (SOUND + "<h1>もう一つ</h1>", "2 main headings"),
        (SOUND + "<h3>飛ばした</h3>", "a heading h3 follows h1"),
        (SOUND + "<div style='width: 500px'>広い</div>", "wider than the screen: <div"),
        (SOUND + "<input name='nameless'>", "without a name: <input"),
        (SOUND + "<button><svg aria-hidden='true'><title>x</title></svg></button>", "without a name: <button"),
        (SOUND + "<img src='data:,'>", "without a text: <img"),
        (SOUND + "<fieldset><label>はい <input type='radio'></label></fieldset>", "a group without a name"),
        (SOUND + "<p id='a'></p><p id='a'></p>", 'the id "a" stands twice'),
        (SOUND + "<p aria-describedby='gone'>説明</p>", 'aria-describedby names "gone"'),
        (SOUND + "<p><a href='/guests/'>お客様</a></p>", "px high: <a"),
        (SOUND + "<nav><a href='/guests/'>お客様</a></nav>", "px high: <a"),
    ],
)
def test_each_fault_is_found(page: Page, content: str, said: str) -> None:
    found = faults(page, content)
    assert said in found
    assert len(found.splitlines()) == 1


def test_the_wrong_language_is_found(page: Page) -> None:
    assert faults(page, SOUND, lang="en") == "the language is en"
