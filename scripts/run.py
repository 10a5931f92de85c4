"""Start Okami on this machine: the web server and the worker (with beat), watched until Ctrl-C.

Migrates the database, fills an empty one with demo data and restarts what dies. Settings: .env.example.
"""

import fcntl
import json
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType
from typing import IO

import environ
import translations
from processes import ROOT, end_group, port_is_free, start, stop, wait_until

env = environ.Env()
environ.Env.read_env(ROOT / ".env")

HOST = env.str("HOST", default="127.0.0.1")
PORT = env.int("PORT", default=8000)
WEB_WORKERS = env.int("WEB_WORKERS", default=2)
DEMO = env.bool("DEMO", default=True)
VAR_DIR = Path(env.str("VAR_DIR", default=str(ROOT / "var"))).resolve()
# A name that the pages answer to: a pattern (".example.jp", "*") stands for one.
ALLOWED_HOST = env.list("ALLOWED_HOSTS", default=["localhost"])[0].lstrip("*.") or "localhost"
ADDRESS = f"http://{'localhost' if HOST in ('127.0.0.1', '0.0.0.0') else HOST}:{PORT}/"

START_SECONDS = 90
STOP_SECONDS = 8
STEADY_SECONDS = 60
LONGEST_PAUSE = 30
LOG_BYTES = 10_000_000


@dataclass
class Service:
    """A program that is kept running; its output goes to a log file of its own."""

    name: str
    command: list[str]
    answers: Callable[[], bool]
    process: subprocess.Popen[bytes] | None = None
    started: float = 0.0
    pause: float = 1.0
    restart_at: float = field(default=0.0, init=False)

    @property
    def log_path(self) -> Path:
        """Where its output goes."""
        return VAR_DIR / "logs" / f"{self.name}.log"

    def start(self) -> None:
        """Start the program."""
        with open_log(self.log_path) as log:
            self.process = start(self.command, env=os.environ, output=log)
        self.started = time.monotonic()
        self.restart_at = 0.0

    def watch(self) -> None:
        """Start it again when it has died, after a pause that doubles while it keeps dying."""
        now = time.monotonic()
        if self.restart_at:
            if now >= self.restart_at:
                self.start()
            return
        if self.process is None or self.process.poll() is None:
            return
        end_group(self.process)
        self.pause = 1.0 if now - self.started > STEADY_SECONDS else min(self.pause * 2, LONGEST_PAUSE)
        self.restart_at = now + self.pause
        say(f"The {self.name} ended (code {self.process.returncode}); again in {self.pause:.0f} s. See {self.log_path}")


def main() -> int:
    """Prepare the database, start both programs, watch them until a signal comes."""
    (VAR_DIR / "logs").mkdir(parents=True, exist_ok=True)
    ending = threading.Event()

    def end(number: int, frame: FrameType | None) -> None:
        ending.set()

    with (VAR_DIR / "run.lock").open("a+") as lock:
        take_alone(lock)
        if not port_is_free(HOST, PORT):
            sys.exit(f"Port {PORT} is in use by another program. Choose another one: PORT={PORT + 1} make run")
        prepare_database()
        alive = VAR_DIR / "worker-alive"
        alive.unlink(missing_ok=True)
        services = [Service("web", web_command(), web_answers), Service("worker", worker_command(), alive.exists)]
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, end)
        try:
            for service in services:
                service.start()
            ready = wait_until(
                lambda: ending.is_set() or any(died(service) for service in services) or all(answering(services)),
                seconds=START_SECONDS,
            )
            if not ending.is_set():
                if not ready or any(died(service) for service in services):
                    return report_failure(services)
                welcome()
            while not ending.wait(0.5):
                for service in services:
                    service.watch()
            say("Ending ...")
            return 0
        finally:
            stop_all(services)


def take_alone(lock: IO[str]) -> None:
    """Hold the folder alone: two supervisors on one database would start two beats."""
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        lock.seek(0)
        sys.exit(f"Okami already runs with the data in {VAR_DIR}: {lock.read().strip()}")
    lock.truncate(0)
    lock.write(ADDRESS)
    lock.flush()


