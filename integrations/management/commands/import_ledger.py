"""manage.py import_ledger: a ledger of guests, visits, banquet inquiries, dishes or foods, from the shell."""

import json
from argparse import ArgumentParser
from collections.abc import Callable, Iterable
from contextlib import nullcontext
from pathlib import Path
from typing import Any, Final

from django.core.management.base import BaseCommand, CommandError

from crm_project.core.column_map import dump_map
from crm_project.core.jobs.services import system_user
from crm_project.core.problems import InputProblem
from crm_project.core.tables import row_place
from integrations.choices import RowOutcome
from integrations.dish_ledgers.fields import dish_map
from integrations.dish_ledgers.foods import food_map, import_foods, opened_foods
from integrations.dish_ledgers.importing import import_dishes
from integrations.dish_ledgers.reading import opened_dishes
from integrations.ledger_passwords import ASK, HELP, password_of, readable
from integrations.ledgers.candidates import candidate_names, told
from integrations.ledgers.change_report import ChangeReport
from integrations.ledgers.entries import NOTE
from integrations.ledgers.fields import ledger_map
from integrations.ledgers.kinds import KINDS
from integrations.ledgers.ledger_file import LedgerFile
from integrations.ledgers.planning import PlannedRow
from integrations.ledgers.services import check_ledger, import_file
from integrations.ledgers.target_imports import PlannedTargetRow, check_target, import_target
from integrations.map_file import read_map_file

SHOWN_ROWS: Final = 20
# `guests` is another word for customers.
GUESTS: Final = ("customers", "guests")
TARGETS: Final = (*GUESTS, "visits", "deals", "dishes", "foods")


