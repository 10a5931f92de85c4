"""Servers for test runs: started when nobody names any, and gone afterwards."""

import os
import re
import subprocess
import sys
from pathlib import Path

import servers
from django.conf import settings

COMMAND = """
import os, psycopg, redis
database, broker = os.environ["DATABASE_URL"], os.environ["REDIS_URL"]
with psycopg.connect(database) as connection:
    print(connection.execute("SHOW server_encoding").fetchone()[0], redis.Redis.from_url(broker).ping())
print(database, broker)
raise SystemExit(7)
"""


def environment_without_servers() -> dict[str, str]:
    """This environment as on a machine where nobody names servers."""
    return {name: value for name, value in os.environ.items() if name not in {"TEST_DATABASE_URL", "TEST_REDIS_URL"}}


def test_command_runs_beside_both_servers_and_gives_back_its_code():
    result = subprocess.run(
        [sys.executable, "scripts/servers.py", "run", "--", sys.executable, "-c", COMMAND],
        cwd=settings.BASE_DIR,
        env=environment_without_servers(),
        capture_output=True,
        text=True,
    )
    assert result.returncode == 7, result.stderr
    assert result.stdout.startswith("UTF8 True\n")
    ports = re.findall(r"127\.0\.0\.1:(\d+)", result.stdout)
    assert len(set(ports)) == 2
    assert not [
        command for command in command_lines() for port in ports if f"port={port}" in command or f":{port}" in command
    ]


def test_named_servers_are_used_as_they_are(monkeypatch):
    monkeypatch.setenv("TEST_DATABASE_URL", "postgres://somebody@db.example/okami")
    monkeypatch.setenv("TEST_REDIS_URL", "redis://cache.example/3")
    with servers.postgres() as database, servers.redis() as broker:
        assert (database, broker) == ("postgres://somebody@db.example/okami", "redis://cache.example/3")


def command_lines() -> list[str]:
    """Command lines of all running processes."""
    lines = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            lines.append(path.read_bytes().replace(b"\0", b" ").decode(errors="replace"))
        except OSError:
            continue
    return lines
