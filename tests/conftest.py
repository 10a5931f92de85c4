"""What every test may ask for."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import translations
from django.db import connections
from django.test import TransactionTestCase

from crm_project.core.audit.append_only import without_guard
from tests import worker as real_worker
from tests.no_test_left_out import pytest_sessionfinish, pytest_terminal_summary

__all__ = ["pytest_sessionfinish", "pytest_terminal_summary"]


def pytest_sessionstart() -> None:
    """Have the Japanese texts ready before anything speaks."""
    translations.compile_all()


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
    try:
        running.start()
        yield running
    finally:
        running.kill9()
