"""Every line that `make demo DEMO=…` shows is as it says."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.append(str(Path(__file__).resolve().parents[2] / "demo"))

pytestmark = pytest.mark.release_only("the demo shows the release")

import one_line  # noqa: E402
from terminal import check  # noqa: E402


@pytest.mark.parametrize("name", one_line.NAMES)
def test_a_line_is_as_it_says(bootstrap, name, capsys):
    status = one_line.main([name, "--bootstrap", str(bootstrap)])
    shown = capsys.readouterr().out
    assert status == 0, shown
    assert shown.splitlines()[-1].startswith("All as it should be")


def test_what_is_not_as_it_says_ends_with_a_failure(bootstrap, capsys, monkeypatch):
    monkeypatch.setattr(one_line, "Line", lambda *_: check(False, "it works"))
    assert one_line.main(["dockerhub", "--bootstrap", str(bootstrap)]) == 1
    assert "✗ NotAsItShouldBe: not so: it works" in capsys.readouterr().out


def test_an_unknown_line_is_answered_with_those_that_there_are(capsys):
    assert one_line.main(["svn"]) == 2
    names = ", ".join(one_line.NAMES)
    assert capsys.readouterr().out == f"There is no demo 'svn'. There are: {names}.\n"
