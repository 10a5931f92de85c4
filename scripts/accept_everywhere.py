"""Run the acceptance checks on the public data sets twice, side by side: on SQLite and on PostgreSQL, both new and empty."""

import sys
import time
from contextlib import ExitStack
from pathlib import Path

import servers
from lanes import Run, Step

PYTHON = sys.executable
ALL_LINES = 1000


def checks(name: str, data: Path, *, var_dir: Path, database_url: str) -> list[Step]:
    """Make the tables, then check."""
    env = {"VAR_DIR": str(var_dir), "DATABASE_URL": database_url, "REDIS_URL": "", "LOG_LEVEL": "WARNING"}
    return [
        Step(f"{name}: migrate", [PYTHON, "manage.py", "migrate", "--no-input", "--verbosity", "0"], env),
        Step(f"{name}: accept", [PYTHON, "scripts/accept.py", str(data)], env, shown=ALL_LINES),
    ]


def main() -> int:
    """Check the data sets in the folder named on the command line."""
    data = Path(sys.argv[1]).resolve()
    if not data.is_dir():
        sys.exit(f"There is no folder {data}.")
    started = time.monotonic()
    run = Run()
    with ExitStack() as stack:
        sqlite_dir = stack.enter_context(servers.temporary_folder("okami-accept-"))
        postgres_dir = stack.enter_context(servers.temporary_folder("okami-accept-"))
        url = stack.enter_context(servers.fresh_database(stack.enter_context(servers.postgres())))
        run.lanes(
            checks("SQLite", data, var_dir=sqlite_dir, database_url=f"sqlite:///{sqlite_dir}/okami.sqlite3"),
            checks("PostgreSQL", data, var_dir=postgres_dir, database_url=url),
        )
    seconds = time.monotonic() - started
    print(f"\n{f'FAILED: {run.failed},' if run.failed else 'Accepted'} after {seconds:.0f} s.", flush=True)
    return 1 if run.failed else 0


if __name__ == "__main__":
    sys.exit(main())
