"""Pull accounting actuals: of sources by name, of all active ones, or one file by hand."""

import json
import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand
from django.utils.translation import gettext as _

from crm_project.core.jobs.services import system_user
from crm_project.core.problems import InputProblem
from integrations.map_file import read_map_file
from integrations.models import Source
from integrations.sources.fields import load_source_map
from integrations.sources.pull import PullResult, together
from integrations.sources.reading import FileRefused
from integrations.sources.services import PullStopped, only_venue, pull_given_file, pull_source

PROBLEMS_SHOWN = 20
NAME_SHOWN = 40
SOME_SET_ASIDE, NOTHING_WRITTEN = 1, 2


class Command(BaseCommand):
    """`pull_actuals [SOURCE ...]` or `pull_actuals --file FILE --map MAP.toml --source NAME`, each with `--json`."""

    help = (
        "Pull the actuals of sources. Exit code 0: all taken; 1: some documents or files were set aside; "
        "2: nothing was written, the reason is on stderr."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the arguments."""
        parser.add_argument("sources", nargs="*", metavar="SOURCE", help="names of sources; all active ones without")
        parser.add_argument("--file", type=Path, help="pull this file (csv, xlsx, also .xz and .gz)")
        parser.add_argument("--map", type=Path, help="the file's map (TOML); a new source keeps it")
        parser.add_argument("--source", help="the source that the file belongs to; made when it is new")
        parser.add_argument("--json", action="store_true", help="print one JSON object and nothing else")

    def handle(self, *args: Any, **options: Any) -> None:
        """Pull and end with the exit code."""
        try:
            if options["file"] or options["map"] or options["source"]:
                code = self._one_file(options)
            else:
                code = self._by_name(options["sources"], as_json=options["json"])
        except InputProblem as problem:
            self.stderr.write(str(problem))
            code = NOTHING_WRITTEN
        if code:
            sys.exit(code)

    def _one_file(self, options: dict[str, Any]) -> int:
        if options["sources"] or not options["file"] or not options["source"]:
            raise FileRefused(_("a single file needs --file and --source, and no other names"))
        known = Source.objects.filter(name=options["source"]).first()
        if known is None and not options["map"]:
            raise FileRefused(_("“%(source)s” is a new source: name its map with --map"), {"source": options["source"]})
        column_map = None
        map_text = ""
        if options["map"]:
            map_text = read_map_file(options["map"])
            column_map = load_source_map(map_text)
        source = known or _new_source(options["source"], map_text)
        result = pull_given_file(source=source, path=options["file"], by=system_user(), column_map=column_map)
        self._tell(result)
        self._print(result.as_json(), as_json=options["json"])
        return SOME_SET_ASIDE if result.errors else 0

    def _by_name(self, names: list[str], *, as_json: bool) -> int:
        sources = _named(names) if names else list(Source.objects.pulled_by_night())
        entries: list[dict[str, Any]] = []
        has_written = has_trouble = False
        for source in sources:
            taken: list[PullResult] = []
            entry: dict[str, Any] = {"source": source.name}
            try:
                taken = pull_source(source=source, by=system_user())
            except InputProblem as problem:
                taken = problem.taken if isinstance(problem, PullStopped) else []
                entry["error"] = str(problem)
            if taken:
                result = together(taken)
                self._tell(result)
                entry = result.as_json() | entry
                has_written = True
                has_trouble |= bool(result.errors)
            if "error" in entry:
                self.stderr.write(entry["error"])
                has_trouble = True
            entries.append(entry)
        if entries and not has_written:
            return NOTHING_WRITTEN
        self._print({"sources": entries}, as_json=as_json)
        return SOME_SET_ASIDE if has_trouble else 0

    def _tell(self, result: PullResult) -> None:
        """Say on stderr what was set aside or left out."""
        for problem in result.problems[:PROBLEMS_SHOWN]:
            self.stderr.write(problem.message)
        if len(result.problems) > PROBLEMS_SHOWN:
            self.stderr.write(_("… and %(count)s more") % {"count": len(result.problems) - PROBLEMS_SHOWN})

    def _print(self, answer: dict[str, Any], *, as_json: bool) -> None:
        if as_json:
            self.stdout.write(json.dumps(answer, ensure_ascii=False))
            return
        for one in answer.get("sources", [answer]):
            self.stdout.write(", ".join(f"{name}: {value}" for name, value in one.items()))


def _new_source(name: str, map_text: str) -> Source:
    """A source that is saved with its first file. Raises FileRefused for a name that cannot be kept."""
    source = Source(name=name, map_text=map_text, default_venue=only_venue())
    try:
        source.clean_fields()
    except ValidationError as error:
        raise FileRefused(
            _("“%(source)s” cannot be the name of a source: %(reason)s"),
            {"source": name[:NAME_SHOWN], "reason": " ".join(error.messages)},
        ) from error
    return source


def _named(names: list[str]) -> list[Source]:
    """The sources of these names, in their order. Raises FileRefused for a name that no source has."""
    found = {source.name: source for source in Source.objects.filter(name__in=names)}
    for name in names:
        if name not in found:
            known = ", ".join(Source.objects.values_list("name", flat=True)) or "–"
            raise FileRefused(_("there is no source “%(name)s”; there are: %(known)s"), {"name": name, "known": known})
    return [found[name] for name in names]
