"""Steps that run side by side in lanes, as many as there are cores to use, until one of them fails."""

import contextlib
import os
import subprocess
import tempfile
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field

from processes import end_group, start


@dataclass
class Step:
    """One command with a name; when it passes, the last `shown` lines of its output are shown, when it fails, all."""

    name: str
    command: Sequence[str]
    env: dict[str, str] = field(default_factory=dict)
    shown: int = 0


class Run:
    """Steps in lanes side by side, until all have passed or one has failed."""

    def __init__(self) -> None:
        self.failed: str | None = None
        self._to_the_end = False
        self._printing = threading.Lock()
        self._running: set[subprocess.Popen[bytes]] = set()

    def lanes(self, *lanes: Sequence[Step], to_the_end: bool = False) -> None:
        """Run the lanes at the same time, each step by step.

        The first failure ends the others at once, or, with `to_the_end`, when every step has said its word. Lanes that are
        asked for after a failure are not started.
        """
        if self.failed:
            return
        self._to_the_end = to_the_end
        threads = [threading.Thread(target=self._lane, args=(lane,)) for lane in lanes]
        for thread in threads:
            thread.start()
        try:
            for thread in threads:
                thread.join()
        except KeyboardInterrupt:
            self._to_the_end = False
            self._fail("interrupted")
            raise

    def _lane(self, steps: Sequence[Step]) -> None:
        for step in steps:
            if self.failed and not self._to_the_end:
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
            if code and self.failed and not self._to_the_end:
                return
            verdict = "FAILED" if code else "ok"
            print(f"{verdict:<7}{step.name:<34}{time.monotonic() - started:7.1f} s", flush=True)
            if code:
                print(text, flush=True)
            elif step.shown:
                print("\n".join(f"       {line}" for line in text.splitlines()[-step.shown :]), flush=True)
        if code:
            self._fail(step.name)

    def _fail(self, name: str) -> None:
        self.failed = f"{self.failed}, {name}" if self.failed else name
        if self._to_the_end:
            return
        for process in list(self._running):
            with contextlib.suppress(ProcessLookupError):
                process.kill()
