"""manage.py dish_conflicts: which dishes touch some allergens."""

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from crm_project.core.problems import InputProblem
from menus.conflicts import allergens_named, sort_dishes


class Command(BaseCommand):
    """Sort the dishes on the menu by what they say of allergens."""

    help = (
        "Sort the dishes on the menu: conflict (contain any of the allergens), may (may contain any), unchecked (nobody has "
        "checked any) and free (free of all). Base preparations count, proposals do not."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """The command line's contract."""
        parser.add_argument("--allergens", required=True, help="names or codes with commas: 卵,乳 or egg,milk")
        parser.add_argument("--json", action="store_true", help="print one JSON object and nothing else")

    def handle(self, *args: Any, **options: Any) -> None:
        """Print the dishes."""
        words = [word.strip() for word in options["allergens"].replace("、", ",").replace("，", ",").split(",")]
        words = [word for word in words if word]
        if not words:
            raise CommandError("Name at least one allergen: --allergens 卵,乳", returncode=2)
        try:
            found = sort_dishes(allergens_named(words)).as_json()
        except InputProblem as problem:
            raise CommandError(str(problem), returncode=2) from problem
        if options["json"]:
            self.stdout.write(json.dumps(found, ensure_ascii=False))
            return
        for name, dishes in found.items():
            self.stdout.write(f"{name}: {len(dishes)}")
            for dish in dishes:
                self.stdout.write(f"  {dish}")
