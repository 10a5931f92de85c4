"""Geometry of the server-drawn charts: numbers in, positions out; colours and fonts belong to the stylesheet."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from crm_project.core.ui.display_dates import in_japanese

Number = Decimal | int | float

WIDTH, HEIGHT = 720.0, 260.0
LEFT, RIGHT, TOP, BOTTOM = 92.0, 12.0, 14.0, 34.0
LINE_RIGHT = 68.0
BAR_SHARE = 0.62
LABELS_THAT_FIT = 13

JAPANESE_UNITS = ((10**8, "億"), (10**4, "万"))
ENGLISH_UNITS = ((10**9, "B"), (10**6, "M"), (10**3, "K"))

ROW_HEIGHT, BAR_HEIGHT = 34.0, 14.0
NAME_WIDTH, VALUE_WIDTH = 196.0, 156.0


@dataclass(frozen=True, slots=True)
class Point:
    """One value of a chart: what it belongs to, how much it is, how it is written, and optionally a second value."""

    label: str
    value: Number | None
    text: str
    line_value: Number | None = None
    line_text: str = ""
    tone: str = "info"
    url: str = ""


@dataclass(frozen=True, slots=True)
class Bar:
    """A drawn bar with its point; `label_shown` is false where labels would run into each other."""

    point: Point
    x: float
    y: float
    width: float
    height: float
    middle: float
    label_shown: bool
    line_y: float | None = None


@dataclass(frozen=True, slots=True)
class Tick:
    """A mark of an axis."""

    y: float
    text: str


@dataclass(frozen=True, slots=True)
class BarChart:
    """Bars on a left axis and optionally a line on a right axis. `line` is a list of unbroken stretches of points."""

    width: float
    height: float
    left: float
    right: float
    baseline: float
    label_y: float
    bars: list[Bar]
    ticks: list[Tick]
    line: list[str]
    line_ticks: list[Tick]


@dataclass(frozen=True, slots=True)
class HBarChart:
    """Horizontal bars, one row per point, with name and written value beside."""

    width: float
    height: float
    name_x: float
    rows: list[Bar]
    value_x: float


def compact_number(value: Number) -> str:
    """A round number for an axis: 250万, 1.2億 in Japanese, 2.5M, 120K in English."""
    units = JAPANESE_UNITS if in_japanese() else ENGLISH_UNITS
    for size, name in units:
        if abs(float(value)) >= size:
            return f"{_plain(float(value) / size)}{name}"
    return _plain(float(value))


def percent_text(value: Number) -> str:
    """A percentage for an axis."""
    return f"{_plain(float(value))}%"


def nice_ticks(lowest: float, highest: float, wanted: int = 4) -> list[float]:
    """Round marks that enclose all values and zero, about `wanted` steps of 1, 2, 2.5 or 5 times a power of ten."""
    low, high = min(0.0, lowest), max(0.0, highest)
    if low == high:
        high = 1.0
    step = _nice_step((high - low) / wanted)
    first, last = _floor(low / step), -_floor(-high / step)
    return [round(index * step, 10) for index in range(first, last + 1)]


def bar_chart(
    points: Sequence[Point],
    *,
    tick_text: Callable[[Number], str] = compact_number,
    line_tick_text: Callable[[Number], str] = percent_text,
) -> BarChart:
    """Place bars (and the line of the second values, when any point has one) in a drawing of 720 x 260."""
    marks = nice_ticks(*_range([point.value for point in points]))
    lined = [point.line_value for point in points if point.line_value is not None]
    line_marks = nice_ticks(*_range(lined)) if lined else []
    right = WIDTH - (LINE_RIGHT if lined else RIGHT)
    slot = (right - LEFT) / max(1, len(points))
    every = -(-len(points) // LABELS_THAT_FIT) or 1
    zero = _height_of(0.0, marks)

    def place(index: int, point: Point) -> Bar:
        end = _height_of(float(point.value or 0), marks)
        return Bar(
            point=point,
            x=round(LEFT + slot * index + slot * (1 - BAR_SHARE) / 2, 1),
            y=round(min(end, zero), 1),
            width=round(slot * BAR_SHARE, 1),
            height=round(abs(end - zero), 1),
            middle=round(LEFT + slot * (index + 0.5), 1),
            label_shown=index % every == 0,
            line_y=None if point.line_value is None else round(_height_of(float(point.line_value), line_marks), 1),
        )

    bars = [place(index, point) for index, point in enumerate(points)]
    return BarChart(
        width=WIDTH,
        height=HEIGHT,
        left=LEFT,
        right=right,
        baseline=round(zero, 1),
        label_y=HEIGHT - BOTTOM / 3,
        bars=bars,
        ticks=[Tick(y=round(_height_of(mark, marks), 1), text=tick_text(mark)) for mark in marks],
        line=_stretches(bars),
        line_ticks=[Tick(y=round(_height_of(mark, line_marks), 1), text=line_tick_text(mark)) for mark in line_marks],
    )


def hbar_chart(points: Sequence[Point]) -> HBarChart:
    """Place horizontal bars in a drawing 720 wide, as long as their share of the largest value; below zero is empty."""
    largest = max((float(point.value or 0) for point in points), default=0.0)
    longest = WIDTH - NAME_WIDTH - VALUE_WIDTH

    def place(index: int, point: Point) -> Bar:
        share = max(0.0, float(point.value or 0)) / largest if largest > 0 else 0.0
        top = ROW_HEIGHT * index
        return Bar(
            point=point,
            x=NAME_WIDTH,
            y=top + (ROW_HEIGHT - BAR_HEIGHT) / 2,
            width=round(max(2.0, share * longest) if share else 0.0, 1),
            height=BAR_HEIGHT,
            middle=top + ROW_HEIGHT / 2,
            label_shown=True,
        )

    return HBarChart(
        width=WIDTH,
        height=ROW_HEIGHT * max(1, len(points)),
        name_x=NAME_WIDTH - 12,
        rows=[place(index, point) for index, point in enumerate(points)],
        value_x=WIDTH,
    )


def _range(values: Sequence[Number | None]) -> tuple[float, float]:
    known = [float(value) for value in values if value is not None]
    return min(known, default=0.0), max(known, default=0.0)


def _height_of(value: float, marks: Sequence[float]) -> float:
    """The y of a value: the first mark lies at the bottom, the last at the top."""
    share = (value - marks[0]) / (marks[-1] - marks[0])
    return HEIGHT - BOTTOM - share * (HEIGHT - TOP - BOTTOM)


def _stretches(bars: Sequence[Bar]) -> list[str]:
    """The line through the second values as point lists; a missing value breaks it."""
    stretches: list[list[str]] = [[]]
    for bar in bars:
        if bar.line_y is None:
            stretches.append([])
        else:
            stretches[-1].append(f"{bar.middle},{bar.line_y}")
    return [" ".join(stretch) for stretch in stretches if stretch]


def _nice_step(rough: float) -> float:
    power = 1.0
    while power * 10 <= rough:
        power *= 10
    while power > rough:
        power /= 10
    return next(power * factor for factor in (1, 2, 2.5, 5, 10) if power * factor >= rough)


def _floor(value: float) -> int:
    """The whole number at or below, forgiving the last bits of a float division."""
    return int(round(value, 9) // 1)


def _plain(value: float) -> str:
    return f"{value:,.1f}".removesuffix(".0")
