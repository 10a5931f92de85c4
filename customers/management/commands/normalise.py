"""manage.py normalise: values as people write them in their standard form, one a line."""

import json
import sys
from argparse import ArgumentParser
from collections.abc import Iterator
from typing import IO, Any

from django.core.management.base import BaseCommand

from customers.known_places import known_places
from customers.standard_values import KINDS


class Command(BaseCommand):
    """Print how values would be read from a ledger."""

    help = (
        "Read values from standard input (UTF-8, one a line) and print one JSON object a line: "
        '{"input", "value", "problem"}. The rules are those by which ledgers are read. '
        "Addresses: postcodes that were loaded decide where a municipality's name is missing or shared."
    )
    requires_system_checks = ()
    # What is read in place of standard input.
    stealth_options = ("stdin",)

    def add_arguments(self, parser: ArgumentParser) -> None:
        """The command line's contract."""
        parser.add_argument("kind", choices=tuple(KINDS), help="what the values are")
        parser.add_argument("--json", action="store_true", help="as every command has it; the answer is JSON anyhow")

    def handle(self, *args: Any, **options: Any) -> None:
        """Answer line by line."""
        kind = options["kind"]
        lookup = known_places() if kind == "address" else None
        for line in _lines(options.get("stdin") or sys.stdin.buffer):
            value, problem = KINDS[kind](line, lookup)
            self.stdout.write(json.dumps({"input": line, "value": value, "problem": problem}, ensure_ascii=False))


def _lines(source: IO[bytes]) -> Iterator[str]:
    """The lines without their ends; a byte-order mark in front is none of the first value, broken bytes are shown as �."""
    for number, raw in enumerate(source):
        line = raw.decode("utf-8", errors="replace").rstrip("\r\n")
        yield line.removeprefix("\ufeff") if number == 0 else line
