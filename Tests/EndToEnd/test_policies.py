"""examples/policies: what people may do who ask `explain`, `why` and `coverage`, or `replay`."""

from __future__ import annotations

import json
import subprocess
from fnmatch import fnmatchcase
from pathlib import Path

import pytest

import github
from local_aws import ACCOUNT, REGION
from site_under_test import Site

POLICIES = Path(__file__).resolve().parents[2] / "examples/policies"
DELIVERY = "72d3162e-cc78-11e3-81ab-4c9367dc0958"
# The action that each call needs, where IAM names it otherwise.
ACTIONS = {"s3:ListObjectsV2": "s3:ListBucket", "s3:HeadObject": "s3:GetObject"}


def statements(name: str, site: Site) -> list[tuple[list[str], str]]:
    """The actions and the resource of each statement, with the site's names."""
    text = (POLICIES / f"{name}.json").read_text()
    names = {"BUCKET": site.name, "PREFIX": site.prefix, "REGION": REGION, "ACCOUNT": ACCOUNT}
    for word, value in names.items():
        text = text.replace(word, value)
    return [(each["Action"], each["Resource"]) for each in json.loads(text)["Statement"]]


def needed(site: Site) -> set[tuple[str, str]]:
    """The action and the resource of each call so far."""
    found = set()
    for call in site.aws.calls.all():
        bucket, key = call.parameters["Bucket"], call.parameters.get("Key")
        resource = f"arn:aws:s3:::{bucket}" + (f"/{key}" if key else "")
        found.add((ACTIONS.get(call.name, call.name), resource))
    return found


@pytest.mark.parametrize(
    "command",
    [
        ["why", DELIVERY],
        ["why", "--last", "1"],
        ["explain", "push.json"],
        ["coverage", "--rules", "rules"],
    ],
    ids=" ".join,
)
def test_a_question_needs_what_the_policy_allows(
    tool: Path, site: Site, tmp_path: Path, command: list[str]
):
    pipeline = site.pipeline("api")
    site.put_rule("api", {"CodePipeline": {"Name": pipeline}}, Paths=["services/**"])
    push = github.push("services/api/a")
    site.deliver(push, delivery=DELIVERY)
    (tmp_path / "push.json").write_bytes(github.encode(push))
    (tmp_path / "rules").mkdir()
    [rule] = site.keys("rules")
    (tmp_path / "rules/api.json").write_text(json.dumps(site.object(rule)))
    site.aws.calls.clear()
    ended = subprocess.run(
        [tool, *command, "--bucket", site.name, "--prefix", site.prefix],
        cwd=tmp_path,
        env=site.environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert ended.returncode == 0, ended
    calls = needed(site)
    assert {action for action, _ in calls} == {"s3:ListBucket", "s3:GetObject"}
    for action, resource in calls:
        assert any(
            action in actions and fnmatchcase(resource, pattern)
            for actions, pattern in statements("read", site)
        ), (action, resource)


def test_a_replay_may_do_the_same_and_invoke_evaluate(site: Site):
    read, replay = statements("read", site), statements("replay", site)
    assert replay[: len(read)] == read
    [(actions, function)] = replay[len(read) :]
    assert actions == ["lambda:InvokeFunction"]
    assert function.endswith(":function:STACK-GitHubEventEvalFunction-*")
