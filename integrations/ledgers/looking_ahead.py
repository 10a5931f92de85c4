"""What the database is asked while this process does something else: the guests of the next rows, those of the former copy."""

from collections.abc import Callable, Generator, Iterable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import TypeVar

from django.db import connection

from integrations.ledgers.entries import LedgerEntry
from integrations.ledgers.known_guests import KnownGuest, by_codes

Answer = TypeVar("Answer")
Batch = tuple[list[LedgerEntry], Mapping[str, KnownGuest] | None]


def _answers_beside() -> bool:
    """The database of a house (PostgreSQL) works in another process than this one, and answers on a connection of its own;
    inside a transaction that connection would not see what the transaction has written."""
    return connection.vendor == "postgresql" and not connection.in_atomic_block


@contextmanager
def asked_ahead(ask: Callable[[], Answer]) -> Iterator[Callable[[], Answer]]:
    """What waits for the answer to `ask`, which the database begins to give at once; where it cannot, when waited for."""
    if not _answers_beside():
        yield ask
        return
    with ThreadPoolExecutor(max_workers=1, thread_name_prefix="ledger-asked-ahead") as thread:
        try:
            yield thread.submit(ask).result
        finally:
            thread.submit(_close).result()


def with_guests(batches: Iterable[list[LedgerEntry]], *, with_allergies: bool) -> Generator[Batch]:
    """Each batch with the guests of its codes; None where the planner has to look them up itself.

    Nothing is locked: for who only looks. To be closed by who does not take all batches.
    """
    if not _answers_beside():
        for entries in batches:
            yield entries, None
        return
    with ThreadPoolExecutor(max_workers=1, thread_name_prefix="ledger-guests") as thread:
        try:
            before: tuple[list[LedgerEntry], Future[dict[str, KnownGuest]]] | None = None
            for entries in batches:
                codes = {entry.code for entry in entries if entry.code}
                asked = thread.submit(_look_up, codes, with_allergies=with_allergies)
                if before is not None:
                    yield before[0], before[1].result()
                before = (entries, asked)
            if before is not None:
                yield before[0], before[1].result()
        finally:
            thread.submit(_close).result()


def _look_up(codes: set[str], *, with_allergies: bool) -> dict[str, KnownGuest]:
    return by_codes(codes, with_allergies=with_allergies) if codes else {}


def _close() -> None:
    """Give back the connection of this thread, not that of who asks for it."""
    connection.close()
