"""The figures of one month: what the president sees first."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import TypeVar

from django.db.models import Count, Exists, F, Min, OuterRef, Q, QuerySet, Sum

from crm_project.core.accounts.models import User, Venue
from crm_project.core.comments.models import Thread
from crm_project.core.dates import add_months, month_end
from crm_project.core.rights import Right
from customers.models import Customer
from integrations.choices import DocumentStatus
from integrations.models import ActualDocument
from reports.models import RankChange
from reports.rank_figures import Figures
from visits.choices import VisitStatus
from visits.models import Attendance

Number = TypeVar("Number", Decimal, int)

RETURN_DAYS = 90
QUIET_DAYS = 180
REGULAR_VISITS = 3
# Called for when the silence is half as long again as the usual interval.
LATE = Decimal("1.5")
SHORTEST_SILENCE = 30
CANDIDATES = 60


@dataclass(frozen=True)
class MoneyScope:
    """The venues whose money a person may see; `venues` None is all of them, documents of no venue included."""

    venues: Sequence[Venue] | None

    @classmethod
    def of(cls, user: User, chosen: Venue | None = None) -> "MoneyScope":
        """The chosen venue, else all where the person holds the money right. Never more than the right allows."""
        allowed = set(user.venues_with(Right.VIEW_MONEY))
        every = list(Venue.objects.all())
        if chosen is not None:
            return cls([venue for venue in every if venue.pk == chosen.pk and venue.pk in allowed])
        if every and all(venue.pk in allowed for venue in every):
            return cls(None)
        return cls([venue for venue in every if venue.pk in allowed])

    def of_venue(self, path: str) -> Q:
        """The condition that rows belong to these venues."""
        return Q() if self.venues is None else Q(**{f"{path}__in": list(self.venues)})


@dataclass(frozen=True)
class Moves:
    """How many guests rose into a rank and fell into it."""

    risen: int = 0
    fallen: int = 0


@dataclass(frozen=True)
class ToCall:
    """A guest worth a call: usual days between visits, and the days of silence so far."""

    customer: Customer
    interval: int
    silence: int


@dataclass
class Concerns:
    """Bad news that nobody has answered yet."""

    threads: list[Thread] = field(default_factory=list)


@dataclass(frozen=True)
class Change:
    """How much a figure moved; an arrow tells the direction, so the size has no sign."""

    size: Decimal | int
    falls: bool

    @classmethod
    def between(cls, before: Number | None, now: Number | None) -> "Change | None":
        """The difference of two figures, None where one is missing."""
        return None if before is None or now is None else cls(abs(now - before), now < before)

    @classmethod
    def percent(cls, before: Decimal | None, now: Decimal | None) -> "Change | None":
        """The change in percent of a former amount, None where there is nothing to compare with."""
        if now is None or not before:
            return None
        return cls((abs(now - before) / abs(before) * 100).quantize(Decimal("0.1")), now < before)


def returning_share(month: date, scope: MoneyScope) -> Decimal | None:
    """Of the guests who came in the month, the percentage who had been there within the 90 days before; None: nobody came."""
    came = Attendance.objects.filter(
        scope.of_venue("visit__venue"),
        visit__status=VisitStatus.COMPLETED,
        visit__business_date__range=(month, month_end(month)),
        customer__isnull=False,
    )
    earlier = Attendance.objects.filter(
        customer=OuterRef("customer"),
        visit__status=VisitStatus.COMPLETED,
        visit__business_date__lt=OuterRef("visit__business_date"),
        visit__business_date__gte=OuterRef("visit__business_date") - timedelta(days=RETURN_DAYS),
    )
    all_guests = came.aggregate(guests=Count("customer", distinct=True))["guests"]
    if not all_guests:
        return None
    again = came.filter(Exists(earlier)).aggregate(guests=Count("customer", distinct=True))["guests"]
    return (Decimal(again) / Decimal(all_guests) * 100).quantize(Decimal("0.1"))


def gone_quiet(guests: QuerySet[Customer], month: date) -> int:
    """Regulars among these guests whose silence reached 180 days in the month."""
    silent = timedelta(days=QUIET_DAYS)
    last_seen = (month - silent, month_end(month) - silent)
    return guests.filter(visit_count__gte=REGULAR_VISITS, last_visit_on__range=last_seen).count()


def moves_in(guests: QuerySet[Customer], month: date) -> dict[int, Moves]:
    """Rank id -> how many of these guests rose and fell into it in the runs of the month. No rank is below every rank."""
    better = Q(from_rank=None) | Q(from_rank__position__gt=F("to_rank__position"))
    seen = guests.filter(pk=OuterRef("customer"))
    rows = (
        RankChange.objects.filter(Exists(seen), run__as_of__range=(month, month_end(month)), to_rank__isnull=False)
        .order_by()
        .values("to_rank")
        .annotate(risen=Count("pk", filter=better), all=Count("pk"))
    )
    return {row["to_rank"]: Moves(row["risen"], row["all"] - row["risen"]) for row in rows}


def difference_to_books(month: date, currency: str, summary: Figures, scope: MoneyScope) -> Decimal:
    """Accounting's posted net of the month less the summary's: 0, or the ranks are older than the books."""
    books = ActualDocument.objects.filter(
        scope.of_venue("venue"),
        status=DocumentStatus.POSTED,
        currency=currency,
        posting_date__range=(month, month_end(month)),
    ).aggregate(net=Sum("net_amount"))["net"]
    return (books or Decimal(0)) - summary.sales


def guests_to_call(user: User, today: date, limit: int = 4) -> list[ToCall]:
    """Guests of the best ranks whose silence is unusually long for them and who have no booking, best rank first."""
    booked = Attendance.objects.filter(
        customer=OuterRef("pk"), visit__status=VisitStatus.RESERVED, visit__business_date__gte=today
    )
    candidates = list(
        Customer.objects.visible_to(user)
        .filter(
            rank__isnull=False,
            visit_count__gte=REGULAR_VISITS,
            last_visit_on__lte=today - timedelta(days=SHORTEST_SILENCE),
        )
        .filter(~Exists(booked))
        .select_related("rank")
        .order_by("rank__position", "-visit_count", "pk")[:CANDIDATES]
    )
    firsts = dict(
        Attendance.objects.filter(
            customer__in=candidates, visit__status=VisitStatus.COMPLETED, visit__is_confidential=False
        )
        .order_by()
        .values_list("customer")
        .annotate(Min("visit__business_date"))
    )
    late: list[ToCall] = []
    for customer in candidates:
        first, last = firsts.get(customer.pk), customer.last_visit_on
        if first is None or last is None or first >= last:
            continue
        interval = (last - first).days // (customer.visit_count - 1)
        silence = (today - last).days
        if interval and silence > LATE * interval:
            late.append(ToCall(customer, interval, silence))
    return late[:limit]


def open_concerns(user: User, limit: int = 3) -> Concerns:
    """The oldest bad news without an answer that the person may read."""
    threads = Thread.objects.visible_to(user).filter(is_urgent=True, answered_at=None).order_by("opened_at")
    return Concerns(list(threads.select_related("author", "venue")[:limit]))


def last_twelve(month: date) -> list[date]:
    """The first days of the twelve months up to and including the month."""
    return [add_months(month, -back) for back in range(11, -1, -1)]
