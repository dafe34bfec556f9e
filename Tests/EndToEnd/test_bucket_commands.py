"""`explain`, `why` and `coverage` on a bucket: what the functions wrote, the tool reads."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

import github
from local_aws.faults import Fault
from site_under_test import Site

DELIVERY = "72d3162e-cc78-11e3-81ab-4c9367dc0958"
PATIENCE = 60

Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def run(tool: Path, site: Site) -> Run:
    """Runs a command of the tool on the site's bucket, or on another."""

    def run(*arguments: str | Path, bucket: str = site.name):
        return subprocess.run(
            [tool, *arguments, "--bucket", bucket, "--prefix", site.prefix],
            env=site.environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=PATIENCE,
        )

    return run


@pytest.fixture
def pipeline(site: Site) -> str:
    """A pipeline that a push has started, beside a rule that the push did not concern."""
    pipeline = site.pipeline("api")
    for name in "api", "web":
        target = {"CodePipeline": {"Name": pipeline, "SourceAction": "Source"}}
        site.put_rule(name, target, Paths=[f"services/{name}/**"])
    site.deliver(github.push("services/api/a"), delivery=DELIVERY)
    assert len(site.started(pipeline)) == 1
    return pipeline


@pytest.fixture
def push(tmp_path: Path) -> Path:
    file = tmp_path / "push.json"
    file.write_bytes(github.encode(github.push("services/web/a")))
    return file


@pytest.fixture
def rules(site: Site, pipeline: str, tmp_path: Path) -> Path:
    """The rules of the bucket and one more, as files."""
    folder = tmp_path / "rules"
    folder.mkdir()
    for key in site.keys("rules"):
        (folder / key.rsplit("/", 1)[1]).write_text(json.dumps(site.object(key)))
    rule = {"Repository": "octo-org/other", "Target": {"CodePipeline": {"Name": pipeline}}}
    (folder / "other.json").write_text(json.dumps(rule))
    return folder


def test_explain_decides_by_the_rules_of_the_bucket(
    site: Site, run: Run, pipeline: str, push: Path
):
    ended = run("explain", push, "--json")
    assert ended.returncode == 0, ended
    [change] = json.loads(ended.stdout)["changes"]
    outcomes = {rule["rule"]: rule["outcome"] for rule in change["rules"]}
    folder = f"{site.prefix}/rules/github/octo-org/mono-repo"
    assert outcomes == {f"{folder}/web.json": "start", f"{folder}/api.json": "skipped"}
    # It asks, and starts nothing.
    assert len(site.started()) == 1


def test_why_shows_the_record_of_a_delivery(site: Site, run: Run, pipeline: str):
    [execution] = site.started(pipeline)
    # The beginning of the id is enough.
    for delivery in DELIVERY, DELIVERY[:8]:
        ended = run("why", delivery)
        assert ended.returncode == 0, ended
        assert f"delivery {DELIVERY}" in ended.stdout
        assert f"answer: {execution.execution_id}" in ended.stdout
        assert "1 started, 1 skipped" in ended.stdout
    [key] = site.keys("decisions")
    [shown] = json.loads(run("why", DELIVERY, "--json").stdout)["records"]
    assert shown == {"place": key, "record": site.object(key)}


def test_why_lists_the_latest_deliveries_first(site: Site, run: Run, pipeline: str):
    site.deliver(github.push("docs/a"), delivery="a-later-one")
    for last, deliveries in (1, ["a-later-one"]), (5, ["a-later-one", DELIVERY]):
        ended = run("why", "--last", str(last))
        assert ended.returncode == 0, ended
        lines = ended.stdout.splitlines()
        assert [line.split("  ")[1] for line in lines] == deliveries


def test_coverage_counts_what_did_start(site: Site, run: Run, rules: Path):
    ended = run("coverage", "--rules", rules, "--json")
    assert ended.returncode == 1, ended
    coverage = json.loads(ended.stdout)
    assert coverage["changes"] == 1
    starts = {rule["rule"]: rule["starts"] for rule in coverage["rules"]}
    assert starts == {
        "github/octo-org/mono-repo/api": 1,
        "github/octo-org/mono-repo/web": 0,
        "github/octo-org/other/other": 0,
    }


def test_a_delivery_that_never_came_is_status_1(site: Site, run: Run, pipeline: str):
    ended = run("why", "another")
    assert (ended.returncode, ended.stdout) == (1, "")
    place = f"{site.prefix}/decisions/"
    assert ended.stderr.startswith(f"pointsman: no decision record of 'another' in {place}, ")
    ended = run("why", DELIVERY, "--day", "2026-01-01")
    assert ended.returncode == 1
    assert ended.stderr == (
        f"pointsman: no decision record of '{DELIVERY}' in {place}2026-01-01/\n"
    )


COMMANDS = [
    ("explain", "push.json"),
    ("why", DELIVERY),
    ("why", "--last", "3"),
    ("coverage", "--rules", "rules"),
]


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_a_bucket_that_is_not_there_is_status_2(
    run: Run, push: Path, rules: Path, monkeypatch: pytest.MonkeyPatch, command: tuple[str, ...]
):
    monkeypatch.chdir(push.parent)
    ended = run(*command, bucket="no-such-bucket-of-ours")
    assert (ended.returncode, ended.stdout) == (2, ""), ended
    assert ended.stderr.startswith("pointsman: listing rules or decisions: "), ended
    assert "NoSuchBucket" in ended.stderr
    assert ended.stderr.count("\n") == 1


@pytest.mark.parametrize("operation", ["s3:ListObjectsV2", "s3:GetObject"])
@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_a_bucket_that_may_not_be_read_is_status_2(
    site: Site,
    run: Run,
    push: Path,
    rules: Path,
    monkeypatch: pytest.MonkeyPatch,
    command: tuple[str, ...],
    operation: str,
):
    monkeypatch.chdir(push.parent)
    site.aws.faults.plan(1, Fault.DENIED, times=100, only=operation)
    ended = run(*command)
    if command[0] == "explain" and operation == "s3:GetObject":
        # A rule that cannot be read fails alone.
        assert (ended.returncode, ended.stderr) == (2, ""), ended
        assert "unread" in ended.stdout, ended
        assert "the rule cannot be read: s3:GetObject of " in " ".join(ended.stdout.split()), ended
        return
    assert (ended.returncode, ended.stdout) == (2, ""), ended
    doing = "listing" if operation == "s3:ListObjectsV2" else "reading"
    assert ended.stderr.startswith(f"pointsman: {doing} rules or decisions: "), ended
    assert "AccessDenied" in ended.stderr
    assert ended.stderr.count("\n") == 1
