"""Sales and profit per rank, and the rules behind the ranks."""

from datetime import date
from decimal import Decimal
from typing import Any

from django.contrib import messages
from django.db.models import Max
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from crm_project.core.accounts.guards import right_required
from crm_project.core.accounts.models import Venue, as_user
from crm_project.core.dates import add_months, month_start
from crm_project.core.jobs.services import start_job
from crm_project.core.money import format_amount
from crm_project.core.rights import Right
from crm_project.core.ui.charts import Point, bar_chart
from crm_project.core.ui.display_dates import in_japanese
from customers.models import Customer
from integrations.models import SyncRun
from reports import dashboard as month_figures
from reports.dashboard import Change
from reports.forms import PeriodForm, PolicyForm, rules_formset
from reports.models import RankMonth, RankPolicy, RankRun
from reports.rank_figures import rank_report, sales_by_month
from reports.services import change_policy


@require_safe
@right_required(Right.VIEW_MONEY)
def dashboard(request: HttpRequest) -> HttpResponse:
    """One month: sales and profit per rank, equal to accounting; whom to call; what is wrong."""
    user = as_user(request.user)
    form = PeriodForm(request.GET, user=user)
    valid = form.is_valid()
    chosen: Venue | None = form.cleaned_data.get("venue") if valid else None
    scope = month_figures.MoneyScope.of(user, chosen)
    guests = Customer.objects.visible_to(user)
    month = (form.cleaned_data.get("month") if valid else None) or _newest_month(complete=True)
    report = rank_report(first=month, last=month, venues=scope.venues, guests=guests)
    months = month_figures.last_twelve(month)
    former = add_months(month, -12)
    by_month = sales_by_month(first=former, last=month, currency=report.currency, venues=scope.venues)
    last_year = by_month.get(former)
    returning = month_figures.returning_share(month, scope)
    returning_before = month_figures.returning_share(add_months(month, -1), scope)
    moves = month_figures.moves_in(guests, month)
    quiet = month_figures.gone_quiet(guests, month)
    context: dict[str, Any] = {
        "form": form,
        "month": month,
        "previous_month": add_months(month, -1),
        "next_month": add_months(month, 1) if month < _newest_month() else None,
        "venue": chosen,
        "venues": Venue.objects.filter(pk__in=user.venues_with(Right.VIEW_MONEY)),
        "report": report,
        "rows": [(row, moves.get(row.rank.pk) if row.rank else None) for row in report.ranks if row.rank or row.sales],
        "largest": max([abs(row.sales) for row in [*report.ranks, report.unmatched]], default=0),
        "sales_change": Change.percent(last_year.sales if last_year else None, report.total.sales),
        "profit_change": Change.percent(last_year.profit if last_year else None, report.total.profit),
        "returning": returning,
        "returning_change": Change.between(returning_before, returning),
        "quiet": quiet,
        "quiet_change": Change.between(month_figures.gone_quiet(guests, add_months(month, -1)), quiet),
        "difference": month_figures.difference_to_books(month, report.currency, report.total, scope),
        "to_call": month_figures.guests_to_call(user, timezone.localdate()),
        "concerns": month_figures.open_concerns(user),
        "latest_pull": SyncRun.objects.filter(finished_at__isnull=False).select_related("source").first(),
        "latest_run": RankRun.objects.first(),
        "chart": bar_chart([_chart_point(day, by_month, report.currency) for day in months]),
        "can_recompute": user.has_right(Right.MANAGE_RANKS) or user.has_right(Right.MANAGE_SOURCES),
        "can_match": user.has_right(Right.MANAGE_SOURCES),
    }
    return render(request, "reports/dashboard.html", context)


@require_POST
@right_required(Right.MANAGE_RANKS, Right.MANAGE_SOURCES)
def recompute(request: HttpRequest) -> HttpResponse:
    """Start the recompute (or join the one that runs) and show its progress."""
    job = start_job("recompute_ranks", by=request.user, lock_key="recompute_ranks", again=True)
    return redirect("jobs:progress", job.pk)


@right_required(Right.MANAGE_RANKS)
def ranks(request: HttpRequest) -> HttpResponse:
    """The rules of the ranks, former versions and runs; saving makes a new version."""
    policy = RankPolicy.objects.get(is_current=True)
    data = request.POST if request.method == "POST" else None
    form = PolicyForm(data, initial={"window_months": policy.window_months, "currency": policy.currency})
    rules = rules_formset(policy, data)
    if data is not None and form.is_valid() and rules.is_valid():
        change_policy(by=request.user, rules=rules.rules(), **form.cleaned_data)
        messages.success(request, _("The rules are saved. Recompute to apply them."))
        return redirect("reports:ranks")
    context = {
        "form": form,
        "rules": rules,
        "policy": policy,
        "runs": RankRun.objects.select_related("policy", "asked_by")[:10],
    }
    return render(request, "reports/ranks.html", context, status=422 if data is not None else 200)


def _newest_month(*, complete: bool = False) -> date:
    """The newest month of the books; `complete`: not the running one, which cannot be compared with a whole month."""
    months = RankMonth.objects.filter(month__lte=timezone.localdate())
    running = month_start(timezone.localdate())
    if complete:
        months = months.filter(month__lt=running)
    return months.aggregate(Max("month"))["month__max"] or (_newest_month() if complete else running)


def _chart_point(day: date, by_month: dict[date, Any], currency: str) -> Point:
    figures = by_month.get(day)
    label = f"{day.month}月" if in_japanese() else date_format(day, "M")
    if figures is None:
        return Point(label, 0, format_amount(Decimal(0), currency))
    margin = figures.margin
    return Point(
        label,
        figures.sales,
        format_amount(figures.sales, currency),
        line_value=None if margin is None else margin * 100,
        line_text="" if margin is None else f"{margin * 100:.1f}%",
    )
