"""Check everything: lint, types, layers, translations, settings, the suite on both databases, a real browser.

Two lanes use two cores. The first failure ends the run and is named at the end; nothing is skipped.
"""

import argparse
import contextlib
import os
import secrets
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

import packages
import servers
import translations
from processes import end_group, start

PYTHON = sys.executable
PYTEST = [PYTHON, "-m", "pytest", "--durations", "5"]


@dataclass
class Step:
    """One command with a name; its closing line is shown when it passes, all of its output when it fails."""

    name: str
    command: Sequence[str]
    env: dict[str, str] = field(default_factory=dict)


class Run:
    """Steps in lanes side by side, until all have passed or one has failed."""

    def __init__(self) -> None:
        self.failed: str | None = None
        self._printing = threading.Lock()
        self._running: set[subprocess.Popen[bytes]] = set()

    def lanes(self, *lanes: Sequence[Step]) -> None:
        """Run the lanes at the same time, each step by step. Ends the program when a step fails."""
        if self.failed:
            return
        # The lanes' threads outlive the processes they start, so the tie to the parent thread holds.
        threads = [threading.Thread(target=self._lane, args=(lane,)) for lane in lanes]
        for thread in threads:
            thread.start()
        try:
            for thread in threads:
                thread.join()
        except KeyboardInterrupt:
            self._fail("interrupted")
            raise

    def _lane(self, steps: Sequence[Step]) -> None:
        for step in steps:
            if self.failed:
                return
            self._step(step)

    def _step(self, step: Step) -> None:
        started = time.monotonic()
        with tempfile.TemporaryFile() as output:
            process = start(step.command, env={**os.environ, **step.env}, output=output)
            self._running.add(process)
            code = process.wait()
            self._running.discard(process)
            end_group(process)
            output.seek(0)
            text = output.read().decode(errors="replace").rstrip()
        with self._printing:
            if code and self.failed:
                return
            verdict = "FAILED" if code else "ok"
            print(f"{verdict:<7}{step.name:<34}{time.monotonic() - started:7.1f} s", flush=True)
            if code:
                print(text, flush=True)
            elif step.command[: len(PYTEST)] == PYTEST:
                print(f"       {text.splitlines()[-1].strip('= ')}", flush=True)
        if code:
            self._fail(step.name)

    def _fail(self, name: str) -> None:
        self.failed = self.failed or name
        for process in list(self._running):
            with contextlib.suppress(ProcessLookupError):
                process.kill()


def static_steps() -> tuple[list[Step], list[Step]]:
    """What needs no database: two lanes of about the same length."""
    manage = [PYTHON, "manage.py"]
    production = {
        "PRODUCTION": "1",
        "DEBUG": "0",
        "SECRET_KEY": secrets.token_urlsafe(64),
        "ALLOWED_HOSTS": "okami.test",
    }
    quick = [
        Step("lint: ruff check", [PYTHON, "-m", "ruff", "check", "."]),
        Step("form: ruff format", [PYTHON, "-m", "ruff", "format", "--check", "."]),
        Step("layers: import-linter", [str(Path(PYTHON).parent / "lint-imports"), "--no-cache"]),
        Step("settings: check", [*manage, "check", "--fail-level", "WARNING"]),
        Step("settings: check --deploy", [*manage, "check", "--deploy", "--fail-level", "WARNING"], production),
        Step("models: makemigrations --check", [*manage, "makemigrations", "--check", "--dry-run"]),
        Step("texts: Japanese catalogue", [PYTHON, "scripts/translations.py", "check"]),
    ]
    return quick, [Step("types: mypy", [PYTHON, "-m", "mypy", "."])]


def pytest_step(name: str, *arguments: str, env: dict[str, str], marker: str | None = None) -> Step:
    """A run of the suite; `marker` chooses other tests than the default of pyproject.toml."""
    chosen = ["-m", marker] if marker else []
    return Step(name, [*PYTEST, *chosen, *arguments], env)


def main() -> int:
    """Install what is missing, run the steps, say how long it took."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--long", action="store_true", help="only the tests that are too slow for every change")
    long = parser.parse_args().long
    started = time.monotonic()
    needs = [packages.CHROMIUM, packages.JAPANESE_FONT, packages.GETTEXT]
    needs += [] if os.environ.get("TEST_DATABASE_URL") else [packages.POSTGRESQL]
    needs += [] if os.environ.get("TEST_REDIS_URL") else [packages.REDIS]
    packages.provide(needs)
    translations.compile_all()
    run = Run()
    with ExitStack() as stack:
        var_dir = stack.enter_context(servers.temporary_folder("okami-checks-"))
        os.environ.update(VAR_DIR=str(var_dir), DATABASE_URL=f"sqlite:///{var_dir}/okami.sqlite3", REDIS_URL="")
        embedded = {"DATABASE_URL": "", "REDIS_URL": ""}
        large = {
            "DATABASE_URL": stack.enter_context(servers.postgres()),
            "REDIS_URL": stack.enter_context(servers.redis()),
        }
        if long:
            run.lanes(
                [pytest_step("long, SQLite", env=embedded, marker="long")],
                [pytest_step("long, PostgreSQL + Redis", env=large, marker="long and not e2e")],
            )
        else:
            run.lanes(*static_steps())
            run.lanes(
                [pytest_step("suite, SQLite + file broker", env=embedded)],
                [pytest_step("suite, PostgreSQL + Redis", env=large)],
            )
            run.lanes([pytest_step("browser: Chromium", env=embedded, marker="e2e and not long")])
    seconds = time.monotonic() - started
    if run.failed:
        print(f"\nFAILED: {run.failed}, after {seconds:.0f} s", flush=True)
        return 1
    print(f"\nAll checks passed in {seconds:.0f} s.", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
