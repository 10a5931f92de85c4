"""Things done at the same moment, each over its own connection to the database."""

import re
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from threading import Barrier
from typing import Any, TypeVar

from django.db import connection

Result = TypeVar("Result")

# SQLite takes its lock when a transaction begins; PostgreSQL with the first row or table that is locked or written.
WRITES = re.compile(r"BEGIN|INSERT|UPDATE|DELETE|LOCK|SELECT.* FOR UPDATE", re.DOTALL)
TIMEOUT = 20


def at_once(*acts: Callable[[], Result]) -> list[Result]:
    """Run every act in a thread of its own and return what they returned.

    Each is stopped before its first write until all have read what they read: none knows of the others.
    """
    together = Barrier(len(acts))

    def run(act: Callable[[], Result]) -> Result:
        try:
            with _before_the_first_write(lambda: together.wait(TIMEOUT)):
                return act()
        finally:
            connection.close()

    with ThreadPoolExecutor(len(acts)) as threads:
        return [running.result() for running in [threads.submit(run, act) for act in acts]]


@contextmanager
def meanwhile(other: Callable[[], object]) -> Iterator[None]:
    """Let somebody else do something from beginning to end, just before the first write of what is done inside."""

    def run() -> None:
        try:
            other()
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as thread, _before_the_first_write(lambda: thread.submit(run).result(TIMEOUT)):
        yield


@contextmanager
def _before_the_first_write(act: Callable[[], object]) -> Iterator[None]:
    done = False

    def watch(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        nonlocal done
        if not done and WRITES.match(sql):
            done = True
            act()
        return execute(sql, params, many, context)

    with connection.execute_wrapper(watch):
        yield
    assert done, "nothing was written"
