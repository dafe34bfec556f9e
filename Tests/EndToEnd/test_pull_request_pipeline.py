"""The whole life of a pull request's own pipeline, by GitHub's real events."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import botocore.exceptions
import pytest

from local_aws import Fault
from site_under_test import Site, administration

EVENTS = Path(__file__).resolve().parents[2] / "events"
REPOSITORY = "Codertocat/Hello-World"
HEAD = "ec26c3e57ca3a959ca5aad62de7213c562f8c821"
CONNECTION = {"ConnectionArn": "connection", "FullRepositoryId": REPOSITORY, "BranchName": "master"}


def event(action: str) -> dict[str, Any]:
    return json.loads(
        json.loads((EVENTS / f"github-pull-request-{action}.json").read_text())["body"]
    )


def stages(owner: str, provider: str, configuration: dict[str, str]) -> list[dict[str, Any]]:
    source = {"category": "Source", "owner": owner, "provider": provider, "version": "1"}
    build = {"category": "Build", "owner": "AWS", "provider": "CodeBuild", "version": "1"}
    actions = {
        "Source": {"actionTypeId": source, "configuration": configuration},
        "Build": {"actionTypeId": build, "configuration": {"ProjectName": "build"}},
    }
    return [
        {"name": name, "actions": [{"name": name} | action], "onFailure": {"result": "RETRY"}}
        for name, action in actions.items()
    ]


def follow(site: Site, source: list[dict[str, Any]], branches: str, **target: str) -> str:
    """A template and the rule that makes pipelines from it; the name of the one of request 2."""
    template = site.pipeline("api", stages=source)
    target = {"Template": template, "SourceAction": "Source"} | target
    site.put_rule(
        "pr",
        {"PullRequestPipeline": target},
        repository=REPOSITORY,
        Events=["pull_request"],
        Branches=[branches],
    )
    return f"{template}@Codertocat@Hello-World@2"


@pytest.fixture
def pipeline(site: Site) -> str:
    return follow(site, stages("AWS", "CodeStarSourceConnection", CONNECTION), "master")


def act(
    site: Site, action: str, delivery: str | None = None, at: str | None = None
) -> tuple[str, str]:
    payload = event(action)
    if at:
        payload["pull_request"]["updated_at"] = at
    (answer,) = site.deliver(payload, delivery=delivery, event="pull_request")
    assert not answer.failed, answer
    (rule,) = answer.json["rules"]
    return rule["outcome"], rule["answer"]


def find(name: str) -> dict[str, Any] | None:
    try:
        return administration().client("codepipeline").get_pipeline(name=name)
    except botocore.exceptions.ClientError:
        return None


def tags(name: str) -> dict[str, str]:
    arn = find(name)["metadata"]["pipelineArn"]
    found = administration().client("codepipeline").list_tags_for_resource(resourceArn=arn)
    return {tag["key"]: tag["value"] for tag in found["tags"]}


def first_runs(site: Site, name: str) -> int:
    return sum(run.pipeline == name for run in site.aws.codepipeline.first_runs)


def test_a_pull_request_lives_from_opening_to_closing(site, pipeline):
    assert act(site, "opened")[0] == "started"
    declaration = find(pipeline)["pipeline"]
    template = find(pipeline.split("@")[0])["pipeline"]
    source = declaration["stages"][0]["actions"][0]["configuration"]
    assert source == CONNECTION | {"BranchName": "changes", "DetectChanges": "false"}
    assert declaration["stages"][1:] == template["stages"][1:]
    assert {**declaration, "name": "", "stages": []} == {**template, "name": "", "stages": []}
    assert tags(pipeline)["pointsman:pull-request"] == f"{REPOSITORY}#2"
    assert first_runs(site, pipeline) == 1 and site.started(pipeline) == []

    assert act(site, "ready-for-review")[0] == "already-started"
    outcome, answer = act(site, "synchronize")
    (run,) = site.started(pipeline)
    assert outcome == "started" and run.execution_id in answer
    assert run.revisions == {"Source": HEAD}

    assert act(site, "closed") == (
        "started",
        f"deleted the pipeline '{pipeline}' of {REPOSITORY}#2",
    )
    assert find(pipeline) is None
    assert act(site, "closed", delivery="again")[0] == "already-started"
    assert act(site, "reopened", at="2019-05-15T15:30:00Z")[0] == "started"
    assert find(pipeline) is not None


def test_a_pull_request_that_leaves_the_branches_of_the_rule_loses_its_pipeline(site):
    pipeline = follow(site, stages("AWS", "CodeStarSourceConnection", CONNECTION), "m[a]ster")
    act(site, "opened")
    assert act(site, "edited")[0] == "unchanged"
    target = {"Template": pipeline.split("@")[0], "SourceAction": "Source"}
    properties = {"Events": ["pull_request"], "Branches": ["release/*"]}
    site.put_rule("pr", {"PullRequestPipeline": target}, repository=REPOSITORY, **properties)
    (answer,) = site.deliver(event("edited") | {"sender": {"login": "x"}}, event="pull_request")
    assert answer.json["rules"][0]["answer"].startswith("deleted the pipeline")
    assert find(pipeline) is None


@pytest.mark.parametrize("claim", [None, f"{REPOSITORY}#3"])
@pytest.mark.parametrize("action", ["opened", "synchronize", "closed"])
def test_a_pipeline_of_somebody_else_is_never_touched(site, pipeline, action, claim):
    site.pipeline(pipeline.removeprefix(f"{site.name}-"))
    before = find(pipeline)
    if claim:
        administration().client("codepipeline").tag_resource(
            resourceArn=before["metadata"]["pipelineArn"],
            tags=[{"key": "pointsman:pull-request", "value": claim}],
        )
    outcome, answer = act(site, action)
    assert outcome == "failed" and "was left as it is" in answer
    assert find(pipeline)["pipeline"] == before["pipeline"]
    assert site.started(pipeline) == []


def test_the_token_of_a_github_source_comes_from_its_secret(site):
    secret = site.secrets.create_secret(Name=f"{site.name}-t", SecretString="ghp_token")["ARN"]
    configuration = {"Owner": "Codertocat", "Repo": "Hello-World", "Branch": "master"}
    source = stages("ThirdParty", "GitHub", configuration | {"OAuthToken": "ghp_old"})
    pipeline = follow(site, source, "master", OAuthTokenSecretArn=secret)
    assert act(site, "opened")[0] == "started"
    (create,) = site.aws.seen("codepipeline:CreatePipeline")
    action = create.parameters["pipeline"]["stages"][0]["actions"][0]
    expected = {"Branch": "changes", "OAuthToken": "ghp_token", "PollForSourceChanges": "false"}
    assert action["configuration"] == configuration | expected
    assert find(pipeline) is not None
    assert "ghp_token" not in site.last_log


@pytest.mark.parametrize("fault", [Fault.ANSWER_LOST, Fault.RESET, Fault.ERROR_500])
@pytest.mark.parametrize("operation", ["CreatePipeline", "GetPipeline", "ListTagsForResource"])
def test_a_call_that_fails_makes_no_second_pipeline(site, pipeline, operation, fault):
    site.aws.faults.plan(1, fault, only=f"codepipeline:{operation}")
    assert act(site, "opened")[0] == "started"
    assert first_runs(site, pipeline) == 1 and site.started(pipeline) == []
    assert tags(pipeline)["pointsman:pull-request"] == f"{REPOSITORY}#2"
    assert act(site, "closed")[0] == "started"
    assert find(pipeline) is None


def test_a_closing_that_comes_late_deletes_nothing_that_was_started_since(site, pipeline):
    def at(action: str, time: str) -> tuple[str, str]:
        payload = event(action)
        payload["pull_request"]["updated_at"] = f"2026-11-20T{time}:00Z"
        (answer,) = site.deliver(payload, event="pull_request")
        (rule,) = answer.json["rules"]
        return rule["outcome"], rule["reason"]

    assert at("opened", "01:00")[0] == "started"
    assert at("reopened", "01:11")[0] == "started"
    assert at("synchronize", "01:12")[0] == "started"
    assert tags(pipeline)["pointsman:event-time"] == "2026-11-20T01:12:00.000Z"
    assert at("closed", "01:10") == (
        "skipped",
        f"a newer change was started: {HEAD} at 2026-11-20T01:12:00Z",
    )
    assert find(pipeline) is not None
    assert at("closed", "01:13")[0] == "started"
    assert find(pipeline) is None


def test_a_renamed_repository_keeps_its_pipelines(site, pipeline):
    assert act(site, "opened")[0] == "started"
    assert tags(pipeline)["pointsman:repository-id"] == "github:186853002"
    template, renamed = pipeline.split("@")[0], "octo-org/Hello-Again"
    target = {"Template": template, "SourceAction": "Source"}
    site.put_rule("pr", {"PullRequestPipeline": target}, "github", renamed, Events=["pull_request"])

    def after(action: str) -> tuple[str, str]:
        payload = event(action)
        payload["repository"]["full_name"] = renamed
        payload["pull_request"]["head"]["repo"]["full_name"] = renamed
        (answer,) = site.deliver(payload, event="pull_request")
        (rule,) = answer.json["rules"]
        return rule["outcome"], rule["answer"]

    assert after("synchronize")[0] == "started"
    assert [run.pipeline for run in site.started()] == [pipeline]
    assert after("closed") == ("started", f"deleted the pipeline '{pipeline}' of {renamed}#2")
    assert find(pipeline) is None


@pytest.mark.parametrize("head", ["stranger/Hello-World", None])
def test_a_fork_starts_nothing_unless_the_rule_allows_it(site, pipeline, head):
    payload = event("opened")
    payload["pull_request"]["head"]["repo"] = head and {"full_name": head}
    plain = {"CodePipeline": {"Name": site.pipeline("ci"), "SourceAction": "Source"}}
    site.put_rule("plain", plain, repository=REPOSITORY, Events=["pull_request"])
    rule = {"Events": ["pull_request"], "Forks": "allow"}
    site.put_rule("open", plain, repository=REPOSITORY, **rule)
    (answer,) = site.deliver(payload, event="pull_request")
    rules = {each["rule"].rsplit("/")[-1]: each for each in answer.json["rules"]}
    for name in ("pr.json", "plain.json"):
        assert (rules[name]["outcome"], rules[name]["clause"]) == ("skipped", "Forks")
        assert (head or "a repository that is gone") in rules[name]["reason"]
    assert rules["open.json"]["outcome"] == "started"
    assert find(pipeline) is None and len(site.started()) == 1


@pytest.mark.parametrize("fault", [Fault.ANSWER_LOST, Fault.RESET, Fault.ERROR_500])
def test_a_renewal_that_fails_once_costs_no_start(site, pipeline, fault):
    assert act(site, "opened")[0] == "started"
    site.aws.faults.plan(1, fault, only="codepipeline:TagResource")
    assert act(site, "synchronize")[0] == "started"
    assert len(site.started(pipeline)) == 1
