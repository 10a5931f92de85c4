"""Reads of the board and of a card."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from django.db.models import Case, CharField, Count, F, Q, Sum, Value, When, Window
from django.db.models.functions import RowNumber
from django.utils import timezone

from crm_project.core.comments.models import Thread
from deals.choices import OPEN_STAGES, Stage
from deals.models import Deal, DealQuerySet, StageLabel

QUIET_DAYS = 14
CARDS_PER_COLUMN = 8
CLOSED_SHOWN_DAYS = 30
WIN_RATE_DAYS = 365


@dataclass(frozen=True, slots=True)
class StageWords:
    """A stage in the house's words, with its chance in %."""

    stage: str
    label: str
    probability: int


def stage_words() -> dict[str, StageWords]:
    """All stages in their order; a stage whose label the house removed keeps the shipped word."""
    kept = {row.stage: row for row in StageLabel.objects.all()}
    return {
        stage.value: StageWords(
            stage=stage.value,
            label=kept[stage].label if stage in kept else str(stage.label),
            probability=kept[stage].probability if stage in kept else 0,
        )
        for stage in Stage
    }


@dataclass(frozen=True, slots=True)
class BoardFigures:
    """The line above the board. `weighted` is the expected amounts times the chance of their stage, `won_percent` the
    share won of what was closed in the last 12 months (None: nothing was)."""

    open_count: int
    weighted: Decimal
    quiet: int
    lost_this_month: int
    won_percent: Decimal | None
    per_stage: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Column:
    """A column of the board: the first cards, and how many more there are. The last one holds what was closed lately."""

    stages: Sequence[StageWords]
    counts: Sequence[int]
    deals: Sequence[Deal]

    @property
    def more(self) -> int:
        """How many cards are not shown."""
        return sum(self.counts) - len(self.deals)


def quiet_since(now: datetime) -> datetime:
    """An open inquiry whose last movement lies before this moment has been quiet too long."""
    return now - timedelta(days=QUIET_DAYS)


def closed_lately(now: datetime) -> Q:
    """Won and lost inquiries that the board still shows."""
    return Q(stage__in=[Stage.WON, Stage.LOST], closed_at__gte=now - timedelta(days=CLOSED_SHOWN_DAYS))


def quiet(now: datetime) -> Q:
    """Open inquiries without movement."""
    return Q(stage__in=OPEN_STAGES, moved_at__lt=quiet_since(now))


def board_figures(deals: DealQuerySet, words: Mapping[str, StageWords], now: datetime) -> BoardFigures:
    """Count and weigh the inquiries in two queries."""
    open_rows = list(deals.open().order_by().values("stage").annotate(n=Count("pk"), expected=Sum("amount")))
    per_stage = {row["stage"]: row["n"] for row in open_rows}
    year = Q(closed_at__gte=now - timedelta(days=WIN_RATE_DAYS))
    month_start = timezone.localtime(now).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    counted = deals.order_by().aggregate(
        quiet=Count("pk", filter=quiet(now)),
        won=Count("pk", filter=year & Q(stage=Stage.WON)),
        lost=Count("pk", filter=year & Q(stage=Stage.LOST)),
        lost_this_month=Count("pk", filter=Q(stage=Stage.LOST, closed_at__gte=month_start)),
        won_lately=Count("pk", filter=closed_lately(now) & Q(stage=Stage.WON)),
        lost_lately=Count("pk", filter=closed_lately(now) & Q(stage=Stage.LOST)),
    )
    closed = counted["won"] + counted["lost"]
    expected = ((row["expected"] or Decimal(0)) * words[row["stage"]].probability / 100 for row in open_rows)
    return BoardFigures(
        open_count=sum(per_stage.values()),
        weighted=sum(expected, Decimal(0)),
        quiet=counted["quiet"],
        lost_this_month=counted["lost_this_month"],
        won_percent=round(Decimal(100 * counted["won"]) / closed, 1) if closed else None,
        per_stage=per_stage | {Stage.WON.value: counted["won_lately"], Stage.LOST.value: counted["lost_lately"]},
    )


def board_columns(
    deals: DealQuerySet, words: Mapping[str, StageWords], per_stage: Mapping[str, int], now: datetime
) -> list[Column]:
    """The cards of the board, the first few of each column, in two queries."""
    shown = deals.filter(Q(stage__in=OPEN_STAGES) | closed_lately(now)).annotate(
        column=Case(
            When(stage__in=[Stage.WON, Stage.LOST], then=Value("closed")), default=F("stage"), output_field=CharField()
        )
    )
    # What is closed stands newest first, the rest by the day of the event, the open days last.
    place = Window(
        RowNumber(),
        partition_by=[F("column")],
        order_by=[F("closed_at").desc(nulls_last=True), F("event_date").asc(nulls_last=True), F("pk").asc()],
    )
    cards = list(
        shown.annotate(place=place)
        .filter(place__lte=CARDS_PER_COLUMN)
        .select_related("customer", "company", "owner")
        .order_by("place")
    )
    count_comments(cards)
    columns = [[stage] for stage in OPEN_STAGES] + [[Stage.WON, Stage.LOST]]
    return [
        Column(
            stages=[words[stage] for stage in stages],
            counts=[per_stage.get(stage, 0) for stage in stages],
            deals=[deal for deal in cards if deal.stage in stages],
        )
        for stages in columns
    ]


def count_comments(deals: Sequence[Deal]) -> None:
    """Write `comment_count` onto each inquiry of a page, in one query."""
    counts = dict(
        Thread.objects.filter(content_type=Thread.type_of(Deal), object_id__in=[deal.pk for deal in deals])
        .annotate(n=Count("comments"))
        .values_list("object_id", "n")
    )
    for deal in deals:
        deal.comment_count = counts.get(deal.pk, 0)
