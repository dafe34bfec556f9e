"""GitHub's workflows: of GitHub's form, pinned, and with the permissions that they need."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

TWO_VERSIONS = "the tag is v1.0.1, and the version in CHANGELOG.md is 1.0.0"
ROOT = Path(__file__).resolve().parents[2]
FILES = sorted((ROOT / ".github/workflows").glob("*.yml"))
CHECK = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.github-workflows"]


def workflow(file: Path) -> dict[str, Any]:
    return yaml.safe_load(file.read_text())


def steps(file: Path) -> list[dict[str, Any]]:
    return [step for job in workflow(file)["jobs"].values() for step in job.get("steps", [])]


def test_there_are_two():
    assert [file.name for file in FILES] == ["release.yml", "test.yml"]


def test_they_are_as_the_published_schema_has_it(tmp_path: Path):
    subprocess.run([*CHECK, *FILES], check=True, capture_output=True)
    broken = tmp_path / "broken.yml"
    broken.write_text(FILES[0].read_text().replace("runs-on:", "run-on:"))
    assert subprocess.run([*CHECK, broken], capture_output=True).returncode == 1


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_every_action_is_pinned_to_a_commit_and_says_its_version(file: Path):
    uses = re.findall(r"uses: (.*)", file.read_text())
    assert uses
    for each in uses:
        assert each.startswith("./") or re.fullmatch(
            r"actions/[a-z-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+", each
        ), each


def test_only_what_publishes_may_write():
    for file in FILES:
        assert workflow(file)["permissions"] == {"contents": "read"}
        for name, job in workflow(file)["jobs"].items():
            wanted = {"contents": "write"} if name == "publish" else None
            assert job.get("permissions") == wanted, f"{file.name}: {name}"
        for step in steps(file):
            if "actions/checkout" in step.get("uses", ""):
                assert step["with"]["persist-credentials"] is False


def test_no_step_puts_an_expression_into_its_shell():
    for file in FILES:
        for step in steps(file):
            assert "${{" not in step.get("run", ""), step


def test_what_they_run_is_there():
    programs = "\n".join(step.get("run", "") for file in FILES for step in steps(file))
    assert (ROOT / ".ci/run").stat().st_mode & 0o111
    assert ".ci/run" in programs
    targets = re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE)
    for target in re.findall(r"^make (\w+)", programs, re.MULTILINE):
        assert target in targets


@pytest.mark.parametrize(
    ("heading", "tag", "said"),
    [
        ("## [1.0.0] - 2026-11-28", "v1.0.1", TWO_VERSIONS),
        ("## [1.0.0] - Unreleased", "v1.0.0", "CHANGELOG.md has no date for 1.0.0"),
        ("## 1.0.0", "v1.0.0", "CHANGELOG.md: expected '## [VERSION] - DATE', found '## 1.0.0'"),
        ("## [1.0.0] - 2026-11-28", "v1.0.0", "the sources are not those of a commit"),
    ],
)  # fmt: skip
def test_what_is_not_ready_is_not_released(tmp_path: Path, heading: str, tag: str, said: str):
    (tmp_path / "scripts").mkdir()
    for name in ("assets.sh", "commit.sh", "need.sh"):
        (tmp_path / "scripts" / name).write_text((ROOT / "scripts" / name).read_text())
        (tmp_path / "scripts" / name).chmod(0o755)
    (tmp_path / "CHANGELOG.md").write_text(f"# Changelog\n\n{heading}\n")
    command = [tmp_path / "scripts/assets.sh", tag]
    ended = subprocess.run(command, capture_output=True, text=True, env={"PATH": "/usr/bin:/bin"})
    assert ended.returncode == 1
    assert ended.stderr.splitlines()[-1] == f"assets.sh: {said}"
