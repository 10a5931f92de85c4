"""`python -m tests.mutations [MODULE ...]`: try the mutants of these modules, or of all."""

import os
import sys
import time
from collections import Counter

from tests.mutations.runner import run
from tests.mutations.targets import TARGETS, THRESHOLD, accepted


def main() -> int:
    """0 when every module's tests see what they must see."""
    wanted = [target for target in TARGETS if not sys.argv[1:] or target.module in sys.argv[1:]]
    started = time.monotonic()
    results, wrong = run(wanted, accepted(), threshold=THRESHOLD, processes=len(os.sched_getaffinity(0)))
    for line in wrong:
        print(f"WRONG {line}")
    counts = sum((result.counts for result in results), Counter())
    print(
        f"{counts['seen']} mutants of {len(results)} modules seen, {sum(len(result.unseen) for result in results)} unseen, "
        f"{counts['accepted']} accepted as the same, {time.monotonic() - started:.0f} s"
    )
    return 1 if wrong or not results else 0


if __name__ == "__main__":
    sys.exit(main())
