"""manage.py evaluate_matching: how well the finder of duplicates does on files with known truth."""

import json
from argparse import ArgumentParser
from dataclasses import asdict
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from customers.matching.febrl import UnusableFile, evaluate, read_rows


class Command(BaseCommand):
    """Score the matching on one file of the FEBRL form, or on the links between two."""

    help = (
        "Find the same people in a CSV file of the FEBRL form (truth in rec_id: rec-1-org, rec-1-dup-0), or between two files, "
        "and say how many pairs were found and how well. Exit code 2: a file cannot be used."
    )
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        """The command line's contract."""
        parser.add_argument("file", type=Path, help="a CSV file")
        parser.add_argument("file2", type=Path, nargs="?", help="a second one: only links between the two count")
        parser.add_argument("--without", default="", help="columns that may not be used, joined by commas")
        parser.add_argument("--json", action="store_true", help="print one JSON object and nothing else")

    def handle(self, *args: Any, **options: Any) -> None:
        """Read, match, print."""
        paths = [path for path in (options["file"], options["file2"]) if path]
        without = [name for name in map(str.strip, options["without"].split(",")) if name]
        try:
            found = asdict(evaluate([read_rows(path) for path in paths], without))
        except UnusableFile as problem:
            raise CommandError(str(problem), returncode=2) from problem
        found["seconds"] = round(found["seconds"], 2)
        if options["json"]:
            self.stdout.write(json.dumps(found))
        else:
            for name, value in found.items():
                self.stdout.write(f"{name}: {value}")
