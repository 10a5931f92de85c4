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
        self._counted = transactions()
        self._since = time.monotonic()

    def is_busy(self) -> bool:
        """Whether others have been at work since the last rest."""
        return is_busy(transactions() - self._counted, time.monotonic() - self._since)

    def rest(self) -> float:
        """Wait as long as `rest_for` says of the time since the last call; the seconds waited."""
        waited = rest_for(transactions() - self._counted, time.monotonic() - self._since)
        if waited:
            time.sleep(waited)
        self._counted, self._since = transactions(), time.monotonic()
        return waited


def rest_for(asked: int, seconds: float) -> float:
    """Seconds to rest after so many seconds of work, in which the database was asked so often; 0 where nobody else is at work."""
    return min(seconds * REST, LONGEST_REST) if is_busy(asked, seconds) else 0.0


def is_busy(asked: int, seconds: float) -> bool:
    """Whether a database that was asked so often in so many seconds serves others too."""
    return asked - OWN > BUSY * seconds


def transactions() -> int:
    """Transactions that this database has ended so far, told up to a second late; 0 on SQLite, which does not count."""
    if connection.vendor != "postgresql":
        return 0
    with connection.cursor() as cursor:
        cursor.execute("SELECT xact_commit + xact_rollback FROM pg_stat_database WHERE datname = current_database()")
        (counted,) = cursor.fetchone()
    return int(counted)
