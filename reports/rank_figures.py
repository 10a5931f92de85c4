"""Sales and profit per rank, read from the months: always adds up to the accounting total."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from django.db.models import Case, Count, Q, QuerySet, Sum, Value, When

from crm_project.core.accounts.models import House, Venue
from crm_project.core.dates import month_end
from customers.models import Customer, Rank
from integrations.choices import DocumentStatus
from integrations.models import ActualDocument
from reports.choices import Bucket
from reports.models import RankMonth

NOTHING = Decimal(0)


@dataclass
class Figures:
    """Net sales, and profit where the cost is known (tax excluded, in the report's currency)."""

    documents: int = 0
    lines: int = 0
    sales: Decimal = NOTHING
    costed_sales: Decimal | None = None
    cost: Decimal | None = None

    @property
    def profit(self) -> Decimal | None:
        """Sales whose cost is known, less that cost; None where no cost is known (never counted as 0)."""
        return None if self.cost is None or self.costed_sales is None else self.costed_sales - self.cost

    @property
    def cost_covered(self) -> Decimal:
        """The share of sales whose cost is known, 0 to 1."""
        if not self.costed_sales or not self.sales:
            return NOTHING
        return (self.costed_sales / self.sales).quantize(Decimal("0.0001"))

    @property
    def margin(self) -> Decimal | None:
        """Profit per sales with known cost, 0 to 1."""
        profit = self.profit
        return None if profit is None or not self.costed_sales else profit / self.costed_sales

    @property
    def margin_percent(self) -> Decimal | None:
        """The margin in percent, one decimal."""
        return None if self.margin is None else (self.margin * 100).quantize(Decimal("0.1"))

    @property
    def cost_covered_percent(self) -> Decimal:
        """The share of sales whose cost is known, in whole percent."""
        return (self.cost_covered * 100).quantize(Decimal(1))

    def add(self, other: "Figures") -> None:
        """Add another's amounts to these."""
        self.documents += other.documents
        self.lines += other.lines
        self.sales += other.sales
        if other.cost is not None:
            self.cost = (self.cost or NOTHING) + other.cost
            self.costed_sales = (self.costed_sales or NOTHING) + (other.costed_sales or NOTHING)


@dataclass
class RankFigures(Figures):
    """The figures of one rank; `rank` None is the guests without one."""

    rank: Rank | None = None
    customers: int = 0


@dataclass
class RankReport:
    """Per rank, unmatched and not-a-guest; `total` is their sum and accounting's own total."""

    currency: str
    ranks: list[RankFigures]
    unmatched: Figures = field(default_factory=Figures)
    not_a_customer: Figures = field(default_factory=Figures)
    total: Figures = field(default_factory=Figures)
    other_currencies: list[str] = field(default_factory=list)


def currencies(table: type[RankMonth | ActualDocument]) -> list[str]:
    """Currencies of the table, the house's own first."""
    house = House.current().currency
    found = table.objects.order_by().values_list("currency", flat=True).distinct()
    return sorted(found, key=lambda code: (code != house, code))


def rank_report(
    *,
    first: date | None = None,
    last: date | None = None,
    venues: Iterable[Venue] | None = None,
    currency: str = "",
    from_books: bool = False,
    guests: QuerySet[Customer] | None = None,
) -> RankReport:
    """Report the months from `first` to `last` (first days, both included; None: all) of the venues (None: all).

    One currency at a time: the one asked for, else the house's own, else the first of the books. `from_books` sums the
    documents themselves, which takes seconds for millions; else the months that the latest recompute left. `guests` are those
    who are counted as holders of a rank (None: all); sales are of every guest.
    """
    known = currencies(ActualDocument if from_books else RankMonth)
    currency = currency or (known[0] if known else House.current().currency)
    chosen = Q(currency=currency)
    day = "posting_date" if from_books else "month"
    if first is not None:
        chosen &= Q(**{f"{day}__gte": first})
    if last is not None:
        chosen &= Q(**{f"{day}__lte": month_end(last) if from_books else last})
    if venues is not None:
        chosen &= Q(venue__in=list(venues))
    counted = Customer.objects.present() if guests is None else guests
    holders = dict(counted.order_by().values_list("rank").annotate(Count("pk")))
    by_rank: dict[int | None, RankFigures] = {
        rank.pk: RankFigures(rank=rank, customers=holders.get(rank.pk, 0)) for rank in Rank.objects.all()
    }
    by_rank[None] = RankFigures(customers=holders.get(None, 0))
    report = RankReport(currency, list(by_rank.values()), other_currencies=[code for code in known if code != currency])
    for bucket, rank_id, figures in _from_books(chosen) if from_books else _from_months(chosen):
        if bucket == Bucket.UNMATCHED:
            report.unmatched.add(figures)
        elif bucket == Bucket.NOT_A_CUSTOMER:
            report.not_a_customer.add(figures)
        else:
            by_rank[rank_id].add(figures)
        report.total.add(figures)
    return report


def _from_months(chosen: Q) -> Iterator[tuple[str, int | None, Figures]]:
    rows = (
        RankMonth.objects.filter(chosen)
        .order_by()
        .values_list("bucket", "rank")
        .annotate(Sum("documents"), Sum("lines"), Sum("sales"), Sum("costed_sales"), Sum("cost"))
    )
    for bucket, rank_id, *sums in rows:
        yield bucket, rank_id, Figures(*sums)


def _from_books(chosen: Q) -> Iterator[tuple[str, int | None, Figures]]:
    bucket = Case(
        When(is_customer=False, then=Value(Bucket.NOT_A_CUSTOMER)),
        When(customer=None, then=Value(Bucket.UNMATCHED)),
        default=Value(Bucket.GUESTS),
    )
    rows = (
        ActualDocument.objects.filter(chosen, status=DocumentStatus.POSTED)
        .order_by()
        .annotate(bucket=bucket)
        .values_list("bucket", "customer__rank")
        .annotate(Count("pk"), Sum("line_count"), Sum("net_amount"), Sum("costed_net_amount"), Sum("cost_amount"))
    )
    for name, rank_id, *sums in rows:
        yield name, rank_id, Figures(*sums)


def sales_by_month(
    *, first: date, last: date, currency: str, venues: Iterable[Venue] | None = None
) -> dict[date, Figures]:
    """Sales and profit of each month from `first` to `last` that has documents."""
    months = RankMonth.objects.filter(currency=currency, month__gte=first, month__lte=last)
    if venues is not None:
        months = months.filter(venue__in=list(venues))
    rows = (
        months.order_by("month")
        .values("month")
        .annotate(
            all_documents=Sum("documents"),
            all_lines=Sum("lines"),
            all_sales=Sum("sales"),
            all_costed=Sum("costed_sales"),
            all_cost=Sum("cost"),
        )
    )
    return {
        row["month"]: Figures(
            row["all_documents"], row["all_lines"], row["all_sales"], row["all_costed"], row["all_cost"]
        )
        for row in rows
    }
