"""The exit status of each command, as docs/command-line.md has it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from pathlib import Path

import pytest

from tool import EVENTS, Tool

PUSH = EVENTS / "github-push-services-api.json"
RECORD = Path(__file__).resolve().parents[1] / "PointsmanTests/Golden/records/started.json"
TARGET = {"CodePipeline": {"Name": "p", "SourceAction": "Source"}}
RULE = {"Repository": "octo-org/monorepo", "Paths": ["services/api/**"], "Target": TARGET}
FILES = {
    "clean/api.json": RULE,
    "idle/api.json": RULE | {"Branches": ["no-such-branch"]},
    "warning/api.json": RULE | {"Paths": ["/src/**"]},
    "note/api.json": RULE | {"Paths": ["services/*"]},
    "error/api.json": RULE | {"Target": {}},
    "typo/api.json": RULE | {"Branchs": ["main"]},
    "no-rule/a.json": {},
    "half/a.json": {"Branches": ["main"], "Paths": ["services/**"]},
    "other/tag.json": RULE | {"Events": ["tag"]},
    "other/pull-request.json": RULE | {"Events": ["pull_request"]},
}
GIT = ["-c", "user.name=Mona", "-c", "user.email=mona@example.com"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the commands are run on: rules of every kind, and a clone of one commit."""
    folder = tmp_path_factory.mktemp("files")
    for name, rule in FILES.items():
        file = folder / name
        file.parent.mkdir(exist_ok=True)
        file.write_text(json.dumps(rule))
    (folder / "empty").mkdir()
    (folder / "empty.json").touch()
    (folder / "push.json").write_bytes(PUSH.read_bytes())
    (folder / "record.json").write_bytes(RECORD.read_bytes())
    (folder / "clone/services/api").mkdir(parents=True)
    (folder / "clone/services/api/main.go").write_text("package main\n")
    origin = "https://github.com/octo-org/monorepo.git"
    for command in (
        ["init", "--quiet", "--initial-branch=main"],
        ["remote", "add", "origin", origin],
        ["add", "."],
        [*GIT, "commit", "--quiet", "--message=First"],
    ):
        environment = {"PATH": os.environ["PATH"], "HOME": str(folder)}
        subprocess.run(["git", *command], cwd=folder / "clone", env=environment, check=True)
    return folder


