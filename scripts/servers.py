"""PostgreSQL and Redis for a test run: those the environment names, else our own in a temporary folder on free ports.

As a command, `servers.py run -- COMMAND` sets DATABASE_URL and REDIS_URL for COMMAND. Standard library only.
"""

import argparse
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import packages
from processes import find_program, free_port, start, stop, user_group, wait_until

START_SECONDS = 60
# Parallel queries share memory in files here: a container's /dev/shm is too small for them.
POSTGRESQL_OPTIONS = {"dynamic_shared_memory_type": "mmap", "shared_buffers": "256MB", "max_connections": "100"}
# A test's data need not survive a power cut.
FORGETFUL = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


@contextmanager
def postgres(*, durable: bool = False) -> Iterator[str]:
    """Yield the URL of a PostgreSQL database; `durable` writes as a real house would (for measurements)."""
    if url := os.environ.get("TEST_DATABASE_URL"):
        yield url
        return
    packages.provide([packages.POSTGRESQL])
    user = "postgres" if os.geteuid() == 0 else None  # the server refuses to run as root
    with temporary_folder("okami-postgresql-", user=user) as folder:
        port = free_port()
        data = str(folder / "data")
        initdb = [required("initdb"), "-D", data, "-U", "okami", "--auth=trust", "-E", "UTF8", "--locale=C.UTF-8", "-N"]
        with (folder / "log").open("wb") as log:
            if start(initdb, output=log, user=user, cwd=folder).wait():
                sys.exit(f"PostgreSQL could not make a database:\n{(folder / 'log').read_text()}")
            options = {
                **POSTGRESQL_OPTIONS,
                **({} if durable else FORGETFUL),
                "port": str(port),
                "listen_addresses": "127.0.0.1",
                "unix_socket_directories": str(folder),
            }
            arguments = [part for name, value in options.items() for part in ("-c", f"{name}={value}")]
            server = start(
                [required("postgres"), "-D", data, *arguments],
                output=log,
                user=user,
                cwd=folder,
                last_signal=signal.SIGQUIT,
            )
            try:
                psql = [
                    required("psql"),
                    "-X",
                    "-q",
                    "-h",
                    "127.0.0.1",
                    "-p",
                    str(port),
                    "-U",
                    "okami",
                    "-d",
                    "postgres",
                ]
                if not wait_until(lambda: answers([*psql, "-c", "SELECT 1"], server), seconds=START_SECONDS):
                    sys.exit(f"PostgreSQL does not answer:\n{(folder / 'log').read_text()}")
                subprocess.run([*psql, "-c", "CREATE DATABASE okami"], check=True)
                yield f"postgres://okami@127.0.0.1:{port}/okami"
            finally:
                stop(server, patience=20, first=signal.SIGINT)


@contextmanager
def redis() -> Iterator[str]:
    """Yield the URL of a Redis database that keeps nothing."""
    if url := os.environ.get("TEST_REDIS_URL"):
        yield url
        return
    packages.provide([packages.REDIS])
    with temporary_folder("okami-redis-") as folder:
        port = free_port()
        command = [required("redis-server", "valkey-server"), "--port", str(port), "--bind", "127.0.0.1"]
        with (folder / "log").open("wb") as log:
            server = start([*command, "--save", "", "--appendonly", "no", "--dir", str(folder)], output=log, cwd=folder)
            try:
                if not wait_until(lambda: redis_answers(port, server), seconds=START_SECONDS):
                    sys.exit(f"Redis does not answer:\n{(folder / 'log').read_text()}")
                yield f"redis://127.0.0.1:{port}/0"
            finally:
                stop(server, patience=5)


@contextmanager
def fresh_database(url: str) -> Iterator[str]:
    """Yield the URL of a new, empty database on the server of `url`; it is dropped afterwards."""
    name = f"okami_{secrets.token_hex(4)}"
    server, _, _ = url.rpartition("/")
    psql = [required("psql"), "-X", "-q", "-d", url, "-c"]
    subprocess.run([*psql, f"CREATE DATABASE {name}"], check=True)
    try:
        yield f"{server}/{name}"
    finally:
        subprocess.run([*psql, f"DROP DATABASE {name} WITH (FORCE)"], check=True)


@contextmanager
def temporary_folder(prefix: str, *, user: str | None = None) -> Iterator[Path]:
    """A folder of this user that is gone afterwards."""
    folder = Path(tempfile.mkdtemp(prefix=prefix))
    if user:
        shutil.chown(folder, user, user_group(user))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def required(*names: str) -> str:
    """The program's path. Ends with one sentence when it is not here."""
    found = find_program(*names)
    if found is None:
        sys.exit(f"{names[0]} is not installed.")
    return found


def answers(command: list[str], server: subprocess.Popen[bytes]) -> bool:
    """Whether the command succeeds; ends when the server is gone."""
    if server.poll() is not None:
        sys.exit(f"{Path(str(server.args[0])).name} ended at once.")  # type: ignore[index]
    return subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False).returncode == 0


def redis_answers(port: int, server: subprocess.Popen[bytes]) -> bool:
    """Whether Redis says PONG; ends when the server is gone."""
    if server.poll() is not None:
        sys.exit("Redis ended at once.")
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=1) as connection:
            connection.sendall(b"PING\r\n")
            return connection.recv(16).startswith(b"+PONG")
    except OSError:
        return False


def main() -> int:
    """Run a command beside both servers and give back its exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    commands = parser.add_subparsers(required=True)
    run = commands.add_parser("run", help="run COMMAND with DATABASE_URL and REDIS_URL set")
    run.add_argument("--durable", action="store_true", help="write to disk as a real house would")
    run.add_argument("command", nargs=argparse.REMAINDER, metavar="-- COMMAND")
    arguments = parser.parse_args()
    command = [part for part in arguments.command if part != "--"]
    if not command:
        run.error("name a command after --")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    with ExitStack() as stack:
        environment = {
            **os.environ,
            "DATABASE_URL": stack.enter_context(postgres(durable=arguments.durable)),
            "REDIS_URL": stack.enter_context(redis()),
        }
        return subprocess.run(command, env=environment, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
