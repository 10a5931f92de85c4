"""Long writing makes room for the people at work: as fast as it can in an empty house, a third of the time in a busy one."""

import time
from typing import Final

from django.db import connection

# Transactions of others in a second from which the house is busy: one page asks ten to twenty times.
BUSY: Final = 15.0
# About as many a batch asks itself, with its progress.
OWN: Final = 4
# Seconds of rest for each second of work beside people, and the longest rest.
REST: Final = 2.0
LONGEST_REST: Final = 5.0


class Pace:
    """Rests between the batches of a long job while others ask the database.

    PostgreSQL counts the transactions of everybody; on SQLite, where one writes at a time and the rest reads undisturbed,
    nobody rests. `rest` is called outside of transactions.
    """

    def __init__(self) -> None:
        self._others = self._transactions()
        self._since = time.monotonic()

    def rest(self) -> float:
        """Wait in proportion to the time since the last call, if others were at work; the seconds waited."""
        now, counted = time.monotonic(), self._transactions()
        worked = now - self._since
        is_busy = counted - self._others - OWN > BUSY * worked
        waited = min(worked * REST, LONGEST_REST) if is_busy else 0.0
        if waited:
            time.sleep(waited)
            counted = self._transactions()
        self._others, self._since = counted, time.monotonic()
        return waited

    @staticmethod
    def _transactions() -> int:
        if connection.vendor != "postgresql":
            return 0
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT xact_commit + xact_rollback FROM pg_stat_database WHERE datname = current_database()"
            )
            (counted,) = cursor.fetchone()
        return int(counted)
