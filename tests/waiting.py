"""Wait for what another process does, without sleeping longer than it takes."""

import threading
import time
from collections.abc import Callable

PAUSE_SECONDS = 0.05


def wait_until(condition: Callable[[], object], *, seconds: float, what: str) -> None:
    """Return as soon as the condition holds. Raises AssertionError, naming `what`, when the time is over."""
    deadline = time.monotonic() + seconds
    never = threading.Event()
    while not condition():
        if time.monotonic() > deadline:
            raise AssertionError(f"Waited {seconds} s in vain: {what}.")
        never.wait(PAUSE_SECONDS)
