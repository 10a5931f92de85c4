"""Check everything: lint, types, layers, translations, settings, the suite on both databases, a real browser.

Two lanes use two cores. A failure ends the run and is named at the end; nothing is skipped.
"""

import argparse
import os
import secrets
import sys
import time
from contextlib import ExitStack
from pathlib import Path

import packages
import servers
import translations
from lanes import Run, Step

PYTHON = sys.executable


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


def pytest_step(name: str, *, env: dict[str, str], marker: str | None = None) -> Step:
    """A run of the suite; `marker` chooses other tests than the default of pyproject.toml."""
    chosen = ["-m", marker] if marker else []
    return Step(name, [PYTHON, "-m", "pytest", *chosen, "--durations", "5"], env, shown=1)


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
            # One after the other: each lets fifty processes fight for a minute and reads the book afterwards.
            race = [PYTHON, "-m", "bench.race"]
            run.lanes(
                [
                    Step("race, SQLite", race, {"DATABASE_URL": f"sqlite:///{var_dir}/race.sqlite3"}, shown=2),
                    Step("race, PostgreSQL", race, large, shown=2),
                ]
            )
            run.lanes(
                [pytest_step("long, SQLite", env=embedded, marker="long")],
                [
                    pytest_step("long, PostgreSQL + Redis", env=large, marker="long and not e2e"),
                    Step("mutations", [PYTHON, "-m", "tests.mutations"], embedded, shown=1),
                ],
            )
        else:
            run.lanes(*static_steps(), to_the_end=True)
            run.lanes(
                [
                    pytest_step("suite, SQLite + file broker", env=embedded),  # minutes shorter than the other one
                    pytest_step("browser: Chromium", env=embedded, marker="e2e and not long"),
                ],
                [pytest_step("suite, PostgreSQL + Redis", env=large)],
            )
    seconds = time.monotonic() - started
    if run.failed:
        print(f"\nFAILED: {run.failed}, after {seconds:.0f} s", flush=True)
        return 1
    print(f"\nAll checks passed in {seconds:.0f} s.", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
