"""What every test may ask for, and the rule that no test is left out."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db import connections
from django.test import TransactionTestCase

from crm_project.core.audit.append_only import without_guard
from tests import worker as real_worker


@pytest.fixture(autouse=True, scope="session")
def audit_lets_itself_be_emptied_between_tests() -> Iterator[None]:
    """Let Django empty the tables after a transactional test; shipped defaults come back by post_migrate."""
    empty_tables = TransactionTestCase._fixture_teardown  # type: ignore[attr-defined]

    def empty_tables_unguarded(test: TransactionTestCase) -> None:
        with without_guard(connections["default"]):
            empty_tables(test)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TransactionTestCase, "_fixture_teardown", empty_tables_unguarded)
        yield


@pytest.fixture
def worker(transactional_db: Any, tmp_path: Path) -> Iterator[real_worker.RealWorker]:
    """A running worker process with beat on the test database; mark the test with `worker`."""
    real_worker.empty_queue()
    running = real_worker.RealWorker(tmp_path)
    running.start()
    yield running
    running.kill9()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say which tests were left out: nothing is skipped in this house."""
    for report in left_out(terminalreporter):
        terminalreporter.write_line(f"LEFT OUT {report.nodeid}: no test is skipped or expected to fail", red=True)


def pytest_sessionfinish(session: pytest.Session) -> None:
    """A run that leaves a test out is not a passed run."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if reporter is not None and left_out(reporter) and session.exitstatus == pytest.ExitCode.OK:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def left_out(reporter: pytest.TerminalReporter) -> list[pytest.TestReport]:
    """Reports of skipped and expected failures."""
    return [report for kind in ("skipped", "xfailed", "xpassed") for report in reporter.stats.get(kind, [])]
