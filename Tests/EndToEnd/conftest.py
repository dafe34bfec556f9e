"""What the suite needs to run: the bootstrap under test and a local AWS."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest

from local_aws import LocalAWS
from site_under_test import Site

# What ends the suite from outside ends what it has started as well.
signal.signal(signal.SIGTERM, signal.default_int_handler)


@pytest.fixture(scope="session")
def bootstrap() -> Path:
    """The binary under test: `POINTSMAN_BOOTSTRAP`, else the debug build."""
    root = Path(__file__).resolve().parents[2]
    path = Path(os.environ.get("POINTSMAN_BOOTSTRAP", root / ".build/debug/bootstrap"))
    assert path.is_absolute(), f"POINTSMAN_BOOTSTRAP is not an absolute path: {path}"
    assert os.access(path, os.X_OK), f"no bootstrap to test: {path}"
    return path


@pytest.fixture(scope="session")
def echo_program() -> Path:
    """The release's loop with an echo handler: `POINTSMAN_ECHO`, else the debug build."""
    root = Path(__file__).resolve().parents[2]
    path = Path(os.environ.get("POINTSMAN_ECHO", root / ".build/debug/echo"))
    assert path.is_absolute(), f"POINTSMAN_ECHO is not an absolute path: {path}"
    assert os.access(path, os.X_OK), f"no echo program to test: {path}"
    return path


@pytest.fixture(scope="session")
def tool() -> Path:
    """The tool under test: `POINTSMAN_TOOL`, else the debug build."""
    root = Path(__file__).resolve().parents[2]
    path = Path(os.environ.get("POINTSMAN_TOOL", root / ".build/debug/pointsman"))
    assert os.access(path, os.X_OK), f"no tool to test: {path}"
    return path


@pytest.fixture
def aws():
    with LocalAWS() as aws:
        yield aws


@pytest.fixture
def site(aws: LocalAWS, bootstrap: Path):
    """An installation; at the end nothing that it sent may have been at fault."""
    site = Site(aws, bootstrap)
    yield site
    assert not aws.calls.refused(), aws.calls.refused()