class Command(BaseCommand):
    """Import guests, visits, inquiries, dishes or foods from an Excel or CSV ledger."""

    help = (
        "Import a ledger (xlsx, xls, csv) of guests, of visits with their guests, of banquet inquiries with "
        "their contacts, of dishes with their foods, or of foods. "
        "The code of a guest, the number or the day of a visit, or the name of a dish is the identity; the same file twice "
        "changes nothing. Exit code 1: some rows were set aside, the rest is written; 2: nothing was written."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """The command line's contract."""
        parser.add_argument("file", type=Path, help="the ledger")
        parser.add_argument("--target", choices=TARGETS, default="customers", help="what the rows are")
        parser.add_argument(
            "--map", type=Path, help="which heading fills which field (TOML); else it is guessed and printed"
        )
        parser.add_argument("--sheet", default="", help="a sheet of the workbook; else the first one")
        parser.add_argument("--with-hidden", action="store_true", help="take hidden rows, columns and sheets in too")
        parser.add_argument("--dry-run", action="store_true", help="only say what would happen")
        parser.add_argument("--password", nargs="?", const=ASK, help=HELP)
        parser.add_argument(
            "--report",
            type=Path,
            help="a file for every value that was changed on the way in or could not be read (.csv, .jsonl)",
        )
        parser.add_argument("--json", action="store_true", help="print one JSON object and nothing else")

    def handle(self, *args: Any, **options: Any) -> None:
        """Import the file and print the counts."""
        run: dict[str, Callable[[dict[str, Any], str], _Answer]] = {
            **dict.fromkeys(KINDS, self._beside_guests),
            "dishes": self._dishes,
            "foods": self._foods,
        }
        target = run.get(options["target"], self._customers)
        try:
            map_text = read_map_file(options["map"]) if options["map"] else ""
            report_to = ChangeReport(options["report"]) if options["report"] else nullcontext()
            with readable(options["file"], password_of(options["password"])) as path, report_to as report:
                answer = target(options | {"file": path, "report": report}, map_text)
        except InputProblem as problem:
            raise CommandError(str(problem), returncode=2) from problem
        guessed = "" if map_text else answer.map_text
        if options["json"]:
            self.stdout.write(json.dumps(answer.counts | ({"map": guessed} if guessed else {}), ensure_ascii=False))
        else:
            if guessed:
                self.stdout.write(guessed)
            for name, value in answer.counts.items():
                if name not in ("gone_codes", "gone_records", "left_out_rows"):
                    self.stdout.write(f"{name}: {value}")
            for one in answer.counts.get("left_out_rows", ())[:SHOWN_ROWS]:
                self.stdout.write(f"left out, row {one['row']} ({one['kind']}): {one['text']}")
            for one in answer.counts.get("gone_records", ())[:SHOWN_ROWS]:
                self.stdout.write(f"gone: {' '.join(map(str, one.values()))}")
        for line in answer.lines:
            self.stderr.write(line)
        if answer.counts["errors"]:
            raise SystemExit(1)

    @staticmethod
    def _customers(options: dict[str, Any], map_text: str) -> "_Answer":
        path: Path = options["file"]
        column_map = ledger_map(map_text) if map_text else None
        file = LedgerFile(path, path.name, options["sheet"], column_map, with_hidden=options["with_hidden"])
        said = _Problems()
        if options["dry_run"]:
            outcome = check_ledger(file, on_batch=said.collect, report=options["report"])
        else:
            _import, outcome = import_file(file=file, by=system_user(), on_batch=said.collect, report=options["report"])
        return _Answer(outcome.as_json(), outcome.map_text, said.lines)

    @staticmethod
    def _beside_guests(options: dict[str, Any], map_text: str) -> "_Answer":
        path: Path = options["file"]
        kind = KINDS[options["target"]]
        column_map = kind.maps.load(map_text) if map_text else None
        file = kind.file(path, path.name, options["sheet"], column_map, with_hidden=options["with_hidden"])
        said = _Problems()
        if options["dry_run"]:
            outcome = check_target(kind, file, on_batch=said.collect, report=options["report"])
        else:
            _import, outcome = import_target(
                kind, file=file, by=system_user(), on_batch=said.collect, report=options["report"]
            )
        return _Answer(outcome.as_json(), outcome.map_text, said.lines)

    @staticmethod
    def _dishes(options: dict[str, Any], map_text: str) -> "_Answer":
        path: Path = options["file"]
        dishes = dish_map(map_text) if map_text else None
        with opened_dishes(path, path.name, options["sheet"], dishes, options["report"]) as ledger:
            outcome = import_dishes(ledger, by=system_user(), dry_run=options["dry_run"])
            guessed = ledger.dish_map.dump()
        return _Answer(outcome.as_json(), guessed, _listed(outcome.problems))

    @staticmethod
    def _foods(options: dict[str, Any], map_text: str) -> "_Answer":
        path: Path = options["file"]
        columns = food_map(map_text) if map_text else None
        with opened_foods(path, path.name, options["sheet"], columns) as (table, found):
            outcome = import_foods(table, found, by=system_user(), dry_run=options["dry_run"], report=options["report"])
        return _Answer(outcome.as_json(), dump_map(found), _listed(outcome.problems))


class _Answer:
    """What a target says: its counts, the map it used, and lines for the person at the shell."""

    def __init__(self, counts: dict[str, Any], map_text: str, lines: list[str]) -> None:
        self.counts, self.map_text, self.lines = counts, map_text, lines


def _listed(problems: list[tuple[int, str]]) -> list[str]:
    lines = [f"{row_place(number)[1]}: {problem}" for number, problem in problems[:SHOWN_ROWS]]
    more = len(problems) - SHOWN_ROWS
    return [*lines, f"... +{more}"] if more > 0 else lines


class _Problems:
    """What is said of rows that were set aside or read in part; the first ones, and how many more."""

    def __init__(self) -> None:
        self._lines: list[str] = []
        self._count = 0

    def collect(self, planned: Iterable[PlannedRow | PlannedTargetRow], reader: Any = None) -> None:
        """Take the sentences of a batch, errors and warnings."""
        for row in planned:
            entry, outcome = row.entry, row.outcome
            if not (outcome == RowOutcome.ERROR or entry.has_warnings):
                continue
            self._count += 1
            if self._count <= SHOWN_ROWS:
                names = candidate_names([entry.messages], user=None)
                said = "; ".join(told(one, names) for one in entry.messages if one["level"] != NOTE)
                self._lines.append(f"{entry.number}: {said}")

    @property
    def lines(self) -> list[str]:
        """Lines for the person at the shell."""
        more = self._count - SHOWN_ROWS
        return [*self._lines, f"... +{more}"] if more > 0 else self._lines