def prepare_database() -> None:
    """Translations, migrations and, in an empty database, the demo house."""
    translations.compile_all()
    manage("migrate", "--no-input", "--verbosity", "0", doing="Preparing the database ...")
    if DEMO:
        manage("demo", "--if-empty", doing=None)


def manage(*arguments: str, doing: str | None) -> None:
    """Run a management command; ends the program with the command's own message when it fails."""
    if doing:
        say(doing)
    result = subprocess.run([sys.executable, "manage.py", *arguments], cwd=ROOT, check=False)
    if result.returncode:
        sys.exit(f"`manage.py {' '.join(arguments)}` failed: see above.")


def web_command() -> list[str]:
    """Granian serves the WSGI application; a blocking thread serves one request at a time."""
    return [
        *(sys.executable, "-m", "granian", "--interface", "wsgi"),
        *("--host", HOST, "--port", str(PORT), "--workers", str(WEB_WORKERS), "--blocking-threads", "3"),
        *("--respawn-failed-workers", "--no-ws", "--log-level", "warning"),
        "crm_project.wsgi:application",
    ]


def worker_command() -> list[str]:
    """The worker with beat inside: threads, because the file broker and SQLite live on one machine.

    It steps back behind the web server: an import of a large ledger must not keep people waiting for their pages.
    """
    step_back = ("nice", "-n", "10") if shutil.which("nice") else ()
    return [
        *step_back,
        *(sys.executable, "-m", "celery", "--app", "crm_project", "worker", "--beat"),
        *("--pool", "threads", "--concurrency", "2", "--loglevel", "INFO", "--without-gossip", "--without-mingle"),
    ]


def web_answers() -> bool:
    """Whether /healthz says that the web server, the database and the broker work."""
    host = "127.0.0.1" if HOST == "0.0.0.0" else HOST
    request = urllib.request.Request(f"http://{host}:{PORT}/healthz", headers={"Host": ALLOWED_HOST})
    try:
        with urllib.request.urlopen(request, timeout=5) as response:
            return bool(response.status == 200)
    except (urllib.error.URLError, OSError):
        return False


def answering(services: list[Service]) -> list[bool]:
    """Which of the services answer."""
    return [service.answers() for service in services]


def died(service: Service) -> bool:
    """Whether its process is gone."""
    return service.process is not None and service.process.poll() is not None


def report_failure(services: list[Service]) -> int:
    """Say which program did not start and show the end of its log."""
    for service in services:
        if died(service) or not service.answers():
            tail = service.log_path.read_text(errors="replace").splitlines()[-20:]
            say("\n".join([f"The {service.name} did not start. The end of {service.log_path}:", *tail]))
    return 1


def welcome() -> None:
    """The address and, for the demo house, who can sign in."""
    say(f"\nOkami is running: {ADDRESS}   (Ctrl-C ends it; logs in {VAR_DIR / 'logs'})")
    try:
        signins = json.loads((VAR_DIR / "demo-signins.json").read_text())["signins"]
    except FileNotFoundError:
        say("The first administrator: .venv/bin/python manage.py createsuperuser")
        return
    say("\nSign in to the demo house as:")
    for person in signins:
        say(f"  {person['username']:<12} {person['password']:<22} {person['role']} {person['name']}")


def stop_all(services: list[Service]) -> None:
    """End every process of every service; work in progress is taken up again at the next start."""
    stopping = [
        threading.Thread(target=stop, args=(service.process,), kwargs={"patience": STOP_SECONDS})
        for service in services
        if service.process is not None
    ]
    for thread in stopping:
        thread.start()
    for thread in stopping:
        thread.join()


def open_log(path: Path) -> IO[bytes]:
    """Open the log for appending; a long one makes room first."""
    if path.exists() and path.stat().st_size > LOG_BYTES:
        path.replace(path.with_suffix(".log.1"))
    return path.open("ab")


def say(text: str) -> None:
    """One message on the terminal."""
    print(text, flush=True)


if __name__ == "__main__":
    sys.exit(main())
