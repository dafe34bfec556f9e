"""GitHub's workflows: of GitHub's form, pinned, and with the permissions that they need."""

from __future__ import annotations

import os
import platform
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


def test_the_release_has_the_tool_of_both_architectures():
    jobs = workflow(ROOT / ".github/workflows/release.yml")["jobs"]
    runners = {name: job.get("runs-on") for name, job in jobs.items()}
    assert (runners["tool"], runners["build"]) == ("ubuntu-24.04-arm", "ubuntu-24.04")
    made = [step["with"] for step in jobs["tool"]["steps"] if "upload" in step.get("uses", "")]
    taken = [step["with"] for step in jobs["build"]["steps"] if "download" in step.get("uses", "")]
    assert [each["path"] for each in made] == ["dist/pointsman-linux-arm64"]
    assert [(each["name"], each["path"]) for each in taken] == [(made[0]["name"], "dist")]


@pytest.fixture
def ready(tmp_path: Path) -> Path:
    """A commit that may be released, with scripts that build at once."""
    texts = {
        "package.sh": 'mkdir -p dist && echo zip >"dist/pointsman-$2.zip"',
        "scripts/tool.sh": "echo tool >dist/pointsman",
        "scripts/bill-of-materials.py": "echo bill",
    }
    for name in ("assets.sh", "commit.sh", "need.sh"):
        texts[f"scripts/{name}"] = (ROOT / "scripts" / name).read_text()
    (tmp_path / "scripts").mkdir()
    for name, text in texts.items():
        text = text if text.startswith("#!") else f"#!/bin/bash\n{text}\n"
        (tmp_path / name).write_text(text)
        (tmp_path / name).chmod(0o755)
    (tmp_path / "CHANGELOG.md").write_text("# Changelog\n\n## [1.0.0] - 2026-11-28\n\nAll.\n")
    (tmp_path / ".gitignore").write_text("/dist\n")
    (tmp_path / "LICENSE").touch()
    (tmp_path / "NOTICE").touch()
    git = ["git", "-c", "user.name=a", "-c", "user.email=a@example.com"]
    for arguments in (["init", "-q"], ["add", "."], ["commit", "-qm", "all"]):
        subprocess.run([*git, *arguments], cwd=tmp_path, check=True)
    (tmp_path / "dist").mkdir()
    return tmp_path


def assets(ready: Path, *tag: str) -> subprocess.CompletedProcess[str]:
    own = {name: value for name, value in os.environ.items() if name != "POINTSMAN_COMMIT"}
    command = [ready / "scripts/assets.sh", *tag]
    return subprocess.run(command, capture_output=True, text=True, env=own, cwd=ready)


OTHER = f"dist/pointsman-linux-{'x86_64' if platform.machine() == 'aarch64' else 'arm64'}"


def test_a_release_has_both_tools_and_both_zips_with_their_digests(ready: Path):
    commit = subprocess.run(
        ["git", "rev-parse", "HEAD"], cwd=ready, capture_output=True, text=True, check=True
    ).stdout[:12]
    (ready / OTHER).write_bytes(b"\x7fELF\xff" + commit.encode())
    ended = assets(ready, "v1.0.0")
    assert ended.returncode == 0, ended
    files = {file.name for file in (ready / "dist/release").iterdir()}
    tools = {"pointsman-linux-x86_64", "pointsman-linux-arm64"}
    assert files >= tools | {"pointsman-x86_64.zip", "pointsman-arm64.zip"}
    summed = {line.split()[1] for line in ended.stdout.splitlines()}
    assert summed == files - {"SHA256SUMS"}


def test_a_release_without_the_other_tool_or_with_an_older_one_is_none(ready: Path):
    ended = assets(ready, "v1.0.0")
    assert (ended.returncode, ended.stderr) == (
        1,
        f"assets.sh: {OTHER} is not there: scripts/tool.sh makes it on a machine of that "
        "architecture\n",
    )
    (ready / OTHER).write_text("commit 0123456789ab")
    ended = assets(ready, "v1.0.0")
    assert ended.returncode == 1
    assert re.fullmatch(rf"assets.sh: {OTHER} is not of the commit [0-9a-f]{{12}}\n", ended.stderr)
    # Without a tag it is a trial.
    (ready / OTHER).unlink()
    ended = assets(ready)
    assert ended.returncode == 0, ended
    assert ended.stderr == f"assets.sh: notice: {OTHER} is not there, and not in this release\n"


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
