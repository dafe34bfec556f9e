"""The program itself: help, usage, completions, and what it needs where it runs."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tool import PATIENCE, Tool

COMMANDS = ["check", "coverage", "explain", "init", "local", "replay", "schema", "send", "why"]


def test_help_names_every_command(tool: Tool):
    ended = tool.run("--help")
    assert ended.status == 0
    for command in COMMANDS:
        assert f"\n  {command} " in ended.output
        assert tool.run(command, "--help").status == 0


def test_wrong_usage_is_status_64(tool: Tool):
    assert tool.run("lokal").status == 64
    assert tool.run("send").status == 64


def test_the_version_has_the_commit_that_was_built(tool: Tool):
    ended = tool.run("--version")
    assert ended.status == 0
    version = r"pointsman \d+\.\d+\.\d+ \(commit (unknown|[0-9a-f]{12}(-dirty)?)\)\n"
    assert re.fullmatch(version, ended.output), ended
    bootstrap = subprocess.run(
        [tool.bootstrap, "--version"], env={}, capture_output=True, text=True, timeout=PATIENCE
    )
    assert bootstrap.returncode == 0
    assert bootstrap.stdout == ended.output.replace("pointsman", "bootstrap", 1)
    assert not bootstrap.stderr


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completions_name_every_command(tool: Tool, shell: str):
    ended = tool.run("--generate-completion-script", shell)
    assert ended.status == 0, ended
    for command in COMMANDS:
        assert command in ended.output


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_a_shell_can_read_its_completions(tool: Tool, shell: str, tmp_path: Path):
    if not (program := shutil.which(shell)):
        pytest.skip(f"{shell} is not installed")
    script = tmp_path / "script"
    script.write_text(tool.run("--generate-completion-script", shell).output)
    subprocess.run([program, "-n", script], check=True, timeout=PATIENCE)


def test_the_release_is_static_and_runs_without_an_environment(tool: Tool):
    headers = subprocess.run(
        ["readelf", "--wide", "--program-headers", "--dynamic", tool.program],
        capture_output=True, text=True, check=True, timeout=PATIENCE,
    ).stdout  # fmt: skip
    if "INTERP" in headers:
        pytest.skip("this is a debug build")
    assert "NEEDED" not in headers
    ended = subprocess.run(
        [tool.program, "--help"], env={}, capture_output=True, text=True, timeout=PATIENCE
    )
    assert ended.returncode == 0
    assert not ended.stderr
