"""`make run`: web and worker answer, come back when they die, and end with their supervisor, however it ends."""

import json
import os
import secrets
import signal
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings
from processes import free_port

from tests.waiting import wait_until

pytestmark = pytest.mark.worker

START_SECONDS = 120
END_SECONDS = 30


class Supervisor:
    """scripts/run.py with data in a folder of its own; its processes carry a mark in their environment."""

    def __init__(self, folder: Path) -> None:
        self.var = folder / "var"
        self.port = free_port()
        self.mark = f"OKAMI_RUN_TEST={secrets.token_hex(8)}"
        self.output = folder / "output"
        self.process = self.launch()

    def launch(self, *, output: int | None = None) -> "subprocess.Popen[str]":
        """Start the supervisor as a person would; its messages go to a file unless asked for."""
        name, value = self.mark.split("=")
        inherited = {key: os.environ[key] for key in ("PATH", "HOME", "LANG") if key in os.environ}
        own = {"VAR_DIR": str(self.var), "PORT": str(self.port), "DEMO": "0", "REDIS_URL": ""}
        own["DATABASE_URL"] = f"sqlite:///{self.var}/okami.sqlite3"
        with self.output.open("ab") as file:
            return subprocess.Popen(
                [sys.executable, "scripts/run.py"],
                cwd=settings.BASE_DIR,
                env={**inherited, **own, name: value},
                stdout=output or file,
                stderr=subprocess.STDOUT,
                text=True,
            )

    def wait_until_it_says(self, text: str, *, times: int = 1) -> None:
        """Wait for a message on the terminal."""
        wait_until(
            lambda: self.output.read_text().count(text) >= times or self.process.poll() is not None,
            seconds=START_SECONDS,
            what=f"{text!r} in:\n{self.output.read_text()}",
        )
        assert text in self.output.read_text(), self.output.read_text()

    def processes(self) -> dict[int, str]:
        """Process id and command line of everything that it has started and that still runs, itself included."""
        found = {}
        for folder in Path("/proc").glob("[0-9]*"):
            try:
                if self.mark.encode() in (folder / "environ").read_bytes():
                    found[int(folder.name)] = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode()
            except OSError:
                continue
        return found

    def is_gone(self) -> bool:
        """Whether nothing of it runs any more."""
        return not self.processes()

    def workers(self) -> set[int]:
        """The worker and its beat."""
        return {pid for pid, command in self.processes().items() if "celery" in command}

    def health(self) -> dict[str, str]:
        """What /healthz says."""
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/healthz", timeout=10) as response:
            return dict(json.load(response))


@pytest.fixture
def supervisor(tmp_path: Path) -> Iterator[Supervisor]:
    """A running supervisor."""
    running = Supervisor(tmp_path)
    running.wait_until_it_says("Okami is running")
    yield running
    for pid in running.processes():
        os.kill(pid, signal.SIGKILL)
    running.process.wait()


def test_everything_runs_comes_back_and_ends(supervisor):
    assert supervisor.health() == {"status": "ok", "database": "ok", "broker": "ok"}
    assert (supervisor.var / "worker-alive").exists()
    first = supervisor.workers()
    assert len(first) == 2

    second = supervisor.launch(output=subprocess.PIPE)
    said, _ = second.communicate(timeout=START_SECONDS)
    assert second.returncode == 1
    assert "already runs" in said
    assert str(supervisor.port) in said

    os.kill(min(first), signal.SIGKILL)
    supervisor.wait_until_it_says("The worker ended (code -9); again in 2 s.")
    wait_until(lambda: len(supervisor.workers() - first) == 2, seconds=START_SECONDS, what="another worker")
    assert not supervisor.workers() & first

    supervisor.process.send_signal(signal.SIGTERM)
    assert supervisor.process.wait(END_SECONDS) == 0
    wait_until(supervisor.is_gone, seconds=END_SECONDS, what=f"the end of {supervisor.processes()}")


def test_nothing_outlives_a_killed_supervisor(supervisor):
    assert len(supervisor.processes()) >= 5
    supervisor.process.kill()
    supervisor.process.wait()
    wait_until(supervisor.is_gone, seconds=END_SECONDS, what=f"the end of {supervisor.processes()}")


def test_taken_port_is_named_before_anything_is_prepared(tmp_path):
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        port = listening.getsockname()[1]
        environment = {**os.environ, "VAR_DIR": str(tmp_path), "PORT": str(port), "DEMO": "0"}
        result = subprocess.run(
            [sys.executable, "scripts/run.py"], cwd=settings.BASE_DIR, env=environment, capture_output=True, text=True
        )
    assert result.returncode == 1
    assert result.stderr == f"Port {port} is in use by another program. Choose another one: PORT={port + 1} make run\n"
    assert not (tmp_path / "okami.sqlite3").exists()
