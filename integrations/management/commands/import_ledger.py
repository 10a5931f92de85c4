"""manage.py import_ledger: a ledger of guests, or of dishes, from the shell."""

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any, Final

from django.core.management.base import BaseCommand, CommandError

from crm_project.core.jobs.services import system_user
from crm_project.core.problems import InputProblem
from integrations.choices import RowOutcome
from integrations.dish_ledgers.fields import dish_map
from integrations.dish_ledgers.importing import import_dishes
from integrations.dish_ledgers.reading import opened_dishes
from integrations.ledgers.candidates import candidate_names, told
from integrations.ledgers.entries import NOTE, EntryReader
from integrations.ledgers.fields import ledger_map
from integrations.ledgers.ledger_file import LedgerFile
from integrations.ledgers.planning import PlannedRow
from integrations.ledgers.services import check_ledger, import_file
from integrations.map_file import read_map_file

SHOWN_ROWS: Final = 20


class Command(BaseCommand):
    """Import guests or dishes from an Excel or CSV ledger."""

    help = (
        "Import a ledger of guests, or of dishes with their foods (xlsx, xls, csv). "
        "The code of a guest or the name of a dish is the identity; the same file twice changes nothing. "
        "Exit code 1: some rows were set aside, the rest is written; 2: nothing was written."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """The command line's contract."""
        parser.add_argument("file", type=Path, help="the ledger")
        parser.add_argument("--target", choices=("guests", "dishes"), default="guests", help="what the rows are")
        parser.add_argument("--map", type=Path, help="which heading fills which field (TOML); else by usual headings")
        parser.add_argument("--sheet", default="", help="a sheet of the workbook; else the first one")
        parser.add_argument("--dry-run", action="store_true", help="only say what would happen")
        parser.add_argument("--json", action="store_true", help="print one JSON object and nothing else")

    def handle(self, *args: Any, **options: Any) -> None:
        """Import the file and print the counts."""
        if options["target"] == "dishes":
            self._dishes(options)
            return
        try:
            file = self._file(options)
            errors = _Problems()
            if options["dry_run"]:
                outcome = check_ledger(file, on_batch=errors.collect)
            else:
                _ledger_import, outcome = import_file(file=file, by=system_user(), on_batch=errors.collect)
        except InputProblem as problem:
            raise CommandError(str(problem), returncode=2) from problem
        if options["json"]:
            self.stdout.write(json.dumps(outcome.as_json(), ensure_ascii=False))
        else:
            if file.column_map is None:
                self.stdout.write(outcome.map_text)
            for name, value in outcome.as_json().items():
                if name not in ("gone_codes", "left_out_rows"):
                    self.stdout.write(f"{name}: {value}")
            for one in outcome.left_out_rows[:SHOWN_ROWS]:
                self.stdout.write(f"left out, row {one.row} ({one.kind}): {one.text}")
        for line in errors.lines:
            self.stderr.write(line)
        if outcome.counts.errors:
            raise SystemExit(1)

    def _dishes(self, options: dict[str, Any]) -> None:
        path: Path = options["file"]
        try:
            dishes = dish_map(read_map_file(options["map"])) if options["map"] else None
            with opened_dishes(path, path.name, options["sheet"], dishes) as ledger:
                outcome = import_dishes(ledger, by=system_user(), dry_run=options["dry_run"])
        except InputProblem as problem:
            raise CommandError(str(problem), returncode=2) from problem
        if options["json"]:
            self.stdout.write(json.dumps(outcome.as_json(), ensure_ascii=False))
        else:
            for name, value in outcome.as_json().items():
                self.stdout.write(f"{name}: {value}")
        for number, problem_text in outcome.problems[:SHOWN_ROWS]:
            self.stderr.write(f"{number}: {problem_text}")
        if (more := len(outcome.problems) - SHOWN_ROWS) > 0:
            self.stderr.write(f"... +{more}")
        if outcome.problems:
            raise SystemExit(1)

    def _file(self, options: dict[str, Any]) -> LedgerFile:
        path: Path = options["file"]
        map_path: Path | None = options["map"]
        if map_path:
            return LedgerFile(path, path.name, options["sheet"], ledger_map(read_map_file(map_path)))
        return LedgerFile(path, path.name, options["sheet"])


class _Problems:
    """What is said of rows that were set aside or read in part; the first ones, and how many more."""

    def __init__(self) -> None:
        self._lines: list[str] = []
        self._count = 0

    def collect(self, planned: list[PlannedRow], reader: EntryReader | None = None) -> None:
        """Take the sentences of a batch, errors and warnings."""
        for row in planned:
            if not (row.outcome == RowOutcome.ERROR or row.entry.has_warnings):
                continue
            self._count += 1
            if self._count <= SHOWN_ROWS:
                names = candidate_names([row.entry.messages], user=None)
                said = "; ".join(told(one, names) for one in row.entry.messages if one["level"] != NOTE)
                self._lines.append(f"{row.entry.number}: {said}")

    @property
    def lines(self) -> list[str]:
        """Lines for the person at the shell."""
        more = self._count - SHOWN_ROWS
        return [*self._lines, f"... +{more}"] if more > 0 else self._lines
