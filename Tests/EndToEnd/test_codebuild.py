"""CodeBuild as a target: the commit, the environment, another account, one build for one start."""

from __future__ import annotations

from typing import Any

import pytest

import github
from local_aws import Fault
from local_aws.codebuild import Build
from site_under_test import Site, start_identity

ACCOUNT = "210987654321"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/deployer"


def put_rule(site: Site, name: str, project: str, **target: Any) -> str:
    return site.put_rule(name, {"CodeBuild": {"Project": project} | target})


def deliver(site: Site, payload: dict[str, Any] | None = None) -> dict[str, tuple[str, str]]:
    """Outcome and answer of each rule."""
    (answer,) = site.deliver(payload or github.push("a"))
    assert not answer.failed, answer
    return {
        rule["rule"].rsplit("/", 1)[-1].removesuffix(".json"): (rule["outcome"], rule["answer"])
        for rule in answer.json["rules"]
    }


def builds(site: Site) -> list[Build]:
    return site.aws.codebuild.builds


def test_a_push_builds_its_commit_with_its_environment(site):
    environment = {"REF": "#{ref}", "BY": "#{actor}", "TAG": "#{tag}", "FIXED": "Grüße"}
    project = site.project("build")
    key = put_rule(site, "one", project, SourceVersion="#{after}", Environment=environment)
    payload = github.push("a")
    outcomes = deliver(site, payload)
    (build,) = builds(site)
    assert outcomes == {"one": ("started", build.build_id)}
    assert (build.project, build.source_version) == (project, github.AFTER)
    assert build.environment == {
        "REF": "refs/heads/main", "BY": "mona", "TAG": "", "FIXED": "Grüße",
    }  # fmt: skip
    token = build.parameters["idempotencyToken"]
    assert token == start_identity(github.encode(payload), key)


def test_builds_of_another_account_take_one_role_session(site):
    projects = {name: site.project(name, role=ROLE) for name in ("api", "web", "docs")}
    for name, project in projects.items():
        put_rule(site, name, project, RoleArn=ROLE, SourceVersion="#{after}")
    here = site.project("here")
    put_rule(site, "here", here)
    outcomes = deliver(site)
    assert {outcome for outcome, _ in outcomes.values()} == {"started"}
    there = {each.project for each in builds(site) if each.caller.account == ACCOUNT}
    assert there == set(projects.values())
    assert [each.project for each in builds(site) if each.caller.account != ACCOUNT] == [here]
    (assumed,) = site.aws.seen("sts:AssumeRole")
    assert assumed.parameters["RoleArn"] == ROLE
    assert len({each.caller.access_key_id for each in builds(site)}) == 2


def test_a_redelivery_builds_nothing(site):
    put_rule(site, "one", site.project("build"))
    payload = github.push("a")
    first = deliver(site, payload)["one"]
    assert deliver(site, payload)["one"] == ("already-started", first[1])
    assert len(builds(site)) == 1


@pytest.mark.parametrize("fault", [Fault.ANSWER_LOST, Fault.ERROR_500, Fault.THROTTLED])
def test_a_start_that_is_sent_again_is_one_build(site, fault):
    put_rule(site, "one", site.project("build", role=ROLE), RoleArn=ROLE)
    site.aws.faults.plan(1, fault, only="codebuild:StartBuild")
    outcome, answer = deliver(site)["one"]
    (build,) = builds(site)
    assert (outcome, answer) == ("started", build.build_id)
    assert len(site.aws.seen("codebuild:StartBuild")) == 2


def test_a_project_without_a_source_takes_no_version(site):
    project = site.project("job", source="NO_SOURCE")
    put_rule(site, "right", project)
    put_rule(site, "wrong", project, SourceVersion="#{after}")
    outcomes = deliver(site)
    assert outcomes["right"][0] == "started"
    words = f"codebuild:StartBuild of {project}: 400 InvalidInputException: "
    assert outcomes["wrong"] == (
        "failed",
        words + "Source version cannot be specified for NO_SOURCE projects",
    )
    assert [each.source_version for each in builds(site)] == [None]


def test_what_cannot_be_built_fails_its_rule_alone(site):
    put_rule(site, "here", site.project("here"))
    put_rule(site, "gone", f"{site.name}-gone", RoleArn=ROLE)
    outcomes = deliver(site)
    assert outcomes["here"][0] == "started"
    arn = f"arn:aws:codebuild:eu-central-1:{ACCOUNT}:project/{site.name}-gone"
    assert outcomes["gone"] == (
        "failed",
        f"codebuild:StartBuild of {site.name}-gone: 400 ResourceNotFoundException: "
        f"Project cannot be found: {arn}",
    )


def test_a_role_that_may_not_be_assumed_fails_its_rules_alone(site):
    put_rule(site, "here", site.project("here"))
    put_rule(site, "there", site.project("there", role=ROLE), RoleArn=ROLE)
    site.aws.faults.plan(1, Fault.DENIED, only="sts:AssumeRole")
    outcomes = deliver(site)
    assert outcomes["here"][0] == "started"
    assert outcomes["there"][0] == "failed"
    assert f"sts:AssumeRole of {ROLE}: 403 AccessDenied" in outcomes["there"][1]
    assert [each.project for each in builds(site)] == [f"{site.name}-here"]
