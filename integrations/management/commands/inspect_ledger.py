"""manage.py inspect_ledger: what tables a file holds, before anybody imports it. Nothing is written."""

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any, Final

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from crm_project.core.problems import InputProblem
from crm_project.core.tables import Limits, inspect_file
from integrations.ledger_passwords import ASK, HELP, password_of

SHOWN: Final = 10


class Command(BaseCommand):
    """Say what tables a file holds, and what is in their columns."""

    help = (
        "Say what tables a file holds (xlsx, xlsm, xls, csv, tsv; also .xz, .gz and .zip of one file): where their headings and "
        "rows are, what is left out of an import, and what is in each column. Exit code 2: the file cannot be read."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """The command line's contract."""
        parser.add_argument("file", type=Path, help="the file")
        parser.add_argument("--sheet", default="", help="only this sheet of the workbook")
        parser.add_argument("--password", nargs="?", const=ASK, help=HELP)
        parser.add_argument("--json", action="store_true", help="print one JSON object and nothing else")

    def handle(self, *args: Any, **options: Any) -> None:
        """Look through the file and print what was found."""
        path: Path = options["file"]
        try:
            found = inspect_file(
                path,
                name=path.name,
                sheet=options["sheet"] or None,
                password=password_of(options["password"]),
                limits=Limits(file_bytes=settings.UPLOAD_LIMIT_BYTES),
            ).as_json()
        except InputProblem as problem:
            raise CommandError(str(problem), returncode=2) from problem
        if options["json"]:
            self.stdout.write(json.dumps(found, ensure_ascii=False))
            return
        for sheet in found["sheets"]:
            said = [word for word in ("hidden", "sample") if sheet[word]]
            self.stdout.write(f"[{sheet['sheet']}] {sheet['tables']} table(s) {' '.join(said)}".rstrip())
        for table in found["tables"]:
            self._table(table)

    def _table(self, table: dict[str, Any]) -> None:
        first, last = table["heading_rows"]
        self.stdout.write(
            f"\n{table['choose'] or 'table'} {table['range']}: headings in rows {first}-{last}, "
            f"{table['data_rows']} rows ({table['first_data_row']}-{table['last_data_row']}), "
            f"{table['blank_rows']} blank, {table['exact_duplicate_rows']} repeated"
        )
        for title in table["title_rows"]:
            self.stdout.write(f"  above, row {title['row']}: {title['text']}")
        for kind, count in table["left_out_counts"].items():
            rows = [one for one in table["left_out"] if one["kind"] == kind]
            shown = "; ".join(f"{one['row']}: {one['text']}" for one in rows[:SHOWN])
            self.stdout.write(f"  left out, {kind} ({count}): {shown}")
        for column in table["columns"]:
            kinds = ", ".join(f"{kind} {count}" for kind, count in column["kinds"].items())
            samples = " / ".join(" ".join(sample.split()) for sample in column["samples"][:3])
            self.stdout.write(
                f"  {column['letter']:>3} {column['heading'] or '(no heading)'}: {column['filled']} filled, "
                f"{column['distinct']} different, {column['only_spaces']} only spaces; {kinds}; {samples}"
            )
