"""`explain` without an event: a clone, or paths that another program prints."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import pytest

from conftest import Rules
from tool import Running, Tool


@pytest.fixture
def clone(tmp_path: Path, rules: Rules) -> Path:
    """A branch `side` that changed `services/api`, beside `main`, which changed `services/web`."""
    folder = tmp_path / "clone"
    folder.mkdir()
    script = """
        git init --quiet --initial-branch=main
        git remote add origin git@github.com:octo-org/monorepo.git
        mkdir -p services/api services/web && git commit --quiet --allow-empty -m start
        git checkout --quiet -b side && echo 1 >services/api/a.go
        git add . && git commit --quiet -m side
        git checkout --quiet main && echo 1 >services/web/a.js
        git add . && git commit --quiet -m later && git checkout --quiet side
    """
    identity = {
        f"GIT_{who}_{what}": "mona@example.com"
        for who in ("AUTHOR", "COMMITTER")
        for what in ("NAME", "EMAIL")
    }
    environment = {"PATH": os.environ["PATH"], "HOME": str(tmp_path)} | identity
    subprocess.run(["sh", "-ec", script], cwd=folder, env=environment, check=True)
    return folder


def outcomes(tool: Tool, *arguments: object, text: str = "") -> tuple[str, dict[str, str]]:
    ended = tool.run("explain", "--json", *arguments, text=text)
    assert ended.status == 0, ended
    change = json.loads(ended.output)["changes"][0]
    names = {rule["rule"].split("/")[-1]: rule["outcome"] for rule in change["rules"]}
    return change["change"].get("branch"), names


@pytest.mark.parametrize("commits", ["main..HEAD", "main...side", "main.."])
def test_what_a_branch_would_start_is_told_by_its_clone(
    tool: Tool, clone: Path, rules: Rules, commits: str, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.chdir(clone)
    expected = {"api.json": "start", "web.json": "skipped"}
    arguments = ["--git", commits, "--rules", rules.folder]
    assert outcomes(tool, *arguments) == ("side", expected)
    assert outcomes(tool, *arguments, "--branch", "main") == ("main", expected)
    other = tool.run("explain", *arguments, "--repository", "octo-org/other")
    assert "2 rules are of other repositories" in other.output


@pytest.mark.parametrize("text", ["services/web/a b.js\nx\n", "x\0services/web/a b.js\0"])
def test_paths_come_from_another_program(tool: Tool, rules: Rules, text: str):
    arguments = ["--repository", "octo-org/monorepo", "--branch", "main", "--rules", rules.folder]
    found = outcomes(tool, "--paths-from", "-", *arguments, text=text)
    assert found == ("main", {"api.json": "skipped", "web.json": "start"})


TEMPLATE = """
Resources:
  Web:
    Type: Custom::PipelineTrigger
    Properties:
      ServiceToken: !ImportValue tools-PipelineTrigger
      Repository: octo-org/monorepo
      Paths: [services/web/**]
      Target: {CodePipeline: {Name: !Ref Pipeline}}
"""


def test_what_check_accepts_is_decided(tool: Tool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "template.yaml").write_text(TEMPLATE)
    (tmp_path / "package.json").write_text('{"name": "x", "repository": "octo-org/monorepo"}')
    assert tool.run("check", ".").status == 0
    paths = ["--repository", "octo-org/monorepo", "--branch", "main", "--path", "services/web/a"]
    ended = tool.run("explain", *paths, "--rules", ".")
    assert (ended.status, ended.errors) == (0, "")
    assert "starts   Web   Paths   changed path 'services/web/a' matches" in ended.output
    assert "known at deployment only: Target.CodePipeline.Name" in ended.output
    assert "notRules" not in ended.output and "package.json" not in ended.output
    assert outcomes(tool, *paths, "--rules", "template.yaml") == ("main", {"Web.json": "start"})


def test_progress_is_one_line_of_a_terminal_that_disappears(
    tool: Tool, clone: Path, rules: Rules, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.chdir(clone)
    command = ["coverage", "--rules", str(rules.folder), "--git", "."]
    with Running([str(tool.program), *command], tool.environment) as running:
        running.status()
        running.wait_for_end()
        shown = "\r" + "reading the history of side\x1b[K"
        assert shown in running.raw
        assert running.raw.rindex("\r\x1b[K") < running.raw.index("2 commits of side")
    assert tool.run(*command).errors == ""
