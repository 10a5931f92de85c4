"""Reads of accounting that pages share."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import Count, Max, OuterRef, Q, QuerySet, Subquery, Sum
from django.db.models.functions import TruncMonth

from crm_project.core.accounts.models import House, User
from crm_project.core.dates import date
from crm_project.core.jobs.models import Job
from crm_project.core.problems import InputProblem
from crm_project.core.rights import Right
from integrations.choices import DocumentStatus, PartnerStatus
from integrations.models import ActualDocument, PartnerLink, Source, SyncRun, sees_money_everywhere, visible_money
from integrations.sources.fields import load_source_map


def sources_with_last_run(user: User) -> "list[SourceLine]":
    """Sources the person may manage, with the last pull of each."""
    last = SyncRun.objects.filter(source=OuterRef("pk")).order_by("-pk").values("pk")[:1]
    last_runs = dict(
        Source.objects.manageable_by(user).annotate(last_run_id=Subquery(last)).values_list("pk", "last_run_id")
    )
    sources = list(Source.objects.filter(pk__in=last_runs).select_related("default_venue"))
    runs = SyncRun.objects.in_bulk([pk for pk in last_runs.values() if pk])
    jobs = Job.objects.unfinished().filter(lock_key__in=[source.pull_lock for source in sources])
    running = {job.lock_key: job for job in jobs}
    return [
        SourceLine(
            source,
            runs.get(last_runs[source.pk]),
            running.get(source.pull_lock),
            may_see_money(user, source),
        )
        for source in sources
    ]


@dataclass(frozen=True, slots=True)
class SourceLine:
    """A source in the list, with its last pull and the one that runs now."""

    source: Source
    last_run: SyncRun | None
    running_job: Job | None
    shows_money: bool


def may_see_money(user: User, source: Source) -> bool:
    """Whether the person may see the totals of a source: those of its one venue, or of every venue."""
    if source.default_venue_id is None or _names_venues(source):
        return sees_money_everywhere(user)
    return user.has_right(Right.VIEW_MONEY, source.default_venue_id)


def _names_venues(source: Source) -> bool:
    """Whether the files say themselves which venue a document is of."""
    if not source.map_text.strip():
        return False
    try:
        column_map = load_source_map(source.map_text)
    except InputProblem:
        return True  # nobody knows what its former pulls said
    return "venue" in {*column_map.columns, *column_map.constants}


@dataclass(frozen=True, slots=True)
class MonthOfBooks:
    """A month of a source: the file's total beside ours."""

    month: date
    currency: str
    file_documents: int
    file_net: Decimal
    our_documents: int
    our_net: Decimal

    @property
    def difference(self) -> Decimal:
        """File minus ours; zero when both say the same."""
        return self.file_net - self.our_net


def reconciliation(run: SyncRun) -> list[MonthOfBooks]:
    """The months of the file that a run read, newest first, each beside the posted documents we hold. One query."""
    months = sorted(run.months, reverse=True)
    if not months:
        return []
    first, last = date.fromisoformat(f"{months[-1]}-01"), date.fromisoformat(f"{months[0]}-01")
    held = (
        ActualDocument.objects.posted()
        .filter(source=run.source_id, posting_date__gte=first)
        .annotate(month=TruncMonth("posting_date"))
        .filter(month__lte=last)
        .values("month", "currency")
        .annotate(documents=Count("pk"), net=Sum("net_amount"))
        .order_by()
    )
    ours: dict[tuple[str, str], tuple[int, Decimal]] = {
        (row["month"].isoformat()[:7], row["currency"]): (row["documents"], row["net"]) for row in held
    }
    return [
        MonthOfBooks(
            date.fromisoformat(f"{month}-01"),
            currency,
            figures["documents"],
            Decimal(figures["net"]),
            *ours.get((month, currency), (0, Decimal(0))),
        )
        for month in months
        for currency, figures in run.months[month].items()
    ]


@dataclass(frozen=True, slots=True)
class Unmatched:
    """What no guest and nobody else accounts for yet, in one currency."""

    partners: int
    documents: int
    net: Decimal


def currencies_of(sources: QuerySet[Source]) -> list[str]:
    """The currencies in which documents stand, the house's first."""
    house = House.current().currency
    found = ActualDocument.objects.filter(source__in=sources).order_by().values_list("currency", flat=True).distinct()
    return sorted(found, key=lambda currency: (currency != house, currency))


def partners_by_amount(
    *, user: User, sources: QuerySet[Source], status: str, currency: str
) -> QuerySet[PartnerLink, PartnerLink]:
    """Partners of a state with `.net` (of venues whose money the person may see), `.document_count`, `.last_on`."""
    counted = Q(documents__status=DocumentStatus.POSTED, documents__currency=currency)
    return (
        PartnerLink.objects.filter(source__in=sources, status=status)
        .select_related("source__default_venue", "customer")
        .annotate(
            net=Sum("documents__net_amount", filter=counted & visible_money(user, "documents__")),
            document_count=Count("documents", filter=counted),
            last_on=Max("documents__posting_date", filter=counted),
        )
        .order_by("-net" if user.has_right(Right.VIEW_MONEY) else "-document_count", "pk")
    )


def unmatched_total(*, user: User, sources: QuerySet[Source], currency: str) -> Unmatched:
    """The documents on the work list and those that name no partner, with the net the person may see."""
    waiting = ActualDocument.objects.posted().filter(
        source__in=sources, customer=None, is_customer=True, currency=currency
    )
    figures: dict[str, Any] = waiting.aggregate(
        documents=Count("pk"), net=Sum("net_amount", filter=visible_money(user))
    )
    partners = PartnerLink.objects.filter(source__in=sources, status=PartnerStatus.UNMATCHED).count()
    return Unmatched(partners, figures["documents"], figures["net"] or Decimal(0))
