"""Child processes end with their parent, however it ends."""

import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import processes

from tests.waiting import wait_until

PARENT = """
import signal, sys
sys.path.insert(0, sys.argv[1])
import processes
child = processes.start([sys.executable, "-c", "import signal; signal.pause()"])
print(child.pid, flush=True)
signal.pause()
"""


def is_running(pid: int) -> bool:
    """Whether the process exists and is more than a remembered exit code."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def test_child_ends_when_its_parent_is_killed():
    scripts = str(Path(processes.__file__).parent)
    parent = subprocess.Popen([sys.executable, "-c", PARENT, scripts], stdout=subprocess.PIPE)
    assert parent.stdout is not None
    child = int(parent.stdout.readline())
    assert is_running(child)
    parent.kill()
    parent.wait()
    parent.stdout.close()
    wait_until(lambda: not is_running(child), seconds=10, what="the child to end")


def test_stop_ends_the_children_of_a_child_that_ignores_the_signal():
    ignore = "import signal, subprocess, sys; signal.signal(signal.SIGTERM, signal.SIG_IGN)"
    grandchild_runs = "print(subprocess.Popen([sys.executable, '-c', 'import signal; signal.pause()']).pid, flush=True)"
    script = f"{ignore}; {grandchild_runs}; signal.pause()"
    process = processes.start([sys.executable, "-c", script], output=subprocess.PIPE)
    assert process.stdout is not None
    grandchild = int(process.stdout.readline())
    processes.stop(process, patience=0.2)
    process.stdout.close()
    assert process.returncode == -signal.SIGKILL
    wait_until(lambda: not is_running(grandchild), seconds=10, what="the grandchild to end")


def test_taken_port_is_not_free():

    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        port = listening.getsockname()[1]
        assert not processes.port_is_free("127.0.0.1", port)
    assert processes.port_is_free("127.0.0.1", port)


def test_program_is_found_by_its_first_installed_name(tmp_path, monkeypatch):
    program = tmp_path / "okami-second-name"
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    assert processes.find_program("okami-first-name", "okami-second-name") == str(program)
    assert processes.find_program("okami-first-name") is None
