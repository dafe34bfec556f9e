"""A team's stack declares its trigger: what CloudFormation, S3 and CodePipeline then have.

The functions run as the roles of `template.yaml`, whose policies are in force.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

import github
from local_cloud import ROOT, LocalCloud

PIPELINE = (ROOT / "examples/pipeline.yaml").read_text()
MONO_TRIGGER = (ROOT / "examples/mono-repo-trigger.yaml").read_text()
MONO_STACK = (ROOT / "Tests/Stack/mono-repo-stack.yaml").read_text()
MONO_ID = "GitHubIntegrationMonoRepoS3ConfigResource"
PARAMETERS = {
    "AccountName": "pointsman",
    "Repository": "octo-org/mono-repo",
    "Branch": "main",
    "ConnectionArn": "arn:aws:codeconnections:eu-central-1:123456789012:connection/c",
}


@pytest.fixture
def team(cloud: LocalCloud) -> Iterator[str]:
    """The name of a team's stack, which is not there afterwards."""
    yield "team"
    if cloud.status("team"):
        assert cloud.delete("team") is None, cloud.failures("team")


def rules(cloud: LocalCloud, stack: str) -> list[str]:
    """The keys of all rules, below the prefix."""
    prefix = cloud.outputs(stack)["Prefix"]
    keys = [key.removeprefix(f"{prefix}/") for key in cloud.keys(stack)]
    others = ("ledger/", "decisions/", "changes/")
    return [key for key in keys if not key.startswith(others)]


def the_rule(cloud: LocalCloud, stack: str) -> tuple[str, dict[str, Any]]:
    """The only rule: its key and its content."""
    [key] = rules(cloud, stack)
    return key, json.loads(cloud.object(stack, f"{cloud.outputs(stack)['Prefix']}/{key}"))


def test_a_trigger_follows_its_stack(cloud: LocalCloud, pointsman: str, team: str):
    assert cloud.apply(team, PIPELINE, **PARAMETERS) == "CREATE_COMPLETE", cloud.failures(team)
    pipeline = cloud.resource(team, "Pipeline")
    [key] = rules(cloud, pointsman)
    assert key.startswith("rules/github/octo-org/mono-repo/team-Trigger-")
    assert cloud.resource(team, "Trigger").endswith(f"/{key}")

    [execution] = cloud.push(pointsman, github.push("services/api/main.go"))
    assert execution.pipeline == pipeline
    assert execution.revisions == {"Source": github.AFTER}
    assert cloud.push(pointsman, github.push("docs/index.html")) == []

    moved = PARAMETERS | {"Repository": "octo-org/other"}
    assert cloud.apply(team, PIPELINE, **moved) == "UPDATE_COMPLETE", cloud.failures(team)
    [other] = rules(cloud, pointsman)
    assert other == key.replace("mono-repo", "other")
    assert cloud.push(pointsman, github.push("lib/a.go", message="Again")) == []
    [execution] = cloud.push(
        pointsman, github.push("lib/a.go", repository="octo-org/other", message="There")
    )
    assert execution.pipeline == pipeline

    assert cloud.delete(team) is None
    assert rules(cloud, pointsman) == []
    assert cloud.push(pointsman, github.push("lib/b.go", repository="octo-org/other")) == []


def test_a_mono_repo_trigger_follows_its_stack(cloud: LocalCloud, pointsman: str, team: str):
    assert cloud.apply(team, MONO_TRIGGER, **PARAMETERS) == "CREATE_COMPLETE"
    pipeline = cloud.resource(team, "Pipeline")
    [key] = rules(cloud, pointsman)
    assert key.startswith(f"mono-repo-main-{pipeline}"[:52])
    [execution] = cloud.push(pointsman, github.push("lib/c.go", message="Earlier"))
    assert execution.pipeline == pipeline

    moved = PARAMETERS | {"Branch": "next"}
    assert cloud.apply(team, MONO_TRIGGER, **moved) == "UPDATE_COMPLETE"
    [other] = rules(cloud, pointsman)
    assert other.startswith(f"mono-repo-next-{pipeline}"[:52])
    assert cloud.push(pointsman, github.push("lib/d.go", message="Main")) == []
    [execution] = cloud.push(pointsman, github.push("lib/d.go", ref="refs/heads/next"))
    assert execution.pipeline == pipeline

    assert cloud.delete(team) is None
    assert rules(cloud, pointsman) == []


