"""manage.py recompute_ranks: give every guest the rank of the current policy."""

import json
from datetime import datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation import gettext as _

from crm_project.core.jobs.services import system_user
from reports.queries import rank_counts
from reports.services import recompute_ranks


class Command(BaseCommand):
    """Recompute all ranks now."""

    help = "Recompute the rank of every guest from visits and accounting."

    def add_arguments(self, parser: CommandParser) -> None:
        """The day, and the form of the answer."""
        parser.add_argument(
            "--as-of", metavar="YYYY-MM-DD", help="the day as of which ranks are computed (default: today)"
        )
        parser.add_argument("--json", action="store_true", help="print one JSON object and nothing else")

    def handle(self, *args: Any, **options: Any) -> None:
        """Compute and print."""
        as_of = None
        if options["as_of"]:
            try:
                # fromisoformat alone also reads 20260331 and 2026-W13-2.
                as_of = datetime.strptime(options["as_of"], "%Y-%m-%d").date()
            except ValueError as error:
                sentence = _("%(value)s is not a day: write it as 2026-03-31.") % {"value": options["as_of"]}
                raise CommandError(sentence, returncode=2) from error
        run = recompute_ranks(by=system_user(), as_of=as_of)
        ranks = rank_counts()
        if options["json"]:
            answer = {"customers": run.customers, "changed": run.changed, "seconds": run.seconds, "ranks": ranks}
            self.stdout.write(json.dumps(answer, ensure_ascii=False))
            return
        self.stdout.write(f"{run.customers} guests as of {run.as_of}, {run.changed} changed, {run.seconds} s")
        for name, count in ranks.items():
            self.stdout.write(f"  {name}: {count}")
