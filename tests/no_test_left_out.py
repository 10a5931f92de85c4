"""The rule that no test is left out, as hooks of pytest."""

import pytest


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
