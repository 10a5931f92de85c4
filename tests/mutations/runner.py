"""Run each mutant in a forked process against the tests of its module, until one of them sees it."""

import contextlib
import gc
import importlib
import os
import resource
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path
from types import CodeType, ModuleType
from typing import TypeVar

import pytest
from _pytest.runner import runtestprotocol
from hypothesis import HealthCheck, settings

from tests.mutations.graft import plant
from tests.mutations.operators import Mutant, mutants_of
from tests.mutations.targets import Target

# Seconds of computing: a mutant that runs longer than the sound module ever does hangs, and is seen by that.
LEAST_SECONDS, TIMES_AS_LONG = 10, 5
MEMORY = 4 * 2**30

T = TypeVar("T")


class Verdict(Enum):
    """What became of a mutant; the value is the exit code of its process."""

    UNSEEN = 0
    SEEN = 1
    # The module does not load, or the fault cannot be planted: it proves nothing of the tests.
    STILLBORN = 3


@dataclass
class Result:
    """The mutants of one module by what became of them, and the accepted entries that were not needed."""

    target: Target
    counts: Counter[str] = field(default_factory=Counter)
    unseen: list[Mutant] = field(default_factory=list)

    @property
    def score(self) -> float:
        """Seen ones among those that could be seen."""
        could_be = self.counts["seen"] + len(self.unseen)
        return self.counts["seen"] / could_be if could_be else 0.0


class Trial:
    """A plugin of pytest that runs the collected tests again and again, each time with another fault."""

    def __init__(
        self,
        targets: Sequence[Target],
        accepted: dict[tuple[str, str, str], str],
        *,
        processes: int,
        least_seconds: int,
    ) -> None:
        self.targets = targets
        self.accepted = accepted
        self.processes = processes
        self.least_seconds = least_seconds
        self.results: list[Result] = []
        self.needed: set[tuple[str, str, str]] = set()
        self.broken: list[str] = []

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """Take the place of pytest's own loop."""
        if session.testsfailed:
            self.broken.append("The tests cannot be collected.")
            return True
        # What stands now is shared with every fork: the collector must not touch, and so copy, it there.
        gc.freeze()
        for target in self.targets:
            self._try(target, [item for item in session.items if _counts(item, target)])
        return True

    def _try(self, target: Target, items: list[pytest.Item]) -> None:
        module = importlib.import_module(target.module)
        source = Path(module.__file__ or "").read_text(encoding="utf-8")
        items, seconds = quickest_first(items)
        limit = max(self.least_seconds, int(seconds * TIMES_AS_LONG))
        sound = compile(source, target.path, "exec")
        # Planting alone must not be what the tests see.
        if not items or not (
            target.functions or run_alone(lambda: _trial(module, sound, "", items), limit) is Verdict.UNSEEN
        ):
            self.broken.append(f"{target.module}: its tests fail, or there are none, without any fault in it.")
            return
        result = Result(target)
        self.results.append(result)
        mutants = list(mutants_of(source, target.path, functions=target.functions))
        missing = target.functions - {mutant.function for mutant in mutants}
        if missing or not mutants:
            self.broken.append(f"{target.module}: nothing to mutate in {', '.join(sorted(missing)) or 'it'}.")
        trials = (
            (
                mutant,
                lambda mutant=mutant: _trial(module, mutant.code, mutant.function if target.functions else "", items),
            )
            for mutant in mutants
        )
        for mutant, verdict in run_side_by_side(trials, limit, self.processes):
            self._note(result, mutant, verdict)
        print(summary(result), flush=True)

    def _note(self, result: Result, mutant: Mutant, verdict: Verdict) -> None:
        key = (result.target.module, mutant.function, mutant.text)
        if verdict is Verdict.UNSEEN and key in self.accepted:
            self.needed.add(key)
            result.counts["accepted"] += 1
        elif verdict is Verdict.UNSEEN:
            result.unseen.append(mutant)
        else:
            result.counts[verdict.name.lower()] += 1


def _counts(item: pytest.Item, target: Target) -> bool:
    """Whether the test belongs to the module and needs no database."""
    function = getattr(item, "originalname", item.name)
    return (
        item.path in {Path(file).resolve() for file in target.tests}
        and function not in target.without
        and item.get_closest_marker("django_db") is None
        and not {"db", "transactional_db", "live_server"} & set(getattr(item, "fixturenames", ()))
    )


def _trial(module: ModuleType, code: CodeType, function: str, items: list[pytest.Item]) -> Verdict:
    """Plant the fault and run the tests until one sees it; in a process of its own."""
    try:
        plant(module, code, function)
    except Exception:
        return Verdict.STILLBORN
    return Verdict.SEEN if any(_fails(item, later) for item, later in _with_next(items)) else Verdict.UNSEEN


