"""Ends the process groups that a killed program leaves behind.

Reads `+GROUP SIGNAL` and `-GROUP` lines. When the input ends, its writer is gone, however it ended: every group still on the
list gets its signal, and after a while SIGKILL. Portable, and started by processes.py alone.
"""

import contextlib
import os
import signal
import sys
import time

PATIENCE_SECONDS = 8.0


def main() -> None:
    """Keep the list until the writer is gone, then end what is on it."""
    for ignored in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(ignored, signal.SIG_IGN)
    groups: dict[int, int] = {}
    for line in sys.stdin:
        group, *last_signal = line[1:].split()
        if line.startswith("+"):
            groups[int(group)] = int(last_signal[0])
        else:
            groups.pop(int(group), None)
    for group, number in groups.items():
        with contextlib.suppress(ProcessLookupError):
            os.kill(group, number)
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline and any(is_there(group) for group in groups):
        time.sleep(0.1)
    for group in groups:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(group, signal.SIGKILL)


def is_there(group: int) -> bool:
    """Whether a process of the group is left."""
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return False
    return True


if __name__ == "__main__":
    main()
