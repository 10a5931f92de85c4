"""Things done at the same moment, each over its own connection to the database."""

import re
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import AbstractContextManager, contextmanager
from threading import Barrier
from typing import Any, TypeVar

from django.db import connection

Result = TypeVar("Result")

# SQLite takes its lock when a transaction begins; PostgreSQL with the first row or table that is locked or written.
WRITES = re.compile(r"BEGIN|INSERT|UPDATE|DELETE|LOCK|SELECT.* FOR (NO KEY )?UPDATE", re.DOTALL)
TIMEOUT = 20
# Who is not done by then waits for a lock of ours.
HEAD_START = 1.5


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
def beginning_before(statement: str, other: Callable[[], object]) -> Iterator[None]:
    """Let somebody else begin just before the first statement that matches, and go on once they are done or wait for us.

    They have ended when this ends; what they raised is raised here.
    """
    running: list[Future[object]] = []

    def run() -> object:
        try:
            return other()
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as thread:

        def begin() -> None:
            running.append(thread.submit(run))
            wait(running, HEAD_START)

        with _before_the_first(re.compile(statement, re.DOTALL), begin):
            yield
        running[0].result(TIMEOUT)


def _before_the_first_write(act: Callable[[], object]) -> AbstractContextManager[None]:
    return _before_the_first(WRITES, act)


@contextmanager
def _before_the_first(statement: re.Pattern[str], act: Callable[[], object]) -> Iterator[None]:
    done = False

    def watch(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        nonlocal done
        if not done and statement.match(sql):
            done = True
            act()
        return execute(sql, params, many, context)

    with connection.execute_wrapper(watch):
        yield
    assert done, f"no statement was like {statement.pattern}"
