"""Names of background work. `@job("pull_actuals")` on a function `(context, **arguments) -> result` in an app's tasks.py."""

from collections.abc import Callable
from typing import Any, Protocol

JobFunction = Callable[..., Any]


class JobContext(Protocol):
    """What a running job gets: report progress (which also proves that it still holds its lease)."""

    @property
    def user(self) -> Any:
        """The user who asked for the work."""

    def progress(self, done: int, total: int | None = None, text: str = "") -> None:
        """Store how far it is. Raises LeaseLost when another worker has taken the job over."""


_functions: dict[str, tuple[JobFunction, int]] = {}


def job(name: str, *, max_attempts: int = 3) -> Callable[[JobFunction], JobFunction]:
    """Register a function under a name. It must be safe to run again after a kill in the middle."""

    def register(function: JobFunction) -> JobFunction:
        if name in _functions and _functions[name][0].__qualname__ != function.__qualname__:
            raise ValueError(f"Two jobs are named {name!r}.")
        _functions[name] = (function, max_attempts)
        return function

    return register


def names() -> set[str]:
    """All registered names."""
    return set(_functions)


def find(name: str) -> JobFunction:
    """Return the function registered under the name. Raises KeyError."""
    return _functions[name][0]


def max_attempts(name: str) -> int:
    """Return how often the job may be started before it counts as failed."""
    return _functions[name][1] if name in _functions else 1
