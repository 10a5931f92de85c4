"""The web server of `make run` on a free port, a browser that only asks, and what an answer cost."""

import os
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import processes
import run

START_SECONDS = 60
TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True)
class Web:
    """A running server: its port, and the process whose children answer."""

    port: int
    pid: int


@contextmanager
def web_server(database_url: str, application: str = "crm_project.wsgi:application") -> Iterator[Web]:
    """Granian as `make run` starts it (two workers of three threads), on the database."""
    port = processes.free_port()
    with TemporaryDirectory(prefix="okami-bench-") as folder:
        env = {**os.environ, "DATABASE_URL": database_url, "VAR_DIR": folder, "LOG_LEVEL": "ERROR", "PRODUCTION": "0"}
        command = run.web_command()
        command[command.index("--port") + 1] = str(port)
        command[-1] = application
        with (Path(folder) / "web.log").open("wb") as log:
            process = processes.start(command, env=env, output=log)
            try:
                if not processes.wait_until(lambda: answers(port), seconds=START_SECONDS):
                    sys.exit(f"The web server does not answer:\n{(Path(folder) / 'web.log').read_text()}")
                yield Web(port, process.pid)
            finally:
                processes.stop(process, patience=5)


def answers(port: int) -> bool:
    """Whether somebody listens."""
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex(("127.0.0.1", port)) == 0


class Browser:
    """One connection that is kept open; no more of HTTP than the answers of our server need."""

    def __init__(self, port: int, headers: Mapping[str, str]) -> None:
        self.address = ("127.0.0.1", port)
        lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        self._behind = f" HTTP/1.1\r\nHost: localhost:{port}\r\n{lines}".encode()
        self._connection: socket.socket | None = None

    def get(self, path: str, form: str | None = None) -> tuple[float, bytes]:
        """Seconds and body of an answer; `form` is posted, as a browser writes it. Raises RuntimeError when it is not 200.

        What was posted is answered by a redirect: 302.
        """
        started = time.perf_counter()
        try:
            answer = self._ask(path, form)
        except OSError:  # the server ends a connection that was idle; a browser then opens another one
            self._connection = None
            answer = self._ask(path, form)
        while (end := answer.find(b"\r\n\r\n")) < 0:
            answer += self._more()
        head = answer[:end].lower()
        at = head.index(b"content-length:") + 15
        length = int(head[at : head.find(b"\r\n", at) if head.find(b"\r\n", at) > 0 else None])
        parts, received = [answer[end + 4 :]], len(answer) - end - 4
        while received < length:
            parts.append(self._more())
            received += len(parts[-1])
        seconds = time.perf_counter() - started
        if head[9:12] != (b"200" if form is None else b"302"):
            raise RuntimeError(f"{path} answered {head[9:12].decode()}.")
        return seconds, b"".join(parts)

    def _ask(self, path: str, form: str | None) -> bytes:
        if self._connection is None:
            self._connection = socket.create_connection(self.address)
            self._connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        verb, body = (b"GET ", b"") if form is None else (b"POST ", form.encode())
        described = (
            f"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {len(body)}\r\n" if body else ""
        )
        self._connection.sendall(verb + path.encode() + self._behind + described.encode() + b"\r\n" + body)
        return self._more()

    def _more(self) -> bytes:
        assert self._connection is not None
        if not (piece := self._connection.recv(65536)):
            raise ConnectionError("The server ended the connection.")
        return piece


def percentile(seconds: Sequence[float], share: int) -> float:
    """That percentile, in milliseconds."""
    return statistics.quantiles(seconds, n=100, method="inclusive")[share - 1] * 1000


def load(options: Sequence[str]) -> str:
    """Run the load program as a process of its own that steps back behind the server (nice 10); what it printed."""
    command = ["nice", "-n", "10", sys.executable, "-m", "bench.load", *options]
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout


def cpu_seconds(pids: Sequence[int]) -> float:
    """CPU time these processes have used so far."""
    spent = 0
    for pid in pids:
        fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
        spent += int(fields[11]) + int(fields[12])
    return spent / TICKS


def family(pid: int) -> list[int]:
    """The process and all below it."""
    found = [pid]
    for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split():
        found += family(int(child))
    return found
