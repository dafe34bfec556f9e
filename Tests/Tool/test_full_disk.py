"""What cannot be written is an error, whichever command says it."""

from __future__ import annotations

import json
import os
import shlex
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from cloud import Cloud
from conftest import Rules
from tool import EVENTS, PATIENCE, Tool

PUSH = EVENTS / "github-push-services-api.json"
RECORD = Path(__file__).resolve().parents[1] / "PointsmanTests/Golden/records/started.json"
FULL = "pointsman: writing the output: no space left on device\n"
KEYS = {
    "AWS_REGION": "eu-west-1",
    "AWS_ACCESS_KEY_ID": "AKIAIOSFODNN7EXAMPLE",
    "AWS_SECRET_ACCESS_KEY": "secret",
    "POINTSMAN_BUCKET": "acme-pointsman",
}


def run(tool: Tool, command: str, folder: Path, **environment: str) -> subprocess.CompletedProcess:
    with Path("/dev/full").open("wb") as full:
        return subprocess.run(
            [tool.program, *shlex.split(command)],
            cwd=folder,
            env=tool.environment | environment,
            stdin=subprocess.DEVNULL,
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            timeout=PATIENCE,
        )


@pytest.fixture
def folder(tmp_path: Path, rules: Rules) -> Path:
    """Rules, and a clone of one commit."""
    (tmp_path / "clone").mkdir()
    identity = ["-c", "user.name=Mona", "-c", "user.email=mona@example.com"]
    for command in (
        ["init", "--quiet", "--initial-branch=main"],
        [*identity, "commit", "--quiet", "--message=First", "--allow-empty"],
    ):
        environment = {"PATH": os.environ["PATH"], "HOME": str(tmp_path)}
        subprocess.run(["git", *command], cwd=tmp_path / "clone", env=environment, check=True)
    (tmp_path / "secret").write_text("secret")
    return tmp_path


@pytest.fixture
def cloud() -> Iterator[Cloud]:
    cloud = Cloud()
    yield cloud
    cloud.server.shutdown()
    cloud.server.server_close()


@pytest.mark.parametrize(
    "command",
    [
        "--help",
        "--version",
        "coverage --help",
        "--generate-completion-script bash",
        f"explain {PUSH} --rules rules",
        f"explain {PUSH} --rules rules --json",
        f"explain {PUSH} --rules rules --rule api",
        "coverage --rules rules --git clone",
        "coverage --rules rules --git clone --json",
        f"why {RECORD}",
        f"why {RECORD} --json",
        "check rules",
        "check rules --json",
        "check rules --format sarif",
        "schema",
        "check rules --fix",
        "init --repository a/b --branch main --pipeline p --output first",
        "console --folder . --export site",
    ],
)
def test_a_full_disk_is_an_error(tool: Tool, folder: Path, command: str):
    ended = run(tool, command, folder)
    assert (ended.returncode, ended.stderr) == (2, FULL)


@pytest.mark.parametrize("command", ["", " --json", " --event EVENT"])
def test_a_full_disk_ends_a_local_run(tool: Tool, folder: Path, command: str):
    command = f"local --rules rules --dry-run --port 0 --bootstrap {tool.bootstrap}{command}"
    ended = run(tool, command.replace("EVENT", str(PUSH)), folder)
    assert (ended.returncode, ended.stderr) == (2, FULL)


def test_a_full_disk_is_an_error_of_what_is_sent(tool: Tool, folder: Path, cloud: Cloud):
    cloud.answer = lambda method, path: (202, b'{"outcome": "accepted", "reason": "r"}')
    ended = run(tool, f"send {PUSH} --url {cloud.url} --secret-file secret", folder)
    assert (ended.returncode, ended.stderr) == (2, FULL)


def test_a_full_disk_is_an_error_of_what_a_bucket_holds(tool: Tool, folder: Path, cloud: Cloud):
    key = "mono-repo/config/decisions/2026-03-14/72d3162e.json"
    listing = f"<ListBucketResult><IsTruncated>false</IsTruncated><Contents><Key>{key}</Key>"
    listing += "<ETag>1</ETag><Size>1</Size></Contents></ListBucketResult>"
    cloud.answer = lambda method, path: (
        200, listing.encode() if "list-type" in path else RECORD.read_bytes(),
    )  # fmt: skip
    environment = KEYS | {"AWS_ENDPOINT_URL": cloud.url}
    for command in ["why --day 2026-03-14", "why 72d3162e", "coverage", "coverage --json"]:
        ended = run(tool, command, folder, **environment)
        assert (ended.returncode, ended.stderr) == (2, FULL), command


def test_a_reader_that_goes_away_is_no_error(tool: Tool, folder: Path):
    for name in range(2_000):
        (folder / f"rules/{name}.json").write_text(
            json.dumps({"Repository": "octo-org/monorepo", "Branches": ["x"], "Target": {}})
        )
    process = subprocess.Popen(
        [tool.program, "explain", PUSH, "--rules", folder / "rules", "--all"],
        env=tool.environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert process.stdout and process.stderr
    assert process.stdout.readline()
    process.stdout.close()
    assert process.stderr.read() == b""
    assert process.wait(PATIENCE) == -signal.SIGPIPE
