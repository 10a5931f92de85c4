"""Background work that only the tests of the worker know; imported by their worker process (tests/settings.py)."""

from pathlib import Path
from typing import Any

from crm_project.core.jobs.registry import JobContext, job
from tests.waiting import wait_until


@job("tests.add_up")
def add_up(context: JobContext, *, numbers: list[int]) -> dict[str, Any]:
    """Add the numbers, one step of progress for each."""
    total = 0
    for done, number in enumerate(numbers, start=1):
        total += number
        context.progress(done, len(numbers))
    return {"total": total}


@job("tests.wait_for_file")
def wait_for_file(context: JobContext, *, folder: str) -> dict[str, Any]:
    """Say by a file that it has started, then wait for the file that lets it end."""
    Path(folder, "started").touch()
    wait_until(Path(folder, "may-end").exists, seconds=60, what="the permission to end")
    return {"done": True}
