"""The checks of a page find what they look for: a sweep that finds nothing would praise every page."""

import pytest
from playwright.sync_api import Page

from tests.e2e.page_checks import axe_faults_of, faults_of, unfold

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


def violations(page: Page, content: str) -> str:
    """What axe says of a page with this content."""
    page.set_content(PAGE.format(lang="ja", content=content))
    return "\n".join(axe_faults_of(page))


def test_axe_says_nothing_of_a_sound_page(page: Page) -> None:
    assert violations(page, SOUND) == ""


@pytest.mark.parametrize(
    ("content", "rule"),
    [
        (SOUND + "<p style='color: #aaa'>薄い</p>", "color-contrast"),
        (SOUND + "<input name='nameless'>", "label"),
        (SOUND + "<p role='buton'>押す</p>", "aria-roles"),
        (SOUND + "<ul><div>項目ではない</div></ul>", "list"),
    ],
)
def test_axe_finds_a_planted_violation(page: Page, content: str, rule: str) -> None:
    found = violations(page, content)
    assert found.startswith(f"axe {rule}: ")
    assert len(found.splitlines()) == 1


def test_axe_finds_what_is_folded_away_once_it_is_unfolded(page: Page) -> None:
    folded = "<details><summary>開く</summary><p style='color: #aaa'>薄い</p></details>"
    dialog = "<dialog aria-label='問い'><p style='color: #aaa'>薄い</p></dialog>"
    assert violations(page, SOUND + folded + dialog) == ""
    unfold(page)
    assert [fault.partition(": ")[0] for fault in axe_faults_of(page)] == ["axe color-contrast"] * 2


def test_axe_works_on_a_page_that_allows_no_script_at_all(page: Page) -> None:
    content = SOUND + "<p style='color: #aaa'>薄い</p><script>document.title = ''</script>"
    strict = {"Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'"}
    body = PAGE.format(lang="ja", content=content)
    page.route("**", lambda route: route.fulfill(body=body, content_type="text/html; charset=utf-8", headers=strict))
    page.goto("http://okami.test/")
    assert page.title() == "本日"
    assert [fault.partition(": ")[0] for fault in axe_faults_of(page)] == ["axe color-contrast"]