def test_a_trigger_that_is_wrong_fails_its_stack_with_the_reason(
    cloud: LocalCloud, pointsman: str, team: str
):
    wrong = PIPELINE.replace("Branches:", "Branchs:")
    reason = "Branchs: unknown property, did you mean `Branches`?"
    assert cloud.apply(team, wrong, **PARAMETERS) == "ROLLBACK_COMPLETE"
    assert cloud.failures(team)["Trigger"] == reason
    assert rules(cloud, pointsman) == []
    assert cloud.delete(team) is None

    assert cloud.apply(team, PIPELINE, **PARAMETERS) == "CREATE_COMPLETE"
    before = the_rule(cloud, pointsman)
    assert cloud.apply(team, wrong, **PARAMETERS) == "UPDATE_ROLLBACK_COMPLETE"
    assert cloud.failures(team)["Trigger"] == reason
    assert the_rule(cloud, pointsman) == before


def test_the_policies_are_in_force(cloud: LocalCloud, pointsman: str, team: str):
    """Without this, that all of it is allowed would say nothing."""
    iam = cloud.client("iam")
    role = cloud.outputs(pointsman)["MonoRepoResourceS3Role"].rsplit("/")[-1]
    policy = iam.get_role_policy(RoleName=role, PolicyName="resource")["PolicyDocument"]
    without = json.loads(json.dumps(policy).replace("s3:PutObject", "s3:PutObjectAcl"))
    iam.put_role_policy(RoleName=role, PolicyName="resource", PolicyDocument=json.dumps(without))
    try:
        assert cloud.apply(team, PIPELINE, **PARAMETERS) == "ROLLBACK_COMPLETE"
        assert "s3:PutObject" in cloud.failures(team)["Trigger"]
        assert "403 AccessDenied" in cloud.failures(team)["Trigger"]
    finally:
        iam.put_role_policy(RoleName=role, PolicyName="resource", PolicyDocument=json.dumps(policy))


def test_pipelines_of_this_account_and_region_may_be_started(cloud: LocalCloud, pointsman: str):
    """The gate, which is CodePipeline here, knows no policies: this one is read."""
    role = cloud.outputs(pointsman)["EvaluateRoleArn"].rsplit("/", 1)[1]
    policy = cloud.client("iam").get_role_policy(RoleName=role, PolicyName="evaluate")
    allowed = [
        (statement["Effect"], statement["Action"], statement["Resource"])
        for statement in policy["PolicyDocument"]["Statement"]
        if "codepipeline" in str(statement)
    ]
    actions = ["codepipeline:StartPipelineExecution", "codepipeline:StopPipelineExecution"]
    assert allowed == [("Allow", actions, "arn:aws:codepipeline:eu-central-1:123456789012:*")]


def test_the_mono_repo_stack_is_updated_in_place(cloud: LocalCloud, team: str):
    parameters = {"ConfigStorageS3BucketName": "earlier", "GitHubWebhookSecret": "of old"}
    assert cloud.apply("earlier", MONO_STACK, **parameters) == "CREATE_COMPLETE"
    of_team = PARAMETERS | {"AccountName": "tools"}
    assert cloud.apply(team, MONO_TRIGGER, **of_team) == "CREATE_COMPLETE", cloud.failures(team)
    pipeline = cloud.resource(team, "Pipeline")
    before = cloud.exports(), cloud.resource("earlier", "HttpApi")

    ended = cloud.deploy("--stack-name", "earlier", "--secret-file", "-", given="of old")
    assert ended.returncode == 0, ended.stderr
    cloud.admit("earlier")
    exports, api = before
    assert exports.items() <= cloud.exports().items()
    assert cloud.outputs("earlier")["HttpApiId"] == api
    [key] = rules(cloud, "earlier")
    [execution] = cloud.push("earlier", github.push("lib/e.go", message="As ever"), "ghorg/push")
    assert execution.pipeline == pipeline

    moved = of_team | {"Branch": "next"}
    assert cloud.apply(team, MONO_TRIGGER, **moved) == "UPDATE_COMPLETE", cloud.failures(team)
    assert cloud.resource(team, "Trigger") == MONO_ID
    [other] = rules(cloud, "earlier")
    assert other.startswith(f"mono-repo-next-{pipeline}"[:52]) and other != key
    assert cloud.delete(team) is None
    assert rules(cloud, "earlier") == []
