"""What the suite needs to run: the bootstrap under test and a local AWS."""

from __future__ import annotations

from pathlib import Path

import pytest

from local_aws import LocalAWS
from programs import program
from site_under_test import Site


@pytest.fixture(scope="session")
def bootstrap() -> Path:
    """The binary under test: `POINTSMAN_BOOTSTRAP`, else the debug build."""
    return program("POINTSMAN_BOOTSTRAP", "bootstrap")


@pytest.fixture(scope="session")
def echo_program() -> Path:
    """The release's loop with an echo handler: `POINTSMAN_ECHO`, else the debug build."""
    return program("POINTSMAN_ECHO", "echo")


@pytest.fixture(scope="session")
def tool() -> Path:
    """The tool under test: `POINTSMAN_TOOL`, else the debug build."""
    return program("POINTSMAN_TOOL", "pointsman")


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
