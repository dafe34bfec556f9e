"""A whole stack that reports statuses and recovers deliveries.

The functions run as the roles of `template.yaml`, whose policies are in force: what a role may not
do fails here.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

import github
from certificates import Authority
from github_api import App, GitHubAPI
from local_aws.codepipeline import FailedAction
from local_aws.pipelines import create_pipeline
from local_cloud import LocalCloud

STACK, REPOSITORY, HOOK = "statuses", "octo-org/mono-repo", "repos/octo-org/mono-repo/hooks/7"
TOKEN = "ghp_16C7e42F292c6912E7710c838347Ae178B4a"  # noqa: S105 - GitHub's own example


class Reported:
    """The stack, GitHub, and an app that is installed there."""

    def __init__(self, cloud: LocalCloud, api: GitHubAPI, app: App, bundle: Path):
        self.cloud, self.api, self.app = cloud, api, app
        secret = cloud.client("secretsmanager").create_secret(
            Name="github-app", SecretString=app.secret()
        )
        given = {
            "ConfigStorageS3BucketName": "rules-of-statuses",
            "ResourceRoleName": "",
            "AccountName": STACK,
            "MaxEventAgeDays": "0",
            "GitHubTokenSecretArn": secret["ARN"],
            "GitHubApiUrl": api.url,
            "ReportStatuses": "enabled",
            "RecoverHooks": HOOK,
        }
        words = [word for each in given.items() for word in ("--parameter", "=".join(each))]
        ended = cloud.deploy("--stack-name", STACK, *words)
        assert ended.returncode == 0, ended.stderr
        self.functions = cloud.functions(STACK)
        for function in self.functions.values():
            variables = function["Environment"]["Variables"] | {"AWS_CA_BUNDLE": str(bundle)}
            cloud.client("lambda").update_function_configuration(
                FunctionName=function["FunctionName"], Environment={"Variables": variables}
            )
        cloud.admit(STACK)

    def rule(self, name: str, **properties: Any) -> str:
        """Puts a rule with a status and a pipeline of its own; the pipeline's name."""
        pipeline = f"{STACK}-{name}"
        create_pipeline(self.cloud.gate, pipeline)
        rule = {
            "Repository": REPOSITORY,
            "Events": ["pull_request"],
            "Status": f"ci/{name}",
            "Target": {"CodePipeline": {"Name": pipeline}},
        } | properties
        outputs = self.cloud.outputs(STACK)
        self.cloud.client("s3").put_object(
            Bucket=outputs["Bucket"],
            Key=f"{outputs['Prefix']}/rules/github/{REPOSITORY}/{name}.json",
            Body=json.dumps(rule).encode(),
        )
        return pipeline

    def deliver(self, event: str, headers: dict[str, str], body: bytes) -> int:
        url, secret = self.cloud.webhook_url(STACK), self.cloud.secret(STACK)
        guid = headers["X-GitHub-Delivery"]
        return self.cloud.deliver(url, body, secret, guid, event)[0]

    def invoke(self, name: str, event: Any) -> Any:
        answer = self.cloud.client("lambda").invoke(
            FunctionName=self.functions[name]["FunctionName"], Payload=json.dumps(event).encode()
        )
        payload = json.loads(answer["Payload"].read())
        assert "FunctionError" not in answer, payload
        return payload

    def states(self, number: int) -> dict[str, str]:
        """The states at the commit, once there are so many."""
        deadline = time.monotonic() + 30
        while len(found := self.api.statuses.of(github.AFTER)) < number:
            assert time.monotonic() < deadline, self.cloud.log(STACK, "report")
            time.sleep(0.05)
        return {name: status.state for name, status in found.items()}


@pytest.fixture(scope="module")
def reported(cloud: LocalCloud, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Reported]:
    authority = Authority(tmp_path_factory.mktemp("github"), "github")
    with GitHubAPI(REPOSITORY, TOKEN, authority.context()) as api:
        api.set(github.BEFORE, None, {"lib/a": "1"})
        api.set(github.AFTER, github.BEFORE, {"services/api/main.go": "2"})
        api.pull_requests[7] = (github.BEFORE, github.AFTER)
        app = api.add_app(
            12345,
            statuses="write",
            contents="read",
            pull_requests="read",
            repository_hooks="write",
        )
        app.install("octo-org", "mono-repo")
        yield Reported(cloud, api, app, authority.bundle)
        assert api.violations == []


def test_a_pull_request_has_its_statuses(reported: Reported):
    pipeline = reported.rule("api", Paths=["services/api/**"])
    reported.rule("web", Paths=["services/web/**"])
    body = github.encode(github.pull_request())
    assert reported.deliver("pull_request", {"X-GitHub-Delivery": "d-1"}, body) == 202
    assert reported.states(2) == {"ci/api": "pending", "ci/web": "success"}
    gate = reported.cloud.gate
    [run] = [each for each in gate.codepipeline.executions if each.pipeline == pipeline]
    gate.codepipeline.change(run, "FAILED", FailedAction("Build", "Test", "JobFailed", "status 2"))
    for event in gate.state_changes.take():
        reported.invoke("report", event)
    assert reported.states(2) == {"ci/api": "failure", "ci/web": "success"}
    said = reported.api.statuses.of(github.AFTER)["ci/api"].description
    assert said is not None and "Test" in said, "the role may ask for the action that failed"


def test_a_delivery_that_was_missed_is_made_again(reported: Reported):
    reported.rule("push", Events=["push"])
    hook = reported.api.add_hook(HOOK, "not used: the stack's own signs", reported.deliver)
    ago = datetime.now(UTC) - timedelta(hours=1)
    hook.has_delivered("push", github.push("a", after="b" * 40), 503, ago, guid="d-2")
    [counts] = reported.invoke("recover", {})["hooks"]
    assert counts == {"hook": HOOK, "deliveries": 1, "missed": 1, "redelivered": 1, "givenUp": 0}
    reported.cloud.decision(STACK, "d-2")
    started = [each.pipeline for each in reported.cloud.gate.codepipeline.executions]
    assert started.count(f"{STACK}-push") == 1
    [counts] = reported.invoke("recover", {})["hooks"]
    assert counts["redelivered"] == 0
    [key] = reported.cloud.keys(STACK, "recover/")
    assert key.endswith(f"/recover/{HOOK.replace('/', '-')}.json")