@pytest.mark.parametrize(
    ("command", "status"),
    [
        ("check clean", 0),
        ("check clean --strict", 0),
        ("check clean/api.json", 0),
        ("check warning", 0),
        ("check warning --strict", 1),
        ("check note --strict", 0),
        ("check error", 1),
        ("check error --strict --format sarif", 1),
        ("check error --format github", 1),
        ("check error --json", 1),
        ("check clean error", 1),
        ("check empty", 2),
        ("check no-rule", 2),
        ("check no-rule/a.json", 1),
        ("check empty.json", 1),
        ("check -", 1),
        ("check missing", 2),
        ("check error missing", 2),
        ("check", 64),
        ("check clean --format xml", 64),
        ("check clean --json --format text", 64),
        ("check clean --fix", 0),
        ("check note --fix --strict", 0),
        ("check error --fix", 1),
        ("check missing --fix", 2),
        ("check - --fix", 64),
        ("init --repository a/b --branch main --pipeline p --output first", 0),
        ("init --repository a/b --branch main --pipeline p --output first", 2),
        ("init --repository b --branch main --pipeline p --output second", 2),
        ("init --repository a/b --branch main --pipeline p --output push.json", 2),
        ("init --repository a/b", 64),
        ("explain push.json --rules clean", 0),
        ("explain push.json --rules idle", 0),
        ("explain push.json --rules empty", 2),
        ("explain push.json --rules clean --rule api", 0),
        ("explain push.json --rules typo", 1),
        ("explain push.json --rules no-rule", 2),
        ("explain push.json --rules no-rule/a.json", 1),
        ("explain push.json --rules half", 1),
        ("explain push.json --rules typo --json", 1),
        ("explain missing.json --rules clean", 2),
        ("explain push.json --rules missing", 2),
        ("explain push.json --rules clean --rule web", 2),
        ("explain empty.json --rules clean", 2),
        ("explain - --rules clean", 2),
        ("explain push.json --bucket b", 2),
        ("explain --git main..HEAD --rules clean", 2),
        ("explain --git main --rules clean", 2),
        ("explain --repository octo-org/monorepo --branch main --path a --rules clean", 0),
        ("explain --repository octo-org/monorepo --branch main --paths-from - --rules clean", 0),
        ("explain push.json --rules clean --format markdown", 0),
        ("explain push.json --rules clean --format markdown --json", 64),
        ("explain push.json --rules clean --format xml", 64),
        ("explain push.json --rules clean --git main..HEAD", 64),
        ("explain push.json --rules clean --branch main", 64),
        ("explain --repository octo-org/monorepo --branch main --rules clean", 64),
        ("explain - --paths-from - --rules clean", 64),
        ("explian push.json --rules clean", 64),
        ("explain push.json --ruls clean", 64),
        ("explain push.json", 64),
        ("explain push.json --rules clean --bucket b", 64),
        ("explain --rules clean", 64),
        ("why record.json", 0),
        ("why record.json --json", 0),
        ("why empty.json", 2),
        ("why -", 2),
        ("why delivery --bucket b", 2),
        ("why --last 1 --bucket b", 2),
        ("why delivery", 64),
        ("why", 64),
        ("why --last 0 --bucket b", 64),
        ("why --day today --bucket b", 64),
        ("why --day 2026-02-31 --bucket b", 64),
        ("coverage --rules clean --git clone", 0),
        ("coverage --rules idle --git clone", 1),
        ("coverage --rules half --git clone --repository octo-org/monorepo", 1),
        ("coverage --rules other --git clone", 0),
        ("coverage --rules empty --git clone", 2),
        ("coverage --rules missing --git clone", 2),
        ("coverage --rules clean --git empty", 2),
        ("coverage --rules clean --bucket b", 2),
        ("coverage --rules clean", 64),
        ("coverage --bucket b", 2),
        ("coverage --git clone --bucket b", 2),
        ("coverage --git clone", 64),
        ("coverage --rules clean --git clone --bucket b", 64),
        ("coverage --rules clean --git clone --since today", 64),
    ],
)
def test_a_command_ends_with_its_status(
    tool: Tool, folder: Path, command: str, status: int, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.chdir(folder)
    ended = tool.run(*command.split())
    assert ended.status == status, ended
    # What could not be done is said in one line, and where nobody takes it for a result.
    if status == 2:
        assert ended.errors.startswith("pointsman: "), ended
        assert ended.errors.count("\n") == 1, ended
    if status == 64:
        assert not ended.output
        assert "Usage: pointsman" in ended.errors


@pytest.mark.parametrize(
    ("command", "reason"),
    [
        ("explain push.json --rules empty", "there is no rule in 'empty'"),
        ("coverage --rules empty --git clone", "there is no rule in 'empty'"),
    ],
)
def test_an_empty_folder_is_named(
    tool: Tool, folder: Path, command: str, reason: str, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.chdir(folder)
    assert tool.run(*command.split()).errors == f"pointsman: {reason}\n"


def test_what_cannot_be_said_on_standard_error_changes_no_status(tool: Tool, folder: Path):
    command = ["/bin/sh", "-c", f"{tool.program} check missing 2>/dev/full"]
    assert subprocess.run(command, cwd=folder, env=tool.environment, check=False).returncode == 2


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_git_too(tool, tmp_path, number):
    git, pid = tmp_path / "bin" / "git", tmp_path / "pid"
    git.parent.mkdir()
    git.write_text(f"#!/bin/sh\necho $$ >{pid}.new && mv {pid}.new {pid}\nexec sleep 60\n")
    git.chmod(0o755)
    environment = os.environ | {"PATH": f"{git.parent}:{os.environ['PATH']}"}
    rules = tmp_path / "a.json"
    rules.write_text('{"Repository":"o/r","Target":{"CodePipeline":{"Name":"a"}}}')
    with subprocess.Popen(
        [tool.program, "coverage", "--rules", rules, "--git", tmp_path], env=environment
    ) as running:
        while not pid.exists():
            time.sleep(0.01)
        running.send_signal(number)
        assert running.wait(10) == 128 + number
    child = Path(f"/proc/{pid.read_text().strip()}/stat")
    # It is gone, or a zombie that nobody has waited for.
    until = time.monotonic() + 10
    while child.exists() and child.read_text().rsplit(")", 1)[1].split()[0] != "Z":
        assert time.monotonic() < until, "git goes on"
        time.sleep(0.01)