def _fails(item: pytest.Item, later: pytest.Item | None) -> bool:
    return any(report.failed for report in runtestprotocol(item, log=False, nextitem=later))


def _with_next(items: list[pytest.Item]) -> Iterator[tuple[pytest.Item, pytest.Item | None]]:
    return zip(items, [*items[1:], None], strict=True)


def quickest_first(items: list[pytest.Item]) -> tuple[list[pytest.Item], float]:
    """The tests in the order of their speed, and the seconds they take together. [] when one fails without any fault."""
    read, write = os.pipe()

    def measure() -> Verdict:
        with os.fdopen(write, "w") as told:
            for item, later in _with_next(items):
                started = time.process_time()
                if _fails(item, later):
                    print(f"FAILS {item.nodeid}", file=sys.__stderr__)
                    return Verdict.SEEN
                print(time.process_time() - started, file=told)
        return Verdict.UNSEEN

    process = _fork(measure, seconds=600)
    os.close(write)
    with os.fdopen(read) as listening:
        seconds = [float(line) for line in listening]
    os.waitpid(process, 0)
    if len(seconds) < len(items):
        return [], 0.0
    order = sorted(range(len(items)), key=seconds.__getitem__)
    return [items[at] for at in order], sum(seconds)


def run_alone(work: Callable[[], Verdict], seconds: int) -> Verdict:
    """The verdict of one trial."""
    return next(run_side_by_side([(None, work)], seconds, 1))[1]


def run_side_by_side(
    trials: Iterable[tuple[T, Callable[[], Verdict]]], seconds: int, processes: int
) -> Iterator[tuple[T, Verdict]]:
    """Each trial in a forked process, so many at a time. One that is killed by its limits was seen."""
    running: dict[int, T] = {}
    for mutant, work in trials:
        running[_fork(work, seconds=seconds)] = mutant
        if len(running) >= processes:
            yield _next_done(running)
    while running:
        yield _next_done(running)


def _next_done(running: dict[int, T]) -> tuple[T, Verdict]:
    process, status = os.wait()
    code = os.waitstatus_to_exitcode(status)
    return running.pop(process), Verdict(code) if code in (0, 1, 3) else Verdict.SEEN


def _fork(work: Callable[[], Verdict], *, seconds: int) -> int:
    """Start the work in a forked process that says nothing and is killed when it takes too long or too much."""
    process = os.fork()
    if process:
        return process
    code = Verdict.SEEN.value
    with contextlib.suppress(BaseException):
        resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 1))
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
        nowhere = os.open(os.devnull, os.O_RDWR)
        for descriptor in (0, 1, 2):
            os.dup2(nowhere, descriptor)
        code = work().value
    os._exit(code)


def summary(result: Result) -> str:
    """One line per module, and one per mutant that nobody saw."""
    counts = result.counts
    lines = [
        f"{result.target.module:<28} {result.score:6.1%} of {counts['seen'] + len(result.unseen)} seen, "
        f"{counts['accepted']} accepted, {counts['stillborn']} stillborn"
    ]
    lines += [f"  UNSEEN {result.target.path}:{m.line} {m.function or '-'}: {m.text}" for m in result.unseen]
    return "\n".join(lines)


def run(
    targets: Sequence[Target],
    accepted: dict[tuple[str, str, str], str],
    *,
    threshold: float,
    processes: int,
    least_seconds: int = LEAST_SECONDS,
) -> tuple[list[Result], list[str]]:
    """Try every mutant of the targets.

    Returns the results, and what is wrong: modules that could not be tried or are below the threshold, entries nobody needs.
    """
    settings.register_profile(
        "mutations", derandomize=True, database=None, deadline=None, suppress_health_check=list(HealthCheck)
    )
    settings.load_profile("mutations")
    trial = Trial(targets, accepted, processes=processes, least_seconds=least_seconds)
    files = sorted({path for target in targets for path in target.tests})
    pytest.main(
        ["-q", "-s", "--no-header", "--no-summary", "-p", "no:cacheprovider", "-m", "not e2e", *files], plugins=[trial]
    )
    wrong = list(trial.broken)
    if not trial.results and not wrong:
        wrong.append("No module was tried.")
    wrong += [
        f"{result.target.module}: only {result.score:.1%} of its mutants are seen ({threshold:.0%} must be)"
        for result in trial.results
        if result.score < threshold
    ]
    tried = {target.module for target in targets}
    wrong += [
        f"accepted.toml: {' '.join(key)}: is seen, or not there any more: delete it"
        for key in accepted.keys() - trial.needed
        if key[0] in tried
    ]
    return trial.results, wrong
