"""manage.py rank_report: sales and profit per rank; everything together is the accounting total.

Sums the documents themselves: true to the books even before ranks are recomputed.
"""

import json
import re
from datetime import date
from decimal import Decimal
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation import gettext as _

from crm_project.core.accounts.models import Venue
from crm_project.core.money import parse_currency, plain
from crm_project.core.problems import InputProblem
from reports.rank_figures import Figures, RankReport, rank_report


class Command(BaseCommand):
    """Print sales and profit per rank."""

    help = "Sales and profit (tax excluded) per rank, with what is not matched yet; the sum is the accounting total."

    def add_arguments(self, parser: CommandParser) -> None:
        """Months, venue, currency and the form of the answer."""
        parser.add_argument("--from", dest="first", metavar="YYYY-MM", help="first month (default: the first there is)")
        parser.add_argument("--to", dest="last", metavar="YYYY-MM", help="last month (default: the last there is)")
        parser.add_argument("--venue", metavar="CODE", help="one venue only")
        parser.add_argument("--currency", metavar="CODE", default="", help="default: the house's, else the books' own")
        parser.add_argument("--json", action="store_true", help="print one JSON object and nothing else")

    def handle(self, *args: Any, **options: Any) -> None:
        """Read and print."""
        venues = None
        if options["venue"]:
            venues = list(Venue.objects.filter(code=options["venue"]))
            if not venues:
                codes = ", ".join(Venue.objects.values_list("code", flat=True)) or "–"
                sentence = _("No venue has the code %(code)s; there are: %(codes)s.")
                raise CommandError(sentence % {"code": options["venue"], "codes": codes}, returncode=2)
        currency = ""
        if options["currency"]:
            try:
                currency = parse_currency(options["currency"])
            except InputProblem as problem:
                raise CommandError(str(problem), returncode=2) from problem
        first, last = _month(options["first"]), _month(options["last"])
        if first and last and first > last:
            raise CommandError(
                _("There is no month from %(first)s to %(last)s.")
                % {"first": options["first"], "last": options["last"]},
                returncode=2,
            )
        report = rank_report(
            first=first,
            last=last,
            venues=venues,
            currency=currency,
            from_books=True,
        )
        if options["json"]:
            self.stdout.write(json.dumps(as_json(report), ensure_ascii=False))
            return
        for row in report.ranks:
            name = row.rank.name if row.rank else "-"
            self.stdout.write(
                f"{name}: {row.customers} guests, {plain(row.sales)} {report.currency}, {_plain(row.profit)}"
            )
        self.stdout.write(f"unmatched: {plain(report.unmatched.sales)}")
        self.stdout.write(f"total: {plain(report.total.sales)} {report.currency}, profit {_plain(report.total.profit)}")


def as_json(report: RankReport) -> dict[str, Any]:
    """The contract of the command line: decimals as text, profit null where no cost is known."""
    return {
        "ranks": [
            {
                "rank": row.rank.name if row.rank else None,
                "customers": row.customers,
                "sales": plain(row.sales),
                "profit": _plain(row.profit),
                "cost_covered": plain(row.cost_covered),
            }
            for row in report.ranks
        ],
        "unmatched": _bucket(report.unmatched),
        "not_a_customer": _bucket(report.not_a_customer),
        "total": {"sales": plain(report.total.sales), "profit": _plain(report.total.profit)},
        "currency": report.currency,
        "other_currencies": report.other_currencies,
    }


def _bucket(figures: Figures) -> dict[str, Any]:
    return {"lines": figures.lines, "sales": plain(figures.sales), "profit": _plain(figures.profit)}


def _plain(amount: Decimal | None) -> str | None:
    return None if amount is None else plain(amount)


def _month(written: str | None) -> date | None:
    if not written:
        return None
    match = re.fullmatch(r"([12]\d{3})-(0[1-9]|1[0-2])", written)
    if match is None:
        raise CommandError(_("%(value)s is not a month: write it as 2026-03.") % {"value": written}, returncode=2)
    return date(int(match[1]), int(match[2]), 1)
