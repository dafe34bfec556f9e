"""Of every suite: under `CI=true` a test may be skipped for a listed reason only.

`may-be-skipped.txt` lists them, for the Swift tests too.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Generator
from pathlib import Path

import pytest

# What ends a suite from outside ends what it has started as well.
signal.signal(signal.SIGTERM, signal.default_int_handler)

LIST = Path(__file__).with_name("may-be-skipped.txt")
MAY_BE_SKIPPED = {line for line in LIST.read_text().splitlines() if line and line[0] != "#"}


def fail_if_unlisted(report: pytest.TestReport | pytest.CollectReport) -> None:
    if os.environ.get("CI") != "true" or not report.skipped or hasattr(report, "wasxfail"):
        return
    _, _, said = report.longrepr
    reason = said.removeprefix("Skipped: ")
    if reason not in MAY_BE_SKIPPED:
        report.outcome = "failed"
        report.longrepr = f"skipped under CI=true, and {LIST.name} does not list why: {reason}"


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    fail_if_unlisted(report)
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report() -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    report = yield
    fail_if_unlisted(report)
    return report
