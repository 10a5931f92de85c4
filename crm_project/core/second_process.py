"""Items that a second process makes while this one uses those before: two of the machine's cores for one long job."""

import os
import signal
import threading
from collections.abc import Callable, Generator, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from multiprocessing import Pipe
from multiprocessing.connection import Connection
from multiprocessing.reduction import ForkingPickler
from pickle import HIGHEST_PROTOCOL
from typing import Any, Final, NoReturn, TypeVar

from django.db import connections

# A child that says nothing for so long will not say anything any more.
SILENT_SECONDS: Final = 300
LOWEST_PRIORITY: Final = 19
Item = TypeVar("Item")
Told = TypeVar("Told")
# One copy at a time is made: a copy made between the pipe and the end of another one would hold that pipe open, and two that
# hold each other's would outlive their parent.
_copying = threading.Lock()
_ITEM, _END, _FAILED = range(3)


class SecondProcessLost(RuntimeError):
    """The second process ended, or fell silent, before its last item."""


def has_second_core() -> bool:
    """Whether the machine has a second core, and can copy a process."""
    return hasattr(os, "fork") and len(os.sched_getaffinity(0)) > 1


def made_beside(items: Iterator[Item], *, tell: Callable[[], Told], hear: Callable[[Told], None]) -> Generator[Item]:
    """The items, made one ahead by a copy of this process. Behind the last, `hear` is given what `tell` says in the copy.

    Nothing else that the copy does is seen here. Items, what is told and what goes wrong must be picklable. The copy must not
    ask the database (the connection belongs to this process): that is a RuntimeError. Raises what making an item raised, or
    SecondProcessLost. To be closed when not all items are taken: the copy ends then, as it does when this process dies.
    """
    with _copying:
        receiver, sender = Pipe(duplex=False)
        child = os.fork()  # a fresh interpreter would take longer to start than most files to read
        if child == 0:
            _make(items, tell, sender, receiver)
        sender.close()
    try:
        while True:
            if not receiver.poll(SILENT_SECONDS):
                raise SecondProcessLost(f"nothing heard for {SILENT_SECONDS} s")
            try:
                kind, content = receiver.recv()
            except (EOFError, OSError) as error:  # OSError: in the middle of an item
                raise SecondProcessLost("it ended before its last item") from error
            if kind == _ITEM:
                yield content
            elif kind == _END:
                hear(content)
                return
            else:
                raise content
    finally:
        receiver.close()
        with suppress(ProcessLookupError):
            os.kill(child, signal.SIGKILL)
        with suppress(ChildProcessError):
            os.waitpid(child, 0)


def _make(items: Iterator[Any], tell: Callable[[], Any], sender: Connection, receiver: Connection) -> NoReturn:
    """The life of the copy. It leaves without cleaning up: files, buffers and connections belong to the other process."""
    try:
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            with suppress(ValueError):  # signals are the main thread's, which this thread may not be
                signal.signal(number, signal.SIG_DFL)
        os.nice(LOWEST_PRIORITY)  # it makes way for whoever is at work
        receiver.close()  # so that the other process's death is noticed
        for connection in connections.all(initialized_only=True):
            connection.execute_wrappers.append(_refuse_queries)
        # A pipe holds much less than an item: without a thread that waits at it, nothing would be made meanwhile.
        with ThreadPoolExecutor(max_workers=1) as thread:
            sent: Future[Any] = thread.submit(bool)
            for item in items:
                pickled = ForkingPickler.dumps((_ITEM, item), HIGHEST_PROTOCOL)
                sent.result()
                sent = thread.submit(sender.send_bytes, pickled)
            sent.result()
        sender.send((_END, tell()))
    except BrokenPipeError:
        pass  # nobody reads it any more
    except BaseException as error:  # the other process raises it
        _tell(error, sender)
    finally:
        os._exit(0)


def _tell(error: BaseException, sender: Connection) -> None:
    try:
        sender.send((_FAILED, error))
    except BrokenPipeError:
        pass  # nobody reads it any more
    except Exception:  # whatever hinders an object from being pickled: what went wrong is told in words instead
        sender.send((_FAILED, SecondProcessLost(repr(error))))


def _refuse_queries(*_args: Any) -> NoReturn:
    raise RuntimeError("a second process must not ask the database: its connection belongs to the first")
