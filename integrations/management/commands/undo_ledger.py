"""manage.py undo_ledger: take a whole import back, or do it again as it was."""

import json
from argparse import ArgumentParser
from typing import Any, Final

from django.core.management.base import BaseCommand, CommandError

from crm_project.core.jobs.services import system_user
from crm_project.core.problems import InputProblem
from integrations.ledgers.kept_rows import in_words
from integrations.ledgers.undo import redo_ledger, undo_ledger
from integrations.models import LedgerImport

SHOWN_ROWS: Final = 20


class Command(BaseCommand):
    """Take an import back."""

    help = (
        "Take a whole import of a ledger back: what it created is removed, what it changed is put back, what people changed "
        "since is kept and named. Exit code 1: something was kept; 2: nothing was done."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """The command line's contract."""
        parser.add_argument("import_id", type=int, help="the number of the import, as in the address of its page")
        parser.add_argument("--redo", action="store_true", help="do an import again that was taken back")
        parser.add_argument("--dry-run", action="store_true", help="only say what would happen")
        parser.add_argument("--json", action="store_true", help="print one JSON object and nothing else")

    def handle(self, *args: Any, **options: Any) -> None:
        """Take the import back and print the counts."""
        number: int = options["import_id"]
        found = LedgerImport.objects.filter(pk=number).first() if 0 < number < 2**63 else None
        if found is None:
            raise CommandError(f"There is no import {number}.", returncode=2)
        turn = redo_ledger if options["redo"] else undo_ledger
        try:
            outcome = turn(ledger_import=found, by=system_user(), looking=options["dry_run"])
        except InputProblem as problem:
            raise CommandError(str(problem), returncode=2) from problem
        turned = outcome.turned
        counts = {"restored": turned.restored, "removed": turned.removed, "kept": turned.kept}
        if options["redo"]:
            counts = {"updated": turned.restored, "created": turned.removed, "kept": turned.kept}
        conflicts = in_words(outcome.kept, user=None)
        if options["json"]:
            lines = [line.as_json() for line in conflicts]
            self.stdout.write(json.dumps({**counts, "conflicts": lines}, ensure_ascii=False))
        else:
            for name, value in counts.items():
                self.stdout.write(f"{name}: {value}")
            for line in conflicts[:SHOWN_ROWS]:
                self.stderr.write(f"{line.row}: {line.guest} {line.field}: {line.stays} ({line.reason})")
            if (more := len(conflicts) - SHOWN_ROWS) > 0:
                self.stderr.write(f"... +{more}")
        if conflicts:
            raise SystemExit(1)
