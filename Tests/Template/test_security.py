"""SECURITY.md: whatever somebody cannot do has a test, and the tests that it names are there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SECURITY = (ROOT / "SECURITY.md").read_text()
SWIFT = re.findall(r"`(Tests/\S+\.swift)`: `([^`]+)`", SECURITY)
PYTHON = re.findall(r"`(Tests/\S+\.py)::(\w+)`", SECURITY)


def cannot() -> list[str]:
    """The items below each `Cannot`."""
    parts = re.findall(r"(?ms)^Cannot\n\n(.*?)(?=^### |\Z)", SECURITY)
    return [item for part in parts for item in re.findall(r"(?ms)^- .*?(?=^- |\Z)", part)]


@pytest.mark.parametrize("file, name", SWIFT)
def test_a_test_in_swift_is_there(file: str, name: str):
    assert f"func `{name}`" in (ROOT / file).read_text()


@pytest.mark.parametrize("file, name", PYTHON)
def test_a_test_in_python_is_there(file: str, name: str):
    assert re.search(rf"^def {name}\(", (ROOT / file).read_text(), re.MULTILINE)


def test_every_test_that_is_named_is_looked_for():
    assert len(SWIFT) + len(PYTHON) == SECURITY.count("`Tests/") - 1, "less this file's own name"


def test_each_can_and_cannot_has_its_other():
    actors = re.split(r"(?m)^### ", SECURITY)[1:]
    assert len(actors) == 12
    for actor in actors:
        assert re.findall(r"(?m)^(Can|Cannot)$", actor) == ["Can", "Cannot"], actor


@pytest.mark.parametrize("item", cannot())
def test_what_somebody_cannot_do_has_a_test(item: str):
    assert "`Tests/" in item and "TEST?" not in item
