"""Child processes that never outlive us, free ports and programs of this machine. Standard library only."""

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import IO, Any

ROOT = Path(__file__).resolve().parent.parent
one_teller = threading.Lock()


def start(
    command: Sequence[str],
    *,
    env: Mapping[str, str] | None = None,
    output: IO[bytes] | int | None = None,
    user: str | None = None,
    cwd: Path = ROOT,
    last_signal: signal.Signals = signal.SIGTERM,
) -> subprocess.Popen[bytes]:
    """Start a command in a process group of its own; `last_signal` reaches it when this program ends without stopping it."""
    as_user: dict[str, Any] = {"user": user, "group": user_group(user), "extra_groups": []} if user else {}
    process = subprocess.Popen(
        command,
        cwd=cwd,
        env=dict(env) if env is not None else None,
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=subprocess.STDOUT if output is not None else None,
        start_new_session=True,
        **as_user,
    )
    tell_reaper(f"+{process.pid} {int(last_signal)}")
    return process


@cache
def reaper() -> subprocess.Popen[str]:
    """The helper that outlives this program for as long as it takes to end what it has started."""
    command = [sys.executable, "-I", "-S", str(ROOT / "scripts/reaper.py")]
    return subprocess.Popen(command, stdin=subprocess.PIPE, text=True, start_new_session=True)


def tell_reaper(line: str) -> None:
    """Put a process group on the reaper's list or take it off."""
    # Somebody may have killed the reaper: then there is nobody to tell, and the work goes on.
    with one_teller, contextlib.suppress(BrokenPipeError):
        print(line, file=reaper().stdin, flush=True)


def stop(process: subprocess.Popen[bytes], *, patience: float, first: signal.Signals = signal.SIGTERM) -> None:
    """Ask the process to end, then end its whole group: a child of the child (beat, a web worker) is ours too."""
    if process.poll() is None:
        with contextlib.suppress(ProcessLookupError):
            process.send_signal(first)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(patience)
    end_group(process)


def end_group(process: subprocess.Popen[bytes]) -> None:
    """Kill what is left of the process and its group at once."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    tell_reaper(f"-{process.pid}")


def free_port() -> int:
    """A port of this machine that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def port_is_free(host: str, port: int) -> bool:
    """Whether a server could listen there."""
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True


def find_program(*names: str) -> str | None:
    """The first of these programs on this machine, PostgreSQL's own folders included (newest first)."""
    versions = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: -float(path.parent.name))
    path = os.pathsep.join([os.environ.get("PATH", os.defpath), *map(str, versions), "/usr/sbin", "/sbin"])
    for name in names:
        if found := shutil.which(name, path=path):
            return found
    return None


def user_group(user: str) -> int:
    """The group that the user's processes belong to."""
    import pwd

    return pwd.getpwnam(user).pw_gid


def wait_until(condition: Callable[[], bool], *, seconds: float, pause: float = 0.1) -> bool:
    """Look again and again until the condition holds; False when the time is over first."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(pause)
    return True
