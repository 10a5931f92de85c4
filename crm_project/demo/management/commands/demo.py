"""manage.py demo: fill an empty database with the demo house."""

from argparse import ArgumentParser, ArgumentTypeError
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from crm_project.demo.services import HouseNotEmpty, create_demo


def positive(value: str) -> int:
    """A whole number from 1. Raises ArgumentTypeError."""
    if not value.isascii() or not value.isdecimal() or int(value) < 1:
        raise ArgumentTypeError(f"{value} is not a number from 1")
    return int(value)


class Command(BaseCommand):
    """Make the demo house."""

    help = (
        "Fill an empty database with a house that does not exist: guests, visits, menus, banquets, comments and actuals "
        "until today. The same seed on the same day makes the same house. Exit code 2: the database is not empty."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """The command line's contract."""
        parser.add_argument("--customers", type=positive, default=2000, help="how many guests (default 2000)")
        parser.add_argument("--years", type=positive, default=3, help="years of visits (default 3)")
        parser.add_argument("--seed", type=int, default=1, help="another number makes another house (default 1)")
        parser.add_argument(
            "--if-empty", action="store_true", help="leave a database that is not empty as it is, quietly"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Make the house and say what is in it."""
        try:
            made = create_demo(customers=options["customers"], years=options["years"], seed=options["seed"])
        except HouseNotEmpty as problem:
            if options["if_empty"]:
                return
            raise CommandError(
                "The database already holds guests, visits, deals or documents; the demo needs an empty one.",
                returncode=2,
            ) from problem
        self.stdout.write(
            f"The demo house is ready: {made.customers} guests, {made.visits} visits, {made.reservations} reservations, "
            f"{made.deals} banquets, {made.documents} documents in {made.seconds} s."
        )
