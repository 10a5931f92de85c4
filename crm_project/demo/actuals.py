"""The file that the demo's accounting system leaves, and the source that pulls it like any other."""

import csv
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from random import Random
from typing import Final

from django.conf import settings
from django.utils import timezone

from crm_project.core.accounts.models import User
from crm_project.demo.bills import YEN, BillLine
from crm_project.demo.house import CASUAL, HONTEN, House
from crm_project.demo.visits import PastVisit
from integrations.choices import PartnerStatus
from integrations.models import PartnerLink, Source
from integrations.sources.pull import PullResult, pull_location
from integrations.sources.services import save_source

SOURCE_NAME: Final = "勘定システム"
LOCATION: Final = "demo/actuals.csv"
MAP: Final = """\
[columns]
document = "伝票番号"
line = "行"
date = "計上日"
venue = "店舗コード"
partner_code = "得意先コード"
partner_name = "得意先名"
item = "商品コード"
description = "品名"
quantity = "数量"
unit_price = "単価"
amount = "金額（税抜）"
tax = "消費税"
cost = "原価"

[constants]
currency = "JPY"
"""
HEADINGS: Final = (
    *("伝票番号", "行", "計上日", "店舗コード", "得意先コード", "得意先名", "商品コード", "品名"),
    *("数量", "単価", "金額（税抜）", "消費税", "原価"),
)
PREFIX: Final = {HONTEN: "H", CASUAL: "K"}
CASH_CODE, CASH_NAME = "0000", "現金客"
# Partners that accounting knows by other codes than we do: a few bills of the last weeks wait for a decision.
UNKNOWN_PARTNERS: Final = (
    ("K-0101", "ホクシンデンキ（株）"),
    ("K-0102", "佐伯商事 総務"),
    ("K-0103", "旅行会 あさひ"),
    ("K-0104", "渡辺 建一"),
    ("K-0105", "松籟会 幹事"),
    ("K-0106", "高橋ミホ"),
    ("K-0107", "朧月茶会"),
)
UNKNOWN_DOCUMENTS: Final = 14
UNKNOWN_DAYS: Final = 60

Document = tuple[date, str, str, str, Sequence[BillLine]]


def pull_accounting(*, rng: Random, house: House, visits: Sequence[PastVisit], first_day: date, by: User) -> PullResult:
    """Write the file, connect it as a source and pull it, as the night does; cash sales are known to be no guest."""
    path = Path(settings.ACTUALS_DIR, LOCATION)
    write_file(path, _documents(rng, house, visits, first_day))
    source = Source.objects.filter(name=SOURCE_NAME).first() or Source(name=SOURCE_NAME)
    source.location, source.map_text, source.default_venue = LOCATION, MAP, house.venues[HONTEN]
    save_source(source=source, by=by)
    PartnerLink.objects.update_or_create(
        source=source,
        key=CASH_CODE,
        defaults={
            "code": CASH_CODE,
            "name": CASH_NAME,
            "status": PartnerStatus.NOT_A_CUSTOMER,
            "decided_by": house.people["sasaki"],
            "decided_at": timezone.now(),
        },
    )
    # One file, one pull; the recompute that a pull starts is done by the demo itself, with its history.
    (result,) = pull_location(source=source, by=by)
    return result


def write_file(path: Path, documents: Iterable[Document]) -> None:
    """Write documents with their lines in the order of their days, as accounting numbers them."""
    path.parent.mkdir(parents=True, exist_ok=True)
    numbers: dict[tuple[date, str], int] = {}
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(HEADINGS)
        for day, venue, code, name, lines in documents:
            number = numbers[day, venue] = numbers.get((day, venue), 0) + 1
            document = f"{PREFIX.get(venue, 'A')}{day:%y%m%d}-{number:02d}"
            for position, line in enumerate(lines, start=1):
                writer.writerow(
                    (
                        *(document, position, f"{day:%Y/%m/%d}", venue, code, name, line.item, line.description),
                        *(line.quantity, line.unit_price, line.net, line.tax, "" if line.cost is None else line.cost),
                    )
                )


def _documents(rng: Random, house: House, visits: Sequence[PastVisit], first_day: date) -> list[Document]:
    """The bills of the visits, the cash of the counter, and a few of partners nobody has matched yet."""
    found: list[Document] = [
        (visit.table.day, visit.table.venue, visit.table.host.row.code or "", visit.table.host.row.name, visit.bill)
        for visit in visits
        if visit.bill
    ]
    found += _cash(rng, house, first_day)
    found += _unknown(rng, house, visits)
    return sorted(found, key=lambda document: document[:3])


def _cash(rng: Random, house: House, first_day: date) -> Iterator[Document]:
    """The day's takings at the counter of the casual restaurant, every few days."""
    day = first_day
    while day < house.today(CASUAL):
        heads = rng.randint(4, 16)
        food = Decimal(heads * rng.randrange(1300, 2100, 10))
        drinks = Decimal(heads * rng.randrange(300, 900, 10))
        yield (
            *(day, CASUAL, CASH_CODE, CASH_NAME),
            [_sum_line("F90", "昼のお膳", food, "0.34"), _sum_line("D90", "お飲物", drinks, "0.27")],
        )
        day += timedelta(days=rng.choice((2, 3, 3, 4)))


def _sum_line(item: str, description: str, net: Decimal, cost_share: str) -> BillLine:
    cost = (net * Decimal(cost_share)).quantize(YEN, ROUND_HALF_UP)
    return BillLine(item, description, 1, net, net, cost)


def _unknown(rng: Random, house: House, visits: Sequence[PastVisit]) -> Iterator[Document]:
    today = house.today(HONTEN)
    for number in range(UNKNOWN_DOCUMENTS if visits else 0):
        code, name = UNKNOWN_PARTNERS[number % len(UNKNOWN_PARTNERS)]
        day = today - timedelta(days=rng.randint(1, UNKNOWN_DAYS))
        food = Decimal(rng.randrange(18_000, 90_000, 500))
        yield day, HONTEN, code, name, [_sum_line("F10", "会席料理", food, "0.33")]
