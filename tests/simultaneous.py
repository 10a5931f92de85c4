"""Things done at the same moment, each over its own connection to the database."""

import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any, TypeVar

from django.db import connection

Result = TypeVar("Result")

# SQLite takes its lock when a transaction begins; PostgreSQL with the first row that is locked or written.
WRITES = re.compile(r"BEGIN|INSERT|UPDATE|DELETE|SELECT.* FOR UPDATE", re.DOTALL)
TIMEOUT = 20


def at_once(*acts: Callable[[], Result]) -> list[Result]:
    """Run every act in a thread of its own and return what they returned.

    Each is stopped before its first write until all have read what they read: none knows of the others.
    """
    together = Barrier(len(acts))

    def run(act: Callable[[], Result]) -> Result:
        waited = False

        def wait_before_the_first_write(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
            nonlocal waited
            if not waited and WRITES.match(sql):
                waited = True
                together.wait(TIMEOUT)
            return execute(sql, params, many, context)

        try:
            with connection.execute_wrapper(wait_before_the_first_write):
                return act()
        finally:
            connection.close()

    with ThreadPoolExecutor(len(acts)) as threads:
        return [running.result() for running in [threads.submit(run, act) for act in acts]]
