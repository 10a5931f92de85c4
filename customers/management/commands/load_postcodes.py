"""manage.py load_postcodes: the towns of Japan Post's postcodes, for filling in addresses."""

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from crm_project.core.accounts.models import User
from crm_project.core.problems import InputProblem
from customers.postcodes import read_postcodes
from customers.services import replace_postcodes


class Command(BaseCommand):
    """Load a file of postcodes in place of the one before."""

    help = (
        "Load postcodes from a file of Japan Post (utf_ken_all.zip, KEN_ALL.ZIP or the CSV in it) or a CSV with the columns "
        "code, prefecture, city, neighborhood and their readings (also .xz). Without them forms work, and fill in nothing."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """The command line's contract."""
        parser.add_argument("file", type=Path, help="the file")
        parser.add_argument("--json", action="store_true", help="print one JSON object and nothing else")

    def handle(self, *args: Any, **options: Any) -> None:
        """Load the file and print how many towns there are."""
        try:
            towns = replace_postcodes(by=User.objects.system(), lines=read_postcodes(options["file"]))
        except InputProblem as problem:
            raise CommandError(str(problem), returncode=2) from problem
        self.stdout.write(json.dumps({"towns": towns}) if options["json"] else f"towns: {towns}")
