"""Names of background work. `@job("pull_actuals")` on a function `(context, **arguments) -> result` in an app's tasks.py."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

from django.utils.functional import Promise

JobFunction = Callable[..., Any]


class JobContext(Protocol):
    """What a running job gets: report progress (which also proves that it still holds its lease)."""

    @property
    def user(self) -> Any:
        """The user who asked for the work."""

    def progress(self, done: int, total: int | None = None, text: str = "") -> None:
        """Store how far it is. Raises LeaseLost when another worker has taken the job over."""


@dataclass(frozen=True, slots=True)
class RegisteredJob:
    """A kind of background work; `label` is what people call it."""

    function: JobFunction
    max_attempts: int
    label: str | Promise


_functions: dict[str, RegisteredJob] = {}


def job(name: str, *, max_attempts: int = 3, label: str | Promise = "") -> Callable[[JobFunction], JobFunction]:
    """Register a function under a name. It must be safe to run again after a kill in the middle."""

    def register(function: JobFunction) -> JobFunction:
        if name in _functions and _functions[name].function.__qualname__ != function.__qualname__:
            raise ValueError(f"Two jobs are named {name!r}.")
        _functions[name] = RegisteredJob(function, max_attempts, label)
        return function

    return register


def names() -> set[str]:
    """All registered names."""
    return set(_functions)


def find(name: str) -> JobFunction:
    """Return the function registered under the name. Raises KeyError."""
    return _functions[name].function


def max_attempts(name: str) -> int:
    """Return how often the job may be started before it counts as failed."""
    return _functions[name].max_attempts if name in _functions else 1


def label(name: str) -> str:
    """Return what people call the work; the name itself for work without a label, or that is gone."""
    found = _functions.get(name)
    return str(found.label) if found and found.label else name
