"""A test that is skipped in CI for a reason that nobody listed is a failure."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

pytest_plugins = ["pytester"]
TESTS = Path(__file__).resolve().parents[1]

SKIPPED = {
    "in the test": "def test(): pytest.skip('{}')",
    "by a mark": "@pytest.mark.skipif(True, reason='{}')\ndef test(): pass",
    "in a fixture": "@pytest.fixture\ndef it(): pytest.skip('{}')\ndef test(it): pass",
    "as a file": "pytest.skip('{}', allow_module_level=True)",
}


@pytest.fixture(params=SKIPPED)
def run(request: pytest.FixtureRequest, pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch):
    """Runs a test that is skipped for a reason, in CI or not; whether that passes."""
    pytester.makeconftest((TESTS / "conftest.py").read_text())
    (pytester.path / "may-be-skipped.txt").write_text("# why\n\nfish is not installed\n")

    def run(reason: str, ci: str | None) -> bool:
        pytester.makepyfile(f"import pytest\n{SKIPPED[request.param].format(reason)}\n")
        monkeypatch.delenv("CI", raising=False)
        if ci is not None:
            monkeypatch.setenv("CI", ci)
        result = pytester.runpytest_inprocess()
        outcomes = result.parseoutcomes()
        passes = outcomes == {"skipped": 1}
        if not passes:
            assert not outcomes.get("skipped"), outcomes
            text = f"may-be-skipped.txt does not list why: {reason}"
            assert text in result.stdout.str()
        return passes

    return run


@pytest.mark.parametrize(
    ("reason", "ci", "passes"),
    [
        ("fish is not installed", "true", True),
        ("zsh is not installed", "true", False),
        ("# why", "true", False),
        ("zsh is not installed", None, True),
        ("zsh is not installed", "false", True),
    ],
)
def test_only_what_is_listed_may_be_skipped_in_ci(run, reason: str, ci: str | None, passes: bool):
    assert run(reason, ci) is passes


def test_swift_tests_are_skipped_by_the_list_alone():
    trait = TESTS / "TestSupport/ConditionTrait+Needs.swift"
    for file in TESTS.rglob("*.swift"):
        if file != trait:
            assert not re.search(r"\.(enabled|disabled)\(|Test\.cancel\(", file.read_text()), file
    assert ".enabled(" in trait.read_text()


def test_the_list_has_no_reason_that_no_test_gives():
    sources = [file.read_text() for kind in ("py", "swift") for file in TESTS.rglob(f"*.{kind}")]
    for reason in (TESTS / "may-be-skipped.txt").read_text().splitlines():
        if reason and reason[0] != "#":
            words = re.sub(r"^(zsh|fish) ", "{shell} ", reason)
            assert any(words in source for source in sources), reason
