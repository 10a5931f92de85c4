"""Geometry of the charts."""

from decimal import Decimal

import pytest
from django.template import Context, Template
from django.utils import translation

from crm_project.core.ui.charts import Point, bar_chart, compact_number, hbar_chart, nice_ticks


def months(*values, **more):
    return [Point(label=f"{index + 1}月", value=value, text=str(value), **more) for index, value in enumerate(values)]


@pytest.mark.parametrize(
    ("lowest", "highest", "ticks"),
    [
        (0, 0, [0, 0.25, 0.5, 0.75, 1.0]),
        (3, 97, [0, 25, 50, 75, 100]),
        (0, 18_920_600, [0, 5_000_000, 10_000_000, 15_000_000, 20_000_000]),
        (-40, 60, [-50, -25, 0, 25, 50, 75]),
        (-10, -2, [-10, -7.5, -5, -2.5, 0]),
        (0, 0.3, [0, 0.1, 0.2, 0.3]),
    ],
)
def test_ticks_are_round_and_enclose_values_and_zero(lowest, highest, ticks):
    assert nice_ticks(lowest, highest) == ticks


def test_bars_grow_from_zero_in_proportion():
    chart = bar_chart(months(50, 100, 0))
    half, full, empty = chart.bars
    assert full.height == pytest.approx(2 * half.height, abs=0.2)
    assert empty.height == 0
    assert {round(bar.y + bar.height, 1) for bar in chart.bars} == {chart.baseline}


def test_a_refund_hangs_below_zero():
    up, down = bar_chart(months(Decimal(30), Decimal(-10))).bars
    assert up.y + up.height == pytest.approx(down.y, abs=0.2)
    assert down.height > 0


def test_bars_stay_inside_and_do_not_touch():
    chart = bar_chart(months(*range(1, 37)))
    for left, right in zip(chart.bars, chart.bars[1:], strict=False):
        assert left.x + left.width < right.x
    assert chart.bars[0].x > chart.left
    assert chart.bars[-1].x + chart.bars[-1].width < chart.right
    assert sum(bar.label_shown for bar in chart.bars) <= 13


def test_a_missing_rate_breaks_the_line():
    points = [Point(label=str(rate), value=1, text="1", line_value=rate) for rate in (50, 60, None, 55)]
    assert [len(stretch.split()) for stretch in bar_chart(points).line] == [2, 1]


def test_without_rates_there_is_no_second_axis():
    chart = bar_chart(months(1, 2))
    assert (chart.line, chart.line_ticks) == ([], [])


@pytest.mark.parametrize("chart", [bar_chart, hbar_chart])
def test_nothing_to_draw_is_drawn_without_an_error(chart):
    assert chart([]).height > 0
    assert chart(months(None, 0)).height > 0


def test_rows_are_as_long_as_their_share():
    full, half, none, tiny, unknown = hbar_chart(months(100, 50, -3, Decimal("0.001"), None)).rows
    assert full.width == pytest.approx(2 * half.width, abs=0.2)
    assert (none.width, tiny.width, unknown.width) == (0, 2, 0)


@pytest.mark.parametrize(
    ("language", "value", "written"),
    [
        ("ja", 2_500_000, "250万"),
        ("ja", 120_000_000, "1.2億"),
        ("ja", 9_999, "9,999"),
        ("ja", -20_000, "-2万"),
        ("en", 2_500_000, "2.5M"),
        ("en", 120_000, "120K"),
    ],
)
def test_axes_are_written_in_short(language, value, written):
    with translation.override(language):
        assert compact_number(value) == written


def test_a_chart_has_tooltips_and_a_table_for_those_who_read():
    points = [Point(label="10月", value=5, text="5円 <b>", line_value=50, line_text="50%")]
    html = Template("{% ui 'bar_chart' chart=chart title='売上' value_label='円' line_label='率' %}").render(
        Context({"chart": bar_chart(points)})
    )
    assert "<title>10月 5円 &lt;b&gt;</title>" in html
    assert "<title>10月 50%</title>" in html
    assert '<th scope="row">10月</th><td>5円 &lt;b&gt;</td><td>50%</td>' in html
