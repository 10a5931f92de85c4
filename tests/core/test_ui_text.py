"""Names, dates and amounts as screens show them."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from types import SimpleNamespace

import pytest
from django.template import Context, Template
from django.utils import timezone, translation

from crm_project.core.ui.display_dates import format_date, format_moment
from crm_project.core.ui.guest_names import hiragana, ruby_pairs


@pytest.mark.parametrize(
    ("name", "kana", "pairs"),
    [
        ("渡邉 健一", "ワタナベ ケンイチ", [("渡邉", "わたなべ"), ("健一", "けんいち")]),
        ("渡邉　健一", "ﾜﾀﾅﾍﾞ　ｹﾝｲﾁ", [("渡邉", "わたなべ"), ("健一", "けんいち")]),
        ("佐伯商事", "さえき しょうじ", [("佐伯商事", "さえき しょうじ")]),
        ("高橋 みほ", "タカハシ ミホ", [("高橋", "たかはし"), ("みほ", "")]),
        ("渡邉 健一", "", [("渡邉", ""), ("健一", "")]),
        ("", "", []),
    ],
)
def test_readings_stand_above_the_part_they_belong_to(name, kana, pairs):
    assert ruby_pairs(name, kana) == pairs


def test_a_long_vowel_and_small_kana_survive():
    assert hiragana("キャサリーン・ヴァ") == "きゃさりーん・ゔぁ"


@pytest.mark.parametrize(
    ("number", "written", "html"),
    [
        ("09000001482", "", '<a class="num" href="tel:09000001482">090-0000-1482</a>'),
        ("0352532111", "03-5253-2111 内線12", '<a class="num" href="tel:0352532111">03-5253-2111 内線12</a>'),
        ("（075）000-0100", "", '<a class="num" href="tel:0750000100">（075）000-0100</a>'),
        ("+1 212 555 0100", "", '<a class="num" href="tel:+12125550100">+1 212 555 0100</a>'),
        ("内線 <秘書室>", "", '<span class="num">内線 &lt;秘書室&gt;</span>'),
    ],
)
def test_a_number_rings_at_a_tap(number, written, html):
    assert Template("{% phone_link number written %}").render(Context({"number": number, "written": written})) == html


def test_a_guest_has_reading_and_honorific():
    guest = SimpleNamespace(name="森本 <勇>", kana="モリモト イサム", honorific="先生")
    html = Template("{% guest_name guest %}").render(Context({"guest": guest}))
    assert "<ruby>森本<rp>(</rp><rt>もりもと</rt><rp>)</rp></ruby>" in html
    assert "&lt;勇&gt;" in html
    assert html.endswith(" 先生</span>")


@pytest.mark.parametrize(
    ("days", "style"), [(0, "short"), (-179, "short"), (179, "short"), (-180, "full"), (400, "full")]
)
def test_a_day_far_away_has_its_year(days, style):
    day = timezone.localdate() + timedelta(days=days)
    assert format_date(day, "near") == format_date(day, style)


def test_a_guest_without_an_honorific_of_their_own_is_sama():
    html = Template("{% guest_name guest %}").render(Context({"guest": SimpleNamespace(name="森本", kana="")}))
    assert html == '<span class="guest-name" lang="ja">森本 様</span>'


@pytest.mark.parametrize(
    ("language", "style", "written"),
    [
        ("ja", "full", "2026年10月3日（土）"),
        ("ja", "short", "10月3日（土）"),
        ("ja", "month", "2026年10月"),
        ("en", "full", "3 Oct 2026 (Sat)"),
        ("en", "short", "3 Oct (Sat)"),
        ("en", "month", "Oct 2026"),
    ],
)
def test_days_in_both_languages(language, style, written):
    with translation.override(language):
        assert format_date(date(2026, 10, 3), style) == written


@pytest.mark.parametrize(
    ("language", "style", "written"),
    [
        ("ja", "full", "2026年10月4日（日）0:05"),
        ("ja", "time", "0:05"),
        ("en", "short", "4 Oct (Sun) 0:05"),
    ],
)
def test_moments_are_on_the_clock_of_the_venue(language, style, written):
    with translation.override(language), timezone.override("Asia/Tokyo"):
        assert format_moment(datetime(2026, 10, 3, 15, 5, tzinfo=UTC), style) == written


def test_nothing_is_shown_for_nothing():
    assert Template("[{{ x|jdate }}{{ x|jdatetime }}{{ x|yen }}]").render(Context({"x": None})) == "[]"


def test_yen_are_whole_and_other_money_keeps_its_digits():
    with translation.override("ja"):
        html = Template("{{ a|yen }} {{ b|yen:'GBP' }}").render(Context({"a": 1234567, "b": Decimal("12.5")}))
    assert html.startswith("1,234,567円 ")
    assert "12.50" in html
