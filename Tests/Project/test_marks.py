"""What the debug build is spared runs on the release, and has a reason."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
TESTS = ROOT / "Tests"


def test_the_release_runs_every_test():
    lines = (ROOT / "scripts/test.sh").read_text().splitlines()
    [selecting] = [line for line in lines if re.search(r"(^|[ (])-(m|k) '", line)]
    assert selecting.startswith("        [[ $build == release ]] || ")


def test_a_test_that_the_debug_build_is_spared_says_why():
    uses = [
        use
        for file in TESTS.rglob("test_*.py")
        for use in re.findall(r"pytest\.mark\.release_only\b(.*)", file.read_text())
        if file != Path(__file__)
    ]
    assert len(uses) > 3
    for use in uses:
        assert re.fullmatch(r'\("[^"]{20,}"\)', use), use
        for name in re.findall(r"\w+\.swift", use):
            assert list(TESTS.rglob(name)), name
