"""`pointsman check --fix`: what it writes, what it leaves alone, and how it ends."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import pytest

from tool import PATIENCE, Tool

BROKEN = """{
  "Repository": "octo-org/monorepo",
  "Branchs": ["refs/heads/main"],
  "Paths": ["/services/**", "!services/docs/**"],
  "Target": { "CodePipeline": { "Name": "api", "SourceAction": "Source" } }
}
"""
FIXED = """{
  "Repository": "octo-org/monorepo",
  "Branches": ["main"],
  "Paths": ["services/**"],
  "ExcludePaths": ["services/docs/**"],
  "Target": { "CodePipeline": { "Name": "api", "SourceAction": "Source" } }
}
"""
CHANGES = """\
api.json:3:3: fixed: Branchs: 'Branchs' is now 'Branches'
api.json:3:16: fixed: Branches[0]: 'refs/heads/main' is now 'main'
api.json:4:13: fixed: Paths[0]: '/services/**' is now 'services/**'
api.json:4:29: fixed: Paths[1]: '!services/docs/**' is now 'services/docs/**' in ExcludePaths
"""
GOOD = "No problems found (1 rule in 1 file)\n"


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    file = tmp_path / "api.json"
    file.write_text(BROKEN)
    file.chmod(0o640)
    return file


def names(file: Path) -> list[str]:
    return sorted(path.name for path in file.parent.iterdir())


def test_what_is_suggested_is_written_and_listed(tool: Tool, file: Path):
    ended = tool.run("check", "--fix", "--strict", "api.json")
    assert (ended.status, ended.errors) == (0, "")
    assert ended.output == f"{CHANGES}\n{GOOD}"
    assert file.read_text() == FIXED
    assert file.stat().st_mode & 0o777 == 0o640
    assert names(file) == ["api.json"]


def test_the_second_time_changes_nothing(tool: Tool, file: Path):
    tool.run("check", "--fix", "api.json")
    before = file.stat()
    ended = tool.run("check", "--fix", "api.json")
    assert (ended.status, ended.output, ended.errors) == (0, GOOD, "")
    after = file.stat()
    assert (after.st_ino, after.st_mtime_ns) == (before.st_ino, before.st_mtime_ns)


def test_what_is_left_is_reported_with_its_status(tool: Tool, file: Path):
    file.write_text(BROKEN.replace('"Target"', '"Zebra": 1,\n  "Target"'))
    ended = tool.run("check", "--fix", "api.json")
    assert (ended.status, ended.errors) == (1, "")
    assert "error: Zebra: unknown property" in ended.output
    assert file.read_text() == FIXED.replace('"Target"', '"Zebra": 1,\n  "Target"')


@pytest.mark.parametrize("form", [["--json"], ["--format", "json"]])
def test_json_lists_what_was_changed(tool: Tool, file: Path, form: list[str]):
    ended = tool.run("check", "--fix", *form, "api.json")
    report = json.loads(ended.output)
    assert (ended.status, report["findings"], len(report["fixed"])) == (0, [], 4)
    assert "fixed" not in json.loads(tool.run("check", *form, "api.json").output)


def test_github_has_notices(tool: Tool, file: Path):
    ended = tool.run("check", "--fix", "--format", "github", "api.json")
    assert ended.output.count("::notice file=api.json,line=") == 4
    assert ended.output.endswith(GOOD)


def test_of_sarif_the_changes_stand_on_standard_error(tool: Tool, file: Path):
    ended = tool.run("check", "--fix", "--format", "sarif", "api.json")
    assert json.loads(ended.output)["runs"][0]["results"] == []
    assert ended.errors == "".join(f"pointsman: {line}\n" for line in CHANGES.splitlines())


def test_templates_and_broken_json_are_left_alone(tool: Tool, file: Path):
    template = (
        "Resources:\n  Trigger:\n    Type: Custom::PipelineTrigger\n    Properties:\n"
        "      ServiceToken: arn\n      Repository: a/b\n      Branches: [refs/heads/main]\n"
        "      Target: { CodePipeline: { Name: api } }\n"
    )
    file.with_name("stack.yaml").write_text(template)
    file.with_name("broken.json").write_text(BROKEN[:-3])
    ended = tool.run("check", "--fix", ".")
    assert ended.status == 1
    assert file.read_text() == FIXED
    assert file.with_name("stack.yaml").read_text() == template
    assert file.with_name("broken.json").read_text() == BROKEN[:-3]


def test_a_link_is_left_alone(tool: Tool, file: Path):
    link = file.with_name("link.json")
    link.symlink_to("api.json")
    ended = tool.run("check", "--fix", "link.json")
    assert ended.status == 2
    assert ended.errors == "pointsman: 'link.json' is not changed: it is a symbolic link\n"
    assert "unknown-property" in ended.output
    assert (os.readlink(link), file.read_text()) == ("api.json", BROKEN)
    # In a folder it is not followed either.
    assert tool.run("check", "--fix", ".").status == 0
    assert (os.readlink(link), file.read_text()) == ("api.json", FIXED)


def in_bash(tool: Tool, command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["bash", "-c", command],
        env=tool.environment,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
    )


def test_a_file_that_cannot_be_written_stays_as_it_was(tool: Tool, file: Path):
    command = f"trap '' XFSZ; ulimit -f 0; exec {tool.program} check --fix api.json | cat"
    command = f"set -o pipefail; {command}"
    ended = in_bash(tool, command)
    assert ended.returncode == 2
    assert ended.stderr == "pointsman: 'api.json' cannot be written: file too large\n"
    assert "unknown-property" in ended.stdout and "fixed:" not in ended.stdout
    assert file.read_text() == BROKEN
    assert names(file) == ["api.json"]


def test_a_pipe_cannot_be_changed(tool: Tool, file: Path):
    command = f"{tool.program} check --fix <(cat api.json)"
    ended = in_bash(tool, command)
    assert ended.returncode == 2
    assert " is not changed: it is " in ended.stderr


def test_standard_input_is_no_file(tool: Tool):
    ended = tool.run("check", "--fix", "-", text=BROKEN)
    assert ended.status == 64
    assert "--fix changes files, and standard input is none" in ended.errors
