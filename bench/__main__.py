"""`make bench`: every measurement, each on an empty PostgreSQL database of its own; fails when one misses its limit."""

import os
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "scripts"))

import servers

PROGRAMS = (
    "bench.ledger",
    "bench.ledger_limits",
    "bench.meanwhile",
    "bench.actuals",
    "bench.ranks",
    "bench.matching",
    "bench.search",
    "bench.card",
    "bench.bookings",
    "bench.evening",
)


def main() -> int:
    """Run them one after the other, each with the machine to itself."""
    missed = []
    for program in PROGRAMS:
        print(f"== {program}", flush=True)
        with servers.fresh_database(os.environ["DATABASE_URL"]) as url:
            finished = subprocess.run(
                [sys.executable, "-m", program], env={**os.environ, "DATABASE_URL": url}, check=False
            )
        if finished.returncode:
            missed.append(program)
    print(f"missed: {', '.join(missed)}" if missed else "every limit is kept")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
